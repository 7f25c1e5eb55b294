"""brat standoff: what nobody touched goes back byte for byte; what changed changes alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core import scheme, workflow
from core.annotation import Document, Fragment, Mention
from core.errors import FormatError
from core.formats import Feature, Report, registry
from core.formats.brat import Brat
from core.project import Project
from tests.conftest import ROOT

FOREIGN = ROOT.parent / "shared" / "foreign" / "brat"
NEWS = scheme.load("news")
here = pytest.mark.skipif(not FOREIGN.is_dir(), reason="../shared/foreign is not here")

TEXT = "Ali Mamluk met Khaled Fawzy in Cairo.\nThey talked about talks.\n"
ANN = """\
T1\tPerson 0 10\tAli Mamluk
T2\tPerson 15 27\tKhaled Fawzy
T3\tGPE 31 36\tCairo
T4\tMeet 11 14\tmet

E1\tMeet:T4 Who:T1 Who2:T2 Place:T3
R1\tLocated Arg1:T1 Arg2:T3\t
*\tEquiv T1 T2
A1\tSure T1 high
A2\tNegation E1
N1\tReference T3 Wikidata:Q85\tCairo
#1\tAnnotatorNotes T1\tWho\tis he?
#2\tAnnotatorNotes T1\tA second line.
"""


def corpus(folder: Path, ann: str = ANN, text: str = TEXT) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "one.ann"
    path.write_bytes(ann.encode())
    path.with_suffix(".txt").write_bytes(text.encode())
    return path


def read(path: Path, report: Report | None = None) -> Document:
    (document,) = Brat().read(path, report or Report())
    return document


def written(document: Document, out: Path) -> str:
    Brat().write([document], NEWS, out)
    return (out / "one.ann").read_bytes().decode()


def by_type(document: Document, type: str) -> str:
    return next(id for id, m in document.mentions.items() if m.type == type)


def test_what_a_file_says(tmp_path: Path) -> None:
    document = read(corpus(tmp_path))
    text = document.article.text
    spans = {(text[m.start : m.end], m.type) for m in document.mentions.values()}
    assert spans == {
        ("Ali Mamluk", "Person"), ("Khaled Fawzy", "Person"), ("Cairo", "GPE"), ("met", "Meet"),
    }  # fmt: skip
    ends = {
        (text[slice(*document.mentions[r.head].fragments[0])], r.type,
         text[slice(*document.mentions[r.tail].fragments[0])])
        for r in document.relations.values()
    }  # fmt: skip
    assert ends == {
        ("met", "Who", "Ali Mamluk"), ("met", "Who", "Khaled Fawzy"), ("met", "Place", "Cairo"),
        ("Ali Mamluk", "Located", "Cairo"),
    }  # fmt: skip
    ali = document.mentions[by_type(document, "Person")]
    assert ali.attributes == {"Sure": "high"}
    assert ali.note == "Who\tis he?\nA second line."
    assert document.mentions[by_type(document, "Meet")].attributes == {"Negation": True}
    entities = {(e.name, e.kb_id) for e in document.entities.values()}
    assert entities == {("Khaled Fawzy", ""), ("Cairo", "Q85")}


def test_untouched_it_is_the_same_file(tmp_path: Path) -> None:
    assert written(read(corpus(tmp_path)), tmp_path / "out") == ANN


def relabel(document: Document) -> Document:
    id = by_type(document, "GPE")
    return replace(
        document, mentions={**document.mentions, id: replace(document.mentions[id], type="City")}
    )


def extend(document: Document) -> Document:
    id = by_type(document, "Meet")
    m = replace(document.mentions[id], fragments=(Fragment(11, 14), Fragment(28, 30)))
    return replace(document, mentions={**document.mentions, id: m})


def delete_relation(document: Document) -> Document:
    kept = {id: r for id, r in document.relations.items() if r.type != "Place"}
    return replace(document, relations=kept)


def delete_trigger(document: Document) -> Document:
    id = by_type(document, "Meet")
    return replace(
        document,
        mentions={k: m for k, m in document.mentions.items() if k != id},
        relations={k: r for k, r in document.relations.items() if r.head != id},
    )


def add_mention(document: Document) -> Document:
    new = Mention("m-new", document.article.id, (Fragment(56, 61),), "Event", note="new")
    return replace(document, mentions={**document.mentions, new.id: new})


def change_attribute(document: Document) -> Document:
    id = by_type(document, "Person")
    m = replace(document.mentions[id], attributes={"Sure": "low", "Alive": True}, note="Now.")
    return replace(document, mentions={**document.mentions, id: m})


def split_entity(document: Document) -> Document:
    id = by_type(document, "Person")
    return replace(
        document,
        mentions={**document.mentions, id: replace(document.mentions[id], entity=None)},
    )


CHANGES: list[tuple[Callable[[Document], Document], set[str], set[str]]] = [
    (relabel, {"T3\tGPE 31 36\tCairo"}, {"T3\tCity 31 36\tCairo"}),
    (extend, {"T4\tMeet 11 14\tmet"}, {"T4\tMeet 11 14;28 30\tmet in"}),
    (
        delete_relation,
        {"E1\tMeet:T4 Who:T1 Who2:T2 Place:T3"},
        {"E1\tMeet:T4 Who:T1 Who2:T2"},
    ),
    (
        delete_trigger,
        {"T4\tMeet 11 14\tmet", "E1\tMeet:T4 Who:T1 Who2:T2 Place:T3", "A2\tNegation E1"},
        set(),
    ),
    (add_mention, set(), {"T5\tEvent 56 61\ttalks", "#3\tAnnotatorNotes T5\tnew"}),
    (
        change_attribute,
        {"A1\tSure T1 high", "#1\tAnnotatorNotes T1\tWho\tis he?",
         "#2\tAnnotatorNotes T1\tA second line."},
        {"A1\tSure T1 low", "A3\tAlive T1", "#3\tAnnotatorNotes T1\tNow."},
    ),
    (split_entity, {"*\tEquiv T1 T2"}, set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "gone", "new"), CHANGES, ids=[str(c[0].__name__) for c in CHANGES]
)
def test_a_change_changes_its_own_lines_alone(
    tmp_path: Path, change: Callable[[Document], Document], gone: set[str], new: set[str]
) -> None:
    before = ANN.splitlines()
    after = written(change(read(corpus(tmp_path))), tmp_path / "out").splitlines()
    assert set(before) - set(after) == gone
    assert set(after) - set(before) == new
    kept = [line for line in before if line in after]
    assert [line for line in after if line in kept] == kept  # in their order


def test_it_survives_the_project(tmp_path: Path) -> None:
    """Through the file of a project and back, not only in memory."""
    corpus(tmp_path / "in")
    with Project.create(tmp_path / "p.goldsmith", NEWS, "ann") as project:
        report = workflow.add_paths(project, [tmp_path / "in"])
        assert report.added == 1
        assert not report.duplicates
        out = tmp_path / "out"
        workflow.export(project, out, "brat")
        assert (out / "one.ann").read_text(encoding="utf-8") == ANN
        assert (out / "one.txt").read_text(encoding="utf-8") == TEXT
        with pytest.raises(FormatError, match="force"):
            workflow.export(project, out, "brat")
        workflow.export(project, out, "brat", force=True)
        (out / "mine.doc").write_text("", encoding="utf-8")
        with pytest.raises(FormatError, match=r"mine\.doc"):
            workflow.export(project, out, "brat", force=True)
        assert (out / "mine.doc").exists()


@pytest.mark.parametrize("way", ["crlf", "bom"])
def test_offsets_as_other_tools_count_them(tmp_path: Path, way: str) -> None:
    """Windows' line ends counted as one, a byte order mark counted as a character."""
    text = "\nOne. " + TEXT
    ann = "T1\tPerson 6 16\tAli Mamluk\n"
    path = corpus(tmp_path, ann, text.replace("\n", "\r\n"))
    if way == "bom":
        path.with_suffix(".txt").write_bytes(b"\xef\xbb\xbf" + text[1:].encode())
    document = read(path)
    (m,) = document.mentions.values()
    assert document.article.text[m.start : m.end] == "Ali Mamluk"
    out = tmp_path / "out"
    assert written(document, out) == ann
    assert (out / "one.txt").read_bytes() == path.with_suffix(".txt").read_bytes()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("T9\tPerson 60 99\tx", "99"),
        ("T9\tPerson 9 3\tx", "not after its start"),
        ("T9\tPerson 3 3\t", "not after its start"),
        ("T9\tPerson -1 3\tAli", "offsets"),
        ("T9\tPerson 0\tAli", "offsets"),
        ("T9\tPerson 0 3\tBob", "the article has"),
        ("T9 Person 0 3 Ali", "tabs"),
        ("T1\tPerson 0 3\tAli", "twice"),
        ("T9\tPerson 0 999999999999999999999999\tAli", "offsets"),
        ("R9\tLocated Arg1:T1 Arg2:T77\t", "no annotation T77"),
        ("R9\tLocated Arg1:T1\t", "two arguments"),
        ("R9\tLocated Arg1:T1 T2\t", "ROLE:ID"),
        ("R9\tLocated Arg1:R1 Arg2:T1\t", "can't be about R1"),
        ("E9\tMeet:T77 Who:T1", "no trigger T77"),
        ("E9\tMeet:E1", "no trigger E1"),
        ("A9\tSure", "about"),
        ("A9\tSure T1 a b", "one value"),
        ("N9\tReference T1 Q5\tx", "BASE:ID"),
        ("*\tEquiv", "members"),
        ("#9\tAnnotatorNotes T77\tx", "no annotation T77"),
        ("X9\tPerson 0 3\tAli", "no id"),
        ("T9\t\tAli", "type is missing"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(tmp_path: Path, line: str, reason: str) -> None:
    path = corpus(tmp_path, ANN + line + "\n")
    with pytest.raises(FormatError, match=reason) as caught:
        read(path)
    assert caught.value.line == ANN.count("\n") + 1
    assert "one.ann" in str(caught.value)


def test_a_cycle_of_events_is_read(tmp_path: Path) -> None:
    ann = "T1\tA 0 3\tAli\nT2\tB 4 10\tMamluk\nE1\tA:T1 X:E2\nE2\tB:T2 X:E1 X2:E2\n"
    document = read(corpus(tmp_path, ann))
    assert len(document.relations) == 3
    assert written(document, tmp_path / "out") == ann


def test_what_a_document_can_not_hold_is_listed(tmp_path: Path) -> None:
    ann = (
        "T1\tA 0 3\tAli\nT2\tB 4 10\tMamluk\nE1\tA:T1 X:T2\nE2\tA:T1 X:T2\n"
        "N1\tReference T2 X:1\tone\nN2\tReference T2 X:2\ttwo\nA1\tS T2 a\nA2\tS T2 b\n"
        "#1\tAnnotatorNotes A1\tx\n"
    )
    report = Report()
    document = read(corpus(tmp_path, ann), report)
    assert [(loss.feature, loss.item) for loss in report.lost] == [
        (Feature.RELATIONS, "E2"), (Feature.ATTRIBUTES, "A2"), (Feature.NOTES, "#1"),
        (Feature.ENTITIES, "N2"),
    ]  # fmt: skip
    assert written(document, tmp_path / "out") == ann


def test_without_its_text(tmp_path: Path) -> None:
    path = tmp_path / "one.ann"
    path.write_text(ANN, encoding="utf-8")
    with pytest.raises(FormatError, match=r"one\.txt"):
        read(path)


CONF = """\
# comment
<POG>=Person|GPE
[entities]
!Named
    Person
\tGPE
-----
Money
[relations]
Located Arg1:Person, Arg2:GPE
Located Arg1:GPE, Arg2:GPE
Friend Arg1:Person, Arg2:Person, <REL-TYPE>:symmetric
Equiv Arg1:Person, Arg2:Person, <REL-TYPE>:symmetric-transitive
About Arg1:Named, Arg2:<ENTITY>
[events]
Meet Who+:<POG>, Place?:GPE
[attributes]
Sure Arg:<ENTITY>, Value:high|low
Negation Arg:<EVENT>
"""


def test_a_configuration_is_a_scheme(tmp_path: Path) -> None:
    (tmp_path / "annotation.conf").write_text(CONF, encoding="utf-8")
    (tmp_path / "visual.conf").write_text("[labels]\nGPE | Place | P\n", encoding="utf-8")
    made = Brat().scheme(corpus(tmp_path))
    assert made is not None
    assert list(made.entity_types) == ["Named", "Person", "GPE", "Money", "Meet"]
    assert made.entity_types["GPE"].gloss == "Place"
    assert made.admits("Located", "Person", "GPE")
    assert made.admits("Located", "GPE", "GPE")
    assert not made.admits("Located", "Money", "GPE")
    assert made.relation_types["Friend"].symmetric
    assert "Equiv" not in made.relation_types
    assert made.relation_types["About"].head == ("Named", "Person", "GPE")
    assert made.admits("Who", "Meet", "Person")
    assert made.attributes["Sure"].values == ("high", "low")
    assert made.attributes["Negation"].on == ("Meet",)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Arg2:GPE\nLocated", "Arg2:Nowhere\nLocated", 10),
        ("[events]", "[happenings]", 15),
        ("Place?:GPE", "Place", 16),
        ("Money", "Person", 8),
        ("[entities]", "Person", 3),
    ],
)
def test_a_wrong_configuration_is_refused(tmp_path: Path, old: str, new: str, line: int) -> None:
    conf = tmp_path / "annotation.conf"
    conf.write_text(CONF.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormatError, match=r"annotation\.conf") as caught:
        Brat().scheme(corpus(tmp_path))
    assert caught.value.line == line


def test_an_export_s_configuration_is_read_again(tmp_path: Path) -> None:
    document = read(corpus(tmp_path))
    written(document, tmp_path / "out")
    made = Brat().scheme(tmp_path / "out" / "one.ann")
    assert made is not None
    assert {m.type for m in document.mentions.values()} <= set(made.entity_types)
    for r in document.relations.values():
        ends = (document.mentions[r.head].type, document.mentions[r.tail].type)
        assert made.admits(r.type, *ends)
    assert set(NEWS.entity_types) <= set(made.entity_types)


@here
@pytest.mark.parametrize("name", ["tutorials-news", "tutorials-bio"])
def test_brats_own_corpora_byte_for_byte(tmp_path: Path, name: str) -> None:
    folder = FOREIGN / name
    brat = registry.reader("brat")
    made = brat.scheme(folder / "000-introduction.ann")
    assert made is not None
    with Project.create(tmp_path / "p.goldsmith", made, "ann") as project:
        report = workflow.add_paths(project, [folder])
        # Those of brat's articles whose texts are the same are one article.
        texts = {p.read_bytes() for p in folder.glob("*.txt")}
        assert report.added == len(texts)
        assert not report.outside
        workflow.export(project, tmp_path / "out", "brat")
    names = sorted(p.name for p in (tmp_path / "out").iterdir() if p.suffix in (".txt", ".ann"))
    assert len(names) == 2 * len(texts)
    for file in names:
        assert (tmp_path / "out" / file).read_bytes() == (folder / file).read_bytes()
