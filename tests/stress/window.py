"""Random keys and mouse events over a window on a real project.

    python -m tests.stress.window --seed 1 --count 10000

No exception may get out, no event may take longer than a second, and the file must be sound and
loadable at the end. With --every N the window is closed and opened again after N events.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from types import TracebackType

from core import edits, soundness
from core.project import Project
from tests.stress import hand

SLOW = 1.0  # seconds that no event may take


def run(seed: int, count: int, every: int = 2500) -> tuple[str, list[str]]:
    """`count` events; a line that says what happened, and what went wrong."""
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    from gui.window import Window
    from tests.stress.monkey import Monkey, open_window

    rng = Random(seed)
    wrong: list[str] = []
    kinds: Counter[str] = Counter()
    slowest, edited = (0.0, ""), 0

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        wrong.append("".join(traceback.format_exception(kind, error, trace))[-1500:])

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "p.goldsmith"
        hand.make(path, rng)
        done = 0
        while done < count:
            window = open_window(path)
            sys.excepthook = hook
            monkey = Monkey(window, rng)
            window.session.unsaved.connect(lambda error: wrong.append(f"not saved: {error}"))
            try:
                for _ in range(min(every, count - done)):
                    start = time.perf_counter()
                    what = monkey.event()
                    QApplication.processEvents()
                    took = time.perf_counter() - start
                    slowest = max(slowest, (took, what))
                    kinds[what.split()[0]] += 1
                    done += 1
                    if not isValid(window) or not window.isVisible():  # it was closed by a click
                        break
                    if len(wrong) > 20:
                        done = count
                        break
                if isValid(window):
                    window.session.undo()
                # Going back to a copy, or opening another project, shows a new one.
                for shown in QApplication.topLevelWidgets():
                    if isinstance(shown, Window) and isValid(shown) and shown.isVisible():
                        shown.close()
                monkey.rest()
                QApplication.processEvents()
            finally:  # what goes wrong in here is not the window's
                sys.excepthook = sys.__excepthook__
        with Project.open(path) as project:
            edited = project.journal(1)[0].seq
            wrong += soundness.check(project)
            while project.next_undo() is not None and project.next_undo().seq > 1:  # type: ignore[union-attr]
                edits.undo(project)
            wrong += soundness.check(project)
    took, what = slowest
    if took > SLOW:
        wrong.append(f"{what} took {took:.2f} s")
    return (
        f"{done} events ({', '.join(f'{n} {k}' for k, n in kinds.most_common(8))}), "
        f"{edited} journal entries, slowest event {took * 1000:.0f} ms ({what})"
    ), wrong


def main() -> int:
    parser = hand.arguments(__doc__, 10_000)
    parser.add_argument("--every", type=int, default=2500)
    wish = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return hand.told(*run(wish.seed, wish.count, wish.every))


if __name__ == "__main__":
    sys.exit(main())
