"""Tags of tokens (IOB, IOB2, BILOU, IOBES) to spans and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.annotation import Mention
from core.article import Span

_TAG = re.compile(r"O|[BIESLUM]-.+")
_BEGINS, _ENDS = frozenset("BUS"), frozenset("LEUS")
SCHEMES = ("IOB2", "BILOU")


def is_tag(text: str) -> bool:
    """Whether this is a tag of one of the schemes."""
    return _TAG.fullmatch(text) is not None


@dataclass(slots=True)
class Decoder:
    """Collects the spans of one document; the tokens come one by one.

    A token may have several tags: those of nested spans, told apart by their types. As in
    ``conlleval``, a tag that continues nothing begins a span.

    Attributes:
        spans: (first token, last token, type) of those that are closed.
        repaired: how many tags continued nothing in a scheme where that is no beginning.
    """

    spans: list[tuple[int, int, str]] = field(default_factory=list)
    repaired: int = 0
    _open: list[tuple[int, str]] = field(default_factory=list)
    _last: int = -1

    def add(self, tags: Iterable[str]) -> None:
        """The tags of the next token."""
        self._last += 1
        left = self._open
        going: list[tuple[int, str]] = []
        for tag in tags:
            if tag == "O":
                continue
            prefix, _dash, type = tag.partition("-")
            start = self._last
            if prefix not in _BEGINS:
                found = next((span for span in left if span[1] == type), None)
                if found is None:
                    self.repaired += 1
                else:
                    left = [span for span in left if span is not found]
                    start = found[0]
            if prefix in _ENDS:
                self.spans.append((start, self._last, type))
            else:
                going.append((start, type))
        self._close(left, self._last - 1)
        self._open = going

    def end_sentence(self) -> None:
        """No span goes on beyond this."""
        self._close(self._open, self._last)
        self._open = []

    def _close(self, spans: Iterable[tuple[int, str]], last: int) -> None:
        self.spans += [(start, last, type) for start, type in spans]


def encoded(tokens: Sequence[Span], mentions: Iterable[Mention], scheme: str) -> list[str]:
    """The tag of each token. The mentions must not overlap, and must begin and end with tokens.

    Args:
        scheme: one of `SCHEMES`.
    """
    tags = ["O"] * len(tokens)
    begin = {t.start: n for n, t in enumerate(tokens)}
    end = {t.end: n for n, t in enumerate(tokens)}
    for m in mentions:
        first, last = begin[m.start], end[m.end]
        for n in range(first, last + 1):
            tags[n] = f"I-{m.type}"
        tags[first] = f"B-{m.type}"
        if scheme == "BILOU":
            tags[last] = f"L-{m.type}" if last > first else f"U-{m.type}"
    return tags
