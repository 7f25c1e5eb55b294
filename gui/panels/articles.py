"""The list of articles: title, progress, state; a filter above it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.annotation import Change
from core.i18n import _, ngettext
from core.project import ArticleRow
from gui.session import Session

ID = Qt.ItemDataRole.UserRole
ROW = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class ArticleModel(QAbstractListModel):
    """The rows of `Project.articles`; one row is read again after an edit, all after an import."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._rows: list[ArticleRow] = []
        self.reload()
        session.articles_changed.connect(self.reload)
        session.changed.connect(self._follow)

    def reload(self) -> None:
        """Read the list again."""
        self.beginResetModel()
        self._rows = self._session.project.articles()
        self.endResetModel()

    def _follow(self, change: Change) -> None:
        for id in {image.article for image in change.images}:
            for n, row in enumerate(self._rows):
                if row.id == id:
                    fresh = self._session.project.article_row(id)
                    if fresh is not None:
                        self._rows[n] = fresh
                        self.dataChanged.emit(self.index(n), self.index(n))

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == ID:
            return row.id
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return f"{row.title}\n{summary(row)}"
        return None


def summary(row: ArticleRow) -> str:
    """The second line of a row: what is done and what is open."""
    if row.state == "done":
        state = _("done")
    elif row.open:
        state = ngettext("{n} open", "{n} open", row.open).format(n=row.open)
    else:
        state = _("to do")
    gold = _("{m} mentions, {r} relations").format(m=row.mentions, r=row.relations)
    return f"{state} · {gold}" if row.mentions else state


class _Delegate(QStyledItemDelegate):
    """Two lines a row, and a mark for its state that needs no colour: ring, half disc, check."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(120, 2 * option.fontMetrics.height() + 14)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: ArticleRow = index.data(ROW)
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
            metrics.elidedText(row.title, Qt.TextElideMode.ElideRight, area.width()),
        )
        if not selected:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(
            area,
            Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignBottom,
            metrics.elidedText(summary(row), Qt.TextElideMode.ElideRight, area.width()),
        )
        painter.restore()


class ArticlesPanel(QWidget):
    """The list with its filter. Opening an article is selecting its row."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Filter articles"))
        self.filter.setAccessibleName(_("Filter articles"))
        self.filter.setClearButtonEnabled(True)
        self.model = ArticleModel(session)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self.model)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = QListView()
        self.list.setAccessibleName(_("Articles"))
        self.list.setModel(self._proxy)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.filter.textChanged.connect(self._proxy.setFilterFixedString)
        self.list.selectionModel().currentChanged.connect(self._opened)
        self.model.modelReset.connect(self._show_open)
        session.document_opened.connect(self._show_open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 0, 8)
        layout.addWidget(self.filter)
        layout.addWidget(self.list)

    def _ids(self) -> list[str]:
        return [self._proxy.index(n, 0).data(ID) for n in range(self._proxy.rowCount())]

    def _opened(self, index: QModelIndex) -> None:
        if index.isValid():
            self._session.open_article(index.data(ID))

    def _show_open(self) -> None:
        ids = self._ids()
        if self._session.article_id in ids:
            self.list.setCurrentIndex(self._proxy.index(ids.index(self._session.article_id), 0))

    def open_first(self) -> None:
        """Open the first article that is not done, else the first."""
        rows = self._session.project.articles()
        todo = [row for row in rows if row.state != "done"] or rows
        self._session.open_article(todo[0].id if todo else "")

    def open_next_undone(self) -> None:
        """Open the next article after this one that is not done; say so when all are."""
        rows = self._session.project.articles()
        here = next((n for n, r in enumerate(rows) if r.id == self._session.article_id), -1)
        for row in rows[here + 1 :] + rows[: here + 1]:
            if row.state != "done":
                self._session.open_article(row.id)
                return
        self._session.said.emit(_("All articles are done. Export the gold with Ctrl+E."))

    def step(self, direction: int) -> None:
        """Open the next (+1) or previous (-1) article of the list as it is filtered."""
        ids = self._ids()
        if self._session.article_id in ids:
            at = ids.index(self._session.article_id) + direction
            if 0 <= at < len(ids):
                self._session.open_article(ids[at])
            else:
                self._session.said.emit(_("There is no further article."))
        elif ids:
            self._session.open_article(ids[0])
