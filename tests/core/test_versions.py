"""Every version of the file that was ever shipped opens; a newer one opens for reading."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from core import edits, opening, soundness
from core.errors import ProjectError, ReadOnlyProject
from core.project import Project
from core.schema import VERSION, migrations, reference
from tests.versions import TEXT, path_of

ALL = range(1, VERSION + 1)


def _copy(version: int, folder: Path) -> Path:
    return Path(shutil.copy(path_of(version), folder / "old.goldsmith"))


@pytest.mark.parametrize("version", ALL)
def test_it_comes_up_to_date_with_all_that_is_in_it(version: int, tmp_path: Path) -> None:
    path = _copy(version, tmp_path)
    assert opening.checked_version(path) == version
    with Project.open(path) as project:
        (row,) = project.articles()
        document = project.document(row.id)
        assert document.article.text == TEXT
        assert document.article.state == "done"
        names = {TEXT[m.start : m.end] for m in document.mentions.values()}
        assert names == {"Ali Mamluk", "Khaled Fawzy", "Mamluk", "Riyadh"}
        assert len(document.entities) == 1
        assert {m.note for m in document.mentions.values()} == {"", "the same man"}
        assert list(soundness.check(project)) == []
        assert project.next_undo() is not None
        while edits.undo(project) is not None:
            pass
        assert project.articles() == []
        while edits.redo(project) is not None:
            pass
        assert project.document(row.id).mentions == document.mentions
        assert list(soundness.check(project)) == []
    assert opening.checked_version(path) == VERSION


@pytest.mark.parametrize("version", ALL)
def test_an_old_file_becomes_what_a_new_one_is(version: int, tmp_path: Path) -> None:
    path = _copy(version, tmp_path)
    Project.open(path).close()
    other = sqlite3.connect(path)
    made = {
        (type, name): sql
        for type, name, sql in other.execute("SELECT type, name, sql FROM sqlite_master")
        if sql is not None
    }
    other.close()
    assert made == reference()


def test_each_version_is_kept() -> None:
    assert len(migrations._migrations) == VERSION
    assert all(path_of(version).exists() for version in ALL), "python -m tests.versions"


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _copy(1, tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr("core.schema._V2", "CREATE TABLE half (x);\n\nCREATE TABLE half (x)")
    with pytest.raises(ProjectError, match="half"):
        Project.open(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    monkeypatch.undo()
    with Project.open(path) as project:
        assert len(project.articles()) == 1


def test_an_old_file_that_cannot_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _copy(1, tmp_path)
    monkeypatch.setattr("core.opening.os.access", lambda *_: False)
    with pytest.raises(ProjectError, match=r"older Goldsmith.*Open it once for writing"):
        Project.open(path)


def _made_newer(path: Path, *statements: str) -> None:
    db = sqlite3.connect(path)
    for statement in statements:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.commit()
    db.execute("PRAGMA journal_mode = DELETE")
    db.close()


def test_a_newer_file_opens_for_reading_and_is_not_touched(tmp_path: Path) -> None:
    path = _copy(VERSION, tmp_path)
    _made_newer(path, "CREATE TABLE later (x)", "ALTER TABLE mentions ADD COLUMN later TEXT")
    before = path.read_bytes()
    with Project.open(path) as project:
        assert project.read_only
        assert "newer Goldsmith" in project.why
        (row,) = project.articles()
        assert row.mentions == 4
        with pytest.raises(ReadOnlyProject, match="newer Goldsmith"):
            edits.set_state(project, [row.id], "new")
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_newer_file_that_cannot_be_read_is_refused_untouched(tmp_path: Path) -> None:
    path = _copy(VERSION, tmp_path)
    _made_newer(path, "ALTER TABLE mentions RENAME COLUMN score TO how_sure")
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="newer Goldsmith"):
        Project.open(path)
    assert path.read_bytes() == before
