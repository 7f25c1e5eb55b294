"""Copies of one project that were edited apart: recognised, told, never merged.

Each entry of the journal has the moment, the person and what was done; two files that begin with
the same entries were one once. Where the entries differ for the first time, their ways parted.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeAlias

from core import opening
from core.errors import ProjectError
from core.handles import is_open_here
from core.hold import log_of
from core.i18n import _, ngettext
from core.mainfile import harden
from core.project import SUFFIX, Project
from core.schema import VERSION

How: TypeAlias = Literal["same", "behind", "ahead", "apart", "other"]
Head: TypeAlias = tuple[int, str]  # seq and moment of an entry: enough to know it again

_BESIDE = 50  # files in a project's folder that are looked at, the newest
_NAMED = 5  # articles that are called by name
# What restoring moved away was edited apart by intent.
_KEPT = re.compile(r"\.before-\d{8}T\d+Z$")
_ENTRY = "SELECT at, annotator, kind, target, article, label FROM journal WHERE seq = ?"


@dataclass(frozen=True, slots=True)
class Side:
    """What people did in one of two files since their ways parted.

    Attributes:
        edits: how many; what suggesters did does not count.
        last: moment of the last one, UTC, ISO 8601; empty without any.
        people: who made them.
        articles: id to title of the articles that they were made in.
    """

    edits: int
    last: str
    people: tuple[str, ...]
    articles: dict[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How another file stands to a project.

    Attributes:
        path: the other file.
        how: ``same``: the same edits; ``behind``: it lacks some of ours; ``ahead``: it has all of
            ours and more; ``apart``: each has edits that the other lacks; ``other``: another
            project, with no entry in common.
        parted: moment of the last common entry, UTC, ISO 8601; empty for another project.
        common: how many entries they have in common.
    """

    path: Path
    how: How
    common: int
    parted: str
    ours: Side
    theirs: Side

    @property
    def touched_twice(self) -> dict[str, str]:
        """The articles (id to title) that were edited in both."""
        return {
            id: title or self.theirs.articles[id]
            for id, title in self.ours.articles.items()
            if id in self.theirs.articles
        }


def compare(path: Path, other: Path) -> Comparison:
    """Compare the histories of two project files. Neither is changed. Raises `ProjectError`."""
    with _history(path) as mine, _history(other) as its:
        low, high = 0, min(_last(mine), _last(its))
        # The journal is append-only: where an entry is the same, all before it are.
        while low < high:
            middle = (low + high + 1) // 2
            if _entry(mine, middle) == _entry(its, middle):
                low = middle
            else:
                high = middle - 1
        ours, theirs = _since(mine, low), _since(its, low)
        parted = _entry(mine, low)
        return Comparison(
            other, _how(low, ours, theirs), low, parted[0] if parted else "", ours, theirs
        )


def beside(path: Path, *, kept: bool = False) -> list[Comparison]:
    """The project files in the folder of the project at `path` that are copies of it with edits
    that it lacks. What can't be read is left out, and what restoring moved away unless `kept`."""
    files: list[tuple[float, Path]] = []
    with suppress(OSError):
        for file in path.parent.iterdir():
            if file.suffix == SUFFIX and file != path and (kept or not _KEPT.search(file.stem)):
                with suppress(OSError):
                    files.append((file.stat().st_mtime, file))
    found = []
    for _time, file in islice(sorted(files, reverse=True), _BESIDE):
        with suppress(ProjectError):
            comparison = compare(path, file)
            if comparison.how in ("apart", "ahead"):
                found.append(comparison)
    return found


def fullest(path: Path, files: Iterable[Path]) -> Path | None:
    """Of `files`, the one with the latest edit that the project at `path` lacks, if one has any."""
    best: Comparison | None = None
    for file in files:
        with suppress(ProjectError):
            found = compare(path, file)
            if found.how in ("apart", "ahead") and (
                best is None or found.theirs.last > best.theirs.last
            ):
                best = found
    return best.path if best else None


def head(project: Project) -> Head:
    """The newest entry of the journal; (0, "") where there is none."""
    entries = project.journal(1)
    return (entries[0].seq, entries[0].at) if entries else (0, "")


def has(project: Project, head: Head) -> bool:
    """Whether the journal has this entry."""
    return head[0] == 0 or bool(
        project._store.rows("SELECT 1 FROM journal WHERE seq = ? AND at = ?", list(head))
    )


def brief(found: Comparison) -> str:
    """A copy that is apart or ahead, in a line."""
    return _("{other} is a copy of this project, edited apart since {time}: there {theirs}, here "
             "{ours}.").format(
        other=found.path.name,
        time=local(found.parted),
        theirs=_edits(found.theirs),
        ours=_edits(found.ours) if found.ours.edits else _("none"),
    )  # fmt: skip


def told(name: str, found: Comparison) -> list[str]:
    """What a person should know: `name` is their project."""
    other = found.path.name
    if found.how == "other":
        return [_("{other} is another project: no edit is in both.").format(other=other)]
    if found.how == "same":
        return [_("{other} has the same edits as {name}.").format(other=other, name=name)]
    if found.how == "behind":
        return [
            _("{other} is an earlier state of {name}, which goes on: {edits}.").format(
                other=other, name=name, edits=_edits(found.ours)
            )
        ]
    if found.how == "ahead":
        return [
            _("{other} goes on where {name} ends: {edits}.").format(
                other=other, name=name, edits=_edits(found.theirs)
            ),
            _(
                "Work on in {other}, or in {name} if those are not wanted; nothing is merged."
            ).format(other=other, name=name),
        ]
    lines = [
        _("{other} is a copy of {name} that was edited apart since {time}.").format(
            other=other, name=name, time=local(found.parted)
        ),
        _("Only in {name}: {edits}.").format(name=name, edits=_edits(found.ours)),
        _("Only in {other}: {edits}.").format(other=other, edits=_edits(found.theirs)),
    ]
    both = found.touched_twice
    if both:
        lines.append(_("Edited in both: {articles}.").format(articles=_listed(both)))
    if len(both) < len(found.theirs.articles):
        only = {id: t for id, t in found.theirs.articles.items() if id not in both}
        lines.append(
            _("Edited only in {other}: {articles}.").format(other=other, articles=_listed(only))
        )
    lines.append(
        _("Nothing is merged by itself, and nothing is lost: keep both, and make by hand in one of "
          "them what only the other has.")
    )  # fmt: skip
    return lines


def _edits(side: Side) -> str:
    n = side.edits
    return ngettext(
        "{n} edit (by {people}, last {time})",
        "{n} edits (by {people}, last {time})",
        n,
    ).format(n=f"{n:,}", people=", ".join(side.people[:_NAMED]), time=local(side.last))


def local(at: str) -> str:
    """A moment (UTC, ISO 8601) as a person reads it, in their own time."""
    try:
        return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return at


def _listed(articles: dict[str, str]) -> str:
    names = [f"“{title or id}”" for id, title in islice(articles.items(), _NAMED)]
    more = len(articles) - len(names)
    return ", ".join(names) + (" " + _("and {n} more").format(n=f"{more:,}") if more else "")


# -- reading


@contextmanager
def _history(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, leaves no file behind, and finds our own tables."""
    path = path.resolve()
    version = opening.checked_version(path)
    if version < 2:  # its tables can't be read without trust
        raise ProjectError(
            _("{name} was made by an older Goldsmith.").format(name=path.name),
            _("Open it once for writing to bring it up to date."),
        )
    connection: sqlite3.Connection | None = None
    try:
        log = log_of(path)
        if is_open_here(path) or (log.exists() and log.stat().st_size):
            connection = opening.connect(path, read_only=True)
        else:  # nobody writes: no shared memory is needed, and none is left behind
            uri = path.resolve().as_uri() + "?mode=ro&immutable=1"
            connection = harden(sqlite3.connect(uri, uri=True, isolation_level=None))
        if version <= VERSION:
            opening.check_schema(connection, path.name, version)
        elif _type_of(connection, "journal") != "table" or (
            _type_of(connection, "articles") != "table"
        ):
            raise sqlite3.DatabaseError(_("it has no journal that we know"))
        yield connection
    except sqlite3.Error as error:
        raise opening.not_opened(path, error) from error
    finally:
        if connection is not None:
            connection.close()


def _type_of(connection: sqlite3.Connection, name: str) -> str:
    row = connection.execute("SELECT type FROM sqlite_master WHERE name = ?", [name]).fetchone()
    return str(row[0]) if row else ""


def _last(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0])


def _entry(connection: sqlite3.Connection, seq: int) -> Any:
    return connection.execute(_ENTRY, [seq]).fetchone()


def _since(connection: sqlite3.Connection, seq: int) -> Side:
    """What people did after entry `seq`."""
    after = "FROM journal WHERE seq > ? AND kind <> 'system'"
    n, last = connection.execute(f"SELECT count(*), max(at) {after}", [seq]).fetchone()
    people = connection.execute(f"SELECT DISTINCT annotator {after} ORDER BY 1", [seq])
    articles = connection.execute(
        f"SELECT id, title FROM articles WHERE id IN (SELECT article {after}) ORDER BY position",
        [seq],
    )
    return Side(
        n, last or "", tuple(str(p) for (p,) in people), {str(i): str(t) for i, t in articles}
    )


def _how(common: int, ours: Side, theirs: Side) -> How:
    if common == 0:
        return "other" if ours.edits or theirs.edits else "same"
    if ours.edits and theirs.edits:
        return "apart"
    if ours.edits:
        return "behind"
    return "ahead" if theirs.edits else "same"
