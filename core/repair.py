"""What can be recovered from a damaged project file, into a new one.

Every table is read as far as SQLite gets, round what it can't read. Articles have their texts in
one place only; all else stands twice, in its table and in the journal, so what is lost in one is
taken from the other. The damaged file is never written to.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core import codec
from core import scheme as schemes
from core.annotation import Entity, Image, Mention, Relation
from core.article import Article
from core.errors import GoldsmithError, ProjectError
from core.i18n import _
from core.project import SUFFIX, Project

_GOLD = ("mentions", "fragments", "relations", "entities", "attributes", "notes")
_FAR = 1 << 20  # rowids that are skipped at most in search of a page that can be read


@dataclass(slots=True)
class Salvage:
    """What came of a repair.

    Attributes:
        path: the new project.
        found: how many articles, mentions, relations, entities, suggestions are in it.
        lost: what could not be recovered, one line each.
    """

    path: Path
    found: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)


def repair(path: Path, out: Path | None = None) -> Salvage:
    """Write what can be recovered from the project at `path` to `out` (default: beside it).

    Raises `ProjectError` when nothing can be read, or `out` is there already.
    """
    out = out or path.with_name(f"{path.stem}.repaired{SUFFIX}")
    if out.exists():
        raise ProjectError(_("{path} exists already.").format(path=out), _("Move it away first."))
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / path.name
        for rest in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(path.with_name(path.name + rest), copy.with_name(copy.name + rest))
        if not copy.exists():
            raise ProjectError(_("There is no project at {path}.").format(path=path))
        reader = _Reader(copy)
        try:
            return _rebuild(reader, out)
        finally:
            reader.close()


class _Reader:
    """Rows of a damaged file, as many as can be read."""

    def __init__(self, path: Path) -> None:
        self.damage: Counter[str] = Counter()
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA cell_size_check = ON")

    def close(self) -> None:
        self._connection.close()

    def rows(self, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a table with a rowid, round pages that can't be read."""
        last, step = -1, 0
        while True:
            try:
                cursor = self._connection.execute(
                    f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid", [last]
                )
                for rowid, *values in cursor:
                    if rowid <= last:  # a damaged page leads back to where we were
                        raise sqlite3.DatabaseError
                    last, step = rowid, 0
                    yield tuple(values)
                return
            except (sqlite3.Error, UnicodeDecodeError):
                self.damage[table] += 1
                step = step * 2 or 1
                last += step
                if step > _FAR:
                    return

    def all(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        """The rows of a table without a rowid, up to the first page that can't be read."""
        found: list[tuple[Any, ...]] = []
        try:
            found.extend(self._connection.execute(f"SELECT {columns} FROM {table}"))
        except (sqlite3.Error, UnicodeDecodeError):
            self.damage[table] += 1
        return found


def _rebuild(reader: _Reader, out: Path) -> Salvage:
    scheme = None
    for key, value in reader.rows("settings", "key, value"):
        if key == "scheme":
            with suppress(GoldsmithError):
                scheme = schemes.parse(value, where="scheme")
    salvage = Salvage(out)
    if scheme is None:
        scheme = schemes.load("news")
        salvage.lost.append(_("The scheme: the one that comes along (news) was put in its place."))
    articles = dict(_articles(reader, salvage))
    told = _journal(reader, salvage)
    values = told
    if reader.damage["journal"] or reader.damage["journal_parts"] or not told:
        # It has gaps: a table that can be read whole knows better, and else knows something.
        values = _tables(reader)
        whole = not sum(reader.damage[table] for table in _GOLD)
        for (kind, id), value in told.items():
            if not (whole and kind in ("mention", "relation", "entity")):
                values.setdefault((kind, id), value)
    if not articles and not values:
        raise ProjectError(
            _("Nothing in this file could be read."),
            _("Restore a backup: goldsmith restore PROJECT"),
        )
    for (kind, id), value in told.items():
        if kind == "article" and id not in articles:
            assert isinstance(value, Article)
            salvage.lost.append(
                _("The text of “{title}” ({id}), and what was said about it.").format(
                    title=value.title, id=id
                )
            )
    _write(out, scheme, articles, values, salvage)
    for table, n in sorted(reader.damage.items()):
        salvage.lost.append(
            _("{n} places in the table {table} could not be read.").format(n=n, table=table)
        )
    return salvage


def _articles(reader: _Reader, salvage: Salvage) -> Iterator[tuple[str, Article]]:
    names = (
        "id", "title", "outlet", "author", "url", "published", "language", "licence", "source",
        "state", "meta", "removed", "text", "sha256",
    )  # fmt: skip
    for row in reader.rows("articles", ", ".join(names)):
        data = dict(zip(names, row, strict=True))
        digest = data.pop("sha256")
        try:
            if hashlib.sha256(data["text"].encode()).hexdigest() != digest:
                salvage.lost.append(
                    _("The text of “{title}”: it is not what was imported.").format(
                        title=data["title"]
                    )
                )
                continue
            meta = {"meta": json.loads(data["meta"]), "removed": bool(data["removed"])}
            yield data["id"], Article(**(data | meta))
        except (AttributeError, TypeError, ValueError):
            salvage.lost.append(_("A row of the articles that makes no sense."))


def _journal(reader: _Reader, salvage: Salvage) -> dict[tuple[str, str], Any]:
    """What the journal says is there, as far as it can be read."""
    found: dict[tuple[str, str], Any] = {}
    parts: dict[int, list[tuple[int, str]]] = {}
    for seq, n, images in reader.rows("journal_parts", "seq, n, images"):
        parts.setdefault(seq, []).append((n, images))
    expected = 1
    for seq, text in reader.rows("journal", "seq, images"):
        if seq != expected:
            reader.damage["journal"] += 1
        expected = seq + 1
        for images in [*(i for _n, i in sorted(parts.get(seq, []))), text]:
            try:
                loaded: tuple[Image, ...] = codec.load_images(images)
            except (ValueError, KeyError, TypeError, AttributeError):
                reader.damage["journal"] += 1
                continue
            for image in loaded:
                if image.after is None:
                    found.pop((image.kind, image.id), None)
                else:
                    found[image.kind, image.id] = image.after
    return found


def _tables(reader: _Reader) -> dict[tuple[str, str], Any]:
    """What the tables say is there: where the journal has gaps, it can't say so alone."""
    values: dict[tuple[str, str], Any] = {}
    fragments: dict[str, list[tuple[int, int, int]]] = {}
    for mention, n, start, end in reader.all("fragments", 'mention, n, start, "end"'):
        fragments.setdefault(mention, []).append((n, start, end))
    attributes: dict[str, dict[str, Any]] = {}
    for item, name, value in reader.all("attributes", "item, name, value"):
        with suppress(ValueError):
            attributes.setdefault(item, {})[name] = json.loads(value)
    notes = dict(reader.rows("notes", "item, text"))
    with suppress(TypeError, ValueError):
        for id, name, type, kb in reader.rows("entities", "id, name, type, kb_id"):
            values["entity", id] = Entity(id, name, type, kb, notes.get(id, ""))
        for id, article, type, entity, annotator, source, score in reader.rows(
            "mentions", "id, article, type, entity, annotator, source, score"
        ):
            parts = codec.fragments_from([[s, e] for _n, s, e in sorted(fragments.get(id, []))])
            if parts:
                values["mention", id] = Mention(
                    id, article, parts, type, attributes.get(id, {}), notes.get(id, ""), entity,
                    annotator or "", source, score,
                )  # fmt: skip
        for id, article, type, head, tail, evidence, annotator, source, score in reader.rows(
            "relations", "id, article, type, head, tail, evidence, annotator, source, score"
        ):
            values["relation", id] = Relation(
                id, article, type, head, tail, codec.fragments_from(json.loads(evidence)),
                attributes.get(id, {}), notes.get(id, ""), annotator or "", source, score,
            )  # fmt: skip
    return values


def _write(
    out: Path,
    scheme: Any,
    articles: dict[str, Article],
    values: dict[tuple[str, str], Any],
    salvage: Salvage,
) -> None:
    """A new project of what was found; what hangs on something lost is counted as lost."""
    here: dict[str, Article] = {}
    for id, article in articles.items():
        known = values.get(("article", id))
        if ("article", id) in values or not any(kind == "article" for kind, _id in values):
            here[id] = replace(known, text=article.text) if known else article
    digests: set[str] = set()
    mentions: dict[str, Mention] = {}
    dropped: Counter[str] = Counter()
    keep: list[Any] = []
    for article in here.values():
        if not article.removed and article.sha256 not in digests:
            digests.add(article.sha256)
            keep.append(article)
    there = {article.id: article for article in keep}
    entities = {v.id: v for (k, _i), v in values.items() if k == "entity"}
    keep += entities.values()
    for (kind, id), value in values.items():
        if kind == "mention":
            home = there.get(value.article)
            if home is None or not all(0 <= s < e <= len(home.text) for s, e in value.fragments):
                dropped["mentions"] += 1
                continue
            if value.entity is not None and value.entity not in entities:
                value = replace(value, entity=None)
            mentions[id] = value
    keep += mentions.values()
    suggestions = {
        v.id: v for (k, _i), v in values.items() if k == "suggestion" and v.article in there
    }
    for (kind, _id), value in values.items():
        if kind == "relation":
            if {value.head, value.tail} <= mentions.keys() and value.article in there:
                keep.append(value)
            else:
                dropped["relations"] += 1
    ends = mentions.keys() | suggestions.keys()
    keep += [s for s in suggestions.values() if not s.is_relation or {s.head, s.tail} <= ends]
    for what, n in dropped.items():
        salvage.lost.append(_("{n} {what} that hung on something lost.").format(n=n, what=what))
    keep += [v for (kind, _id), v in values.items() if kind == "veto"]
    for value in keep:
        salvage.found[codec.kind_of(value)] += 1
    with Project.create(out, scheme) as project, project.edit(_("repair")) as edit:
        for value in keep:
            edit.put(value)
