"""What a picker offers first: entity types for a span, relation types for two ends.

Both are the scheme's own types, all that it admits, in the order in which they are likely; what is
equally likely stays in the scheme's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core import cues
from core.annotation import Document, Fragments, Mention, Suggestion, covered_text
from core.scheme import RelationType, Scheme

# How much an earlier decision about the same words in this article counts, beside a suggester's
# score of 0 to 1; a suggestion for other boundaries counts by how far it covers the span.
_SAME_WORDS = 0.9
# How much the project's habits count at most: below any suggestion that is worth showing.
_HABIT = 0.3
# How much the cues that earlier decisions left count beside what is suggested, in the order alone.
_CUES = 0.6

LookUp = Callable[[Iterable[str]], cues.Counts]
"""What was counted under some cues (`core.decisions.Decisions.cues`)."""

_TURN = str.maketrans("<>", "><")
Habits = Mapping[tuple[str, str, str], int]
"""How often (head's type, relation type, tail's type) is gold."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A type and how likely it is.

    Attributes:
        score: 0 to 1; 0 where nothing speaks for it.
        suggested: whether a suggester proposes it here, with this score.
    """

    type: str
    score: float
    suggested: bool = False


def rank_entity_types(
    scheme: Scheme, document: Document, parts: Fragments, look_up: LookUp | None = None
) -> list[Ranked]:
    """Every entity type of the scheme for a mention of these fragments, the likeliest first.

    Args:
        look_up: the counts of earlier decisions, to order by them too.
    """
    scores: dict[str, float] = {}
    suggested: dict[str, float] = {}
    words = covered_text(document.article.text, parts).casefold()
    items: list[Mention | Suggestion] = [*document.mentions.values()]
    for item in [*items, *document.suggestions.values()]:
        if isinstance(item, Suggestion) and item.is_relation:
            continue
        common = shared(item.fragments, parts)
        if isinstance(item, Suggestion) and common:
            _raise(suggested, item.type, item.score * common)
        elif isinstance(item, Mention) and item.fragments != parts:
            same = covered_text(document.article.text, item.fragments).casefold() == words
            if same:
                _raise(scores, item.type, _SAME_WORDS)
    types = list(scheme.entity_types)
    likely: dict[str, float] = {}
    if look_up is not None and parts:
        found = look_up(cues.of_mention(document.article.text, parts[0].start, parts[-1].end))
        likely = cues.likelihood(found, cues.MENTIONS, types)
    return _ordered(types, scores, suggested, likely)


def rank_relation_types(
    scheme: Scheme,
    document: Document,
    head: str,
    tail: str,
    habits: Habits,
    look_up: LookUp | None = None,
) -> list[Ranked]:
    """The relation types that the scheme admits from `head` to `tail` (ids of mentions, gold or
    suggested), the likeliest first; empty if it admits none or an end is not there.

    Args:
        look_up: the counts of earlier decisions, to order by them rather than by `habits` alone.
    """
    first, second = document.end_of(head), document.end_of(tail)
    if first is None or second is None:
        return []
    kinds = (first.type, second.type)
    admitted = scheme.relations_between(*kinds)
    suggested: dict[str, float] = {}
    for item in document.suggestions.values():
        if not item.is_relation or {item.head, item.tail} != {head, tail}:
            continue
        known = scheme.relation_types.get(item.type)
        if item.head == head or (known is not None and known.symmetric):
            _raise(suggested, item.type, item.score)
    counts = {t.name: _habit(t, kinds, habits) for t in admitted}
    total = sum(counts.values())
    scores = {name: _HABIT * n / total for name, n in counts.items() if n}
    likely: dict[str, float] = {}
    if look_up is not None:
        text = document.article.text
        found = look_up({c for way in "<>" for c in cues.of_pair(text, first, second, way)})
        here = cues.of_pair(text, first, second)
        both = _both_ways(found, [t.name for t in admitted if t.symmetric])
        likely = cues.likelihood(
            {cue: both[cue] for cue in here if cue in both}, cues.RELATIONS,
            [t.name for t in admitted],
        )  # fmt: skip
    return _ordered([t.name for t in admitted], scores, suggested, likely)


def _both_ways(counts: cues.Counts, symmetric: list[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """The counts with those of symmetric relations added up over both directions."""
    result = {cue: dict(by_type) for cue, by_type in counts.items()}
    for cue, by_type in counts.items():
        turned = cue.translate(_TURN)
        if turned != cue:
            for type in symmetric:
                n = by_type.get(type, (0, 0))[0]
                if n:
                    other = result.setdefault(turned, {})
                    other[type] = (other.get(type, (0, 0))[0] + n, 0)
    return result


def _habit(type: RelationType, kinds: tuple[str, str], habits: Habits) -> int:
    n = habits.get((kinds[0], type.name, kinds[1]), 0)
    if type.symmetric and kinds[0] != kinds[1]:
        n += habits.get((kinds[1], type.name, kinds[0]), 0)
    return n


def _raise(scores: dict[str, float], type: str, score: float) -> None:
    scores[type] = max(scores.get(type, 0.0), score)


def _ordered(
    types: list[str],
    scores: dict[str, float],
    suggested: dict[str, float],
    likely: dict[str, float],
) -> list[Ranked]:
    ranked = []
    for type in types:
        score = max(scores.get(type, 0.0), suggested.get(type, 0.0))
        ranked.append(Ranked(type, score, suggested.get(type, 0.0) == score > 0))

    def weight(r: Ranked) -> float:
        return 1 - (1 - r.score) * (1 - _CUES * likely.get(r.type, 0.0))

    return sorted(ranked, key=lambda r: -weight(r))


def shared(a: Fragments, b: Fragments) -> float:
    """The part of the characters of both that they have in common, 0 to 1."""
    common = sum(max(0, min(x.end, y.end) - max(x.start, y.start)) for x in a for y in b)
    both = sum(x.end - x.start for x in (*a, *b)) - common
    return common / both if both else 0.0
