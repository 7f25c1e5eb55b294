"""What two texts share: the same wire story in two outlets, cut here and retitled there.

A text is the set of its shingles, runs of a few words. Of their hashes the smallest are its sketch:
texts that share much have some of these in common (A. Broder, "On the resemblance and containment
of documents", 1997), so candidates are found by looking hashes up, and only they are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from heapq import nsmallest
from zlib import crc32

import regex

WORDS = 5  # in a shingle
SIZE = 16  # hashes in a sketch

_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*")
_LONGEST = 2_000_000  # characters of a text that are looked at: a long book's worth
_MASK = (1 << 63) - 1


def shingles(text: str) -> set[int]:
    """The hashes (63 bits) of all runs of `WORDS` words, whatever their case and punctuation.

    Where words are not set apart, as in Chinese, characters stand for words. A text of fewer words
    is one shingle; one of none has none. Of a text that is too long to be an article the beginning
    counts.
    """
    text = text[:_LONGEST]
    words = _WORD.findall(text.casefold())
    if len(text) > 20 * len(words):
        words = [c for word in words for c in word]
    return set(_hashes(words))


def common(text: str, others: Iterable[str]) -> list[tuple[int, int]]:
    """Where in `text` the runs of words are that another text has too: spans in order and apart,
    code points."""
    text = text[:_LONGEST]
    found = [(m[0].casefold(), *m.span()) for m in _WORD.finditer(text)]
    if len(text) > 20 * len(found):
        found = [(c, at + n, at + n + 1) for word, at, _end in found for n, c in enumerate(word)]
    known: set[int] = set().union(*map(shingles, others))
    spans: list[tuple[int, int]] = []
    for n, hash in enumerate(_hashes([word for word, _start, _end in found])):
        if hash in known:
            start, end = found[n][1], found[min(n + WORDS, len(found)) - 1][2]
            if spans and start <= spans[-1][1]:
                start = spans.pop()[0]
            spans.append((start, end))
    return spans


def _hashes(words: Sequence[str]) -> list[int]:
    """The hash of each run of `WORDS` words, in order."""
    if not words:
        return []
    values = [_value(word) if len(word) < 100 else _value.__wrapped__(word) for word in words]
    while len(values) < WORDS:
        values.append(0)
    return [
        # Sums of 32-bit values times odd constants; the last product spreads the high bits.
        ((a * 0x9E3779B1 + b * 0x85EBCA77 + c * 0xC2B2AE3D + d * 0x27D4EB2F + e * 0x165667B1)
         * 0x9E3779B97F4A7C15 >> 13) & _MASK
        for a, b, c, d, e in zip(
            values, values[1:], values[2:], values[3:], values[4:], strict=False
        )
    ]  # fmt: skip


@lru_cache(maxsize=200_000)
def _value(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass")) + 1


def sketch(hashes: set[int]) -> list[int]:
    """The smallest of a text's shingle hashes, at most `SIZE`, in order."""
    return nsmallest(SIZE, hashes)


def shared(a: set[int], b: set[int]) -> float:
    """The share of the shorter text's shingles that the other has too, 0..1."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
