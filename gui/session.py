"""What the window works on: one open project and one open article, and the way every edit takes.

A key press or a click ends in `Session.do`: the edit runs (validated, one transaction, journaled),
its `Change` moves the open document on, and whoever listens to `changed` follows. The screens never
poke each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from core import edits, recall
from core.annotation import (
    Change,
    Document,
    Entity,
    Item,
    Mention,
    Suggestion,
    covered_text,
)
from core.edits.checks import item_of
from core.errors import ChangedMeanwhile, GoldsmithError, NotFound, ProjectError, SaveFailed
from core.i18n import _
from core.journal import Entry
from core.project import Project
from gui import plain
from gui.canvas.metrics import display_name
from gui.drafts import KB_ID, NOTE, Draft, Drafts, attribute_of, of_attribute

T = TypeVar("T")
_TITLE = 60  # characters of a title that are said
OPEN = "open_article"  # setting: the one that was shown last
AT_ONCE = 20_000  # characters; in a longer article the memory is asked while the window is idle
MANY = 500  # values from which on an edit takes so long that a person is told (0.5 ms each)
PAUSE = 400  # ms after an edit before that goes on: the next key should not have to wait


class Session(QObject):
    """The state that all parts of one window share.

    Attributes:
        document: what is shown, None if no article is open.
        unsaved_notes: item id to what a person typed and the file did not take; it stays on
            screen, and is saved with the next edit that is.

    Signals:
        leaving: another article is about to be shown; `document` is still the one before.
        document_opened: another article (or none) is shown; read `document`.
        changed(Change): an edit was made; `document` has followed it already.
        articles_changed: the list of articles must be read again.
        said(str): a line for the status bar.
        waits(str): the same, to be shown at once: what comes now takes a while.
        refused(GoldsmithError): what a person asked for could not be done, and why.
        unsaved(SaveFailed): the disk did not take an edit; it was taken back whole.
    """

    leaving = Signal()
    document_opened = Signal()
    changed = Signal(object)
    articles_changed = Signal()
    said = Signal(str)
    waits = Signal(str)
    refused = Signal(object)
    unsaved = Signal(object)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._recall = recall.Recall(project)
        if not project.read_only:
            project.companion = self._recall
        self.document: Document | None = None
        self._steps: Iterator[Change] = iter(())
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._refresh_more)
        self.unsaved_notes: dict[str, str] = {}
        self.drafts = Drafts(project, self)
        self._try_again: set[str] = set()  # those that failed because of the disk
        self._why: GoldsmithError | None = None
        self._begun = False  # an article was shown

    @property
    def article_id(self) -> str:
        """The open article's id, empty if none is open."""
        return self.document.article.id if self.document else ""

    def open_article(self, id: str) -> bool:
        """Show an article; an empty id shows none. Answers whether that worked."""
        if id and id == self.article_id:
            return True
        self.leaving.emit()
        try:
            self.rest()
            if id and not self.project.read_only:
                self.remember(id)
            self.document = self.project.document(id) if id else None
            if self.document is not None:
                self._recall.prepare(self.document)
        except GoldsmithError as error:
            self.refused.emit(error)
            return False
        self._remember_place()
        self.document_opened.emit()
        return True

    def _remember_place(self) -> None:
        """Where the next start is to begin. Who only looks at the first article changes nothing."""
        id, project = self.article_id, self.project
        if id and self._begun and not project.read_only:
            with suppress(GoldsmithError):  # what the disk does not take is said of the next edit
                project.set_setting(OPEN, id)
        self._begun = self._begun or bool(id)

    def remember(self, id: str) -> None:
        """Bring an article's suggestions in line with what was decided anywhere in the project:
        now, or part by part while the window is idle."""
        if self.is_long(id):
            self._steps = recall.refresh_in_parts(self.project, id)
            self._idle.start()
        else:
            self.follow(recall.refresh(self.project, id))

    def is_long(self, id: str) -> bool:
        """Whether an article is so long that the memory is not asked about all of it at once."""
        return len(self.project.article(id).text) > AT_ONCE

    def rest(self) -> None:
        """Leave what was to be done while idle: before another article, or the end."""
        self._idle.stop()
        self._steps = iter(())

    def _refresh_more(self) -> None:
        """One more part of a long article, as things are now: also what was done meanwhile."""
        self._idle.setInterval(0)
        try:
            change = next(self._steps, None)
        except GoldsmithError as error:
            self.rest()
            self.refused.emit(error)
            return
        if change is None or change.article != self.article_id:
            self.rest()
        elif change.images:
            self.follow(change)

    def reread(self) -> None:
        """Show what the file has, whatever was believed: after a failure, or another's writing."""
        self.project.forget()
        id = self.article_id
        self.document = None
        row = self.project.article_row(id) if id else None
        self.articles_changed.emit()
        if row is None or not self.open_article(id):
            self.document_opened.emit()

    def item(self, id: str) -> Item | None:
        """The mention, relation or suggestion of the open article with this id."""
        return self.document.item(id) if self.document and id else None

    def text_of(self, item: Item | None) -> str:
        """What a person would call it: the covered text, or ``head — type → tail``."""
        if item is None or self.document is None:
            return ""
        if isinstance(item, Mention) or (isinstance(item, Suggestion) and not item.is_relation):
            return " ".join(covered_text(self.document.article.text, item.fragments).split())
        head, tail = (self.text_of(self.document.end_of(end)) for end in (item.head, item.tail))
        return plain.from_left(head, f" — {display_name(item.type)} → ", tail)

    def do(self, edit: Callable[[], Change | None]) -> Change | None:
        """Make one edit and let everybody follow; None (and `refused`) if it could not be made."""
        if self._idle.isActive():
            self._idle.start(PAUSE)
        try:
            change = edit()
        except SaveFailed as error:
            self._why = error
            self.unsaved.emit(error)
            return None
        except ChangedMeanwhile as error:
            self._why = error
            self.reread()
            self.refused.emit(error)
            return None
        except GoldsmithError as error:
            self._why = error
            self.refused.emit(error)
            return None
        if change is not None and (change.images or change.many):
            self.follow(change)
        return change

    def typing(self, id: str, field: str, text: str) -> None:
        """The `field` (`gui.drafts`) of an item reads like this now; a draft is only what the
        file has not already."""
        same = False
        with suppress(GoldsmithError):
            same = self.typed_before(Draft(id, field, text)) == text.strip()
        if same:
            self.drafts.forget(id, field)
        else:
            self.drafts.typing(id, field, text)

    def write_note(self, id: str, text: str) -> Change | None:
        """Set an item's note; what can't be saved is kept in `unsaved_notes`."""
        self._try_again.discard(id)
        change = self.do(lambda: edits.set_note(self.project, id, text))
        if change is not None or isinstance(self._why, NotFound):
            self.unsaved_notes.pop(id, None)
            self.drafts.forget(id, NOTE)
        else:
            self.unsaved_notes[id] = text
            if isinstance(self._why, ProjectError):
                self._try_again.add(id)
        return change

    def write_kb_id(self, id: str, text: str) -> Change | None:
        """Link the entity of the mention `id` to a knowledge base."""
        mention = self.item(id)
        entity = mention.entity if isinstance(mention, Mention) else None
        if not entity:
            self.drafts.forget(id, KB_ID)
            return None
        return self._write(id, KB_ID, lambda: edits.set_kb_id(self.project, entity, text.strip()))

    def write_attribute(self, id: str, name: str, text: str) -> Change | None:
        """Give an attribute a value; an empty one takes it away."""
        return self._write(
            id,
            of_attribute(name),
            lambda: edits.set_attribute(self.project, id, name, text or None),
        )

    def _write(self, id: str, field: str, edit: Callable[[], Change]) -> Change | None:
        """An edit of what was typed into `field`; what the disk does not take stays a draft."""
        change = self.do(edit)
        if change is not None or not isinstance(self._why, ProjectError):
            self.drafts.forget(id, field)
        return change

    def finish_drafts(self) -> str:
        """Make edits of what was being typed when the process ended; the id of the item of the
        first one, empty if there is none."""
        made = [id for draft in self.drafts.left_behind() if (id := self._finish(draft))]
        return made[0] if made else ""

    def _finish(self, draft: Draft) -> str:
        item = self._gold_or_open(draft.item)
        if item is None or self.typed_before(draft) in (None, draft.text.strip()):
            self.drafts.forget(draft.item, draft.field)
            return ""
        if not self.open_article(item.article):
            return ""
        if draft.field == NOTE:
            change = self.write_note(item.id, draft.text)
        elif draft.field == KB_ID:
            change = self.write_kb_id(item.id, draft.text)
        else:
            change = self.write_attribute(item.id, attribute_of(draft.field), draft.text.strip())
        return "" if change is None else item.id

    def typed_before(self, draft: Draft) -> str | None:
        """What the file has in the field of a draft; None where there is no such field."""
        item = self._gold_or_open(draft.item)
        if item is None:
            return None
        if draft.field == NOTE:
            return "" if isinstance(item, Suggestion) else item.note
        if draft.field == KB_ID:
            id = item.entity if isinstance(item, Mention) else None
            entity = self.project.get("entity", id) if id else None
            return entity.kb_id if isinstance(entity, Entity) else None
        if name := attribute_of(draft.field):
            value = item.attributes.get(name)
            return "" if value is None else str(value)
        return None

    def _gold_or_open(self, id: str) -> Item | None:
        """An item of any article, as the file has it; None where it is gone or was rejected."""
        with suppress(NotFound):
            return item_of(self.project, id)
        return None

    def save_notes(self) -> None:
        """Try once more to save what could not be."""
        for id in [*self._try_again]:
            self.write_note(id, self.unsaved_notes[id])

    @contextmanager
    def at_length(self, values: int) -> Iterator[None]:
        """Something that changes so many values: of many, a person is told and sees to wait."""
        if values < MANY:
            yield
            return
        self.waits.emit(_("One moment: {n} changes…").format(n=f"{values:,}"))
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            yield
        finally:
            QGuiApplication.restoreOverrideCursor()

    def attempt(self, task: Callable[[], T]) -> T | None:
        """Run something that may be refused and that is not one edit, such as an import."""
        try:
            return task()
        except GoldsmithError as error:
            self.refused.emit(error)
            return None

    def follow(self, change: Change) -> None:
        """Bring the open document up to date with `change` and tell everybody."""
        if change.many:
            self.reopen()
            return
        if self.document is not None:
            self.document = self.document.after(change)
            if self.document.article.removed or self._is_gone(change):
                self.document = None
                self.document_opened.emit()
        self.changed.emit(change)
        if any(image.kind == "article" for image in change.images):
            self.articles_changed.emit()
        if self._try_again:  # the disk takes edits again
            self.save_notes()

    def reopen(self) -> None:
        """Read the open article and the list again: more has changed than a `Change` lists."""
        id, self.document = self.article_id, None
        if id and self.project.article_row(id) is not None:
            self.document = self.project.document(id)
        self.document_opened.emit()
        self.changed.emit(Change(""))
        self.articles_changed.emit()

    def _is_gone(self, change: Change) -> bool:
        return any(
            i.kind == "article" and i.id == self.article_id and i.after is None
            for i in change.images
        )

    def undo(self) -> Change | None:
        """Take the last edit back, showing the article that it was made in."""
        return self._back(edits.undo, _("There is nothing to undo."))

    def redo(self) -> Change | None:
        """Make the edit that was undone last again."""
        return self._back(edits.redo, _("There is nothing to redo."))

    def _back(self, step: Callable[[Project], Change | None], nothing: str) -> Change | None:
        change = self.do(lambda: step(self.project))
        if change is None:
            self.said.emit(nothing)
            return None
        before = self.article_id
        if change.article and change.article != before:
            row = self.project.article_row(change.article)
            if row is not None:
                self.open_article(change.article)
        self.tell_step(change, before)
        return change

    def tell_step(self, change: Change, before: str) -> None:
        """Say what was undone or redone, and where, if that is in another article than `before`."""
        told = change.label
        if self.document is not None and self.article_id != before:
            title = plain.line(self.document.article.title, _TITLE)
            told = _("{what}. This is another article: “{title}”").format(what=told, title=title)
        self.said.emit(told)

    def next_undo(self) -> Entry | None:
        """What undo would take back; None also where the disk does not answer."""
        with suppress(ProjectError):
            return self.project.next_undo()
        return None

    def next_redo(self) -> Entry | None:
        """What redo would make again, as `next_undo`."""
        with suppress(ProjectError):
            return self.project.next_redo()
        return None
