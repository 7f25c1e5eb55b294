"""Rows of a list: words on the left, something short on the right, as in a menu."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.canvas.marks import Stamps
from gui.plain import from_left

SIDE = Qt.ItemDataRole.UserRole + 1  # the text on the right
LINE = Qt.ItemDataRole.UserRole + 9  # all of a row at once, as a `Line`
_ICON = 12
_MARGIN = 8
_GAP = 18  # between the words and what is on the right
_PICTURED = 2 * 2**20  # bytes of pictures of rows


class Line(NamedTuple):
    """What a row shows; `parts` of the words, if any: (head, between, tail)."""

    words: str
    side: str = ""
    parts: tuple[str, str, str] | None = None
    icon: QIcon | None = None


def fitted(parts: tuple[str, str, str], width: int, metrics: QFontMetrics) -> str:
    """Head, relation and tail in `width` pixels. The relation is what one looks for: the ends give
    way, the longer one first."""
    head, between, tail = parts
    room = max(0, width - metrics.horizontalAdvance(between))
    needs = metrics.horizontalAdvance(head), metrics.horizontalAdvance(tail)
    if sum(needs) <= room:
        return from_left(*parts)
    first = min(needs[0], max(room // 2, room - needs[1]))
    second = room - first
    right = Qt.TextElideMode.ElideRight
    cut = metrics.elidedText(head, right, first), metrics.elidedText(tail, right, second)
    return from_left(cut[0], between, cut[1])


def _line(index: QModelIndex | QPersistentModelIndex) -> Line:
    line = index.data(LINE)
    if isinstance(line, Line):
        return line
    icon = index.data(Qt.ItemDataRole.DecorationRole)
    side = index.data(SIDE) or ""
    return Line(index.data() or "", side, icon=icon if isinstance(icon, QIcon) else None)


class SideDelegate(QStyledItemDelegate):
    """Paints a row with its `SIDE` text; the words give way where both have no room."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        # A list is painted whole when a row goes: all but one are the same, a row further up.
        self._pictures = Stamps(_PICTURED)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics, line = option.fontMetrics, _line(index)
        icon = _ICON + 8 if line.icon is not None else 0
        width = metrics.horizontalAdvance(line.words) + icon + 2 * _MARGIN
        if line.side:
            width += metrics.horizontalAdvance(line.side) + _GAP
        return QSize(width, metrics.height() + 6)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        line, at, pictures = _line(index), option.rect.topLeft(), self._pictures
        pictures.begin(painter.device().devicePixelRatioF())
        if line.icon is not None or not pictures.is_sharp(QPointF(at)):
            _draw(painter, option, line)
            return
        size, palette = option.rect.size(), option.palette
        key = (line, size.toTuple(), option.state.value, palette.cacheKey(), option.font.key())
        painter.drawPixmap(
            at,
            pictures.picture(
                QSizeF(size),
                key,
                lambda q: _draw(q, _at_origin(option), line),
                palette.color(QPalette.ColorRole.Base),
            ),
        )


def _at_origin(option: QStyleOptionViewItem) -> QStyleOptionViewItem:
    moved = QStyleOptionViewItem(option)
    moved.rect.moveTo(0, 0)
    return moved


def _draw(painter: QPainter, option: QStyleOptionViewItem, line: Line) -> None:
    option.widget.style().drawPrimitive(
        QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
    )
    metrics, area = option.fontMetrics, option.rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
    painter.save()
    painter.setFont(option.font)
    if line.icon is not None:
        line.icon.paint(painter, area.left(), area.center().y() - _ICON // 2 + 1, _ICON, _ICON)
        area.adjust(_ICON + 8, 0, 0, 0)
    middle = Qt.AlignmentFlag.AlignVCenter
    if not option.state & QStyle.StateFlag.State_Selected:
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
    else:
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
    painter.drawText(area, Qt.AlignmentFlag.AlignRight | middle, line.side)
    painter.setPen(option.palette.color(QPalette.ColorRole.Text))
    room = metrics.horizontalAdvance(line.side) + _GAP if line.side else 0
    left = area.adjusted(0, 0, -room, 0)
    if line.parts:
        words = fitted(line.parts, left.width(), metrics)
    else:
        words = metrics.elidedText(line.words, Qt.TextElideMode.ElideRight, left.width())
    painter.drawText(left, Qt.AlignmentFlag.AlignLeft | middle, words)
    painter.restore()
