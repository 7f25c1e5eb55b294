"""Processes beside the window that are killed in the middle: said, and the rest is done."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import edits, workflow
from core.project import Project
from core.suggest import Proposal, Text
from gui.jobs import SuggestWorker
from tests.conftest import Desk
from tests.core.test_worker import PLUGIN
from tests.gui.hands import Hands

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL to send")


@pytest.fixture
def worker(
    qtbot: QtBot, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[SuggestWorker, list[Proposal]]]:
    """A worker with the odd plug-in, and what it has answered so far."""
    (tmp_path / "odd_plugin.py").write_text(PLUGIN, encoding="utf-8")
    info = tmp_path / "odd_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[goldsmith.suggesters]\nodd = odd_plugin:Odd\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = SuggestWorker(project.scheme, "odd")
    said: list[Proposal] = []
    made.proposed.connect(said.append)
    yield made, said
    made.close()


def test_killed_at_an_article_it_is_skipped_and_the_rest_done(
    worker: tuple[SuggestWorker, list[Proposal]], qtbot: QtBot
) -> None:
    made, said = worker
    made.request([Text("a-0", "one"), Text("a-1", "hang"), Text("a-2", "two")])
    qtbot.waitUntil(lambda: len(said) == 1 and made._at_work is not None, timeout=30_000)
    os.kill(int(said[0].mentions[0].why), signal.SIGKILL)
    qtbot.waitUntil(lambda: len(said) == 3, timeout=30_000)
    assert [p.article for p in said] == ["a-0", "a-1", "a-2"]
    assert "stopped in the middle" in said[1].error
    assert said[2].mentions
    assert said[2].mentions[0].why != said[0].mentions[0].why  # another process


def test_stopping_ends_the_article_at_work(
    worker: tuple[SuggestWorker, list[Proposal]], qtbot: QtBot
) -> None:
    made, said = worker
    made.request([Text("a-0", "one"), Text("a-1", "hang"), Text("a-2", "two")])
    qtbot.waitUntil(lambda: len(said) == 1 and made._at_work is not None, timeout=30_000)
    pid = int(said[0].mentions[0].why)
    made.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    made.request([Text("a-2", "two")])
    qtbot.waitUntil(lambda: len(said) == 2, timeout=30_000)
    assert said[1].article == "a-2"


def test_a_training_that_is_killed_leaves_what_was_learned(hands: Hands, qtbot: QtBot) -> None:
    window = hands.window
    project = window.session.project
    project.set_setting("suggester", "rules")
    for n, name in enumerate(("Alpha", "Beta", "Gamma", "Delta", "Omega")):
        desk = Desk(project, f"The vessel {name} sailed. The vessel {name} sank.", f"b-{n}")
        desk.mark(f"vessel {name}", "VEHICLE")
        edits.set_state(project, [desk.id], "done")
    knows = workflow.learn(project)
    told: list[str] = []
    window.session.said.connect(told.append)
    with qtbot.waitSignal(window.learning.learned, timeout=30_000) as ended:
        window.learning.train()
        process = window.learning._job._process
        qtbot.waitUntil(lambda: process.processId() > 0)
        os.kill(process.processId(), signal.SIGKILL)
    assert ended.args == [False]
    assert told
    assert workflow.learner_knows(project) == knows
    with qtbot.waitSignal(window.learning.learned, timeout=60_000) as ended:
        window.learning.train()
    assert ended.args == [True]


def test_a_process_that_takes_long_to_die_is_let_go_of_when_it_is_dead(
    worker: tuple[SuggestWorker, list[Proposal]], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _said = worker
    made.request([Text("a-1", "hang")])
    qtbot.waitUntil(lambda: made._at_work is not None, timeout=30_000)
    process = made._process
    assert process is not None
    monkeypatch.setattr(QProcess, "waitForFinished", lambda *_: False)
    made.close()
    monkeypatch.undo()
    assert process.parent() is not made  # with which it would be destroyed, still running
    qtbot.waitUntil(lambda: not isValid(process))
