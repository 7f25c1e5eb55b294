"""The article's text cut into blocks, and the units that a caret moves by; knows nothing of Qt.

A block is a paragraph, or a piece of one that is too long to be laid out as a whole. All that is
found in text (tokens, graphemes, sentences) is found a block at a time, when it is asked for, so
that nothing here costs more for a longer article. Offsets are code points into the article's text.
"""

from __future__ import annotations

import functools
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

import regex

from core.article import Span, Utf16Map, graphemes, paragraphs, sentences, span_at, tokens

LONGEST_BLOCK = 3000  # code points; some 40 lines, what a screen or two holds

# Lone surrogates can't be drawn, and PySide ends a string at one; control characters would be
# invisible. Each is shown as one character, so that offsets stay right.
_UNDRAWABLE = regex.compile(r"[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff\ufffc]")
_RIGHT_TO_LEFT = regex.compile(
    r"[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff"
    r"\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_SENTENCE_END = regex.compile(r"[.!?؟。！？][\"'”’»)\]]*\s+")


class Block:
    """A paragraph or a piece of one.

    Attributes:
        start, end: code points, half open, without the paragraph's separator.
        rtl: its paragraph runs from right to left.
        mixed: some characters run against others, so a range may be several stretches of a line.
    """

    __slots__ = ("_map", "_tokens", "end", "mixed", "rtl", "start", "text")

    def __init__(self, text: str, start: int, end: int, rtl: bool) -> None:
        self.start, self.end, self.rtl = start, end, rtl
        self.text = text[start:end]
        self.mixed = rtl or (not self.text.isascii() and bool(_RIGHT_TO_LEFT.search(self.text)))
        self._map: Utf16Map | None = None
        self._tokens: list[Span] | None = None

    @property
    def shown(self) -> str:
        """The text to draw: as many code points as `text`, none that Qt stumbles over."""
        return self.text if self.text.isprintable() else _UNDRAWABLE.sub("\ufffd", self.text)

    @property
    def blank(self) -> bool:
        return not self.text or self.text.isspace()

    @property
    def map(self) -> Utf16Map:
        """Code points <-> UTF-16 within `shown`."""
        if self._map is None:
            self._map = Utf16Map(self.shown)
        return self._map

    @property
    def tokens(self) -> list[Span]:
        if self._tokens is None:
            self._tokens = [Span(s + self.start, e + self.start) for s, e in tokens(self.text)]
        return self._tokens


class ArticleText:
    """An article's text with its blocks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.paragraphs = paragraphs(text)
        self.blocks: list[Block] = []
        for paragraph in self.paragraphs:
            rtl = _runs_right_to_left(text, paragraph)
            self.blocks += [Block(text, *piece, rtl) for piece in _pieces(text, paragraph)]
        self._starts = [b.start for b in self.blocks]

    @functools.cached_property
    def rtl(self) -> bool:
        """Most of the text runs from right to left."""
        return sum(b.end - b.start for b in self.blocks if b.rtl) * 2 > len(self.text)

    def block_at(self, offset: int) -> int:
        """Index of the block that holds `offset` (or ends there, or whose separator does)."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def blocks_of(self, start: int, end: int) -> range:
        """Indices of the blocks that ``[start, end)`` touches."""
        return range(self.block_at(start), self.block_at(max(start, end - 1)) + 1)

    def token_at(self, offset: int) -> Span | None:
        """The token that holds the character at `offset`."""
        found = self.blocks[self.block_at(offset)].tokens
        i = span_at(found, offset)
        return found[i] if i >= 0 and offset < found[i].end else None

    def snapped(self, start: int, end: int) -> Span:
        """``[start, end)`` widened to whole tokens and shrunk to leave out white space around.

        Empty (both the same) where the range holds white space only.
        """
        first = next((t for t in self._tokens_after(start) if t.end > start), None)
        last = next((t for t in self._tokens_before(end) if t.start < end), None)
        if first is None or last is None or last.end <= start or first.start >= end:
            return Span(start, start)
        return Span(first.start, last.end)

    def to_grapheme(self, offset: int) -> int:
        """`offset`, or the start of the grapheme cluster (or separator) that it would cut."""
        block = self.blocks[self.block_at(offset)]
        if offset >= block.end:
            return block.end
        if block.text.isascii():
            return offset
        near = max(block.start, offset - 64)
        while near > block.start and not self.text[near - 1].isspace():
            near -= 1
        for start, end in graphemes(self.text[near : min(block.end, offset + 64)]):
            if near + start <= offset < near + end:
                return near + start
        return offset

    def next_stop(self, offset: int, unit: str, at_end: bool = False) -> int:
        """Where the caret goes from `offset` by one `unit` (token, char, sentence, paragraph or
        document) forwards: to the next start or, `at_end`, to the next end."""
        text = self.text
        if unit == "document":
            return len(text)
        if unit == "char":
            block = self.blocks[self.block_at(offset)]
            if offset >= block.end:  # over the separator, CR LF in one
                i = self.block_at(offset) + 1
                return self.blocks[i].start if i < len(self.blocks) else len(text)
            for _, end in graphemes(text[offset : min(block.end, offset + 64)]):
                return offset + end
        spans = {
            "token": self._tokens_after,
            "sentence": self._sentences_after,
            "paragraph": self._paragraphs_after,
        }[unit](offset)
        for start, end in spans:
            if (end if at_end else start) > offset:
                return end if at_end else start
        return len(text)

    def previous_stop(self, offset: int, unit: str, at_end: bool = False) -> int:
        """The same, backwards: to the start before `offset` or, `at_end`, to the end before it."""
        if unit == "document":
            return 0
        if unit == "char":
            block = self.blocks[self.block_at(offset)]
            if offset <= block.start:
                i = self.block_at(offset) - 1
                return self.blocks[i].end if i >= 0 else 0
            return self.to_grapheme(offset - 1) if offset <= block.end else block.end
        spans = {
            "token": self._tokens_before,
            "sentence": self._sentences_before,
            "paragraph": self._paragraphs_before,
        }[unit](offset)
        for start, end in spans:
            if (end if at_end else start) < offset:
                return end if at_end else start
        return 0

    def sentence_at(self, offset: int) -> Span:
        """The sentence at `offset`, else the nearest before it in the paragraph, else empty."""
        i = self.block_at(offset)
        found = self._sentences_in(i)
        at = span_at(found, offset)
        if at < 0:
            return found[0] if found else Span(offset, offset)
        return found[at]

    def _sentences_in(self, i: int) -> list[Span]:
        """Sentences of block `i`; one that a cut divides is one sentence a piece."""
        block = self.blocks[i]
        return [Span(s + block.start, e + block.start) for s, e in sentences(block.text)]

    def _tokens_after(self, offset: int) -> Iterator[Span]:
        for i in range(self.block_at(offset), len(self.blocks)):
            found = self.blocks[i].tokens
            yield from found[max(0, span_at(found, offset)) :]

    def _tokens_before(self, offset: int) -> Iterator[Span]:
        for i in range(self.block_at(offset), -1, -1):
            found = self.blocks[i].tokens
            yield from reversed(found[: span_at(found, offset) + 1])

    def _sentences_after(self, offset: int) -> Iterator[Span]:
        for i in range(self.block_at(offset), len(self.blocks)):
            yield from self._sentences_in(i)

    def _sentences_before(self, offset: int) -> Iterator[Span]:
        for i in range(self.block_at(offset), -1, -1):
            yield from reversed(self._sentences_in(i))

    def _paragraphs_after(self, offset: int) -> Iterator[Span]:
        at = max(0, span_at(self.paragraphs, offset))
        return (p for p in self.paragraphs[at:] if p.end > p.start)

    def _paragraphs_before(self, offset: int) -> Iterator[Span]:
        at = span_at(self.paragraphs, offset)
        return (p for p in reversed(self.paragraphs[: at + 1]) if p.end > p.start)


def _runs_right_to_left(text: str, paragraph: Span) -> bool:
    """Whether the first strong character is right to left (Unicode bidi algorithm, P2 and P3)."""
    inside = text[paragraph.start : paragraph.end]
    if inside.isascii():
        return False
    for character in inside:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def _pieces(text: str, paragraph: Span) -> Iterator[Span]:
    start, end = paragraph
    while end - start > LONGEST_BLOCK:
        cut = _cut(text, start)
        yield Span(start, cut)
        start = cut
    yield Span(start, end)


def _cut(text: str, start: int) -> int:
    """Where to divide a long paragraph: after a sentence, else a word, else a grapheme."""
    low, high = start + LONGEST_BLOCK // 2, start + LONGEST_BLOCK
    ends = [m.end() for m in _SENTENCE_END.finditer(text, low, high)]
    if ends:
        return ends[-1]
    space = max(text.rfind(" ", low, high), text.rfind("\t", low, high))
    if space >= 0:
        return space + 1
    return high - 128 + graphemes(text[high - 128 : high])[-1].start
