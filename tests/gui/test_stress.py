"""Short versions of the long harnesses in `tests/stress` that have a window, in processes of their
own: one forks, one takes over Qt's messages."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="the harness forks")
def test_a_window_killed_at_random_moments_loses_nothing() -> None:
    assert "window 2" in _run("tests.stress.crash", "--seed", "5", "--count", "4")


def test_a_short_day_leaves_nothing_behind() -> None:
    assert _run("tests.stress.session", "--seed", "3", "--hours", "0.2").startswith("0.2 hours")


def test_random_keys_and_clicks_raise_nothing() -> None:
    assert _run("tests.stress.window", "--seed", "7", "--count", "700").startswith("700 events")
