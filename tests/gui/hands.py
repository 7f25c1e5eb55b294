"""A person at the window, for tests: presses keys where the keyboard is, clicks what is drawn."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.annotation import Document
from gui.window import Window

Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Hands:
    """Every action is an event that Qt delivers; what came of it is read from the file."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self.qtbot = qtbot
        self.window = window

    @property
    def canvas(self):
        return self.window.canvas

    @property
    def document(self) -> Document:
        """What is on the disk, not what the window believes."""
        return self.window.session.project.document(self.window.session.article_id)

    @property
    def text(self) -> str:
        return self.document.article.text

    # -- keys

    def press(self, *keys: Qt.Key | str, modifier: Qt.KeyboardModifier = NONE) -> None:
        """Press keys one after the other, each where the keyboard then is."""
        for key in keys:
            target = self.canvas
            if QApplication.activePopupWidget() is not None and self.window.picker is not None:
                target = self.window.picker.list
            if isinstance(key, str):
                self.qtbot.keyClicks(target, key, modifier)
            else:
                self.qtbot.keyClick(target, key, modifier)

    def go_to(self, offset: int) -> None:
        """Move the caret to the token at `offset` with the arrow keys."""
        self.press(Key.Key_Escape)
        while self.canvas.caret > offset:
            self.press(Key.Key_Up if self._far(offset) else Key.Key_Left)
        while self.canvas.caret < offset:
            before = self.canvas.caret
            self.press(Key.Key_Right)
            assert self.canvas.caret > before, f"the caret is stuck at {before}"
        assert self.canvas.caret == offset

    def _far(self, offset: int) -> bool:
        return self.canvas.caret - offset > 150

    def select(self, start: int, end: int) -> None:
        """Select the tokens of ``text[start:end]`` with the keyboard."""
        self.go_to(start)
        while not self.canvas.selection or self.canvas.selection[0].end < end:
            self.press(Key.Key_Right, modifier=SHIFT)
        assert tuple(self.canvas.selection[0]) == (start, end)

    # -- mouse

    def point(self, offset: int) -> QPoint:
        """The middle of the character at `offset`, on the viewport."""
        page = self.canvas._page
        left, right = page.layout.caret(offset), page.layout.caret(offset + 1)
        at = (left.center() + right.center()) / 2
        return QPoint(round(at.x()), round(at.y()) - self.canvas.verticalScrollBar().value())

    def click(self, offset: int, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        """Click the character at `offset`."""
        self.canvas.reveal_offset(offset)
        self.qtbot.mouseClick(self.canvas.viewport(), button, pos=self.point(offset))

    def drag(self, start: QPoint, end: QPoint, modifier: Qt.KeyboardModifier = NONE) -> None:
        """Press at one point of the viewport, move, let go at the other."""
        view = self.canvas.viewport()
        self.qtbot.mousePress(view, Qt.MouseButton.LeftButton, modifier, start)
        for step in (1, 2, 3, 4):
            self.qtbot.mouseMove(view, start + (end - start) * step / 4)
        self.qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, modifier, end)

    # -- looking

    def gold(self) -> set[tuple[str, str]]:
        """Gold mentions as (text, type)."""
        document = self.document
        text = document.article.text
        return {(text[m.start : m.end], m.type) for m in document.mentions.values()}

    def named(self, words: str) -> str:
        """The id of the first mention, gold or suggested, with this text."""
        document = self.document
        text = document.article.text
        spans = [*document.mentions.values(), *document.suggestions.values()]
        return next(m.id for m in spans if m.fragments and text[m.start : m.end] == words)
