"""The queue of open suggestions: browse it, narrow it by words, type or score, accept what is left.

A model that reads an item's words only when its row is drawn: an edit costs the same in an article
with thirty suggestions as in one with three thousand.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import regex
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.annotation import Change, Suggestion
from core.i18n import _, ngettext
from gui import plain
from gui.actions import Actions
from gui.canvas.metrics import display_name
from gui.canvas.words import origin
from gui.panels.table import Rows
from gui.rows import LINE, Line, SideDelegate

_ID = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_SCORE = regex.compile(r"(?<how>[<>]=?|=)\s*(?<score>[01]?[.,]?\d+)\s*(?<percent>%?)")
_HOW: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq,
}  # fmt: skip


class Wish:
    """What a filter's text asks for: words (all of them, in the item's words, type or source) and
    limits of the score such as ``>0.9``, ``>=90%`` or ``<.5``."""

    def __init__(self, text: str) -> None:
        self.limits = []
        for found in _SCORE.finditer(text):
            score = float(found["score"].replace(",", "."))
            if found["percent"] or score > 1:
                score /= 100
            self.limits.append((_HOW[found["how"]], score))
        self.words = _SCORE.sub(" ", text).casefold().split()

    def __bool__(self) -> bool:
        return bool(self.words or self.limits)

    def admits(self, item: Suggestion, shown: Callable[[], str]) -> bool:
        """Whether an item is asked for; `shown` gives its words."""
        # As it is shown: 0.899 reads 0.90 and counts as 0.90.
        score = round(item.score, 2)
        if not all(how(score, limit) for how, limit in self.limits):
            return False
        if not self.words:
            return True
        haystack = f"{shown()} {item.type} {display_name(item.type)} {item.source}".casefold()
        return all(word in haystack for word in self.words)


class QueueModel(QAbstractListModel):
    """The open suggestions of the article, as they are asked for and in the order asked for."""

    def __init__(self, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self._session = actions.session
        self.ids: list[str] = []
        self.wish = Wish("")
        self.order = "text"

    def refresh(self) -> None:
        """Read which suggestions are open now."""
        ids = self._wanted()
        if ids == self.ids:
            return
        if len(ids) == len(self.ids) - 1:  # nearly always: one was decided
            pairs = zip(self.ids, ids, strict=False)
            row = next((n for n, (old, new) in enumerate(pairs) if old != new), len(ids))
            if self.ids[row + 1 :] == ids[row:]:
                self.beginRemoveRows(_NO_PARENT, row, row)
                self.ids = ids
                self.endRemoveRows()
                return
        self.beginResetModel()
        self.ids = ids
        self.endResetModel()

    def _wanted(self) -> list[str]:
        document = self._session.document
        if document is None:
            return []
        open_ = document.suggestions
        ids = [id for id in self._actions.canvas.reading_order() if id in open_]
        if self.wish:
            ids = [id for id in ids if self.wish.admits(open_[id], partial(self.words, id))]
        if self.order != "text":
            sign = -1 if self.order == "high" else 1
            ids.sort(key=lambda id: sign * open_[id].score)
        return ids

    def words(self, id: str) -> str:
        """What a row says of a suggestion: the covered text, or head, relation and tail."""
        return self._session.text_of(self._session.item(id))

    def _parts(self, item: Suggestion) -> tuple[str, str, str] | None:
        session = self._session
        if not item.is_relation or session.document is None:
            return None
        head, tail = (
            session.text_of(session.document.end_of(end)) for end in (item.head, item.tail)
        )
        return head, f" — {display_name(item.type)} → ", tail

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        id = self.ids[index.row()]
        if role == _ID:
            return id
        item = self._session.item(id)
        if not isinstance(item, Suggestion):
            return None
        type = "" if item.is_relation else item.type
        if role == Qt.ItemDataRole.DisplayRole:
            return self.words(id)
        if role == LINE:
            parts = self._parts(item)
            words = "" if parts else self.words(id)
            return Line(words, f"{type}  {item.score:.2f}".strip(), parts)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain.tip(f"{self.words(id)}\n{origin(item)}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.words(id)}, {type or _('relation')}, {item.score:.2f}"
        return None


def _rows() -> Rows:
    table = Rows()
    table.setObjectName("queue")
    table.setAccessibleName(_("Open suggestions"))
    table.setFrameShape(QTableView.Shape.NoFrame)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setItemDelegate(SideDelegate(table))
    table.horizontalHeader().hide()
    table.horizontalHeader().setStretchLastSection(True)
    rows = table.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setMinimumSectionSize(1)
    rows.setDefaultSectionSize(table.fontMetrics().height() + 6)
    return table


class Queue(QWidget):
    """The list with its filter, its order and a button that accepts what it shows."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self.model = QueueModel(actions, self)
        self.heading = QLabel()
        self.heading.setObjectName("heading")
        self.order = QComboBox()
        self.order.setAccessibleName(_("Order of the suggestions"))
        self.order.setToolTip(_("The order of this list; Tab on the text goes as one reads"))
        for title, order in (
            (_("in text order"), "text"),
            (_("highest score"), "high"),
            (_("lowest score"), "low"),
        ):
            self.order.addItem(title, order)
        self.order.activated.connect(self._ordered)
        self.filter = QLineEdit()
        self.filter.setAccessibleName(_("Filter suggestions"))
        self.filter.setPlaceholderText(_("Filter: words, type, >0.9"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filtered)
        self.filter.installEventFilter(self)
        actions.keymap.teach(self.filter, "filter_suggestions")
        self.list = _rows()
        self.list.setModel(self.model)
        self.list.clicked.connect(self._go_to)
        self.list.activated.connect(self._go_to)
        self.list.installEventFilter(self)
        self.take = QPushButton()
        self.take.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.take.setToolTip(_("Accept every suggestion that the filter shows, as one undo step"))
        self.take.clicked.connect(lambda _checked: actions.accept_these(self.model.ids))
        row = QHBoxLayout()
        row.addWidget(self.heading)
        row.addStretch(1)
        row.addWidget(self.order)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.filter)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.take)

    # -- following

    def follow_document(self) -> None:
        """Another article is open."""
        self.model.refresh()
        self._count()

    def follow_changes(self, changes: Sequence[Change]) -> None:
        """Edits were made."""
        images = (image for change in changes for image in change.images)
        if any(image.kind in ("suggestion", "mention") for image in images):
            self.model.refresh()
            self._count()

    def mark(self, id: str) -> None:
        """Select the row of the item that is focused on the text, if it has one."""
        at = self.model.ids.index(id) if id in self.model.ids else -1
        if at >= 0:
            if self.list.currentIndex().row() != at:
                self.list.setCurrentIndex(self.model.index(at))
        else:
            self.list.selectionModel().setCurrentIndex(
                QModelIndex(), QItemSelectionModel.SelectionFlag.Clear
            )
        self.list.settle()

    def _count(self) -> None:
        document = self._actions.session.document
        n, shown = len(document.suggestions) if document else 0, len(self.model.ids)
        if self.model.wish:
            self.heading.setText(_("Suggestions: {m} of {n}").format(m=shown, n=n))
        else:
            self.heading.setText(_("Suggestions: {n}").format(n=n))
        self.take.setVisible(bool(self.model.wish))
        self.take.setEnabled(bool(shown))
        self.take.setText(
            ngettext("Accept this {n}", "Accept these {n}", shown).format(n=shown)
            if shown
            else _("Nothing to accept")
        )

    # -- doing

    def _filtered(self, text: str) -> None:
        self.model.wish = Wish(text)
        self.model.refresh()
        self._count()
        self.mark(self._actions.canvas.focused)

    def _ordered(self, _row: int) -> None:
        self.model.order = self.order.currentData()
        self.model.refresh()
        self.mark(self._actions.canvas.focused)

    def _go_to(self, index: QModelIndex) -> None:
        self._actions.canvas.set_focused(index.data(_ID))
        self._actions.canvas.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key == Qt.Key.Key_Escape:
                if watched is self.filter and self.filter.text():
                    self.filter.clear()
                else:
                    self._actions.canvas.setFocus()
                return True
            if watched is self.filter and self.model.ids:
                if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                    self._go_to(self.model.index(0))
                    return True
                if key == Qt.Key.Key_Down:
                    self.list.setFocus()
                    if not self.list.currentIndex().isValid():
                        self.list.setCurrentIndex(self.model.index(0))
                    return True
        return super().eventFilter(watched, event)
