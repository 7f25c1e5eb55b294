"""How fast the reading canvas is, beside a QTextEdit that shows the same text.

    python bench/canvas.py [--rounds 60] [--json out.json]

A generated article of 200,000 characters with 3,000 mentions and 500 relations, as 320 paragraphs
and as a single one. The yardstick is a QTextEdit whose mentions are QTextCharFormats; it paints no
labels, arcs or cards. Each case runs in a process of its own. Times are milliseconds of wall clock
from the call to the end of painting, medians and 95th percentiles; memory is what the case adds to
an empty window of the same kind.
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
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextEdit

from core import scheme
from core.annotation import Change, Document, Fragment, Image, Mention, Relation, Suggestion
from core.article import Article, tokens
from gui import theme
from gui.canvas import Canvas

SIZE = (1200, 900)
WORDS = """
talks officials Monday government Syria Egypt the of and in to said that with for after reported
minister security regime conflict Damascus Cairo a political solution was were national council
agreed on support forces killed people region visited met capital
""".split()  # noqa: SIM905


def article(paragraphs: int, length: int, seed: int = 1) -> str:
    """About `length` characters of sentences."""
    chance = random.Random(seed)
    parts = []
    for _ in range(paragraphs):
        words: list[str] = []
        room = length // paragraphs
        while room > 0:
            sentence = [chance.choice(WORDS) for _ in range(chance.randint(8, 26))]
            sentence[0] = sentence[0].capitalize()
            words.append(" ".join(sentence) + ".")
            room -= len(words[-1]) + 1
        parts.append(" ".join(words))
    return "\n\n".join(parts)


def annotated(text: str, mentions: int, relations: int, seed: int = 2) -> Document:
    """Gold and suggestions by halves, one to four tokens long, relations between near ones."""
    chance = random.Random(seed)
    spans = tokens(text)
    types = list(scheme.load("news").entity_types)
    gold: dict[str, Mention] = {}
    suggested: dict[str, Suggestion] = {}
    for n, at in enumerate(sorted(chance.sample(range(len(spans) - 5), mentions))):
        parts = (Fragment(spans[at].start, spans[at + chance.randint(0, 3)].end),)
        id, type = f"m{n}", chance.choice(types)
        if n % 2:
            gold[id] = Mention(id, "a", parts, type)
        else:
            suggested[id] = Suggestion(id, "a", type, parts, source="bench", score=0.5)
    linked: dict[str, Relation] = {}
    for n in range(relations):
        head = chance.randrange(mentions - 1)
        tail = min(mentions - 1, head + chance.randint(1, 39))
        linked[f"r{n}"] = Relation(f"r{n}", "a", "supports", f"m{head}", f"m{tail}")
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


def scrolling(app: QApplication, widget: Canvas | QTextEdit, rounds: int) -> dict[str, list[float]]:
    """Jumps to random places, and steps of three lines from where they lead."""
    chance, bar = random.Random(3), widget.verticalScrollBar()
    jumps, steps = [], []
    for _ in range(rounds):
        place = chance.randrange(bar.maximum())
        jumps.append(timed(app, lambda place=place: bar.setValue(place)))
        steps += [timed(app, lambda: bar.setValue(bar.value() + 3 * 40)) for _ in range(4)]
    return {"jump": jumps, "scroll step": steps}


def canvas_case(paragraphs: int, mentions: int, rounds: int) -> dict[str, list[float]]:
    app = dressed()
    document = annotated(article(paragraphs, 200_000), mentions, mentions // 6)
    news = scheme.load("news")
    canvas = show_canvas(app)
    empty = memory()
    first = timed(app, lambda: canvas.set_document(document, news))
    result = {"first paint": [first]}
    cold = scrolling(app, canvas, rounds // 2)
    idle = []
    canvas._idle.setInterval(0)
    while canvas._idle.isActive():
        idle.append(timed(app, lambda: None))
    result |= scrolling(app, canvas, rounds)
    result |= {f"{k}, not yet seen": times for k, times in cold.items()}
    result["idle slice"] = idle or [0.0]
    result["memory MiB"] = [memory() - empty]
    # an edit where the reader is: gold becomes a suggestion and back, a boundary moves
    chance, edits = random.Random(4), []
    for id in chance.choices(list(document.mentions), k=rounds):
        canvas.set_focused(id)
        painted(app)
        before = canvas.document.mentions[id]
        after = replace(before, type="ORG" if before.type != "ORG" else "GPE")
        change = Change("relabel", "a", (Image("mention", id, before, after),), id)

        def edit(change: Change = change) -> None:
            canvas.apply(canvas.document.after(change), change)

        edits.append(timed(app, edit))
    result["edit"] = edits
    result["select a token"] = [
        timed(app, lambda: canvas.move_caret("token", 1, extend=True)) for _ in range(rounds)
    ]
    moves = []
    view = canvas.viewport().rect()
    for _ in range(rounds):
        at = canvas.viewport().rect().topLeft()
        at += type(at)(chance.randrange(view.width()), chance.randrange(view.height()))
        moves.append(timed(app, lambda at=at: QTest.mouseMove(canvas.viewport(), at)))
    result["mouse move"] = moves
    canvas.relation_mode = "all"
    result |= {f"{k}, all arcs": v for k, v in scrolling(app, canvas, rounds // 2).items()}
    return result


def editor_case(paragraphs: int, mentions: int, rounds: int) -> dict[str, list[float]]:
    app = dressed()
    document = annotated(article(paragraphs, 200_000), mentions, mentions // 6)
    editor = show_editor(app)
    empty = memory()
    first = timed(app, lambda: fill_editor(editor, document))
    rest = time.monotonic() + 1.0
    while time.monotonic() < rest:
        painted(app)
    result = {"first paint": [first], **scrolling(app, editor, rounds)}
    result["memory MiB"] = [memory() - empty]
    return result


CASES = {
    "canvas, 320 paragraphs": lambda rounds: canvas_case(320, 3000, rounds),
    "canvas, 320 paragraphs, 30 mentions": lambda rounds: canvas_case(320, 30, rounds),
    "QTextEdit, 320 paragraphs": lambda rounds: editor_case(320, 3000, rounds),
    "canvas, one paragraph": lambda rounds: canvas_case(1, 3000, rounds),
    "QTextEdit, one paragraph": lambda rounds: editor_case(1, 3000, rounds),
}


def p95(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=60)
    options.add_argument("--json", type=Path)
    options.add_argument("--case", choices=list(CASES))
    chosen = options.parse_args()
    if chosen.case:
        print(json.dumps(CASES[chosen.case](chosen.rounds)))
        return
    results = {}
    for case in CASES:
        command = [sys.executable, __file__, "--case", case, "--rounds", str(chosen.rounds)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        results[case] = json.loads(done.stdout)
        print(case)
        for what, times in results[case].items():
            worst = f" p95 {p95(times):6.1f} max {max(times):6.1f}" if len(times) > 1 else ""
            print(f"    {what:22} {statistics.median(times):6.1f}{worst}")
    if chosen.json:
        chosen.json.write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
