"""The window tells when a project and its copies have come apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from core import backup, edits
from core.hold import note_of
from core.project import Project
from gui import dialogs
from gui.app import application
from gui.window import Window
from tests.conftest import Desk

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def own_settings(qtbot: QtBot, tmp_path: Path) -> Path:
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    return tmp_path


def _window(qtbot: QtBot, project: Project) -> Window:
    window = Window(project)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.apart.look()
    return window


def _mark(project: Project, words: str) -> None:
    at = project.article("a-test").text.index(words)
    edits.add_mention(project, "a-test", [(at, at + len(words))], "GPE")


def test_a_conflicted_copy_is_told_once(qtbot: QtBot, desk: Desk, own_settings: Path) -> None:
    path = desk.project.path
    other = desk.project.save_copy(path.with_name("test (conflicted copy).goldsmith"))
    with Project.open(other, annotator="eva") as copy:
        _mark(copy, "Riyadh")
    desk.mark("Cairo", "GPE")
    window = _window(qtbot, desk.project)
    bar = window.apart.bar
    assert bar.isVisible()
    assert "conflicted copy" in bar.text.text()
    assert "by eva" in bar.text.text()
    qtbot.mouseClick(bar.details, LEFT)
    (box,) = window.findChildren(QMessageBox)
    assert "“Talks in Cairo”" in box.text()
    assert "Nothing is merged by itself" in box.text()
    box.accept()
    qtbot.mouseClick(bar.seen, LEFT)
    assert not bar.isVisible()
    window.apart.look()
    assert not bar.isVisible()
    with Project.open(other, annotator="eva") as copy:  # more was done there
        _mark(copy, "Russian")
    window.apart.look()
    assert bar.isVisible()
    qtbot.mouseClick(bar.open, LEFT)
    (again,) = (
        w for w in QApplication.topLevelWidgets()
        if isinstance(w, Window) and w is not window and w.isVisible()
    )  # fmt: skip
    assert again.session.project.path == other
    again.close()


def test_a_file_that_lost_what_was_done_here_is_told(
    qtbot: QtBot, desk: Desk, own_settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.project.path
    older = desk.project.save_copy(path.with_name("older.goldsmith")).read_bytes()
    path.with_name("older.goldsmith").unlink()
    desk.mark("Cairo", "GPE")
    made = backup.back_up(desk.project)
    assert made is not None
    window = _window(qtbot, desk.project)
    assert not window.apart.bar.isVisible()
    window.close()
    path.write_bytes(older)  # a sync program puts what another computer had in its place
    window = _window(qtbot, Project.open(path))
    bar = window.apart.bar
    assert bar.isVisible()
    assert "not in this file" in bar.text.text()
    assert any(str(made) in line for line in window.apart._waiting[0].details)
    window.close()  # it was not answered: it is told again
    window = _window(qtbot, Project.open(path))
    assert window.apart.bar.isVisible()
    qtbot.mouseClick(window.apart.bar.seen, LEFT)
    window.close()
    window = _window(qtbot, Project.open(path))
    assert not window.apart.bar.isVisible()
    # Going back by intent is no loss.
    monkeypatch.setattr(dialogs, "choose_backup", lambda *_: made)
    window.run("restore_backup")
    (again,) = (
        w for w in QApplication.topLevelWidgets() if isinstance(w, Window) and w.isVisible()
    )
    again.apart.look()
    assert not again.apart.bar.isVisible()
    again.close()


def test_a_synced_folder_is_told_once(qtbot: QtBot, desk: Desk, own_settings: Path) -> None:
    (desk.project.path.parent / ".stfolder").mkdir()
    window = _window(qtbot, desk.project)
    assert "Syncthing" in window.apart.bar.text.text()
    qtbot.mouseClick(window.apart.bar.seen, LEFT)
    window.apart.look()
    assert not window.apart.bar.isVisible()
    window.close()


def test_a_project_is_taken_over_from_a_computer_that_is_off(
    qtbot: QtBot, desk: Desk, own_settings: Path
) -> None:
    path = desk.project.path
    desk.project.close()
    note_of(path).write_text(json.dumps({"user": "eva", "host": "far", "pid": 1}))
    asked: list[str] = []

    def answer(word: str) -> None:
        (box,) = (
            w for w in QApplication.topLevelWidgets()
            if isinstance(w, QMessageBox) and w.isVisible()
        )  # fmt: skip
        asked.append(box.text())
        (button,) = (b for b in box.buttons() if word in b.text())
        qtbot.mouseClick(button, LEFT)

    QTimer.singleShot(0, lambda: answer("reading"))
    project = dialogs.open_or_tell(None, path)
    assert project is not None
    assert project.read_only
    project.close()
    QTimer.singleShot(0, lambda: answer("take over"))
    project = dialogs.open_or_tell(None, path)
    assert project is not None
    assert not project.read_only
    assert len(asked) == 2
    assert "open on far (eva)" in asked[0]
    project.close()
