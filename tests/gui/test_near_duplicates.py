"""The dialog of near-duplicates, and steps back over many articles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import duplicates, edits
from core.annotation import Document
from core.article import Article
from gui import undoing
from gui.duplicates_dialog import DuplicatesDialog
from gui.undoing import StepDialog
from tests.gui.forms import LEFT, PATIENCE, opened
from tests.gui.hands import CTRL, SHIFT, Hands, Key

STORY = "Talks between the two governments began in Geneva on Monday after weeks of delay. " * 4


def stories(hands: Hands) -> None:
    """Two near-duplicates, and another article."""
    texts = (STORY + "More soon.", "GENEVA, 3 May. " + STORY, "Floods in the north of the country.")
    made = [Document(Article(f"s-{n}", t, title=f"Story {n}")) for n, t in enumerate(texts)]
    hands.window.session.do(lambda: edits.add_documents(hands.window.session.project, made))


def shown(qtbot: QtBot, hands: Hands) -> DuplicatesDialog:
    hands.window.run("show_duplicates")
    dialog = opened(qtbot, hands.window, DuplicatesDialog)
    qtbot.waitUntil(lambda: not dialog._clock.isActive(), timeout=PATIENCE)
    return dialog


def titles(dialog: DuplicatesDialog) -> list[list[str]]:
    groups = [dialog.tree.topLevelItem(n) for n in range(dialog.tree.topLevelItemCount())]
    return [[g.child(n).text(0) for n in range(g.childCount())] for g in groups if g is not None]


def test_they_are_found_shown_opened_and_removed(qtbot: QtBot, hands: Hands) -> None:
    stories(hands)
    session = hands.window.session
    dialog = shown(qtbot, hands)
    assert titles(dialog) == [["Story 0", "Story 1"]]
    assert dialog.summary.text().startswith("1 group of near-duplicates.")
    qtbot.keyClick(dialog.tree, Key.Key_Down)
    assert dialog.text.toPlainText().startswith("GENEVA, 3 May. Talks")
    assert "<b>" in dialog.text.toHtml() or "font-weight" in dialog.text.toHtml()
    qtbot.mouseClick(dialog.open_button, LEFT)
    assert session.article_id == "s-1"
    assert not dialog.undo.isEnabled()
    qtbot.mouseClick(dialog.remove, LEFT)
    assert session.project.article_row("s-1") is None
    assert titles(dialog) == []
    assert not dialog.remove.isEnabled()
    qtbot.mouseClick(dialog.undo, LEFT)
    assert session.project.article_row("s-1") is not None
    assert titles(dialog) == [["Story 0", "Story 1"]]
    dialog.close()


def test_it_follows_the_window(qtbot: QtBot, hands: Hands) -> None:
    stories(hands)
    dialog = shown(qtbot, hands)
    hands.window.session.do(lambda: edits.remove_articles(hands.window.session.project, ["s-0"]))
    assert titles(dialog) == []
    to_window(qtbot, hands)
    hands.press(Key.Key_Z, modifier=CTRL)
    assert titles(dialog) == [["Story 0", "Story 1"]]
    assert duplicates.unseen(hands.window.session.project) == 0
    dialog.close()


def to_window(qtbot: QtBot, hands: Hands) -> None:
    hands.window.activateWindow()
    qtbot.waitUntil(hands.window.isActiveWindow)


def many(hands: Hands) -> None:
    made = [Document(Article(f"n-{n}", f"Text {n} of many.")) for n in range(12)]
    hands.window.session.do(lambda: edits.add_documents(hands.window.session.project, made))


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], list[str]]:
    """Answer the question with undo or with Cancel; what was asked."""

    def answer(undo: bool) -> list[str]:
        asked: list[str] = []

        def exec_(box: QMessageBox) -> int:
            asked.append(f"{box.text()} {box.informativeText()}")
            role = QMessageBox.ButtonRole.AcceptRole if undo else QMessageBox.ButtonRole.RejectRole
            next(b for b in box.buttons() if box.buttonRole(b) == role).click()
            return 0

        monkeypatch.setattr(QMessageBox, "exec", exec_)
        return asked

    return answer


def test_undoing_an_import_of_many_articles_is_asked(
    hands: Hands, answering: Callable[[bool], list[str]]
) -> None:
    many(hands)
    project = hands.window.session.project
    asked = answering(False)
    hands.press(Key.Key_Z, modifier=CTRL)
    assert asked == [
        "Undo “add 12 articles”? It is about 12 articles with all that is marked in them. "
        "Redo brings it back."
    ]
    assert project.count() == 13
    answering(True)
    hands.press(Key.Key_Z, modifier=CTRL)
    assert project.count() == 1
    hands.press(Key.Key_Z, modifier=CTRL | SHIFT)
    assert project.count() == 13


def test_a_large_step_is_made_beside_the_window(
    qtbot: QtBot,
    hands: Hands,
    answering: Callable[[bool], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many(hands)
    project = hands.window.session.project
    monkeypatch.setattr(undoing, "BESIDE", 5)
    answering(True)
    for modifier, left in ((CTRL, 1), (CTRL | SHIFT, 13)):
        to_window(qtbot, hands)
        hands.press(Key.Key_Z, modifier=modifier)
        dialog = opened(qtbot, hands.window, StepDialog)
        assert project.read_only, "it is lent to the child"
        qtbot.waitUntil(lambda dialog=dialog: not isValid(dialog), timeout=PATIENCE)
        assert project.count() == left
        assert not project.read_only
