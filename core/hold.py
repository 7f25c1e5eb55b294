"""Who has a project open: the lock, the note beside the file, and the log that goes with it."""

from __future__ import annotations

import errno
import json
import os
import secrets
import socket
import sqlite3
import stat
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from core import handles, mainfile
from core.errors import ProjectError, ProjectInUse
from core.handles import identity
from core.i18n import _

_CAREFUL = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_LONGEST = 4096  # bytes of a note
_BEAT = 60.0  # seconds between two signs of life in a holder's note


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a project open, as their note beside it says.

    Attributes:
        host: the computer's name.
        seen: seconds since the epoch of the last sign of life.
        file, log: device and number of the file that they opened, and of the log that they write.
        head: the newest entry of the journal that the file itself had when it last took in the log.
    """

    user: str
    host: str
    pid: int
    seen: float
    file: tuple[int, int] | None = None
    log: tuple[int, int] | None = None
    head: mainfile.Head | None = None

    @property
    def here(self) -> bool:
        """Whether that is this computer."""
        return self.host == socket.gethostname()


class Hold:
    """The right to write to a project, and the note that says who has it.

    Attributes:
        set_aside: where a log lies now that was not this file's, None where there was none.

    On this computer the system's own lock decides, which it frees when the process ends, however it
    ends. A lock does not reach another computer through a synced folder, and not through every
    network drive; the note does.
    """

    def __init__(self, path: Path) -> None:
        """Raises `ProjectInUse`, `ProjectError`."""
        self._path = path
        self._note = note_of(path)
        self._mine: tuple[int, ...] | None = None
        self._beaten = 0.0
        self._ours: dict[str, tuple[int, int] | mainfile.Head | None] = {}
        self._lock = _locked(path)
        try:
            other = holder(path)
            if other is not None and not other.here:
                raise _elsewhere(path, other)
            self.set_aside = _set_foreign_log_aside(path, other)
            self._write_note()
        except BaseException:
            self._unlock()
            raise

    def _write_note(self) -> None:
        me: dict[str, object] = {"user": _user(), "host": socket.gethostname(), "pid": os.getpid()}
        with suppress(OSError):  # the lock is what counts here
            _put(self._note, json.dumps(me | self._ours).encode())
            self._mine = self._seen()

    def mark(self, head: mainfile.Head | None) -> None:
        """Note which file and which log are ours, once they are open, and what the file has taken
        in. Should something else be put in its place, our log must not be played into it."""
        self._ours = {
            "file": identity(self._path), "log": identity(log_of(self._path)), "head": head
        }  # fmt: skip
        self._write_note()

    def _seen(self) -> tuple[int, ...] | None:
        """What changes when another program writes the note; its number alone is given again."""
        try:
            facts = self._note.stat()
        except OSError:
            return None
        return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns

    def check(self) -> None:
        """Raise `ProjectInUse` if a person at another computer took the project over, believing
        that nobody works here any more."""
        if self._seen() == self._mine:
            return
        other = holder(self._path)
        if other is None or other.here:
            self._write_note()
            return
        raise ProjectInUse(
            _("This edit was not saved: {name} was taken over on {host} ({user}).").format(
                name=self._path.name, host=other.host, user=other.user
            ),
            _("Agree who works on. What you did before is in the file as it is here: save a copy "
              "(File menu) before it syncs."),
            elsewhere=True,
        )  # fmt: skip

    def beat(self) -> None:
        """A sign of life for those who see only the note, at most once a minute."""
        now = time.monotonic()
        if now - self._beaten > _BEAT:
            self._beaten = now
            with suppress(OSError):
                os.utime(self._note)
                self._mine = self._seen()

    def release(self) -> None:
        """Let go; harmless when done twice."""
        if self._lock.is_locked:
            with suppress(OSError):
                _set_foreign_log_aside(self._path, holder(self._path))
            with suppress(OSError):
                self._note.unlink()
        self._unlock()

    @staticmethod
    def forget(path: Path) -> None:
        """Take away the note of another computer: a person says that nobody works there any
        more. Raises `ProjectInUse` when somebody works here."""
        lock = _locked(path)
        note_of(path).unlink(missing_ok=True)
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()

    def _unlock(self) -> None:
        if self._lock.is_locked:
            # Unlinked while it is still ours: whoever opened the old file meanwhile sees, once it
            # has the lock, that the file has no name any more, and starts again (filelock does).
            with suppress(OSError):
                Path(self._lock.lock_file).unlink()
            self._lock.release()


def note_of(path: Path) -> Path:
    """Where the note about who has `path` open lies."""
    return path.with_name(f".{path.name}.open")


def holder(path: Path) -> Holder | None:
    """Who has `path` open according to the note beside it; None without a (readable) note."""
    try:
        note, seen = _read(note_of(path))
        data = json.loads(note)
        file, log = (
            (int(known[0]), int(known[1])) if (known := data.get(what)) else None
            for what in ("file", "log")
        )
        head = (int(known[0]), str(known[1])) if (known := data.get("head")) else None
        return Holder(str(data["user"]), str(data["host"]), int(data["pid"]), seen, file, log, head)
    except (
        OSError,
        OverflowError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ):
        return None


def _read(note: Path) -> tuple[bytes, float]:
    """What a note says, and when it was written last. Raises `OSError`.

    It may have come by mail: a link would have us read something else, a pipe would have us wait.
    """
    handle = os.open(note, os.O_RDONLY | _CAREFUL)
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LONGEST:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return os.read(handle, _LONGEST), facts.st_mtime
    finally:
        os.close(handle)


def _put(note: Path, data: bytes) -> None:
    """Put a note in the place of whatever lies there, even a link. Raises `OSError`."""
    draft = note.with_name(f"{note.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _CAREFUL, 0o666)
    try:
        os.write(handle, data)
        os.close(handle)
        draft.replace(note)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def has_foreign_log(path: Path, other: Holder | None) -> bool:
    """Whether the log beside `path` was written to a file that another was put in place of since,
    or written into (as programs do that keep folders in step). SQLite would play it into this one
    and ruin it.

    Where both were moved or copied, the log is not the one of the note: it goes with its file.
    """
    if other is None or not other.here or other.log is None or other.file is None:
        return False
    if identity(log_of(path)) != other.log:
        return False
    now = identity(path)
    return now is not None and (now != other.file or _is_written_over(path, other.head))


def _is_written_over(path: Path, known: mainfile.Head | None) -> bool:
    """Whether the file holds what cannot come from the state `known` and the log: then it was not
    the log's own process that wrote it, however that died."""
    try:
        found = mainfile.head(path)
        if known is None or found is None or not log_of(path).stat().st_size:
            return False
        if handles.first_bytes(path)[mainfile.MODE] != mainfile.WITH_LOG:
            return mainfile.is_sound(path)
        uri = path.resolve().as_uri() + "?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as both:
            mainfile.harden(both)

            def moment_of(seq: int) -> str:
                row = both.execute("SELECT at FROM journal WHERE seq = ?", [seq]).fetchone()
                return str(row[0]) if row else ""

            if mainfile.follows(found, known, moment_of):
                return False
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            return False  # e.g. a folder that can't be written
    return mainfile.is_sound(path)


def refuse_foreign_log(path: Path) -> None:
    """Raise `ProjectError` where a file can't be read without a log that is not its own."""
    if has_foreign_log(path, holder(path)):
        raise ProjectError(
            _("{name} was replaced while it was open: the log beside it is not its own.").format(
                name=path.name
            ),
            _("Save a copy from the window that has it open, and close that. Then open it once for "
              "writing: the log is laid aside."),
        )  # fmt: skip


def _set_foreign_log_aside(path: Path, other: Holder | None) -> Path | None:
    """Where it lies now; None where there is none. Nothing is deleted but SQLite's index of it."""
    if not has_foreign_log(path, other):
        return None
    aside = path.with_name(f"{path.name}.log-of-replaced-{time.strftime('%Y%m%d-%H%M%S')}")
    log_of(path).replace(aside)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return aside


def log_of(path: Path) -> Path:
    """Where SQLite keeps what it did not take into `path` yet."""
    return path.with_name(path.name + "-wal")


def _elsewhere(path: Path, other: Holder) -> ProjectInUse:
    seen = "?"
    with suppress(ValueError, OverflowError, OSError):  # a clock of thousands of years from now
        seen = datetime.fromtimestamp(other.seen, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    return ProjectInUse(
        _("{name} is open on {host} ({user}), where work was last seen at {time}.").format(
            name=path.name, host=other.host, user=other.user, time=seen
        ),
        _("Close it there and let the folder sync. If nobody works there any more, take it over: "
          "goldsmith unlock {name}").format(name=path.name),
        elsewhere=True,
    )  # fmt: skip


def _user() -> str:
    return os.environ.get("USER") or os.environ.get("USERNAME") or "?"


def _locked(path: Path) -> FileLock:
    """The lock that says: only we write to this project. The system frees it when we die."""
    lock = FileLock(path.with_name(path.name + ".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ProjectInUse(
            _("{name} is open in another window or command.").format(name=path.name),
            _("Close that one first, or open this project for reading only."),
        ) from error
    except OSError as error:
        raise ProjectError(
            _("{path} can't be written: {error}.").format(path=path.parent, error=error.strerror),
            _("Choose a folder that you may write to, on a disk with room."),
        ) from error
    return lock
