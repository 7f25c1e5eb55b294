"""Files that came by mail: refused in words, nothing of theirs runs."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import spacy

from core import apart, backup, edits, places, scheme, sketch, soundness, typemap, workflow
from core.cli import main
from core.errors import FormatError, GoldsmithError, ProjectInUse, SchemeError, SuggesterError
from core.hold import note_of
from core.project import Project
from core.repair import repair
from core.suggest import Text, client, consent, learned, registry, seal
from core.suggest.registry import DEFAULT, trusted
from tests.conftest import Desk
from tests.hostile import RUBBISH

NEWS = scheme.load("news")


@pytest.mark.parametrize("name", RUBBISH)
def test_no_scheme(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mail.toml"
    path.write_bytes(RUBBISH[name])
    with pytest.raises(SchemeError) as refused:
        scheme.load(path)
    assert "mail.toml" in str(refused.value)
    assert len(str(refused.value)) < 1_000


@pytest.mark.parametrize("name", RUBBISH)
def test_no_table_of_types(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mail.toml"
    path.write_bytes(RUBBISH[name])
    try:
        table = typemap.load(path)
    except FormatError:
        return
    assert table == typemap.TypeMap()


def test_no_scheme_that_stops_a_window() -> None:
    head = "[scheme]\nname = 'mail'\n"
    many = head + "".join(f"[entity.T{n}]\n" for n in range(6_000))
    long = head + f"[entity.{'x' * 300}]\n"
    lines = head + '[entity."a\\nb"]\n'
    for text in (many, long, lines):
        with pytest.raises(SchemeError):
            scheme.parse(text)


@pytest.mark.parametrize("name", ["deep arrays", "long number", "empty"])
def test_a_project_with_such_a_scheme_is_refused(name: str, desk: Desk) -> None:
    path = desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE settings SET value = ?", [RUBBISH[name].decode()])
    db.close()
    with pytest.raises(GoldsmithError):
        Project.open(path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE articles SET meta = replace(hex(zeroblob(9000)), '0', '[')",
        "UPDATE articles SET meta = '[]'",
        "UPDATE articles SET text = CAST(x'ff' AS TEXT)",
        "UPDATE journal SET images = '[[['",
        "UPDATE journal SET images = '[{}]'",
        "UPDATE suggestions SET fragments = '[[1]]'",
        "UPDATE suggestions SET fragments = '[]'",
        "UPDATE suggestions SET fragments = '[[1.5, 3]]'",
        "UPDATE suggestions SET fragments = '[[-5, 3]]'",
        "UPDATE suggestions SET fragments = '[[5, 100000000000000000000]]'",
        "UPDATE suggestions SET attributes = '7'",
        "UPDATE suggestions SET attributes = '{\"a\": 1e999}'",
        "UPDATE articles SET meta = '{\"a\": 1e999}'",
        "INSERT OR REPLACE INTO settings VALUES ('words', '[]')",
    ],
)
def test_values_that_make_no_sense_are_told(change: str, desk: Desk) -> None:
    desk.suggest(desk.mention("Riyadh", "GPE"))
    desk.mark("Cairo", "GPE")
    path = desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        rules = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in rules:
            db.execute(f"DROP TRIGGER {name}")
        db.execute(change)
        for _name, sql in rules:
            db.execute(sql)
    db.close()
    with Project.open(path) as project:
        backup.back_up(project)  # as nonsensical
        failed = 0
        for ask in (
            lambda: project.document(desk.id),
            lambda: edits.undo(project),
            lambda: project.index_words(),
        ):
            with suppress(GoldsmithError):
                ask()
                continue
            failed += 1
        assert failed
        with suppress(GoldsmithError):
            list(soundness.check(project))
    with suppress(GoldsmithError), Project.open(repair(path).path) as again:
        again.documents()
    assert main(["check", str(path)]) in (0, 1)


# -- a pipeline is code


def _pipeline(folder: Path) -> Path:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "GPE", "pattern": "Oslo"}])  # type: ignore[attr-defined]
    nlp.to_disk(folder)
    return folder


def test_a_folder_is_asked_about_once_and_again_when_it_changes(tmp_path: Path) -> None:
    folder = _pipeline(tmp_path / "p")
    name = registry.in_folder(folder)
    text = Text("a", "Oslo", "en")
    with pytest.raises(SuggesterError, match="not allowed") as refused:
        list(client.run(name, NEWS, [text]))
    assert "--trust" in refused.value.hint
    consent.allow(folder)
    (proposal,) = client.run(name, NEWS, [text])
    assert [m.type for m in proposal.mentions] == ["GPE"]
    (folder / "more.py").write_text("x = 1")
    with pytest.raises(SuggesterError, match="has changed"):
        list(client.run(name, NEWS, [text]))
    consent.allow(folder)
    assert registry.find(name).name == name
    (folder / "more.py").write_text("x = 2")  # as long, and as old as it likes
    assert not consent.allowed(folder)


def test_a_mailed_project_runs_only_what_was_allowed(project: Project, tmp_path: Path) -> None:
    folder = _pipeline(tmp_path / "p")
    name = registry.in_folder(folder)
    assert trusted(name) == DEFAULT
    consent.allow(folder)
    assert trusted(name) == name
    other = _pipeline(tmp_path / "q")
    assert trusted(registry.in_folder(other)) == DEFAULT


def test_a_mailed_learner_names_no_pipeline_to_run(tmp_path: Path) -> None:
    """The learner beside a project names what it builds on."""
    folder = _pipeline(tmp_path / "p")
    for base in (f"spacy:{folder}", f"goldsmith:{folder}"):
        with pytest.raises(SuggesterError, match="not allowed"):
            registry.find(base)


def test_a_note_of_another_computer_that_is_none(desk: Desk) -> None:
    path = desk.project.path
    desk.project.close()
    for junk in ("[" * 4_000, "{}", "[1]", '{"user": {}, "host": [], "pid": "x"}', "9" * 4_000):
        note_of(path).write_text(junk)
        with Project.open(path):
            pass


def test_a_note_or_a_file_beside_a_project_stops_nothing(desk: Desk) -> None:
    path = desk.project.path
    desk.project.close()
    note = note_of(path)
    note.write_text('{"user": "u", "host": "far", "pid": 1e400}')
    with Project.open(path):
        pass
    note.write_text('{"user": "u", "host": "far", "pid": 1}')
    os.utime(note, (2**40, 2**40))
    with pytest.raises(ProjectInUse, match="far"):
        Project.open(path)
    note.unlink()
    (path.parent / "loop.goldsmith").symlink_to("loop.goldsmith")
    (path.parent / "junk.goldsmith").write_bytes(b"SQLite format 3\0" + b"\xff" * 500)
    if os.name != "nt":
        os.mkfifo(path.parent / "pipe.goldsmith")
        with pytest.raises(GoldsmithError, match="can't be read"):
            Project.open(path.parent / "pipe.goldsmith")
    assert apart.beside(path) == []


@pytest.mark.skipif(os.name == "nt", reason="pipes and links are POSIX")
@pytest.mark.parametrize("what", ["pipe", "link", "link to nothing", "folder", "rubbish"])
@pytest.mark.parametrize("place", [".test.goldsmith.open", "test.goldsmith.lock"])
def test_what_lies_in_the_place_of_a_note_or_lock_is_not_followed(
    what: str, place: str, desk: Desk, tmp_path: Path
) -> None:
    path = desk.project.path
    desk.project.close()
    (tmp_path / "mine").mkdir()
    mine = tmp_path / "mine" / "diary"
    mine.write_text("Dear diary")
    odd = path.with_name(place)
    if what == "pipe":
        os.mkfifo(odd)
    elif what == "folder":
        odd.mkdir()
    elif what == "rubbish":
        odd.write_bytes(b"\xff" * 5000)
    else:
        odd.symlink_to(mine if what == "link" else mine.with_name("new"))
    with suppress(GoldsmithError), Project.open(path, annotator="ann") as project:
        edits.set_state(project, [desk.id], "done")
    assert mine.read_text() == "Dear diary"
    assert [*mine.parent.iterdir()] == [mine]


@pytest.mark.skipif(os.name == "nt", reason="pipes are POSIX")
@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm"])
def test_a_pipe_in_the_place_of_a_log_is_not_waited_for(end: str, desk: Desk) -> None:
    path = desk.project.path
    desk.project.close()
    os.mkfifo(path.with_name(path.name + end))
    with pytest.raises(GoldsmithError, match="can't be read"):
        Project.open(path)
    for command in (["check"], ["backup", "--list"], ["restore"]):
        assert main([command[0], str(path), *command[1:]]) == 1


@pytest.mark.skipif(os.name == "nt", reason="pipes and links are POSIX")
def test_what_is_no_copy_in_the_folder_of_copies_hides_none(desk: Desk) -> None:
    first = backup.back_up(desk.project)
    assert first is not None
    for n, stamp in enumerate(("20260101T000000Z", "20260102T000000Z", "20260103T000000Z")):
        odd = first.with_name(f"test.{stamp}.goldsmith")
        if n == 0:
            os.mkfifo(odd)
        elif n == 1:
            odd.symlink_to("nothing")
        else:
            odd.mkdir()
    first.with_name("test.20269999T999999Z.goldsmith").touch()
    desk.mark("Riyadh", "GPE")
    second = backup.back_up(desk.project)
    assert {copy.path for copy in backup.backups(desk.project.path)} == {first, second}


def test_of_a_text_without_end_the_beginning_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of 30 MB without a space took three gigabytes."""
    monkeypatch.setattr(sketch, "_LONGEST", 1_000)
    assert sketch.shingles("x" * 1_000 + "y" * 1_000) == sketch.shingles("x" * 1_000)
    assert sketch.common("x" * 1_000 + "y" * 1_000, ["y" * 500]) == []


@pytest.mark.parametrize(
    ("index", "refused"),
    [
        ("INDEX mine ON mentions (type)", False),
        ("UNIQUE INDEX mine ON mentions (type)", True),
        ("INDEX mine ON mentions (printf('%.*c', 100000000, id))", True),
        ("INDEX mine ON mentions (type) WHERE length(hex(zeroblob(100000000))) > 1", True),
    ],
)
def test_an_index_that_is_in_the_way_of_edits_is_refused(
    index: str, refused: bool, desk: Desk
) -> None:
    path = desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute(f"CREATE {index}")
    db.close()
    if refused:
        with pytest.raises(GoldsmithError, match="is not as Goldsmith makes it"):
            Project.open(path)
        with Project.open(repair(path).path, annotator="ann") as again:
            assert again.article(desk.id).text == desk.text
    else:
        with Project.open(path, annotator="ann") as project:
            assert project.article(desk.id).text == desk.text


def test_a_mailed_project_names_no_folder_for_its_copies(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far = tmp_path / "far"
    desk.project.set_setting(backup.SETTING, str(far))
    made = backup.back_up(desk.project)
    assert made is not None
    assert made.parent == desk.project.path.with_name("test.backups")
    assert not far.exists()
    desk.mark("Riyadh", "GPE")
    path = str(desk.project.path)
    desk.project.close()
    assert main(["backup", path]) == 0
    assert "which you have not chosen" in capsys.readouterr().err
    assert main(["backup", path, "--folder", str(far)]) == 0
    with Project.open(path, annotator="ann") as project:
        assert backup.back_up(project) is None or far.exists()
        edits.set_state(project, [desk.id], "done")
        made = backup.back_up(project)
        assert made is not None
        assert made.parent == far
    for junk in (b"", b"[" * 4_000, b"{}", b"[1]", b"\xff"):
        places.store().write_bytes(junk)
        assert not places.allowed(str(far))


def test_half_a_character_in_a_project_is_kept_and_one_that_is_written_refused(desk: Desk) -> None:
    id, path = desk.mark("Riyadh", "GPE"), desk.project.path
    half = '{"\\ud800": "\\udfff"}'
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE articles SET meta = ?", [half])
        db.execute("INSERT INTO attributes VALUES (?, 'x', ?)", [id, half])
        db.execute("INSERT INTO attributes VALUES (?, 'y', ?)", [id, '"\\ud800"'])
    db.close()
    assert main(["export", str(path), str(path.with_name("out")), "--format", "brat"]) == 1
    with Project.open(path, annotator="ann") as project:
        for note in ("\ud800", "a\udfffb"):
            with pytest.raises(GoldsmithError, match="half of a character"):
                edits.set_note(project, id, note)
        before = project.document(desk.id)
        edits.set_state(project, [desk.id], "done")
        edits.set_note(project, id, "the city")
        edits.remove_articles(project, [desk.id])
        for _ in range(3):
            edits.undo(project)
        assert project.document(desk.id) == before
        assert before.article.meta == {"\ud800": "\udfff"}


@pytest.mark.parametrize(
    "page", ["<a>" * 250_000, "<a " + " ".join(f'x{n}="1"' for n in range(5_000)) + "/>"]
)
def test_a_page_of_endless_tags_is_refused(page: str, desk: Desk, tmp_path: Path) -> None:
    """A page of three megabytes took minutes."""
    path = tmp_path / "p.html"
    path.write_text(page)
    with pytest.raises(GoldsmithError, match="without end"):
        workflow.add_paths(desk.project, [path])


def test_a_memory_that_is_none_stops_no_undo(desk: Desk) -> None:
    edits.set_state(desk.project, [desk.id], "done")
    edits.undo(desk.project)
    desk.mark("Riyadh", "GPE")
    path = desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE OR IGNORE memory SET type = 'x' || char(0)")
        db.execute("INSERT OR IGNORE INTO memory SELECT kind, key || 'x', ?, 1, 1 FROM memory",
                   ["9" * 5_000])  # fmt: skip
    db.close()
    with Project.open(path, annotator="ann") as project:
        edits.set_state(project, [desk.id], "done")
        for _ in range(3):
            edits.undo(project)
        for _ in range(3):
            edits.redo(project)


def test_an_endless_id_makes_no_endless_message(desk: Desk) -> None:
    with pytest.raises(GoldsmithError, match="There is nothing with the id xxx") as refused:
        edits.set_note(desk.project, "x" * 2_000_000, "")
    assert str(refused.value).endswith("here any more.")
    assert len(str(refused.value)) <= 3_000


def test_a_table_of_endless_names_is_told_in_short(desk: Desk, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("x" * 1_000_000 + "\n1\n")
    with pytest.raises(GoldsmithError) as refused:
        workflow.add_paths(desk.project, [table])
    assert len(str(refused.value)) < 1_000


def test_a_learner_that_is_none_is_refused(tmp_path: Path) -> None:
    """Also one that is sealed."""
    path = tmp_path / "x.learner"
    for knows in ("[" * 4_000, "[]", '{"mentions": 1}', '{"mentions": [], "relations": {}}'):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as file:
            file.writestr("knows.json", knows)
            file.writestr("mentions", b"")
            file.writestr("relations", b"")
        path.write_bytes(seal.sealed(data.getvalue()))
        with pytest.raises(SuggesterError, match="can't be read"):
            learned.load(path)
    for junk in RUBBISH.values():
        path.write_bytes(seal.sealed(junk))
        with pytest.raises(SuggesterError, match="can't be read"):
            learned.load(path)
        path.write_bytes(junk)
        with pytest.raises(SuggesterError, match="not trained on this account"):
            learned.load(path)


def test_a_learner_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.learner"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("knows.json", "{}")
        file.writestr("mentions", bytes(3_000_000))
    path.write_bytes(seal.sealed(data.getvalue()))
    monkeypatch.setattr(learned, "_LARGEST", 2_000_000)
    with pytest.raises(SuggesterError, match="can't be read"):
        learned.load(path)


def test_a_seal_opens_for_its_maker_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert seal.opened(b"anything") is None  # and there is no key yet
    mine = seal.sealed(b"what was learned")
    assert seal.opened(mine) == b"what was learned"
    assert seal.store().stat().st_mode & 0o077 == 0
    for n in range(len(mine)):  # wherever one bit is another
        assert seal.opened(mine[:n] + bytes([mine[n] ^ 1]) + mine[n + 1 :]) is None
    assert seal.opened(mine[:-1]) is None
    assert seal.opened(mine + b"x") is None
    with monkeypatch.context() as settings:
        settings.setenv("XDG_CONFIG_HOME", str(tmp_path / "another person"))
        assert seal.opened(mine) is None
        theirs = seal.sealed(b"what was learned")
    seal.store().write_bytes(b"short")  # a damaged key opens nothing, and is made anew
    assert seal.opened(mine) is None
    assert seal.opened(theirs) is None
    assert seal.opened(seal.sealed(b"again")) == b"again"


def test_by_command(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _pipeline(tmp_path / "p")
    path = str(desk.project.path)
    desk.project.close()
    assert main(["suggest", path, "--suggester", f"spacy:{folder}"]) == 1  # nobody can be asked
    assert "not allowed" in capsys.readouterr().err
    assert main(["suggesters", "--trust", str(tmp_path)]) == 1
    assert "no folder of a spaCy pipeline" in capsys.readouterr().err
    assert main(["suggesters", "--trust", str(folder)]) == 0
    assert main(["suggest", path, "--suggester", f"spacy:{folder}"]) == 0
    (folder / "more").write_text("x")
    assert main(["suggest", path, "--suggester", f"spacy:{folder}"]) == 1
    assert "has changed" in capsys.readouterr().err
    assert main(["suggest", path, "--suggester", f"spacy:{folder}", "--trust"]) == 0


@pytest.mark.parametrize("name", RUBBISH)
def test_answers_that_cannot_be_read_allow_nothing(name: str, tmp_path: Path) -> None:
    folder = _pipeline(tmp_path / "p")
    consent.store().parent.mkdir(parents=True, exist_ok=True)
    consent.store().write_bytes(RUBBISH[name])
    assert not consent.allowed(folder)
    (folder / "meta.json").write_bytes(RUBBISH[name])
    assert consent.describe(folder) == ""
    consent.allow(folder)
    assert consent.allowed(folder)
    assert json.loads(consent.store().read_text())


def test_a_pipeline_speaks_plainly_for_itself(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    meta = {"name": "<b>x</b>\n\n" + "y" * 5_000, "version": 3, "author": "Eva"}
    (folder / "meta.json").write_text(json.dumps(meta))
    said = consent.describe(folder)
    assert "\n" not in said
    assert len(said) < 500
    assert said.endswith("Eva")
