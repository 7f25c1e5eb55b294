"""Save a copy, over a file that is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from core import backup, edits, workflow
from core.errors import GoldsmithError
from core.project import Project
from gui import dialogs
from tests.conftest import Desk
from tests.gui.hands import Hands, Key


def save(hands: Hands, monkeypatch: pytest.MonkeyPatch, path: Path, word: str) -> str:
    """Save a copy to `path`, and answer the box that appears; what it says."""
    monkeypatch.setattr(dialogs, "choose_copy", lambda *_: path)
    said: list[str] = []

    def answer() -> None:
        (box,) = (
            w for w in QApplication.topLevelWidgets()
            if isinstance(w, QMessageBox) and w.isVisible()
        )  # fmt: skip
        said.append(box.text())
        (button,) = (b for b in box.buttons() if word in b.text().replace("&", ""))
        hands.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, answer)
    hands.window.run("save_copy")
    for box in hands.window.findChildren(QMessageBox):
        if box.isVisible():
            box.accept()
    return said[0]


def test_a_file_is_replaced_after_a_yes_only(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.press(Key.Key_Return)
    out = tmp_path / "there.goldsmith"
    out.write_text("mine", encoding="utf-8")
    assert save(hands, monkeypatch, out, "Cancel") == "there.goldsmith is there already."
    assert out.read_text(encoding="utf-8") == "mine"
    save(hands, monkeypatch, out, "Replace")
    with Project.open(out) as copy:
        assert copy.document("a-test") == hands.document
    assert [p.name for p in tmp_path.iterdir() if "copy" in p.name] == []


def test_the_project_and_its_copies_are_never_replaced(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = hands.window.session.project
    hands.press(Key.Key_Return)
    copy = backup.back_up(project)
    assert copy is not None
    before = copy.read_bytes()
    assert "is the project itself" in save(hands, monkeypatch, project.path, "OK")
    assert "kept to go back to" in save(hands, monkeypatch, copy, "OK")
    assert copy.read_bytes() == before
    hands.press(Key.Key_Return)
    assert len(hands.document.mentions) == 2


def test_what_is_open_elsewhere_is_not_replaced(desk: Desk, tmp_path: Path) -> None:
    out = desk.project.save_copy(tmp_path / "open.goldsmith")
    with Project.open(out) as other:
        edits.set_state(other, [next(other.article_ids())], "done")
        with pytest.raises(GoldsmithError):
            workflow.save_copy(desk.project, out, replace=True)
    with Project.open(out) as other:
        assert other.count(only_done=True) == 1
    workflow.save_copy(desk.project, out, replace=True)
    with Project.open(out) as other:
        assert other.count(only_done=True) == 0
