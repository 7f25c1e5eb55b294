"""A working day in the window, played fast: does its memory grow?

    python -m tests.stress.session --seed 1 --hours 8

A day is counted as a key or click every two seconds without a pause, 14,400 in eight hours: more
than anybody does. The keys are real ones in a real window; an article whose suggestions are all
decided is done, and the next one comes. Now and then another article is opened, words are found,
the theme is switched, dialogs are opened and left, and every hour a copy is made. The memory of the
process is looked at twenty times an hour. Caches that have a bound fill in the first half (compiled
expressions, glyphs, pages of the file); in the second it may grow by `LIMIT` MB an hour at most,
fitted over all that was seen. Python's objects and the widgets are counted half-way and at the end:
that finds a leak in a few minutes, too.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.stress import hand

if TYPE_CHECKING:
    from gui.window import Window

EVENTS_AN_HOUR = 1_800
EVENTS_AN_ARTICLE = 12  # at least
LOOKS_AN_HOUR = 20
LIMIT = 1.0  # MB an hour
_SEED_PARTS = 6  # paragraphs of an article


def memory() -> float:
    """The memory of this process that is in use, MB."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def make(path: Path, count: int, rng: Random) -> None:
    """A project of `count` articles: paragraphs of the seed article, in another order each."""
    from core import edits, scheme
    from core.annotation import Document
    from core.article import Article
    from core.project import Project
    from tests.conftest import SEED

    parts = [p for p in SEED.read_text(encoding="utf-8").split("\n") if p.strip()]
    with Project.create(path, scheme.load("news"), "ann") as project:
        project.set_setting("suggester", "rules")
        project.set_setting("learner_off", "1")  # trainings are processes of their own
        documents = []
        for n in range(count):
            text = "\n\n".join([f"Article {n}", *rng.sample(parts, min(_SEED_PARTS, len(parts)))])
            documents.append(Document(Article(f"a-{n}", text, title=f"Article {n}")))
        edits.add_documents(project, documents)
        for n in range(count):
            hand.suggest(project, f"a-{n}", rng, 30)


def run(seed: int, hours: float) -> tuple[str, list[str]]:
    """Play so many hours; a line that says what was seen, and what went wrong."""
    from PySide6.QtWidgets import QApplication, QDialog

    from core import soundness
    from core.project import Project
    from tests.stress.monkey import Monkey, open_window

    rng = Random(seed)
    events = round(EVENTS_AN_HOUR * hours)
    wrong: list[str] = []
    seen: list[tuple[float, float]] = []
    held: list[tuple[int, int]] = []  # Python's objects and the window's widgets, at half and end
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "day.goldsmith"
        make(path, events // EVENTS_AN_ARTICLE + 5, rng)
        window = open_window(path)
        gc.collect()
        gc.freeze()  # as `gui.app.run` does
        monkey = Monkey(window, rng, calm=True)
        window.session.unsaved.connect(lambda error: wrong.append(f"not saved: {error}"))
        before = sys.excepthook
        sys.excepthook = lambda _kind, error, _trace: wrong.append(
            f"{type(error).__name__}: {error}"
        )
        for n in range(1, events + 1):
            if n % 97 == 0:
                name = rng.choice(
                    ("show_palette", "show_keys", "next_article", "previous_article", "find",
                     "switch_theme", "zoom_in", "zoom_out", "change_keys")
                )  # fmt: skip
                if hasattr(window.actions_, name):
                    window.run(name)
                QApplication.processEvents()
                for dialog in QApplication.topLevelWidgets():
                    if isinstance(dialog, QDialog) and dialog.isVisible():
                        dialog.reject()
                window.activateWindow()
                window.canvas.setFocus()
            elif rng.random() < 0.6 and QApplication.activePopupWidget() is None:
                _decide(window, rng)
            else:
                monkey.event()
            QApplication.processEvents()
            if n % EVENTS_AN_HOUR == 0:
                window.files.back_up()
                window.apart.look()
            if n % (EVENTS_AN_HOUR // LOOKS_AN_HOUR) == 0:
                seen.append((n / EVENTS_AN_HOUR, memory()))
            if n in (events // 2, events):
                gc.collect()
                held.append((len(gc.get_objects()), len(QApplication.allWidgets())))
            if len(wrong) > 20:
                break
        sys.excepthook = before
        monkey.rest()
        window.close()
        QApplication.processEvents()
        with Project.open(path) as project:
            entries = project.journal(1)[0].seq
            articles = project.count(only_done=True)
            wrong += soundness.check(project)
    held = held or [(0, 0)]
    seen = seen or [(0.0, memory())]
    late = [s for s in seen if s[0] > hours / 2] or seen
    slope = _slope(late) if len(late) > 2 else 0.0
    for what, half, end, room in (
        ("objects", held[0][0], held[-1][0], 4_000), ("widgets", held[0][1], held[-1][1], 80),
    ):  # fmt: skip
        if end > half + room:
            wrong.append(f"{half} {what} half-way, {end} at the end")
    if slope > LIMIT and hours >= 4:  # before, caches fill
        wrong.append(f"the memory grows by {slope:.2f} MB an hour")
    return (
        f"{hours:g} hours: {events} events, {articles} articles done, {entries} journal entries; "
        f"memory {seen[0][1]:.0f} MB at first, {late[0][1]:.0f} MB half-way, {seen[-1][1]:.0f} MB "
        f"at the end, {slope:+.2f} MB an hour in the second half; {held[0][0]} and {held[-1][0]} "
        f"objects, {held[0][1]} and {held[-1][1]} widgets"
    ), wrong


def _decide(window: Window, rng: Random) -> None:
    """What a person does most: the next suggestion, yes or no."""
    from PySide6.QtTest import QTest

    from tests.stress.monkey import CTRL, Key

    document = window.session.document
    if document is not None and not document.suggestions:
        QTest.keyClick(window.canvas, Key.Key_Return, CTRL)
        return
    if document is not None and window.canvas.focused in document.suggestions:
        key = Key.Key_Return if rng.random() < 0.75 else Key.Key_Backspace
    else:
        key = Key.Key_Tab
    QTest.keyClick(window.canvas, key)


def _slope(points: list[tuple[float, float]]) -> float:
    """Of the line that fits best, by least squares."""
    n = len(points)
    x, y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    return sum((p[0] - x) * (p[1] - y) for p in points) / sum((p[0] - x) ** 2 for p in points)


def main() -> int:
    parser = hand.arguments(__doc__, 0)
    parser.add_argument("--hours", type=float, default=8.0)
    wish = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return hand.told(*run(wish.seed, wish.hours))


if __name__ == "__main__":
    sys.exit(main())
