"""What speaks for a type: cues in and around a mention, between and around two ends.

Pure. The cues of everything that became gold are counted in the project's memory (`core.tally`,
kind ``cue``); `likelihood` reads the counts back as a naive Bayes model, so that the first line of
a picker is right more often, whatever the scheme, and nothing has to be trained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp, log

from core.annotation import Mention, Suggestion
from core.article import tokens

_WORDS = 10  # between two ends that count
_SHORT = 3  # words between two ends that count as a whole
_STEM = 5  # letters by which longer words are the same, too
_FOLLOWS = frozenset(
    {"of", "in", "for", "from", "at", "to", "on", "with", "near", "by", "that", "who", ","}
)
_ALPHA = 0.5  # imagined sightings of each cue under each type
_TYPES_ALPHA = 0.2  # the types of two ends say more than one word

Counts = Mapping[str, Mapping[str, tuple[int, int]]]
"""Cue to type to (how often it was seen under it, 0)."""

MENTIONS, RELATIONS = "m", "r"  # the cues that every mention, every relation has


def of_mention(text: str, start: int, end: int) -> list[str]:
    """The cues of a mention: its last, first and all words, their shape, the words around it."""
    words = [text[start:end][s:e] for s, e in tokens(text[start:end])]
    if not words:
        return [MENTIONS]
    last, first = words[-1], words[0]
    before = text[max(0, start - 40) : start].split()[-1:]
    after = text[end : end + 40].split()[:1]
    low = [word.casefold() for word in words]
    # What a noun phrase is about stands before what follows it: “leader of the group”.
    behind = next((i for i, word in enumerate(low) if i and word in _FOLLOWS), len(low))
    cues = [
        MENTIONS,
        *("m:in:" + word for word in dict.fromkeys(low[1:-1])),
        "m:head:" + low[behind - 1],
        "m:last:" + last.casefold(),
        "m:first:" + first.casefold(),
        "m:end:" + last[-3:].casefold(),
        f"m:form:{_form(first)}{_form(last)}{min(len(words), 4)}",
        "m:before:" + "".join(before).casefold(),
        "m:after:" + "".join(after).casefold(),
    ]
    return [cue[:60] for cue in cues]


def of_pair(
    text: str, head: Mention | Suggestion, tail: Mention | Suggestion, way: str = ""
) -> list[str]:
    """The cues of two ends, `way` being ``>`` where the head is read first, else ``<``."""
    first, last = sorted((head, tail), key=lambda m: (m.start, m.end))
    way = way or (">" if first is head else "<")
    gap = text[first.end : max(first.end, last.start)]
    words = [gap[s:e].casefold() for s, e in tokens(gap)]
    near = [f"r:gap:{way}{' '.join(words)}"] if len(words) <= _SHORT else []
    near += [f"r:next:{way}{words[0]}", f"r:prev:{way}{words[-1]}"] if words else []
    if len(words) > _WORDS:
        words = [*words[: _WORDS // 2], *words[-_WORDS // 2 :]]
    before = text[max(0, first.start - 40) : first.start].casefold().split()[-1:]
    cues = [
        RELATIONS,
        f"r:types:{way}{first.type}\t{last.type}",
        f"r:far:{way}{min(len(gap.split()) // 3, 4)}",
        *near,
        *(f"r:{way}{word}" for word in dict.fromkeys(words)),
        *(f"r:{way}{word}" for word in dict.fromkeys(w[:_STEM] for w in words if w[_STEM:])),
        *(f"r:before:{way}{word}" for word in before),
        *(f"r:first:{way}{word}" for word in text[first.start : first.end].casefold().split()[-1:]),
        *(f"r:last:{way}{word}" for word in text[last.start : last.end].casefold().split()[-1:]),
    ]
    return [cue[:120] for cue in cues]


def likelihood(counts: Counts, always: str, types: Iterable[str]) -> dict[str, float]:
    """How likely each of `types` is by the cues in `counts`, 0 to 1, together 1; empty where none
    of them was ever seen.

    Args:
        always: the cue that everything has, `MENTIONS` or `RELATIONS`.
    """
    seen = {t: counts.get(always, {}).get(t, (0, 0))[0] for t in types}
    total = sum(seen.values())
    if not total:
        return {}
    logs = {type: log(n + _ALPHA) for type, n in seen.items()}
    for cue, by_type in counts.items():
        all_of_it = sum(yes for yes, _no in by_type.values())
        if cue == always or not all_of_it:
            continue
        alpha = _TYPES_ALPHA if cue.startswith("r:types:") else _ALPHA
        for type, n in seen.items():
            share = (by_type.get(type, (0, 0))[0] + alpha * all_of_it / total) / (n + alpha)
            logs[type] += log(max(share, 1e-6))
    top = max(logs.values())
    weights = {type: exp(value - top) for type, value in logs.items()}
    whole = sum(weights.values())
    return {type: weight / whole for type, weight in weights.items()}


def _form(word: str) -> str:
    return "d" if word[:1].isdigit() else "X" if word[:1].isupper() else "x"
