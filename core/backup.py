"""Copies of a project, made while it is open, kept in a series that thins with age.

They lie in ``NAME.backups`` beside the project, or where its setting ``backups`` says (``off`` for
none), if the person who works here chose that folder (`core.places`). A copy is a whole project: it
opens like any other. It is written beside its place, checked and moved there whole.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core import opening, places
from core.errors import GoldsmithError, ProjectError
from core.hold import Hold
from core.i18n import _
from core.mainfile import harden
from core.project import SUFFIX, Project
from core.schema import VERSION
from core.series import superfluous
from core.store import reason

SETTING = "backups"
OFF = "off"
_NAME = re.compile(r"\.(\d{8}T\d{6}Z)" + re.escape(SUFFIX) + "$")
_STAMP = "%Y%m%dT%H%M%SZ"
_BEFORE = re.compile(r"\.before-(\d{8}T\d{12}Z)" + re.escape(SUFFIX) + "$")
_BEFORE_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy.

    Attributes:
        at: when it was made.
        size: bytes.
        before: it is no copy, but what was in the project's place until somebody went back, `at`.
    """

    path: Path
    at: datetime
    size: int
    before: bool = False


def folder_of(path: Path, setting: str = "") -> Path:
    """Where the copies of the project at `path` lie: where it says, if a person at this computer
    said so, else beside it."""
    if setting and setting != OFF and places.allowed(setting):
        return Path(setting)
    return path.with_name(path.stem + ".backups")


def keep_in(project: Project, folder: str) -> None:
    """A person says where the copies of the project are kept from now on (`OFF`: none are made).
    Raises `ProjectError`."""
    if folder != OFF:
        places.allow(folder)
    project.set_setting(SETTING, folder)


def setting_of(path: Path) -> str:
    """Where the project at `path` says that its copies lie, as far as it can still be read."""
    with suppress(GoldsmithError), Project.open(path, read_only=True) as project:
        return project.setting(SETTING)
    rows = _rows(path, "SELECT value FROM settings WHERE key = ?", [SETTING])
    return str(rows[0][0]) if rows else ""


def _rows(path: Path, sql: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]] | None:
    """The rows of a query of the file at `path`, None where it can't be read."""
    before = opening.logs(path)
    try:
        opening.refuse_pipes(path)
        with closing(opening.connect(path, read_only=True)) as file:
            return file.execute(sql, values).fetchall()
    except sqlite3.Error as error:
        opening.sweep(path, before, error)
    except (OSError, GoldsmithError):
        pass
    return None


def backups(path: Path, setting: str = "") -> list[Backup]:
    """The copies of the project at `path`, newest first; what was made while a clock was ahead is
    none of the newest."""
    now = datetime.now(UTC)
    found = []
    with suppress(OSError):
        for file in folder_of(path, setting).iterdir():
            match = _NAME.search(file.name)
            if not match or file.name[: match.start()] != path.stem:
                continue
            with suppress(OSError, ValueError):  # a broken link, or the 99th of May
                facts = file.stat()
                at = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
                if stat.S_ISREG(facts.st_mode):  # a pipe would be waited for without end
                    found.append(Backup(file, at, facts.st_size))
    return sorted(found, key=lambda b: (b.at <= now, b.at), reverse=True)


def own(path: Path, setting: str = "") -> list[Backup]:
    """As `backups`, without those of other projects of the same name, which may be kept in the same
    folder; of a project that can't be read any more, all of its name."""
    first = _first_entry(path)
    return [b for b in backups(path, setting) if first is None or _first_entry(b.path) == first]


def to_go_to(path: Path, setting: str = "") -> list[Backup]:
    """As `own`, with what was laid aside when somebody went back, who may want to go forward again;
    newest first."""
    first = _first_entry(path)
    aside = []
    with suppress(OSError):
        for file in path.parent.iterdir():
            match = _BEFORE.search(file.name)
            if not match or file.name[: match.start()] != path.stem:
                continue
            with suppress(OSError, ValueError):
                facts = file.stat()
                at = datetime.strptime(match[1], _BEFORE_STAMP).replace(tzinfo=UTC)
                if stat.S_ISREG(facts.st_mode) and (first is None or _first_entry(file) == first):
                    aside.append(Backup(file, at, facts.st_size, before=True))
    now = datetime.now(UTC)
    found = [*own(path, setting), *aside]
    return sorted(found, key=lambda b: (b.at <= now, b.at), reverse=True)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a copy, as far as it could be read in a moment; None for what could not.

    Attributes:
        edit: what a person did last in it, on one line, by whom; empty without an edit.
        at: when, UTC, ISO 8601.
    """

    edit: str | None = None
    annotator: str = ""
    at: str = ""
    articles: int | None = None
    done: int | None = None
    mentions: int | None = None


def contents(copy: Path, seconds: float = 0.3) -> Contents:
    """What is in a copy, to tell it from others. Nothing is written and nothing raised; a file that
    is so large that it takes longer than some `seconds` is told of as far as that."""
    found = Contents()
    end = time.monotonic() + seconds
    uri = copy.resolve().as_uri() + "?mode=ro&immutable=1"
    with suppress(GoldsmithError, sqlite3.Error, OSError, ValueError):
        version = opening.checked_version(copy)
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as file:
            harden(file)
            opening.check_schema(file, copy.name, min(version, VERSION))
            file.set_progress_handler(lambda: int(time.monotonic() > end), 10_000)
            last = file.execute(
                "SELECT substr(label, 1, 200), annotator, at FROM journal WHERE kind <> 'system' "
                "ORDER BY seq DESC LIMIT 1"
            ).fetchone()
            label, annotator, at = map(str, last or ("", "", ""))
            found = Contents(" ".join(label.split()), annotator, at)
            articles, done = file.execute(
                "SELECT count(*), total(state = 'done') FROM articles WHERE removed = 0"
            ).fetchone()
            found = replace(found, articles=int(articles), done=int(done))
            (mentions,) = file.execute("SELECT count(*) FROM mentions").fetchone()
            found = replace(found, mentions=int(mentions))
    return found


def back_up(project: Project, now: datetime | None = None) -> Path | None:
    """Copy the project by SQLite's online backup, then thin the series; the copy.

    None where no edit is in the project that is not in a copy, or the person wants none. Raises
    `ProjectError`.
    """
    setting = project.setting(SETTING)
    if setting == OFF:
        return None
    now = now or datetime.now(UTC)
    newest = _newest(project)
    if any(_last_entry(copy.path) == newest for copy in backups(project.path, setting)):
        return None
    folder = folder_of(project.path, setting)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            _("The backup folder {path} can't be made: {error}.").format(
                path=folder, error=error.strerror
            ),
            _("Choose another place: goldsmith backup {name} --folder FOLDER").format(
                name=project.path.name
            ),
        ) from error
    path = folder / f"{project.path.stem}.{now.strftime(_STAMP)}{SUFFIX}"
    while path.exists():  # of a clock that was set back, or stands still
        now += timedelta(seconds=1)
        path = folder / f"{project.path.stem}.{now.strftime(_STAMP)}{SUFFIX}"
    project.save_copy(path)
    try:
        _check(path)
    except ProjectError as error:
        with suppress(OSError):
            path.unlink()  # the earlier ones are better
        raise ProjectError(
            _("No copy was kept: what was copied of {name} is damaged.").format(
                name=project.path.name
            ),
            _("The project, or the disk of its copies, is at fault; earlier copies are kept: "
              "goldsmith restore {name}, or goldsmith check --repair {name}").format(
                name=project.path.name
            ),
        ) from error  # fmt: skip
    thin(project, setting)
    return path


def thin(project: Project, setting: str = "") -> list[Path]:
    """Delete the copies of the project that need not be kept (`core.series`); which.

    Copies with edits that the project does not have are not touched, nor what they began with: they
    are of a copy of it that is edited elsewhere and keeps its own here, or of what was restored.
    """
    ours, others = [], []
    first = _first_entry(project.path)
    for backup in backups(project.path, setting):
        last = _last_entry(backup.path)
        if last is None:
            continue
        if project.moment_of(last[0]) == last[1]:
            ours.append((last, backup))
        elif _first_entry(backup.path) == first:
            others.append(backup)
    series = [
        backup
        for last, backup in sorted(ours, key=lambda known: (known[0], known[1].at))
        if not any(_has_entry(other.path, last) for other in others)
    ]
    deleted = []
    for n in superfluous([backup.at for backup in series]):
        with suppress(OSError):
            series[n].path.unlink()
            deleted.append(series[n].path)
    return deleted


def restore(path: Path, backup: Path) -> Path | None:
    """Put the copy in the place of the project at `path`; where that one was moved to.

    What was there is kept, damaged or not, beside the copies; None if nothing was there. Raises
    `ProjectInUse`, `ProjectError`.
    """
    opening.checked_version(backup)
    _check(backup)
    hold = Hold(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        shutil.copyfile(backup, draft)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        kept = None
        if path.exists():
            stamp = datetime.now(UTC).strftime(_BEFORE_STAMP)
            kept = path.with_name(f"{path.stem}.before-{stamp}{SUFFIX}")
            path.replace(kept)
            for rest in ("-wal", "-shm"):
                with suppress(FileNotFoundError):
                    path.with_name(path.name + rest).replace(kept.with_name(kept.name + rest))
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ProjectError(
            _("{path} can't be restored: {error}.").format(path=path, error=error.strerror),
            _("Check that the disk has room; nothing was deleted."),
        ) from error
    finally:
        hold.release()
    return kept


def _check(path: Path) -> None:
    """Raise `ProjectError` if the copy at `path` is damaged."""
    try:
        connection = opening.connect(path, read_only=True)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] < 2:
                connection.execute("PRAGMA trusted_schema = ON")
            ((answer,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
        finally:
            connection.close()
            opening.tidy(path)
    except sqlite3.Error as error:
        answer = reason(error)
    if answer != "ok":
        raise ProjectError(
            _("The copy {path} is damaged ({error}).").format(path=path, error=answer),
            _("Choose another one: goldsmith backup PROJECT --list"),
        )


def _newest(project: Project) -> tuple[int, str]:
    entries = project.journal(1)
    return (entries[0].seq, entries[0].at) if entries else (0, "")


def _first_entry(path: Path) -> tuple[int, str] | None:
    """What tells the copies of one project from those of another."""
    rows = _rows(path, "SELECT seq, at FROM journal ORDER BY seq LIMIT 1")
    if rows is None:
        return None
    return (int(rows[0][0]), str(rows[0][1])) if rows else (0, "")


def _last_entry(path: Path) -> tuple[int, str] | None:
    rows = _rows(path, "SELECT seq, at FROM journal ORDER BY seq DESC LIMIT 1")
    if rows is None:
        return None
    return (int(rows[0][0]), str(rows[0][1])) if rows else (0, "")


def _has_entry(path: Path, entry: tuple[int, str]) -> bool:
    rows = _rows(path, "SELECT at FROM journal WHERE seq = ?", [entry[0]])
    return rows == [(entry[1],)] or entry[0] == 0
