"""Goldsmith's own JSON Lines: no loss, and every fault is told with file and line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import scheme
from core.annotation import (
    Document,
    Entity,
    Fragments,
    Mention,
    Relation,
    Suggestion,
    fragments,
)
from core.article import Article
from core.errors import FormatError
from core.formats import Report
from core.formats.jsonl import Jsonl
from tests.conftest import ROOT

NEWS = scheme.load("news")

_words = st.sampled_from(
    [
        "Ali",
        "🇺🇦",
        "e\u0301",
        "كييف",
        "\u202bשלום\u202c",
        "\r\n",
        " ",
        "\u2028",
        "\x85",
        "\t",
        "👩‍👩‍👧",
        "中",
    ]
)
_texts = st.one_of(
    st.lists(_words, min_size=1, max_size=20).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
).filter(str.strip)
_strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | _strings,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_strings, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_attributes = st.dictionaries(_strings, _json, max_size=3)
_scores = st.floats(0, 1)


@st.composite
def _parts(draw: st.DrawFn, length: int, least: int = 1) -> Fragments:
    spans = draw(
        st.lists(
            st.tuples(st.integers(0, length - 1), st.integers(1, length)).map(
                lambda p: (min(p[0], p[1] - 1), max(p[0] + 1, p[1]))
            ),
            min_size=least,
            max_size=3,
        )
    )
    return fragments(spans)


@st.composite
def documents(draw: st.DrawFn, id: str = "a-0") -> Document:
    """Anything that a project can hold about one article."""
    text = draw(_texts)
    article = Article(
        id=id,
        text=text,
        **{
            name: draw(_strings)
            for name in ("title", "outlet", "author", "url", "published", "language", "licence")
        },
        source=draw(_strings),
        state=draw(st.sampled_from(["new", "done"])),
        meta=draw(_attributes),
    )
    entities = {
        e: Entity(e, draw(_strings), draw(_strings), draw(_strings), draw(_strings))
        for e in (f"{id}-e{n}" for n in range(draw(st.integers(0, 2))))
    }
    mentions = {}
    for n in range(draw(st.integers(0, 4))):
        mentions[f"{id}-m{n}"] = Mention(
            f"{id}-m{n}",
            id,
            draw(_parts(len(text))),
            draw(_names),
            draw(_attributes),
            draw(_strings),
            draw(st.sampled_from([None, *entities])),
            draw(_strings),
            draw(_strings),
            draw(st.none() | _scores),
        )
    suggestions = {}
    for n in range(draw(st.integers(0, 3))):
        own = f"{id}-s{n}"
        state = draw(st.sampled_from(["open", "accepted", "rejected"]))
        if state == "accepted" and mentions:
            own = draw(st.sampled_from(sorted(mentions)))  # gold keeps the suggestion's id
        suggestions[own] = Suggestion(
            own,
            id,
            draw(_names),
            draw(_parts(len(text))),
            attributes=draw(_attributes),
            source=draw(_strings),
            score=draw(_scores),
            why=draw(_strings),
            state=state,
        )
    relations = {}
    if mentions:
        gold = st.sampled_from(sorted(mentions))
        either = st.sampled_from(sorted({*mentions, *suggestions}))
        for n in range(draw(st.integers(0, 3))):
            relations[f"{id}-r{n}"] = Relation(
                f"{id}-r{n}",
                id,
                draw(_names),
                draw(gold),
                draw(gold),
                draw(_parts(len(text), 0)),
                draw(_attributes),
                draw(_strings),
                draw(_strings),
                draw(_strings),
                draw(st.none() | _scores),
            )
        for n in range(draw(st.integers(0, 2))):
            suggestions[f"{id}-t{n}"] = Suggestion(
                f"{id}-t{n}",
                id,
                draw(_names),
                head=draw(either),
                tail=draw(either),
                evidence=draw(_parts(len(text), 0)),
                source=draw(_strings),
                score=draw(_scores),
            )
    return Document(article, mentions, relations, suggestions, entities)


def read(path: Path) -> list[Document]:
    return list(Jsonl().read(path, Report()))


@settings(max_examples=80)
@given(st.data())
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    written = [data.draw(documents(f"a-{n}")) for n in range(data.draw(st.integers(1, 2)))]
    out = tmp_path_factory.getbasetemp() / "roundtrip.jsonl"
    report = Jsonl().write(written, NEWS, out)
    assert read(out) == written
    assert report.written["mentions"] == sum(len(d.mentions) for d in written)
    first = out.read_bytes()
    Jsonl().write(read(out), NEWS, out)
    assert out.read_bytes() == first


# -- faults


def line(**changes: Any) -> dict[str, Any]:
    """A small line, with changes."""
    return {
        "goldsmith": 1,
        "id": "a-1",
        "text": "🇺🇦 Kyiv and Cairo",
        "mentions": [mention("m-1", 3, 7), mention("m-2", 12, 17)],
        "relations": [{"id": "r-1", "type": "t", "head": "m-1", "tail": "m-2"}],
    } | changes


def mention(id: str, first: int, last: int, **more: Any) -> dict[str, Any]:
    return {"id": id, "type": "GPE", "fragments": [[first, last]]} | more


def with_mention(**changes: Any) -> dict[str, Any]:
    return line(mentions=[mention("m-1", 3, 7, **changes), mention("m-2", 12, 17)])


def with_relation(**changes: Any) -> dict[str, Any]:
    relation = {"id": "r-1", "type": "t", "head": "m-1", "tail": "m-2"} | changes
    return line(relations=[relation])


FAULTS: dict[str, tuple[dict[str, Any] | str | bytes, str]] = {
    "not JSON": ('{"goldsmith": 1', "not JSON"),
    "not an object": ("[1, 2]", "no JSON object"),
    "not UTF-8": (b'{"goldsmith": 1, "text": "caf\xe9"}', "not UTF-8 \\(byte 30\\)"),
    "NaN": ('{"goldsmith": 1, "text": "x", "meta": {"a": NaN}}', "NaN is not a number"),
    "infinity": ('{"goldsmith": 1, "text": "x", "meta": {"a": -Infinity}}', "-Infinity"),
    "surrogate": ('{"goldsmith": 1, "text": "\\ud83d"}', "half of a surrogate pair"),
    "surrogate in meta": ('{"goldsmith":1,"text":"x","meta":{"\\uDE00":1}}', "surrogate"),
    "key twice": ('{"goldsmith": 1, "text": "x", "text": "y"}', "“text” is there twice"),
    "deep": ('{"a":' * 100_000, "not JSON"),
    "huge number": ('{"goldsmith": 1, "meta": {"a": ' + "9" * 5000 + "}}", "not JSON"),
    "no version": ({"text": "x"}, "not Goldsmith's format"),
    "newer": (line(goldsmith=2), "newer Goldsmith \\(format 2"),
    "version is text": (line(goldsmith="1"), "whole number"),
    "no text": (line(text=" \n", mentions=[], relations=[]), "no text"),
    "text is a number": (line(text=5), "text must be a text, not 5"),
    "unknown key": (line(mentoins=[]), "no key “mentoins”. Did you mean “mentions”"),
    "own key": (line(colour="red"), "“meta”"),
    "state": (line(state="ready"), "state must be new | done"),
    "meta": (line(meta=[]), "meta must be an object"),
    "mentions": (line(mentions={}), "mentions must be a list"),
    "mention": (line(mentions=["m"]), "mention 1 must be an object"),
    "past the end": (with_mention(fragments=[[3, 99]]), "mention m-1: it ends at 99, .* has 17"),
    "negative": (with_mention(fragments=[[-1, 3]]), "starts at -1"),
    "reversed": (with_mention(fragments=[[7, 3]]), "ends at 3, .* start 7"),
    "empty span": (with_mention(fragments=[[3, 3]]), "not after its start"),
    "overlap": (with_mention(fragments=[[0, 4], [3, 7]]), "overlap, touch"),
    "touch": (with_mention(fragments=[[0, 3], [3, 7]]), "overlap, touch"),
    "out of order": (with_mention(fragments=[[5, 7], [0, 2]]), "out of order"),
    "no fragments": (with_mention(fragments=[]), "no fragments"),
    "float offsets": (with_mention(fragments=[[3.0, 7]]), "whole numbers"),
    "bool offsets": (with_mention(fragments=[[False, True]]), "whole numbers"),
    "triple": (with_mention(fragments=[[1, 2, 3]]), "pairs"),
    "start differs": (with_mention(start=2), "start is 2, but its fragments say 3"),
    "end differs": (with_mention(end=8), "end is 8"),
    "text differs": (with_mention(text="Kiev"), "“Kiev”, but the article has “Kyiv”"),
    "no type": (with_mention(type=""), "type must not be empty"),
    "status": (with_mention(status="silver"), "gold | suggested"),
    "score": (with_mention(score=1.5), "score must be a number from 0 to 1"),
    "score is bool": (with_mention(score=True), "score"),
    "note is a list": (with_mention(note=["x"]), "note must be a text"),
    "attributes": (with_mention(attributes=[1]), "attributes must be an object"),
    "unknown mention key": (with_mention(label="x"), "“attributes”"),
    "why of gold": (with_mention(why="x"), "no key “why”"),
    "entity": (with_mention(entity="e-9"), "no entity e-9"),
    "same id": (line(mentions=[mention("m-1", 3, 7), mention("m-1", 12, 17)]), "used twice"),
    "id of the article": (line(mentions=[mention("a-1", 3, 7)], relations=[]), "used twice"),
    "unknown head": (with_relation(head="m-9"), "relation r-1: there is no mention m-9"),
    "unknown tail": (with_relation(tail="m-9"), "no mention m-9"),
    "no head": (with_relation(head=None), "head is missing"),
    "evidence": (with_relation(evidence=[[0, 99]]), "ends at 99"),
    "gold on a suggestion": (
        line(mentions=[mention("m-1", 3, 7, status="suggested"), mention("m-2", 12, 17)]),
        "m-1 is only suggested",
    ),
    "entity without id": (line(entities=[{"name": "x"}]), "entity 1: id is missing"),
    "entity twice": (line(entities=[{"id": "e"}, {"id": "e"}]), "two entities"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_told_with_file_and_line(fault: str, tmp_path: Path) -> None:
    bad, reason = FAULTS[fault]
    if isinstance(bad, dict):
        bad = json.dumps(bad, ensure_ascii=False)
    good = json.dumps({"goldsmith": 1, "text": "fine"}).encode()
    path = tmp_path / "some.jsonl"
    path.write_bytes(good + b"\n\n" + (bad if isinstance(bad, bytes) else bad.encode()) + b"\n")
    lines = Jsonl().read(path, Report())
    assert next(lines).article.text == "fine"  # a line at a time
    with pytest.raises(FormatError, match=reason) as caught:
        next(lines)
    assert caught.value.line == 3
    assert str(caught.value).startswith(f"{path}:3: ")


def test_ids_must_differ_across_lines(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps(line()) + "\n" + json.dumps(line(id="a-2")))
    with pytest.raises(FormatError, match=r"m-1.*twice") as caught:
        read(path)
    assert caught.value.line == 2


def test_an_entity_may_be_in_many_lines_if_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    one = {"goldsmith": 1, "text": "x", "entities": [{"id": "e", "name": "X"}]}
    path.write_text(json.dumps(one) + "\n" + json.dumps(one))
    assert [d.entities["e"].name for d in read(path)] == ["X", "X"]
    path.write_text(json.dumps(one) + "\n" + json.dumps(one).replace('"X"', '"Y"'))
    with pytest.raises(FormatError, match="stands for two entities"):
        read(path)


def test_little_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    small = {
        "goldsmith": 1,
        "text": "Ali in Rome",
        "mentions": [{"type": "P", "start": 0, "end": 3}],
    }
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(small).encode())
    [document] = read(path)
    [found] = document.mentions.values()
    assert (found.fragments, found.source, found.score) == (((0, 3),), "manual", None)
    assert document.article.title == "Ali in Rome"
    assert found.id
    assert document.article.id


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text("\n \n")
    with pytest.raises(FormatError, match="no article"):
        read(path)


def test_nothing_appears_unless_all_was_written(tmp_path: Path) -> None:
    out = tmp_path / "gold.jsonl"
    out.write_text("as before")

    def stopping() -> Iterator[Document]:
        yield Document(Article("a", "one"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Jsonl().write(stopping(), NEWS, out)
    assert out.read_text() == "as before"
    assert list(tmp_path.iterdir()) == [out]
    bad = Document(Article("a", "one", meta={"x": float("nan")}))
    with pytest.raises(FormatError, match="article a holds what JSON can't"):
        Jsonl().write([bad], NEWS, out)
    assert list(tmp_path.iterdir()) == [out]


def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="can't be written"):
        Jsonl().write([], NEWS, tmp_path / "none" / "x.jsonl")


def test_the_example_in_the_docs_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "formats" / "jsonl.md").read_text(encoding="utf-8")
    example = re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0]
    path = tmp_path / "example.jsonl"
    path.write_text(example.replace("\n", " "), encoding="utf-8")
    [document] = read(path)
    assert len(document.mentions) == 2
    assert len(document.suggestions) == 1
    assert document.article.state == "done"
    again = tmp_path / "again.jsonl"
    Jsonl().write([document], NEWS, again)
    assert read(again) == [replace(document)]


def test_the_docs_name_every_key(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "formats" / "jsonl.md").read_text(encoding="utf-8")
    article = Article("a", "t", "t", "o", "a", "u", "p", "l", "l", "s", meta={"k": 1})
    gold = Mention("m", "a", fragments([(0, 1)]), "T", {"k": 1}, "n", "e", "w", "s", 0.5)
    relation = Relation("r", "a", "T", "m", "m", fragments([(0, 1)]), {"k": 1}, "n", "w", "s", 0.5)
    open = Suggestion("s", "a", "T", fragments([(0, 1)]), source="s", why="w", state="rejected")
    entity = Entity("e", "n", "t", "k", "n")
    everything = Document(article, {"m": gold}, {"r": relation}, {"s": open}, {"e": entity})
    out = tmp_path / "x.jsonl"
    Jsonl().write([everything], NEWS, out)
    data = json.loads(out.read_text())
    items = [data, *data["mentions"], *data["relations"], *data["entities"]]
    assert [key for item in items for key in item if f"`{key}`" not in page] == []
