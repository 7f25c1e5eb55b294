"""The learner beside the window: finishing articles trains it, and a dialog shows what it knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import edits, workflow
from core.project import Project
from gui.app import application
from gui.learning import as_html
from gui.window import Window
from tests.conftest import Desk
from tests.gui.hands import CTRL, Hands, Key


@pytest.fixture
def hands(qtbot: QtBot, project: Project, tmp_path: Path) -> Iterator[Hands]:
    """Four finished articles, one to finish, one that follows."""
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    project.set_setting("suggester", "rules")
    for n, name in enumerate(("Alpha", "Beta", "Gamma", "Delta", "Omega", "Sigma")):
        desk = Desk(project, f"The vessel {name} sailed. The vessel {name} sank.", f"a-{n}")
        for nth in (0, 1) if n < 5 else ():
            desk.mark(f"vessel {name}", "VEHICLE", nth)
        if n < 4:
            edits.set_state(project, [desk.id], "done")
    window = Window(project)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.articles.open_next_undone()
    window.session.open_article("a-4")
    window.canvas.setFocus()
    yield Hands(qtbot, window)
    if isValid(window):
        window.close()


def test_finishing_articles_trains_the_learner_and_it_suggests(hands: Hands, qtbot: QtBot) -> None:
    window = hands.window
    with qtbot.waitSignal(window.learning.learned, timeout=60_000) as signal:
        hands.press(Key.Key_Return, modifier=CTRL)
    assert signal.args == [True]
    assert window.suggesting.worker.suggester.startswith("learned:")
    knows = workflow.learner_knows(window.session.project)
    assert knows is not None
    assert knows.articles == 5
    window.run("learner")
    dialog = window.learning.dialog
    assert "VEHICLE" in dialog.page.toPlainText()
    box = QPoint(8, dialog.switch.height() // 2)
    qtbot.mouseClick(dialog.switch, Qt.MouseButton.LeftButton, pos=box)
    assert window.suggesting.worker.suggester == "rules"
    assert not window.learning.on
    dialog.close()


def test_before_it_learned_anything(hands: Hands) -> None:
    hands.window.run("learner")
    assert "nothing yet" in hands.window.learning.dialog.page.toPlainText()
    hands.window.learning.dialog.close()
    assert "nothing yet" in as_html(None)


def test_a_learner_by_mail_is_left_aside_and_said(hands: Hands) -> None:
    window = hands.window
    path = window.session.project.path
    learner = workflow.learner_path(window.session.project)
    window.close()
    learner.write_bytes(b"PK by mail")
    again = Window(Project.open(path))
    assert again.suggesting.worker.suggester == "rules"
    assert "not trained by you" in again.statusBar().currentMessage()
    again.run("learner")
    shown = again.learning.dialog.page.toPlainText()
    assert "not trained by you" in shown
    assert "nothing yet" in shown
    again.learning.dialog.close()
    assert learner.read_bytes() == b"PK by mail"
    again.close()
