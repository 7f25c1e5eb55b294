"""`PageView`: scrolls a page, keeps its layout right and prepares what is not in view yet.

What a person does with the page is `gui.canvas.widget`'s.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from gui import theme as themes
from gui.canvas.metrics import Columns, Metrics
from gui.canvas.page import Page
from gui.canvas.paint import Look
from gui.canvas.strip import WIDTH as STRIP_WIDTH
from gui.canvas.strip import Strip

if TYPE_CHECKING:
    from core.scheme import Scheme

SIZES = (11, 12, 13, 14, 15, 16, 17, 18, 20, 22, 24, 28, 32, 38, 46)
DEFAULT_SIZE = 17
# What is out of view is prepared for so long at a time while nothing else is to do, and when the
# reader has not scrolled for so many milliseconds
IDLE_SECONDS, IDLE_PAUSE = 0.003, 120


class PageView(QAbstractScrollArea):
    """A page that can be scrolled, resized and zoomed; the text never jumps under the eye."""

    size_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        themes.load_fonts()
        self._page: Page | None = None
        self._scheme: Scheme | None = None
        self._theme = themes.LIGHT
        self._size = DEFAULT_SIZE
        self._look: Look | None = None
        self._settling = False
        self._idle = QTimer(self, interval=0)
        self._idle.timeout.connect(self._prepare_some)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMinimumWidth(280)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._strip = Strip(self)
        self.setViewportMargins(0, 0, STRIP_WIDTH, 0)

    # -- looks

    @property
    def look(self) -> Look:
        if self._look is None:
            metrics = self._page.metrics if self._page else Metrics(self._size)
            self._look = Look(self._theme, self._scheme, metrics)
        return self._look

    @property
    def type_size(self) -> int:
        """Pixels of the reading type."""
        return self._size

    def least_width(self) -> int:
        """Pixels from which on the text is not squeezed."""
        around = self.width() - self.viewport().width()
        return round(Columns.least(self.look.metrics)) + around

    def zoom(self, steps: int) -> None:
        """Larger (+) or smaller (-) type; 0 is the size it came with."""
        at = SIZES.index(self._size) + steps if steps else SIZES.index(DEFAULT_SIZE)
        self.set_type_size(SIZES[min(max(at, 0), len(SIZES) - 1)])

    def set_type_size(self, pixels: int) -> None:
        """Type of about this many pixels; the line at the top of the window stays there."""
        size = min(SIZES, key=lambda s: abs(s - pixels))
        if size != self._size:
            self._size = size
            self._lay_out_again()
            self.size_changed.emit(size)

    def set_theme(self, theme: themes.Theme) -> None:
        self._theme = theme
        self._look = None
        self.viewport().update()
        self._strip.update()

    # -- scrolling

    def reveal(self, id: str) -> None:
        """Scroll so that an item can be seen, as little as needed, far jumps to a third down."""
        if self._page and (place := self._page.place(id)) is not None:
            self._reveal(place)

    def reveal_offset(self, offset: int) -> None:
        """Scroll so that the line at `offset` can be seen."""
        if self._page:
            self._reveal(self._page.line_rect(offset))

    def _reveal(self, rect: QRectF) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        self._update_range()
        near = min(rect.height() * 1.2, height / 4)
        top, bottom = bar.value(), bar.value() + height
        if rect.top() - near >= top and rect.bottom() + near <= bottom:
            return
        if bottom < rect.top() - height or rect.bottom() + height < top:
            bar.setValue(round(rect.top() - height / 3))
        elif rect.top() - near < top:
            bar.setValue(round(rect.top() - near))
        else:
            bar.setValue(round(rect.bottom() + near - height))

    def scroll_pages(self, pages: float) -> None:
        """Scroll by a part of the window's height."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + round(pages * self.viewport().height()))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if self._settling:
            return
        if self._idle.isActive():
            self._idle.start(IDLE_PAUSE)
        if self._settle(upwards=dy > 0) or self._page is None or self._floats():
            self.viewport().update()
        else:
            self.viewport().scroll(0, dy)

    def _floats(self) -> bool:
        """Whether something is painted that does not move with the text."""
        return False

    def _settle(self, upwards: bool = False) -> bool:
        """Make the heights of what is visible exact, keeping what is read in its place.

        What is read is at the top; after scrolling `upwards`, what was on screen is at the bottom.
        True if that moved anything.
        """
        if not self._page:
            self._update_range()
            return False
        layout, bar = self._page.layout, self.verticalScrollBar()
        height, moved = self.viewport().height(), False
        for _attempt in range(6):  # what becomes exact may bring more into view
            y = bar.value()
            seen = range(layout.block_at_y(y), layout.block_at_y(y + height) + 1)
            new = [i for i in seen if not layout.is_measured(i)]
            if not new:
                break
            # what was on screen before stays where it is; what comes in at the other end may have
            # been measured, too, beyond blocks that were not
            kept = (i for i in (reversed(seen) if upwards else seen) if layout.is_measured(i))
            anchor = next(kept, seen[0])
            away = layout.top(anchor) - y
            for i in new:
                layout.measure(i)
            self._update_range()
            if layout.top(anchor) - away != y:
                self._set_value(layout.top(anchor) - away)
            moved = True
        self._update_range()
        return moved

    def unfold(self, block: int) -> None:
        """Show all cards beside a block, over what is below; -1 folds them again."""
        if self._page:
            self._page.unfold(block)
            self._update_range()
            self.viewport().update()

    def _set_value(self, value: int) -> None:
        self._settling = True
        self.verticalScrollBar().setValue(value)
        self._settling = False

    def _update_range(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        top = max(0, self._page.height - height) if self._page else 0
        bar.setPageStep(height)
        bar.setSingleStep(self._page.metrics.pitch if self._page else 20)
        if bar.maximum() != top:
            self._settling = True
            bar.setRange(0, top)
            self._settling = False

    def _prepare_some(self) -> None:
        """Make more heights exact while nothing else is to do, so that the scroll bar is right, and
        then the shapes of what was not seen yet, so that going there is fast."""
        page, bar = self._page, self.verticalScrollBar()
        if bar.isSliderDown():
            return
        self._idle.setInterval(0)
        until = time.perf_counter() + IDLE_SECONDS
        while time.perf_counter() < until:
            i = page.layout.next_unmeasured() if page else -1
            if page is None or (i < 0 and not page.prepare()):
                self._idle.stop()
                self._strip.update()
                break
            if i >= 0:
                above = page.layout.top(i) < bar.value()
                delta = page.layout.measure(i)
                if above and delta:
                    self._update_range()
                    self._set_value(bar.value() + delta)
        self._update_range()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        view = self.viewport().geometry()
        self._strip.setGeometry(view.right() + 1, view.top(), STRIP_WIDTH, view.height())
        if self._page and not self._page.fits(self.viewport().width()):
            self._lay_out_again()
        else:
            self._settle()

    def _lay_out_again(self) -> None:
        page, bar = self._page, self.verticalScrollBar()
        self._look = None
        if page is None:
            return
        at_top = bar.value() == 0
        offset = page.layout.offset_at(page.columns.text, bar.value() + page.metrics.pitch / 2)
        page.resize(self._size, self.viewport().width())
        self._update_range()
        if not at_top:
            self._set_value(round(page.line_rect(offset).top()))
        self._settle()
        self._idle.start()
        self.viewport().update()
        self._strip.update()

    # -- coordinates

    def to_page(self, at: QPointF) -> QPointF:
        """A point of the viewport in article coordinates."""
        return at + QPointF(0, self.verticalScrollBar().value())

    @property
    def view(self) -> tuple[float, float]:
        """Top and bottom of what is on screen, in article coordinates."""
        top = self.verticalScrollBar().value()
        return top, top + self.viewport().height()

    def _update(self, rect: QRectF) -> None:
        self.viewport().update(
            rect.translated(0, -self.verticalScrollBar().value()).toAlignedRect()
        )
