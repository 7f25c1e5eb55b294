"""One name, one type in an article: the surest readings of a name decide for its other places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from core.suggest.shipped.decode import Tagged

_TYPES = frozenset({"PERSON", "ORG", "PLACE"})  # what one name is now and then taken for
_OUTWEIGHS = 1.2
_CERTAIN = 0.95  # a reading as sure as this stands, whatever the rest of the article says


def agreed(found: Sequence[Tagged], names: Sequence[str]) -> list[Tagged]:
    """`found` with the types that the article as a whole speaks for; `names` are their texts.

    A person's surname is the same name as the full one ("Bashar al-Assad": al-Assad, Assad).
    """
    weight: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for tagged, name in zip(found, names, strict=True):
        weight[name][tagged.label] += tagged.score
        if tagged.label == "PERSON":
            for surname in _surnames(name):
                weight[surname][tagged.label] += tagged.score
    result = []
    for tagged, name in zip(found, names, strict=True):
        here = weight[name]
        best = max(here, key=lambda label: here[label])
        if (
            best != tagged.label
            and {best, tagged.label} <= _TYPES
            and tagged.score < _CERTAIN
            and here[best] >= _OUTWEIGHS * here[tagged.label]
        ):
            tagged = tagged._replace(label=best)
        result.append(tagged)
    return result


def _surnames(name: str) -> set[str]:
    parts = name.split()
    last = parts[-1]
    return ({last} if len(parts) > 1 else set()) | ({last.split("-")[-1]} if "-" in last else set())
