"""What a project's file says by itself, without its log: whether it is still what we left.

With a write-ahead log SQLite writes to the file only when it takes the log in. A program that
copies something else over an open file, byte by byte, is not noticed by SQLite: the log would be
taken into what is not ours, and ruin both. The newest entry of the journal tells one state of a
project from another.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

Head: TypeAlias = tuple[int, str]  # number and moment of the newest entry; (0, "") without any

# https://sqlite.org/fileformat.html: how the file is written and read; with a log both are 2.
# Copies that we make are without.
MODE = slice(18, 20)
WITH_LOG = b"\x02\x02"
_DEFENSIVE = 1010  # SQLITE_DBCONFIG_DEFENSIVE, which Python 3.11 does not name
_NO_ANSWER = (
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM,
)  # fmt: skip
_STEPS = 1_000_000  # of SQLite's machine: a hostile file in the place of ours must not keep us


def harden(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Take from a connection what a hostile file could make use of."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 2)
    if hasattr(connection, "setconfig"):  # Python 3.12; extensions are never loaded by default
        connection.setconfig(_DEFENSIVE, True)
    return connection


def head(path: Path) -> Head | None:
    """The newest entry that the file at `path` has taken in; None where it holds no such thing.

    Raises `sqlite3.Error` when the disk does not answer.
    """
    try:
        with closing(_alone(path)) as file:
            file.set_progress_handler(lambda: 1, _STEPS)
            row = file.execute("SELECT seq, at FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        return (int(row[0]), str(row[1])) if row else (0, "")
    except (sqlite3.Error, ValueError, TypeError) as error:
        if (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _NO_ANSWER:
            raise
        return None


def kind(start: bytes) -> tuple[bytes, ...]:
    """What the first 100 bytes say that no edit changes: that it is SQLite's, the size of its
    pages, how it is written, and whose it is."""
    return start[:18], start[MODE], start[68:72]


def is_sound(path: Path) -> bool:
    """Whether the file is whole without its log: one that the log was being taken into when the
    process died is not. Reads all of it."""
    try:
        with closing(_alone(path)) as file:
            return bool(file.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.Error:
        return False


def follows(found: Head, known: Head, moment_of: Callable[[int], str]) -> bool:
    """Whether a file with the newest entry `found` can be the one that had `known` when its log was
    last taken in.

    Args:
        moment_of: when the entry of a number was made, according to file and log together.
    """
    return found == known or (found[0] > known[0] and moment_of(found[0]) == found[1])


def _alone(path: Path) -> sqlite3.Connection:
    uri = path.resolve().as_uri() + "?mode=ro&immutable=1"
    return harden(sqlite3.connect(uri, uri=True, isolation_level=None))
