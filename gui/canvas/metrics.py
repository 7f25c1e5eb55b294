"""What the type size and the width of the view fix: heights in a line, columns, labels."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from gui import theme

ROWS, DEEP_ROWS = 3, 4  # of underlines

# Characters of running text that the column is wide: a line that is broken at a space holds two or
# three fewer, so that most have 60 to 70. The margin gives way before the text does.
MEASURE = 74
AT_EASE = 50  # characters that a line should have room for where a window is narrow
BUTTON_GAP = 3.0  # between an item and its check and cross


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


def display_name(type: str) -> str:
    """A type's name for the eye: ``met_with`` is "met with"."""
    return type.replace("_", " ")


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
        self.channel = max(2, round(size * 0.12))
        self.tag_height = round(size * 0.6)
        self.ink_top = self.channel + self.tag_height
        # check and cross fit between the text of two lines, so that they never cover any
        self.button = float(self.ink_top)
        self.baseline = self.ink_top + round(size * 0.86)
        self.ink_bottom = self.baseline + round(size * 0.29)
        self.under = max(6, round(size * 0.47))
        self.pitch = self.ink_bottom + self.under
        self.row = max(2, round(size * 0.18))
        self.stroke = max(1, round(size * 0.11))
        self.blank = round(self.pitch * 0.42)
        self.card_height = round(size * 1.42)
        self.card_line = round(size * 0.95)
        # so that a card's words are on the baseline of the line that it is beside
        self.card_top = self.baseline - round(self.card_height * 0.68)
        self.card_gap = max(3, round(size * 0.24))
        # a sample of running text: what a character takes on average
        sample = "The talks in the capital were held on Monday, officials said; no date was given."
        self.character = QFontMetricsF(self.font).horizontalAdvance(sample) / len(sample)

    def underline(self, row: int, deep: bool) -> tuple[float, float]:
        """Top and height of the underline in `row`, 0 next to the text.

        Three of them fit below a line. Where they are `deep` all are thin, and four fit; those
        further out share the last row, so that all of a line is painted within it.
        """
        if not deep:
            return self.ink_bottom + float(self.row * min(row, ROWS - 1)), self.stroke
        step = self.under / DEEP_ROWS
        return self.ink_bottom + step * min(row, DEEP_ROWS - 1), max(1.0, step / 2)


@dataclass(frozen=True, slots=True)
class Columns:
    """Left edges and widths: the text, the rail where arcs run down, the margin with its cards.

    Beyond the cards there is room for a check and a cross, one above the other.
    """

    text: float
    text_width: float
    rail: float
    rail_width: float
    margin: float
    margin_width: float

    @staticmethod
    def within(width: float, metrics: Metrics, mirrored: bool) -> Columns:
        """Columns for a viewport of `width`: `MEASURE` characters of text where there is room."""
        size = metrics.size
        rail, outer, beyond = _edges(metrics)
        room = width - outer - beyond - 2 * rail
        wanted = metrics.character * MEASURE
        margin = max(room - wanted, min(size * 9.0, room * 0.3))
        margin = min(max(margin, size * 8.0), size * 17.5)
        margin = float(int(margin))
        if room < size * 22:  # too narrow for both: the text alone
            margin = 0.0
            room, beyond = room + beyond - outer, outer
        text = max(min(room - margin, wanted), size * 6)
        left = (beyond if mirrored else outer) + rail + max(0.0, (room - text - margin) / 2)
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

    @staticmethod
    def least(metrics: Metrics) -> float:
        """The width of a viewport in which text is read at ease, and relations beside it."""
        rail, outer, beyond = _edges(metrics)
        return outer + beyond + 2 * rail + metrics.character * AT_EASE + metrics.size * 8


def _edges(metrics: Metrics) -> tuple[int, float, float]:
    """The widths of a rail, of the edge beside the text and of that beyond the cards."""
    outer = max(10.0, metrics.size * 0.7)
    return round(metrics.size * 1.55), outer, max(outer, metrics.button + BUTTON_GAP + 1)
