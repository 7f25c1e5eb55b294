"""Rows of a project file to values and back: the SQL behind `core.project`."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from core.annotation import (
    Attributes,
    Entity,
    Fragment,
    Fragments,
    Image,
    Kind,
    Mention,
    Relation,
    Suggestion,
    Veto,
)
from core.article import Article
from core.codec import Value, fragments_from, kept, load_images, loads
from core.errors import Damaged, ProjectError
from core.i18n import _

_ARTICLE = (
    "id", "title", "outlet", "author", "url", "published", "language", "licence", "source",
    "state", "meta", "removed", "text",
)  # fmt: skip
_SUGGESTION = (
    "id", "article", "type", "fragments", "head", "tail", "evidence", "attributes", "source",
    "score", "why", "state",
)  # fmt: skip
# What one value, a JSON list, holds. A list of marks would make a statement of its own for each
# length, and the connection keeps the last 128 with all that was bound to them: megabytes.
THESE = "(SELECT value FROM json_each(?))"
Rows: TypeAlias = Generator[tuple[Any, ...], None, None]
_ANNOTATION_TABLE: dict[Kind, str] = {
    "mention": "mentions",
    "relation": "relations",
    "entity": "entities",
    "suggestion": "suggestions",
    "veto": "vetoes",
}


def reason(error: sqlite3.Error) -> str:
    """What SQLite's error means to a person."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    known = {
        sqlite3.SQLITE_FULL: _("the disk is full"),
        sqlite3.SQLITE_READONLY: _("the file can't be written any more"),
        sqlite3.SQLITE_CANTOPEN: _("the file or its folder can't be opened any more"),
        sqlite3.SQLITE_BUSY: _("another program is writing to the file"),
        sqlite3.SQLITE_LOCKED: _("another program is writing to the file"),
        sqlite3.SQLITE_CORRUPT: _("the file is damaged"),
        sqlite3.SQLITE_NOTADB: _("the file is damaged"),
        sqlite3.SQLITE_IOERR: _("the disk does not answer as it should ({error})").format(
            error=error
        ),
    }
    return known.get(code & 0xFF, str(error))


def _unreadable(error: sqlite3.Error) -> ProjectError:
    if _is_nonsense(error):
        return Damaged(_("A part of the project can't be read: the file is damaged."), _way_on())
    return ProjectError(
        _("The project can't be read: {reason}.").format(reason=reason(error)),
        _("What was saved before is safe. Check the disk, or save a copy (File menu)."),
    )


def _way_on() -> str:
    return _(
        "Restore a copy, or recover what can be read: File, Check this project… "
        "(goldsmith check --repair)"
    )


def _is_nonsense(error: sqlite3.Error) -> bool:
    """Whether the file is broken, or a text in it is none; the latter only Python tells of."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    broken = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return broken or str(error).startswith("Could not decode to UTF-8")


class Store:
    """Reads and writes the values of one open project file.

    It opens no transaction: the caller (`core.project.Project.edit`) does.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._annotators: set[str] = set()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query. Raises `ProjectError` when the file can't be read any more."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _unreadable(error) from error

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """As `rows`, read only as far as it is asked for."""
        try:
            with closing(self._connection.execute(sql, values)) as cursor:
                yield from cursor
        except sqlite3.Error as error:
            raise _unreadable(error) from error

    def execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows of values."""
        self._connection.executemany(sql, values)

    # -- reading

    def get(self, kind: Kind, id: str) -> Value | None:
        """One value by its id, whatever its state; None if the file has none."""
        found: Sequence[Value]
        if kind == "article":
            found = self.articles("id = ?", [id])
        elif kind == "mention":
            found = self.mentions("m.id = ?", [id])
        elif kind == "relation":
            found = self.relations("r.id = ?", [id])
        elif kind == "entity":
            found = self.entities("id = ?", [id])
        elif kind == "veto":
            found = self.vetoes("id = ?", [id])
        else:
            found = self.suggestions("id = ?", [id])
        return found[0] if found else None

    def articles(self, where: str, values: Sequence[Any]) -> list[Article]:
        """The articles, removed ones too, that fulfil an SQL condition."""
        result = []
        for row in self.rows(f"SELECT {', '.join(_ARTICLE)} FROM articles WHERE {where}", values):
            data = dict(zip(_ARTICLE, row, strict=True))
            data |= {"meta": _object(data["meta"]), "removed": bool(data["removed"])}
            result.append(Article(**data))
        return result

    def mentions(self, where: str, values: Sequence[Any]) -> list[Mention]:
        """The gold mentions that fulfil a condition on the table ``m``."""
        attributes = self._attributes("mentions m", "m.id", where, values)
        found: dict[str, Mention] = {}
        more: dict[str, list[tuple[int, Fragment]]] = {}
        # One row a fragment: nearly all mentions have one, and are read in one go.
        for id, article, type, entity, annotator, source, score, note, n, start, end in self.rows(
            "SELECT m.id, m.article, m.type, m.entity, m.annotator, m.source, m.score, n.text,"
            ' f.n, f.start, f."end" FROM mentions m JOIN fragments f ON f.mention = m.id'
            f" LEFT JOIN notes n ON n.item = m.id WHERE {where}",
            values,
        ):
            if id in found or n:
                more.setdefault(id, []).append((n, Fragment(start, end)))
                if id in found:
                    continue
            found[id] = Mention(
                id,
                article,
                (Fragment(start, end),),
                type,
                attributes.get(id, {}),
                note or "",
                entity,
                annotator or "",
                source,
                score,
            )
        for id, others in more.items():
            first = (0, found[id].fragments[0])
            parts = dict([first, *others])
            found[id] = replace(found[id], fragments=tuple(parts[n] for n in sorted(parts)))
        return list(found.values())

    def relations(self, where: str, values: Sequence[Any]) -> list[Relation]:
        """The gold relations that fulfil a condition on the table ``r``."""
        rows = self.rows(
            "SELECT r.id, r.article, r.type, r.head, r.tail, r.evidence, r.annotator, r.source,"
            " r.score, n.text FROM relations r LEFT JOIN notes n ON n.item = r.id"
            f" WHERE {where} ORDER BY r.rowid",
            values,
        )
        attributes = self._attributes("relations r", "r.id", where, values)
        return [
            Relation(
                id=id,
                article=article,
                type=type,
                head=head,
                tail=tail,
                evidence=_parts(evidence),
                attributes=attributes.get(id, {}),
                note=note or "",
                annotator=annotator or "",
                source=source,
                score=score,
            )
            for id, article, type, head, tail, evidence, annotator, source, score, note in rows
        ]

    def entities(self, where: str, values: Sequence[Any]) -> list[Entity]:
        """The entities that fulfil a condition on the table ``entities``."""
        return [
            Entity(id, name, type, kb_id, note or "")
            for id, name, type, kb_id, note in self.rows(
                "SELECT id, name, type, kb_id, n.text FROM entities LEFT JOIN notes n"
                f" ON n.item = id WHERE {where}",
                values,
            )
        ]

    def suggestions(self, where: str, values: Sequence[Any]) -> list[Suggestion]:
        """The suggestions that fulfil a condition on the table ``suggestions``."""
        result = []
        for row in self.rows(
            f"SELECT {', '.join(_SUGGESTION)} FROM suggestions WHERE {where} ORDER BY rowid",
            values,
        ):
            data = dict(zip(_SUGGESTION, row, strict=True))
            data["fragments"] = _parts(data["fragments"])
            data["evidence"] = _parts(data["evidence"])
            data["attributes"] = _object(data["attributes"])
            if not (data["fragments"] or data["head"]):
                raise _nonsense()
            result.append(Suggestion(**data))
        return result

    def vetoes(self, where: str, values: Sequence[Any]) -> list[Veto]:
        """The vetoes that fulfil an SQL condition."""
        rows = self.rows(f"SELECT id, article, type, words FROM vetoes WHERE {where}", values)
        return [Veto(*row) for row in rows]

    def remembered(self, kind: str, keys: Sequence[str]) -> list[tuple[str, str, int, int]]:
        """(key, type, yes, no) of the memory's rows of a kind with one of `keys`."""
        return self.rows(
            f"SELECT key, type, yes, no FROM memory WHERE kind = ? AND key IN {THESE}",
            [kind, kept(list(keys))],
        )

    def remembered_from(self, kind: str, start: str, *, after: bool = False) -> str | None:
        """The first of the memory's keys of a kind that begin with `start`, if there is one.

        Args:
            after: leave out `start` itself.
        """
        rows = self.rows(
            f"SELECT key FROM memory WHERE kind = ? AND key {'>' if after else '>='} ?"
            " AND key < ? ORDER BY key LIMIT 1",
            [kind, start, start + "\U0010ffff"],
        )
        return str(rows[0][0]) if rows else None

    def count(self, rows: Iterable[tuple[str, str, str, int, int]]) -> None:
        """Add (kind, key, type, yes, no) to the memory; a count below zero is none."""
        self._connection.executemany(
            "INSERT INTO memory VALUES (?1, ?2, ?3, max(0, ?4), max(0, ?5))"
            " ON CONFLICT (kind, key, type) DO UPDATE"
            " SET yes = max(0, yes + ?4), no = max(0, no + ?5)",
            rows,
        )

    def _attributes(
        self, table: str, key: str, where: str, values: Sequence[Any]
    ) -> dict[str, dict[str, Any]]:
        result: dict[str, dict[str, Any]] = defaultdict(dict)
        for item, name, value in self.rows(
            f"SELECT t.item, t.name, t.value FROM {table} JOIN attributes t ON t.item = {key}"
            f" WHERE {where}",
            values,
        ):
            result[item][name] = _value(value)
        return result

    # -- writing

    def put(self, value: Value) -> None:
        """Insert `value`, or update the row with its id."""
        match value:
            case Article():
                self._put_article(value)
            case Mention():
                self._put_mention(value)
            case Relation():
                self._put_relation(value)
            case Entity():
                self._upsert(
                    "entities",
                    {
                        "id": value.id,
                        "name": value.name,
                        "type": value.type,
                        "kb_id": value.kb_id,
                    },
                )
                self._put_note(value.id, value.note)
            case Suggestion():
                data: dict[str, Any] = {name: getattr(value, name) for name in _SUGGESTION}
                for name in ("fragments", "evidence", "attributes"):
                    data[name] = kept(data[name])
                self._upsert("suggestions", data)
            case Veto():
                self._upsert(
                    "vetoes",
                    {
                        "id": value.id,
                        "article": value.article,
                        "type": value.type,
                        "words": value.words,
                    },
                )

    def insert(self, values: Sequence[Value], digests: Mapping[str, str]) -> None:
        """Insert values whose ids are not in the file, many at once and quicker than `put`.

        Args:
            digests: `Article.sha256` by the article's id, as far as it is known already.
        """
        articles = [v for v in values if isinstance(v, Article)]
        gold = [v for v in values if isinstance(v, Mention | Relation)]
        for annotator in {v.annotator for v in gold if v.annotator}:
            self.sign(annotator)
        (top,) = self.rows("SELECT coalesce(max(position), 0) FROM articles")[0]
        rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for position, a in enumerate(articles, start=top + 1):
            rows["articles"].append(
                (a.id, position, a.title, a.outlet, a.author, a.url, a.published, a.language,
                 a.licence, a.source, a.state, kept(a.meta) if a.meta else "{}",
                 int(a.removed), digests.get(a.id) or a.sha256, len(a.text), a.text)
            )  # fmt: skip
        for value in values:
            match value:
                case Entity(id, name, type, kb_id, note):
                    rows["entities"].append((id, name, type, kb_id))
                    if note:
                        rows["notes"].append((id, note))
                case Mention():
                    m = value
                    rows["mentions"].append(
                        (m.id, m.article, m.type, m.entity, m.annotator or None, m.source, m.score)
                    )
                    rows["fragments"].extend((m.id, n, *f) for n, f in enumerate(m.fragments))
                case Relation():
                    r = value
                    rows["relations"].append(
                        (r.id, r.article, r.type, r.head, r.tail, kept(r.evidence),
                         r.annotator or None, r.source, r.score)
                    )  # fmt: skip
                case Suggestion():
                    s = value
                    rows["suggestions"].append(
                        (s.id, s.article, s.type, kept(s.fragments), s.head, s.tail,
                         kept(s.evidence), kept(s.attributes), s.source, s.score, s.why, s.state)
                    )  # fmt: skip
        for item in gold:
            rows["attributes"].extend((item.id, n, kept(v)) for n, v in item.attributes.items())
            if item.note:
                rows["notes"].append((item.id, item.note))
        for table, values_ in rows.items():
            self.insert_rows(table, values_)

    def insert_rows(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert whole rows into a table."""
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def delete(self, kind: Kind, id: str) -> None:
        """Delete the value; an article is marked as removed and keeps its text."""
        if kind == "article":
            self.execute("UPDATE articles SET removed = 1 WHERE id = ?", [id])
            return
        self.execute(f"DELETE FROM {_ANNOTATION_TABLE[kind]} WHERE id = ?", [id])
        if kind in ("mention", "relation"):
            self.execute("DELETE FROM attributes WHERE item = ?", [id])
        if kind not in ("suggestion", "veto"):
            self.execute("DELETE FROM notes WHERE item = ?", [id])

    def sign(self, annotator: str) -> None:
        """Make sure that an annotator of this name is on file."""
        if annotator not in self._annotators:
            self.execute(
                "INSERT OR IGNORE INTO annotators VALUES (?, ?)",
                [annotator, datetime.now(UTC).isoformat(timespec="seconds")],
            )
            self._annotators.add(annotator)

    def forget_annotators(self) -> None:
        """After a rollback: `sign` asks the file again."""
        self._annotators.clear()

    def _put_article(self, article: Article) -> None:
        data: dict[str, Any] = {name: getattr(article, name) for name in _ARTICLE}
        data |= {"meta": kept(article.meta), "removed": int(article.removed)}
        if self.rows("SELECT 1 FROM articles WHERE id = ?", [article.id]):
            del data["text"]  # immutable, and the journal's images do not carry it
            self._retitle(article)
            self._update("articles", data)
            return
        (top,) = self.rows("SELECT coalesce(max(position), 0) FROM articles")[0]
        data |= {
            "position": top + 1,
            "sha256": article.sha256,
            "characters": len(article.text),
        }
        self._upsert("articles", data)

    def index_words(self, limit: int = 500) -> int:
        """Bring the index of words up to the newest articles, `limit` of them at most; how many
        there were. It lags behind, so that adding many articles need not wait for it."""
        done = self._words_to()
        rows = self.rows(
            "SELECT position, title, text FROM articles WHERE position > ? ORDER BY position"
            " LIMIT ?",
            [done, limit],
        )
        if rows:
            self._connection.executemany(
                "INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)", rows
            )
            self.execute(
                "INSERT INTO settings VALUES ('words', ?) ON CONFLICT (key) DO UPDATE SET value ="
                " excluded.value",
                [str(rows[-1][0])],
            )
        return len(rows)

    def _words_to(self) -> int:
        """The position up to which the index of words knows the articles."""
        rows = self.rows("SELECT value FROM settings WHERE key = 'words'")
        if not rows:
            return 0
        position = _value(rows[0][0])
        if not isinstance(position, int):
            raise _nonsense()
        return position

    def _retitle(self, article: Article) -> None:
        """Bring the index of words up to date with a new title (the index holds no text, and is
        told the old one to take it out)."""
        ((at, title),) = self.rows(
            "SELECT position, title FROM articles WHERE id = ?", [article.id]
        )
        if title != article.title and at <= self._words_to():
            ((text,),) = self.rows("SELECT text FROM articles WHERE id = ?", [article.id])
            self.execute(
                "INSERT INTO words (words, rowid, title, text) VALUES ('delete', ?, ?, ?)",
                [at, title, text],
            )
            self.execute(
                "INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)",
                [at, article.title, text],
            )

    def _put_mention(self, mention: Mention) -> None:
        annotator = mention.annotator or None
        if annotator:
            self.sign(annotator)
        self._upsert(
            "mentions",
            {
                "id": mention.id,
                "article": mention.article,
                "type": mention.type,
                "entity": mention.entity,
                "annotator": annotator,
                "source": mention.source,
                "score": mention.score,
            },
        )
        self._put_fragments(mention.id, mention.fragments)
        self._put_attributes(mention.id, mention.attributes)
        self._put_note(mention.id, mention.note)

    def _put_relation(self, relation: Relation) -> None:
        annotator = relation.annotator or None
        if annotator:
            self.sign(annotator)
        self._upsert(
            "relations",
            {
                "id": relation.id,
                "article": relation.article,
                "type": relation.type,
                "head": relation.head,
                "tail": relation.tail,
                "evidence": kept(relation.evidence),
                "annotator": annotator,
                "source": relation.source,
                "score": relation.score,
            },
        )
        self._put_attributes(relation.id, relation.attributes)
        self._put_note(relation.id, relation.note)

    def _put_fragments(self, mention: str, parts: Fragments) -> None:
        self.execute("DELETE FROM fragments WHERE mention = ?", [mention])
        self._connection.executemany(
            "INSERT INTO fragments VALUES (?, ?, ?, ?)",
            [(mention, n, f.start, f.end) for n, f in enumerate(parts)],
        )

    def _put_attributes(self, item: str, attributes: Attributes) -> None:
        self.execute("DELETE FROM attributes WHERE item = ?", [item])
        self._connection.executemany(
            "INSERT INTO attributes VALUES (?, ?, ?)",
            [(item, name, kept(value)) for name, value in attributes.items()],
        )

    def _put_note(self, item: str, text: str) -> None:
        self.execute("DELETE FROM notes WHERE item = ?", [item])
        if text:
            self.execute("INSERT INTO notes VALUES (?, ?)", [item, text])

    def _upsert(self, table: str, data: dict[str, Any]) -> None:
        names = [f'"{name}"' for name in data]
        self.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            f" ON CONFLICT (id) DO UPDATE SET {_assignments(data)}",
            [*data.values(), *_but_id(data)],
        )

    def _update(self, table: str, data: dict[str, Any]) -> None:
        self.execute(
            f"UPDATE {table} SET {_assignments(data)} WHERE id = ?",
            [*_but_id(data), data["id"]],
        )


def _value(text: str) -> Any:
    """What a JSON text says. Raises `ProjectError` where somebody else put something there."""
    try:
        return loads(text)
    except (ValueError, RecursionError) as error:
        raise _nonsense() from error


def _object(text: str) -> dict[str, Any]:
    value = _value(text)
    if not isinstance(value, dict):
        raise _nonsense()
    return value


def _parts(text: str) -> Fragments:
    try:
        parts = fragments_from(_value(text))
    except (TypeError, ValueError) as error:
        raise _nonsense() from error
    for start, end in parts:
        if type(start) is not int or type(end) is not int or not 0 <= start < end < 1 << 31:
            raise _nonsense()
    return parts


def _nonsense() -> Damaged:
    return Damaged(
        _("The project holds something that makes no sense: another program wrote to it."),
        _way_on(),
    )


def images_from(text: str) -> tuple[Image, ...]:
    """The images of a text of the journal. Raises `ProjectError`."""
    try:
        return load_images(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _nonsense() from error


def _assignments(data: dict[str, Any]) -> str:
    return ", ".join(f'"{name}" = ?' for name in data if name != "id")


def _but_id(data: dict[str, Any]) -> Iterable[Any]:
    return [value for name, value in data.items() if name != "id"]
