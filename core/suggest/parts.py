"""A long text in parts: a pipeline's memory grows with what it reads at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.annotation import Fragment, Fragments
from core.article import Span, paragraphs, sentences
from core.suggest import ProposedMention, ProposedRelation

PART = 100_000  # characters


def parts(text: str, size: int = PART) -> Iterator[Span]:
    """`text` cut between paragraphs, or between sentences of a long one, into parts of about `size`
    characters; only a sentence that is longer than that makes a longer part. They cover the text.
    """
    if len(text) <= size:
        yield Span(0, len(text))
        return
    start = 0
    for end in _ends(text, size):
        if end - start >= size:
            yield Span(start, end)
            start = end
    if start < len(text):
        yield Span(start, len(text))


def _ends(text: str, size: int) -> Iterator[int]:
    for paragraph in paragraphs(text):
        if paragraph.end - paragraph.start > size:
            inside = text[paragraph.start : paragraph.end]
            yield from (paragraph.start + s.end for s in sentences(inside))
        yield paragraph.end


def moved(fragments: Fragments, by: int) -> Fragments:
    """The same fragments `by` characters further on."""
    return tuple(Fragment(start + by, end + by) for start, end in fragments)


def joined(
    found: Iterable[tuple[int, Iterable[ProposedMention], Iterable[ProposedRelation]]],
) -> tuple[tuple[ProposedMention, ...], tuple[ProposedRelation, ...]]:
    """What was found in parts, each with where it starts, as of the whole text."""
    mentions: list[ProposedMention] = []
    relations: list[ProposedRelation] = []
    for start, some, related in found:
        first = len(mentions)
        mentions += [
            ProposedMention(moved(m.fragments, start), m.type, m.score, m.why) for m in some
        ]
        relations += [
            ProposedRelation(
                r.type, r.head + first, r.tail + first, r.score, moved(r.evidence, start), r.why
            )
            for r in related
        ]
    return tuple(mentions), tuple(relations)
