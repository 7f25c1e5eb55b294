"""Which ids a file has used so far, in a few bytes each, however many there are."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable

_RECENT = 50_000


class Seen:
    """A set that can only grow, of 8 bytes a value: it keeps hashes of 64 bits.

    Two of a million values have the same hash once in 30 million files.
    """

    def __init__(self) -> None:
        self._recent: set[int] = set()
        self._sorted: list[array[int]] = []  # each at most half as long as the one before it

    def __contains__(self, value: Hashable) -> bool:
        mark = hash(value)
        return mark in self._recent or any(_has(part, mark) for part in self._sorted)

    def add(self, value: Hashable) -> None:
        """Add a value, which may be there already."""
        self._recent.add(hash(value))
        if len(self._recent) < _RECENT:
            return
        part = array("q", sorted(self._recent))
        self._recent.clear()
        while self._sorted and len(self._sorted[-1]) <= 2 * len(part):
            part = array("q", sorted([*self._sorted.pop(), *part]))
        self._sorted.append(part)


def _has(part: array[int], mark: int) -> bool:
    at = bisect_left(part, mark)
    return at < len(part) and part[at] == mark
