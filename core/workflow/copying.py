"""Save a copy: all of the project, or at least what is on screen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from core import backup, edits
from core.annotation import Document
from core.errors import FormatError, GoldsmithError, ProjectError
from core.formats import registry
from core.hold import Hold
from core.i18n import _
from core.opening import logs
from core.project import Project


def save_copy(
    project: Project,
    path: Path,
    shown: Document | None = None,
    notes: Mapping[str, str] | None = None,
    *,
    replace: bool = False,
) -> str:
    """Write the whole project to `path`, with the `notes` (item id to text) that it could not take;
    a line that says what was written.

    Where the project can't be read any more, the article on screen is written beside it as JSON
    lines, with its gold and its suggestions. With `replace`, a file at `path` gives way to the copy
    when that is whole. Raises `ProjectError` when nothing could be written.
    """
    if not (replace and path.exists()):
        return _written(project, path, path, shown, notes)
    path = path.resolve()
    check_replaceable(project, path)
    draft = path.with_name(f".{path.stem}.{os.getpid()}.copy{path.suffix}")
    hold = Hold(path)  # nobody opens it meanwhile
    try:
        said = _written(project, draft, path, shown, notes)
        if draft.exists():
            draft.replace(path)
    except OSError as error:
        raise ProjectError(
            _("{path} can't be replaced: {error}.").format(path=path, error=error.strerror),
            _("Choose another name."),
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        hold.release()
    return said


def check_replaceable(project: Project, path: Path) -> None:
    """Raises `ProjectError` if a copy of `project` may not take the place of what is at `path`: the
    project itself, a copy that is kept to go back to, or what somebody has open."""
    path, own = path.resolve(), project.path.resolve()
    same = path == own
    with suppress(OSError):
        same = same or path.samefile(own)
    kept = backup.folder_of(own, project.setting(backup.SETTING)).resolve()
    if same:
        why = _("{name} is the project itself.")
    elif path.parent == kept or path.name.startswith(f"{own.stem}.before-"):
        why = _("{name} is one of the copies that are kept to go back to.")
    elif not path.is_file():
        why = _("{name} is no file.")
    elif logs(path):
        why = _("{name} is open, or was not closed in order.")
    else:
        return
    raise ProjectError(why.format(name=path.name), _("Choose another name."))


def _written(
    project: Project,
    place: Path,
    path: Path,
    shown: Document | None,
    notes: Mapping[str, str] | None,
) -> str:
    """Write to `place` what will be at `path`."""
    try:
        saved = project.save_copy(place)
    except ProjectError as error:
        if shown is None or place.exists():
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
    return _("A copy was saved in {path}.").format(path=path.resolve())
