"""The right-hand panel: what is focused, with buttons for all that keys can do to it; the queue of
open suggestions; the article's facts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.annotation import Change, Item, Mention, Relation, Suggestion
from core.i18n import _, ngettext
from gui import plain
from gui.actions import Actions
from gui.canvas.metrics import display_name
from gui.canvas.words import source
from gui.commands import TABLE
from gui.drafts import KB_ID, NOTE
from gui.panels.attributes import AttributeRows
from gui.panels.queue import Queue
from gui.panels.shrinking import Choices, Shrinking
from gui.steps import is_relation

_SHOWN = 300  # characters of a title, outlet and the like: Qt breaks a line of millions for minutes


class Inspector(QWidget):
    """Follows the canvas: call `follow` when the focus or the document changed."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self._session = actions.session
        self._shown = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 8)
        layout.setSpacing(8)
        self.setMinimumWidth(260)
        self._focus = self._build_focus()
        self._shrinking = Shrinking(self._focus)
        layout.addWidget(self._shrinking)
        self.queue = Queue(actions)
        layout.addWidget(self.queue, 1)
        layout.addWidget(_heading(_("Article")))
        self.facts = QLabel()
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setWordWrap(True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(self.facts)

    def _build_focus(self) -> QWidget:
        panel = QWidget()
        layout = QVBoxLayout(panel)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self.state = _heading("")
        self.what = QLabel()
        self.what.setTextFormat(Qt.TextFormat.PlainText)
        self.what.setWordWrap(True)
        self.what.setObjectName("focusedText")
        self.why = QLabel()
        self.why.setTextFormat(Qt.TextFormat.PlainText)
        self.why.setWordWrap(True)
        self.why.setObjectName("hint")
        self.why.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons, more = QHBoxLayout(), QHBoxLayout()
        for row_of_buttons in (buttons, more):
            row_of_buttons.setSpacing(6)
        self.accept = self._button(_("Accept"), "accept")
        self.reject = self._button(_("Reject"), "reject")
        self.relate = self._button(_("Relate…"), "relate")
        self.same = self._button(_("Same entity…"), "same_entity")
        self.flip = self._button(_("Flip"), "flip")
        for button in (self.accept, self.reject, self.flip):
            buttons.addWidget(button)
        for button in (self.relate, self.same):
            more.addWidget(button)
        self.type = Choices()
        self.type.setAccessibleName(_("Type"))
        self.type.setToolTip(_("The type; its key on the text does the same"))
        self.type.activated.connect(self._typed)
        self.bounds = QWidget()
        bounds = QHBoxLayout(self.bounds)
        bounds.setContentsMargins(0, 0, 0, 0)
        bounds.setSpacing(2)
        for title, names in (
            (_("Start"), ("start_left", "start_right")),
            (_("End"), ("end_left", "end_right")),
        ):
            bounds.addWidget(QLabel(title))
            for name, arrow in zip(
                names, (Qt.ArrowType.LeftArrow, Qt.ArrowType.RightArrow), strict=True
            ):
                bounds.addWidget(self._arrow(name, arrow))
            bounds.addSpacing(10)
        bounds.addStretch(1)
        self.entity = QLabel()
        self.entity.setTextFormat(Qt.TextFormat.PlainText)
        self.entity.setWordWrap(True)
        self.kb = QLineEdit()
        self.kb.setPlaceholderText(_("e.g. Q858"))
        self.kb.setAccessibleName(_("Knowledge-base id"))
        self.kb.textEdited.connect(lambda text: self._session.typing(self._shown, KB_ID, text))
        self.kb.editingFinished.connect(self._save_kb)
        self.leave = QToolButton()
        self.leave.setText(_("Leave"))
        self._wire(self.leave, "not_same_entity")
        row = QHBoxLayout()
        row.addWidget(self.kb)
        row.addWidget(self.leave)
        self.linked = QWidget()
        linked = QVBoxLayout(self.linked)
        linked.setContentsMargins(0, 0, 0, 0)
        linked.addWidget(self.entity)
        linked.addLayout(row)
        self.attributes = AttributeRows(self._actions)
        self.note = QPlainTextEdit()
        self.note.setPlaceholderText(_("Note"))
        self.note.setAccessibleName(_("Note"))
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(54)
        self.note.installEventFilter(self)
        self.note.textChanged.connect(self._note_typed)
        self.form = QWidget()
        form = QFormLayout(self.form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(_("Type"), self.type)
        self._form = form
        form.addRow(_("Edges"), self.bounds)
        form.addRow(_("Entity"), self.linked)
        form.addRow(self.attributes)
        form.addRow(_("Note"), self.note)
        for widget in (self.state, self.what, self.why):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addLayout(more)
        layout.addWidget(self.form)
        return panel

    def _button(self, title: str, command: str) -> QPushButton:
        button = QPushButton(title)
        self._wire(button, command)
        return button

    def _arrow(self, command: str, arrow: Qt.ArrowType) -> QToolButton:
        button = QToolButton()
        button.setArrowType(arrow)
        self._wire(button, command)
        return button

    def _wire(self, button: QPushButton | QToolButton, command: str) -> None:
        button.setAccessibleName(TABLE[command].shown_title)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._actions.keymap.teach(button, command)
        button.clicked.connect(lambda _checked: getattr(self._actions, command)())

    # -- following

    def follow(self, changes: Sequence[Change] = ()) -> None:
        """Show what is focused now, the queue after these edits, and the facts."""
        self.save_typed()
        if changes:
            self.queue.follow_changes(changes)
        item = self._actions.focused
        self._show_item(item)
        self._show_facts()
        self.queue.mark(self._shown)
        # From within outwards and now: left to itself, Qt takes a round of events for each, and
        # paints what has not found its place yet.
        for part in (self.attributes, self.form, self._focus):
            _lay_out(part)
        self._shrinking.settle()
        for part in (self.queue, self):
            _lay_out(part)

    def follow_document(self) -> None:
        """Another document is open."""
        self.queue.follow_document()
        self.follow()

    def _show_item(self, item: Item | None) -> None:
        self._shown = item.id if item else ""
        # What is below must not move up and down from one suggestion to the next.
        self.why.setMinimumHeight(2 * self.why.fontMetrics().lineSpacing())
        suggested = isinstance(item, Suggestion)
        relation = item is not None and is_relation(item)
        if item is None:
            self.state.setText(_("Nothing focused"))
            self.what.setText("")
            self.why.setToolTip("")
            self.why.setText(
                _("Tab: next suggestion. To mark words, select them and press a type's key.")
            )
        else:
            kind = _("relation") if relation else _("mention")
            state = _("Suggested {kind}") if suggested else _("Gold {kind}")
            self.state.setText(state.format(kind=kind))
            self.what.setText(self._session.text_of(item))
            self.why.setText(source(item))
            self.why.setToolTip(plain.tip(source(item)))
        self.accept.setVisible(suggested)
        self.reject.setVisible(item is not None)
        self.reject.setText(_("Reject") if suggested else _("Delete"))
        for widget in (self.relate, self.same):
            widget.setVisible(item is not None and not relation)
        self.flip.setVisible(relation)
        self.form.setVisible(item is not None)
        if item is None:
            return
        self._form.setRowVisible(self.bounds, not relation)
        self._fill_types(item)
        self.attributes.show_item(item)
        self._form.setRowVisible(self.attributes, self.attributes.any)
        entity = None
        if isinstance(item, Mention) and item.entity and self._session.document:
            entity = self._session.document.entities.get(item.entity)
        self._form.setRowVisible(self.linked, entity is not None)
        if entity is not None:
            self.entity.setText(" ".join(entity.name[:_SHOWN].split()))
            if self.kb.text().strip() != entity.kb_id:  # the cursor stays where one types
                self.kb.setText(entity.kb_id)
        self.note.setPlaceholderText(_("Note (accepts the suggestion)") if suggested else _("Note"))
        self.note.viewport().update()  # Qt shows another hint only when it comes or goes
        note = "" if isinstance(item, Suggestion) else item.note
        unsaved = self._session.unsaved_notes.get(item.id)
        if self.note.toPlainText() != (note if unsaved is None else unsaved):
            with QSignalBlocker(self.note):  # nobody typed it
                self.note.setPlainText(note if unsaved is None else unsaved)
        self.note.document().setModified(unsaved is not None)

    def _fill_types(self, item: Item) -> None:
        scheme = self._session.project.scheme
        document = self._session.document
        names: list[str]
        if isinstance(item, Relation | Suggestion) and item.head and document:
            ends = document.end_of(item.head), document.end_of(item.tail)
            names = []
            if ends[0] and ends[1]:
                names = [t.name for t in scheme.relations_between(ends[0].type, ends[1].type)]
        else:
            names = list(scheme.entity_types)
        if item.type not in names:
            names.insert(0, item.type)
        with QSignalBlocker(self.type):
            self.type.clear()
            for name in names:
                self.type.addItem(display_name(name), name)
            self.type.setCurrentIndex(names.index(item.type))

    def _show_facts(self) -> None:
        document = self._session.document
        if document is None:
            self.facts.setText(_("No article is open."))
            return
        article = document.article
        where = " · ".join(
            part[:_SHOWN] for part in (article.outlet, article.published, article.language) if part
        )
        counts = [
            ngettext("{n} mention", "{n} mentions", len(document.mentions)).format(
                n=len(document.mentions)
            ),
            ngettext("{n} relation", "{n} relations", len(document.relations)).format(
                n=len(document.relations)
            ),
            ngettext("{n} open", "{n} open", len(document.suggestions)).format(
                n=len(document.suggestions)
            ),
        ]
        size = _("{n} characters").format(n=f"{len(article.text):,}")
        state = _("done") if article.state == "done" else _("not done")
        lines = [plain.line(article.title, _SHOWN), where, f"{size} · {state}", " · ".join(counts)]
        self.facts.setText("\n".join(line for line in lines if line))

    def first_field(self) -> QWidget:
        """Where the keyboard goes when it comes into this panel."""
        shown = self.form.isVisibleTo(self)
        return self.type if shown else self.queue.filter

    # -- doing

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.note and event.type() == QEvent.Type.FocusOut:
            self._save_note()
        if (
            watched is self.note
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape  # type: ignore[attr-defined]
        ):
            self._actions.canvas.setFocus()
            return True
        return super().eventFilter(watched, event)

    def drop_note(self) -> None:
        """What stands in the field of the note is not to be saved: it was written elsewhere."""
        self.note.document().setModified(False)

    def save_typed(self) -> None:
        """Save what stands in a field and was not left yet, for the thing that it was typed for."""
        self._save_note()
        if self.kb.isModified():
            self._save_kb()
        self.attributes.save_typed()

    def _note_typed(self) -> None:
        self._session.typing(self._shown, NOTE, self.note.toPlainText())

    def _save_note(self) -> None:
        item = self._session.item(self._shown)
        if not self.note.document().isModified():
            return
        self.note.document().setModified(False)
        text = self.note.toPlainText()
        before = item.note if isinstance(item, Mention | Relation) else ""
        if item is not None and text != before:
            self._session.write_note(item.id, text)
        else:  # it is as it was, or what it was about is gone
            self._session.unsaved_notes.pop(self._shown, None)
            self._session.drafts.forget(self._shown, NOTE)

    def _save_kb(self) -> None:
        self.kb.setModified(False)
        item, document = self._session.item(self._shown), self._session.document
        entity = None
        if isinstance(item, Mention) and item.entity and document is not None:
            entity = document.entities.get(item.entity)
        if entity is not None and entity.kb_id != self.kb.text().strip():
            self._session.write_kb_id(self._shown, self.kb.text())
        else:
            self._session.drafts.forget(self._shown, KB_ID)

    def _typed(self, index: int) -> None:
        self._actions.set_type(self.type.itemData(index))
        self._actions.canvas.setFocus()


def _lay_out(part: QWidget) -> None:
    layout = part.layout()
    if layout is not None:
        layout.activate()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label
