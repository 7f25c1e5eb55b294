"""Undo and redo: the journal read backwards and forwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from core.annotation import (
    Change,
    Image,
)
from core.edits.checks import drop_suggested_relations, open_or_none
from core.i18n import _
from core.journal import Entry
from core.project import Project

Step: TypeAlias = Callable[[int, int], None]


def undo(project: Project, step: Step | None = None) -> Change | None:
    """Take back the last edit that is not taken back yet; None if there is none.

    Args:
        step: gets how many of how many values are done, now and then; it may raise to stop it.
    """
    entry = project.next_undo()
    if entry is None:
        return None
    label = _("undo: {what}").format(what=entry.label)
    with project.edit(label, entry.article, "undo", entry.seq) as edit:
        for image in _stepping(project, entry, step, backwards=True):
            edit.restore(image, before=True)
        # What a suggester said since then about a mention that is gone now.
        for image in project.images_of(entry.seq):
            gone = edit.get("mention", image.id) is None and open_or_none(edit, image.id) is None
            if gone and image.before is None and image.kind in ("mention", "suggestion"):
                drop_suggested_relations(project, edit, image.id)
    return edit.change


def redo(project: Project, step: Step | None = None) -> Change | None:
    """Make again what was undone last; None if there is nothing. `step` as of `undo`."""
    entry = project.next_redo()
    if entry is None:
        return None
    label = _("redo: {what}").format(what=entry.label)
    with project.edit(label, entry.article, "redo", entry.seq) as edit:
        for image in _stepping(project, entry, step):
            edit.restore(image, before=False)
    return edit.change


def _stepping(
    project: Project, entry: Entry, step: Step | None, *, backwards: bool = False
) -> Iterator[Image]:
    """The images of an entry, telling `step` how far we are."""
    total = project.size_of(entry.seq)[0] if step is not None else 0
    for n, image in enumerate(project.images_of(entry.seq, backwards=backwards)):
        if step is not None and n % 500 == 0:
            step(min(n, total), total)
        yield image
