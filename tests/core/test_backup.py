"""Copies, going back to one, repair, and who has a project open."""

from __future__ import annotations

import json
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import backup, edits, opening, scheme, soundness
from core.cli import main
from core.errors import ProjectError, ProjectInUse
from core.hold import note_of
from core.project import Project
from core.repair import repair
from core.suggest.registry import DEFAULT, trusted
from tests.conftest import Desk
from tests.stress import damage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_copy_is_a_whole_project_made_while_it_is_open(desk: Desk) -> None:
    desk.mark("Riyadh", "GPE")
    made = backup.back_up(desk.project, NOW)
    assert made is not None
    assert made.parent == desk.project.path.with_name("test.backups")
    with Project.open(made) as copy:
        assert copy.document(desk.id) == desk.document
        assert list(soundness.check(copy)) == []
    assert backup.back_up(desk.project, NOW + timedelta(hours=1)) is None  # nothing was edited
    desk.mark("Cairo", "GPE")
    assert backup.back_up(desk.project, NOW + timedelta(hours=2)) is not None
    assert len(backup.backups(desk.project.path)) == 2


def test_copies_lie_where_the_person_says_or_nowhere(desk: Desk, tmp_path: Path) -> None:
    backup.keep_in(desk.project, str(tmp_path / "elsewhere"))
    made = backup.back_up(desk.project, NOW)
    assert made is not None
    assert made.parent == tmp_path / "elsewhere"
    backup.keep_in(desk.project, backup.OFF)
    desk.mark("Riyadh", "GPE")
    assert backup.back_up(desk.project, NOW + timedelta(hours=1)) is None


def test_projects_with_one_folder_for_copies_leave_each_other_alone(
    desk: Desk, tmp_path: Path
) -> None:
    """By the same name in another folder, and by a name that begins with ours."""
    place = str(tmp_path / "copies")
    backup.keep_in(desk.project, place)
    old = NOW - timedelta(days=5)
    mine = backup.back_up(desk.project, old)
    (tmp_path / "other").mkdir()
    for name in ("other/test.goldsmith", "test.v2.goldsmith"):
        with Project.create(tmp_path / name, scheme.load("news")) as project:
            backup.keep_in(project, place)
            Desk(project, f"A text of {name}.")
            theirs = backup.back_up(project, old + timedelta(hours=1))
            assert theirs is not None
            edits.set_state(project, ["a-test"], "done")
            assert backup.back_up(project, NOW) is not None
            edits.set_state(project, ["a-test"], "new")
            assert backup.back_up(project, NOW + timedelta(hours=1)) is not None
            assert theirs.exists()
    assert mine is not None
    assert mine.exists()
    assert [one.path for one in backup.own(desk.project.path, place)] == [mine]
    desk.project.close()
    assert main(["restore", str(desk.project.path)]) == 0  # the newest of its own
    with Project.open(desk.project.path) as back:
        assert back.article(desk.id).text == desk.text


def test_a_clock_that_was_ahead_makes_no_copy_the_newest(desk: Desk) -> None:
    ahead = backup.back_up(desk.project, datetime.now(UTC) + timedelta(days=3_650))
    desk.mark("Riyadh", "GPE")
    newest = backup.back_up(desk.project)
    assert newest is not None
    assert backup.back_up(desk.project) is None  # nothing was edited since
    assert [copy.path for copy in backup.backups(desk.project.path)] == [newest, ahead]


def test_restoring_keeps_what_was_there(desk: Desk) -> None:
    path = desk.project.path
    made = backup.back_up(desk.project, NOW)
    assert made is not None
    desk.mark("Riyadh", "GPE")
    with pytest.raises(ProjectInUse):
        backup.restore(path, made)
    desk.project.close()
    kept = backup.restore(path, made)
    assert kept is not None
    with Project.open(path) as back, Project.open(kept) as before:
        assert back.document(desk.id).mentions == {}
        assert len(before.document(desk.id).mentions) == 1


def test_a_damaged_copy_is_not_restored(desk: Desk) -> None:
    path = desk.project.path
    made = backup.back_up(desk.project, NOW)
    assert made is not None
    desk.project.close()
    data = bytearray(made.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    made.write_bytes(data)
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="damaged"):
        backup.restore(path, made)
    assert path.read_bytes() == before


def test_damage_in_a_large_file_is_found_with_its_copy(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file is not read through when it is opened; its copy is, a moment later."""
    path = desk.project.path
    good = backup.back_up(desk.project, NOW)
    assert good is not None
    desk.mark("Riyadh", "GPE")
    desk.project.close()
    with sqlite3.connect(path) as db:
        ((page,),) = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'mentions_article'"
        )
        ((size,),) = db.execute("PRAGMA page_size")
    db.close()
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(data)
    monkeypatch.setattr(opening, "QUICK", 0)
    with Project.open(path) as project, pytest.raises(ProjectError, match="is damaged"):
        backup.back_up(project, NOW + timedelta(hours=1))
    assert [copy.path for copy in backup.backups(path)] == [good]


def test_by_command(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(desk.project.path)
    assert main(["backup", path]) == 0  # while the project is open
    assert "A copy was saved" in capsys.readouterr().err
    assert main(["backup", path, "--list"]) == 0
    assert ".goldsmith" in capsys.readouterr().out
    desk.project.close()
    assert main(["restore", path]) == 0
    assert "kept in" in capsys.readouterr().err
    assert main(["check", path, "--repair"]) == 0
    assert "Recovered to" in capsys.readouterr().err


def test_copies_of_a_damaged_project_are_listed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.project.path
    made = backup.back_up(desk.project, NOW)
    assert made is not None
    desk.project.close()
    whole = path.read_bytes()
    for data in (whole[:100_000], bytes(5000) + whole[5000:], b""):
        path.write_bytes(data)
        assert main(["backup", str(path), "--list"]) == 0
        assert str(made) in capsys.readouterr().out
    path.unlink()
    assert main(["backup", str(path), "--list"]) == 0
    assert str(made) in capsys.readouterr().out
    made.unlink()
    assert main(["backup", str(path), "--list"]) == 1
    assert "There is no project" in capsys.readouterr().err


@pytest.mark.parametrize("kept", [3000, 100_000, 300_000])
def test_looking_at_a_damaged_file_leaves_nothing_beside_it(kept: int, desk: Desk) -> None:
    path = desk.project.path
    desk.project.close()
    path.write_bytes(path.read_bytes()[:kept])
    for command in (["check"], ["backup", "--list"], ["restore"], ["add", str(path)]):
        main([command[0], str(path), *command[1:]])
        assert [p.name for p in path.parent.iterdir()] == [path.name], command


# -- repair


def test_a_sound_file_is_recovered_whole(desk: Desk) -> None:
    person, place = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Cairo", "GPE")
    edits.add_relation(desk.project, "visited", person, place)
    edits.set_note(desk.project, person, "ünsure")
    edits.same_entity(desk.project, person, desk.mark("Mamluk", "PERSON", 1))
    before = soundness.tables(desk.project)
    desk.project.close()
    salvage = repair(desk.project.path)
    assert salvage.lost == []
    with Project.open(salvage.path) as again:
        assert soundness.tables(again) == before
        assert list(soundness.check(again)) == []
    with pytest.raises(ProjectError, match="exists"):
        repair(desk.project.path)


def test_damage_at_random_bytes() -> None:
    found, wrong = damage.run(seed=1, count=6)
    assert wrong == []
    assert "6 damaged files" in found


def test_a_lost_journal_is_made_up_from_the_tables(desk: Desk) -> None:
    desk.mark("Riyadh", "GPE")
    path = desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER journal_is_append_only_2")
        db.execute("DELETE FROM journal")
    db.close()
    with Project.open(repair(path).path) as again:
        assert len(again.document(desk.id).mentions) == 1


# -- who has it


def test_a_stale_note_of_this_computer_is_no_lock(desk: Desk) -> None:
    path = desk.project.path
    note = note_of(path)
    mine = note.read_text(encoding="utf-8")
    desk.project.close()
    assert not note.exists()
    note.write_text(mine, encoding="utf-8")  # as after a crash
    with Project.open(path):
        pass
    assert not note.exists()


def test_another_computer_is_named_and_can_be_unlocked(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.project.path
    desk.project.close()
    note_of(path).write_text(json.dumps({"user": "eva", "host": "far", "pid": 1}))
    with pytest.raises(ProjectInUse, match=r"open on far \(eva\)") as refused:
        Project.open(path)
    assert refused.value.elsewhere
    assert main(["stats", str(path)]) == 0  # reading is not locked out
    capsys.readouterr()
    assert main(["unlock", str(path)]) == 0
    assert "far had it open" in capsys.readouterr().err
    with Project.open(path):
        pass


@pytest.mark.parametrize(
    "arguments",
    [
        ["unlock", "nothere"], ["unlock", ""], ["check", ""], ["check", "--repair", ""],
        ["init", ""], ["add", "", "x.txt"], ["backup", "", "--list"], ["restore", ""],
        ["check", "--repair", "folder.goldsmith"], ["check", "--repair", "nothere"],
    ],
)  # fmt: skip
def test_what_is_not_there_is_told(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.goldsmith").mkdir()
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert any(w in said for w in ("There is no project", "needs a name", "is not a file")), said
    assert [p.name for p in tmp_path.iterdir()] == ["folder.goldsmith"]


# -- what a file brings along


def test_a_trigger_in_the_file_is_refused_untouched(desk: Desk) -> None:
    path = desk.project.path
    desk.mark("Riyadh", "GPE")
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TRIGGER evil AFTER INSERT ON mentions BEGIN DELETE FROM fragments; END")
    db.close()
    for read_only in (False, True):
        with pytest.raises(ProjectError, match="evil"):
            Project.open(path, read_only=read_only)
    with Project.open(repair(path).path) as clean:
        assert len(clean.document(desk.id).mentions) == 1


def test_nothing_else_takes_the_place_of_a_table(desk: Desk) -> None:
    path = desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE notes RENAME TO old")
        db.execute("CREATE VIEW notes AS SELECT item, upper(text) AS text FROM old")
    db.close()
    with pytest.raises(ProjectError, match="notes"):
        Project.open(path)


def test_a_connection_trusts_nothing(project: Project) -> None:
    assert project._store.rows("PRAGMA trusted_schema") == [(0,)]
    assert project._store.rows("PRAGMA cell_size_check") == [(1,)]
    with pytest.raises(ProjectError):
        project._store.rows("ATTACH DATABASE ':memory:' AS other")
    with pytest.raises(ProjectError):
        project._store.rows("SELECT load_extension('x')")


def test_a_project_cannot_name_code_to_run(project: Project, tmp_path: Path) -> None:
    for name in (f"spacy:{tmp_path}", f"path:{tmp_path}", "spacy:../evil", "no-such-plug-in"):
        assert trusted(name) == DEFAULT
    assert trusted("rules") == "rules"


def test_random_schemes_are_refused_in_words() -> None:
    from core.errors import SchemeError

    rng = random.Random(1)
    for _ in range(200):
        text = "".join(rng.choice('[]{}="a.\n#\\') for _ in range(40))
        with pytest.raises(SchemeError):
            scheme.parse(text, where="mail.toml")


def test_contents_tell_what_is_there_and_raise_nothing(desk: Desk, tmp_path: Path) -> None:
    copy = desk.project.save_copy(tmp_path / "copy.goldsmith")
    found = backup.contents(copy)
    assert (found.articles, found.done, found.mentions) == (1, 0, 0)
    desk.mark("Cairo", "GPE")
    found = backup.contents(desk.project.save_copy(tmp_path / "later.goldsmith"))
    assert found.mentions == 1
    assert found.edit
    assert found.at
    whole = copy.read_bytes()
    for text in (b"", b"no project", whole[:5_000], whole[:100] + b"\xff" * 8_000):
        copy.write_bytes(text)
        assert backup.contents(copy) == backup.Contents()
    assert backup.contents(tmp_path / "none.goldsmith") == backup.Contents()
