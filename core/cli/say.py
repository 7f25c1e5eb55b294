"""What a command says: to a person on stderr, data on stdout, errors as one line and a hint."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from core.errors import GoldsmithError, ProjectInUse
from core.i18n import _
from core.workflow import Progress as Callback

LOSSES = 1_000  # that the window lists one by one
LINES = 20  # of one kind, before the rest is only counted
EVENTS = "GOLDSMITH_EVENTS"  # set by the window: progress and report as JSON lines on stdout
DEBUG = "GOLDSMITH_DEBUG"  # set it to see the traceback of an unexpected error


class Code(IntEnum):
    """Exit codes."""

    OK = 0
    FAILED = 1  # something was refused, or `check` found errors
    USAGE = 2  # typer's own
    IN_USE = 3
    UNEXPECTED = 4
    STOPPED = 130  # Ctrl+C, as shells have it


def console() -> Console:
    """Where a person reads; made anew, so that a redirected stderr is respected."""
    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


def tell(*lines: str) -> None:
    """Lines for a person."""
    for line in lines:
        console().print(line)


def tell_some(lines: Sequence[str], limit: int = LINES) -> None:
    """The first lines for a person, and how many more there are."""
    tell(*(f"  {line}" for line in lines[:limit]))
    if len(lines) > limit:
        tell("  " + _("… and {n} more.").format(n=f"{len(lines) - limit:,}"))


def warn(message: str, hint: str = "") -> None:
    """What went wrong, and what to do next."""
    out = console()
    out.print(Text.assemble(("goldsmith: ", "bold red"), message))
    if hint:
        out.print(hint)


def write(text: str) -> None:
    """Data on stdout."""
    typer.echo(text)


def write_table(rows: Iterable[Sequence[str | int]], indent: int = 0) -> None:
    """Columns on stdout; whole numbers are set right, nothing is cut."""
    table = list(rows)
    if not table:
        return
    widths = [max(len(_cell(row[i])) for row in table) for i in range(len(table[0]))]
    for row in table:
        cells = [
            _cell(c).rjust(w) if isinstance(c, int) else _cell(c).ljust(w)
            for c, w in zip(row, widths, strict=True)
        ]
        write(" " * indent + "  ".join(cells).rstrip())


def _cell(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else value


@contextmanager
def told() -> Iterator[None]:
    """Every error in the block ends the command with a line for a person and its exit code."""
    try:
        yield
    except ProjectInUse as error:
        warn(error.message, error.hint)
        raise typer.Exit(Code.IN_USE) from error
    except GoldsmithError as error:
        if for_program():
            write_json(error=str(error).removesuffix(error.hint).strip(), hint=error.hint)
        where = GoldsmithError(str(error).removesuffix(error.hint).strip(), error.hint)
        warn(where.message, where.hint)
        raise typer.Exit(Code.FAILED) from error
    except KeyboardInterrupt as error:
        warn(_("Stopped; what was not finished was not kept."))
        raise typer.Exit(Code.STOPPED) from error
    except BrokenPipeError as error:
        # Whoever read our output has seen enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Code.OK) from error
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        if type(error).__module__.startswith(("click", "typer")):
            raise
        warn(
            _("This should not have happened: {kind}: {error}").format(
                kind=type(error).__name__, error=error
            ),
            _("Please tell us how you came here; {name}=1 shows where.").format(name=DEBUG),
        )
        raise typer.Exit(Code.UNEXPECTED) from error


def for_program() -> bool:
    """Whether a program reads what we say, and gets JSON lines."""
    return bool(os.environ.get(EVENTS))


def tell_report(
    summary: str, details: Sequence[str], limit: int | None = LINES, **facts: object
) -> None:
    """What was done, and what a person should know of it. A program gets all of it."""
    if for_program():
        write_json(summary=summary, details=list(details), **facts)
        return
    tell(summary)
    tell_some(details, len(details) if limit is None else limit)


def write_json(**data: object) -> None:
    """One line of data for a program, at once."""
    typer.echo(json.dumps(data, ensure_ascii=False))
    sys.stdout.flush()


@contextmanager
def progress(title: str) -> Iterator[Callback]:
    """A progress bar on stderr; none where stderr is no terminal."""
    if for_program():
        yield _events()
        return
    out = console()
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[what]}", markup=False, style="dim"),
        console=out,
        transient=True,
        disable=not out.is_terminal,
    ) as bars:
        task = bars.add_task(title, total=None, what="")

        def show(done: int, total: int, what: str) -> None:
            bars.update(task, completed=done, total=total, what=what[:40])

        yield show


def _events() -> Callback:
    """Progress for a program, not more often than anybody can see."""
    last = 0.0

    def show(done: int, total: int, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= 0.1 or done >= total:
            last = now
            write_json(done=done, total=total, what=what)

    return show
