"""``goldsmith [PROJECT]`` opens the window; ``goldsmith COMMAND ...`` is the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core import cli
from core.cli import COMMANDS
from core.errors import GoldsmithError
from gui import libraries


def main(argv: list[str] | None = None) -> int:
    """Open a window, or hand over to `core.cli`. Qt is loaded only for a window."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and arguments[0] == "run":
        return _run(arguments[1:])
    # A path is a project, and so is the name of one that is there, with or without its ending; any
    # other word is a command, if perhaps a mistyped one.
    if arguments and (arguments[0] in COMMANDS or not _names_a_project(arguments[0])):
        return cli.main(arguments)
    try:
        libraries.make_ready()
        from gui import app

        return app.run(cli.existing(Path(arguments[0])) if arguments else None)
    except GoldsmithError as error:
        print(f"goldsmith: {error}", file=sys.stderr)
        return 1


def _names_a_project(word: str) -> bool:
    path = Path(word)
    if not word or word.startswith("-"):
        return False
    return bool(path.suffix) or path.name != word or cli.existing(path).is_file()


def _run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="goldsmith run",
        description="Open a project in the window; a missing one is created with the seed article.",
    )
    parser.add_argument("project", type=Path)
    parser.add_argument(
        "--headless", type=Path, metavar="FOLDER", help="without a screen: results go to FOLDER"
    )
    wish = parser.parse_args(arguments)
    try:
        if wish.headless is not None:
            from gui import headless

            return headless.run(wish.project, wish.headless)
        libraries.make_ready()
        from gui import app

        return app.run(wish.project, seed=True)
    except GoldsmithError as error:
        print(f"goldsmith: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
