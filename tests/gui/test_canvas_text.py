"""Blocks, units of movement and snapping; nothing of Qt."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.article import graphemes, paragraphs, tokens
from gui.canvas.selection import Selection
from gui.canvas.text import LONGEST_BLOCK, ArticleText

# Words, separators and the things that go wrong: marks, joined emoji, both directions, surrogates
WORDS = ["Ali", "Mamluk", "U.S.", "e\u0301t\u00e9", "470,000", "-", "'s", ".", ". "]
SCRIPTS = ["غزة", "ירושלים", "में", "中文", "🇺🇦", "👩\u200d👩\u200d👧\u200d👦", "\u200f", "\ud800"]
SPACES = [" ", " ", "\t", "\n", "\r\n", "\n\n", "\u2028"]
TEXTS = st.lists(st.sampled_from(WORDS + SCRIPTS + SPACES), max_size=40).map("".join)


@given(TEXTS)
def test_blocks_are_the_paragraphs(text: str) -> None:
    article = ArticleText(text)
    assert [(b.start, b.end) for b in article.blocks] == paragraphs(text)
    for block in article.blocks:
        assert len(block.shown) == block.end - block.start
        block.shown.encode("utf-8")  # Qt can show it


@given(st.integers(1, 4), st.sampled_from(["One word after the other. ", "एक", "x", "👩‍👩‍👧‍👦"]))
@settings(max_examples=12)
def test_a_long_paragraph_is_cut_where_nothing_breaks(times: int, stem: str) -> None:
    text = stem * (times * LONGEST_BLOCK // len(stem) + 7)
    article = ArticleText(text)
    assert "".join(b.text for b in article.blocks) == text
    assert max(b.end - b.start for b in article.blocks) <= LONGEST_BLOCK
    starts = {g.start for g in graphemes(text)} | {len(text)}
    assert {b.start for b in article.blocks} <= starts
    if " " in stem:
        assert all(b.text[-1] == " " for b in article.blocks)


@given(TEXTS, st.data())
def test_snapping_gives_whole_tokens(text: str, data: st.DataObject) -> None:
    article = ArticleText(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    snapped = article.snapped(start, end)
    touched = [t for t in tokens(text) if t.start < end and start < t.end]
    if touched:
        assert snapped == (touched[0].start, touched[-1].end)
    else:
        assert snapped.start == snapped.end


@given(TEXTS, st.data())
def test_no_caret_place_cuts_a_grapheme(text: str, data: st.DataObject) -> None:
    article = ArticleText(text)
    offset = data.draw(st.integers(0, len(text)))
    places = {0, len(text)}
    for block in article.blocks:
        places |= {block.start + g.start for g in graphemes(block.text)} | {block.end}
    assert article.to_grapheme(offset) in places


@given(TEXTS)
def test_characters_there_and_back(text: str) -> None:
    """Going on by characters visits every place once, and going back visits the same."""
    article = ArticleText(text)
    forth = [0]
    while forth[-1] < len(text):
        forth.append(article.next_stop(forth[-1], "char"))
        assert forth[-1] > forth[-2]
    back = [forth[-1]]
    while back[-1] > 0:
        back.append(article.previous_stop(back[-1], "char"))
        assert back[-1] < back[-2]
    assert back[::-1] == forth


@given(TEXTS)
def test_tokens_one_after_the_other(text: str) -> None:
    """Extending token by token from the start takes one more token each time."""
    selection = Selection(ArticleText(text))
    for _, end in tokens(text):
        selection.move("token", +1, extend=True)
        assert selection.caret == end
    for token in reversed(tokens(text)[:-1]):
        selection.move("token", -1, extend=True)
        assert selection.caret == token.end


def test_extending_to_the_left_takes_starts() -> None:
    text = "Ali Mamluk held talks"
    selection = Selection(ArticleText(text))
    selection.place(text.index("held"))
    selection.move("token", -1, extend=True)
    assert [text[a:b] for a, b in selection.fragments] == ["Mamluk"]
    selection.move("token", -1, extend=True)
    assert [text[a:b] for a, b in selection.fragments] == ["Ali Mamluk"]
    selection.move("token", +1, extend=True)
    assert [text[a:b] for a, b in selection.fragments] == ["Mamluk"]


def test_an_arrow_key_leaves_the_selection_at_its_side() -> None:
    text = "Ali Mamluk held talks"
    for direction, place in ((+1, text.index("held")), (-1, text.index("Mamluk"))):
        selection = Selection(ArticleText(text))
        selection.set(((4, 10),))  # type: ignore[arg-type]
        selection.move("token", direction, extend=False)
        assert (selection.fragments, selection.caret) == ((), place)


def test_a_held_selection_becomes_a_fragment() -> None:
    text = "Syrian and Egyptian officials"
    selection = Selection(ArticleText(text))
    assert not selection.hold()
    selection.move("token", +1, extend=True)
    assert selection.hold()
    for _ in range(3):
        selection.move("token", +1, extend=False)
    selection.move("token", +1, extend=True)
    assert [text[a:b] for a, b in selection.fragments] == ["Syrian", "officials"]
    selection.move("token", +1, extend=False)
    assert selection.fragments == ()


def test_sentences_and_paragraphs() -> None:
    text = "One here. Two there.\n\nThree."
    article = ArticleText(text)
    assert article.next_stop(0, "sentence") == text.index("Two")
    assert article.previous_stop(text.index("there"), "sentence") == text.index("Two")
    assert article.next_stop(3, "paragraph") == text.index("Three")
    assert article.previous_stop(len(text), "paragraph") == text.index("Three")
    assert article.previous_stop(text.index("Three"), "paragraph") == 0
    assert text[slice(*article.sentence_at(text.index("there")))] == "Two there."


def test_right_to_left_paragraphs_are_known() -> None:
    article = ArticleText("غزة and Gaza\nGaza and غزة\n\n«ירושלים»")
    assert [b.rtl for b in article.blocks] == [True, False, False, True]
    assert [b.mixed for b in article.blocks] == [True, True, False, True]
