"""Every kind of mention by keyboard and by mouse, and every key of the text, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.annotation import Mention
from gui.commands import TABLE, Scope
from tests.gui.hands import CTRL, NONE, SHIFT, Hands, Key

ALT, LEFT = Qt.KeyboardModifier.AltModifier, Qt.MouseButton.LeftButton


def spans(hands: Hands) -> set[tuple[tuple[tuple[int, int], ...], str]]:
    """Gold as (fragments, type)."""
    found = hands.document.mentions.values()
    return {(tuple(map(tuple, m.fragments)), m.type) for m in found}


def words(hands: Hands, *parts: str) -> tuple[tuple[int, int], ...]:
    return tuple((hands.text.index(p), hands.text.index(p) + len(p)) for p in parts)


# -- discontinuous and nested


def test_discontinuous_by_keyboard(hands: Hands) -> None:
    ((a, b), (c, d)) = parts = words(hands, "Syrian", "chief")
    hands.select(a, b)
    hands.press("+")
    while hands.canvas.caret < c:
        hands.press(Key.Key_Right)
    hands.press(Key.Key_Right, modifier=SHIFT)
    assert tuple(map(tuple, hands.canvas.selection)) == parts
    hands.press("9")
    assert spans(hands) == {(parts, "TITLE")}
    hands.press(Key.Key_Z, modifier=CTRL)
    assert not spans(hands)
    assert d - c == len("chief")


def test_discontinuous_by_mouse(hands: Hands) -> None:
    parts = words(hands, "Talks", "bureau")
    (a, b), (c, d) = parts
    hands.drag(hands.point(a + 1), hands.point(b - 1))
    hands.press(Key.Key_Escape)  # the picker; the selection stays
    hands.drag(hands.point(c + 1), hands.point(d - 1), CTRL)
    assert tuple(map(tuple, hands.canvas.selection)) == parts
    hands.press("2")
    assert spans(hands) == {(parts, "ORG")}


@pytest.mark.parametrize("closed", ["Esc", "the list is open"])
def test_discontinuous_by_plus_and_drags(hands: Hands, closed: str) -> None:
    parts = words(hands, "Syrian", "chief", "bureau")
    for n, (a, b) in enumerate(parts):
        hands.drag(hands.point(a + 1), hands.point(b - 1))
        assert tuple(map(tuple, hands.canvas.selection)) == parts[: n + 1]
        if closed == "Esc":
            hands.press(Key.Key_Escape)
        if n < 2:
            hands.press("+")
            assert hands.window.picker is None
            assert tuple(map(tuple, hands.canvas.selection)) == parts[: n + 1]
            assert hands.window.legend.parts[0][1].startswith(f"{n + 1} part")
    assert "further part" in [word for _key, word in hands.window.legend.parts]
    hands.press("9")
    assert spans(hands) == {(parts, "TITLE")}
    assert not hands.canvas.selection


def test_a_part_that_is_held_stays_while_one_looks_for_the_next(hands: Hands) -> None:
    parts = words(hands, "Talks", "Russian draft")
    ((a, b), (c, d)) = parts
    hands.drag(hands.point(a + 1), hands.point(b - 1))
    hands.press("+")
    hands.click(c + 1)
    assert tuple(map(tuple, hands.canvas.selection)) == parts[:1]
    hands.qtbot.mouseClick(hands.canvas.viewport(), LEFT, SHIFT, hands.point(d - 1))
    assert len(hands.canvas.selection) == 2
    hands.press(Key.Key_Escape, Key.Key_Escape)
    assert not hands.canvas.selection
    hands.drag(hands.point(c + 1), hands.point(c + 2))
    assert tuple(map(tuple, hands.canvas.selection)) == words(hands, "Russian")


def test_on_a_mention_too_a_drag_selects_the_part_that_is_awaited(hands: Hands) -> None:
    chief, syrian = words(hands, "chief", "Syrian")  # which is suggested
    hands.drag(hands.point(chief[0] + 1), hands.point(chief[1] - 1))
    hands.press("+")
    hands.drag(hands.point(syrian[0] + 1), hands.point(syrian[1] - 1))
    assert tuple(map(tuple, hands.canvas.selection)) == (syrian, chief)
    hands.press(Key.Key_Escape, Key.Key_Escape, "+")
    assert hands.canvas.held_parts == 0


def test_nested_by_keyboard(hands: Hands) -> None:
    ((a, b),) = words(hands, "Russian draft")
    hands.select(a, b)
    hands.press("8")
    inner = words(hands, "Russian")
    hands.select(*inner[0])
    hands.press("6")
    assert spans(hands) == {(((a, b),), "LAW"), (inner, "NORP")}


def test_nested_by_mouse(hands: Hands) -> None:
    ((a, b),) = words(hands, "Russian draft")
    hands.drag(hands.point(a + 1), hands.point(b - 1))
    hands.press("8")
    ((c, d),) = words(hands, "draft")
    # from within a mention to within the same one selects
    hands.drag(hands.point(c + 1), hands.point(d - 1), SHIFT)
    hands.press("e")
    assert spans(hands) == {(((a, b),), "LAW"), (((c, d),), "EVENT")}


def test_characters_with_alt(hands: Hands) -> None:
    at = hands.text.index("opposed")
    hands.go_to(at)
    for _ in range(4):
        hands.press(Key.Key_Right, modifier=ALT | SHIFT)
    hands.press("e")
    assert spans(hands) == {(((at, at + 4),), "EVENT")}


def test_a_mention_across_a_line_break(hands: Hands) -> None:
    start, end = hands.text.index("Cairo.\nRiyadh"), hands.text.index("Riyadh") + len("Riyadh")
    hands.select(start, end)
    hands.press("7")
    assert spans(hands) == {(((start, end),), "EVENT")}


# -- relations


def test_a_labelled_relation_costs_three_keys(hands: Hands) -> None:
    who, whom = hands.named("Ali Mamluk"), hands.named("Khaled Fawzy")
    hands.canvas.set_focused(who)
    hands.press("r")
    letters = hands.canvas.hints.labels[whom]
    hands.press(letters)
    hands.press(Key.Key_Return)
    (relation,) = hands.document.relations.values()
    assert (relation.head, relation.type, relation.tail) == (who, "met_with", whom)
    assert len(letters) == 1


def mark(hands: Hands, words: str, key: str) -> str:
    """Select words, press a type's key; the new gold's id."""
    start = hands.text.index(words)
    hands.select(start, start + len(words))
    hands.press(key)
    found = hands.document.mentions.values()
    return next(m.id for m in found if m.fragments == ((start, start + len(words)),))


def test_letters_are_offered_where_the_scheme_has_a_relation(hands: Hands) -> None:
    draft = mark(hands, "draft", "v")  # a VEHICLE: in places, never with persons or groups
    hands.canvas.set_focused(draft)
    hands.press("r")
    labels = hands.canvas.hints.labels
    assert set(labels) == {hands.named("Cairo"), hands.named("Riyadh")}
    hands.press(labels[hands.named("Riyadh")])
    assert hands.window.picker.list.count()
    hands.press(Key.Key_Escape)
    # the other way round counts, too: nothing leads from a place to a person but one to the place
    hands.canvas.set_focused(hands.named("Cairo"))
    hands.press("r")
    assert hands.named("Ali Mamluk") in hands.canvas.hints.labels
    hands.press(Key.Key_Escape)


def test_where_the_scheme_has_no_relation_it_is_said(hands: Hands) -> None:
    draft = mark(hands, "draft", "v")
    for words in ("Cairo", "Riyadh"):
        hands.canvas.set_focused(hands.named(words))
        hands.press(Key.Key_Backspace)
    hands.canvas.set_focused(draft)
    hands.press("r")
    assert hands.canvas.hints is None
    said = hands.window.statusBar().currentMessage()
    assert said == "The scheme relates VEHICLE to nothing that is in sight."


def test_a_drag_to_what_the_scheme_does_not_relate_is_refused(hands: Hands) -> None:
    mark(hands, "draft", "v")
    person, draft, place = (hands.text.index(words) for words in ("Mamluk", "draft", "Riyadh"))
    hands.drag(hands.point(draft + 2), hands.point(person + 2))
    assert hands.window.picker is None
    said = hands.window.statusBar().currentMessage()
    assert said == "The scheme admits no relation between these two."
    hands.drag(hands.point(place + 2), hands.point(draft + 2))  # only the other way round
    assert hands.window.picker.list.count()
    hands.press(Key.Key_Escape)


def click_card(hands: Hands, id: str) -> None:
    """Click a relation's card; where its paragraph has no room for all, unfold them first."""
    page, view = hands.canvas._page, hands.canvas.viewport()
    block = page.index.home(id)
    down = QPoint(0, page.layout.top(block) - hands.canvas.verticalScrollBar().value())
    cards = page.scene(block).cards
    if id not in [card.id for card in cards]:
        (more,) = [card for card in cards if not card.id]
        hands.qtbot.mouseClick(
            view, Qt.MouseButton.LeftButton, pos=more.rect.center().toPoint() + down
        )
        cards = page.stack()
    (card,) = [card for card in cards if card.id == id]
    at = card.rect.center().toPoint() + down
    hands.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)


def test_a_relation_is_clicked_and_edited(hands: Hands) -> None:
    suggested = next(s for s in hands.document.suggestions.values() if s.type == "visited")
    hands.canvas.set_focused(suggested.id)
    hands.press(Key.Key_Return)
    hands.press(Key.Key_Escape)
    click_card(hands, suggested.id)
    assert hands.canvas.focused == suggested.id
    hands.press(Key.Key_Space)
    hands.press("w")
    assert hands.document.relations[suggested.id].type == "works_for"
    hands.press(Key.Key_Backspace)
    assert not hands.document.relations


def test_same_entity_by_letters(hands: Hands) -> None:
    a = hands.named("Ali Mamluk")
    start = hands.text.index("Mamluk leads")
    hands.select(start, start + 6)
    hands.press("p")
    b = next(m.id for m in hands.document.mentions.values() if m.start == start)
    hands.press("g")
    hands.press(hands.canvas.hints.labels[a])
    mentions = hands.document.mentions
    assert mentions[a].entity is not None
    assert mentions[a].entity == mentions[b].entity


def test_same_entity_is_offered_within_a_type_alone(hands: Hands) -> None:
    who, whom = hands.named("Ali Mamluk"), hands.named("Khaled Fawzy")
    hands.canvas.set_focused(who)
    hands.press("g")
    assert set(hands.canvas.hints.labels) == {whom}
    assert "another PERSON" in hands.window.statusBar().currentMessage()
    hands.press(Key.Key_Escape)
    hands.canvas.set_focused(hands.named("Syrian"))
    hands.press("g")
    assert hands.canvas.hints is None
    said = hands.window.statusBar().currentMessage()
    assert said == "No other NORP is in sight, and an entity is of one type."
    # what the suggester took for something else: say what it is, then join them
    hands.press("p")
    hands.canvas.set_focused(hands.named("Syrian"))
    hands.press("g")
    hands.press(hands.canvas.hints.labels[who])
    assert len(hands.document.entities) == 1
    hands.press(Key.Key_Z, Key.Key_Z, modifier=CTRL)
    assert not hands.document.entities
    assert not hands.document.mentions


def test_a_boundary_by_its_handle(hands: Hands) -> None:
    id = hands.named("Riyadh")
    hands.canvas.set_focused(id)
    start, end = hands.document.suggestions[id].fragments[0]
    (overlay,) = hands.canvas._page.overlays()
    (handle,) = [h for h in overlay.handles if h.at_end]
    grip = handle.center.toPoint() - QPoint(0, hands.canvas.verticalScrollBar().value())
    to = hands.point(hands.text.index("opposed") + 4)
    hands.drag(grip, QPoint(to.x(), grip.y()))
    assert spans(hands) == {(((start, end + len(" opposed")),), "GPE")}


# -- every key of the text does what its command says

KEYS: dict[str, object] = {
    "next_suggestion": lambda h: h.canvas.focused == h.named("Ali Mamluk"),
    "previous_suggestion": lambda h: h.canvas.focused == h.named("Riyadh"),
    "accept": lambda h: ("Syrian", "NORP") in h.gold(),
    "reject": lambda h: not h.gold() and len(h.document.suggestions) == 6,
    "accept_sentence": lambda h: len(h.document.mentions) == 4,
    "accept_type": lambda h: h.gold() == {("Syrian", "NORP")},
    "accept_words": lambda h: h.gold() == {("Syrian", "NORP")},
    "accept_above": lambda h: h.window.picker is not None,
    "reject_words": lambda h: len(h.document.suggestions) == 6,
    "reject_sentence": lambda h: not h.gold() and len(h.document.suggestions) == 1,
    "label": lambda h: h.window.picker is not None,
    "relate": lambda h: h.canvas.hints is not None,
    "same_entity": lambda h: "No other NORP" in h.window.statusBar().currentMessage(),
    "not_same_entity": lambda h: "suggestion" in h.window.statusBar().currentMessage(),
    "attribute": lambda h: h.window.picker is not None,
    "start_left": lambda h: not h.gold(),  # a blank line is before it
    "end_right": lambda h: {t for t, _ in h.gold()} == {"Syrian intelligence"},
    "start_right": lambda h: not h.gold(),  # one word can't lose its first
    "end_left": lambda h: not h.gold(),
    "word_right": lambda h: h.text[h.canvas.caret :].startswith("intelligence"),
    "word_left": lambda h: h.text[h.canvas.caret :].startswith("Cairo"),
    "line_down": lambda h: h.canvas.caret > h.text.index("Syrian"),
    "line_up": lambda h: h.canvas.caret < h.text.index("Syrian"),
    "paragraph_down": lambda h: h.text[h.canvas.caret :].startswith("Riyadh"),
    "paragraph_up": lambda h: h.canvas.caret < h.text.index("Syrian"),
    "sentence_right": lambda h: h.text[h.canvas.caret :].startswith("Riyadh"),
    "sentence_left": lambda h: h.canvas.caret == 0,
    "to_start": lambda h: h.canvas.caret == 0,
    "to_end": lambda h: h.canvas.caret == len(h.text),
    "select_right": lambda h: selected(h) == "Syrian",
    "select_left": lambda h: selected(h) == "Cairo",
    "select_char_right": lambda h: selected(h) == "S",
    "select_char_left": lambda h: not h.canvas.selection,  # a line break is white space
    "select_down": lambda h: selected(h).startswith("Syrian intelligence"),
    # the line above is blank: the caret is there, and white space alone is no selection
    "select_up": lambda h: h.canvas.caret < h.text.index("Syrian") and not h.canvas.selection,
    "leave": lambda h: h.canvas.focused == "",
}
# They need more than a focused suggestion, and have tests of their own above or elsewhere.
ELSEWHERE = {"hold_selection", "flip", "never_here", "never_in_project"}


def selected(hands: Hands) -> str:
    (part,) = hands.canvas.selection
    return hands.text[part.start : part.end]


def test_every_key_of_the_text_is_tried() -> None:
    of_text = {e.name for e in TABLE.values() if e.scope is Scope.CANVAS and e.keys}
    assert of_text - ELSEWHERE == set(KEYS)


@pytest.mark.parametrize("name", KEYS)
def test_a_key_of_the_text(hands: Hands, name: str) -> None:
    press(hands, TABLE[name].keys[0])
    assert KEYS[name](hands), hands.gold()  # type: ignore[operator]
    if hands.window.picker is not None:
        hands.press(Key.Key_Escape)


def press(hands: Hands, key: str) -> None:
    """Press a key as the table writes it."""
    *held, last = key.split("+") if key != "+" else ["+"]
    modifier = NONE
    for word in held:
        modifier |= {"Ctrl": CTRL, "Shift": SHIFT, "Alt": ALT}[word]
    if len(last) == 1 and not held:
        QTest.keyClicks(hands.canvas, last.lower())
    elif (last, modifier) == ("Tab", SHIFT):
        QTest.keyClick(hands.canvas, Key.Key_Backtab, modifier)
    else:
        names = {"Esc": "Escape", "PgDown": "PageDown", "PgUp": "PageUp"}
        QTest.keyClick(hands.canvas, getattr(Key, f"Key_{names.get(last, last)}"), modifier)


def test_gold_stays_gold_when_its_key_is_pressed_again(hands: Hands) -> None:
    hands.press("6")
    (before,) = hands.document.mentions.values()
    hands.canvas.set_focused(before.id)
    hands.press("6")
    (after,) = hands.document.mentions.values()
    assert isinstance(after, Mention)
    assert (after.fragments, after.type) == (before.fragments, "NORP")


# -- the panels beside the text


def test_the_panels_show_an_edit_and_the_next_focus_once(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspector, shown = hands.window.inspector, []
    plain = inspector.follow
    monkeypatch.setattr(
        inspector, "follow", lambda *changes: (plain(*changes), shown.append(inspector.what.text()))
    )
    first = hands.canvas.focused
    hands.press(Key.Key_Return)
    assert first in hands.document.mentions
    focused = hands.document.suggestions[hands.canvas.focused]
    assert shown == [hands.window.session.text_of(focused)]


def test_the_inspector_is_laid_out_at_once_and_names_types_for_the_eye(hands: Hands) -> None:
    inspector = hands.window.inspector
    relation = next(s for s in hands.document.suggestions.values() if s.type == "met_with")
    heights = []
    for id in (hands.canvas.focused, relation.id):
        hands.canvas.set_focused(id)
        heights.append(inspector.form.height())
        assert inspector.form.height() == inspector.form.sizeHint().height()
    assert heights[1] < heights[0]  # a relation has no edges
    assert inspector.type.currentText() == "met with"
    assert inspector.type.currentData() == "met_with"
