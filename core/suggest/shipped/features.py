"""What the network reads of a text: pieces, the shape of each word, what the rules say of it.

A text is read in windows of whole sentences, at most `WINDOW` pieces each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.article import Span, sentences
from core.scheme import Scheme
from core.suggest.mention_rules import propose_mentions
from core.suggest.shipped.labels import bio
from core.suggest.shipped.pieces import WordPieces

WINDOW = 128
SHAPES = ("other", "lower", "Title", "UPPER", "Letter", "miXed", "digits", "d1g1t", "punctuation")
RULE_TYPES = (
    "PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LAW", "TITLE", "DATE", "CARDINAL",
    "MONEY", "WEAPON", "VEHICLE",
)  # fmt: skip
RULE_TAGS = bio(RULE_TYPES)
_RULE_IDS = {tag: i for i, tag in enumerate(RULE_TAGS)}


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of whole sentences as the network reads it, without start and end marks.

    Attributes:
        first, last: its words, half open, as indices into the words of the text.
        pieces: (n,) ids of word pieces.
        shapes, rules: (n,) indices into `SHAPES` and `RULE_TAGS`, one a piece.
        heads: (last - first,) the index of each word's first piece.
    """

    first: int
    last: int
    pieces: tuple[int, ...]
    shapes: tuple[int, ...]
    rules: tuple[int, ...]
    heads: tuple[int, ...]


def shape(word: str) -> int:
    """The index of a word's shape in `SHAPES`."""
    if word.isalpha():
        if word.islower():
            return 1
        if len(word) == 1:
            return 4 if word.isupper() else 0
        if word.isupper():
            return 3
        if word[0].isupper() and word[1:].islower():
            return 2
        return 5 if word.lower() != word else 0
    if word.isdigit():
        return 6
    if any(c.isdigit() for c in word):
        return 7
    if any(c.isalpha() for c in word):
        return 3 if word.isupper() else 2 if word[0].isupper() else 1
    return 8


def rule_tags(text: str, words: Sequence[Span], scheme: Scheme) -> list[int]:
    """For each word the index in `RULE_TAGS` of what the rules take it for."""
    tags = [0] * len(words)
    starts = [w.start for w in words]
    for mention in propose_mentions(text, scheme):
        if mention.type not in RULE_TYPES:
            continue
        (start, end) = mention.fragments[0]
        at = max(0, bisect_right(starts, start) - 1)
        begun = False
        while at < len(words) and words[at].start < end:
            if words[at].end > start:
                tags[at] = _RULE_IDS[("I-" if begun else "B-") + mention.type]
                begun = True
            at += 1
    return tags


def sentence_ends(text: str, words: Sequence[Span]) -> list[int]:
    """Where each sentence ends, as the index of the word after it; the last is len(words)."""
    starts = [w.start for w in words]
    ends: list[int] = []
    for sentence in sentences(text):
        at = bisect_right(starts, sentence.end - 1)
        if at > (ends[-1] if ends else 0):
            ends.append(at)
    if words and (not ends or ends[-1] < len(words)):
        ends.append(len(words))
    return ends


def windows(
    words: Sequence[str],
    ends: Sequence[int],
    rules: Sequence[int],
    cut: WordPieces,
    size: int = WINDOW,
) -> Iterator[Window]:
    """`words` in windows of at most `size` pieces, cut between sentences where that is possible."""
    pieces = [cut(w) for w in words]
    first = 0
    count = 0
    at = 0
    for end in ends:
        length = sum(len(p) for p in pieces[at:end])
        if count and count + length > size:
            yield _window(words, pieces, rules, first, at)
            first, count = at, 0
        if length > size:  # one sentence that fits no window
            count = 0
            first = at
            for i in range(at, end):
                if count + len(pieces[i]) > size:
                    yield _window(words, pieces, rules, first, i)
                    first, count = i, 0
                count += len(pieces[i])
        else:
            count += length
        at = end
    if first < len(words):
        yield _window(words, pieces, rules, first, len(words))


def _window(
    words: Sequence[str],
    pieces: Sequence[tuple[int, ...]],
    rules: Sequence[int],
    first: int,
    last: int,
) -> Window:
    ids: list[int] = []
    shapes: list[int] = []
    tags: list[int] = []
    heads: list[int] = []
    for i in range(first, last):
        heads.append(len(ids))
        ids += pieces[i]
        shapes += [shape(words[i])] * len(pieces[i])
        tags += [rules[i]] * len(pieces[i])
    return Window(first, last, tuple(ids), tuple(shapes), tuple(tags), tuple(heads))
