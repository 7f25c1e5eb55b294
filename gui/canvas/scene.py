"""What is drawn where, a block at a time: stretches of mentions, label tags, margin cards.

Painting and hit-testing read the same shapes, in the same order (what is painted later is found
first), so they can't disagree. All shapes are relative to their block's top.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF

from core.annotation import Mention, Relation, Suggestion, covered_text
from gui.canvas.index import Index
from gui.canvas.layout import Stretch, TextLayout
from gui.canvas.metrics import Face, Metrics

if TYPE_CHECKING:
    from core.scheme import Scheme

TAG_PADDING = 2.5
TAG_GAP = 4.0

_NO_IDS: tuple[str, ...] = ()


class Piece(NamedTuple):
    """A part of a mention on one line.

    Attributes:
        row: which underline it has, 0 next to the text; what contains others is further down.
        opens, closes: the mention's own first and last edge is here.
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


class Link(NamedTuple):
    """The dotted tie between two fragments of a mention, along the underline of its row."""

    id: str
    line: int
    left: float
    right: float
    row: int
    type: str


class Tag(NamedTuple):
    """A mention's label above its first character; `text` is empty where there is no room."""

    id: str
    line: int
    rect: QRectF
    text: str
    gold: bool
    type: str


class Card(NamedTuple):
    """A relation in the margin, head and tail cut to the room there is.

    The card that stands for those without room has no id, and `label` says how many they are.
    """

    id: str
    rect: QRectF
    head: str
    label: str
    tail: str
    gold: bool
    symmetric: bool


@dataclass(slots=True)
class BlockScene:
    """All that is drawn with one block, in the order of painting."""

    pieces: list[Piece] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    folded: tuple[str, ...] = ()

    def pieces_of(self, id: str) -> list[Piece]:
        return [p for p in self.pieces if p.id == id]


def display_name(type: str) -> str:
    """A type's name for the eye: ``met_with`` is "met with"."""
    return type.replace("_", " ")


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
        scene.tags = _tags(scene.pieces, layout, layout.text.blocks[i].rtl)
    relations = index.relations_beside(i)
    if relations and layout.columns.margin_width:
        scene.cards, scene.folded = _cards(i, relations, layout, index, scheme, keep)
    return scene


def ink_rect(piece: Piece, metrics: Metrics) -> QRectF:
    """The area of a piece: its text, and a hair at both sides."""
    top = piece.line * metrics.pitch + metrics.ink_top
    return QRectF(
        piece.left - 1, top, piece.right - piece.left + 2, metrics.ink_bottom - metrics.ink_top
    )


def link_rect(link: Link, metrics: Metrics) -> QRectF:
    """The dotted stroke of a link, a little apart from what it ties."""
    y = link.line * metrics.pitch + metrics.underline(link.row)
    return QRectF(link.left + 2, y - 1, max(0.0, link.right - link.left - 4), 2)


def underline_rect(piece: Piece, metrics: Metrics) -> QRectF:
    """The stroke under a piece."""
    y = piece.line * metrics.pitch + metrics.underline(piece.row)
    return QRectF(piece.left - 1, y - 1, piece.right - piece.left + 2, 2)


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


# -- cards


def _cards(
    i: int, relations: list[str], layout: TextLayout, index: Index, scheme: Scheme, keep: str
) -> tuple[list[Card], tuple[str, ...]]:
    """Cards beside the lines where their relation is read, one below the other without overlap.

    Those that don't fit between this block and the next that has text are folded into one.
    """
    m, columns = layout.metrics, layout.columns
    step = m.card_height + m.card_gap
    room = layout.block_height(i)
    after = i + 1
    while after < len(layout.text.blocks) and layout.text.blocks[after].blank:
        room += layout.block_height(after)
        after += 1
    fit = max(1, (room - m.channel) // step)
    shown, folded = relations, _NO_IDS
    if len(relations) > fit:
        shown = relations[: fit - 1]
        if keep in relations and keep not in shown:
            shown = [*shown[:-1], keep] if shown else [keep]
        folded = tuple(r for r in relations if r not in shown)
    tops: list[float] = []
    for id in shown:
        line = layout.line_at(i, max(index.position(id), layout.text.blocks[i].start))
        wished = float(line * m.pitch + m.card_top)
        tops.append(max(wished, tops[-1] + step) if tops else wished)
    if folded:
        tops.append(tops[-1] + step if tops else float(m.card_top))
    bottom = float(max(room - m.card_gap, 0))
    for n in range(len(tops) - 1, -1, -1):  # what hangs over is pushed back up
        tops[n] = min(tops[n], bottom - m.card_height)
        bottom = tops[n] - m.card_gap
    cards = []
    for id, top in zip(shown, tops, strict=False):
        rect = QRectF(columns.margin, top, columns.margin_width, m.card_height)
        card = _card(id, rect, m, index, scheme)
        if card is not None:
            cards.append(card)
    if folded:
        rect = QRectF(columns.margin, tops[-1], columns.margin_width, m.card_height)
        cards.append(Card("", rect, "", f"+{len(folded)}", "", True, False))
    return cards, folded


def stacked(i: int, layout: TextLayout, index: Index, scheme: Scheme) -> list[Card]:
    """All cards beside block `i`, one below the other from the block's top on."""
    m, columns = layout.metrics, layout.columns
    top = float(m.card_top)
    cards = []
    for id in index.relations_beside(i):
        rect = QRectF(columns.margin, top, columns.margin_width, m.card_height)
        card = _card(id, rect, m, index, scheme)
        if card is not None:
            cards.append(card)
            top += m.card_height + m.card_gap
    return cards


def _card(id: str, rect: QRectF, m: Metrics, index: Index, scheme: Scheme) -> Card | None:
    relation, ends = index.relation(id), index.ends(id)
    if relation is None or ends is None:
        return None
    text = index.document.article.text
    known = scheme.relation_types.get(relation.type)
    label = display_name(relation.type)
    room = rect.width() - 2 * card_padding(m) - connector_width(m) * 2
    room -= m.cards.width(label)
    head, tail = (" ".join(covered_text(text, e.fragments).split()) for e in ends)
    wide_head, wide_tail = (m.cards.width(t) for t in (head, tail))
    head_room = max(room / 2, room - wide_tail)
    tail_room = max(room / 2, room - wide_head)
    return Card(
        id,
        rect,
        m.cards.cut(head, head_room),
        label,
        m.cards.cut(tail, tail_room),
        isinstance(relation, Relation),
        known is not None and known.symmetric,
    )


def card_padding(m: Metrics) -> float:
    return m.size * 0.5


def connector_width(m: Metrics) -> float:
    """Room for the stroke before a card's label, and for the arrow after it."""
    return m.size * 1.05
