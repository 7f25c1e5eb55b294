"""Where the keyboard goes when it leaves the menus.

Qt gives it back to what had it, but forgets that where a second menu was opened by its letter while
the bar had the keyboard (Qt 6.8: `QMenuBar` keeps its focus, and the next Tab leads anywhere).
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMenuBar, QWidget


class MenuFocus(QObject):
    """Gives the keyboard to `home` when the menu bar has it and no menu is meant any more."""

    def __init__(self, bar: QMenuBar, home: QWidget) -> None:
        super().__init__(bar)
        self._bar, self._home = bar, home
        bar.installEventFilter(self)
        for action in bar.actions():
            if isinstance(menu := action.menu(), QObject):
                menu.aboutToHide.connect(self._soon)  # type: ignore[attr-defined]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            self._soon()
        return super().eventFilter(watched, event)

    def _soon(self) -> None:
        QTimer.singleShot(0, self, self._look)  # when the bar has done what it does

    def _look(self) -> None:
        done = self._bar.activeAction() is None and QApplication.activePopupWidget() is None
        if done and self._bar.window().focusWidget() is self._bar:
            self._home.setFocus(Qt.FocusReason.MenuBarFocusReason)
