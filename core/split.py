"""Articles into train, dev and test: stratified by type, stories never torn apart, repeatable."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import GoldsmithError
from core.i18n import _

_NAMES = {1: ("data",), 2: ("train", "test"), 3: ("train", "dev", "test")}


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a split with the share of each, in order; the shares sum to 1.

    Attributes:
        seed: what the choice among equals hangs on.
    """

    shares: Mapping[str, float]
    seed: int = 0

    @classmethod
    def parse(cls, text: str, seed: int = 0) -> Parts:
        """From ``80/10/10`` (train/dev/test) or ``80/20`` (train/test). Raises `GoldsmithError`."""
        words = text.replace(" ", "").split("/")
        try:
            numbers = [float(word) for word in words]
            names = _NAMES[len(numbers)]
        except (ValueError, KeyError) as error:
            raise _no_split(text) from error
        if not all(0 < n < 1e6 for n in numbers):
            raise _no_split(text)
        return cls({k: n / sum(numbers) for k, n in zip(names, numbers, strict=True)}, seed)

    def shown(self) -> str:
        """As a person types it, in hundredths."""
        return "/".join(f"{100 * share:g}" for share in self.shares.values())


def _no_split(text: str) -> GoldsmithError:
    return GoldsmithError(
        _("{text} is no split.").format(text=f"“{text}”"),
        _("Write two or three numbers: 80/20 (train/test) or 80/10/10 (train/dev/test)."),
    )


def split(
    counts: Mapping[str, Mapping[str, int]], together: Sequence[Sequence[str]], parts: Parts
) -> dict[str, str]:
    """Which part each article goes to.

    Articles with the rarest type are given out first, the longest of them first, each to the part
    that comes nearest by it to what it should have of every type and of articles: where the sum of
    squared differences, each in units of what is wanted, falls most. So types are spread like the
    articles, as far as whole articles allow. Equal cases are decided by a hash of seed and id, so
    the same articles and seed give the same split everywhere.

    Args:
        counts: for each article (id) how often it has each type.
        together: articles that must be in one part; those without counts are ignored.
    """
    units = _units(counts, together)
    totals: Counter[str] = Counter()
    for kinds in counts.values():
        totals.update(kinds)
    weights = [(unit, _sum(unit, counts)) for unit in units]
    order = sorted(
        weights,
        key=lambda item: (
            min((totals[t] for t in item[1]), default=1 << 62),
            -sum(item[1].values()),
            _lot(parts.seed, item[0][0]),
        ),
    )
    totals[""] = len(counts)
    lacking = {(p, t): share * n for p, share in parts.shares.items() for t, n in totals.items()}
    chosen: dict[str, str] = {}
    for unit, kinds in order:
        kinds[""] = len(unit)

        def gain(part: str, unit: list[str] = unit, kinds: Counter[str] = kinds) -> Any:
            share = parts.shares[part]
            nearer = sum(
                n * (2 * lacking[part, t] - n) / (share * totals[t] ** 2) for t, n in kinds.items()
            )
            room = lacking[part, ""] * 2 >= len(unit)
            return room, round(nearer, 9), _lot(parts.seed, unit[0] + part)

        part = max(parts.shares, key=gain)
        for id in unit:
            chosen[id] = part
        for t, n in kinds.items():
            lacking[part, t] -= n
    return chosen


def _units(
    counts: Mapping[str, Mapping[str, int]], together: Sequence[Sequence[str]]
) -> list[list[str]]:
    units: list[list[str]] = []
    seen: set[str] = set()
    for group in together:
        unit = sorted(id for id in group if id in counts and id not in seen)
        if unit:
            units.append(unit)
            seen.update(unit)
    return units + [[id] for id in counts if id not in seen]


def _sum(unit: Sequence[str], counts: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for id in unit:
        total.update(counts[id])
    return total


def _lot(seed: int, id: str) -> str:
    return hashlib.sha256(f"{seed} {id}".encode()).hexdigest()
