"""A scheme made of files, in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core import scheme
from gui.scheme_dialog import SchemeDialog
from tests.gui.forms import LEFT, PATIENCE
from tests.gui.hands import CTRL, Hands, Key
from tests.gui.test_import_export import corpus


def read(qtbot: QtBot, hands: Hands, path: Path) -> SchemeDialog:
    dialog = SchemeDialog(hands.window, [path])
    dialog.open()
    assert not dialog.use.isEnabled()
    qtbot.waitUntil(lambda: dialog._job is None, timeout=PATIENCE)
    return dialog


def test_it_is_read_changed_saved_and_used(
    qtbot: QtBot, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = read(qtbot, hands, corpus(tmp_path / "c.jsonl"))
    said = "1 article read: 2 types of mentions, 1 type of relations."
    assert dialog.summary.text().startswith(said)
    qtbot.keyClick(dialog.text, Key.Key_Home, CTRL)
    qtbot.keyClicks(dialog.text, "nonsense ")
    assert "line 1" in dialog.summary.text()
    assert not dialog.use.isEnabled()
    assert not dialog.save.isEnabled()
    for _n in range(len("nonsense ")):
        qtbot.keyClick(dialog.text, Key.Key_Backspace)
    assert dialog.use.isEnabled()
    place = tmp_path / "made"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(place), ""))
    qtbot.mouseClick(dialog.save, LEFT)
    saved = scheme.load(place.with_suffix(".toml"))
    assert list(saved.entity_types) == ["agency", "person"]
    used: list[scheme.Scheme | None] = []
    dialog.accepted.connect(lambda: used.append(dialog.scheme))
    qtbot.mouseClick(dialog.use, LEFT)
    assert used == [saved]


def test_a_file_that_can_t_be_read_is_told(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text("nonsense")
    dialog = read(qtbot, hands, path)
    assert "c.jsonl:1: the line is not JSON" in dialog.summary.text()
    assert not dialog.use.isEnabled()
    assert dialog.stop.text() == "&Close"
    qtbot.mouseClick(dialog.stop, LEFT)
