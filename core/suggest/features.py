"""What the learner sees of a text: features of tokens and of pairs of mentions.

What another suggester proposes is a feature, too: the learner learns when to follow it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from core.article import Span, sentences, tokens
from core.suggest import Proposal

Labelled = tuple[int, int, str]
"""Start, end and type of a mention in one piece; code points."""

_FAR = 8  # mentions between the ends of a pair that is still looked at


@dataclass(frozen=True, slots=True)
class Sentence:
    """The tokens of one sentence with their features."""

    spans: tuple[Span, ...]
    features: tuple[list[str], ...]


def shape(word: str) -> str:
    """``Xx`` for Cairo, ``dd`` for 2015: kinds of characters, each at most twice in a row."""
    result = ""
    for c in word:
        kind = "X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c
        if not result.endswith(kind * 2):
            result += kind
    return result


def outermost(mentions: Sequence[Labelled]) -> list[Labelled]:
    """The mentions without those that overlap an earlier or longer one."""
    kept: list[Labelled] = []
    for mention in sorted(mentions, key=lambda m: (m[0], -m[1], m[2])):
        if not kept or mention[0] >= kept[-1][1]:
            kept.append(mention)
    return kept


def tags(spans: Sequence[Span], mentions: Sequence[Labelled]) -> list[str]:
    """A tag a token: ``B-TYPE`` where a mention begins, ``I-TYPE`` inside it, else ``O``."""
    result = ["O"] * len(spans)
    at = 0
    for start, end, type in outermost(mentions):
        while at < len(spans) and spans[at].start < start:
            at += 1
        prefix = "B-"
        while at < len(spans) and spans[at].end <= end:
            result[at] = prefix + type
            prefix = "I-"
            at += 1
    return result


def proposed(proposal: Proposal) -> list[Labelled]:
    """The mentions of a proposal that are in one piece."""
    return [
        (m.fragments[0].start, m.fragments[0].end, m.type)
        for m in proposal.mentions
        if len(m.fragments) == 1
    ]


def read(text: str, base: Sequence[Labelled]) -> list[Sentence]:
    """The sentences of a text with the features of their tokens; `base`: what is proposed."""
    spans = tokens(text)
    words = [text[s:e] for s, e in spans]
    hints = tags(spans, base)
    result = []
    at = 0
    for sentence in sentences(text):
        first = at
        while at < len(spans) and spans[at].start < sentence.end:
            at += 1
        if at > first:
            part = slice(first, at)
            result.append(
                Sentence(tuple(spans[part]), tuple(_token_features(words[part], hints[part])))
            )
    return result


def _token_features(words: Sequence[str], hints: Sequence[str]) -> list[list[str]]:
    low = [w.lower() for w in words]
    shapes = [shape(w) for w in words]
    found = []
    for i, word in enumerate(low):
        features = [
            "bias", "w=" + word, "s=" + shapes[i], "p3=" + word[:3], "x3=" + word[-3:],
            "x2=" + word[-2:], "h=" + hints[i],
        ]  # fmt: skip
        for d in (-2, -1, 1, 2):
            j = i + d
            if not 0 <= j < len(words):
                features.append(f"edge{d}")
                continue
            features.append(f"w{d}={low[j]}")
            if abs(d) == 1:
                features += [f"s{d}={shapes[j]}", f"x{d}={low[j][-3:]}", f"h{d}={hints[j]}"]
        if i + 1 < len(words):
            features.append(f"ww={word} {low[i + 1]}")
        if i:
            features.append(f"vw={low[i - 1]} {word}")
        found.append(features)
    return found


def pairs(text: str, mentions: Sequence[Labelled]) -> list[tuple[int, int, list[str]]]:
    """(first, second, features) of the pairs of mentions in one sentence; indices into `mentions`,
    `first` being the one that is read first."""
    spans = sentences(text)
    groups: dict[int, list[int]] = {}
    starts = [s.start for s in spans]

    for i in sorted(range(len(mentions)), key=lambda i: mentions[i]):
        groups.setdefault(bisect_right(starts, mentions[i][0]), []).append(i)
    found = []
    for group in groups.values():
        for (n, a), (m, b) in combinations(enumerate(group), 2):
            if m - n <= _FAR and mentions[a][1] <= mentions[b][0]:
                found.append((a, b, _pair_features(text, mentions[a], mentions[b], m - n - 1)))
    return found


def _pair_features(text: str, a: Labelled, b: Labelled, between: int) -> list[str]:
    gap = text[a[1] : b[0]]
    words = [gap[s:e].lower() for s, e in tokens(gap)]
    types = f"{a[2]} {b[2]}"
    heads = [text[m[0] : m[1]].lower().split()[-1:] for m in (a, b)]
    before = text[max(0, a[0] - 30) : a[0]].lower().split()[-1:]
    after = text[b[1] : b[1] + 30].lower().split()[:1]
    features = ["bias", "t=" + types, "ta=" + a[2], "tb=" + b[2], f"n={min(between, 4)}",
                f"d={min(len(words) // 3, 5)}"]  # fmt: skip
    features += [f"b={w}" for w in set(words[:15])]
    features += [f"tb={types} {w}" for w in set(words[:8])]
    if len(words) <= 4:
        features.append(f"g={types} {' '.join(words)}")
    features += [f"ha={w}" for w in heads[0]] + [f"hb={w}" for w in heads[1]]
    features += [f"v={w}" for w in before] + [f"z={w}" for w in after]
    return features
