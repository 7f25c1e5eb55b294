"""Tells when the project's file and what people did to it elsewhere have come apart.

A copy beside it that was edited apart, as sync programs leave them; a file that lacks what was done
here last, since something put another version in its place; a folder that is synced at all. All is
said above the text, until the person has seen it. Nothing is merged, moved or deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from core import apart, backup, opening
from core.errors import ProjectError
from core.i18n import _
from gui import dialogs

if TYPE_CHECKING:
    from gui.window import Window


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell.

    Attributes:
        key: by which it is remembered that the person has seen it.
        text: in short.
        details: the rest, unfolded on demand.
        other: a file that can be opened instead, None without one.
        seen: what happens once the person has seen it.
    """

    key: str
    text: str
    details: tuple[str, ...] = ()
    other: Path | None = None
    seen: Callable[[], None] | None = None


class Bar(QFrame):
    """Above the text: one notice, and what can be done about it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.details = QPushButton(_("Details…"))
        self.open = QPushButton(_("Open that one"))
        self.seen = QPushButton(_("Understood"))
        layout = QHBoxLayout(self)
        layout.addWidget(self.text, 1)
        for button in (self.details, self.open, self.seen):
            layout.addWidget(button)
        self.hide()


class Apart(QObject):
    """Looks, and tells one thing after the other."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._project = window.session.project
        self.bar = Bar()
        self._waiting: list[Notice] = []
        self.bar.details.clicked.connect(self._show_details)
        self.bar.open.clicked.connect(self._open)
        self.bar.seen.clicked.connect(self._understood)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.look)
        self._soon.start(0)

    def look(self) -> None:
        """Look at the folder, and at what we remember of the file."""
        found = [*self._lost(), *self._beside(), *self._synced()]
        known = {notice.key for notice in self._waiting}
        for notice in found:
            if notice.key not in known and not QSettings().value(f"seen/{notice.key}"):
                self._waiting.append(notice)
        self._show()

    def close(self) -> None:
        """The window closes."""
        self._soon.stop()
        self.remember()

    def remember(self) -> None:
        """Keep what was done last, to know it again; not while something is still to be told."""
        if not self._project.read_only and not any(n.seen for n in self._waiting):
            with suppress(ProjectError):
                seq, at = apart.head(self._project)
                QSettings().setValue(self._head_key(), f"{seq} {at}")

    @staticmethod
    def forget(path: Path) -> None:
        """The person went back to another state of the project by intent."""
        QSettings().remove(_head_key(path))

    # -- what there may be to tell

    def _lost(self) -> list[Notice]:
        """The newest edit that was made here is not in the file."""
        words = str(QSettings().value(self._head_key(), "")).split(" ", 1)
        if len(words) != 2 or not words[0].isdigit():
            return []
        head = (int(words[0]), words[1])
        if apart.has(self._project, head):
            return []
        path = self._project.path
        text = _(
            "The edits that you made here last, until {time}, are not in this file: another "
            "version was put in its place."
        ).format(time=apart.local(head[1]))
        holder = self._holder(head)
        if holder is None:
            details = [_("No file beside it and none of its copies has them.")]
        else:
            details = [_("They are in {path}.").format(path=holder)]
            with suppress(ProjectError):
                details += apart.told(path.name, apart.compare(path, holder))
        return [Notice(f"lost-{_key(path, *words)}", text, tuple(details), holder, self._adopt)]

    def _holder(self, head: apart.Head) -> Path | None:
        """The newest file that has this entry, or most of what came before it."""
        path = self._project.path
        setting = self._project.setting(backup.SETTING)
        files = [c.path for c in apart.beside(path, kept=True)]
        files += [copy.path for copy in backup.backups(path, setting)]
        return apart.fullest(path, files)

    def _adopt(self) -> None:
        self.forget(self._project.path)
        self._waiting = [n for n in self._waiting if n.seen is None]
        self.remember()

    def _beside(self) -> list[Notice]:
        path = self._project.path
        notices = []
        for found in apart.beside(path):
            lines = apart.told(path.name, found)
            key = _key(found.path, str(found.common), str(found.theirs.edits), found.theirs.last)
            notices.append(Notice(f"apart-{key}", apart.brief(found), tuple(lines[1:]), found.path))
        return notices

    def _synced(self) -> list[Notice]:
        place = opening.place_of(self._project.path)
        key = f"place-{_key(self._project.path)}"
        if place.synced:
            text = _(
                "This project lies in a folder that {program} keeps in step. Close it here, and "
                "let the folder sync, before you open it on another computer. If it is edited in "
                "two places all the same, Goldsmith says so."
            ).format(program=place.synced)
            return [Notice(key, text)]
        return []

    # -- telling

    def _show(self) -> None:
        self.bar.setVisible(bool(self._waiting))
        if self._waiting:
            notice = self._waiting[0]
            self.bar.text.setText(notice.text)
            self.bar.details.setVisible(bool(notice.details))
            self.bar.open.setVisible(notice.other is not None)

    def _show_details(self) -> None:
        notice = self._waiting[0]
        text = "\n\n".join([notice.text, *(d for d in notice.details if d not in notice.text)])
        dialogs.show_message(self._window, _("Edited apart"), text)

    def _open(self) -> None:
        other = self._waiting[0].other
        if other is not None:
            self._window.files.show_other(other)

    def _understood(self) -> None:
        notice = self._waiting.pop(0)
        QSettings().setValue(f"seen/{notice.key}", 1)
        if notice.seen is not None:
            notice.seen()
        self._show()
        self._window.canvas.setFocus()

    def _head_key(self) -> str:
        return _head_key(self._project.path)


def _head_key(path: Path) -> str:
    return f"heads/{_key(path)}"


def _key(path: Path, *more: str) -> str:
    """A name for settings, in which a path could not stand."""
    return hashlib.sha256("\n".join([str(path), *more]).encode()).hexdigest()[:24]
