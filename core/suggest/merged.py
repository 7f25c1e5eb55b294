"""Several suggesters as one: what all of them say, each thing once, the surest first.

``goldsmith+spacy:en_core_web_sm`` is a suggester like any other. Where two say the same, both speak
for it; where they contradict each other, the surer one stands; each suggestion says who said so and
how sure each was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.annotation import Fragments
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, ProposedMention, ProposedRelation, Suggester, Text

JOINT = "+"
_HALF = 0.5  # a second voice counts half: it may have learned from the same texts


class Merged:
    """Two or more suggesters, asked one after the other about each article."""

    def __init__(self, parts: Sequence[Suggester]) -> None:
        self.name = JOINT.join(part.name for part in parts)
        self._parts = parts

    def suggest(self, texts: Iterable[Text], scheme: Scheme) -> Iterator[Proposal]:
        """See `core.suggest.Suggester`. One that fails at an article leaves it to the others."""
        for text in texts:
            said = [next(iter(part.suggest([text], scheme))) for part in self._parts]
            if all(p.error for p in said):
                errors = "; ".join(dict.fromkeys(p.error for p in said))
                yield Proposal(text.id, self.name, error=errors)
            else:
                yield merge(text.id, self.name, said, scheme)


@dataclass(slots=True)
class _Voices:
    """One thing that was proposed, by whom and how surely."""

    mention: ProposedMention
    by: list[tuple[str, float, str]]  # source, score, reason

    @property
    def score(self) -> float:
        return together([score for _source, score, _why in self.by])


def together(scores: Iterable[float]) -> float:
    """How likely it is what several sources say, each with its own score."""
    best, *rest = sorted(scores, reverse=True)
    left = 1 - best
    for score in rest:
        left *= 1 - _HALF * score
    return 1 - left


def merge(article: str, source: str, proposals: Sequence[Proposal], scheme: Scheme) -> Proposal:
    """What several proposals for one article say together, ranked by score.

    Of mentions with the same fragments the surest type stays; of two that cross, or that are the
    same type with other boundaries, the surer one. Relations go over to what stands in place of
    their ends, also from sentence to sentence, as far as the scheme admits them.
    """
    voices: dict[tuple[Fragments, str], _Voices] = {}
    for p in proposals:
        for m in p.mentions:
            found = voices.setdefault((m.fragments, m.type), _Voices(m, []))
            found.by.append((p.source, m.score, m.why))
    ranked = sorted(voices.values(), key=lambda v: (-v.score, v.mention.fragments, v.mention.type))
    kept: list[ProposedMention] = []
    stands: dict[tuple[Fragments, str], int] = {}  # what stands in place of what was proposed
    for v in ranked:
        key = (v.mention.fragments, v.mention.type)
        rival = next((i for i, m in enumerate(kept) if _excludes(m, v.mention)), None)
        if rival is not None:
            stands[key] = rival
            continue
        stands[key] = len(kept)
        kept.append(replace(v.mention, score=round(v.score, 3), why=_why(v.by)))
    relations = _relations(proposals, kept, stands, scheme)
    return Proposal(article, source, tuple(kept), relations)


def _relations(
    proposals: Sequence[Proposal],
    kept: Sequence[ProposedMention],
    stands: dict[tuple[Fragments, str], int],
    scheme: Scheme,
) -> tuple[ProposedRelation, ...]:
    said: dict[tuple[str, int, int], list[tuple[str, ProposedRelation]]] = {}
    for p in proposals:
        for r in p.relations:
            ends = [p.mentions[i] for i in (r.head, r.tail)]
            head, tail = (stands[m.fragments, m.type] for m in ends)
            if head == tail or not scheme.admits(r.type, kept[head].type, kept[tail].type):
                continue
            if scheme.relation_types[r.type].symmetric and tail < head:
                head, tail = tail, head
            said.setdefault((r.type, head, tail), []).append((p.source, r))
    result = []
    for (type, head, tail), by in said.items():
        evidence = next((r.evidence for _source, r in by if r.evidence), ())
        score = round(together([r.score for _source, r in by]), 3)
        why = _why([(source, r.score, r.why) for source, r in by])
        result.append(ProposedRelation(type, head, tail, score, evidence, why))
    return tuple(sorted(result, key=lambda r: -r.score))


def _excludes(strong: ProposedMention, weak: ProposedMention) -> bool:
    """Whether one mention leaves no room for another, less sure one."""
    a = (strong.fragments[0].start, strong.fragments[-1].end)
    b = (weak.fragments[0].start, weak.fragments[-1].end)
    if a[1] <= b[0] or b[1] <= a[0]:
        return False
    nested = (a[0] <= b[0] and b[1] <= a[1]) or (b[0] <= a[0] and a[1] <= b[1])
    return strong.type == weak.type or a == b or not nested


def _why(by: Sequence[tuple[str, float, str]]) -> str:
    """Who said so: the surest with its reason, the others by name."""
    ordered = sorted(by, key=lambda b: -b[1])
    lines = [f"{source} {score:.2f}" for source, score, _why in ordered]
    return _("{who}: {why}").format(who=", ".join(lines), why=ordered[0][2] or _("no reason given"))
