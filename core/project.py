"""The project: one SQLite file with articles, gold, suggestions and the journal.

It answers questions about a project and offers one way to change it, `Project.edit`: one
transaction with one journal entry. What a person can do is in `core.edits`; with `core.schema` and
`core.store` below it, this is the only place that knows SQL.
"""

from __future__ import annotations

import getpass
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Protocol, Self

from sqlite_utils.db import Database

from core import opening
from core import scheme as schemes
from core.annotation import (
    Change,
    Document,
    Entity,
    EntryKind,
    Fragments,
    Image,
    Kind,
    Mention,
    Relation,
    State,
    Suggestion,
    Veto,
)
from core.article import Article, ArticleState
from core.codec import Value, dump_images, dumps, kind_of
from core.decisions import Decisions
from core.errors import ChangedMeanwhile, NotFound, ProjectError, ReadOnlyProject
from core.hold import Hold, log_of, refuse_foreign_log
from core.i18n import _
from core.schema import APPLICATION_ID, VERSION, migrations
from core.scheme import Scheme
from core.store import THESE, Store, images_from, reason
from core.turns import Turns

SUFFIX = ".goldsmith"


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A line of the article list; it holds no text, and of a title no more than a line can show.

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


_ROW = """SELECT id, substr(title, 1, 500), substr(outlet, 1, 200), substr(published, 1, 100),
    language, state, position, characters,
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


_PAGE = 8192  # bytes; of articles of usual length a page of 4096 holds one, and half of it is air
_CACHE = 8192  # KiB: the indexes of 100,000 articles, which an import looks into all over
_WORD = re.compile(r"\w+")
_BATCH = 100  # documents that are read at once

_NONE: Mapping[str, str] = MappingProxyType({})

_PART = 20_000  # values of an edit that are held before they are written to the journal
_PART_TEXT = 4_000_000  # and characters of their texts

_ENTRY = "SELECT seq, at, annotator, kind, target, article, label FROM journal"


class Edit:
    """One open transaction: what is put and deleted here is journaled and committed as one.

    Attributes:
        label, article, focus: of the `Change` to come; may be set until the end.
        change: what was done, once the transaction is committed.
    """

    def __init__(
        self, store: Store, decisions: Decisions, label: str, article: str, kind: EntryKind
    ) -> None:
        self.label = label
        self.article = article
        self.focus = ""
        self.change = Change(label, article)
        self._store = store
        self._decisions = decisions
        self._kind: EntryKind = kind
        self._images: dict[tuple[Kind, str], Image] = {}
        self._text = 0
        self.parts = 0

    @property
    def images(self) -> tuple[Image, ...]:
        """What changed so far; a value put back as it was is no change. Once there are `parts`:
        what changed since the last of them."""
        return tuple(i for i in self._images.values() if i.before != i.after)

    def insert(self, values: Sequence[Value], digests: Mapping[str, str] = _NONE) -> None:
        """Store values whose ids nothing has: as `put`, but many at once and quicker.

        Args:
            digests: `Article.sha256` by the article's id, as far as it is known already.
        """
        self._store.insert(values, digests)
        for value in values:
            kind = kind_of(value)
            self._images[kind, value.id] = Image(kind, value.id, None, value)
            if isinstance(value, Article):
                self._text += len(value.text)
        self._write_part_if_large()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the edit that is taken back alone when the block raises."""
        self._write_part()
        before = self.parts
        self._store.execute("SAVEPOINT attempt")
        try:
            yield
            self._write_part()
        except BaseException:
            self._store.execute("ROLLBACK TO attempt")
            self._store.forget_annotators()
            self._images.clear()
            self._text, self.parts = 0, before
            raise
        finally:
            self._store.execute("RELEASE attempt")

    def _write_part_if_large(self) -> None:
        if len(self._images) >= _PART or self._text >= _PART_TEXT:
            self._write_part()

    def _write_part(self) -> None:
        """Write what was held to the journal, under the number that the entry is going to have."""
        images = self.images
        if images:
            self._decisions.count(images, self._kind)
            self._store.execute(
                "INSERT INTO journal_parts VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM journal),"
                " ?, ?)",
                [self.parts, dump_images(images)],
            )
            self.parts += 1
        self._images.clear()
        self._text = 0

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
        if isinstance(before, Article):
            self._text += len(before.text)
        if after is None:
            self._store.delete(kind, id)
        else:
            self._store.put(after)
        self._write_part_if_large()


class Companion(Protocol):
    """Something that completes what a person does, e.g. `core.recall.Recall`."""

    def complete(self, edit: Edit) -> None:
        """Add to an edit that is about to be committed; one undo step with it. Not called for undo,
        redo and what the system does."""
        ...

    def follow(self, images: Sequence[Image]) -> None:
        """Any edit, undo, redo or system edit was committed, with these images."""
        ...

    def forget(self) -> None:
        """An edit was taken back, or the file changed: what is remembered of it may be wrong."""
        ...


class Project:
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
        self._store = Store(db.conn)
        self.decisions = Decisions(self._store)
        self.turns = Turns(self._store)
        self._written_by_us = self._data_version()
        self._steps: tuple[int, int] | None = None  # what undo and redo would do next; 0: nothing
        # One article is worked on at a time; its text is not read again for every edit.
        self._latest: Article | None = None
        self.scheme = schemes.parse(self.setting("scheme"), where=path.name)
        self._guard = opening.Guard(path)

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
            if hold is not None:
                hold.mark()
            return cls(path, db, hold, annotator, why)
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
        self._hold.release()
        self._hold = None
        self.read_only = True
        self.why = _("another command is writing to it")

    def take_back(self) -> None:
        """End `lend`. Raises `ProjectInUse` if somebody else has the project now; then it stays
        open for reading."""
        self.forget()
        self._hold = Hold(self.path)
        self._hold.mark()
        self.read_only = False
        self.why = ""
        self._written_by_us = self._data_version()

    def close(self) -> None:
        """Close the file; nothing is left to be saved. Closing twice does nothing."""
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

    # -- asking

    def setting(self, key: str, default: str = "") -> str:
        """A value of the project's own settings."""
        rows = self._store.rows("SELECT value FROM settings WHERE key = ?", [key])
        return str(rows[0][0]) if rows else default

    def set_setting(self, key: str, value: str) -> None:
        """Keep a value that is no annotation (it is not journaled)."""
        self._must_write()
        try:
            self._store.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = ?",
                [key, value, value],
            )
        except sqlite3.Error as error:
            raise opening.not_saved(error) from error

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
                yield
                self._store.execute("COMMIT")
            except BaseException:
                self._take_back()
                raise
        except sqlite3.Error as error:
            raise opening.not_saved(error) from error

    def articles(self) -> list[ArticleRow]:
        """The articles in the project's order."""
        return [ArticleRow(*row) for row in self._store.rows(f"{_ROW} ORDER BY position")]

    def article_rows(self, positions: Sequence[int]) -> list[ArticleRow]:
        """The lines of the article list at these positions, in order."""
        return [
            ArticleRow(*row)
            for row in self._store.rows(
                f"{_ROW} AND position IN {THESE} ORDER BY position", [dumps(list(positions))]
            )
        ]

    def article_positions(self, words: str, after: int, limit: int) -> list[int]:
        """Positions after `after` of the articles that have all `words`, or words that begin so, in
        title or text; of all articles where there are no words. See `ready_to_search`."""
        query = " ".join(f'"{word}"*' for word in _WORD.findall(words))
        if not query:
            rows = self._store.rows(
                "SELECT position FROM articles WHERE removed = 0 AND position > ?"
                " ORDER BY position LIMIT ?",
                [after, limit],
            )
        else:
            rows = self._store.rows(
                "SELECT w.rowid FROM words w CROSS JOIN articles a ON a.position = w.rowid"
                " WHERE words MATCH ? AND w.rowid > ? AND a.removed = 0 ORDER BY w.rowid LIMIT ?",
                [query, after, limit],
            )
        return [row[0] for row in rows]

    def ready_to_search(self, words: str) -> None:
        """Bring the index of words up to date, if there is something to find and we may write."""
        if words.strip() and not self.read_only:
            self.index_words()

    def position_of(self, id: str) -> int | None:
        """An article's position in the project's order, None if it is not there."""
        rows = self._store.rows("SELECT position FROM articles WHERE id = ? AND removed = 0", [id])
        return int(rows[0][0]) if rows else None

    def next_article(self, after: str = "", *, done: bool = False) -> str | None:
        """The next article after `after` (empty: from the start) that is not done, or of any state
        with `done`; None if there is none."""
        position = self.position_of(after) if after else None
        undone = "" if done else " AND state <> 'done'"
        rows = self._store.rows(
            f"SELECT id FROM articles WHERE removed = 0{undone} AND position > ?"
            " ORDER BY position LIMIT 1",
            [-1 if position is None else position],
        )
        return str(rows[0][0]) if rows else None

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

    def articles_with_texts(self, digests: Sequence[str]) -> dict[str, str]:
        """For those of the digests (`Article.sha256`) that an article's text has: its id."""
        return dict(
            self._store.rows(
                f"SELECT sha256, id FROM articles WHERE sha256 IN {THESE} AND removed = 0",
                [dumps(list(digests))],
            )
        )

    def document(self, id: str, states: Sequence[State] = ("open",)) -> Document:
        """An article with its gold and its suggestions in `states`. Raises `NotFound`."""
        return self._documents([self.article(id)], states)[0]

    def documents(
        self, ids: Iterable[str] | None = None, states: Sequence[State] = ()
    ) -> Iterator[Document]:
        """The documents of `ids` (default: of all articles) in their order, streamed: a few are in
        memory at a time, however many there are. Raises `NotFound`."""
        wanted = iter(self.article_ids() if ids is None else ids)
        while batch := list(islice(wanted, _BATCH)):
            found = {a.id: a for a in self._store.articles(f"id IN {THESE}", [dumps(batch)])}
            articles = [
                found[id] if id in found and not found[id].removed else self.article(id)
                for id in batch
            ]
            yield from self._documents(articles, states)

    def count(self, *, only_done: bool = False) -> int:
        """How many articles there are."""
        return self._number("") - (self.count_to_do() if only_done else 0)

    def count_to_do(self) -> int:
        """How many articles are not done."""
        return self._number(" AND state <> 'done'")

    def _number(self, which: str) -> int:
        # Each of these has an index, so that no text is read for it.
        return int(
            self._store.rows(f"SELECT count(*) FROM articles WHERE removed = 0{which}")[0][0]
        )

    def type_counts(self, *, only_done: bool = False) -> dict[str, dict[str, int]]:
        """For each article (id), in the project's order, how often it has each type of gold:
        ``mention TYPE`` and ``relation TYPE``."""
        counts: dict[str, dict[str, int]] = {id: {} for id in self.article_ids(only_done=only_done)}
        for kind, table in (("mention", "mentions"), ("relation", "relations")):
            for article, type, n in self._store.stream(
                f"SELECT article, type, count(*) FROM {table} GROUP BY article, type"
            ):
                if article in counts:
                    counts[article][f"{kind} {type}"] = n
        return counts

    def article_ids(self, *, only_done: bool = False, to_do: bool = False) -> Iterator[str]:
        """The ids of the articles in the project's order, streamed: of all, of those that are done,
        or of those that are `to_do`."""
        done = " AND state = 'done'" if only_done else " AND state <> 'done'" if to_do else ""
        last = -1
        while rows := self._store.rows(
            "SELECT position, id FROM articles WHERE removed = 0 AND position > ?"
            f"{done} ORDER BY position LIMIT 5000",
            [last],
        ):
            last = rows[-1][0]
            yield from (id for _position, id in rows)

    def _documents(self, articles: Sequence[Article], states: Sequence[State]) -> list[Document]:
        ids = [article.id for article in articles]
        these = [dumps(ids)]
        mentions: dict[str, list[Mention]] = {id: [] for id in ids}
        there = set()
        for m in self._store.mentions(f"m.article IN {THESE}", these):
            mentions[m.article].append(m)
            there.add(m.id)
        relations: dict[str, dict[str, Relation]] = {id: {} for id in ids}
        for r in self._store.relations(f"r.article IN {THESE}", these):
            if r.head in there and r.tail in there:  # else `core.soundness.orphans` tells it
                relations[r.article][r.id] = r
        suggestions: dict[str, dict[str, Suggestion]] = {id: {} for id in ids}
        for s in self._suggestions(ids, states):
            suggestions[s.article][s.id] = s
        entities = {
            e.id: e
            for e in self._store.entities(
                f"id IN (SELECT entity FROM mentions WHERE article IN {THESE})", these
            )
        }
        result = []
        for article in articles:
            found = [
                m if m.entity is None or m.entity in entities else replace(m, entity=None)
                for m in sorted(mentions[article.id], key=_in_text)
            ]
            used = {m.entity for m in found if m.entity is not None}
            result.append(
                Document(
                    article,
                    {m.id: m for m in found},
                    relations[article.id],
                    suggestions[article.id],
                    {id: entities[id] for id in sorted(used)},
                )
            )
        return result

    def get(self, kind: Kind, id: str) -> Value | None:
        """One value by its id, whatever its state; None if the file has none."""
        return self._store.get(kind, id)

    def entities(self, ids: Sequence[str]) -> dict[str, Entity]:
        """Those of the entities with these ids that the file has."""
        return {e.id: e for e in self._store.entities(f"id IN {THESE}", [dumps(list(ids))])}

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
        return self._suggestions([article], states)

    def _suggestions(self, articles: Sequence[str], states: Sequence[State]) -> list[Suggestion]:
        if not states:
            return []
        return self._store.suggestions(
            f"article IN {THESE} AND state IN {THESE}", [dumps(list(articles)), dumps(list(states))]
        )

    def suggestions_within(
        self, article: str, start: int, end: int, gold: Sequence[str]
    ) -> list[Suggestion]:
        """The mention suggestions of an article, in any state, that lie in ``[start, end)``, and
        the relation suggestions between these, or them and the `gold` mentions."""
        found = self._store.suggestions(
            "article = ? AND head = '' AND json_extract(fragments, '$[0][0]') >= ?"
            " AND json_extract(fragments, '$[#-1][1]') <= ?",
            [article, start, end],
        )
        ids = {*gold, *(s.id for s in found)}
        found += [
            relation
            for relation in self._store.suggestions(
                f"article = ? AND head <> '' AND head IN {THESE}", [article, dumps(sorted(ids))]
            )
            if relation.tail in ids
        ]
        return found

    def suggestion_of(self, article: str, parts: Fragments) -> Suggestion | None:
        """The open mention suggestion for exactly these fragments, if there is one."""
        found = self._store.suggestions(
            "article = ? AND state = 'open' AND head = '' AND fragments = ?",
            [article, dumps(parts)],
        )
        return found[0] if found else None

    def suggested_relations_of(self, end: str) -> list[Suggestion]:
        """The open relation suggestions that have this mention or suggestion at either end."""
        # The indexes hold only rows with an end, so the condition must say so to use them.
        return self._store.suggestions(
            "state = 'open' AND ((head <> '' AND head = ?) OR (tail <> '' AND tail = ?))",
            [end, end],
        )

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

    def to_do_from(self, article: str, limit: int) -> list[str]:
        """`article` and those after it, as far as they are not done: up to `limit`; from the first
        on where there is none."""
        start = self.position_of(article) if article else None
        for position in dict.fromkeys((start or 0, 0)):
            rows = self._store.rows(
                "SELECT id FROM articles WHERE removed = 0 AND state <> 'done' AND position >= ?"
                " ORDER BY position LIMIT ?",
                [position, limit],
            )
            if rows:
                return [row[0] for row in rows]
        return []

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

    def removed_articles(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that an article had that was removed."""
        return {
            row[0]
            for row in self._store.rows(
                f"SELECT id FROM articles WHERE id IN {THESE} AND removed = 1", [dumps(list(ids))]
            )
        }

    def ids_in_use(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that something in this file has already; removed articles do not count."""
        used: set[str] = set()
        tables = ("articles", "mentions", "relations", "entities", "suggestions")
        for table in tables:
            here = f"SELECT id FROM {table} WHERE id IN {THESE}"
            if table == "articles":
                here += " AND removed = 0"
            used.update(row[0] for row in self._store.rows(here, [dumps(list(ids))]))
        return used

    # -- the journal

    def journal(self, limit: int = 100) -> list[Entry]:
        """The last entries of the journal, newest first."""
        return [
            Entry(*row) for row in self._store.rows(f"{_ENTRY} ORDER BY seq DESC LIMIT ?", [limit])
        ]

    def next_undo(self) -> Entry | None:
        """The entry that undo would take back, None if there is none."""
        return self._entry(self._next_steps()[0])

    def next_redo(self) -> Entry | None:
        """The entry that redo would make again, None if there is none."""
        return self._entry(self._next_steps()[1])

    def undo_steps(self, limit: int = 50) -> list[Entry]:
        """What undoing again and again would take back, the next one first."""
        steps = islice(self._done_steps(), limit)
        return [entry for seq in steps if (entry := self._entry(seq)) is not None]

    def size_of(self, seq: int) -> tuple[int, int]:
        """How many values entry `seq` of the journal changed, and how many articles among them,
        counted without reading them: a few too many where metadata has keys like the journal's."""
        rows = self._store.rows(
            """SELECT total((length(images) - length(replace(images, ?, ''))) / length(?)),
                total((length(images) - length(replace(images, ?, ''))) / length(?))
            FROM (SELECT images FROM journal WHERE seq = ?
                UNION ALL SELECT images FROM journal_parts WHERE seq = ?)""",
            [*['{"kind":'] * 2, *['{"kind":"article"'] * 2, seq, seq],
        )
        values, articles = rows[0]
        return int(values), int(articles)

    def images_of(self, seq: int, *, backwards: bool = False) -> Iterator[Image]:
        """What entry `seq` of the journal changed, in the order of the edit, however much it is.

        Args:
            backwards: the last change first. Raises `NotFound`.
        """
        (count,) = self._store.rows("SELECT count(*) FROM journal_parts WHERE seq = ?", [seq])[0]
        for n in range(count, -1, -1) if backwards else range(count + 1):
            rows = (
                self._store.rows("SELECT images FROM journal WHERE seq = ?", [seq])
                if n == count
                else self._store.rows(
                    "SELECT images FROM journal_parts WHERE seq = ? AND n = ?", [seq, n]
                )
            )
            if not rows:
                raise NotFound(_("The journal has no entry {seq}.").format(seq=seq))
            images = images_from(rows[0][0])
            yield from reversed(images) if backwards else images

    def _entry(self, seq: int) -> Entry | None:
        return Entry(*self._store.rows(f"{_ENTRY} WHERE seq = ?", [seq])[0]) if seq else None

    def _next_steps(self) -> tuple[int, int]:
        if self._steps is None:
            self._steps = (next(self._done_steps(), 0), self._last_undone())
        return self._steps

    def _backwards(self) -> Iterator[tuple[int, EntryKind, int | None]]:
        """(seq, kind, target) of the journal, newest first, read only as far as it is asked for."""
        steps = self._store.stream(
            "SELECT seq, kind, target FROM journal WHERE kind <> 'system' ORDER BY seq DESC"
        )
        with closing(steps):
            yield from steps

    def _done_steps(self) -> Iterator[int]:
        """The undo stack from its top: each undo in the journal takes one off, below it."""
        taken = 0
        for seq, kind, target in self._backwards():
            if kind == "undo":
                taken += 1
            elif taken:
                taken -= 1
            else:
                yield target if kind == "redo" and target else seq

    def _last_undone(self) -> int:
        """The edit that stands on top of the redo stack, which a new edit empties."""
        redone = 0
        for _seq, kind, target in self._backwards():
            if kind == "do":
                break
            if kind == "redo":
                redone += 1
            elif redone:
                redone -= 1
            else:
                return target or 0
        return 0

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
                self._store.sign(self.annotator)
                yield edit
                if kind == "do" and self.companion and edit.images and not edit.parts:
                    self.companion.complete(edit)
                images = edit.images
                if images or edit.parts:
                    self.decisions.count(images, kind)
                    self._write_entry(edit, images, kind, target)
                self._guard.check()
                if self._hold is not None:
                    self._hold.check()
                self._store.execute("COMMIT")
            except BaseException:
                self._take_back()
                raise
        except sqlite3.Error as error:
            raise opening.not_saved(error) from error
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
            raise ChangedMeanwhile(
                _("{name} was changed by another program meanwhile.").format(name=self.path.name),
                _("Nothing was overwritten. Look at what is there now, then repeat your edit."),
            )

    def save_copy(self, path: Path | str) -> Path:
        """Write all that is in the project to a new file, also while its own disk is full or its
        folder is gone. It appears there whole, or not at all. Raises `ProjectError`."""
        path = Path(path).resolve()
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

    # -- what was decided

    def vetoes(self, article: str = "") -> list[Veto]:
        """What is never to be suggested: in the whole project, and in `article`."""
        return self._store.vetoes("article IN ('', ?)", [article])

    def all_vetoes(self) -> list[Veto]:
        """Every veto of the project and of its articles."""
        return self._store.vetoes("1", [])

    def articles_with_open(self, type: str, *, relations: bool) -> list[str]:
        """The articles with an open suggestion of this type."""
        end = "<>" if relations else "="
        rows = self._store.rows(
            "SELECT DISTINCT article FROM suggestions"
            f" WHERE state = 'open' AND type = ? AND head {end} ''",
            [type],
        )
        return [row[0] for row in rows]

    def _write_entry(
        self, edit: Edit, images: tuple[Image, ...], kind: EntryKind, target: int | None
    ) -> None:
        self._store.execute(
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

    def _must_write(self) -> None:
        if self.read_only:
            raise ReadOnlyProject(
                _("{name} is open for reading only{why}.").format(
                    name=self.path.name, why=f": {self.why}" if self.why else ""
                ),
                _("Close the other window, or work on a copy in a folder that you may write to."),
            )


def _in_text(mention: Mention) -> tuple[int, int, str]:
    """By place, the longer of two first."""
    parts = mention.fragments
    return (parts[0][0], -parts[-1][1], mention.id)


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
