"""The project: one SQLite file with articles, gold, suggestions and the journal.

It answers questions about a project and offers one way to change it, `Project.edit`: one
transaction with one journal entry. What a person can do is in `core.edits`; with `core.schema` and
`core.store` below it, this is the only place that knows SQL.
"""

from __future__ import annotations

import getpass
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias, cast

from filelock import FileLock, Timeout
from sqlite_utils.db import Database

from core import scheme as schemes
from core.annotation import (
    Change,
    Document,
    Fragments,
    Image,
    Kind,
    Mention,
    Relation,
    State,
    Suggestion,
)
from core.article import Article, ArticleState
from core.codec import Value, dump_images, dumps, kind_of, load_images
from core.errors import (
    GoldsmithError,
    NotFound,
    ProjectError,
    ProjectInUse,
    ReadOnlyProject,
)
from core.i18n import _
from core.schema import APPLICATION_ID, VERSION, migrations
from core.scheme import Scheme
from core.store import Store

SUFFIX = ".goldsmith"
EntryKind: TypeAlias = Literal["do", "undo", "redo", "system"]
_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A line of the article list; it holds no text.

    Attributes:
        characters: length of the text in code points.
        mentions, relations: how many are gold.
        open: how many suggestions wait for a decision.
    """

    id: str
    title: str
    outlet: str
    published: str
    language: str
    state: ArticleState
    position: int
    characters: int
    mentions: int
    relations: int
    open: int


_ROW = """SELECT id, title, outlet, published, language, state, position, characters,
    (SELECT count(*) FROM mentions m WHERE m.article = a.id),
    (SELECT count(*) FROM relations r WHERE r.article = a.id),
    (SELECT count(*) FROM suggestions s WHERE s.article = a.id AND s.state = 'open')
FROM articles a WHERE removed = 0"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal.

    Attributes:
        seq: its number, growing.
        at: UTC, ISO 8601.
        kind: ``do``, ``undo`` or ``redo`` (of entry `target`), ``system`` (not on the undo stack).
        article: id of the article that it is about, empty for the whole project.
    """

    seq: int
    at: str
    annotator: str
    kind: EntryKind
    target: int | None
    article: str
    label: str


_ENTRY = "SELECT seq, at, annotator, kind, target, article, label FROM journal"


class Edit:
    """One open transaction: what is put and deleted here is journaled and committed as one.

    Attributes:
        label, article, focus: of the `Change` to come; may be set until the end.
        change: what was done, once the transaction is committed.
    """

    def __init__(self, store: Store, label: str, article: str) -> None:
        self.label = label
        self.article = article
        self.focus = ""
        self.change = Change(label, article)
        self._store = store
        self._images: dict[tuple[Kind, str], Image] = {}

    @property
    def images(self) -> tuple[Image, ...]:
        """What changed so far; a value put back as it was is no change."""
        return tuple(i for i in self._images.values() if i.before != i.after)

    def get(self, kind: Kind, id: str) -> Value | None:
        """A value as it stands in this transaction."""
        known = self._images.get((kind, id))
        return known.after if known else self._store.get(kind, id)

    def put(self, value: Value) -> None:
        """Store `value`, new or in place of the one with its id."""
        self._set(kind_of(value), value.id, value)

    def delete(self, kind: Kind, id: str) -> None:
        """Delete a value; an article is only marked as removed, so that it can come back."""
        self._set(kind, id, None)

    def restore(self, image: Image, *, before: bool) -> None:
        """Make the value of `image` what it was before it (undo), or after it (redo)."""
        self._set(image.kind, image.id, image.before if before else image.after)

    def _set(self, kind: Kind, id: str, after: Value | None) -> None:
        known = self._images.get((kind, id))
        before = known.before if known else self._store.get(kind, id)
        if isinstance(before, Article):
            if isinstance(after, Article):  # a journal's image has no text
                after = replace(after, text=before.text)
            if before.removed:
                before = None
        self._images[kind, id] = Image(kind, id, before, after)
        if after is None:
            self._store.delete(kind, id)
        else:
            self._store.put(after)


class Companion(Protocol):
    """Something that completes what a person does, e.g. `core.recall.Recall`."""

    def complete(self, edit: Edit) -> None:
        """Add to an edit that is about to be committed; one undo step with it. Not called for undo,
        redo and what the system does."""
        ...


class Project:
    """An open project file. Use it as a context manager or call `close`.

    Attributes:
        path: the file.
        scheme: the project's scheme; kept in the file itself.
        annotator: who is working; every edit carries the name.
        read_only: nothing can be edited: asked for, or the file or its folder can't be written.
        companion: completes every edit of a person before it is committed; None: nothing does.
    """

    def __init__(
        self, path: Path, db: Database, lock: FileLock | None, annotator: str = ""
    ) -> None:
        self.path = path
        self.annotator = annotator or default_annotator()
        self.read_only = lock is None
        self.companion: Companion | None = None
        self._db = db
        self._lock = lock
        self._store = Store(db.conn)
        self._stacks: tuple[list[int], list[int]] | None = None
        # One article is worked on at a time; its text is not read again for every edit.
        self._latest: Article | None = None
        self.scheme = schemes.parse(self.setting("scheme"), where=path.name)

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
        lock = _locked(path)
        # Built beside its place and moved there whole: a crash leaves no half-made project.
        draft = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            if path.exists():
                raise ProjectError(
                    _("{path} exists already.").format(path=path),
                    _("Open it, or choose another name."),
                )
            rest = path.with_name(path.name + "-wal")
            if rest.exists() and rest.stat().st_size:  # SQLite would play it into the new file
                raise ProjectError(
                    _("{name} is left over from a project that was here.").format(name=rest.name),
                    _("Put that project back beside it, or delete it, or choose another name."),
                )
            db = Database(sqlite3.connect(draft, isolation_level=None))
            try:
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                migrations.apply(db)
                db.execute("INSERT INTO settings VALUES ('scheme', ?)", [scheme.source])
            finally:
                db.close()
            draft.replace(path)
        except BaseException as error:
            draft.unlink(missing_ok=True)
            _release(lock)
            if isinstance(error, (OSError, sqlite3.Error)):
                raise ProjectError(
                    _("{path} can't be created: {error}.").format(path=path, error=error),
                    _("Choose a folder that you may write to, on a disk with room."),
                ) from error
            raise
        return cls._connected(path, lock, annotator)

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False, annotator: str = "") -> Project:
        """Open the project file at `path`, bringing an older one up to date.

        A file or folder that can't be written is opened for reading. Raises `ProjectInUse` when
        somebody else writes to it, `ProjectError` when it is missing, not a project or from a
        newer version; then it is not touched.
        """
        path = Path(path).resolve()
        version = _checked_version(path)
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        if read_only or not writable:
            if version < VERSION:
                raise ProjectError(
                    _("{name} was made by an older Goldsmith.").format(name=path.name),
                    _("Open it once for writing to bring it up to date."),
                )
            return cls._connected(path, None, annotator)
        return cls._connected(path, _locked(path), annotator)

    @classmethod
    def _connected(cls, path: Path, lock: FileLock | None, annotator: str) -> Project:
        connection: sqlite3.Connection | None = None
        try:
            connection = _connect(path, read_only=lock is None)
            db = Database(connection)
            if lock is not None:
                db.enable_wal()
                # FULL: a commit is on the disk before the next key press is handled.
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA foreign_keys = ON")
                migrations.apply(db)
            return cls(path, db, lock, annotator)
        except BaseException as error:
            if connection is not None:
                connection.close()
            _release(lock)
            if isinstance(error, sqlite3.Error):
                raise ProjectError(
                    _("{path} can't be opened: {error}.").format(path=path, error=error),
                    _("Restore a backup, or use the sqlite3 program's .recover on a copy."),
                ) from error
            raise

    def close(self) -> None:
        """Close the file; nothing is left to be saved. Closing twice does nothing."""
        self._db.close()
        if self.read_only:
            _tidy(self.path)
        _release(self._lock)
        self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- asking

    def setting(self, key: str, default: str = "") -> str:
        """A value of the project's own settings."""
        rows = self._store.rows("SELECT value FROM settings WHERE key = ?", [key])
        return str(rows[0][0]) if rows else default

    def set_setting(self, key: str, value: str) -> None:
        """Keep a value that is no annotation (it is not journaled)."""
        self._must_write()
        self._store.execute(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = ?",
            [key, value, value],
        )

    def articles(self) -> list[ArticleRow]:
        """The articles in the project's order."""
        return [ArticleRow(*row) for row in self._store.rows(f"{_ROW} ORDER BY position")]

    def article_row(self, id: str) -> ArticleRow | None:
        """One line of the article list, None if the article is not (or no longer) there."""
        rows = self._store.rows(f"{_ROW} AND id = ?", [id])
        return ArticleRow(*rows[0]) if rows else None

    def article(self, id: str) -> Article:
        """One article with its text. Raises `NotFound`."""
        if self._latest is None or self._latest.id != id:
            value = self._store.get("article", id)
            if not isinstance(value, Article) or value.removed:
                raise NotFound(_("There is no article {id} in this project.").format(id=id))
            self._latest = value
        return self._latest

    def article_with_text(self, sha256: str) -> str | None:
        """The id of the article whose text has this digest (`Article.sha256`), if there is one."""
        rows = self._store.rows(
            "SELECT id FROM articles WHERE sha256 = ? AND removed = 0", [sha256]
        )
        return str(rows[0][0]) if rows else None

    def document(self, id: str, states: Sequence[State] = ("open",)) -> Document:
        """An article with its gold and its suggestions in `states`. Raises `NotFound`."""
        article = self.article(id)
        mentions = self._store.mentions("m.article = ?", [id])
        entities = self._store.entities(
            "id IN (SELECT entity FROM mentions WHERE article = ?)", [id]
        )
        return Document(
            article,
            {m.id: m for m in sorted(mentions, key=lambda m: (m.start, -m.end, m.id))},
            {r.id: r for r in self._store.relations("r.article = ?", [id])},
            {s.id: s for s in self.suggestions(id, states)},
            {e.id: e for e in entities},
        )

    def documents(
        self, ids: Iterable[str] | None = None, states: Sequence[State] = ()
    ) -> Iterator[Document]:
        """The documents of `ids` (default: of all articles), one at a time, in their order."""
        for id in [row.id for row in self.articles()] if ids is None else ids:
            yield self.document(id, states)

    def get(self, kind: Kind, id: str) -> Value | None:
        """One value by its id, whatever its state; None if the file has none."""
        return self._store.get(kind, id)

    def mentions_of_article(self, article: str) -> list[Mention]:
        """The gold mentions of an article, in no order."""
        return self._store.mentions("m.article = ?", [article])

    def mentions_at(self, article: str, start: int) -> list[Mention]:
        """The gold mentions whose first fragment starts at `start` (code points)."""
        return self._store.mentions(
            "m.id IN (SELECT mention FROM fragments WHERE start = ? AND n = 0) AND m.article = ?",
            [start, article],
        )

    def relations_of(self, mention: str) -> list[Relation]:
        """The gold relations that have this mention at either end."""
        return self._store.relations("r.head = ? OR r.tail = ?", [mention, mention])

    def suggestions(self, article: str, states: Sequence[State]) -> list[Suggestion]:
        """The suggestions of an article in `states`."""
        marks = ", ".join("?" * len(states))
        return self._store.suggestions(f"article = ? AND state IN ({marks})", [article, *states])

    def suggestion_of(self, article: str, parts: Fragments) -> Suggestion | None:
        """The open mention suggestion for exactly these fragments, if there is one."""
        found = self._store.suggestions(
            "article = ? AND state = 'open' AND head = '' AND fragments = ?",
            [article, dumps(parts)],
        )
        return found[0] if found else None

    def suggested_relations_of(self, end: str) -> list[Suggestion]:
        """The open relation suggestions that have this mention or suggestion at either end."""
        return self._store.suggestions("state = 'open' AND (head = ? OR tail = ?)", [end, end])

    def relation_habits(self, limit: int = 2000) -> Counter[tuple[str, str, str]]:
        """How often each (head's type, relation type, tail's type) is among the `limit` relations
        that became gold last."""
        rows = self._store.rows(
            """SELECT h.type, r.type, t.type, count(*) FROM
                (SELECT type, head, tail FROM relations ORDER BY rowid DESC LIMIT ?) r
                JOIN mentions h ON h.id = r.head JOIN mentions t ON t.id = r.tail
            GROUP BY 1, 2, 3""",
            [limit],
        )
        return Counter({(head, type, tail): n for head, type, tail, n in rows})

    def mentions_of(self, entity: str) -> list[Mention]:
        """The mentions of an entity, in all articles."""
        return self._store.mentions("m.entity = ?", [entity])

    def never_suggested(self, article: str, limit: int) -> list[str]:
        """`article` and up to `limit` after it, as far as they are not done and no suggester has
        said anything about them yet."""
        rows = self._store.rows(
            """SELECT id FROM articles a WHERE removed = 0 AND state <> 'done'
                AND position >= (SELECT position FROM articles WHERE id = ?)
                AND NOT EXISTS (SELECT 1 FROM suggestions s WHERE s.article = a.id)
            ORDER BY position LIMIT ?""",
            [article, limit + 1],
        )
        return [row[0] for row in rows]

    def undone_articles_with(self, words: str) -> list[str]:
        """The articles that are not done and whose text holds `words`, case and all, in order."""
        rows = self._store.rows(
            "SELECT id FROM articles WHERE removed = 0 AND state <> 'done' AND instr(text, ?) > 0"
            " ORDER BY position",
            [words],
        )
        return [row[0] for row in rows]

    def ids_in_use(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that something in this file has already; removed articles do not count."""
        used: set[str] = set()
        tables = ("articles", "mentions", "relations", "entities", "suggestions")
        for i in range(0, len(ids), 500):
            part = ids[i : i + 500]
            marks = ", ".join("?" * len(part))
            for table in tables:
                here = f"SELECT id FROM {table} WHERE id IN ({marks})"
                if table == "articles":
                    here += " AND removed = 0"
                used.update(row[0] for row in self._store.rows(here, part))
        return used

    # -- the journal

    def journal(self, limit: int = 100) -> list[Entry]:
        """The last entries of the journal, newest first."""
        return [
            Entry(*row) for row in self._store.rows(f"{_ENTRY} ORDER BY seq DESC LIMIT ?", [limit])
        ]

    def next_undo(self) -> Entry | None:
        """The entry that undo would take back, None if there is none."""
        return self._top(self._undo_redo()[0])

    def next_redo(self) -> Entry | None:
        """The entry that redo would make again, None if there is none."""
        return self._top(self._undo_redo()[1])

    def undo_steps(self, limit: int = 50) -> list[Entry]:
        """What undoing again and again would take back, the next one first."""
        steps = self._undo_redo()[0][-limit:]
        return [entry for seq in reversed(steps) if (entry := self._top([seq])) is not None]

    def images_of(self, seq: int) -> tuple[Image, ...]:
        """What entry `seq` of the journal changed. Raises `NotFound`."""
        rows = self._store.rows("SELECT images FROM journal WHERE seq = ?", [seq])
        if not rows:
            raise NotFound(_("The journal has no entry {seq}.").format(seq=seq))
        return load_images(rows[0][0])

    def _top(self, stack: list[int]) -> Entry | None:
        if not stack:
            return None
        return Entry(*self._store.rows(f"{_ENTRY} WHERE seq = ?", [stack[-1]])[0])

    def _undo_redo(self) -> tuple[list[int], list[int]]:
        """The two stacks, replayed from the journal once and kept up by `edit`."""
        if self._stacks is None:
            self._stacks = ([], [])
            for seq, kind, _target in self._store.rows(
                "SELECT seq, kind, target FROM journal WHERE kind <> 'system' ORDER BY seq"
            ):
                self._push(self._stacks, seq, kind)
        return self._stacks

    @staticmethod
    def _push(stacks: tuple[list[int], list[int]], seq: int, kind: EntryKind) -> None:
        undo, redo = stacks
        if kind == "do":
            undo.append(seq)
            redo.clear()
        elif kind == "undo":
            redo.append(undo.pop())
        elif kind == "redo":
            undo.append(redo.pop())

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
        stacks = self._undo_redo()
        edit = Edit(self._store, label, article)
        try:
            self._store.execute("BEGIN IMMEDIATE")
            try:
                self._store.sign(self.annotator)
                yield edit
                if kind == "do" and self.companion is not None and edit.images:
                    self.companion.complete(edit)
                images = edit.images
                seq = self._write_entry(edit, images, kind, target) if images else 0
                self._store.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._store.execute("ROLLBACK")
                self._store.forget_annotators()
                self._latest = None
                raise
        except sqlite3.Error as error:
            raise ProjectError(
                _("This edit could not be saved: {error}.").format(error=error),
                _("Nothing was changed. Check that the disk has room, then try again."),
            ) from error
        if any(image.kind == "article" for image in images):
            self._latest = None
        if images and kind != "system":
            self._push(stacks, seq, kind)
        edit.change = Change(edit.label, edit.article, images, edit.focus)

    def _write_entry(
        self, edit: Edit, images: tuple[Image, ...], kind: EntryKind, target: int | None
    ) -> int:
        cursor = self._store.execute(
            "INSERT INTO journal (at, annotator, kind, target, article, label, images)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                datetime.now(UTC).isoformat(timespec="milliseconds"),
                self.annotator,
                kind,
                target,
                edit.article,
                edit.label,
                dump_images(images),
            ],
        )
        return cast(int, cursor.lastrowid)

    def _must_write(self) -> None:
        if self.read_only:
            raise ReadOnlyProject(
                _("{name} is open for reading only.").format(name=self.path.name),
                _("Close the other window, or work on a copy in a folder that you may write to."),
            )


def default_annotator() -> str:
    """The name of the person at this computer, as the system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user, e.g. in a container
        return "annotator"


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection in autocommit mode; transactions are begun and ended by `Project.edit`."""
    if not read_only:
        return sqlite3.connect(path, isolation_level=None, timeout=5)
    uri = path.as_uri() + "?mode=ro"
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5)
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        # A file in WAL mode whose folder can't be written: nobody can be writing to it either.
        connection = sqlite3.connect(uri + "&immutable=1", uri=True, isolation_level=None)
    return connection


def _checked_version(path: Path) -> int:
    """The version of the project file at `path`, read from its first bytes, without touching it."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError as error:
        raise ProjectError(
            _("There is no project at {path}.").format(path=path),
            _("Check the name, or create one: goldsmith init {path}").format(path=path.name),
        ) from error
    except OSError as error:
        raise ProjectError(
            _("{path} can't be read: {error}.").format(path=path, error=error.strerror),
            _("Check that it is a file and that you may read it."),
        ) from error
    # https://sqlite.org/fileformat.html: user_version at 60, application_id at 68, big-endian
    if head[:16] != _MAGIC or int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise ProjectError(
            _("{name} is not a Goldsmith project.").format(name=path.name),
            _("It was not touched. To add it as an article, open a project first."),
        )
    version = int.from_bytes(head[60:64], "big")
    if version > VERSION:
        raise ProjectError(
            _("{name} was made by a newer Goldsmith.").format(name=path.name),
            _("It was not touched. Update Goldsmith to open it."),
        )
    return version


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
            _("Choose a folder that you may write to."),
        ) from error
    return lock


def _tidy(path: Path) -> None:
    """Take away the empty log that reading leaves beside the file, which only a writer may do;
    where somebody is writing, it is theirs."""
    with suppress(GoldsmithError, sqlite3.Error):
        if path.with_name(path.name + "-wal").exists() and os.access(path, os.W_OK):
            lock = _locked(path)
            try:
                connection = sqlite3.connect(path)
                connection.execute("SELECT count(*) FROM sqlite_master")
                connection.close()
            finally:
                _release(lock)


def _release(lock: FileLock | None) -> None:
    if lock is not None:
        # Unlinked while it is still ours: whoever opened the old file meanwhile sees, once it has
        # the lock, that the file has no name any more, and starts again (filelock does).
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()
