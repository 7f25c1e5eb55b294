"""Whether the files that we have open are still those under their names, and hold what we left."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from core import handles, mainfile
from core.errors import ProjectGone
from core.handles import identity
from core.hold import log_of
from core.i18n import _

# Device, number, size and the moments of the last change of contents and of anything.
_Facts: TypeAlias = tuple[int, int, int, int, int]

_COARSE = 2_000_000_000  # nanoseconds that the moments of a file may lie apart (FAT counts in twos)


class Guard:
    """Knows the files that we have open, and sees when they are not those under their names any
    more (an edit would then be written where nobody will ever find it), or when another program
    wrote something else into the file.

    Attributes:
        logged: SQLite keeps a log beside the file, which changes only when it takes that in.
        head: the newest entry of the journal that the file itself had when we last looked.
    """

    def __init__(self, path: Path, moment_of: Callable[[int], str], *, writes: bool) -> None:
        """`moment_of`: when the entry of a number was made, as our connection sees it."""
        self._path = path
        self._log = log_of(path)
        self._moment_of = moment_of
        self._file = handles.opened(path)
        self._left: _Facts | None = None
        self._sure = False
        self._start = b""
        self.head: mainfile.Head | None = None
        # From the first moment on: also the first edit must not go where nobody finds it.
        places = {place: identity(place) for place in (path, self._log)}
        self._known = {place: known for place, known in places.items() if known is not None}
        self.logged = self._log in self._known
        self._reader = _reader(path) if writes and self.logged else None
        self.adopt()

    def let_log_in(self) -> None:
        """From now on closing the file takes the log into it, as SQLite does."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def close(self) -> None:
        """The file is closed; harmless when done twice."""
        self.let_log_in()
        if self._file is not None:
            handles.closed(self._file)
            self._file = None

    def check(self, *, begun: bool = False) -> None:
        """Raise `ProjectGone` if the file or its log was moved, replaced, overwritten or deleted
        under us, `sqlite3.Error` where the disk does not answer.

        Args:
            begun: within a transaction, at whose start it was looked at already. A file without a
                log may hold half of the transaction.
        """
        now = _facts(self._path)
        self._still_there(self._path, now and now[:2])
        self._still_there(self._log, identity(self._log))
        if begun and (now == self._left or not self.logged):
            return
        if not self._as_we_left_it(now):
            raise self._overwritten()

    def check_contents(self) -> None:
        """Raise `ProjectGone` if another program wrote over the file; one that was moved, or that
        another was put in place of, holds for us what it did."""
        if self.is_overwritten():
            raise self._overwritten()

    def is_overwritten(self) -> bool:
        """Whether the file that we have open holds what is not ours, as far as the disk answers."""
        now = _facts(self._path)
        if now is None or now[:2] != self._file:
            return False
        try:
            return not self._as_we_left_it(now)
        except sqlite3.Error:
            return False

    def committed(self) -> bool:
        """We wrote: whether the file has taken in the log."""
        now = _facts(self._path)
        if now == self._left or now is None or now[:2] != self._file:
            return False
        with suppress(sqlite3.Error):  # the next look tells
            self._follow(now)  # in the moment between the last look and now another could write
        return self.logged

    def adopt(self) -> None:
        """What the file holds now is what we go on from."""
        self._left = _facts(self._path)
        self._sure = False  # a change within the same tick of the file's clock would not show
        self._start, self.head = handles.first_bytes(self._path, self._file), None
        with suppress(sqlite3.Error):
            self.head = mainfile.head(self._path)

    def _as_we_left_it(self, now: _Facts | None) -> bool:
        if now == self._left and self._sure:
            return True
        return self._follow(now)  # somebody touched it, or may have

    def _follow(self, now: _Facts | None) -> bool:
        """Go on from what the file holds now, if it can be ours; whether it can."""
        start, found = handles.first_bytes(self._path, self._file), mainfile.head(self._path)
        if (start, found) != (self._start, self.head):
            if self._may_follow(start, found):  # it took our log in
                self._start, self.head = start, found
            elif not self._is_between(start, found):
                return False
        self._left = now
        self._sure = now is not None and time.time_ns() - now[3] > _COARSE
        return True

    def _may_follow(self, start: bytes, found: mainfile.Head | None) -> bool:
        """Whether the file can be ours with more of the log taken in."""
        if self.head is None:
            return True
        return (
            found is not None
            and mainfile.kind(start) == mainfile.kind(self._start)
            and mainfile.follows(found, self.head, self._moment_of)
        )

    def _is_between(self, start: bytes, found: mainfile.Head | None) -> bool:
        """Whether the file can be ours with a part of the log taken in: a page that has a newer
        version than a reader may see is left out then, so that the file makes sense only together
        with its log (`walCheckpoint` in SQLite's wal.c)."""
        return (
            self.logged
            and mainfile.kind(start) == mainfile.kind(self._start)
            and (found is None or not mainfile.is_sound(self._path))
        )

    def _still_there(self, place: Path, now: tuple[int, int] | None) -> None:
        if now is None and place not in self._known:
            return
        if now is None or self._known.setdefault(place, now) != now:
            raise ProjectGone(
                _("This edit was not saved: {path} was moved, replaced or deleted meanwhile.")
                .format(path=place),
                _("Everything up to here is still in this window: save a copy elsewhere (File menu)"
                  " before you close it."),
            )  # fmt: skip

    def _overwritten(self) -> ProjectGone:
        return ProjectGone(
            _("{path} was overwritten by another program while it was open. Nothing was written "
              "over what it holds now.").format(path=self._path),
            _("Save what is on screen (File menu, Save a copy), close the project and open it "
              "again. Copies of how it was: goldsmith backup {name} --list").format(
                name=self._path.name
            ),
        )  # fmt: skip


def _facts(path: Path) -> _Facts | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def _reader(path: Path) -> sqlite3.Connection | None:
    """Somebody who has the file open: only the last to close it takes its log in, and one that only
    reads can't. Not opened when it is needed: what lies there then may be anything."""
    with suppress(sqlite3.Error):
        reader = sqlite3.connect(
            path.resolve().as_uri() + "?mode=ro", uri=True, isolation_level=None
        )
        reader.execute("PRAGMA schema_version").fetchone()
        return reader
    return None
