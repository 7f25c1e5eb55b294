"""What another tool's offsets count: code points, UTF-16 units or what a person sees as characters.

The three differ from the first emoji on. A file that does not say what it counts may still show
it: its spans begin and end with words in one of them only.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import regex

from core.article import Utf16Map
from core.errors import FormatError
from core.i18n import _


class Unit(StrEnum):
    """As a person types it."""

    UTF16 = "utf-16"
    POINTS = "code-points"
    GRAPHEMES = "graphemes"

    @property
    def words(self) -> str:
        """For a person, in the plural."""
        return {
            Unit.UTF16: _("UTF-16 units"),
            Unit.POINTS: _("code points"),
            Unit.GRAPHEMES: _("characters as one sees them (grapheme clusters)"),
        }[self]


def named(name: str) -> Unit | None:
    """The unit of this name, None for an empty one. Raises `FormatError`."""
    try:
        return Unit(name) if name else None
    except ValueError as error:
        raise FormatError(
            _("there is no unit of offsets {name}.").format(name=f"“{name}”"),
            _("There is: {names}.").format(names=", ".join(Unit)),
        ) from error


_GRAPHEME = regex.compile(r"\X")


class Places:
    """Offsets in one unit to code points, of one text.

    Attributes:
        unit: which.
        length: of the text, in that unit.
    """

    def __init__(self, text: str, unit: Unit) -> None:
        self.unit = unit
        self._text = text
        self._units = Utf16Map(text)
        self._starts: list[int] = []
        self.length = len(text)
        if unit is Unit.UTF16:
            self.length = self._units.to_utf16(len(text))
        elif unit is Unit.GRAPHEMES:
            self._starts = [found.start() for found in _GRAPHEME.finditer(text)] + [len(text)]
            self.length = len(self._starts) - 1

    def code_point(self, offset: int) -> int | None:
        """The code point at an offset from 0 to `length`; None in the middle of a character."""
        if self.unit is Unit.GRAPHEMES:
            return self._starts[offset]
        if self.unit is Unit.POINTS:
            return offset
        point = self._units.to_code_points(offset)
        return point if self._units.to_utf16(point) == offset else None

    def fits(self, start: int, end: int, bounds: frozenset[int]) -> bool:
        """Whether a span is one of words: it is in the text, and neither begins nor ends with white
        space or within a word.

        Args:
            bounds: where characters as one sees them begin and end, as code points.
        """
        if not 0 <= start < end <= self.length:
            return False
        first, last = self.code_point(start), self.code_point(end)
        if first is None or last is None or not {first, last} <= bounds:
            return False
        inner = self._text[first:last]
        return inner == inner.strip() and not (
            _within(self._text, first) or _within(self._text, last)
        )


def _within(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def better(text: str, unit: Unit, spans: Iterable[tuple[int, int]]) -> Unit | None:
    """The unit in which all `spans` are spans of words, where some are not in `unit`; None if there
    is none, or none is needed."""
    found = list(spans)
    if not found or (text.isascii() and "\r\n" not in text):  # which is one character, as one sees
        return None
    bounds = frozenset({len(text), *(match.start() for match in _GRAPHEME.finditer(text))})
    order = [unit, *(other for other in Unit if other is not unit)]
    fitting = (
        places.unit
        for places in (Places(text, unit) for unit in order)
        if all(places.fits(*span, bounds) for span in found)
    )
    best = next(fitting, unit)
    return None if best is unit else best
