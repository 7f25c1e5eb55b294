"""Corpora as JSON Lines: ``{"id", "text", "entities": [...], "relations": [...]}``, one a line.

The plain shape in which public corpora are often passed on. All that a record holds is kept; its
local ids (``T1``) only tie the record together, and are replaced by ids that are unique everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.annotation import Document, Entity, Fragments, Mention, Relation, covered_text, new_id
from core.article import Article, title_of
from core.formats import Feature, Reader, Report
from core.formats.fields import Fault, Fields
from core.formats.files import count_lines, first_object, json_lines, wrong_line
from core.i18n import _

# Article field: the keys of a record that say it; what remains goes to `Article.meta`.
_ARTICLE = {
    "title": ("title",),
    "outlet": ("outlet", "publisher"),
    "author": ("author",),
    "url": ("url",),
    "published": ("published", "date"),
    "language": ("language", "lang"),
    "licence": ("licence", "license"),
    "source": ("source",),
}


_OTHERS = ("label", "labels", "spans", "mentions")  # where other formats have the mentions


def looks_like_corpus(data: Mapping[str, Any] | None) -> bool:
    """Whether the first object of a file has the shape of a corpus."""
    return (
        data is not None
        and "goldsmith" not in data
        and isinstance(data.get("text"), str)
        and isinstance(data.get("entities"), list)
    )


class Corpus(Reader):
    """Reads corpora in JSON Lines."""

    name = "corpus"
    page = "jsonl"
    extensions = (".jsonl",)
    holds = frozenset(
        {
            Feature.TEXT, Feature.NESTED, Feature.OFFSETS, Feature.RELATIONS, Feature.EVIDENCE,
            Feature.ATTRIBUTES, Feature.ENTITIES, Feature.METADATA, Feature.NAMES,
        }
    )  # fmt: skip

    @property
    def title(self) -> str:
        """For a person."""
        return _("corpus in JSON Lines (text, entities, relations)")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By the keys of its first line."""
        return path.suffix.lower() in self.extensions and looks_like_corpus(first_object(path))

    def expected(self, path: Path) -> int:
        """One a line."""
        return count_lines(path)

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The documents of the file, a line at a time; everything in them is gold."""
        source = f"import:{path.stem}"
        for number, data in json_lines(path, report.refuse):
            try:
                document = _document(data, source)
            except Fault as fault:
                report.refuse(wrong_line(path, number, fault))
                continue
            report.count_document(document)
            yield document


def _document(data: dict[str, Any], source: str) -> Document:
    fields = Fields(data, "")
    text = fields.text("text", "")
    if not text.strip():
        raise Fault(_("the article has no text."))
    items, facts = fields.array("entities"), fields.array("relations")
    for name in _OTHERS:
        if isinstance(data.get(name), list) and data[name] and "entities" not in data:
            raise Fault(
                _("it has “{name}”, and a corpus has “entities”; another format reads it.").format(
                    name=name
                )
            )
    said: dict[str, Any] = {}
    for name, keys in _ARTICLE.items():
        found = next((key for key in keys if isinstance(data.get(key), str)), None)
        if found is not None:
            said[name] = fields.text(found, "")
    if "url" not in said and said.get("source", "").startswith(("https://", "http://")):
        said["url"] = said["source"]
    said["title"] = said.get("title") or title_of(text)
    article = Article(id=new_id("a"), text=text, meta=fields.rest(), **said)

    local: dict[str, Mention] = {}
    clusters: dict[str, list[Mention]] = defaultdict(list)
    for n, item in enumerate(items, start=1):
        id, cluster, mention = _mention(item, n, article, source)
        if id in local:
            raise Fault(_("the entity id {id} is used twice in this line.").format(id=id))
        local[id] = mention
        if cluster is not None:
            clusters[cluster].append(mention)
    entities, members = _entities(clusters, text)
    if entities:  # other keys may name clusters, so their names are kept
        names = dict(zip(clusters, entities, strict=True))
        article = replace(article, meta={**article.meta, "clusters": names})
    mentions = [_linked(m, entities, members) for m in local.values()]
    relations = [_relation(item, n, article, source, local) for n, item in enumerate(facts, 1)]
    return Document(
        article,
        {m.id: m for m in mentions},
        {r.id: r for r in relations},
        entities=entities,
    )


def _mention(item: Any, n: int, article: Article, source: str) -> tuple[str, str | None, Mention]:
    """One entity of the record: its local id, its cluster, and what it says."""
    fields = Fields(item, _("entity {n}").format(n=n))
    id = fields.text("id", f"#{n}")
    fields.call(_("entity {id}").format(id=id))
    start, end = fields.offset("start"), fields.offset("end")
    if start is None or end is None:
        raise fields.fault(_("it has no start and end."))
    part = fields.fragment(start, end, len(article.text))
    label = fields.text("label")
    cluster = fields.take("cluster")
    mention = Mention(
        id=new_id("m"),
        article=article.id,
        fragments=(part,),
        type=label,
        attributes=fields.rest(),
        source=source,
    )
    return id, None if cluster is None else str(cluster), mention


def _entities(
    clusters: Mapping[str, list[Mention]], text: str
) -> tuple[dict[str, Entity], dict[str, str]]:
    """An entity a cluster, and which mention (id) is in which entity (id)."""
    entities: dict[str, Entity] = {}
    members: dict[str, str] = {}
    for cluster in clusters.values():
        links = [m.attributes["link"] for m in cluster if isinstance(m.attributes.get("link"), str)]
        best = _naming(cluster)
        entity = Entity(
            id=new_id("e"),
            name=max((covered_text(text, m.fragments) for m in best), key=len),
            type=best[0].type,
            kb_id=str(links[0]) if links else "",
        )
        entities[entity.id] = entity
        members.update((m.id, entity.id) for m in cluster)
    return entities, members


def _naming(cluster: list[Mention]) -> list[Mention]:
    """Those mentions that a cluster is best called by: names, else what is no pronoun."""
    named = [m for m in cluster if m.attributes.get("named") is True]
    return named or [m for m in cluster if m.attributes.get("pron") is not True] or cluster


def _linked(
    mention: Mention, entities: Mapping[str, Entity], members: Mapping[str, str]
) -> Mention:
    """The mention with its entity; a link that the entity says is not said twice."""
    entity = entities.get(members.get(mention.id, ""))
    if entity is None:
        return mention
    attributes = dict(mention.attributes)
    if attributes.get("link") == entity.kb_id:
        del attributes["link"]
    return replace(mention, attributes=attributes, entity=entity.id)


def _relation(
    item: Any, n: int, article: Article, source: str, local: Mapping[str, Mention]
) -> Relation:
    fields = Fields(item, _("relation {n}").format(n=n))
    ends: dict[str, Any] = {}
    for name in ("head", "tail"):
        end = fields.text(name)
        if end not in local:
            raise fields.fault(_("there is no entity {id} in this line.").format(id=end))
        ends[name] = local[end].id
    label = fields.text("label")
    return Relation(
        id=new_id("r"),
        article=article.id,
        type=label,
        evidence=_trigger(fields, len(article.text)),
        attributes=fields.rest(),
        source=source,
        **ends,
    )


def _trigger(fields: Fields, length: int) -> Fragments:
    """``trigger`` as ``[start, end]`` or a list of such pairs."""
    value = fields.take("trigger")
    if value is None or value == []:
        return ()
    pairs = value if isinstance(value, list) and isinstance(value[0], list) else [value]
    return Fields({"trigger": pairs}, fields.place).fragments("trigger", length)
