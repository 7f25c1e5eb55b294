"""Relations for training, and graphs: DocRED, TACRED, GraphML, tables, JSON-LD."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from core import scheme
from core.annotation import Document, Entity, Fragment, Mention, Relation
from core.article import Article
from core.errors import FormatError
from core.formats import Report, Writer, registry
from core.formats.corpus import Corpus
from core.formats.docred import DocRed
from core.formats.graph import GraphCsv, GraphMl, JsonLd, harmless_cell
from core.formats.stream import json_values
from core.formats.tacred import Tacred
from tests.conftest import ROOT
from tests.core.documents import facts

CORPORA = ROOT.parent / "shared" / "corpora"
NEWS = scheme.load("news")

# As Re-DocRED has it: the keys of its documents, two mentions of one entity.
REDOCRED: dict[str, Any] = {
    "title": "Ross Alger",
    "sents": [
        ["Ross", "Patterson", "Alger", "was", "a", "politician", "in", "Canada", "."],
        ["Alger", "was", "born", "in", "Prelate", "."],
    ],
    "vertexSet": [
        [
            {"name": "Ross Patterson Alger", "sent_id": 0, "pos": [0, 3], "type": "PER",
             "global_pos": [0, 3], "index": "0_0"},
            {"name": "Alger", "sent_id": 1, "pos": [0, 1], "type": "PER", "global_pos": [9, 10],
             "index": "0_1"},
        ],
        [{"name": "Canada", "sent_id": 0, "pos": [7, 8], "type": "LOC", "global_pos": [7, 8],
          "index": "1_0"}],
        [{"name": "Prelate", "sent_id": 1, "pos": [4, 5], "type": "LOC", "global_pos": [13, 14],
          "index": "2_0"}],
    ],
    "labels": [
        {"r": "P27", "h": 0, "t": 1, "evidence": [0]},
        {"r": "P19", "h": 0, "t": 2, "evidence": [1]},
        {"r": "P17", "h": 2, "t": 1, "evidence": []},
    ],
}  # fmt: skip

TEXT = "Ali Mamluk’s aide met Fawzy. They talked. -Cairo agreed."
ALI, FAWZY, CAIRO = 0, TEXT.index("Fawzy"), TEXT.index("-Cairo")
GOLD = Document(
    Article("a-1", TEXT, "Talks", "SANA", url="https://example.org/1", state="done"),
    {
        "m-1": Mention("m-1", "a-1", (Fragment(0, 10),), "PERSON", entity="e-1"),
        "m-2": Mention("m-2", "a-1", (Fragment(FAWZY, FAWZY + 5),), "PERSON"),
        "m-3": Mention("m-3", "a-1", (Fragment(CAIRO, CAIRO + 6),), "GPE", entity="e-2"),
        "m-4": Mention("m-4", "a-1", (Fragment(4, 10),), "PERSON", entity="e-1"),
    },
    {
        "r-1": Relation("r-1", "a-1", "met_with", "m-1", "m-2", (Fragment(18, 21),)),
        "r-2": Relation("r-2", "a-1", "citizen_of", "m-2", "m-3"),
        "r-3": Relation("r-3", "a-1", "praised", "m-2", "m-3"),
    },
    entities={
        "e-1": Entity("e-1", "Ali Mamluk", "PERSON", "Q4724937"),
        "e-2": Entity("e-2", "-Cairo", "GPE", "https://example.org/kb/cairo"),
    },
)


def written(writer: Writer, folder: Path, document: Document = GOLD) -> tuple[Path, Report]:
    out = folder / ("out" if writer.folder else f"out{writer.extensions[0]}")
    return out, writer.write([document], NEWS, out)


def read(path: Path, *data: Any) -> list[Document]:
    path.write_text(json.dumps(list(data)), encoding="utf-8")
    return list(registry.reader_for(path).read(path, Report()))


# -- DocRED


def test_redocreds_documents(tmp_path: Path) -> None:
    [document] = read(tmp_path / "dev.json", REDOCRED)
    text = document.article.text
    assert text.startswith("Ross Patterson Alger was a politician in Canada .\nAlger was born")
    assert document.article.title == "Ross Alger"
    [entity] = document.entities.values()
    assert (entity.name, entity.type) == ("Ross Patterson Alger", "PER")
    shown = []
    for r in document.relations.values():
        head, tail = document.mentions[r.head], document.mentions[r.tail]
        shown.append((text[head.start : head.end], r.type, text[tail.start : tail.end]))
    assert shown == [
        ("Ross Patterson Alger", "P27", "Canada"),
        ("Alger", "P19", "Prelate"),  # the mention in the sentence that is the evidence
        ("Prelate", "P17", "Canada"),
    ]
    first = next(iter(document.relations.values()))
    assert [text[p.start : p.end] for p in first.evidence] == [text.split("\n")[0]]


def _native(record: dict[str, Any]) -> dict[str, Any]:
    """Only DocRED's own keys."""
    return {
        **record,
        "vertexSet": [[{k: v for k, v in m.items() if k != "entity"} for m in group]
                      for group in record["vertexSet"]],
        "labels": [{k: x[k] for k in ("r", "h", "t", "evidence")} for x in record["labels"]],
    }  # fmt: skip


def test_tokens_of_others_stay_as_they_are(tmp_path: Path) -> None:
    """Ours would cut them up otherwise; the white space between them is theirs, too."""
    record = {**REDOCRED, "sents": [["Ross", "can't", "U.S.-based", "x", ".", '"', "x", "Canada"],
                                    ["No."], ["Alger", "is", "x", "x", "Prelate"]]}  # fmt: skip
    vertex = json.loads(json.dumps(REDOCRED["vertexSet"]))
    vertex[0][0] |= {"name": "Ross can't U.S.-based"}
    for group in vertex[:1]:
        group[1] |= {"sent_id": 2}
    vertex[0][1] |= {"index": "0_1"}
    vertex[2][0] |= {"sent_id": 2, "global_pos": [13, 14]}
    record["vertexSet"] = vertex
    record["labels"] = [{"r": "P27", "h": 0, "t": 1, "evidence": [0, 2]}]
    [document] = read(tmp_path / "dev.json", record)
    out, report = written(DocRed(), tmp_path, document)
    assert report.lost == []
    assert [_native(r) for _n, r in json_values(out)] == [record]


def test_redocreds_documents_come_back(tmp_path: Path) -> None:
    [document] = read(tmp_path / "dev.json", REDOCRED)
    out, report = written(DocRed(), tmp_path, document)
    assert report.lost == []
    [(line, record)] = json_values(out)
    assert line == 2
    assert _native(record) == REDOCRED


@pytest.mark.skipif(not CORPORA.is_dir(), reason="../shared/corpora is not here")
def test_its_dev_set_in_its_own_shape(tmp_path: Path) -> None:
    """From the corpus to DocRED, back, and to DocRED again: the same, relation by relation."""
    documents = list(Corpus().read(CORPORA / "redocred_dev.jsonl", Report()))[:60]
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    report = DocRed().write(documents, NEWS, first)
    assert report.written["relations"] == sum(len(d.relations) for d in documents)
    back = list(registry.reader_for(first).read(first, Report()))
    for old, new in zip(documents, back, strict=True):
        assert len(new.mentions) == len(old.mentions)
        words = [d.article.text for d in (old, new)]
        shown = [
            sorted(
                (r.type, *("".join(text[d.mentions[e].start : d.mentions[e].end].split())
                           for e in (r.head, r.tail)))
                for r in d.relations.values()
            )
            for d, text in zip((old, new), words, strict=True)
        ]  # fmt: skip
        assert shown[0] == shown[1]
    DocRed().write(back, NEWS, second)
    assert [_native(r) for _n, r in json_values(first)] == [
        _native(r) for _n, r in json_values(second)
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"sents": [[1]]}, "lists of tokens"),
        ({"sents": []}, "no text"),
        ({"vertexSet": [[{"sent_id": 2, "pos": [0, 1], "type": "PER"}]]}, "no sentence 2"),
        ({"vertexSet": [[{"sent_id": 0, "pos": [0, 99], "type": "PER"}]]}, "there are 9"),
        ({"vertexSet": [[{"sent_id": 0, "pos": [2, 1], "type": "PER"}]]}, "at tokens"),
        ({"vertexSet": [[{"sent_id": 0, "pos": [0, 1]}]]}, "type is missing"),
        ({"vertexSet": [[]]}, "entity 0 must be a list"),
        ({"labels": [{"r": "P17", "h": 0, "t": 3}]}, "relation 1: there is no entity 3"),
        ({"labels": [{"r": "P17", "h": 0, "t": 1, "evidence": [5]}]}, "no sentence 5"),
        ({"labels": [{"h": 0, "t": 1}]}, "r is missing"),
    ],
)
def test_faults_of_docred(tmp_path: Path, change: Any, fault: str) -> None:
    with pytest.raises(FormatError, match=fault) as caught:
        read(tmp_path / "a.json", {**REDOCRED, **change})
    assert caught.value.line == 1


# -- TACRED


def test_an_example_a_relation_and_a_pair(tmp_path: Path) -> None:
    out, report = written(Tacred(), tmp_path)
    examples = json.loads(out.read_text(encoding="utf-8"))
    first = examples[0]
    assert first["token"] == ["Ali", "Mamluk", "’", "s", "aide", "met", "Fawzy", "."]
    assert (first["relation"], first["subj_type"], first["obj_type"]) == (
        "met_with", "PERSON", "PERSON",
    )  # fmt: skip
    assert (first["subj_start"], first["subj_end"]) == (0, 1)
    assert (first["obj_start"], first["obj_end"]) == (6, 6)
    assert first["stanford_ner"] == ["PERSON", "PERSON", "O", "O", "O", "O", "PERSON", "O"]
    across = examples[1]
    assert across["token"][across["obj_start"]] == "-Cairo" or across["token"][
        across["obj_start"] : across["obj_end"] + 1
    ] == ["-", "Cairo"]
    negative = [e for e in examples if e["relation"] == "no_relation"]
    assert {(e["subj_start"], e["obj_start"]) for e in negative} >= {(6, 0)}
    assert report.written["no_relation"] == len(negative)
    undone = replace(GOLD, article=replace(GOLD.article, state="new"))
    out, report = written(Tacred(), tmp_path, undone)
    assert {e["relation"] for e in json.loads(out.read_text(encoding="utf-8"))} == {
        "met_with", "citizen_of", "praised",
    }  # fmt: skip
    assert any("in no example" in note for note in report.notes)


# -- graphs


def test_graphml(tmp_path: Path) -> None:
    out, report = written(GraphMl(), tmp_path)
    tree = ElementTree.parse(out)
    name = "{http://graphml.graphdrawing.org/xmlns}"
    nodes = {n.get("id"): [d.text for d in n] for n in tree.iter(f"{name}node")}
    assert nodes == {
        "e-1": ["Ali Mamluk", "PERSON", "Q4724937"],
        "m-2": ["Fawzy", "PERSON"],
        "e-2": ["-Cairo", "GPE", "https://example.org/kb/cairo"],
    }
    edges = [(e.get("source"), e.get("target"), e[0].text) for e in tree.iter(f"{name}edge")]
    assert edges[0] == ("e-1", "m-2", "met_with")
    assert (report.written["nodes"], report.written["edges"]) == (3, 3)
    assert "not held: 1 × white space of the text" in report.lines()


def test_what_xml_can_not_hold(tmp_path: Path) -> None:
    odd = replace(GOLD, entities={**GOLD.entities, "e-1": Entity("e-1", 'a\x01<b>&"\ud800')})
    out, _report = written(GraphMl(), tmp_path, odd)
    assert 'a\ufffd<b>&"\ufffd' in [d.text for d in ElementTree.parse(out).iter() if d.text]


def test_tables_run_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    out, report = written(GraphCsv(), tmp_path)
    with (out / "nodes.csv").open(encoding="utf-8", newline="") as file:
        nodes = list(csv.DictReader(file))
    assert [n["Label"] for n in nodes] == ["Ali Mamluk", "Fawzy", "'-Cairo"]
    with (out / "edges.csv").open(encoding="utf-8", newline="") as file:
        edges = list(csv.DictReader(file))
    assert [edges[0][k] for k in ("Source", "Label", "Target")] == ["e-1", "met_with", "m-2"]
    assert edges[0]["Type"] == "Undirected"  # who met whom has no direction in the scheme
    assert edges[0]["evidence"] == "met"
    assert report.notes == ["1 cell that a spreadsheet would take for a formula begins with ' now."]
    for cell in ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1"):
        assert harmless_cell(cell) == f"'{cell}"
    assert harmless_cell("a=1") == "a=1"


def test_json_ld(tmp_path: Path) -> None:
    out, report = written(JsonLd(), tmp_path)
    graph = json.loads(out.read_text(encoding="utf-8"))["@graph"]
    triples = {
        (item["@id"], key, value["@id"])
        for item in graph
        for key, value in item.items()
        if isinstance(value, dict)
    }
    assert ("urn:goldsmith:node:m-2", "wdt:P27", "https://example.org/kb/cairo") in triples
    met = "urn:goldsmith:relation:met_with"
    assert ("wd:Q4724937", met, "urn:goldsmith:node:m-2") in triples
    assert ("urn:goldsmith:node:m-2", met, "wd:Q4724937") in triples
    assert any("met_with, praised" in note for note in report.notes)
    statement = next(i for i in graph if i["@id"] == "urn:goldsmith:statement:r-1")
    assert (statement["evidence"], statement["from"]) == ("met", "urn:goldsmith:article:a-1")


def test_an_entity_of_two_articles_is_one_node(tmp_path: Path) -> None:
    mention = replace(GOLD.mentions["m-1"], id="m-9", article="a-2")
    other = Document(
        Article("a-2", TEXT + " "), {"m-9": mention}, entities={"e-1": GOLD.entities["e-1"]}
    )
    for writer in (GraphMl(), JsonLd(), GraphCsv()):
        out = tmp_path / f"two{writer.extensions[0]}"
        assert writer.write([GOLD, other], NEWS, out).written["nodes"] == 3


def test_facts_of_docred_through_the_gold(tmp_path: Path) -> None:
    out, report = written(DocRed(), tmp_path)
    [document] = registry.reader_for(out).read(out, Report())
    smaller, _losses = DocRed().reduce(GOLD, NEWS)
    assert facts(document, DocRed.holds) == facts(smaller, DocRed.holds)
    assert report.written["tokens split"] == 0
