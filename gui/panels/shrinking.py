"""What gives way in a low window: a part of a panel that scrolls where it does not fit."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QFrame, QScrollArea, QSizePolicy, QWidget

_LINES = 5  # of text that stay in sight


class Shrinking(QScrollArea):
    """As high as `content`, where there is room; it never pushes the window beyond the screen."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have the keyboard, and bring it
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(content)
        for part in (self.viewport(), content):
            part.setAutoFillBackground(False)  # the panel's own shows

    def settle(self) -> None:
        """Follow the size of the content now, not in the next round of events."""
        QApplication.sendEvent(self._content, QEvent(QEvent.Type.LayoutRequest))

    def sizeHint(self) -> QSize:
        content, width = self._content, self.viewport().width()
        layout = content.layout()
        if layout is not None and layout.hasHeightForWidth():
            return QSize(content.sizeHint().width(), layout.totalHeightForWidth(width))
        return content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        least = self._content.minimumSizeHint()
        lines = _LINES * self.fontMetrics().lineSpacing()
        return QSize(least.width(), min(least.height(), lines))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and watched is self._content:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # lines break elsewhere


class Choices(QComboBox):
    """A list of choices that the wheel scrolls past: whoever scrolls a panel means no edit."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
