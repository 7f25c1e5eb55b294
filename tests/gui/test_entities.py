"""An entity is of one type: what its mentions' keys do to one of them, and to all."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from core import edits
from core.project import Project
from gui.keymap import KeyMap
from tests.conftest import Desk
from tests.gui.hands import CTRL, Hands, Key


@pytest.fixture
def both(hands: Hands, desk: Desk) -> tuple[str, str]:
    """Two gold mentions of one entity; the second is focused."""
    session = hands.window.session
    ids = []
    for words, nth in (("Ali Mamluk", 0), ("Mamluk", 1)):
        span = desk.span(words, nth)
        change = session.do(
            lambda span=span: edits.add_mention(desk.project, desk.id, [span], "PERSON")
        )
        assert change is not None
        ids.append(change.focus)
    session.do(lambda: edits.same_entity(desk.project, *ids))
    hands.canvas.set_focused(ids[1])
    return ids[0], ids[1]


def types(project: Project, ids: tuple[str, str]) -> tuple[str, str]:
    mentions = project.document("a-test").mentions
    return mentions[ids[0]].type, mentions[ids[1]].type


def said(hands: Hands) -> str:
    return hands.window.statusBar().currentMessage()


def test_a_types_key_is_for_all_mentions_of_the_entity(
    hands: Hands, desk: Desk, both: tuple[str, str]
) -> None:
    hands.press("o")
    assert types(desk.project, both) == ("ORG", "ORG")
    assert said(hands) == "Relabel all 2 mentions of Mamluk → ORG. Only this one: -"
    assert hands.canvas.focused == both[1]
    hands.press(Key.Key_Z, modifier=CTRL)
    assert types(desk.project, both) == ("PERSON", "PERSON")


def test_minus_right_after_it_is_for_this_one_alone(
    hands: Hands, desk: Desk, both: tuple[str, str]
) -> None:
    hands.press("o", "-")
    assert types(desk.project, both) == ("PERSON", "ORG")
    mentions = desk.document.mentions
    assert mentions[both[1]].entity is None
    assert mentions[both[0]].entity is not None
    assert said(hands) == "Relabel Mamluk PERSON → ORG"
    hands.press(Key.Key_Z, modifier=CTRL)  # one step: what was before the type's key
    assert types(desk.project, both) == ("PERSON", "PERSON")
    assert desk.document.mentions[both[0]].entity == desk.document.mentions[both[1]].entity


def test_minus_later_only_takes_it_out(hands: Hands, desk: Desk, both: tuple[str, str]) -> None:
    hands.press("o")
    hands.canvas.set_focused(hands.named("Riyadh"))
    hands.press(Key.Key_Return)
    hands.canvas.set_focused(both[1])
    hands.press("-")
    assert types(desk.project, both) == ("ORG", "ORG")
    assert desk.document.mentions[both[1]].entity is None
    hands.press("-")
    assert said(hands).startswith("This mention is in no entity.")


def test_minus_at_another_mention_takes_that_out(
    hands: Hands, desk: Desk, both: tuple[str, str]
) -> None:
    hands.press("o")
    hands.canvas.set_focused(both[0])
    hands.press("-")
    assert types(desk.project, both) == ("ORG", "ORG")
    assert desk.document.mentions[both[0]].entity is None


def test_a_mention_that_is_alone_is_relabelled_without_a_word_more(
    hands: Hands, desk: Desk, both: tuple[str, str]
) -> None:
    hands.press("-", "o")
    assert types(desk.project, both) == ("PERSON", "ORG")
    assert said(hands) == "Relabel Mamluk PERSON → ORG"


def test_by_mouse(hands: Hands, desk: Desk, both: tuple[str, str]) -> None:
    inspector = hands.window.inspector
    assert "(-)" in inspector.leave.toolTip()
    hands.qtbot.mouseClick(inspector.leave, Qt.MouseButton.LeftButton)
    assert desk.document.mentions[both[1]].entity is None


def test_a_command_without_a_key_is_called_by_its_name(hands: Hands, both: tuple[str, str]) -> None:
    keys = hands.window.keymap
    keys.use(KeyMap().changed("not_same_entity", [], keys.types))
    hands.press("o")
    assert said(hands).endswith("Only this one: Not the same entity")
