"""Pickers, attributes and notes at the place in the text, by real events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox
from shiboken6 import isValid

from core import edits
from core.annotation import Suggestion
from gui.inplace import Field
from gui.picker import Choice, Picker
from tests.gui.hands import CTRL, SHIFT, Hands, Key


def shown(picker: Picker) -> list[str]:
    return [picker.list.item(n).text() for n in range(picker.list.count())]


# -- the picker


def test_the_picker_is_ranked_by_the_suggesters_score(hands: Hands) -> None:
    hands.canvas.set_focused(hands.named("Riyadh"))
    hands.press(Key.Key_Space)
    picker = hands.window.picker
    assert picker.title.text() == "Riyadh"
    assert shown(picker)[0] == "GPE"
    hands.press(Key.Key_Return)
    assert ("Riyadh", "GPE") in hands.gold()
    # Whoever asks again wants another type: the present one comes last.
    hands.canvas.set_focused(hands.named("Riyadh"))
    hands.press(Key.Key_Space)
    assert shown(hands.window.picker)[-1] == "GPE"


def test_typing_filters(hands: Hands) -> None:
    hands.press(Key.Key_Space)
    picker = hands.window.picker
    hands.press("h")  # no type's key
    assert shown(picker) == ["VEHICLE"]
    hands.press(Key.Key_Backspace)
    assert len(shown(picker)) > 10
    hands.press("P", modifier=SHIFT)  # a type's key filters with Shift
    assert shown(picker)[:2] == ["PERSON", "NORP"]
    hands.press("e", "r")
    assert shown(picker) == ["PERSON"]
    hands.press(Key.Key_Return)
    assert ("Syrian", "PERSON") in hands.gold()


def test_slash_filters_and_nothing_found_picks_nothing(hands: Hands) -> None:
    hands.press(Key.Key_Space)
    hands.press("/", "z", "z")
    assert shown(hands.window.picker) == []
    hands.press(Key.Key_Return)
    assert not hands.gold()
    hands.press(Key.Key_Escape)
    assert hands.window.picker is None
    assert hands.canvas.hasFocus()


def test_a_relation_picker_draws_its_direction_and_turns_it_round(hands: Hands) -> None:
    who, place = hands.named("Ali Mamluk"), hands.named("Cairo")
    hands.canvas.set_focused(who)
    hands.press("r")
    hands.press(hands.canvas.hints.labels[place])
    assert hands.canvas.preview == (who, place)
    assert hands.window.picker.title.text() == "Ali Mamluk  →  Cairo"
    assert shown(hands.window.picker)[0] == "visited →"  # it is suggested
    hands.press(Key.Key_Tab)
    # From a place to a person the scheme admits other relations.
    assert hands.canvas.preview == (place, who)
    assert hands.window.picker.title.text() == "Cairo  →  Ali Mamluk"
    assert "visited →" not in shown(hands.window.picker)
    hands.press(Key.Key_Tab)
    hands.press(Key.Key_Return)
    assert hands.canvas.preview == ("", "")
    (relation,) = hands.document.relations.values()
    assert (relation.head, relation.type, relation.tail) == (who, "visited", place)


def test_what_is_admitted_only_the_other_way_is_offered_that_way(hands: Hands) -> None:
    at = hands.text.index("intelligence chief")
    hands.select(at, at + len("intelligence chief"))
    hands.press("t")
    title, who = hands.named("intelligence chief"), hands.named("Ali Mamluk")
    hands.canvas.set_focused(title)
    hands.press("r")
    hands.press(hands.canvas.hints.labels[who])
    assert hands.canvas.preview == (who, title)
    hands.press("j")
    (relation,) = hands.document.relations.values()
    assert (relation.head, relation.tail) == (who, title)


def test_flip_key_on_a_relation(hands: Hands) -> None:
    who, whom = hands.named("Ali Mamluk"), hands.named("Khaled Fawzy")
    id = edits.add_relation(hands.window.session.project, "supports", who, whom).focus
    hands.window.session.open_article("")
    hands.window.articles.open_first()
    hands.canvas.set_focused(id)
    hands.press("x")
    assert hands.document.relations[id].head == whom


def test_a_letter_of_another_script_counts_by_its_place(hands: Hands) -> None:
    if not hasattr(QKeyEvent, "nativeScanCode"):
        pytest.skip("this Qt hides scan codes")
    # the key left of S on an Arabic keyboard types ش; here: O, which types خ
    event = QKeyEvent(
        QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, 32, 0, 0, "خ"
    )  # fmt: skip
    QApplication.sendEvent(hands.canvas, event)
    assert ("Syrian", "ORG") in hands.gold()


# -- attributes


def test_an_attribute_in_place(hands: Hands) -> None:
    id = hands.named("Syrian")
    hands.press("=")
    assert shown(hands.window.picker) == ["asserted", "possible", "denied", "no value"]
    hands.press("2")
    assert hands.document.mentions[id].attributes == {"certainty": "possible"}
    assert hands.canvas.focused == id
    field = hands.window.inspector.attributes.field("certainty")
    assert field.currentText() == "possible"
    hands.press("=", "0")
    assert hands.document.mentions[id].attributes == {}
    hands.press(Key.Key_Z, modifier=CTRL)
    assert hands.document.mentions[id].attributes == {"certainty": "possible"}
    hands.press(Key.Key_Z, modifier=CTRL)
    assert id in hands.document.suggestions  # one step: accepted with the attribute


def test_an_attribute_of_a_relation_by_mouse(hands: Hands) -> None:
    relation = next(s for s in hands.document.suggestions.values() if s.is_relation)
    hands.canvas.set_focused(relation.id)
    field = hands.window.inspector.attributes.field("certainty")
    assert isinstance(field, QComboBox)
    hands.qtbot.keyClick(field, Key.Key_Down)
    assert hands.document.relations[relation.id].attributes == {"certainty": "asserted"}


def test_values_outside_the_scheme_are_shown_and_kept(hands: Hands) -> None:
    session = hands.window.session
    id = hands.named("Syrian")
    session.do(lambda: edits.accept(session.project, [id]))
    with session.project.edit("import", session.article_id) as edit:
        mention = edit.get("mention", id)
        edit.put(replace(mention, attributes={"certainty": "odd", "colour": "red"}))
    session.follow(edit.change)
    hands.canvas.set_focused(id)
    rows = hands.window.inspector.attributes
    assert rows.field("certainty").currentText() == "odd"
    assert rows.field("colour").text() == "red"
    hands.press("=", "1")
    assert hands.document.mentions[id].attributes == {"certainty": "asserted", "colour": "red"}


def test_a_field_outlives_its_own_event(hands: Hands) -> None:
    """Rows are made anew for another item, maybe by what was picked in one of them."""
    session = hands.window.session
    id, other = hands.named("Syrian"), hands.named("Riyadh")
    session.do(lambda: edits.accept(session.project, [id]))
    with session.project.edit("import", session.article_id) as edit:
        edit.put(replace(edit.get("mention", id), attributes={"colour": "red"}))
    session.follow(edit.change)
    hands.canvas.set_focused(id)
    field = hands.window.inspector.attributes.field("certainty")
    hands.canvas.set_focused(other)
    assert hands.window.inspector.attributes.field("certainty") is not field
    assert isValid(field)
    hands.qtbot.waitUntil(lambda: not isValid(field))


# -- notes


def test_a_note_in_place_is_kept_however_it_is_left(hands: Hands) -> None:
    id = hands.named("Syrian")
    hands.press(Key.Key_T, modifier=CTRL)
    field = hands.window.picker
    assert isinstance(field, Field)
    hands.qtbot.keyClicks(field.text, "an adjective")
    hands.qtbot.keyClick(field.text, Key.Key_Escape)
    assert hands.document.mentions[id].note == "an adjective"
    assert hands.canvas.hasFocus()
    assert hands.window.inspector.note.toPlainText() == "an adjective"
    hands.press(Key.Key_T, modifier=CTRL)
    assert hands.window.picker.text.toPlainText() == "an adjective"
    hands.window.picker.close()  # as a click elsewhere does
    assert hands.window.session.next_undo().label == "note on Syrian NORP"
    hands.press(Key.Key_Z, modifier=CTRL)
    assert isinstance(hands.window.session.item(id), Suggestion)


def test_a_picker_has_every_choice_for_a_screen_reader(hands: Hands) -> None:
    picker = Picker(hands.window)
    picker.open_at([Choice("v", "visited →", ("v",), detail="60%")], hands.window.pos())
    spoken = picker.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "visited →, 60%, V"
    picker.close()
