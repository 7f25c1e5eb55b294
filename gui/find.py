"""The find bar: words in the open article, from one place to the next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from core.annotation import Fragment
from core.i18n import _
from gui.canvas.widget import Canvas
from gui.session import Session


class FindBar(QWidget):
    """Hidden until it is asked for; Enter and Shift+Enter go on and back, Esc leaves."""

    def __init__(self, canvas: Canvas, session: Session) -> None:
        super().__init__()
        self._canvas = canvas
        self._session = session
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Find in this article"))
        self.field.setAccessibleName(_("Find in this article"))
        self.field.textChanged.connect(lambda: self._find(0))
        self.count = QLabel()
        self.count.setObjectName("hint")
        close = QToolButton()
        close.setText("✕")
        close.setAccessibleName(_("Close"))
        close.clicked.connect(self._leave)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.count)
        layout.addWidget(close)
        self.hide()

    def open(self) -> None:
        """Show it with the keyboard in its field."""
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._find(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else +1)
        else:
            super().keyPressEvent(event)

    def _leave(self) -> None:
        self.hide()
        self._canvas.setFocus()

    def _find(self, direction: int) -> None:
        """Select the place at (0), after (+1) or before (-1) the present one, going round."""
        document, wanted = self._session.document, self.field.text()
        if document is None or not wanted:
            self.count.clear()
            return
        places = _places(document.article.text, wanted)
        if not places:
            self.count.setText(_("Not found"))
            return
        selection = self._canvas.selection
        here = selection[0].start if selection else self._canvas.caret
        if direction < 0:
            at = next((n for n in reversed(range(len(places))) if places[n] < here), -1)
        else:
            at = next((n for n, p in enumerate(places) if p >= here + direction), 0)
        start = places[at]
        self._canvas.select((Fragment(start, start + len(wanted)),))
        self._canvas.reveal_offset(start)
        self.count.setText(_("{n} of {m}").format(n=(at % len(places)) + 1, m=len(places)))


def _places(text: str, wanted: str) -> list[int]:
    """Offsets of `wanted`, ignoring case where that keeps the length (offsets must stay true)."""
    lowered, needle = text.lower(), wanted.lower()
    if len(lowered) != len(text) or len(needle) != len(wanted):
        lowered, needle = text, wanted
    places, at = [], lowered.find(needle)
    while at >= 0:
        places.append(at)
        at = lowered.find(needle, at + 1)
    return places
