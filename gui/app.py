"""Starting the window: the application object, the project to open, the first article."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from core import scheme as schemes
from core import workflow
from core.errors import GoldsmithError
from core.i18n import _, install
from core.project import SUFFIX, Project
from gui import dialogs, theme
from gui.ending import Ending
from gui.trouble import Keeper
from gui.window import Window

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def application() -> QApplication:
    """The one application object, with fonts, names and style."""
    if (
        sys.platform.startswith("linux")
        and not {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"} & os.environ.keys()
    ):
        raise GoldsmithError(
            _("There is no display for a window."),
            _("Without one: goldsmith run PROJECT --headless FOLDER, or the commands in --help."),
        )
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Goldsmith")
    app.setOrganizationName("Goldsmith")
    app.setDesktopFileName("goldsmith")
    theme.apply(app, theme.LIGHT)  # before the first widget, so that all have its font
    return app


def first_project(path: Path) -> Project:
    """The project at `path`; if there is none, a new one that holds the seed article."""
    if path.exists():
        return Project.open(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    project = Project.create(path, schemes.load("news"))
    try:
        workflow.add_paths(project, [SEEDS])
    except BaseException:
        project.close()
        raise
    return project


def run(path: Path | None, *, seed: bool = False) -> int:
    """Open the window on `path`, or on the project of last time; the exit code.

    With `seed`, or when nothing was ever opened, a missing project is created with the seed article
    in it: nobody has to set anything up before the first article shows.
    """
    install()
    app = application()
    keeper = Keeper()
    keeper.install()
    ending = Ending(app)
    if path is None:
        path = _last_project()
        seed = seed or path is None
        path = path or dialogs.documents_folder() / f"Goldsmith{SUFFIX}"
    project = _created(path) if seed and not path.exists() else dialogs.open_or_tell(None, path)
    if project is None:
        return 1
    QSettings().setValue("project", str(project.path))
    window = Window(project)
    window.show()
    # What is there now stays: a full collection over it would stop the window for 50 ms at times.
    gc.collect()
    gc.freeze()
    ending.started = True
    return app.exec()


def _created(path: Path) -> Project | None:
    try:
        return first_project(path)
    except GoldsmithError as error:
        dialogs.tell_at_start(error)
        return None


def _last_project() -> Path | None:
    name = QSettings().value("project", "")
    path = Path(name) if isinstance(name, str) and name else None
    return path if path is not None and path.exists() else None
