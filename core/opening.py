"""How a project file is opened: what is looked at first, the locks, a connection without trust.

A file may come by mail, lie in a synced folder, be damaged, or vanish while we work. All that is
here either answers or raises a `ProjectError` in words; it touches nothing that is not ours.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import Damaged, GoldsmithError, ProjectError, SaveFailed
from core.handles import is_open_here
from core.hold import Hold, log_of
from core.i18n import _
from core.mainfile import harden
from core.schema import APPLICATION_ID, VERSION, reference
from core.store import reason

MAGIC = b"SQLite format 3\x00"
QUICK = 32 * 1024 * 1024  # bytes up to which the whole file is checked each time it is opened


# -- what is there


def checked_version(path: Path) -> int:
    """The version of the project file at `path`, read from its first bytes, without touching it."""
    if is_open_here(path):
        try:
            with closing(connect(path, read_only=True)) as connection:
                return int(connection.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.Error as error:
            raise not_opened(path, error) from error
    try:
        refuse_pipes(path)
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError as error:
        raise no_project(path) from error
    except OSError as error:
        raise ProjectError(
            _("{path} can't be read: {error}.").format(path=path, error=error.strerror),
            _("Check that it is a file and that you may read it."),
        ) from error
    if not _is_ours(head):
        raise ProjectError(
            _("{name} is not a Goldsmith project.").format(name=path.name),
            _("It was not touched. To add it as an article, open a project first."),
        )
    return int.from_bytes(head[60:64], "big")


def is_project(path: Path) -> bool:
    """Whether the first bytes of the file at `path` are those of a project. Raises `OSError`."""
    with path.open("rb") as file:
        return _is_ours(file.read(100))


def _is_ours(head: bytes) -> bool:
    # https://sqlite.org/fileformat.html: user_version at 60, application_id at 68, big-endian
    return head[:16] == MAGIC and int.from_bytes(head[68:72], "big") == APPLICATION_ID


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection in autocommit mode that runs nothing which the file brings along (`harden`)."""
    if not read_only:
        return harden(sqlite3.connect(path, isolation_level=None, timeout=5))
    uri = path.resolve().as_uri() + "?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        connection.close()
        # A file in WAL mode whose folder can't be written: nobody can be writing to it either.
        for log in _unread(path):
            raise _past_the_log(path, log) from error
        connection = sqlite3.connect(uri + "&immutable=1", uri=True, isolation_level=None)
    except sqlite3.Error:  # it is damaged
        connection.close()
        raise
    return harden(connection)


def refuse_pipes(path: Path) -> None:
    """Raise `OSError` where the file, or what SQLite would look for beside it, is a pipe or device:
    it would be waited for without end."""
    for place in (path, *logs(path)):
        if not place.is_file() and not place.is_dir() and place.exists():
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(place))


def logs(path: Path) -> list[Path]:
    """What SQLite keeps beside a file that is open, or was when its process died."""
    there = (path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))
    return [log for log in there if log.exists()]


def _unread(path: Path) -> list[Path]:
    """Those of them that hold something which the file has not taken in."""
    return [log for log in logs(path) if log.stat().st_size and not log.name.endswith("-shm")]


def can_write(path: Path) -> bool:
    """Whether this person may write to a project: the file, its folder, and what SQLite keeps
    beside it."""
    return all(os.access(file, os.W_OK) for file in (path, path.parent, *logs(path)))


def _past_the_log(path: Path, log: Path) -> ProjectError:
    # The file alone would be shown as it was some edits ago, or in the middle of one.
    return ProjectError(
        _("{name} can't be opened where it is: the last edits lie in {log}, and the folder can't "
          "be written.").format(name=path.name, log=log.name),
        _("Copy both files to a folder that you may write to, and open the copy."),
    )  # fmt: skip


def check_schema(connection: sqlite3.Connection, name: str, version: int = VERSION) -> None:
    """Raise `ProjectError` unless our tables are as we make them and nothing acts by itself.

    A person may add views, tables and plain indexes of their own; a trigger, or another table in
    place of ours, could change gold behind a person's back.
    """
    there = {
        (type, what): sql
        for type, what, sql in connection.execute("SELECT type, name, sql FROM sqlite_master")
        if sql is not None
    }
    ours = reference(version)
    wrong = [
        what
        for (type, what), sql in ours.items()
        # What SQLite and its tools write for themselves differs from version to version.
        if (there.get((type, what)) != sql)
        and not (what.startswith(("_sqlite", "words_")) and (type, what) in there)
    ]
    wrong += [what for type, what in there if type == "trigger" and (type, what) not in ours]
    wrong += [
        what
        for kind, table in ours
        if kind == "table"
        for _seq, what, unique, origin, partial in connection.execute(
            "SELECT * FROM pragma_index_list(?)", [table]
        )
        # An index of a person's own only makes things quicker. One that forbids that two rows are
        # alike, or computes something of each, is in the way of our edits.
        if origin == "c"
        and ("index", what) not in ours
        and (unique or partial or _computes(connection, what))
    ]
    if wrong:
        raise ProjectError(
            _("{name} is not as Goldsmith makes it ({what}).").format(
                name=name, what=", ".join(sorted(wrong)[:3])
            ),
            _("It was not touched. A clean copy of what it holds: goldsmith check --repair {name}")
            .format(name=name),
        )  # fmt: skip


def _computes(connection: sqlite3.Connection, index: str) -> bool:
    return any(
        column == -2
        for (column,) in connection.execute("SELECT cid FROM pragma_index_xinfo(?)", [index])
    )


def check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `ProjectError` if the file is damaged; a large file is not read through for it."""
    if path.stat().st_size > QUICK:
        return
    ((answer,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
    if answer != "ok":
        raise damaged(path, answer)


# -- in words


def no_project(path: Path) -> ProjectError:
    """The error for a file that is not there."""
    return ProjectError(
        _("There is no project at {path}.").format(path=path),
        _("Check the name, or create one: goldsmith init {path}").format(path=path.name),
    )


def damaged(path: Path, why: object) -> Damaged:
    """The error for a file that SQLite can't make sense of."""
    return Damaged(
        _("{path} can't be opened: it is damaged ({error}).").format(
            path=path, error=" ".join(str(why).split())[:200]
        ),
        _("Restore a backup (goldsmith restore {name}), or recover what can be recovered: "
          "goldsmith check --repair {name}").format(name=path.name),
    )  # fmt: skip


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, not the disk or its rights."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def not_opened(path: Path, error: sqlite3.Error) -> ProjectError:
    """The error for a file that can't be opened, with what to do about it."""
    if is_damage(error):
        return damaged(path, error)
    return ProjectError(
        _("{path} can't be opened: {reason}.").format(path=path, reason=reason(error)),
        _("Make room or check the disk, then open it again; nothing was changed."),
    )


def not_saved(error: sqlite3.Error) -> ProjectError:
    """The error for an edit that could not be committed and was taken back whole."""
    if isinstance(error, sqlite3.IntegrityError):
        return Damaged(
            _("This edit was not made: it hangs on something that another program took out of the "
              "project's file."),
            _("File, Check this project… says what is missing, and recovers what the journal "
              "knows (goldsmith check --repair). Other edits can be made."),
        )  # fmt: skip
    return SaveFailed(
        _("This edit could not be saved: {reason}.").format(reason=reason(error)),
        _("Nothing was changed, and what was saved before is safe. Put it right and try again, or "
          "save a copy elsewhere (File menu)."),
    )  # fmt: skip


def tidy(path: Path) -> None:
    """Take away the empty log that reading leaves beside the file, which only a writer may do;
    where somebody is writing, it is theirs."""
    with suppress(GoldsmithError, sqlite3.Error):
        if log_of(path).exists() and os.access(path, os.W_OK):
            hold = Hold(path)
            try:
                connection = harden(sqlite3.connect(path))
                connection.execute("SELECT count(*) FROM sqlite_master")
                connection.close()
            finally:
                hold.release()


def sweep(path: Path, before: list[Path], error: sqlite3.Error) -> None:
    """Take away what SQLite left beside a file that it could not make sense of, as `error` says,
    where nothing lay there `before`: nobody can be writing to such a file."""
    with suppress(OSError):
        if is_damage(error) and not before and not _unread(path):
            for log in logs(path):
                log.unlink()


# -- where it lies

_NETWORK = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "9p", "glusterfs",
    "fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.glusterfs", "davfs",
}  # fmt: skip
# What programs that keep folders in step leave in the folder that they keep, or call it.
_SYNC_MARKS = {
    ".dropbox": "Dropbox", ".dropbox.cache": "Dropbox", ".stfolder": "Syncthing",
    ".owncloudsync.log": "ownCloud", ".nextcloudsync.log": "Nextcloud", ".sync": "Resilio Sync",
}  # fmt: skip
_SYNC_NAMES = re.compile(
    r"(Dropbox|OneDrive|Nextcloud|ownCloud|Google ?Drive|My Drive|iCloud|com~apple~CloudDocs)\b"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What kind of folder a project lies in.

    Attributes:
        network: it is on another computer's drive; the name of the protocol.
        synced: a program keeps it in step with other computers; which.
    """

    network: str = ""
    synced: str = ""

    @property
    def shared(self) -> bool:
        """Whether other computers may write there; then the file alone must be whole after each
        edit, without a log beside it that travels apart from it."""
        return bool(self.network or self.synced)


def place_of(path: Path, mounts: Path = Path("/proc/self/mounts")) -> Place:
    """Where `path` lies, as far as this system tells."""
    for folder in path.parents:
        name = _SYNC_NAMES.match(folder.name)
        if name:
            return Place(synced=name[1])
        for mark, program in _SYNC_MARKS.items():
            if (folder / mark).exists():
                return Place(synced=program)
        if any(folder.glob(".sync_*.db")):
            return Place(synced="Nextcloud")
    if str(path).startswith("\\\\"):
        return Place(network="smb")
    best, kind = "", ""
    with suppress(OSError):
        for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
            _device, point, type, *_rest = line.split()
            point = point.replace("\\040", " ")
            if path.is_relative_to(point) and len(point) >= len(best):
                best, kind = point, type
    return Place(network=kind) if kind in _NETWORK else Place()
