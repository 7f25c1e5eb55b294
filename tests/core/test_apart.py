"""Copies of a project that were edited apart are recognised and told; nothing is merged."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core import apart, backup, edits, opening, scheme
from core.cli import main
from core.errors import ProjectError, ProjectInUse
from core.hold import note_of
from core.project import Project
from tests.conftest import ROOT, Desk


def _copy(desk: Desk, name: str = "test (Eva's conflicted copy).goldsmith") -> Path:
    """What a sync program leaves: the file as it was at this moment."""
    return desk.project.save_copy(desk.project.path.with_name(name))


def _edit(path: Path, words: str = "Riyadh", annotator: str = "eva") -> None:
    with Project.open(path, annotator=annotator) as project:
        text = project.article("a-test").text
        at = text.index(words)
        edits.add_mention(project, "a-test", [(at, at + len(words))], "GPE")


def test_two_copies_that_were_edited_apart(desk: Desk) -> None:
    desk.mark("Cairo", "GPE")
    other = _copy(desk)
    parted = desk.project.journal(1)[0]
    desk.mark("Ali Mamluk", "PERSON")
    desk.mark("Khaled Fawzy", "PERSON")
    _edit(other)
    found = apart.compare(desk.project.path, other)
    assert found.how == "apart"
    assert (found.common, found.parted) == (parted.seq, parted.at)
    assert (found.ours.edits, found.theirs.edits) == (2, 1)
    assert (found.ours.people, found.theirs.people) == (("ann",), ("eva",))
    assert found.touched_twice == {"a-test": "Talks in Cairo"}
    assert apart.compare(other, desk.project.path).how == "apart"
    said = " ".join(apart.told("test.goldsmith", found))
    assert "2 edits" in said
    assert "1 edit " in said
    assert "eva" in said
    assert "“Talks in Cairo”" in said
    assert apart.beside(desk.project.path) == [found]


def test_an_earlier_and_a_later_state_are_not_apart(desk: Desk) -> None:
    other = _copy(desk)
    assert apart.compare(desk.project.path, other).how == "same"
    desk.mark("Cairo", "GPE")
    assert apart.compare(desk.project.path, other).how == "behind"
    assert apart.compare(other, desk.project.path).how == "ahead"
    assert apart.beside(desk.project.path) == []
    assert [c.how for c in apart.beside(other)] == ["ahead"]


def test_what_only_a_suggester_did_parts_nobody(desk: Desk) -> None:
    other = _copy(desk)
    desk.mark("Cairo", "GPE")
    with Project.open(other) as copy:
        suggestion = desk.mention("Riyadh", "GPE")
        edits.store_suggestions(copy, "a-test", "test", [suggestion])
    assert apart.compare(desk.project.path, other).how == "behind"


def test_another_project_shares_nothing(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "else.goldsmith"
    with Project.create(path, scheme.load("news")) as other:
        Desk(other, desk.text)
    assert apart.compare(desk.project.path, path).how == "other"
    assert apart.beside(desk.project.path) == []


def test_where_ways_parted_is_found_in_a_long_journal(desk: Desk) -> None:
    for note in range(40):
        edits.set_state(desk.project, ["a-test"], "done" if note % 2 else "new")
    other = _copy(desk)
    common = desk.project.journal(1)[0].seq
    for _ in range(7):
        edits.undo(desk.project)
    with Project.open(other, annotator="eva") as copy:
        for _ in range(3):
            edits.undo(copy)
    found = apart.compare(desk.project.path, other)
    assert (found.common, found.ours.edits, found.theirs.edits) == (common, 7, 3)


def test_looking_touches_no_file(desk: Desk) -> None:
    other = _copy(desk)
    _edit(other)
    junk = desk.project.path.with_name("junk.goldsmith")
    junk.write_bytes(b"SQLite format 3\x00" + b"x" * 5000)
    before = {p.name: p.read_bytes() for p in (other, junk)}
    names = {p.name for p in other.parent.iterdir()}
    desk.mark("Cairo", "GPE")
    assert len(apart.beside(desk.project.path)) == 1
    assert {p.name for p in other.parent.iterdir()} == names
    assert {p.name: p.read_bytes() for p in (other, junk)} == before
    with pytest.raises(ProjectError):
        apart.compare(desk.project.path, junk)


def test_a_copy_with_a_trigger_or_a_view_for_a_journal_is_not_read(desk: Desk) -> None:
    other = _copy(desk)
    _edit(other)
    desk.mark("Cairo", "GPE")
    with sqlite3.connect(other) as db:
        db.execute("ALTER TABLE journal RENAME TO j")
        db.execute("CREATE VIEW journal AS SELECT * FROM j")
    db.close()
    with pytest.raises(ProjectError):
        apart.compare(desk.project.path, other)
    assert apart.beside(desk.project.path) == []


def test_by_command(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path = desk.project.path
    other = _copy(desk)
    _edit(other)
    desk.mark("Cairo", "GPE")
    desk.project.close()
    assert main(["check", str(path), "--against", str(other)]) == 1
    assert "edited apart since" in capsys.readouterr().out
    assert main(["check", str(path), "--against", str(other), "--json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert (facts["how"], facts["theirs"]["edits"]) == ("apart", 1)
    assert main(["check", str(path)]) == 0
    assert "edited apart since" in capsys.readouterr().err
    assert main(["restore", str(path), str(other)]) == 0  # says what only the kept one has
    assert "edited apart since" in capsys.readouterr().err
    assert main(["check", str(path)]) == 0  # meant so: it is not told again
    assert "edited apart" not in capsys.readouterr().err


def test_restoring_looks_where_the_copies_are_kept(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.project.path
    place = tmp_path / "far"
    backup.keep_in(desk.project, str(place))
    assert backup.back_up(desk.project)
    desk.project.close()
    assert main(["restore", str(path)]) == 0
    assert str(place) in capsys.readouterr().err


# -- two at once


def test_a_second_opening_leaves_the_locks_of_the_first(desk: Desk) -> None:
    """Closing any handle of a file takes this process's locks on it away."""
    path = desk.project.path
    with pytest.raises(ProjectInUse):
        Project.open(path)
    subprocess.run(  # it would be the last to have it open, and take the log away
        [sys.executable, "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
         "c.execute('SELECT count(*) FROM journal').fetchall(); c.close()", str(path)],
        check=True,
    )  # fmt: skip
    assert path.with_name(path.name + "-wal").exists()
    desk.mark("Cairo", "GPE")


def test_who_was_taken_over_writes_nothing_more(desk: Desk) -> None:
    note = note_of(desk.project.path)
    desk.mark("Cairo", "GPE")
    note.unlink()  # by hand: it is written again
    desk.mark("Riyadh", "GPE")
    assert json.loads(note.read_text())["host"] == socket.gethostname()
    note.unlink()
    note.write_text(json.dumps({"user": "eva", "host": "far", "pid": 1}))
    with pytest.raises(ProjectInUse, match="taken over on far"):
        desk.mark("Ali Mamluk", "PERSON")
    assert len(desk.document.mentions) == 2
    assert json.loads(note.read_text())["host"] == "far"


# -- where it lies


def test_folders_that_others_write_to(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("disk / ext4 rw 0 0\nfiles:/news /net/our\\040news nfs4 rw 0 0\n")
    assert opening.place_of(Path("/net/our news/a.goldsmith"), mounts).network == "nfs4"
    assert not opening.place_of(Path("/net/a.goldsmith"), mounts).shared
    assert opening.place_of(Path("/home/eva/Dropbox/a.goldsmith"), mounts).synced == "Dropbox"
    assert opening.place_of(Path("/x/OneDrive - Desk/b/a.goldsmith"), mounts).synced == "OneDrive"
    (tmp_path / ".stfolder").mkdir()
    (tmp_path / "deep").mkdir()
    assert opening.place_of(tmp_path / "deep" / "a.goldsmith").synced == "Syncthing"


def test_in_a_synced_folder_the_file_alone_is_whole(desk: Desk) -> None:
    path = desk.project.path
    (path.parent / ".stfolder").mkdir()
    desk.project.close()
    with Project.open(path, annotator="ann") as project:
        edits.set_state(project, ["a-test"], "done")
        shutil.copy(path, path.with_name("synced.goldsmith"))
        assert not path.with_name(path.name + "-wal").exists()
        with Project.open(path.with_name("synced.goldsmith")) as synced:
            assert synced.article("a-test").state == "done"
    (path.parent / ".stfolder").rmdir()
    with Project.open(path) as project:
        assert project.article("a-test").state == "done"
        edits.undo(project)
        assert path.with_name(path.name + "-wal").exists()


def test_check_reads_as_a_whole_program(desk: Desk) -> None:
    """Beside a window that has it open."""
    _edit(_copy(desk))
    desk.mark("Cairo", "GPE")
    done = subprocess.run(
        [sys.executable, "-m", "core", "check", str(desk.project.path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "edited apart since" in done.stderr
    desk.mark("Riyadh", "GPE")
