"""Tokens for the formats that are made of them: split wherever gold has a boundary, and counted.

Nothing is rounded to a token. What such a format can't hold of the text is its white space; then
`respaced` says what comes back.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core import article as text_of
from core.annotation import Document, Fragment, Fragments
from core.article import Span
from core.i18n import ngettext


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one document.

    Attributes:
        sentences: the tokens, sentence by sentence; no sentence is empty, no token holds white
            space at its ends, none crosses a boundary of gold.
        split: how many tokens were cut in two or more because gold begins or ends inside them.
    """

    sentences: tuple[tuple[Span, ...], ...]
    split: int

    @property
    def all(self) -> list[Span]:
        """The tokens in order."""
        return [token for sentence in self.sentences for token in sentence]


def boundaries(document: Document) -> set[int]:
    """Every offset at which a mention, a suggestion or an evidence begins or ends."""
    parts: list[Fragment] = []
    for m in document.mentions.values():
        parts += m.fragments
    for r in document.relations.values():
        parts += r.evidence
    for s in document.suggestions.values():
        parts += (*s.fragments, *s.evidence)
    return {offset for part in parts for offset in part}


def split(spans: Sequence[Span], cuts: Iterable[int]) -> tuple[list[Span], int]:
    """`spans` cut wherever an offset of `cuts` is inside one, and how many of them were."""
    wanted = sorted(set(cuts))
    pieces: list[Span] = []
    n = 0
    for start, end in spans:
        inside = wanted[bisect_right(wanted, start) : bisect_left(wanted, end)]
        n += bool(inside)
        edges = [start, *inside, end]
        pieces += [Span(a, b) for a, b in pairwise(edges)]
    return pieces, n


def tokenised(document: Document) -> Tokens:
    """The document's tokens (`core.article.tokens`) and sentences, respecting its gold.

    A sentence never ends inside a mention: the sentences that one bridges are one.
    """
    text = document.article.text
    natural = [t for t in text_of.tokens(text) if not text[t.start : t.end].isspace()]
    pieces, n = split(natural, boundaries(document))
    bridged = sorted((m.start, m.end) for m in document.mentions.values())
    sentences: list[Span] = []
    at = 0
    reach = -1  # how far the mentions that began so far go
    for sentence in text_of.sentences(text):
        if sentences and sentence.start < reach:
            sentences[-1] = Span(sentences[-1].start, sentence.end)
        else:
            sentences.append(sentence)
        while at < len(bridged) and bridged[at][0] < sentence.end:
            reach = max(reach, bridged[at][1])
            at += 1
    starts = [t.start for t in pieces]
    groups: list[tuple[Span, ...]] = []
    done = 0
    for n_sentence in range(len(sentences)):
        # Tokens outside every sentence (there should be none) stay with the one before them.
        following = sentences[n_sentence + 1 :][:1]
        until = bisect_left(starts, following[0].start) if following else len(pieces)
        if until > done:
            groups.append(tuple(pieces[done:until]))
            done = until
    if done < len(pieces):
        groups.append(tuple(pieces[done:]))
    return Tokens(tuple(groups), n)


def split_note(n: int) -> list[str]:
    """What a report says of tokens that were split; nothing if none was."""
    if not n:
        return []
    return [
        ngettext(
            "{n} token was split, because gold begins or ends inside it.",
            "{n} tokens were split, because gold begins or ends inside them.",
            n,
        ).format(n=f"{n:,}")
    ]


def joined(sentences: Iterable[Iterable[str]]) -> tuple[str, list[list[Span]]]:
    """The text that tokens alone give, with their places in it: one space between two, a line a
    sentence."""
    parts: list[str] = []
    places: list[list[Span]] = []
    at = 0
    for sentence in sentences:
        if parts:
            parts.append("\n")
            at += 1
        row: list[Span] = []
        for word in sentence:
            if row:
                parts.append(" ")
                at += 1
            row.append(Span(at, at + len(word)))
            parts.append(word)
            at += len(word)
        places.append(row)
    return "".join(parts), places


def respaced(document: Document) -> Document:
    """`document` as it comes back from tokens alone: what is lost is the white space.

    Every mention and evidence must begin and end at a character that is no white space.
    """
    found = tokenised(document)
    old = document.article.text
    text, places = joined(
        [[old[t.start : t.end] for t in sentence] for sentence in found.sentences]
    )
    if text == old:
        return document
    flat = [place for sentence in places for place in sentence]
    start = {t.start: p.start for t, p in zip(found.all, flat, strict=True)}
    end = {t.end: p.end for t, p in zip(found.all, flat, strict=True)}

    def moved(parts: Fragments) -> Fragments:
        return tuple(Fragment(start[p.start], end[p.end]) for p in parts)

    title = document.article.title
    if title == text_of.title_of(old):
        title = text_of.title_of(text)
    return replace(
        document,
        article=replace(document.article, text=text, title=title),
        mentions={
            id: replace(m, fragments=moved(m.fragments)) for id, m in document.mentions.items()
        },
        relations={
            id: replace(r, evidence=moved(r.evidence)) for id, r in document.relations.items()
        },
        suggestions={
            id: replace(s, fragments=moved(s.fragments), evidence=moved(s.evidence))
            for id, s in document.suggestions.items()
        },
    )
