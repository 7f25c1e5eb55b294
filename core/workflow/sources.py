"""The files that a person means by what was given: each once, folders searched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.formats import Reader, registry
from core.i18n import _


@dataclass(frozen=True, slots=True)
class Source:
    """A file to add, with the name under which it is reported and kept as an article's source.

    Attributes:
        refused: why it can't even be opened, empty if it can.
    """

    path: Path
    name: str
    refused: str = ""


def sources(paths: Sequence[Path], format: Reader | None) -> tuple[list[Source], int]:
    """The files to add, each once: those that were given, and those that folders hold; and how many
    other files the folders hold."""
    found: dict[Path, Source] = {}
    skipped = 0
    extensions = format.extensions if format else registry.extensions()
    for path in paths:
        if not path.is_dir():
            found.setdefault(path.resolve(), Source(path, path.name))
            continue
        files, others, faults = _walk(path, extensions)
        skipped += others
        if not files and not faults:
            faults = [
                _("no {extensions} file is in this folder.").format(
                    extensions=_(" or ").join(extensions)
                )
            ]
        if faults:
            found.setdefault(path.resolve(), Source(path, str(path), " ".join(faults)))
        above = path.resolve().parent
        for file in files:
            name = file.resolve().relative_to(above).as_posix()
            found.setdefault(file.resolve(), Source(file, name))
    return list(found.values()), skipped


def _walk(folder: Path, extensions: Sequence[str]) -> tuple[list[Path], int, list[str]]:
    """The files in a folder and those in it that a format may read, hidden ones left out; how many
    files are of another kind; which folders can't be read."""
    files: list[Path] = []
    others = 0
    faults: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=faults.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            if Path(name).suffix.lower() in extensions:
                files.append(Path(root) / name)
            else:
                others += 1
    reasons = [
        _("{folder} can't be read: {error}.").format(folder=f.filename, error=f.strerror)
        for f in faults
    ]
    return files, others, reasons
