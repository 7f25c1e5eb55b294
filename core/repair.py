"""What can be recovered from a damaged project file, into a new one.

Every table is read as far as SQLite gets, round what it can't read. Articles have their texts in
one place only; all else stands twice, in its table and in the journal, so what is lost in one is
taken from the other, or from an earlier copy (`core.earlier`). The damaged file is never written
to.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core import backup, codec, earlier, opening
from core import scheme as schemes
from core.annotation import Entity, Image, Mention, Relation
from core.article import Article
from core.errors import GoldsmithError, ProjectError
from core.graft import graft
from core.hold import log_of
from core.i18n import _, ngettext
from core.project import SUFFIX, Project
from core.schema import reference
from core.scheme import Scheme

_ARTICLE = (
    "id", "title", "outlet", "author", "url", "published", "language", "licence", "source",
    "state", "meta", "removed", "text", "sha256",
)  # fmt: skip
_GOLD = ("mentions", "fragments", "relations", "entities", "attributes", "notes")
_COUNTED = {
    "article": "articles", "mention": "mentions", "relation": "relations", "entity": "entities",
    "suggestion": "suggestions", "veto": "vetoes",
}  # fmt: skip
_FAR = 1 << 20  # rowids that are skipped at most in search of a page that can be read
_MISSING = 1 << 18  # pages that are put in the place of missing ones at most
_LOOKED_AT = 20  # copies, the newest
_NONSENSE = (
    sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError,
)  # fmt: skip


@dataclass(slots=True)
class Salvage:
    """What came of a repair.

    Attributes:
        path: the new project.
        found: how many articles, mentions, relations, entities, suggestions are in it.
        lost: what could not be recovered, one line each.
        taken: what is not of the damaged file itself, one line each.
    """

    path: Path
    found: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


def repair(path: Path, out: Path | None = None) -> Salvage:
    """Write what can be recovered from the project at `path` to `out` (default: beside it).

    Raises `ProjectError` when nothing can be read, or `out` is there already.
    """
    out = out or path.with_name(f"{path.stem}.repaired{SUFFIX}")
    if out.exists():
        raise ProjectError(_("{path} exists already.").format(path=out), _("Move it away first."))
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / path.name
        _copy(path, copy)
        salvage = Salvage(out)
        missing = _made_whole(copy)
        if missing:
            salvage.lost.append(
                _("The last {n} bytes of the file are missing.").format(n=f"{missing:,}")
            )
        cut, ours = list(salvage.lost), opening.is_project(copy)
        reader = _readable(path, copy, salvage)
        known, grafted = None, len(salvage.taken)
        try:
            settings = dict(reader.rows("settings", "key, value"))
            moments = dict(reader.rows("journal", "seq, at"))
            known = earlier.of(path, str(settings.get(backup.SETTING, "")), moments)
            reader.damage.clear()
            try:
                _rebuild(reader, known, salvage)
            except _NONSENSE:
                if known is None:
                    raise
                # SQLite found the copy sound, but what stands in it makes no sense.
                taken = salvage.taken[:grafted]
                salvage = Salvage(out, lost=cut, taken=taken)
                reader.damage.clear()
                _rebuild(reader, None, salvage)
        except _Nothing as error:
            raise _nothing_in(path, ours) from error
        finally:
            reader.close()
            if known is not None:
                known.close()
        return salvage


class _Nothing(Exception):
    """No article and no edit could be read."""


def _nothing_in(path: Path, ours: bool) -> ProjectError:
    if ours:
        return ProjectError(
            _("Nothing in {name} could be read.").format(name=path.name),
            _("Restore a backup: goldsmith restore {name}").format(name=path.name),
        )
    return ProjectError(
        _("{name} is not a Goldsmith project, or nothing of one is left in it.").format(
            name=path.name
        ),
        _("It was not touched. If it was a project, restore a backup: goldsmith restore {name}")
        .format(name=path.name),
    )  # fmt: skip


def _copy(path: Path, copy: Path) -> None:
    """Copy the file at `path` and its log. Raises `ProjectError`."""
    if not path.exists():
        raise opening.no_project(path)
    if not path.is_file():
        raise ProjectError(_("{path} is not a file.").format(path=path), _("Check the name."))
    try:
        shutil.copyfile(path, copy)
        with suppress(FileNotFoundError):
            shutil.copyfile(log_of(path), log_of(copy))
    except OSError as error:
        raise ProjectError(
            _("{path} can't be read: {error}.").format(path=path, error=error.strerror or error),
            _("Check that you may read it, and that the disk has room for a copy."),
        ) from error


def _made_whole(copy: Path) -> int:
    """Fill up with empty pages a file that was cut short: SQLite reads nothing of one that has
    fewer than it says. How many bytes are missing, as far as the file says so. See
    https://sqlite.org/fileformat.html."""
    length, log = copy.stat().st_size, log_of(copy)
    size, told = 4096, 0
    with copy.open("rb+") as file:
        head = file.read(100)
        if head[:16] == opening.MAGIC and len(head) == 100:
            size = int.from_bytes(head[16:18], "big")
            size = 65536 if size == 1 else size
            logged = log.exists() and log.stat().st_size  # then the log has the say, and the pages
            if head[24:28] == head[92:96] and not logged:  # else the count is of another time
                told = int.from_bytes(head[28:32], "big")
        pages = -(-length // size) if size else 0
        if pages < told <= pages + _MISSING:
            pages = told
        if pages * size > length:
            file.truncate(pages * size)
    return max(0, told * size - length)


def _readable(path: Path, copy: Path, salvage: Salvage) -> _Reader:
    """Reads `copy`, that of the damaged file at `path`: where its list of tables is damaged, by
    that of one of the project's copies, or of a new project."""
    reader = _Reader(copy)
    if reader.knows_tables():
        return reader
    reader.close()
    spoilt = copy.read_bytes()
    new = copy.with_name("new" + SUFFIX)
    Project.create(new, schemes.load("news")).close()
    sources = [one.path for one in backup.backups(path)[:_LOOKED_AT]]
    for source in (*sources, new):
        with suppress(OSError):
            if graft(copy, source):
                reader = _Reader(copy)
                if reader.makes_sense():
                    name = _("a new project") if source == new else source.name
                    salvage.taken.append(
                        _("The list of the file's tables, by that of {name}.").format(name=name)
                    )
                    return reader
                reader.close()
        copy.write_bytes(spoilt)
    return _Reader(copy)


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

    @contextmanager
    def lenient(self) -> Iterator[list[bytes]]:
        """Meanwhile bytes that are no text are read as one all the same: which ones so far."""
        misread: list[bytes] = []

        def text(raw: bytes) -> str:
            try:
                return raw.decode()
            except UnicodeDecodeError:
                misread.append(raw[:100])
                return raw.decode(errors="replace")

        self._connection.text_factory = text
        try:
            yield misread
        finally:
            self._connection.text_factory = str

    def knows_tables(self) -> bool:
        """Whether the file still says which tables it has."""
        with suppress(sqlite3.Error, UnicodeDecodeError):
            there = {n for (n,) in self._connection.execute("SELECT name FROM sqlite_master")}
            return all(name in there for kind, name in reference(1) if kind == "table")
        return False

    def makes_sense(self) -> bool:
        """Whether what is read as a text is one, or what is read as an edit is."""
        if not self.knows_tables():
            return False
        for text, digest in self.rows("articles", "text, sha256"):
            if isinstance(text, str) and hashlib.sha256(text.encode()).hexdigest() == digest:
                return True
        with suppress(*_NONSENSE):
            return any(codec.load_images(text) for (text,) in self.rows("journal", "images"))
        return False

    def last(self, table: str) -> int | None:
        """The last number that a table gave to a row, None where that can't be read."""
        with suppress(sqlite3.Error, UnicodeDecodeError):
            for (seq,) in self._connection.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = ?", [table]
            ):
                return int(seq) if isinstance(seq, int) else None
        return None

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


def _rebuild(reader: _Reader, known: earlier.Earlier | None, salvage: Salvage) -> None:
    scheme = _scheme(reader, known, salvage)
    articles = dict(_articles(reader, salvage))
    told, whole_story = _journal(reader, known, salvage)
    if known is not None:
        _take_texts(known, articles, told, salvage)
    values = told
    if not whole_story or not told:
        # It has gaps: a table that can be read whole knows better, and else knows something.
        values = _tables(reader)
        whole = not sum(reader.damage[table] for table in _GOLD)
        for (kind, id), value in told.items():
            if not (whole and kind in ("mention", "relation", "entity")):
                values.setdefault((kind, id), value)
    if not articles and not values:
        raise _Nothing
    for (kind, id), value in told.items():
        if kind == "article" and id not in articles:
            assert isinstance(value, Article)
            salvage.lost.append(
                _("The text of “{title}” ({id}), and what was said about it.").format(
                    title=value.title, id=id
                )
            )
    _write(salvage.path, scheme, articles, values, salvage)
    for table, n in sorted(reader.damage.items()):
        salvage.lost.append(
            _("{n} places in the table {table} could not be read.").format(n=n, table=table)
        )


def _scheme(reader: _Reader, known: earlier.Earlier | None, salvage: Salvage) -> Scheme:
    """The file's own, else that of a copy, else the one that comes along."""
    for key, value in reader.rows("settings", "key, value"):
        if key == "scheme" and isinstance(value, str):
            with suppress(GoldsmithError):
                return schemes.parse(value, where="scheme")
    if known is not None:
        for (value,) in known.rows("SELECT value FROM settings WHERE key = 'scheme'"):
            with suppress(GoldsmithError):
                scheme = schemes.parse(value, where="scheme")
                salvage.taken.append(_("The scheme, from {name}.").format(name=known.path.name))
                return scheme
    salvage.lost.append(_("The scheme: the one that comes along (news) was put in its place."))
    return schemes.load("news")


def _take_texts(
    known: earlier.Earlier,
    articles: dict[str, Article],
    told: dict[tuple[str, str], Any],
    salvage: Salvage,
) -> None:
    """Add the articles that the file lost and the copy has: texts never change."""
    n = 0
    for kind, id in told:
        if kind == "article" and id not in articles:
            names = ", ".join(_ARTICLE)
            for row in known.rows(f"SELECT {names} FROM articles WHERE id = ?", (id,)):
                articles[id] = _article(row)
                n += 1
    if n:
        salvage.taken.append(
            ngettext("The text of {n} article, from {name}.",
                     "The texts of {n} articles, from {name}.", n)
            .format(n=n, name=known.path.name)
        )  # fmt: skip


def _articles(reader: _Reader, salvage: Salvage) -> Iterator[tuple[str, Article]]:
    with reader.lenient() as misread:
        rows = reader.rows("articles", ", ".join(_ARTICLE))
        yield from _sound_articles(rows, misread, salvage)


def _sound_articles(
    rows: Iterator[tuple[Any, ...]], misread: list[bytes], salvage: Salvage
) -> Iterator[tuple[str, Article]]:
    for row in rows:
        bad, misread[:] = bool(misread), []
        try:
            article = _article(row)
            if article.sha256 != row[-1]:
                salvage.lost.append(
                    _("The text of “{title}”: it is not what was imported.").format(
                        title=article.title
                    )
                )
                continue
            if bad:
                salvage.lost.append(
                    _("Letters in what is said of “{title}” ({id}), its text apart.").format(
                        title=article.title[:100], id=article.id
                    )
                )
            yield article.id, article
        except _NONSENSE:
            salvage.lost.append(_("A row of the articles that makes no sense."))


def _article(row: tuple[Any, ...]) -> Article:
    """The article of a row of the columns `_ARTICLE`."""
    data = dict(zip(_ARTICLE[:-1], row, strict=False))
    meta = {"meta": json.loads(data["meta"]), "removed": bool(data["removed"])}
    return Article(**(data | meta))


def _journal(
    reader: _Reader, known: earlier.Earlier | None, salvage: Salvage
) -> tuple[dict[tuple[str, str], Any], bool]:
    """What the journal says is there, and whether it could be read without gaps. As far as a copy
    goes its journal is taken, which is the same."""
    found: dict[tuple[str, str], Any] = {}
    end = reader.last("journal")
    first = 0
    if known is not None:  # it may go further: an earlier state was restored since
        first = known.last if end is None else min(known.last, end)
        for text in known.images(first):
            _replay(text, found)
    parts: dict[int, list[tuple[int, str]]] = {}
    for seq, n, images in reader.rows("journal_parts", "seq, n, images"):
        if isinstance(seq, int) and isinstance(n, int):
            parts.setdefault(seq, []).append((n, images))
    own, expected, gaps = 0, first + 1, 0
    for seq, text in reader.rows("journal", "seq, images"):
        own += 1
        if seq <= first:
            continue
        gaps += seq != expected
        expected = seq + 1
        for images in [*(i for _n, i in sorted(parts.get(seq, []))), text]:
            try:
                _replay(images, found)
            except _NONSENSE:
                gaps += 1
    if end is None:  # not known: any damage may have cost the end
        gaps += reader.damage["journal"]
    else:
        gaps += end >= expected
    if reader.damage["journal_parts"] and expected > first + 1:
        gaps += 1
    if gaps:
        reader.damage["journal"] = max(gaps, reader.damage["journal"])
    elif known is not None and (reader.damage["journal"] or reader.damage["journal_parts"]):
        del reader.damage["journal"], reader.damage["journal_parts"]
        salvage.taken.append(
            _("{n} edits, from {name}.").format(
                n=f"{max(0, expected - 1 - own):,}", name=known.path.name
            )
        )
    return found, not gaps


def _replay(images: str, found: dict[tuple[str, str], Any]) -> None:
    """Follow one text of images. Raises `ValueError` and others where it makes no sense."""
    loaded: tuple[Image, ...] = codec.load_images(images)
    for image in loaded:
        if image.after is None:
            found.pop((image.kind, image.id), None)
        else:
            found[image.kind, image.id] = image.after


def _tables(reader: _Reader) -> dict[tuple[str, str], Any]:
    """What the tables say is there: where the journal has gaps, it can't say so alone."""
    values: dict[tuple[str, str], Any] = {}
    fragments: dict[str, list[tuple[int, int, int]]] = {}
    for mention, n, start, end in reader.all("fragments", 'mention, n, start, "end"'):
        fragments.setdefault(mention, []).append((n, start, end))
    attributes: dict[str, dict[str, Any]] = {}
    for item, name, value in reader.all("attributes", "item, name, value"):
        with suppress(*_NONSENSE):
            attributes.setdefault(item, {})[name] = json.loads(value)
    notes = dict(reader.rows("notes", "item, text"))
    with suppress(*_NONSENSE):
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
    scheme: Scheme,
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
        salvage.found[_COUNTED[codec.kind_of(value)]] += 1
    # Made elsewhere, and in its place whole or not at all, whenever this is broken off.
    with (
        tempfile.TemporaryDirectory() as place,
        Project.create(Path(place) / out.name, scheme) as project,
    ):
        with project.edit(_("repair")) as edit:
            for value in keep:
                edit.put(value)
        project.save_copy(out)
