"""The command line: the verbs of the window, without one.

Data goes to stdout, everything said to a person to stderr. Exit codes: see `Code`.
"""

from __future__ import annotations

import io
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from core.errors import ProjectError
from core.i18n import _, install

SUFFIX = ".goldsmith"

COMMANDS = (
    "init",
    "add",
    "suggest",
    "export",
    "duplicates",
    "scheme",
    "preview",
    "stats",
    "agreement",
    "check",
    "replay",
    "learn",
    "next",
    "vetoes",
    "train",
    "backup",
    "restore",
    "unlock",
    "step",
    "sound",
    "recover",
    "suggesters",
    "formats",
    "docs",
)
"""The words that are commands; ``gui.__main__`` takes any other for a project to open."""


def with_ending(path: Path) -> Path:
    """``syria`` means ``syria.goldsmith``. Raises `ProjectError` for no name at all."""
    if not path.name:
        raise ProjectError(_("A project needs a name."), _("Name a file: goldsmith init syria"))
    return path if path.suffix else path.with_name(path.name + SUFFIX)


def existing(path: Path) -> Path:
    """The file: as `with_ending`, unless there is a file of just this name; ``rep.2024`` may mean
    ``rep.2024.goldsmith``, too."""
    if path.is_file() or not path.name:
        return path if path.name else with_ending(path)
    whole = path.with_name(path.name + SUFFIX)
    return whole if whole.is_file() else with_ending(path)


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; no exception gets out."""
    _speak_utf8()
    install()
    from core.cli.app import app  # help texts are translated when they are built

    before = signal.getsignal(signal.SIGTERM)
    try:
        signal.signal(signal.SIGTERM, _stop)
    except ValueError:  # not in the main thread; then nobody sends us signals
        before = None
    try:
        app(args=argv, prog_name="goldsmith")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
    return 0


def _speak_utf8() -> None:
    """A Windows console, or a pipe under ``LANG=C``, speaks another encoding by default."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Being told to end is like Ctrl+C: nothing half done stays behind."""
    raise KeyboardInterrupt
