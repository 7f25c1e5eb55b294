"""Corpora as JSON lines: ``{id, text, entities: [{id, start, end, label}], relations: [...]}``.

What such a file calls an entity is a mention here. Everything that it holds is kept: what has no
field of its own becomes an attribute or goes into the article's ``meta``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.annotation import Document, Entity, Fragment, Fragments, Mention, Relation, new_id
from core.article import Article
from core.errors import FormatError
from core.formats import Report
from core.formats.jsonl import json_lines
from core.formats.text import title_of
from core.i18n import _

_ARTICLE = {
    "text", "entities", "relations", "title", "publisher", "outlet", "author", "licence", "license",
    "language", "published", "date",
}  # fmt: skip
_MENTION = {"id", "start", "end", "label", "cluster"}
_RELATION = {"id", "head", "tail", "label", "trigger"}


class CorpusReader:
    """Reads ``*.jsonl`` whose lines have a text and entities with offsets in code points."""

    name = "corpus"
    title = "Corpus JSONL (text, entities, relations)"
    extensions = (".jsonl",)

    def sniff(self, path: Path, head: bytes) -> bool:
        """A line that is an object with a text; entities may come beyond what is looked at."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return (
            path.suffix.lower() in (".jsonl", ".ndjson")
            and start.startswith(b"{")
            and b'"text"' in start
        )

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The documents, a line at a time, with new ids. Raises `FormatError` with the line."""
        for line, data in json_lines(path):
            document = _Line(data, path, line).document()
            report.count("articles")
            report.count("mentions", len(document.mentions))
            report.count("relations", len(document.relations))
            yield document


class _Line:
    """One line of the file."""

    def __init__(self, data: dict[str, Any], path: Path, line: int) -> None:
        self.data = data
        self.path = path
        self.line = line
        self.source = f"import:{path.name}"

    def fail(self, message: str) -> FormatError:
        return FormatError(
            message, _("Nothing of this file was added."), path=str(self.path), line=self.line
        )

    def document(self) -> Document:
        data = self.data
        text = data.get("text")
        if not isinstance(text, str) or not text.strip():
            raise self.fail(_("The line has no text."))
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.fail(_("The text holds half a character (a lone surrogate).")) from error
        if "\x00" in text:
            raise self.fail(_("The text holds a zero byte."))
        source = str(data.get("source", ""))
        is_url = source.startswith(("http://", "https://"))
        article = Article(
            id=new_id("a"),
            text=text,
            title=str(data.get("title") or title_of(text)),
            outlet=str(data.get("outlet") or data.get("publisher") or ""),
            author=str(data.get("author") or ""),
            url=source if is_url else "",
            published=str(data.get("published") or data.get("date") or ""),
            language=str(data.get("language") or ""),
            licence=str(data.get("licence") or data.get("license") or ""),
            source=self.path.name,
            meta={k: v for k, v in data.items() if k not in _ARTICLE},
        )
        entities: dict[str, Entity] = {}
        mentions: dict[str, Mention] = {}
        ends: dict[Any, str] = {}
        for item in self.items("entities"):
            mention = self.mention(item, article, entities)
            mentions[mention.id] = mention
            if "id" in item:
                if item["id"] in ends:
                    raise self.fail(_("The id {id} is there twice.").format(id=item["id"]))
                ends[item["id"]] = mention.id
        relations = {
            r.id: r for r in (self.relation(i, article, ends) for i in self.items("relations"))
        }
        return Document(article, mentions, relations, entities={e.id: e for e in entities.values()})

    def items(self, key: str) -> list[dict[str, Any]]:
        items = self.data.get(key) or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise self.fail(_("{key} must be a list of objects.").format(key=key))
        return items

    def mention(
        self, item: dict[str, Any], article: Article, entities: dict[str, Entity]
    ) -> Mention:
        parts = self.span(article, item.get("start"), item.get("end"), item.get("id", "?"))
        entity = None
        cluster = item.get("cluster")
        if cluster is not None:
            covered = article.text[parts[0].start : parts[0].end]
            known = entities.get(str(cluster))
            if known is None:
                link = item.get("link")
                kb_id = link if isinstance(link, str) else ""
                known = Entity(new_id("e"), covered, self.label(item), kb_id)
                entities[str(cluster)] = known
            entity = known.id
        return Mention(
            id=new_id("m"),
            article=article.id,
            fragments=parts,
            type=self.label(item),
            attributes={k: v for k, v in item.items() if k not in _MENTION},
            entity=entity,
            source=self.source,
        )

    def relation(self, item: dict[str, Any], article: Article, ends: dict[Any, str]) -> Relation:
        for end in ("head", "tail"):
            if not isinstance(item.get(end), str | int) or item[end] not in ends:
                raise self.fail(
                    _("A relation names {end} {id}, which is not there.").format(
                        end=end, id=item.get(end)
                    )
                )
        attributes = {k: v for k, v in item.items() if k not in _RELATION}
        evidence: Fragments = ()
        trigger = item.get("trigger")
        if isinstance(trigger, list) and len(trigger) == 2:
            evidence = self.span(article, trigger[0], trigger[1], _("a trigger"))
        elif trigger is not None:
            attributes["trigger"] = trigger
        return Relation(
            id=new_id("r"),
            article=article.id,
            type=self.label(item),
            head=ends[item["head"]],
            tail=ends[item["tail"]],
            evidence=evidence,
            attributes=attributes,
            source=self.source,
        )

    def label(self, item: dict[str, Any]) -> str:
        label = item.get("label")
        if not isinstance(label, str) or not label.strip():
            raise self.fail(_("{id} has no label.").format(id=item.get("id", "?")))
        return label

    def span(self, article: Article, start: Any, end: Any, what: Any) -> Fragments:
        whole = all(isinstance(n, int) and not isinstance(n, bool) for n in (start, end))
        if not whole or not 0 <= start < end <= len(article.text):
            raise self.fail(
                _("{what} covers {start} to {end}, but the text has {n} characters.").format(
                    what=what, start=start, end=end, n=len(article.text)
                )
            )
        return (Fragment(start, end),)
