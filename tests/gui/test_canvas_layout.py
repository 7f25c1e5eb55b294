"""Where the text is: offsets and places agree, whatever the script; lines keep their height."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from core.annotation import Document
from core.article import Article, graphemes
from gui.canvas.layout import KEPT_LAYOUTS, TextLayout
from gui.canvas.metrics import DEEP_ROWS, MEASURE, ROWS, Columns, Metrics
from gui.canvas.page import Page
from gui.canvas.text import ArticleText
from gui.theme import load_fonts
from tests.gui.conftest import NEWS
from tests.gui.test_canvas_text import TEXTS


@pytest.fixture(autouse=True, scope="module")
def fonts(qapp: object) -> None:
    load_fonts()


def laid_out(text: str, width: float = 640, size: float = 17) -> TextLayout:
    article, metrics = ArticleText(text), Metrics(size)
    return TextLayout(article, metrics, Columns.within(width, metrics, article.rtl))


@given(TEXTS)
@settings(max_examples=60)
def test_lines_tile_the_text(text: str) -> None:
    layout = laid_out(text, 400)
    for i, block in enumerate(layout.text.blocks):
        lines = layout.lines(i)
        assert lines[0].start == block.start
        assert lines[-1].end == block.end
        assert all(a.end == b.start for a, b in pairwise(lines))
        assert [line.top for line in lines] == [n * layout.metrics.pitch for n in range(len(lines))]


@given(TEXTS)
@settings(max_examples=60)
def test_a_click_in_a_characters_cell_finds_it(text: str) -> None:
    """The cell of every visible grapheme leads back to its offset, in any script."""
    layout = laid_out(text)
    for i, block in enumerate(layout.text.blocks):
        for start, end in graphemes(block.text):
            start, end = block.start + start, block.start + end
            cells = list(layout.stretches(i, start, end))
            wide = [c for c in cells if c.right - c.left > 2]
            if not wide or text[start:end].isspace():
                continue  # nothing to click, or white space that hangs over the edge
            line, left, right = wide[0]
            y = layout.top(i) + (line + 0.5) * layout.metrics.pitch
            found = layout.character_at((left + right) / 2, y)
            assert found is not None
            cell = layout.stretches(i, found, layout.text.next_stop(found, "char"))[0]
            # several graphemes that are drawn as one shape share its cell
            assert found == start or cell == wide[0]


@given(TEXTS, st.data())
@settings(max_examples=60)
def test_a_carets_place_leads_back_to_it(text: str, data: st.DataObject) -> None:
    layout = laid_out(text)
    article = layout.text
    offset = article.to_grapheme(data.draw(st.integers(0, len(text))))
    caret = layout.caret(offset)
    found = layout.offset_at(caret.center().x(), caret.center().y())
    there = layout.caret(found)
    # where directions meet, and at marks without width, several offsets have one place
    assert abs(there.center().x() - caret.center().x()) < 1.5
    assert there.top() == caret.top()


@pytest.mark.parametrize(
    "text",
    ["Ali Mamluk held talks in Egypt", "🇺🇦 Kyiv and 👩‍👩‍👧‍👦 families", "e\u0301te\u0301 naïve"],
)
def test_the_cells_of_a_word_are_as_wide_as_its_text(text: str) -> None:
    layout = laid_out(text, 900)
    ((_, left, right),) = layout.stretches(0, 0, len(text))
    words = text.split(" ")
    at, total = 0, 0.0
    for word in words:
        ((_, a, b),) = layout.stretches(0, at, at + len(word))
        assert left <= a < b <= right
        total += b - a
        at += len(word) + 1
    spaces = sum(
        b - a for n, c in enumerate(text) if c == " " for _, a, b in layout.stretches(0, n, n + 1)
    )
    assert total + spaces == pytest.approx(right - left, abs=1.0)


def test_arabic_is_at_the_right_and_reads_leftwards() -> None:
    layout = laid_out("قال مصطفى مدبولي إن الحكومة")
    right = layout.columns.text + layout.columns.text_width
    ((_, _, edge),) = layout.stretches(0, 0, 3)
    assert edge == pytest.approx(right, abs=1)
    ((_, first, _),) = layout.stretches(0, 0, 3)
    ((_, _, second),) = layout.stretches(0, 4, 9)
    assert second < first


def test_a_range_over_two_directions_is_several_stretches() -> None:
    text = "Hebrew ירושלים city"
    layout = laid_out(text, 900)
    start = text.index("ו")
    stretches = list(layout.stretches(0, start, text.index("city") + 2))
    assert len(stretches) == 2
    assert all(s.left < s.right for s in stretches)


def test_a_boundary_is_at_the_edge_that_reading_reaches() -> None:
    text = "in غزة now"
    layout = laid_out(text, 900)
    ((_, left, right),) = layout.stretches(0, 3, 6)
    assert layout.edge(3, False)[2] == pytest.approx(right, abs=0.6)
    assert layout.edge(6, True)[2] == pytest.approx(left, abs=0.6)
    ((_, left, right),) = layout.stretches(0, 0, 2)
    assert layout.edge(0, False)[2] == pytest.approx(left, abs=0.6)
    assert layout.edge(2, True)[2] == pytest.approx(right, abs=0.6)


@pytest.mark.parametrize("size", [11, 13, 17, 24, 38])
def test_a_line_has_room_for_all_that_is_painted_on_it(size: float) -> None:
    m = Metrics(size)
    assert m.channel + m.tag_height <= m.ink_top
    assert m.tags.cap_height < m.tag_height
    for deep, rows in ((False, ROWS), (True, DEEP_ROWS)):
        strokes = [m.underline(row, deep) for row in range(rows)]
        assert strokes[0][0] >= m.ink_bottom
        for (top, height), (below, _) in pairwise(strokes):
            assert top + height < below or size < 13
        assert sum(strokes[-1]) <= m.pitch
        assert m.underline(9, deep) == strokes[-1]


def test_a_fallback_font_does_not_move_the_baseline() -> None:
    layout = laid_out("Latin ببب \U0001f600 中 ", 900)
    line = layout.lines(0)[0].text
    assert line.y() + line.ascent() == pytest.approx(layout.metrics.baseline, abs=0.51)


@pytest.mark.parametrize("width", [300, 500, 760, 1000, 1600, 2400])
@pytest.mark.parametrize("mirrored", [False, True])
def test_columns_fit_and_keep_a_measure(width: float, mirrored: bool) -> None:
    m = Metrics(17)
    c = Columns.within(width, m, mirrored)
    spans = [(c.text, c.text + c.text_width), (c.rail, c.rail + c.rail_width)]
    spans += [(c.margin, c.margin + c.margin_width)] if c.margin_width else []
    assert all(0 <= a < b <= width for a, b in spans)
    spans.sort()
    assert all(a[1] <= b[0] + 1 for a, b in pairwise(spans))
    assert c.text_width / m.character <= MEASURE
    if width >= 860:
        assert c.text_width / m.character >= MEASURE - 1


def test_estimates_become_exact(qtbot: QtBot) -> None:
    text = "\n\n".join("word " * n for n in range(1, 200))
    page = Page(Document(Article("a", text)), NEWS, 17, 900)
    layout = page.layout
    changes = 0
    while (i := layout.next_unmeasured()) >= 0:
        before = layout.height
        delta = layout.measure(i)
        assert layout.height == before + delta
        changes += delta != 0
    assert changes
    tops = [layout.top(i) for i in range(len(page.text.blocks))]
    sums = [20]
    for i in range(len(tops) - 1):
        sums.append(sums[-1] + layout.block_height(i))
    assert tops == sums
    for i, top in enumerate(tops):
        if layout.block_height(i):
            assert layout.block_at_y(top) == i
            assert layout.block_at_y(top + layout.block_height(i) - 1) == i


def test_layouts_far_away_are_let_go() -> None:
    many = 2 * KEPT_LAYOUTS
    layout = laid_out("\n".join(f"paragraph {n}" for n in range(many)))
    for i in range(many):
        layout.lines(i)
    assert len(layout._layouts) == len(layout._lines) == KEPT_LAYOUTS
    assert layout.lines(3)[0].start == layout.text.blocks[3].start
