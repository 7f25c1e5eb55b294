"""What the window does when something goes wrong that nobody foresaw, or the disk does."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QSettings, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import backup, edits, soundness
from core.annotation import Document
from core.article import Article
from core.errors import GoldsmithError, ProjectError
from core.project import Project
from gui import dialogs, files
from gui.app import application
from gui.canvas import picture
from gui.copies_dialog import CopiesDialog
from gui.inplace import Field
from gui.trouble import Keeper, Unexpected, report
from gui.window import Window
from tests.conftest import Desk
from tests.gui.hands import CTRL, Hands, Key

MAY_CLOSE = dialogs.may_close
SECRET = "words of the article"


@pytest.fixture
def hands(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hands]:
    application()
    monkeypatch.setattr(dialogs, "may_close", lambda *_: True)  # nobody is there to answer
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    desk.suggest(desk.mention("Ali Mamluk", "PERSON"), desk.mention("Riyadh", "GPE"))
    window = Window(desk.project)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.canvas.setFocus()
    yield Hands(qtbot, window)
    if isValid(window):
        window.close()


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """In the place of the test's own hook, and quiet."""
    keeper = Keeper()
    monkeypatch.setattr(sys, "__excepthook__", lambda *_: None)
    monkeypatch.setattr(sys, "excepthook", keeper.caught)
    return keeper


def _dialog() -> Unexpected:
    (dialog,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, Unexpected))
    return dialog


def _press_in_the_loop(hands: Hands, key: Key) -> None:
    """A key that arrives as a person's does: what it raises meets no test, only the hook."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QCoreApplication.postEvent(
            hands.canvas, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier)
        )
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    loop.exec()


def _half_done(project: Project) -> None:
    """An edit that fails in the middle, after it has written."""
    with project.edit("half") as edit:
        for mention in project.mentions_of_article("a-test"):
            edit.delete("mention", mention.id)
        secret = SECRET
        raise RuntimeError(secret)


def test_an_unexpected_exception_is_shown_and_the_edit_taken_back_whole(
    hands: Hands, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.press(Key.Key_Return)
    before = hands.document
    assert before.mentions
    with monkeypatch.context() as patched:
        patched.setattr(edits, "accept", lambda project, ids: _half_done(project))
        _press_in_the_loop(hands, Key.Key_Return)
        _press_in_the_loop(hands, Key.Key_Return)
    dialog = _dialog()
    assert dialog.isVisible()
    assert "(2 times)" in dialog.what.text()
    assert hands.document == before
    assert hands.window.session.document == before
    # The window goes on, and the file is sound.
    dialog.accept()
    hands.canvas.set_focused(hands.named("Riyadh"))
    hands.press(Key.Key_Return)
    assert len(hands.document.mentions) == len(before.mentions) + 1
    assert list(soundness.check(hands.window.session.project)) == []


def test_the_report_says_where_and_quotes_nothing_unasked(hands: Hands, keeper: Keeper) -> None:
    try:
        _half_done(hands.window.session.project)
    except RuntimeError as error:
        keeper.caught(type(error), error, error.__traceback__)
    dialog = _dialog()
    hands.qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    copied = QApplication.clipboard().text()
    assert "RuntimeError" in copied
    assert "tests/gui/test_trouble.py" in copied
    assert SECRET not in copied
    assert str(Path.home()) not in copied
    dialog.message.click()
    hands.qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert SECRET in QApplication.clipboard().text()
    dialog.accept()


def test_a_report_follows_what_caused_it() -> None:
    try:
        try:
            {}["nothing"]
        except KeyError as error:
            raise ValueError(SECRET) from error
    except ValueError as error:
        text = report(error)
    assert "ValueError" in text
    assert "KeyError" in text
    assert "nothing" not in text


def test_what_is_raised_while_painting_does_not_go_round_in_circles(
    hands: Hands, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What puts it right paints again, and raises again."""
    times = 0

    def fail(*_: object) -> None:
        nonlocal times
        times += 1
        raise RuntimeError(SECRET)

    with monkeypatch.context() as patch:
        patch.setattr(picture, "paint", fail)
        hands.canvas.viewport().update()
        for _round in range(100):
            QCoreApplication.processEvents()
        assert 0 < times < 10
        _dialog().accept()
    hands.press(Key.Key_Return)
    assert [m.type for m in hands.document.mentions.values()] == ["PERSON"]


def test_a_row_that_cannot_be_read_is_told_and_left_empty(
    hands: Hands, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_rows: object) -> None:
        raise ProjectError("unreadable")

    monkeypatch.setattr(hands.window.session.project, "article_rows", fail)
    hands.window.session.articles_changed.emit()
    for _round in range(20):
        QCoreApplication.processEvents()
    assert "unreadable" in hands.window.statusBar().currentMessage()
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)]


@pytest.mark.parametrize("column", ["title", "text", "outlet"])
def test_a_text_that_is_none_is_told_calmly(
    qtbot: QtBot, desk: Desk, keeper: Keeper, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    application()
    path = desk.project.path
    edits.add_documents(desk.project, [Document(Article("a-good", "A good text.", title="Good"))])
    desk.project.close()
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"UPDATE articles SET {column} = cast(x'ff00fe' AS text) WHERE id = 'a-test'")
        file.commit()
    window = Window(Project.open(path))
    refused: list[GoldsmithError] = []
    window.session.refused.connect(refused.append)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    for _round in range(50):
        QCoreApplication.processEvents()
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]
    assert len(refused) < 5
    assert window.trouble.isVisible()
    assert window.trouble.text.text().startswith("A part of the project can't be read")
    assert "Check this project" in window.trouble.text.text()
    assert not window.canvas.isVisible()  # it shows nothing: the welcome does
    assert window.welcome.isVisible()
    assert window.session.open_article("a-good")
    assert window.canvas.isVisible()
    window.close()


def test_a_suggestion_that_makes_no_sense_is_told_above_the_text(
    qtbot: QtBot, desk: Desk, keeper: Keeper
) -> None:
    application()
    path = desk.project.path
    desk.suggest(desk.mention("Cairo", "GPE"))
    desk.project.close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE suggestions SET fragments = 'garbage'")
        file.commit()
    window = Window(Project.open(path))
    qtbot.addWidget(window)
    window.show()
    assert window.trouble.isVisible()
    assert "makes no sense" in window.trouble.text.text()
    assert "Check this project" in window.trouble.text.text()


def test_a_title_of_millions_stops_no_window(hands: Hands) -> None:
    project = hands.window.session.project
    title = "x" * 20_000_000
    edits.add_documents(project, [Document(Article("a-long", "A text.", title=title))])
    hands.window.session.articles_changed.emit()
    assert hands.window.session.open_article("a-long")
    assert len(hands.window.inspector.facts.text()) < 1_000
    row = project.article_row("a-long")
    assert row is not None
    assert len(row.title) == 500


def test_an_edit_that_is_not_saved_is_said_until_one_is(hands: Hands) -> None:
    project, window = hands.window.session.project, hands.window
    gone = project.path.with_name("moved.goldsmith")
    project.path.rename(gone)
    hands.press(Key.Key_Return)
    assert window.trouble.isVisible()
    assert "was moved, replaced or deleted" in window.trouble.text.text()
    assert "save a copy" in window.trouble.text.text()
    assert window.saved.text() == "Not saved"
    assert not hands.document.mentions
    gone.rename(project.path)
    hands.press(Key.Key_Return)
    assert not window.trouble.isVisible()
    assert window.saved.text().startswith("Saved in")
    assert len(hands.document.mentions) == 1


def _write_note(hands: Hands, text: str) -> None:
    """In the inspector's field, as a person does."""
    note = hands.window.inspector.note
    note.setFocus()
    hands.qtbot.keyClicks(note, text)
    hands.canvas.setFocus()


def test_a_note_that_is_not_saved_stays_until_it_is(hands: Hands) -> None:
    project, window = hands.window.session.project, hands.window
    hands.press(Key.Key_Return)
    id = next(iter(hands.document.mentions))
    hands.canvas.set_focused(id)
    gone = project.path.with_name("moved.goldsmith")
    project.path.rename(gone)
    _write_note(hands, "doubtful")
    assert window.trouble.isVisible()
    note = window.inspector.note
    assert note.toPlainText() == "doubtful"
    hands.canvas.set_focused(hands.named("Riyadh"))
    assert note.toPlainText() == ""
    hands.canvas.set_focused(id)
    assert note.toPlainText() == "doubtful"
    window.run("note")  # the field in the text begins with it, too, and keeps what is added
    assert isinstance(window.picker, Field)
    assert window.picker.text.toPlainText() == "doubtful"
    hands.qtbot.keyClicks(window.picker.text, ", ask Eva")
    hands.qtbot.keyClick(window.picker.text, Key.Key_Escape)
    assert note.toPlainText() == "doubtful, ask Eva"
    gone.rename(project.path)
    hands.canvas.set_focused(hands.named("Riyadh"))  # leaving it tries again
    assert project.get("mention", id).note == "doubtful, ask Eva"  # type: ignore[union-attr]
    assert not window.trouble.isVisible()
    assert window.session.unsaved_notes == {}


def test_a_note_is_saved_with_the_next_edit_and_with_a_copy(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, window = hands.window.session.project, hands.window
    hands.press(Key.Key_Return)
    id = next(iter(hands.document.mentions))
    gone = project.path.with_name("moved.goldsmith")
    project.path.rename(gone)
    window.session.write_note(id, "first")
    out = tmp_path / "saved.goldsmith"
    monkeypatch.setattr(dialogs, "choose_copy", lambda *_: out)
    window.run("save_copy")
    for box in window.findChildren(QMessageBox):
        box.accept()
    with Project.open(out) as copy:
        assert copy.get("mention", id).note == "first"  # type: ignore[union-attr]
    gone.rename(project.path)
    hands.canvas.set_focused(hands.named("Riyadh"))
    hands.press(Key.Key_Return)
    assert project.get("mention", id).note == "first"  # type: ignore[union-attr]


def test_the_window_does_not_close_over_a_note_that_is_not_saved(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "may_close", MAY_CLOSE)
    project, window = hands.window.session.project, hands.window
    hands.press(Key.Key_Return)
    id = next(iter(hands.document.mentions))
    hands.canvas.set_focused(id)
    project.path.unlink()
    _write_note(hands, "doubtful")

    def answer(word: str) -> None:
        (box,) = (
            w for w in QApplication.topLevelWidgets()
            if isinstance(w, QMessageBox) and w.objectName() == "unsavedNotes" and w.isVisible()
        )  # fmt: skip
        assert box.informativeText() == "doubtful"
        (button,) = (b for b in box.buttons() if word in b.text())
        hands.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, lambda: answer("Stay"))
    window.close()
    assert window.isVisible()
    assert window.inspector.note.toPlainText() == "doubtful"
    QTimer.singleShot(0, lambda: answer("Copy"))
    window.close()
    assert not isValid(window) or not window.isVisible()
    assert QApplication.clipboard().text() == "doubtful"


def test_what_is_on_screen_is_saved_elsewhere_from_the_bar(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.press(Key.Key_Return)
    before = hands.document
    folder = hands.window.session.project.path
    folder.unlink()
    hands.press(Key.Key_Return)
    out = tmp_path / "saved.goldsmith"
    monkeypatch.setattr(dialogs, "choose_copy", lambda *_: out)
    hands.qtbot.mouseClick(hands.window.trouble.save, Qt.MouseButton.LeftButton)
    for box in hands.window.findChildren(QMessageBox):
        assert "saved.goldsmith" in box.text()
        box.accept()
    with Project.open(out) as copy:
        assert copy.document("a-test") == before
        assert edits.undo(copy) is not None


def test_a_project_that_cannot_be_read_leaves_the_article_on_screen(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Path:
        raise ProjectError("The project can't be read.")

    hands.press(Key.Key_Return)
    monkeypatch.setattr(Project, "save_copy", fail)
    monkeypatch.setattr(dialogs, "choose_copy", lambda *_: tmp_path / "saved.goldsmith")
    hands.window.run("save_copy")
    for box in hands.window.findChildren(QMessageBox):
        assert "saved.jsonl" in box.text()
        box.accept()
    assert '"Ali Mamluk' in (tmp_path / "saved.jsonl").read_text(encoding="utf-8")


def test_a_file_that_is_written_over_leaves_what_is_on_screen(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, path = hands.window, hands.window.session.project.path
    hands.press(Key.Key_Return)
    theirs = b"Dear Bea,\n" * 50_000
    with path.open("rb+") as file:
        file.write(theirs)
        file.truncate()
    hands.press(Key.Key_Return)
    assert window.trouble.isVisible()
    assert "was overwritten by another program" in window.trouble.text.text()
    out = tmp_path / "saved.goldsmith"
    monkeypatch.setattr(dialogs, "choose_copy", lambda *_: out)
    window.run("save_copy")
    for box in window.findChildren(QMessageBox):
        box.accept()
    assert "Ali Mamluk" in out.with_suffix(".jsonl").read_text(encoding="utf-8")
    window.close()
    assert path.read_bytes() == theirs


def test_what_another_program_wrote_is_not_overwritten(hands: Hands) -> None:
    project = hands.window.session.project
    with sqlite3.connect(project.path) as connection:  # not every program asks for the lock
        connection.execute("UPDATE articles SET state = 'done'")
    connection.close()
    hands.press(Key.Key_Return)
    assert not hands.document.mentions
    assert "changed by another program" in hands.window.statusBar().currentMessage()
    assert hands.window.session.document is not None
    assert hands.window.session.document.article.state == "done"
    hands.press(Key.Key_Return)
    assert len(hands.document.mentions) == 1


@pytest.mark.parametrize("closed", [False, True])
def test_a_window_that_was_closed_before_its_first_copy_starts_none(
    qtbot: QtBot, project: Project, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    monkeypatch.setattr(files, "FIRST_COPY", 0)
    window = Window(project)
    qtbot.addWidget(window)
    if closed:
        window.close()
    QApplication.processEvents()  # what is due is done; a closed window is still there meanwhile
    assert isValid(window)
    assert (window.files._copying is None) is closed


def test_the_window_makes_a_copy_and_goes_back_to_it(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, path = hands.window, hands.window.session.project.path
    window.files.back_up()
    hands.qtbot.waitUntil(lambda: window.files._copying is None, timeout=60_000)
    (copy,) = backup.backups(path)
    hands.press(Key.Key_Return)
    assert hands.document.mentions
    monkeypatch.setattr(dialogs, "choose_backup", lambda *_: copy.path)
    window.run("restore_backup")
    (again,) = (
        w for w in QApplication.topLevelWidgets()
        if isinstance(w, Window) and w is not window and w.isVisible()
    )  # fmt: skip
    assert again.session.project.document("a-test").mentions == {}
    again.close()
    (kept,) = path.parent.glob("test.before-*.goldsmith")
    with Project.open(kept) as before:
        assert before.document("a-test").mentions


def test_the_copies_say_what_is_in_them_and_where_the_rest_is_kept(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, project = hands.window, hands.window.session.project
    path = project.path
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    assert backup.back_up(project, now) is not None
    hands.press(Key.Key_Return)
    assert backup.back_up(project, now + timedelta(minutes=1)) is not None
    hands.press(Key.Key_Return, modifier=CTRL)
    assert backup.back_up(project, now + timedelta(minutes=2)) is not None
    spoilt = (
        path.with_name("test.backups") / f"test.{now - timedelta(days=1):%Y%m%dT%H%M%SZ}.goldsmith"
    )
    spoilt.write_bytes(backup.backups(path)[0].path.read_bytes()[:5000])
    monkeypatch.setattr(backup, "own", backup.backups)  # a spoilt one is nobody's
    seen: list[list[str]] = []

    def choose() -> None:
        (dialog,) = window.findChildren(CopiesDialog)
        hands.qtbot.waitUntil(lambda: not dialog._idle.isActive())
        rows = [dialog.list.topLevelItem(n) for n in range(dialog.list.topLevelItemCount())]
        seen.extend([row.text(column) for column in range(5)] for row in rows)
        area = dialog.list.visualItemRect(rows[2])
        hands.qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
        hands.qtbot.mouseClick(dialog.restore, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, choose)
    window.run("restore_backup")
    (done, marked, first, last) = seen
    assert done[1:3] == ["1 of 1", "1"]
    assert done[3].startswith("article done (")
    assert marked[1:3] == ["0 of 1", "1"]
    assert marked[3].startswith("accept Ali Mamluk PERSON (")
    assert first[1:3] == ["0 of 1", "0"]
    assert last[3] == "It can't be read."
    (again,) = (
        w for w in QApplication.topLevelWidgets()
        if isinstance(w, Window) and w is not window and w.isVisible()
    )  # fmt: skip
    assert again.session.project.document("a-test").mentions == {}
    (box,) = again.findChildren(QMessageBox)
    (kept,) = path.parent.glob("test.before-*.goldsmith")
    assert str(kept) in box.text()
    hands.qtbot.keyClick(box, Key.Key_Return)
    again.close()


def test_enter_restores_nothing_and_one_can_go_forward_again(hands: Hands) -> None:
    window, project = hands.window, hands.window.session.project
    assert backup.back_up(project) is not None
    hands.press(Key.Key_Return)
    mentions = hands.document.mentions
    seen: list[list[str]] = []

    def listed(dialog: CopiesDialog) -> list[str]:
        return [dialog.list.topLevelItem(n).text(0) for n in range(dialog.list.topLevelItemCount())]

    def enter() -> None:
        (dialog,) = window.findChildren(CopiesDialog)
        hands.qtbot.keyClick(dialog.list, Key.Key_Return)

    QTimer.singleShot(0, enter)
    window.run("restore_backup")
    assert window.isVisible()
    assert window.session.project.document("a-test").mentions == mentions

    def newest() -> None:
        (dialog,) = (
            w for w in QApplication.topLevelWidgets()
            if isinstance(w, CopiesDialog) and w.isVisible()
        )  # fmt: skip
        seen.append(listed(dialog))
        dialog.list.setCurrentItem(dialog.list.topLevelItem(0))
        hands.qtbot.mouseClick(dialog.restore, Qt.MouseButton.LeftButton)

    def other(than: Window) -> Window:
        (found,) = (
            w for w in QApplication.topLevelWidgets()
            if isinstance(w, Window) and w is not than and w.isVisible()
        )  # fmt: skip
        for box in found.findChildren(QMessageBox):
            box.accept()
        return found

    QTimer.singleShot(0, newest)
    window.run("restore_backup")
    back = other(window)
    assert back.session.project.document("a-test").mentions == {}
    QTimer.singleShot(0, newest)
    back.run("restore_backup")
    forward = other(back)
    assert forward.session.project.document("a-test").mentions == mentions
    assert len(seen[0]) == 1
    assert seen[1][0].startswith("before going back, at ")
    assert seen[1][1:] == seen[0]
    forward.close()
