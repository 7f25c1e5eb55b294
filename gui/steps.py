"""What commands are made of: the edits of the focused thing, the pickers, and where to look next.

Keys reach these through the commands of `gui.actions`; the canvas and the panels call them with an
id or a place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from core import at_once, edits, recall
from core.annotation import (
    Change,
    Fragment,
    Fragments,
    Item,
    Mention,
    Relation,
    Suggestion,
    covered_text,
)
from core.article import sentences, span_at, tokens
from core.boundaries import moved_boundary
from core.errors import ConstraintError
from core.i18n import _
from core.scheme import AttributeType
from gui import choosing, plain
from gui.canvas.metrics import display_name
from gui.canvas.selection import Unit
from gui.canvas.widget import Canvas
from gui.commands import TABLE
from gui.drafts import of_attribute
from gui.keymap import Keys
from gui.picker import Choice
from gui.session import Session

if TYPE_CHECKING:
    from gui.window import Window

_CTRL = Qt.KeyboardModifier.ControlModifier


def is_relation(item: Item) -> bool:
    """Whether it is a relation, gold or suggested."""
    return isinstance(item, Relation) or (isinstance(item, Suggestion) and item.is_relation)


class Steps:
    """The parts of one window that every command needs, and what they do together."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.session: Session = window.session
        self.canvas: Canvas = window.canvas
        self.keymap: Keys = window.keymap
        self.at_once = False
        self._carried = (-1, "", "")  # the entry that gave all of an entity a type; where; which

    @property
    def focused(self) -> Item | None:
        """The mention, relation or suggestion that keys act on."""
        return self.session.item(self.canvas.focused)

    # -- at once, or with a picker

    def selected(self, at: QPoint) -> None:
        """Words were selected by mouse: mark them, or ask as what."""
        parts = self.canvas.selection
        if not self.at_once:
            self.pick_type(at)
        elif len(parts) == 1 and not QApplication.keyboardModifiers() & _CTRL:
            self.mark_selection()  # with Ctrl further parts are to come, then the type's key

    def mark_selection(self) -> None:
        """Mark the selection as what is likeliest; a type's key changes it."""
        document, project, parts = (
            self.session.document,
            self.session.project,
            self.canvas.selection,
        )
        if document is None or not parts:
            return
        change = self._do(lambda: at_once.mark(project, document, parts))
        if change is not None:
            self.canvas.clear_selection()
            self._focus(change.focus)

    def related(self, head: str, tail: str, at: QPoint) -> None:
        """A mention was dragged to another: relate them, or ask how."""
        document, project = self.session.document, self.session.project
        if not self.at_once or document is None:
            self.pick_relation(head, tail, at)
            return
        change = self._do(lambda: at_once.relate(project, document, head, tail))
        if change is not None:
            self._focus(change.focus)

    # -- edits of what is focused, selected or pointed at

    def reject_item(self, id: str) -> None:
        """Reject a suggestion, or delete gold."""
        item = self.session.item(id)
        project = self.session.project
        if isinstance(item, Suggestion):
            after = self._following(id)
            if self._do(lambda: edits.reject(project, [id])):
                self._focus(self._still_open(after))
        elif item is not None:
            self._do(lambda: edits.delete(project, [id]))

    def set_type(self, type: str) -> None:
        """Mark the selection as `type`, or give what is focused that type."""
        project, item = self.session.project, self.focused
        if self.canvas.selection:
            parts = self.canvas.selection
            article = self.session.article_id
            change = self._do(lambda: edits.add_mention(project, article, parts, type))
            if change:
                self.canvas.clear_selection()
                self._focus(change.focus)
        elif item is not None and is_relation(item) == (type in project.scheme.relation_types):
            change = self._do(lambda: edits.relabel(project, item.id, type))
            if change is not None:
                after = self._following(item.id) if isinstance(item, Suggestion) else ()
                self._focus(self._still_open(after) or item.id)
                self._remember_carried(change, item.id, type)

    def _remember_carried(self, change: Change, id: str, type: str) -> None:
        """Where a mention's type went to all of its entity, say how it goes to this one alone."""
        retyped = [
            image
            for image in change.images
            if isinstance(image.before, Mention)
            and isinstance(image.after, Mention)
            and image.before.type != image.after.type
        ]
        entry = self.session.next_undo()
        if len(retyped) > 1 and entry is not None:
            self._carried = (entry.seq, id, type)
            self.session.said.emit(
                _("{what}. Only this one: {key}").format(
                    what=change.label[:1].upper() + change.label[1:],
                    key=self.keymap.first("not_same_entity")
                    or TABLE["not_same_entity"].shown_title,
                )
            )

    def part_from_entity(self) -> None:
        """Take the focused mention out of its entity; the type that was just given to all its
        mentions stays with this one alone."""
        project, item = self.session.project, self.focused
        entry = self.session.next_undo()
        seq, id, type = self._carried
        if item is None:
            return
        if entry is not None and (entry.seq, item.id) == (seq, id):
            # Undone and made anew, so that one undo leads to what was before either.
            if self.session.do(lambda: edits.undo(project)) is not None:
                self._do(lambda: edits.relabel(project, id, type, alone=True), focus=id)
        else:
            self._do(lambda: edits.leave_entity(project, item.id), focus=item.id)

    def set_boundaries(self, id: str, parts: Fragments) -> None:
        """Give a mention other boundaries."""
        self._do(lambda: edits.set_fragments(self.session.project, id, parts), focus=id)

    def pick_type(self, at: QPoint) -> None:
        """Let the person pick the type of the selection or of the focused mention or relation."""
        item = self.focused
        if item is not None and is_relation(item) and not self.canvas.selection:
            self.pick_relation_type(at)
            return
        if not self.canvas.selection and item is None:
            self._select_word()
            if not self.canvas.selection:
                return
        document = self.session.document
        if document is None:
            return
        if self.canvas.selection or item is None or isinstance(item, Relation):
            item, parts = None, self.canvas.selection
        else:
            parts = item.fragments
        scheme = self.session.project.scheme
        look_up = self.session.project.decisions.cues
        choices = choosing.type_choices(scheme, document, parts, item, look_up)
        words = " ".join(covered_text(document.article.text, parts).split())
        further = ("hold_selection", _("further part")) if self.canvas.selection else None
        self.window.pick(choices, at, self.set_type, title=words, also=further)

    def pick_relation_type(self, at: QPoint) -> None:
        """Let the person pick another type for the focused relation."""
        item = self.focused
        if isinstance(item, Relation | Suggestion) and item.head:
            now = "" if isinstance(item, Suggestion) else item.type
            choices = self._relation_choices(item.head, item.tail, now)
            title = self._ends(item.head, item.tail)
            self.window.pick(choices, at, self.set_type, flip=self.flip_focused, title=title)

    def flip_focused(self) -> None:
        """Turn the focused relation round."""
        id = self.canvas.focused
        self._do(lambda: edits.flip(self.session.project, id), focus=id)

    def pick_relation(self, head: str, tail: str, at: QPoint) -> None:
        """Let the person pick how `head` relates to `tail`, then relate them.

        Where the scheme admits relations only the other way round, those are offered.
        """
        choices = self._relation_choices(head, tail)
        if not choices and (turned := self._relation_choices(tail, head)):
            choices, head, tail = turned, tail, head
        if not choices:
            self.session.refused.emit(at_once.unrelated())
            return
        self.window.pick(
            choices,
            at,
            lambda type: self._relate(type, head, tail),
            flip=lambda: self._pick_turned(tail, head, at),
            title=self._ends(head, tail),
        )
        self.canvas.preview_relation(head, tail)

    def _pick_turned(self, head: str, tail: str, at: QPoint) -> None:
        if self._relation_choices(head, tail):
            self.pick_relation(head, tail, at)
        else:
            self.pick_relation(tail, head, at)
            self.session.said.emit(_("The scheme admits no relation the other way round."))

    def _ends(self, head: str, tail: str) -> str:
        document = self.session.document
        ends = [document.end_of(id) if document else None for id in (head, tail)]
        first, second = (self.session.text_of(end) for end in ends)
        return plain.from_left(first, "  →  ", second)

    def relate_to(self, target: str) -> None:
        """The target of `relate` was chosen."""
        self.related(self.canvas.focused, target, self.window.anchor(target))

    def unite_with(self, target: str) -> None:
        """The target of `same_entity` was chosen."""
        first = self.canvas.focused
        self._do(lambda: edits.same_entity(self.session.project, first, target), focus=first)

    def _pick_value(self, item: Item, attribute: AttributeType) -> None:
        name = attribute.name
        if attribute.values:
            self.window.pick(
                choosing.value_choices(attribute, item),
                self.window.anchor(),
                lambda value: self.set_attribute(item.id, name, value),
                title=f"{self.session.text_of(item)}: {name}",
            )
        else:
            now = item.attributes.get(name)
            self.window.write(
                f"{self.session.text_of(item)}: {name}",
                "" if now is None else str(now),
                lambda value: self.set_attribute(item.id, name, value or choosing.NONE),
                one_line=True,
                draft=(item.id, of_attribute(name)),
            )

    def _note_writer(self, id: str) -> Callable[[str], None]:
        def then(text: str) -> None:
            self.window.inspector.drop_note()
            change = self.session.write_note(id, text)
            if change is None:
                self.window.inspector.follow()  # where it stays
            else:
                self._made(change, id)

        return then

    def _undo_steps(self, steps: str) -> None:
        self._show(self.window.undoing.back(int(steps)))

    # -- helpers

    def _never(self, *, in_project: bool) -> None:
        id, project = self.canvas.focused, self.session.project
        after = self._following(id)
        if self._do(lambda: recall.never(project, id, in_project=in_project)):
            self._focus(self._still_open(after))

    def _allow(self, veto: str) -> None:
        """Take a veto back, and let the open article be suggested in as it is now."""
        project = self.session.project
        if self._do(lambda: recall.allow(project, veto)) and self.session.article_id:
            self.window.suggesting.articles([self.session.article_id])

    def _do(
        self, edit: Callable[[], Change | None], focus: str = "", *, many: int = 1
    ) -> Change | None:
        with self.session.at_length(many):
            change = self.session.do(edit)
        if change is not None:
            self._made(change, focus)
        return change

    def _made(self, change: Change, focus: str) -> None:
        """Say what was done, and focus something."""
        self.session.said.emit(change.label[:1].upper() + change.label[1:])
        if focus:
            self._focus(focus)

    def _show(self, change: Change | None) -> None:
        """Bring what undo or redo changed into view."""
        if change is None:
            return
        for image in change.images:
            if self.session.item(image.id) is not None:
                self._focus(image.id)
                return
        self._focus("")

    def _focus(self, id: str) -> None:
        self.canvas.set_focused(id)

    def _open(self) -> list[Suggestion]:
        """The open suggestions of the article in reading order."""
        document = self.session.document
        if document is None:
            return []
        order = self.canvas.reading_order()
        return [s for id in order if (s := document.suggestions.get(id)) is not None]

    def _accept_all(self, items: Sequence[Suggestion]) -> None:
        if not items:
            self.session.said.emit(_("There is no open suggestion here."))
            return
        ids = [s.id for s in items]
        after = self._following(ids[-1])
        if self._do(lambda: edits.accept(self.session.project, ids), many=len(ids)):
            self._focus(self._still_open(after))

    def _in_sentence(self) -> list[Suggestion]:
        """The open suggestions of the sentence of what is focused, else of the caret."""
        document, item = self.session.document, self.focused
        if document is None:
            return []
        spans = sentences(document.article.text)
        index = span_at(spans, self._position(item) if item else self.canvas.caret)
        if index < 0:
            return []
        start, end = spans[index]
        return [s for s in self._open() if start <= self._position(s) < end]

    def _like_focused(self) -> list[Suggestion]:
        """The open suggestions with the words and the type of the focused one."""
        item, words = self.focused, self.session.text_of(self.focused)
        if item is None:
            return []
        return [s for s in self._open() if s.type == item.type and self.session.text_of(s) == words]

    def _reject_all(self, items: Sequence[Suggestion]) -> None:
        if not items:
            self.session.said.emit(_("There is no open suggestion here."))
            return
        ids = [s.id for s in items]
        after = self._following(ids[-1])
        if self._do(lambda: edits.reject(self.session.project, ids), many=len(ids)):
            self._focus(self._still_open(after))

    def accept_these(self, ids: Sequence[str]) -> None:
        """Accept the suggestions that a list shows, as one step."""
        wanted = set(ids)
        self._accept_all([s for s in self._open() if s.id in wanted])

    def set_attribute(self, id: str, name: str, value: str) -> None:
        """Give an attribute a value, `choosing.NONE` to take it away."""
        text = "" if value == choosing.NONE else value
        if change := self.session.write_attribute(id, name, text):
            self._made(change, id)

    def _relate(self, type: str, head: str, tail: str) -> None:
        project = self.session.project
        change = self._do(lambda: edits.add_relation(project, type, head, tail))
        if change:
            self._focus(head)

    def _relation_choices(self, head: str, tail: str, now: str = "") -> list[Choice]:
        """The relations that the scheme admits from head to tail, likeliest first."""
        document, project = self.session.document, self.session.project
        if document is None:
            return []
        habits = project.relation_habits()
        return choosing.relation_choices(
            project.scheme, document, head, tail, habits, project.decisions.cues, now
        )

    def _hint(
        self, then: Callable[[str], None], fits: Callable[[str, str], bool], how: str, none: str
    ) -> None:
        """Put letters on the mentions in sight that the focused one may be joined with.

        Args:
            fits: whether it may, by its type and theirs.
            how, none: what is said with the letters, and where there is nothing to put them on;
                with ``{type}`` for the type of what is focused.
        """
        source, item = self.canvas.focused, self.focused
        if item is None:
            self.session.refused.emit(
                ConstraintError(
                    _("Nothing is focused."), _("Go to a mention first: Tab or arrows.")
                )
            )
            return
        document = self.session.document
        assert document is not None
        spans: list[Mention | Suggestion] = [
            *document.mentions.values(),
            *(s for s in document.suggestions.values() if s.fragments),
        ]
        fitting = {type for type in {s.type for s in spans} if fits(item.type, type)}
        targets = [s.id for s in spans if s.type in fitting and s.id != source]
        type = display_name(item.type)
        self.window.hint(targets, then, how.format(type=type), none.format(type=type))

    def _position(self, item: Item) -> int:
        """Where it stands in the text; a relation stands where the later of its ends does."""
        document = self.session.document
        assert document is not None
        if isinstance(item, Mention) or (isinstance(item, Suggestion) and not item.is_relation):
            return item.start
        ends = [document.end_of(item.head), document.end_of(item.tail)]
        return max((end.start for end in ends if end is not None), default=0)

    def _following(self, id: str) -> tuple[str, ...]:
        """The reading order after `id`, going round."""
        order = self.canvas.reading_order()
        if id not in order:
            return order
        at = order.index(id)
        return order[at + 1 :] + order[:at]

    def _still_open(self, order: Sequence[str]) -> str:
        """The first of `order` that is still an open suggestion."""
        document = self.session.document
        return next((id for id in order if document and id in document.suggestions), "")

    def _step(self, direction: int) -> None:
        """Focus the next open suggestion from here; if there is none at all, the next gold."""
        document = self.session.document
        order = list(self.canvas.reading_order())
        if document is None or not order:
            return
        if not any(id in document.suggestions for id in order):
            wanted = order
        else:
            wanted = [id for id in order if id in document.suggestions]
        here = self.canvas.focused
        if here in order:
            ring = (
                self._following(here) if direction > 0 else tuple(reversed(self._following(here)))
            )
        else:
            at = self.canvas.caret
            later = [id for id in order if self._position_of(id) >= at]
            earlier = [id for id in order if self._position_of(id) < at]
            ring = tuple(later + earlier) if direction > 0 else tuple((later + earlier)[::-1])
        keep = set(wanted)
        target = next((id for id in ring if id in keep), "")
        if target:
            self.canvas.clear_selection()
            self._focus(target)

    def _position_of(self, id: str) -> int:
        item = self.session.item(id)
        return self._position(item) if item is not None else 0

    def _move(self, unit: Unit, direction: int, extend: bool = False) -> None:
        self.canvas.move_caret(unit, direction, extend)
        if not extend:
            self._focus_at_caret()

    def _focus_at_caret(self) -> None:
        """Focus the innermost mention under the caret, so that keys act on what is read."""
        here = self.canvas.mentions_at(self.canvas.caret)
        self.canvas.set_focused(here[0] if here else "", reveal=False, place_caret=False)

    def _select_word(self) -> None:
        """Select the token at the caret."""
        document = self.session.document
        if document is None:
            return
        spans = tokens(document.article.text)
        index = span_at(spans, self.canvas.caret)
        if index >= 0:
            self.canvas.select((Fragment(*spans[index]),))

    def _move_boundary(self, side: str, direction: int) -> None:
        item = self.focused
        document = self.session.document
        if document is None or item is None or is_relation(item) or isinstance(item, Relation):
            return
        parts = moved_boundary(document.article.text, item.fragments, side, direction)
        if parts == item.fragments:
            self.session.said.emit(_("The boundary can't go further."))
        else:
            self.set_boundaries(item.id, parts)
