"""Boundaries moved by tokens."""

from __future__ import annotations

import pytest

from core.annotation import Fragment
from core.boundaries import moved_boundary

TEXT = "Syrian chief Ali Mamluk, 🇺🇦 aide."
ALI = (TEXT.index("Ali"), TEXT.index("Mamluk") + 6)


@pytest.mark.parametrize(
    ("side", "direction", "words"),
    [
        ("start", -1, "chief Ali Mamluk"), ("start", +1, "Mamluk"),
        ("end", -1, "Ali"), ("end", +1, "Ali Mamluk,"),
    ],
)  # fmt: skip
def test_by_one_token(side: str, direction: int, words: str) -> None:
    ((start, end),) = moved_boundary(TEXT, (Fragment(*ALI),), side, direction)
    assert TEXT[start:end] == words


def test_one_token_is_kept_and_the_text_has_ends() -> None:
    first = (Fragment(0, 6),)
    assert moved_boundary(TEXT, first, "end", -1) == first
    assert moved_boundary(TEXT, first, "start", +1) == first
    assert moved_boundary(TEXT, first, "start", -1) == first
    last = (Fragment(len(TEXT) - 1, len(TEXT)),)
    assert moved_boundary(TEXT, last, "end", +1) == last


def test_a_boundary_inside_a_token_moves_to_its_edge() -> None:
    ((start, end),) = moved_boundary(TEXT, (Fragment(2, 6),), "start", -1)
    assert (start, end) == (0, 6)


def test_parts_never_run_into_each_other() -> None:
    parts = (Fragment(0, 6), Fragment(7, 12))
    assert moved_boundary(TEXT, parts, "start", -1) == parts
    apart = (Fragment(0, 6), Fragment(*ALI))
    assert moved_boundary(TEXT, apart, "end", +1)[-1].end == ALI[1] + 1
    assert moved_boundary(TEXT, apart, "end", -1) == (Fragment(0, 6), Fragment(13, 16))


def test_a_blank_line_stops_a_boundary_and_a_line_break_does_not() -> None:
    text = "A head line\n \nSyrian\nregime fell."
    syrian = (Fragment(text.index("Syrian"), text.index("Syrian") + 6),)
    assert moved_boundary(text, syrian, "start", -1) == syrian
    ((start, end),) = moved_boundary(text, syrian, "end", +1)
    assert text[start:end] == "Syrian\nregime"
    line = (Fragment(7, 11),)
    assert moved_boundary(text, line, "end", +1) == line
