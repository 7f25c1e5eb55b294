"""The project: one SQLite file with articles, gold, suggestions and the journal.

It is opened, copied and closed here, and there is one way to change it, `Project.edit`: one
transaction with one journal entry. What it tells is in `core.contents` and `core.journal`, what a
person can do in `core.edits`. What knows SQL is here and below.
"""

from __future__ import annotations

import getpass
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils.db import Database

from core import opening
from core import scheme as schemes
from core.annotation import (
    Change,
    EntryKind,
)
from core.contents import Contents
from core.decisions import Decisions
from core.errors import ChangedMeanwhile, ConstraintError, ProjectError, ReadOnlyProject
from core.guard import Guard
from core.hold import Hold, log_of, refuse_foreign_log
from core.i18n import _
from core.journal import Journal
from core.schema import APPLICATION_ID, VERSION, migrations
from core.scheme import Scheme
from core.store import Store, reason
from core.transaction import Companion, Edit
from core.turns import Turns

SUFFIX = ".goldsmith"

_PAGE = 8192  # bytes; of articles of usual length a page of 4096 holds one, and half of it is air
_CACHE = 8192  # KiB: the indexes of 100,000 articles, which an import looks into all over


class Project(Contents, Journal):
    """An open project file. Use it as a context manager or call `close`.

    Attributes:
        path: the file.
        scheme: the project's scheme; kept in the file itself.
        annotator: who is working; every edit carries the name.
        read_only: nothing can be edited; `why` says the reason where nobody asked for it: the file
            or its folder can't be written, or a newer Goldsmith made it.
        set_aside: where a log lies that was found beside the file and was not its own: the file was
            replaced while somebody had it open. None: there was none.
        decisions: what the project's people decided, added up (`core.decisions`).
        companion: completes every edit of a person before it is committed; None: nothing does.
    """

    def __init__(
        self,
        path: Path,
        db: Database,
        hold: Hold | None,
        annotator: str = "",
        why: str = "",
    ) -> None:
        self.path = path
        self.annotator = annotator or default_annotator()
        self.read_only = hold is None
        self.why = why
        self.set_aside = hold.set_aside if hold is not None else None
        self.companion: Companion | None = None
        self._db = db
        self._hold = hold
        store = Store(db.conn)
        Contents.__init__(self, store)
        Journal.__init__(self, store)
        self.decisions = Decisions(self._store)
        self.turns = Turns(self._store)
        self._written_by_us = self._data_version()
        self.scheme = schemes.parse(self.setting("scheme"), where=path.name)
        self._guard = Guard(path, self.moment_of, writes=hold is not None)

    # -- opening and closing

    @classmethod
    def create(cls, path: Path | str, scheme: Scheme, annotator: str = "") -> Project:
        """A new project file at `path`. Raises `ProjectError` if something is there already."""
        path = Path(path).resolve()
        if not path.parent.is_dir():
            raise ProjectError(
                _("The folder {path} does not exist.").format(path=path.parent),
                _("Create it first, or choose another place."),
            )
        hold = Hold(path)
        # Built beside its place and moved there whole: a crash leaves no half-made project.
        draft = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            if path.exists():
                raise ProjectError(
                    _("{path} exists already.").format(path=path),
                    _("Open it, or choose another name."),
                )
            rest = log_of(path)
            if rest.exists() and rest.stat().st_size:  # SQLite would play it into the new file
                raise ProjectError(
                    _("{name} is left over from a project that was here.").format(name=rest.name),
                    _("Put that project back beside it, or delete it, or choose another name."),
                )
            db = Database(sqlite3.connect(draft, isolation_level=None))
            try:
                db.execute(f"PRAGMA page_size = {_PAGE}")
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                migrations.apply(db)
                db.execute("INSERT INTO settings VALUES ('scheme', ?)", [scheme.source])
            finally:
                db.close()
            draft.replace(path)
        except BaseException as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            hold.release()
            if isinstance(error, (OSError, sqlite3.Error)):
                why = reason(error) if isinstance(error, sqlite3.Error) else error
                raise ProjectError(
                    _("{path} can't be created: {error}.").format(path=path, error=why),
                    _("Choose a folder that you may write to, on a disk with room."),
                ) from error
            raise
        return cls._connected(path, hold, annotator)

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False, annotator: str = "") -> Project:
        """Open the project file at `path`, bringing an older one up to date.

        A file or folder that can't be written, a file with a second name (a hard link), or one of a
        newer version, is opened for reading.
        Raises `ProjectInUse` when somebody else writes to it, `ProjectError` when it is missing,
        not a project, damaged, or can't be brought up to date; then it is as it was.
        """
        path = Path(path).resolve()
        version = opening.checked_version(path)
        why = ""
        if version > VERSION:
            why = _("it was made by a newer Goldsmith; update Goldsmith to edit it")
        elif not opening.can_write(path):
            why = _("the file, its folder or its log can't be written")
        elif path.stat().st_nlink > 1:
            # Each name would have a log of its own, and two writers never know of one another.
            why = _("it has a second name (a hard link), through which it could be written, too")
        if read_only or why:
            if version < VERSION:
                raise ProjectError(
                    _("{name} was made by an older Goldsmith.").format(name=path.name),
                    _("Open it once for writing to bring it up to date."),
                )
            refuse_foreign_log(path)
            return cls._connected(path, None, annotator, why)
        return cls._connected(path, Hold(path), annotator)

    @classmethod
    def _connected(cls, path: Path, hold: Hold | None, annotator: str, why: str = "") -> Project:
        connection: sqlite3.Connection | None = None
        before = opening.logs(path)
        try:
            connection = opening.connect(path, read_only=hold is None)
            db = Database(connection)
            if hold is not None:
                _migrate(db, path)
                # FULL: a commit is on the disk before the next key press is handled.
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA foreign_keys = ON")
                db.execute(f"PRAGMA cache_size = -{_CACHE}")
                if opening.place_of(path).shared:
                    # A log beside the file is not safe over a network, and one that is synced at
                    # another moment than the file damages it.
                    with suppress(sqlite3.OperationalError):  # a reader has it open
                        db.disable_wal()
                    # A commit is the deletion of the journal, which FULL does not sync.
                    db.execute("PRAGMA synchronous = EXTRA")
                else:
                    db.enable_wal()
            ((version,),) = connection.execute("PRAGMA user_version").fetchall()
            if version <= VERSION:
                opening.check_schema(connection, path.name)
            else:
                _check_readable(connection, path.name)
            project = cls(path, db, hold, annotator, why)
            if hold is not None:
                hold.mark(project._guard.head)
            return project
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.Error):
                opening.sweep(path, before, error)
            if hold is not None:
                hold.release()
            if isinstance(error, sqlite3.Error):
                raise opening.not_opened(path, error) from error
            raise

    def lend(self) -> None:
        """Let another process write: until `take_back` nothing can be edited here."""
        self._must_write()
        assert self._hold is not None
        self._guard.check_contents()
        self._hold.release()
        self._hold = None
        self.read_only = True
        self.why = _("another command is writing to it")

    def take_back(self) -> None:
        """End `lend`. Raises `ProjectInUse` if somebody else has the project now; then it stays
        open for reading."""
        self.forget()
        self._hold = Hold(self.path)
        self._guard.adopt()
        self._hold.mark(self._guard.head)
        self.read_only = False
        self.why = ""
        self._written_by_us = self._data_version()

    def close(self) -> None:
        """Close the file; nothing is left to be saved. Closing twice does nothing."""
        if self._hold is None or not self._guard.is_overwritten():
            self._guard.let_log_in()
        with suppress(sqlite3.Error):  # e.g. the disk is gone; what was committed is in the log
            self._db.close()
        self._guard.close()
        if self.read_only:
            opening.tidy(self.path)
        if self._hold is not None:
            self._hold.release()
            self._hold = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- what is no annotation

    def set_setting(self, key: str, value: str) -> None:
        """Keep a value that is no annotation (it is not journaled)."""
        self._must_write()
        with self.unjournaled():
            self._store.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = ?",
                [key, value, value],
            )

    def index_words(self, step: Callable[[int], None] | None = None) -> None:
        """Bring the index of words up to the newest articles: to be called before a search, and
        after many were added. `step` gets how many are done, and may raise to leave the rest."""
        self._must_write()
        done = 0
        while True:
            with self.unjournaled():
                n = self._store.index_words()
            if not n:
                return
            done += n
            if step is not None:
                step(done)

    @contextmanager
    def unjournaled(self) -> Iterator[None]:
        """One transaction that changes nothing that a person made."""
        try:
            self._store.execute("BEGIN IMMEDIATE")
            try:
                self._guard.check()
                yield
                self._commit()
            except BaseException:
                self._take_back()
                raise
        except sqlite3.Error as error:
            raise opening.not_saved(error) from error

    def ready_to_search(self, words: str) -> None:
        """Bring the index of words up to date, if there is something to find and we may write."""
        if words.strip() and not self.read_only:
            self.index_words()

    # -- editing

    @contextmanager
    def edit(
        self,
        label: str,
        article: str = "",
        kind: EntryKind = "do",
        target: int | None = None,
    ) -> Iterator[Edit]:
        """One transaction with its journal entry; ``Edit.change`` holds the `Change` afterwards.

        An exception inside rolls everything back. An edit that changes nothing leaves no entry.
        """
        self._must_write()
        edit = Edit(self._store, self.decisions, label, article, kind)
        try:
            self._store.execute("BEGIN IMMEDIATE")
            try:
                self._check_alone()
                self._guard.check()
                self._store.sign(self.annotator)
                yield edit
                if kind == "do" and self.companion and edit.images and not edit.parts:
                    self.companion.complete(edit)
                edit.settle()
                images = edit.images
                if images or edit.parts:
                    self.decisions.count(images, kind)
                    self._write_entry(edit, images, kind, target, self.annotator)
                if self._hold is not None:
                    self._hold.check()
                self._commit()
            except BaseException:
                self._take_back()
                raise
        except sqlite3.Error as error:
            raise opening.not_saved(error) from error
        except UnicodeEncodeError as error:
            raise ConstraintError(
                _("This holds half of a character ({code}), which no file can hold.").format(
                    code=f"U+{ord(error.object[error.start]):04X}"
                ),
                _("Nothing was changed. Leave it out, or write it again."),
            ) from error
        if self._hold is not None:
            self._hold.beat()
        if edit.parts or any(image.kind == "article" for image in images):
            self._latest = None
        self._steps = None
        if self.companion is not None:
            if edit.parts:
                self.companion.forget()
            else:
                self.companion.follow(images)
        edit.change = Change(edit.label, edit.article, images, edit.focus, bool(edit.parts))

    def _commit(self) -> None:
        self._guard.check(begun=True)
        self._store.execute("COMMIT")
        if self._guard.committed() and self._hold is not None:
            self._hold.mark(self._guard.head)

    def _take_back(self) -> None:
        """Undo what the open transaction did, in the file and in what we remember of it."""
        with suppress(sqlite3.Error):
            self._store.execute("ROLLBACK")
        self.forget()

    def abandon(self) -> None:
        """After something unexpected: whatever is half done is taken back."""
        if self._db.conn.in_transaction:
            self._take_back()

    def forget(self) -> None:
        """Let go of all that is remembered of the file: the next question asks the file."""
        self._store.forget_annotators()
        self._latest = None
        self._steps = None
        if self.companion is not None:
            self.companion.forget()

    def _data_version(self) -> int:
        """SQLite's number that grows when another connection writes, never by our own edits."""
        return int(self._store.rows("PRAGMA data_version")[0][0])

    def _check_alone(self) -> None:
        """Raise `ChangedMeanwhile` if somebody wrote to the file since we last looked: the lock
        should keep them out, but not every drive has locks that hold."""
        now = self._data_version()
        if now != self._written_by_us:
            self._written_by_us = now
            if not self._guard.logged:
                self._guard.adopt()
            raise ChangedMeanwhile(
                _("{name} was changed by another program meanwhile.").format(name=self.path.name),
                _("Nothing was overwritten. Look at what is there now, then repeat your edit."),
            )

    def save_copy(self, path: Path | str) -> Path:
        """Write all that is in the project to a new file, also while its own disk is full or its
        folder is gone. It appears there whole, or not at all. Raises `ProjectError`."""
        path = Path(path).resolve()
        if not self.read_only:
            self._guard.check_contents()
        if path.exists():
            raise ProjectError(
                _("{path} exists already.").format(path=path), _("Choose another name.")
            )
        draft = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            copy = sqlite3.connect(draft, isolation_level=None)
            try:
                self._db.conn.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, that can be carried away
                copy.execute("PRAGMA synchronous = FULL")
            finally:
                copy.close()
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
            draft.replace(path)
        except (OSError, sqlite3.Error) as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            why = reason(error) if isinstance(error, sqlite3.Error) else error.strerror
            raise ProjectError(
                _("{path} can't be written: {error}.").format(path=path, error=why),
                _("Choose another folder, on a disk with room."),
            ) from error
        return path

    def _must_write(self) -> None:
        if self.read_only:
            raise ReadOnlyProject(
                _("{name} is open for reading only{why}.").format(
                    name=self.path.name, why=f": {self.why}" if self.why else ""
                ),
                _("Close the other window, or work on a copy in a folder that you may write to."),
            )


def default_annotator() -> str:
    """The name of the person at this computer, as the system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user, e.g. in a container
        return "annotator"


def _migrate(db: Database, path: Path) -> None:
    """Look the file through, then bring it up to date: all migrations are made, or none."""
    ((version,),) = db.execute("PRAGMA user_version").fetchall()
    # Version 1 has tables that a connection without trust can't even read; they are what we made,
    # or nothing is done.
    db.execute(f"PRAGMA trusted_schema = {'ON' if version < 2 else 'OFF'}")
    opening.check_pages(db.conn, path)
    if 0 < version < VERSION:
        opening.check_schema(db.conn, path.name, version)
        with db.atomic():
            migrations.apply(db)
    db.execute("PRAGMA trusted_schema = OFF")


def _check_readable(connection: sqlite3.Connection, name: str) -> None:
    """Raise `ProjectError` unless a newer file still has every column that we read."""
    here = Database(sqlite3.connect(":memory:"))
    migrations.apply(here)
    try:
        for table in here.table_names():
            if table.startswith(("_", "sqlite_", "words_")):
                continue
            # In brackets: a name in quotes that is not there would be taken for a string.
            columns = ", ".join(f"[{column.name}]" for column in here[table].columns)
            connection.execute(f'SELECT {columns} FROM "{table}" LIMIT 0')
    except sqlite3.Error as error:
        raise ProjectError(
            _("{name} was made by a newer Goldsmith, and this one can't read it.").format(
                name=name
            ),
            _("It was not touched. Update Goldsmith to open it."),
        ) from error
    finally:
        here.close()
