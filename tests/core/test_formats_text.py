"""Plain text: read right, or refused; never mangled."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.article import title_of
from core.errors import FormatError
from core.formats import Report, registry
from core.formats.text import Text, decode

RUSSIAN = (
    "Министр иностранных дел России заявил, что переговоры в Женеве продолжатся на следующей"
    " неделе, сообщает агентство. Представители сирийской оппозиции отказались от встречи.\n"
)
ARABIC = "قال وزير الخارجية السوري إن المحادثات في القاهرة ستستمر الأسبوع المقبل بين الجانبين. "
CHINESE = "外交部长表示，下周将在日内瓦继续举行谈判。反对派对此提出了批评。双方没有达成协议。" * 3


def read(path: Path, encoding: str = "") -> tuple[str, Report]:
    report = Report()
    [document] = Text(encoding).read(path, report)
    return document.article.text, report


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(str.strip))
def test_utf8_is_read_as_it_is(text: str) -> None:
    assert decode(text.encode()).text == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_is_believed_and_dropped(mark: bytes, encoding: str) -> None:
    text = "🇺🇦 Kyiv, é\r\nнет"
    assert decode(mark + text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN * 2, "cp1251"),
        (RUSSIAN * 2, "koi8_r"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859_5"),
        (ARABIC * 3, "cp1256"),
        (ARABIC * 3, "iso8859_6"),
        (CHINESE, "gb18030"),
    ],
)
def test_other_encodings_are_read_where_there_is_no_doubt(
    text: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    found, report = read(path)
    assert found == text
    assert "was read as" in report.notes[0]


FRENCH = "Le président a déclaré que les négociations reprendraient dès l’été à Genève. "
ENGLISH = "The minister’s “statement” – which came late – was rejected by the café’s owner. "
SPANISH = "El ministro señaló que la reunión se celebrará mañana en España. "
GERMAN = "Der Außenminister sagte, die Gespräche würden nächste Woche in Zürich fortgeführt. "
POLISH = "Minister powiedział, że rozmowy będą kontynuowane, choć część posłów się sprzeciwiła. "
JAPANESE = "外務大臣は記者会見で、来週もジュネーブでの交渉を続けると述べた。野党はこれを批判した。"


@pytest.mark.parametrize("times", [1, 5, 30])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        (FRENCH, "mac_roman"),
        (FRENCH.replace("’", "'"), "latin_1"),
        (FRENCH.replace("’", "'"), "cp850"),
        (ENGLISH, "cp1252"),
        (ENGLISH, "mac_roman"),
        (SPANISH, "cp1252"),
        (SPANISH, "mac_roman"),
        (GERMAN, "latin_1"),
        (GERMAN, "mac_roman"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859_2"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "mac_cyrillic"),
        (ARABIC, "cp1256"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"),
    ],
)
def test_no_encoding_is_ever_mangled(text: str, encoding: str, times: int) -> None:
    data = (text * times).encode(encoding)
    refusal = ""
    try:
        found = decode(data).text
    except FormatError as error:
        found, refusal = text * times, error.hint
    assert found == text * times
    assert not refusal or "--encoding" in refusal


def test_the_person_can_name_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(ENGLISH.encode("cp1252"))
    with pytest.raises(FormatError, match="encoding is in doubt"):
        read(path)
    assert read(path, "cp1252")[0] == ENGLISH
    with pytest.raises(FormatError, match="not utf-8"):
        read(path, "utf-8")
    with pytest.raises(FormatError, match="no encoding klingon"):
        read(path, "klingon")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "white space"),
        (codecs.BOM_UTF8, "empty"),
        (b"a\x00b", "NUL"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "NUL"),
        (b"%PDF-1.7 \x01\x02", "control character U\\+0001"),
        ("外務大臣".encode("iso2022_jp"), "control character U\\+001B"),
        ("Kyiv".encode("utf-16-le"), "NUL"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8", "does not fit"),
        (b"ok so far \xff\xfe\xfd", "in doubt"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=reason) as caught:
        read(path)
    assert caught.value.path == str(path)
    assert caught.value.hint


def test_the_text_is_never_normalised(tmp_path: Path) -> None:
    text = "\r\n  Zwei  Zeilen\r\ncafe\u0301 caf\u00e9\u2028\t\u00a0Ende\r"
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    assert read(path)[0] == text


def test_damage_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("caf\ufffd", encoding="utf-8")
    assert "U+FFFD" in read(path)[1].notes[0]


def test_the_title_is_the_first_line_shortened() -> None:
    assert title_of("\n \nTalks  in Cairo \nmore") == "Talks in Cairo"
    long = title_of("word " * 100)
    assert len(long) <= 120
    assert long.endswith("word…")
    assert title_of("x" * 500) == "x" * 119 + "…"


def test_other_kinds_of_files_are_no_articles(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    picture.write_text("<svg/>")
    with pytest.raises(FormatError, match="no format that Goldsmith reads"):
        registry.reader_for(picture)
    with pytest.raises(FormatError, match="no such file"):
        registry.reader_for(tmp_path / "missing.txt")


def test_the_registry_lists_each_format_once() -> None:
    names = [r.name for r in registry.readers()]
    assert len(set(names)) == len(names)
    assert registry.writers()[0].name == "jsonl"
    for name in names:
        assert registry.reader(name).name == name
    assert registry.writer_for(Path("x.SPACY")).name == "docbin"
    with pytest.raises(FormatError, match="There is: jsonl, "):
        registry.writer("xml")
    with pytest.raises(FormatError, match="--format"):
        registry.writer_for(Path("x.xml"))
