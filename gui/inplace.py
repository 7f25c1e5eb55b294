"""Small fields that open at a place in the text: a note, the free value of an attribute."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from core.i18n import _

_WIDTH = 340


class Field(QFrame):
    """A popup with a few lines of text.

    However it is closed (Esc, Ctrl+Enter, a click elsewhere), what was typed is kept: nothing is
    lost, and undo takes it back. Where it is one line only, Enter closes it too.

    Signals:
        typed(str): what it holds after a key.
        written(str): it closes, and holds something else than before.
        unchanged: it closes, and holds what it held before.
        closed: it closed, after one of these two.
    """

    typed = Signal(str)
    written = Signal(str)
    unchanged = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget, title: str, text: str, one_line: bool) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("picker")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._before = text
        self._one_line = one_line
        heading, hint = QLabel(title), QLabel()
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setObjectName("heading")
        hint.setTextFormat(Qt.TextFormat.PlainText)
        hint.setObjectName("hint")
        hint.setText(
            _("Enter or Esc keeps it")
            if one_line
            else _("Esc or Ctrl+Enter keeps it, Enter breaks")
        )
        self.text = QPlainTextEdit(text)
        self.text.setAccessibleName(title)
        self.text.setTabChangesFocus(True)
        lines = 1 if one_line else 4
        self.text.setFixedSize(_WIDTH, lines * self.fontMetrics().lineSpacing() + 22)
        self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.text.textChanged.connect(lambda: self.typed.emit(self.text.toPlainText()))
        self.text.installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(4)
        for widget in (heading, self.text, hint):
            layout.addWidget(widget)

    def open_at(self, at: QPoint) -> None:
        """Show it near the global position `at`, on the screen."""
        self.adjustSize()
        screen = QGuiApplication.screenAt(at) or QGuiApplication.primaryScreen()
        area = screen.availableGeometry()
        x = min(max(at.x(), area.left()), area.right() - self.width())
        y = at.y() if at.y() + self.height() <= area.bottom() else at.y() - self.height() - 28
        self.move(x, max(y, area.top()))
        self.show()
        self.text.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if event.key() == Qt.Key.Key_Escape or (enter and (held or self._one_line)):
                self.close()
                return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        text = self.text.toPlainText().strip()
        if text != self._before.strip():
            self._before = text
            self.written.emit(text)
        else:
            self.unchanged.emit()
        self.closed.emit()


def write(
    parent: QWidget,
    title: str,
    text: str,
    at: QPoint,
    then: Callable[[str], None],
    one_line: bool = False,
) -> Field:
    """Open a field with `text`; `then` gets what it holds in the end, if that is something else."""
    field = Field(parent, title, text, one_line)
    field.written.connect(then)
    field.open_at(at)
    return field
