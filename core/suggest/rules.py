"""The built-in suggester: rules and word lists, no model, nothing to download, ready at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.scheme import Scheme
from core.suggest import Proposal, ProposedMention, Text
from core.suggest.language import is_english
from core.suggest.mention_rules import propose_mentions
from core.suggest.relation_rules import propose_relations


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
