"""How fast articles come in and gold goes out, as ratios to the bare libraries in the same run.

    python bench/interchange.py [--scale 0.1] [--folder /tmp] [--only adding]

With ``--scale 1``: 100,000 articles of 350 words are added from a JSONL file, and 1,000,000
mentions are exported to one. Beside them, in the same run:

- sqlite3's ``executemany`` puts the same rows, which are in memory already, into the same table:
  in a file as SQLite makes it, and in one with the pages of a project, which are twice as large;
- orjson writes the rows of articles, mentions and fragments as it reads them from the file; and
  the finished objects of the export's lines, which are in memory already, so that nothing is left
  to do but to dump them.

Memory is the peak of a child process (``goldsmith add``, ``goldsmith export``) at a quarter of the
size and at the full size.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from core import duplicates, edits, scheme, workflow
from core.project import Project

ROOT = Path(__file__).resolve().parent.parent
ARTICLES, WORDS = 100_000, 350
MENTIONS, A_PAGE = 1_000_000, 40  # mentions, and how many of them an article has


def timed(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def texts(n: int, seed: int) -> Iterator[str]:
    """`n` articles: words with the frequencies of a language, in five paragraphs."""
    chance = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(30_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    for _ in range(n):
        drawn = chance.choices(words, weights, k=WORDS)
        parts = [drawn[i : i + 70] for i in range(0, WORDS, 70)]
        yield "\n\n".join(" ".join(part).capitalize() + "." for part in parts)


def articles_file(path: Path, n: int) -> None:
    with path.open("wb") as file:
        for i, text in enumerate(texts(n, 1)):
            record = {
                "goldsmith": 1,
                "id": f"a-{i:014}",
                "title": text[:60],
                "text": text,
                "outlet": "Agency",
                "published": "2016-11-20",
                "language": "en",
                "meta": {"section": "world"},
            }
            file.write(orjson.dumps(record) + b"\n")
        os.fsync(file.fileno())  # nothing of it is still on its way to the disk when we measure


def gold_file(path: Path, n: int) -> None:
    """Articles with `n` mentions in all, half of them with a score, some in an entity."""
    with path.open("wb") as file:
        for i, text in enumerate(texts(n // A_PAGE, 2)):
            mentions = []
            for k in range(A_PAGE):
                start = k * (len(text) // A_PAGE)
                mentions.append(
                    {
                        "id": f"m-{i:08}{k:06}",
                        "fragments": [[start, start + 8]],
                        "type": "ORG" if k % 3 else "PERSON",
                        "source": "rules" if k % 2 else "manual",
                        "score": 0.8 if k % 2 else None,
                        "annotator": "ann",
                    }
                )
            record = {
                "goldsmith": 1,
                "id": f"a-{i:014}",
                "title": text[:60],
                "text": text,
                "mentions": mentions,
                "relations": [],
                "entities": [],
            }
            file.write(orjson.dumps(record) + b"\n")
        os.fsync(file.fileno())


def bare_rows(project: Path, table: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(project)
    rows = connection.execute(f"SELECT * FROM {table}").fetchall()
    connection.close()
    return rows


def executemany(
    path: Path, like: Path, rows: list[tuple[Any, ...]], *, pages: bool, indexed: bool = True
) -> float:
    """Seconds for the rows of ``articles`` in one transaction, synced as a project is.

    Args:
        pages: as large as in `like`, or as SQLite makes them.
    """
    source = sqlite3.connect(like)
    ((size,),) = source.execute("PRAGMA page_size").fetchall()
    sql = [
        row[0]
        for row in source.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'articles' AND sql IS NOT NULL"
            " ORDER BY type = 'index'"
        )
    ]
    source.close()
    connection = sqlite3.connect(path, isolation_level=None)
    if pages:
        connection.execute(f"PRAGMA page_size = {size}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for statement in sql if indexed else sql[:1]:
        connection.execute(statement)
    marks = ", ".join("?" * len(rows[0]))

    def put() -> None:
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO articles VALUES ({marks})", rows)
        connection.execute("COMMIT")

    seconds = timed(put)
    connection.close()
    path.unlink()
    return seconds


def peak(arguments: list[str]) -> float:
    """Peak memory of ``goldsmith`` with these arguments, MB."""
    code = (
        "import sys; from core import cli; code = cli.main(sys.argv[1:]);"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]); sys.exit(code)"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) / 1024


def adding(folder: Path, n: int) -> None:
    source, place = folder / "articles.jsonl", folder / "added.goldsmith"
    articles_file(source, n)
    with Project.create(place, scheme.load("news")) as project:
        ours = timed(lambda: workflow.add_paths(project, [source], look=False))
        looked = timed(lambda: duplicates.find(project))
        indexed = timed(project.index_words)
        undone = timed(lambda: edits.undo(project))
        redone = timed(lambda: edits.redo(project))
    rows = bare_rows(place, "articles")
    bare = {
        "as SQLite makes a file": executemany(folder / "bare.db", place, rows, pages=False),
        "in pages of a project": executemany(folder / "bare.db", place, rows, pages=True),
        "and without its indexes": executemany(
            folder / "bare.db", place, rows, pages=True, indexed=False
        ),
    }
    del rows
    print(f"add {n:,} articles of {WORDS} words from JSONL: {ours:.2f} s, {n / ours:,.0f}/s")
    for how, seconds in bare.items():
        print(f"  executemany, {how + ':':25} {seconds:.2f} s; ratio {seconds / ours:.2f}")
    print(f"  then: near-duplicates {looked:.2f} s, index of words {indexed:.2f} s")
    print(f"  undo {undone:.2f} s, redo {redone:.2f} s")
    place.unlink()


def from_objects(lines: Path, out: Path) -> float:
    """Seconds for orjson and a file, with the objects in memory already."""
    records = [orjson.loads(line) for line in lines.read_bytes().splitlines()]

    def dump() -> None:
        with out.open("wb") as file:
            for record in records:
                file.write(orjson.dumps(record) + b"\n")

    return timed(dump)


def exporting(folder: Path, n: int) -> None:
    source, place = folder / "gold.jsonl", folder / "gold.goldsmith"
    gold_file(source, n)
    out = folder / "out.jsonl"
    with Project.create(place, scheme.load("news")) as project:
        came = timed(lambda: workflow.add_paths(project, [source], look=False))
        ours = timed(lambda: workflow.export(project, out))
    from_memory = from_objects(out, folder / "bare.jsonl")

    def rows() -> None:
        connection = sqlite3.connect(place)
        with (folder / "bare.jsonl").open("wb") as file:
            for table in ("articles", "mentions", "fragments"):
                cursor = connection.execute(f"SELECT * FROM {table}")
                names = [column[0] for column in cursor.description]
                for row in cursor:
                    file.write(orjson.dumps(dict(zip(names, row, strict=True))) + b"\n")
        connection.close()

    from_file = timed(rows)
    print(
        f"export {n:,} mentions to JSONL: {ours:.2f} s, {n / ours:,.0f}/s (added in {came:.2f} s)"
    )
    print(f"  orjson, the same rows from the file:      {from_file:.2f} s; {from_file / ours:.2f}")
    print(
        f"  orjson, the same objects from memory:     {from_memory:.2f} s; {from_memory / ours:.2f}"
    )
    place.unlink()


def memory(folder: Path, n: int, mentions: int) -> None:
    for part in (n // 4, n):
        source, place = folder / "part.jsonl", folder / "part.goldsmith"
        articles_file(source, part)
        Project.create(place, scheme.load("news")).close()
        print(
            f"peak memory, add {part:,} articles: {peak(['add', str(place), str(source)]):.0f} MB"
        )
        place.unlink()
    for part in (mentions // 4, mentions):
        source, place = folder / "part.jsonl", folder / "part.goldsmith"
        out = folder / "part-out.jsonl"
        out.unlink(missing_ok=True)
        gold_file(source, part)
        Project.create(place, scheme.load("news")).close()
        added = peak(["add", str(place), str(source)])
        written = peak(["export", str(place), str(out)])
        print(f"peak memory, {part:,} mentions: add {added:.0f} MB, export {written:.0f} MB")
        place.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices=("adding", "exporting", "memory"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        n, mentions = round(ARTICLES * chosen.scale), round(MENTIONS * chosen.scale)
        if chosen.only in (None, "adding"):
            adding(Path(folder), n)
        if chosen.only in (None, "exporting"):
            exporting(Path(folder), mentions)
        if chosen.only in (None, "memory"):
            memory(Path(folder), n, mentions)


if __name__ == "__main__":
    main()
