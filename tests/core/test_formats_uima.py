"""WebAnno TSV 3 and UIMA CAS: INCEpTION's own files, judged by dkpro-cassis; hostile ones."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from core import scheme, workflow
from core.annotation import Document, Entity, Fragment, Mention, Relation
from core.article import Article, title_of
from core.errors import FormatError
from core.formats import Feature, Report, registry, uima
from core.formats.folders import LIST
from core.formats.webanno_rows import escaped, split, unescaped
from core.project import Project
from tests.conftest import ROOT

FOREIGN = ROOT.parent / "shared" / "foreign"
SUITE = FOREIGN / "webanno_tsv" / "tsv3-suite"
NEWS = scheme.load("news")
here = pytest.mark.skipif(not FOREIGN.is_dir(), reason="../shared/foreign is not here")
cassis: Any = import_module("cassis")

TEXT = "😊 Ali Mamluk met\tFawzy.\r\n\nThey [met] in Cairo \\ Egypt; *he* | said -> _.\n"


def document() -> Document:
    def mention(id: str, words: str, type: str, **more: Any) -> Mention:
        at = TEXT.index(words)
        return Mention(id, "a", (Fragment(at, at + len(words)),), type, **more)

    found = [
        mention("m1", "Ali Mamluk", "PERSON", entity="e1", attributes={"sure": "a;b|c"}),
        mention("m2", "Mamluk", "PERSON", note="nested [1]"),
        mention("m3", "Fawzy", "x|y_*"),
        mention("m4", "he", "PERSON", entity="e1"),
        mention("m5", "Fawzy.\r\n\nThey", "GROUP"),
        mention("m6", "airo", "GPE"),
    ]
    relations = [
        Relation("r1", "a", "met -> with", "m1", "m3", note="why"),
        Relation("r2", "a", "part", "m2", "m1", attributes={"sure": "_"}),
        Relation("r3", "a", "self", "m5", "m5"),
    ]
    return Document(
        Article("a", TEXT, title_of(TEXT), source="talks.txt"),
        {m.id: m for m in found},
        {r.id: r for r in relations},
        entities={"e1": Entity("e1", "Ali Mamluk", kb_id="Q858")},
    )


def read(path: Path, report: Report | None = None) -> Document:
    (found,) = registry.reader_for(path).read(path, report or Report())
    return found


def facts(document: Document, loose: bool = False) -> tuple[Any, ...]:
    """Places, types and attributes; loosely: without the names of layers."""

    def type_of(name: str) -> str:
        return "" if loose and name in ("Span", "NamedEntity") else name

    def said(item: Mention | Relation) -> list[tuple[str, Any]]:
        names = {"integerValue": "intValue"} if loose else {}
        return sorted(
            (names.get(k, k), v) for k, v in item.attributes.items() if not loose or k != "layer"
        )

    mentions = sorted(
        (m.fragments, type_of(m.type), said(m), m.note,
         document.entities[m.entity].kb_id if m.entity else None)
        for m in document.mentions.values()
    )  # fmt: skip
    relations = sorted(
        (r.type, document.mentions[r.head].fragments, document.mentions[r.tail].fragments, said(r))
        for r in document.relations.values()
    )
    return mentions, relations


@pytest.mark.parametrize(
    ("name", "file"),
    [("webanno", "talks.tsv"), ("xmi", "talks.xmi"), ("cas-json", "talks.json")],
)
def test_all_of_it_comes_back(tmp_path: Path, name: str, file: str) -> None:
    report = registry.writer(name).write([document()], NEWS, tmp_path / "out")
    assert not report.lost
    assert report.notes == ["2 tokens were split, because gold begins or ends inside them."]
    back = read(tmp_path / "out" / file)
    assert back.article.text == TEXT
    assert facts(back) == facts(document())
    assert {e.name for e in back.entities.values()} == {"Ali Mamluk"}


def test_values_that_look_like_notation() -> None:
    for value in ("a|b", "[1]", "x[2]", "_", "*", "\\", "a;b", "->", "\t\n\r", "\\t", "a\\|b[3]"):
        cell = f"{escaped(value)}|{escaped(value)}[7]"
        assert unescaped(split(cell, "|")[0]) == value
        assert "\t" not in cell
        assert "\n" not in cell


def test_the_rows_are_as_inception_has_them(tmp_path: Path) -> None:
    text = "I like Cairo 😊 now."
    mention = Mention("m", "a", (Fragment(7, 14),), "GPE")
    registry.writer("webanno").write(
        [Document(Article("a", text, source="x"), {"m": mention})], NEWS, tmp_path / "out"
    )
    assert (tmp_path / "out" / "x.tsv").read_text(encoding="utf-8").split("\n") == [
        "#FORMAT=WebAnno TSV 3.3",
        "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value",
        "", "",
        "#Text=I like Cairo 😊 now.",
        "1-1\t0-1\tI\t_\t_\t",
        "1-2\t2-6\tlike\t_\t_\t",
        "1-3\t7-12\tCairo\t*[1]\tGPE[1]\t",
        "1-4\t13-15\t😊\t*[1]\tGPE[1]\t",
        "1-5\t16-19\tnow\t_\t_\t",
        "1-6\t19-20\t.\t_\t_\t",
        "",
    ]  # fmt: skip


# -- INCEpTION's own files

# What the suite says otherwise in its two notations: the TSV has no white space at a span's ends.
TRIMMED = {
    "testAnnotationWithLeadingWhitespaceAtStart",
    "testAnnotationWithTrailingWhitespaceAtEnd",
}


def suite() -> list[str]:
    return sorted(p.name for p in SUITE.iterdir()) if SUITE.is_dir() else ["none"]


@here
@pytest.mark.parametrize("name", suite())
def test_the_suite_says_the_same_in_both_notations(tmp_path: Path, name: str) -> None:
    """Two readers that share nothing but the meaning of layers, on the same annotations."""
    report = Report()
    tsv = read(SUITE / name / "reference.tsv", report)
    if (SUITE / name / "reference.xmi").is_file() and name not in TRIMMED:
        xmi = read(SUITE / name / "reference.xmi")
        assert tsv.article.text == xmi.article.text
        assert facts(tsv, loose=True) == facts(xmi, loose=True)
    # What was read goes out and comes back, in every notation.
    for format in ("webanno", "xmi", "cas-json"):
        out = tmp_path / format
        written = registry.writer(format).write([tsv], NEWS, out)
        # Two mentions of one type in one place: which of them is in a chain can't be told.
        assert {loss.feature for loss in written.lost} <= {Feature.ENTITIES}
        if not written.lost:
            (path,) = [p for p in out.iterdir() if p.name not in ("TypeSystem.xml", LIST)]
            assert facts(read(path)) == facts(tsv)


LOSING = {
    "sampleSlotAnnotation2": set(),
    "testDependencyWithValues": {"POS", "Dependency"},
    "testSingleTokenRelationWithFeatureValue": {"Relation"},
    "testSingleTokenRelationWithoutFeatureValue": {"Relation"},
    "testSubMultiTokenSpanWithFeatureValue": {"Span"},
    "testTokenAttachedAnnotationsWithValues": {"MorphologicalFeatures", "POS", "Lemma", "Stem"},
    "testZeroLengthSlotFeature1": {"SimpleLinkHost", "p1", "p2"},
    "testZeroLengthSpanBetweenAdjacentTokens": {"SimpleSpan"},
    "testZeroLengthSpansWithoutFeatureValues": {"Span"},
    "testZeroLengthStackedSpansWithoutFeatures": {"SimpleSpan"},
    "testZeroWidthAnnotationBetweenTokenIsMovedToEndOfPreviousToken": {"NamedEntity"},
}


@here
@pytest.mark.parametrize("name", suite())
def test_what_of_the_suite_is_lost_is_listed(name: str) -> None:
    """The table of docs/formats/webanno.md: spans of no width, parts of speech and syntax."""
    report = Report()
    read(SUITE / name / "reference.tsv", report)
    assert {loss.what for loss in report.lost} == LOSING.get(name, set())


@here
@pytest.mark.parametrize("name", ["small_cas", "cas_with_inheritance", "cas_with_smileys"])
def test_cassis_finds_the_same_annotations(tmp_path: Path, name: str) -> None:
    """In files of its own test-suite, read with their type systems, from XMI and from JSON."""
    types = {"small_cas": "small_typesystem", "cas_with_inheritance": "typesystem_with_inheritance",
             "cas_with_smileys": "important_dkpro_types"}[name]  # fmt: skip
    folder = FOREIGN / "uima_xmi"
    (tmp_path / "x.xmi").write_bytes((folder / "xmi" / f"{name}.xmi").read_bytes())
    system = (folder / "typesystems" / f"{types}.xml").read_bytes()
    (tmp_path / "TypeSystem.xml").write_bytes(system)
    with (tmp_path / "TypeSystem.xml").open("rb") as file:
        typesystem = cassis.load_typesystem(file)
    with (tmp_path / "x.xmi").open("rb") as file:
        cas = cassis.load_cas_from_xmi(file, typesystem=typesystem)
    cas.to_json(tmp_path / "x.json")
    wanted = sorted(
        (a.begin, a.end)
        for a in cas.select_all_annotations()
        if a.begin < a.end and not uima.is_linguistic(a.type.name)
    )
    for file_name in ("x.xmi", "x.json"):
        found = read(tmp_path / file_name)
        assert found.article.text == cas.sofa_string
        assert sorted((m.start, m.end) for m in found.mentions.values()) == wanted


@pytest.mark.parametrize("name", ["xmi", "cas-json"])
def test_cassis_reads_an_export(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    registry.writer(name).write([document()], NEWS, out)
    if name == "xmi":
        with (out / "TypeSystem.xml").open("rb") as file:
            typesystem = cassis.load_typesystem(file)
        with (out / "talks.xmi").open("rb") as file:
            cas = cassis.load_cas_from_xmi(file, typesystem=typesystem)
    else:
        with (out / "talks.json").open("rb") as file:
            cas = cassis.load_cas_from_json(file)
    assert cas.sofa_string == TEXT
    spans = sorted((a.begin, a.end, a.value) for a in cas.select(uima.MENTION))
    assert spans == sorted((m.start, m.end, m.type) for m in document().mentions.values())
    relations = sorted(
        (r.label, r.Governor.value, r.Dependent.value) for r in cas.select(uima.RELATION)
    )
    assert relations == [
        ("met -> with", "PERSON", "x|y_*"),
        ("part", "PERSON", "PERSON"),
        ("self", "GROUP", "GROUP"),
    ]
    (chain,) = cas.select(f"{uima.CHAIN}Chain")
    assert chain.first.get_covered_text() == "Ali Mamluk"
    assert chain.first.next.get_covered_text() == "he"
    assert chain.first.next.next is None
    words = [t.get_covered_text() for t in cas.select(
        "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token")]  # fmt: skip
    assert words[:5] == ["😊", "Ali", "Mamluk", "met", "Fawzy"]


@here
def test_what_many_files_lose_is_counted_once_and_listed(tmp_path: Path) -> None:
    """A line a file, and one line a kind where several files lose something."""
    with Project.create(tmp_path / "p.goldsmith", NEWS, "ann") as project:
        folder = tmp_path / "in"
        folder.mkdir()
        suite = ("testDependencyWithValues", "testSimpleSlotFeature", "testDependencyWithValues")
        for n, name in enumerate(suite):
            text = (SUITE / name / "reference.tsv").read_text(encoding="utf-8")
            text = text.replace("This is a test", f"This is {n} test").replace("\ta\t", f"\t{n}\t")
            (folder / f"{n}.tsv").write_text(text, encoding="utf-8")
        report = workflow.add_paths(project, [folder])
    assert report.added == 3
    assert report.lost == {"another layer: POS": 2, "another layer: Dependency": 2}
    lines = [
        f"in/{n}.tsv: not held: 1 × another layer: Dependency; not held: 1 × another layer: POS"
        for n in (0, 2)
    ]
    assert list(report.notes) == lines
    assert "not held: 2 × another layer: POS" in report.details()
    alone = replace(report, lossy=1, notes=report.notes[:1]).details()
    assert [line for line in alone if "not held" in line] == lines[:1]


# -- bad input

TSV = """\
#FORMAT=WebAnno TSV 3.3
#T_SP=webanno.custom.Span|value
#T_RL=webanno.custom.Relation|label|BT_webanno.custom.Span


#Text=Ali met Bob.
1-1\t0-3\tAli\tPER\t_\t_\t
1-2\t4-7\tmet\t_\t_\t_\t
1-3\t8-11\tBob\tPER\tmet\t1-1\t
1-4\t11-12\t.\t_\t_\t_\t
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("1-2\t4-7\tmet\t_\t_\t_\t", "1-2\t4-7\tmet\t_", 8),
        ("4-7", "7-4", 8),
        ("4-7", "4-99", 8),
        ("4-7", "3-6", 8),
        ("4-7", "4-7000000000000000", 8),
        ("1-2\t", "1-1\t", 8),
        ("1-2\t", "x\t", 8),
        ("met\t1-1", "met\tx", 9),
        ("met\t1-1", "met\t1-2", 9),
        ("met\t1-1", "met\t1-1[9_9]", 9),
        ("#Text=Ali", "#Text=Bob", 7),
        ("0-3\tAli", "3000000-3000003\tAli", 7),
        ("#T_SP=webanno.custom.Span", "#T_SP=", 2),
        ("1-4\t11-12\t.\t_\t_\t_\t\n", "\n#Text=No tokens\n\n", 13),
    ],
)
def test_a_wrong_tsv_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int
) -> None:
    path = tmp_path / "x.tsv"
    path.write_text(TSV, encoding="utf-8")
    read(path)
    path.write_text(TSV.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormatError, match=r"x\.tsv") as caught:
        read(path)
    assert caught.value.line is not None
    assert abs(caught.value.line - line) <= 1


XMI = """\
<?xml version="1.0" encoding="UTF-8"?>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore"
 xmlns:custom="http:///webanno/custom.ecore" xmi:version="2.0">
<custom:Span xmi:id="2" sofa="1" begin="0" end="3" value="PER"/>
<custom:Span xmi:id="3" sofa="1" begin="8" end="11" value="PER"/>
<custom:Relation xmi:id="4" sofa="1" begin="8" end="11" label="met" Governor="2" Dependent="3"/>
<custom:L xmi:id="5" sofa="1" begin="0" end="3" next="6"/>
<custom:L xmi:id="6" sofa="1" begin="8" end="11"/>
<custom:C xmi:id="7" first="5"/>
<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" sofaString="Ali met Bob."/>
</xmi:XMI>
"""
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n<xmi:XMI'
OUTSIDE = (
    '<!DOCTYPE x SYSTEM "file:///etc/passwd" [<!ENTITY p SYSTEM "file:///etc/passwd">]>\n<xmi:XMI'
)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('end="3" value', 'end="99" value', "99"),
        ('begin="0" end="3" value', 'begin="3" end="0" value', "goes from 3 to 0"),
        ('begin="0" end="3" value', 'begin="x" end="3" value', "no offset"),
        ('Governor="2"', 'Governor="77"', "Governor"),
        ('Governor="2" ', "", "Governor"),
        ('xmi:id="3"', 'xmi:id="2"', "twice"),
        ('xmi:id="3" ', "", "no id"),
        ('begin="8" end="11"/>', 'begin="8" end="11" next="5"/>', "twice"),
        ('first="5"', 'first="55"', "55"),
        ("sofaString=", "other=", "no text"),
        ("</xmi:XMI>", "", "broken"),
        ("<xmi:XMI", BOMB, "entity"),
        ("<xmi:XMI", OUTSIDE, "entity"),
        ("xmi:XMI", "html", "no XMI"),
    ],
)
def test_a_wrong_xmi_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "x.xmi"
    path.write_text(XMI, encoding="utf-8")
    assert len(read(path).entities) == 1
    changed = XMI.replace(old, new) if old == "xmi:XMI" else XMI.replace(old, new, 1)
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(FormatError, match=reason) as caught:
        read(path)
    assert "x.xmi" in str(caught.value)


def test_a_harmful_type_system_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.xmi").write_text(XMI, encoding="utf-8")
    system = '<!DOCTYPE x [<!ENTITY a "a">]><typeSystemDescription/>'
    (tmp_path / "TypeSystem.xml").write_text(system, encoding="utf-8")
    with pytest.raises(FormatError, match=r"TypeSystem\.xml"):
        read(tmp_path / "x.xmi")


def test_values_have_the_type_that_the_type_system_says(tmp_path: Path) -> None:
    types = "".join(
        f"<featureDescription><name>{name}</name><rangeTypeName>uima.cas.{range}</rangeTypeName>"
        "</featureDescription>"
        for name, range in (("value", "String"), ("sure", "Boolean"), ("n", "Integer"))
    )
    (tmp_path / "TypeSystem.xml").write_text(
        "<typeSystemDescription><types><typeDescription><name>webanno.custom.Span</name>"
        f"<supertypeName>uima.tcas.Annotation</supertypeName><features>{types}</features>"
        "</typeDescription></types></typeSystemDescription>",
        encoding="utf-8",
    )
    (tmp_path / "x.xmi").write_text(
        XMI.replace('value="PER"', 'value="PER" sure="true" n="3"', 1), encoding="utf-8"
    )
    found = next(m for m in read(tmp_path / "x.xmi").mentions.values() if m.start == 0)
    assert found.attributes == {"sure": True, "n": 3, "layer": "webanno.custom.Span"}


@pytest.mark.parametrize(
    "change",
    [
        {"%FEATURE_STRUCTURES": 3},
        {"%FEATURE_STRUCTURES": [1]},
        {"%FEATURE_STRUCTURES": [{"%ID": 1, "%TYPE": "uima.cas.Sofa"}]},
        {"%FEATURE_STRUCTURES": [{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaString": "x"},
                                 {"%ID": 1, "%TYPE": "y"}]},
        {"%FEATURE_STRUCTURES": [{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaString": "x"},
                                 {"%ID": 2, "%TYPE": "y.Z", "begin": 0, "end": 9}]},
        {"%FEATURE_STRUCTURES": [{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaString": "x"},
                                 {"%ID": 2, "%TYPE": "y.Z", "begin": True, "end": 1}]},
    ],
)  # fmt: skip
def test_wrong_json_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(change), encoding="utf-8")
    with pytest.raises(FormatError, match=r"x\.json"):
        read(path)


def test_a_type_system_without_a_document_stops_no_folder(project: Project, tmp_path: Path) -> None:
    """Exports of INCEpTION hold one beside files of other formats."""
    types = '<?xml version="1.0"?><typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier"/>'
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "typesystem.xml").write_text(types, encoding="utf-8")
    (folder / "a.txt").write_text("Ali left.", encoding="utf-8")
    report = workflow.add_paths(project, [folder])
    assert (report.added, report.skipped, report.refused) == (1, 1, ())
    (folder / "b.xml").write_text("<other/>", encoding="utf-8")
    with pytest.raises(workflow.NothingAdded, match=r"b\.xml"):
        workflow.add_paths(project, [folder])


def test_an_annotation_that_says_nothing_is_no_loss(project: Project, tmp_path: Path) -> None:
    """UIMA's own of the document, that every file has."""
    (tmp_path / "a.txt").write_text("Ali left.", encoding="utf-8")
    workflow.add_paths(project, [tmp_path / "a.txt"])
    workflow.export(project, tmp_path / "out", "xmi")
    report = Report()
    (document,) = registry.reader("xmi").read(tmp_path / "out" / "a.xmi", report)
    assert document.article.text == "Ali left."
    assert set(report.losses) <= {"another layer: Sentence", "another layer: Token"}
