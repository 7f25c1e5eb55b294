"""Another program writes into the file of an open project, without SQLite and its locks."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core import backup, edits, mainfile, scheme, soundness, workflow
from core.errors import ProjectError, ProjectGone
from core.handles import identity
from core.hold import log_of, note_of
from core.project import Project
from tests.conftest import ROOT, Desk

TEXT = "Talks in Riyadh, " * 300


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A project of somebody else's."""
    path = tmp_path / "other.goldsmith"
    with Project.create(path, scheme.load("news"), "bea") as project:
        Desk(project, "Something else was written about Cairo.").mark("Cairo", "GPE")
    return path


def _overwrite(path: Path, data: bytes) -> None:
    """As ``cp`` does: the same file, other contents."""
    with path.open("rb+") as file:
        file.truncate()
        file.write(data)


def _as_it_is(project: Project) -> bytes:
    """The file's own state of now, as another computer may have it."""
    copy = project.save_copy(project.path.with_name("as-it-is.goldsmith"))
    data = copy.read_bytes()
    copy.unlink()
    return data


def _state(project: Project, name: str, other: Path, earlier: bytes) -> bytes:
    if name == "another project":
        return other.read_bytes()
    if name == "an earlier state":
        return earlier
    if name == "no project":
        return b"Dear Bea,\n"
    if name == "nothing":
        return b""
    assert name == "edited apart"
    apart = project.path.with_name("apart.goldsmith")
    apart.write_bytes(earlier)
    with Project.open(apart, annotator="bea") as copy:
        for article in [*copy.article_ids()]:
            for _ in range(20):
                edits.set_state(copy, [article], "done")
                edits.set_state(copy, [article], "new")
    return apart.read_bytes()


STATES = ["another project", "an earlier state", "edited apart", "no project", "nothing"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("shared", [False, True])
def test_nothing_is_written_over_what_another_program_put_there(
    tmp_path: Path, other: Path, state: str, shared: bool
) -> None:
    folder = tmp_path / ("Dropbox" if shared else "here")
    folder.mkdir()
    path = folder / "p.goldsmith"
    with Project.create(path, scheme.load("news"), "ann") as project:
        desk = Desk(project, TEXT)
        earlier = _as_it_is(project)
        for n in range(5):
            desk.mark("Riyadh", "GPE", n)
        shown = desk.document
        theirs = _state(project, state, other, earlier)
        _overwrite(path, theirs)
        if not shared:
            with pytest.raises(ProjectGone, match="was overwritten by another program"):
                desk.mark("Riyadh", "GPE", 6)
            with pytest.raises(ProjectGone):
                project.set_setting("x", "y")
            with pytest.raises(ProjectGone):
                edits.undo(project)
            with pytest.raises(ProjectError):
                project.save_copy(tmp_path / "mixed.goldsmith")
            with pytest.raises(ProjectError):
                backup.back_up(project)
            said = workflow.save_copy(project, tmp_path / "saved.goldsmith", shown)
            assert "The article on screen was saved in" in said
            assert "saved.jsonl" in said
        else:
            with pytest.raises(ProjectError):
                desk.mark("Riyadh", "GPE", 6)
        assert path.read_bytes() == theirs
    assert path.read_bytes() == theirs
    assert not (tmp_path / "mixed.goldsmith").exists()
    if state not in ("no project", "nothing"):
        with Project.open(path, annotator="ann") as again:
            assert [*soundness.check(again)] == []
        if not shared:
            assert len([*folder.glob("p.goldsmith.log-of-replaced-*")]) == 1


SCRIPT = """
import os, signal, sys
from pathlib import Path
from core import scheme
from core.project import Project
from tests.conftest import Desk
path = Path(sys.argv[1])
Project.create(path, scheme.load("news"), "ann").close()
project = Project.open(path, annotator="ann")
desk = Desk(project, "Talks in Riyadh, " * 300)
for n in range(int(sys.argv[2])):
    desk.mark("Riyadh", "GPE", n)
os.kill(os.getpid(), signal.SIGKILL)
"""


def _killed(path: Path, marks: int) -> None:
    subprocess.run([sys.executable, "-c", SCRIPT, str(path), str(marks)], cwd=ROOT, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("marks", [5, 290])
def test_a_log_that_is_left_is_not_played_into_what_was_written_over_its_file(
    tmp_path: Path, other: Path, marks: int
) -> None:
    path = tmp_path / "p.goldsmith"
    _killed(path, marks)
    theirs = other.read_bytes()
    _overwrite(path, theirs)
    with pytest.raises(ProjectError, match="was replaced while it was open"):
        Project.open(path, read_only=True)
    assert path.read_bytes() == theirs
    with Project.open(path, annotator="ann") as again:
        assert again.set_aside is not None
        assert [row.characters for row in again.articles()] == [39]
        assert [*soundness.check(again)] == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("marks", [5, 290])
def test_a_log_that_is_left_is_played_into_its_own_file(tmp_path: Path, marks: int) -> None:
    path = tmp_path / "p.goldsmith"
    _killed(path, marks)
    os.utime(path, (0, 0))  # whatever a program does to its times
    with Project.open(path, read_only=True) as again:
        assert len(again.document("a-test").mentions) == marks
    with Project.open(path, annotator="ann") as again:
        assert again.set_aside is None
        assert len(again.document("a-test").mentions) == marks
        assert [*soundness.check(again)] == []


def test_a_file_that_was_only_touched_takes_edits(desk: Desk) -> None:
    for n, words in enumerate(("Riyadh", "Cairo", "Mamluk")):
        os.utime(desk.project.path, (n, n))
        desk.mark(words, "GPE")
    data = desk.project.path.read_bytes()
    _overwrite(desk.project.path, data)  # what was there already
    desk.mark("Fawzy", "PERSON")
    assert len(desk.document.mentions) == 4


def test_a_change_that_the_clock_of_the_disk_does_not_show_is_seen(
    project: Project, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(project, TEXT)
    facts = project.path.stat()
    data = other.read_bytes().ljust(facts.st_size, b"\0")
    other.write_bytes(data)
    monkeypatch.setattr("core.guard._facts", lambda _path: (facts.st_dev, facts.st_ino, 0, 0, 0))
    project._guard.adopt()  # as if all happened within one tick
    monkeypatch.setattr("core.guard.time.time_ns", lambda: 1)
    desk.mark("Riyadh", "GPE")
    _overwrite(project.path, data)
    with pytest.raises(ProjectGone, match="overwritten"):
        desk.mark("Riyadh", "GPE", 1)


def test_another_program_may_take_the_log_in(desk: Desk) -> None:
    """An SQLite browser does when it is told to, or has written itself."""
    import sqlite3

    desk.mark("Riyadh", "GPE")
    before = desk.project.path.read_bytes()
    with sqlite3.connect(desk.project.path) as db:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")
    assert desk.project.path.read_bytes() != before
    desk.mark("Cairo", "GPE")
    assert len(desk.document.mentions) == 2
    db.close()


def test_a_file_that_is_lent_is_looked_at_first(desk: Desk, other: Path) -> None:
    shutil.copyfile(other, desk.project.path)
    with pytest.raises(ProjectGone):
        desk.project.lend()
    assert not desk.project.read_only


@pytest.mark.parametrize("killed", [False, True])
def test_a_reader_that_keeps_the_log_from_being_taken_in_whole_is_no_overwriting(
    project: Project, tmp_path: Path, killed: bool
) -> None:
    """SQLite takes in what the reader lets it: the file alone makes no sense then, and is ours."""
    desk = Desk(project, TEXT)
    for n in range(60):
        project._store.execute("PRAGMA wal_autocheckpoint = 0")
        desk.mark("Riyadh", "GPE", n)
        reader = sqlite3.connect(project.path, isolation_level=None)
        reader.execute("BEGIN")  # as the process does that makes a copy
        reader.execute("SELECT count(*) FROM journal").fetchone()
        project._store.execute("PRAGMA wal_autocheckpoint = 1")
        edits.set_state(project, ["a-test"], "new" if n % 2 else "done")
        if mainfile.head(project.path) is None:
            break
        reader.close()
    else:
        pytest.fail("the log was taken in whole each time")
    desk.mark("Riyadh", "GPE", 70)
    done = len(project.journal(5000))
    if killed:
        (tmp_path / "after").mkdir()
        for file in (log_of(project.path), note_of(project.path), project.path):
            shutil.copy2(file, tmp_path / "after" / file.name)
        path = tmp_path / "after" / project.path.name
        note = json.loads(note_of(path).read_text()) | {
            "file": identity(path), "log": identity(log_of(path))
        }  # fmt: skip
        note_of(path).write_text(json.dumps(note))
    else:
        path = project.path
        project.close()
    reader.close()
    with Project.open(path, annotator="ann") as again:
        assert again.set_aside is None
        assert len(again.journal(5000)) == done
        assert not [*soundness.check(again)]
        edits.set_state(again, ["a-test"], "done")
