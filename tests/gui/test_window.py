"""The window, driven by real key and mouse events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import edits
from core.annotation import Suggestion
from core.project import Project
from gui.app import application
from gui.window import Window
from tests.conftest import Desk

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Hands:
    """A person at the window: presses keys where the keyboard is, clicks what is drawn."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self.qtbot = qtbot
        self.window = window

    @property
    def canvas(self):
        return self.window.canvas

    @property
    def document(self):
        """What is on the disk, not what the window believes."""
        return self.window.session.project.document(self.window.session.article_id)

    def press(self, *keys: Qt.Key | str, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            popup = QApplication.activePopupWidget()
            target = self.window.picker.list if popup and self.window.picker else self.canvas
            if isinstance(key, str):
                self.qtbot.keyClicks(target, key, modifier)
            else:
                self.qtbot.keyClick(target, key, modifier)

    def click(self, id: str, button=Qt.MouseButton.LeftButton) -> None:
        self.qtbot.mouseClick(self.canvas.viewport(), button, pos=self.middle(id))

    def middle(self, id: str) -> QPoint:
        """The middle of the first word of a mention, on the viewport."""
        item = self.window.session.item(id)
        return self.point(item.start)

    def point(self, offset: int) -> QPoint:
        """The middle of the character at `offset`, on the viewport."""
        page = self.canvas._page
        left, right = page.layout.caret(offset), page.layout.caret(offset + 1)
        at = (left.center() + right.center()) / 2
        return QPoint(round(at.x()), round(at.y()) - self.canvas.verticalScrollBar().value())

    def drag(self, start: QPoint, end: QPoint, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        view = self.canvas.viewport()
        self.qtbot.mousePress(view, Qt.MouseButton.LeftButton, modifier, start)
        for step in (1, 2, 3, 4):
            self.qtbot.mouseMove(view, start + (end - start) * step / 4)
        self.qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, modifier, end)

    def mention(self, words: str) -> str:
        """The id of the first gold mention with this text."""
        text = self.document.article.text
        return next(m.id for m in self.document.mentions.values() if text[m.start : m.end] == words)


@pytest.fixture
def hands(qtbot: QtBot, desk: Desk, tmp_path: Path) -> Iterator[Hands]:
    """A window on the desk's article, with suggestions; settings of its own."""
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    who, with_whom = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Khaled Fawzy", "PERSON")
    place = desk.mention("Cairo", "GPE", 1)
    desk.suggest(
        desk.mention("Syrian", "NORP"), who, with_whom, place,
        desk.mention("Riyadh", "GPE"),
        desk.relation("met_with", who, with_whom), desk.relation("visited", who, place),
    )  # fmt: skip
    window = Window(desk.project)
    window.show()
    qtbot.waitExposed(window)
    window.canvas.setFocus()
    yield Hands(qtbot, window)
    if isValid(window):
        window.close()


def texts(hands: Hands) -> set[tuple[str, str]]:
    """Gold mentions as (text, type)."""
    document = hands.document
    return {(document.article.text[m.start : m.end], m.type) for m in document.mentions.values()}


def test_it_opens_on_the_first_suggestion(hands: Hands) -> None:
    item = hands.window.session.item(hands.canvas.focused)
    assert isinstance(item, Suggestion)
    assert hands.window.session.text_of(item) == "Syrian"


def test_enter_accepts_everything_in_reading_order(hands: Hands) -> None:
    for _ in range(7):
        hands.press(Key.Key_Return)
    document = hands.document
    assert len(document.mentions) == 5
    assert {r.type for r in document.relations.values()} == {"met_with", "visited"}
    assert not document.suggestions


def test_backspace_rejects_and_goes_on(hands: Hands) -> None:
    first = hands.canvas.focused
    hands.press(Key.Key_Backspace)
    assert first not in hands.document.suggestions
    assert hands.canvas.focused not in ("", first)
    hands.press(Key.Key_Backspace)
    assert not hands.document.mentions


def test_tab_goes_round_and_back(hands: Hands) -> None:
    first = hands.canvas.focused
    seen = [first]
    for _ in range(6):
        hands.press(Key.Key_Tab)
        seen.append(hands.canvas.focused)
    assert len(set(seen)) == 7
    hands.press(Key.Key_Tab)
    assert hands.canvas.focused == first
    hands.press(Key.Key_Backtab, modifier=SHIFT)
    assert hands.canvas.focused == seen[-1]


def test_a_types_key_relabels_a_suggestion_into_gold(hands: Hands) -> None:
    hands.press("o")
    assert ("Syrian", "ORG") in texts(hands)


def test_shift_enter_takes_the_sentence_as_one_step(hands: Hands) -> None:
    hands.press(Key.Key_Return, modifier=SHIFT)
    assert len(hands.document.mentions) == 4
    assert len(hands.document.relations) == 2
    hands.press(Key.Key_Z, modifier=CTRL)
    assert not hands.document.mentions
    assert len(hands.document.suggestions) == 7


def test_select_by_keyboard_and_mark(hands: Hands) -> None:
    hands.press(Key.Key_Home)
    hands.press(Key.Key_Right, Key.Key_Right)
    hands.press(Key.Key_Right, modifier=SHIFT)
    assert hands.canvas.selection
    text = hands.document.article.text
    (part,) = hands.canvas.selection
    hands.press("3")
    assert (text[part.start : part.end], "GPE") in texts(hands)


def test_boundaries_by_keyboard(hands: Hands) -> None:
    hands.canvas.set_focused(
        next(s.id for s in hands.document.suggestions.values() if _text(hands, s.id) == "Riyadh")
    )
    hands.press("}")
    assert ("Riyadh opposed", "GPE") in texts(hands)
    hands.press("{")
    assert ("Riyadh", "GPE") in texts(hands)


def test_relate_by_letters(hands: Hands) -> None:
    who = next(s for s in hands.document.suggestions.values() if _text(hands, s.id) == "Ali Mamluk")
    target = next(s for s in hands.document.suggestions.values() if _text(hands, s.id) == "Riyadh")
    hands.canvas.set_focused(who.id)
    hands.press("r")
    letters = hands.canvas.hints.labels[target.id]
    hands.press(letters)
    assert hands.window.picker is not None
    hands.press("v")
    (relation,) = hands.document.relations.values()
    assert (relation.type, relation.head, relation.tail) == ("visited", who.id, target.id)


def test_click_check_and_cross(hands: Hands) -> None:
    who = next(s for s in hands.document.suggestions.values() if _text(hands, s.id) == "Ali Mamluk")
    hands.click(who.id)
    assert hands.canvas.focused == who.id


def test_drag_selects_and_the_picker_labels(hands: Hands) -> None:
    at = hands.document.article.text.index("intelligence chief")
    hands.drag(hands.point(at + 1), hands.point(at + 15))
    assert hands.window.picker is not None
    hands.press("9")
    assert ("intelligence chief", "TITLE") in texts(hands)


def test_undo_and_redo_by_keys(hands: Hands) -> None:
    hands.press("o")
    hands.qtbot.keyClick(hands.window, Key.Key_Z, CTRL)
    assert not texts(hands)
    hands.qtbot.keyClick(hands.window, Key.Key_Z, CTRL | SHIFT)
    assert ("Syrian", "ORG") in texts(hands)
    assert hands.window._qactions["undo"].text().startswith("Undo: ")


def test_done_is_saved(hands: Hands) -> None:
    hands.qtbot.keyClick(hands.window, Key.Key_Return, CTRL)
    assert hands.document.article.state == "done"


def test_closing_never_asks_and_all_is_there(hands: Hands, desk: Desk) -> None:
    hands.press(Key.Key_Return)
    path = desk.project.path
    hands.window.close()
    with Project.open(path) as again:
        assert len(again.document(desk.id).mentions) == 1
        assert edits.undo(again) is not None


def _text(hands: Hands, id: str) -> str:
    return hands.window.session.text_of(hands.window.session.item(id))
