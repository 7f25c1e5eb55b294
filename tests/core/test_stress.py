"""Short versions of the long harnesses in `tests/stress`."""

from __future__ import annotations

import os
import sys

import pytest

from tests.stress import crash, disk, model

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


def test_edits_agree_with_a_plain_model() -> None:
    assert model.run(1, 400) >= 400
