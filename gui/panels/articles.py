"""The list of articles: title, progress, state; a filter above it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core import order
from core.annotation import Change
from core.contents import ArticleRow
from core.errors import ProjectError
from core.i18n import _, ngettext
from core.order import Order
from core.turns import Place
from gui import plain
from gui.panels.table import Rows
from gui.session import OPEN, Session

ID = Qt.ItemDataRole.UserRole
ROW = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_ROLES = (
    Qt.ItemDataRole.DisplayRole, ID, ROW,
    Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole,
)  # fmt: skip
_PAGE = 64  # rows that are read at once
_KEPT = 40  # pages that are kept
_TIP = 100  # characters of a title in a tool tip, which does not break lines
_FIRST = 2_000  # articles that are there at once
_THEN = 20_000  # and how many come at a time while the window is idle


class ArticleModel(QAbstractTableModel):
    """The articles of a project, a page at a time: rows are read when they are looked at.

    What is held is one number an article, its position; the first of them are there at once and the
    others come while the window is idle, so that a million articles keep nobody waiting.
    """

    grown = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._words = ""
        self._positions = array("q")
        self._order = Order.GIVEN
        self._end: Place | None = None  # of the most useful ones that were read so far
        self._rest = -1  # and of the others, which come behind them
        self._pages: OrderedDict[int, dict[int, ArticleRow]] = OrderedDict()
        self._same = False
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._more)
        self.reload()
        session.articles_changed.connect(self._articles_changed)
        session.changed.connect(self._follow)

    def search(self, words: str) -> None:
        """Show only the articles that have these words, or their beginnings, in title or text."""
        self._words = words
        self._session.attempt(lambda: self._session.project.ready_to_search(words))
        self.reload()

    def reload(self) -> None:
        """Read the list again."""
        self._idle.stop()
        self.beginResetModel()
        self._pages.clear()
        self._end, self._rest = None, -1
        # What is looked for comes as given: then one article is wanted, not the next one.
        self._order = Order.GIVEN if self._words else order.of(self._session.project)
        self._positions = array("q", self._next(_FIRST))
        self.endResetModel()
        if len(self._positions) >= _FIRST:
            self._idle.start()

    @property
    def order(self) -> Order:
        """The order that is shown."""
        return self._order

    def _next(self, limit: int) -> list[int]:
        project = self._session.project
        if self._order is Order.GIVEN:
            given = project.article_positions(self._words, self._rest, limit)
            self._rest = given[-1] if given else self._rest
            return given
        found: list[int] = []
        if self._rest < 0:
            places = project.turns.page(self._end, limit)
            if places:
                self._end = places[-1]
            found = [position for _value, position in places]
        if len(found) < limit:
            others = project.turns.others(self._rest, limit - len(found))
            self._rest = others[-1] if others else max(self._rest, 0)
            found += others
        return found

    def _more(self) -> None:
        found = self._next(_THEN)
        if found:
            at = len(self._positions)
            self._pages.pop(at // _PAGE, None)  # it may have been read when it was not full
            self.beginInsertRows(_NO_PARENT, at, at + len(found) - 1)
            self._positions.extend(found)
            self.endInsertRows()
            self.grown.emit()
        if len(found) < _THEN:
            self._idle.stop()

    def _articles_changed(self) -> None:
        """Articles came or went, or only their facts are others."""
        same, self._same = self._same, False
        if not same:
            self.reload()
        elif self._positions:
            self._pages.clear()
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._positions) - 1, 0))

    def _follow(self, change: Change) -> None:
        about = [image for image in change.images if image.kind == "article"]
        # Told next, by `articles_changed`: that the list is as long as it was.
        self._same = bool(about) and not change.many and all(i.before and i.after for i in about)
        for id in {image.article for image in change.images if image.kind != "article"}:
            row = self.row_of(id)
            if row >= 0:
                self._pages.pop(row // _PAGE, None)
                self.dataChanged.emit(self.index(row, 0), self.index(row, 0))

    def row_of(self, id: str) -> int:
        """Where an article stands in the list, -1 if it is not (or not yet) in it."""
        position = self._session.project.position_of(id)
        if position is None:
            return -1
        if self._order is Order.USEFUL:
            try:
                return self._positions.index(position)
            except ValueError:
                return -1
        row = bisect_left(self._positions, position)
        there = row < len(self._positions) and self._positions[row] == position
        return row if there else -1

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._positions)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else 1

    def _row(self, n: int) -> ArticleRow | None:
        page = n // _PAGE
        if page not in self._pages:
            wanted = self._positions[page * _PAGE : (page + 1) * _PAGE].tolist()
            try:
                rows = self._session.project.article_rows(wanted)
            except ProjectError as error:  # rows stay empty: this is asked for while painting
                rows = []
                self._session.refused.emit(error)
            self._pages[page] = {row.position: row for row in rows}
            if len(self._pages) > _KEPT:
                self._pages.popitem(last=False)
        return self._pages[page].get(self._positions[n])

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in _ROLES:
            return None
        row = self._row(index.row())
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return plain.line(row.title)
        if role == ID:
            return row.id
        if role == ROW:
            return row
        told = f"{plain.line(row.title, _TIP)}\n{summary(row)}"
        if row.state != "done" and (turn := self._session.project.turns.of(row.id)) is not None:
            told += "\n" + order.why(turn)
        return plain.tip(told) if role == Qt.ItemDataRole.ToolTipRole else told


def _state(row: ArticleRow) -> str:
    if row.state == "done":
        return _("done")
    if row.open:
        return ngettext("{n} open", "{n} open", row.open).format(n=row.open)
    return _("to do")


def summary(row: ArticleRow) -> str:
    """What is done in an article and what is open, for a tool tip and a screen reader."""
    gold = [
        ngettext("{n} mention", "{n} mentions", row.mentions).format(n=row.mentions),
        ngettext("{n} relation", "{n} relations", row.relations).format(n=row.relations),
    ]
    return " · ".join([_state(row), *(gold if row.mentions else ())])


def short_summary(row: ArticleRow) -> str:
    """The same in the width of a narrow list: gold facts of both kinds together."""
    n = row.mentions + row.relations
    return f"{_state(row)} · {_('{n} gold').format(n=n)}" if n else _state(row)


class _Delegate(QStyledItemDelegate):
    """Two lines a row, and a mark for its state that needs no colour: ring, half disc, check."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(120, 2 * option.fontMetrics.height() + 14)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: ArticleRow | None = index.data(ROW)
        if row is None:
            return  # it was removed a moment ago
        style = option.widget.style()
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        ink = palette.color(role)
        area = option.rect.adjusted(28, 5, -8, -5)
        metrics = option.fontMetrics
        painter.save()
        painter.setPen(ink)
        painter.drawText(
            option.rect.adjusted(8, 5, 0, 0),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop,
            "✓" if row.state == "done" else ("◐" if row.mentions else "○"),
        )
        painter.drawText(
            area,
            Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop,
            metrics.elidedText(plain.line(row.title), Qt.TextElideMode.ElideRight, area.width()),
        )
        if not selected:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(
            area,
            Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignBottom,
            metrics.elidedText(short_summary(row), Qt.TextElideMode.ElideRight, area.width()),
        )
        painter.restore()


class ArticlesPanel(QWidget):
    """The list with its filter. Opening an article is selecting its row.

    Signals:
        chosen: a row was clicked, or Enter pressed on it; its article is open.
        left: Esc was pressed; the person wants to go back to the text.
    """

    chosen = Signal()
    left = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Find articles"))
        self.filter.setAccessibleName(_("Find articles: words of title or text"))
        self.filter.setClearButtonEnabled(True)
        self.model = ArticleModel(session)
        # A table, since a list view lays out every row after each edit.
        self.list = Rows()
        self.list.setAccessibleName(_("Articles"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.horizontalHeader().hide()
        self.list.horizontalHeader().setStretchLastSection(True)
        self.list.verticalHeader().hide()
        self.list.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._set_row_height()
        self.list.setShowGrid(False)
        self.list.setTabKeyNavigation(False)
        self.list.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.list.setFrameShape(QTableView.Shape.NoFrame)
        self.filter.textChanged.connect(self.model.search)
        self.list.selectionModel().currentChanged.connect(self._opened)
        self.list.clicked.connect(self._chosen)
        self.list.activated.connect(self._chosen)
        self.model.modelReset.connect(self._show_open)
        self.model.grown.connect(self._show_open)
        session.document_opened.connect(self._show_open)
        self.order = QComboBox()
        self.order.setAccessibleName(_("Order of the articles"))
        self.order.addItem(_("As given"), Order.GIVEN)
        self.order.addItem(_("Most useful first"), Order.USEFUL)
        self.order.setToolTip(
            _(
                "Most useful first: unsure suggestions, names that nobody marked yet, short texts. "
                "An article's tool tip says what speaks for it."
            )
        )
        self.order.setCurrentIndex(self.order.findData(order.of(session.project)))
        self.order.setEnabled(not session.project.read_only)
        self.order.activated.connect(self._ordered)
        for widget in (self.filter, self.order, self.list):
            widget.installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.filter)
        layout.addWidget(self.order)
        layout.addWidget(self.list)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if pressed and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            if watched is self.filter and self.filter.text():
                self.filter.clear()
            else:
                self.left.emit()
            return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._set_row_height()

    def _set_row_height(self) -> None:
        height = 2 * self.list.fontMetrics().height() + 14
        self.list.verticalHeader().setDefaultSectionSize(height)

    def _opened(self, index: QModelIndex) -> None:
        if index.isValid() and index.data(ID):
            self._session.open_article(index.data(ID))

    def _chosen(self, index: QModelIndex) -> None:
        """A click or Enter: the person wants to work on it, so the keyboard goes to the text."""
        self._opened(index)
        if index.data(ID) == self._session.article_id:
            self.chosen.emit()

    def _show_open(self) -> None:
        row = self.model.row_of(self._session.article_id)
        if row >= 0 and row != self.list.currentIndex().row():
            self.list.setCurrentIndex(self.model.index(row, 0))

    def _ordered(self) -> None:
        self.use_order(Order(self.order.currentData()))

    def use_order(self, wanted: Order) -> None:
        """Show the articles in another order and go on in it; it is kept in the project."""
        project = self._session.project
        if project.read_only:
            return
        order.choose(project, wanted)
        self.order.setCurrentIndex(self.order.findData(wanted))
        if wanted is Order.USEFUL:
            order.upcoming(project, 1)  # what was suggested before anything was measured
        self.model.reload()
        self._session.said.emit(
            _("Most useful first: unsure suggestions, new names, short texts.")
            if wanted is Order.USEFUL
            else _("Articles come as they were given.")
        )

    def open_last(self) -> None:
        """Open the article that was shown last, before the window was closed; else as
        `open_first`."""
        project = self._session.project
        id = project.setting(OPEN)
        if not id or project.article_row(id) is None or not self._session.open_article(id):
            self.open_first()

    def open_first(self) -> None:
        """Open the next article that is not done, else the first."""
        project = self._session.project
        found = order.next_article(project, order.of(project))
        self._session.open_article(found[0] if found else project.next_article(done=True) or "")

    def open_next_undone(self, said: str = "") -> None:
        """Open the next article that is not done, in the order that was chosen, and say why it is
        next, behind what there is to be `said` of the last one; say so when all are done."""
        project = self._session.project
        wanted = order.of(project)
        found = order.next_article(project, wanted, self._session.article_id)
        if found is None:
            self._session.said.emit(_("All articles are done. Export the gold with Ctrl+E."))
            return
        id, why = found
        self._session.open_article(id)
        if wanted is Order.USEFUL:
            self.model.reload()
            said = f"{said} " + _("Next, most useful first: {why}.").format(why=why)
        if said:
            self._session.said.emit(said.strip())

    def step(self, direction: int) -> None:
        """Open the next (+1) or previous (-1) article of the list as it is filtered."""
        row = self.model.row_of(self._session.article_id)
        at = row + direction if row >= 0 else 0
        if 0 <= at < self.model.rowCount():
            self._session.open_article(self.model.index(at, 0).data(ID))
        elif row >= 0:
            self._session.said.emit(_("There is no further article."))
