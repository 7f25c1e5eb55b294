"""What a click finds is what lies uppermost there: mentions, labels, cards, buttons, handles, names
of what is out of view; on random documents, whatever is focused, hovered, unfolded or scrolled to.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from core.annotation import Document
from gui.canvas import Canvas, hit, picture
from gui.canvas.arcs import Arc, Pointer
from gui.canvas.cards import Card
from gui.canvas.marks import Marks
from gui.canvas.overlay import Button, Handle, Overlay
from gui.canvas.paint import Look
from gui.canvas.scene import Tag, ink_rect, link_rect, underline_rect
from tests.gui.conftest import NEWS, Draft, ShowCanvas
from tests.gui.test_canvas_scene import documents

TEXT = (
    "Ali Mamluk held talks in Egypt on Monday with Khaled Fawzy, SANA said.\n"
    "قال رئيس الوزراء (Blinken) مصطفى مدبولي إن الحكومة\n\nהנשיא — the end of it all.\n\nMore."
)


class Stencil(Look):
    """Draws every shape as a flat area in a colour of its own, in the painter's order.

    Attributes:
        colors: what was drawn, as (what, id), by its place; the first is what no shape is on.
    """

    def __init__(self, look: Look) -> None:
        super().__init__(look.theme, None, look.metrics)
        self.colors: list[tuple[str, str]] = [("", "")]

    def area(self, p: QPainter, what: str, id: str, rect: QRectF) -> None:
        if (what, id) not in self.colors:
            self.colors.append((what, id))
        p.fillRect(rect, QColor.fromRgb(0xFF000000 | self.colors.index((what, id))))

    def begin(self, p: QPainter) -> None:
        p.fillRect(p.viewport(), QColor(0, 0, 0))

    def text(self, *_: Any) -> None: ...

    def selection(self, *_: Any) -> None: ...

    def arc(self, *_: Any) -> None: ...

    def partner(self, *_: Any) -> None: ...

    def ring(self, *_: Any) -> None: ...

    def stack_ground(self, p: QPainter, rect: QRectF) -> None:
        self.area(p, "nothing", "", rect)

    def fills(self, p: QPainter, marks: Marks) -> None:
        for piece in marks.pieces:
            self.area(p, "mention", piece.id, ink_rect(piece, self.metrics))

    def underlines(self, p: QPainter, marks: Marks) -> None:
        for piece in marks.pieces:
            self.area(p, "mention", piece.id, underline_rect(piece, self.metrics))
        for link in marks.links:
            self.area(p, "mention", link.id, link_rect(link, self.metrics))

    def tags(self, p: QPainter, marks: Marks, hidden: Container[str] = ()) -> None:
        for tag, _picture in marks.tags:
            self.tag(p, tag)

    def tag(self, p: QPainter, tag: Tag) -> None:
        self.area(p, "tag", tag.id, tag.rect)

    full_tag = tag

    def card(self, p: QPainter, card: Card, hot: bool, warm: bool) -> None:
        self.area(p, "card" if card.id else "more", card.id, card.rect)

    def arc_label(self, p: QPainter, arc: Arc) -> None:
        for pointer in arc.pointers:
            self.pointer(p, pointer)

    def pointer(self, p: QPainter, pointer: Pointer) -> None:
        self.area(p, "pointer", pointer.id, pointer.rect)

    def handle(self, p: QPainter, handle: Handle) -> None:
        self.area(p, "handle", handle.id, handle.grip())

    def button(self, p: QPainter, button: Button) -> None:
        self.area(p, button.does, button.id, button.rect)


@pytest.fixture(scope="module")
def shared(qapp: object) -> Canvas:
    """A canvas for many examples."""
    canvas = Canvas()
    canvas.resize(620, 300)
    canvas.show()
    return canvas


@given(documents(TEXT, relations=8), st.data())
@settings(max_examples=60)
def test_a_click_finds_what_lies_uppermost(
    shared: Canvas, document: Document, data: st.DataObject
) -> None:
    canvas = shared
    canvas.set_document(document, NEWS)
    page, order = canvas._page, ["", *canvas.reading_order()]
    canvas.relation_mode = data.draw(st.sampled_from(["focused", "all"]))
    focused = data.draw(st.integers(0, len(order) - 1))
    canvas.set_focused(order[focused], reveal=False)
    page.hover(order[(focused + data.draw(st.sampled_from([-1, 0, 1]))) % len(order)])
    beside = [i for i in range(len(page.text.blocks)) if page.index.relations_beside(i)]
    canvas.unfold(data.draw(st.sampled_from([-1, *beside])))
    canvas.verticalScrollBar().setValue(data.draw(st.sampled_from([0, 30, 90, 400])))
    canvas._look = stencil = Stencil(canvas.look)
    try:
        image = QImage(canvas.viewport().size(), QImage.Format.Format_RGB32)
        with QPainter(image) as p:
            picture.paint(canvas, p, canvas.viewport().rect(), canvas.view, False)
    finally:
        canvas._look = None
    width = image.width()
    drawn = np.frombuffer(bytes(image.constBits()), np.uint32).reshape(image.height(), width)
    drawn = drawn & 0xFFFFFF
    thin = [k for k, (what, _) in enumerate(stencil.colors) if what == "mention"]
    for y, x in inner(drawn, thin, data.draw(st.integers(0, 6))):
        what, id = stencil.colors[drawn[y, x]]
        found = hit.find(page, x + 0.5, y + 0.5 + canvas.view[0], canvas.view)
        if what:
            assert (found.what, found.id) == (what, id), (x, y)
        elif found.what not in ("text", "nothing"):
            # nothing is drawn here: only a hair above or below an underline, which is thin
            assert found.what == "mention", (x, y, found)
            near = {stencil.colors[k] for k in drawn[max(0, y - 2) : y + 3, x]}
            assert ("mention", found.id) in near, (x, y, found)


def inner(drawn: np.ndarray, thin: list[int], start: int) -> Iterable[tuple[int, int]]:
    """Some pixels of every area that are not at its edge; at its sides only where it is `thin`."""
    same = [np.roll(drawn, shift, axis) == drawn for axis in (0, 1) for shift in (1, -1)]
    within = same[2] & same[3] & (same[0] & same[1] | np.isin(drawn, thin))
    for color in np.unique(drawn):
        places = np.argwhere(within & (drawn == color))
        yield from ((int(y), int(x)) for y, x in places[start :: len(places) // 40 + 1])


def touched(look: Look, draw: Any) -> QRectF:
    """The bounds of the pixels that `draw` changes."""
    image = QImage(700, 500, QImage.Format.Format_RGB32)
    image.fill(QColor("#777"))
    with QPainter(image) as p:
        look.begin(p)
        draw(p)
    pixels = np.frombuffer(bytes(image.constBits()), np.uint32).reshape(500, 700)
    rows, columns = np.nonzero(pixels != pixels[499, 699])
    left, top = float(columns.min()), float(rows.min())
    return QRectF(left, top, columns.max() + 1 - left, rows.max() + 1 - top)


def test_what_is_drawn_fills_the_area_that_a_click_finds(show: ShowCanvas) -> None:
    """The other half: the stencil's areas are those of the real drawing, to a pixel."""
    draft = Draft("Ali Mamluk met Khaled Fawzy in Cairo.\n\n" + "And so on.\n\n" * 30 + "Damascus")
    mamluk, fawzy = draft.gold("Ali Mamluk"), draft.suggested("Khaled Fawzy")
    relation = draft.relation_suggested("met_with", mamluk, fawzy)
    draft.related("visited", mamluk, draft.gold("Damascus", "GPE"))
    canvas = show(draft, 720, 420)
    page, look = canvas._page, canvas.look
    overlays: list[Overlay] = []
    for id in (mamluk, fawzy, relation):
        canvas.set_focused(id)
        overlays += page.overlays()
    canvas.set_focused(mamluk)
    shapes: list[tuple[Any, Any, QRectF]] = []
    for overlay in overlays:
        shapes += [(look.button, b, b.rect) for b in overlay.buttons]
        shapes += [(look.full_tag, overlay.tag, overlay.tag.rect)] if overlay.tag else []
        for handle in overlay.handles:
            r, c = handle.radius, handle.center
            shapes.append((look.handle, handle, QRectF(c - QPointF(r, r), c + QPointF(r, r))))
            assert handle.grip().contains(shapes[-1][2])
    for arc in page.arcs(*canvas.view):
        shapes += [(look.pointer, q, q.rect) for q in arc.pointers]
    for card in page.scene(0).cards:
        shapes.append((lambda p, c: look.card(p, c, False, False), card, card.rect))
    for tag in page.scene(0).tags:
        if tag.gold:  # a suggestion's label has no ground
            shapes.append((look.tag, tag, tag.rect))
    assert len(shapes) >= 13
    for draw, shape, rect in shapes:
        seen = touched(look, lambda p, draw=draw, shape=shape: draw(p, shape))
        assert QRectF(rect.adjusted(-1.5, -1.5, 1.5, 1.5).toAlignedRect()).contains(seen), shape
        assert seen.adjusted(-1.5, -1.5, 1.5, 1.5).contains(rect), shape
