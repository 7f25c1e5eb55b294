"""Repair with the help of an earlier copy, or of a new project's list of tables."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import backup, edits, scheme, soundness
from core.cli import main
from core.errors import GoldsmithError
from core.project import Project
from core.repair import repair
from tests.conftest import Desk

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _pages(path: Path, table: str) -> tuple[int, int]:
    """Where a table begins, and the size of a page."""
    with sqlite3.connect(path) as db:
        ((root,),) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table])
        ((size,),) = db.execute("PRAGMA page_size")
    db.close()
    return root, size


def _spoil(path: Path, *tables: str) -> None:
    places = [_pages(path, table) for table in tables]
    data = bytearray(path.read_bytes())
    for root, size in places:
        data[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(data)


@pytest.mark.parametrize("bytes_", [slice(0, 100), slice(100, 8192), slice(0, 8192)])
def test_a_file_whose_first_page_is_gone_is_recovered_whole(desk: Desk, bytes_: slice) -> None:
    desk.mark("Riyadh", "GPE")
    edits.set_note(desk.project, desk.mark("Cairo", "GPE"), "the city")
    before, path = soundness.tables(desk.project), desk.project.path
    desk.project.close()
    data = bytearray(path.read_bytes())
    data[bytes_] = bytes(len(data[bytes_]))
    path.write_bytes(data)
    salvage = repair(path)
    assert salvage.lost == []
    assert "a new project" in salvage.taken[0]
    with Project.open(salvage.path) as again:
        assert soundness.tables(again) == before
    assert path.read_bytes() == data


@pytest.mark.parametrize("kept", [0.85, 0.4])
def test_a_file_that_was_copied_in_part_gives_what_is_left(
    kept: float, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in ("Riyadh", "Cairo", "Ali Mamluk"):
        desk.mark(words, "GPE")
    path = desk.project.path
    desk.project.close()
    whole = path.read_bytes()
    data = whole[: int(len(whole) * kept)]
    path.write_bytes(data)
    assert main(["check", str(path), "--repair"]) == 1
    said = capsys.readouterr().err
    assert f"The last {len(whole) - len(data):,} bytes of the file are missing." in said
    assert "1 article, 3 mentions." in said
    assert path.read_bytes() == data
    with Project.open(path.with_name("test.repaired.goldsmith")) as again:
        assert again.article(desk.id).text == desk.text
        assert len(again.document(desk.id).mentions) == 3


def test_a_file_in_part_whose_first_bytes_are_gone_too(desk: Desk) -> None:
    desk.mark("Riyadh", "GPE")
    path = desk.project.path
    desk.project.close()
    data = path.read_bytes()
    path.write_bytes(bytes(100) + data[100 : len(data) // 2])
    with Project.open(repair(path).path) as again:
        assert len(again.document(desk.id).mentions) == 1


def test_a_file_that_claims_to_be_endless_is_not_filled_up(desk: Desk) -> None:
    path = desk.project.path
    desk.project.close()
    data = bytearray(path.read_bytes())
    data[28:32] = b"\xff" * 4
    path.write_bytes(data)
    with Project.open(repair(path).path) as again:
        assert again.article(desk.id).text == desk.text


def test_what_is_no_project_at_all_stays_beyond_repair(tmp_path: Path) -> None:
    path = tmp_path / "p.goldsmith"
    for junk in (b"", b"x" * 100, bytes(300_000), b"\xff" * 300_000):
        path.write_bytes(junk)
        with pytest.raises(GoldsmithError, match=r"p\.goldsmith is not a Goldsmith project"):
            repair(path)
        assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_hint_names_the_file(desk: Desk) -> None:
    path = desk.project.path
    desk.project.close()
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(GoldsmithError) as refused:
        repair(path)
    assert refused.value.message == "Nothing in test.goldsmith could be read."
    assert refused.value.hint == "Restore a backup: goldsmith restore test.goldsmith"


def test_a_folder_is_not_repaired(tmp_path: Path) -> None:
    (tmp_path / "p.goldsmith").mkdir()
    with pytest.raises(GoldsmithError, match="is not a file"):
        repair(tmp_path / "p.goldsmith")


def test_a_repair_that_found_nothing_says_so(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.mark("Riyadh", "GPE")
    path = desk.project.path
    desk.project.close()
    _spoil(path, "articles")
    assert main(["check", str(path), "--repair"]) == 1
    said = capsys.readouterr().err
    assert "No article and no annotation could be recovered" in said
    assert "The text of “Talks in Cairo”" in said
    assert main(["recover", str(path), str(path.with_name("out.goldsmith"))]) == 0
    assert "No article and no annotation could be recovered" in capsys.readouterr().err


def test_texts_scheme_and_early_edits_come_from_a_copy(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    first = desk.mark("Riyadh", "GPE")
    copy = backup.back_up(desk.project, NOW)
    assert copy is not None
    desk.mark("Cairo", "GPE")
    edits.set_note(desk.project, first, "said later")
    before, path = soundness.tables(desk.project), desk.project.path
    desk.project.close()
    _spoil(path, "articles", "settings")
    salvage = repair(path)
    taken = " ".join(salvage.taken)
    assert "The scheme, from " in taken
    assert f"The text of 1 article, from {copy.name}" in taken
    with Project.open(salvage.path) as again:
        assert soundness.tables(again) == before
        assert again.article(desk.id).text == desk.text
    salvage.path.unlink()
    main(["check", str(path), "--repair"])
    assert "Not of this file, but the same:" in capsys.readouterr().err


def test_a_copy_of_another_project_of_that_name_is_not_taken(desk: Desk) -> None:
    desk.mark("Riyadh", "GPE")
    path = desk.project.path
    desk.project.close()
    other = path.with_name("other.goldsmith")
    with Project.create(other, scheme.load("news")) as project:
        Desk(project, "A text of another project.", desk.id)
    folder = path.with_name("test.backups")
    folder.mkdir()
    other.replace(folder / "test.20260101T000000Z.goldsmith")
    _spoil(path, "articles")
    with Project.open(repair(path).path) as again:
        assert again.articles() == []


def test_what_was_restored_away_does_not_come_back(desk: Desk) -> None:
    """The newest copy goes further than the file: a person went back."""
    path = desk.project.path
    early = backup.back_up(desk.project, NOW)
    desk.mark("Riyadh", "GPE")
    assert backup.back_up(desk.project, NOW + timedelta(hours=1)) is not None
    desk.project.close()
    assert early is not None
    backup.restore(path, early)
    salvage = repair(path)
    with Project.open(salvage.path) as again:
        assert again.document(desk.id).mentions == {}
    salvage.path.unlink()
    with Project.open(path) as project:  # and goes on another way
        edits.set_state(project, [desk.id], "done")
    _spoil(path, "articles")
    with Project.open(repair(path).path) as again:
        assert again.document(desk.id).mentions == {}
        assert again.article(desk.id).text == desk.text  # of the copy that fits
        assert again.article(desk.id).state == "done"
