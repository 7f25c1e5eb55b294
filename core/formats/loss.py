"""What a format can't hold: features, losses, and a document without what is lost.

A format declares the features that it holds. `reduced` compares a document with them and answers
two things that belong together: the document that can be written, and the list of what is missing
from it. A writer writes exactly the first and reports exactly the second, before and after, so the
two can't drift apart.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

from core.annotation import Document, Fragment, Fragments, Item, Mention, Relation, Suggestion
from core.article import Article, title_of
from core.formats import tokens
from core.i18n import _


class Feature(StrEnum):
    """What a document may have that not every format holds."""

    TEXT = "text"  # the text to the character, white space included
    NESTED = "nested"  # mentions that nest, overlap or cross
    DISCONTINUOUS = "discontinuous"  # mentions of several fragments
    OFFSETS = "offsets"  # mentions that begin or end with white space
    RELATIONS = "relations"  # typed, directed, between mentions
    EVIDENCE = "evidence"  # the trigger words of a relation
    ATTRIBUTES = "attributes"  # of mentions and relations, any JSON value
    NOTES = "notes"  # of mentions and relations
    ENTITIES = "entities"  # which mentions refer to the same, with the entity's name and ids
    SUGGESTIONS = "suggestions"  # what nobody has decided on, told apart from gold
    METADATA = "metadata"  # title, outlet, author, url, date ... of the article
    PROVENANCE = "provenance"  # who decided, what suggested, with which score
    NAMES = "names"  # any name of a type, with white space or punctuation in it
    OTHER = "other"  # what no document has: parts of speech, syntax, a tool's own layers


EVERYTHING = frozenset(Feature)

ARTICLE_FIELDS = (
    "title", "outlet", "author", "url", "published", "language", "licence", "state", "meta",
)  # fmt: skip
ENTITY_FIELDS = ("name", "type", "kb_id", "note")
PROVENANCE_FIELDS = ("annotator", "source", "score")


# The key of ``Article.meta`` under which formats keep what only they understand, each under its
# name, so that what nobody touched goes back as it came. No metadata of the article; never a loss.
STASH = "_formats"


def stashed(article: Article, name: str) -> Mapping[str, Any]:
    """What the format `name` keeps of the file that the article came from; empty if nothing."""
    kept = article.meta.get(STASH)
    mine = kept.get(name) if isinstance(kept, Mapping) else None
    return mine if isinstance(mine, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that is not in the file (written) or not in the document (read).

    Attributes:
        feature: the kind of thing that the format, or Goldsmith, does not hold.
        article: the article's id.
        item: id of the mention, relation, suggestion or entity; what the file calls it when
            reading; empty where it is about the article.
        what: the part of it that is lost: an attribute's name, a field, a type; empty: all of it.
        instead: what stands in its place; empty: nothing.
        reason: for a person, where feature and `what` do not say it.
        words: what of the text the item is about, to find it by; says nothing of what is lost.
    """

    feature: Feature
    article: str
    item: str = ""
    what: str = ""
    instead: str = ""
    reason: str = ""
    words: str = field(default="", compare=False)

    def line(self) -> str:
        """For a person: where, what, why."""
        place = f"{self.article} {self.item}".strip()
        place += f" “{self.words}”" if self.words else ""
        return f"{place}: {self.kind()}" + (f" ({self.reason})" if self.reason else "")

    def kind(self) -> str:
        """What is lost, without the place."""
        title = titles()[self.feature]
        change = f" → {self.instead}" if self.instead else ""
        return f"{title}: {self.what}{change}" if self.what else title


def titles() -> Mapping[Feature, str]:
    """What a person reads for each feature."""
    return {
        Feature.TEXT: _("white space of the text"),
        Feature.NESTED: _("overlapping mention"),
        Feature.DISCONTINUOUS: _("discontinuous mention"),
        Feature.OFFSETS: _("white space at a mention's ends"),
        Feature.RELATIONS: _("relation"),
        Feature.EVIDENCE: _("evidence of a relation"),
        Feature.ATTRIBUTES: _("attribute"),
        Feature.NOTES: _("note"),
        Feature.ENTITIES: _("entity"),
        Feature.SUGGESTIONS: _("suggestion"),
        Feature.METADATA: _("metadata"),
        Feature.PROVENANCE: _("provenance"),
        Feature.NAMES: _("name of a type"),
        Feature.OTHER: _("another layer"),
    }


# What weighs most first: a reader looks for gold that is gone before she looks for a date.
_WEIGHT = (
    Feature.DISCONTINUOUS, Feature.NESTED, Feature.OFFSETS, Feature.RELATIONS, Feature.ENTITIES,
    Feature.EVIDENCE, Feature.ATTRIBUTES, Feature.NOTES, Feature.NAMES, Feature.SUGGESTIONS,
    Feature.TEXT, Feature.OTHER, Feature.PROVENANCE, Feature.METADATA,
)  # fmt: skip


def weight(loss: Loss) -> int:
    """A key to sort losses by: the weightiest first."""
    return _WEIGHT.index(loss.feature)


def counted(losses: Mapping[str, int]) -> list[str]:
    """One line for each kind of loss with how often: the weightiest first, then by number."""
    weights = {title: _WEIGHT.index(feature) for feature, title in titles().items()}

    def key(item: tuple[str, int]) -> tuple[int, int, str]:
        kind, n = item
        return weights.get(kind.partition(": ")[0], len(weights)), -n, kind

    most = sorted(losses.items(), key=key)
    return [_("not held: {n} × {kind}").format(n=f"{n:,}", kind=kind) for kind, n in most]


_WORDS = 60  # characters of the text that a line has room for


def with_words(losses: Iterable[Loss], document: Document) -> Iterator[Loss]:
    """`losses` with the words of `document` that their items are about."""
    for loss in losses:
        words = " ".join(_words(document, loss.item).split()) if loss.item else ""
        if len(words) > _WORDS:
            words = words[: _WORDS - 1].rstrip() + "…"
        yield replace(loss, words=words) if words else loss


def _words(document: Document, id: str) -> str:
    mention = document.mentions.get(id)
    if mention is not None:
        return " … ".join(document.article.text[f.start : f.end] for f in mention.fragments)
    relation = document.relations.get(id)
    if relation is not None:
        head, tail = (_words(document, end) for end in (relation.head, relation.tail))
        return f"{head} – {relation.type} – {tail}"
    entity = document.entities.get(id)
    return entity.name if entity is not None else ""


# -- what a document has beyond what a format holds

Stage: TypeAlias = Callable[[Document], Iterable[Loss]]


def reduced(
    document: Document, holds: frozenset[Feature], *more: Stage
) -> tuple[Document, list[Loss]]:
    """`document` with only what a format holds, and the list of all that is missing from it.

    Args:
        more: what else a format can't hold, each judged on what those before it have left.
    """
    losses: list[Loss] = []
    for stage in (*(s for f, s in _STAGES if f not in holds), *more, _dangling):
        found = list(stage(document))
        if found:
            document = without(document, found)
            losses += found
    return document, losses


def _dangling(document: Document) -> Iterator[Loss]:
    """Relations whose end was left out; a suggested one's end may be suggested."""
    mentions = document.mentions
    ends = {s.id for s in document.suggestions.values() if not s.is_relation} | set(mentions)
    reason = _("its end is left out")
    for r in document.relations.values():
        if r.head not in mentions or r.tail not in mentions:
            yield _loss(Feature.RELATIONS, r, reason=reason)
    for s in document.suggestions.values():
        if s.is_relation and (s.head not in ends or s.tail not in ends):
            yield _loss(Feature.SUGGESTIONS, s, reason=reason)


def _loss(feature: Feature, item: Mention | Relation | Suggestion, **more: str) -> Loss:
    return Loss(feature, item.article, item.id, **more)


def _spans(document: Document) -> Iterator[Mention | Suggestion]:
    yield from document.mentions.values()
    yield from (s for s in document.suggestions.values() if not s.is_relation)


def _relations(document: Document) -> Iterator[Relation | Suggestion]:
    yield from document.relations.values()
    yield from (s for s in document.suggestions.values() if s.is_relation)


def _items(document: Document) -> Iterator[Mention | Relation | Suggestion]:
    yield from _spans(document)
    yield from _relations(document)


def _suggestions(document: Document) -> Iterator[Loss]:
    yield from (_loss(Feature.SUGGESTIONS, s) for s in document.suggestions.values())


def _discontinuous(document: Document) -> Iterator[Loss]:
    yield from (_loss(Feature.DISCONTINUOUS, m) for m in _spans(document) if len(m.fragments) > 1)


def _offsets(document: Document) -> Iterator[Loss]:
    text = document.article.text
    for m in _spans(document):
        kept = trimmed(text, m.fragments)
        if kept != m.fragments:
            reason = "" if kept else _("it is nothing but white space, and left out")
            yield _loss(Feature.OFFSETS, m, reason=reason)


def _nested(document: Document) -> Iterator[Loss]:
    kept = {m.id for m in flat(document.mentions.values())}
    for m in document.mentions.values():
        if m.id not in kept:
            yield _loss(Feature.NESTED, m, reason=_("a longer or earlier one is in its place"))


def _no_relations(document: Document) -> Iterator[Loss]:
    yield from (_loss(Feature.RELATIONS, r) for r in _relations(document))


def _evidence(document: Document) -> Iterator[Loss]:
    yield from (_loss(Feature.EVIDENCE, r) for r in _relations(document) if r.evidence)


def _attributes(document: Document) -> Iterator[Loss]:
    for item in _items(document):
        yield from (_loss(Feature.ATTRIBUTES, item, what=name) for name in item.attributes)


def _notes(document: Document) -> Iterator[Loss]:
    for item in _items(document):
        if not isinstance(item, Suggestion) and item.note:
            yield _loss(Feature.NOTES, item)


def _entities(document: Document) -> Iterator[Loss]:
    for id in document.entities:
        yield Loss(Feature.ENTITIES, document.article.id, id)


def _metadata(document: Document) -> Iterator[Loss]:
    yield from metadata(document, ())


def metadata(document: Document, held: Iterable[str]) -> Iterator[Loss]:
    """A loss for each field of the article that says something and is not in `held`."""
    article = document.article
    for name in ARTICLE_FIELDS:
        value = getattr(article, name)
        if name == "meta":
            value = {key for key in value if key != STASH}
        empty = {"title": title_of(article.text), "state": "new"}.get(name, "")
        if value and value != empty and name not in held:
            yield Loss(Feature.METADATA, article.id, what=name)


def _provenance(document: Document) -> Iterator[Loss]:
    """Of gold: who suggests something is part of a suggestion."""
    gold = (*document.mentions.values(), *document.relations.values())
    for name in PROVENANCE_FIELDS:
        values = {getattr(item, name) for item in gold} - {"", None, "manual"}
        if any(not str(v).startswith("import:") for v in values):
            yield Loss(Feature.PROVENANCE, document.article.id, what=name)


def _text(document: Document) -> Iterator[Loss]:
    if tokens.respaced(document) != document:
        yield Loss(Feature.TEXT, document.article.id)


# In this order: what is left out first can't be in the way of what is judged later.
_STAGES: tuple[tuple[Feature, Stage], ...] = (
    (Feature.SUGGESTIONS, _suggestions),
    (Feature.DISCONTINUOUS, _discontinuous),
    (Feature.OFFSETS, _offsets),
    (Feature.NESTED, _nested),
    (Feature.RELATIONS, _no_relations),
    (Feature.EVIDENCE, _evidence),
    (Feature.ATTRIBUTES, _attributes),
    (Feature.NOTES, _notes),
    (Feature.ENTITIES, _entities),
    (Feature.METADATA, _metadata),
    (Feature.PROVENANCE, _provenance),
    (Feature.TEXT, _text),
)


def flat(mentions: Iterable[Mention]) -> list[Mention]:
    """Those that do not overlap, in the order of the text: the longest, then the first.

    Only continuous ones; the choice is that of spaCy's ``filter_spans``.
    """
    taken: list[tuple[int, int]] = []
    kept: list[Mention] = []
    whole = (m for m in mentions if len(m.fragments) == 1)
    for m in sorted(whole, key=lambda m: (m.start - m.end, m.start, m.id)):
        at = bisect_right(taken, (m.start, m.end))
        if at > 0 and taken[at - 1][1] > m.start:
            continue
        if at < len(taken) and taken[at][0] < m.end:
            continue
        insort(taken, (m.start, m.end))
        kept.append(m)
    return sorted(kept, key=lambda m: m.start)


def trimmed(text: str, parts: Fragments) -> Fragments:
    """`parts` without white space at the ends of each; those that are nothing else are left out."""
    kept = []
    for start, end in parts:
        inner = text[start:end]
        left = len(inner) - len(inner.lstrip())
        right = len(inner) - len(inner.rstrip())
        if left < len(inner):
            kept.append(Fragment(start + left, end - right))
    return tuple(kept)


# -- a document without what is lost

_WHOLE = {Feature.NESTED, Feature.DISCONTINUOUS, Feature.RELATIONS, Feature.SUGGESTIONS}


def without(document: Document, losses: Iterable[Loss]) -> Document:
    """`document` minus exactly what `losses` list, in the order in which they are listed."""
    by_feature: dict[Feature, list[Loss]] = {}
    for loss in losses:
        by_feature.setdefault(loss.feature, []).append(loss)
    for feature, found in by_feature.items():
        document = _apply(document, feature, found)
    return document


def _apply(document: Document, feature: Feature, losses: list[Loss]) -> Document:
    ids = {loss.item for loss in losses}
    if feature in _WHOLE:
        return _mapped(document, lambda item: None if item.id in ids else item)
    if feature is Feature.TEXT:
        if all(loss.what == "leading" for loss in losses):
            return _without_leading(document)
        return tokens.respaced(document)
    if feature is Feature.METADATA:
        return _without_metadata(document, [loss.what for loss in losses])
    if feature is Feature.ENTITIES:
        return _without_entities(document, losses)
    if feature is Feature.PROVENANCE:
        fields = {loss.what for loss in losses}
        return _mapped(document, lambda item: _unsigned(item, fields))
    if feature is Feature.NAMES:
        names = {loss.what: loss.instead for loss in losses}
        return _mapped(document, lambda item: replace(item, type=names.get(item.type, item.type)))
    if feature is Feature.ATTRIBUTES:
        lost: dict[str, set[str]] = {}
        for loss in losses:
            lost.setdefault(loss.item, set()).add(loss.what)
        return _mapped(document, lambda item: _without_attributes(item, lost.get(item.id, set())))
    text = document.article.text

    def smaller(item: Any) -> Any:
        if item.id not in ids:
            return item
        if feature is Feature.EVIDENCE:
            return replace(item, evidence=())
        if feature is Feature.NOTES:
            return replace(item, note="")
        parts = trimmed(text, item.fragments)
        return replace(item, fragments=parts) if parts else None

    return _mapped(document, smaller)


def _mapped(document: Document, change: Callable[[Any], Item | None]) -> Document:
    """`document` with every mention, relation and suggestion as `change` has it; None: left out."""

    def table(items: Mapping[str, Item]) -> dict[str, Any]:
        changed = ((id, change(item)) for id, item in items.items())
        return {id: item for id, item in changed if item is not None}

    return replace(
        document,
        mentions=table(document.mentions),
        relations=table(document.relations),
        suggestions=table(document.suggestions),
    )


def _unsigned(item: Item, fields: set[str]) -> Item:
    if isinstance(item, Suggestion):
        return item
    values: dict[str, Any] = {}
    if "annotator" in fields:
        values["annotator"] = ""
    if "source" in fields:
        values["source"] = ""
    if "score" in fields:
        values["score"] = None
    return replace(item, **values)


def _without_attributes(item: Item, names: set[str]) -> Item:
    if not names:
        return item
    return replace(item, attributes={k: v for k, v in item.attributes.items() if k not in names})


def _without_leading(document: Document) -> Document:
    """The white space before the first word as spaces."""
    text = document.article.text
    words = text.lstrip()
    return replace(
        document,
        article=replace(document.article, text=words.rjust(len(text))),
    )


def _without_metadata(document: Document, names: Iterable[str]) -> Document:
    article = document.article
    values: dict[str, Any] = dict.fromkeys(names, "")
    if "title" in values:
        values["title"] = title_of(article.text)
    if "state" in values:
        values["state"] = "new"
    if "meta" in values:
        values["meta"] = {k: v for k, v in article.meta.items() if k == STASH}
    return replace(document, article=replace(article, **values))


def _without_entities(document: Document, losses: Iterable[Loss]) -> Document:
    """A loss is an entity's field, a whole entity, or one mention's tie to its entity."""
    entities = dict(document.entities)
    untied: set[str] = set()
    for loss in losses:
        if loss.item in document.mentions:
            untied.add(loss.item)
        elif loss.what and loss.item in entities:
            entity = entities[loss.item]
            entities[loss.item] = replace(entity, **{loss.what: loss.instead})
        else:
            entities.pop(loss.item, None)
    mentions = {
        id: m
        if m.entity is None or (m.entity in entities and id not in untied)
        else replace(m, entity=None)
        for id, m in document.mentions.items()
    }
    if untied:
        used = {m.entity for m in mentions.values()}
        entities = {id: entity for id, entity in entities.items() if id in used}
    return replace(document, mentions=mentions, entities=entities)


def tally(losses: Iterable[Loss]) -> Counter[str]:
    """How often each kind of loss is there."""
    return Counter(loss.kind() for loss in losses)
