"""Random keys and mouse events over a real window, as a child or a cat would make them."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from PySide6.QtCore import QPoint, QSettings, Qt, QTimer, qInstallMessageHandler
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from shiboken6 import isValid

from core.project import Project
from gui.app import application
from gui.window import Window

Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton

_MOVES = (
    Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End,
    Key.Key_PageUp, Key.Key_PageDown, Key.Key_Tab, Key.Key_Backtab, Key.Key_Escape,
)  # fmt: skip
_WORK = (Key.Key_Return, Key.Key_Return, Key.Key_Tab, Key.Key_Backspace, Key.Key_Space)
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789[]{}+=/?.,;:"
# With Ctrl: undo, redo, done, find, palette, note, relations, theme, next and previous article ...
_CTRL = "zzzzyfptldgmah"


def open_window(path: Path) -> Window:
    """A window on the project, with settings of its own, beside it."""
    qInstallMessageHandler(_quiet)
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(path.parent))
    window = Window(Project.open(path, annotator="ann"))
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowExposed(window)
    window.canvas.setFocus()
    return window


def _quiet(kind: object, context: object, text: str) -> None:
    """The offscreen platform says for each popup what it can't do."""
    if not text.startswith("This plugin does not support"):
        sys.stderr.write(text + "\n")


def _let_go() -> None:
    modal = QApplication.activeModalWidget()
    if isinstance(modal, QDialog):
        modal.reject()


class Monkey:
    """Sends one random event at a time to whatever would get it from a person.

    Args:
        calm: keep to the text, its pickers and the fields of what is focused, and let go of any
            dialog, so that much is edited.
    """

    def __init__(self, window: Window, rng: Random, *, calm: bool = False) -> None:
        self.window = window
        self.rng = rng
        self.calm = calm
        # A dialog that waits (a file is to be chosen, a question to be answered) is let go of, as
        # by Esc.
        self._waker = QTimer()
        self._waker.setInterval(150)
        self._waker.timeout.connect(_let_go)
        self._waker.start()

    def rest(self) -> None:
        """It has gone: dialogs wait for somebody else again."""
        self._waker.stop()

    def target(self) -> QWidget:
        """Where the keyboard is: a popup, else a dialog, else what has the focus."""
        top = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if top is None and self.calm:
            return self.window.canvas
        inside = QApplication.focusWidget() if top is None else top.focusWidget()
        return inside or top or self.window.canvas

    def event(self) -> str:
        """One event; a word for what it was."""
        try:
            return self._event()
        except RuntimeError as error:
            if "already deleted" not in str(error):
                raise
            return self._leave()

    def _leave(self) -> str:
        """At the address of a list of choices that is shown there was another, long gone, and
        Shiboken hands out that one's wrapper: nothing can be sent, so it is left, as by Esc."""
        top = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if top is not None:
            top.close()
        elif self.window.isVisible():
            self.window.canvas.setFocus()
        return "nothing"

    def _event(self) -> str:
        rng = self.rng
        if self.calm:
            for dialog in QApplication.topLevelWidgets():
                if isinstance(dialog, QDialog) and dialog.isVisible():
                    dialog.reject()
            field = self._field() if rng.random() < 0.06 else None
            if field is not None:
                QTest.keyClicks(field, rng.choice(("Q8", "7", "ask Eva", " ")))
                return f"words into {field.accessibleName()}"
        choice = rng.random()
        target = self.target()
        if not isValid(target):
            return self._leave()
        if QApplication.activePopupWidget() is not None and rng.random() < 0.15:
            QTest.keyClick(target, Key.Key_Escape)
            return "key Key_Escape"
        if choice < 0.30:
            key = rng.choice(_WORK)
            QTest.keyClick(target, key, SHIFT if rng.random() < 0.06 else NONE)
            return f"key {key.name}"
        if choice < 0.50:
            key = rng.choice(_MOVES)
            QTest.keyClick(target, key, rng.choice((NONE, NONE, SHIFT, CTRL, ALT | SHIFT)))
            return f"key {key.name}"
        if choice < 0.75:
            letter = rng.choice(_LETTERS)
            QTest.keyClicks(target, letter)
            return f"letter {letter}"
        if choice < 0.85:
            letter = rng.choice("zzy" if self.calm else _CTRL)
            with_shift = SHIFT if rng.random() < 0.2 else NONE
            QTest.keyClick(target, letter, CTRL | with_shift)
            return f"Ctrl+{letter}"
        return self._mouse()

    def _field(self) -> QWidget | None:
        """One of those in which a person types of what is focused; it keeps what is typed until
        something else is focused, so there may be several."""
        if QApplication.activePopupWidget() is not None:
            return None
        inspector = self.window.inspector
        fields = [inspector.kb, inspector.note]
        fields += inspector.attributes.findChildren(QLineEdit)
        shown = [field for field in fields if field.isVisible()]
        return self.rng.choice(shown) if shown else None

    def _mouse(self) -> str:
        rng = self.rng
        widget = self._place()
        if widget is None:
            return "nothing"
        spots = [
            QPoint(rng.randrange(max(1, widget.width())), rng.randrange(max(1, widget.height())))
            for _ in range(2)
        ]
        what = rng.random()
        if what < 0.5:
            QTest.mouseClick(widget, LEFT, rng.choice((NONE, NONE, SHIFT, CTRL)), spots[0])
            return f"click {type(widget).__name__}"
        if what < 0.6:
            QTest.mouseDClick(widget, LEFT, NONE, spots[0])
            return f"double click {type(widget).__name__}"
        if what < 0.65:
            QTest.mouseClick(widget, RIGHT, NONE, spots[0])
            return f"right click {type(widget).__name__}"
        if what < 0.85:
            QTest.mousePress(widget, LEFT, NONE, spots[0])
            for n in (1, 2, 3):
                if isValid(widget):
                    QTest.mouseMove(widget, spots[0] + (spots[1] - spots[0]) * n / 3)
            if isValid(widget):
                QTest.mouseRelease(widget, LEFT, NONE, spots[1])
            return "drag"
        wheel = QWheelEvent(
            spots[0].toPointF(), widget.mapToGlobal(spots[0]).toPointF(), QPoint(),
            QPoint(0, rng.choice((-120, 120, -480))), Qt.MouseButton.NoButton, NONE,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, wheel)
        return "wheel"

    def _place(self) -> QWidget | None:
        """A visible widget that the mouse can reach now."""
        canvas = self.window.canvas.viewport()
        root = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self.window
        if root is self.window and (self.calm or self.rng.random() < 0.6):
            return canvas
        inside = [
            w for w in root.findChildren(QWidget) if isValid(w) and w.isVisible() and w.isEnabled()
        ]
        return self.rng.choice(inside) if inside else root
