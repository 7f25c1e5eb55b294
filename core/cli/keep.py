"""Commands that keep a project safe: copies, going back to one, repair, stale notes."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.amount import amount
from core.cli import existing
from core.cli.app import PROJECT, app, examples, open_project
from core.i18n import _, ngettext

if TYPE_CHECKING:
    from core.repair import Salvage

_MOST = 200  # faults that are named


class Verb(StrEnum):
    """What `goldsmith step` can do."""

    UNDO = "undo"
    REDO = "redo"


def _recovered(salvage: Salvage) -> str:
    counts = ", ".join(amount(n, what) for what, n in salvage.found.items())
    if counts:
        return _("Recovered to {path}: {counts}.").format(path=salvage.path, counts=counts)
    return _("No article and no annotation could be recovered; {path} is empty.").format(
        path=salvage.path
    )


def repair(path: Path) -> None:
    """`goldsmith check --repair`."""
    from core.cli.say import Code, tell, tell_some
    from core.repair import repair as recover

    salvage = recover(path)
    tell(_recovered(salvage))
    if salvage.taken:
        tell(_("Not of this file, but the same:"))
        tell_some(salvage.taken)
    if salvage.lost:
        tell(_("Not recovered:"))
        tell_some(salvage.lost)
        raise typer.Exit(Code.FAILED)


@app.command(hidden=True, help=_("Say whether a project's file is sound."))
def sound(project: PROJECT) -> None:
    from core import soundness
    from core.cli.say import Code, tell_report

    with open_project(project, read_only=True) as opened:
        found = list(islice(soundness.check(opened), _MOST))
        articles = amount(opened.count(), "articles")
    if not found:
        tell_report(
            _("The file is sound: it can be read throughout, every text is as it was added, and "
              "the journal of all edits gives what the file holds. {articles}.").format(
                articles=articles
            ),
            [],
        )  # fmt: skip
        return
    tell_report(
        ngettext(
            "The file is damaged: {n} thing is not as it should be.",
            "The file is damaged: {n} things are not as they should be.",
            len(found),
        ).format(n=len(found)),
        found,
    )
    raise typer.Exit(Code.FAILED)


@app.command(hidden=True, help=_("Write what can be read of a damaged project to a new file."))
def recover(
    project: PROJECT,
    out: Annotated[Path, typer.Argument(metavar="OUT", help=_("The new file."))],
) -> None:
    from core.cli.say import tell_report
    from core.repair import repair as rescue

    salvage = rescue(existing(project), out)
    lines = [_("Not of this file, but the same:"), *salvage.taken] if salvage.taken else []
    lines += [_("Not recovered:"), *salvage.lost] if salvage.lost else []
    tell_report(
        _recovered(salvage),
        lines or [_("Nothing was lost.")],
        path=str(salvage.path),
    )


def compare(path: Path, other: Path, *, as_json: bool) -> None:
    """`goldsmith check --against`."""
    from core import apart
    from core.cli.say import Code, write

    found = apart.compare(path, other)
    if as_json:
        facts = asdict(found) | {"path": str(other), "touched_twice": found.touched_twice}
        write(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for line in apart.told(path.name, found):
            write(line)
    if found.how == "apart":
        raise typer.Exit(Code.FAILED)


def tell_beside(path: Path) -> None:
    """Tell of copies of the project beside it that have edits which it lacks."""
    from core import apart
    from core.cli.say import tell

    for found in apart.beside(path.resolve()):
        tell("", *apart.told(path.name, found))


@app.command(
    short_help=_("Make a copy of a project, or list those that there are."),
    help=_(
        "Copy a project, also while it is open, into NAME.backups beside it. The window does so "
        "when it opens a project and every hour. All copies of the last day are kept, then one of "
        "each of 31 days of work, then one a week."
    ),
    epilog=examples("goldsmith backup syria", "goldsmith backup syria --list"),
)
def backup(
    project: PROJECT,
    listed: Annotated[
        bool, typer.Option("--list", help=_("List the copies, newest first."))
    ] = False,
    folder: Annotated[
        str,
        typer.Option(
            help=_("From now on keep this project's copies there; off: make none by itself."),
            show_default=False,
        ),
    ] = "",
) -> None:
    from core import backup as copies
    from core.cli.say import tell, tell_report, write
    from core.opening import checked_version

    path = existing(project)
    if folder:
        with open_project(project) as opened:
            place = folder if folder == copies.OFF else str(Path(folder).resolve())
            copies.keep_in(opened, place)
        tell(_("Copies of {name} are kept in: {place}").format(name=path.name, place=place))
        return
    if listed:  # also of a project that can't be opened any more: then they are looked for
        there = copies.backups(path, copies.setting_of(path.resolve()))
        if not there:
            checked_version(path)  # is it one at all?
        for one in there:
            write(f"{one.at.astimezone():%Y-%m-%d %H:%M}  {one.size:>14,}  {one.path}")
        return
    with open_project(project, read_only=True) as opened:
        setting = opened.setting(copies.SETTING)
        made = copies.back_up(opened)
    if setting == copies.OFF:
        tell_report(_("No copy is made: this project's copies are off."), [])
    elif made is None:
        tell_report(_("Nothing was edited since the last copy."), [])
    else:
        named = setting and str(made.parent) != setting
        lines = [
            _("The project names another folder for its copies, which you have not chosen: {place}")
            .format(place=setting),
            _("To keep them there: goldsmith backup {name} --folder {place}").format(
                name=path.name, place=setting
            ),
        ]  # fmt: skip
        tell_report(
            _("A copy was saved in {path}.").format(path=made),
            lines if named else [],
            path=str(made),
        )


@app.command(
    short_help=_("Put a copy in the place of a project."),
    help=_(
        "Put a copy (default: the newest that the window or goldsmith backup made) in its place. "
        "What was there is kept beside it."
    ),
    epilog=examples(
        "goldsmith restore syria",
        "goldsmith restore syria syria.backups/syria.20260102T090000Z.goldsmith",
    ),
)
def restore(
    project: PROJECT,
    copy: Annotated[
        Path | None,
        typer.Argument(metavar="[COPY]", help=_("One of its copies."), show_default=False),
    ] = None,
) -> None:
    from core import apart
    from core import backup as copies
    from core.cli.say import tell
    from core.errors import GoldsmithError, NotFound

    path = existing(project).resolve()
    if copy is None:
        there = copies.own(path, copies.setting_of(path))
        if not there:
            raise NotFound(
                _("There is no copy of {name} in {folder}.").format(
                    name=path.name, folder=copies.folder_of(path, copies.setting_of(path))
                ),
                _("Name one: goldsmith restore {name} COPY").format(name=path.name),
            )
        copy = there[0].path
    kept = copies.restore(path, copy)
    tell(_("Restored {path} from {copy}.").format(path=path, copy=copy))
    if kept is not None:
        tell(_("What was there is kept in {path}.").format(path=kept))
        with suppress(GoldsmithError):  # it may have been damaged
            tell(*apart.told(path.name, apart.compare(path, kept)))


@app.command(hidden=True, help=_("Undo the last edit, or redo what was undone last."))
def step(
    project: PROJECT,
    verb: Annotated[Verb, typer.Argument(metavar="undo|redo")],
) -> None:
    from core import edits
    from core.cli.say import progress, tell_report

    with open_project(project) as opened, progress(verb) as show:
        make = edits.undo if verb is Verb.UNDO else edits.redo
        change = make(opened, lambda done, total: show(done, total, ""))
        tell_report(change.label if change is not None else _("There is nothing to do."), [])


@app.command(
    short_help=_("Say that another computer has a project open no more."),
    help=_(
        "A project in a synced folder or on a network drive says beside it which computer has it "
        "open. Where that computer crashed, this takes the note away."
    ),
    epilog=examples("goldsmith unlock syria"),
)
def unlock(project: PROJECT) -> None:
    from core.cli.say import tell
    from core.hold import Hold, holder
    from core.opening import checked_version

    path = existing(project).resolve()
    other = holder(path)
    if other is None:
        checked_version(path)  # is it a project at all?
    if other is None or other.here:
        tell(_("Nobody has {name} open on another computer.").format(name=path.name))
        return
    Hold.forget(path)
    tell(_("{name} is free: {host} had it open.").format(name=path.name, host=other.host))
