"""The contract of `core.formats`, kept by every registered format.

What comes back is what went in, minus exactly what the report lists as lost; and what a format says
that it holds, it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from core import scheme
from core.annotation import Document, Entity, Fragment, Mention, Relation, Suggestion
from core.article import Article, title_of
from core.errors import FormatError
from core.formats import Feature, Format, Reader, Report, Writer, registry
from core.formats.huggingface import HuggingFace, available
from core.formats.loss import Loss, weight, without
from core.formats.page import of_articles, page
from tests.conftest import ROOT
from tests.core.documents import documents, facts

NEWS = scheme.load("news")
# Parquet needs pyarrow, which `dev/clients.py` has and we have not.
WRITERS = [w for w in registry.writers() if not isinstance(w, HuggingFace) or available()]
BOTH = [w for w in WRITERS if isinstance(w, Reader)]


FEATURES = [feature for feature in Feature if feature is not Feature.OTHER]


def named(formats: Sequence[Format]) -> dict[str, object]:
    return {"argvalues": formats, "ids": [f.name for f in formats]}


def out_of(folder: Path, writer: Writer) -> Path:
    return folder / ("out" if writer.folder else f"out{writer.extensions[0]}")


def files(out: Path) -> dict[str, bytes]:
    if out.is_file():
        return {out.name: out.read_bytes()}
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in sorted(out.rglob("*"))}


def read_all(out: Path, reader: Reader, report: Report | None = None) -> list[Document]:
    """The documents at `out`, as `goldsmith add` finds them."""
    report = report or Report()
    paths = [out] if out.is_file() else sorted(out.iterdir())
    claimed: set[Path] = set()
    found = []
    for path in paths:
        if path in claimed or path.suffix.lower() not in reader.extensions:
            continue
        claimed.update(reader.companions(path))
        found += list(reader.read(path, report))
    return found


@pytest.mark.parametrize("format", **named(BOTH))  # type: ignore[arg-type]
@settings(max_examples=80)
@given(document=documents())
def test_what_comes_back_is_what_went_in_minus_what_is_listed(
    tmp_path_factory: pytest.TempPathFactory, format: Writer, document: Document
) -> None:
    assert isinstance(format, Reader)
    out = out_of(tmp_path_factory.mktemp("contract"), format)
    if not format.holds_suggestions:  # as `goldsmith export` does
        document = replace(document, suggestions={})
    before = format.losses([document], NEWS)
    after = format.write([document], NEWS, out)
    assert before.lost == after.lost
    assert before.losses == after.losses
    expected = without(document, after.lost)
    found = read_all(out, format)
    assert len(found) == 1
    assert facts(found[0], format.holds) == facts(expected, format.holds)


@pytest.mark.parametrize("format", **named(WRITERS))  # type: ignore[arg-type]
def test_the_same_documents_give_the_same_bytes(tmp_path: Path, format: Writer) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    for folder in ("1", "2"):
        format.write([SAMPLES[f] for f in FEATURES], NEWS, out_of(tmp_path / folder, format))
    one, two = (files(out_of(tmp_path / folder, format)) for folder in ("1", "2"))
    assert one == two
    assert one


@pytest.mark.parametrize("format", **named(WRITERS))  # type: ignore[arg-type]
def test_nothing_is_there_unless_all_is(tmp_path: Path, format: Writer) -> None:
    def broken() -> object:
        yield Document(Article("a-1", "Text."))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        format.write(broken(), NEWS, out_of(tmp_path, format))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FormatError):
        format.write([Document(Article("a-1", "Text."))], NEWS, tmp_path / "no folder" / "out")


TEXT = "Ali Mamluk met Khaled Fawzy in Cairo.  They  talked.\n"
ALI = Mention("m-1", "a-1", (Fragment(0, 10),), "PERSON")
KHALED = Mention("m-2", "a-1", (Fragment(15, 27),), "PERSON")
PLAIN_TEXT = "Ali Mamluk met Khaled Fawzy in Cairo."
MET = Relation("r-1", "a-1", "met_with", "m-1", "m-2")


def sample(
    *mentions: Mention, text: str = PLAIN_TEXT, relation: Relation | None = None, **more: object
) -> Document:
    return Document(
        Article("a-1", text, title_of(text)),
        {m.id: m for m in (ALI, KHALED, *mentions)},
        {relation.id: relation} if relation else {},
        **more,  # type: ignore[arg-type]
    )


def mention(*parts: tuple[int, int], type: str = "PERSON") -> Mention:
    return Mention("m-3", "a-1", tuple(Fragment(*p) for p in parts), type)


# One document a feature, that has it and nothing else beyond flat mentions of plain tokens.
SAMPLES: dict[Feature, Document] = {
    Feature.TEXT: sample(text=TEXT),
    Feature.NESTED: sample(mention((4, 10))),
    Feature.DISCONTINUOUS: sample(mention((11, 14), (28, 30))),
    Feature.OFFSETS: sample(mention((27, 31))),
    Feature.RELATIONS: sample(relation=MET),
    Feature.EVIDENCE: sample(relation=replace(MET, evidence=(Fragment(11, 14),))),
    Feature.ATTRIBUTES: Document(
        Article("a-1", PLAIN_TEXT, PLAIN_TEXT), {"m-1": replace(ALI, attributes={"certain": "no"})}
    ),
    Feature.NOTES: Document(
        Article("a-1", PLAIN_TEXT, PLAIN_TEXT), {"m-1": replace(ALI, note="Two of them?")}
    ),
    Feature.ENTITIES: Document(
        Article("a-1", PLAIN_TEXT, PLAIN_TEXT),
        {"m-1": replace(ALI, entity="e-1"), "m-2": replace(KHALED, entity="e-1")},
        entities={"e-1": Entity("e-1", "Khaled Fawzy", kb_id="Q4724937")},
    ),
    Feature.SUGGESTIONS: sample(
        suggestions={
            "s-1": Suggestion("s-1", "a-1", "GPE", (Fragment(31, 36),), source="rules", score=0.5)
        }
    ),
    Feature.METADATA: Document(
        Article("a-1", PLAIN_TEXT, "Talks", "SANA", published="2018-12-23", meta={"k": [1]})
    ),
    Feature.PROVENANCE: Document(
        Article("a-1", PLAIN_TEXT, PLAIN_TEXT),
        {"m-1": replace(ALI, annotator="ann", source="rules", score=0.5)},
    ),
    Feature.NAMES: sample(mention((31, 36), type="odd type|x")),
}


def test_there_is_a_sample_of_each_feature() -> None:
    assert set(SAMPLES) == set(FEATURES)


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("format", **named(BOTH))  # type: ignore[arg-type]
def test_each_cell_of_the_table(tmp_path: Path, format: Writer, feature: Feature) -> None:
    """What it says that it holds comes back, with no loss; what it does not is listed."""
    assert isinstance(format, Reader)
    out = out_of(tmp_path, format)
    report = format.write([SAMPLES[feature]], NEWS, out)
    features = {loss.feature for loss in report.lost}
    if feature not in format.holds:
        wanted = {Feature.EVIDENCE: Feature.RELATIONS}.get(feature, feature)  # lost as a whole
        assert feature in features or (wanted not in format.holds and wanted in features)
        return
    # Words and full stops stand apart in what is made of tokens.
    assert features <= (set() if Feature.TEXT in format.holds else {Feature.TEXT})
    (found,) = read_all(out, format)
    expected = without(SAMPLES[feature], report.lost)
    assert facts(found, format.holds) == facts(expected, format.holds)


def test_the_table_is_up_to_date() -> None:
    """Make it anew: goldsmith formats --table > docs/formats/README.md"""
    written = (ROOT / "docs" / "formats" / "README.md").read_text(encoding="utf-8")
    assert written == page()


def test_every_format_has_its_page() -> None:
    for format in registry.FORMATS:
        name = format.page or ("articles" if of_articles(format) else format.name)
        assert (ROOT / "docs" / "formats" / f"{name}.md").is_file(), format.name


def test_a_loss_says_where_and_what() -> None:
    loss = Loss(Feature.ATTRIBUTES, "a-1", "m-3", "certain")
    assert loss.line() == "a-1 m-3: attribute: certain"
    report = Report()
    report.lose([loss, loss, replace(loss, what="x")])
    assert report.lines() == ["not held: 2 × attribute: certain", "not held: 1 × attribute: x"]


def test_a_loss_says_of_which_words_and_the_weightiest_comes_first() -> None:
    document = replace(
        sample(relation=MET), article=Article("a-1", TEXT, "Talks", "SANA", published="2018-12-23")
    )
    report = registry.writer("conll").losses([document], NEWS)
    assert report.lines()[0] == "not held: 1 × relation"
    assert any("metadata" in line for line in report.lines()[1:])
    (relation,) = [loss.line() for loss in report.lost if loss.feature is Feature.RELATIONS]
    assert "“Ali Mamluk – met_with – Khaled Fawzy”" in relation
    assert min(report.lost, key=weight).feature is Feature.RELATIONS


def test_names_of_formats_are_unique() -> None:
    names = [f.name for f in registry.FORMATS]
    assert len(set(names)) == len(names)
