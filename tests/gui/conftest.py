"""What the tests of the window share: documents written in words, and a canvas that shows them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import scheme
from core.annotation import Change, Document, Fragment, Image, Mention, Relation, Suggestion
from core.annotation import fragments as merged
from core.article import Article

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from gui import keymap
from gui.app import application
from gui.canvas import Canvas
from gui.window import Window
from tests.conftest import Desk
from tests.gui.hands import Hands

NEWS = scheme.load("news")

# A busy machine is no fault: every wait is for something that comes, however long it takes.
for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitActive, QtBot.waitExposed):
    wait.__kwdefaults__["timeout"] = 60_000


class Draft:
    """An article and what is said about it, with words instead of offsets.

    Words are found from the start of the text, the `nth` time they occur; several, separated by
    `` … ``, are fragments of one mention. Ids are m1, m2, ... and r1, r2, ... in order.
    """

    def __init__(self, text: str) -> None:
        self.article = Article("a-draft", text)
        self._mentions: dict[str, Mention] = {}
        self._relations: dict[str, Relation] = {}
        self._suggestions: dict[str, Suggestion] = {}

    def span(self, words: str, nth: int = 0) -> Fragment:
        start = -1
        for _ in range(nth + 1):
            start = self.article.text.index(words, start + 1)
        return Fragment(start, start + len(words))

    def _id(self, letter: str) -> str:
        taken = (*self._mentions, *self._relations, *self._suggestions)
        return f"{letter}{1 + sum(id.startswith(letter) for id in taken)}"

    def gold(self, words: str, type: str = "PERSON", nth: int = 0) -> str:
        id, parts = self._id("m"), merged(self.span(w, nth) for w in words.split(" … "))
        self._mentions[id] = Mention(id, self.article.id, parts, type)
        return id

    def suggested(self, words: str, type: str = "PERSON", nth: int = 0, score: float = 0.8) -> str:
        id, parts = self._id("m"), merged(self.span(w, nth) for w in words.split(" … "))
        self._suggestions[id] = Suggestion(
            id, self.article.id, type, parts, source="rules", score=score
        )
        return id

    def related(self, type: str, head: str, tail: str) -> str:
        id = self._id("r")
        self._relations[id] = Relation(id, self.article.id, type, head, tail)
        return id

    def relation_suggested(self, type: str, head: str, tail: str) -> str:
        id = self._id("r")
        self._suggestions[id] = Suggestion(
            id, self.article.id, type, head=head, tail=tail, source="rules", score=0.6
        )
        return id

    @property
    def document(self) -> Document:
        return Document(
            self.article, dict(self._mentions), dict(self._relations), dict(self._suggestions)
        )


def change(*pairs: tuple[Mention | Relation | Suggestion | None, ...]) -> Change:
    """A change from pairs of (before, after)."""
    images = []
    for before, after in pairs:
        value = after or before
        assert value is not None
        kind = type(value).__name__.lower()
        images.append(Image(kind, value.id, before, after))  # type: ignore[arg-type]
    return Change("test", "a-draft", tuple(images))


ShowCanvas = Callable[..., Canvas]


@pytest.fixture
def show(qtbot: QtBot) -> ShowCanvas:
    """Show a document on a canvas with the keyboard: ``show(draft, width=..., height=...)``."""

    def shown(draft: Draft, width: int = 1000, height: int = 700) -> Canvas:
        canvas = Canvas()
        qtbot.addWidget(canvas)
        canvas.resize(width, height)
        canvas.set_document(draft.document, NEWS)
        with qtbot.waitActive(canvas):
            canvas.show()
            canvas.activateWindow()
        canvas.setFocus()
        return canvas

    return shown


@pytest.fixture
def hands(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hands]:
    """A window on the desk's article, with suggestions; settings of its own."""
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    who, with_whom = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Khaled Fawzy", "PERSON")
    place = desk.mention("Cairo", "GPE", 1)
    desk.suggest(
        desk.mention("Syrian", "NORP"), who, with_whom, place,
        desk.mention("Riyadh", "GPE"),
        desk.relation("met_with", who, with_whom), desk.relation("visited", who, place),
    )  # fmt: skip
    # Nobody's own keys decide what a test sees.
    monkeypatch.setattr(keymap, "default_path", lambda: tmp_path / "settings" / keymap.FILE)
    window = Window(desk.project)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.canvas.setFocus()
    yield Hands(qtbot, window)
    if isValid(window):
        window.close()
