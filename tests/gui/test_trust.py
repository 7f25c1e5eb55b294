"""A pipeline in a folder is asked about once; a project that came by mail starts none."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from core.suggest import consent, registry
from core.suggest.registry import DEFAULT
from gui.app import application
from gui.suggesting import Suggesting
from gui.window import Window
from tests.conftest import Desk
from tests.gui.hands import Hands
from tests.hostile import RUBBISH


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    """No worker starts."""
    monkeypatch.setattr(Suggesting, "articles", lambda *_: None)


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that the person picks."""
    folder = tmp_path / "pipeline"
    folder.mkdir()
    (folder / "config.cfg").write_text("[nlp]\n")
    (folder / "meta.json").write_text('{"name": "<b>stranger</b>", "version": "1.0"}')
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    monkeypatch.setattr(QInputDialog, "getItem", lambda _p, _t, _l, items, *_: (items[-1], True))
    return folder


def _answer(hands: Hands, word: str, asked: list[QMessageBox]) -> None:
    def click() -> None:
        (box,) = (
            w for w in QApplication.topLevelWidgets()
            if isinstance(w, QMessageBox) and w.objectName() == "trust" and w.isVisible()
        )  # fmt: skip
        asked.append(box)
        assert "<b>stranger</b>" in box.informativeText()
        assert box.textFormat() is Qt.TextFormat.PlainText
        (button,) = (b for b in box.buttons() if word in b.text())
        hands.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, click)


def test_asked_once_and_again_when_it_changed(hands: Hands, folder: Path) -> None:
    window, name, asked = hands.window, registry.in_folder(folder), []
    _answer(hands, "Cancel", asked)
    window.run("choose_suggester")
    assert window.suggesting.worker.suggester != name
    assert not consent.allowed(folder)
    _answer(hands, "trust", asked)
    window.run("choose_suggester")
    assert window.suggesting.worker.suggester == name
    assert window.session.project.setting("suggester") == name
    assert consent.allowed(folder)
    window.run("choose_suggester")  # nobody answers: nothing is asked
    assert len(asked) == 2
    (folder / "config.cfg").write_text("[nlp]\nlang = 'en'\n")
    _answer(hands, "Cancel", asked)
    window.run("choose_suggester")
    assert len(asked) == 3
    assert not consent.allowed(folder)


def test_a_project_by_mail_starts_no_pipeline(hands: Hands, folder: Path) -> None:
    project = hands.window.session.project
    project.set_setting("suggester", registry.in_folder(folder))
    again = Window(project)
    assert again.suggesting.worker.suggester == DEFAULT
    assert "not installed or allowed" in again.statusBar().currentMessage()
    again.suggesting.worker.close()
    again.apart.close()
    again.deleteLater()


@pytest.mark.parametrize("name", RUBBISH)
def test_no_settings_file_stops_the_window(desk: Desk, tmp_path: Path, name: str) -> None:
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    path = Path(QSettings().fileName())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(RUBBISH[name] if len(RUBBISH[name]) < 1_000_000 else b"")
    window = Window(desk.project)
    window.show()
    assert window.canvas.isVisible()
    window.close()


def test_no_setting_of_another_kind_stops_the_window(desk: Desk, tmp_path: Path) -> None:
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    settings = QSettings()
    for key in ("theme", "relations", "zoom", "legend", "size", "splitter", "arcs"):
        settings.setValue(f"window/{key}", "<b>¿</b>")
    settings.setValue("project", "\x00\n")
    settings.sync()
    window = Window(desk.project)
    window.show()
    assert window.canvas.isVisible()
    window.close()
