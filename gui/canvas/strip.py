"""The strip beside the scroll bar: where in the whole article suggestions are still open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.i18n import _
from gui.theme import qcolor

if TYPE_CHECKING:
    from gui.canvas.page import Page
    from gui.canvas.view import PageView

WIDTH = 12
_STEP = 3  # pixels of the strip a tick
_GOLD, _ONE, _WIDEST = 2, 4, WIDTH - 2  # how wide ticks are
_MANY = 4  # suggestions; fewer than these are no crowd wherever they are


def width_of(n: int, most: int) -> int:
    """Pixels of a tick for `n` suggestions, where the widest stands for `most`."""
    return _ONE + round((_WIDEST - _ONE) * (n - 1) / (max(most, _MANY) - 1))


class Strip(QWidget):
    """A tick for every part of the article with open suggestions, the wider the more there are, and
    a thin one where all is gold.

    A click goes there.
    """

    def __init__(self, canvas: PageView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._key = (0, 0, 0)
        self._known: list[int] = []
        self._most = 0
        self.setToolTip(_("Where suggestions are still open, and how many. Click to go there."))
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
        offsets = self._offsets(page)
        counts = page.index.open_between(offsets)
        most = max(counts, default=0)
        if most != self._most:  # all the others are as wide as they are beside it
            self._most = most
            self.update()
        first = max(0, rect.top() // _STEP)
        for n in range(first, min(len(counts), rect.bottom() // _STEP + 1)):
            if counts[n]:
                wide, color = width_of(counts[n], most), theme.accent
            elif page.index.count(offsets[n], offsets[n + 1]):
                wide, color = _GOLD, theme.muted
            else:
                continue
            p.fillRect(QRectF(WIDTH - 1 - wide, n * _STEP, wide, _STEP - 1), qcolor(color))

    def _offsets(self, page: Page) -> list[int]:
        """The first character of every tick, and the end of the last one."""
        height, whole = max(1, self.height()), page.layout.height
        key = (id(page), height, whole)
        if key != self._key:
            self._key = key
            steps = range(0, height + _STEP, _STEP)
            self._known = [page.offset_near(y * whole / height) for y in steps]
        return self._known

    def refresh(self, top: float, bottom: float) -> None:
        """Paint anew what shows the article between two heights."""
        page = self._canvas._page
        if page is not None:
            part = self.height() / max(1, page.layout.height)
            self.update(0, int(top * part) - _STEP, WIDTH, int((bottom - top) * part) + 3 * _STEP)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        page, bar = self._canvas._page, self._canvas.verticalScrollBar()
        if page is not None:
            y = event.position().y() / max(1, self.height()) * page.layout.height
            bar.setValue(round(y - self._canvas.viewport().height() / 3))

    mouseMoveEvent = mousePressEvent  # dragging along scrolls along

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
