"""How a project of many articles opens, lists and searches.

    python -m bench.load --count 1000000 [--keep FOLDER]

Makes the project (once, if it is kept), then measures in a process of its own: the time until the
window is shown, until the list is complete, until a search shows its first rows, and the memory.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

WORDS = ["Riyadh", "Cairo", "Moscow", "talks", "ceasefire", "minister", "border", "aid", "envoy"]


def make(path: Path, count: int) -> None:
    """A project with `count` short articles, written by SQL since only reading is measured."""
    from core import scheme
    from core.project import Project

    with Project.create(path, scheme.load("news")) as project:
        store = project._store
        store.execute("BEGIN")
        for n in range(count):
            text = " ".join(WORDS[(n * k + k) % len(WORDS)] for k in range(1, 40)) + f" {n}"
            store.execute(
                "INSERT INTO articles VALUES (?,?,?,'','','','2020-01-01','en','','','new','{}',0,"
                "?,?,?)",
                [f"a-{n}", n + 1, f"Article {n} on {WORDS[n % len(WORDS)]}",
                 sha256(text.encode()).hexdigest(), len(text), text],
            )  # fmt: skip
        store.execute("COMMIT")
        project.index_words()


def measure(path: Path) -> None:
    """Open a window on it and print what it took."""
    from PySide6.QtCore import QSettings

    from core.project import Project
    from gui.app import application

    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, tempfile.mkdtemp(dir=path.parent)
    )
    from PySide6.QtWidgets import QApplication

    from gui.window import Window

    start = time.perf_counter()
    window = Window(Project.open(path))
    window.show()
    QApplication.processEvents()
    print(f"window shown      {time.perf_counter() - start:7.3f} s")
    gc.collect()
    gc.freeze()  # as `gui.app.run` does
    model, slowest = window.articles.model, 0.0
    while model._idle.isActive():
        before = time.perf_counter()
        QApplication.processEvents()
        slowest = max(slowest, time.perf_counter() - before)
    rows = model.rowCount()
    print(f"list complete     {time.perf_counter() - start:7.3f} s, {rows:,} rows, "
          f"longest stall {slowest * 1000:.0f} ms")  # fmt: skip
    for words in ("cairo", "999999", "envoy 12345", ""):
        before = time.perf_counter()
        window.articles.filter.setText(words)
        QApplication.processEvents()
        print(f"search {words!r:14} {time.perf_counter() - before:7.3f} s to the first rows")
    before = time.perf_counter()
    window.articles.list.scrollToBottom()
    QApplication.processEvents()
    print(f"scroll to the end {time.perf_counter() - before:7.3f} s")
    before = time.perf_counter()
    window.run("article_done")
    QApplication.processEvents()
    print(f"article done      {time.perf_counter() - before:7.3f} s")
    print(f"memory            {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.0f} MB")
    sys.stdout.flush()
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    wish = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if wish.measure:
        measure(wish.measure)
    with tempfile.TemporaryDirectory() as place:
        path = (wish.keep or Path(place)) / f"{wish.count}.goldsmith"
        if not path.exists():
            start = time.perf_counter()
            make(path, wish.count)
            size = path.stat().st_size / 1e6
            print(f"made in           {time.perf_counter() - start:7.1f} s, {size:,.0f} MB")
        subprocess.run([sys.executable, "-m", "bench.load", "--measure", str(path)], check=True)


if __name__ == "__main__":
    main()
