"""The window, driven by real key and mouse events."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from core import edits
from core.annotation import Document, Suggestion
from core.article import Article
from core.project import Project
from gui.dialogs import CommandPalette
from gui.tools import Tool
from gui.window import Window
from tests.conftest import Desk
from tests.gui.hands import CTRL, SHIFT, Hands, Key


def test_it_opens_on_the_first_suggestion(hands: Hands) -> None:
    item = hands.window.session.item(hands.canvas.focused)
    assert isinstance(item, Suggestion)
    assert hands.window.session.text_of(item) == "Syrian"


def test_enter_accepts_everything_in_reading_order(hands: Hands) -> None:
    for _ in range(8):  # and the other "Cairo", which accepting the first one suggests
        hands.press(Key.Key_Return)
    document = hands.document
    assert len(document.mentions) == 6
    assert {r.type for r in document.relations.values()} == {"met_with", "visited"}
    assert not document.suggestions


def test_backspace_rejects_and_goes_on(hands: Hands) -> None:
    first = hands.canvas.focused
    hands.press(Key.Key_Backspace)
    assert first not in hands.document.suggestions
    assert hands.canvas.focused not in ("", first)
    hands.press(Key.Key_Backspace)
    assert not hands.document.mentions


def test_tab_goes_round_and_back(hands: Hands) -> None:
    first = hands.canvas.focused
    seen = [first]
    for _ in range(6):
        hands.press(Key.Key_Tab)
        seen.append(hands.canvas.focused)
    assert len(set(seen)) == 7
    hands.press(Key.Key_Tab)
    assert hands.canvas.focused == first
    hands.press(Key.Key_Backtab, modifier=SHIFT)
    assert hands.canvas.focused == seen[-1]


def test_a_types_key_relabels_a_suggestion_into_gold(hands: Hands) -> None:
    hands.press("o")
    assert ("Syrian", "ORG") in hands.gold()


def test_shift_enter_takes_the_sentence_as_one_step(hands: Hands) -> None:
    hands.press(Key.Key_Return, modifier=SHIFT)
    assert len(hands.document.mentions) == 4
    assert len(hands.document.relations) == 2
    hands.press(Key.Key_Z, modifier=CTRL)
    assert not hands.document.mentions
    assert len(hands.document.suggestions) == 7


def test_undo_in_another_article_says_that_it_is_shown(hands: Hands) -> None:
    project, bar = hands.window.session.project, hands.window.statusBar()
    first, words = hands.window.session.article_id, hands.window.session.text_of
    title = "A long title " * 8
    edits.add_documents(project, [Document(Article("a-next", "Riyadh was quiet.", title=title))])
    hands.window.session.reopen()
    hands.press(Key.Key_Return, Key.Key_Return)
    hands.press(Key.Key_PageDown, modifier=CTRL)
    assert hands.window.session.article_id == "a-next"
    hands.press(Key.Key_Home)
    hands.press(Key.Key_Right, modifier=SHIFT)
    hands.press("3")
    hands.press(Key.Key_Z, modifier=CTRL)
    assert bar.currentMessage() == "undo: mark Riyadh as GPE"  # it is where one looks
    hands.press(Key.Key_Z, modifier=CTRL)
    assert hands.window.session.article_id == first
    title_shown = "This is another article: “Talks in Cairo”"
    assert bar.currentMessage().startswith("undo: accept ")
    assert bar.currentMessage().endswith(title_shown)
    assert words(hands.window.session.item(hands.canvas.focused)) in bar.currentMessage()
    hands.press(Key.Key_Z, modifier=CTRL)
    assert title_shown not in bar.currentMessage()
    hands.press(Key.Key_PageDown, modifier=CTRL)
    hands.press(Key.Key_Z, modifier=CTRL | SHIFT)  # redo goes there, too
    assert title_shown in bar.currentMessage()


def test_several_steps_back_say_where_they_led(hands: Hands) -> None:
    project = hands.window.session.project
    edits.add_documents(project, [Document(Article("a-next", "Quiet.", title="Next"))])
    hands.window.session.reopen()
    hands.press(Key.Key_Return, Key.Key_Return)
    hands.press(Key.Key_PageDown, modifier=CTRL)
    hands.window.run("undo_history")
    hands.press(Key.Key_Down, Key.Key_Return)
    assert not hands.window.session.project.document("a-test").mentions
    assert "another article: “Talks in Cairo”" in hands.window.statusBar().currentMessage()


def test_select_by_keyboard_and_mark(hands: Hands) -> None:
    hands.press(Key.Key_Home)
    hands.press(Key.Key_Right, Key.Key_Right)
    hands.press(Key.Key_Right, modifier=SHIFT)
    assert hands.canvas.selection
    text = hands.document.article.text
    (part,) = hands.canvas.selection
    hands.press("3")
    assert (text[part.start : part.end], "GPE") in hands.gold()


def test_boundaries_by_keyboard(hands: Hands) -> None:
    hands.canvas.set_focused(hands.named("Riyadh"))
    hands.press("}")
    assert ("Riyadh opposed", "GPE") in hands.gold()
    hands.press("{")
    assert ("Riyadh", "GPE") in hands.gold()


def test_relate_by_letters(hands: Hands) -> None:
    who = hands.named("Ali Mamluk")
    target = hands.named("Riyadh")
    hands.canvas.set_focused(who)
    hands.press("r")
    letters = hands.canvas.hints.labels[target]
    shown = [what for _key, what in hands.window.legend.parts]
    assert "leave the letters" in shown
    assert "label" not in shown  # a letter is one of those on the targets now
    hands.press(letters)
    assert hands.window.picker is not None
    hands.press("v")
    (relation,) = hands.document.relations.values()
    assert (relation.type, relation.head, relation.tail) == ("visited", who, target)


def test_click_check_and_cross(hands: Hands) -> None:
    who = hands.named("Ali Mamluk")
    hands.click(hands.text.index("Ali Mamluk") + 1)
    assert hands.canvas.focused == who


def test_drag_selects_and_the_picker_labels(hands: Hands) -> None:
    at = hands.document.article.text.index("intelligence chief")
    hands.drag(hands.point(at + 1), hands.point(at + 15))
    assert hands.window.picker is not None
    hands.press("9")
    assert ("intelligence chief", "TITLE") in hands.gold()


def test_undo_and_redo_by_keys(hands: Hands) -> None:
    hands.press("o")
    hands.qtbot.keyClick(hands.window, Key.Key_Z, CTRL)
    assert not hands.gold()
    hands.qtbot.keyClick(hands.window, Key.Key_Z, CTRL | SHIFT)
    assert ("Syrian", "ORG") in hands.gold()
    assert hands.window._qactions["undo"].text().startswith("&Undo: ")


def test_done_is_saved(hands: Hands) -> None:
    hands.qtbot.keyClick(hands.window, Key.Key_Return, CTRL)
    assert hands.document.article.state == "done"


def test_closing_never_asks_and_all_is_there(hands: Hands, desk: Desk) -> None:
    hands.press(Key.Key_Return)
    path = desk.project.path
    hands.window.close()
    with Project.open(path) as again:
        assert len(again.document(desk.id).mentions) == 1
        assert edits.undo(again) is not None


def test_everything_by_mouse_alone(hands: Hands) -> None:
    text, window, left = hands.text, hands.window, Qt.MouseButton.LeftButton
    # accept: click the mention, then Accept in the inspector
    hands.click(text.index("Ali Mamluk") + 1)
    hands.qtbot.mouseClick(window.inspector.accept, left)
    hands.click(text.index("Khaled Fawzy") + 1)
    hands.qtbot.mouseClick(window.inspector.accept, left)
    assert {("Ali Mamluk", "PERSON"), ("Khaled Fawzy", "PERSON")} <= hands.gold()
    # reject
    hands.click(text.index("Riyadh") + 1)
    hands.qtbot.mouseClick(window.inspector.reject, left)
    assert ("Riyadh", "GPE") not in hands.gold()
    assert len(hands.document.mentions) == 2
    # fix a boundary with the arrows of the inspector
    hands.click(text.index("Khaled Fawzy") + 1)
    arrows = window.inspector.bounds.findChildren(QToolButton)
    hands.qtbot.mouseClick(arrows[1], left)
    assert ("Fawzy", "PERSON") in hands.gold()
    # create: drag over the words, click the type
    at = text.index("bureau")
    hands.drag(hands.point(at + 1), hands.point(at + 5))
    assert window.picker is not None
    row = window.picker.list.findItems("ORG", Qt.MatchFlag.MatchEndsWith)[0]
    place = window.picker.list.visualItemRect(row).center()
    hands.qtbot.mouseClick(window.picker.list.viewport(), left, pos=place)
    assert ("bureau", "ORG") in hands.gold()
    # relate: drag from mention to mention, click the relation
    hands.drag(hands.point(text.index("Ali Mamluk") + 1), hands.point(at + 2))
    assert window.picker is not None
    place = window.picker.list.visualItemRect(window.picker.list.item(0)).center()
    hands.qtbot.mouseClick(window.picker.list.viewport(), left, pos=place)
    assert len(hands.document.relations) == 1
    # undo on the toolbar, which says what, then done
    undo = window.findChild(Tool, "undo")
    assert undo is not None
    assert undo.text() == "Undo"
    assert undo.toolTip().startswith("Undo: relate Ali Mamluk"), undo.toolTip()
    hands.qtbot.mouseClick(undo, left)
    assert not hands.document.relations
    hands.qtbot.mouseClick(window.findChild(Tool, "article_done"), left)
    assert hands.document.article.state == "done"


def test_an_empty_project_says_what_to_do(hands: Hands) -> None:
    window = hands.window
    assert not window.welcome.isVisible()
    window.run("remove_article")
    assert window.welcome.isVisible()
    assert not window.canvas.isVisible()
    assert window.welcome.buttons[0].text() == "Add articles…"
    hands.qtbot.keyClick(window, Key.Key_Z, CTRL)
    window.articles.open_first()
    assert window.canvas.isVisible()
    assert not window.welcome.isVisible()


def test_a_command_clicked_in_the_palette_runs_once_the_click_is_over(hands: Hands) -> None:
    window, left = hands.window, Qt.MouseButton.LeftButton
    hands.qtbot.keyClick(window, Key.Key_P, CTRL)
    palette = window.findChild(CommandPalette)
    hands.qtbot.keyClicks(palette.field, "Undo")
    ran: list[tuple[str, bool]] = []
    palette._run = lambda name: ran.append((name, palette.isVisible()))
    place = palette.list.visualItemRect(palette.list.item(0)).center()
    hands.qtbot.mouseClick(palette.list.viewport(), left, pos=place)
    assert not ran  # it may open a dialog, in whose loop the list would be deleted
    hands.qtbot.waitUntil(lambda: bool(ran))
    assert ran == [("undo", False)]


def test_a_file_put_in_place_of_the_open_one_is_told_all_the_time(hands: Hands, desk: Desk) -> None:
    path = desk.project.path
    assert not hands.window.banner.isVisible()
    hands.window.close()
    project = Project.open(path)
    project.set_aside = path.with_name("a log of another")  # see tests/core/test_project.py
    again = Window(project)
    hands.qtbot.addWidget(again)
    again.show()
    assert again.banner.isVisible()
    assert "a log of another" in again.banner.text()


def test_theme_and_arcs_are_remembered(hands: Hands, desk: Desk) -> None:
    window = hands.window
    assert not window._dark
    hands.qtbot.keyClick(window, Key.Key_D, CTRL)
    hands.qtbot.keyClick(window, Key.Key_L, CTRL)
    assert window.canvas.relation_mode == "all"
    path = desk.project.path
    window.close()
    again = Window(Project.open(path))
    hands.qtbot.addWidget(again)
    assert again._dark
    assert again.canvas.relation_mode == "all"
    again.switch_theme()
    again.close()


def test_find_shows_its_place(hands: Hands, desk: Desk) -> None:
    session = hands.window.session
    text = "\n\n".join(f"Paragraph {n} of many." for n in range(200))
    Desk(desk.project, text, "a-long")
    session.open_article("a-long")
    hands.qtbot.keyClick(hands.window, Key.Key_F, CTRL)
    field = hands.window.find_bar.field
    hands.qtbot.keyClicks(field, "Paragraph 180")
    hands.qtbot.keyClick(field, Key.Key_Return)
    top, bottom = hands.canvas.view
    place = hands.canvas._page.layout.caret(text.index("Paragraph 180"))
    assert top <= place.top() < bottom
