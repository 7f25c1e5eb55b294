"""Every verb of the command line, with paths as a person types them: from where she is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from core.cli import COMMANDS, main
from tests.conftest import SEED

# What is typed in the folder of the project, after the word.
TYPED = {
    "init": ["new"],
    "add": ["p", "story.txt"],
    "suggest": ["p"],
    "export": ["p", "gold", "--format", "brat"],
    "duplicates": ["p"],
    "scheme": ["from", "story.txt"],
    "preview": ["p", "story.txt"],
    "stats": ["p"],
    "agreement": ["p", "p.goldsmith"],
    "check": ["p", "--against", "other.goldsmith"],
    "replay": ["p"],
    "learn": ["p", "--check"],
    "next": ["p"],
    "vetoes": ["p"],
    "train": ["corpora", "--to", "pipeline"],
    "backup": ["p", "--list"],
    "restore": ["p", "copy.goldsmith"],
    "unlock": ["p"],
    "step": ["p", "undo"],
    "sound": ["p"],
    "recover": ["p", "recovered.goldsmith"],
    "suggesters": [],
    "formats": [],
    "docs": [],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an article, and copies of it."""
    folder = tmp_path_factory.mktemp("made")
    path = folder / "p.goldsmith"
    assert main(["init", str(path)]) == 0
    assert main(["add", str(path), str(SEED)]) == 0
    for name in ("other", "copy"):
        shutil.copyfile(path, folder / f"{name}.goldsmith")
    (folder / "story.txt").write_text("Ali met Khaled in Cairo.", encoding="utf-8")
    (folder / "corpora").mkdir()
    return folder


def test_every_verb_is_typed() -> None:
    assert set(TYPED) == set(COMMANDS)


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_relative_path_is_one_from_here(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: str,
) -> None:
    here = tmp_path / "here"
    shutil.copytree(made, here)
    monkeypatch.chdir(here)
    code = main([verb, *TYPED[verb]])
    relative = capsys.readouterr().err
    assert "should not have happened" not in relative
    # The same as with whole paths, whatever that is.
    again = tmp_path / "again"
    shutil.copytree(made, again)
    whole = [
        str(again / word) if word in ("p", "new") or (made / word).exists() or "." in word else word
        for word in TYPED[verb]
    ]
    whole = [str(again / word) if word in ("gold", "pipeline") else word for word in whole]
    monkeypatch.chdir(os.sep)
    assert main([verb, *whole]) == code, relative


def test_back_to_a_copy_that_the_examples_name(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "here"
    shutil.copytree(made, here)
    monkeypatch.chdir(here)
    assert main(["backup", "p"]) == 0
    (copy,) = Path("p.backups").iterdir()
    assert main(["restore", "p", str(copy)]) == 0
    assert "Restored" in capsys.readouterr().err
    assert main(["check", "p", "--repair"]) == 0
    assert "Recovered" in capsys.readouterr().err
