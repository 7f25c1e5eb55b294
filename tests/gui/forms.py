"""A person at a dialog, for tests: types, chooses and clicks, and waits for what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QListWidget, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from gui.export_dialog import ExportDialog
from gui.window import Window

D = TypeVar("D", bound=QWidget)

PATIENCE = 60_000  # ms for a child process on a busy machine
LEFT = Qt.MouseButton.LeftButton


def lines(widget: QListWidget) -> list[str]:
    """What a list shows."""
    return [widget.item(row).text() for row in range(widget.count())]


def choose(qtbot: QtBot, box: QComboBox, data: object) -> None:
    """Choose an entry with the arrow keys."""
    at = box.findData(data)
    assert at >= 0, f"{data} is not offered"
    while box.currentIndex() != at:
        down = at > box.currentIndex()
        qtbot.keyClick(box, Qt.Key.Key_Down if down else Qt.Key.Key_Up)


def write_into(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    """Replace what is in a field."""
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(field, text)


def opened(qtbot: QtBot, window: Window, kind: type[D]) -> D:
    """The dialog that the window has just opened."""
    dialog = window.findChild(kind)
    assert isinstance(dialog, kind)
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def export(qtbot: QtBot, window: Window, out: Path, format: str) -> None:
    """Export all articles to `out` by the dialog, and close it."""
    window.files.export()
    dialog = opened(qtbot, window, ExportDialog)
    choose(qtbot, dialog.format, format)
    write_into(qtbot, dialog.place, str(out))
    qtbot.mouseClick(dialog.write, LEFT)
    qtbot.waitUntil(lambda: "Wrote" in dialog.summary.text(), timeout=PATIENCE)
    qtbot.mouseClick(dialog.stop, LEFT)
    qtbot.waitUntil(lambda: not isValid(dialog))
