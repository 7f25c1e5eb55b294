"""Whether a project file is sound: pages, references, texts, and a journal that tells the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core import codec
from core.annotation import Kind, Mention, Relation, Suggestion
from core.article import Article
from core.codec import Value
from core.errors import Damaged
from core.i18n import _
from core.project import Project
from core.schema import VERSION, reference

Key = tuple[Kind, str]


def check(project: Project) -> Iterator[str]:
    """What is wrong with the file of `project`, one line each; nothing when it is sound.

    Pages and indexes are as SQLite wants them, every reference leads somewhere, every text is what
    was imported, the index of words fits the texts, and the journal, replayed from its first entry,
    gives exactly the tables.
    """
    store = project._store
    try:
        for (answer,) in store.rows("PRAGMA integrity_check"):
            if answer != "ok":
                yield f"integrity: {answer}"
        for orphan in orphans(project):
            yield str(orphan)
        if not project.read_only:  # SQLite checks the index of words only where it may write
            project.index_words()
            store.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        yield from _texts(project)
        yield from _journal(project)
    except sqlite3.Error as error:
        yield f"unreadable: {error}"
    except Damaged as error:
        yield f"unreadable: {error.message} {error.__cause__ or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Orphan:
    """A row that refers to what is not there: another program wrote to the file.

    Attributes:
        table, id: where it is; the id is empty where the row has none.
        column, value: what it refers to; of a mention without a place, ``fragments`` and nothing.
    """

    table: str
    id: str
    column: str
    value: str

    def __str__(self) -> str:
        if self.column == "fragments":
            return _("{table} {id}: it has no place in its text").format(
                table=self.table, id=self.id
            )
        if not self.id:
            return _("{table}: a row whose {column} is not there").format(
                table=self.table, column=self.column
            )
        return _("{table} {id}: its {column} {value} is not there").format(
            table=self.table, id=self.id, column=self.column, value=self.value
        )


GOLD = ("mentions", "fragments", "relations")


def orphans(project: Project, tables: Sequence[str] = ()) -> Iterator[Orphan]:
    """The rows of `tables` (default: all) that refer to what is not there."""
    store = project._store
    for table in tables or [n for kind, n in reference(VERSION) if kind == "table"]:
        columns = {n: c for n, _s, _p, c, *_r in store.rows(f"PRAGMA foreign_key_list({table})")}
        for _table, rowid, _parent, number in store.rows(f"PRAGMA foreign_key_check({table})"):
            column = columns[number]
            found = (
                store.rows(f"SELECT *, {column} FROM {table} WHERE rowid = ?", [rowid])
                if (rowid is not None)
                else []
            )
            for row in found or [("", "")]:
                yield Orphan(table, str(row[0]), column, str(row[-1]))
        if table == "mentions":
            for (id,) in store.rows(
                "SELECT id FROM mentions m"
                " WHERE NOT EXISTS (SELECT 1 FROM fragments f WHERE f.mention = m.id)"
            ):
                yield Orphan(table, id, "fragments", "")


def replay(project: Project) -> dict[Key, Value]:
    """What the journal alone says is there, without the articles' texts."""
    found: dict[Key, Value] = {}
    for (seq,) in project._store.rows("SELECT seq FROM journal ORDER BY seq"):
        for image in project.images_of(seq):
            if image.after is None:
                found.pop((image.kind, image.id), None)
            else:
                found[image.kind, image.id] = image.after
    return found


def tables(project: Project) -> dict[Key, Value]:
    """What the tables say is there, without the articles' texts."""
    store = project._store
    values: list[Value] = [
        *(replace(a, text="") for a in store.articles("removed = 0", [])),
        *store.mentions("1", []),
        *store.relations("1", []),
        *store.entities("1", []),
        *store.suggestions("1", []),
        *store.vetoes("1", []),
    ]
    return {(codec.kind_of(value), value.id): value for value in values}


def _texts(project: Project) -> Iterator[str]:
    for id, text, sha256, characters in project._store.execute(
        "SELECT id, text, sha256, characters FROM articles"
    ):
        if Article(id, text).sha256 != sha256 or len(text) != characters:
            yield f"article {id}: its text is not what was imported"


def _journal(project: Project) -> Iterator[str]:
    told, there = replay(project), tables(project)
    for key in told.keys() | there.keys():
        a, b = told.get(key), there.get(key)
        if a != b and codec_form(a) != codec_form(b):
            yield f"{key[0]} {key[1]}: the journal says {a}, the table {b}"


def codec_form(value: Value | None) -> str:
    """The JSON form, in which a tuple is a list: what the file can tell apart."""
    return "" if value is None else codec.dumps(codec.to_dict(value))


def dangling(project: Project) -> Iterator[str]:
    """Relations, gold and openly suggested, with an end that is not there."""
    there = tables(project)
    gold = {v.id for v in there.values() if isinstance(v, Mention)}
    open = {v.id for v in there.values() if isinstance(v, Suggestion) and v.state == "open"}
    for value in there.values():
        if isinstance(value, Relation) and not {value.head, value.tail} <= gold:
            yield f"relation {value.id} has an end that is not there"
        elif isinstance(value, Suggestion) and value.is_relation and value.id in open:
            missing = {value.head, value.tail} - gold - open
            yield from (f"suggested relation {value.id} has no end {id}" for id in missing)
