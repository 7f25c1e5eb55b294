"""Any script and any white space: what is dragged over is selected, what is clicked is found, and
the offsets are those of the text; by mouse events, also on real Arabic news."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF

from core.annotation import covered_text
from gui.canvas import Canvas
from tests.conftest import ROOT
from tests.gui.conftest import Draft, ShowCanvas
from tests.gui.test_canvas_mouse import ALT, click, drag, selected

ARABIC = ROOT.parent / "shared" / "foreign" / "conll" / "wojood_arabic_val.txt"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG, WAVE = "\U0001f1fa\U0001f1e6", "\U0001f44b\U0001f3fd"
LONG = "Donaudampfschifffahrts" * 12

SAMPLES = {
    "arabic": (
        "قال رئيس الوزراء المصري مصطفى مدبولي إن الحكومة ترحب.",
        ["رئيس الوزراء", "مدبولي", "قال"],
    ),
    "hebrew": ("הנשיא נפגש עם ראש הממשלה בירושלים.", ["ראש הממשלה", "הנשיא"]),
    "arabic with latin": (
        "التقى الوزير (Antony Blinken) في Washington أمس.",
        ["Antony Blinken", "الوزير", "أمس"],
    ),
    "latin with arabic": (
        "The daily الأهرام اليومي said so in Cairo.",
        ["الأهرام اليومي", "said", "Cairo"],
    ),
    "numbers in arabic": ("قتل 25 شخصا في 3 مايو 2016 قرب حلب.", ["25", "مايو 2016", "حلب"]),
    "devanagari": ("प्रधानमंत्री ने दिल्ली में कहा।", ["प्रधानमंत्री", "दिल्ली"]),
    "cjk": ("中国国家主席习近平在北京会见了普京。", ["习近平", "北京", "普京"]),
    "emoji": (f"Hello {WAVE} from {FLAG} Kyiv {FAMILY} today", [FLAG, FAMILY, "Kyiv", WAVE]),
    "combining": (
        "Ca\u0301fe\u0301 in Orle\u0301ans, Z\u0335\u0321a\u0301",
        ["Ca\u0301fe\u0301", "Orle\u0301ans"],
    ),
    "a very long word": (f"In {LONG} sat Mamluk there.", [LONG, "Mamluk", LONG[100:260]]),
    "tabs": (
        "Name\tPlace\tDate\nMamluk\t\tCairo\tMonday",
        ["Place", "Cairo", "Monday", "Place\tDate"],
    ),
    "cr lf": ("One met Two.\r\n\r\nThree met Four.\r\nFive.\r", ["Two", "Three met Four", "Five"]),
    "blank lines": ("\n\n\n  One\n \n\t\n\nTwo three\n\n\n", ["One", "Two three", "three"]),
    "other line ends": ("One\u2028Two three\u2029Four\x0bFive\x85Six", ["Two", "Four", "Six"]),
}
WORDS = [(name, n) for name, (_, words) in SAMPLES.items() for n in range(len(words))]


def over(canvas: Canvas, start: int) -> QPoint:
    """The point of the viewport in the middle of the grapheme at `start`."""
    layout, text = canvas._page.layout, canvas._page.text
    canvas.reveal_offset(start)
    i = text.block_at(start)
    line, left, right = layout.stretches(i, start, text.next_stop(start, "char"))[0]
    y = layout.top(i) + line * layout.metrics.pitch + layout.metrics.baseline - 4
    return QPointF((left + right) / 2, y - canvas.view[0]).toPoint()


def last_of(canvas: Canvas, end: int) -> int:
    """Where the grapheme before `end` starts."""
    return canvas._page.text.previous_stop(end, "char")


@pytest.mark.parametrize(("name", "n"), WORDS)
def test_what_is_dragged_over_is_selected(show: ShowCanvas, name: str, n: int) -> None:
    text, words = SAMPLES[name]
    draft = Draft(text)
    span = draft.span(words[n])
    canvas = show(draft, 620, 400)
    first, last = over(canvas, span.start), over(canvas, last_of(canvas, span.end))
    for a, b in ((first, last), (last, first)):
        if a == b:  # one grapheme: to its sides
            continue
        drag(canvas, a, b)
        tokens = canvas._page.text.snapped(*span)
        assert [tuple(f) for f in canvas.selection] == [tokens]
    if name not in ("a very long word", "cjk"):
        assert words[n] in selected(canvas) or first == last


@pytest.mark.parametrize(("name", "n"), WORDS)
def test_a_click_finds_the_mention(show: ShowCanvas, name: str, n: int) -> None:
    text, words = SAMPLES[name]
    draft = Draft(text)
    span = draft.span(words[n])
    id = draft.gold(words[n]) if n % 2 else draft.suggested(words[n])
    canvas = show(draft, 620, 400)
    for offset in (span.start, last_of(canvas, span.end)):
        canvas.set_focused("")
        click(canvas, over(canvas, offset))
        assert canvas.focused == id
    for offset in (span.start - 1, span.end):
        inside = 0 <= offset < len(text) and not text[offset].isspace()
        # what is left or right of it on the screen is not it, whichever way the text runs
        if inside and canvas._page.text.to_grapheme(offset) == offset:
            click(canvas, over(canvas, offset))
            assert canvas.focused == ""


@pytest.mark.parametrize("name", SAMPLES)
def test_with_alt_every_grapheme_can_be_selected(show: ShowCanvas, name: str) -> None:
    """By a drag from its leading to its trailing half; never a part of one."""
    canvas = show(Draft(SAMPLES[name][0]), 1000, 900)
    canvas.set_type_size(38)  # wider than what is a drag
    text, layout, m = canvas._page.text, canvas._page.layout, canvas._page.metrics
    at, seen = 0, 0
    while at < len(text.text) and seen < 40:
        end = text.next_stop(at, "char")
        i = text.block_at(at)
        stretches = layout.stretches(i, at, end)
        if not text.text[at:end].isspace() and len(stretches) == 1:
            line, left, right = stretches[0]
            y = layout.top(i) + line * m.pitch + m.baseline - 4 - canvas.view[0]
            edges = QPointF(left + 1, y).toPoint(), QPointF(right - 1, y).toPoint()
            if right - left >= 10:
                drag(canvas, *edges, ALT)
                assert [tuple(f) for f in canvas.selection] == [(at, end)], text.text[at:end]
                seen += 1
        at = end
    assert seen >= 3


def wojood(sentences: int) -> tuple[str, list[tuple[int, int, str]]]:
    """Some real sentences, a paragraph each, and their mentions as (start, end, type)."""
    text, found = "", []
    for sentence in ARABIC.read_text(encoding="utf-8").split("\n\n")[:sentences]:
        for row in sentence.split("\n"):
            token, _, tag = row.rpartition(" ")
            if not token:
                continue
            start = len(text)
            text += token + " "
            if tag.startswith("B-"):
                found.append((start, start + len(token), tag[2:]))
            elif tag.startswith("I-") and found:
                found[-1] = (found[-1][0], start + len(token), found[-1][2])
        text = text.rstrip() + "\n"
    return text, found


@pytest.mark.skipif(not ARABIC.exists(), reason="../shared/foreign is not here")
def test_real_arabic_is_selected_and_found(show: ShowCanvas) -> None:
    text, found = wojood(14)
    draft = Draft(text)
    canvas = show(draft, 900, 700)
    assert canvas._page.text.rtl
    columns = canvas._page.columns
    assert columns.margin < columns.text  # the cards are at the left
    assert len(found) >= 20
    for start, end, _type in found:
        if canvas._page.text.snapped(start, end) != (start, end):
            continue
        over(canvas, start)  # scrolls there
        last = over(canvas, last_of(canvas, end))
        first = over(canvas, start)
        one_line = canvas._page.layout.line_span(start) == canvas._page.layout.line_span(end - 1)
        if one_line and text[end - 1].isalpha():  # numbers are read rightwards
            assert last.x() <= first.x()
        drag(canvas, first, last)
        if first != last:
            assert selected(canvas) == text[start:end]
    for n, (start, end, _type) in enumerate(found):
        id = draft.gold(text[start:end]) if n % 2 else draft.suggested(text[start:end])
        mention = draft.document.item(id)
        assert mention is not None
        assert covered_text(text, mention.fragments) == text[start:end]  # type: ignore[union-attr]
    canvas.set_document(draft.document, canvas._scheme)
    for start, _end, _type in found[:20]:
        click(canvas, over(canvas, start))
        covering = canvas.mentions_at(start)
        assert (canvas.focused in covering) if covering else canvas.focused == ""
