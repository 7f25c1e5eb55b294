"""Ids of a large file in a few bytes each."""

from __future__ import annotations

import tracemalloc

from core.formats.seen import Seen


def test_it_knows_what_was_added_and_nothing_else() -> None:
    seen = Seen()
    for n in range(0, 300_000, 2):
        seen.add(f"m-{n:014}")
    assert all(f"m-{n:014}" in seen for n in range(0, 300_000, 1000))
    assert not any(f"m-{n:014}" in seen for n in range(1, 300_000, 1000))


def test_a_value_takes_a_few_bytes() -> None:
    tracemalloc.start()
    try:
        seen = Seen()
        for n in range(120_000):
            seen.add(f"m-{n:014}")
        held, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 120_000 * 40
