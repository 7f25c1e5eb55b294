"""The table of commands is whole, and everything made from it is up to date."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from core import scheme
from gui import actions, keys
from gui.commands import TABLE, Scope, keys_page
from gui.dialogs import found, keys_html
from gui.keymap import KeyMap
from tests.conftest import ROOT


@pytest.mark.parametrize("entry", TABLE.values(), ids=lambda entry: entry.name)
def test_every_command_is_explained_and_has_a_place(entry) -> None:
    assert entry.title
    assert entry.help.endswith(".")
    assert entry.needs in actions.NEEDS
    for key in entry.keys:
        assert not QKeySequence(key).isEmpty()
        plain = len(key) == 1
        assert not (plain and entry.scope is Scope.WINDOW), "a letter must stay a letter in a note"


@pytest.mark.parametrize("name", scheme.available())
def test_no_key_of_a_type_is_a_command(name: str) -> None:
    types = keys.type_keys(scheme.load(name))
    assert types
    assert not set(types) & set(KeyMap().on_canvas())


def test_the_page_of_keys_is_up_to_date() -> None:
    page = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert keys_page() in page, "run: python -m gui.actions > docs/keys.md"


def test_the_sheet_shows_every_command_and_every_type() -> None:
    news = scheme.load("news")
    sheet = keys_html(news, KeyMap())
    for title in [entry.title for entry in TABLE.values()] + list(news.entity_types):
        assert title.replace("&", "&amp;") in sheet


@pytest.mark.parametrize(
    ("key", "modifiers", "text", "name"),
    [
        (Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier, "r", "R"),
        (Qt.Key.Key_BraceLeft, Qt.KeyboardModifier.ShiftModifier, "{", "{"),
        (Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.NoModifier, "[", "["),
        (Qt.Key.Key_3, Qt.KeyboardModifier.KeypadModifier, "3", "3"),
        (Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier, "\t", "Shift+Tab"),
        (Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier, "\r", "Return"),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier, "\r", "Shift+Return"),
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", "Space"),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, "", "Shift+Right"),
        (Qt.Key.Key_Shift, Qt.KeyboardModifier.ShiftModifier, "", ""),
    ],
)
def test_key_names(key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str, name: str) -> None:
    assert keys.key_name(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)) == name


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("undo", "undo"), ("Redo", "redo"), ("rem", "remove_article"),
        ("all in art", "accept_article"), ("", next(iter(TABLE))),
    ],
)  # fmt: skip
def test_the_palette_offers_first_what_is_named(text: str, first: str) -> None:
    """Not what has the word in its help: "undo" never means "Remove article"."""
    assert found(text)[0].name == first


def test_the_palette_finds_words_of_the_help_too() -> None:
    names = [entry.name for entry in found("undo brings back")]
    assert "remove_article" in names
    assert not found("no such command")
