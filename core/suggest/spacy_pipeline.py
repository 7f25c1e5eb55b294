"""Any spaCy pipeline as a suggester: its entities, under the scheme's names.

spaCy is imported when the pipeline is loaded, which is in the worker process.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from core.annotation import Fragment
from core.errors import SuggesterError
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, ProposedMention, Text
from core.suggest.relation_rules import propose_relations

# A pipeline's `ner` gives no score. What a person sees is that it is a guess, not how good.
_SCORE = 0.5


class SpacyPipeline:
    """An installed pipeline such as ``en_core_web_sm``, or the folder of one."""

    def __init__(self, pipeline: str) -> None:
        self.pipeline = pipeline
        self.name = f"spacy:{pipeline}"
        self._nlp: Any = None

    def suggest(self, texts: Iterable[Text], scheme: Scheme) -> Iterator[Proposal]:
        """See `core.suggest.Suggester`. Labels that the scheme has no type for are left out."""
        nlp = self._load()
        unmapped: Counter[str] = Counter()
        for text in texts:
            try:
                doc = nlp(text.text)
            except Exception as error:  # noqa: BLE001  (a component may raise anything)
                yield Proposal(
                    text.id,
                    self.name,
                    error=_("{name} failed on this article: {error}").format(
                        name=self.pipeline, error=" ".join(str(error).split())
                    ),
                )
                continue
            mentions = []
            for entity in doc.ents:
                type = scheme.entity_type_for_label(entity.label_)
                if type is None:
                    unmapped[entity.label_] += 1
                elif not entity.text.isspace():
                    parts = (Fragment(entity.start_char, entity.end_char),)
                    why = _("{name}: {label}").format(name=self.pipeline, label=entity.label_)
                    mentions.append(ProposedMention(parts, type, _SCORE, why))
            relations = propose_relations(text.text, mentions, scheme)
            yield Proposal(text.id, self.name, tuple(mentions), relations)
        for label, n in unmapped.most_common():
            sys.stderr.write(f"{self.name}: {n} × {label}: the scheme has no such type\n")

    def _load(self) -> Any:
        if self._nlp is None:
            import spacy

            try:
                self._nlp = spacy.load(self.pipeline)
            except Exception as error:  # a component may raise anything
                raise SuggesterError(
                    _("The spaCy pipeline {name} can't be loaded: {error}").format(
                        name=self.pipeline, error=" ".join(str(error).split())[:300]
                    ),
                    _("Install it: python -m spacy download {name}").format(name=self.pipeline),
                ) from error
            if not any(self._nlp.has_pipe(p) for p in ("ner", "entity_ruler", "span_ruler")):
                raise SuggesterError(
                    _("The spaCy pipeline {name} finds no entities.").format(name=self.pipeline),
                    _("Choose one with a component ner or entity_ruler."),
                )
        return self._nlp
