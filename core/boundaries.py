"""Boundaries of mentions, moved token by token."""

from __future__ import annotations

from itertools import pairwise

import regex

from core.annotation import Fragment, Fragments
from core.article import tokens

_PARAGRAPH = regex.compile(r"\n[^\S\n]*\n")  # a blank line


def moved_boundary(text: str, parts: Fragments, side: str, direction: int) -> Fragments:
    """`parts` with their ``start`` or ``end`` moved by one token (+1: right, -1: left).

    A boundary inside a token moves to that token's edge. The mention keeps at least one token of
    its first or last fragment, and runs neither over its neighbour fragment nor, without being
    told so by a selection, into another paragraph.
    """
    at = 0 if side == "start" else -1
    first, last = parts[at]
    # Tokens near the boundary are enough; a whole long article need not be tokenised.
    low, high = max(0, first - 400), min(len(text), last + 400)
    spans = [(s + low, e + low) for s, e in tokens(text[low:high])]
    if side == "start":
        edges = [s for s, _e in spans if s < last]
        new = _neighbour(edges, first, direction)
        first = first if new is None else new
    else:
        edges = [e for _s, e in spans if e > first]
        new = _neighbour(edges, last, direction)
        last = last if new is None else new
    before, after = parts[at], Fragment(first, last)
    low, high = min(before.start, after.start), max(before.end, after.end)
    kept = max(before.start, after.start), min(before.end, after.end)
    if _PARAGRAPH.search(text[low : kept[0]]) or _PARAGRAPH.search(text[kept[1] : high]):
        return parts
    changed = list(parts)
    changed[at] = Fragment(first, last)
    apart = all(a.end < b.start for a, b in pairwise(changed))
    return tuple(changed) if apart else parts


def _neighbour(edges: list[int], here: int, direction: int) -> int | None:
    if direction > 0:
        return next((e for e in edges if e > here), None)
    return next((e for e in reversed(edges) if e < here), None)
