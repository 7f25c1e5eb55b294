"""Which of GPE, LOC and FAC a place is: by the gazetteer and by the words in its name."""

from __future__ import annotations

import tomllib
from functools import cache

from core.suggest.gazetteer import FOLDER, load, words


@cache
def words_of(kind: str) -> frozenset[str]:
    """The words of one list in ``places.toml`` beside the gazetteers."""
    with (FOLDER / "places.toml").open("rb") as file:
        return frozenset(tomllib.load(file)[kind].split())


def kind_of(name: str) -> str:
    """``GPE``, ``LOC`` or ``FAC``; a city or country where nothing speaks against it."""
    parts = words(name)
    listed = load().names.get(parts)
    if listed in ("GPE", "LOC", "FAC"):
        return listed
    if not parts:
        return "GPE"
    if parts[-1] in words_of("fac_last") and len(parts) > 1:
        return "FAC"
    cue = load().last.get(parts[-1])
    if cue in ("GPE", "LOC", "FAC") and len(parts) > 1:
        return cue
    if (
        parts[-1] in words_of("loc_last")
        or parts[0] in words_of("loc_first")
        or parts[-1] in words_of("loc")
    ):
        return "LOC"
    if parts[0].lower() in words_of("direction") and len(parts) > 1 and listed is None:
        rest = load().names.get(parts[1:])
        return "LOC" if rest is not None or parts[-1] in words_of("loc") else "GPE"
    return "GPE"
