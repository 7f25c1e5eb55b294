"""Marking and relating at once, as what is likeliest; and that replay counts what hands do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication

from core import scheme as schemes
from core.annotation import Document, Mention, Relation, fragments
from core.article import Article
from core.project import Project
from core.recall import Recall
from core.replay import Annotator
from tests.conftest import Desk
from tests.gui.hands import CTRL, SHIFT, Hands, Key

ALT = Qt.KeyboardModifier.AltModifier


def over(
    hands: Hands,
    desk: Desk,
    words: str,
    nth: int = 0,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Drag over words."""
    start, end = desk.span(words, nth)
    hands.canvas.reveal_offset(start)
    hands.drag(hands.point(start), hands.point(end - 1), held)


def join(hands: Hands, desk: Desk, first: str, second: str) -> None:
    """Drag from one mention to another."""
    hands.canvas.reveal_offset(desk.span(first).start)
    hands.drag(hands.point(desk.span(first).start + 1), hands.point(desk.span(second).start + 1))


def relations(hands: Hands) -> set[tuple[str, str, str]]:
    document = hands.document
    text = hands.window.session.text_of
    return {
        (text(document.mentions[r.head]), r.type, text(document.mentions[r.tail]))
        for r in document.relations.values()
    }


def test_a_drag_marks_and_a_key_changes_the_type(hands: Hands, desk: Desk) -> None:
    hands.press(Key.Key_F4)
    assert hands.window.at_once_shown.isVisibleTo(hands.window)
    over(hands, desk, "Khaled Fawzy")
    assert QApplication.activePopupWidget() is None
    ((words, type),) = hands.gold()
    assert words == "Khaled Fawzy"
    other = "GPE" if type != "GPE" else "ORG"
    hands.press("3" if other == "GPE" else "o")
    assert hands.gold() == {("Khaled Fawzy", other)}
    hands.press(Key.Key_Z, modifier=CTRL)
    hands.press(Key.Key_Z, modifier=CTRL)
    assert not hands.gold()


def test_it_is_off_at_first_and_remembered(hands: Hands, desk: Desk) -> None:
    over(hands, desk, "Khaled Fawzy")
    assert hands.window.picker is not None
    hands.press(Key.Key_Escape)
    hands.press(Key.Key_F4)
    assert QSettings().value("window/at_once", 0, type=int) == 1
    hands.press(Key.Key_F4)
    assert QSettings().value("window/at_once", 1, type=int) == 0


def test_what_was_decided_guides_the_guess(hands: Hands, desk: Desk) -> None:
    hands.press(Key.Key_F4)
    desk.mark("Ali Mamluk", "PERSON")
    desk.mark("Khaled Fawzy", "PERSON")
    desk.mark("Riyadh", "GPE")
    hands.window.session.reread()
    over(hands, desk, "Mamluk", nth=1)
    assert ("Mamluk", "PERSON") in hands.gold()


def test_a_selection_with_ctrl_waits_for_its_parts(hands: Hands, desk: Desk) -> None:
    hands.press(Key.Key_F4)
    over(hands, desk, "Khaled", held=CTRL)
    over(hands, desk, "Cairo", nth=1, held=CTRL)
    assert not hands.gold()
    hands.press("p")
    (made,) = hands.document.mentions.values()
    assert len(made.fragments) == 2


def test_a_drag_relates_and_a_relations_key_changes_it(hands: Hands, desk: Desk) -> None:
    desk.mark("Ali Mamluk", "PERSON")
    desk.mark("Khaled Fawzy", "PERSON")
    hands.window.session.reread()
    hands.press(Key.Key_F4)
    join(hands, desk, "Ali Mamluk", "Khaled Fawzy")
    assert QApplication.activePopupWidget() is None
    ((head, type, tail),) = relations(hands)
    assert (head, tail) == ("Ali Mamluk", "Khaled Fawzy")
    kinds = hands.window.session.project.scheme.relations_between("PERSON", "PERSON")
    other = next(k for k in kinds if k.name != type and k.key)
    hands.press(other.key)
    assert relations(hands) == {("Ali Mamluk", other.name, "Khaled Fawzy")}


def test_by_keyboard_alone(hands: Hands, desk: Desk) -> None:
    hands.press(Key.Key_F4)
    hands.select(*desk.span("Khaled Fawzy"))
    hands.press(Key.Key_Return)
    assert {words for words, _type in hands.gold()} == {"Khaled Fawzy"}
    assert QApplication.activePopupWidget() is None


def test_everything_left_is_accepted_and_the_article_done(hands: Hands, desk: Desk) -> None:
    desk.suggest(desk.mention("Cairo", "GPE"), desk.mention("Khaled Fawzy", "PERSON"))
    hands.window.session.reread()
    hands.press(Key.Key_F9)
    assert hands.gold() >= {("Cairo", "GPE"), ("Khaled Fawzy", "PERSON")}
    assert desk.project.article(desk.id).state == "done"
    hands.press(Key.Key_Z, modifier=CTRL)
    assert desk.project.article(desk.id).state == "new"
    assert not hands.gold()


def test_all_in_the_sentence_are_rejected(hands: Hands, desk: Desk) -> None:
    desk.suggest(desk.mention("Riyadh", "EVENT"), desk.mention("draft", "EVENT"),
                 desk.mention("bureau", "ORG"))  # fmt: skip
    hands.window.session.reread()
    hands.canvas.set_focused(hands.named("draft"))
    hands.press(Key.Key_Backspace, modifier=ALT | SHIFT)
    left = {hands.window.session.text_of(s) for s in hands.document.suggestions.values()}
    assert "bureau" in left
    assert not left & {"Riyadh", "draft"}


def cross(hands: Hands, id: str) -> None:
    """Point at a suggestion that is not focused and click its cross: one click."""
    view, page = hands.canvas.viewport(), hands.canvas._page
    start = hands.document.suggestions[id].start
    hands.canvas.reveal_offset(start)
    hands.qtbot.mouseMove(view, hands.point(start))
    page.hover(id)
    (button,) = [b for o in page.overlays() for b in o.buttons if (b.id, b.does) == (id, "reject")]
    at = button.rect.center().toPoint()
    at.setY(at.y() - hands.canvas.verticalScrollBar().value())
    hands.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)


def test_replay_counts_what_hands_do(hands: Hands, desk: Desk, tmp_path: Path) -> None:
    """The same article with the same suggestions: what replay's annotator counts, the window does
    in as many presses, clicks and drags, and ends with the same gold."""
    wanted = [("intelligence chief Ali Mamluk", "PERSON"), ("Khaled Fawzy", "PERSON"),
              ("Riyadh", "GPE"), ("bureau", "ORG")]  # fmt: skip
    made = {
        f"g{n}": Mention(f"g{n}", desk.id, fragments([desk.span(words)]), type)
        for n, (words, type) in enumerate(wanted)
    }
    facts = {
        "r1": Relation("r1", desk.id, "met_with", "g0", "g1"),
        "r2": Relation("r2", desk.id, "leads", "g0", "g3"),
    }
    with Project.create(tmp_path / "r.goldsmith", schemes.load("news"), "replay") as project:
        Desk(project, desk.text, desk.id).suggest(*hands.document.suggestions.values())
        project.companion = Recall(project)
        annotator = Annotator(project, Document(Article(desk.id, desk.text), made, facts))
        annotator.play()
        counted = annotator.actions

    hands.press(Key.Key_F4)
    named, text_of = hands.named, hands.window.session.text_of
    done = 1
    over(hands, desk, "intelligence chief Ali Mamluk")  # corrects “Ali Mamluk”
    for words in ("Syrian", "Cairo", "Cairo"):
        if words in {text_of(s) for s in hands.document.suggestions.values()}:
            cross(hands, named(words))
            done += 1
    for words, type in wanted[3:]:
        over(hands, desk, words)
        done += 1
        if (words, type) not in hands.gold():
            hands.press(desk.project.scheme.entity_types[type].keys[0])
            done += 1
    rest = [s for s in hands.document.suggestions.values() if not s.is_relation]
    for item in rest:
        if (text_of(item), item.type) not in wanted:
            cross(hands, item.id)
            done += 1
    join(hands, desk, "chief Ali", "bureau")
    done += 1
    if ("intelligence chief Ali Mamluk", "leads", "bureau") not in relations(hands):
        hands.press(desk.project.scheme.relation_types["leads"].key)
        done += 1
    hands.press(Key.Key_F9)
    done += 1
    assert hands.gold() == set(wanted)
    assert {type for _head, type, _tail in relations(hands)} == {"met_with", "leads"}
    assert done == counted.total(), counted
