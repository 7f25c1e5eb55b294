"""What a replay says: actions per fact, the curve over articles, precision and recall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.replay.annotator import Met
from core.replay.run import Played

WINDOW = 10  # articles over which the curve is smoothed
_BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Report:
    """The results of one replay.

    Attributes:
        name: what helped, e.g. ``rules + memory``.
        played: one entry an article, in their order.
    """

    name: str
    played: tuple[Played, ...]

    def relative(self, first: int = 0, last: int | None = None) -> float | None:
        """Actions of articles ``[first, last)`` relative to the manual annotator's; None without
        any fact in them."""
        part = self.played[first:last]
        manual = sum(p.manual for p in part)
        return sum(p.total for p in part) / manual if manual else None

    def curve(self) -> list[float | None]:
        """For each article, `relative` of the `WINDOW` articles that end with it."""
        n = len(self.played)
        return [self.relative(max(0, i + 1 - WINDOW), i + 1) for i in range(n)]

    def actions(self) -> Counter[str]:
        """How many actions of each kind were made."""
        counts: Counter[str] = Counter()
        for article in self.played:
            counts.update(article.actions)
        return counts

    def data(self) -> dict[str, Any]:
        """All of it as JSON values."""
        facts = sum(p.mentions + p.relations for p in self.played)
        actions = sum(p.total for p in self.played)
        met = [m for p in self.played for m in p.met]
        mentions = sum(p.mentions for p in self.played)
        relations = sum(p.relations for p in self.played)
        return {
            "name": self.name,
            "articles": len(self.played),
            "mentions": mentions,
            "relations": relations,
            "left_out": sum(p.left_out for p in self.played),
            "actions": dict(self.actions().most_common()),
            "actions_per_fact": _rounded(actions / facts if facts else None),
            "relative": _rounded(self.relative()),
            "relative_first_10": _rounded(self.relative(0, 10)),
            "relative_from_30": _rounded(self.relative(29)),
            "suggested": {
                "mention": _quality([m for m in met if m.kind == "mention"], mentions),
                "relation": _quality([m for m in met if m.kind == "relation"], relations),
            },
            "by_source": {
                f"{kind} {source}": _quality(part)
                for (kind, source), part in _groups(met).items()
            },
            "reliability": {
                kind: _reliability([m for m in met if m.kind == kind])
                for kind in ("mention", "relation")
            },
            "curve": [_rounded(value) for value in self.curve()],
            "by_article": [
                {
                    "id": p.article, "title": p.title, "mentions": p.mentions,
                    "relations": p.relations, "manual": p.manual, "actions": p.total,
                }
                for p in self.played
            ],
        }  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _quality(met: Sequence[Met], wanted: int | None = None) -> dict[str, Any]:
    right = sum(m.right for m in met)
    quality: dict[str, Any] = {
        "suggested": len(met),
        "right": right,
        "precision": _rounded(right / len(met) if met else None),
    }
    if wanted is not None:
        quality["recall"] = _rounded(right / wanted if wanted else None)
    return quality


def _groups(met: Iterable[Met]) -> dict[tuple[str, str], list[Met]]:
    groups: dict[tuple[str, str], list[Met]] = {}
    for m in met:
        groups.setdefault((m.kind, m.source), []).append(m)
    return dict(sorted(groups.items()))


def _reliability(met: Sequence[Met]) -> list[dict[str, Any]]:
    """What scores are worth: by range of the score, how many there were and how many were right."""
    bins = []
    for low, high in pairwise(_BINS):
        part = [m for m in met if low < m.score <= high or (low == 0 and m.score == 0)]
        if part:
            bins.append(
                {
                    "from": low, "to": high, "n": len(part),
                    "score": _rounded(sum(m.score for m in part) / len(part)),
                    "right": _rounded(sum(m.right for m in part) / len(part)),
                }
            )  # fmt: skip
    return bins
