"""The letters of menus: each entry gets one of its own, chosen from its title in whatever language.

Qt shows and reads them (the mark is ``&``); where a platform has none, as macOS, nothing is seen.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence

from gui import plain

_SPARE = string.ascii_uppercase + string.digits


def marked(titles: Sequence[str], wishes: Sequence[Sequence[str]] = ()) -> list[str]:
    """Titles as the entries of one menu, each with the mark before a letter that no other has.

    The first letters of words come first. A title whose letters are all taken, or that has none
    which a key types (分析), gets one behind it: ``分析 (&A)``. Beyond 36 such there are none left.

    Args:
        wishes: letters for each title that it is to have where it has them. They mean that entry
            elsewhere, so no other entry gets them.
    """
    wishes = wishes or [()] * len(titles)
    kept = {letter.upper() for wish in wishes for letter in wish}
    choices: list[list[str]] = []
    for title, wish in zip(titles, wishes, strict=True):
        own, there = [letter.upper() for letter in wish], _letters(title)
        choices.append([c for c in own if c in there] + [c for c in there if c not in kept])
    chosen = _matched(choices)
    spare = [c for c in _SPARE if c not in chosen and c not in kept]
    entries = []
    for title, choice in zip(titles, chosen, strict=True):
        if choice:
            at = _letters(title)[choice]
            entries.append(f"{plain.title(title[:at])}&{plain.title(title[at:])}")
        elif spare:
            entries.append(f"{plain.title(title)} (&{spare.pop(0)})")
        else:
            entries.append(plain.title(title))
    return entries


def letter(entry: str) -> str:
    """The letter that is marked in an entry, empty if there is none."""
    return entry.replace("&&", "").partition("&")[2][:1].upper()


def _letters(title: str) -> dict[str, int]:
    """The letters that a key may type and where each stands, those that begin words first."""
    places = [n for n, c in enumerate(title) if c.isalnum() and not _is_wide(c)]
    places.sort(key=lambda n: n > 0 and title[n - 1].isalnum())
    found: dict[str, int] = {}
    for n in places:
        if len(title[n].upper()) == 1:
            found.setdefault(title[n].upper(), n)
    return found


def _is_wide(c: str) -> bool:
    return unicodedata.east_asian_width(c) in ("W", "F")


def _matched(choices: Sequence[Sequence[str]]) -> list[str]:
    """One of its choices for each, no two the same (augmenting paths), or nothing."""
    owner: dict[str, int] = {}

    def give(entry: int, tried: set[str]) -> bool:
        free = next((c for c in choices[entry] if c not in owner), "")
        if free:
            owner[free] = entry
            return True
        for choice in choices[entry]:
            if choice not in tried:
                tried.add(choice)
                if give(owner[choice], tried):
                    owner[choice] = entry
                    return True
        return False

    for entry in range(len(choices)):
        give(entry, set())
    taken = {entry: choice for choice, entry in owner.items()}
    return [taken.get(entry, "") for entry in range(len(choices))]
