"""The canvas by keyboard and by its methods: caret, hints, focus, scrolling, zoom."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from core.annotation import Fragment, Suggestion, covered_text
from gui.canvas import Canvas
from gui.canvas.hints import Hints, labels
from gui.canvas.strip import Strip
from gui.canvas.words import spoken, tool_tip
from gui.theme import DARK
from tests.gui.conftest import NEWS, Draft, ShowCanvas, change
from tests.gui.test_canvas_mouse import at, click, selected

TALKS = (
    "Syria's intelligence chief Ali Mamluk held talks in Egypt on Monday.\n\n"
    "Mamluk met with Khaled Fawzy, head of general intelligence, in Cairo."
)
LONG = "\n\n".join(f"Paragraph {n} tells of Cairo and of what was said there." for n in range(80))


def people(nth: int = 3) -> tuple[Draft, list[str]]:
    draft = Draft(TALKS)
    return draft, [draft.gold("Ali Mamluk"), draft.suggested("Khaled Fawzy"), draft.gold("Cairo")]


# -- caret and selection


def test_selecting_by_keyboard(show: ShowCanvas, qtbot: QtBot) -> None:
    canvas = show(Draft(TALKS))
    for _ in range(2):
        canvas.move_caret("token", +1)
    with qtbot.waitSignals([canvas.selection_changed, canvas.caret_moved]):
        canvas.move_caret("token", +1, extend=True)
    canvas.move_caret("token", +1, extend=True)
    assert selected(canvas) == "s intelligence"
    canvas.move_caret("token", +1)
    assert canvas.selection == ()
    assert TALKS[canvas.caret :].startswith("chief")


def test_a_discontinuous_selection_by_keyboard(show: ShowCanvas) -> None:
    canvas = show(Draft(TALKS))
    canvas.move_caret("token", +1, extend=True)
    assert canvas.hold_selection()
    for _ in range(2):  # over the possessive
        canvas.move_caret("token", +1)
    canvas.move_caret("token", +1, extend=True)
    assert selected(canvas) == "Syria … intelligence"


def test_moving_by_lines_keeps_the_column(show: ShowCanvas) -> None:
    draft = Draft("A long line of words goes here\nshort\nAnother long line of words is here")
    canvas = show(draft)
    canvas.set_caret(20)
    x = canvas._page.layout.caret(20).center().x()
    canvas.move_caret("line", +1)
    assert canvas.caret == draft.article.text.index("short") + 5
    canvas.move_caret("line", +1)
    assert canvas._page.layout.caret(canvas.caret).center().x() == pytest.approx(x, abs=7)
    canvas.move_caret("line", -1)
    canvas.move_caret("line", -1)
    assert canvas.caret == 20


def test_moving_through_blank_lines_and_to_the_edges(show: ShowCanvas) -> None:
    canvas = show(Draft("First.\n\n\nLast words"))
    seen = [canvas.caret]
    for _ in range(4):
        canvas.move_caret("line", +1)
        seen.append(canvas.caret)
    assert seen[:4] == [0, 7, 8, 9]
    assert seen[4] == len("First.\n\n\nLast words")  # down from the last line is its end
    canvas.move_caret("line_edge", -1)
    assert canvas.caret == 9
    canvas.move_caret("line_edge", +1, extend=True)
    assert selected(canvas) == "Last words"
    canvas.move_caret("document", -1)
    assert canvas.caret == 0


def test_the_end_of_a_wrapped_line_stays_on_it(show: ShowCanvas) -> None:
    canvas = show(Draft("word " * 60), 500)
    line = canvas._page.layout.lines(0)[0]
    canvas.move_caret("line_edge", +1)
    assert canvas.caret == line.end - 1  # before the space where it wraps
    assert canvas._page.layout.line_at(0, canvas.caret) == 0


def test_keys_that_are_not_the_canvass_go_on(show: ShowCanvas) -> None:
    canvas = show(people()[0])
    for key in (Qt.Key.Key_A, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Tab):
        event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas, event)
        assert not event.isAccepted()
    assert QApplication.focusWidget() is canvas


# -- hints


def test_hints_are_short_and_none_begins_another() -> None:
    for n in (0, 1, 5, 15, 16, 40, 225, 400):
        made = labels(n)
        assert len(set(made)) == n
        assert not any(a != b and b.startswith(a) for a in made for b in made)
        assert max(map(len, made), default=0) <= (1 if n <= 15 else 2 if n <= 225 else 3)


def test_hints_narrow_as_letters_are_typed() -> None:
    hints = Hints([f"m{n}" for n in range(40)])
    target = "m39"
    first, second = hints.labels[target]
    assert hints.type("?") is None
    assert hints.type(first) == ""
    assert target in hints.remaining()
    assert all(len(left) == 1 for left in hints.remaining().values())
    assert hints.type(second.upper()) == target
    assert hints.back()


def test_letters_of_mentions_that_start_together_are_all_seen(show: ShowCanvas) -> None:
    draft = Draft("Ali Mamluk met Khaled Fawzy in Cairo.")
    ids = [draft.gold("Ali Mamluk"), draft.gold("Ali"), draft.gold("Mamluk"), draft.gold("met")]
    canvas = show(draft)
    assert canvas.show_hints(ids)
    targets = [(canvas.hint_place(id), letters) for id, letters in canvas.hints.labels.items()]
    rects = canvas.look.hint_rects(targets)
    assert len(rects) == len(ids)
    assert not any(a.intersects(b) for a, b in combinations(rects, 2))
    assert rects[0].left() < targets[0][0].left()  # the first stands over its target
    assert QRectF(canvas.viewport().rect()).contains(rects[-1])


def test_choosing_by_hint(show: ShowCanvas, qtbot: QtBot) -> None:
    draft, ids = people()
    canvas = show(draft)
    assert canvas.show_hints(ids)
    letters = canvas.hints.labels[ids[2]]
    with qtbot.waitSignal(canvas.hint_chosen) as said:
        QTest.keyClicks(canvas, letters)
    assert said.args == [ids[2]]
    assert not canvas.hints_shown


def test_a_click_chooses_a_hint(show: ShowCanvas, qtbot: QtBot) -> None:
    draft, ids = people()
    canvas = show(draft)
    canvas.show_hints(ids)
    with qtbot.waitSignal(canvas.hint_chosen) as said:
        click(canvas, at(canvas, "Fawzy"))
    assert said.args == [ids[1]]
    assert canvas.focused == ""


@pytest.mark.parametrize("how", ["escape", "backspace", "click", "leave", "none in sight"])
def test_leaving_the_hints(show: ShowCanvas, qtbot: QtBot, how: str) -> None:
    draft, ids = people()
    canvas = show(draft)
    with qtbot.assertNotEmitted(canvas.hint_chosen), qtbot.waitSignal(canvas.hints_cancelled):
        shown = canvas.show_hints(ids if how != "none in sight" else ["m99"])
        assert shown == (how != "none in sight")
        if how == "escape":
            QTest.keyClick(canvas, Qt.Key.Key_Escape)
        elif how == "backspace":
            QTest.keyClick(canvas, Qt.Key.Key_Backspace)
        elif how == "leave":
            canvas.clearFocus()
        elif how == "click":
            click(canvas, at(canvas, "talks"))
    assert not canvas.hints_shown


def test_what_is_seen_has_the_shortest_hints(show: ShowCanvas) -> None:
    draft = Draft(LONG)
    ids = [draft.gold("Cairo", "GPE", nth) for nth in range(40)]
    canvas = show(draft)
    canvas.set_focused(ids[30])
    canvas.show_hints(ids)
    seen = [id for id in ids if canvas.hint_place(id) is not None]
    assert 0 < len(seen) < 20
    assert list(canvas.hints.labels)[: len(seen)] == seen
    assert set(canvas.hints.labels) == set(ids)


def test_a_target_out_of_view_is_scrolled_to(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(LONG)
    ids = [draft.gold("Cairo", "GPE", nth) for nth in range(80)]
    canvas = show(draft)
    canvas.show_hints(ids)
    assert canvas.hint_place(ids[25]) is None
    letters = canvas.hints.labels[ids[25]]
    for _ in range(9):
        if canvas.hint_place(ids[25]) is None:
            QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert canvas.hint_place(ids[25]) is not None
    with qtbot.waitSignal(canvas.hint_chosen) as said:
        QTest.keyClicks(canvas, letters)
    assert said.args == [ids[25]]


# -- focus


def test_focus_scrolls_only_when_it_must(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(LONG)
    ids = [draft.gold("Cairo", "GPE", nth) for nth in range(80)]
    canvas = show(draft)
    canvas.set_focused(ids[2])
    assert canvas.view[0] == 0
    with qtbot.waitSignal(canvas.focus_changed) as said:
        canvas.set_focused(ids[60])
    assert said.args == [ids[60]]
    place = canvas._page.anchor(ids[60])
    assert canvas.view[0] < place.top() < place.bottom() < canvas.view[1]
    stays = canvas.view
    canvas.set_focused(ids[61])
    canvas.set_focused(ids[3], reveal=False)
    assert canvas.view == stays
    canvas.set_focused("no such id")
    assert canvas.focused == ""


def test_the_caret_goes_with_the_focus(show: ShowCanvas) -> None:
    draft, ids = people()
    canvas = show(draft)
    canvas.set_focused(ids[1])
    assert canvas.caret == draft.span("Khaled").start
    canvas.move_caret("token", +1)  # within it
    canvas.set_focused(ids[1], place_caret=False)
    assert canvas.caret == draft.span("Fawzy").start
    canvas.move_caret("token", +1, extend=True)
    canvas.set_focused(ids[1], place_caret=False)
    assert (canvas.focused, selected(canvas)) == ("", "Fawzy")


def test_what_is_gone_loses_the_focus(show: ShowCanvas, qtbot: QtBot) -> None:
    draft, ids = people()
    canvas = show(draft)
    canvas.set_focused(ids[1])
    suggestion = canvas.document.suggestions[ids[1]]
    gone = change((suggestion, None))
    with qtbot.waitSignal(canvas.focus_changed) as said:
        canvas.apply(canvas.document.after(gone), gone)
    assert said.args == [""]
    assert ids[1] not in canvas.reading_order()


def test_items_by_place(show: ShowCanvas) -> None:
    draft, ids = people()
    met = draft.related("met_with", ids[0], ids[1])
    canvas = show(draft)
    assert canvas.reading_order() == (ids[0], ids[1], met, ids[2])
    assert canvas.items_in(*canvas.sentence_at(3)) == (ids[0],)
    assert canvas.mentions_at(draft.span("Mamluk").start) == [ids[0]]
    assert canvas.relations_of(ids[1]) == [met]


def test_items_in_words(show: ShowCanvas) -> None:
    draft, ids = people()
    met = draft.relation_suggested("met_with", ids[0], ids[1])
    canvas = show(draft)
    page = canvas._page
    assert spoken(page, ids[0]) == "Ali Mamluk, PERSON, gold"
    assert spoken(page, met) == "Ali Mamluk met with Khaled Fawzy, relation, suggestion"
    assert spoken(page, "m99") == tool_tip(page, "m99") == ""
    assert "rules" in tool_tip(page, met)
    canvas.set_focused(ids[1])
    assert canvas.accessibleDescription() == "Khaled Fawzy, PERSON, suggestion"


def test_tool_tips_escape_what_articles_say(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft("<b>Cairo</b> it is")
    id = draft.gold("<b>Cairo</b>", "GPE")
    canvas = show(draft)
    assert "&lt;b&gt;Cairo" in tool_tip(canvas._page, id)
    where = at(canvas, "Cairo")
    QApplication.sendEvent(
        canvas.viewport(),
        QHelpEvent(QHelpEvent.Type.ToolTip, where, canvas.viewport().mapToGlobal(where)),
    )
    qtbot.waitUntil(QToolTip.isVisible)
    assert "GPE" in QToolTip.text()
    QToolTip.hideText()


def test_a_picker_opens_under_what_it_is_about(show: ShowCanvas) -> None:
    draft, ids = people()
    canvas = show(draft)
    below = {}
    for name, prepare in {
        "caret": lambda: None,
        "focus": lambda: canvas.set_focused(ids[0]),
        "selection": lambda: canvas.select((draft.span("Egypt"),)),
    }.items():
        prepare()
        below[name] = canvas.viewport().mapFromGlobal(canvas.anchor())
    assert below["focus"].x() == pytest.approx(at(canvas, "Ali", 0).x(), abs=3)
    assert below["selection"].x() == pytest.approx(at(canvas, "Egypt", 0).x(), abs=3)
    assert below["selection"].y() > at(canvas, "Egypt").y()
    other = canvas.viewport().mapFromGlobal(canvas.anchor(ids[2]))
    assert other.x() == pytest.approx(at(canvas, "Cairo", 0).x(), abs=3)


# -- document, looks, scrolling


def test_another_article_starts_at_its_top(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(LONG)
    id = draft.gold("Cairo", "GPE", 70)
    canvas = show(draft)
    canvas.set_focused(id)
    assert canvas.view[0] > 0
    with qtbot.waitSignal(canvas.focus_changed) as said:
        canvas.set_document(Draft(LONG + " More.").document, NEWS)
    assert said.args == [""]
    assert (canvas.view[0], canvas.caret, canvas.focused) == (0, 0, "")


def test_the_same_article_again_stays_where_it_was(show: ShowCanvas) -> None:
    draft = Draft(LONG)
    id = draft.gold("Cairo", "GPE", 70)
    canvas = show(draft)
    canvas.set_focused(id)
    view, caret = canvas.view, canvas.caret
    canvas.set_document(draft.document, NEWS)
    assert (canvas.view, canvas.caret, canvas.focused) == (view, caret, id)


def top_word(canvas: Canvas) -> int:
    layout = canvas._page.layout
    return layout.offset_at(canvas._page.columns.text, canvas.view[0] + canvas._page.metrics.pitch)


def test_zoom_keeps_the_place(show: ShowCanvas, qtbot: QtBot) -> None:
    canvas = show(Draft(LONG))
    canvas.verticalScrollBar().setValue(2000)
    before, size = top_word(canvas), canvas.type_size
    with qtbot.waitSignal(canvas.size_changed):
        canvas.zoom(+3)
    assert canvas.type_size > size
    assert abs(top_word(canvas) - before) < 80
    canvas.zoom(-100)
    assert canvas.type_size >= 9
    canvas.zoom(0)
    assert canvas.type_size == size


def test_a_resize_keeps_the_place(show: ShowCanvas, qtbot: QtBot) -> None:
    canvas = show(Draft(LONG))
    canvas.verticalScrollBar().setValue(2000)
    before = top_word(canvas)
    canvas.resize(520, 500)
    qtbot.waitUntil(lambda: canvas.viewport().width() < 520)
    assert abs(top_word(canvas) - before) < 80


@pytest.mark.parametrize("every", [1000, 2, 3, 7], ids="every {}th known".format)
def test_reading_on_never_makes_the_text_jump(show: ShowCanvas, every: int) -> None:
    """Upwards through what was never laid out, or here and there: what is on screen stays."""
    canvas = show(Draft("\n".join("word " * (n * 7 % 60 + 1) for n in range(300))), 600, 400)
    canvas._idle.stop()
    layout, bar = canvas._page.layout, canvas.verticalScrollBar()
    for i in range(0, 300, every):
        layout.measure(i)
    bar.setValue(bar.maximum())
    canvas._idle.stop()
    jumps = 0
    while bar.value() > 2000:
        eye = canvas._page.text.block_at(layout.offset_at(100, canvas.view[0] + 200))
        before = layout.top(eye) - bar.value()
        exact = layout.is_measured(max(0, layout.block_at_y(bar.value() - 90)))
        bar.setValue(bar.value() - 90)
        jumps += not exact
        assert layout.top(eye) - bar.value() == before + 90
    assert jumps > 20  # there was something to get wrong


def test_heights_become_exact_by_themselves(show: ShowCanvas, qtbot: QtBot) -> None:
    canvas = show(Draft("\n".join("word " * (n % 50 + 1) for n in range(400))))
    qtbot.waitUntil(lambda: canvas._page.layout.next_unmeasured() < 0)
    assert canvas.verticalScrollBar().maximum() == (
        canvas._page.layout.height - canvas.viewport().height()
    )
    qtbot.waitUntil(lambda: not canvas._idle.isActive())


def test_themes_and_modes_can_change_at_any_time(show: ShowCanvas) -> None:
    draft, ids = people()
    draft.related("met_with", ids[0], ids[1])
    canvas = show(draft)
    for mode in ("all", "none", "focused"):
        canvas.relation_mode = mode
        assert canvas.relation_mode == mode
    canvas.set_theme(DARK)
    assert canvas.grab().toImage().pixelColor(3, 3).name() == DARK.page


def test_the_strip_leads_to_a_place(show: ShowCanvas) -> None:
    canvas = show(Draft(LONG))
    strip = canvas.findChild(Strip)
    where = QPoint(strip.width() // 2, strip.height() * 3 // 4)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=where)
    middle = (canvas.view[0] + canvas.view[1]) / 2
    assert abs(middle / canvas._page.layout.height - 0.75) < 0.12


def test_the_strip_shows_where_suggestions_are_open(show: ShowCanvas) -> None:
    draft = Draft(LONG)
    id = draft.suggested("Cairo", "GPE", 40)
    canvas = show(draft)
    strip = canvas.findChild(Strip)

    def ticks() -> list[int]:
        return [y for y, wide in enumerate(widths(strip, canvas.look.theme.accent)) if wide]

    assert ticks()
    place = canvas._page.anchor(id).center().y() / canvas._page.layout.height
    assert abs(sum(ticks()) / len(ticks()) / strip.height() - place) < 0.02
    gone = change((canvas.document.suggestions[id], None))
    canvas.apply(canvas.document.after(gone), gone)
    assert not ticks()


def widths(strip: Strip, color: str) -> list[int]:
    """How many pixels of each row of the strip have a colour."""
    image = strip.grab().toImage()
    across = range(image.width())
    return [
        sum(image.pixelColor(x, y).name() == color for x in across) for y in range(image.height())
    ]


def test_the_strip_shows_how_many_suggestions_are_open(show: ShowCanvas) -> None:
    """Where thousands are, it is no solid bar; where one is, it can be seen."""
    paragraph = "In Cairo on Monday they met. "
    draft = Draft("\n\n".join([paragraph * 12] * 200))
    many = [m.start() for m in re.finditer("Cairo|Monday", draft.article.text)]
    for n, start in enumerate(many):
        if n < len(many) // 2 or n % 24 == 0:  # all of the upper half, one a paragraph below
            id, end = f"m{n}", start + 5
            part = (Fragment(start, end),)
            draft._suggestions[id] = Suggestion(id, draft.article.id, "GPE", part, source="rules")
    canvas = show(draft, 700, 500)
    strip, accent = canvas.findChild(Strip), canvas.look.theme.accent
    rows = [wide for wide in widths(strip, accent) if wide]
    half = len(rows) // 2
    assert len(draft._suggestions) > 2000
    above, below = sum(rows[:half]) / half, sum(rows[half:]) / (len(rows) - half)
    assert above > 1.5 * below
    assert min(rows) >= 4


def test_very_long_and_empty_articles(show: ShowCanvas) -> None:
    for text in ("", "\n\n", " ", "x" * 30_000, "word " * 8_000, "\r\n".join(["a"] * 3000)):
        canvas = show(Draft(text), 600, 300)
        canvas.move_caret("document", +1)
        canvas.move_caret("line", -1)
        canvas.move_caret("token", -1, extend=True)
        canvas.verticalScrollBar().setValue(canvas.verticalScrollBar().maximum())
        canvas.grab()
        found = canvas.to_page(QPointF(100, 100))
        assert 0 <= canvas._page.layout.offset_at(found.x(), found.y()) <= len(text)


def test_selected_fragments_are_given_back(show: ShowCanvas) -> None:
    canvas = show(Draft(TALKS))
    parts = (Fragment(0, 5), Fragment(8, 20))
    canvas.select(parts)
    assert canvas.selection == parts
    assert covered_text(TALKS, canvas.selection) == "Syria … intelligence"
    canvas.clear_selection()
    assert canvas.selection == ()


def test_a_relation_that_comes_is_shown_at_once(show: ShowCanvas) -> None:
    draft, ids = people()
    canvas = show(draft)
    made = change((None, Suggestion("r9", "a-draft", "met_with", head=ids[0], tail=ids[1])))
    canvas.apply(canvas.document.after(made), made)
    assert canvas.reading_order() == (ids[0], ids[1], "r9", ids[2])
    assert canvas._page.anchor("r9") is not None
