"""What Goldsmith writes, read by the programs that it is written for, in their own environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import scheme
from core.annotation import Document
from core.formats import Writer
from core.formats.graph import GraphMl, JsonLd
from core.formats.jsonl import Jsonl
from core.formats.label_studio import LabelStudio
from tests.conftest import ROOT
from tests.core.test_formats_exchange import GOLD as EMOJI
from tests.core.test_formats_label_studio import MIXED, SUGGESTED
from tests.core.test_formats_relations import GOLD

NEWS = scheme.load("news")


def _python() -> str:
    code = "import sys; sys.path.insert(0, 'dev'); import clients; print(clients.python() or '')"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


PYTHON = _python()
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="the clients are not installed: python dev/clients.py (750 MB)"
)


def client(*arguments: object) -> Any:
    """What the client says."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment |= {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
    command = [PYTHON, str(ROOT / "dev" / "client_checks.py"), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def written(writer: Writer, out: Path, *documents: Any) -> Path:
    writer.write(documents, NEWS, out)
    return out


def renamed(document: Document) -> Document:
    """`document` under other ids: none may stand for two things in one file."""

    def new(item: Any) -> Any:
        ends = {k: v + "x" for k in ("head", "tail") if (v := getattr(item, k, ""))}
        return replace(item, id=item.id + "x", article="a-2", **ends)

    return replace(
        document,
        article=replace(document.article, id="a-2"),
        mentions={f"{k}x": new(m) for k, m in document.mentions.items()},
        relations={f"{k}x": new(r) for k, r in document.relations.items()},
    )


def test_networkx(tmp_path: Path) -> None:
    seen = client("graphml", written(GraphMl(), tmp_path / "a.graphml", GOLD))
    assert seen["directed"]
    assert seen["nodes"]["e-1"] == {"label": "Ali Mamluk", "type": "PERSON", "kb_id": "Q4724937"}
    assert len(seen["nodes"]) == 3
    types = [(a, b, data["type"]) for a, b, data in seen["edges"]]
    assert types == [
        ("e-1", "m-2", "met_with"), ("m-2", "e-2", "citizen_of"), ("m-2", "e-2", "praised"),
    ]  # fmt: skip
    assert seen["edges"][0][2]["symmetric"] is True
    assert seen["edges"][0][2]["evidence"] == "met"


def test_rdflib(tmp_path: Path) -> None:
    triples = [tuple(t) for t in client("json-ld", written(JsonLd(), tmp_path / "a.jsonld", GOLD))]
    mamluk = "http://www.wikidata.org/entity/Q4724937"
    fawzy = "urn:goldsmith:node:m-2"
    assert (
        fawzy,
        "http://www.wikidata.org/prop/direct/P27",
        "https://example.org/kb/cairo",
    ) in triples
    assert (mamluk, "urn:goldsmith:relation:met_with", fawzy) in triples
    assert (mamluk, "http://www.w3.org/2000/01/rdf-schema#label", "Ali Mamluk") in triples
    statements = [s for s, p, o in triples if o.endswith("rdf-syntax-ns#Statement")]
    assert len(statements) == 3


# With attributes of all kinds, and with suggestions.
SAID = replace(
    SUGGESTED, mentions={id: replace(m, attributes=MIXED) for id, m in SUGGESTED.mentions.items()}
)


def test_label_studio(tmp_path: Path) -> None:
    folder = written(LabelStudio(), tmp_path / "ls", EMOJI, GOLD, SAID)
    seen = client("label-studio", folder)
    assert (seen["accepted"], seen["wrong"]) == ([True] * 3, False)
    assert seen["predictions"] == [True] * 3
    for labels, document in zip(seen["labels"], (EMOJI, GOLD, SAID), strict=True):
        text = document.article.text
        assert labels == [
            [m.start, m.end, text[m.start : m.end], [m.type]] for m in document.mentions.values()
        ]


def test_datasets(tmp_path: Path) -> None:
    jsonl = written(Jsonl(), tmp_path / "a.jsonl", EMOJI, renamed(GOLD))
    seen = client("huggingface", jsonl, tmp_path / "hf")
    assert seen["same bytes"]
    assert seen["lost"] == []
    for row, document in zip(seen["rows"], (EMOJI, GOLD), strict=True):
        text = document.article.text
        assert row["text"] == text
        assert [text[t["start"] : t["end"]] for t in row["token_offsets"]] == row["tokens"]
        assert len(row["ner_tags"]) == len(row["tokens"])
        for m, found in zip(document.mentions.values(), row["mentions"], strict=True):
            assert (found["type"], found["start"], found["end"]) == (m.type, m.start, m.end)
            inside = row["token_offsets"][found["token_start"] : found["token_end"]]
            assert (inside[0]["start"], inside[-1]["end"]) == (m.start, m.end)
        ids = {m["id"] for m in row["mentions"]}
        assert all({r["head"], r["tail"]} <= ids for r in row["relations"])
        assert [r["type"] for r in row["relations"]] == [
            r.type for r in document.relations.values()
        ]
    assert seen["rows"][0]["ner_tags"].count("B-PERSON") == 2
    assert "2 articles, 7 mentions, 4 relations" in seen["card"]
