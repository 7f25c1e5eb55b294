"""What stands in the middle of the window while no article is open: what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.i18n import _
from gui.actions import Actions
from gui.commands import TABLE

_OFFERED = ("add_articles", "add_folder", "open_project")


class Welcome(QWidget):
    """Buttons for the commands that bring articles."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(2)
        heading = QLabel(_("No article is open"))
        heading.setObjectName("focusedText")
        text = QLabel(
            _("Add text files, web pages, Word or PDF files, or what other tools exported.")
        )
        text.setWordWrap(True)
        text.setObjectName("hint")
        for label in (heading, text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
        row = QHBoxLayout()
        row.addStretch(1)
        self.buttons: list[QPushButton] = []
        for name in _OFFERED:
            button = QPushButton(TABLE[name].shown_title)
            actions.keymap.teach(button, name)
            button.clicked.connect(lambda _checked=False, name=name: actions.window.run(name))
            row.addWidget(button)
            self.buttons.append(button)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(3)
