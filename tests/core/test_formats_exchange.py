"""What other annotation tools write and read: doccano, Prodigy, Label Studio."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core import edits, scheme, workflow
from core.annotation import Document, Fragment, Mention, Relation
from core.article import Article, title_of
from core.errors import FormatError
from core.formats import Reader, Report, Writer, registry
from core.formats.doccano import Doccano, DoccanoSpans
from core.formats.label_studio import LabelStudio
from core.formats.prodigy import Prodigy
from core.formats.stream import json_values
from core.formats.units import Unit, named
from core.project import Project
from tests.conftest import ROOT
from tests.core.documents import facts

FOREIGN = ROOT.parent / "shared" / "foreign"
NEWS = scheme.load("news")
needs_foreign = pytest.mark.skipif(not FOREIGN.is_dir(), reason="../shared/foreign is not here")

TEXT = "👨🏻‍🚒 Ali Mamluk  met Fawzy’s aide."
ALI, FAWZY = TEXT.index("Ali"), TEXT.index("Fawzy")
ASTRAL = 3  # characters before Ali that UTF-16 counts twice
GOLD = Document(
    Article("a-1", TEXT, title_of(TEXT), "SANA", state="done", meta={"k": [1]}),
    {
        "m-1": Mention("m-1", "a-1", (Fragment(ALI, ALI + 10),), "PERSON", note="Who?"),
        "m-2": Mention("m-2", "a-1", (Fragment(FAWZY, FAWZY + 5),), "PERSON"),
        "m-3": Mention("m-3", "a-1", (Fragment(ALI, ALI + 3),), "NICK NAME", {"sure": True}),
    },
    {"r-1": Relation("r-1", "a-1", "met_with", "m-1", "m-2")},
)


def read(path: Path, data: Any = None, report: Report | None = None) -> list[Document]:
    if data is not None:
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return list(registry.reader_for(path).read(path, report or Report()))


def words(document: Document) -> list[tuple[str, str]]:
    text = document.article.text
    return [(m.type, text[m.start : m.end]) for m in document.mentions.values()]


def written(writer: Writer, folder: Path, document: Document = GOLD) -> Path:
    out = folder / ("out" if writer.folder else f"out{writer.extensions[0]}")
    writer.write([document], NEWS, out)
    return out / "tasks.json" if writer.folder else out


@pytest.mark.parametrize("writer", [Doccano(), DoccanoSpans(), Prodigy(), LabelStudio()])
def test_emoji_move_nothing(tmp_path: Path, writer: Writer) -> None:
    [document] = read(written(writer, tmp_path))
    assert document.article.text == TEXT
    assert words(document) == words(GOLD)


# -- doccano


def test_doccano_counts_utf_16(tmp_path: Path) -> None:
    record = json.loads(written(Doccano(), tmp_path).read_text(encoding="utf-8"))
    assert record["entities"][0] == {
        "id": 0, "label": "PERSON", "start_offset": ALI + ASTRAL, "end_offset": ALI + ASTRAL + 10,
    }  # fmt: skip
    assert record["relations"] == [{"id": 0, "from_id": 0, "to_id": 1, "type": "met_with"}]
    spans = json.loads(written(DoccanoSpans(), tmp_path).read_text(encoding="utf-8"))
    assert spans["label"][0] == [ALI + ASTRAL, ALI + ASTRAL + 10, "PERSON"]
    assert (spans["outlet"], spans["meta"]) == ("SANA", {"k": [1]})


def test_an_old_doccano_numbers_its_labels(tmp_path: Path) -> None:
    """It was read as an article without annotations: those were metadata."""
    data = {"id": 3, "text": "Ali met Fawzy.", "meta": {}, "annotations": [
        {"label": 2, "start_offset": 0, "end_offset": 3, "user": 1},
        {"label": 2, "start_offset": 8, "end_offset": 13, "user": 1},
    ]}  # fmt: skip
    [document] = read(tmp_path / "a.jsonl", data)
    assert words(document) == [("2", "Ali"), ("2", "Fawzy")]
    assert "annotations" not in document.article.meta
    assert [m.attributes for m in document.mentions.values()] == [{"user": 1}] * 2


def test_the_example_of_doccanos_own_issue(tmp_path: Path) -> None:
    """Issue 2290: the word is at 22 to 32 in doccano, at 19 to 29 in Python."""
    text = "👨🏻‍🚒 firemen drive firetrucks"
    assert text[19:29] == "firetrucks"
    data = {"text": text, "label": [[22, 32, "THING"]]}
    assert words(read(tmp_path / "a.jsonl", data)[0]) == [("THING", "firetrucks")]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"text": "🇸🇾 x", "label": [[1, 2, "A"]]}, "middle of “🇸”"),
        ({"text": "abc", "label": [[0, 4, "A"]]}, "ends at 4, but the text has 3"),
        ({"text": "abc", "label": [[2, 1, "A"]]}, "label 1: it ends at 1"),
        ({"text": "abc", "label": [[-1, 1, "A"]]}, "starts at -1"),
        ({"text": "abc", "label": [[0, 1, ""]]}, "must not be empty"),
        ({"text": "abc", "label": [[0, True, "A"]]}, "whole number"),
        ({"text": " ", "label": []}, "no text"),
        (
            {"text": "abc",
             "entities": [{"id": 1, "start_offset": 0, "end_offset": 1, "label": "A"}],
             "relations": [{"from_id": 1, "to_id": 2, "type": "r"}]},
            "relation 1: there is no entity 2",
        ),
        (
            {"text": "abc", "entities": [
                {"id": 1, "start_offset": 0, "end_offset": 1, "label": "A"},
                {"id": 1, "start_offset": 1, "end_offset": 2, "label": "A"}]},
            "id 1 is used twice",
        ),
    ],
)  # fmt: skip
def test_faults_of_doccano(tmp_path: Path, data: Any, fault: str) -> None:
    with pytest.raises(FormatError, match=fault) as caught:
        read(tmp_path / "a.jsonl", data)
    assert caught.value.line == 1


# Ali Mamluk behind a flag, a family of three and a letter with its accent apart.
MARKED = "🇸🇾 👨‍👩‍👧 Ame\u0301lie met Ali Mamluk."
COUNTED = {Unit.POINTS: 21, Unit.UTF16: 26, Unit.GRAPHEMES: 15}


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("shape", ["label", "entities"])
def test_what_a_person_says_that_offsets_count(tmp_path: Path, unit: Unit, shape: str) -> None:
    start, end = COUNTED[unit], COUNTED[unit] + 10
    entity = {"id": 1, "label": "PERSON", "start_offset": start, "end_offset": end}
    shapes = {"label": [[start, end, "PERSON"]], "entities": [entity]}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": MARKED, shape: shapes[shape]}), encoding="utf-8")
    reader = registry.configured(registry.reader_for(path), offsets=unit)
    [document] = reader.read(path, Report())
    assert words(document) == [("PERSON", "Ali Mamluk")]


def test_offsets_that_count_something_else_are_told(tmp_path: Path) -> None:
    """The words show it; a person says what is right."""
    for unit in (Unit.POINTS, Unit.GRAPHEMES):
        label = [COUNTED[unit], COUNTED[unit] + 10, "PERSON"]
        with pytest.raises(FormatError, match=f"--offsets {unit}") as caught:
            read(tmp_path / "a.jsonl", {"text": MARKED, "label": [label]})
        assert caught.value.line == 1
    utf16 = [COUNTED[Unit.UTF16], COUNTED[Unit.UTF16] + 10, "PERSON"]
    assert words(read(tmp_path / "a.jsonl", {"text": MARKED, "label": [utf16]})[0])


@pytest.mark.parametrize(
    "label", [[0, 3, "A"], [9, 16, "A"], [1, 4, "A"]], ids=["word", "white space", "in a word"]
)
def test_offsets_of_which_nothing_else_is_sure_are_taken(tmp_path: Path, label: list[Any]) -> None:
    """No other unit makes words of them, or all units are the same."""
    for text in ("Ali Mamluk met Fawzy.", "Ali Mamluk met Fawzy 🇸🇾."):
        [document] = read(tmp_path / "a.jsonl", {"text": text, "label": [label]})
        assert words(document) == [("A", text[label[0] : label[1]])]


@pytest.mark.parametrize("writer", [Doccano(), DoccanoSpans()])
def test_gold_of_ours_that_cuts_words_is_not_doubted(tmp_path: Path, writer: Writer) -> None:
    """Read as code points it would be whole words."""
    text = "🇸🇾 Alice met x Bob now"
    part = Mention("m-1", "a-1", (Fragment(7, 10),), "PERSON")
    document = Document(Article("a-1", text, text), {"m-1": part})
    [found] = read(written(writer, tmp_path, document))
    assert [m.fragments for m in found.mentions.values()] == [part.fragments]
    record = json.loads((tmp_path / f"out{writer.extensions[0]}").read_text(encoding="utf-8"))
    assert record["offsets"] == "utf-16"


def test_offsets_by_the_command_line(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    label = [COUNTED[Unit.GRAPHEMES], COUNTED[Unit.GRAPHEMES] + 10, "PERSON"]
    path.write_text(json.dumps({"text": MARKED, "label": [label]}), encoding="utf-8")
    with pytest.raises(workflow.NothingAdded, match="--offsets graphemes"):
        workflow.add_paths(project, [path])
    report = workflow.add_paths(project, [path], offsets=named("graphemes"))
    assert (report.added, report.mentions) == (1, 1)
    assert named("") is None
    with pytest.raises(FormatError, match="utf-16, code-points, graphemes"):
        named("bytes")


@needs_foreign
@pytest.mark.parametrize(
    "name",
    ["export_sequence_labeling", "sequence_labeling_example_overlapping",
     "import_relation_extraction", "export_relation_extraction"],
)  # fmt: skip
def test_doccanos_own_files_come_back(tmp_path: Path, name: str) -> None:
    path = FOREIGN / "doccano" / f"{name}.jsonl"
    before = [value for _line, value in json_values(path)]
    writer = Doccano() if "relation" in name else DoccanoSpans()
    report = writer.write(read(path), NEWS, tmp_path / "out.jsonl")
    assert report.lost == []
    after = [value for _line, value in json_values(tmp_path / "out.jsonl")]
    for record in (*before, *after):
        for relation in record.get("relations", []):
            relation.pop("id", None)  # optional: one of the two examples has none
    assert after == before


@needs_foreign
def test_a_line_of_doccano_without_a_text_is_refused() -> None:
    with pytest.raises(FormatError, match="document 3: the article has no text") as caught:
        read(FOREIGN / "doccano" / "sequence_labeling_example.jsonl")
    assert caught.value.line == 3


# -- Prodigy


def test_a_task_of_prodigy(tmp_path: Path) -> None:
    task = json.loads(written(Prodigy(), tmp_path).read_text(encoding="utf-8"))
    assert "".join(t["text"] + " " * t["ws"] for t in task["tokens"]) == TEXT
    for token in task["tokens"]:
        assert TEXT[token["start"] : token["end"]] == token["text"]
    for span in task["spans"]:
        assert task["tokens"][span["token_start"]]["start"] == span["start"]
        assert task["tokens"][span["token_end"]]["end"] == span["end"]
    [relation] = task["relations"]
    assert relation["head"] == task["spans"][0]["token_end"] == relation["head_span"]["token_end"]
    assert task["spans"][2]["sure"] is True
    assert task["meta"] == {"outlet": "SANA", "state": "done", "k": [1]}
    assert task["answer"] == "accept"


def test_what_rel_component_makes_of_it(tmp_path: Path) -> None:
    """As its script does: words and spaces make a Doc, a relation's ends are spans' last tokens."""
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import Doc

    task = json.loads(written(Prodigy(), tmp_path).read_text(encoding="utf-8"))
    words_, spaces = zip(*[(t["text"], t["ws"]) for t in task["tokens"]], strict=True)
    doc = Doc(spacy.blank("en").vocab, words=list(words_), spaces=list(spaces))
    assert doc.text == TEXT
    starts = {}
    for span in task["spans"]:
        found = doc.char_span(span["start"], span["end"], label=span["label"])
        assert found is not None
        starts[span["token_end"]] = span["token_start"]
    [relation] = task["relations"]
    assert doc[starts[relation["head"]]].text == "Ali"
    assert doc[starts[relation["child"]]].text == "Fawzy"


def test_answers(tmp_path: Path) -> None:
    span = {"start": 0, "end": 3, "label": "PERSON"}
    task = {"text": "Ali left.", "spans": [span], "relations": [
        {"head": 0, "child": 0, "head_span": span, "child_span": span, "label": "is"}]}  # fmt: skip
    tasks = [{**task, "answer": a} for a in ("accept", "reject", "ignore")]
    path = tmp_path / "a.jsonl"
    accepted, rejected, ignored = read(path, "\n".join(map(json.dumps, [*tasks])))
    assert (len(accepted.mentions), accepted.article.state) == (1, "done")
    assert not rejected.mentions
    assert [s.state for s in rejected.suggestions.values()] == ["rejected"] * 2
    assert [s.state for s in ignored.suggestions.values()] == ["open"] * 2
    assert ignored.article.state == "new"


def test_a_relation_between_words_is_listed(tmp_path: Path) -> None:
    ends = {"start": 0, "end": 3, "label": None}
    task = {"text": "Ali left.", "spans": [], "tokens": [], "_task_hash": 1, "relations": [
        {"head": 0, "child": 1, "head_span": ends, "child_span": ends, "label": "nsubj"},
    ]}  # fmt: skip
    report = Report()
    [document] = read(tmp_path / "a.jsonl", task, report)
    assert not document.relations
    assert report.lines() == ["not held: 1 × relation: nsubj"]


@pytest.mark.parametrize(
    ("span", "fault"),
    [
        ({"start": 0, "end": 30, "label": "A"}, "task 1, span 1: it ends at 30"),
        ({"start": 0, "end": 3}, "label is missing"),
        ({"start": 0, "label": "A"}, "no start and end"),
        ({"start": 0, "end": 3, "label": "A", "text": "Bob"}, "its text is “Bob”"),
        ({"start": 0, "end": 3, "label": "A", "type": "rect"}, "no images"),
        (5, "must be an object"),
    ],
)
def test_faults_of_prodigy(tmp_path: Path, span: Any, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        read(tmp_path / "a.jsonl", {"text": "Ali left.", "spans": [span]})


def _comparable(task: dict[str, Any]) -> dict[str, Any]:
    """A task without what is made anew: tokens, hashes, and the ids that spans got."""
    made = {"tokens", "_input_hash", "_task_hash", "token_start", "token_end", "head", "child"}
    if isinstance(task, dict):
        made |= {"color"} if "head_span" in task else set()
        made |= {"id", "type", "text"} if "start" in task else set()
        return {k: _comparable(v) for k, v in task.items() if k not in made}
    return [_comparable(v) for v in task] if isinstance(task, list) else task


@needs_foreign
@pytest.mark.parametrize("name", ["rel_component", "emerson_annotated_text"])
def test_prodigys_own_files_come_back(tmp_path: Path, name: str) -> None:
    path = FOREIGN / "prodigy" / f"{name}.jsonl"
    before = [value for _line, value in json_values(path)]
    report = Prodigy().write(read(path), NEWS, tmp_path / "out.jsonl")
    assert report.lost == []
    after = [value for _line, value in json_values(tmp_path / "out.jsonl")]
    for old, new in zip(before, after, strict=True):
        assert new["meta"].pop("state") == ("done" if old["answer"] == "accept" else "new")
        old.setdefault("relations", [])
        old["answer"] = "accept"
        assert _comparable(new) == _comparable(old)


# -- all of them


def test_a_big_array_is_read_a_value_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for n in range(3000):
            file.write(("," if n else "") + "\n" + json.dumps({"n": n, "text": "é🇸🇾\n" * 200}))
        file.write("]\n")
    lines = [line for line, value in json_values(path)]
    assert lines == list(range(2, 3002))


@pytest.mark.parametrize("writer", [Doccano(), DoccanoSpans(), Prodigy(), LabelStudio()])
def test_through_a_project_and_back(project: Project, tmp_path: Path, writer: Writer) -> None:
    assert isinstance(writer, Reader)
    report = workflow.add_paths(project, [written(writer, tmp_path)])
    assert (report.added, report.mentions) == (1, 3)
    out = tmp_path / ("back" if writer.folder else f"back{writer.extensions[0]}")
    workflow.export(project, out, writer.name)
    again = out / "tasks.json" if writer.folder else out
    [document] = read(again)
    expected, _losses = writer.reduce(GOLD, NEWS)
    assert facts(document, writer.holds) == facts(expected, writer.holds)


def test_a_folder_that_label_studio_was_given_comes_back_as_a_folder(
    project: Project, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"goldsmith": 1, "id": "a-1", "text": "Ali left.", "mentions": [
        {"id": "m-1", "type": "PERSON", "start": 0, "end": 3}]}))  # fmt: skip
    workflow.add_paths(project, [gold])
    workflow.export(project, tmp_path / "out", "label-studio")
    edits.remove_articles(project, ["a-1"])
    report = workflow.add_paths(project, [tmp_path / "out"])
    assert (report.added, report.mentions) == (1, 1)
