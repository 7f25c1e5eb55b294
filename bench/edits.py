"""What one decision costs with the project's memory beside it and without.

    python bench/edits.py

A generated article of 2,000 characters with 30 suggestions, and one of 200,000 with 3,000; every
third decision relabels, the others accept. Times are milliseconds of wall clock of `core.edits`,
the commit to the disk included: medians and 95th percentiles, and the memory's relative to without.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core import edits, scheme
from core.annotation import Document, Fragment, Suggestion, new_id
from core.article import Article, tokens
from core.project import Project
from core.recall import Recall

DECISIONS = 30
WORDS = (
    "talks", "officials", "Syria", "Egypt", "minister", "Damascus", "Cairo", "council", "forces",
)  # fmt: skip


def text_of(length: int) -> str:
    """Sentences whose names are numbered, so that a name stands in some thirty places."""
    parts, size = [], 0
    while size < length:
        word = f"{WORDS[len(parts) % len(WORDS)]}{len(parts) // 400 or ''}"
        parts.append(f"The {word} of the north was there.")
        size += len(parts[-1]) + 1
    return " ".join(parts)[:length]


def measure(suggestions: int, length: int, *, memory: bool) -> list[float]:
    """Milliseconds of each decision, in order of size."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Project.create(Path(folder) / "bench.goldsmith", scheme.load("news")) as project,
    ):
        text = text_of(length)
        edits.add_documents(project, [Document(Article("a-1", text))])
        spans = [s for s in tokens(text) if text[s.start : s.end].lower() not in ("the", "of", ".")]
        step = max(1, len(spans) // suggestions)
        found = [
            Suggestion(new_id("m"), "a-1", "GPE", (Fragment(*span),), source="bench", score=0.5)
            for span in spans[::step][:suggestions]
        ]
        edits.store_suggestions(project, "a-1", "bench", found)
        if memory:
            companion = Recall(project)
            project.companion = companion
            companion.prepare(project.document("a-1"))
        times = []
        for n, item in enumerate(found[:DECISIONS]):
            if project.suggestion_of("a-1", item.fragments) is None:
                continue
            started = time.perf_counter()
            if n % 3:
                edits.accept(project, [item.id])
            else:
                edits.relabel(project, item.id, "ORG")
            times.append((time.perf_counter() - started) * 1000)
    return sorted(times)


def main() -> None:
    print(f"{'suggestions':>12} {'':10} {'median':>8} {'p95':>8}")
    for suggestions, length in ((30, 2_000), (3_000, 200_000)):
        medians = []
        for memory in (False, True):
            times = measure(suggestions, length, memory=memory)
            medians.append(statistics.median(times))
            worst = times[int(0.95 * (len(times) - 1))]
            name = "memory" if memory else "alone"
            print(f"{suggestions:12,} {name:10} {medians[-1]:8.1f} {worst:8.1f}")
        print(f"{'':12} {'ratio':10} {medians[1] / medians[0]:8.2f}")


if __name__ == "__main__":
    main()
