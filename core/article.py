"""An article: immutable text with metadata, its tokens, sentences and paragraphs.

Offsets are Unicode code points, half open. Text is never normalised after import. Qt counts UTF-16
units instead; `Utf16Map` is the one place that converts.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

import regex

ArticleState: TypeAlias = Literal["new", "done"]


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a project.

    Attributes:
        text: the immutable text; offsets everywhere are code points into it.
        language: BCP 47 tag, empty if unknown.
        published: ISO 8601 date or date-time as found, empty if unknown.
        source: the file or URL it was read from.
        state: ``done`` once a person said that every gold fact is marked.
        meta: any further metadata of the source, JSON values.
        removed: taken out of the project; kept so that the removal can be undone.
    """

    id: str
    text: str
    title: str = ""
    outlet: str = ""
    author: str = ""
    url: str = ""
    published: str = ""
    language: str = ""
    licence: str = ""
    source: str = ""
    state: ArticleState = "new"
    meta: Mapping[str, Any] = field(default_factory=dict)
    removed: bool = False

    @property
    def sha256(self) -> str:
        """Hex digest of the text in UTF-8: the same text is the same article."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


class Span(NamedTuple):
    """``text[start:end]`` in code points."""

    start: int
    end: int


# A word keeps its combining marks, a number its separators, an abbreviation its points ("U.S.");
# hyphens and apostrophes stand alone, so that "Syria's" can be marked without its possessive and
# "Beirut-based" as Beirut; everything else, an emoji sequence say, is one token a grapheme.
_TOKEN = regex.compile(
    r"""
    (?:\p{L}\.){2,}(?![\p{M}\u200d])                  # U.S.
    | \p{N}+(?:[.,:/]\p{N}+)*(?:st|nd|rd|th|bn|m|k)?\b(?![\p{M}\u200d])  # 470,000  21st
    | [\p{L}\p{N}_][\p{L}\p{N}\p{M}_\u200c\u200d]*    # a word with its marks
    | \s+ (*SKIP)(*FAIL)
    | \X
    """,
    regex.VERBOSE,
)
_SEPARATORS = frozenset("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")  # those of str.splitlines
_SENTENCE_END = regex.compile(r"[.!?؟。！？।…]+[\"'”’»)\]]*(?=\s|$)|(?<=[。！？])")
_ABBREVIATION = regex.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Maj|Capt|Sgt|Gov|Sen|Rep|St|Jr|Sr|vs|No|Inc|Ltd|Co|Corp"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b\p{Lu}|\b(?:\p{L}\.)+\p{L})\.$"
)


def tokens(text: str) -> list[Span]:
    """The tokens of `text` in order; white space is in none. Never cuts a grapheme cluster."""
    return [Span(*m.span()) for m in _TOKEN.finditer(text)]


def graphemes(text: str) -> list[Span]:
    """The user-perceived characters (extended grapheme clusters) of `text`, in order."""
    return [Span(*m.span()) for m in regex.finditer(r"\X", text)]


def paragraphs(text: str) -> list[Span]:
    """The lines of `text` without their separators, blank ones included, at least one.

    CR LF is one separator. ``text[p.end:next.start]`` is the separator.
    """
    result, start, separator = [], 0, 1
    for line in text.splitlines(keepends=True):
        separator = 2 if line.endswith("\r\n") else int(line[-1] in _SEPARATORS)
        end = start + len(line)
        result.append(Span(start, end - separator))
        start = end
    if separator:  # after the last one, and in an empty text, is an empty line
        result.append(Span(start, start))
    return result


def sentences(text: str) -> list[Span]:
    """Sentences without surrounding white space, in order; a paragraph's end ends a sentence."""
    return [s for p in paragraphs(text) for s in _sentences_in(text, p)]


def _sentences_in(text: str, paragraph: Span) -> Iterator[Span]:
    start = paragraph.start
    for m in _SENTENCE_END.finditer(text, paragraph.start, paragraph.end):
        before = text[max(start, m.start() - 12) : m.end()]
        follows = text[m.end() : m.end() + 2].lstrip()
        if m.group().startswith(("...", "…")) and follows[:1].islower():
            continue
        if m.group() == "." and (_ABBREVIATION.search(before) or follows[:1].islower()):
            continue
        yield from _trimmed(text, start, m.end())
        start = m.end()
    yield from _trimmed(text, start, paragraph.end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield Span(start, end)


class Utf16Map:
    """Code point offsets <-> UTF-16 offsets of one text.

    Both directions cost O(log k) for k characters beyond the Basic Multilingual Plane, nothing
    where there are none. An offset into the middle of a surrogate pair maps to the pair's start.
    """

    __slots__ = ("_astral", "_units")

    def __init__(self, text: str) -> None:
        self._astral = [i for i, c in enumerate(text) if c > "\uffff"] if not text.isascii() else []
        # UTF-16 offset of the second half of the k-th pair
        self._units = [a + k + 1 for k, a in enumerate(self._astral)]

    def to_utf16(self, offset: int) -> int:
        """The UTF-16 offset of code point `offset`."""
        return offset + bisect_left(self._astral, offset) if self._astral else offset

    def to_code_points(self, offset: int) -> int:
        """The code point offset of UTF-16 `offset`."""
        return offset - bisect_right(self._units, offset) if self._units else offset


def title_of(text: str, limit: int = 120) -> str:
    """The first line that is not blank, shortened at a word where it is longer than `limit`."""
    line = " ".join(next((line for line in text.splitlines() if line.strip()), "").split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return (cut[: cut.rfind(" ")] if " " in cut[limit // 2 :] else cut) + "…"


def span_at(spans: list[Span], offset: int) -> int:
    """Index of the span that holds `offset`, else of the nearest one before it, -1 if none is.

    `spans` must be sorted and must not overlap.
    """
    return bisect_right(spans, offset, key=lambda s: s.start) - 1
