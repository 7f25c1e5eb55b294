"""TOML that a person wrote or that came by mail: schemes, tables of types, keys."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from core.i18n import _

LONGEST = 1 << 20  # characters; the largest scheme that comes along has some 20,000


def loads(text: str, longest: int = LONGEST) -> dict[str, Any]:
    """The tables in `text`. Raises `ValueError` that says what is wrong, whatever it is."""
    if len(text) > longest:
        raise ValueError(_("it is too large"))
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(_("it is nested too deeply")) from None


def read(path: Path, longest: int = LONGEST) -> str:
    """The text of a file, read no further than `longest`. Raises `OSError`, `ValueError`."""
    with path.open("rb") as file:
        data = file.read(longest + 1)
    if len(data) > longest:
        raise ValueError(_("it is too large"))
    return data.decode("utf-8-sig")
