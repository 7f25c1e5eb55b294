"""The buttons of the tool bar."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton


class Tool(QToolButton):
    """A button that does what `action` does, and follows its title, tip and state.

    `QToolBar.addAction` makes one, too, but Qt (6.11) connects that anew at each change of its
    action and never lets go: some 100 bytes a time, several times an edit.
    """

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._action = action
        self.setObjectName(action.objectName())
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays in the text
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        action = self._action
        if self.text() != action.iconText():
            self.setText(action.iconText())
        if self.toolTip() != action.toolTip():
            self.setToolTip(action.toolTip())
        self.setStatusTip(action.statusTip())
        self.setEnabled(action.isEnabled())
