"""CoNLL columns and CoNLL-U: every layout that is met, judged by the tools that read them."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from core import scheme
from core.annotation import Document, Fragment, Mention
from core.article import Article, title_of
from core.errors import FormatError
from core.formats import Feature, Report, registry
from tests.conftest import ROOT

FOREIGN = ROOT.parent / "shared" / "foreign"
NEWS = scheme.load("news")
here = pytest.mark.skipif(not FOREIGN.is_dir(), reason="../shared/foreign is not here")


def read(path: Path, name: str = "", report: Report | None = None) -> list[Document]:
    reader = registry.reader(name) if name else registry.reader_for(path)
    return list(reader.read(path, report or Report()))


def spans(document: Document) -> list[tuple[str, str]]:
    text = document.article.text
    return [(text[m.start : m.end], m.type) for m in document.mentions.values()]


def said(tmp_path: Path, text: str, suffix: str = ".conll") -> list[Document]:
    path = tmp_path / f"x{suffix}"
    path.write_text(text, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ("B-P I-P O", ["a b:P"]),
        ("B-P B-P O", ["a:P", "b:P"]),
        ("I-P I-P O", ["a b:P"]),  # IOB1
        ("I-P B-P O", ["a:P", "b:P"]),
        ("B-P I-Q O", ["a:P", "b:Q"]),
        ("B-P L-P U-P", ["a b:P", "c:P"]),
        ("B-P I-P L-P", ["a b c:P"]),
        ("B-P E-P S-P", ["a b:P", "c:P"]),  # IOBES
        ("B-P M-P E-P", ["a b c:P"]),
        ("L-P O U-P", ["a:P", "c:P"]),
        ("B-a-b I-a-b O", ["a b:a-b"]),
        ("O I-P O", ["b:P"]),
    ],
)
def test_every_scheme_of_tags(tmp_path: Path, tags: str, wanted: list[str]) -> None:
    rows = "\n".join(f"{word} {tag}" for word, tag in zip("abc", tags.split(), strict=True))
    (document,) = said(tmp_path, rows + "\n")
    assert [f"{text}:{type}" for text, type in spans(document)] == wanted


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n", [("EU", "ORG")]),  # CoNLL-2003
        ("1\tEU\tB-ORG\t-\tann\n2\tsaid\tO\t-\t-\n", [("EU", "ORG")]),  # Universal NER
        ("1\tAl\tB-PER\tB-LOC\n2\tB\tI-PER\tO\n", [("Al B", "PER"), ("Al", "LOC")]),  # GermEval
        ("Al I-OCC B-ORG\nB I-OCC I-ORG B-GPE\nC O\n",
         [("Al B", "OCC"), ("Al B", "ORG"), ("B", "GPE")]),  # Wojood
        ("\ufeffEU\tB-ORG\r\nsaid\tO\r\n\r\nso\tO\r\n", [("EU", "ORG")]),
        ("EU \t B-ORG\nsaid   O\n", [("EU", "ORG")]),  # mixed separators
        ("# O\nEU B-ORG\n", [("EU", "ORG")]),  # a token, no comment
    ],
)  # fmt: skip
def test_every_layout_of_columns(tmp_path: Path, rows: str, wanted: list[tuple[str, str]]) -> None:
    (document,) = said(tmp_path, rows)
    assert spans(document) == wanted


def test_articles_and_sentences(tmp_path: Path) -> None:
    first, second = said(
        tmp_path,
        "-DOCSTART- -X- O O\n\nA x O B-P\n. x O O\n\nB x O O\n\n-DOCSTART- -X- O O\n\nC x O O\n",
    )
    assert first.article.text == "A .\nB"
    assert second.article.text == "C"


def test_a_comment_says_the_text(tmp_path: Path) -> None:
    (document,) = said(
        tmp_path, "# newdoc id = n1\n# text = (EU)  said.\n( O\nEU B-P\n) O\nsaid O\n. O\n"
    )
    assert document.article.text == "(EU)  said."
    assert spans(document) == [("EU", "P")]
    assert document.article.source == "x.conll#n1"


def test_a_file_without_articles_is_split_and_said(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_text("a O\n\n" * 501 + "b B-P\n", encoding="utf-8")
    report = Report()
    documents = read(path, report=report)
    assert len(documents) == 2
    assert report.written == {"articles": 2, "mentions": 1, "relations": 0}
    assert "2" in report.notes[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("EU B-ORG\nsaid\n", 2),
        ("EU B-ORG\nsaid X\n", 1),  # no column has tags only
        ("EU NNP I-NP B-ORG\nsaid VB O\n" + "a b O O\n" * 9, 2),
        ("EU B-ORG\n\tO\n", 2),
        ("a O\n" * 2500 + "b WHAT\n", 2501),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(FormatError, match=r"x\.conll") as caught:
        said(tmp_path, text)
    assert caught.value.line == line


@pytest.mark.parametrize("data", [b"", b"\n\n", b"EU B-P\n\xff O\n", b"EU B-P\n\x00 O\n"])
def test_no_file_of_tokens(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.conll"
    path.write_bytes(data)
    with pytest.raises(FormatError):
        read(path, "conll")


def test_prose_is_no_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("Vitamin B-12\n\nIt is well known.\nIt is O\n", encoding="utf-8")
    assert registry.reader_for(path).name == "text"


TEXT = "Mr. O'Neill met Anti-Syrians in Beirut.\n\nThey  talked to the\tU.N. there"


def document(text: str = TEXT) -> Document:
    def mention(id: str, words: str, type: str) -> Mention:
        at = text.index(words)
        return Mention(id, "a", (Fragment(at, at + len(words)),), type)

    found = [
        mention("m1", "O'Neill", "PERSON"), mention("m2", "Syrian", "NORP"),
        mention("m3", "Beirut", "GPE"), mention("m4", "U.N.", "ORG"),
    ]  # fmt: skip
    return Document(Article("a", text, title_of(text), state="done"), {m.id: m for m in found})


WANTED = [("O'Neill", "PERSON"), ("Syrian", "NORP"), ("Beirut", "GPE"), ("U.N.", "ORG")]


@pytest.mark.parametrize("name", ["conll", "conll-bilou", "conllu"])
def test_tokens_are_split_at_gold_and_counted(tmp_path: Path, name: str) -> None:
    out = tmp_path / "x"
    report = registry.writer(name).write([document()], NEWS, out)
    assert report.notes == ["1 token was split, because gold begins or ends inside it."]
    (back,) = read(out, name)
    assert [text.replace(" ", "") for text, _type in spans(back)] == [t for t, _type in WANTED]


def rows_of(out: Path) -> list[list[str]]:
    return [line.split(" ") for line in out.read_text(encoding="utf-8").split("\n") if line]


def test_bilou(tmp_path: Path) -> None:
    out = tmp_path / "x.bilou"
    registry.writer_for(out).write([document()], NEWS, out)
    tags = {row[0]: row[3] for row in rows_of(out)}
    assert (tags["O"], tags["'"], tags["Neill"]) == ("B-PERSON", "I-PERSON", "L-PERSON")
    assert tags["Beirut"] == "U-GPE"


def test_nervaluate_finds_the_same_spans(tmp_path: Path) -> None:
    utils = import_module("nervaluate.utils")
    out = tmp_path / "x.conll"
    registry.writer("conll").write([document()], NEWS, out)
    rows = [row for row in rows_of(out) if row[0] != "-DOCSTART-"]
    found = utils.collect_named_entities([row[3] for row in rows])
    words = [row[0] for row in rows]
    assert [("".join(words[f["start"] : f["end"] + 1]), f["label"]) for f in found] == WANTED


def ents(folder: Path) -> list[tuple[str, str]]:
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    (path,) = folder.glob("*.spacy")
    docs = list(DocBin().from_disk(path).get_docs(Vocab()))
    return [("".join(e.text.split()), e.label_) for doc in docs for e in doc.ents]


@pytest.mark.parametrize(("name", "converter"), [("conll", "ner"), ("conllu", "conllu")])
def test_spacy_convert_finds_the_same_spans(tmp_path: Path, name: str, converter: str) -> None:
    from spacy.cli import convert  # type: ignore[attr-defined]

    path = tmp_path / f"x.{'conllu' if name == 'conllu' else 'iob'}"
    registry.writer(name).write([document()], NEWS, path)
    made = tmp_path / "out"
    made.mkdir()
    convert(path, made, file_type="spacy", converter=converter, silent=True)
    assert ents(made) == WANTED


def test_the_conllu_package_reads_it(tmp_path: Path) -> None:
    conllu = import_module("conllu")
    out = tmp_path / "x.conllu"
    registry.writer("conllu").write([document()], NEWS, out)
    sentences = conllu.parse(out.read_text(encoding="utf-8"))
    assert sentences[0].metadata["text"] == "Mr. O'Neill met Anti-Syrians in Beirut."
    tags: Any = [t["misc"] for s in sentences for t in s if t["misc"] and "NE" in t["misc"]]
    assert Counter(m["NE"] for m in tags)["B-PERSON"] == 1
    # What the package writes of it is read as the same document.
    again = tmp_path / "again.conllu"
    again.write_text("".join(s.serialize() for s in sentences), encoding="utf-8")
    (back,) = read(again)
    assert back.article.text == TEXT
    assert spans(back) == WANTED


CONLLU = """\
# newdoc id = d1
# sent_id = 1
# text = Don't go to Rome.
1-2\tDon't\t_\t_\t_\t_\t_\t_\t_\t_
1\tDo\tdo\tAUX\t_\t_\t3\taux\t_\t_
2\tn't\tnot\tPART\t_\t_\t3\tadvmod\t_\t_
3\tgo\tgo\tVERB\t_\t_\t0\troot\t_\t_
3.1\tgo\tgo\tVERB\t_\t_\t_\t_\t_\t_
4\tto\tto\tADP\t_\t_\t5\tcase\t_\t_
5\tRome\tRome\tPROPN\t_\t_\t3\tobl\t_\tner=S-GPE|SpaceAfter=No
6\t.\t.\tPUNCT\t_\t_\t3\tpunct\t_\tGloss=x

# newpar
1\tNow\tnow\tADV\t_\t_\t0\troot\t_\t_

"""


def test_conllu_as_treebanks_have_it(tmp_path: Path) -> None:
    path = tmp_path / "x.conllu"
    path.write_text(CONLLU, encoding="utf-8")
    report = Report()
    (found,) = read(path, report=report)
    assert found.article.text == "Don't go to Rome.\n\nNow"
    assert spans(found) == [("Rome", "GPE")]
    lost = {loss.what for loss in report.lost}
    assert lost == {"LEMMA", "UPOS", "HEAD", "DEPREL", "MISC Gloss", "empty nodes"}
    assert {loss.feature for loss in report.lost} == {Feature.OTHER}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("1\tDo\t", "Do\t", 5),
        ("2\tn't", "9\tn't", 6),
        ("1-2\tDon't", "2-1\tDon't", 4),
        ("3\tgo", "x\tgo", 7),
        ("4\tto\t", "4\t\t", 9),
        ("1\tDo", "999999999999\tDo", 5),
    ],
)
def test_wrong_conllu_is_refused(tmp_path: Path, old: str, new: str, line: int) -> None:
    path = tmp_path / "x.conllu"
    path.write_text(CONLLU.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormatError, match=r"x\.conllu") as caught:
        read(path)
    assert caught.value.line == line


@here
def test_universal_ner_whole() -> None:
    path = FOREIGN / "conll" / "en_ewt-ud-dev.iob2"
    lines = path.read_text(encoding="utf-8").split("\n")
    report = Report()
    documents = read(path, report=report)
    assert len(documents) == sum(line.startswith("# newdoc") for line in lines)
    tags = Counter(line.split("\t")[2] for line in lines if line[:1].isdecimal())
    types = Counter(m.type for d in documents for m in d.mentions.values())
    assert types == {tag[2:]: n for tag, n in tags.items() if tag.startswith("B-")}
    said = [line.removeprefix("# text = ").strip() for line in lines if line.startswith("# text")]
    assert "\n".join(d.article.text for d in documents) == "\n".join(said)
    # The annotator's column is all that is lost.
    assert set(report.losses) == {"another layer: column 5"}


@here
def test_wojood_whole() -> None:
    """Nested layers in Arabic, in a ``.txt`` without an ending of its own."""
    path = FOREIGN / "conll" / "wojood_arabic_val.txt"
    rows = [line.split() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    report = Report()
    (found,) = read(path, report=report)
    types = Counter(m.type for m in found.mentions.values())
    begun = Counter(tag[2:] for row in rows for tag in row[1:] if tag.startswith("B-"))
    repaired = sum(int(note.split()[1]) for note in report.notes)
    assert not begun - types
    assert sum((types - begun).values()) == repaired
    assert found.article.text.split() == [row[0] for row in rows]
    assert not report.lost
