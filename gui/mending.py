"""Checking a project from the window, and the ways on from a damaged one.

Both run the command line in a child process: the check only looks, and what can be recovered goes
into a new file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core import backup
from core.errors import GoldsmithError
from core.i18n import _
from core.project import SUFFIX, Project
from gui import dialogs
from gui.work_dialog import WorkDialog

_WIDTH = 560
_ROOM = 110  # px of height for details; a person may make it larger
_ACTION = QMessageBox.ButtonRole.ActionRole


class _Report(WorkDialog):
    """A command whose report has many lines."""

    def __init__(self, parent: QWidget | None, name: str, title: str, summary: str) -> None:
        super().__init__(parent, name, title)
        self.setMinimumWidth(_WIDTH)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setText(summary)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName(_("Details"))
        self.details.setVisible(False)
        self.details.setMinimumHeight(_ROOM)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 16, 18, 14)
        self.column.setSpacing(10)
        for widget in (self.summary, self.details, self.working, self.buttons):
            self.column.addWidget(widget)

    def _show(self, report: dict[str, Any]) -> None:
        self.summary.setText(report["summary"])
        self.details.setPlainText("\n".join(report["details"]))
        self.details.setVisible(bool(report["details"]))
        self._only_close()
        self._fit()

    def _fit(self) -> None:
        """As high as what is shown needs; by itself Qt counts a label of several lines as one."""
        self.column.activate()
        self.resize(self.width(), self.column.totalHeightForWidth(self.width()))

    def _failed(self, error: GoldsmithError) -> None:
        super()._failed(error)
        self._only_close()


class CheckDialog(_Report):
    """Whether the file is sound, in words, and the ways on where it is not.

    What exactly is wrong is for whoever knows SQLite, and folded until it is asked for.

    Signals:
        restore_wanted: go back to a copy.
        recover_wanted: read what can be read into a new file.
    """

    restore_wanted = Signal()
    recover_wanted = Signal()

    def __init__(self, parent: QWidget, path: Path, *, may_restore: bool) -> None:
        super().__init__(parent, "check", _("Check this project"), _("Checking the file …"))
        self._may_restore = may_restore
        self.advice = QLabel()
        self.advice.setTextFormat(Qt.TextFormat.PlainText)
        self.advice.setWordWrap(True)
        self.advice.setVisible(False)
        self.column.insertWidget(1, self.advice)
        self._run(["sound", str(path)], self._checked)

    def _checked(self, report: dict[str, Any]) -> None:
        self._show(report)
        if report["details"]:
            self._offer()

    def _failed(self, error: GoldsmithError) -> None:
        super()._failed(error)
        self.summary.setText(_("The file is damaged, so much that it can't be opened once more."))
        self.details.setPlainText(error.message)
        self._offer()

    def _offer(self) -> None:
        ways = []
        if self._may_restore:
            self.advice.setText(
                _("Go back to a copy, or recover what can still be read into a new file. This file "
                  "is kept either way.")
            )  # fmt: skip
            ways.append(self._way_on(_("Restore a copy…"), self.restore_wanted))
        else:
            self.advice.setText(
                _("Recover what can still be read into a new file. This file is kept.")
            )
        ways.append(self._way_on(_("Recover what can be read…"), self.recover_wanted))
        self.advice.setVisible(True)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.more = self.buttons.addButton(_("Show details"), role)
        self.more.clicked.connect(lambda: self._unfold(self.details.isHidden()))
        self._unfold(False)
        ways[0].setDefault(True)
        ways[0].setFocus()

    def _unfold(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.more.setText(_("Hide details") if shown else _("Show details"))
        self._fit()

    def _way_on(self, title: str, wanted: Any) -> QPushButton:
        button = self.buttons.addButton(title, QDialogButtonBox.ButtonRole.ActionRole)
        button.clicked.connect(self.accept)
        button.clicked.connect(wanted)
        return button


class RecoverDialog(_Report):
    """Reads what can be read of a damaged project into a new file beside it.

    Signals:
        wanted(Path): open the new file.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None, path: Path) -> None:
        title = _("Recover what can be read")
        super().__init__(parent, "recover", title, _("Reading {name} …").format(name=path.name))
        out = _free(path)
        self._run(["recover", str(path), str(out)], self._recovered, writes=True)

    def _recovered(self, report: dict[str, Any]) -> None:
        self._show(report)
        made = Path(report["path"])
        self.opener = self._accept_button(_("Open it"))
        self.opener.clicked.connect(lambda: self.wanted.emit(made))
        self.opener.clicked.connect(self.accept)
        self.opener.setFocus()


def _free(path: Path) -> Path:
    """A name beside the project that nothing has."""
    n, out = 1, path.with_name(f"{path.stem}.repaired{SUFFIX}")
    while out.exists():
        n += 1
        out = path.with_name(f"{path.stem}.repaired-{n}{SUFFIX}")
    return out


def open_damaged(parent: QWidget | None, path: Path, error: GoldsmithError) -> Project | None:
    """Tell that the project at `path` is damaged, and open what the person puts in its place: one
    of its copies, or what can be recovered. None if they thought better of it."""
    while True:
        told = _("The project {name} is damaged.").format(name=path.name)
        box = QMessageBox(QMessageBox.Icon.Warning, _("Goldsmith"), told, parent=parent)
        box.setObjectName("damaged")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(
            _("Go back to one of its copies, or recover what can still be read into a new file. "
              "The damaged file is kept either way.")
        )  # fmt: skip
        box.setDetailedText(error.message)
        ways = {
            box.addButton(_("Restore a copy…"), _ACTION): _restored,
            box.addButton(_("Recover what can be read…"), _ACTION): _recovered,
        }
        box.setDefaultButton(next(iter(ways)))
        box.addButton(QMessageBox.StandardButton.Close)
        box.exec()
        way = next((do for button, do in ways.items() if button is box.clickedButton()), None)
        if way is None:
            return None
        try:
            project = way(parent, path)
        except GoldsmithError as second:
            dialogs.show_error(parent, second)
        else:
            if project is not None:
                return project


def _restored(parent: QWidget | None, path: Path) -> Project | None:
    from gui.apart import Apart

    chosen = dialogs.choose_backup(parent, path, backup.setting_of(path))
    if chosen is None:
        return None
    kept = backup.restore(path, chosen)
    Apart.forget(path)
    project = Project.open(path)
    dialogs.tell_restored(parent, chosen, kept)
    return project


def _recovered(parent: QWidget | None, path: Path) -> Project | None:
    wanted: list[Path] = []
    dialog = RecoverDialog(parent, path)
    dialog.wanted.connect(wanted.append)
    dialog.exec()
    return Project.open(wanted[0]) if wanted else None
