"""Corpora in JSON Lines: everything that a record holds is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.annotation import Document
from core.errors import FormatError
from core.formats import Report, registry
from core.formats.corpus import Corpus
from tests.conftest import ROOT

CORPORA = ROOT.parent / "shared" / "corpora"
RECORD: dict[str, Any] = {
    "id": "d1",
    "text": "🇸🇾 Ali Mamluk met him. Mamluk left.",
    "title": "Talks",
    "source": "https://example.org/1",
    "publisher": "SANA",
    "licence": "CC BY 4.0",
    "date": "2018-12-23",
    "genre": "news",
    "entities": [
        {"id": "T1", "start": 3, "end": 13, "label": "PER", "cluster": "c1", "named": True,
         "link": "Ali_Mamlouk", "confidence": 0.9},
        {"id": "T2", "start": 18, "end": 21, "label": "PER", "cluster": "c2", "pron": True},
        {"id": "T3", "start": 23, "end": 29, "label": "PER", "cluster": "c1", "named": True},
        {"id": "T4", "start": 3, "end": 6, "label": "PER", "link": "Ali"},
    ],
    "relations": [
        {"head": "T1", "tail": "T2", "label": "met", "trigger": [14, 17], "pid": "P1",
         "evidence": [0]},
        {"head": "T3", "tail": "T1", "label": "same"},
    ],
}  # fmt: skip


def read(path: Path, *records: dict[str, Any]) -> list[Document]:
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return list(Corpus().read(path, Report()))


def test_nothing_of_a_record_is_lost(tmp_path: Path) -> None:
    [document] = read(tmp_path / "re3d.jsonl", RECORD)
    article = document.article
    assert (article.outlet, article.published) == ("SANA", "2018-12-23")
    assert article.source == article.url == "https://example.org/1"
    assert (article.title, article.licence) == ("Talks", "CC BY 4.0")
    assert article.meta["id"] == "d1"
    assert article.meta["genre"] == "news"
    first, pronoun, last, inner = document.mentions.values()
    assert [m.type for m in document.mentions.values()] == ["PER"] * 4
    assert first.attributes == {"named": True, "confidence": 0.9}
    assert first.source == "import:re3d"
    assert first.score is None
    assert inner.attributes == {"link": "Ali"}  # in no cluster, so there is no entity to hold it
    assert inner.entity is None
    assert first.entity == last.entity == article.meta["clusters"]["c1"]
    assert pronoun.entity == article.meta["clusters"]["c2"]
    entity = document.entities[first.entity or ""]
    assert (entity.name, entity.type, entity.kb_id) == ("Ali Mamluk", "PER", "Ali_Mamlouk")
    met, same = document.relations.values()
    assert (met.type, met.head, met.tail) == ("met", first.id, pronoun.id)
    assert met.evidence == ((14, 17),)
    assert met.attributes == {"pid": "P1", "evidence": [0]}
    assert (same.head, same.tail, same.evidence) == (last.id, first.id, ())


def test_ids_are_new_in_every_reading(tmp_path: Path) -> None:
    one, two = read(tmp_path / "c.jsonl", RECORD, RECORD)
    ids = [one.article.id, *one.mentions, *one.relations, *one.entities]
    assert not {*ids} & {two.article.id, *two.mentions, *two.relations, *two.entities}
    assert len({*ids}) == len(ids)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"entities": [{"id": "T1", "start": 3, "end": 99, "label": "X"}]}, "T1: it ends at 99"),
        ({"entities": [{"id": "T1", "start": 3, "label": "X"}]}, "no start and end"),
        ({"entities": [{"start": 3, "end": 1, "label": "X"}]}, "entity #1: it ends at 1"),
        ({"entities": [{"start": 3, "end": 4}]}, "label is missing"),
        ({"entities": [{"id": "T", "start": 3, "end": 4, "label": "X"}] * 2}, "T is used twice"),
        ({"entities": [7]}, "entity 1 must be an object"),
        ({"relations": [{"head": "T9", "tail": "T1", "label": "x"}]}, "no entity T9"),
        ({"relations": [{"head": "T1", "label": "x"}]}, "tail is missing"),
        ({"relations": [{"head": "T1", "tail": "T2", "label": "x", "trigger": [5]}]}, "trigger"),
        ({"relations": [{"head": "T1", "tail": "T2", "label": "x", "trigger": [5, 99]}]}, "99"),
        ({"text": ""}, "no text"),
        ({"relations": {}}, "relations must be a list"),
    ],
)
def test_faults_are_told_with_their_line(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "c.jsonl"
    with pytest.raises(FormatError, match=reason) as caught:
        read(path, RECORD, RECORD | changes)
    assert (caught.value.path, caught.value.line) == (str(path), 2)


def test_it_is_told_from_goldsmiths_own(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    for first, name in (
        (RECORD, "corpus"),
        ({"goldsmith": 1, "text": "x", "entities": []}, "jsonl"),
        ({"text": "doccano", "label": []}, "doccano"),
        ({"words": "of nobody"}, "jsonl"),
    ):
        path.write_text(json.dumps(first))
        assert registry.reader_for(path).name == name
    with pytest.raises(FormatError, match="not Goldsmith's format"):
        list(registry.reader_for(path).read(path, Report()))


@pytest.mark.parametrize("name", ["gum_news_train", "re3d_dev", "redocred_dev"])
def test_real_corpora_are_kept_to_the_last_key(name: str) -> None:
    path = CORPORA / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()][:60]
    documents = Corpus().read(path, Report())
    for data, document in zip(lines, documents, strict=False):
        assert document.article.text == data["text"]
        kept = {*document.article.meta, "text", "entities", "relations", "title", "source"}
        assert not data.keys() - kept - {"publisher", "licence"}
        mentions = list(document.mentions.values())
        for item, mention in zip(data["entities"], mentions, strict=True):
            assert (item["start"], item["end"], item["label"]) == (
                mention.start, mention.end, mention.type,
            )  # fmt: skip
            entity = document.entities.get(mention.entity or "")
            said = {k: v for k, v in item.items() if k in mention.attributes}
            assert said == mention.attributes
            missing = item.keys() - said.keys() - {"id", "start", "end", "label"}
            assert missing <= {"cluster", "link"}
            if "link" in missing:
                assert entity is not None
                assert entity.kb_id == item["link"]
        local = {item["id"]: m.id for item, m in zip(data["entities"], mentions, strict=True)}
        for item, relation in zip(data["relations"], document.relations.values(), strict=True):
            assert (local[item["head"]], local[item["tail"]], item["label"]) == (
                relation.head, relation.tail, relation.type,
            )  # fmt: skip
            rest = item.keys() - {"head", "tail", "label", "trigger"}
            assert {k: item[k] for k in rest} == relation.attributes
