"""`Canvas`: the widget in which an article is read and corrected.

It shows a `Document` and says what a person wants done to it; it changes nothing itself. Keys that
are commands are not its business: it lets them through to the window, but for the letters of hints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from core.annotation import Change, Document, Fragments
from core.i18n import _
from gui.canvas import picture, words
from gui.canvas.hints import MOST_HINTS, Hints
from gui.canvas.mouse import Mouse
from gui.canvas.page import Page, RelationMode
from gui.canvas.selection import Selection, Unit
from gui.canvas.view import PageView

if TYPE_CHECKING:
    from core.scheme import Scheme


# While hints are up: keys that scroll, and by what part of the window's height
_SCROLLS = {
    Qt.Key.Key_PageDown: 0.9,
    Qt.Key.Key_PageUp: -0.9,
    Qt.Key.Key_Down: 0.1,
    Qt.Key.Key_Up: -0.1,
}


class Canvas(PageView):
    """The reading canvas.

    Signals carry ids of mentions, relations and suggestions, "" for none; points are global.

    Attributes:
        button_tips: tool tips of ``accept`` and ``reject``; the window adds the keys.
        boundary_dragged: id and the new `Fragments`, when a handle was let go.
        relation_dragged: head, tail and where the mouse was let go.
        menu_requested: id or "", and where.
        selection_finished: the mouse was let go after selecting text: where a picker should open.
        activated: an item was double-clicked.
    """

    focus_changed = Signal(str)
    selection_changed = Signal()
    caret_moved = Signal()
    accept_requested = Signal(str)
    reject_requested = Signal(str)
    boundary_dragged = Signal(str, object)
    relation_dragged = Signal(str, str, QPoint)
    menu_requested = Signal(str, QPoint)
    selection_finished = Signal(QPoint)
    activated = Signal(str)
    hint_chosen = Signal(str)
    hints_cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection: Selection | None = None
        self._goal: float | None = None  # the x that moving by lines keeps to
        self._relation_mode: RelationMode = "focused"
        self._hints: Hints | None = None
        self._preview = ("", "")
        self._mouse = Mouse(self)
        self._blink = QTimer(self, interval=530)
        self._blink.timeout.connect(self._toggle_caret)
        self._caret_shown = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.setAccessibleName(_("Article"))
        self.button_tips = {"accept": _("Accept"), "reject": _("Reject or delete")}

    # -- the document

    @property
    def document(self) -> Document | None:
        return self._page.document if self._page else None

    def set_document(self, document: Document | None, scheme: Scheme) -> None:
        """Show `document` from its top, with nothing focused and nothing selected.

        The same article again (another scheme, or a reload) keeps the place, the caret and, where
        it still exists, the focus.
        """
        old, place, caret = self._page, self.verticalScrollBar().value(), self.caret
        same = old and document and old.document.article.text == document.article.text
        self._end_hints()
        self._mouse.cancel()
        self._scheme, self._look, self._goal = scheme, None, None
        if document is None:
            self._page = self._selection = None
        else:
            self._page = Page(document, scheme, self._size, self.viewport().width())
            self._page.show(self._relation_mode)
            self._selection = Selection(self._page.text)
        focused = old.focused if old and same else ""
        if same and self._page and self._selection:
            self._selection.place(caret)
            if self._page.index.position(focused) >= 0:
                self._page.focus(focused)
        self._settle()
        self.verticalScrollBar().setValue(place if same else 0)
        self._settle()
        self._idle.start()
        self.viewport().update()
        self._strip.update()
        if old and old.focused != self.focused:
            self.focus_changed.emit(self.focused)
        self.selection_changed.emit()

    def apply(self, document: Document, change: Change) -> None:
        """Follow an edit: `document` is what `change` made of the one shown.

        Only the paragraphs that the change touches are looked at and painted again. A focus on
        what is gone is dropped; where to go next is for the window to say.
        """
        if not self._page:
            return
        page = self._page
        before = page.arcs_area(*self.view)
        for i in page.apply(document, change):
            rect = page.block_rect(i)
            self._update(rect)
            self._strip.refresh(rect.top(), rect.bottom())
        if page.focused and page.index.position(page.focused) < 0:
            self._focus("")
        elif page.focused:
            self._announce(words.spoken(page, page.focused))  # its type or state may be another
        for area in (before, page.arcs_area(*self.view)):
            if not area.isEmpty():
                self._update(area)

    # -- what is focused

    @property
    def focused(self) -> str:
        """The id of the focused item, "" for none."""
        return self._page.focused if self._page else ""

    def set_focused(self, id: str, reveal: bool = True, place_caret: bool = True) -> None:
        """Focus an item (unknown ids and "" focus nothing) and scroll to it.

        The caret goes before it unless it is within; what was selected is no longer. Without
        `place_caret` both stay as they are, for a focus that follows the caret (and gives way to
        a selection).
        """
        if not self._page or not self._selection:
            return
        if self._page.index.position(id) < 0 or (self.selection and not place_caret):
            id = ""
        if id and place_caret:
            had = bool(self._selection.fragments)
            if not self._page.index.reaches(id, self._selection.caret):
                self._selection.place(self._page.index.position(id))
                self.caret_moved.emit()
            self._selection.clear()
            if had:
                self.selection_changed.emit()
        self._focus(id)
        if id and reveal:
            self.reveal(id)

    def _focus(self, id: str) -> None:
        assert self._page
        if id == self._page.focused:
            return
        self._page.focus(id)
        self.viewport().update()
        self.focus_changed.emit(id)
        self._announce(words.spoken(self._page, id))

    def _announce(self, what: str) -> None:
        """Tell people who hear the screen, unless it is what they heard last."""
        if what == self.accessibleDescription():
            return
        self.setAccessibleDescription(what)
        if what and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, what))

    def reading_order(self) -> tuple[str, ...]:
        """Ids of all items in reading order; a relation comes after the later of its ends."""
        return self._page.index.reading_order() if self._page else ()

    def items_in(self, start: int, end: int) -> tuple[str, ...]:
        """Ids of the items that are read at ``start <= offset < end``, in reading order."""
        return self._page.index.between(start, end) if self._page else ()

    def mentions_at(self, offset: int) -> list[str]:
        """Ids of the mentions over the character at `offset`, the shortest first."""
        return self._page.index.covering(offset) if self._page else []

    def relations_of(self, mention: str) -> list[str]:
        """Ids of the relations, gold and suggested, that a mention is an end of."""
        return self._page.index.relations_of(mention) if self._page else []

    def sentence_at(self, offset: int) -> tuple[int, int]:
        """Start and end of the sentence at `offset`."""
        return self._page.text.sentence_at(offset) if self._page else (0, 0)

    # -- caret and selection

    @property
    def selection(self) -> Fragments:
        """The selected fragments, () for none."""
        return self._selection.fragments if self._selection else ()

    @property
    def caret(self) -> int:
        return self._selection.caret if self._selection else 0

    def select(self, fragments: Fragments) -> None:
        """Select these fragments; nothing is focused then."""
        if self._selection:
            self._selection.set(fragments)
            self._selection_moved()

    def clear_selection(self) -> None:
        if self._selection and (self._selection.held or self._selection.active):
            self._selection.clear()
            self._selection_moved()

    def set_caret(self, offset: int) -> None:
        """Put the caret at `offset`; what was selected is no longer."""
        if self._selection:
            self._selection.place(self._selection.text.to_grapheme(offset))
            self._selection_moved()

    def hold_selection(self) -> bool:
        """Keep the present selection as a fragment and start another with the next one.

        False if nothing is selected.
        """
        held = bool(self._selection and self._selection.hold())
        if held:
            self._selection_moved()
        return held

    @property
    def held_parts(self) -> int:
        """How many parts are held while the next one is looked for."""
        return len(self._selection.held) if self._selection and self._selection.awaited else 0

    def move_caret(self, unit: Unit, direction: int, extend: bool = False) -> None:
        """Move the caret by one unit, forwards (+1) or backwards (-1); `extend` selects.

        Units: ``token``, ``char`` (a grapheme), ``line``, ``line_edge`` (to its start or end),
        ``sentence``, ``paragraph``, ``document``.
        """
        if not self._selection or not self._page:
            return
        if unit in ("line", "line_edge"):
            layout, caret = self._page.layout, self._selection.caret
            goal = None
            if unit == "line":
                x = layout.caret(caret).center().x() if self._goal is None else self._goal
                goal, to = x, layout.offset_beside(caret, direction, x)
            else:
                to = layout.line_span(caret)[direction > 0]
            self._selection.place(to, extend)
        else:
            goal = None
            self._selection.move(unit, direction, extend)
        self._selection_moved()
        self._goal = goal
        self.reveal_offset(self._selection.caret)

    def _selection_moved(self) -> None:
        assert self._page
        assert self._selection
        self._goal = None
        if self._selection.fragments and self._page.focused:
            self._focus("")
        if self._selection.fragments:
            self._announce(words.selected(self._page, self._selection.fragments))
        self._wake_caret()
        self.viewport().update()
        self.selection_changed.emit()
        self.caret_moved.emit()

    # -- looks

    def preview_relation(self, head: str = "", tail: str = "") -> None:
        """Draw the arrow of a relation that is being chosen; without ends, no more."""
        if self._preview != (head, tail):
            self._preview = (head, tail)
            self.viewport().update()

    @property
    def preview(self) -> tuple[str, str]:
        """Head and tail of the relation that is being chosen, "" for none."""
        return self._preview

    @property
    def relation_mode(self) -> RelationMode:
        """Which relations are drawn over the page: ``focused``, ``all`` or ``none``."""
        return self._relation_mode

    @relation_mode.setter
    def relation_mode(self, mode: RelationMode) -> None:
        self._relation_mode = mode
        if self._page:
            self._page.show(mode)
        self.viewport().update()

    def render_to(self, target: str, whole: bool = False, scale: float = 1.0) -> bool:
        """Write what is seen, or the whole article at the present width, as an image file.

        Args:
            scale: pixels of the image per pixel of the screen.
        Returns False if Qt could not write it.
        """
        return picture.take(self, whole, scale).save(target)

    def anchor(self, id: str = "") -> QPoint:
        """Where on the screen a picker for an item opens: under its first words.

        Default: under the selection, else what is focused, else the caret.
        """
        if not self._page:
            return self.mapToGlobal(self.rect().center())
        place = self._page.anchor(id or ("" if self.selection else self.focused))
        if place is None:
            selection = self.selection
            rects = self._page.fragment_rects(selection[0]) if selection and not id else []
            place = rects[0] if rects else self._page.layout.caret(self.caret)
        at = QPointF(place.left(), place.bottom() + self._page.metrics.row * 2)
        at -= QPointF(0, self.verticalScrollBar().value())
        return self.viewport().mapToGlobal(at.toPoint())

    # -- painting

    def _floats(self) -> bool:
        """Whether something is painted that does not move with the text."""
        return bool(self._hints) or (
            (self._relation_mode != "none" and bool(self.focused)) or self._relation_mode == "all"
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        # ended in any case: a painter that outlives its device takes the program down
        with QPainter(self.viewport()) as p:
            picture.paint(self, p, event.rect(), self.view, True)

    # -- the caret's life

    def _wake_caret(self) -> None:
        self._caret_shown = True
        if self.hasFocus():
            self._blink.start()

    def _toggle_caret(self) -> None:
        self._caret_shown = not self._caret_shown
        if self._page and self._selection:
            self._update(self._page.layout.caret(self._selection.caret).adjusted(-1, -1, 1, 1))

    @property
    def caret_visible(self) -> bool:
        return self._caret_shown and self.hasFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._wake_caret()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.cancel_hints()  # the keys would go elsewhere
        self._blink.stop()
        self._caret_shown = False
        self.viewport().update()

    # -- hints

    def show_hints(self, targets: Sequence[str]) -> bool:
        """Draw letters on those of `targets` that can be seen; a key or a click chooses one.

        Those out of view have letters too, the nearest ones, so that a reader who scrolls finds
        them there. Ends with `hint_chosen` or `hints_cancelled`, at once (and False) if none can
        be seen.
        """
        page = self._page
        seen = [id for id in targets if page and self.hint_place(id) is not None]
        if page is None or not seen:
            self.hints_cancelled.emit()
            return False
        near = page.index.position(seen[len(seen) // 2])
        others = [id for id in set(targets) - set(seen) if page.index.position(id) >= 0]
        others.sort(key=lambda id: (abs(page.index.position(id) - near), id))
        self._hints = Hints([*seen, *others][: max(len(seen), MOST_HINTS)])
        self.viewport().update()
        return True

    @property
    def hints_shown(self) -> bool:
        return self._hints is not None

    def choose_hint(self, id: str) -> bool:
        """End the hints with this target. False if it has none."""
        if self._hints is None or id not in self._hints.labels:
            return False
        self._end_hints()
        self.hint_chosen.emit(id)
        return True

    @property
    def hints(self) -> Hints | None:
        return self._hints

    def hint_place(self, id: str) -> QRectF | None:
        """Where on the viewport an item's letters go; None if it can't be seen."""
        assert self._page
        top = self.verticalScrollBar().value()
        place = self._page.anchor(id)
        if place is None:
            return None
        place = place.translated(0, -top)
        return place if place.top() >= 0 and place.bottom() <= self.viewport().height() else None

    def place_of(self, id: str) -> QRectF:
        """Where on the viewport a picker for an item opens; without one, for the selection."""
        if not self._page:
            return QRectF()
        place = self._page.anchor(id) if id else None
        if place is None:
            at = self.selection[-1].end if self.selection else self.caret
            place = self._page.layout.caret(at)
        return place.translated(0, -self.verticalScrollBar().value())

    def cancel_hints(self) -> None:
        if self._hints:
            self._end_hints()
            self.hints_cancelled.emit()

    def _end_hints(self) -> None:
        if self._hints:
            self._hints = None
            self.viewport().update()

    # -- events

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab is a command here, it does not leave the canvas."""
        return False

    def event(self, event: QEvent) -> bool:
        # While hints are up their letters are ours, before any shortcut of the window
        if event.type() == QEvent.Type.ShortcutOverride and self._hints:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._hints:
            event.ignore()
            return
        event.accept()
        if event.key() == Qt.Key.Key_Escape:
            self.cancel_hints()
        elif event.key() == Qt.Key.Key_Backspace:
            if not self._hints.back():
                self.cancel_hints()
            self.viewport().update()
        elif (pages := _SCROLLS.get(Qt.Key(event.key()))) is not None:
            self.scroll_pages(pages)
        elif len(event.text()) == 1:
            chosen = self._hints.type(event.text())
            self.viewport().update()
            if chosen:
                self.choose_hint(chosen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._hints:  # a click is another way to choose
            if not self.choose_hint(self._mouse.item_at(event.position())):
                self.cancel_hints()
            return
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._mouse.double_click(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._mouse.leave()
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tool_tip(QPointF(event.pos())), self)
            return True
        return super().viewportEvent(event)

    def _tool_tip(self, at: QPointF) -> str:
        what, id = self._mouse.what_at(at)
        if what in self.button_tips:
            return self.button_tips[what]
        return words.tool_tip(self._page, id) if self._page and what != "handle" else ""
