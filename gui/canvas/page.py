"""One article on the canvas: its layout, what is in it, and the shapes of all that is visible.

The page is in article coordinates and knows of no window: the widget scrolls it, `render` in
`gui.canvas.picture` draws it into an image, and tests ask it what is where.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, Literal, TypeAlias

from PySide6.QtCore import QRectF

from core.annotation import Change, Document, Fragment
from gui.canvas import arcs, cards, overlay, scene
from gui.canvas.arcs import Arc
from gui.canvas.cards import Card
from gui.canvas.index import Index
from gui.canvas.layout import TextLayout
from gui.canvas.metrics import Columns, Metrics
from gui.canvas.overlay import Overlay
from gui.canvas.scene import BlockScene, ink_rect
from gui.canvas.text import ArticleText

if TYPE_CHECKING:
    from core.scheme import Scheme

KEPT_SCENES = 1200

RelationMode: TypeAlias = Literal["focused", "all", "none"]


class Page:
    """An article laid out for a width and a type size, with the shapes of its annotations.

    Attributes:
        unfolded: the block all of whose cards are shown, -1 for none.
        focused, hovered: ids, "" for none; set them through the methods.
        mode: which relations are drawn over the page.
    """

    def __init__(self, document: Document, scheme: Scheme, size: float, width: float) -> None:
        self.scheme = scheme
        self.text = ArticleText(document.article.text)
        self.index = Index(document, self.text)
        self.focused = ""
        self.hovered = ""
        self.mode: RelationMode = "focused"
        self._overlays: list[Overlay] | None = None
        self._stack: list[Card] | None = None
        self._arcs: tuple[tuple[float, float], list[Arc]] | None = None
        self.resize(size, width)

    @property
    def document(self) -> Document:
        return self.index.document

    # -- shape

    def resize(self, size: float, width: float) -> None:
        """Lay out anew, for another type size or width."""
        self.metrics = Metrics(size)
        self.columns = Columns.within(width, self.metrics, self.text.rtl)
        self.width = width
        self.layout = TextLayout(self.text, self.metrics, self.columns)
        self.unfolded = -1
        self._scenes: dict[int, BlockScene] = {}
        self._prepared = 0  # blocks whose shapes were found in idle time
        self._stale()

    def fits(self, width: float) -> bool:
        """Whether a viewport of this width needs no new layout."""
        return Columns.within(width, self.metrics, self.text.rtl) == self.columns

    def scene(self, i: int) -> BlockScene:
        """The shapes of block `i`."""
        known = self._scenes.get(i)
        if known is None:
            if len(self._scenes) >= KEPT_SCENES:
                del self._scenes[next(iter(self._scenes))]
            known = scene.build(i, self.layout, self.index, self.scheme, self.focused)
            self._scenes[i] = known
        return known

    def prepare(self) -> bool:
        """Find the shapes of one more block before it is seen. False if all are known."""
        while self._prepared < len(self.text.blocks) and len(self._scenes) < KEPT_SCENES:
            self._prepared += 1
            if self._prepared - 1 not in self._scenes:
                self.scene(self._prepared - 1)
                return True
        return False

    def blocks_between(self, top: float, bottom: float) -> Iterator[int]:
        """The blocks that show between two heights; makes theirs exact on the way."""
        i = self.layout.block_at_y(top)
        while i < len(self.text.blocks) and self.layout.top(i) < bottom:
            self.layout.lines(i)
            yield i
            i += 1

    def block_rect(self, i: int) -> QRectF:
        """All that block `i` paints on, its cards and overlays included."""
        bottom, after = self.layout.block_height(i), i + 1
        while after < len(self.text.blocks) and self.text.blocks[after].blank:
            bottom += self.layout.block_height(after)
            after += 1
        return QRectF(0, self.layout.top(i) - 2, self.width, bottom + 8)

    # -- following the document

    def apply(self, document: Document, change: Change) -> set[int]:
        """Follow an edit. Returns the blocks that look different; no other was touched."""
        touched = self.index.update(document, change)
        for i in touched:
            self._scenes.pop(i, None)
        self._stale()
        return touched

    def restyle(self, scheme: Scheme) -> None:
        """Take another scheme: names and symmetry may differ."""
        self.scheme = scheme
        self._scenes.clear()
        self._prepared = 0
        self._stale()

    def focus(self, id: str) -> None:
        for relation in (self.focused, id):
            if self.index.relation(relation) is not None:
                self._scenes.pop(self.index.home(relation), None)  # it may be folded or unfold
        self.focused = id
        self._stale()

    def unfold(self, i: int) -> None:
        """Show all cards beside block `i`, over what is below; -1 folds them again."""
        self.unfolded = i
        self._stale()

    @property
    def height(self) -> int:
        """The article's, or more where unfolded cards hang below its end."""
        stack = self.stack()
        below = self.layout.top(self.unfolded) + stack[-1].rect.bottom() if stack else 0
        return max(self.layout.height, ceil(below + self.metrics.pitch))

    def stack(self) -> list[Card]:
        """The cards that are unfolded, relative to their block's top."""
        if self._stack is None:
            self._stack = (
                cards.stacked(self.unfolded, self.layout, self.index, self.scheme)
                if self.unfolded >= 0
                else []
            )
        return self._stack

    def hover(self, id: str) -> None:
        self.hovered = id
        self._stale()

    def _stale(self) -> None:
        """What is derived from focus and scenes must be found anew."""
        self._overlays = self._stack = self._arcs = None

    # -- overlays

    def show(self, mode: RelationMode) -> None:
        """Choose which relations are drawn over the page."""
        self.mode = mode
        self._stale()

    def arcs(self, top: float, bottom: float) -> list[Arc]:
        """The arcs while the view shows the article from `top` to `bottom`."""
        if self._arcs is None or self._arcs[0] != (top, bottom):
            self._arcs = (top, bottom), arcs.route(self, top, bottom)
        return self._arcs[1]

    def overlays(self) -> list[Overlay]:
        """The overlays of the hovered and the focused item, in the order of painting."""
        if self._overlays is None:
            focused = [*self._overlay(self.focused, [])] if self.focused else []
            taken = [rect for overlay in focused for rect in overlay.labels()]
            other = self.hovered not in ("", self.focused)
            self._overlays = [*(self._overlay(self.hovered, taken) if other else ()), *focused]
        return self._overlays

    def arcs_area(self, top: float, bottom: float) -> QRectF:
        """What arcs and their ends are painted on; empty where there are none."""
        area = QRectF()
        for arc in self.arcs(top, bottom):
            xs, ys = [q.x() for q in arc.points], [q.y() for q in arc.points]
            area |= QRectF(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
            for pointer in arc.pointers:
                area |= pointer.rect
        for rect in self.partners(top, bottom) if not area.isEmpty() else ():
            area |= rect
        room = self.metrics.size
        return area.adjusted(-room, -room, room, room) if not area.isEmpty() else area

    def _overlay(self, id: str, taken: list[QRectF]) -> Iterator[Overlay]:
        focused = id == self.focused
        mention = self.index.mention(id)
        if mention is not None:
            for i in sorted({b for f in mention.fragments for b in self.text.blocks_of(*f)}):
                yield overlay.of_mention(
                    id, self.scene(i), i, self.layout, self.index, focused, taken
                )
        elif self.index.relation(id) is not None:
            i, card = self._card(id)
            if card is not None:
                yield overlay.of_card(card, i, self.layout, self.index)

    def place(self, id: str) -> QRectF | None:
        """Where an item is, for scrolling to it: its first line or its card's line."""
        if self.index.position(id) < 0:
            return None
        return self.line_rect(self.index.position(id))

    def anchor(self, id: str) -> QRectF | None:
        """The first stretch of a mention's text, or a relation's card; None if it is folded."""
        if self.index.mention(id) is not None:
            i = self.text.block_at(self.index.position(id))
            for piece in self.scene(i).pieces:
                if piece.id == id and piece.opens:
                    return ink_rect(piece, self.metrics).translated(0, self.layout.top(i))
        elif self.index.relation(id) is not None:
            i, card = self._card(id)
            if card is not None:
                return card.rect.translated(0, self.layout.top(i))
        return None

    def _card(self, id: str) -> tuple[int, Card | None]:
        """The block that a relation's card is beside, and the card; None if it is folded."""
        i = self.index.home(id)
        cards = self.stack() if i == self.unfolded else self.scene(i).cards
        return i, next((card for card in cards if card.id == id), None)

    def fragment_rects(self, fragment: Fragment) -> list[QRectF]:
        """The areas of some text, one or more a line."""
        m, rects = self.metrics, []
        for i in self.text.blocks_of(*fragment):
            top = self.layout.top(i)
            for line, left, right in self.layout.stretches(i, *fragment):
                y = top + line * m.pitch + m.ink_top
                rects.append(QRectF(left - 1, y, right - left + 2, m.ink_bottom - m.ink_top))
        return rects

    def starts(self, id: str, offset: int) -> bool:
        """Whether a mention starts at `offset`: then its focus shows where the caret is."""
        mention = self.index.mention(id)
        return mention is not None and mention.start == offset

    def partners(self, top: float, bottom: float) -> list[QRectF]:
        """The areas of the mentions at the ends of focused arcs that are in view."""
        relations = self.index.relations_of(self.focused) or [self.focused]
        ids = {end.id for r in relations for end in self.index.ends(r) or ()} - {self.focused}
        rects: list[QRectF] = []
        for id in ids if self.mode != "none" else ():
            mention = self.index.mention(id)
            for fragment in mention.fragments if mention is not None else ():
                i = self.text.block_at(fragment.start)
                y = self.layout.top(i)
                if y < bottom and y + self.layout.block_height(i) > top:
                    rects += self.fragment_rects(fragment)
        return rects

    def offset_near(self, y: float) -> int:
        """About which character is at a height; exact to a line or two, and fast."""
        i = self.layout.block_at_y(y)
        block, height = self.text.blocks[i], max(1, self.layout.block_height(i))
        part = min(1.0, max(0.0, (y - self.layout.top(i)) / height))
        return block.start + round((block.end - block.start) * part) + (part == 1.0)

    def line_rect(self, offset: int) -> QRectF:
        """The whole line at `offset`."""
        i = self.text.block_at(offset)
        n = self.layout.line_at(i, offset)
        y = self.layout.top(i) + self.layout.lines(i)[n].top
        c = self.columns
        return QRectF(c.text, y, c.text_width, self.metrics.pitch)
