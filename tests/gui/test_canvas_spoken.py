"""For people who hear the screen: what is focused is announced with its text, type and state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.annotation import Fragment, Mention
from gui.canvas import Canvas
from gui.canvas.words import origin, tool_tip
from tests.gui.conftest import Draft, ShowCanvas, change
from tests.gui.hands import SHIFT, Hands, Key


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told to say."""
    said: list[str] = []

    def listen(event: object) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append(event.message())

    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", listen)
    return said


def described(canvas: Canvas) -> tuple[str, str]:
    """Name and description that Qt gives to a screen reader."""
    interface = QAccessible.queryAccessibleInterface(canvas)
    assert interface is not None
    return interface.text(QAccessible.Text.Name), interface.text(QAccessible.Text.Description)


def test_what_is_focused_is_announced(show: ShowCanvas, qtbot: QtBot, heard: list[str]) -> None:
    draft = Draft("Ali Mamluk met Khaled Fawzy in Cairo.")
    mamluk, fawzy = draft.gold("Ali Mamluk"), draft.suggested("Khaled Fawzy")
    met = draft.relation_suggested("met_with", mamluk, fawzy)
    canvas = show(draft)
    for id, words in (
        (mamluk, "Ali Mamluk, PERSON, gold"),
        (fawzy, "Khaled Fawzy, PERSON, suggestion"),
        (met, "Ali Mamluk met with Khaled Fawzy, relation, suggestion"),
    ):
        canvas.set_focused(id)
        assert heard[-1] == words
        assert described(canvas) == ("Article", words)
    canvas.set_focused("")
    assert described(canvas) == ("Article", "")
    assert len(heard) == 3


def test_an_edit_of_what_is_focused_is_announced(show: ShowCanvas, heard: list[str]) -> None:
    draft = Draft("Ali Mamluk in Cairo.")
    cairo = draft.suggested("Cairo", "GPE")
    canvas = show(draft)
    canvas.set_focused(cairo)
    offered = canvas.document.suggestions[cairo]
    gold = Mention(cairo, "a-draft", offered.fragments, "GPE")
    other = replace(gold, type="FAC")
    for step in (change((offered, None), (None, gold)), change((gold, other))):
        canvas.apply(canvas.document.after(step), step)
    noted = replace(other, note="the bureau")
    step = change((other, noted))
    canvas.apply(canvas.document.after(step), step)
    assert heard == ["Cairo, GPE, suggestion", "Cairo, GPE, gold", "Cairo, FAC, gold"]


def test_a_selection_is_announced(show: ShowCanvas, heard: list[str]) -> None:
    canvas = show(Draft("Ali Mamluk in Cairo."))
    canvas.move_caret("token", 1, extend=True)
    canvas.move_caret("token", 1, extend=True)
    assert heard == ["Ali, selected", "Ali Mamluk, selected"]


def test_who_says_so_is_said_in_one_wording(hands: Hands) -> None:
    """In the inspector, in tool tips and in the queue."""
    inspector, page = hands.window.inspector, hands.canvas._page
    id = hands.canvas.focused
    assert inspector.why.text() == "test, score 0.50"
    assert "Suggestion, test, score 0.50" in tool_tip(page, id)
    row = inspector.queue.list.currentIndex()
    assert row.data(Qt.ItemDataRole.ToolTipRole) == "Syrian\nSuggestion, test, score 0.50"
    hands.press(Key.Key_Return)
    hands.canvas.set_focused(id)
    assert inspector.why.text() == "by ann, from test"
    assert "Gold, by ann, from test" in tool_tip(page, id)
    hands.canvas.set_focused("")
    hands.go_to(hands.text.index("draft"))
    hands.press(Key.Key_Right, modifier=SHIFT)
    hands.press("8")
    assert inspector.why.text() == "by ann"  # a person marked it: it is from nowhere else
    unnamed = Mention("m", "a", (Fragment(0, 1),), "LAW")
    assert origin(unnamed) == "Gold"


def test_whatever_takes_the_keyboard_has_a_name(hands: Hands) -> None:
    hands.press(Key.Key_Return)
    hands.canvas.set_focused(next(iter(hands.document.mentions)))
    kinds = (QLineEdit, QComboBox, QPlainTextEdit, QAbstractButton, QAbstractItemView)
    for widget in hands.window.findChildren(QWidget):
        own = isinstance(widget, kinds) and widget.objectName() != "qt_toolbar_ext_button"
        if own and widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            interface = QAccessible.queryAccessibleInterface(widget)
            assert interface is not None
            assert interface.text(QAccessible.Text.Name), widget
