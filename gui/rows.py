"""Rows of a list: words on the left, something short on the right, as in a menu."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.plain import from_left

SIDE = Qt.ItemDataRole.UserRole + 1  # the text on the right
PARTS = Qt.ItemDataRole.UserRole + 9  # of the words, if any: (head, between, tail)
_ICON = 12
_MARGIN = 8
_GAP = 18  # between the words and what is on the right


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


class SideDelegate(QStyledItemDelegate):
    """Paints a row with its `SIDE` text; the words give way where both have no room."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics = option.fontMetrics
        icon = _ICON + 8 if isinstance(index.data(Qt.ItemDataRole.DecorationRole), QIcon) else 0
        width = metrics.horizontalAdvance(index.data() or "") + icon + 2 * _MARGIN
        side = index.data(SIDE)
        if side:
            width += metrics.horizontalAdvance(side) + _GAP
        return QSize(width, metrics.height() + 6)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        metrics, area = option.fontMetrics, option.rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        icon, side = index.data(Qt.ItemDataRole.DecorationRole), index.data(SIDE) or ""
        painter.save()
        if isinstance(icon, QIcon):
            at = area.left(), area.center().y() - _ICON // 2 + 1
            icon.paint(painter, *at, _ICON, _ICON)
            area.adjust(_ICON + 8, 0, 0, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        if not option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        else:
            painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | middle, side)
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        room = metrics.horizontalAdvance(side) + _GAP if side else 0
        left = area.adjusted(0, 0, -room, 0)
        parts = index.data(PARTS)
        if parts:
            words = fitted(parts, left.width(), metrics)
        else:
            words = metrics.elidedText(
                index.data() or "", Qt.TextElideMode.ElideRight, left.width()
            )
        painter.drawText(left, Qt.AlignmentFlag.AlignLeft | middle, words)
        painter.restore()
