"""Schemes made from what files hold, and tables from a file's types to the project's."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from core import cli, scheme, typemap, workflow
from core.annotation import Document, Entity, Fragment, Mention, Relation, Suggestion
from core.article import Article
from core.errors import FormatError
from core.observed import observe
from core.project import Project
from core.typemap import TypeMap


def document() -> Document:
    article = Article("a-1", "Ali leads the bureau in Cairo.")
    ali = Mention("m-1", "a-1", (Fragment(0, 3),), "person", {"named": "yes"}, entity="e-1")
    bureau = Mention("m-2", "a-1", (Fragment(14, 20),), "Organisation")
    cairo = Mention("m-3", "a-1", (Fragment(24, 29),), "misc", {"seen": 3}, entity="e-2")
    led = Relation("r-1", "a-1", "led by", "m-2", "m-1")
    inside = Relation("r-2", "a-1", "located in", "m-2", "m-3")
    guess = Suggestion("m-4", "a-1", "misc", (Fragment(4, 9),), source="x", score=0.5)
    maybe = Suggestion("r-3", "a-1", "led by", head="m-2", tail="m-1", source="x", score=0.5)
    return Document(
        article,
        {m.id: m for m in (ali, bureau, cairo)},
        {r.id: r for r in (led, inside)},
        {s.id: s for s in (guess, maybe)},
        {e.id: e for e in (Entity("e-1", "Ali"), Entity("e-2", "Cairo"))},
    )


def test_a_scheme_admits_exactly_what_was_seen() -> None:
    made = observe([document()]).scheme("mine")
    assert list(made.entity_types) == ["misc", "Organisation", "person"]
    assert made.relation_types["led by"].head == ("Organisation",)
    assert made.relation_types["led by"].tail == ("person",)
    assert made.relation_types["located in"].tail == ("misc",)
    assert made.attributes["named"].values == ("yes",)
    assert made.attributes["seen"].values == ()  # a number is no text to choose from
    assert made.attributes["seen"].on == ("misc",)
    keys = [key for kind in made.entity_types.values() for key in kind.keys]
    assert len(keys) == len(set(keys)) == 3
    assert scheme.parse(made.source) == made


def test_nothing_seen_is_no_scheme() -> None:
    with pytest.raises(FormatError, match="no mention"):
        observe([Document(Article("a", "Text"))]).scheme("empty")


def test_surely_the_same_is_guessed_and_the_rest_left() -> None:
    table = typemap.guess(observe([document()]), scheme.load("news"))
    assert table.mentions == {"misc": "misc", "Organisation": "ORG", "person": "PERSON"}
    assert table.relations == {"led by": "leads", "located in": "located_in"}
    assert table.reversed == {"led by"}
    assert typemap.parse(table.dumps()) == table


def test_types_are_mapped_left_out_and_turned_and_all_is_counted() -> None:
    table = TypeMap({"person": "PERSON", "misc": ""}, {"led by": "leads"}, frozenset({"led by"}))
    changed: Counter[str] = Counter()
    made = table.apply(document(), changed)
    assert {m.type for m in made.mentions.values()} == {"PERSON", "Organisation"}
    assert [(r.type, r.head, r.tail) for r in made.relations.values()] == [("leads", "m-1", "m-2")]
    assert [(s.type, s.head, s.tail) for s in made.suggestions.values()] == [
        ("leads", "m-1", "m-2")
    ]
    assert list(made.entities) == ["e-1"]
    assert changed == {
        "person → PERSON": 1, "misc → –": 2, "led by → leads": 2, "located in → –": 1,
    }  # fmt: skip
    same = document()
    assert TypeMap().apply(same, changed) is same


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[mentions\n", "line 1"),
        ("[mention]\n", r"no table \[mention\]"),
        ("[mentions]\na = 1\n", "must be a type in quotes"),
        ("mentions = 3\n", "must be a table"),
        ("[options]\nreverse = []\n", "only the key reversed"),
        ("[options]\nreversed = 'x'\n", "must be a list"),
    ],
)
def test_a_wrong_table_is_refused_with_its_fault(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=fault) as caught:
        typemap.load(path)
    assert caught.value.path == str(path)


def corpus(path: Path) -> Path:
    record = {
        "id": "1",
        "text": "Ali leads the bureau in Cairo.",
        "entities": [
            {"id": "T1", "start": 0, "end": 3, "label": "person"},
            {"id": "T2", "start": 14, "end": 20, "label": "organisation"},
        ],
        "relations": [{"head": "T2", "tail": "T1", "label": "led by"}],
    }
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def test_from_file_to_table_to_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, place = corpus(tmp_path / "c.jsonl"), tmp_path / "p.goldsmith"
    made, table = tmp_path / "made.toml", tmp_path / "map.toml"
    assert cli.main(["scheme", "from", str(file), "--out", str(made)]) == 0
    assert set(scheme.load(made).entity_types) == {"person", "organisation"}
    assert cli.main(["scheme", "from", str(file), "--out", str(made)]) == 1  # never over a file
    assert cli.main(["init", str(place)]) == 0
    assert cli.main(["scheme", "map", str(place), str(file), "--out", str(table)]) == 0
    assert typemap.load(table).relations == {"led by": "leads"}
    assert cli.main(["add", str(place), str(file), "--map", str(table)]) == 0
    assert "led by → leads (1)" in capsys.readouterr().err
    with Project.open(place) as project:
        (found,) = project.documents()
        (relation,) = found.relations.values()
        assert (relation.type, found.mentions[relation.head].type) == ("leads", "PERSON")


def test_an_import_says_which_types_the_table_changed(project: Project, tmp_path: Path) -> None:
    report = workflow.add_paths(
        project, [corpus(tmp_path / "c.jsonl")], types=TypeMap({"organisation": ""})
    )
    assert report.mapped == {"organisation → –": 1, "led by → –": 1}
    assert report.outside == {"person": 1}
