"""What is being typed, on the disk before it is left: a process may end at any moment.

A note becomes an edit, and one undo step, when its field is left. Until then the file holds it as
a draft, which is no annotation; the next start makes the edit.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer

from core.errors import GoldsmithError
from core.project import Project

EVERY = 300  # ms between two drafts while somebody types
_SETTING = "draft"


class Draft(NamedTuple):
    """A note that was not left yet; `item` is the id of what it is about."""

    item: str
    text: str


class Drafts(QObject):
    """Keeps the one draft that there is at a time."""

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._now: Draft | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self._keep)

    def typing(self, item: str, text: str) -> None:
        """The note of `item` reads like this now."""
        self._now = Draft(item, text)
        if not self._timer.isActive() and not self._project.read_only:
            self._timer.start()

    def _keep(self) -> None:
        if self._now is not None:
            self._store(json.dumps([self._project.annotator, *self._now]))

    def forget(self) -> None:
        """It became an edit, or is what stood there before."""
        self._timer.stop()
        if self._now is not None:
            self._now = None
            self._store("")

    def _store(self, value: str) -> None:
        # What the disk does not take now, the edit will tell of.
        with suppress(GoldsmithError):
            if not self._project.read_only and self._project.setting(_SETTING) != value:
                self._project.set_setting(_SETTING, value)

    def left_behind(self) -> Draft | None:
        """What this person typed last and did not leave, if that is so; only once."""
        if self._project.read_only:
            return None
        with suppress(GoldsmithError, ValueError, TypeError):
            annotator, item, text = json.loads(self._project.setting(_SETTING) or "null")
            if annotator == self._project.annotator:
                self._now = Draft(str(item), str(text))  # until it is an edit
                return self._now
        return None
