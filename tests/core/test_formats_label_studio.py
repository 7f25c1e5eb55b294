"""Label Studio: regions, their attributes, relations; annotations are gold, predictions are not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.dom.minidom import parseString

import pytest

from core import scheme, workflow
from core.annotation import Document, Fragment, Mention, Suggestion
from core.article import Article
from core.errors import FormatError
from core.formats import Report
from core.formats.label_studio import LabelStudio
from core.formats.loss import without
from core.project import Project
from tests.core.documents import facts
from tests.core.test_formats_exchange import (
    ALI,
    ASTRAL,
    FOREIGN,
    NEWS,
    TEXT,
    needs_foreign,
    read,
    words,
    written,
)


def test_a_task_of_label_studio(tmp_path: Path) -> None:
    path = written(LabelStudio(), tmp_path)
    [task] = json.loads(path.read_text(encoding="utf-8"))
    [annotation] = task["annotations"]
    first = annotation["result"][0]
    assert first["value"] == {
        "start": ALI, "end": ALI + 10, "text": "Ali Mamluk", "labels": ["PERSON"],
    }  # fmt: skip
    assert first["meta"] == {"text": ["Who?"]}
    assert annotation["result"][-1] == {
        "type": "relation", "from_id": "r0", "to_id": "r1", "direction": "right",
        "labels": ["met_with"],
    }  # fmt: skip
    config = parseString((path.parent / "config.xml").read_text(encoding="utf-8"))
    labels = [e.getAttribute("value") for e in config.getElementsByTagName("Label")]
    assert set(NEWS.entity_types) < set(labels)
    assert "NICK NAME" in labels
    assert LabelStudio().scheme(path).entity_types.keys() == set(labels)  # type: ignore[union-attr]


def test_offsets_of_an_old_label_studio(tmp_path: Path) -> None:
    def task(start: int, end: int) -> list[Any]:
        value = {"start": start, "end": end, "text": "Ali Mamluk", "labels": ["PERSON"]}
        return [{"data": {"text": TEXT}, "annotations": [
            {"result": [{"id": "x", "type": "labels", "value": value}]}]}]  # fmt: skip

    for start in (ALI, ALI + ASTRAL):
        [document] = read(tmp_path / "a.json", task(start, start + 10))
        assert words(document) == [("PERSON", "Ali Mamluk")]
    with pytest.raises(FormatError, match="region x: its text is “Ali Mamluk”, but the task has"):
        read(tmp_path / "a.json", task(ALI + 1, ALI + 11))


def results(*items: Any, **more: Any) -> list[Any]:
    return [{"data": {"text": "Ali met Fawzy."}, "annotations": [{"result": list(items), **more}]}]


def region(id: str, start: int, end: int, *labels: str) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": list(labels)}
    return {"id": id, "type": "labels", "value": value}


def test_relations_before_their_ends_and_turned_round(tmp_path: Path) -> None:
    arrow = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "left"}
    data = results(arrow, region("a", 0, 3, "PERSON", "NAME"), region("b", 8, 13, "PERSON"))
    [document] = read(tmp_path / "a.json", data)
    assert words(document) == [("PERSON", "Ali"), ("NAME", "Ali"), ("PERSON", "Fawzy")]
    [relation] = document.relations.values()
    assert relation.type == "relation"
    assert document.mentions[relation.head].start == 8


def test_a_region_with_labels_of_two_controls(tmp_path: Path) -> None:
    """One id, a result each; what is said of it is said of both."""
    sure = {"id": "a", "from_name": "sure", "type": "choices", "value": {"choices": ["yes"]}}
    data = results(
        region("a", 0, 3, "PERSON") | {"from_name": "ner"},
        region("a", 0, 3, "minister") | {"from_name": "role"},
        sure,
    )
    [document] = read(tmp_path / "a.json", data)
    assert words(document) == [("PERSON", "Ali"), ("minister", "Ali")]
    assert [m.attributes for m in document.mentions.values()] == [{"sure": "yes"}] * 2


def test_completions_of_an_old_label_studio(tmp_path: Path) -> None:
    [task] = results(region("a", 0, 3, "PERSON"))
    task = {"completions": task.pop("annotations"), **task}
    [document] = read(tmp_path / "a.json", [task])
    assert words(document) == [("PERSON", "Ali")]
    assert document.article.state == "done"


def test_one_annotation_is_gold_and_the_others_are_listed(tmp_path: Path) -> None:
    data = results(region("a", 0, 3, "OLD"))
    data[0]["annotations"] += [
        {"result": [region("a", 0, 3, "TRUE")], "ground_truth": True},
        {"result": [region("a", 0, 3, "LAST")]},
        {"result": [region("a", 0, 3, "CANCELLED")], "was_cancelled": True},
    ]
    report = Report()
    [document] = read(tmp_path / "a.json", data, report)
    assert words(document) == [("TRUE", "Ali")]
    assert sum(report.losses.values()) == 2
    choices = {"id": "c", "type": "choices", "value": {"choices": ["good"]}}
    report = Report()
    read(tmp_path / "a.json", results(region("a", 0, 3, "A"), choices), report)
    assert report.lines() == ["not held: 1 × attribute: choices"]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (results(region("a", 0, 99, "A")), "task 1, annotation 1, region a: it ends at 99"),
        (results(region("a", 3, 0, "A")), "not after its start"),
        (results(region("a", 0, 3)), "no label"),
        (results(region("a", 0, 3, "A"), region("a", 0, 3, "A")), "used twice"),
        (results({"type": "relation", "from_id": "a", "to_id": "b"}), "no region a"),
        ([{"data": {"image": "x.png", "name": "y"}}], "no “text”"),
        ([{"data": {"text": ""}}], "no text"),
        ([{"id": 1, "data": []}], "task 1 must be an object"),
        ('[{"data": {"text": "x"}}, {"data": ', "this is not JSON"),
        ('[{"data": {"text": "x"}} {"data": {}}]', "without a comma"),
        ('[{"data": {"text": "x"}}', "cut off"),
        ('[{"data": {"text": "x"}}] x', "follows after its end"),
        ('[{"data": {"text": "\\ud800"}}]', "surrogate"),
        ('[{"data": {"text": "x", "n": 1e999}}]', "too large"),
    ],
)
def test_faults_of_label_studio(tmp_path: Path, data: Any, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        read(tmp_path / "a.json", data)


@needs_foreign
def test_label_studios_own_files(tmp_path: Path) -> None:
    folder = FOREIGN / "label_studio"
    [document] = read(folder / "tasks.json")
    [date] = document.suggestions.values()
    assert (date.type, date.source) == ("Date", "model 1")
    assert document.article.text[date.start : date.end] == "February 22"
    with pytest.raises(FormatError, match="region ent-5: it ends at 90, but the text has 85"):
        read(folder / "sample_predictions.json")
    fixed = json.loads((folder / "sample_predictions.json").read_text(encoding="utf-8"))
    for result in fixed[0]["predictions"][0]["result"]:
        if result.get("id") == "ent-5":
            result["value"] |= {"start": 62, "end": 84}
    [document] = read(tmp_path / "a.json", fixed)
    assert sum(s.is_relation for s in document.suggestions.values()) == 2
    with pytest.raises(FormatError, match="labels no text"):
        LabelStudio().scheme(folder / "tasks.json")


# -- attributes


def said(id: str, control: str, type: str, value: Any, key: str = "") -> dict[str, Any]:
    part = {"start": 0, "end": 3, "text": "Ali"}
    return {"id": id, "from_name": control, "type": type, "value": part | {key or type: value}}


def test_attributes_of_a_region(tmp_path: Path) -> None:
    """A control's result has the id of the region, before it or after it."""
    data = results(
        said("a", "sure", "choices", ["yes"]),
        region("a", 0, 3, "PERSON"),
        said("a", "roles", "choices", ["chief", "envoy"]),
        said("a", "comment", "textarea", ["His first name."], "text"),
        said("a", "kind", "taxonomy", [["Human", "Man"]]),
        said("a", "stars", "rating", 4),
        said("a", "share", "number", 0.5),
        said("a", "born", "datetime", "1946-07-01"),
        said("a", "living:flag", "choices", ["true"]),
    )
    report = Report()
    [document] = read(tmp_path / "a.json", data, report)
    [ali] = document.mentions.values()
    assert ali.attributes == {
        "sure": "yes", "roles": ["chief", "envoy"], "comment": "His first name.",
        "kind": [["Human", "Man"]], "stars": 4, "share": 0.5, "born": "1946-07-01", "living": True,
    }  # fmt: skip
    assert report.lines() == []


def test_what_is_said_of_no_mention_is_listed(tmp_path: Path) -> None:
    data = results(
        region("a", 0, 3, "PERSON"),
        {"id": "t", "from_name": "topic", "type": "choices", "value": {"choices": ["war"]}},
        said("b", "comment", "textarea", ["no label"], "text"),
        said("a", "sure", "choices", []),
        said("a", "sure", "choices", ["yes"]),
        said("a", "sure", "choices", ["no"]),
        said("a", "pair", "pairwise", "left"),
    )
    report = Report()
    [document] = read(tmp_path / "a.json", data, report)
    assert [m.attributes for m in document.mentions.values()] == [{"sure": "yes"}]
    assert sorted(report.losses) == [
        "attribute: choices sure", "attribute: choices topic", "attribute: pairwise pair",
        "attribute: sure", "attribute: textarea comment",
    ]  # fmt: skip


PLAIN = Document(
    Article("a-1", "Ali met Fawzy.", "Ali met Fawzy."),
    {"m-1": Mention("m-1", "a-1", (Fragment(0, 3),), "PERSON")},
)
MIXED = {
    "certainty": "possible", "text": "a name of ours", "count": 3, "share": 0.5, "living": False,
    "roles": ["chief", "envoy"], "kind": [["Human"], ["Human", "Man"]], "odd:number": 5,
    "a <b> & \"c\"": "x",
}  # fmt: skip


def test_attributes_come_back_and_the_configuration_has_their_controls(tmp_path: Path) -> None:
    ali = replace(PLAIN.mentions["m-1"], attributes=MIXED)
    other = replace(ali, id="m-2", attributes={"certainty": ["possible", "denied"], "count": "no"})
    document = replace(PLAIN, mentions={"m-1": ali, "m-2": other})
    path = written(LabelStudio(), tmp_path, document)
    [found] = read(path)
    assert facts(found, LabelStudio.holds) == facts(document, LabelStudio.holds)
    [task] = json.loads(path.read_text(encoding="utf-8"))
    config = parseString((path.parent / "config.xml").read_text(encoding="utf-8"))
    controls = {
        e.getAttribute("name"): e.tagName.lower()
        for e in config.getElementsByTagName("*")
        if e.getAttribute("toName")
    }
    used = {r["from_name"]: r["type"] for r in task["annotations"][0]["result"]}
    assert used.items() <= controls.items()
    assert {"count", "count:textarea", "text:textarea", "living:flag"} < set(controls)
    assert 'choice="multiple"' in (path.parent / "config.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize("value", [None, [], [""], {"a": 1}, ["one"], [["a"], 2], float("inf")])
def test_values_that_no_control_holds_are_listed(tmp_path: Path, value: Any) -> None:
    ali = replace(PLAIN.mentions["m-1"], attributes={"x": value, "y": "kept"})
    document = replace(PLAIN, mentions={"m-1": ali})
    out = tmp_path / "out"
    report = LabelStudio().write([document], NEWS, out)
    [found] = read(out / "tasks.json")
    assert [m.attributes for m in found.mentions.values()] == [{"y": "kept"}]
    assert [loss.what for loss in report.lost] == ["x"]


def test_a_scheme_from_a_configuration(project: Project, tmp_path: Path) -> None:
    """`goldsmith scheme from` writes its text, which was empty once."""
    path = written(LabelStudio(), tmp_path)
    made = LabelStudio().scheme(path)
    assert made is not None
    again = scheme.parse(made.source)
    assert set(again.entity_types) == {*NEWS.entity_types, "NICK NAME"}
    assert set(again.relation_types) == set(NEWS.relation_types)
    assert again.attributes["certainty"].values == NEWS.attributes["certainty"].values


def test_an_attribute_of_some_labels(tmp_path: Path) -> None:
    (tmp_path / "label_config.xml").write_text(
        """<View><Labels name="ner" toName="t"><Label value="PERSON"/><Label value="ORG"/></Labels>
        <Text name="t" value="$text"/>
        <Choices name="sure" toName="t" perRegion="true" whenTagName="ner" whenLabelValue="ORG">
          <Choice value="yes"/><Choice value="no"/></Choices>
        <TextArea name="comment" toName="t" perRegion="true"/>
        <Choices name="topic" toName="t"><Choice value="war"/></Choices></View>""",
        encoding="utf-8",
    )
    found = LabelStudio().scheme(tmp_path / "tasks.json")
    assert found is not None
    assert {a.name: (a.on, a.values) for a in found.attributes.values()} == {
        "sure": (("ORG",), ("yes", "no")), "comment": ((), ()),
    }  # fmt: skip


# -- predictions


def test_predictions_have_the_models_name_and_scores(tmp_path: Path) -> None:
    arrow = {"type": "relation", "from_id": "a", "to_id": "b", "labels": ["met_with"], "score": 0.2}
    task = {"data": {"text": "Ali met Fawzy."}, "predictions": [
        {"model_version": "v2", "score": 0.7, "result": [
            region("a", 0, 3, "PERSON") | {"score": 0.9, "meta": {"text": ["a title before it"]}},
            region("b", 8, 13, "PERSON"), arrow, said("a", "sure", "choices", ["yes"])]},
        {"model_version": "v1", "score": 70, "result": [region("a", 0, 3, "ORG")]},
    ]}  # fmt: skip
    report = Report()
    [document] = read(tmp_path / "a.json", [task], report)
    text = document.article.text
    assert [
        (s.type, text[s.start : s.end] if s.fragments else "", s.source, s.score, s.why)
        for s in document.suggestions.values()
    ] == [
        ("PERSON", "Ali", "v2", 0.9, "a title before it"), ("PERSON", "Fawzy", "v2", 0.7, ""),
        ("ORG", "Ali", "v1", 1.0, ""), ("met_with", "", "v2", 0.2, ""),
    ]  # fmt: skip
    assert next(iter(document.suggestions.values())).attributes == {"sure": "yes"}
    assert report.lines() == ["not held: 1 × provenance: score 70"]
    assert document.article.state == "new"


def test_a_prediction_that_the_annotation_confirmed_is_no_suggestion(tmp_path: Path) -> None:
    data = results(region("a", 0, 3, "PERSON"))
    data[0]["predictions"] = [{"model_version": "v2", "result": [
        region("a", 0, 3, "PERSON"), region("b", 8, 13, "PERSON")]}]  # fmt: skip
    report = Report()
    [document] = read(tmp_path / "a.json", data, report)
    assert [s.start for s in document.suggestions.values()] == [8]
    assert report.lines() == ["not held: 1 × suggestion: it is gold already"]


SUGGESTED = replace(
    PLAIN,
    suggestions={
        "s-1": Suggestion("s-1", "a-1", "PERSON", (Fragment(8, 13),), source="rules", score=0.5,
                          why="after a verb", attributes={"certainty": "possible"}),
        "s-2": Suggestion("s-2", "a-1", "met_with", head="m-1", tail="s-1", source="pairs",
                          score=0.25, why="met"),
        "s-3": Suggestion("s-3", "a-1", "GPE", (Fragment(8, 13),), source="other", score=0.1),
    },
)  # fmt: skip


def test_suggestions_come_back_from_predictions(tmp_path: Path) -> None:
    """Also a relation whose ends are gold, or another suggester's: they are repeated beside it."""
    path = written(LabelStudio(), tmp_path, SUGGESTED)
    report = Report()
    [found] = read(path, report=report)
    assert facts(found, LabelStudio.holds) == facts(SUGGESTED, LabelStudio.holds)
    assert report.lines() == []
    [task] = json.loads(path.read_text(encoding="utf-8"))
    models = [(p["model_version"], p["score"]) for p in task["predictions"]]
    assert models == [("rules", 0.5), ("pairs", 0.25), ("other", 0.1)]
    for prediction in task["predictions"]:
        regions = {r["id"] for r in prediction["result"] if r["type"] == "labels"}
        for r in prediction["result"]:
            assert r["type"] != "relation" or {r["from_id"], r["to_id"]} <= regions


def test_suggestions_that_are_none_are_listed(tmp_path: Path) -> None:
    gold = Suggestion("s-1", "a-1", "PERSON", (Fragment(0, 3),), source="rules", score=0.5)
    rejected = Suggestion("s-2", "a-1", "GPE", (Fragment(0, 3),), source="x", state="rejected")
    document = replace(PLAIN, suggestions={"s-1": gold, "s-2": rejected})
    report = LabelStudio().write([document], NEWS, tmp_path / "out")
    assert [loss.item for loss in report.lost] == ["s-1", "s-2"]
    [found] = read(tmp_path / "out" / "tasks.json")
    expected = without(document, report.lost)
    assert facts(found, LabelStudio.holds) == facts(expected, LabelStudio.holds)


def test_open_suggestions_are_exported_when_asked_for(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    [task] = results()
    task["annotations"] = []
    task["predictions"] = [{"model_version": "v2", "result": [region("a", 0, 3, "PERSON")]}]
    path.write_text(json.dumps([task]), encoding="utf-8")
    workflow.add_paths(project, [path])
    workflow.export(project, tmp_path / "gold", "label-studio")
    [bare] = json.loads((tmp_path / "gold" / "tasks.json").read_text(encoding="utf-8"))
    # An annotation, though empty, would tell Label Studio that somebody has done the task.
    assert (bare["annotations"], "predictions" in bare) == ([], False)
    workflow.export(project, tmp_path / "all", "label-studio", include_suggestions=True)
    [full] = json.loads((tmp_path / "all" / "tasks.json").read_text(encoding="utf-8"))
    assert [p["model_version"] for p in full["predictions"]] == ["v2"]
