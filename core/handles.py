"""The project files that this process has open, and a handle of each to read its first bytes by.

Closing any handle of a file takes all locks of this process on it away, also those of SQLite: then
another process would tidy up the log that we write to. So a file that is open here is read by
SQLite, or by the handle that is closed last.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

Identity: TypeAlias = tuple[int, int]  # device and number

_open: Counter[Identity] = Counter()
_handles: dict[Identity, int] = {}


def identity(path: Path) -> Identity | None:
    """Device and number of the file under this name, None where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def is_open_here(path: Path) -> bool:
    """Whether this process has the project at `path` open."""
    return identity(path) in _open


def opened(path: Path) -> Identity | None:
    """SQLite has opened the file at `path`; what to give to `closed` after it was closed."""
    file = identity(path)
    if file is not None:
        _open[file] += 1
        if file not in _handles:
            with suppress(OSError):
                _handles[file] = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    return file


def closed(file: Identity) -> None:
    """SQLite has closed the file."""
    _open[file] -= 1
    if not _open[file]:
        del _open[file]
        with suppress(KeyError, OSError):
            os.close(_handles.pop(file))


def first_bytes(path: Path, file: Identity | None = None, n: int = 100) -> bytes:
    """The first `n` bytes of the file at `path`, or of `file` if that is given and open here; empty
    where they can't be read."""
    file = file or identity(path)
    handle = _handles.get(file) if file is not None else None
    try:
        if handle is None:
            with path.open("rb") as source:
                return source.read(n)
        os.lseek(handle, 0, os.SEEK_SET)
        return os.read(handle, n)
    except OSError:
        return b""
