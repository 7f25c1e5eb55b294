"""What is being typed, on the disk before it is left: a process may end at any moment.

What stands in a field becomes an edit, and one undo step, when the field is left. Until then the
file holds it as a draft, which is no annotation; the next start makes the edit.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer

from core.errors import GoldsmithError
from core.project import Project

EVERY = 300  # ms between two writings while somebody types
_SETTING = "draft"

NOTE, KB_ID = "note", "kb_id"
_ATTRIBUTE = "attribute:"


def of_attribute(name: str) -> str:
    """The field in which an attribute's value is typed."""
    return _ATTRIBUTE + name


def attribute_of(field: str) -> str:
    """The attribute whose value is typed in `field`, empty if it is another one."""
    return field.removeprefix(_ATTRIBUTE) if field.startswith(_ATTRIBUTE) else ""


class Draft(NamedTuple):
    """What was typed and not left yet.

    Attributes:
        item: the id of what it is about; for `KB_ID` a mention, whose entity is meant.
        field: `NOTE`, `KB_ID` or `of_attribute`.
    """

    item: str
    field: str
    text: str


class Drafts(QObject):
    """Keeps one draft for each field of each item, and leaves those of other people alone."""

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._now: dict[tuple[str, str], str] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self._keep)

    def typing(self, item: str, field: str, text: str) -> None:
        """The `field` of `item` reads like this now."""
        self._now[item, field] = text
        if not self._timer.isActive() and not self._project.read_only:
            self._timer.start()

    def forget(self, item: str, field: str) -> None:
        """It became an edit, or is what stood there before."""
        if self._now.pop((item, field), None) is None:
            return
        if not self._now:
            self._timer.stop()
        self._keep()

    def _keep(self) -> None:
        # What the disk does not take now, the edit will tell of.
        with suppress(GoldsmithError):
            if self._project.read_only:
                return
            me, before = self._project.annotator, self._project.setting(_SETTING)
            now = [[who, *draft] for who, draft in _parsed(before) if who != me]
            now += [[me, *place, text] for place, text in self._now.items()]
            value = json.dumps(now) if now else ""
            if value != before:
                self._project.set_setting(_SETTING, value)

    def left_behind(self) -> list[Draft]:
        """What this person typed before the process ended, and did not leave; each stays in the
        file until it is forgotten."""
        found = [] if self._project.read_only else kept(self._project)
        for draft in found:
            self._now.setdefault((draft.item, draft.field), draft.text)
        return found


def kept(project: Project) -> list[Draft]:
    """The drafts of the project's annotator that its file has."""
    with suppress(GoldsmithError):
        who = project.annotator
        return [draft for name, draft in _parsed(project.setting(_SETTING)) if name == who]
    return []


def _parsed(value: str) -> list[tuple[str, Draft]]:
    """Who typed what; nothing of what makes no sense."""
    with suppress(ValueError, RecursionError):
        rows = json.loads(value)
        if isinstance(rows, list):
            if len(rows) == 3 and all(isinstance(part, str) for part in rows):
                rows = [[*rows[:2], NOTE, rows[2]]]  # as written while there was one, of a note
            return [
                (row[0], Draft(*row[1:]))
                for row in rows
                if isinstance(row, list) and len(row) == 4 and all(isinstance(x, str) for x in row)
            ]
    return []
