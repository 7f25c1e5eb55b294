"""Formats: what comes in is what was there, what goes out comes back, what is wrong is said."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import scheme
from core.annotation import (
    Document,
    Entity,
    Fragment,
    Mention,
    Relation,
    Suggestion,
    fragments,
)
from core.article import Article
from core.errors import FormatError
from core.formats import Report, registry
from tests.conftest import ROOT

CORPORA = ROOT.parent / "shared" / "corpora"
NEWS = scheme.load("news")


def read(path: Path) -> list[Document]:
    return list(registry.reader_for(path).read(path, Report()))


# -- plain text


@pytest.mark.parametrize(
    "text",
    [
        "Plain.",
        "e\u0301t\u00e9 🇺🇦👩‍👩‍👧 Kyiv",
        "a\r\nb\rc\n\n\td",
        "شكراً جزيلاً",
        "नमस्ते",
        " lead and trail \n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_kept_to_the_character(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    (document,) = read(path)
    assert document.article.text == text


RUSSIAN = (
    "Президент России заявил в понедельник, что переговоры в Женеве продолжатся на следующей "
    "неделе. По его словам, стороны договорились о прекращении огня на востоке страны. "
) * 3


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), ("Ärger über Öl in Köln", "cp1252")],
)
def test_another_encoding_is_read_right_or_refused_never_mangled(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    refusal, text_read = "", text
    try:
        text_read = read(path)[0].article.text
    except FormatError as error:
        refusal = str(error)
    assert text_read == text
    assert not refusal or "UTF-8" in refusal


def test_a_long_cyrillic_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(RUSSIAN.encode("cp1251"))
    (document,) = read(path)
    assert document.article.text == RUSSIAN


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \r\n\t ",
        b"\xef\xbb\xbf",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"text\x00more",
        bytes(range(256)),
    ],
)
def test_empty_and_binary_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"a\.txt"):
        read(path)


def test_ten_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = "Syria said on Monday that it agreed.\n" * 280_000
    path.write_text(text, encoding="utf-8")
    (document,) = read(path)
    assert len(document.article.text) == len(text) > 10_000_000


# -- Goldsmith JSONL

TEXT = "Ali Mamluk 🇸🇾 met e\u0301t\u00e9 الرياض\r\nin Cairo, 2017."
words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
spans = st.lists(
    st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 6)).map(
        lambda pair: (pair[0], min(len(TEXT), pair[0] + pair[1]))
    ),
    min_size=1,
    max_size=3,
).map(fragments)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    entities = {f"e-{n}": Entity(f"e-{n}", draw(words), "GPE", draw(words)) for n in range(2)}
    mentions = {
        f"m-{n}": Mention(
            f"m-{n}", "a-1", draw(spans), draw(st.sampled_from(["GPE", "ODD TYPE"])),
            draw(st.dictionaries(words, json_values, max_size=2)), draw(words),
            draw(st.none() | st.sampled_from(sorted(entities))), draw(words), "import:x",
            draw(st.none() | st.floats(0, 1)),
        )
        for n in range(draw(st.integers(0, 4)))
    }  # fmt: skip
    ids = sorted(mentions)
    relations = {
        f"r-{n}": Relation(
            f"r-{n}", "a-1", "visited", draw(st.sampled_from(ids)), draw(st.sampled_from(ids)),
            draw(st.just(()) | spans), draw(st.dictionaries(words, json_values, max_size=2)),
            draw(words), draw(words),
        )
        for n in range(draw(st.integers(0, 3)) if ids else 0)
    }  # fmt: skip
    suggestions = {
        f"s-{n}": Suggestion(
            f"s-{n}",
            "a-1",
            "ORG",
            draw(spans),
            source="rules",
            score=draw(st.floats(0, 1)),
            why=draw(words),
        )
        for n in range(draw(st.integers(0, 3)))
    }
    if suggestions and ids:
        suggestions["s-r"] = Suggestion(
            "s-r",
            "a-1",
            "visited",
            head=ids[0],
            tail="s-0",
            evidence=draw(spans),
            source="rules",
            score=0.5,
        )
    used = {m.entity for m in mentions.values()}
    return Document(
        Article("a-1", TEXT, draw(words), draw(words), published="2017-01-01", state="done",
                meta=draw(st.dictionaries(words, json_values, max_size=2))),
        mentions, relations, suggestions, {k: v for k, v in entities.items() if k in used},
    )  # fmt: skip


@settings(max_examples=150)
@given(document=documents())
def test_jsonl_comes_back_without_loss(tmp_path: Path, document: Document) -> None:
    path = tmp_path / "a.jsonl"
    report = registry.writer("jsonl").write([document], NEWS, path)
    assert not report.lost
    (back,) = read(path)
    assert back == document
    again = tmp_path / "b.jsonl"
    registry.writer("jsonl").write([back], NEWS, again)
    assert again.read_bytes() == path.read_bytes()


GOOD: dict[str, Any] = {
    "goldsmith": 1, "id": "a-1", "text": "Ali met Bob in Rome.",
    "mentions": [
        {"id": "m-1", "type": "PERSON", "fragments": [[0, 3]], "start": 0, "end": 3},
        {"id": "m-2", "type": "PERSON", "fragments": [[8, 11]], "start": 8, "end": 11},
    ],
    "relations": [{"id": "r-1", "type": "met_with", "head": "m-1", "tail": "m-2"}],
}  # fmt: skip


def with_change(*path: Any, value: Any) -> dict[str, Any]:
    data = json.loads(json.dumps(GOOD))
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return data


def test_the_least_that_a_line_needs(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(GOOD) + "\n", encoding="utf-8")
    (document,) = read(path)
    assert set(document.mentions) == {"m-1", "m-2"}
    assert set(document.relations) == {"r-1"}


@pytest.mark.parametrize(
    "bad",
    [
        with_change("goldsmith", value=99),
        with_change("goldsmith", value="one"),
        with_change("text", value=None),
        with_change("text", value=7),
        with_change("text", value="half \ud800"),
        with_change("mentions", value={}),
        with_change("mentions", 0, "fragments", value=[[0, 999]]),
        with_change("mentions", 0, "fragments", value=[[3, 0]]),
        with_change("mentions", 0, "fragments", value=[[0, 2], [1, 3]]),
        with_change("mentions", 0, "fragments", value=[["0", 3]]),
        with_change("mentions", 0, "fragments", value=[]),
        with_change("mentions", 0, "id", value="m-2"),
        with_change("mentions", 0, "type", value=""),
        with_change("mentions", 0, "text", value="Bob"),
        with_change("mentions", 0, "status", value="silver"),
        with_change("mentions", 0, "entity", value="e-none"),
        with_change("relations", 0, "head", value="m-none"),
        with_change("relations", 0, "evidence", value=[[0, 999]]),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(tmp_path: Path, bad: dict[str, Any]) -> None:
    path = tmp_path / "a.jsonl"
    good = dict(GOOD, id="a-0", text=GOOD["text"] + " Twice.")
    path.write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\n", encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read(path)
    assert caught.value.line == 2
    assert "a.jsonl" in str(caught.value)


@pytest.mark.parametrize(
    "line", ["{", "[1]", '{"goldsmith": 1, "id": "a", "text": "x", "score": NaN}', "\x00"]
)
def test_lines_that_are_no_json_objects(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read(path)
    assert caught.value.line == 2


# -- corpora


@pytest.mark.skipif(not CORPORA.is_dir(), reason="../shared/corpora is not here")
@pytest.mark.parametrize(
    "name", sorted(p.name for p in CORPORA.glob("*.jsonl")) if CORPORA.is_dir() else ["none"]
)
def test_corpora_are_read_whole(name: str) -> None:
    path = CORPORA / name
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found = read(path)
    assert [d.article.text for d in found] == [line["text"] for line in lines]
    for document, line in zip(found, lines, strict=True):
        spans = sorted((e["start"], e["end"], e["label"]) for e in line["entities"])
        assert sorted((m.start, m.end, m.type) for m in document.mentions.values()) == spans
        assert len(document.relations) == len(line["relations"])


# -- DocBin


@settings(max_examples=60)
@given(document=documents())
def test_docbin_holds_every_gold_fragment(tmp_path: Path, document: Document) -> None:
    import spacy
    from spacy.tokens import DocBin

    path = tmp_path / "a.spacy"
    registry.writer("docbin").write([document], NEWS, path)
    (doc,) = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    assert doc.text == TEXT
    found = sorted((s.start_char, s.end_char, s.label_) for s in doc.spans["mentions"])
    wanted = sorted(
        (f.start, f.end, m.type) for m in document.mentions.values() for f in m.fragments
    )
    assert found == wanted
    assert len(doc.user_data["relations"]) == len(document.relations)
    flat = [(e.start_char, e.end_char) for e in doc.ents]
    assert all(a[1] <= b[0] for a, b in pairwise(flat))


def test_tokens_are_split_at_gold_boundaries_and_counted(tmp_path: Path) -> None:
    half = Mention("m-1", "a-1", (Fragment(1, 4),), "PERSON")
    report = registry.writer("docbin").write(
        [Document(Article("a-1", "Mamluk came."), {"m-1": half})], NEWS, tmp_path / "a.spacy"
    )
    assert any("split" in note for note in report.notes)


# -- the registry


def test_a_file_of_no_format_is_refused_with_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(FormatError, match=r"a\.docx"):
        read(path)
    with pytest.raises(FormatError, match="jsonl"):
        registry.writer("xml")


def test_nothing_stands_at_the_place_unless_all_was_written(tmp_path: Path) -> None:
    def broken():
        yield Document(Article("a-1", "Text."))
        raise RuntimeError

    out = tmp_path / "a.jsonl"
    with pytest.raises(RuntimeError):
        registry.writer("jsonl").write(broken(), NEWS, out)
    assert list(tmp_path.iterdir()) == []
