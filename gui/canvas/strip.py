"""The strip beside the scroll bar: where in the whole article suggestions are still open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.i18n import _
from gui.theme import qcolor

if TYPE_CHECKING:
    from gui.canvas.widget import Canvas

WIDTH = 10
_STEP = 3  # pixels of the strip a tick


class Strip(QWidget):
    """A tick for every part of the article with open suggestions, a fainter one where all is gold.

    A click goes there.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setToolTip(_("Where suggestions are still open. Click to go there."))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as p:
            self._paint(p, event.rect())

    def _paint(self, p: QPainter, rect: QRect) -> None:
        canvas, page = self._canvas, self._canvas._page
        theme = canvas.look.theme
        p.fillRect(rect, qcolor(theme.page))
        if page is None or not page.text.text:
            return
        whole, height = page.layout.height, self.height()
        before = 0
        for y in range(0, height, _STEP):
            after = page.offset_near((y + _STEP) * whole / height)
            if after <= before:
                continue
            tick = QRectF(2, y, WIDTH - 4, _STEP - 1)
            if page.index.count_open(before, after):
                p.fillRect(tick, qcolor(theme.accent))
            elif page.index.between(before, after):
                p.fillRect(tick, qcolor(theme.edge))
            before = after

    def mousePressEvent(self, event: QMouseEvent) -> None:
        page, bar = self._canvas._page, self._canvas.verticalScrollBar()
        if page is not None:
            y = event.position().y() / max(1, self.height()) * page.layout.height
            bar.setValue(round(y - self._canvas.viewport().height() / 3))

    mouseMoveEvent = mousePressEvent  # dragging along scrolls along

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
