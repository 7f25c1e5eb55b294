"""What is at a point of the page. Reads the shapes that are painted, the last painted first."""

from __future__ import annotations

from typing import Literal, NamedTuple

from PySide6.QtCore import QPointF

from gui.canvas.cards import ground_of
from gui.canvas.overlay import Handle
from gui.canvas.page import Page
from gui.canvas.scene import ink_rect, link_rect, underline_rect


class Hit(NamedTuple):
    """What a click at a point would mean.

    Attributes:
        what: ``accept`` and ``reject`` are buttons, ``more`` the card of folded relations,
            ``pointer`` the label at the edge that names a mention out of view.
        id: the item it belongs to, "" for text and nothing.
        handle: the grip, where `what` is ``handle``.
    """

    what: Literal[
        "accept", "reject", "handle", "tag", "mention", "card", "more", "pointer", "text", "nothing"
    ]
    id: str = ""
    handle: Handle | None = None
    block: int = -1


def find(page: Page, x: float, y: float, view: tuple[float, float]) -> Hit:
    """The uppermost thing at a point in article coordinates, while `view` (top, bottom) shows."""
    at = QPointF(x, y)
    for overlay in reversed(page.overlays()):
        for button in reversed(overlay.buttons):
            if button.rect.contains(at):
                return Hit(button.does, button.id)
        for handle in reversed(overlay.handles):
            if handle.grip().contains(at):
                return Hit("handle", handle.id, handle)
        if overlay.tag is not None and overlay.tag.rect.contains(at):
            return Hit("tag", overlay.id)
    for arc in reversed(page.arcs(*view)):
        for pointer in reversed(arc.pointers):
            if pointer.rect.contains(at):
                return Hit("pointer", pointer.id)
    if page.stack():
        inside = at - QPointF(0, page.layout.top(page.unfolded))
        for card in page.stack():
            if card.rect.contains(inside):
                return Hit("card", card.id, block=page.unfolded)
        if ground_of(page.stack(), page.metrics).contains(inside):
            return Hit("nothing", block=page.unfolded)  # what it hides can't be clicked
    i = page.layout.block_at_y(y)
    # cards may hang into the blank blocks below their own
    while page.text.blocks[i].blank and i > 0:
        found = _card(page, i, at)
        if found is not None:
            return found
        i -= 1
    found = _card(page, i, at)
    if found is not None:
        return found
    i = page.layout.block_at_y(y)
    found = _mention(page, i, at)
    if found is not None:
        return found
    c = page.columns
    return Hit("text" if c.text <= x < c.text + c.text_width else "nothing", block=i)


def _card(page: Page, i: int, at: QPointF) -> Hit | None:
    inside = at - QPointF(0, page.layout.top(i))
    for card in reversed(page.scene(i).cards):
        if card.rect.contains(inside):
            return Hit("card" if card.id else "more", card.id, block=i)
    return None


def _mention(page: Page, i: int, at: QPointF) -> Hit | None:
    inside = at - QPointF(0, page.layout.top(i))
    scene, m = page.scene(i), page.metrics
    for tag in reversed(scene.tags):
        if tag.rect.contains(inside):
            return Hit("tag", tag.id, block=i)
    line = int(inside.y() // m.pitch)
    for link in reversed(scene.links):
        if link.line == line and link_rect(link, m).contains(inside):
            return Hit("mention", link.id, block=i)
    here = [p for p in scene.pieces if p.line == line]
    for piece in reversed(here):
        if underline_rect(piece, m).contains(inside):
            return Hit("mention", piece.id, block=i)
    for piece in reversed(here):
        if ink_rect(piece, m).contains(inside):
            return Hit("mention", piece.id, block=i)
    # nothing is painted here, but an underline is thin, and so is a tie, which lies over it
    for link in reversed(scene.links):
        if link.line == line and link_rect(link, m).adjusted(0, -1.5, 0, 1.5).contains(inside):
            return Hit("mention", link.id, block=i)
    for piece in reversed(here):
        if underline_rect(piece, m).adjusted(0, -1.5, 0, 1.5).contains(inside):
            return Hit("mention", piece.id, block=i)
    return None
