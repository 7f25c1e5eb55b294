"""From a key press to the name of a command or of a type.

Keys that work on the text are looked up by what the key types (``{`` or ``p``), so that they are
the same on every keyboard that can type them; the others by Qt's name (``Shift+Tab``).
"""

from __future__ import annotations

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from core.scheme import Scheme
from gui.commands import TABLE, Scope

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_KEYPAD = Qt.KeyboardModifier.KeypadModifier
_SAME = {"Enter": "Return", "Backtab": "Tab"}


def key_name(event: QKeyEvent) -> str:
    """The key of an event as the table of commands writes it, empty for a bare modifier."""
    held = event.modifiers() & ~_KEYPAD
    text = event.text()
    if not held & ~_SHIFT and len(text) == 1 and text.isprintable() and text != " ":
        return text.upper()
    if event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta):
        return ""
    if event.key() == Qt.Key.Key_Backtab:
        held |= _SHIFT  # Qt reports Shift+Tab as a key of its own, with or without Shift
    name = QKeySequence(QKeyCombination(held, Qt.Key(event.key()))).toString(
        QKeySequence.SequenceFormat.PortableText
    )
    *modifiers, last = name.split("+") if not name.endswith("+") else [name]
    return "+".join([*modifiers, _SAME.get(last, last)])


def canvas_keys() -> dict[str, str]:
    """Key to command name, for the commands that work on the text."""
    return {
        key.upper() if len(key) == 1 else key: entry.name
        for entry in TABLE.values()
        if entry.scope is Scope.CANVAS
        for key in entry.keys
    }


def type_keys(scheme: Scheme) -> dict[str, str]:
    """Key to entity type."""
    return {key.upper(): t.name for t in scheme.entity_types.values() for key in t.keys}
