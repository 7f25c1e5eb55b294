"""What an earlier copy of a damaged project still knows: its scheme, texts and edits.

The journal is append-only and a text never changes, so what a copy has of both is what the damaged
file had, as far as the copy goes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core import opening
from core.backup import backups
from core.errors import GoldsmithError
from core.mainfile import harden
from core.schema import VERSION

_LOOKED_AT = 20  # copies, the newest


class Earlier:
    """A sound copy, open for reading.

    Attributes:
        last: the number of its last edit.
    """

    def __init__(self, path: Path) -> None:
        """Raises `GoldsmithError`, `sqlite3.Error`."""
        self.path = path
        version = opening.checked_version(path)
        uri = path.resolve().as_uri() + "?mode=ro&immutable=1"
        self._connection = harden(sqlite3.connect(uri, uri=True, isolation_level=None))
        try:
            opening.check_schema(self._connection, path.name, min(version, VERSION))
            ((answer,),) = self._connection.execute("PRAGMA quick_check(1)").fetchall()
            if answer != "ok":
                raise sqlite3.DatabaseError(answer)
            ((self.last,),) = self.rows("SELECT coalesce(max(seq), 0) FROM journal")
            self._parts = version >= 3
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query gives."""
        return self._connection.execute(sql, values).fetchall()

    def shares(self, moments: Mapping[int, str]) -> bool:
        """Whether it is a copy of the project whose edits were made at these moments, some of which
        may be damaged: not of another one, nor one that was edited apart."""
        mine = dict(self.rows("SELECT seq, at FROM journal"))
        common = sorted(mine.keys() & moments.keys())
        wrong = sum(mine[seq] != moments[seq] for seq in common)
        return bool(common) and mine[common[-1]] == moments[common[-1]] and wrong * 10 < len(common)

    def images(self, last: int) -> Iterator[str]:
        """All that its journal says up to edit `last`, in order, as JSON texts."""
        for (seq,) in self.rows("SELECT seq FROM journal WHERE seq <= ? ORDER BY seq", (last,)):
            if self._parts:
                for (text,) in self.rows(
                    "SELECT images FROM journal_parts WHERE seq = ? ORDER BY n", (seq,)
                ):
                    yield text
            ((text,),) = self.rows("SELECT images FROM journal WHERE seq = ?", (seq,))
            yield text


def of(path: Path, setting: str, moments: Mapping[int, str]) -> Earlier | None:
    """The newest copy of the project at `path` that is sound; None without one.

    Args:
        setting: where the project says that its copies are kept.
        moments: when its edits were made, by their numbers, as far as they can be read.
    """
    for backup in backups(path, setting)[:_LOOKED_AT]:
        with suppress(GoldsmithError, sqlite3.Error, OSError):
            earlier = Earlier(backup.path)
            if earlier.shares(moments):
                return earlier
            earlier.close()
    return None
