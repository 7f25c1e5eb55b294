"""The project file: what it is, what it refuses, and that it survives."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core import edits, scheme
from core.errors import ProjectError, ProjectGone, ProjectInUse, ReadOnlyProject
from core.project import Project
from core.schema import APPLICATION_ID, VERSION
from tests.conftest import ROOT, Desk


def test_the_file_is_what_the_docs_say(project: Project) -> None:
    other = sqlite3.connect(project.path)
    value = lambda pragma: other.execute(f"PRAGMA {pragma}").fetchone()[0]  # noqa: E731
    assert value("application_id") == APPLICATION_ID
    assert value("user_version") == VERSION
    assert value("journal_mode") == "wal"
    strict = dict(other.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'"))
    ours = {n: s for n, s in strict.items() if not n.startswith(("sqlite_", "_sqlite", "words"))}
    assert ours
    assert set(ours.values()) == {1}
    other.close()


def test_commits_are_synchronous_and_foreign_keys_hold(project: Project) -> None:
    assert project._store.rows("PRAGMA synchronous") == [(2,)]
    assert project._store.rows("PRAGMA foreign_keys") == [(1,)]


def test_views_are_readable_by_anybody(desk: Desk) -> None:
    person, place = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Cairo", "GPE")
    parts = [desk.span("Syrian"), desk.span("chief")]
    edits.add_mention(desk.project, desk.id, parts, "TITLE")
    edits.add_relation(desk.project, "visited", person, place)
    other = sqlite3.connect(desk.project.path)
    rows = other.execute("SELECT text, type FROM gold_mentions").fetchall()
    assert rows == [("Cairo", "GPE"), ("Syrian … chief", "TITLE"), ("Ali Mamluk", "PERSON")]
    (relation,) = other.execute("SELECT head, relation, tail, annotator FROM gold_relations")
    assert relation == ("Ali Mamluk", "visited", "Cairo", "ann")
    other.close()


def test_offsets_in_views_are_code_points(project: Project) -> None:
    desk = Desk(project, "🇺🇦 Kyiv and e\u0301t\u00e9 in 北京.")
    desk.mark("Kyiv", "GPE")
    desk.mark("北京", "GPE")
    other = sqlite3.connect(project.path)
    assert other.execute("SELECT text FROM gold_mentions").fetchall() == [("Kyiv",), ("北京",)]
    other.close()


def test_everything_is_there_after_a_restart_undo_too(desk: Desk) -> None:
    path = desk.project.path
    id = desk.mark("Riyadh", "GPE")
    edits.relabel(desk.project, id, "ORG")
    edits.undo(desk.project)
    before = desk.document
    desk.project.close()
    with Project.open(path) as again:
        assert again.document(desk.id) == before
        edits.redo(again)
        assert again.document(desk.id).mentions[id].type == "ORG"
        for _ in range(3):
            assert edits.undo(again) is not None
        assert edits.undo(again) is None
        assert again.articles() == []


def test_an_exclusive_writer_and_many_readers(project: Project) -> None:
    with pytest.raises(ProjectInUse, match="another window"):
        Project.open(project.path)
    with Project.open(project.path, read_only=True) as reader:
        assert reader.read_only
        assert reader.articles() == []
        Desk(project, "Written meanwhile.")
        assert len(reader.articles()) == 1
        with pytest.raises(ReadOnlyProject):
            edits.remove_articles(reader, ["a-test"])


def test_closing_leaves_one_file(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "one.goldsmith", scheme.load("news"))
    Desk(project, "Some text.")
    project.close()
    project.close()
    assert [p.name for p in tmp_path.iterdir()] == ["one.goldsmith"]
    with Project.open(tmp_path / "one.goldsmith", read_only=True) as reader:
        assert len(reader.articles()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["one.goldsmith"]


def test_a_killed_writer_loses_nothing_and_locks_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "killed.goldsmith"
    script = f"""
import os, signal, sys
from pathlib import Path
from core import scheme
from core.project import Project
from tests.conftest import Desk
desk = Desk(Project.create(Path({str(path)!r}), scheme.load("news"), "ann"), "Riyadh said no.")
desk.mark("Riyadh", "GPE")
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == -9
    with Project.open(path) as project:
        assert [m.type for m in project.document("a-test").mentions.values()] == ["GPE"]
        assert edits.undo(project) is not None


@pytest.mark.parametrize(
    "content", [b"", b"not a database", b"SQLite format 3\x00" + b"\x00" * 200]
)
def test_a_file_that_is_not_ours_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match="not a Goldsmith project"):
        Project.open(path)
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["other.db"]


def test_a_real_database_of_others_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE t (x)")
    db.commit()
    db.close()
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="not a Goldsmith project"):
        Project.open(path)
    assert path.read_bytes() == before


def test_missing_existing_and_impossible_places(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no project"):
        Project.open(tmp_path / "missing.goldsmith")
    with pytest.raises(ProjectInUse):
        Project.create(project.path, project.scheme)
    path = tmp_path / "there.goldsmith"
    path.write_text("mine")
    with pytest.raises(ProjectError, match="exists"):
        Project.create(path, project.scheme)
    assert path.read_text() == "mine"
    with pytest.raises(ProjectError, match="folder"):
        Project.create(tmp_path / "no" / "such.goldsmith", project.scheme)
    with pytest.raises(ProjectError, match="read"):
        Project.open(tmp_path)


def test_the_rest_of_a_deleted_project_does_not_leak_into_a_new_one(project: Project) -> None:
    Desk(project, "Written, and not in the main file yet.")
    rest = project.path.with_name(project.path.name + "-wal")
    data = rest.read_bytes()
    assert data
    project.close()
    project.path.unlink()
    rest.write_bytes(data)
    with pytest.raises(ProjectError, match="left over"):
        Project.create(project.path, project.scheme)
    rest.unlink()
    with Project.create(project.path, project.scheme) as fresh:
        assert fresh.articles() == []


def test_a_damaged_file_is_a_clear_error(project: Project) -> None:
    path = project.path
    Desk(project, "Some text.")
    project.close()
    data = bytearray(path.read_bytes())
    data[100:] = b"\xff" * (len(data) - 100)
    path.write_bytes(data)
    with pytest.raises(ProjectError, match="can't be opened"):
        Project.open(path)


def test_a_file_that_cannot_be_written_opens_for_reading(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(project, "Some text.")
    project.close()
    # Tests may run as root, who may write anything: say what the system would say to others.
    monkeypatch.setattr("core.opening.os.access", lambda *_: False)
    with Project.open(project.path) as opened:
        assert opened.read_only
        assert len(opened.articles()) == 1
        with pytest.raises(ReadOnlyProject):
            edits.set_state(opened, [desk.id], "done")


def _left_behind(tmp_path: Path) -> Path:
    """A project whose process died: the last edit lies in its log."""
    path = tmp_path / "folder" / "p.goldsmith"
    path.parent.mkdir()
    with Project.create(tmp_path / "p.goldsmith", scheme.load("news"), "ann") as project:
        desk = Desk(project, "Talks in Riyadh.")
        desk.mark("Riyadh", "GPE")
        for file in tmp_path.glob("p.goldsmith*"):
            if not file.name.endswith(".lock"):
                shutil.copy(file, path.parent / file.name)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX")
@pytest.mark.parametrize("missing", ["", "-shm"])
def test_where_the_log_cannot_be_written_nothing_older_is_shown(
    tmp_path: Path, missing: str
) -> None:
    from tests.stress import disk

    path = _left_behind(tmp_path)
    if missing:
        path.with_name(path.name + missing).unlink()

    def look() -> str:
        disk.as_a_person()
        for file in path.parent.iterdir():
            file.chmod(0o400)
        path.parent.chmod(0o500)
        try:
            with Project.open(path) as opened:
                return f"{opened.read_only}, {opened.count()}, {opened.why}"
        except ProjectError as error:
            return str(error)
        finally:
            path.parent.chmod(0o700)

    seen = disk.in_child(look)
    if missing:  # SQLite would have to make it to read the log
        assert "the last edits lie in p.goldsmith-wal" in seen
    else:
        assert seen == "True, 1, the file, its folder or its log can't be written"


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX")
def test_a_log_alone_that_cannot_be_written_is_opened_for_reading(tmp_path: Path) -> None:
    from tests.stress import disk

    path = _left_behind(tmp_path)

    def look() -> str:
        disk.as_a_person()
        path.with_name(path.name + "-wal").chmod(0o400)
        with Project.open(path) as opened:
            return f"{opened.read_only}, {opened.count()}, {opened.why}"

    assert disk.in_child(look) == "True, 1, the file, its folder or its log can't be written"


def test_the_journal_only_grows(desk: Desk) -> None:
    desk.mark("Riyadh", "GPE")
    edits.undo(desk.project)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        desk.project._store.execute("DELETE FROM journal")
    kinds = [entry.kind for entry in reversed(desk.project.journal())]
    assert kinds == ["do", "do", "undo"]


def test_a_failed_edit_rolls_back_whole(desk: Desk) -> None:
    before = desk.document

    def half() -> None:
        with desk.project.edit("half") as edit:
            edit.delete("article", desk.id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert desk.document == before
    desk.mark("Riyadh", "GPE")


def test_lists_of_any_length_are_asked_for_in_the_same_words(desk: Desk, project: Project) -> None:
    here = next(project.article_ids())
    # The connection keeps what it prepared: a statement for each length would fill the memory.
    asked: list[str] = []
    project._store._connection.set_trace_callback(asked.append)
    lengths = []
    for n in (1, 2, 7, 600):
        asked.clear()
        ids = [here, *(f"none-{k}" for k in range(n - 1))]
        assert project.ids_in_use(ids) == {here}
        lengths.append([sql.split("json_each(")[0] for sql in asked])
    assert all(some == lengths[0] for some in lengths)


def test_a_file_with_a_second_name_opens_for_reading(project: Project, tmp_path: Path) -> None:
    """Each name would have a log of its own beside it, and SQLite would not see the other."""
    path = project.path
    project.close()
    other = tmp_path / "other.goldsmith"
    other.hardlink_to(path)
    for name in (path, other):
        with Project.open(name) as opened:
            assert opened.read_only
            assert "hard link" in opened.why
    other.unlink()
    with Project.open(path) as opened:
        assert not opened.read_only


def test_a_name_that_the_disk_has_no_room_for_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="can't be created"):
        Project.create(tmp_path / ("x" * 238 + ".goldsmith"), scheme.load("news"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rest", ["", "-wal"])
@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_goes_before_the_first_edit_takes_none(
    desk: Desk, rest: str, replaced: bool
) -> None:
    desk.project.close()
    with Project.open(desk.project.path) as project:
        place = project.path.with_name(project.path.name + rest)
        data = place.read_bytes()
        place.unlink()
        if replaced:
            place.write_bytes(data)
        with pytest.raises(ProjectGone, match="moved, replaced or deleted"):
            edits.set_state(project, [desk.id], "done")
        assert project.article(desk.id).state == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="an open file can't be replaced there")
@pytest.mark.parametrize("end", ["closed", "killed"])
def test_a_log_is_never_played_into_a_file_that_was_put_in_place(tmp_path: Path, end: str) -> None:
    other, path = tmp_path / "other.goldsmith", tmp_path / "p.goldsmith"
    with Project.create(other, scheme.load("news"), "bea") as project:
        Desk(project, "Something else was written about Cairo.").mark("Cairo", "GPE")
    script = f"""
import os, shutil, signal, sys
from pathlib import Path
from core import scheme
from core.project import Project
from tests.conftest import Desk
path = Path({str(path)!r})
Project.create(path, scheme.load("news"), "ann").close()
project = Project.open(path, annotator="ann")
desk = Desk(project, "Talks in Riyadh, " * 500)
for n in range(30):
    desk.mark("Riyadh", "GPE", n)
draft = path.with_name("draft")
shutil.copy({str(other)!r}, draft)
draft.replace(path)
if {end == "killed"}:
    os.kill(os.getpid(), signal.SIGKILL)
project.close()
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=end == "closed")
    before = path.read_bytes()
    if end == "killed":
        with pytest.raises(ProjectError, match="was replaced while it was open"):
            Project.open(path, read_only=True)
    with Project.open(path, annotator="ann") as again:
        assert again.count() == 1
        if end == "killed":
            assert again.set_aside is not None
            assert again.set_aside.stat().st_size > 0
    assert before == other.read_bytes() == path.read_bytes()


def test_a_log_goes_with_its_file_where_both_are_moved_or_copied(tmp_path: Path) -> None:
    path = _left_behind(tmp_path)
    for note in tmp_path.glob(".p.goldsmith.open"):
        shutil.copy(note, path.parent)
    with Project.open(path) as opened:
        assert opened.set_aside is None
        assert opened.count() == 1
