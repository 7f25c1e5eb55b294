"""The built-in suggester: rules and word lists, no model, nothing to download, ready at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

from core.scheme import Scheme
from core.suggest import Proposal, ProposedMention, Text
from core.suggest.mention_rules import propose_mentions
from core.suggest.relation_rules import propose_relations

_LATIN = regex.compile(r"\p{Latin}")
_LETTER = regex.compile(r"\p{L}")
_ENGLISH = regex.compile(
    r"\b(?:the|of|and|to|in|a|is|was|for|on|that|with|by|at|from|as|has|had|were|are|it|he|his)\b"
)
_SAMPLE = 20_000  # characters are enough to tell a language


class Rules:
    """See `core.suggest.mention_rules` and `core.suggest.relation_rules`."""

    name = "rules"

    def suggest(self, texts: Iterable[Text], scheme: Scheme) -> Iterator[Proposal]:
        """See `core.suggest.Suggester`. What is not English gets no suggestions: the rules know no
        other language, and nonsense would only be work."""
        for text in texts:
            mentions: tuple[ProposedMention, ...] = ()
            if is_english(text):
                mentions = propose_mentions(text.text, scheme)
            relations = propose_relations(text.text, mentions, scheme)
            yield Proposal(text.id, self.name, mentions, relations)


def is_english(text: Text) -> bool:
    """By the language that the article says it has, else by script and function words."""
    if text.language:
        return text.language.lower().split("-")[0] in ("en", "eng", "english")
    sample = text.text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    if letters == 0 or len(_LATIN.findall(sample)) < 0.7 * letters:
        return False
    words = len(sample.split())
    return words < 8 or len(_ENGLISH.findall(sample.lower())) > 0.1 * words
