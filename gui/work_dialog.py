"""A dialog whose work is done by the command line in a child process: progress, cancel, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QWidget,
)

from core.errors import GoldsmithError
from core.i18n import _
from core.project import Project
from gui.jobs import CommandJob


class WorkDialog(QDialog):
    """One piece of work. It can be cancelled at any time, and then leaves nothing.

    Attributes:
        summary: a line about what is going on, or what was done.
        working: shown while something runs: the bar, and what is done of how much.
        stop: Cancel; in the end, Close.
    """

    def __init__(self, parent: QWidget | None, name: str, title: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._job: CommandJob | None = None
        self._writing = False  # what runs must be stopped in order
        self._lent: Project | None = None
        self._over = False
        self.summary = QLabel()
        self.summary.setObjectName("summary")
        self.summary.setWordWrap(True)
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(_("Progress"))
        self._doing = QLabel()
        self._doing.setObjectName("hint")
        self.working = QWidget()
        row = QHBoxLayout(self.working)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.bar, 1)
        row.addWidget(self._doing)
        self.working.setVisible(False)
        self.buttons = QDialogButtonBox()
        self.stop = self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.stop.setAutoDefault(False)  # Enter never means Cancel
        self.stop.clicked.connect(self.reject)

    def _accept_button(self, title: str) -> QPushButton:
        button = self.buttons.addButton(title, QDialogButtonBox.ButtonRole.AcceptRole)
        button.setDefault(True)
        return button

    def _run(
        self,
        arguments: Sequence[str],
        done: Callable[[dict[str, Any]], None],
        *,
        writes: bool = False,
        lend: Project | None = None,
    ) -> None:
        """Start a command, instead of one that is running.

        Args:
            done: gets its report, after `_end`.
            writes: it is not just looking; a cancel waits until it has cleared up.
            lend: the project that it writes to.
        """
        self._abandon()
        if self._over:
            return
        if lend is not None:
            lend.lend()
            self._lent = lend
        self._writing = writes

        def ended(report: dict[str, Any]) -> None:
            self._end()
            done(report)

        self._job = CommandJob(arguments, self)
        self._job.progress.connect(self._progressed)
        self._job.done.connect(ended)
        self._job.failed.connect(self._failed)
        self._job.cancelled.connect(self._cancelled)
        self.bar.setRange(0, 0)
        self._doing.clear()
        self.working.setVisible(True)

    def _progressed(self, done: int, total: int, what: str) -> None:
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)
        self._doing.setText(f"{done:,} / {total:,}  {what[:40]}".rstrip())

    def _end(self) -> None:
        """What ran has ended, one way or the other; the project is ours again."""
        if self._job is not None:
            self._job.deleteLater()
        self._job = None
        self._writing = False
        self.working.setVisible(False)
        project, self._lent = self._lent, None
        if project is not None:
            try:
                project.take_back()
            except GoldsmithError as error:
                self._lost(error)

    def _lost(self, error: GoldsmithError) -> None:
        """Somebody else has the project now."""
        self.summary.setText(str(error))

    def _failed(self, error: GoldsmithError) -> None:
        """What ran could not be done, and nothing was."""
        self._end()
        self.summary.setText(str(error))

    def _cancelled(self) -> None:
        self._end()
        super().reject()

    def _only_close(self) -> None:
        """The last page: nothing is left to be done but to read it."""
        self.stop.setText(_("&Close"))
        self.stop.setDefault(True)
        self.stop.setFocus()

    def give_up(self) -> None:
        """The window closes: stop what is running at once, and start nothing more."""
        self._over = True
        self._abandon()

    def _abandon(self) -> None:
        if self._job is not None:
            self._job.abandon()
            self._job = None

    def reject(self) -> None:
        """Cancel: what is running is stopped first, and leaves nothing behind."""
        if self._job is not None and self._writing:
            self.stop.setEnabled(False)
            self._job.cancel()
            return
        self._abandon()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._writing:
            event.ignore()
            self.reject()
        else:
            super().closeEvent(event)
