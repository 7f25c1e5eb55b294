"""spaCy's DocBin: every gold span is there, whatever the tokens were, and the text is exact."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import scheme
from core.annotation import Document, Entity, Fragments, Mention, Relation, Suggestion, fragments
from core.article import Article
from core.errors import FormatError
from core.formats import Report
from core.formats.docbin import DocBin
from tests.conftest import ROOT

NEWS = scheme.load("news")


def mention(id: str, *spans: tuple[int, int], type: str = "GPE", **more: Any) -> Mention:
    return Mention(id, "a", fragments(spans), type, **more)


def document(text: str, *mentions: Mention, **more: Any) -> Document:
    return Document(Article("a", text, state="done"), {m.id: m for m in mentions}, **more)


def load(out: Path) -> list[Any]:
    """As anybody would: spaCy only, no extension registered."""
    from spacy.tokens import DocBin as Reader
    from spacy.vocab import Vocab

    return list(Reader().from_disk(out).get_docs(Vocab()))


def written(tmp_path: Path, *documents: Document) -> tuple[list[Any], Report]:
    out = tmp_path / "gold.spacy"
    report = DocBin().write(documents, NEWS, out)
    return load(out), report


def spans_of(doc: Any) -> list[tuple[str, str, int, int]]:
    return [(s.id_, s.label_, s.start_char, s.end_char) for s in doc.spans["mentions"]]


_texts = st.lists(
    st.sampled_from(
        ["Ali", " ", "  ", "\r\n", "\n\n", "\t", "\u00a0", "\u2028", "U.S.", "don't", "🇺🇦",
         "e\u0301",
         "القاهرة", "中国", "$5,000", "-", "”", "x" * 30, "\u200d"]
    ),
    min_size=1,
    max_size=14,
).map("".join)  # fmt: skip


@st.composite
def _documents(draw: st.DrawFn) -> Document:
    text = draw(_texts)
    edges = st.integers(0, len(text))
    pairs = st.tuples(edges, edges).filter(lambda p: p[0] != p[1]).map(lambda p: tuple(sorted(p)))
    mentions = [
        mention(f"m{n}", *draw(st.lists(pairs, min_size=1, max_size=2)), type=draw(_types))
        for n in range(draw(st.integers(0, 6)))
    ]
    return document(text, *mentions)


_types = st.sampled_from(["GPE", "PERSON", "a type with spaces"])


@settings(max_examples=60)
@given(_documents())
def test_no_span_is_lost_and_the_text_is_exact(
    tmp_path_factory: pytest.TempPathFactory, wanted: Document
) -> None:
    [doc], report = written(tmp_path_factory.getbasetemp(), wanted)
    text = wanted.article.text
    assert doc.text == text
    assert sorted(spans_of(doc)) == sorted(
        (m.id, m.type, *f) for m in wanted.mentions.values() for f in m.fragments
    )
    for ent in doc.ents:
        assert wanted.mentions[ent.id_].fragments == ((ent.start_char, ent.end_char),)
    # What is not in doc.ents has a reason, and is counted under it.
    flat = {e.id_ for e in doc.ents}
    left = [m for m in wanted.mentions.values() if m.id not in flat]
    covered = {i for e in doc.ents for i in range(e.start_char, e.end_char)}
    for m in left:
        assert (
            len(m.fragments) > 1
            or text[m.start].isspace()
            or text[m.end - 1].isspace()
            or covered & set(range(m.start, m.end))
        )
    counted = sum(int(n.split()[0]) for n in report.notes if "doc.spans only" in n)
    assert counted == len(left)


def test_of_overlapping_mentions_the_longest_is_an_entity(tmp_path: Path) -> None:
    text = "University of Cairo press"
    [doc], report = written(
        tmp_path,
        document(text, mention("m1", (14, 19)), mention("m2", (0, 19)), mention("m3", (0, 10))),
    )
    assert [(e.text, e.id_) for e in doc.ents] == [("University of Cairo", "m2")]
    assert len(doc.spans["mentions"]) == 3
    assert report.notes == ["2 mentions overlap longer ones: in doc.spans only."]


def test_tokens_are_split_and_the_rest_is_left_as_spacy_has_it(tmp_path: Path) -> None:
    [doc], report = written(
        tmp_path, document("Anti-Syrians in Beirut", mention("m", (5, 11)), mention("n", (16, 22)))
    )
    assert [t.text for t in doc] == ["Anti", "-", "Syrian", "s", "in", "Beirut"]
    assert report.notes == ["1 token was split, because gold begins or ends inside it."]


def test_attributes_relations_and_entities_survive(tmp_path: Path) -> None:
    head = mention("m1", (0, 3), type="PERSON", attributes={"a": [1, {"b": None}]}, entity="e1")
    tail = mention("m2", (8, 13))
    relation = Relation("r1", "a", "visited", "m1", "m2", ((4, 7),), note="sure")
    source = document(
        "Ali saw Cairo",
        head,
        tail,
        relations={"r1": relation},
        entities={"e1": Entity("e1", "Ali", "PERSON", "Q1")},
        suggestions={"s": Suggestion("s", "a", "GPE", fragments([(4, 7)]), source="rules")},
    )
    [doc], report = written(tmp_path, source)
    assert [s.kb_id_ for s in doc.spans["mentions"]] == ["Q1", ""]
    assert doc.ents[0].kb_id_ == "Q1"
    [found] = doc.user_data["relations"]
    assert (found["type"], found["head"], found["tail"]) == ("visited", "m1", "m2")
    assert found["note"] == "sure"
    data = doc.user_data["goldsmith"]
    assert data["mentions"][0]["attributes"] == {"a": (1, {"b": None})}  # lists come back as tuples
    gold = [m["id"] for m in data["mentions"] if m["status"] == "gold"]
    assert gold == ["m1", "m2"]
    assert [s.text for s in doc.spans["suggestions"]] == ["saw"]  # a suggestion is no gold
    assert data["entities"][0]["name"] == "Ali"
    assert report.written["relations"] == 1


def test_the_same_gold_gives_the_same_bytes(tmp_path: Path) -> None:
    made = document(
        "Ali in Cairo", mention("m1", (0, 3)), mention("m2", (7, 12), attributes={"k": 1})
    )
    a, b = tmp_path / "a.spacy", tmp_path / "b.spacy"
    DocBin().write([made], NEWS, a)
    DocBin().write([made], NEWS, b)
    assert a.read_bytes() == b.read_bytes()


def test_unfinished_articles_are_said(tmp_path: Path) -> None:
    report = DocBin().write([Document(Article("a", "x"))], NEWS, tmp_path / "x.spacy")
    assert "not marked as done" in report.notes[0]


def test_what_it_can_not_hold_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    bad = document("Ali", mention("m", (0, 3), attributes={"n": 2**80}))
    with pytest.raises(FormatError, match="beyond 64 bits"):
        DocBin().write([bad], NEWS, tmp_path / "x.spacy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["ar", "zh", "en-GB", "ja", "tlh", ""])
def test_any_language(tmp_path: Path, language: str) -> None:
    text = "القاهرة 中国 Cairo 日本"
    parts: Fragments = fragments([(8, 9)])
    gold = Mention("m", "a", parts, "GPE")
    source = Document(Article("a", text, language=language), {"m": gold})
    [doc], _report = written(tmp_path, source)
    assert doc.text == text
    assert doc.spans["mentions"][0].text == "中"


def test_the_example_in_the_docs_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "formats" / "docbin.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    relation = Relation("r1", "a", "visited", "m1", "m2")
    source = document(
        "Ali saw Cairo", mention("m1", (0, 3)), mention("m2", (8, 13)), relations={"r1": relation}
    )
    written(tmp_path, source)
    run = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [
        " [('Ali', 'GPE'), ('Cairo', 'GPE')]",
        "Ali visited Cairo",
    ]


def test_spacy_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, core.cli.app, core.workflow, core.quality; print('spacy' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


# -- in


def read(path: Path, report: Report | None = None) -> list[Document]:
    return list(DocBin().read(path, report or Report()))


def spacy_file(tmp_path: Path, **more: Any) -> Path:
    """As a pipeline that is not ours writes it."""
    import spacy
    from spacy.tokens import Doc, Span
    from spacy.tokens import DocBin as Store

    nlp = spacy.blank("en")
    doc = Doc(
        nlp.vocab, words=["Ali", "Mamluk", "met", "U.S.", "envoys", "."],
        spaces=[True, True, True, True, False, False], **more,
    )  # fmt: skip
    doc.ents = [Span(doc, 0, 2, "PERSON", kb_id="Q1"), Span(doc, 3, 4, "GPE")]
    doc.spans["sc"] = [Span(doc, 3, 5, "GROUP"), Span(doc, 3, 4, "GPE")]
    doc.cats = {"news": 1.0}
    doc.user_data["mine"] = 1
    store = Store(store_user_data=True)
    store.add(doc)
    store.add(nlp("Nothing here."))
    path = tmp_path / "x.spacy"
    store.to_disk(path)
    return path


def test_what_another_pipeline_wrote(tmp_path: Path) -> None:
    report = Report()
    first, second = read(spacy_file(tmp_path, tags=["NNP"] * 6), report)
    assert first.article.text == "Ali Mamluk met U.S. envoys."
    assert second.article.text == "Nothing here."
    text = first.article.text
    found = {(text[m.start : m.end], m.type, m.attributes.get("group"))
             for m in first.mentions.values()}  # fmt: skip
    assert found == {
        ("Ali Mamluk", "PERSON", None), ("U.S.", "GPE", None), ("U.S. envoys", "GROUP", "sc"),
    }  # fmt: skip
    assert [(e.name, e.kb_id) for e in first.entities.values()] == [("Ali Mamluk", "Q1")]
    assert {loss.what for loss in report.lost} == {"TAG", "cats", "user_data mine"}


def test_the_same_file_by_spacy_and_by_us(tmp_path: Path) -> None:
    """We read the bytes ourselves; spaCy must see the same."""
    path = spacy_file(tmp_path)
    for ours, theirs in zip(read(path), load(path), strict=True):
        assert ours.article.text == theirs.text
        spans = {(e.start_char, e.end_char, e.label_) for e in theirs.ents}
        for group in theirs.spans.values():
            spans |= {(s.start_char, s.end_char, s.label_) for s in group}
        assert {(m.start, m.end, m.type) for m in ours.mentions.values()} == spans


def test_spacy_trains_on_it(tmp_path: Path) -> None:
    """`spacy debug data` finds nothing wrong, `spacy train` learns the training text by heart."""
    import spacy
    from spacy.cli.debug_data import debug_data
    from spacy.cli.init_config import init_config
    from spacy.cli.train import train

    text = "Ali Mamluk met Fawzy in Cairo on Monday ."
    gold = [
        document(
            f"{text} {n}", mention("m1", (0, 10), type="PERSON"),
            mention("m2", (4, 10), type="PERSON"), mention("m3", (15, 20), type="PERSON"),
            mention("m4", (24, 29)),
        )
        for n in range(100)
    ]  # fmt: skip
    out = tmp_path / "gold.spacy"
    DocBin().write(gold, NEWS, out)
    config = init_config(lang="en", pipeline=["ner"], silent=True)
    config["paths"] = {"train": str(out), "dev": str(out), "vectors": None, "init_tok2vec": None}
    config["training"].update(max_steps=60, eval_frequency=30, patience=0)
    config["components"]["ner"]["model"]["hidden_width"] = 16
    config.to_disk(tmp_path / "config.cfg")
    debug_data(tmp_path / "config.cfg", no_format=True, silent=True)  # ends the test on an error
    train(tmp_path / "config.cfg", tmp_path / "model")
    nlp = spacy.load(tmp_path / "model" / "model-best")
    found = [(e.text, e.label_) for e in nlp(text).ents]
    assert found == [("Ali Mamluk", "PERSON"), ("Fawzy", "PERSON"), ("Cairo", "GPE")]
