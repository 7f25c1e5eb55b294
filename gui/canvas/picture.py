"""The whole picture: the page, what is selected, focused and dragged, in the order of painting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from gui.theme import qcolor

if TYPE_CHECKING:
    from gui.canvas.widget import Canvas


def paint(canvas: Canvas, p: QPainter, rect: QRect, view: tuple[float, float], live: bool) -> None:
    """Paint the part `rect` of a view of the article.

    Args:
        view: its top and bottom, in article coordinates.
        live: with caret, hints and what is being dragged; without for a picture to keep.
    """
    look, page = canvas.look, canvas._page
    scroll = int(view[0])
    p.fillRect(rect, qcolor(look.theme.page))
    if page is None:
        return
    look.begin(p)
    top, bottom = rect.top() + scroll, rect.bottom() + 1 + scroll
    selected = canvas.selection
    # a target's letters take the place of its label
    hinted = canvas.hints.remaining() if live and canvas.hints else {}
    related = set(page.index.relations_of(page.focused))
    first = page.layout.block_at_y(top)
    while first > 0 and page.text.blocks[first].blank:  # its cards may hang down to here
        first -= 1
    for i in page.blocks_between(page.layout.top(first), bottom):
        block_top = page.layout.top(i)
        p.translate(0, block_top - scroll)
        scene = page.scene(i)
        lines = page.layout.lines_between(i, top - block_top, bottom - block_top)
        marks = look.marks(scene)
        shown = [marks[n] for n in lines if n in marks]
        for line in shown:
            look.fills(p, line)
        for fragment in selected:
            for stretch in page.layout.stretches(i, *fragment):
                look.selection(p, stretch)
        look.text(p, page.layout, i, lines)
        for line in shown:
            look.underlines(p, line)
            look.tags(p, line, hinted)
        look.cards(p, scene.cards, page.focused, related)
        p.translate(0, scroll - block_top)
    p.translate(0, -scroll)
    if page.unfolded >= 0:
        p.translate(0, page.layout.top(page.unfolded))
        look.stack(p, page.stack(), page.focused, related)
        p.translate(0, -page.layout.top(page.unfolded))
    for area in page.partners(*view):
        look.partner(p, area)
    for arc in page.arcs(*view):
        look.arc(p, arc)
    for arc in page.arcs(*view):  # no way runs over a name
        look.arc_label(p, arc)
    for overlay in page.overlays():
        look.overlay(p, overlay)
    if live:
        if canvas.caret_visible and not page.starts(page.focused, canvas.caret):
            look.caret(p, page.layout.caret(canvas.caret))
        head, tail = (page.anchor(id) if id else None for id in canvas.preview)
        if head is not None and tail is not None:
            look.pull(p, head, tail)
        canvas._mouse.paint(p, look)
        seen = [
            (place.translated(0, scroll), letters)
            for id, letters in hinted.items()
            if (place := canvas.hint_place(id)) is not None
        ]
        for place, (_target, letters) in zip(look.hint_rects(seen), seen, strict=True):
            look.hint(p, place, letters)
    p.translate(0, scroll)


def take(canvas: Canvas, whole: bool, scale: float) -> QImage:
    """The viewport, or the whole article at its width, as an image."""
    size = canvas.viewport().size()
    scroll = canvas.verticalScrollBar().value()
    if whole and canvas._page is not None:
        scroll = 0
        for _i in canvas._page.blocks_between(0, float("inf")):
            pass
        size.setHeight(canvas._page.layout.height)
    image = QImage(size * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    view = (scroll, scroll + size.height())
    with QPainter(image) as p:
        paint(canvas, p, QRect(0, 0, size.width(), size.height()), view, False)
    return image
