"""How fast the reading canvas is, beside a QTextEdit that shows the same text.

    python bench/canvas.py [--rounds 12] [--json out.json]

A generated article of 200,000 characters with 3,000 mentions and 500 relations, as 320 paragraphs
and as a single one. The yardstick is a QTextEdit whose mentions are QTextCharFormats; it paints no
labels, arcs or cards.

Times are milliseconds of wall clock from the call to the end of painting. Canvas and yardstick take
turns in one process. What can be done again (a jump to a place, a step from there) is done in every
round and counts with its fastest time, so that another program's turn is not taken for ours; p95 is
over places. A first paint counts as it was, and so does an edit; what else happens only once counts
with its processor time. An edit is a real key press in
the real window: it ends when SQLite has synced the commit to the disk and all is painted. Memory is
what a case adds to an empty window of its kind, in a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QPoint, Qt
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextEdit

from core import scheme
from core.annotation import Document, Fragment, Mention, Relation, Suggestion
from core.article import Article, tokens
from gui import theme
from gui.canvas import Canvas

SIZE = (1200, 900)
FRAME = 16.0  # ms
FAR = float("inf")
WORDS = """
talks officials government the of and in to said that with for after reported minister security
regime conflict a political solution was were national council agreed on support forces killed
people region visited met capital
""".split()  # noqa: SIM905
NAMES = 900  # different ones, so that each comes a handful of times


def article(paragraphs: int, length: int, seed: int = 1) -> str:
    """About `length` characters of sentences, every sixth word a name."""
    chance = random.Random(seed)
    names = [
        "".join(chance.choice("bdfklmnrst") + chance.choice("aeiou") for _ in range(k % 3 + 2))
        for k in range(NAMES)
    ]
    words = [*WORDS * 5 * NAMES, *[n.capitalize() for n in names] * len(WORDS)]
    parts = []
    for _ in range(paragraphs):
        sentences: list[str] = []
        room = length // paragraphs
        while room > 0:
            sentence = [chance.choice(words) for _ in range(chance.randint(8, 26))]
            sentence[0] = sentence[0].capitalize()
            sentences.append(" ".join(sentence) + ".")
            room -= len(sentences[-1]) + 1
        parts.append(" ".join(sentences))
    return "\n\n".join(parts)


def annotated(text: str, mentions: int, relations: int, seed: int = 2) -> Document:
    """Gold and suggestions by halves, one to four tokens long, relations between near ones."""
    chance = random.Random(seed)
    spans = tokens(text)
    names = [n for n, s in enumerate(spans[:-5]) if text[s.start].isupper()]
    types = list(scheme.load("news").entity_types)
    gold: dict[str, Mention] = {}
    suggested: dict[str, Suggestion] = {}
    for n, at in enumerate(sorted(chance.sample(names, mentions))):
        parts = (Fragment(spans[at].start, spans[at + chance.choice((0, 0, 1, 3))].end),)
        id, type = f"m{n}", chance.choice(types)
        if n % 2:
            gold[id] = Mention(id, "a", parts, type)
        else:
            suggested[id] = Suggestion(id, "a", type, parts, source="bench", score=0.5)
    linked: dict[str, Relation] = {}
    for n in range(relations):
        head = chance.randrange(mentions - 1)
        tail = min(mentions - 1, head + chance.randint(1, 39))
        id, ends = f"r{n}", (f"m{head}", f"m{tail}")
        if head % 2 and tail % 2:
            linked[id] = Relation(id, "a", "supports", *ends)
        else:
            suggested[id] = Suggestion(id, "a", "supports", (), *ends, source="bench", score=0.5)
    return Document(Article("a", text), gold, linked, suggested)


def painted(app: QApplication) -> None:
    """Let what is due be painted, but run no timer of the idle."""
    app.sendPostedEvents()
    app.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)


def timed(app: QApplication, action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    painted(app)
    return (time.perf_counter() - start) * 1000


def busy(app: QApplication, action: Callable[[], object]) -> float:
    """The same in processor time of this thread."""
    start = time.thread_time()
    action()
    painted(app)
    return (time.thread_time() - start) * 1000


def memory() -> float:
    """MiB of this process that are in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def dressed() -> QApplication:
    """The application in its theme; Fusion's own scroll bar alone takes 3 ms a step."""
    app = QApplication(sys.argv)
    theme.apply(app, theme.LIGHT)
    return app


def show_canvas(app: QApplication) -> Canvas:
    canvas = Canvas()
    canvas.resize(*SIZE)
    canvas.show()
    canvas.setFocus()
    painted(app)
    return canvas


def show_editor(app: QApplication) -> QTextEdit:
    editor = QTextEdit()
    editor.setReadOnly(True)
    editor.setFont(theme.reading_font(17))
    editor.resize(*SIZE)
    editor.show()
    painted(app)
    return editor


def fill_editor(editor: QTextEdit, document: Document) -> None:
    """The text with the background and underline of every mention."""
    editor.setPlainText(document.article.text)
    cursor = QTextCursor(editor.document())
    tints = theme.tints(theme.LIGHT, scheme.load("news"))
    cursor.beginEditBlock()
    for mention in (*document.mentions.values(), *document.suggestions.values()):
        if isinstance(mention, Suggestion) and mention.is_relation:
            continue
        format = QTextCharFormat()
        tint = tints[mention.type]
        if isinstance(mention, Mention):
            format.setBackground(QColor(tint.fill))
        format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
        format.setUnderlineColor(QColor(tint.line))
        cursor.setPosition(mention.start)
        cursor.setPosition(mention.end, QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(format)
    cursor.endEditBlock()


def settled(app: QApplication, canvas: Canvas) -> list[float]:
    """Let the canvas prepare in its idle time; how long it was busy at a time."""
    slices = []
    canvas._idle.setInterval(0)
    while canvas._idle.isActive():
        slices.append(busy(app, lambda: None))
    return slices


class Trips:
    """Jumps to the same random places in every round, and four steps of three lines from each."""

    def __init__(self, app: QApplication, widget: Canvas | QTextEdit, places: int) -> None:
        self.app, self.bar = app, widget.verticalScrollBar()
        chance = random.Random(3)
        self.places = [chance.random() for _ in range(places)]
        self.jumps = [FAR] * places
        self.steps = [FAR] * (4 * places)

    def go(self, n: int) -> None:
        to = int(self.places[n] * self.bar.maximum())
        took = timed(self.app, lambda: self.bar.setValue(to))
        self.jumps[n] = min(self.jumps[n], took)
        for k in range(4 * n, 4 * n + 4):
            took = timed(self.app, lambda: self.bar.setValue(self.bar.value() + 3 * 40))
            self.steps[k] = min(self.steps[k], took)

    def result(self, prefix: str) -> dict[str, list[float]]:
        return {f"{prefix}: jump": self.jumps, f"{prefix}: scroll step": self.steps}


def reading(paragraphs: int, rounds: int) -> dict[str, list[float]]:
    """Canvas and yardstick by turns."""
    app = dressed()
    document = annotated(article(paragraphs, 200_000), 3000, 500)
    news = scheme.load("news")
    first: dict[str, list[float]] = {"canvas: first paint": [], "yardstick: first paint": []}
    canvas, editor, cold = show_canvas(app), show_editor(app), []
    for n in range(max(3, rounds // 2)):
        canvas.deleteLater()
        editor.deleteLater()
        canvas, editor = show_canvas(app), show_editor(app)
        done = timed(app, lambda: canvas.set_document(document, news))  # noqa: B023
        first["canvas: first paint"].append(done)
        done = timed(app, lambda: fill_editor(editor, document))  # noqa: B023
        first["yardstick: first paint"].append(done)
        chance, bar = random.Random(n), canvas.verticalScrollBar()
        for _ in range(8):
            to = chance.randrange(bar.maximum())
            cold.append(busy(app, lambda: bar.setValue(to)))  # noqa: B023
    result = {**first, "canvas: jump, not prepared yet": cold}
    result["canvas: idle slice"] = settled(app, canvas)
    rest = time.monotonic() + 1.0
    while time.monotonic() < rest:  # the yardstick lays out what is below, too
        painted(app)
    ours, theirs = Trips(app, canvas, 60), Trips(app, editor, 60)
    for _ in range(rounds):
        for n in range(60):
            ours.go(n)
            theirs.go(n)
    result |= ours.result("canvas") | theirs.result("yardstick")
    canvas.relation_mode = "all"
    arcs = Trips(app, canvas, 30)
    for _ in range(max(3, rounds // 3)):
        for n in range(30):
            arcs.go(n)
    result |= arcs.result("canvas, all arcs")
    canvas.relation_mode = "focused"
    result["canvas: select a token"] = [
        busy(app, lambda: canvas.move_caret("token", 1, extend=True)) for _ in range(60)
    ]
    chance, view, moves = random.Random(5), canvas.viewport().rect(), []
    for _ in range(60):
        at = QPoint(chance.randrange(view.width()), chance.randrange(view.height()))
        moves.append(busy(app, lambda at=at: QTest.mouseMove(canvas.viewport(), at)))
    result["canvas: mouse move"] = moves
    return result


def memory_of_canvas(paragraphs: int) -> dict[str, list[float]]:
    app = dressed()
    document = annotated(article(paragraphs, 200_000), 3000, 500)
    canvas = show_canvas(app)
    empty = memory()
    canvas.set_document(document, scheme.load("news"))
    settled(app, canvas)
    trips = Trips(app, canvas, 60)
    for n in range(60):
        trips.go(n)
    return {"canvas: memory MiB": [memory() - empty]}


def memory_of_yardstick(paragraphs: int) -> dict[str, list[float]]:
    app = dressed()
    document = annotated(article(paragraphs, 200_000), 3000, 500)
    editor = show_editor(app)
    empty = memory()
    fill_editor(editor, document)
    rest = time.monotonic() + 1.0
    while time.monotonic() < rest:
        painted(app)
    return {"yardstick: memory MiB": [memory() - empty]}


def editing(mentions: int) -> dict[str, list[float]]:
    """Keys pressed in the window of a project on the disk, at places all over the article."""
    from PySide6.QtCore import QSettings

    from core import edits
    from core.project import Project
    from gui.window import Window

    with tempfile.TemporaryDirectory() as folder:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        app = dressed()
        project = Project.create(Path(folder) / "bench.goldsmith", scheme.load("news"), "bench")
        document = annotated(article(320, 200_000), mentions, mentions // 6)
        edits.add_documents(project, [document])
        window = Window(project)
        window.show()
        painted(app)
        canvas = window.canvas
        settled(app, canvas)
        gc.collect()
        gc.freeze()
        plain = [s.id for s in document.suggestions.values() if not s.is_relation]
        chosen = random.Random(6).sample(plain, min(len(plain), 90))
        taken: dict[str, list[float]] = {}
        keys = (
            ("accept", Qt.Key.Key_Return),
            ("reject", Qt.Key.Key_Backspace),
            ("relabel", Qt.Key.Key_O),
        )
        for n, id in enumerate(chosen):
            if canvas.document is None or canvas.document.item(id) is None:
                continue  # what was decided elsewhere took it along
            canvas.set_focused(id)
            painted(app)
            what, key = keys[n % 3]
            before, cpu = canvas.document, time.process_time()
            took = timed(app, lambda key=key: QTest.keyClick(canvas, key))
            if canvas.document is not before:
                taken.setdefault(f"window: {what}", []).append(took)
                busy = (time.process_time() - cpu) * 1000
                taken.setdefault("window: any edit, processor time", []).append(busy)
                taken.setdefault("window: any edit", []).append(took)
        for _ in range(20):
            took = timed(app, lambda: QTest.keyClick(canvas, Qt.Key.Key_Tab))
            taken.setdefault("window: next suggestion", []).append(took)
            took = timed(app, window.session.undo)
            taken.setdefault("window: undo", []).append(took)
        window.close()
        painted(app)
    return taken


CASES: dict[str, Callable[[int], dict[str, list[float]]]] = {
    "320 paragraphs": lambda rounds: reading(320, rounds),
    "320 paragraphs, memory of the canvas": lambda _: memory_of_canvas(320),
    "320 paragraphs, memory of the yardstick": lambda _: memory_of_yardstick(320),
    "one paragraph": lambda rounds: reading(1, rounds),
    "one paragraph, memory of the canvas": lambda _: memory_of_canvas(1),
    "one paragraph, memory of the yardstick": lambda _: memory_of_yardstick(1),
    "30 mentions": lambda _: editing(30),
    "3,000 mentions": lambda _: editing(3000),
}


def p95(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def verdicts(results: dict[str, dict[str, list[float]]]) -> Iterator[tuple[str, float, float]]:
    """What was asked for, what was measured, and at most how much it may be."""
    for shape in ("320 paragraphs", "one paragraph"):
        got = results[shape]
        for what, measure, limit in (
            ("first paint", statistics.median, 1.0),
            ("jump", p95, 0.6),
            ("scroll step", p95, 1.2),
        ):
            ratio = measure(got[f"canvas: {what}"]) / measure(got[f"yardstick: {what}"])
            kind = "median" if measure is statistics.median else "p95"
            yield f"{shape}: {what}, {kind}, part of the yardstick's", ratio, limit
        steps = got["canvas: jump"] + got["canvas: scroll step"] + got["canvas, all arcs: jump"]
        yield f"{shape}: slowest of any jump and step, ms", max(steps), FRAME
        yield f"{shape}: idle slice, p95, ms", p95(got["canvas: idle slice"]), FRAME
        (mib,) = results[f"{shape}, memory of the canvas"].values()
        yield f"{shape}: memory above an empty window, MB", mib[0] * 1.048576, 60
    for many in ("30 mentions", "3,000 mentions"):
        taken = results[many]["window: any edit"]
        yield f"{many}: key press to painted and committed, p95, ms", p95(taken), FRAME


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=12)
    options.add_argument("--json", type=Path)
    options.add_argument("--case", choices=list(CASES))
    chosen = options.parse_args()
    if chosen.case:
        print(json.dumps(CASES[chosen.case](chosen.rounds)))
        return
    results = {}
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for case in CASES:
        command = [sys.executable, __file__, "--case", case, "--rounds", str(chosen.rounds)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        results[case] = json.loads(done.stdout)
        print(case)
        for what, times in results[case].items():
            worst = f" p95 {p95(times):6.1f} max {max(times):6.1f}" if len(times) > 1 else ""
            print(f"    {what:36} {statistics.median(times):6.1f}{worst}")
    print()
    for what, measured, limit in verdicts(results):
        verdict = "kept" if measured <= limit else "MISSED"
        print(f"{verdict:7}{measured:7.2f} of at most {limit:5.1f}   {what}")
    if chosen.json:
        chosen.json.write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
