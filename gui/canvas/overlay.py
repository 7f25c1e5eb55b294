"""What lies over the page for the focused or hovered item: ring, handles, check and cross.

In article coordinates. Painting and hit-testing both read these shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from PySide6.QtCore import QPointF, QRectF

from core.annotation import Mention, Relation
from gui.canvas.cards import Card
from gui.canvas.index import Index
from gui.canvas.layout import TextLayout
from gui.canvas.metrics import BUTTON_GAP, display_name
from gui.canvas.scene import TAG_PADDING, BlockScene, Tag, ink_rect

_BETWEEN = 2.0  # a check and a cross
_FAR = 2  # of the type's size: how far away on its row a button is as good as on the row below

Does: TypeAlias = Literal["accept", "reject"]
_ON_GOLD: tuple[Does, ...] = ("reject",)
_ON_SUGGESTION: tuple[Does, ...] = ("accept", "reject")


class Button(NamedTuple):
    """A check or a cross beside the item that it is about."""

    does: Does
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
    """

    id: str = ""
    ring: list[QRectF] = field(default_factory=list)
    tag: Tag | None = None
    handles: list[Handle] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    gold: bool = True

    def labels(self) -> list[QRectF]:
        """What is drawn over other labels: the name in full, check and cross."""
        return [b.rect for b in self.buttons] + ([self.tag.rect] if self.tag else [])


def of_mention(
    id: str,
    scene: BlockScene,
    i: int,
    layout: TextLayout,
    index: Index,
    focused: bool,
    taken: Sequence[QRectF] = (),
) -> Overlay:
    """The overlay of mention `id` in block `i`; a hovered one shows its buttons alone.

    Args:
        taken: where its buttons must not go, besides the labels of others.
    """
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
    does = _ON_GOLD if isinstance(item, Mention) else _ON_SUGGESTION
    rows = (tag.line, tag.line + 1)
    others = [t.rect.translated(0, top) for t in scene.tags if t.line in rows and t.id != id]
    corner = _beside(place, len(does), [*others, *taken], layout, i, rtl)
    for n, action in enumerate(does[:: -1 if rtl else 1]):
        x = corner.x() + n * (m.button + _BETWEEN)
        result.buttons.append(Button(action, id, QRectF(x, corner.y(), m.button, m.button)))
    return result


def _beside(
    tag: QRectF, n: int, taken: Sequence[QRectF], layout: TextLayout, i: int, rtl: bool
) -> QPointF:
    """Where `n` buttons go so that they hide no label: after the tag, else as near to that as can
    be on its row, else on the row below the words."""
    m, c = layout.metrics, layout.columns
    width = n * (m.button + _BETWEEN) - _BETWEEN
    after = tag.left() - BUTTON_GAP - width if rtl else tag.right() + BUTTON_GAP
    under = tag.right() - width if rtl else tag.left()
    y, overhang = tag.bottom() - m.button, c.rail_width * 0.5
    low, high = c.text - overhang, c.text + c.text_width + overhang - width
    places = []
    for wanted, below in ((after, 0.0), (under, float(m.pitch))):
        if below and not _has_row_below(y, layout, i):
            break
        here = QRectF(low, y + below, high + width - low, m.button)
        others = [r for r in (*taken, tag) if r.intersects(here)]
        fits = [wanted, *(r.right() + BUTTON_GAP for r in others)]
        fits += [r.left() - BUTTON_GAP - width for r in others]
        for x in fits:
            room = QRectF(x - 1, y + below, width + 2, m.button)
            if low <= x <= high and not any(r.intersects(room) for r in others):
                far = _FAR * m.size if below else 0.0
                places.append((far + abs(x - wanted), x, y + below))
    if not places:
        return QPointF(after, y)
    _cost, x, y = min(places)
    return QPointF(x, y)


def _has_row_below(y: float, layout: TextLayout, i: int) -> bool:
    """Whether what is below the line at `y` belongs to the same block, or is blank."""
    within = y + layout.metrics.pitch < layout.top(i) + layout.block_height(i)
    blocks = layout.text.blocks
    return within or i + 1 == len(blocks) or blocks[i + 1].blank


def of_card(card: Card, i: int, layout: TextLayout, index: Index) -> Overlay:
    """The overlay of a relation's card beside block `i`: its buttons beyond it, at the outside."""
    result = Overlay(card.id)
    relation = index.relation(card.id)
    if relation is None:
        return result
    m, c = layout.metrics, layout.columns
    r = card.rect.translated(0, layout.top(i))
    does = _ON_GOLD if isinstance(relation, Relation) else _ON_SUGGESTION
    step = m.button + _BETWEEN
    x = r.left() - BUTTON_GAP - m.button if c.margin < c.text else r.right() + BUTTON_GAP
    y = round(r.center().y() - (len(does) * step - _BETWEEN) / 2)
    for n, action in enumerate(does):
        result.buttons.append(Button(action, card.id, QRectF(x, y + n * step, m.button, m.button)))
    return result
