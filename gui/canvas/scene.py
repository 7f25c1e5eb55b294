"""What is drawn where, a block at a time: stretches of mentions, label tags, margin cards.

Painting and hit-testing read the same shapes, in the same order (what is painted later is found
first), so they can't disagree. All shapes are relative to their block's top.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF

from core.annotation import Mention, Suggestion
from gui.canvas import cards
from gui.canvas.cards import Card
from gui.canvas.index import Index
from gui.canvas.layout import Stretch, TextLayout
from gui.canvas.metrics import ROWS, Face, Metrics, display_name

if TYPE_CHECKING:
    from core.scheme import Scheme
    from gui.canvas.marks import Kept

TAG_PADDING = 2.5
TAG_GAP = 4.0


class Piece(NamedTuple):
    """A part of a mention on one line.

    Attributes:
        row: which underline it has, 0 next to the text; what contains others is further down.
        opens, closes: the mention's own first and last edge is here.
        deep: there are so many underlines on this line that all are thin.
    """

    id: str
    line: int
    left: float
    right: float
    row: int
    gold: bool
    type: str
    opens: bool
    closes: bool
    deep: bool = False


class Link(NamedTuple):
    """The dotted tie between two fragments of a mention, along the underline of its row."""

    id: str
    line: int
    left: float
    right: float
    row: int
    type: str
    deep: bool = False


class Tag(NamedTuple):
    """A mention's label above its first character; `text` is empty where there is no room."""

    id: str
    line: int
    rect: QRectF
    text: str
    gold: bool
    type: str


@dataclass(slots=True)
class BlockScene:
    """All that is drawn with one block, in the order of painting."""

    pieces: list[Piece] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    folded: tuple[str, ...] = ()
    marks: Kept | None = None  # what the painter made ready of it

    def pieces_of(self, id: str) -> list[Piece]:
        return [p for p in self.pieces if p.id == id]


def build(i: int, layout: TextLayout, index: Index, scheme: Scheme, keep: str) -> BlockScene:
    """The scene of block `i`; the card of relation `keep` is not folded away."""
    scene = BlockScene()
    items = [m for m in map(index.mention, index.mentions_in(i)) if m is not None]
    if items:
        rows = _rows(items, layout.text.blocks[i].start, layout.text.blocks[i].end)
        # containers first, so that what is within them is painted over them
        items.sort(key=lambda m: (-rows[m.id], m.start, m.id))
        for item in items:
            _place(scene, i, layout, item, rows[item.id])
        if max(rows.values()) >= ROWS:
            _thin(scene)
        scene.tags = _tags(scene.pieces, layout, layout.text.blocks[i].rtl)
    relations = index.relations_beside(i)
    if relations and layout.columns.margin_width:
        scene.cards, scene.folded = cards.beside(i, relations, layout, index, scheme, keep)
    return scene


def ink_rect(piece: Piece, metrics: Metrics) -> QRectF:
    """The area of a piece: its text, and a hair at both sides."""
    top = piece.line * metrics.pitch + metrics.ink_top
    return QRectF(
        piece.left - 1, top, piece.right - piece.left + 2, metrics.ink_bottom - metrics.ink_top
    )


def link_rect(link: Link, metrics: Metrics) -> QRectF:
    """The dotted stroke of a link, a little apart from what it ties."""
    top, height = metrics.underline(link.row, link.deep)
    y = link.line * metrics.pitch + top
    return QRectF(link.left + 2, y, max(0.0, link.right - link.left - 4), height)


def underline_rect(piece: Piece, metrics: Metrics) -> QRectF:
    """The stroke under a piece, on whole pixels: it is sharp, and fast to paint."""
    top, height = metrics.underline(piece.row, piece.deep)
    y = piece.line * metrics.pitch + top
    left = round(piece.left - 1)
    return QRectF(left, y, round(piece.right + 1) - left, height)


def _rows(items: list[Mention | Suggestion], start: int, end: int) -> dict[str, int]:
    """The underline row of each mention: below all those that it overlaps and that are shorter."""
    rows: dict[str, int] = {}
    placed: list[tuple[int, int, int]] = []
    for item in sorted(items, key=lambda m: (m.end - m.start, m.start, m.id)):
        a, b = max(item.start, start), min(item.end, end)
        row = 1 + max((r for x, y, r in placed if x < b and a < y), default=-1)
        placed.append((a, b, row))
        rows[item.id] = row
    return rows


def _place(
    scene: BlockScene, i: int, layout: TextLayout, item: Mention | Suggestion, row: int
) -> None:
    gold = isinstance(item, Mention)
    block = layout.text.blocks[i]
    before: Stretch | None = None
    for part in item.fragments:
        stretches = layout.stretches(i, part.start, part.end)
        first, last = _outermost(stretches, block.rtl)
        for stretch in stretches:
            opens = stretch is first and block.start <= part.start == item.start
            closes = stretch is last and block.end >= part.end == item.end
            scene.pieces.append(Piece(item.id, *stretch, row, gold, item.type, opens, closes))
        if stretches and part.start >= block.start and (before or part.start > item.start):
            _tie(scene, layout, item, row, before, stretches[0], block.rtl)
        before = stretches[-1] if stretches else before
    if before and item.fragments[-1].start >= block.end:
        _tie(scene, layout, item, row, before, None, block.rtl)


def _thin(scene: BlockScene) -> None:
    """Mark the lines that have more underlines than fit at full strength."""
    deep = {p.line for p in scene.pieces if p.row >= ROWS}
    scene.pieces = [p._replace(deep=p.line in deep) for p in scene.pieces]
    scene.links = [x._replace(deep=x.line in deep) for x in scene.links]


def _outermost(stretches: list[Stretch], rtl: bool) -> tuple[Stretch | None, Stretch | None]:
    """The first and the last of some stretches in the block's reading direction."""
    if not stretches:
        return None, None
    if not rtl:
        return stretches[0], stretches[-1]
    ordered = sorted(stretches, key=lambda s: (s.line, -s.left))
    return ordered[0], ordered[-1]


def _tie(
    scene: BlockScene,
    layout: TextLayout,
    item: Mention | Suggestion,
    row: int,
    a: Stretch | None,
    b: Stretch | None,
    rtl: bool,
) -> None:
    """Link two stretches; over a line's edge, and beyond the block, by way of the column's edge."""
    left, right = layout.columns.text, layout.columns.text + layout.columns.text_width
    if a and b and a.line == b.line:
        ends = (a.right, b.left) if a.right <= b.left else (b.right, a.left)
        if ends[0] < ends[1]:
            scene.links.append(Link(item.id, a.line, *ends, row, item.type))
        return
    if a:
        ends = (left, a.left) if rtl else (a.right, right)
        scene.links.append(Link(item.id, a.line, *ends, row, item.type))
    if b:
        ends = (b.right, right) if rtl else (left, b.left)
        scene.links.append(Link(item.id, b.line, *ends, row, item.type))


def _tags(pieces: list[Piece], layout: TextLayout, rtl: bool) -> list[Tag]:
    """A tag above the start of every mention, shortened or folded where the next one is near."""
    by_line: dict[int, list[Piece]] = {}
    for piece in pieces:
        if piece.opens:
            by_line.setdefault(piece.line, []).append(piece)
    tags: list[Tag] = []
    for line, openers in by_line.items():
        tags += _tags_of_line(line, openers, layout, rtl)
    return tags


def _tags_of_line(line: int, openers: list[Piece], layout: TextLayout, rtl: bool) -> list[Tag]:
    m, columns = layout.metrics, layout.columns
    overhang = columns.rail_width * 0.5
    top = line * m.pitch + m.channel
    # in reading direction: x grows to the left where the text runs from right to left
    leads = [(-p.right if rtl else p.left, -p.row, p) for p in openers]
    leads.sort(key=lambda lead: lead[:2])
    edge = overhang + (-columns.text if rtl else columns.text + columns.text_width)
    tags: list[Tag] = []
    free = -float("inf")
    n = 0
    while n < len(leads):
        # those that open at one place share the room up to the next, containers first
        start = float(ceil(max(leads[n][0] - 1.5, free)))  # whole pixels: letters stay sharp
        group = [leads[n][2]]
        while n + len(group) < len(leads) and leads[n + len(group)][0] <= start + 2:
            group.append(leads[n + len(group)][2])
        n += len(group)
        room = (leads[n][0] if n < len(leads) else edge) - start
        for piece, text in zip(group, _names(group, room, m), strict=True):
            width = _tag_width(text, m)
            rect = QRectF(-start - width if rtl else start, top, width, m.tag_height)
            tags.append(Tag(piece.id, line, rect, text, piece.gold, piece.type))
            start += width + TAG_GAP / 2
        free = start
    return tags


def _names(group: list[Piece], room: float, m: Metrics) -> list[str]:
    """The names of mentions that open together, the longest cut first, until they fit."""
    names = [display_name(p.type) for p in group]
    room -= TAG_GAP * (0.5 + 0.5 * len(group))
    while sum(_tag_width(name, m) for name in names) > room:
        n = max(range(len(names)), key=lambda k: (_tag_width(names[k], m), -k))
        if not names[n]:
            break
        spare = room - sum(_tag_width(x, m) for k, x in enumerate(names) if k != n)
        shorter = min(spare, _tag_width(names[n], m) * 0.8) - 2 * TAG_PADDING
        names[n] = tag_text(group[n].type, shorter, m.tags)
    return names


def _tag_width(text: str, m: Metrics) -> float:
    return float(ceil(m.tags.width(text) + 2 * TAG_PADDING)) if text else 5.0


def tag_text(type: str, room: float, face: Face) -> str:
    """A type's name cut to `room`, empty where not even two letters fit."""
    name = display_name(type)
    if face.width(name) <= room:
        return name
    short = face.cut(name, room)
    return short if len(short) >= 3 else ""
