"""Annotations of UIMA tools (WebAnno, INCEpTION) as a document: layers of spans, relations, chains.

`core.formats.webanno` and `core.formats.cas` take a file apart into `Layers`; what its layers and
features are in Goldsmith is decided here, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.annotation import (
    Document,
    Entity,
    Fragment,
    Fragments,
    Json,
    Mention,
    Relation,
    covered_text,
    new_id,
)
from core.article import Article, title_of
from core.errors import FormatError
from core.formats import Report
from core.formats.loss import Feature, Loss
from core.i18n import _

_DKPRO = "de.tudarmstadt.ukp.dkpro.core.api."
MENTION = f"{_DKPRO}ner.type.NamedEntity"  # the layer that every INCEpTION has
RELATION = "webanno.custom.Relation"
CHAIN = f"{_DKPRO}coref.type.Coreference"
TYPE, KB, NOTE, LABEL, LAYER = "value", "identifier", "note", "label", "layer"
# Layers that say how words are written and built, which a document does not hold.
_LINGUISTIC = tuple(
    _DKPRO + name
    for name in ("lexmorph.", "segmentation.", "syntax.", "metadata.", "anomaly.", "semantics.",
                 "phonetics.", "transform.", "structure.")
)  # fmt: skip
_LABELS = ("value", "label", "type", "category", "kind", "tag", "role")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_TAKEN = frozenset({TYPE, KB, NOTE, LABEL, "begin", "end", "sofa", "Governor", "Dependent", "id"})
_WIKIDATA = "http://www.wikidata.org/entity/"
_ITEM = re.compile(r"[QPL]\d+")


_DOCUMENT = "uima.tcas.DocumentAnnotation"
_UNSAID = (None, "", "x-unspecified")


def is_linguistic(layer: str) -> bool:
    """Whether the layer says parts of speech, lemmas, syntax and the like."""
    return layer.startswith(_LINGUISTIC) or layer.startswith("uima.")


@dataclass(slots=True)
class LayerSpan:
    """One span of a layer; offsets in code points."""

    layer: str
    begin: int
    end: int
    features: dict[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class LayerRelation:
    """From one span to another (keys of `Layers.spans`); a slot's role is its layer."""

    layer: str
    source: str
    target: str
    features: dict[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class Link:
    """One link of a chain: what it covers, and its type."""

    begin: int
    end: int
    type: str = ""


@dataclass(slots=True)
class Layers:
    """What a file says about one text.

    Attributes:
        spans: by a key of the reader's.
        chains: lists of links.
        lost: (what it was, reason) of what can't be told any more.
    """

    spans: dict[str, LayerSpan] = field(default_factory=dict)
    relations: list[LayerRelation] = field(default_factory=list)
    chains: list[list[Link]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)


def short(layer: str) -> str:
    """The layer's name without its package."""
    return layer.rpartition(".")[2] or layer


def kb_of(identifier: str) -> str:
    """The knowledge-base id of an identifier: Wikidata's IRIs are ``Q858``."""
    item = identifier.removeprefix(_WIKIDATA)
    return item if item != identifier and _ITEM.fullmatch(item) else identifier


def identifier_of(kb_id: str) -> str:
    """The identifier of a knowledge-base id."""
    return _WIKIDATA + kb_id if _ITEM.fullmatch(kb_id) else kb_id


def read(path: Path, text: str, layers: Layers, report: Report) -> Document:
    """The one document of a file; what it does not hold is reported. Raises `FormatError`."""
    if not text.strip():
        raise FormatError(_("the file holds no text."), _("Leave it out."), str(path))
    article = Article(new_id("a"), text, title_of(text), source=path.name)
    document, lost = document_of(article, layers, f"import:{path.stem}")
    report.lose(lost)
    report.count_document(document)
    return document


def document_of(article: Article, layers: Layers, source: str) -> tuple[Document, list[Loss]]:
    """The document, and what it does not hold."""
    lost = [Loss(Feature.OTHER, article.id, what=what, reason=why) for what, why in layers.lost]
    mentions: dict[str, Mention] = {}
    kb: dict[str, str] = {}
    ids: dict[str, str] = {}
    skipped: dict[str, int] = {}
    order = sorted(layers.spans.items(), key=lambda item: (item[1].begin, -item[1].end))
    for key, span in order:
        if span.layer == _DOCUMENT and span.features.get("language") in _UNSAID:
            continue  # every file has it, and it says nothing
        if is_linguistic(span.layer):
            skipped[span.layer] = skipped.get(span.layer, 0) + 1
            continue
        if span.begin >= span.end:
            lost.append(
                Loss(
                    Feature.OTHER, article.id, key, short(span.layer), reason=_("it covers nothing")
                )
            )
            continue
        mention, identifier = _mention(span, article.id, source)
        ids[key] = mention.id
        mentions[mention.id] = mention
        if identifier:
            kb[mention.id] = kb_of(identifier)
    relations: dict[str, Relation] = {}
    for relation in layers.relations:
        if is_linguistic(relation.layer):
            skipped[relation.layer] = skipped.get(relation.layer, 0) + 1
        elif relation.source in ids and relation.target in ids:
            made = _relation(relation, ids, article.id, source)
            relations[made.id] = made
        else:
            reason = _("it is tied to what is no mention")
            lost.append(
                Loss(Feature.RELATIONS, article.id, what=short(relation.layer), reason=reason)
            )
    for layer, n in sorted(skipped.items()):
        reason = _("{n} of them").format(n=n)
        lost.append(Loss(Feature.OTHER, article.id, what=short(layer), reason=reason))
    entities = _entities(article, layers.chains, mentions, kb, source, lost)
    return Document(article, mentions, relations, entities=entities), lost


def _mention(span: LayerSpan, article: str, source: str) -> tuple[Mention, str]:
    features: dict[str, Json] = {k: v for k, v in span.features.items() if v is not None}
    identifier = ""
    if span.layer == MENTION:
        type = _text(features.pop(TYPE, None)) or short(span.layer)
        identifier = _text(features.pop(KB, None))
    else:
        type = _labelled(features) or short(span.layer)
        features[LAYER] = span.layer
    note = _text(features.pop(NOTE, None))
    mention = Mention(
        new_id("m"), article, (Fragment(span.begin, span.end),), type, features, note,
        source=source,
    )  # fmt: skip
    return mention, identifier


def _relation(
    relation: LayerRelation, ids: Mapping[str, str], article: str, source: str
) -> Relation:
    features: dict[str, Json] = {k: v for k, v in relation.features.items() if v is not None}
    type = _labelled(features) or short(relation.layer)
    note = _text(features.pop(NOTE, None))
    if relation.layer not in (RELATION, type):
        features[LAYER] = relation.layer
    return Relation(
        new_id("r"), article, type, ids[relation.source], ids[relation.target],
        attributes=features, note=note, source=source,
    )  # fmt: skip


def _labelled(features: dict[str, Json]) -> str:
    """The feature that names the type, taken out; empty if there is none."""
    texts = [name for name, value in features.items() if isinstance(value, str) and value]
    label = next((name for name in _LABELS if name in texts), None)
    if label is None and len(features) == 1 and texts:
        label = texts[0]
    return _text(features.pop(label)) if label else ""


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _entities(
    article: Article,
    chains: list[list[Link]],
    mentions: dict[str, Mention],
    kb: Mapping[str, str],
    source: str,
    lost: list[Loss],
) -> dict[str, Entity]:
    """Entities from chains, and from identifiers where there is no chain; ties them to mentions."""
    free: dict[tuple[int, int], list[str]] = {}
    for m in mentions.values():
        free.setdefault((m.start, m.end), []).append(m.id)
    groups: list[list[str]] = []
    for chain in chains:
        group: list[str] = []
        for link in chain:
            if link.begin >= link.end:
                lost.append(Loss(Feature.ENTITIES, article.id, reason=_("a link covers nothing")))
                continue
            here = free.get((link.begin, link.end), [])
            found = next((id for id in here if mentions[id].type == link.type), None)
            found = found or next(iter(here), None)
            if found is None:
                part = (Fragment(link.begin, link.end),)
                made = Mention(
                    new_id("m"), article.id, part, link.type or "Coreference", source=source
                )
                mentions[made.id] = made
                found = made.id
            else:
                here.remove(found)
            group.append(found)
        if group:
            groups.append(group)
    chained = {id for group in groups for id in group}
    same: dict[str, list[str]] = {}
    for id, identifier in kb.items():
        if id not in chained:
            same.setdefault(identifier, []).append(id)
    entities: dict[str, Entity] = {}
    for group in (*groups, *same.values()):
        known = list(dict.fromkeys(kb[id] for id in group if id in kb))
        for other in known[1:]:
            reason = _("another identifier in the same chain")
            lost.append(Loss(Feature.ENTITIES, article.id, what=other, reason=reason))
        entity = Entity(
            new_id("e"), longest(article.text, (mentions[id].fragments for id in group)),
            kb_id=known[0] if known else "",
        )  # fmt: skip
        entities[entity.id] = entity
        for id in group:
            mentions[id] = replace(mentions[id], entity=entity.id)
    return entities


def longest(text: str, mentions: Iterable[Fragments]) -> str:
    """The longest name among mentions, the first of equals."""
    return max((covered_text(text, parts) for parts in mentions), key=len, default="")


# -- writing


def in_order(document: Document) -> list[Mention]:
    """Mentions as they are read again: by their place, the longer before the shorter."""
    return sorted(document.mentions.values(), key=lambda m: (m.start, -m.end))


def members(document: Document) -> dict[str, list[Mention]]:
    """Entity: its mentions in the order of the text."""
    found: dict[str, list[Mention]] = {}
    for m in in_order(document):
        if m.entity is not None:
            found.setdefault(m.entity, []).append(m)
    return found


def span_features(document: Document, mention: Mention) -> dict[str, str | None]:
    """The features of a mention's span; all of them texts."""
    entity = document.entities.get(mention.entity or "")
    features: dict[str, Any] = {
        KB: identifier_of(entity.kb_id) if entity and entity.kb_id else None,
        TYPE: mention.type,
        NOTE: mention.note or None,
    }
    return features | dict(mention.attributes)


def attributes(document: Document) -> Iterator[Loss]:
    """A stage: attributes that no feature can be."""
    items: list[Mention | Relation] = [*document.mentions.values(), *document.relations.values()]
    for item in items:
        for name, value in item.attributes.items():
            held = isinstance(value, str) and value and name not in _TAKEN and _NAME.fullmatch(name)
            if not held:
                reason = _("only texts, under a name that a feature can have")
                yield Loss(Feature.ATTRIBUTES, item.article, item.id, name, reason=reason)


def entities(document: Document) -> Iterator[Loss]:
    """A stage: what of the entities a chain and an identifier do not say."""
    article = document.article.id
    twins: dict[tuple[Fragments, str], list[Mention]] = {}
    for m in document.mentions.values():
        twins.setdefault((m.fragments, m.type), []).append(m)
    unlinked = set()
    for same in twins.values():
        if len(same) > 1 and any(m.entity for m in same):
            for m in same:
                if m.entity:
                    reason = _("another mention of its type is in the same place")
                    yield Loss(Feature.ENTITIES, article, m.id, reason=reason)
                    unlinked.add(m.id)
    for id, group in members(document).items():
        left = [m for m in group if m.id not in unlinked]
        if not left:
            continue
        entity = document.entities[id]
        default = longest(document.article.text, (m.fragments for m in left))
        if entity.name != default:
            yield Loss(Feature.ENTITIES, article, id, "name", default)
        for name in ("type", "note"):
            if getattr(entity, name):
                yield Loss(Feature.ENTITIES, article, id, name)
        if kb_of(identifier_of(entity.kb_id)) != entity.kb_id:
            yield Loss(Feature.ENTITIES, article, id, "kb_id", kb_of(entity.kb_id))
