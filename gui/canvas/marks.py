"""What is looked up once and painted many times: a line's marks, and pictures of small shapes.

The same lines are painted again with every step of a scroll. Finding the colours and shapes anew
takes longer than painting them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

if TYPE_CHECKING:
    from gui.canvas.paint import Look
    from gui.canvas.scene import Link, Piece, Tag

STAMPED_BYTES = 16 * 2**20  # of pictures that are kept, where a pixel is one of the screen's


class Stroke(NamedTuple):
    """An underline: filled; dashed with a pen; or the part of a picture of such dashes."""

    rect: QRectF
    color: QColor
    pen: QPen | None = None
    picture: QPixmap | None = None
    part: QRectF = QRectF()


@dataclass(slots=True)
class Marks:
    """What is drawn with one line of a block, in block coordinates."""

    pieces: list[Piece] = field(default_factory=list)
    fills: list[tuple[QBrush, QRectF]] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    tags: list[tuple[Tag, QPixmap | None]] = field(default_factory=list)


class Kept(NamedTuple):
    """A block's marks by line, as one look painted them at one scale."""

    look: Look
    scale: float
    lines: dict[int, Marks]


class Stamps:
    """Pictures of small antialiased shapes that come again: painted anew, they take longer than all
    else on the page.

    Attributes:
        scale: pixels of a picture per pixel of the page; 0 where pictures would blur.
    """

    def __init__(self, most: int = STAMPED_BYTES) -> None:
        """Keep `most` bytes of them, where a pixel is one of the screen's."""
        self.scale = 1.0
        self._most = most
        self._pictures: dict[tuple[object, ...], QPixmap] = {}
        self._bytes = 0

    def begin(self, scale: float) -> None:
        """Paint on a device with so many of its pixels per pixel of the page from now on."""
        scale = scale if scale == int(scale) else 0.0
        if scale != self.scale:
            self.scale, self._bytes = scale, 0
            self._pictures.clear()

    def is_sharp(self, at: QPointF) -> bool:
        """Whether a picture painted there would not be blurred."""
        return self.scale > 0 and at.x() == int(at.x()) and at.y() == int(at.y())

    def picture(
        self,
        size: QSizeF,
        key: tuple[object, ...],
        draw: Callable[[QPainter], None],
        ground: QColor | Qt.GlobalColor = Qt.GlobalColor.transparent,
    ) -> QPixmap:
        """What `draw` paints at the origin on the `ground`, kept under `key`."""
        picture = self._pictures.get(key)
        if picture is None:
            self._bytes += int(size.width() * size.height() * 4 * self.scale**2)
            if self._bytes > self._most * max(1.0, self.scale**2):
                self._pictures.clear()
                self._bytes = 0
            picture = self._pictures[key] = QPixmap((size * self.scale).toSize())
            picture.setDevicePixelRatio(self.scale)
            picture.fill(ground)
            with QPainter(picture) as q:
                q.setRenderHint(QPainter.RenderHint.Antialiasing)
                draw(q)
        return picture
