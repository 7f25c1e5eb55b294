"""What the mouse does on the canvas: one gesture from press to release at a time.

- on a check or a cross: accept, reject;
- on a handle: move that boundary, by tokens (Alt: by characters);
- on a mention: a click focuses it, a drag to another mention relates them, a drag that ends in
  plain text or in the same mention selects; with Shift or Ctrl it always selects;
- on text: a drag selects, by tokens (Alt: by characters), Ctrl adds a fragment, Shift extends;
- anywhere on words, where a part is held: a drag selects the next part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from core.annotation import Fragment, Fragments, fragments
from gui.canvas import hit
from gui.canvas.hit import Hit
from gui.canvas.paint import Look

if TYPE_CHECKING:
    from gui.canvas.widget import Canvas

_CURSORS = {
    "accept": Qt.CursorShape.PointingHandCursor,
    "reject": Qt.CursorShape.PointingHandCursor,
    "card": Qt.CursorShape.PointingHandCursor,
    "pointer": Qt.CursorShape.PointingHandCursor,
    "more": Qt.CursorShape.PointingHandCursor,
    "tag": Qt.CursorShape.PointingHandCursor,
    "handle": Qt.CursorShape.SizeHorCursor,
    "nothing": Qt.CursorShape.ArrowCursor,
}


@dataclass
class _Gesture:
    """A press that was not released yet.

    Attributes:
        at: where on the viewport; `now` is where the mouse is.
        place: the character that was pressed, (o, o + 1), or (o, o) beside the text.
        gap: the place between characters that was pressed.
        moved: it went far enough to be a drag.
        relating: the mention that a drag would relate the pressed one to.
        edited: the fragments that letting go of a handle would make.
    """

    hit: Hit
    at: QPointF
    now: QPointF
    place: tuple[int, int]
    gap: int
    moved: bool = False
    selects: bool = False
    held: tuple[Fragment, ...] = ()
    relating: str = ""
    edited: Fragments = ()


class Mouse:
    """The gestures of one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.gesture: _Gesture | None = None
        self._scroll = QTimer(canvas, interval=30)
        self._scroll.timeout.connect(self._scroll_on)
        self._modifiers = Qt.KeyboardModifier.NoModifier

    def cancel(self) -> None:
        self.gesture = None
        self._scroll.stop()

    def press(self, event: QMouseEvent) -> None:
        canvas = self.canvas
        page, selection = canvas._page, canvas._selection
        if page is None or selection is None:
            return
        found = self._find(event.position())
        if event.button() == Qt.MouseButton.RightButton:
            if found.id and found.what != "handle":
                canvas.set_focused(found.id, reveal=False)
            canvas.menu_requested.emit(found.id, event.globalPosition().toPoint())
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._modifiers = event.modifiers()
        at = event.position()
        if page.unfolded >= 0 and found.what not in ("card", "accept", "reject"):
            canvas.unfold(-1)
        g = self.gesture = _Gesture(found, at, at, self._place(at, False), self._offset(at))
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        extend = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        on_text, further = found.what in ("text", "nothing", "mention"), selection.awaited
        if on_text and (held or extend or further):
            g.selects = True
            if held:
                selection.hold()
            g.held = tuple(selection.held)
            if further and not (held or extend):
                selection.place(self._offset(event.position()))
                canvas._selection_moved()
            elif extend and found.what != "mention":
                g.gap = selection.anchor
                g.place = (g.gap, g.gap)
                g.moved = True
                self._drag_selection(g)
        elif on_text and found.what != "mention":
            g.selects = True
            selection.place(self._offset(event.position()))
            if canvas.focused:
                canvas._focus("")
            canvas._selection_moved()

    def move(self, event: QMouseEvent) -> None:
        self._modifiers = event.modifiers()
        g = self.gesture
        if g is None:
            self._hover(event.position())
            return
        g.now = event.position()
        far = (g.now - g.at).manhattanLength() >= QApplication.startDragDistance() * 0.6
        if not g.moved and not far:
            return
        g.moved = True
        self._drag(g)
        inside = self.canvas.viewport().rect().contains(g.now.toPoint())
        if inside:
            self._scroll.stop()
        elif not self._scroll.isActive():
            self._scroll.start()

    def release(self, event: QMouseEvent) -> None:
        g, self.gesture = self.gesture, None
        self._scroll.stop()
        if g is None or event.button() != Qt.MouseButton.LeftButton:
            return
        canvas, where = self.canvas, event.globalPosition().toPoint()
        canvas.viewport().update()
        if g.edited:
            canvas.boundary_dragged.emit(g.hit.id, g.edited)
        elif g.relating:
            canvas.relation_dragged.emit(g.hit.id, g.relating, where)
        elif g.moved:
            if canvas.selection:
                canvas.selection_finished.emit(where)
        else:
            self._click(g, where)
        self._hover(event.position())

    def _click(self, g: _Gesture, where: QPoint) -> None:
        canvas = self.canvas
        if g.hit.what in ("accept", "reject"):
            still = self._find(g.now)
            if (still.what, still.id) == (g.hit.what, g.hit.id):
                signal = (
                    canvas.accept_requested if g.hit.what == "accept" else (canvas.reject_requested)
                )
                signal.emit(g.hit.id)
        elif g.hit.what in ("mention", "tag", "card") and not g.selects:
            canvas.set_focused(g.hit.id, reveal=False)
        elif g.hit.what == "more":
            canvas.unfold(g.hit.block)
        elif g.hit.what == "pointer":
            canvas.set_focused(g.hit.id)

    def double_click(self, event: QMouseEvent) -> None:
        canvas, found = self.canvas, self._find(event.position())
        if canvas._page is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if found.what in ("accept", "reject", "handle", "pointer"):
            self.press(event)
            return
        further = canvas._selection is not None and canvas._selection.awaited
        held = further or event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if found.id and not held:
            canvas.activated.emit(found.id)
            return
        token = canvas._page.text.token_at(self._place(event.position(), False)[0])
        if token is not None and canvas._selection is not None:
            kept = tuple(canvas._selection.held) if held else ()
            canvas.select((*kept, Fragment(*token)))
            canvas.selection_finished.emit(event.globalPosition().toPoint())

    def item_at(self, at: QPointF) -> str:
        """The id of the item at a point of the viewport, "" for none."""
        return self._find(at).id

    def what_at(self, at: QPointF) -> tuple[str, str]:
        """The kind and the id of what is at a point of the viewport."""
        found = self._find(at)
        return found.what, found.id

    def leave(self) -> None:
        if self.gesture is None:
            self._set_hovered("")

    def paint(self, p: QPainter, look: Look) -> None:
        """What is being dragged."""
        g, page = self.gesture, self.canvas._page
        if g is None or page is None or not g.moved:
            return
        if g.edited:
            for fragment in g.edited:
                look.outline(p, page.fragment_rects(fragment))
        if g.relating:
            head, tail = page.anchor(g.hit.id), page.anchor(g.relating)
            if head is not None and tail is not None:
                look.pull(p, head, tail)
                mention = page.index.mention(g.relating)
                if mention is not None:
                    for fragment in mention.fragments:
                        look.outline(p, page.fragment_rects(fragment))

    # -- inside

    def _find(self, at: QPointF) -> Hit:
        page, point = self.canvas._page, self.canvas.to_page(at)
        view = self.canvas.view
        return hit.find(page, point.x(), point.y(), view) if page else Hit("nothing")

    def _offset(self, at: QPointF) -> int:
        page, point = self.canvas._page, self.canvas.to_page(at)
        return page.layout.offset_at(point.x(), point.y()) if page else 0

    def _place(self, at: QPointF, exact: bool) -> tuple[int, int]:
        """The character at a point, or the place between two if `exact` or beside the text."""
        page, point = self.canvas._page, self.canvas.to_page(at)
        if page is None:
            return 0, 0
        character = None if exact else page.layout.character_at(point.x(), point.y())
        if character is None:
            offset = page.layout.offset_at(point.x(), point.y())
            return offset, offset
        return character, character + 1

    def _drag(self, g: _Gesture) -> None:
        canvas, page = self.canvas, self.canvas._page
        if page is None:
            return
        if g.hit.what == "handle":
            g.edited = self._moved_boundary(g)
            canvas.viewport().update()
        elif g.hit.what in ("mention", "tag") and not g.selects:
            over = self._find(g.now)
            target = over.id if over.what in ("mention", "tag") else ""
            if page.index.mention(target) is None or target == g.hit.id:
                target = ""
            if target and over.what == "mention" and self._overlap(g.hit.id, target):
                target = ""  # within the same words a drag selects; its tag relates
            g.relating = target
            if target:
                canvas.clear_selection()
                canvas.viewport().update()
            elif g.hit.what == "mention":
                self._drag_selection(g)
            else:
                canvas.viewport().update()
        elif g.selects:
            self._drag_selection(g)

    @property
    def _exact(self) -> bool:
        """Characters are meant, not tokens."""
        return bool(self._modifiers & Qt.KeyboardModifier.AltModifier)

    def _overlap(self, a: str, b: str) -> bool:
        assert self.canvas._page
        one, other = (self.canvas._page.index.mention(id) for id in (a, b))
        return bool(one and other and one.start < other.end and other.start < one.end)

    def _drag_selection(self, g: _Gesture) -> None:
        selection = self.canvas._selection
        if selection is None:
            return
        exact = self._exact
        pressed = (g.gap, g.gap) if exact else g.place
        selection.held = list(g.held)
        selection.drag(pressed, self._place(g.now, exact), not exact)
        self.canvas._selection_moved()

    def _moved_boundary(self, g: _Gesture) -> Fragments:
        """The mention's fragments with the dragged boundary where the mouse is; () if unchanged."""
        page, handle = self.canvas._page, g.hit.handle
        mention = page.index.mention(g.hit.id) if page and handle else None
        if page is None or handle is None or mention is None:
            return ()
        parts = list(mention.fragments)
        start, end = parts[handle.fragment]
        at = self._place(g.now - QPointF(0, page.metrics.pitch * 0.3), self._exact)
        low, high = at if self._exact else page.text.snapped(*at)
        if handle.at_end:
            end = high if high > start else end
        else:
            start = low if low < end else start
        parts[handle.fragment] = Fragment(start, end)
        moved = fragments(parts)
        return moved if moved != mention.fragments else ()

    def _hover(self, at: QPointF) -> None:
        found = self._find(at)
        what = found.what
        self.canvas.viewport().setCursor(_CURSORS.get(what, Qt.CursorShape.IBeamCursor))
        if found.id or not self._on_the_way(at):
            self._set_hovered(found.id)

    def _on_the_way(self, at: QPointF) -> bool:
        """Whether the mouse is near the buttons of what it hovers: they must not go before it is
        there."""
        page, point = self.canvas._page, self.canvas.to_page(at)
        if page is None or not page.hovered:
            return False
        near = page.metrics.size * 0.4
        return any(
            button.rect.adjusted(-near, -near, near, near).contains(point)
            for overlay in page.overlays()
            if overlay.id == page.hovered
            for button in overlay.buttons
        )

    def _set_hovered(self, id: str) -> None:
        page = self.canvas._page
        if page is not None and id != page.hovered:
            page.hover(id)
            self.canvas.viewport().update()

    def _scroll_on(self) -> None:
        """The mouse is held beyond the edge: go on selecting there."""
        g, rect = self.gesture, self.canvas.viewport().rect()
        if g is None:
            self._scroll.stop()
            return
        y = g.now.y()
        step = y - rect.top() if y < rect.top() else max(0.0, y - rect.bottom())
        bar = self.canvas.verticalScrollBar()
        bar.setValue(bar.value() + round(step * 0.5))
        self._drag(g)
