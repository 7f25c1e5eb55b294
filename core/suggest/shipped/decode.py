"""From the tags of words to spans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class Tagged(NamedTuple):
    """Words ``first`` to ``last`` (exclusive) with a label; score: the least sure of its tags."""

    first: int
    last: int
    label: str
    score: float


def spans(log_p: Array, tags: Sequence[str], ends: Sequence[int]) -> list[Tagged]:
    """The likeliest spans, none overlapping, none over the end of a sentence.

    log_p: (words, tags), tags being O, then B- and I- of each label. ends: where sentences end, as
    the index of the word after them.
    """
    found: list[Tagged] = []
    first = 0
    for end in ends:
        if end > first:
            found += _sentence(log_p[first:end], tags, first)
        first = end
    return found


def _sentence(log_p: Array, tags: Sequence[str], offset: int) -> list[Tagged]:
    n, k = log_p.shape
    if (log_p[:, 0] > -0.02).all():  # nothing but O: the usual line needs no search
        return []
    inside = np.arange(2, k, 2)
    best = np.empty((n, k), dtype=np.float32)
    back = np.empty((n, k), dtype=np.intp)
    best[0] = log_p[0]
    best[0, inside] = -np.inf
    for i in range(1, n):
        source = int(best[i - 1].argmax())
        best[i] = best[i - 1, source] + log_p[i]
        back[i] = source
        # I- follows B- or I- of its own label, nothing else
        begin, go_on = best[i - 1, inside - 1], best[i - 1, inside]
        best[i, inside] = np.maximum(begin, go_on) + log_p[i, inside]
        back[i, inside] = np.where(begin >= go_on, inside - 1, inside)
    path = [int(best[-1].argmax())]
    for i in range(n - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    path.reverse()
    result: list[Tagged] = []
    i = 0
    while i < n:
        tag = path[i]
        if tag == 0:
            i += 1
            continue
        j = i + 1
        while j < n and path[j] == tag + 1:
            j += 1
        sure = float(np.exp(min(log_p[m, path[m]] for m in range(i, j))))
        if j < n:  # that it ends here is part of the claim
            sure = min(sure, 1 - float(np.exp(log_p[j, tag + 1])))
        result.append(Tagged(offset + i, offset + j, tags[tag][2:], sure))
        i = j
    return result


def trimmed(found: Sequence[Tagged], words: Sequence[str]) -> list[Tagged]:
    """Without punctuation and small words at an end where no mention ends."""
    result = []
    for tagged in found:
        first, last = tagged.first, tagged.last
        while first < last and words[first] in _NO_START:
            first += 1
        while last > first and words[last - 1] in _NO_END:
            last -= 1
        if first < last:
            result.append(tagged._replace(first=first, last=last))
    return result


_MARKS = {",", ";", ":", "-", "–", "—", "'s", "’s", "of", "and"}
_NO_START = frozenset(_MARKS | {".", ")", "”", "'", "’"})
_NO_END = frozenset(_MARKS | {"(", "“", "at", "in", "the", "to", "by"})
