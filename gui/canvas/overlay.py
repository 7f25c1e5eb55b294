"""What lies over the page for the focused or hovered item: ring, handles, check and cross.

In article coordinates. Painting and hit-testing both read these shapes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF

from core.annotation import Mention, Relation
from gui.canvas.cards import Card
from gui.canvas.index import Index
from gui.canvas.layout import TextLayout
from gui.canvas.metrics import display_name
from gui.canvas.scene import TAG_PADDING, BlockScene, Tag, ink_rect


class Button(NamedTuple):
    """A check or a cross beside the item that it is about."""

    does: Literal["accept", "reject"]
    id: str
    rect: QRectF
    hovered: bool = False


class Handle(NamedTuple):
    """A grip at one boundary of a mention's fragment, to be dragged.

    Attributes:
        fragment: index of the fragment.
        at_end: whether it moves the fragment's end, else its start.
    """

    id: str
    fragment: int
    at_end: bool
    center: QPointF
    radius: float

    def grip(self) -> QRectF:
        """The area that catches the mouse: larger than what is seen."""
        r = self.radius + 3
        return QRectF(self.center.x() - r, self.center.y() - r, 2 * r, 2 * r)


@dataclass(slots=True)
class Overlay:
    """The shapes of one focused or hovered item; empty lists where it has none.

    Attributes:
        gold: else it is a suggestion.
        ground: what is hidden under a card's buttons so that they can be seen.
    """

    id: str = ""
    ring: list[QRectF] = field(default_factory=list)
    tag: Tag | None = None
    handles: list[Handle] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    gold: bool = True
    ground: QRectF | None = None


def button_size(layout: TextLayout) -> float:
    """Check and cross fit between the text of two lines, so that they never cover any."""
    return float(layout.metrics.channel + layout.metrics.tag_height)


def of_mention(
    id: str, scene: BlockScene, i: int, layout: TextLayout, index: Index, focused: bool
) -> Overlay:
    """The overlay of mention `id` in block `i`; a hovered one shows its buttons alone."""
    item = index.mention(id)
    result = Overlay(id)
    if item is None:
        return result
    result.gold = isinstance(item, Mention)
    m, top = layout.metrics, layout.top(i)
    pieces = scene.pieces_of(id)
    tag = next((t for t in scene.tags if t.id == id), None)
    rtl = layout.text.blocks[i].rtl
    if focused:
        for piece in pieces:
            result.ring.append(ink_rect(piece, m).translated(0, top).adjusted(-1, 0, 1, 1))
        radius = max(3.2, m.size * 0.22)
        for n, part in enumerate(item.fragments):
            for at_end, offset in ((False, part.start), (True, part.end)):
                block, line, edge = layout.edge(offset, at_end)
                if block == i:
                    under = top + line * m.pitch + m.ink_bottom + 1
                    result.handles.append(Handle(id, n, at_end, QPointF(edge, under), radius))
    if tag is None:
        return result
    place = tag.rect.translated(0, top)
    if focused:
        name = display_name(item.type)
        wide = m.tags.width(name) + 2 * TAG_PADDING
        if rtl:
            place = QRectF(place.right() - wide, place.top(), wide, place.height())
        else:
            place = QRectF(place.left(), place.top(), wide, place.height())
        result.tag = Tag(id, tag.line, place, name, tag.gold, tag.type)
    size = button_size(layout)
    does: tuple[Literal["accept", "reject"], ...]
    does = ("reject",) if isinstance(item, Mention) else ("accept", "reject")
    x: float = place.left() - 3 - size if rtl else place.right() + 3
    y = place.bottom() - size
    for action in does:
        result.buttons.append(Button(action, id, QRectF(x, y, size, size)))
        x += -(size + 2) if rtl else size + 2
    return result


def of_card(card: Card, i: int, layout: TextLayout, index: Index) -> Overlay:
    """The overlay of a relation's card beside block `i`: its buttons at the right end."""
    result = Overlay(card.id)
    relation = index.relation(card.id)
    if relation is None:
        return result
    r = card.rect.translated(0, layout.top(i))
    size: float = min(button_size(layout), r.height() - 6)
    x = r.right() - 4 - size
    y = r.center().y() - size / 2
    result.buttons.append(Button("reject", card.id, QRectF(x, y, size, size)))
    if not isinstance(relation, Relation):
        x -= size + 3
        result.buttons.append(Button("accept", card.id, QRectF(x, y, size, size)))
    left = x - layout.metrics.size
    result.ground = QRectF(left, r.top() + 2, r.right() - 2 - left, r.height() - 4)
    return result
