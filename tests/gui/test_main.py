"""``goldsmith WORD``: a project or a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gui.__main__ import main
from tests.conftest import ROOT

SEEN = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("word", ["a", "a.goldsmith", "./a"])
def test_the_ending_may_be_left_out(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path | None] = []

    def run(path: Path | None, *, seed: bool = False) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr("gui.app.run", run)
    monkeypatch.chdir(tmp_path)
    assert main(["a"]) == 2  # no such project, and no such command
    Path("a.goldsmith").touch()
    assert main([word]) == 0
    assert opened == [Path("a.goldsmith")]


def started(folder: Path, word: str, stderr: int) -> subprocess.Popen[bytes]:
    """`goldsmith WORD`, in `folder`."""
    env = {**SEEN, "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "gui", word], cwd=folder, env=env, stderr=stderr,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="no terminals of this kind there")
@pytest.mark.parametrize("word", ["nosuch.goldsmith", "letter.txt"])
def test_in_a_terminal_it_is_told_there_what_is_wrong(tmp_path: Path, word: str) -> None:
    (tmp_path / "letter.txt").write_text("Dear all", encoding="utf-8")
    ours, theirs = os.openpty()
    with started(tmp_path, word, theirs) as child:
        os.close(theirs)
        assert child.wait(60) == 1
    assert word in os.read(ours, 10_000).decode()
    os.close(ours)


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
def test_a_box_before_the_window_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with started(tmp_path, "nosuch.goldsmith", subprocess.PIPE) as child:
        assert child.stderr is not None
        assert b"nosuch.goldsmith" in child.stderr.readline()
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 1
