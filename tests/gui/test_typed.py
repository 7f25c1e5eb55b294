"""What is being typed is kept, however the field, the article, the window or the session ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import edits, scheme
from core.annotation import Mention
from core.project import Project
from gui.app import application
from gui.drafts import KB_ID
from gui.ending import Ending
from gui.inplace import Field
from gui.picker import Picker
from gui.session import Session
from gui.window import Window
from tests.conftest import ROOT, Desk
from tests.gui.hands import Hands


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """The scheme has an attribute whose value may be anything."""
    text = (ROOT / "resources" / "schemes" / "news.toml").read_text(encoding="utf-8")
    text += '\n[attribute.role]\ngloss = "What they are"\n'
    with Project.create(tmp_path / "test.goldsmith", scheme.parse(text), "ann") as project:
        yield project


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


def _as_after_a_crash(hands: Hands, tmp_path: Path, *typed: str) -> Path:
    """What the disk holds once the drafts of now are there: all that a killed process leaves."""
    project = hands.window.session.project
    hands.qtbot.waitUntil(lambda: all(text in project.setting("draft") for text in typed))
    folder = tmp_path / "after"
    folder.mkdir()
    for file in (project.path, project.path.with_name(project.path.name + "-wal")):
        shutil.copy(file, folder / file.name)
    return folder / project.path.name


def _facts(project: Project) -> tuple[str, str, object]:
    mention = _mention(project)
    return mention.note, _kb(project), mention.attributes.get("role")


def _note_in_the_text(hands: Hands) -> QWidget:
    window = hands.window
    window.run("note")
    assert isinstance(window.picker, Field)
    return window.picker.text


def _role_in_the_text(hands: Hands) -> QWidget:
    window = hands.window
    window.run("attribute")
    picker = window.picker
    assert isinstance(picker, Picker)
    # Nobody types before a list is there; and what loses the focus too late shuts the next popup.
    hands.qtbot.waitUntil(lambda: QGuiApplication.focusWindow() == picker.windowHandle())
    hands.qtbot.keyClicks(picker.list, "/role")
    hands.qtbot.keyClick(picker.list, Qt.Key.Key_Return)
    assert isinstance(window.picker, Field)
    return window.picker.text


_FIELDS: dict[str, tuple[Callable[[Hands], QWidget], tuple[str, str, object]]] = {
    "a note in the text": (_note_in_the_text, ("ask Eva", "", None)),
    "a note in the inspector": (lambda h: h.window.inspector.note, ("ask Eva", "", None)),
    "an id": (lambda h: h.window.inspector.kb, ("", "ask Eva", None)),
    "an attribute": (lambda h: h.window.inspector.attributes.field("role"), ("", "", "ask Eva")),
    "an attribute in the text": (_role_in_the_text, ("", "", "ask Eva")),
}


@pytest.mark.parametrize("field", _FIELDS)
def test_what_is_typed_outlives_a_process_that_is_killed(
    hands: Hands, qtbot: QtBot, tmp_path: Path, field: str
) -> None:
    find, after = _FIELDS[field]
    qtbot.keyClicks(find(hands), "ask Eva")
    again = Window(Project.open(_as_after_a_crash(hands, tmp_path, "ask Eva"), annotator="ann"))
    qtbot.addWidget(again)
    project = again.session.project
    assert _facts(project) == after
    assert again.canvas.focused == _mention(project).id
    assert project.setting("draft") == ""
    again.session.undo()
    assert _facts(project) == ("", "", None)


def test_all_that_is_typed_outlives_it(hands: Hands, qtbot: QtBot, tmp_path: Path) -> None:
    inspector = hands.window.inspector
    for field in (inspector.note, inspector.kb, inspector.attributes.field("role")):
        # Without the focus, nothing tells the one before that it is left: all are drafts.
        qtbot.keyClicks(field, "x 1")
    killed = _as_after_a_crash(hands, tmp_path, "note", "kb_id", "role")
    again = Window(Project.open(killed, annotator="ann"))
    qtbot.addWidget(again)
    assert _facts(again.session.project) == ("x 1", "x 1", "x 1")
    assert again.session.project.setting("draft") == ""


def test_a_field_that_is_left_forgets_its_own_draft_only(hands: Hands, qtbot: QtBot) -> None:
    inspector, project = hands.window.inspector, hands.window.session.project
    qtbot.keyClicks(inspector.kb, "Q8")
    qtbot.keyClicks(inspector.attributes.field("role"), "boss")
    qtbot.waitUntil(lambda: "Q8" in project.setting("draft") and "boss" in project.setting("draft"))
    qtbot.keyClick(inspector.kb, Qt.Key.Key_Backspace)
    qtbot.keyClick(inspector.kb, Qt.Key.Key_Backspace)
    qtbot.keyClick(inspector.kb, Qt.Key.Key_Return)  # as it was
    assert "kb_id" not in project.setting("draft")
    assert "boss" in project.setting("draft")
    qtbot.keyClick(inspector.attributes.field("role"), Qt.Key.Key_Return)
    assert project.setting("draft") == ""
    assert _facts(project) == ("", "", "boss")


def test_a_draft_is_of_who_typed_it_and_gone_with_the_edit(
    hands: Hands, qtbot: QtBot, tmp_path: Path
) -> None:
    window, project = hands.window, hands.window.session.project
    qtbot.keyClicks(window.inspector.note, "ask Eva")
    with Project.open(_as_after_a_crash(hands, tmp_path, "ask Eva"), annotator="bea") as other:
        session = Session(other)
        assert session.finish_drafts() == ""
        assert _mention(other).note == ""
        session.open_article("a-test")
        session.drafts.typing(_mention(other).id, KB_ID, "Q1")
        qtbot.waitUntil(lambda: "Q1" in other.setting("draft"))
        assert "ask Eva" in other.setting("draft")  # it waits for ann
        session.write_kb_id(_mention(other).id, "Q1")
        assert "Q1" not in other.setting("draft")
        assert "ask Eva" in other.setting("draft")
    window.keep_typed()
    assert project.setting("draft") == ""
    window.run("note")
    assert isinstance(window.picker, Field)
    qtbot.keyClicks(window.picker.text, "!")
    qtbot.waitUntil(lambda: "ask Eva!" in project.setting("draft"))
    qtbot.keyClick(window.picker.text, Qt.Key.Key_Backspace)
    qtbot.keyClick(window.picker.text, Qt.Key.Key_Escape)  # as it was
    assert project.setting("draft") == ""


def test_a_draft_of_the_time_when_there_was_one_is_still_made(hands: Hands) -> None:
    session = hands.window.session
    id = _mention(session.project).id
    session.project.set_setting("draft", f'["ann", "{id}", "ask Eva"]')
    assert session.finish_drafts() == id
    assert _mention(session.project).note == "ask Eva"


@pytest.mark.parametrize(
    "value",
    [
        "[",
        "1",
        '["ann", "nothing", "x"]',
        '["ann", [], {}]',
        "null",
        '[["ann", "a", "b", "c"]]',
        '[["ann", "a"], 3, ["ann", 1, "note", "x"]]',
        "[" * 99999,
    ],
)
def test_a_draft_that_makes_no_sense_is_left_alone(hands: Hands, value: str) -> None:
    session = hands.window.session
    session.project.set_setting("draft", value)
    assert session.finish_drafts() == ""


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
    inspector, project = window.inspector, window.session.project
    while not window.session.document.suggestions:  # what comes in makes edits of what is typed
        QApplication.processEvents()
    QTest.keyClicks(inspector.kb, "Q858")
    QTest.keyClicks(inspector.attributes.field("role"), "boss")
    QTest.keyClicks(inspector.note, "ask Eva")
    while not all(word in project.setting("draft") for word in sys.argv[2:]):
        QApplication.processEvents()
    print("typed", flush=True)

QSettings.setDefaultFormat(QSettings.Format.IniFormat)
app.application()
QTimer.singleShot(200, type_on)
sys.exit(app.run(Path(sys.argv[1])))
"""


def _typing(desk: Desk, *until: str) -> subprocess.Popen[bytes]:
    """A window in a process of its own, in whose fields something stands; it goes on when the file
    has drafts with these words."""
    desk.project.set_setting("suggester", "rules")
    first = desk.mark("Ali Mamluk", "PERSON")
    edits.same_entity(desk.project, first, desk.mark("Mamluk", "PERSON", 1))
    desk.project.close()
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(desk.project.path), *until],
        cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == b"typed\n"
    return child


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_process_that_is_told_to_end_saves_what_is_typed(desk: Desk, name: str) -> None:
    path = desk.project.path
    with _typing(desk) as child:
        child.send_signal(getattr(signal, name))
        assert child.wait(30) == 0
    assert [p.name for p in path.parent.glob("*test.goldsmith*")] == [path.name]
    with Project.open(path) as project:
        assert _facts(project) == ("ask Eva", "Q858", "boss")


def test_a_process_that_is_killed_leaves_what_is_typed(desk: Desk, qtbot: QtBot) -> None:
    with _typing(desk, "ask Eva", "Q858", "boss") as child:
        child.kill()
    again = Window(Project.open(desk.project.path))
    qtbot.addWidget(again)
    assert _facts(again.session.project) == ("ask Eva", "Q858", "boss")


def _again(path: Path, qtbot: QtBot, kill: bool) -> Window:
    """The next start: of what a closed window left, or (`kill`) of what a killed one did."""
    if kill:
        folder = path.parent / "killed"
        folder.mkdir()
        for file in (path, path.with_name(path.name + "-wal")):
            shutil.copy(file, folder / file.name)
        path = folder / path.name
    again = Window(Project.open(path, annotator="ann"))
    qtbot.addWidget(again)
    return again


def _settled(window: Window, qtbot: QtBot) -> None:
    """Whatever is to be a draft is one."""
    qtbot.waitUntil(lambda: not window.session.drafts._timer.isActive())


@pytest.mark.parametrize("kill", [False, True])
def test_what_is_undone_after_a_recovery_does_not_come_back(
    hands: Hands, desk: Desk, qtbot: QtBot, tmp_path: Path, kill: bool
) -> None:
    fawzy = desk.mention("Khaled Fawzy", "PERSON")
    desk.suggest(fawzy, desk.mention("Cairo", "GPE"))  # which has the focus first
    hands.window.session.reread()
    hands.canvas.set_focused(fawzy.id)
    qtbot.keyClick(hands.canvas, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(hands.window.picker, Field)
    qtbot.keyClicks(hands.window.picker.text, "fawzy draft")
    killed = _as_after_a_crash(hands, tmp_path, "fawzy draft")
    recovered = Window(Project.open(killed, annotator="ann"))
    qtbot.addWidget(recovered)
    project = recovered.session.project
    assert [m.note for m in project.mentions_of_article("a-test") if m.id == fawzy.id]
    _settled(recovered, qtbot)
    assert project.setting("draft") == ""
    recovered.session.undo()
    _settled(recovered, qtbot)
    if not kill:
        recovered.close()
    again = _again(project.path, qtbot, kill).session.project
    assert again.setting("draft") == ""
    assert not [m for m in again.mentions_of_article("a-test") if m.id == fawzy.id]


@pytest.mark.parametrize("kill", [False, True])
def test_nor_does_what_is_undone_of_several_fields(
    hands: Hands, qtbot: QtBot, tmp_path: Path, kill: bool
) -> None:
    inspector = hands.window.inspector
    for field in (inspector.kb, inspector.note):
        qtbot.keyClicks(field, "x 1")
    killed = _as_after_a_crash(hands, tmp_path, "note", "kb_id")
    recovered = Window(Project.open(killed, annotator="ann"))
    qtbot.addWidget(recovered)
    project = recovered.session.project
    assert _facts(project) == ("x 1", "x 1", None)
    for _step in range(2):
        recovered.session.undo()
        _settled(recovered, qtbot)
    if not kill:
        recovered.close()
    again = _again(project.path, qtbot, kill).session.project
    assert _facts(again) == ("", "", None)
    assert again.setting("draft") == ""


def test_a_draft_of_what_is_gone_goes_too(hands: Hands, qtbot: QtBot, tmp_path: Path) -> None:
    qtbot.keyClicks(hands.window.inspector.note, "ask Eva")
    path = _as_after_a_crash(hands, tmp_path, "ask Eva")
    with Project.open(path, annotator="ann") as other:
        edits.delete(other, [_mention(other).id])
    again = _again(path, qtbot, False)
    _settled(again, qtbot)
    assert again.session.project.setting("draft") == ""


def test_what_is_only_shown_is_no_draft(hands: Hands, qtbot: QtBot) -> None:
    session, first = hands.window.session, _mention(hands.window.session.project)
    session.write_note(first.id, "ask Eva")
    hands.canvas.set_focused(hands.named("Mamluk"))
    hands.canvas.set_focused(first.id)
    assert hands.window.inspector.note.toPlainText() == "ask Eva"
    _settled(hands.window, qtbot)
    assert session.project.setting("draft") == ""


def test_what_is_taken_back_in_its_field_is_no_draft(hands: Hands, qtbot: QtBot) -> None:
    project, note = hands.window.session.project, hands.window.inspector.note
    for undo in (True, False):
        qtbot.keyClicks(note, "x")
        qtbot.waitUntil(lambda: "x" in project.setting("draft"))
        if undo:
            qtbot.keyClick(note, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        else:
            qtbot.keyClick(note, Qt.Key.Key_Backspace)
        assert project.setting("draft") == ""
