"""Undo and redo from the window: an import of many articles is asked about, and taken back beside
the window, with progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.annotation import Change
from core.i18n import _, ngettext
from core.journal import Entry
from core.project import Project
from gui.dialogs import asked
from gui.session import Session
from gui.work_dialog import WorkDialog

Verb: TypeAlias = Literal["undo", "redo"]

ASK = 10  # articles that an undo takes along before the person is asked
BESIDE = 20_000  # values that an edit changed from which on it is taken back beside the window


class StepDialog(WorkDialog):
    """One large step back, or forth again; cancelled, it was never made.

    Signals:
        stepped(str): it was made; its label.
    """

    stepped = Signal(str)

    def __init__(self, parent: QWidget, project: Project, verb: Verb, entry: Entry) -> None:
        title = _("Undo") if verb == "undo" else _("Redo")
        super().__init__(parent, "step", title)
        self.summary.setText(f"{title}: {entry.label} …")
        self.setMinimumWidth(420)
        column = QVBoxLayout(self)
        for widget in (self.summary, self.working, self.buttons):
            column.addWidget(widget)
        self._run(["step", str(project.path), verb], self._made, writes=True, lend=project)

    def _made(self, report: dict[str, Any]) -> None:
        self.stepped.emit(report["summary"])
        self.accept()


class Undoing:
    """Takes steps of one window.

    Args:
        reread: called after a step beside the window.
    """

    def __init__(self, window: QWidget, session: Session, reread: Callable[[], None]) -> None:
        self._window = window
        self._session = session
        self._reread = reread

    def step(self, verb: Verb, *, held: bool = False) -> Change | None:
        """Undo or redo once. None where nothing was done, or where it is being done beside.

        Args:
            held: whether the key is being held down: then articles neither come nor go.
        """
        session = self._session
        entry = session.next_undo() if verb == "undo" else session.next_redo()
        if entry is not None and held and moves_articles(session.project, entry):
            session.said.emit(
                _("Stopped before “{what}”: press the key once more to go on.").format(
                    what=entry.label
                )
            )
            return None
        values = 0
        if entry is not None:
            values, articles = session.project.size_of(entry.seq)
            if verb == "undo" and articles > ASK and not may_undo(self._window, entry, articles):
                return None
            if values > BESIDE and not session.project.read_only:
                dialog = StepDialog(self._window, session.project, verb, entry)
                dialog.stepped.connect(self._stepped)
                dialog.open()
                return None
        with session.at_length(values):
            return session.undo() if verb == "undo" else session.redo()

    def back(self, steps: int) -> Change | None:
        """Undo several times, as far as no step is large."""
        change, before = None, self._session.article_id
        for _n in range(steps):
            last = self.step("undo")
            if last is None:
                break
            change = last
        if change is not None:
            self._session.tell_step(change, before)
        return change

    def _stepped(self, label: str) -> None:
        self._reread()
        self._session.said.emit(label)


def moves_articles(project: Project, entry: Entry) -> bool:
    """Whether an edit added or removed articles."""
    return any(
        image.kind == "article" and (image.before is None or image.after is None)
        for image in project.images_of(entry.seq)
    )


def may_undo(parent: QWidget, entry: Entry, articles: int) -> bool:
    """Whether to take back an edit of many articles."""
    told = ngettext(
        "It is about {n} article with all that is marked in it. Redo brings it back.",
        "It is about {n} articles with all that is marked in them. Redo brings it back.",
        articles,
    ).format(n=f"{articles:,}")
    question = _("Undo “{what}”?").format(what=entry.label)
    return asked(parent, "undoMany", _("Undo"), question, told, _("&Undo it"))
