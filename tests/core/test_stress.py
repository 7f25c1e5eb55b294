"""Short versions of the long harnesses in `tests/stress`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.stress import crash, disk, files, model

posix = pytest.mark.skipif(
    not hasattr(os, "fork") or sys.platform == "darwin", reason="the harness forks"
)


@posix
def test_killed_at_random_moments_nothing_is_lost() -> None:
    found = crash.run(seed=1, count=6, windows=False)
    assert "6 kills" in found
    assert " 0 acknowledged edits" not in found


@posix
@pytest.mark.parametrize("fault", disk.FAULTS)
def test_whatever_the_disk_does_nothing_acknowledged_is_lost(fault: str) -> None:
    found, wrong = disk.run(seed=3, count=1, faults=(fault,))
    assert wrong == []
    if "can't be made" in found:
        pytest.skip(found)


def test_when_the_power_fails_nothing_acknowledged_is_lost() -> None:
    if files.library() is None:
        pytest.skip("Python's SQLite is no shared library here: its files can't be watched")
    found, wrong = _in_child("print(*power.run(1, 70), sep='|')")
    assert wrong == "[]"
    assert "70 power failures" in found
    # It would be found out: without syncing, edits are lost.
    found, wrong = _in_child(
        "from core.project import Project\n"
        "from sqlite_utils.db import Database\n"
        "before = Database.execute\n"
        "Database.execute = lambda db, sql, *a: before(db, sql.replace('= FULL', '= OFF'), *a)\n"
        "print(*power.run(1, 10), sep='|')"
    )
    assert "not in the journal" in wrong


def _in_child(task: str) -> tuple[str, str]:
    """What is between SQLite and its files stays there: it must not be this process."""
    done = subprocess.run(
        [sys.executable, "-c", f"from tests.stress import power\n{task}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found, _bar, wrong = done.stdout.strip().partition("|")
    return found, wrong


def test_edits_agree_with_a_plain_model() -> None:
    assert model.run(1, 400) >= 400


def test_the_memory_touches_nothing_that_was_decided() -> None:
    assert model.run(1, 300, machine=model.Remembering) >= 300
