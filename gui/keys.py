"""From a key press to the name of a command or of a type.

Keys that work on the text are looked up by what the key types (``{`` or ``p``), so that they are
the same on every keyboard that can type them; the others by Qt's name (``Shift+Tab``). Where the
keyboard types another script, the letters of the same place on a Latin one count too.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from core.scheme import Scheme

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


def latin_name(event: QKeyEvent) -> str:
    """The letter that stands on the pressed key of a US keyboard, empty if that is none.

    For a person whose keyboard types Arabic or Cyrillic: the key beside Tab is Q there as well.
    """
    if event.modifiers() & ~_KEYPAD & ~_SHIFT or event.text().isascii():
        return ""
    if sys.platform.startswith("win"):
        code = event.nativeVirtualKey()  # Windows names the Latin letter whatever the layout
        return chr(code) if 0x41 <= code <= 0x5A else ""
    places = _MAC if sys.platform == "darwin" else _X11
    code = event.nativeVirtualKey() if sys.platform == "darwin" else event.nativeScanCode()
    return places.get(code, "")


# Key codes by the letters' places; X11's are those of the kernel (input-event-codes.h) plus 8,
# Apple's those of HIToolbox's Events.h (kVK_ANSI_A ...).
_X11 = {
    first + n: letter
    for first, row in ((24, "QWERTYUIOP[]"), (38, "ASDFGHJKL"), (52, "ZXCVBNM"))
    for n, letter in enumerate(row)
}
_MAC = dict(zip(
    (0, 11, 8, 2, 14, 3, 5, 4, 34, 38, 40, 37, 46, 45, 31, 35, 12, 15, 1, 17, 32, 9, 13, 7, 16, 6),
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    strict=True,
))  # fmt: skip


def held(event: QKeyEvent) -> bool:
    """Whether a key press is one that the system repeats, because the key is held down.

    To be asked about releases, too: X repeats a key by a release and a press of the same moment,
    and Qt does not always see that they belong together.
    """
    place = (event.nativeScanCode(), event.timestamp())
    if event.type() == QEvent.Type.KeyRelease:
        _released[:] = [place]
        return False
    return event.isAutoRepeat() or (place[0] > 0 and place in _released)


_released: list[tuple[int, int]] = []  # the last one


def type_keys(scheme: Scheme) -> dict[str, str]:
    """Key to entity type."""
    return {key.upper(): t.name for t in scheme.entity_types.values() for key in t.keys}


def relation_keys(scheme: Scheme) -> dict[str, str]:
    """Key to relation type."""
    return {t.key.upper(): t.name for t in scheme.relation_types.values() if t.key}
