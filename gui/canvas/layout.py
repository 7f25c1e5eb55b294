"""Where the text is: columns, lines and caret places, laid out a block at a time.

Line height is fixed by the type size and leaves room for label tags above and underlines below, so
no annotation ever moves a word. A block that was never on screen has an estimated height, which
becomes exact when it is laid out; `TextLayout.lines` says by how much it was wrong.

Coordinates: x in pixels of the viewport, y in pixels from the top of the article. Offsets are code
points; UTF-16 stays inside this module.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import OrderedDict
from itertools import pairwise
from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTextLayout, QTextLine, QTextOption

from core.article import graphemes
from gui.canvas.metrics import Columns, Metrics
from gui.canvas.text import ArticleText, Block

KEPT_LAYOUTS = 1200  # blocks whose glyphs stay in memory: all of a long article, some 30 MB
TOP_SPACE, BOTTOM_SPACE = 20, 72


class Line(NamedTuple):
    """One line of a laid-out block.

    Attributes:
        start, end: code points of the article; a line's `end` is the next one's `start`.
        first16, last16: the same in UTF-16 from the block's start.
        top: from the block's top.
    """

    start: int
    end: int
    first16: int
    last16: int
    top: float
    text: QTextLine


class Stretch(NamedTuple):
    """A part of a range that is contiguous on one line of a block."""

    line: int
    left: float
    right: float


class Cell(NamedTuple):
    """The place of a grapheme on a line where directions mix."""

    start: int
    end: int
    left: float
    right: float
    rtl: bool

    @property
    def leading(self) -> float:
        return self.right if self.rtl else self.left

    @property
    def trailing(self) -> float:
        return self.left if self.rtl else self.right


class _Heights:
    """Heights of the blocks with sums over any number of them in logarithmic time (Fenwick)."""

    def __init__(self, heights: list[int]) -> None:
        self.heights = heights
        self._sums = [0, *heights]
        for i in range(1, len(self._sums)):
            above = i + (i & -i)
            if above < len(self._sums):
                self._sums[above] += self._sums[i]

    def change(self, i: int, height: int) -> int:
        delta = height - self.heights[i]
        self.heights[i] = height
        i += 1
        while delta and i < len(self._sums):
            self._sums[i] += delta
            i += i & -i
        return delta

    def before(self, i: int) -> int:
        total = 0
        while i:
            total += self._sums[i]
            i -= i & -i
        return total

    def at(self, y: float) -> int:
        """Index of the block at `y`."""
        i, step = 0, 1 << (len(self._sums).bit_length() - 1)
        while step:
            if i + step < len(self._sums) and self._sums[i + step] <= y:
                i += step
                y -= self._sums[i]
            step >>= 1
        return min(i, len(self.heights) - 1)


class TextLayout:
    """An article laid out in a column of a given width."""

    def __init__(self, text: ArticleText, metrics: Metrics, columns: Columns) -> None:
        self.text = text
        self.metrics = metrics
        self.columns = columns
        self._lines: OrderedDict[int, list[Line]] = OrderedDict()
        self._layouts: dict[int, QTextLayout] = {}
        self._mixed: dict[int, dict[int, list[Cell]]] = {}
        self._measured = bytearray(len(text.blocks))
        self._unmeasured = 0
        per_line = max(1.0, columns.text_width / metrics.character)
        self._heights = _Heights([self._estimate(b, per_line) for b in text.blocks])

    # -- down the page

    @property
    def height(self) -> int:
        return self._heights.before(len(self.text.blocks)) + TOP_SPACE + BOTTOM_SPACE

    def top(self, i: int) -> int:
        return self._heights.before(i) + TOP_SPACE

    def block_height(self, i: int) -> int:
        return self._heights.heights[i]

    def block_at_y(self, y: float) -> int:
        return self._heights.at(max(0.0, y - TOP_SPACE))

    def is_measured(self, i: int) -> bool:
        return bool(self._measured[i])

    def next_unmeasured(self) -> int:
        """The first block whose height is still an estimate, -1 if all are exact."""
        self._unmeasured = self._measured.find(0, max(0, self._unmeasured))
        return self._unmeasured

    # -- lines

    def measure(self, i: int) -> int:
        """Make the height of block `i` exact. Returns by how much it changed."""
        if self._measured[i]:
            return 0
        self.lines(i)
        return self._last_delta

    def lines(self, i: int) -> list[Line]:
        """The lines of block `i`, laid out now if they are not; then its height is exact."""
        known = self._lines.get(i)
        if known is not None:
            self._lines.move_to_end(i)
            return known
        lines = self._lay_out(i)
        self._lines[i] = lines
        if len(self._lines) > KEPT_LAYOUTS:
            old, _ = self._lines.popitem(last=False)
            del self._layouts[old]
            self._mixed.pop(old, None)
        self._measured[i] = 1
        self._last_delta = self._heights.change(i, self._exact(self.text.blocks[i], len(lines)))
        return lines

    def line_at(self, i: int, offset: int) -> int:
        """Index of the line of block `i` where the character at `offset` is."""
        lines = self.lines(i)
        return max(0, min(bisect_right(lines, offset, key=_line_start) - 1, len(lines) - 1))

    def lines_between(self, i: int, top: float, bottom: float) -> range:
        """Indices of the lines of block `i` that show between two heights from its top."""
        lines, pitch = self.lines(i), self.metrics.pitch
        first = max(0, int(top // pitch))
        return range(first, min(len(lines), int(bottom // pitch) + 1))

    # -- offsets and places

    def stretches(self, i: int, start: int, end: int) -> list[Stretch]:
        """Where ``[start, end)`` is in block `i`; several a line where directions mix."""
        block = self.text.blocks[i]
        start, end = max(start, block.start), min(end, block.end)
        if start >= end:
            return []
        lines, found = self.lines(i), []
        n = self.line_at(i, start)
        while n < len(lines) and lines[n].start < end:
            line = lines[n]
            a = line.first16 if start <= line.start else self._to16(block, start)
            b = line.last16 if end >= line.end else self._to16(block, end)
            if block.mixed:
                found += [Stretch(n, left, right) for left, right in _runs(line.text, a, b)]
            else:
                right = _x(line.text, b)
                if b == line.last16:  # white space that hangs over the column's edge
                    right = min(right, self.columns.text + line.text.naturalTextWidth())
                found.append(Stretch(n, _x(line.text, a), right))
            n += 1
        return found

    def caret(self, offset: int) -> QRectF:
        """The caret before the character at `offset`, in article coordinates."""
        i = self.text.block_at(offset)
        block, m = self.text.blocks[i], self.metrics
        offset = min(max(offset, block.start), block.end)
        n = self.line_at(i, offset)
        x, y = self._x(i, n, offset) - 0.75, self.top(i) + self.lines(i)[n].top
        if block.blank:
            return QRectF(x, y, 1.5, self.block_height(i))
        return QRectF(x, y + m.ink_top, 1.5, m.ink_bottom - m.ink_top)

    def edge(self, offset: int, trailing: bool) -> tuple[int, int, float]:
        """Block, line and x of the leading edge of the character at `offset` or, `trailing`, of the
        trailing edge of the one before it: where a boundary is, whichever way the text runs."""
        at = max(0, offset - 1) if trailing else offset
        i = self.text.block_at(at)
        n = self.line_at(i, at)
        if self.text.blocks[i].mixed:
            for cell in self._cells(i, n):
                if cell.start <= at < cell.end:
                    return i, n, cell.trailing if trailing else cell.leading
        return i, n, self._x(i, n, offset)

    def offset_at(self, x: float, y: float) -> int:
        """The caret place nearest to a point."""
        i = self.block_at_y(y)
        n = int(max(0.0, y - self.top(i)) // self.metrics.pitch)
        return self._offset_in(i, min(n, len(self.lines(i)) - 1), x)

    def character_at(self, x: float, y: float) -> int | None:
        """The character whose cell holds the point, None beside the text."""
        i = self.block_at_y(y)
        block, lines = self.text.blocks[i], self.lines(i)
        n = int((y - self.top(i)) // self.metrics.pitch)
        if not 0 <= n < len(lines) or block.blank:
            return None
        if block.mixed:
            cells = self._cells(i, n)
            return next((c.start for c in cells if c.left <= x < c.right), None)
        line = lines[n]
        if stops := self._stops(i, n):
            between = pairwise(stops)
            return next((a for (a, left), (_, right) in between if left <= x < right), None)
        found = line.text.xToCursor(x, QTextLine.CursorPosition.CursorOnCharacter)
        if not line.first16 <= found < line.last16:
            return None
        offset = self.text.to_grapheme(block.start + block.map.to_code_points(found))
        for _, left, right in self.stretches(i, offset, self.text.next_stop(offset, "char")):
            if left - 1 <= x <= right + 1:
                return offset
        return None

    def offset_beside(self, offset: int, direction: int, x: float) -> int:
        """The caret place one visual line down (+1) or up (-1), nearest to `x`."""
        i = self.text.block_at(offset)
        n = self.line_at(i, offset) + direction
        while not 0 <= n < len(self.lines(i)):
            i += direction
            if not 0 <= i < len(self.text.blocks):
                return 0 if direction < 0 else len(self.text.text)
            n = 0 if direction > 0 else len(self.lines(i)) - 1
        return self._offset_in(i, n, x)

    def line_span(self, offset: int) -> tuple[int, int]:
        """Start and end of the visual line at `offset`, without white space at its end."""
        i = self.text.block_at(offset)
        line = self.lines(i)[self.line_at(i, offset)]
        end = min(line.end, self.text.blocks[i].end)
        while end > line.start and self.text.text[end - 1].isspace():
            end -= 1
        return line.start, end

    # -- inside

    def _offset_in(self, i: int, n: int, x: float) -> int:
        """The caret place on line `n` of block `i` that is nearest to `x`."""
        block, line = self.text.blocks[i], self.lines(i)[n]
        if block.mixed:
            found = self._offset_among(self._cells(i, n), x, line.start)
            if found >= line.end and n + 1 < len(self.lines(i)):
                found = self.text.previous_stop(found, "char")  # see below
            return found
        if stops := self._stops(i, n):
            offset = min(stops, key=lambda stop: abs(stop[1] - x))[0]
        else:
            found = min(max(line.text.xToCursor(x), line.first16), line.last16)
            offset = block.start + block.map.to_code_points(found)
        if offset == line.end and offset < block.end:
            # the end of a wrapped line is the start of the next one; stay on this one
            offset = self.text.previous_stop(offset, "char")
        return self.text.to_grapheme(offset)

    @staticmethod
    def _offset_among(cells: list[Cell], x: float, otherwise: int) -> int:
        """The start of the cell that is nearest, its end beyond its middle."""
        if not cells:
            return otherwise
        # where directions meet, a caret that is painted here comes first
        for cell in cells:
            if abs(cell.leading - x) < 1:
                return cell.start
        if abs(cells[-1].trailing - x) < 1:
            return cells[-1].end
        nearest = min(cells, key=lambda c: max(c.left - x, x - c.right))
        leading = abs(x - nearest.leading) <= abs(x - nearest.trailing)
        return nearest.start if leading else nearest.end

    def _x(self, i: int, n: int, offset: int) -> float:
        """Where the caret before the character at `offset` is on line `n` of block `i`."""
        block, line = self.text.blocks[i], self.lines(i)[n]
        if block.mixed and (cells := self._cells(i, n)):
            after = [c for c in cells if c.end > offset]
            return min(after).leading if after else max(cells).trailing
        return _x(line.text, self._to16(block, offset))

    def _cells(self, i: int, n: int) -> list[Cell]:
        """The graphemes of a line of mixed directions that take up room, in the text's order."""
        known = self._mixed.setdefault(i, {})
        if n not in known:
            block, line = self.text.blocks[i], self.lines(i)[n]
            part = self.text.text[line.start : line.end]
            cells = []
            for start, end in graphemes(part):
                a, b = line.start + start, line.start + end
                first = self._to16(block, a)
                for run in line.text.glyphRuns(first, self._to16(block, b) - first):
                    box = run.boundingRect()
                    if box.width() > 0:
                        cells.append(Cell(a, b, box.left(), box.right(), run.isRightToLeft()))
                        break
            known[n] = cells
        return known[n]

    def _stops(self, i: int, n: int) -> list[tuple[int, float]]:
        """The caret places of a line with combining marks and where they are, from left to right;
        empty for other lines. Qt's `xToCursor` errs where several marks are on one letter."""
        block, line = self.text.blocks[i], self.lines(i)[n]
        part = "" if block.text.isascii() else self.text.text[line.start : line.end]
        if not any(map(unicodedata.combining, part)):
            return []
        stops = [line.start + start for start, _end in graphemes(part)] + [line.end]
        return [(stop, _x(line.text, self._to16(block, stop))) for stop in stops]

    @staticmethod
    def _to16(block: Block, offset: int) -> int:
        return block.map.to_utf16(offset - block.start)

    def _estimate(self, block: Block, per_line: float) -> int:
        return self._exact(block, 1 + int((block.end - block.start) / per_line))

    def _exact(self, block: Block, lines: int) -> int:
        """The height of a block of some `lines`; white space alone takes less than a line."""
        return self.metrics.blank if block.blank else lines * self.metrics.pitch

    def _lay_out(self, i: int) -> list[Line]:
        block, m = self.text.blocks[i], self.metrics
        layout = QTextLayout(block.shown, m.font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTabStopDistance(m.size * 2.5)
        if block.rtl:
            # a QTextLayout does not right-align by itself
            option.setTextDirection(Qt.LayoutDirection.RightToLeft)
            option.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
        else:
            option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        layout.setTextOption(option)
        layout.setCacheEnabled(True)
        width, left, pitch = self.columns.text_width, self.columns.text, m.pitch
        start, astral = block.start, not block.text.isascii()
        lines: list[Line] = []
        layout.beginLayout()
        line = layout.createLine()
        while line.isValid():
            line.setLineWidth(width)
            top = len(lines) * pitch
            # fallback fonts raise a line's ascent; the baseline stays where it is
            line.setPosition(QPointF(left, top + m.baseline - line.ascent()))
            first = line.textStart()
            last = first + line.textLength()
            a, b = first, last
            if astral:
                a, b = block.map.to_code_points(first), block.map.to_code_points(last)
            lines.append(Line(start + a, start + b, first, last, top, line))
            line = layout.createLine()
        layout.endLayout()
        self._layouts[i] = layout
        return lines


def _line_start(line: Line) -> int:
    return line.start


def _x(line: QTextLine, offset16: int) -> float:
    found: Any = line.cursorToX(offset16)  # typed as object: C++ takes a pointer
    return found[0]


def _runs(line: QTextLine, first16: int, last16: int) -> list[tuple[float, float]]:
    """The cells of some characters of a line, joined where they touch, from left to right.

    From the glyphs: where directions meet, `cursorToX` gives either side of the meeting.
    """
    cells: list[tuple[float, float]] = []
    for run in line.glyphRuns(first16, last16 - first16):
        box = run.boundingRect()
        if box.width() > 0:
            cells.append((box.left(), box.right()))
    cells.sort()
    joined: list[tuple[float, float]] = []
    for left, right in cells:
        if joined and left <= joined[-1][1] + 0.5:
            joined[-1] = (joined[-1][0], max(right, joined[-1][1]))
        else:
            joined.append((left, right))
    return joined
