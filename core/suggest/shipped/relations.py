"""Relations between proposed mentions by the heads of the network, under the scheme's names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import regex

from core.amount import share
from core.article import Span
from core.i18n import _
from core.scheme import Scheme
from core.suggest import ProposedMention, ProposedRelation
from core.suggest.shipped.calibration import Calibration
from core.suggest.shipped.component import Reader
from core.suggest.shipped.features import sentence_ends
from core.suggest.shipped.labels import (
    END_OF,
    ENDS,
    REPORT_RELATIONS,
    SYMMETRIC,
    WIKI_RELATIONS,
    of_reports,
)  # fmt: skip
from core.suggest.shipped.network import Array

# What re3d's relations are in the news scheme, given who stands at the ends. The first that the
# scheme admits is taken.
NEWS_OF = {
    "CoLocated": ("located_in",),
    "BelongsTo": ("member_of", "part_of"),
    "InChargeOf": ("leads",),
    "FightingAgainst": ("fights",),
    "AlliesOf": ("allied_with",),
    "CommWith": ("communicated_with",),
    "Likes": ("supports",),
    "Dislikes": ("opposes",),
}
_HEADS = (("report_pairs", "reports", REPORT_RELATIONS), ("wiki_pairs", "wiki", WIKI_RELATIONS))
_MOST = 40  # mentions of one sentence that are paired; a longer list is no sentence
# What may stand between a place and the one that it lies in. What was learned from an encyclopaedia
# is true of the world more often than it is said by the article.
_LIES_IN = regex.compile(
    r"(?:, | \(| in | of |, in )(?:the )?"
    r"(?:(?:north|south|east|west|central)(?:ern|eastern|western)? )?"
)
_NEAR = 5  # words that may stand between other mentions that an encyclopaedia would relate
# Relations less likely right than this are not proposed: a right one saves one or two actions, a
# wrong one costs one.
FLOORS = {"names": 0.45, "reports": 0.35}


def related(
    text: str,
    doc: Any,
    mentions: Sequence[ProposedMention],
    scheme: Scheme,
    reader: Reader,
    calibrated: Calibration,
) -> Iterator[ProposedRelation]:
    """What the network says of mentions in one sentence; `doc.tensor` holds its vectors."""
    spans, sentence = _spans(text, doc, mentions)
    pairs = _pairs(sentence)
    pairs = [(i, j) for i, j in pairs if spans[i][2] >= 0 and spans[j][2] >= 0]
    if not pairs:
        return
    table = np.array(spans)
    index = np.array(pairs)
    assert reader.network is not None
    for head, key, labels in _HEADS:
        if key not in reader.heads:
            continue
        p = reader.network.relations(head, doc.tensor, table, index)
        for fact in _facts(p, pairs, key, labels, mentions, scheme, calibrated):
            if key != "wiki" or _is_said(text, fact, mentions):
                yield fact


def _facts(
    p: Array,
    pairs: Sequence[tuple[int, int]],
    key: str,
    labels: Sequence[str],
    mentions: Sequence[ProposedMention],
    scheme: Scheme,
    calibrated: Calibration,
) -> Iterator[ProposedRelation]:
    at = {pair: k for k, pair in enumerate(pairs)}
    kind = "names" if not of_reports(scheme) else "reports"
    floor = calibrated.floors.get(kind, FLOORS[kind])
    for k, (i, j) in enumerate(pairs):
        for n, label in enumerate(labels):
            if label in ("NONE", "OTHER"):
                continue
            # both ends must be right too
            raw = float(p[k, n]) * mentions[i].score * mentions[j].score
            if label in SYMMETRIC:
                if j < i:
                    continue
                raw = max(raw, float(p[at[j, i], n]) * mentions[i].score * mentions[j].score)
            if raw < 0.05:
                continue
            type = in_scheme(label, mentions[i].type, mentions[j].type, scheme)
            if type is None:
                continue
            score = calibrated(f"{key}-relation.{label}", raw)
            if score < floor:
                continue
            why = saying(float(p[k, n]))
            yield ProposedRelation(type, i, j, round(score, 3), (), why)


def saying(raw: float) -> str:
    """What the network says of itself. It is never certain, though a float may round up to one."""
    return _("the language model, {sure} sure").format(sure=share(min(raw, 0.999)))


def _is_said(text: str, fact: ProposedRelation, mentions: Sequence[ProposedMention]) -> bool:
    """Whether the article itself may be what relates the two: they stand together."""
    ends = mentions[fact.head], mentions[fact.tail]
    first, second = sorted(ends, key=lambda m: m.fragments[0])
    gap = text[first.fragments[-1].end : second.fragments[0].start]
    if fact.type == "located_in":
        end = ends[1].fragments[-1].end
        possessive = text[end : end + 2] in ("'s", "’s")
        return first is ends[0] and _LIES_IN.fullmatch(gap) is not None and not possessive
    if fact.type == "citizen_of" and first is ends[0]:
        return False  # "X met Egyptian officials"
    between = any(
        first.fragments[-1].end <= m.fragments[0].start
        and m.fragments[-1].end <= second.fragments[0].start
        and m.type != "TITLE"
        for m in mentions
    )
    return not between and len(gap.split()) <= _NEAR and not regex.search(r"[.;:!?]", gap)


def in_scheme(label: str, head: str, tail: str, scheme: Scheme) -> str | None:
    """The scheme's relation that `label` is between these types, None if it admits none."""
    for name in (label, *NEWS_OF.get(label, ())):
        if scheme.admits(name, head, tail):
            return name
    return None


def _spans(
    text: str, doc: Any, mentions: Sequence[ProposedMention]
) -> tuple[list[tuple[int, int, int]], list[int]]:
    """For each mention its first and last token and kind of end (-1: none known), and sentence."""
    tokens = [Span(t.idx, t.idx + len(t)) for t in doc]
    starts = np.array([t.start for t in tokens])
    ends = sentence_ends(text, tokens)
    spans, sentence = [], []
    for mention in mentions:
        first = int(np.searchsorted(starts, mention.fragments[0].start, "right")) - 1
        last = int(np.searchsorted(starts, mention.fragments[-1].end, "left"))
        kind = END_OF.get(mention.type)
        first = max(first, 0)
        spans.append((first, max(last, first + 1), -1 if kind is None else ENDS.index(kind)))
        sentence.append(int(np.searchsorted(np.array(ends), first, "right")))
    return spans, sentence


def _pairs(sentence: Sequence[int]) -> list[tuple[int, int]]:
    groups: dict[int, list[int]] = {}
    for i, s in enumerate(sentence):
        groups.setdefault(s, []).append(i)
    return [
        (i, j) for group in groups.values() for i in group[:_MOST] for j in group[:_MOST] if i != j
    ]
