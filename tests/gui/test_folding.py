"""The panels beside the text give way in a narrow window, and come back; a person's wish counts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSettings, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gui.window import Window
from tests.gui.hands import CTRL, SHIFT, Hands, Key

LEFT = Qt.MouseButton.LeftButton


def resize(hands: Hands, width: int, height: int = 880) -> None:
    hands.window.resize(width, height)
    QApplication.processEvents()


def open_panels(window: Window) -> list[str]:
    """The panels that can be seen, and have a width."""
    return [
        name
        for name in ("articles", "inspector")
        if (panel := getattr(window, name)).isVisible() and panel.visibleRegion().boundingRect()
    ]


def test_panels_give_way_to_the_text_and_come_back(hands: Hands) -> None:
    window = hands.window
    resize(hands, 1400)
    assert open_panels(window) == ["articles", "inspector"]
    widths = window.articles.width(), window.inspector.width()
    resize(hands, 900, 600)
    assert open_panels(window) == ["articles"]
    assert window.canvas.width() >= window.canvas.least_width()
    said = window.statusBar().currentMessage()
    assert said == "The inspector gave way to the text; F3 brings it back."
    resize(hands, 700, 600)
    assert open_panels(window) == []
    resize(hands, 1400)
    assert open_panels(window) == ["articles", "inspector"]
    assert (window.articles.width(), window.inspector.width()) == widths


def test_larger_type_needs_more_room(hands: Hands) -> None:
    resize(hands, 1200)
    assert open_panels(hands.window) == ["articles", "inspector"]
    for _ in range(3):
        hands.press(Key.Key_Plus, modifier=CTRL)
    assert open_panels(hands.window) == ["articles"]
    for _ in range(3):
        hands.press(Key.Key_Minus, modifier=CTRL)
    assert open_panels(hands.window) == ["articles", "inspector"]


def test_what_a_person_folded_stays_folded(hands: Hands) -> None:
    window = hands.window
    resize(hands, 1400)
    hands.press(Key.Key_F2)
    assert open_panels(window) == ["inspector"]
    for width in (900, 1400):
        resize(hands, width)
        assert "articles" not in open_panels(window)
    again = Window(window.session.project)  # the next time
    hands.qtbot.addWidget(again)
    again.show()
    assert open_panels(again) == ["inspector"]
    hands.press(Key.Key_F2)
    assert open_panels(window) == ["articles", "inspector"]
    assert not QSettings().value("window/articles")


def test_what_a_person_opened_stays_open_until_there_is_room(hands: Hands) -> None:
    window = hands.window
    resize(hands, 900)
    hands.press(Key.Key_F3)
    assert open_panels(window) == ["inspector"]  # the list of articles made room
    resize(hands, 880)
    assert open_panels(window) == ["inspector"]
    hands.press(Key.Key_F7)  # to the list of articles
    assert open_panels(window) == ["articles", "inspector"]
    assert window.articles.list.hasFocus()
    resize(hands, 1400)
    resize(hands, 900)
    assert open_panels(window) == ["articles"]
    hands.press(Key.Key_F8)
    assert window.inspector.queue.filter.hasFocus()
    hands.qtbot.keyClick(window.inspector.queue.filter, Key.Key_F3)
    assert hands.canvas.hasFocus()  # the keyboard is where something is to be seen


def test_panes_that_are_folded_are_left_out_of_the_ring(hands: Hands) -> None:
    window = hands.window
    resize(hands, 900)
    for expected in (window.articles.list, window.canvas):
        hands.qtbot.keyClick(window.focusWidget(), Key.Key_F6)
        assert window.focusWidget() is expected
    hands.qtbot.keyClick(window.canvas, Key.Key_F6, SHIFT)
    assert window.focusWidget() is window.articles.list


def pull(handle: QWidget, by: int) -> None:
    """Drag the edge of a panel."""
    QTest.mousePress(handle, LEFT, pos=QPoint(0, 200))
    QTest.mouseMove(handle, QPoint(by, 200))
    QTest.mouseRelease(handle, LEFT, pos=QPoint(0, 200))


def test_a_panel_that_was_made_wide_shrinks_before_it_goes(hands: Hands) -> None:
    window = hands.window
    resize(hands, 1400)
    wide = window.inspector.width() + 300
    pull(window.splitter.handle(2), -300)
    assert abs(window.inspector.width() - wide) < 5
    resize(hands, 1395)
    assert open_panels(window) == ["articles", "inspector"]
    assert window.inspector.width() < wide
    assert abs(window.canvas.width() - window.canvas.least_width()) <= 2


@pytest.mark.parametrize("name", ["articles", "inspector"])
def test_an_edge_that_is_dragged_shut_and_open(hands: Hands, name: str) -> None:
    window = hands.window
    resize(hands, 1400)
    panel, splitter = getattr(window, name), window.splitter
    handle = splitter.handle(1 if name == "articles" else 2)
    away = -1 if name == "articles" else 1
    pull(handle, away * panel.width())
    assert name not in open_panels(window)
    resize(hands, 1390)
    assert name not in open_panels(window)
    key = {"articles": Key.Key_F2, "inspector": Key.Key_F3}[name]
    hands.press(key)
    assert name in open_panels(window)
    assert panel.width() >= 150


def _next_time(hands: Hands) -> Window:
    again = Window(hands.window.session.project)
    hands.qtbot.addWidget(again)
    again.show()
    QApplication.processEvents()
    return again


def test_widths_are_those_of_the_last_time(hands: Hands) -> None:
    window = hands.window
    resize(hands, 1600)
    pull(window.splitter.handle(1), 60)
    pull(window.splitter.handle(2), -90)
    widths = window.articles.width(), window.inspector.width()
    assert widths[0] > 280
    assert widths[1] > 370
    again = _next_time(hands)
    again.resize(1600, 880)
    QApplication.processEvents()
    assert (again.articles.width(), again.inspector.width()) == widths


def test_a_width_for_which_there_was_no_room_is_no_wish(hands: Hands) -> None:
    window = hands.window
    resize(hands, 1600)
    pull(window.splitter.handle(2), -200)
    wide = window.inspector.width()
    resize(hands, 1250)
    assert window.inspector.width() < wide
    pull(window.splitter.handle(1), 5)
    again = _next_time(hands)
    again.resize(1600, 880)
    QApplication.processEvents()
    assert again.inspector.width() == wide


def test_a_screen_that_became_smaller_shows_the_text_all_the_same(hands: Hands) -> None:
    resize(hands, 1900)
    pull(hands.window.splitter.handle(1), 300)
    pull(hands.window.splitter.handle(2), -300)
    again = _next_time(hands)
    again.resize(1200, 700)
    QApplication.processEvents()
    assert open_panels(again) == ["articles", "inspector"]
    assert again.canvas.width() >= again.canvas.least_width() - 2


@pytest.mark.parametrize("value", ["", "wide", -3, 0, 10**12, "1e3", [1, 2], None, 3.5])
def test_a_width_that_makes_no_sense_is_left_aside(hands: Hands, value: object) -> None:
    for name in ("articles", "inspector"):
        QSettings().setValue(f"window/{name}_width", value)
    again = _next_time(hands)
    again.resize(1400, 880)
    QApplication.processEvents()
    assert open_panels(again) == ["articles", "inspector"]
    assert (again.articles.width(), again.inspector.width()) == (230, 290)


def test_a_window_that_no_longer_fits_the_screen_is_cut(hands: Hands) -> None:
    QSettings().setValue("window/size", QSize(9000, 7000))
    again = _next_time(hands)
    assert again.size() == again.screen().availableSize()


@pytest.mark.parametrize("size", [QSize(-1, 5), QSize(0, 0), "big", 7])
def test_a_size_that_makes_no_sense_is_left_aside(hands: Hands, size: object) -> None:
    QSettings().setValue("window/size", size)
    assert _next_time(hands).size() == QSize(1400, 880)


# -- low windows


def test_the_window_fits_a_low_screen_with_all_its_panels(hands: Hands) -> None:
    window = hands.window
    hands.press(Key.Key_Return)
    hands.canvas.set_focused(hands.named("Syrian"))
    resize(hands, 1366, 480)
    assert window.height() == 480
    assert open_panels(window) == ["articles", "inspector"]
    bottom = window.inspector.rect().bottom()
    assert window.inspector.facts.geometry().bottom() <= bottom
    assert window.inspector.queue.list.height() > 30
    resize(hands, 911, 480)  # 1366 by 768 at 150 %, without its bars
    hands.press(Key.Key_F3)
    assert window.height() == 480
    assert open_panels(window) == ["inspector"]


def test_where_there_is_room_nothing_scrolls(hands: Hands) -> None:
    area = hands.window.inspector._shrinking
    for name in ("Syrian", "Riyadh", "Ali Mamluk"):
        hands.canvas.set_focused(hands.named(name))
        assert area.verticalScrollBar().maximum() == 0
        assert area.height() == area.sizeHint().height()


def test_the_keyboard_brings_a_field_into_sight(hands: Hands) -> None:
    inspector = hands.window.inspector
    resize(hands, 1366, 480)
    assert not inspector.note.visibleRegion().boundingRect()
    inspector.type.setFocus()
    while not inspector.note.hasFocus():
        hands.qtbot.keyClick(hands.window.focusWidget(), Key.Key_Tab)
    assert inspector.note.visibleRegion().boundingRect().height() >= inspector.note.height() - 2


def test_the_wheel_over_a_list_of_choices_chooses_nothing(hands: Hands) -> None:
    inspector = hands.window.inspector
    resize(hands, 1366, 480)
    hands.canvas.set_focused(hands.named("Syrian"))
    inspector.type.setFocus()
    area = inspector._shrinking
    area.ensureWidgetVisible(inspector.type)
    before, top = inspector.type.currentText(), area.verticalScrollBar().value()
    assert top > 0
    at = inspector.type.mapTo(hands.window, QPoint(20, 8))
    QTest.wheelEvent(hands.window.windowHandle(), at.toPointF(), QPoint(0, 240))
    hands.qtbot.waitUntil(lambda: area.verticalScrollBar().value() < top)
    assert inspector.type.currentText() == before
    assert not hands.gold()
