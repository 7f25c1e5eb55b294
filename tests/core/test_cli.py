"""The command line, end to end on real files, and that its page is up to date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli import main
from core.cli.page import page
from core.project import Project
from tests.conftest import ROOT, SEED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project with the seed article in it."""
    path = tmp_path / "p.goldsmith"
    assert main(["init", str(path)]) == 0
    assert main(["add", str(path), str(SEED)]) == 0
    return path


def test_the_main_job(path: Path, tmp_path: Path) -> None:
    assert main(["suggest", str(path)]) == 0
    out = tmp_path / "out.jsonl"
    assert main(["export", str(path), str(out), "--format", "jsonl", "--include-suggestions"]) == 0
    (line,) = out.read_text(encoding="utf-8").splitlines()
    data = json.loads(line)
    assert {m["status"] for m in data["mentions"]} == {"suggested"}
    assert all(m["source"] == "goldsmith" and 0 < m["score"] <= 1 for m in data["mentions"])
    assert data["relations"]
    for mention in data["mentions"]:
        assert data["text"][mention["start"] : mention["end"]] == mention["text"]


def test_an_export_does_not_overwrite_unasked(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("mine", encoding="utf-8")
    assert main(["export", str(path), str(out)]) == 1
    assert out.read_text(encoding="utf-8") == "mine"
    assert main(["export", str(path), str(out), "--force"]) == 0


def test_each_ending_is_named_once(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(path), str(tmp_path / "gold.xyz")]) == 1
    said = capsys.readouterr().err
    assert said.count(".jsonl,") == 1


def test_the_same_article_twice_is_said(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["add", str(path), str(SEED)]) == 0
    assert "already" in capsys.readouterr().err
    with Project.open(path) as project:
        assert len(project.articles()) == 1


def test_one_bad_file_and_nothing_is_added(path: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.txt", tmp_path / "b.txt"
    good.write_text("A good one.", encoding="utf-8")
    bad.write_bytes(b"\x00\x01")
    assert main(["add", str(path), str(good), str(bad)]) == 1
    with Project.open(path) as project:
        assert len(project.articles()) == 1
    assert main(["add", str(path), str(good), str(bad), "--skip-bad"]) in (0, 1)
    with Project.open(path) as project:
        assert len(project.articles()) == 2


def test_exit_codes(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", str(tmp_path / "none.goldsmith")]) == 1
    assert main(["frobnicate"]) == 2
    with Project.open(path):
        assert main(["suggest", str(path)]) == 3
        assert main(["stats", str(path), "--json"]) == 0  # reading is never locked out
    assert json.loads(capsys.readouterr().out)


def test_gold_of_others_stays_gold_and_is_checked(path: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "c.jsonl"
    corpus.write_text(
        json.dumps(
            {"id": "1", "text": "Ali Hassan came.", "entities": [
                {"id": "T1", "start": 0, "end": 10, "label": "PER"}]}
        ),
        encoding="utf-8",
    )  # fmt: skip
    assert main(["check", str(path)]) == 0
    assert main(["add", str(path), str(corpus)]) == 0
    with Project.open(path) as project:
        document = project.document(project.articles()[-1].id)
        assert [m.type for m in document.mentions.values()] == ["PER"]
    assert main(["check", str(path)]) == 1


def test_the_page_of_commands_is_up_to_date() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == page(), "run: goldsmith docs > docs/cli.md"
