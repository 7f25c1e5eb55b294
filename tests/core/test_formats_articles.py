"""Articles as the world has them: pages, documents, tables, feeds, bundles."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core.annotation import Document
from core.article import Article
from core.errors import FormatError
from core.formats import Report, registry
from core.formats.bundle import split
from core.formats.incoming import HASH, iso
from core.formats.markdown import unmarked
from core.formats.markup import plain
from core.formats.table import Columns, Csv, Records, columns, preview
from tests.core import articles


def read(path: Path, data: str | bytes) -> tuple[list[Article], Report]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    report = Report()
    found: list[Document] = list(registry.reader_for(path).read(path, report))
    assert report.written["articles"] == len(found)
    return [document.article for document in found], report


def one(path: Path, data: str | bytes) -> Article:
    [article], _report = read(path, data)
    return article


FILES: dict[str, str | bytes] = {
    "a.txt": "Ali Mamluk met Khaled Fawzy.",
    "a.md": "# Ali Mamluk\n",
    "a.html": articles.PAGE,
    "a.docx": articles.docx(articles.paragraph("Ali Mamluk")),
    "a.pdf": articles.pdf("Ali Mamluk"),
    "a.rtf": articles.RTF,
    "a.csv": "text\nAli Mamluk\n",
    "a.jsonl": '{"text": "Ali Mamluk"}\n',
    "a.rss": articles.RSS,
    "nexis.txt": articles.NEXIS,
}


@pytest.mark.parametrize("name", FILES)
def test_the_files_hash_and_name_are_kept(tmp_path: Path, name: str) -> None:
    found, _report = read(tmp_path / name, FILES[name])
    data = (tmp_path / name).read_bytes()
    for article in found:
        assert article.meta[HASH] == hashlib.sha256(data).hexdigest()
        assert article.source == name


# -- Markdown


def test_markdown_loses_its_marks_and_keeps_its_words(tmp_path: Path) -> None:
    text = """---
title: "Talks in Cairo"
author: Jane Doe
date: December 23, 2018
lang: en
tags:
  - syria
  - egypt
---
Talks in *Cairo*
================

**Ali Mamluk** met [Khaled Fawzy](https://example.org/a_(b) "he") in snake_case_name, 2*3*4.
A \\*star\\* and `code *x*`. <!-- hidden -->

> quoted _text_

```
*kept* as it is
```
![a photo](x.png) <https://example.org/y>
"""
    article = one(tmp_path / "a.md", text)
    assert article.text == (
        "Talks in Cairo\n\nAli Mamluk met Khaled Fawzy in snake_case_name, 2*3*4.\n"
        "A *star* and code *x*.\n\nquoted text\n\n*kept* as it is\n"
        "a photo https://example.org/y"
    )
    assert (article.title, article.author) == ("Talks in Cairo", "Jane Doe")
    assert (article.published, article.language) == ("2018-12-23", "en")
    assert article.meta["tags"] == "syria egypt"
    _found, report = read(tmp_path / "a.md", text)
    assert report.notes == ["a.md: the addresses of 2 links and pictures were left out."]


@pytest.mark.parametrize("text", ["a * b * c", "5 < 6 > 4", "x_y_z", "Nr. 5", "U.S. [sic]", "- a"])
def test_what_is_no_mark_stays(text: str) -> None:
    assert unmarked(text) == (text, 0)


# -- pages


def test_the_article_of_a_page_and_what_it_says_of_itself(tmp_path: Path) -> None:
    article = one(tmp_path / "a.html", articles.PAGE)
    assert article.text.startswith("Talks in Cairo\n\nSyrian intelligence chief Ali Mamluk met")
    assert article.text.endswith("Friday night.")
    assert "Subscribe" not in article.text
    assert "World" not in article.text
    assert (article.title, article.outlet, article.author, article.url) == (
        "Talks in Cairo", "SANA", "Jane Doe", "https://example.org/talks",
    )  # fmt: skip
    assert (article.published, article.language) == ("2018-12-23", "en")


def test_a_pages_own_encoding(tmp_path: Path) -> None:
    page = articles.PAGE.replace("utf-8", "windows-1251").replace("Riyadh", "Эр-Рияд")
    [article], report = read(tmp_path / "a.html", page.encode("cp1251"))
    assert "Эр-Рияд opposed" in article.text
    assert report.notes == ["a.html was read as cp1251."]


def test_a_page_without_an_article(tmp_path: Path) -> None:
    for page in ("<p>", "<html><body></body></html>", "no tag"):
        with pytest.raises(FormatError, match="plain text"):
            read(tmp_path / "a.html", page)


# -- documents


def test_a_word_document(tmp_path: Path) -> None:
    body = articles.paragraph("Talks in Cairo") + (
        '<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>Ali </w:t><w:tab/>'
        "<w:t>met</w:t></w:r><w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del>"
        '<w:ins><w:r><w:t xml:space="preserve"> him &lt;b&gt; 🇸🇾</w:t>'
        '<w:footnoteReference w:id="1"/></w:r></w:ins><w:r><w:br/><w:t>line</w:t></w:r></w:p>'
        "<w:tbl><w:tr><w:tc>" + articles.paragraph("cell") + "</w:tc></w:tr></w:tbl>"
    )
    [article], report = read(tmp_path / "a.docx", articles.docx(body, "A title", "Jane"))
    assert article.text == "Talks in Cairo\nAli \tmet him <b> 🇸🇾\nline\ncell"
    assert (article.title, article.author) == ("A title", "Jane")
    assert report.notes == ["a.docx: 1 footnote or comment was left out."]


def test_a_text_box_comes_once(tmp_path: Path) -> None:
    box = (
        '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-'
        'compatibility/2006"><mc:Choice>{0}</mc:Choice><mc:Fallback>{0}</mc:Fallback>'
        "</mc:AlternateContent><w:t>around</w:t></w:r></w:p>"
    ).format(articles.paragraph("box"))
    assert one(tmp_path / "a.docx", articles.docx(box)).text == "box\naround"


def test_rich_text(tmp_path: Path) -> None:
    article = one(tmp_path / "a.rtf", articles.RTF)
    assert article.text == "Café Ӓx bold.\nSecond Москва end\nx\ty 😀 done"
    assert (article.title, article.author) == ("Talks in Cairo", "Jane Doe")


@pytest.mark.parametrize(
    ("rtf", "fault"),
    [
        (r"{\rtf1 {\b text", "ends in the middle"),
        ("plain text", "no Rich Text"),
        (r"{\rtf1 }", "empty"),
        ("{\\rtf1 " + "{" * 20_000, "nested too deeply"),
    ],
)
def test_what_is_no_rich_text(tmp_path: Path, rtf: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        read(tmp_path / "a.rtf", rtf)


def test_a_pdf(tmp_path: Path) -> None:
    first = (
        "Talks in Cairo\n\nSyrian intelligence chief Ali Mamluk met with Khaled Fawzy in Cairo on "
        "Satur-\nday, officials said after the meeting, which the Syrian-led council had not fore-"
        "\nseen. This line is long enough to say that the page is as wide as it is, and a Syrian-"
        "\nled one.\nA new paragraph begins here and goes on for as long as the page is wide, until"
    )
    pages = (first, "it ends on page two, which was foreseen.")
    [article], report = read(tmp_path / "a.pdf", articles.pdf(*pages, info="/Author (Jane)"))
    assert article.text == (
        "Talks in Cairo\n\nSyrian intelligence chief Ali Mamluk met with Khaled Fawzy in Cairo on "
        "Saturday, officials said after the meeting, which the Syrian-led council had not "
        "foreseen. This line is long enough to say that the page is as wide as it is, and a "
        "Syrian-led one.\n\nA new paragraph begins here and goes on for as long as the page is "
        "wide, until it ends on page two, which was foreseen."
    )
    assert article.author == "Jane"
    assert "2 words that were divided" in report.notes[0]


def test_a_pdf_of_pictures(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="text recognition"):
        read(tmp_path / "a.pdf", articles.pdf(""))


# -- tables


def test_a_table(tmp_path: Path) -> None:
    found, report = read(
        tmp_path / "a.csv",
        "\ufefftext,Head Line,source,date,id\r\n"
        '"Ali ""X"" met\nhim.",Talks,SANA,"Dec 23, 2018",7\r\n,empty,,,\r\n"=cmd()",,,,\r\n',
    )
    first, second = found
    assert first.text == 'Ali "X" met\nhim.'
    assert (first.title, first.outlet, first.published) == ("Talks", "SANA", "2018-12-23")
    assert first.meta["id"] == "7"
    assert second.text == "=cmd()"
    assert report.notes == ["a.csv: 1 row without a text was left out (line 4)."]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("a.tsv", 'title\tbody\nT\tB, "c" d\n'.replace('"', "")),
        ("a.csv", "title;body\nT;B, c d\n"),
        ("a.csv", "title|body\nT|B, c d\n"),
        ("a.tsv", "title\tbody\r\nT\tB, c d\r\n"),
    ],
)
def test_the_delimiter_is_found(tmp_path: Path, name: str, table: str) -> None:
    article = one(tmp_path / name, table)
    assert (article.title, article.text) == ("T", "B, c d")


def test_a_table_in_utf_16(tmp_path: Path) -> None:
    assert one(tmp_path / "a.csv", "text\nГенева 🇸🇾\n".encode("utf-16")).text == "Генева 🇸🇾"


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "--text-column"),
        ("text,b\n1,2,3\n", "a.csv:2: the row has 3 values"),
        ('text,b\nx,y\n"1,2\n', "a.csv:3: the row is broken"),
        ("text,text\n1,2\n", "two columns are called"),
        ("text\nfoo\x00\n", "a.csv:2: .*NUL"),
        ("text\n\n", "no row holds a text"),
    ],
)
def test_faults_of_a_table(tmp_path: Path, table: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        read(tmp_path / "a.csv", table)


def test_a_byte_that_is_no_utf_8_far_in_is_told_with_its_line(tmp_path: Path) -> None:
    rows = b"text\n" + b"some words of an article\n" * 20_000 + b"caf\xe9\n"
    with pytest.raises(FormatError, match=r"a\.csv:20002: it holds a byte that is not utf-8"):
        read(tmp_path / "a.csv", rows)


def test_columns_that_a_person_chose(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("lead,text,name\nA lead,The text,N\n", encoding="utf-8")
    chosen = columns(["title=name"], "lead")
    assert chosen == Columns(text="lead", title="name")
    [document] = Csv(chosen).read(path, Report())
    assert (document.article.text, document.article.title) == ("A lead", "N")
    assert document.article.meta["text"] == "The text"
    with pytest.raises(FormatError, match=r"no column “nope”\. Its columns are: lead, text"):
        list(Csv(Columns(text="nope")).read(path, Report()))
    for wrong in ("name", "colour=name", "title="):
        with pytest.raises(FormatError, match="names no column"):
            columns([wrong])


def test_records(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    found, _report = read(
        path,
        '{"content": "Body", "headline": "H", "tags": ["a"], "authors": ["A", "B"], "n": 1.5}\n'
        '{"content": "Other", "story": "S"}\n',
    )
    assert (found[0].text, found[0].title, found[0].author) == ("Body", "H", "A, B")
    assert (found[0].meta["tags"], found[0].meta["n"]) == (["a"], 1.5)
    [document] = Records(Columns(text="story")).read(path, Report())
    assert document.article.text == "S"
    with pytest.raises(FormatError, match=r"a\.jsonl:1: “text” must be a text"):
        list(Records().read(_written(path, '{"text": {"a": 1}}'), Report()))


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_what_a_person_is_shown_to_choose_columns(tmp_path: Path) -> None:
    table = _written(tmp_path / "a.csv", "lead;headline\n1;2\n3\n4;5\n")
    shown = preview(table, rows=2)
    assert (shown.header, shown.rows) == (("lead", "headline"), (("1", "2"), ("3", "")))
    assert shown.columns == Columns(title="headline")
    records = _written(tmp_path / "a.jsonl", '{"a": 1, "text": "x"}\n{"b": null}\n')
    assert preview(records).header == ("a", "text", "b")
    assert preview(records).rows == (("1", "x", ""), ("", "", ""))


# -- feeds


def test_a_feed(tmp_path: Path) -> None:
    for name in ("a.rss", "a.xml"):
        found, report = read(tmp_path / name, articles.RSS)
        first, second = found
        assert first.text == "Talks & more\n\nAli met Fawzy.\n\nThen left."
        assert (first.outlet, first.author, first.url) == ("SANA", "Jane", "https://example.org/1")
        assert (first.published, first.language) == ("2018-12-23T10:00:00+00:00", "en-us")
        assert first.meta["categories"] == ["diplomacy"]
        assert second.text == "Second\n\nA summary."
        assert report.notes == [
            f"{name}: 1 entry holds only a summary of its article.",
            f"{name}: 1 entry without a text was left out.",
        ]


def test_atom(tmp_path: Path) -> None:
    article = one(tmp_path / "a.atom", articles.ATOM)
    assert article.text == "T\n\nA < B\n\nC"
    assert (article.url, article.author) == ("https://example.org/yes", "Jean")
    assert (article.outlet, article.language) == ("Le Monde", "fr")


def test_other_xml_is_no_feed(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no format"):
        read(tmp_path / "a.xml", "<root/>")
    with pytest.raises(FormatError, match="no feed"):
        read(tmp_path / "a.rss", "<root/>")


def test_what_a_reader_sees_of_html() -> None:
    html = "<style>p{}</style><p>A&nbsp;<b>b</b><br>c</p><ul><li>x<li>y</ul><script>no</script>"
    assert plain(html) == "A b\nc\n\nx\ny"


# -- bundles


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_lexisnexis(ends: str) -> None:
    (first, second), bare = split(articles.NEXIS.replace("\n", ends))
    assert bare == 0
    assert first.text == (
        "Talks on Syria Begin in Cairo\n\nSyrian intelligence chief Ali Mamluk met with Khaled "
        "Fawzy in Cairo on Saturday.\n\nRiyadh opposed the Russian draft."
    )
    assert (first.title, first.outlet) == ("Talks on Syria Begin in Cairo", "The New York Times")
    assert (first.author, first.url) == ("JANE DOE and JOHN ROE", "https://example.org/nyt")
    assert first.meta["DATELINE"] == "CAIRO"
    assert first.meta["EDITION"] == "Late Edition - Final"
    assert "All Rights Reserved" in first.meta["COPYRIGHT"]
    assert second.text == "Des pourparlers au Caire\n\nAli Mamlouk est au Caire."
    assert (second.outlet, second.published) == ("Le Monde", "23 décembre 2018")


def test_nexis_uni() -> None:
    [part], bare = split(articles.NEXIS_UNI)
    assert bare == 0
    assert part.text == (
        "Talks on Syria Begin in Cairo\n\nSyrian intelligence chief Ali Mamluk met with Khaled "
        "Fawzy in Cairo on Saturday.\nThen he left.\nRiyadh opposed the Russian draft."
    )
    assert (part.outlet, part.author) == ("The Guardian (London)", "Jane Doe in Cairo")
    assert iso(part.published) == "2018-12-23"


def test_factiva() -> None:
    (first, second), bare = split(articles.FACTIVA + "\nSearch Summary\nText: cairo\n")
    assert bare == 1
    assert first.text == (
        "Talks on Syria Begin in Cairo\n\nCAIRO, Dec 23 (Reuters) - Ali Mamluk met with Khaled "
        "Fawzy.\n\nRiyadh opposed the Russian draft."
    )
    assert (first.outlet, first.author, first.language) == ("Reuters News", "Jane Doe", "English")
    assert first.meta["AN"] == "LBA0000020181223eecn00123"
    assert second.text == "Second story\n\nNothing else happened in Damascus."
    assert second.outlet == "SANA"


def test_factiva_with_codes() -> None:
    [part], _bare = split(articles.FACTIVA_CODED)
    assert part.text == (
        "Talks on Syria Begin in Cairo\n\nCAIRO, Dec 23 (Reuters) - Ali Mamluk met with Khaled "
        "Fawzy.\n\nIN Cairo they talked.\n\nRiyadh opposed the Russian draft."
    )
    assert (part.outlet, part.published) == ("Reuters News", "23 December 2018")
    assert part.meta["CO"] == "sana : Syrian Arab News Agency"


def test_a_bundle_is_split_in_whatever_file_it_comes(tmp_path: Path) -> None:
    lines = articles.NEXIS.split("\n")
    word = "".join(articles.paragraph(line) for line in lines)
    rich = "{\\rtf1 " + articles.NEXIS.replace("\n", "\\par\n").replace("é", "\\'e9") + "}"
    for name, data in (("a.txt", articles.NEXIS), ("a.docx", articles.docx(word)), ("a.rtf", rich)):
        found, report = read(tmp_path / name, data)
        assert [a.published for a in found] == ["2018-12-23", "23 décembre 2018"]
        assert [a.language for a in found] == ["en", "fr"]
        assert report.notes == [f"{name} is a bundle of LexisNexis: 2 articles."]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("December 23, 2018 Sunday", "2018-12-23"),
        ("23 Dec. 2018", "2018-12-23"),
        ("Sept 1st, 2001", "2001-09-01"),
        ("Sun, 23 Dec 2018 10:00:00 +0200", "2018-12-23T10:00:00+02:00"),
        ("2018-12-23", "2018-12-23"),
        ("23 décembre 2018", "23 décembre 2018"),
        ("31 February 2018", "31 February 2018"),
        ("Marching 5, 2018", "Marching 5, 2018"),
        ("", ""),
    ],
)
def test_dates(said: str, found: str) -> None:
    assert iso(said) == found
