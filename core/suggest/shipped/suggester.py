"""The suggester of the shipped pipeline: what its network finds, what rules find where the network
knows nothing, relations of both.

Which of the network's two heads speaks depends on the scheme: noun phrases of reports in a scheme
with re3d's types, names in any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.annotation import Fragment
from core.errors import SuggesterError
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, ProposedMention, ProposedRelation, Text
from core.suggest.language import is_english
from core.suggest.mention_rules import propose_mentions
from core.suggest.parts import joined, parts
from core.suggest.relation_rules import propose_relations
from core.suggest.shipped import calibration, places
from core.suggest.shipped.labels import of_reports
from core.suggest.shipped.relations import related, saying

NAME = "goldsmith"
FOLDER = Path(__file__).resolve().parent.parent.parent.parent / "resources" / "models"
PIPELINE = FOLDER / "goldsmith_news"
_CALIBRATION = "calibration.json"
# What the network was not taught is left to the rules.
_RULES_KNOW = frozenset(
    {"DATE", "CARDINAL", "MONEY", "TITLE", "LAW", "WEAPON", "VEHICLE", "EVENT", "NORP"}
)
_LEAST = 0.3  # a mention that is less likely right costs more than it saves


@dataclass(frozen=True, slots=True)
class _Candidate:
    mention: ProposedMention
    kind: str  # the label before it was mapped to the scheme


class Shipped:
    """The pipeline under `resources/models`, or another one that `training` made."""

    def __init__(self, pipeline: Path | str | None = None) -> None:
        self.name = NAME if pipeline is None else f"{NAME}:{pipeline}"
        self._path = Path(pipeline) if pipeline is not None else PIPELINE
        self._nlp: Any = None
        self._curves: calibration.Calibration | None = None

    def calibrate(self, curves: calibration.Calibration) -> None:
        """Score by these curves rather than by those beside the pipeline."""
        self._curves = curves

    def suggest(self, texts: Iterable[Text], scheme: Scheme) -> Iterator[Proposal]:
        """See `core.suggest.Suggester`. What is not English gets no suggestions."""
        nlp = self._load()
        for text in texts:
            if not text.text.strip() or not is_english(text):
                yield Proposal(text.id, self.name)
                continue
            nlp.max_length = max(nlp.max_length, len(text.text) + 1)
            found = []
            for start, end in parts(text.text):
                part = text.text[start:end]
                found.append((start, *self._part(part, nlp(part), scheme)))
            yield Proposal(text.id, self.name, *joined(found))

    def _part(
        self, text: str, doc: Any, scheme: Scheme
    ) -> tuple[list[ProposedMention], tuple[ProposedRelation, ...]]:
        reader = self._nlp.get_pipe("goldsmith_reader")
        head = "reports" if of_reports(scheme) and "reports" in reader.heads else "names"
        mentions = self._mentions(text, doc, scheme, head)
        found = list(propose_relations(text, mentions, scheme))
        found += related(text, doc, mentions, scheme, reader, self._calibration)
        return mentions, _strongest(found, scheme)

    def _mentions(self, text: str, doc: Any, scheme: Scheme, head: str) -> list[ProposedMention]:
        group = doc.spans[head]
        taken = [False] * (len(text) + 1)
        found: list[ProposedMention] = []
        for span, raw in zip(group, group.attrs["scores"], strict=True):
            label = places.kind_of(span.text) if span.label_ == "PLACE" else span.label_
            type = scheme.entity_type_for_label(label)
            if type is None and span.label_ == "PLACE":
                type = scheme.entity_type_for_label("LOC")
            score = self._calibration(f"{head}.{span.label_}", float(raw))
            if type is None or score < _LEAST:
                continue
            why = saying(float(raw))
            parts = (Fragment(span.start_char, span.end_char),)
            found.append(ProposedMention(parts, type, round(score, 3), why))
            taken[span.start_char : span.end_char] = [True] * (span.end_char - span.start_char)
        for mention in propose_mentions(text, scheme):
            (start, end) = mention.fragments[0]
            known = head == "names" and mention.type in _RULES_KNOW
            nested = mention.type in ("LAW", "TITLE")
            score = self._calibration(f"rules-{head}.{mention.type}", mention.score)
            if head == "names" and not known:
                continue  # the network reads what the rules say of names, and knows better
            if score < _LEAST or (any(taken[start:end]) and not (known and nested)):
                continue
            if nested and any((start, end) == tuple(m.fragments[0]) for m in found):
                continue
            found.append(replace(mention, score=round(score, 3)))
        found.sort(key=lambda m: m.fragments[0])
        return found

    @property
    def _calibration(self) -> calibration.Calibration:
        if self._curves is None:
            self._curves = calibration.load(self._path / _CALIBRATION)
        return self._curves

    def _load(self) -> Any:
        if self._nlp is None:
            import spacy

            from core.suggest.shipped import component  # noqa: F401  (registers the factory)

            try:
                self._nlp = spacy.load(self._path)
                self._nlp.get_pipe("goldsmith_reader").network.tags  # noqa: B018
            except Exception as error:  # a damaged file may raise anything
                raise SuggesterError(
                    _("The pipeline in {folder} can't be loaded: {error}").format(
                        folder=self._path, error=" ".join(str(error).split())[:300]
                    ),
                    _("Reinstall Goldsmith, or choose the suggester rules."),
                ) from error
        return self._nlp


def _strongest(found: Sequence[ProposedRelation], scheme: Scheme) -> tuple[ProposedRelation, ...]:
    """Each pair and type once: where two layers say the same, both speak for it."""
    best: dict[tuple[str, int, int], ProposedRelation] = {}
    for relation in found:
        ends = (relation.head, relation.tail)
        if scheme.relation_types[relation.type].symmetric:
            ends = (min(ends), max(ends))
        key = (relation.type, *ends)
        other = best.get(key)
        if other is None:
            best[key] = relation
        else:
            strong, weak = sorted((other, relation), key=lambda r: -r.score)
            score = 1 - (1 - strong.score) * (1 - weak.score * 0.5)
            best[key] = replace(
                strong, score=round(score, 3), evidence=strong.evidence or weak.evidence,
                why="; ".join(dict.fromkeys((strong.why, weak.why))),
            )  # fmt: skip
    return tuple(best.values())
