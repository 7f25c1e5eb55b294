"""A small list at a place in the text: one key, one click or Enter picks from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QHideEvent, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.i18n import _
from gui.keys import held, key_name, latin_name
from gui.rows import SIDE, SideDelegate

_VALUE, _GLOSS = SIDE + 1, SIDE + 2
_MOST_ROWS = 16
_WIDEST = 560


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list.

    Attributes:
        value: what is handed back.
        label: what is shown.
        keys: the keys that pick it at once.
        gloss: one sentence about it, shown below the list while it is the current one.
        color: ``#rrggbb`` of a swatch, empty for none.
        detail: a word behind the label, such as a score.
    """

    value: str
    label: str
    keys: tuple[str, ...] = ()
    gloss: str = ""
    color: str = ""
    detail: str = ""


class Picker(QFrame):
    """A popup with choices, the likeliest first. It closes on a choice, Esc or a click outside.

    A choice's key picks it at once. Any other character filters the list, and so do Shift and a
    letter, or ``/`` and then any letters.
    """

    picked = Signal(str)
    closed = Signal()  # comes before `picked` and `flip_wanted`
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
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(SideDelegate(self.list))
        self.list.installEventFilter(self)
        self.list.itemClicked.connect(self._pick)
        self.list.currentItemChanged.connect(self._show_gloss)
        self.title, self._gloss, self._hint = QLabel(self), QLabel(self), QLabel(self)
        self.title.setObjectName("heading")
        for label in (self.title, self._gloss, self._hint):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._gloss.setWordWrap(True)
        self._gloss.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._hint.setObjectName("hint")
        self._filter = ""
        self._filtering = False
        self._can_flip = False
        self._through: tuple[str, str, Callable[[], None]] | None = None
        self._choices: tuple[Choice, ...] = ()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(3)
        for widget in (self.title, self.list, self._gloss, self._hint):
            layout.addWidget(widget)

    def open_at(
        self, choices: Sequence[Choice], at: QPoint, can_flip: bool = False, title: str = ""
    ) -> None:
        """Show `choices` near the global position `at`, on the screen."""
        self._choices = tuple(choices)
        self._can_flip = can_flip
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self._gloss.setVisible(any(choice.gloss for choice in choices))
        self._fill()
        rows = max(1, min(len(choices), _MOST_ROWS))
        row = max(self.list.sizeHintForRow(0), self.fontMetrics().height() + 6)
        widest = max(self.list.sizeHintForColumn(0), self._hint.sizeHint().width(), 220)
        bar = 16 if len(choices) > _MOST_ROWS else 0
        width = min(max(widest, self.title.sizeHint().width()) + 12 + bar, _WIDEST)
        self.list.setFixedSize(width, rows * row + 4)
        # Room for two lines, so that the list does not move while the choice does.
        self._gloss.setFixedSize(width, 2 * self.fontMetrics().lineSpacing() + 2)
        self.adjustSize()
        screen = QGuiApplication.screenAt(at) or QGuiApplication.primaryScreen()
        area = screen.availableGeometry()
        x = min(max(at.x(), area.left()), area.right() - self.width())
        y = at.y() if at.y() + self.height() <= area.bottom() else at.y() - self.height() - 28
        self.move(x, max(y, area.top()))
        self.show()
        self.list.setFocus()

    def let_through(self, key: str, word: str, then: Callable[[], None]) -> None:
        """Let `key` close the list and do something else, for which the hint has a `word`."""
        self._through = (key, word, then)
        self._hint.setText(self._how())

    def _fill(self) -> None:
        self.list.clear()
        wanted = self._filter.casefold()
        shown = [c for c in self._choices if wanted in f"{c.label}\n{c.value}".casefold()]
        # What begins with the letters comes before what only contains them.
        shown.sort(key=lambda c: not c.label.casefold().startswith(wanted))
        for choice in shown:
            keys = " ".join(key.upper() for key in choice.keys)
            item = QListWidgetItem(choice.label)
            item.setData(_VALUE, choice.value)
            item.setData(_GLOSS, choice.gloss)
            item.setData(SIDE, "   ".join(part for part in (choice.detail, keys) if part))
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                ", ".join(part for part in (choice.label, choice.detail, keys) if part),
            )
            if choice.color:
                item.setIcon(_swatch(choice.color))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._hint.setText(self._how())

    def _how(self) -> str:
        if not self._choices:
            text = _("The scheme admits nothing here.")
        elif self._filtering:
            text = _("Filter: {text}").format(text=self._filter + "▏")
        else:
            text = _("Key or Enter picks · / filters · Esc leaves")
        if self._can_flip:
            text += " · " + _("Tab turns it round")
        if self._through is not None and not self._filtering:
            text += f" · {self._through[0]} {self._through[1]}"
        return text

    def _show_gloss(self) -> None:
        item = self.list.currentItem()
        self._gloss.setText(item.data(_GLOSS) if item is not None else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            held(event)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key, text = event.key(), event.text()
        typing = self._filtering and bool(text) and text.isprintable()
        moves = key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if held(event) and not (typing or moves or key == Qt.Key.Key_Backspace):
            return True  # a key that is held picks nothing: it may have opened this list
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self.list.currentItem()
            if item is not None:
                self._pick(item)
            return True
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            if self._can_flip:
                self.close()
                self.flip_wanted.emit()
            return True
        if key == Qt.Key.Key_Backspace and self._filtering:
            self._filter = self._filter[:-1]
            self._filtering = bool(self._filter)
            self._fill()
            return True
        if self._through is not None and not self._filtering:
            name, _word, then = self._through
            if key_name(event) == name.upper():
                self.close()
                then()
                return True
        if text and text.isprintable() and (text != " " or self._filtering):
            # Not for digits, which need Shift on a French keyboard.
            shifted = text.isalpha() and bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._typed(text, latin_name(event), shifted)
            return True
        return False

    def _typed(self, text: str, latin: str, shifted: bool) -> None:
        if self._filtering:
            self._filter += text
        else:
            names = {text.lower(), latin.lower()}
            for choice in self._choices:
                if not shifted and names & {k.lower() for k in choice.keys}:
                    self._finish(choice.value)
                    return
            self._filtering = True
            self._filter = "" if text == "/" else text
        self._fill()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    def _pick(self, item: QListWidgetItem) -> None:
        self._finish(item.data(_VALUE))

    def _finish(self, value: str) -> None:
        self.close()
        self.picked.emit(value)


def pick(
    parent: QWidget,
    choices: Sequence[Choice],
    at: QPoint,
    then: Callable[[str], None],
    flip: Callable[[], None] | None = None,
    title: str = "",
) -> Picker:
    """Open a picker; `then` gets the value that was picked, `flip` is called on Tab."""
    picker = Picker(parent)
    picker.picked.connect(then)
    if flip is not None:
        picker.flip_wanted.connect(flip)
    picker.open_at(choices, at, can_flip=flip is not None, title=title)
    return picker


@lru_cache(maxsize=256)  # Qt keeps up to 10 MB of what it drew of icons, also of those long gone
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
