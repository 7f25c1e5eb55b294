"""Checking a project from the window, and the ways on from a damaged one, by mouse and keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core import backup
from core.project import Project
from gui import dialogs
from gui.app import application
from gui.copies_dialog import CopiesDialog
from gui.mending import CheckDialog, RecoverDialog
from gui.window import Window
from tests.conftest import Desk
from tests.gui.hands import Hands

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000  # ms that a child process may take


@pytest.fixture
def own_settings(qtbot: QtBot, tmp_path: Path) -> None:
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))


def button(dialog: QWidget, title: str) -> QPushButton:
    (found,) = (b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == title)
    return found


def shown(kind: type[QDialog]) -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]


def later(step: Callable[[], None]) -> None:
    QTimer.singleShot(0, step)


def spoil(path: Path) -> None:
    """Overwrite the beginning of a table, as a bad disk does."""
    with closing(sqlite3.connect(path)) as file:
        ((size,),) = file.execute("PRAGMA page_size").fetchall()
        ((page,),) = file.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'suggestions'"
        ).fetchall()
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : (page - 1) * size + 100] = b"\xff" * 100
    path.write_bytes(data)


def spoil_title(project: Project) -> None:
    with closing(sqlite3.connect(project.path)) as file:
        file.execute("UPDATE articles SET title = cast(x'ff00fe' AS text)")
        file.commit()


def test_a_sound_project_is_said_to_be_sound(hands: Hands) -> None:
    hands.window.run("check_project")
    (dialog,) = hands.window.findChildren(CheckDialog)
    hands.qtbot.waitUntil(lambda: dialog._job is None, timeout=LONG)
    assert dialog.summary.text().startswith("The file is sound")
    assert "1 article" in dialog.summary.text()
    assert not dialog.details.isVisible()
    assert [b.text() for b in dialog.findChildren(QPushButton)] == ["&Close"]
    hands.qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_damaged_one_is_told_and_recovered_into_a_new_file(hands: Hands) -> None:
    window, path = hands.window, hands.window.session.project.path
    hands.press(Qt.Key.Key_Return)
    spoil_title(window.session.project)
    taken = path.with_name("test.repaired.goldsmith")
    taken.write_text("mine")
    window.run("check_project")
    (check,) = window.findChildren(CheckDialog)
    hands.qtbot.waitUntil(lambda: check._job is None, timeout=LONG)
    assert check.summary.text().startswith("The file is damaged")
    assert "new file" in check.advice.text()
    assert check.focusWidget() is button(check, "Restore a copy…")
    assert not check.details.isVisible()
    low = check.height()
    hands.qtbot.keyClick(check.more, Qt.Key.Key_Space)
    assert check.details.isVisible()
    assert "Could not decode" in check.details.toPlainText()
    assert check.height() > low
    hands.qtbot.mouseClick(button(check, "Hide details"), LEFT)
    assert not check.details.isVisible()
    assert check.height() == low
    hands.qtbot.mouseClick(button(check, "Recover what can be read…"), LEFT)
    (recover,) = window.findChildren(RecoverDialog)
    hands.qtbot.waitUntil(lambda: recover._job is None, timeout=LONG)
    made = path.with_name("test.repaired-2.goldsmith")
    assert str(made) in recover.summary.text()
    assert "1 mention" in recover.summary.text()
    assert "its text apart" in recover.details.toPlainText()  # the title
    hands.qtbot.mouseClick(button(recover, "Open it"), LEFT)
    (again,) = (w for w in shown(Window) if w is not window)
    assert again.session.project.path == made
    assert len(again.session.project.document("a-test").mentions) == 1
    assert taken.read_text() == "mine"
    again.close()


def test_a_project_too_damaged_to_open_goes_back_to_a_copy(
    qtbot: QtBot, desk: Desk, own_settings: None
) -> None:
    path = desk.project.path
    desk.mark("Cairo", "GPE")
    assert backup.back_up(desk.project) is not None
    desk.project.close()
    spoil(path)
    spoilt = path.read_bytes()
    said: list[str] = []

    def first() -> None:
        (box,) = shown(QMessageBox)
        said.append(box.text())
        said.append(box.detailedText())
        later(choose)
        qtbot.mouseClick(button(box, "Restore a copy…"), LEFT)

    def choose() -> None:
        (copies,) = shown(CopiesDialog)
        later(read)
        qtbot.mouseClick(copies.restore, LEFT)

    def read() -> None:
        (box,) = shown(QMessageBox)
        said.append(box.text())
        qtbot.keyClick(box, Qt.Key.Key_Return)

    later(first)
    project = dialogs.open_or_tell(None, path)
    assert project is not None
    with project:
        assert project.path == path
        assert len(project.document("a-test").mentions) == 1
    assert said[0] == "The project test.goldsmith is damaged."
    assert str(path) in said[1]  # and what SQLite says
    (kept,) = path.parent.glob("test.before-*.goldsmith")
    assert kept.read_bytes() == spoilt
    assert str(kept) in said[2]


def test_without_a_copy_what_can_be_read_is_recovered_and_opened(
    qtbot: QtBot, desk: Desk, own_settings: None
) -> None:
    path = desk.project.path
    desk.mark("Cairo", "GPE")
    desk.project.close()
    spoil(path)
    spoilt = path.read_bytes()
    said: list[str] = []

    def first() -> None:
        (box,) = shown(QMessageBox)
        later(none)
        qtbot.mouseClick(button(box, "Restore a copy…"), LEFT)

    def none() -> None:
        (box,) = shown(QMessageBox)
        said.append(box.text())
        later(again)
        qtbot.keyClick(box, Qt.Key.Key_Return)

    def again() -> None:
        (box,) = shown(QMessageBox)  # it asks once more
        later(recovering)
        qtbot.mouseClick(button(box, "Recover what can be read…"), LEFT)

    def recovering() -> None:
        (dialog,) = shown(RecoverDialog)
        qtbot.waitUntil(lambda: dialog._job is None, timeout=LONG)
        said.append(dialog.summary.text())
        qtbot.mouseClick(button(dialog, "Open it"), LEFT)

    later(first)
    project = dialogs.open_or_tell(None, path)
    assert project is not None
    project.close()
    assert project.path == path.with_name("test.repaired.goldsmith")
    assert said[0] == "There is no copy of this project yet."
    assert said[1].startswith("Recovered to")
    assert path.read_bytes() == spoilt


def test_closing_the_question_opens_nothing(qtbot: QtBot, desk: Desk, own_settings: None) -> None:
    path = desk.project.path
    desk.project.close()
    spoil(path)
    later(lambda: qtbot.keyClick(shown(QMessageBox)[0], Qt.Key.Key_Escape))
    assert dialogs.open_or_tell(None, path) is None
    assert sorted(p.suffix for p in path.parent.glob("test*.goldsmith")) == [".goldsmith"]
