"""The project's memory in the window: whatever way a name is labelled, the same name elsewhere in
the article is suggested at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core.project import Project
from gui.app import application
from gui.window import Window
from tests.conftest import Desk
from tests.gui.hands import CTRL, Hands, Key

TEXT = (
    "Cairo talks\n\nThe chief met aides in Cairo on Sunday. Cairo's view was heard.\n"
    "Nobody left Cairo before noon."
)


@pytest.fixture
def hands(qtbot: QtBot, project: Project, tmp_path: Path) -> Iterator[Hands]:
    """A window on an article with one suggestion."""
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    desk = Desk(project, TEXT)
    desk.suggest(desk.mention("Cairo", "ORG", 1))
    window = Window(project)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.canvas.setFocus()
    yield Hands(qtbot, window)
    if isValid(window):
        window.close()


def open_spans(hands: Hands) -> list[tuple[str, str]]:
    """(text, type) of the open suggestions in reading order, as the canvas has them, too."""
    document = hands.document
    assert document == hands.window.session.document
    items = sorted(document.suggestions.values(), key=lambda s: s.start)
    assert {s.id for s in items} <= set(hands.canvas.reading_order())
    return [(document.article.text[s.start : s.end], s.type) for s in items]


def test_a_type_key_on_a_selection(hands: Hands) -> None:
    at = TEXT.rindex("Cairo")
    hands.select(at, at + 5)
    hands.press("3")
    assert hands.gold() == {("Cairo", "GPE")}
    assert open_spans(hands) == [("Cairo", "GPE")] * 3
    hands.press(Key.Key_Z, modifier=CTRL)
    assert hands.gold() == set()
    assert open_spans(hands) == [("Cairo", "ORG")]


def test_a_type_key_on_a_suggestion(hands: Hands) -> None:
    hands.press("3")
    assert open_spans(hands) == [("Cairo", "GPE")] * 3


def test_enter_alone(hands: Hands) -> None:
    hands.press(Key.Key_Return)
    assert open_spans(hands) == [("Cairo", "ORG")] * 3
    hands.press(Key.Key_Backspace)
    assert len(open_spans(hands)) == 2  # accepted as often as rejected
    hands.press(Key.Key_Return)
    hands.press(Key.Key_Return)
    assert len(hands.document.mentions) == 3


def test_the_picker(hands: Hands) -> None:
    hands.press(Key.Key_Space)
    hands.press("/GPE")
    hands.press(Key.Key_Return)
    assert ("Cairo", "GPE") in hands.gold()
    assert open_spans(hands) == [("Cairo", "GPE")] * 3


def test_a_drag(hands: Hands, qtbot: QtBot) -> None:
    at = TEXT.rindex("Cairo")
    hands.drag(hands.point(at), hands.point(at + 4))
    assert hands.window.picker is not None
    hands.press("/GPE")
    hands.press(Key.Key_Return)
    assert hands.gold() == {("Cairo", "GPE")}
    assert open_spans(hands) == [("Cairo", "GPE")] * 3


def test_a_moved_boundary(hands: Hands) -> None:
    hands.press("}", "}", "[")  # Cairo -> in Cairo on Sunday
    assert hands.gold() == {("in Cairo on Sunday", "ORG")}
    assert open_spans(hands) == []


def test_suggest_this_name_everywhere(hands: Hands) -> None:
    project = hands.window.session.project
    other = Desk(project, "He was in Cairo again.", "a-other")
    hands.press("3")
    document = hands.document
    (gold,) = document.mentions
    hands.canvas.set_focused(gold)
    assert not other.document.suggestions
    hands.press(Qt.Key.Key_M, modifier=CTRL)
    assert [s.type for s in other.document.suggestions.values()] == ["GPE"]
    hands.press(Key.Key_Z, modifier=CTRL)
    assert not other.document.suggestions


def test_what_was_decided_meanwhile_is_there_when_an_article_opens(hands: Hands) -> None:
    project = hands.window.session.project
    other = Desk(project, "He was in Cairo again.", "a-other")
    other.suggest(other.mention("Cairo", "ORG"))
    hands.window.session.articles_changed.emit()
    hands.press("3")
    hands.press(Key.Key_PageDown, modifier=CTRL)
    assert hands.window.session.article_id == "a-other"
    assert open_spans(hands) == [("Cairo", "GPE")]


def test_never_suggest_this(hands: Hands) -> None:
    project = hands.window.session.project
    hands.press(Key.Key_Backspace, modifier=CTRL)
    assert open_spans(hands) == []
    assert [(v.type, v.words, bool(v.article)) for v in project.all_vetoes()] == [
        ("ORG", "Cairo", True)
    ]
    hands.press(Key.Key_Z, modifier=CTRL)
    assert project.all_vetoes() == []
    hands.press(Key.Key_Backspace, modifier=Qt.KeyboardModifier.AltModifier)
    assert [v.article for v in project.all_vetoes()] == [""]


def test_a_long_article_is_gone_through_while_the_window_is_idle(
    hands: Hands, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    from core import edits, recall
    from gui import session as sessions

    monkeypatch.setattr(sessions, "AT_ONCE", 1000)
    monkeypatch.setattr(recall.refresh_in_parts, "__defaults__", (400,))
    session, project = hands.window.session, hands.window.session.project
    short = Desk(project, "Khaled Fawzy slept.", "a-short")
    short.mark("Khaled Fawzy", "PERSON")
    text = "\n\n".join(f"Khaled Fawzy came on day {n}." for n in range(100))
    long = Desk(project, text, "a-long")
    session.open_article(long.id)
    assert not session.document.suggestions  # it is on screen before the memory was asked
    assert session._idle.isActive()
    long_ago = session.document
    qtbot.waitUntil(lambda: not session._idle.isActive())
    assert len(session.document.suggestions) == 100
    assert session.document.suggestions == long.document.suggestions
    assert long_ago is not session.document
    session.open_article(short.id)
    session.open_article(long.id)
    session.do(lambda: edits.add_mention(project, long.id, [long.span("day 7")], "DATE"))
    assert session._idle.remainingTime() > 0  # the next key comes first
    qtbot.waitUntil(lambda: not session._idle.isActive())
    session.open_article(short.id)
    session.open_article(long.id)
    session.open_article(short.id)  # left in the middle: nothing goes on
    assert not session._idle.isActive()
