"""What the window does with files: articles in, gold out, copies, other projects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from core import backup, workflow
from core.errors import GoldsmithError
from core.i18n import _
from core.project import Project
from gui import dialogs
from gui.duplicates_dialog import DuplicatesDialog
from gui.export_dialog import ExportDialog
from gui.import_dialog import ImportDialog
from gui.jobs import CommandJob
from gui.mending import CheckDialog, RecoverDialog

if TYPE_CHECKING:
    from gui.window import Window

HOUR = 3_600_000  # ms between two copies of the project
FIRST_COPY = 3_000  # ms after opening


class Files(QObject):
    """The files of a window's project; a copy is made on opening and every hour."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._copying: CommandJob | None = None
        self._hour = QTimer(self)
        self._hour.setInterval(HOUR)
        self._hour.timeout.connect(self._each_hour)
        self._first = QTimer(self, singleShot=True)
        self._first.setInterval(FIRST_COPY)
        self._first.timeout.connect(self.back_up)
        if not window.session.project.read_only:
            self._hour.start()
            self._first.start()

    def add_articles(self) -> None:
        """Choose files and add them."""
        paths = dialogs.choose_articles(self._window)
        if paths:
            self.add_paths(paths)

    def add_folder(self) -> None:
        """Choose a folder and add what is in it."""
        path = dialogs.choose_folder(self._window)
        if path:
            self.add_paths([path])

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Show what files and folders hold, and add them if the person says so."""
        self._window.suggesting.rest()  # while others write, nothing can be suggested
        dialog = ImportDialog(self._window, self._session.project, paths)
        dialog.imported.connect(self.imported)
        dialog.finished.connect(lambda _result: self._window.suggesting.ahead())
        dialog.open()

    def imported(self) -> None:
        self._session.reopen()
        self._window.refresh_actions()
        if self._session.document is None:
            self._window.articles.open_first()

    def show_duplicates(self) -> None:
        """List the near-duplicates, beside the window."""
        dialog = DuplicatesDialog(self._window, self._session)
        dialog.opened.connect(self._session.open_article)
        dialog.show()

    def export(self) -> None:
        """Choose what and where to, see what is lost, and write the gold beside the window."""
        ExportDialog(self._window, self._session.project).open()

    def _each_hour(self) -> None:
        self.back_up()
        self._window.apart.look()

    def back_up(self) -> None:
        """Make a copy in the background; only failure is told."""
        if self._copying is None:
            job = CommandJob(["backup", str(self._session.project.path)], self)
            job.done.connect(lambda _said: self._copied())
            job.failed.connect(self._copied)
            job.cancelled.connect(self._copied)
            self._copying = job

    def _copied(self, error: GoldsmithError | None = None) -> None:
        self._copying = None
        if error is not None:
            self._session.refused.emit(error)

    def restore_backup(self) -> None:
        """Go back to a copy of the person's choice; what is here now is kept beside it."""
        project = self._session.project
        chosen = dialogs.choose_backup(self._window, project.path, project.setting(backup.SETTING))
        if chosen is None:
            return
        path = project.path
        self._window.inspector.follow()
        self._session.rest()
        project.close()
        kept = self._session.attempt(lambda: backup.restore(path, chosen))
        if kept is not None:
            self._window.apart.forget(path)
        again = dialogs.open_or_tell(self._window, path)
        if again is not None:
            window = self._show_project(again)
            if kept is not None:
                dialogs.tell_restored(window, chosen, kept)

    def check_project(self) -> None:
        """Say whether the file is sound, and offer what helps where it is not."""
        project = self._session.project
        dialog = CheckDialog(self._window, project.path, may_restore=not project.read_only)
        dialog.restore_wanted.connect(lambda: self._window.run("restore_backup"))
        dialog.recover_wanted.connect(self.recover_project)
        dialog.open()

    def recover_project(self) -> None:
        """Read what can be read of the file into a new one, and show that if the person says so."""
        dialog = RecoverDialog(self._window, self._session.project.path)
        dialog.wanted.connect(self.show_other)
        dialog.open()

    def save_copy(self) -> None:
        """Save all that is in the project, or at least what is on screen, to another place."""
        path = dialogs.choose_copy(self._window, self._session.project)
        if path is None:
            return
        session = self._session
        try:
            replace = path.exists()
            if replace:
                workflow.check_replaceable(session.project, path)
                if not dialogs.may_overwrite(self._window, _("Save a copy"), path):
                    return
            saved = workflow.save_copy(
                session.project, path, session.document, session.unsaved_notes, replace=replace
            )
        except GoldsmithError as error:
            dialogs.show_error(self._window, error)
            return
        dialogs.show_message(self._window, _("Save a copy"), saved)

    def new_project(self) -> None:
        """Create a project and show it in a window of its own."""
        project = dialogs.create_project(self._window)
        if project is not None:
            self._show_project(project)

    def scheme_from_files(self) -> None:
        """Make a scheme of what files hold, and a project in it if the person says so."""
        scheme = dialogs.scheme_from_files(self._window)
        project = dialogs.create_project(self._window, scheme) if scheme is not None else None
        if project is not None:
            self._show_project(project)

    def open_project(self) -> None:
        """Open another project in a window of its own."""
        project = dialogs.open_project(self._window)
        if project is not None:
            self._show_project(project)

    def show_other(self, path: Path) -> None:
        """Show the project at `path` in a window in this one's place."""
        project = dialogs.open_or_tell(self._window, path)
        if project is not None:
            self._show_project(project)

    def _show_project(self, project: Project) -> Window:
        window = type(self._window)(project)
        window.show()
        self._window.close()
        return window

    def close(self) -> None:
        """The window closes; a copy that is being made is given up."""
        if self._copying is not None:
            self._copying.abandon()
        self._hour.stop()
        self._first.stop()
