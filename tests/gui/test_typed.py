"""What is being typed is kept, however the field, the article, the window or the session ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import edits
from core.annotation import Mention
from core.project import Project
from gui.app import application
from gui.ending import Ending
from gui.inplace import Field
from gui.session import Session
from gui.window import Window
from tests.conftest import ROOT, Desk
from tests.gui.hands import Hands


@pytest.fixture
def hands(qtbot: QtBot, desk: Desk, tmp_path: Path) -> Iterator[Hands]:
    """A gold mention of an entity is focused; there is another article."""
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    first = desk.mark("Ali Mamluk", "PERSON")
    edits.same_entity(desk.project, first, desk.mark("Mamluk", "PERSON", 1))
    Desk(desk.project, "Another article.", "a-next")
    window = Window(desk.project)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.canvas.set_focused(first)
    yield Hands(qtbot, window)
    if isValid(window):
        window.close()


def _mention(project: Project) -> Mention:
    return min(project.mentions_of_article("a-test"), key=lambda m: m.start)


def _kb(project: Project) -> str:
    (entity,) = project.entities([_mention(project).entity or ""]).values()
    return entity.kb_id


def test_a_note_in_the_text_outlives_its_window(hands: Hands) -> None:
    window, path = hands.window, hands.window.session.project.path
    window.run("note")
    assert isinstance(window.picker, Field)
    hands.qtbot.keyClicks(window.picker.text, "ask Eva")
    window.close()
    with Project.open(path) as project:
        assert _mention(project).note == "ask Eva"


def test_what_stands_in_the_inspector_outlives_the_window(hands: Hands) -> None:
    window, path = hands.window, hands.window.session.project.path
    hands.qtbot.keyClicks(window.inspector.kb, "Q858")
    hands.qtbot.keyClicks(window.inspector.note, "ask Eva")
    window.close()
    with Project.open(path) as project:
        assert (_kb(project), _mention(project).note) == ("Q858", "ask Eva")


def test_and_another_article(hands: Hands) -> None:
    window, project = hands.window, hands.window.session.project
    hands.qtbot.keyClicks(window.inspector.kb, "Q858")
    hands.qtbot.keyClicks(window.inspector.note, "ask Eva")
    window.session.open_article("a-next")
    assert (_kb(project), _mention(project).note) == ("Q858", "ask Eva")


def test_an_edit_of_somebody_else_does_not_disturb_who_types(hands: Hands) -> None:
    window, project = hands.window, hands.window.session.project
    field = window.inspector.kb
    hands.qtbot.keyClicks(field, "Q8 ")
    window.session.follow(edits.set_state(project, ["a-test"], "done"))
    hands.qtbot.keyClicks(field, "58")
    assert field.text() == "Q8 58"
    hands.canvas.set_focused("")
    assert _kb(project) == "Q8 58"


def _as_after_a_crash(hands: Hands, tmp_path: Path) -> Path:
    """What the disk holds once the draft of now is there: all that a killed process leaves."""
    project = hands.window.session.project
    hands.qtbot.waitUntil(lambda: "ask Eva" in project.setting("draft"))
    folder = tmp_path / "after"
    folder.mkdir()
    for file in (project.path, project.path.with_name(project.path.name + "-wal")):
        shutil.copy(file, folder / file.name)
    return folder / project.path.name


@pytest.mark.parametrize("place", ["in the text", "in the inspector"])
def test_a_note_outlives_a_process_that_is_killed(
    hands: Hands, qtbot: QtBot, tmp_path: Path, place: str
) -> None:
    window = hands.window
    if place == "in the text":
        window.run("note")
        assert isinstance(window.picker, Field)
    field = window.inspector.note if window.picker is None else window.picker.text
    qtbot.keyClicks(field, "ask Eva")
    again = Window(Project.open(_as_after_a_crash(hands, tmp_path), annotator="ann"))
    qtbot.addWidget(again)
    project = again.session.project
    assert _mention(project).note == "ask Eva"
    assert again.canvas.focused == _mention(project).id
    assert project.setting("draft") == ""
    again.session.undo()
    assert _mention(project).note == ""


def test_a_draft_is_of_who_typed_it_and_gone_with_the_edit(
    hands: Hands, qtbot: QtBot, tmp_path: Path
) -> None:
    window, project = hands.window, hands.window.session.project
    qtbot.keyClicks(window.inspector.note, "ask Eva")
    with Project.open(_as_after_a_crash(hands, tmp_path), annotator="bea") as other:
        assert Session(other).finish_draft() == ""
        assert _mention(other).note == ""
    window.keep_typed()
    assert project.setting("draft") == ""
    window.run("note")
    assert isinstance(window.picker, Field)
    qtbot.keyClicks(window.picker.text, "!")
    qtbot.waitUntil(lambda: "ask Eva!" in project.setting("draft"))
    qtbot.keyClick(window.picker.text, Qt.Key.Key_Backspace)
    qtbot.keyClick(window.picker.text, Qt.Key.Key_Escape)  # as it was
    assert project.setting("draft") == ""


@pytest.mark.parametrize("value", ["[", "1", '["ann", "nothing", "x"]', '["ann", [], {}]', "null"])
def test_a_draft_that_makes_no_sense_is_left_alone(hands: Hands, value: str) -> None:
    session = hands.window.session
    session.project.set_setting("draft", value)
    assert session.finish_draft() == ""


def test_a_session_that_ends_saves_what_is_typed(hands: Hands) -> None:
    hands.qtbot.keyClicks(hands.window.inspector.note, "ask Eva")
    assert Ending.keep()
    assert _mention(hands.window.session.project).note == "ask Eva"
    assert hands.window.isVisible()  # logging out may be called off


def test_a_session_that_ends_knows_what_the_disk_did_not_take(hands: Hands) -> None:
    window, path = hands.window, hands.window.session.project.path
    gone = path.with_name("moved.goldsmith")
    path.rename(gone)
    hands.qtbot.keyClicks(window.inspector.note, "ask Eva")
    assert not Ending.keep()
    gone.rename(path)
    window.session.save_notes()
    assert Ending.keep()
    assert _mention(window.session.project).note == "ask Eva"


_CHILD = """
import sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from gui import app
from gui.window import Window

def type_on():
    (window,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, Window))
    window.canvas.set_focused(next(iter(window.session.document.mentions)))
    QTest.keyClicks(window.inspector.note, "ask Eva")
    print("typed", flush=True)

QSettings.setDefaultFormat(QSettings.Format.IniFormat)
app.application()
QTimer.singleShot(200, type_on)
sys.exit(app.run(Path(sys.argv[1])))
"""


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_process_that_is_told_to_end_saves_what_is_typed(desk: Desk, name: str) -> None:
    path = desk.project.path
    desk.mark("Ali Mamluk", "PERSON")
    desk.project.set_setting("suggester", "rules")
    desk.project.close()
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(path)],
        cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == b"typed\n"
    child.send_signal(getattr(signal, name))
    assert child.wait(30) == 0
    child.stdout.close()
    assert [p.name for p in path.parent.glob("*test.goldsmith*")] == [path.name]
    with Project.open(path) as project:
        assert _mention(project).note == "ask Eva"
