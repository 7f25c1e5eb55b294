"""The whole job with the network cut off: Goldsmith asks nobody for anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def _cut() -> list[str]:
    """The command before a command that takes its network away; empty where we may not."""
    for words in (["unshare", "-n"], ["unshare", "-rn"]):
        if (
            shutil.which("unshare")
            and not subprocess.run([*words, "true"], capture_output=True, check=False).returncode
        ):
            return words
    return []


def test_everything_works_without_a_network(tmp_path: Path) -> None:
    cut = _cut()
    if not cut:
        pytest.skip("this system lets nobody cut off a network")
    trace = shutil.which("strace")
    watch = [trace, "-f", "-qq", "-e", "trace=connect", "-o", str(tmp_path / "t")] if trace else []
    done = subprocess.run(
        [*cut, *watch, sys.executable, "-m", "gui", "run", str(tmp_path / "p.goldsmith"),
         "--headless", str(tmp_path / "out")],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = {path.suffix for path in (tmp_path / "out").iterdir()}
    assert {".png", ".jsonl", ".spacy"} <= names
    if trace:
        assert "AF_INET" not in (tmp_path / "t").read_text(encoding="utf-8")
