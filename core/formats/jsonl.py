"""Goldsmith's own format: JSON Lines, one article a line, read back without loss.

Documented in ``docs/formats/jsonl.md``; a change of meaning there is a new `VERSION` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.annotation import (
    Document,
    Entity,
    Fragments,
    Mention,
    Relation,
    Suggestion,
    covered_text,
    new_id,
)
from core.article import Article, title_of
from core.codec import dumps
from core.errors import FormatError
from core.formats import EVERYTHING, Reader, Report, Writer
from core.formats.corpus import looks_like_corpus
from core.formats.fields import Fault, Fields
from core.formats.files import count_lines, first_object, json_lines, replacing
from core.i18n import _
from core.scheme import Scheme

VERSION = 1
_ARTICLE = ("outlet", "author", "url", "published", "language", "licence", "source")
_STATUS = ("gold", "suggested")
_STATE = ("open", "accepted", "rejected")


class Jsonl(Reader, Writer):
    """Reads and writes Goldsmith's own JSON Lines."""

    name = "jsonl"
    extensions = (".jsonl",)
    holds = EVERYTHING

    @property
    def title(self) -> str:
        """For a person."""
        return _("Goldsmith JSON Lines")

    def sniff(self, path: Path, head: bytes) -> bool:
        """Any ``.jsonl`` that is not in the shape of a corpus: its faults are told best here."""
        return path.suffix.lower() in self.extensions and not looks_like_corpus(first_object(path))

    def expected(self, path: Path) -> int:
        """One a line."""
        return count_lines(path)

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The documents of the file, a line at a time, with the ids of the file."""
        lines = _Lines()
        for number, data in json_lines(path):
            try:
                document = lines.document(data)
            except Fault as fault:
                raise FormatError(
                    str(fault),
                    _("Nothing of this file was added; correct the line, or make the file again."),
                    str(path),
                    number,
                ) from fault
            report.count_document(document)
            yield document
        if not report.written:
            raise FormatError(_("the file holds no article."), _("Leave it out."), str(path))

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write `documents`, one a line, with whatever suggestions they hold."""
        report = Report(files=[out])
        with replacing(out) as file:
            for document in documents:
                document = self.kept(document, scheme, report)
                try:
                    line = dumps(record(document)).encode("utf-8")
                except ValueError as error:  # NaN or half a surrogate pair, in attributes say
                    raise FormatError(
                        _("article {id} holds what JSON can't: {error}.").format(
                            id=document.article.id, error=error
                        ),
                        path=str(out),
                    ) from error
                file.write(line + b"\n")
        return report


# -- writing


def record(document: Document) -> dict[str, Any]:
    """The JSON object of one document; keys that say nothing are left out."""
    article = document.article
    text = article.text
    suggestions = document.suggestions.values()
    mentions = [_mention(text, m) for m in document.mentions.values()]
    mentions += [_mention(text, s) for s in suggestions if not s.is_relation]
    relations = [_relation(r) for r in document.relations.values()]
    relations += [_relation(s) for s in suggestions if s.is_relation]
    said = {name: getattr(article, name) for name in _ARTICLE}
    return {
        "goldsmith": VERSION,
        "id": article.id,
        "title": article.title,
        "text": text,
        **_kept(said),
        "state": article.state,
        **_kept({"meta": dict(article.meta)}),
        "mentions": mentions,
        "relations": relations,
        "entities": [_entity(e) for e in document.entities.values()],
    }


def _mention(text: str, item: Mention | Suggestion) -> dict[str, Any]:
    return {
        "id": item.id,
        "fragments": item.fragments,
        "start": item.start,
        "end": item.end,
        "text": covered_text(text, item.fragments),
        "type": item.type,
        **_said(item),
    }


def _relation(item: Relation | Suggestion) -> dict[str, Any]:
    return {
        "id": item.id,
        "type": item.type,
        "head": item.head,
        "tail": item.tail,
        **_said(item),
        **_kept({"evidence": item.evidence}),
    }


def _said(item: Mention | Relation | Suggestion) -> dict[str, Any]:
    """What gold and suggestions have in common, and what tells them apart."""
    suggested = isinstance(item, Suggestion)
    data = {
        "status": _STATUS[suggested],
        "source": item.source,
        "score": item.score,
    }
    more: dict[str, Any] = {"attributes": dict(item.attributes)}
    if isinstance(item, Suggestion):
        more |= {"why": item.why, "state": "" if item.state == "open" else item.state}
    else:
        more |= {"note": item.note, "annotator": item.annotator}
        if isinstance(item, Mention):
            more["entity"] = item.entity or ""
    return data | _kept(more)


def _entity(entity: Entity) -> dict[str, Any]:
    more = {"type": entity.type, "kb_id": entity.kb_id, "note": entity.note}
    return {"id": entity.id, "name": entity.name, **_kept(more)}


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value}


# -- reading


class _Lines:
    """What must hold across the lines of one file: no id stands for two things."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._entities: dict[str, Entity] = {}

    def document(self, data: dict[str, Any]) -> Document:
        fields = Fields(data, "")
        _check_version(fields)
        article, mentions, relations, entities = self._parts(fields)
        known = self._read_entities(entities)
        gold: dict[str, Mention] = {}
        suggestions: dict[str, Suggestion] = {}
        for n, item in enumerate(mentions, start=1):
            mention = self._mention(item, n, article, known)
            if isinstance(mention, Mention):
                gold[mention.id] = mention
            else:
                suggestions[mention.id] = mention
        ends = {id: s for id, s in suggestions.items() if id not in gold}
        facts: dict[str, Relation] = {}
        for n, item in enumerate(relations, start=1):
            relation = self._relation(item, n, article, gold, ends)
            if isinstance(relation, Relation):
                facts[relation.id] = relation
            else:
                suggestions[relation.id] = relation
        return Document(article, gold, facts, suggestions, known)

    def _parts(self, fields: Fields) -> tuple[Article, list[Any], list[Any], list[Any]]:
        id = fields.text("id", "") or new_id("a")
        text = fields.text("text", "")
        if not text.strip():
            raise Fault(_("the article has no text."))
        title = fields.text("title", "") if "title" in fields else title_of(text)
        said: dict[str, Any] = {name: fields.text(name, "") for name in _ARTICLE}
        state: Any = fields.choice("state", ("new", "done"))
        meta = fields.object("meta")
        parts = [fields.array(name) for name in ("mentions", "relations", "entities")]
        fields.done(_("Put data of your own under “meta”."))
        self._new(id, "")
        article = Article(id=id, text=text, title=title, state=state, meta=meta, **said)
        return article, parts[0], parts[1], parts[2]

    def _new(self, id: str, place: str) -> None:
        if id in self._ids:
            prefix = f"{place}: " if place else ""
            raise Fault(prefix + _("the id {id} is used twice in this file.").format(id=id))
        self._ids.add(id)

    def _read_entities(self, items: list[Any]) -> dict[str, Entity]:
        found: dict[str, Entity] = {}
        for n, item in enumerate(items, start=1):
            fields = Fields(item, _("entity {n}").format(n=n))
            entity = Entity(
                id=fields.text("id"),
                name=fields.text("name", ""),
                type=fields.text("type", ""),
                kb_id=fields.text("kb_id", ""),
                note=fields.text("note", ""),
            )
            fields.done()
            # One entity may be in many articles, but it must be the same in all.
            if entity.id in found or self._entities.setdefault(entity.id, entity) != entity:
                raise fields.fault(
                    _("the id {id} stands for two entities in this file.").format(id=entity.id)
                )
            found[entity.id] = entity
        for id in found:
            if id in self._ids:
                raise Fault(_("the id {id} is used twice in this file.").format(id=id))
        return found

    def _mention(
        self, item: Any, n: int, article: Article, entities: Mapping[str, Entity]
    ) -> Mention | Suggestion:
        fields = Fields(item, _("mention {n}").format(n=n))
        id = fields.text("id", "") or new_id("m")
        fields.place = _("mention {id}").format(id=id)
        parts = _fragments(fields, article.text)
        shown = fields.take("text")
        if shown is not None and shown != covered_text(article.text, parts):
            raise fields.fault(
                _("its text is {said}, but the article has {found} there.").format(
                    said=f"“{shown}”", found=f"“{covered_text(article.text, parts)}”"
                )
                + " "
                + _("Offsets count Unicode code points.")
            )
        common, suggested = _common(fields, article.id)
        if suggested:
            value: Mention | Suggestion = Suggestion(id=id, fragments=parts, **common)
        else:
            entity = fields.text("entity", "") or None
            if entity is not None and entity not in entities:
                raise fields.fault(_("there is no entity {id} in this line.").format(id=entity))
            value = Mention(id=id, fragments=parts, entity=entity, **common)
        fields.done(_("Put data of your own under “attributes”."))
        self._claim(value, fields.place)
        return value

    def _relation(
        self,
        item: Any,
        n: int,
        article: Article,
        gold: Mapping[str, Mention],
        suggested_ends: Mapping[str, Suggestion],
    ) -> Relation | Suggestion:
        fields = Fields(item, _("relation {n}").format(n=n))
        id = fields.text("id", "") or new_id("r")
        fields.place = _("relation {id}").format(id=id)
        head, tail = fields.text("head"), fields.text("tail")
        evidence = fields.fragments("evidence", len(article.text))
        common, suggested = _common(fields, article.id)
        fields.done(_("Put data of your own under “attributes”."))
        for end in (head, tail):
            if end in gold or (suggested and end in suggested_ends):
                continue
            if end in suggested_ends:
                raise fields.fault(
                    _("it is gold, but its end {id} is only suggested.").format(id=end)
                )
            raise fields.fault(_("there is no mention {id} in this line.").format(id=end))
        kind = Suggestion if suggested else Relation
        value: Relation | Suggestion = kind(
            id=id, head=head, tail=tail, evidence=evidence, **common
        )
        self._claim(value, fields.place)
        return value

    def _claim(self, value: Mention | Relation | Suggestion, place: str) -> None:
        # Gold keeps the id of the suggestion that it was, so the two may stand side by side.
        if isinstance(value, Suggestion) and value.state == "accepted":
            id = f"accepted {value.id}"
        else:
            id = value.id
        if id in self._ids or value.id in self._entities:
            raise Fault(_("{place}: the id is used twice in this file.").format(place=place))
        self._ids.add(id)


def _check_version(fields: Fields) -> None:
    version = fields.take("goldsmith")
    if version is None:
        raise Fault(
            _("this is not Goldsmith's format: the key “goldsmith” with the version is missing.")
        )
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise Fault(_("“goldsmith” must be the format's version, a whole number from 1."))
    if version > VERSION:
        raise Fault(
            _("it was made by a newer Goldsmith (format {version}; this one reads {mine}).").format(
                version=version, mine=VERSION
            )
        )


def _fragments(fields: Fields, text: str) -> Fragments:
    """From ``fragments``, or from ``start`` and ``end`` alone; both must say the same."""
    parts = fields.fragments("fragments", len(text))
    start, end = fields.offset("start"), fields.offset("end")
    if not parts:
        if start is None or end is None:
            raise fields.fault(_("it has no fragments."))
        return (fields.fragment(start, end, len(text)),)
    for key, said, found in (("start", start, parts[0].start), ("end", end, parts[-1].end)):
        if said is not None and said != found:
            raise fields.fault(
                _("{key} is {said}, but its fragments say {found}.").format(
                    key=key, said=said, found=found
                )
            )
    return parts


def _common(fields: Fields, article: str) -> tuple[dict[str, Any], bool]:
    """What gold and suggestions have in common, and whether it is a suggestion."""
    suggested = fields.choice("status", _STATUS) == "suggested"
    data: dict[str, Any] = {
        "article": article,
        "type": fields.text("type"),
        "source": fields.text("source", "" if suggested else "manual"),
        "attributes": fields.object("attributes"),
    }
    score = fields.score("score")
    if suggested:
        data |= {
            "score": score or 0.0,
            "why": fields.text("why", ""),
            "state": fields.choice("state", _STATE),
        }
    else:
        data |= {
            "score": score,
            "note": fields.text("note", ""),
            "annotator": fields.text("annotator", ""),
        }
    return data, suggested
