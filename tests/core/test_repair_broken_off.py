"""A repair that is killed or cancelled: nothing is touched, nothing half left, it can be run again.

KILLS=200 pytest tests/core/test_repair_broken_off.py
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from core import edits, scheme, soundness
from core.project import Project
from tests.conftest import ROOT, Desk

KILLS = int(os.environ.get("KILLS", "6"))

# Ends itself, by a signal or as Ctrl+C does, at the nth call of a function; without n it says how
# many there are.
CHILD = """
import os, signal, sys
path, out, how, n = *sys.argv[1:4], int(sys.argv[4])
import core.cli.keep, core.repair, core.suggest.registry
from pathlib import Path
from core.cli import main
calls = 0
def count(frame, event, argument):
    global calls
    calls += 1
    if calls == n:
        sys.setprofile(None)
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise KeyboardInterrupt
sys.setprofile(count)
try:
    code = main(["check", path, "--repair"] if out == "-" else ["recover", path, out])
finally:
    sys.setprofile(None)
print(calls)
sys.exit(code)
"""


def _run(path: Path, out: str, how: str, n: int) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-c", CHILD, str(path), out, how, str(n)]
    place = path.parent / "tmp"
    place.mkdir(exist_ok=True)
    return subprocess.run(
        arguments, cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"TMPDIR": str(place)},
    )  # fmt: skip


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A project with a page that can't be read."""
    path = tmp_path / "p.goldsmith"
    with Project.create(path, scheme.load("news"), "ann") as project:
        desk = Desk(project, "Talks in Riyadh, " * 60)
        for n in range(12):
            edits.set_note(project, desk.mark("Riyadh", "GPE", n), f"the city, {n}")
        ((page,),) = project._store.rows(
            "SELECT rootpage FROM sqlite_master WHERE name = 'fragments'"
        )
    data = bytearray(path.read_bytes())
    data[(page - 1) * 8192 : page * 8192] = b"\xff" * 8192
    path.write_bytes(data)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("how", ["killed", "cancelled"])
@pytest.mark.parametrize("command", ["check", "recover"])
def test_a_repair_that_is_broken_off_leaves_all_as_it_was(
    damaged: Path, how: str, command: str
) -> None:
    out = damaged.with_name("p.repaired.goldsmith")
    name = "-" if command == "check" else str(out)
    before = damaged.read_bytes()
    first = _run(damaged, name, how, 0)
    assert out.exists(), first.stderr
    calls = int(first.stdout.split()[-1])
    with Project.open(out, read_only=True) as project:
        whole = soundness.tables(project)
    assert sum(kind == "mention" for kind, _id in whole) == 12
    out.unlink()
    rng = Random(f"{how} {command}")
    for n in [calls, *(rng.randrange(1, calls) for _ in range(KILLS))]:
        broken = _run(damaged, name, how, n)
        if how == "killed":
            # The number of calls differs a little from run to run: the last may be done before.
            assert broken.returncode in (-signal.SIGKILL, first.returncode)
        assert damaged.read_bytes() == before
        if out.exists():  # all of it was there already
            with Project.open(out, read_only=True) as project:
                assert soundness.tables(project) == whole
            out.unlink()
        left = {file.name for file in damaged.parent.iterdir()} - {damaged.name, "tmp"}
        assert all(file.startswith(f".{out.name}.") and file.endswith(".new") for file in left)
        if how == "cancelled":
            assert left == set()
            assert [*(damaged.parent / "tmp").iterdir()] == []
    again = _run(damaged, name, how, 0)
    assert again.returncode == first.returncode
    with Project.open(out, read_only=True) as project:
        assert soundness.tables(project) == whole
