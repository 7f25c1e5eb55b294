"""The files that a person means by what was given: each once, folders and archives searched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from core.errors import FormatError
from core.formats import Reader, registry
from core.formats.archive import unpacked
from core.i18n import _

ARCHIVE = ".zip"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to add, with the name under which it is reported and kept as an article's source.

    Attributes:
        refused: why it can't even be opened, empty if it can.
    """

    path: Path
    name: str
    refused: str = ""


def sources(
    paths: Sequence[Path], format: Reader | None, stack: ExitStack
) -> tuple[list[Source], int]:
    """The files to add, each once: those that were given, and those that folders and zip archives
    hold; and how many other files these hold.

    Archives are unpacked to a temporary place, which is gone when `stack` is closed.
    """
    found: dict[Path, Source] = {}
    skipped = 0
    extensions = format.extensions if format else registry.extensions()
    for path in paths:
        if path.is_dir():
            skipped += _inside(path, path.resolve().parent, "", extensions, found, stack)
        elif path.suffix.lower() == ARCHIVE:
            skipped += _archive(path, path.name, extensions, found, stack)
        else:
            found.setdefault(path.resolve(), Source(path, path.name))
    return list(found.values()), skipped


def _archive(
    path: Path, name: str, extensions: Sequence[str], found: dict[Path, Source], stack: ExitStack
) -> int:
    try:
        folder = stack.enter_context(unpacked(path))
    except FormatError as error:
        reason = f"{error.message} {error.hint}".strip()
        found.setdefault(path.resolve(), Source(path, name, reason))
        return 0
    return _inside(folder, folder.resolve(), name, extensions, found, stack)


def _inside(
    folder: Path,
    above: Path,
    prefix: str,
    extensions: Sequence[str],
    found: dict[Path, Source],
    stack: ExitStack,
) -> int:
    """Find the files of a folder, named from `above` on, after `prefix`; how many are skipped."""
    files, others, faults = _walk(folder, extensions)
    if not files and not faults:
        faults = [
            _("it holds no file that Goldsmith reads ({extensions}).").format(
                extensions=", ".join(extensions)
            )
        ]
    if faults:
        found.setdefault(folder.resolve(), Source(folder, prefix or str(folder), " ".join(faults)))
    for file in files:
        name = file.resolve().relative_to(above).as_posix()
        name = f"{prefix}/{name}" if prefix else name
        if file.suffix.lower() == ARCHIVE:
            others += _archive(file, name, extensions, found, stack)
        else:
            found.setdefault(file.resolve(), Source(file, name))
    return others


def _walk(folder: Path, extensions: Sequence[str]) -> tuple[list[Path], int, list[str]]:
    """The files in a folder and those in it that a format may read, hidden ones left out; how many
    files are of another kind; which folders can't be read. What leads out of the folder is not of
    it, and a pipe is no file."""
    here = folder.resolve()
    files: list[Path] = []
    others = 0
    faults: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=faults.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            file = Path(root) / name
            known = file.suffix.lower() in (*extensions, ARCHIVE)
            if known and file.is_file() and file.resolve().is_relative_to(here):
                files.append(file)
            else:
                others += 1
    reasons = [
        _("{folder} can't be read: {error}.").format(folder=f.filename, error=f.strerror)
        for f in faults
    ]
    return files, others, reasons
