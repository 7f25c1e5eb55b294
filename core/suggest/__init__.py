"""Suggesters: pure maps from texts to proposals, and the registry that finds them by name.

A suggester never sees the project or its file: it gets texts and the scheme, and yields proposals.
So it runs anywhere: in this process, in the worker process beside the window
(`core.suggest.worker`), in a pool. Who stores what it proposes is somebody else's business
(`core.edits.store_suggestions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from core.annotation import Fragments, Suggestion, new_id
from core.errors import SuggesterError
from core.i18n import _
from core.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Text:
    """What a suggester is told about one article.

    Attributes:
        id: the article's id, handed back with the proposal.
        language: BCP 47 tag, empty if unknown.
    """

    id: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class ProposedMention:
    """A mention that a suggester proposes; offsets are code points into the text.

    Attributes:
        score: 0..1.
        why: one short line for a person: the rule or the evidence.
    """

    fragments: Fragments
    type: str
    score: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class ProposedRelation:
    """A relation that a suggester proposes between two of its own proposed mentions.

    Attributes:
        head, tail: indices into `Proposal.mentions`.
        evidence: the trigger words.
    """

    type: str
    head: int
    tail: int
    score: float
    evidence: Fragments = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that one suggester proposes for one article.

    Attributes:
        article: the id of the `Text` it is about.
        source: the suggester's name, stored with every suggestion.
        error: a message for the person when this one article could not be done; then the two
            tuples are empty and the rest of the run goes on.
    """

    article: str
    source: str
    mentions: tuple[ProposedMention, ...] = ()
    relations: tuple[ProposedRelation, ...] = ()
    error: str = ""


class Suggester(Protocol):
    """The contract of every suggester.

    Attributes:
        name: as the person types it and as it is stored with each suggestion, e.g. ``rules``.
    """

    name: str

    def suggest(self, texts: Iterable[Text], scheme: Scheme) -> Iterator[Proposal]:
        """One `Proposal` a text, in the order of `texts`, each as soon as it is ready.

        Only types of `scheme` are proposed, and only relations that it admits. A text that can't
        be done gives a `Proposal` with `error`; only what makes the whole run impossible raises
        (`core.errors.SuggesterError`).
        """
        ...


def as_suggestions(proposal: Proposal) -> tuple[Suggestion, ...]:
    """What a proposal says as suggestions with ids of their own, ready to be stored.

    Raises `SuggesterError` when a relation names a mention that the proposal does not hold.
    """
    mentions = tuple(
        Suggestion(
            id=new_id("m"),
            article=proposal.article,
            type=mention.type,
            fragments=mention.fragments,
            source=proposal.source,
            score=mention.score,
            why=mention.why,
        )
        for mention in proposal.mentions
    )
    try:
        relations = tuple(
            Suggestion(
                id=new_id("r"),
                article=proposal.article,
                type=relation.type,
                head=mentions[relation.head].id,
                tail=mentions[relation.tail].id,
                evidence=relation.evidence,
                source=proposal.source,
                score=relation.score,
                why=relation.why,
            )
            for relation in proposal.relations
        )
    except IndexError as error:
        raise SuggesterError(
            _(
                "The suggester {name} proposed a relation between mentions that it did not propose."
            ).format(name=proposal.source),
            _("Tell its author, or choose another suggester."),
        ) from error
    return mentions + relations
