"""The mouse on the canvas, by real events: focus, select, snap, drag a boundary, relate."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.annotation import covered_text
from gui.canvas import Canvas, hit
from tests.gui.conftest import Draft, ShowCanvas

TALKS = (
    "Syria's intelligence chief Ali Mamluk held talks in Egypt on Monday.\n\n"
    "Mamluk met with Khaled Fawzy, head of general intelligence, in Cairo."
)
LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


def at(canvas: Canvas, words: str, where: float = 0.5, nth: int = 0) -> QPoint:
    """The point of the viewport over some words: `where` of the way from their start to end."""
    text = canvas.document.article.text
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    rect = canvas._page.fragment_rects((start, start + len(words)))[0]
    x = rect.left() + 1 + where * (rect.width() - 2)
    return QPointF(x, rect.center().y() - canvas.view[0]).toPoint()


def move(canvas: Canvas, to: QPoint, held: Qt.KeyboardModifier = NONE, button: bool = True) -> None:
    """A mouse move as the window system sends it (QTest.mouseMove holds no button)."""
    view = canvas.viewport()
    buttons = LEFT if button else Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(to),
        QPointF(view.mapToGlobal(to)),
        Qt.MouseButton.NoButton,
        buttons,
        held,
    )
    QApplication.sendEvent(view, event)


def drag(canvas: Canvas, a: QPoint, b: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
    view = canvas.viewport()
    QTest.mousePress(view, LEFT, held, a)
    for step in (0.3, 0.7, 1.0):
        move(canvas, a + (b - a) * step, held)
    QTest.mouseRelease(view, LEFT, held, b)


def click(canvas: Canvas, where: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, held, where)


def selected(canvas: Canvas) -> str:
    return covered_text(canvas.document.article.text, canvas.selection)


def button_of(canvas: Canvas, id: str, does: str) -> QPoint:
    """Where the check or the cross of an item is painted."""
    for overlay in canvas._page.overlays():
        for button in overlay.buttons:
            if (button.id, button.does) == (id, does):
                return (button.rect.center() - QPointF(0, canvas.view[0])).toPoint()
    raise AssertionError(f"no {does} on {id}")


def test_a_drag_selects_whole_tokens(show: ShowCanvas, qtbot: QtBot) -> None:
    canvas = show(Draft(TALKS))
    with qtbot.waitSignal(canvas.selection_finished):
        drag(canvas, at(canvas, "intelligence", 0.6), at(canvas, "Mamluk", 0.4))
    assert selected(canvas) == "intelligence chief Ali Mamluk"


def test_a_drag_backwards_selects_the_same(show: ShowCanvas) -> None:
    canvas = show(Draft(TALKS))
    drag(canvas, at(canvas, "Mamluk", 0.4), at(canvas, "intelligence", 0.6))
    assert selected(canvas) == "intelligence chief Ali Mamluk"
    assert canvas.caret == TALKS.index("intelligence")


def test_alt_selects_by_characters(show: ShowCanvas) -> None:
    canvas = show(Draft(TALKS))
    drag(canvas, at(canvas, "lligence", 0.0), at(canvas, "lligence", 1.0), ALT)
    assert selected(canvas) == "lligence"


def test_a_drag_over_paragraphs(show: ShowCanvas) -> None:
    canvas = show(Draft(TALKS))
    drag(canvas, at(canvas, "Monday"), at(canvas, "met"))
    assert selected(canvas) == "Monday.\n\nMamluk met"


def test_a_drag_beyond_the_edge_goes_on(show: ShowCanvas, qtbot: QtBot) -> None:
    canvas = show(Draft("\n\n".join(f"Paragraph {n} of it." for n in range(80))), 700, 300)
    view = canvas.viewport()
    QTest.mousePress(view, LEFT, NONE, at(canvas, "Paragraph"))
    below = QPoint(200, view.height() + 60)
    move(canvas, below)
    qtbot.waitUntil(lambda: canvas.view[0] > 600)
    QTest.mouseRelease(view, LEFT, NONE, below)
    assert canvas.selection[0].end > canvas._page.layout.offset_at(100, canvas.view[0])
    assert not canvas._mouse._scroll.isActive()


def test_a_double_click_selects_a_token(show: ShowCanvas, qtbot: QtBot) -> None:
    canvas = show(Draft(TALKS))
    where = at(canvas, "Syria", 0.5)
    with qtbot.waitSignal(canvas.selection_finished):
        QTest.mouseDClick(canvas.viewport(), LEFT, NONE, where)
    assert selected(canvas) == "Syria"


def test_ctrl_adds_fragments(show: ShowCanvas) -> None:
    canvas = show(Draft(TALKS))
    drag(canvas, at(canvas, "intelligence"), at(canvas, "chief"))
    drag(canvas, at(canvas, "talks"), at(canvas, "talks", 0.9), CTRL)
    drag(canvas, at(canvas, "Egypt"), at(canvas, "Egypt", 0.9), CTRL)
    assert selected(canvas) == "intelligence chief … talks … Egypt"


def test_shift_click_extends(show: ShowCanvas) -> None:
    canvas = show(Draft(TALKS))
    click(canvas, at(canvas, "held", 0.0))
    click(canvas, at(canvas, "Egypt", 0.5), SHIFT)
    assert selected(canvas) == "held talks in Egypt"


def test_a_click_focuses_the_innermost_mention(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    title = draft.gold("head of general intelligence", "TITLE")
    inner = draft.suggested("general intelligence", "ORG")
    canvas = show(draft)
    with qtbot.waitSignal(canvas.focus_changed) as said:
        click(canvas, at(canvas, "general", 0.5))
    assert said.args == [inner]
    click(canvas, at(canvas, "head of", 0.5))
    assert canvas.focused == title
    click(canvas, at(canvas, "met with", 0.5))
    assert canvas.focused == ""


def test_a_selection_takes_the_focus_away(show: ShowCanvas) -> None:
    draft = Draft(TALKS)
    canvas = show(draft)
    mention = draft.gold("Ali Mamluk")
    canvas.set_document(draft.document, canvas._scheme)
    canvas.set_focused(mention)
    drag(canvas, at(canvas, "held"), at(canvas, "talks"))
    assert canvas.focused == ""
    canvas.set_focused(mention)
    assert canvas.selection == ()


def test_check_and_cross_of_a_suggestion(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    egypt = draft.suggested("Egypt", "GPE")
    canvas = show(draft)
    move(canvas, at(canvas, "Egypt"), button=False)  # hovering is enough
    with qtbot.waitSignal(canvas.accept_requested) as said:
        click(canvas, button_of(canvas, egypt, "accept"))
    assert said.args == [egypt]
    with qtbot.waitSignal(canvas.reject_requested) as said:
        click(canvas, button_of(canvas, egypt, "reject"))
    assert said.args == [egypt]


def test_gold_has_a_cross_only(show: ShowCanvas) -> None:
    draft = Draft(TALKS)
    egypt = draft.gold("Egypt", "GPE")
    canvas = show(draft)
    canvas.set_focused(egypt)
    assert [b.does for o in canvas._page.overlays() for b in o.buttons] == ["reject"]


def test_a_press_that_leaves_the_button_does_nothing(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    egypt = draft.suggested("Egypt", "GPE")
    canvas = show(draft)
    canvas.set_focused(egypt)
    with qtbot.assertNotEmitted(canvas.accept_requested):
        drag(canvas, button_of(canvas, egypt, "accept"), at(canvas, "held"))


def handle_of(canvas: Canvas, at_end: bool, fragment: int = 0) -> QPoint:
    for overlay in canvas._page.overlays():
        for handle in overlay.handles:
            if (handle.at_end, handle.fragment) == (at_end, fragment):
                return (handle.center - QPointF(0, canvas.view[0])).toPoint()
    raise AssertionError("no such handle")


def test_a_handle_moves_a_boundary_by_tokens(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    mamluk = draft.gold("Ali Mamluk")
    canvas = show(draft)
    canvas.set_focused(mamluk)
    with qtbot.waitSignal(canvas.boundary_dragged) as said:
        drag(canvas, handle_of(canvas, False), at(canvas, "chief", 0.3))
    assert said.args == [mamluk, (draft.span("chief Ali Mamluk"),)]
    with qtbot.waitSignal(canvas.boundary_dragged) as said:
        drag(canvas, handle_of(canvas, True), at(canvas, "Ali", 0.5))
    assert said.args == [mamluk, (draft.span("Ali"),)]


def test_a_handle_never_empties_its_fragment(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    canvas = show(draft)
    egypt = draft.gold("Egypt", "GPE")
    canvas.set_document(draft.document, canvas._scheme)
    canvas.set_focused(egypt)
    with qtbot.assertNotEmitted(canvas.boundary_dragged):
        drag(canvas, handle_of(canvas, True), at(canvas, "talks"))


def test_a_handle_moves_by_characters_with_alt(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    canvas = show(draft)
    word = draft.gold("intelligence", "ORG")
    canvas.set_document(draft.document, canvas._scheme)
    canvas.set_focused(word)
    with qtbot.waitSignal(canvas.boundary_dragged) as said:
        drag(canvas, handle_of(canvas, False), at(canvas, "telligence", 0.0), ALT)
    assert said.args == [word, (draft.span("telligence"),)]


def test_a_boundary_that_meets_its_neighbour_joins_it(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    both = draft.gold("intelligence … Ali Mamluk", "ORG")
    canvas = show(draft)
    canvas.set_focused(both)
    with qtbot.waitSignal(canvas.boundary_dragged) as said:
        drag(canvas, handle_of(canvas, True, 0), at(canvas, "Ali", 0.8))
    assert said.args == [both, (draft.span("intelligence chief Ali Mamluk"),)]


def test_a_drag_from_mention_to_mention_relates(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    mamluk, fawzy = draft.gold("Ali Mamluk"), draft.suggested("Khaled Fawzy")
    canvas = show(draft)
    with qtbot.waitSignal(canvas.relation_dragged) as said:
        drag(canvas, at(canvas, "Mamluk"), at(canvas, "Khaled"))
    assert said.args[:2] == [mamluk, fawzy]
    assert canvas.selection == ()


def test_a_drag_within_a_mention_selects(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    draft.gold("head of general intelligence", "TITLE")
    draft.gold("Khaled Fawzy")
    canvas = show(draft)
    with qtbot.assertNotEmitted(canvas.relation_dragged):
        drag(canvas, at(canvas, "general"), at(canvas, "intelligence", 0.5, 1))
        assert selected(canvas) == "general intelligence"
        drag(canvas, at(canvas, "Khaled"), at(canvas, "head"), SHIFT)
    assert selected(canvas) == "Khaled Fawzy, head"


def test_cards_are_focused_accepted_and_rejected(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    relation = draft.relation_suggested(
        "met_with", draft.gold("Mamluk", nth=1), draft.gold("Khaled Fawzy")
    )
    canvas = show(draft)
    where = (canvas._page.anchor(relation).center() - QPointF(0, canvas.view[0])).toPoint()
    click(canvas, where)
    assert canvas.focused == relation
    with qtbot.waitSignal(canvas.accept_requested) as said:
        click(canvas, button_of(canvas, relation, "accept"))
    assert said.args == [relation]
    with qtbot.waitSignal(canvas.reject_requested) as said:
        click(canvas, button_of(canvas, relation, "reject"))
    assert said.args == [relation]


def test_check_and_cross_of_a_card_hide_nothing(show: ShowCanvas, qtbot: QtBot) -> None:
    """They are beyond the card, and stay while the mouse goes there."""
    draft = Draft(TALKS)
    mamluk, fawzy = draft.gold("Mamluk", nth=1), draft.gold("Khaled Fawzy")
    relation = draft.relation_suggested("met_with", mamluk, fawzy)
    draft.relation_suggested("supports", mamluk, fawzy)
    canvas = show(draft, 640)
    page = canvas._page
    card = page.anchor(relation).translated(0, -canvas.view[0])
    move(canvas, card.center().toPoint(), button=False)
    (overlay,) = page.overlays()
    cards = [c.rect.translated(0, page.layout.top(2)) for c in page.scene(2).cards]
    assert len(cards) == 2
    for button in overlay.buttons:
        assert not any(button.rect.intersects(r) for r in cards)
        assert button.rect.right() <= canvas.viewport().width()
    to = button_of(canvas, relation, "accept")
    for x in range(int(card.right()) - 2, to.x() + 1):
        move(canvas, QPoint(x, to.y()), button=False)
    with qtbot.waitSignal(canvas.accept_requested) as said:
        click(canvas, to)
    assert said.args == [relation]


def test_check_and_cross_of_a_mention_hide_no_label(show: ShowCanvas, qtbot: QtBot) -> None:
    """Not where mentions open close to one another, nor beside a focused one's own."""
    draft = Draft("US UN EU and the AU met.\nNorthern Ali Mamluk in Riyadh on Monday held talks.")
    close = [draft.suggested(name, "GPE") for name in ("US", "UN", "EU")]
    inner, outer = draft.suggested("Ali"), draft.suggested("Ali Mamluk", "TITLE")
    place = draft.suggested("Riyadh on Monday", "EVENT"), draft.suggested("Riyadh", "GPE")
    canvas = show(draft)
    page = canvas._page
    for focused in (*close, inner, outer, *place):
        canvas.set_focused(focused)
        for hovered in (focused, *close, inner, outer, *place):
            page.hover(hovered)
            labels = [
                (tag.id, tag.rect.translated(0, page.layout.top(i)))
                for i in range(len(page.text.blocks))
                for tag in page.scene(i).tags
            ]
            seen = [b.rect for o in page.overlays() for b in o.buttons]
            full = [o.tag.rect for o in page.overlays() if o.tag is not None]
            assert len(seen) == (2 if hovered == focused else 4)
            for n, rect in enumerate(seen):
                assert not any(rect.intersects(other) for other in (*seen[n + 1 :], *full))
                assert not any(rect.intersects(r) for id, r in labels if id != focused)
                text = page.layout.block_at_y(rect.center().y())
                line = (rect.center().y() - page.layout.top(text)) % page.metrics.pitch
                assert line < page.metrics.ink_top  # between the text of two lines
    canvas.set_focused(close[0])
    with qtbot.waitSignal(canvas.reject_requested) as said:
        click(canvas, button_of(canvas, close[0], "reject"))
    assert said.args == [close[0]]


def test_the_right_button_asks_for_a_menu(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    egypt = draft.gold("Egypt", "GPE")
    canvas = show(draft)
    where = at(canvas, "Egypt")
    with qtbot.waitSignal(canvas.menu_requested) as said:
        QTest.mouseClick(canvas.viewport(), Qt.MouseButton.RightButton, NONE, where)
    assert said.args == [egypt, canvas.viewport().mapToGlobal(where)]


def test_a_double_click_activates_an_item(show: ShowCanvas, qtbot: QtBot) -> None:
    draft = Draft(TALKS)
    egypt = draft.gold("Egypt", "GPE")
    canvas = show(draft)
    with qtbot.waitSignal(canvas.activated) as said:
        QTest.mouseDClick(canvas.viewport(), LEFT, NONE, at(canvas, "Egypt"))
    assert said.args == [egypt]


def test_a_pointer_leads_to_the_end_out_of_view(show: ShowCanvas) -> None:
    draft = Draft(TALKS + "\n\n" + "Nothing happened.\n\n" * 60 + "The end came in Damascus.")
    damascus, mamluk = draft.gold("Damascus", "GPE"), draft.gold("Ali Mamluk")
    draft.related("visited", mamluk, damascus)
    canvas = show(draft)
    canvas.set_focused(mamluk)
    (pointer,) = [p for arc in canvas._page.arcs(*canvas.view) for p in arc.pointers]
    assert pointer.down
    click(canvas, (pointer.rect.center() - QPointF(0, canvas.view[0])).toPoint())
    assert canvas.focused == damascus
    place = canvas._page.anchor(damascus)
    assert canvas.view[0] < place.top() < place.bottom() < canvas.view[1]


def test_a_handle_is_found_where_it_is_painted(show: ShowCanvas) -> None:
    draft = Draft(TALKS)
    mamluk = draft.gold("Ali Mamluk")
    canvas = show(draft)
    canvas.set_focused(mamluk)
    for at_end in (False, True):
        where = canvas.to_page(QPointF(handle_of(canvas, at_end)))
        found = hit.find(canvas._page, where.x(), where.y(), canvas.view)
        assert (found.what, found.id) == ("handle", mamluk)
        assert found.handle.at_end is at_end


def test_forty_relations_beside_one_line(show: ShowCanvas) -> None:
    """They are folded, unfold by a click, and the last can be scrolled to and clicked."""
    draft = Draft("Ali Mamluk met Khaled Fawzy.")
    ends = draft.gold("Ali Mamluk"), draft.gold("Khaled Fawzy")
    relations = [draft.related("met_with", *ends) for _ in range(40)]
    canvas = show(draft, 900, 400)
    page = canvas._page
    assert len(page.scene(0).folded) >= 38
    (more,) = [card for card in page.scene(0).cards if not card.id]
    bar = canvas.verticalScrollBar()
    assert bar.maximum() == 0
    click(canvas, more.rect.translated(0, page.layout.top(0)).center().toPoint())
    assert {card.id for card in page.stack()} == set(relations)
    bar.setValue(bar.maximum())
    lowest = page.stack()[-1].id
    last = page.anchor(lowest)
    assert last is not None
    assert last.bottom() <= canvas.view[1]
    click(canvas, (last.center() - QPointF(0, canvas.view[0])).toPoint())
    assert canvas.focused == lowest
    click(canvas, at(canvas, "met") if bar.value() == 0 else QPoint(60, 300))
    assert page.unfolded == -1
    assert bar.maximum() == 0
