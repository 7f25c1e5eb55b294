"""What is never suggested: listed, and taken back, which undo undoes."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt

from core import recall
from core.cli import main
from tests.conftest import Desk
from tests.gui.hands import CTRL, SHIFT, Hands, Key


def test_one_is_picked_from_the_list_and_allowed(hands: Hands, desk: Desk) -> None:
    hands.canvas.set_focused(hands.named("Riyadh"))
    hands.press(Key.Key_Backspace, modifier=Qt.KeyboardModifier.AltModifier)
    ((veto),) = desk.project.all_vetoes()
    assert veto.words == "Riyadh"
    hands.press(Key.Key_N, modifier=CTRL | SHIFT)
    picker = hands.window.picker
    assert picker is not None
    assert picker.list.item(0).text() == "Riyadh · GPE"
    hands.press(Key.Key_Return)
    assert not desk.project.all_vetoes()
    hands.press(Key.Key_Z, modifier=CTRL)
    assert desk.project.all_vetoes() == [veto]


def test_an_empty_list_says_so(hands: Hands) -> None:
    hands.press(Key.Key_N, modifier=CTRL | SHIFT)
    assert hands.window.picker is None
    assert "Nothing is barred" in hands.window.statusBar().currentMessage()


def test_the_command(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.suggest(desk.mention("Riyadh", "GPE"), desk.mention("bureau", "ORG"))
    for item in list(desk.document.suggestions.values()):
        recall.never(desk.project, item.id, in_project=item.type == "ORG")
    path = str(desk.project.path)
    desk.project.close()
    assert main(["vetoes", path]) == 0
    shown = capsys.readouterr().out
    assert "Riyadh" in shown
    assert "in this project" in shown
    assert main(["vetoes", path, "--json"]) == 0
    first, _second = json.loads(capsys.readouterr().out)
    assert main(["vetoes", path, "--allow", first["id"]]) == 0
    capsys.readouterr()
    assert main(["vetoes", path, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1
    assert main(["vetoes", path, "--allow", first["id"]]) == 1  # it is not there any more
