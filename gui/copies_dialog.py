"""The copies of a project, with what tells one from another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core import apart
from core.backup import Backup, contents
from core.i18n import _
from gui import plain

_MADE, _DONE, _MENTIONS, _EDIT, _SIZE = range(5)
_SHOWN = 60  # characters of an edit


class CopiesDialog(QDialog):
    """Choose one of the copies, or what was there before somebody went back. What is in them is
    read while the dialog waits, the newest first.

    Attributes:
        chosen: the copy that is selected.
    """

    def __init__(self, parent: QWidget | None, copies: Sequence[Backup]) -> None:
        super().__init__(parent)
        self.setObjectName("copies")
        self.setWindowTitle(_("Restore a copy"))
        self.resize(820, 420)
        self._copies = copies
        self._read = 0  # how many were
        told = QLabel(_("Go back to (what is here now is kept beside it):"))
        self.list = QTreeWidget()
        self.list.setAccessibleName(_("Copies"))
        self.list.setRootIsDecorated(False)
        self.list.setAllColumnsShowFocus(True)
        self.list.setHeaderLabels(
            [_("Made"), _("Articles done"), _("Mentions"), _("Last edit"), _("Size")]
        )
        for copy in copies:
            made = f"{copy.at.astimezone():%Y-%m-%d %H:%M:%S}"
            if copy.before:
                made = _("before going back, at {time}").format(time=made)
            item = QTreeWidgetItem([made, "…", "…", "…"])
            item.setText(_SIZE, f"{copy.size / 1e6:,.1f} MB")
            for column in (_DONE, _MENTIONS, _SIZE):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
            self.list.addTopLevelItem(item)
        header = self.list.header()
        header.setStretchLastSection(False)
        for column in range(header.count()):
            stretch = column == _EDIT
            header.setSectionResizeMode(
                column,
                QHeaderView.ResizeMode.Stretch
                if stretch
                else QHeaderView.ResizeMode.ResizeToContents,
            )
        self.list.setCurrentIndex(self.list.model().index(0, 0))
        self.list.itemDoubleClicked.connect(self.accept)
        buttons = QDialogButtonBox()
        self.restore = buttons.addButton(_("&Restore"), QDialogButtonBox.ButtonRole.AcceptRole)
        cancel = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (told, self.list, buttons):
            layout.addWidget(widget)
        # Enter goes back to nothing that nobody chose: it is Cancel's until Restore has the focus.
        cancel.setDefault(True)
        self.list.setFocus()
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._read_next)
        self._idle.start()

    @property
    def chosen(self) -> Path | None:
        row = self.list.currentIndex().row()
        return self._copies[row].path if row >= 0 else None

    def _read_next(self) -> None:
        if self._read >= len(self._copies):
            self._idle.stop()
            return
        item = self.list.topLevelItem(self._read)
        found = contents(self._copies[self._read].path)
        self._read += 1
        if item is None:
            return
        done = (
            _("{done} of {all}").format(done=f"{found.done:,}", all=f"{found.articles:,}")
            if found.done is not None and found.articles is not None
            else "?"
        )
        item.setText(_DONE, done)
        item.setText(_MENTIONS, "?" if found.mentions is None else f"{found.mentions:,}")
        if found.edit is None:
            item.setText(_EDIT, _("It can't be read."))
        elif not found.at:
            item.setText(_EDIT, _("nothing was edited"))
        else:
            who = plain.line(found.annotator, 40)
            edit = _("{what} ({who}, {time})").format(
                what=plain.line(found.edit, _SHOWN), who=who, time=apart.local(found.at[:40])
            )
            item.setText(_EDIT, edit)
            item.setToolTip(_EDIT, plain.tip(edit))
