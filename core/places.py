"""The folders in which a person said that copies of projects are kept.

A project names its own folder for copies. One that came by mail could name any, on another computer
too, and get its copies there, with all that was worked on; a folder counts only where this person
chose it. The list lies with the person's own settings, never in a project.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_config_path

from core.errors import ProjectError
from core.i18n import _

_LONGEST = 1 << 20  # bytes of our own file


def store() -> Path:
    """Where the list is kept."""
    return user_config_path("Goldsmith", appauthor=False) / "copies.json"


def allowed(folder: str) -> bool:
    """Whether the person chose this folder once; it is not looked at."""
    return folder in _chosen()


def allow(folder: str) -> None:
    """The person chooses the folder. Raises `ProjectError`."""
    path = store()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        draft.write_bytes(json.dumps([*dict.fromkeys([*_chosen(), folder])], indent=1).encode())
        draft.replace(path)
    except OSError as error:
        raise ProjectError(
            _("{path} can't be written: {error}.").format(path=path, error=error.strerror),
            _("The folder for copies was not changed. Check your settings folder."),
        ) from error


def _chosen() -> list[str]:
    with suppress(OSError, ValueError, RecursionError):
        with store().open("rb") as file:
            data = json.loads(file.read(_LONGEST))
        if isinstance(data, list):
            return [folder for folder in data if isinstance(folder, str)]
    return []
