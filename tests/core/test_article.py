"""Text and its units: tokens, graphemes, paragraphs, sentences, and the one map to UTF-16."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.article import (
    Article,
    Utf16Map,
    graphemes,
    paragraphs,
    sentences,
    span_at,
    tokens,
)

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
# what a language's writing brings, more often than chance would
WORDS = ["Mr. Assad", "U.S.", "3.5", "470,000", "e\u0301", "غزة", "में", "北京。"]
EMOJI = ["👩\u200d👩\u200d👧\u200d👦", "🇺🇦", "\U0001f600"]
MARKS = [" ", "\n", "\r\n", "\u2028", "\x85", ". ", "? ", '."', "...", "—", "'s", "-"]
NEWS = st.lists(st.sampled_from(WORDS + EMOJI + MARKS), max_size=30).map("".join)
TEXTS = ANY | NEWS


def words(text: str) -> list[str]:
    return [text[a:b] for a, b in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Syria's SANA", ["Syria", "'", "s", "SANA"]),
        ("Beirut-based NGO", ["Beirut", "-", "based", "NGO"]),
        ("al-Assad", ["al", "-", "Assad"]),
        ("the U.S. and U.N.", ["the", "U.S.", "and", "U.N."]),
        ("470,000 on 3.5% at 10:30", ["470,000", "on", "3.5", "%", "at", "10:30"]),
        ("the 21st, $5bn", ["the", "21st", ",", "$", "5bn"]),
        ("ends.", ["ends", "."]),
        ("2011.", ["2011", "."]),
        ("caf\u00e9 cafe\u0301", ["caf\u00e9", "cafe\u0301"]),
        ("🇺🇦 Kyiv", ["🇺🇦", "Kyiv"]),
        ("👩‍👩‍👧‍👦!", ["👩‍👩‍👧‍👦", "!"]),
        ("वर्ष में", ["वर्ष", "में"]),
        ("غزة، مدينة", ["غزة", "،", "مدينة"]),
        ("--", ["-", "-"]),
        ("", []),
        (" \t\n", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(TEXTS)
def test_tokens_cover_all_but_white_space(text: str) -> None:
    spans = tokens(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    inside = {i for a, b in spans for i in range(a, b)}
    assert all(i in inside or text[i].isspace() for i in range(len(text)))
    assert all(a < b for a, b in spans)


@given(TEXTS)
def test_no_token_cuts_a_grapheme(text: str) -> None:
    edges = {e for g in graphemes(text) for e in g}
    for start, end in tokens(text):
        assert start in edges, text[start:end]
        assert end in edges, text[start:end]


@given(TEXTS)
def test_graphemes_tile_the_text(text: str) -> None:
    assert "".join(text[a:b] for a, b in graphemes(text)) == text


@given(TEXTS)
def test_paragraphs_and_separators_make_up_the_text(text: str) -> None:
    parts = paragraphs(text)
    assert parts[0].start == 0
    assert parts[-1].end == len(text)
    for a, b in pairwise(parts):
        separator = text[a.end : b.start]
        assert separator == "\r\n" or len(separator) == 1
    assert [text[a:b] for a, b in parts] == (text.splitlines() if text else [""]) + (
        [""] if text and text.splitlines(keepends=True)[-1] != text.splitlines()[-1] else []
    )


def test_carriage_return_and_line_feed_are_one_separator() -> None:
    assert paragraphs("a\r\nb\n\nc") == [(0, 1), (3, 4), (5, 5), (6, 7)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Mr. Assad left. He was late.", ["Mr. Assad left.", "He was late."]),
        ("In the U.S. Senate. Yes.", ["In the U.S. Senate.", "Yes."]),
        ("positions... and strengthen. End", ["positions... and strengthen.", "End"]),
        ('"A visit." He said so.', ['"A visit."', "He said so."]),
        ("It rose 3.5 percent. Then?", ["It rose 3.5 percent.", "Then?"]),
        ("No end", ["No end"]),
        ("A title\nAnd text. ", ["A title", "And text."]),
        ("قال. ثم ذهب؟ نعم.", ["قال.", "ثم ذهب؟", "نعم."]),
        ("他来了。她走了。", ["他来了。", "她走了。"]),
        ("J. Smith met A. Jones.", ["J. Smith met A. Jones."]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == expected


@given(TEXTS)
def test_sentences_hold_all_the_text(text: str) -> None:
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    inside = {i for a, b in spans for i in range(a, b)}
    assert all(i in inside or text[i].isspace() for i in range(len(text)))
    assert all(text[a:b].strip() == text[a:b] != "" for a, b in spans)


@given(TEXTS)
def test_utf16_is_what_utf16_says(text: str) -> None:
    found = Utf16Map(text)
    for offset in range(len(text) + 1):
        units = len(text[:offset].encode("utf-16-le")) // 2
        assert found.to_utf16(offset) == units
        assert found.to_code_points(units) == offset


@given(TEXTS)
def test_the_middle_of_a_pair_is_its_start(text: str) -> None:
    found = Utf16Map(text)
    for offset, character in enumerate(text):
        if character > "\uffff":
            assert found.to_code_points(found.to_utf16(offset) + 1) == offset


def test_the_flag_of_the_design() -> None:
    text = "🇺🇦 Kyiv"
    assert (len(text), Utf16Map(text).to_utf16(len(text))) == (7, 9)


@given(TEXTS, st.integers(-3, 70))
def test_span_at_is_the_last_that_starts_before(text: str, offset: int) -> None:
    spans = tokens(text)
    before = [n for n, span in enumerate(spans) if span.start <= offset]
    assert span_at(spans, offset) == (before[-1] if before else -1)


def test_the_same_text_is_the_same_article() -> None:
    one, other = Article("a-1", "Text.", title="x"), Article("a-2", "Text.", title="y")
    assert one.sha256 == other.sha256 != Article("a-3", "Text").sha256
    assert Article("a-4", "\ud800").sha256  # even what can't be encoded
