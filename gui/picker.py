"""A small list at a place in the text: one key, one click or Enter picks from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.i18n import _


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list.

    Attributes:
        value: what is handed back.
        label: what is shown.
        keys: the keys that pick it at once; the first is shown.
        gloss: the tool tip.
        color: ``#rrggbb`` of a swatch, empty for none.
    """

    value: str
    label: str
    keys: tuple[str, ...] = ()
    gloss: str = ""
    color: str = ""


class Picker(QFrame):
    """A popup with choices, the likeliest first. It closes on a choice, Esc or a click outside."""

    picked = Signal(str)
    flip_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("picker")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget(self)
        self.list.setAccessibleName(_("Choices"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(12, 12))
        self.list.installEventFilter(self)
        self.list.itemClicked.connect(self._pick)
        self._hint = QLabel(self)
        self._hint.setObjectName("hint")
        self._filter = ""
        self._filtering = False
        self._can_flip = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(2)
        layout.addWidget(self.list)
        layout.addWidget(self._hint)

    def open_at(self, choices: Sequence[Choice], at: QPoint, can_flip: bool = False) -> None:
        """Show `choices` near the global position `at`, on the screen."""
        self._choices = tuple(choices)
        self._can_flip = can_flip
        self._fill()
        width = max((self.list.sizeHintForColumn(0), 200)) + 28
        rows = min(len(choices), 16)
        height = max(rows, 1) * max(self.list.sizeHintForRow(0), 20) + 6
        self.list.setFixedSize(min(width, 560), height)
        self.adjustSize()
        screen = QGuiApplication.screenAt(at) or QGuiApplication.primaryScreen()
        area = screen.availableGeometry()
        x = min(max(at.x(), area.left()), area.right() - self.width())
        y = at.y() if at.y() + self.height() <= area.bottom() else at.y() - self.height() - 28
        self.move(x, max(y, area.top()))
        self.show()
        self.list.setFocus()

    def _fill(self) -> None:
        self.list.clear()
        for choice in self._choices:
            if self._filter.casefold() not in choice.label.casefold():
                continue
            key = choice.keys[0].upper() if choice.keys else " "
            item = QListWidgetItem(f"{key}   {choice.label}")
            item.setData(Qt.ItemDataRole.UserRole, choice.value)
            item.setToolTip(choice.gloss)
            if choice.color:
                item.setIcon(_swatch(choice.color))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        if not self._choices:
            text = _("The scheme admits no relation from here to there.")
        elif self._filtering:
            text = _("Filter: {text}").format(text=self._filter + "▏")
        else:
            text = _("Key or Enter picks · / filters · Esc leaves")
        if self._can_flip:
            text += " · " + _("Tab turns it round")
        self._hint.setText(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key, text = event.key(), event.text()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self.list.currentItem()
            if item is not None:
                self._pick(item)
            return True
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and self._can_flip:
            self.close()
            self.flip_wanted.emit()
            return True
        if key == Qt.Key.Key_Backspace and self._filtering:
            self._filter = self._filter[:-1]
            self._filtering = bool(self._filter)
            self._fill()
            return True
        if text and text.isprintable() and text != " ":
            self._typed(text.lower())
            return True
        return False

    def _typed(self, text: str) -> None:
        if self._filtering:
            self._filter += text
            self._fill()
        elif text == "/":
            self._filtering = True
            self._fill()
        else:
            for choice in self._choices:
                if text in (k.lower() for k in choice.keys):
                    self._finish(choice.value)
                    return

    def _pick(self, item: QListWidgetItem) -> None:
        self._finish(item.data(Qt.ItemDataRole.UserRole))

    def _finish(self, value: str) -> None:
        self.close()
        self.picked.emit(value)


def pick(
    parent: QWidget,
    choices: Sequence[Choice],
    at: QPoint,
    then: Callable[[str], None],
    flip: Callable[[], None] | None = None,
) -> Picker:
    """Open a picker; `then` gets the value that was picked, `flip` is called on Tab."""
    picker = Picker(parent)
    picker.picked.connect(then)
    if flip is not None:
        picker.flip_wanted.connect(flip)
    picker.open_at(choices, at, can_flip=flip is not None)
    return picker


def _swatch(color: str) -> QIcon:
    pixmap = QPixmap(12, 12)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(color))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(0, 0, 12, 12, 3, 3)
    painter.end()
    return QIcon(pixmap)
