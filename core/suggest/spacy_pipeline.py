"""Any spaCy pipeline as a suggester: its entities, under the scheme's names.

spaCy is imported when the pipeline is loaded, which is in the worker process.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from core.annotation import Fragment
from core.errors import SuggesterError
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, ProposedMention, ProposedRelation, Text
from core.suggest.language import is_english
from core.suggest.parts import joined, parts
from core.suggest.relation_rules import propose_relations

# A pipeline's `ner` gives no score. What a person sees is that it is a guess, not how good.
_SCORE = 0.5
_SOURCES = ("ner", "entity_ruler", "span_ruler", "entity_linker", "goldsmith_reader")
# What a label is called elsewhere, the nearest first: tried in turn when the scheme has no type of
# this name or with this alias.
ALIKE: dict[str, tuple[str, ...]] = {
    "PER": ("PERSON",),
    "PERSON": ("PER",),
    "ORG": ("Organisation", "Organization", "GROUP"),
    "GPE": ("LOC", "Location", "PLACE"),
    "LOC": ("GPE", "Location", "PLACE"),
    "PLACE": ("GPE", "LOC", "Location"),
    "FAC": ("LOC", "Location", "PLACE"),
    "FACILITY": ("FAC", "LOC"),
    "NORP": ("Nationality", "MISC"),
    "LAW": ("DOCUMENT", "MISC"),
    "TIME": ("DATE", "Temporal"),
    "DATE": ("TIME", "Temporal"),
    "CARDINAL": ("NUM", "NUMBER", "QUANTITY", "Quantity"),
    "QUANTITY": ("CARDINAL", "NUM", "Quantity"),
    "PERCENT": ("CARDINAL", "QUANTITY", "Quantity"),
    "MONEY": ("Money", "QUANTITY"),
    "EVENT": ("MISC",),
    "WORK_OF_ART": ("MISC",),
    "PRODUCT": ("MISC",),
}


class SpacyPipeline:
    """An installed pipeline such as ``en_core_web_sm``, or the folder of one."""

    def __init__(self, pipeline: str) -> None:
        self.pipeline = pipeline
        self.name = f"spacy:{pipeline}"
        self._nlp: Any = None

    def suggest(self, texts: Iterable[Text], scheme: Scheme) -> Iterator[Proposal]:
        """See `core.suggest.Suggester`. Labels that the scheme has no type for are left out, and so
        are articles in another language than the pipeline's."""
        nlp = self._load()
        unmapped: Counter[str] = Counter()
        for text in texts:
            if not reads(nlp.lang, text):
                yield Proposal(text.id, self.name)
                continue
            try:
                found = [
                    (start, *self._part(nlp, text.text[start:end], scheme, unmapped))
                    for start, end in parts(text.text)
                ]
            except Exception as error:  # noqa: BLE001  (a component may raise anything)
                yield Proposal(
                    text.id,
                    self.name,
                    error=_("{name} failed on this article: {error}").format(
                        name=self.pipeline, error=" ".join(str(error).split())
                    ),
                )
                continue
            yield Proposal(text.id, self.name, *joined(found))
        for label, n in unmapped.most_common():
            sys.stderr.write(f"{self.name}: {n} × {label}: the scheme has no such type\n")

    def _part(
        self, nlp: Any, text: str, scheme: Scheme, unmapped: Counter[str]
    ) -> tuple[list[ProposedMention], tuple[ProposedRelation, ...]]:
        nlp.max_length = max(nlp.max_length, len(text) + 1)
        mentions = []
        for entity in nlp(text).ents:
            type = type_for(entity.label_, scheme)
            if type is None:
                unmapped[entity.label_] += 1
            elif not entity.text.isspace():
                fragments = (Fragment(entity.start_char, entity.end_char),)
                why = _("{name}: {label}").format(name=self.pipeline, label=entity.label_)
                mentions.append(ProposedMention(fragments, type, _SCORE, why))
        return mentions, propose_relations(text, mentions, scheme)

    def _load(self) -> Any:
        if self._nlp is None:
            import spacy

            from core.suggest.shipped import component  # noqa: F401  (pipelines made like ours)

            try:
                nlp = spacy.load(self.pipeline)
            except Exception as error:  # a component may raise anything
                raise SuggesterError(
                    _("The spaCy pipeline {name} can't be loaded: {error}").format(
                        name=self.pipeline, error=" ".join(str(error).split())[:300]
                    ),
                    _(
                        "Install it: python -m spacy download {name}; one that was made with "
                        "another spaCy (here: {version}) must be made or installed anew."
                    ).format(name=self.pipeline, version=version("spacy")),
                ) from error
            if not any(nlp.has_pipe(p) for p in _SOURCES) and not any(
                "doc.ents" in nlp.get_pipe_meta(p).assigns for p in nlp.pipe_names
            ):
                raise SuggesterError(
                    _("The spaCy pipeline {name} finds no entities.").format(name=self.pipeline),
                    _("Choose one with a component ner or entity_ruler."),
                )
            self._nlp = nlp
        return self._nlp


def type_for(label: str, scheme: Scheme) -> str | None:
    """The scheme's type for a label: of its name, with that alias, or the nearest kin."""
    for name in (label, *ALIKE.get(label.upper(), ())):
        type = scheme.entity_type_for_label(name)
        if type is not None:
            return type
    return None


def reads(language: str, text: Text) -> bool:
    """Whether a pipeline of this language (``xx``: any) is for this text."""
    if language == "xx":
        return True
    if language == "en":
        return is_english(text)
    return not text.language or text.language.lower().split("-")[0] == language
