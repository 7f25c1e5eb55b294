"""Near-duplicates: the same wire story in two outlets, side by side; open one, remove one."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QProgressBar,
    QSplitter,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core import amount, duplicates, edits, sketch
from core.contents import ArticleRow
from core.errors import GoldsmithError
from core.i18n import _, ngettext
from gui import plain
from gui.session import Session

_AT_ONCE = 40  # articles that are looked at between two events
_SHOWN = 1_000  # groups
_ID = Qt.ItemDataRole.UserRole


class DuplicatesDialog(QDialog):
    """The groups of near-duplicates. It stays beside the window, and follows it: undo is there.

    Signals:
        opened(str): the person wants to read this article.
    """

    opened = Signal(str)

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("duplicates")
        self.setWindowTitle(_("Near-duplicates"))
        self.resize(860, 560)
        self._session = session
        self._items: dict[str, QTreeWidgetItem] = {}  # by article
        self._done = self._total = 0
        self._at = -1  # the position up to which articles were looked at
        self._clock = QTimer(self)
        self._clock.setInterval(0)
        self._clock.timeout.connect(self._look)
        self._build()
        session.articles_changed.connect(self.fill)
        self.fill()
        if not session.project.read_only:
            self._total = duplicates.unseen(session.project)
        if self._total:
            self._clock.start()

    def _build(self) -> None:
        self.summary = QLabel()
        self.summary.setObjectName("summary")
        self.summary.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(_("Progress"))
        self.bar.setVisible(False)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(_("Groups of near-duplicates"))
        titles = [_("Article"), _("Outlet"), _("Published"), _("Shared"), _("Mentions"), _("State")]
        self.tree.setHeaderLabels(titles)
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.SingleSelection)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.currentItemChanged.connect(lambda *_items: self._follow())
        self.tree.itemActivated.connect(lambda *_item: self.open_article())
        self.text = QTextBrowser()
        self.text.setAccessibleName(_("Text of the article; bold is what no other has"))
        both = QSplitter(Qt.Orientation.Vertical)
        both.addWidget(self.tree)
        both.addWidget(self.text)
        both.setSizes([280, 220])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.open_button = buttons.addButton(_("&Open article"), role)
        self.remove = buttons.addButton(_("&Remove article"), role)
        self.undo = buttons.addButton(_("&Undo removal"), role)
        self.remove.setToolTip(_("Takes it out of the project, with its gold; undo brings it back"))
        for button in (self.open_button, self.remove, self.undo):
            button.setAutoDefault(False)
        self.open_button.clicked.connect(self.open_article)
        self.remove.clicked.connect(self.remove_article)
        self.undo.clicked.connect(self.undo_removal)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (self.summary, self.bar, both, buttons):
            column.addWidget(widget, int(widget is both))
        self._removed = ""  # the label of the removal that was the last edit, maybe

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tree.doItemsLayout()  # rows are as high as the style wants them only now

    # -- finding

    def _look(self) -> None:
        """Look at the next few articles that nobody looked at yet."""
        found: list[duplicates.Pair] = []
        try:
            n, self._at = duplicates.find_some(self._session.project, found, self._at, _AT_ONCE)
        except GoldsmithError as error:
            self._clock.stop()
            self._session.refused.emit(error)
            return
        self._done += n
        self.bar.setVisible(n > 0)
        self.bar.setRange(0, max(self._total, 1))
        self.bar.setValue(min(self._done, self._total))
        if not n:
            self._clock.stop()
        if not n or (found and self._done <= _AT_ONCE):
            self.fill()

    # -- showing

    def fill(self) -> None:
        """Show what is known now."""
        at = self._current()
        project = self._session.project
        shares: dict[str, float] = {}
        for pair in duplicates.pairs(project):
            for id in (pair.article, pair.other):
                shares[id] = max(shares.get(id, 0), pair.shared)
        groups = duplicates.groups(project)
        self.tree.clear()
        self._items.clear()
        for ids in groups[:_SHOWN]:
            rows = [row for id in ids if (row := project.article_row(id)) is not None]
            items = {row.id: _item(row, shares.get(row.id, 0)) for row in rows}
            self.tree.addTopLevelItem(_group(rows, list(items.values())))
            self._items |= items
        self.tree.expandAll()
        n, more = len(groups), len(groups) - _SHOWN
        said = [
            ngettext("{n} group of near-duplicates.", "{n} groups of near-duplicates.", n).format(
                n=f"{n:,}"
            )
        ]
        if n:
            said.append(
                _(
                    "They share half of the shorter text or more. Nothing is merged; a split keeps "
                    "them in one part."
                )
            )
        if more > 0:
            said.append(_("The first {n} are shown.").format(n=f"{_SHOWN:,}"))
        self.summary.setText(" ".join(said))
        self._select(at)
        self._follow()

    def _current(self) -> str:
        item = self.tree.currentItem()
        return str(item.data(0, _ID) or "") if item is not None else ""

    def _select(self, id: str) -> None:
        """Select an article, the first one where it is gone."""
        item = self._items.get(id) or next(iter(self._items.values()), None)
        if item is not None:
            self.tree.setCurrentItem(item)

    def _follow(self) -> None:
        """Show the text of the selected article, with what another of its group has too."""
        id = self._current()
        writable = not self._session.project.read_only
        self.open_button.setEnabled(bool(id))
        self.remove.setEnabled(bool(id) and writable)
        last = self._session.next_undo()
        removed = last is not None and last.label == self._removed
        self.undo.setEnabled(removed)
        if not id:
            self.text.clear()
            return
        project = self._session.project
        others = [
            project.article(pair.other).text
            for pair in duplicates.of(project, id)
            if project.article_row(pair.other) is not None
        ]
        text = project.article(id).text
        self.text.setHtml(_marked(text, sketch.common(text, others)))

    # -- doing

    def open_article(self) -> None:
        """Show the selected article in the window."""
        if id := self._current():
            self.opened.emit(id)

    def remove_article(self) -> None:
        """Take the selected article out of the project."""
        if id := self._current():
            session = self._session
            change = session.do(lambda: edits.remove_articles(session.project, [id]))
            if change is not None:
                self._removed = change.label
                session.said.emit(change.label)
            self._follow()

    def undo_removal(self) -> None:
        """Bring the article back that was removed last."""
        self._removed = ""
        self._session.undo()
        self._follow()


def _group(rows: list[ArticleRow], items: list[QTreeWidgetItem]) -> QTreeWidgetItem:
    n = len(rows)
    head = ngettext("{n} article", "{n} articles", n).format(n=n)
    group = QTreeWidgetItem([f"{head}: {rows[0].title}"])
    group.setFlags(Qt.ItemFlag.ItemIsEnabled)
    group.addChildren(items)
    return group


def _item(row: ArticleRow, share: float) -> QTreeWidgetItem:
    state = _("done") if row.state == "done" else _("to do")
    shown = (
        row.title or "–",
        row.outlet,
        row.published[:10],
        amount.share(share),
        f"{row.mentions:,}",
    )
    item = QTreeWidgetItem([*shown, state])
    item.setData(0, _ID, row.id)
    item.setToolTip(0, plain.tip(row.title))
    for column in (3, 4):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item


def _marked(text: str, spans: list[tuple[int, int]]) -> str:
    """`text` as HTML, what is not in `spans` in bold."""
    parts, at = [], 0
    for start, end in [*spans, (len(text), len(text))]:
        parts += [f"<b>{escape(text[at:start])}</b>", escape(text[start:end])]
        at = end
    return "<p style='white-space: pre-wrap'>" + "".join(parts) + "</p>"
