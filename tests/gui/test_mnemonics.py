"""Each entry of a menu has a letter of its own; Alt with the menu's, then the entry's, does it."""

from __future__ import annotations

import gettext
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

from core import i18n
from gui.commands import TABLE, Menu, entries
from gui.mnemonics import letter, marked
from tests.gui.hands import Hands, Key

ALT = Qt.KeyboardModifier.AltModifier


def letters(menu: QMenu) -> list[str]:
    return [letter(action.text()) for action in menu.actions() if not action.isSeparator()]


def plain(entry: str) -> str:
    """An entry as Qt shows it."""
    return re.sub("&(.)", r"\1", entry, flags=re.DOTALL)


@given(st.lists(st.text(max_size=12), max_size=50))
def test_letters_are_unique_and_titles_stay_what_they_are(titles: list[str]) -> None:
    found = marked(titles)
    own = [letter(entry) for entry in found if letter(entry)]
    assert len(own) == len(set(own))
    assert len(own) >= min(len(titles), 36)
    for title, entry in zip(titles, found, strict=True):
        assert plain(entry) in (title, f"{title} ({letter(entry)})")


@pytest.mark.parametrize(
    ("titles", "wishes", "expected"),
    [
        (["Open", "Order"], (), ["&Open", "O&rder"]),
        (["Ab", "A", "B"], (), ["A&b", "&A", "B (&C)"]),
        (["Save a copy", "Save"], (), ["&Save a copy", "S&ave"]),
        (["AT&T", "R&D"], (), ["&AT&&T", "&R&&D"]),
        (["分析", "ملف"], (), ["分析 (&A)", "&ملف"]),
        (["LAW", "GPE"], (["8"], ["3", "p"]), ["&LAW", "G&PE"]),
        (["Relate", "Reject", "Flip"], (["R"], [], ["X"]), ["&Relate", "R&eject", "&Flip"]),
    ],
)
def test_which_letter_it_is(titles: list[str], wishes: tuple, expected: list[str]) -> None:
    assert marked(titles, wishes) == expected


def test_every_command_and_every_type_has_a_letter(hands: Hands) -> None:
    window = hands.window
    shown = [action.menu() for action in window.menuBar().actions()]
    inner = [action.menu() for menu in shown for action in menu.actions() if action.menu()]
    assert len(inner) == 1
    for menu in [*shown, *inner]:
        own = letters(menu)
        assert all(own)
        assert len(own) == len(set(own)), menu.title()
    assert len({menu.key for menu in Menu}) == len(Menu)


def test_in_another_language_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return f"و{message[::-1]}"

    monkeypatch.setattr(i18n, "_translations", Other())
    for menu in Menu:
        own = [letter(e) for e in entries(e for e in TABLE.values() if e.menu is menu)]
        assert all(own)
        assert len(own) == len(set(own))
    assert len({menu.key for menu in Menu}) == len(Menu)


def press(hands: Hands, menu: Menu, *titles: str) -> None:
    """Alt with the menu's letter, then the letters of entries, one within the other."""
    hands.qtbot.keyClick(hands.canvas, menu.key[-1].lower(), ALT)
    for title in titles:
        popup = QApplication.activePopupWidget()
        assert isinstance(popup, QMenu)
        (entry,) = (a.text() for a in popup.actions() if plain(a.text()).split("\t")[0] == title)
        hands.qtbot.keyClick(popup, letter(entry).lower())


def test_alt_a_letter_and_a_letter_do_it(hands: Hands) -> None:
    assert hands.canvas.focused == hands.named("Syrian")
    press(hands, Menu.REVIEW, "Accept")
    assert hands.gold() == {("Syrian", "NORP")}
    assert QApplication.activePopupWidget() is None
    press(hands, Menu.EDIT, "Undo: accept Syrian NORP")
    assert hands.gold() == set()


def test_a_type_is_a_letter_more_and_that_is_its_key(hands: Hands) -> None:
    press(hands, Menu.ANNOTATE, "Label as", "EVENT")
    assert hands.gold() == {("Syrian", "EVENT")}
    types = hands.window.session.project.scheme.entity_types
    menu = next(m for m in hands.window.findChildren(QMenu) if plain(m.title()) == "Label as")
    for action in menu.actions():
        title = plain(action.text()).split("\t")[0]
        of_title = [key.upper() for key in types[title].keys if key.upper() in title]
        assert not of_title or letter(action.text()) in of_title


def test_letters_of_the_text_stay_what_they_are(hands: Hands) -> None:
    press(hands, Menu.VIEW)  # a look, and away
    hands.qtbot.keyClick(QApplication.activePopupWidget(), Key.Key_Escape)
    hands.qtbot.keyClick(hands.window.menuBar(), Key.Key_Escape)
    assert hands.canvas.hasFocus()
    hands.press("o")
    assert hands.gold() == {("Syrian", "ORG")}


def test_browsing_menus_ends_in_the_text(hands: Hands) -> None:
    def key(name: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        where = QApplication.activePopupWidget() or QApplication.focusWidget()
        hands.qtbot.keyClick(where, name, modifier)

    for letter_of in (Key.Key_F, Key.Key_E):
        key(letter_of, ALT)
        assert isinstance(QApplication.activePopupWidget(), QMenu)
        key(Key.Key_Escape)
    key(Key.Key_Escape)
    hands.qtbot.waitUntil(lambda: hands.window.focusWidget() is hands.canvas)
    hands.press("o")
    assert hands.gold() == {("Syrian", "ORG")}


def test_the_context_menu_has_letters_too(hands: Hands) -> None:
    id = hands.named("Syrian")
    hands.click(hands.document.suggestions[id].start, Qt.MouseButton.RightButton)
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    own = letters(popup)
    assert all(own)
    assert len(own) == len(set(own))
    entry = next(a for a in popup.actions() if a.objectName() == "accept")
    hands.qtbot.keyClick(popup, letter(entry.text()).lower())
    assert hands.gold() == {("Syrian", "NORP")}
