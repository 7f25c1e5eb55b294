"""How much of what a project holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from core.annotation import Mention, Relation
from core.article import tokens
from core.project import Project


@dataclass(slots=True)
class SourceStats:
    """What became of one suggester's suggestions: mentions and relations together."""

    open: int = 0
    accepted: int = 0
    rejected: int = 0

    @property
    def decided(self) -> int:
        """How many a person has judged."""
        return self.accepted + self.rejected

    @property
    def precision(self) -> float | None:
        """Share of the judged ones that were accepted, 0..1; None while none was judged."""
        return self.accepted / self.decided if self.decided else None


@dataclass(slots=True)
class Stats:
    """Counts over a project; all gold but for `suggestions`.

    Attributes:
        articles: by state, ``new`` and ``done``.
        characters: length of all texts in code points.
        mentions, relations: by type, the most frequent first.
        discontinuous: mentions of more than one fragment.
        nested: mentions that lie within another one or share a part with it.
        entities: clusters of mentions.
        annotators: mentions and relations by the person who decided last; "" for imported ones.
        sources: mentions and relations by where they came from.
        suggestions: by suggester.
    """

    articles: dict[str, int] = field(default_factory=lambda: {"new": 0, "done": 0})
    characters: int = 0
    tokens: int = 0
    mentions: dict[str, int] = field(default_factory=dict)
    relations: dict[str, int] = field(default_factory=dict)
    discontinuous: int = 0
    nested: int = 0
    entities: int = 0
    annotators: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    suggestions: dict[str, SourceStats] = field(default_factory=dict)


def stats(project: Project) -> Stats:
    """Count everything in `project`."""
    result = Stats()
    mentions: Counter[str] = Counter()
    relations: Counter[str] = Counter()
    annotators: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    entities: set[str] = set()
    for document in project.documents(states=("open", "accepted", "rejected")):
        article = document.article
        result.articles[article.state] += 1
        result.characters += len(article.text)
        result.tokens += len(tokens(article.text))
        entities.update(document.entities)
        furthest = -1
        for mention in sorted(document.mentions.values(), key=lambda m: (m.start, -m.end)):
            mentions[mention.type] += 1
            result.discontinuous += len(mention.fragments) > 1
            result.nested += mention.start < furthest
            furthest = max(furthest, mention.end)
        relations.update(r.type for r in document.relations.values())
        gold: list[Mention | Relation] = [*document.mentions.values(), *document.relations.values()]
        for item in gold:
            annotators[item.annotator] += 1
            sources[item.source] += 1
        for suggestion in document.suggestions.values():
            source = result.suggestions.setdefault(suggestion.source, SourceStats())
            setattr(source, suggestion.state, getattr(source, suggestion.state) + 1)
    result.entities = len(entities)
    result.mentions = dict(mentions.most_common())
    result.relations = dict(relations.most_common())
    result.annotators = dict(annotators.most_common())
    result.sources = dict(sources.most_common())
    return result
