"""Goldsmith's own format: JSON Lines, one article a line, read back without loss.

Documented in ``docs/formats/jsonl.md``; a change of meaning there is a new `VERSION` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

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
from core.codec import raw
from core.errors import FormatError
from core.formats import EVERYTHING, Reader, Report, Writer
from core.formats.corpus import looks_like_corpus
from core.formats.fields import Fault, Fields
from core.formats.files import count_lines, first_object, json_lines, replacing, wrong_line
from core.formats.seen import Seen
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
        lines = Lines()
        for number, data in json_lines(path, report.refuse):
            try:
                document = lines.document(data)
            except Fault as fault:
                report.refuse(wrong_line(path, number, fault))
                continue
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
                    line = _line(record(document, raw))
                except ValueError as error:  # NaN or half a surrogate pair, in attributes say
                    raise FormatError(
                        _("article {id} holds what JSON can't: {error}.").format(
                            id=document.article.id, error=error
                        ),
                        path=str(out),
                    ) from error
                file.write(line)
        return report


# -- writing


def record(document: Document, data: Callable[[Any], Any] = dict) -> dict[str, Any]:
    """The JSON object of one document; keys that say nothing are left out.

    Args:
        data: what to make of attributes and metadata.
    """
    article = document.article
    text = article.text
    suggestions = document.suggestions.values()
    mentions = [_mention(text, m, data) for m in document.mentions.values()]
    mentions += [_mention(text, s, data) for s in suggestions if not s.is_relation]
    relations = [_relation(r, data) for r in document.relations.values()]
    relations += [_relation(s, data) for s in suggestions if s.is_relation]
    said = {name: getattr(article, name) for name in _ARTICLE}
    return {
        "goldsmith": VERSION,
        "id": article.id,
        "title": article.title,
        "text": text,
        **_kept(said),
        "state": article.state,
        **({"meta": data(article.meta)} if article.meta else {}),
        "mentions": mentions,
        "relations": relations,
        "entities": [_entity(e) for e in document.entities.values()],
    }


def _mention(
    text: str, item: Mention | Suggestion, attributes: Callable[[Any], Any]
) -> dict[str, Any]:
    parts = item.fragments
    if len(parts) == 1:
        start, end = parts[0]
        fragments, covered = [[start, end]], text[start:end]
    else:
        start, end = parts[0][0], parts[-1][1]
        fragments, covered = [list(part) for part in parts], covered_text(text, parts)
    data: dict[str, Any] = {
        "id": item.id,
        "fragments": fragments,
        "start": start,
        "end": end,
        "text": covered,
        "type": item.type,
    }
    _say(data, item, attributes)
    return data


def _relation(item: Relation | Suggestion, attributes: Callable[[Any], Any]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": item.id,
        "type": item.type,
        "head": item.head,
        "tail": item.tail,
    }
    _say(data, item, attributes)
    if item.evidence:
        data["evidence"] = [list(part) for part in item.evidence]
    return data


def _say(
    data: dict[str, Any],
    item: Mention | Relation | Suggestion,
    attributes: Callable[[Any], Any],
) -> None:
    """What gold and suggestions have in common, and what tells them apart."""
    suggested = isinstance(item, Suggestion)
    data["status"] = _STATUS[suggested]
    data["source"] = item.source
    data["score"] = item.score
    if item.attributes:
        data["attributes"] = attributes(item.attributes)
    if isinstance(item, Suggestion):
        if item.why:
            data["why"] = item.why
        if item.state != "open":
            data["state"] = item.state
        return
    if item.note:
        data["note"] = item.note
    if item.annotator:
        data["annotator"] = item.annotator
    if isinstance(item, Mention) and item.entity:
        data["entity"] = item.entity


def _entity(entity: Entity) -> dict[str, Any]:
    more = {"type": entity.type, "kb_id": entity.kb_id, "note": entity.note}
    return {"id": entity.id, "name": entity.name, **_kept(more)}


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value}


def _line(data: dict[str, Any]) -> bytes:
    """One line in UTF-8. Raises ValueError for half of a surrogate pair."""
    try:
        return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:
        raise ValueError(error) from error


# -- reading


class Lines:
    """What must hold across the lines of one file: no id stands for two things."""

    def __init__(self) -> None:
        self._ids = Seen()
        self._entities = Seen()  # ids and whole entities
        self._mine: set[str] = set()  # ids of the line that is being read

    def document(self, data: dict[str, Any]) -> Document:
        """The document of one line. Raises `Fault`; its ids are free then."""
        self._mine.clear()
        document = self._document(data)
        for id in self._mine:
            self._ids.add(id)
        for entity in document.entities.values():
            self._entities.add(entity.id)
            self._entities.add(entity)
        return document

    def _document(self, data: dict[str, Any]) -> Document:
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
        if not text or text.isspace():
            raise Fault(_("the article has no text."))
        title = fields.text("title", "") if "title" in fields else title_of(text)
        said: dict[str, Any] = fields.texts(_ARTICLE)
        state: Any = fields.choice("state", ("new", "done"))
        meta = fields.object("meta")
        parts = [fields.array(name) for name in ("mentions", "relations", "entities")]
        fields.done(_("Put data of your own under “meta”."))
        self._new(id, "")
        article = Article(id=id, text=text, title=title, state=state, meta=meta, **said)
        return article, parts[0], parts[1], parts[2]

    def _new(self, id: str, place: str) -> None:
        if self._used(id):
            prefix = f"{place}: " if place else ""
            raise Fault(prefix + _("the id {id} is used twice in this file.").format(id=id))
        self._mine.add(id)

    def _used(self, id: str) -> bool:
        return id in self._mine or id in self._ids

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
            twice = entity.id in self._entities and entity not in self._entities
            if entity.id in found or twice:
                raise fields.fault(
                    _("the id {id} stands for two entities in this file.").format(id=entity.id)
                )
            found[entity.id] = entity
        for id in found:
            if self._used(id):
                raise Fault(_("the id {id} is used twice in this file.").format(id=id))
        return found

    def _mention(
        self, item: Any, n: int, article: Article, entities: Mapping[str, Entity]
    ) -> Mention | Suggestion:
        fields = Fields(item, lambda: _("mention {n}").format(n=n))
        id = fields.text("id", "") or new_id("m")
        fields.call(lambda: _("mention {id}").format(id=id))
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
        fields = Fields(item, lambda: _("relation {n}").format(n=n))
        id = fields.text("id", "") or new_id("r")
        fields.call(lambda: _("relation {id}").format(id=id))
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
        if self._used(id) or value.id in self._entities:
            raise Fault(_("{place}: the id is used twice in this file.").format(place=place))
        self._mine.add(id)


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
