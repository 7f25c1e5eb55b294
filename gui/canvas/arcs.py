"""The ways of arcs over the page: through the gaps between lines and along the rails, never through
text.

An arc leaves its head downwards into the gap below the line, where neither text nor label is, and
comes up to its tail from the gap below that; between lines that are not neighbours it runs down the
rail at the side of the column that is nearer. An end that is not in view is pointed to at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from PySide6.QtCore import QPointF, QRectF

from core.annotation import Fragments, Mention, Relation, Suggestion, covered_text
from gui.canvas.metrics import display_name
from gui.canvas.scene import Piece, underline_rect

if TYPE_CHECKING:
    from gui.canvas.page import Page

_LANES = (0.0, 2.0, -1.8)  # px from the middle of a gap: more would be told apart by nobody
_APART = 2.0  # px between two arcs in one lane
MOST_POINTERS = 4  # at one edge


class Pointer(NamedTuple):
    """A label at the edge of the view that says where an arc goes on.

    Attributes:
        id: the mention out of view.
        down: it is below the view, else above.
    """

    id: str
    rect: QRectF
    text: str
    down: bool


class Label(NamedTuple):
    """The relation's name on its arc."""

    rect: QRectF
    text: str


@dataclass(slots=True)
class Arc:
    """One relation's way, in article coordinates.

    Attributes:
        points: corners from head to tail; the segments are horizontal and vertical.
        to_tail, to_head: an arrow head is at the last point, and (symmetric) at the first.
        faint: drawn because all are, not because it is focused.
    """

    id: str
    points: list[QPointF]
    gold: bool
    faint: bool
    to_tail: bool = True
    to_head: bool = False
    label: Label | None = None
    pointers: list[Pointer] = field(default_factory=list)


_ByLine: TypeAlias = "dict[int, list[QRectF]]"


class _End(NamedTuple):
    """Where an arc may leave or reach a mention.

    Attributes:
        y: the bottom of its underline.
        gap: the middle of the gap below its line.
    """

    block: int
    line: int
    piece: Piece
    x: float
    y: float
    gap: float


def route(page: Page, top: float, bottom: float) -> list[Arc]:
    """The arcs while the view shows the article from `top` to `bottom`, faint ones first."""
    if page.mode == "none":
        return []
    focused = _focused(page)
    relations = [(id, False) for id in focused]
    if page.mode == "all":
        seen = {
            r
            for i in page.blocks_between(top, bottom)
            for m in page.index.mentions_in(i)
            for r in page.index.relations_of(m)
        }
        order = sorted(seen - set(focused), key=lambda id: (page.index.position(id), id))
        relations = [(id, True) for id in order] + relations
    router = _Router(page, top, bottom)
    arcs = [arc for id, faint in relations if (arc := router.arc(id, faint)) is not None]
    for arc in sorted(arcs, key=lambda arc: arc.faint):  # what is focused has the first choice
        router.name(arc)
    return arcs


def _focused(page: Page) -> list[str]:
    """The relations that the focus is about."""
    if page.index.relation(page.focused) is not None:
        return [page.focused]
    return page.index.relations_of(page.focused)


class _Router:
    """Finds ways one after the other, each in the lanes that those before it left free."""

    def __init__(self, page: Page, top: float, bottom: float) -> None:
        self.page, self.top, self.bottom = page, top, bottom
        # by block and line: what is taken of each lane of the gap below, as (left, right)
        self._lanes: dict[tuple[int, int], list[list[tuple[float, float]]]] = {}
        self._leaving: dict[str, int] = {}
        self._rails = [0, 0]
        self._pointers = {True: 0, False: 0}
        self._labels: list[QRectF] = []
        # what is focused shows its name in full, and its buttons
        self._over = [r for overlay in page.overlays() for r in overlay.labels()]
        self._shapes: dict[int, tuple[_ByLine, _ByLine]] = {}

    def arc(self, id: str, faint: bool) -> Arc | None:
        relation, ends = self.page.index.relation(id), self.page.index.ends(id)
        if relation is None or ends is None:
            return None
        head, tail = (self._end(e.id) for e in ends)
        known = self.page.scheme.relation_types.get(relation.type)
        arc = Arc(id, [], isinstance(relation, Relation), faint)
        arc.to_head = known is not None and known.symmetric
        if head is not None and tail is not None:
            arc.points = self._between(head, tail)
        elif head is not None:
            self._point(arc, head, ends[1], faint)
        elif tail is not None:
            self._point(arc, tail, ends[0], faint)
            arc.points.reverse()
        else:
            return None
        return arc

    def name(self, arc: Arc) -> None:
        """Put the relation's name on its way; a faint arc goes without where it would hide any
        thing."""
        relation = self.page.index.relation(arc.id)
        if relation is not None:
            arc.label = self._label(arc.points, display_name(relation.type), spare=arc.faint)

    def _end(self, mention: str) -> _End | None:
        """An end of an arc at a mention, None if it is not in view."""
        page, m = self.page, self.page.metrics
        i = page.text.block_at(page.index.position(mention))
        top = page.layout.top(i)
        if top > self.bottom or top + page.layout.block_height(i) < self.top:
            return None
        piece = next((p for p in page.scene(i).pieces if p.id == mention and p.opens), None)
        if piece is None:
            return None
        line_top = top + piece.line * m.pitch
        if line_top + m.ink_top < self.top or line_top + m.ink_bottom > self.bottom:
            return None
        # several arcs leave a mention side by side
        k = self._leaving.get(mention, 0)
        self._leaving[mention] = k + 1
        middle, half = (piece.left + piece.right) / 2, (piece.right - piece.left) / 2 - 3
        shift = 7.0 * ((k + 1) // 2) * (1 if k % 2 else -1)
        x = middle + max(-half, min(half, shift))
        under, height = m.underline(piece.row, piece.deep)
        # from the underline, but always with room for an arrow head above the labels below
        y = line_top + min(under + height - 0.5, m.pitch + m.channel - 1 - m.size * 0.3)
        return _End(i, piece.line, piece, x, y, line_top + m.pitch)

    def _gap(self, *ends: _End, to: float) -> float:
        """The height of a lane in the gap below a line, with room for an arrow head: one that is
        free from the first end to `to`, else the one that is shared for the shortest way."""
        key = (ends[0].block, ends[0].line)
        lanes = self._lanes.setdefault(key, [[] for _lane in _LANES])
        left, right = sorted((ends[0].x, to))
        left, right = left - _APART, right + _APART

        def shared(lane: int) -> float:
            return sum(max(0.0, min(right, end) - max(left, start)) for start, end in lanes[lane])

        lane = min(range(len(lanes)), key=shared)
        lanes[lane].append((left, right))
        free = ends[0].gap - 1.0 + _LANES[lane]
        return max(free, *(end.y + self.page.metrics.size * 0.3 for end in ends), 0.0)

    def _between(self, head: _End, tail: _End) -> list[QPointF]:
        start, stop = QPointF(head.x, head.y), QPointF(tail.x, tail.y)
        if (head.block, head.line) == (tail.block, tail.line):
            gap = self._gap(head, tail, to=tail.x)
            return [start, QPointF(head.x, gap), QPointF(tail.x, gap), stop]
        upper, lower = (head, tail) if head.y < tail.y else (tail, head)
        if self._neighbours(upper, lower):
            x = self._way_in(lower)
            if x is not None:
                gap = self._gap(upper, to=x)
                m = self.page.metrics
                y = self.page.layout.top(lower.block) + lower.line * m.pitch + m.ink_top - 1
                points = [
                    QPointF(upper.x, upper.y),
                    QPointF(upper.x, gap),
                    QPointF(x, gap),
                    QPointF(x, y),
                ]
                return points if upper is head else points[::-1]
        rail = self._rail(head.x, tail.x)
        a, b = self._gap(head, to=rail), self._gap(tail, to=rail)
        return [
            start,
            QPointF(head.x, a),
            QPointF(rail, a),
            QPointF(rail, b),
            QPointF(tail.x, b),
            stop,
        ]

    def _neighbours(self, upper: _End, lower: _End) -> bool:
        """Whether no line of text is between two lines."""
        if upper.block == lower.block:
            return lower.line == upper.line + 1
        if lower.line or upper.line + 1 < len(self.page.layout.lines(upper.block)):
            return False
        return all(b.blank for b in self.page.text.blocks[upper.block + 1 : lower.block])

    def _way_in(self, end: _End) -> float | None:
        """Where an arc from above can reach a mention without crossing a label."""
        size = self.page.metrics.size
        tags = list(self._in_view(end.block)[0].get(end.line, ()))
        top = self.page.layout.top(end.block)
        tags += [r.translated(0, -top) for r in self._over]
        left, right = end.piece.left + 3, end.piece.right - 3
        step = max(2.0, size * 0.25)
        tried = 0.0
        while end.x - tried >= left or end.x + tried <= right:
            for x in (end.x - tried, end.x + tried):
                if left <= x <= right and not any(
                    r.left() - 3 <= x <= r.right() + 3
                    for r in tags
                    if r.bottom() > end.line * self.page.metrics.pitch
                    and r.top() < (end.line + 1) * self.page.metrics.pitch
                ):
                    return x
            tried += step
        return None

    def _rail(self, a: float, b: float) -> float:
        """A free lane of the rail that is nearer to both ends."""
        c = self.page.columns
        to_left = a + b - 2 * c.text <= 2 * (c.text + c.text_width) - a - b
        return self._rail_lane(to_left)

    def _rail_lane(self, at_left: bool) -> float:
        c = self.page.columns
        side = 0 if at_left else 1
        lane = self._rails[side] % 4
        self._rails[side] += 1
        away = 9 + 4.5 * lane
        return c.text - away if at_left else c.text + c.text_width + away

    def _point(self, arc: Arc, end: _End, other: Mention | Suggestion, faint: bool) -> None:
        """The way from the end in view to the edge beyond which the other one is."""
        page, m, c = self.page, self.page.metrics, self.page.columns
        down = page.index.position(other.id) > page.index.position(end.piece.id)
        beside = c.margin < c.text  # the margin is at the left
        rail = self._rail_lane(beside)
        k = self._pointers[down]
        if not faint:
            self._pointers[down] = k + 1
        shown = not faint and k < MOST_POINTERS
        slot = (m.card_height + 2) * min(k, MOST_POINTERS - 1) if not faint else 0.0
        y = self.bottom - 4 - slot if down else self.top + 4 + slot
        if shown:
            text = _short(page.text.text, other.fragments)
            text = m.cards.cut(text, max(c.margin_width - 2 * m.size, m.size * 8))
            width = m.cards.width(text) + m.size * 1.9
            x = rail - width + m.size if beside or not c.margin_width else rail - m.size * 0.5
            box = QRectF(x, y - m.card_height if down else y, width, m.card_height)
            arc.pointers.append(Pointer(other.id, box, text, down))
            y = box.top() if down else box.bottom()
            arc.to_tail = arc.to_head = False
        gap = self._gap(end, to=rail)
        arc.points = [
            QPointF(end.x, end.y),
            QPointF(end.x, gap),
            QPointF(rail, gap),
            QPointF(rail, y),
        ]

    def _label(self, points: list[QPointF], text: str, spare: bool) -> Label | None:
        """Where on its way a relation's name covers neither text nor any label.

        None where the way is too short to carry it: the card says it then.
        """
        m = self.page.metrics
        width, height = m.tags.width(text) + 8, float(m.tag_height)
        runs = [(a, b) for a, b in pairwise(points) if a.y() == b.y()]
        runs = [(a, b) for a, b in runs if abs(a.x() - b.x()) >= width + m.size * 1.5]
        runs.sort(key=lambda run: -abs(run[0].x() - run[1].x()))
        best: tuple[int, QRectF] | None = None
        for a, b in runs:
            left, right = sorted((a.x(), b.x()))
            left, right = left + m.size * 0.6, right - m.size * 0.6
            middle, reach = (left + right) / 2, max(0.0, (right - left - width) / 2)
            shift = 0.0
            while shift <= reach:
                for x in {middle - shift, middle + shift}:
                    rect = QRectF(x - width / 2, a.y() - height / 2, width, height)
                    cost = self._covered(rect)
                    if cost == 0:
                        self._labels.append(rect)
                        return Label(rect, text)
                    if best is None or cost < best[0]:
                        best = (cost, rect)
                shift += 10
        if spare or best is None or best[0] > 1:
            return None
        self._labels.append(best[1])
        return Label(best[1], text)

    def _covered(self, rect: QRectF) -> int:
        """How much a label at `rect` would hide: tags, underlines and other labels."""
        page, m = self.page, self.page.metrics
        cost = sum(2 for other in (*self._labels, *self._over) if other.intersects(rect))
        for y in (rect.top(), rect.bottom()):
            i = page.layout.block_at_y(y)
            inside = rect.translated(0, -page.layout.top(i))
            tags, strokes = self._in_view(i)
            first = int(inside.top() // m.pitch)
            for line in range(first, int(inside.bottom() // m.pitch) + 1):
                cost += sum(2 for r in tags.get(line, ()) if r.intersects(inside))
                cost += sum(1 for r in strokes.get(line, ()) if r.intersects(inside))
        return cost

    def _in_view(self, i: int) -> tuple[_ByLine, _ByLine]:
        """The labels and the underlines of a block by line: a paragraph may be a whole book."""
        if i not in self._shapes:
            page, m = self.page, self.page.metrics
            top = page.layout.top(i)
            seen = page.layout.lines_between(
                i, self.top - top - m.pitch, self.bottom - top + m.pitch
            )
            scene = page.scene(i)
            tags: _ByLine = {}
            strokes: _ByLine = {}
            for tag in scene.tags:
                if tag.line in seen:
                    tags.setdefault(tag.line, []).append(tag.rect)
            for piece in scene.pieces:
                if piece.line in seen:
                    strokes.setdefault(piece.line, []).append(underline_rect(piece, m))
            self._shapes[i] = tags, strokes
        return self._shapes[i]


def _short(text: str, parts: Fragments) -> str:
    return " ".join(covered_text(text, parts).split())
