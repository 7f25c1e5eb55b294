"""Save a copy: all of the project, or at least what is on screen."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from core import edits
from core.annotation import Document
from core.errors import FormatError, GoldsmithError, ProjectError
from core.formats import registry
from core.i18n import _
from core.project import Project


def save_copy(
    project: Project,
    path: Path,
    shown: Document | None = None,
    notes: Mapping[str, str] | None = None,
) -> str:
    """Write the whole project to `path`, with the `notes` (item id to text) that it could not take;
    a line that says what was written.

    Where the project can't be read any more, the article on screen is written beside it as JSON
    lines, with its gold and its suggestions. Raises `ProjectError` when nothing could be written.
    """
    try:
        saved = project.save_copy(path)
    except ProjectError as error:
        if shown is None or path.exists():
            raise
        last = path.with_suffix(".jsonl")
        if last.exists():
            raise
        try:
            registry.writer("jsonl").write(iter([shown]), project.scheme, last)
        except (FormatError, OSError):
            raise error from None
        return _(
            "The project could not be copied: {reason} The article on screen was saved in {path}."
        ).format(reason=error.message, path=last)
    with suppress(GoldsmithError), Project.open(saved, annotator=project.annotator) as copy:
        for id, text in (notes or {}).items():
            edits.set_note(copy, id, text)
    return _("A copy was saved in {path}.").format(path=saved)
