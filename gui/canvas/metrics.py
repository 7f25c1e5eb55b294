"""What the type size and the width of the view fix: heights in a line, columns, labels."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from gui import theme


class Face:
    """A font for labels, with the widths of what was measured in it: labels are few and repeat."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}
        self.cap_height = self._metrics.capHeight()
        self.ascent = self._metrics.ascent()
        self.height = self._metrics.height()

    def width(self, text: str) -> float:
        found = self._widths.get(text)
        if found is None:
            if len(self._widths) > 5000:
                self._widths.clear()
            found = self._widths[text] = self._metrics.horizontalAdvance(text)
        return found

    def cut(self, text: str, room: float) -> str:
        """`text`, its end replaced by an ellipsis if it is wider than `room`."""
        if self.width(text) <= room:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


class Metrics:
    """What the type size fixes; all in pixels, those of a line from its top.

    A line is, from top to bottom: the channel where arcs run, the row of tags, the text from
    `ink_top` to `ink_bottom`, and the underlines, one row a level of nesting.
    """

    def __init__(self, size: float) -> None:
        self.size = size
        self.font = theme.reading_font(size)
        self.tags = Face(theme.ui_font(max(8.0, size * 0.52), bold=True))
        self.cards = Face(theme.ui_font(max(9.0, size * 0.70)))
        self.hints = Face(theme.ui_font(max(9.0, size * 0.66), bold=True))
        self.channel = round(size * 0.2)
        self.tag_height = round(size * 0.62)
        self.ink_top = self.channel + self.tag_height
        self.baseline = self.ink_top + round(size * 0.88)
        self.ink_bottom = self.baseline + round(size * 0.30)
        self.row = max(3, round(size * 0.23))
        self.pitch = self.ink_bottom + 2 * self.row + 1
        self.blank = round(self.pitch * 0.42)
        self.card_height = round(size * 1.42)
        # so that a card's words are on the baseline of the line that it is beside
        self.card_top = self.baseline - round(self.card_height * 0.68)
        self.card_gap = max(3, round(size * 0.24))
        # a sample of running text: what a character takes on average
        sample = "The talks in the capital were held on Monday, officials said; no date was given."
        self.character = QFontMetricsF(self.font).horizontalAdvance(sample) / len(sample)

    def underline(self, row: int) -> float:
        """Middle of the underline in `row`, 0 next to the text; deep ones share the last, so that
        all of a line is painted within it."""
        return self.ink_bottom + 1.0 + self.row * (0.0, 1.0, 1.66)[min(row, 2)]


@dataclass(frozen=True, slots=True)
class Columns:
    """Left edges and widths: the text, the rail where arcs run down, the margin with its cards."""

    text: float
    text_width: float
    rail: float
    rail_width: float
    margin: float
    margin_width: float

    @staticmethod
    def within(width: float, metrics: Metrics, mirrored: bool) -> Columns:
        """Columns for a viewport of `width`: 60 to 76 characters of text where there is room."""
        size = metrics.size
        rail = round(size * 1.7)
        outer = max(12.0, size)
        room = width - 2 * outer - 2 * rail
        margin = min(size * 15.5, max(room * 0.29, size * 8.0))
        if room < size * 22:  # too narrow for both: the text alone
            margin = 0.0
        text = max(min(room - margin, metrics.character * 76), size * 6)
        margin = min(max(margin, room - text if margin else 0.0), size * 17.5)
        left = outer + rail + max(0.0, (room - text - margin) / 2)
        if not mirrored:
            return Columns(
                round(left),
                float(int(text)),
                round(left) + int(text),
                rail,
                round(left + text + rail),
                margin,
            )
        start = round(left - rail)
        return Columns(start + margin + rail, float(int(text)), start + margin, rail, start, margin)
