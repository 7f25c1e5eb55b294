"""The word lists of the built-in rules: names of the world and words that give a name's kind away.

Countries come from CLDR through babel, demonyms and capitals from ``world.tsv`` under
``resources/gazetteers``, the rest from ``words.toml`` there; each file says where it is from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale

from core.article import tokens

FOLDER = Path(__file__).resolve().parent.parent.parent / "resources" / "gazetteers"
# CLDR's territories that are no country, or whose name is another word more often than a place.
_NOT_USED = frozenset(
    {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AQ", "HK", "MO", "CD", "CG", "PS", "UM", "AC"}
)

Words = tuple[str, ...]


@dataclass(frozen=True)
class Gazetteer:
    """What the rules look up.

    Attributes:
        names: the words of a name (tokens, as written) to its OntoNotes type.
        longest: the most tokens that a name of `names` has.
        titles: the words of an office, in lower case.
        honorifics, first_names: single words as written.
        common: words in lower case that are no name though a sentence may start with them.
        last, first: a word to the type of a name that ends (starts: "X of ...") with it.
        things: the words of weapons and vehicles, in lower case, to their type.
    """

    names: Mapping[Words, str]
    longest: int
    titles: frozenset[Words]
    longest_title: int
    honorifics: frozenset[str]
    first_names: frozenset[str]
    common: frozenset[str]
    last: Mapping[str, str]
    first: frozenset[str]
    things: Mapping[Words, str]


def words(text: str) -> Words:
    """`text` as the tokens by which it is looked up."""
    return tuple(text[s:e] for s, e in tokens(text))


@cache
def load() -> Gazetteer:
    """The gazetteer, read once a process."""
    with (FOLDER / "words.toml").open("rb") as file:
        lists = {name: _split(text) for name, text in tomllib.load(file).items()}
    names: dict[Words, str] = {}
    for kind in ("norp", "loc", "fac", "event", "law", "gpe", "org"):
        names.update(_entries(lists[kind], kind.upper()))
    names.update(_world())
    titles = frozenset(words(t) for t in lists["title"])
    things = _entries(lists["weapon"], "WEAPON") | _entries(lists["vehicle"], "VEHICLE")
    last = {
        word: kind.upper()
        for kind in ("law", "event", "gpe", "loc", "fac", "org")
        for word in lists[f"{kind}_last"]
    }
    return Gazetteer(
        names=names,
        longest=max(map(len, names)),
        titles=titles,
        longest_title=max(map(len, titles)),
        honorifics=frozenset(lists["honorific"]),
        first_names=frozenset(lists["first_name"]),
        common=frozenset(" ".join(lists["common"]).split()),
        last=last,
        first=frozenset(lists["org_first"]),
        things={tuple(w.lower() for w in key): kind for key, kind in things.items()},
    )


def _split(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in text.split(",") if entry.strip()]


def _entries(names: Iterable[str], kind: str) -> dict[Words, str]:
    return {words(name.removeprefix("the ")): kind for name in names}


def _world() -> dict[Words, str]:
    result: dict[Words, str] = {}
    for code, name in Locale("en").territories.items():
        if len(code) == 2 and code.isalpha() and code not in _NOT_USED:
            for written in {name, name.replace(" & ", " and "), name.partition(" (")[0]}:
                result[words(written)] = "GPE"
    for line in (FOLDER / "world.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        _code, demonyms, capitals, others = line.split("\t")
        result.update(_entries(_split(capitals + "," + others), "GPE"))
        result.update(_entries(_split(demonyms), "NORP"))
    return result
