"""Deciding about many suggestions at once, each time as one undo step; and finding them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication, QTextLayout
from PySide6.QtWidgets import QMenu

from core.annotation import Suggestion
from gui import session
from gui.panels.queue import Wish
from gui.plain import from_left
from gui.rows import fitted
from gui.theme import load_fonts
from tests.conftest import Desk
from tests.gui.hands import CTRL, SHIFT, Hands, Key

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def many(hands: Hands, desk: Desk) -> Hands:
    """The article with suggestions of several scores and types."""
    project = desk.project

    def scored(words: str, type: str, score: float, nth: int = 0) -> Suggestion:
        return Suggestion(
            f"m-{words}{nth}".lower().replace(" ", ""), desk.id, type,
            (desk.span(words, nth),), source="other", score=score,
        )  # fmt: skip

    from core import edits

    hands.window.session.do(
        lambda: edits.store_suggestions(
            project, desk.id, "other",
            [
                scored("Cairo", "GPE", 0.97), scored("Russian", "NORP", 0.85),
                scored("Mamluk", "PERSON", 0.7, 1), scored("bureau", "ORG", 0.3),
            ],
        )
    )  # fmt: skip
    hands.canvas.setFocus()
    return hands


def open_(hands: Hands) -> set[str]:
    document = hands.document
    return {hands.window.session.text_of(s) for s in document.suggestions.values()}


def test_all_of_one_type(many: Hands) -> None:
    many.canvas.set_focused(many.named("Ali Mamluk"))
    many.press(Key.Key_Return, modifier=ALT)
    assert many.gold() == {
        ("Ali Mamluk", "PERSON"),
        ("Khaled Fawzy", "PERSON"),
        ("Mamluk", "PERSON"),
    }
    many.press(Key.Key_Z, modifier=CTRL)
    assert not many.gold()


def test_an_edit_of_many_values_says_that_it_takes_a_while(
    many: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, seen = many.window, []
    changed = window.session.changed

    def look() -> None:
        cursor = QGuiApplication.overrideCursor()
        waits = cursor is not None and cursor.shape() is Qt.CursorShape.WaitCursor
        seen.append((waits, window.statusBar().currentMessage()))

    changed.connect(look)
    many.press(Key.Key_Return)
    assert seen.pop() == (False, "")
    monkeypatch.setattr(session, "MANY", 4)
    many.press(Key.Key_Return, modifier=CTRL | SHIFT)
    assert seen.pop() == (True, "One moment: 10 changes…")
    assert window.statusBar().currentMessage().startswith("Accept 10 suggestions")
    many.press(Key.Key_Z, modifier=CTRL)
    waits, said = seen.pop()
    assert waits
    assert said.startswith("One moment")
    assert QGuiApplication.overrideCursor() is None


def test_all_with_the_same_words(many: Hands) -> None:
    many.canvas.set_focused(many.named("Cairo"))
    many.press(Key.Key_Return, modifier=ALT | SHIFT)
    cairo = [m for m in many.document.mentions.values() if m.type == "GPE"]
    assert [many.text[m.start : m.end] for m in cairo] == ["Cairo", "Cairo"]
    many.press(Key.Key_Z, modifier=CTRL)
    assert not many.gold()


def test_all_above_a_score(many: Hands) -> None:
    many.press(Key.Key_Return, modifier=CTRL | ALT)
    shown = [many.window.picker.list.item(n).text() for n in range(4)]
    assert shown == ["0.95 or more", "0.80 or more", "0.70 or more", "0.50 or more"]
    many.press("2")
    assert many.gold() == {("Cairo", "GPE"), ("Russian", "NORP")}
    many.press(Key.Key_Z, modifier=CTRL)
    assert not many.gold()


def test_reject_the_same_words_and_the_rest(many: Hands) -> None:
    many.canvas.set_focused(many.named("Cairo"))
    many.press(Key.Key_Backspace, modifier=SHIFT)
    # the relation that hung on one of them goes along
    assert not {"Cairo", "Ali Mamluk — visited → Cairo"} & open_(many)
    many.qtbot.keyClick(many.window, Key.Key_Backspace, CTRL | SHIFT)
    assert not open_(many)
    assert not many.gold()
    many.press(Key.Key_Z, modifier=CTRL)
    many.press(Key.Key_Z, modifier=CTRL)
    assert len(open_(many)) == 10  # of eleven, the two Cairos have the same words


def test_undo_back_to_a_step(many: Hands) -> None:
    many.press(Key.Key_Return, Key.Key_Return, Key.Key_Return)
    assert len(many.document.mentions) == 3
    many.qtbot.keyClick(many.window, Key.Key_Z, CTRL | ALT)
    first = many.window.picker.list.item(0).text()
    assert first.startswith("Accept ")
    many.press("2")
    assert len(many.document.mentions) == 1
    many.qtbot.keyClick(many.window, Key.Key_Z, CTRL | SHIFT)
    assert len(many.document.mentions) == 2


def test_undo_says_what_it_will_undo(hands: Hands) -> None:
    hands.press("o")
    undo = hands.window._qactions["undo"]
    assert undo.text() == "&Undo: accept Syrian ORG"
    assert "accept Syrian ORG" in undo.toolTip()
    hands.canvas.set_focused(hands.named("Syrian"))
    hands.press("3")
    assert undo.text() == "&Undo: relabel Syrian ORG → GPE"


def test_words_of_the_article_are_never_markup(qtbot, hands: Hands) -> None:
    session = hands.window.session
    text = "He said <b>AT&T</b> left."
    from core import edits
    from core.annotation import Document
    from core.article import Article

    session.do(lambda: edits.add_documents(session.project, [Document(Article("a-html", text))]))
    session.open_article("a-html")
    start = text.index("<b>")
    session.do(lambda: edits.add_mention(session.project, "a-html", [(start, start + 11)], "ORG"))
    undo = hands.window._qactions["undo"]
    assert undo.text() == "&Undo: mark <b>AT&&T</b> as ORG"
    assert "&lt;b&gt;AT&amp;T" in undo.toolTip()
    hands.canvas.set_focused(next(iter(hands.document.mentions)))
    assert hands.window.inspector.what.text() == "<b>AT&T</b>"
    assert hands.window.inspector.what.textFormat() == Qt.TextFormat.PlainText


# -- the queue


@pytest.mark.parametrize(
    ("text", "score", "admitted"),
    [
        ("", 0.1, True), (">0.9", 0.91, True), (">0.9", 0.9, False), (">=90%", 0.9, True),
        (">= .9", 0.899, True), ("<0,5", 0.4, True), ("<50", 0.5, False), ("=0.5", 0.5, True),
        (">0.2 <0.4", 0.3, True), (">0.2 <0.4", 0.4, False), ("cairo", 0.5, True),
        ("cai gpe", 0.5, True), ("cairo org", 0.5, False), ("GPE >0.6", 0.5, False),
        ("rules", 0.5, True),
    ],
)  # fmt: skip
def test_what_a_filter_asks_for(text: str, score: float, admitted: bool) -> None:
    item = Suggestion("m-1", "a-1", "GPE", source="rules", score=score)
    assert Wish(text).admits(item, lambda: "Cairo") is admitted


@pytest.mark.usefixtures("qapp")
@given(
    st.text("abW ü", max_size=40), st.sampled_from(["—", " — to → "]), st.text("aWنb", max_size=40)
)
def test_the_ends_of_a_relation_give_way_to_its_name(head: str, between: str, tail: str) -> None:
    load_fonts()
    metrics = QFontMetrics(QFont("Inter", 10))
    for width in (60, 150, 2000):
        row = fitted((head, between, tail), width, metrics)
        assert between in row
        if sum(map(metrics.horizontalAdvance, (head, between, tail))) <= width:
            assert row == from_left(head, between, tail)
    assert fitted(("Ali", " → ", "A very long end of it all"), 120, metrics).startswith("Ali → A")


def test_filter_and_accept_what_is_shown(many: Hands) -> None:
    queue = many.window.inspector.queue
    many.qtbot.keyClick(many.window, Key.Key_F8)
    assert queue.filter.hasFocus()
    many.qtbot.keyClicks(queue.filter, "gpe >=0.5")
    assert {queue.model.words(id) for id in queue.model.ids} == {"Cairo", "Riyadh"}
    assert len(queue.model.ids) == 3
    assert queue.heading.text() == "Suggestions: 3 of 11"
    many.qtbot.mouseClick(queue.take, Qt.MouseButton.LeftButton)
    assert len(many.document.mentions) == 3
    assert {type for _words, type in many.gold()} == {"GPE"}
    many.qtbot.keyClick(queue.filter, Key.Key_Escape)
    assert queue.filter.text() == ""
    assert not queue.take.isVisible()
    many.qtbot.keyClick(queue.filter, Key.Key_Escape)
    assert many.canvas.hasFocus()


def test_enter_in_the_filter_goes_to_the_first(many: Hands) -> None:
    queue = many.window.inspector.queue
    queue.filter.setFocus()
    many.qtbot.keyClicks(queue.filter, "bureau")
    many.qtbot.keyClick(queue.filter, Key.Key_Return)
    assert many.canvas.hasFocus()
    assert many.canvas.focused == many.named("bureau")


def test_the_order_of_the_queue(many: Hands) -> None:
    queue = many.window.inspector.queue
    queue.order.setCurrentIndex(1)
    queue.order.activated.emit(1)
    document = many.document
    scores = [document.suggestions[id].score for id in queue.model.ids]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 0.97


def test_the_queue_follows_every_edit(many: Hands) -> None:
    queue = many.window.inspector.queue

    def shown() -> list[str]:
        return queue.model.ids

    def expected() -> list[str]:
        open_ones = many.document.suggestions
        return [id for id in many.canvas.reading_order() if id in open_ones]

    for key, held in (
        (Key.Key_Return, None), (Key.Key_Backspace, None), (Key.Key_Z, CTRL),
        (Key.Key_Return, SHIFT), (Key.Key_Z, CTRL), (Key.Key_Z, CTRL),
    ):  # fmt: skip
        many.press(key, **({"modifier": held} if held else {}))
        assert shown() == expected()
        assert len(shown()) == len(many.document.suggestions)


def test_the_context_menu_teaches_the_same_commands(many: Hands) -> None:
    many.canvas.menu_requested.emit(many.named("Cairo"), many.canvas.mapToGlobal(many.point(3)))
    menu = many.window.findChild(QMenu, "context")
    names = [action.objectName() for action in menu.actions()]
    assert {"accept", "reject", "accept_words", "reject_words", "attribute", "note"} <= set(names)
    menu.close()


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("head", ["Ali Mamluk", "منظمة الصحة"])
@pytest.mark.parametrize("tail", ["Cairo", "نيودلهي"])
def test_an_arrow_points_to_the_tail_in_any_script(head: str, tail: str) -> None:
    row = from_left(head, " → ", tail)
    layout = QTextLayout(row, QFont("Inter", 10))
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    first, arrow, last = (
        [line.cursorToX(row.index(words) + n)[0] for n in range(len(words))]
        for words in (head, "→", tail)
    )
    assert max(first) < arrow[0] < min(last)
