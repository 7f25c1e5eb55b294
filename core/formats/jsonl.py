"""Goldsmith's own format: an article a line, everything in it, read back without loss.

Documented in ``docs/formats/jsonl.md``. Offsets are Unicode code points.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.annotation import Document, Entity, Fragments, Mention, Relation, Suggestion, covered_text
from core.article import Article
from core.codec import dumps, fragments_from
from core.errors import FormatError
from core.formats import Report
from core.formats.files import whole
from core.i18n import _
from core.scheme import Scheme

VERSION = 1
_TEXTS = ("title", "outlet", "author", "url", "published", "language", "licence", "source")


class JsonlFormat:
    """Reads and writes ``*.jsonl`` whose lines have the key ``goldsmith``."""

    name = "jsonl"
    title = "Goldsmith JSONL"
    extensions = (".jsonl",)

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the first line is an object with our key."""
        first = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
        return first.startswith(b"{") and b'"goldsmith"' in first[:200]

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The documents, a line at a time. Raises `FormatError` with the line."""
        for line, data in json_lines(path):
            document = _Reader(data, str(path), line).document()
            report.count("articles")
            report.count("mentions", len(document.mentions))
            report.count("relations", len(document.relations))
            report.count("suggestions", len(document.suggestions))
            yield document

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """One line a document, with the suggestions that it carries."""
        report = Report(files=[out])
        with whole(out) as file:
            for document in documents:
                file.write((dumps(to_json(document, scheme)) + "\n").encode("utf-8"))
                report.count("articles")
                report.count("mentions", len(document.mentions))
                report.count("relations", len(document.relations))
                report.count("suggestions", len(document.suggestions))
        return report


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of every line that is not blank. Raises `FormatError`."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if number == 1:
                    raw = raw.removeprefix(b"\xef\xbb\xbf")
                if not raw.strip():
                    continue
                try:
                    data = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
                except UnicodeDecodeError as error:
                    raise FormatError(
                        _("Byte {n} of the line is no UTF-8.").format(n=error.start + 1),
                        _("Save the file as UTF-8."), str(path), number,
                    ) from error  # fmt: skip
                except RecursionError as error:
                    raise FormatError(
                        _("The line is nested too deep."), "", str(path), number
                    ) from error
                except ValueError as error:
                    raise FormatError(
                        _("The line is no JSON: {error}.").format(error=error),
                        "",
                        str(path),
                        number,
                    ) from error
                if not isinstance(data, dict):
                    raise FormatError(_("The line is no JSON object."), "", str(path), number)
                yield number, data
    except OSError as error:
        raise FormatError(
            _("It can't be read: {error}.").format(error=error.strerror or error), path=str(path)
        ) from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


# -- writing


def to_json(document: Document, scheme: Scheme) -> dict[str, Any]:
    """The JSON object of one document, keys in a fixed order."""
    article = document.article
    text = article.text
    mentions = sorted(document.mentions.values(), key=lambda m: (m.start, -m.end, m.id))
    suggested = sorted(
        (s for s in document.suggestions.values() if not s.is_relation),
        key=lambda s: (s.start, -s.end, s.id),
    )
    relations = sorted(document.relations.values(), key=lambda r: r.id)
    between = sorted(
        (s for s in document.suggestions.values() if s.is_relation), key=lambda s: s.id
    )
    return {
        "goldsmith": VERSION,
        "id": article.id,
        "scheme": scheme.name,
        **{name: getattr(article, name) for name in _TEXTS},
        "state": article.state,
        "meta": article.meta,
        "text": text,
        "mentions": [_mention(m, text) for m in mentions] + [_mention(s, text) for s in suggested],
        "relations": [_relation(r) for r in relations] + [_relation(s) for s in between],
        "entities": [
            {"id": e.id, "name": e.name, "type": e.type, "kb_id": e.kb_id, "note": e.note}
            for e in sorted(document.entities.values(), key=lambda e: e.id)
        ],
    }


def _mention(item: Mention | Suggestion, text: str) -> dict[str, Any]:
    return {
        "id": item.id,
        "type": item.type,
        "start": item.start,
        "end": item.end,
        "fragments": item.fragments,
        "text": covered_text(text, item.fragments),
        **_status(item),
        **({"entity": item.entity} if isinstance(item, Mention) else {}),
    }


def _relation(item: Relation | Suggestion) -> dict[str, Any]:
    return {
        "id": item.id,
        "type": item.type,
        "head": item.head,
        "tail": item.tail,
        "evidence": item.evidence,
        **_status(item),
    }


def _status(item: Mention | Relation | Suggestion) -> dict[str, Any]:
    common = {"source": item.source, "score": item.score, "attributes": item.attributes}
    if isinstance(item, Suggestion):
        return {"status": "suggested", **common, "why": item.why}
    return {"status": "gold", **common, "note": item.note, "annotator": item.annotator}


# -- reading


class _Reader:
    """One line: every field checked, every fault with its place."""

    def __init__(self, data: dict[str, Any], path: str, line: int) -> None:
        self.data = data
        self.path = path
        self.line = line
        self.ids: set[str] = set()

    def fail(self, message: str) -> FormatError:
        return FormatError(
            message, _("Nothing of this file was added."), path=self.path, line=self.line
        )

    def document(self) -> Document:
        version = self.data.get("goldsmith")
        if not isinstance(version, int) or isinstance(version, bool):
            raise self.fail(_("The key “goldsmith” must be the format's version, a number."))
        if version > VERSION:
            raise self.fail(_("The line is in version {n}, which is newer.").format(n=version))
        text = self.get(self.data, "text", str, required=True)
        self.check_text(text, "text")
        state = self.get(self.data, "state", str) or "new"
        if state not in ("new", "done"):
            raise self.fail(_("state must be “new” or “done”, not “{state}”.").format(state=state))
        meta = self.get(self.data, "meta", dict) or {}
        self.check_text(meta, "meta")
        article = Article(
            id=self.id(self.data, "article"),
            text=text,
            state=state,  # type: ignore[arg-type]
            meta=meta,
            **{name: self.text(self.data, name) for name in _TEXTS},
        )
        if not text.strip():
            raise self.fail(_("The text is empty."))
        entities = {e.id: e for e in (self.entity(d) for d in self.list(self.data, "entities"))}
        mentions: dict[str, Mention] = {}
        relations: dict[str, Relation] = {}
        suggestions: dict[str, Suggestion] = {}
        for data in self.list(self.data, "mentions"):
            item = self.mention(data, article, entities)
            (mentions if isinstance(item, Mention) else suggestions)[item.id] = item  # type: ignore[index]
        ends = {**mentions, **suggestions}
        for data in self.list(self.data, "relations"):
            fact = self.relation(data, article, ends, mentions)
            (relations if isinstance(fact, Relation) else suggestions)[fact.id] = fact  # type: ignore[index]
        return Document(article, mentions, relations, suggestions, entities)

    def mention(
        self, data: dict[str, Any], article: Article, entities: Mapping[str, Entity]
    ) -> Mention | Suggestion:
        id = self.id(data, "mention")
        parts = self.fragments(data, article, id)
        said = data.get("text")
        if said is not None and said != covered_text(article.text, parts):
            raise self.fail(
                _("Mention {id} says its text is “{said}”, but there it is “{real}”.").format(
                    id=id, said=said, real=covered_text(article.text, parts)
                )
            )
        common = self.common(data, id, article)
        if self.status(data, id) == "suggested":
            return Suggestion(fragments=parts, **common, **self.suggested(data))
        entity = self.get(data, "entity", str)
        if entity and entity not in entities:
            raise self.fail(
                _("Mention {id} names entity {entity}, which the line does not hold.").format(
                    id=id, entity=entity
                )
            )
        return Mention(fragments=parts, entity=entity or None, **common, **self.gold(data, id))

    def relation(
        self,
        data: dict[str, Any],
        article: Article,
        ends: Mapping[str, Any],
        gold: Mapping[str, Mention],
    ) -> Relation | Suggestion:
        id = self.id(data, "relation")
        status = self.status(data, id)
        head, tail = (self.get(data, end, str, required=True) for end in ("head", "tail"))
        for end in (head, tail):
            if end not in (gold if status == "gold" else ends):
                raise self.fail(
                    _("Relation {id} names mention {end}, which is not there.").format(
                        id=id, end=end
                    )
                )
        evidence = self.spans(data.get("evidence") or [], article, id)
        common = self.common(data, id, article)
        if status == "suggested":
            return Suggestion(
                head=head, tail=tail, evidence=evidence, **common, **self.suggested(data)
            )
        return Relation(head=head, tail=tail, evidence=evidence, **common, **self.gold(data, id))

    def entity(self, data: dict[str, Any]) -> Entity:
        return Entity(
            id=self.id(data, "entity"),
            name=self.text(data, "name"),
            type=self.text(data, "type"),
            kb_id=self.text(data, "kb_id"),
            note=self.text(data, "note"),
        )

    def common(self, data: dict[str, Any], id: str, article: Article) -> dict[str, Any]:
        type = self.get(data, "type", str, required=True)
        if not type:
            raise self.fail(_("{id} has an empty type.").format(id=id))
        self.check_text(type, "type")
        attributes = self.get(data, "attributes", dict) or {}
        self.check_text(attributes, "attributes")
        return {"id": id, "article": article.id, "type": type, "attributes": attributes}

    def gold(self, data: dict[str, Any], id: str) -> dict[str, Any]:
        return {
            "note": self.text(data, "note"),
            "annotator": self.text(data, "annotator"),
            "source": self.text(data, "source") or "manual",
            "score": self.score(data),
        }

    def suggested(self, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "source": self.text(data, "source"),
            "score": self.score(data) or 0.0,
            "why": self.text(data, "why"),
        }

    def status(self, data: dict[str, Any], id: str) -> str:
        status = data.get("status", "gold")
        if status not in ("gold", "suggested"):
            raise self.fail(_("The status of {id} must be “gold” or “suggested”.").format(id=id))
        return str(status)

    def score(self, data: dict[str, Any]) -> float | None:
        score = data.get("score")
        if score is None:
            return None
        if (
            isinstance(score, bool)
            or not isinstance(score, int | float)
            or not math.isfinite(score)
        ):
            raise self.fail(_("A score must be a number, not {score}.").format(score=score))
        return float(score)

    def fragments(self, data: dict[str, Any], article: Article, id: str) -> Fragments:
        spans = data.get("fragments")
        if spans is None:
            spans = [[data.get("start"), data.get("end")]]
        parts = self.spans(spans, article, id)
        if not parts:
            raise self.fail(_("Mention {id} covers no text.").format(id=id))
        outer = (data.get("start", parts[0].start), data.get("end", parts[-1].end))
        if outer != (parts[0].start, parts[-1].end):
            raise self.fail(
                _("Start and end of mention {id} do not fit its fragments.").format(id=id)
            )
        return parts

    def spans(self, spans: Any, article: Article, id: str) -> Fragments:
        if not isinstance(spans, list):
            raise self.fail(_("The spans of {id} must be a list.").format(id=id))
        end = -1
        for span in spans:
            if (
                not isinstance(span, list)
                or len(span) != 2
                or not all(isinstance(n, int) and not isinstance(n, bool) for n in span)
            ):
                raise self.fail(
                    _("A span of {id} must be [start, end], two whole numbers.").format(id=id)
                )
            if not 0 <= span[0] < span[1] <= len(article.text):
                raise self.fail(
                    _("{id} covers {start} to {end}, but the text has {n} characters.").format(
                        id=id, start=span[0], end=span[1], n=len(article.text)
                    )
                )
            if span[0] <= end:
                raise self.fail(_("The spans of {id} must be in order and apart.").format(id=id))
            end = span[1]
        return fragments_from(spans)

    def id(self, data: dict[str, Any], what: str) -> str:
        id = self.get(data, "id", str, required=True)
        if not id:
            raise self.fail(_("A {what} has an empty id.").format(what=what))
        self.check_text(id, "id")
        if id in self.ids:
            raise self.fail(_("The id {id} is there twice.").format(id=id))
        self.ids.add(id)
        return str(id)

    def list(self, data: dict[str, Any], key: str) -> list[dict[str, Any]]:
        items = self.get(data, key, list) or []
        if not all(isinstance(item, dict) for item in items):
            raise self.fail(_("{key} must be a list of objects.").format(key=key))
        return items  # type: ignore[no-any-return]

    def text(self, data: dict[str, Any], key: str) -> str:
        value = self.get(data, key, str) or ""
        self.check_text(value, key)
        return str(value)

    def get(self, data: dict[str, Any], key: str, kind: type, required: bool = False) -> Any:
        value = data.get(key)
        if value is None and not required:
            return None
        if not isinstance(value, kind):
            names = {str: _("a text"), list: _("a list"), dict: _("an object")}
            raise self.fail(_("{key} must be {kind}.").format(key=key, kind=names[kind]))
        return value

    def check_text(self, value: Any, key: str) -> None:
        """No half characters: they can't be stored or shown."""
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.fail(
                _("{key} holds half a character (a lone surrogate).").format(key=key)
            ) from error
        if key == "text" and "\x00" in value:
            raise self.fail(_("The text holds a zero byte."))
