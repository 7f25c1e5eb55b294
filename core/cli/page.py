"""``docs/cli.md``, made from the commands themselves."""

from __future__ import annotations

from typing import Any

import typer.main

from core.cli import COMMANDS
from core.cli.app import app

_HEAD = """# The command line

Made from the commands themselves (`goldsmith docs > docs/cli.md`).

`goldsmith [PROJECT]` opens the window. Everything else is a command. Data goes to stdout, messages
and progress bars to stderr.

| exit code | means |
|---|---|
| 0 | done |
| 1 | refused: nothing was changed; or `check` found errors, `suggest` left an article out |
| 2 | wrong use: an unknown command, option or argument |
| 3 | the project is open in another window or command |
| 4 | unexpected: a fault of Goldsmith's |
| 130 | stopped (Ctrl+C); what was not finished was not kept |
"""


def page() -> str:
    """The page in Markdown."""
    group: Any = typer.main.get_command(app)
    parts = [_HEAD, _section(group, "goldsmith", "goldsmith COMMAND …")]
    for name in COMMANDS:
        command = group.commands[name]
        if command.hidden:
            continue
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        words = ["goldsmith", name, *(a.metavar or a.name.upper() for a in arguments)]
        usage = " ".join(words + ["[OPTIONS]"] * (len(arguments) < len(command.params)))
        parts.append(_section(command, f"goldsmith {name}", usage))
    return "\n".join(parts)


def _section(command: Any, title: str, usage: str) -> str:
    lines = [f"## {title}", "", command.help or "", "", "```", usage, "```", ""]
    rows = []
    for param in command.params:
        if param.param_type_name == "argument":
            rows.append((f"`{param.metavar or param.name.upper()}`", param.help))
        else:
            flags = ", ".join(f"`{flag}`" for flag in param.opts)
            value = "" if param.is_flag else f" {(param.metavar or 'TEXT')}"
            default = f" Default: `{param.default}`." if isinstance(param.default, str) else ""
            rows.append((flags + value, f"{param.help}{default if param.default else ''}"))
    if rows:
        lines += ["| | |", "|---|---|", *(f"| {name} | {help} |" for name, help in rows), ""]
    epilog = command.epilog or ""
    if "\b" in epilog:
        examples = [line.strip() for line in epilog.split("\b")[1].strip().splitlines()]
        lines += ["```", *examples, "```", ""]
    return "\n".join(lines)
