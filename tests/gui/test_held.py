"""Keys that are held, keys of the menus, and the key that quits from a popup, by real events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from shiboken6 import isValid

from core import edits
from core.annotation import Document
from core.article import Article
from core.project import Project
from gui import dialogs
from gui.commands import Menu
from gui.inplace import Field
from gui.panels.articles import ROW
from tests.gui.hands import CTRL, NONE, Hands, Key

ALT = Qt.KeyboardModifier.AltModifier


def hold(
    widget: QWidget, key: Qt.Key, times: int, modifier: Qt.KeyboardModifier = NONE, text: str = ""
) -> None:
    """Press a key and keep it down, while the system repeats it."""
    QTest.simulateEvent(widget, True, key, modifier, text, False)
    for _time in range(times):
        QTest.simulateEvent(widget, True, key, modifier, text, True)
        QCoreApplication.processEvents()
    QTest.simulateEvent(widget, False, key, modifier, text, False)
    QCoreApplication.processEvents()


def test_held_keys_decide_once_and_move_on(hands: Hands) -> None:
    project = hands.window.session.project
    before = len(project.undo_steps())
    hold(hands.canvas, Key.Key_Return, 5, text="\r")
    hold(hands.canvas, Key.Key_Backspace, 5, text="\b")
    hands.canvas.set_focused(hands.named("Riyadh"))
    hold(hands.canvas, Key.Key_P, 3, text="p")
    assert len(project.undo_steps()) == before + 3
    assert hands.gold() == {("Syrian", "NORP"), ("Riyadh", "PERSON")}
    first = hands.canvas.focused
    seen = {first}
    for _time in range(2):
        QTest.simulateEvent(hands.canvas, True, Key.Key_Tab, NONE, "\t", True)
        seen.add(hands.canvas.focused)
    assert len(seen) > 1


def test_a_key_that_opens_a_list_picks_nothing_in_it(hands: Hands) -> None:
    start = hands.text.index("Riyadh")
    hands.canvas.set_focused("")
    hands.select(start, start + len("Riyadh"))
    before = hands.gold()
    QTest.simulateEvent(hands.canvas, True, Key.Key_Return, NONE, "\r", False)
    picker = hands.window.picker
    assert picker is not None
    for _time in range(3):
        QTest.simulateEvent(picker.list, True, Key.Key_Return, NONE, "\r", True)
    assert hands.gold() == before
    assert hands.window.picker is picker
    hands.press(Key.Key_Return)
    assert len(hands.gold()) == len(before) + 1


def test_held_undo_stops_before_articles_come_or_go(hands: Hands) -> None:
    window, project = hands.window, hands.window.session.project
    said: list[str] = []
    window.session.said.connect(said.append)
    added = Document(Article("a-more", "Two more words.", title="More"))
    window.session.do(lambda: edits.add_documents(project, [added]))
    for _time in range(3):
        hands.press(Key.Key_Return)
    assert hands.gold()
    hold(hands.canvas, Key.Key_Z, 10, CTRL)
    assert not hands.gold()
    assert project.article_row("a-more") is not None
    assert said[-1].startswith("Stopped before “add 1 article”")
    hands.press(Key.Key_Z, modifier=CTRL)  # meant
    assert project.article_row("a-more") is None


def test_a_key_that_x_repeats_is_held(hands: Hands) -> None:
    """By a release and a press of the same moment, which Qt need not call a repetition."""

    def send(kind: QEvent.Type, key: Qt.Key, moment: int, modifier=NONE, text: str = "") -> None:
        event = QKeyEvent(kind, key, modifier, 36, 0, 0, text)
        event.setTimestamp(moment)
        QCoreApplication.sendEvent(hands.canvas, event)

    project = hands.window.session.project
    before = len(project.undo_steps())
    for moment in (100, 140, 180):
        send(QEvent.Type.KeyPress, Key.Key_Return, moment, text="\r")
        send(QEvent.Type.KeyRelease, Key.Key_Return, moment + 40, text="\r")
    assert len(project.undo_steps()) == before + 1
    send(QEvent.Type.KeyPress, Key.Key_Return, 500, text="\r")  # pressed once more
    assert len(project.undo_steps()) == before + 2
    send(QEvent.Type.KeyRelease, Key.Key_F9, 600)
    send(QEvent.Type.ShortcutOverride, Key.Key_F9, 600)
    hands.window._qactions["accept_and_finish"].trigger()
    assert project.count_to_do() == 1
    QCoreApplication.processEvents()
    hands.window._qactions["accept_and_finish"].trigger()
    assert project.count_to_do() == 0


def test_a_held_key_says_no_article_done(hands: Hands) -> None:
    project = hands.window.session.project
    edits.add_documents(
        project, [Document(Article(f"a-{n}", f"Text {n}.", title=str(n))) for n in range(4)]
    )
    hold(hands.canvas, Key.Key_Return, 4, CTRL)
    assert project.count_to_do() == 4


# -- menus


def open_menu() -> str:
    popup = QApplication.activePopupWidget()
    return popup.title().replace("&", "") if isinstance(popup, QMenu) else ""


def close_menu(hands: Hands) -> None:
    while (popup := QApplication.activePopupWidget()) is not None:
        hands.qtbot.keyClick(popup, Key.Key_Escape)


@pytest.mark.parametrize("menu", Menu)
def test_alt_and_a_letter_open_a_menu(hands: Hands, menu: Menu) -> None:
    hands.qtbot.keyClick(hands.canvas, menu.key[-1].lower(), ALT)
    assert open_menu() == menu.heading
    close_menu(hands)


def test_f10_opens_the_first_menu_and_esc_comes_back(hands: Hands) -> None:
    hands.press(Key.Key_F10)
    assert open_menu() == "File"
    hands.qtbot.keyClick(QApplication.activePopupWidget(), Key.Key_Right)
    assert open_menu() == "Edit"
    close_menu(hands)
    hands.qtbot.keyClick(hands.window.menuBar(), Key.Key_Escape)
    assert hands.canvas.hasFocus()
    hands.press(Key.Key_Return)
    assert len(hands.gold()) == 1


def test_a_persons_own_key_comes_before_a_menus(hands: Hands) -> None:
    keys = hands.window.keymap
    keys.use(keys.map.changed("accept", ["Alt+F"], keys.types))
    hands.qtbot.keyClick(hands.canvas, "f", ALT)
    assert open_menu() == ""
    assert len(hands.gold()) == 1
    keys.use(keys.map.reset("accept", keys.types))
    hands.qtbot.keyClick(hands.canvas, "f", ALT)
    assert open_menu() == "File"
    close_menu(hands)


# -- quitting


def test_ctrl_q_keeps_the_note_that_is_being_written_and_quits(hands: Hands) -> None:
    window, path = hands.window, hands.window.session.project.path
    hands.press(Key.Key_Return)
    (id,) = hands.document.mentions
    hands.canvas.set_focused(id)
    hands.press(Key.Key_T, modifier=CTRL)
    field = window.picker
    assert isinstance(field, Field)
    hands.qtbot.keyClicks(field.text, "doubtful")
    hands.qtbot.keyClick(field.text, Key.Key_Q, CTRL)
    assert not isValid(window) or not window.isVisible()
    with Project.open(path) as project:
        assert project.get("mention", id).note == "doubtful"  # type: ignore[union-attr]


# -- titles, folders


def test_a_title_is_one_line_and_its_tip_is_short(hands: Hands) -> None:
    project, panel = hands.window.session.project, hands.window.articles
    article = project.article("a-test")
    with project.edit("title") as edit:
        edit.put(replace(article, title="One\nline\n\nafter another" + "x" * 100_000))
    hands.window.session.articles_changed.emit()
    index = panel.model.index(0, 0)
    assert "\n" in index.data(ROW).title
    assert index.data().startswith("One line after another")
    title, *_rest = index.data(Qt.ItemDataRole.ToolTipRole).splitlines()
    assert title.startswith("One line after another")
    assert len(title) <= 100
    hands.window.session.reread()
    assert hands.window.inspector.facts.text().startswith("One line after another")


def test_files_are_looked_for_where_there_is_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    place = tmp_path / "Documents"
    monkeypatch.setattr(
        dialogs.QStandardPaths, "writableLocation", staticmethod(lambda _kind: str(place))
    )
    assert dialogs.documents_folder().is_dir()
    place.mkdir()
    assert dialogs.documents_folder() == place
