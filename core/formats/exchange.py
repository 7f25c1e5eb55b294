"""What the formats of annotation tools share: one JSON object an article.

The article's own fields stand beside its text by their names, and `Article.meta` under ``meta``.
What a tool says beyond that (ids, hashes, comments) is kept in the article's metadata under the
format's name, and written back.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.annotation import Document, Fragment, Mention, Relation, Suggestion, new_id
from core.article import Article, title_of
from core.codec import dumps
from core.errors import FormatError
from core.formats import Feature, Reader, Report, Writer
from core.formats.fields import Fault, Fields
from core.formats.files import count_lines, replacing, wrong_line
from core.formats.loss import ARTICLE_FIELDS, STASH, stashed
from core.formats.stream import json_values
from core.i18n import _
from core.scheme import Scheme

HOLDS = frozenset(
    {
        Feature.TEXT, Feature.NESTED, Feature.OFFSETS, Feature.RELATIONS, Feature.METADATA,
        Feature.NAMES,
    }
)  # fmt: skip
_STATES = ("new", "done")
_TEXTS = tuple(name for name in ARTICLE_FIELDS if name not in ("meta", "state"))


@dataclass
class Draft:
    """A document in the making.

    Attributes:
        keys: the file's own names of mentions, with the ids that they got.
    """

    article: Article
    source: str
    mentions: dict[str, Mention] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    suggestions: dict[str, Suggestion] = field(default_factory=dict)
    keys: dict[Any, str] = field(default_factory=dict)

    def mention(self, part: Fragment, type: str, **more: Any) -> str:
        """Add gold; its id."""
        id = new_id("m")
        self.mentions[id] = Mention(id, self.article.id, (part,), type, source=self.source, **more)
        return id

    def relation(self, type: str, head: str, tail: str, **more: Any) -> str:
        """Add gold; its id."""
        id = new_id("r")
        self.relations[id] = Relation(
            id, self.article.id, type, head, tail, source=self.source, **more
        )
        return id

    def suggest(self, type: str, **more: Any) -> str:
        """Add a suggestion, a relation where it has a head; its id."""
        id = new_id("r" if more.get("head") else "m")
        self.suggestions[id] = Suggestion(id, self.article.id, type, **more)
        return id

    def put(self, item: Mention | Suggestion) -> None:
        """Put `item` in the place of the one with its id."""
        if isinstance(item, Suggestion):
            self.suggestions[item.id] = item
        else:
            self.mentions[item.id] = item

    def document(self) -> Document:
        """What it has become."""
        return Document(self.article, self.mentions, self.relations, self.suggestions)


class Exchange(Reader, Writer):
    """A format of one JSON object an article."""

    def expected(self, path: Path) -> int:
        """By its lines; where a value has many, the bar is wrong and nothing else."""
        return max(1, count_lines(path))

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The documents of the file, one after the other."""
        source = f"import:{path.stem}"
        n = refused = 0
        for line, data in json_values(path, report, self.is_record):
            n += 1 + report.refused - refused
            refused = report.refused
            try:
                document = self.document(data, n, source, report)
            except Fault as fault:
                report.refuse(wrong_line(path, line, fault))
                refused = report.refused
                continue
            if document is not None:
                if not document.article.source:
                    known = replace(document.article, source=path.name)
                    document = replace(document, article=known)
                report.count_document(document)
                yield document
        if not report.written.get("articles"):
            raise FormatError(_("the file holds no article."), _("Leave it out."), str(path))

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write `documents`, one a line."""
        report = Report(files=[out])
        with replacing(out) as file:
            for document in documents:
                kept = self.kept(document, scheme, report)
                file.write(line(self.record(kept, report), kept, out) + b"\n")
        return report

    @abstractmethod
    def is_record(self, data: Mapping[str, Any]) -> bool:
        """Whether an object of the file is one of an article, and no part of one: behind a broken
        one the next is looked for."""

    @abstractmethod
    def document(self, data: Any, n: int, source: str, report: Report) -> Document | None:
        """The document of the `n`-th object, None where it is none. Raises `Fault`."""

    @abstractmethod
    def record(self, document: Document, report: Report) -> dict[str, Any]:
        """The object of `document`, of which the format holds everything."""


def line(record: Any, document: Document, out: Path) -> bytes:
    """`record` as compact JSON. Raises `FormatError` where JSON can't hold it."""
    try:
        return dumps(record).encode("utf-8")
    except ValueError as error:  # NaN or half a surrogate pair, in attributes say
        raise FormatError(
            _("article {id} holds what JSON can't: {error}.").format(
                id=document.article.id, error=error
            ),
            path=str(out),
        ) from error


def said(article: Article) -> dict[str, Any]:
    """The fields of an article that say something, by their names."""
    data: dict[str, Any] = {n: value for n in _TEXTS if (value := getattr(article, n))}
    if article.title == title_of(article.text):
        data.pop("title", None)  # of white space only there is none
    if article.state == "done":
        data["state"] = "done"
    return data


def stash(article: Article, name: str) -> dict[str, Any]:
    """What only the format `name` understands."""
    return dict(stashed(article, name))


def meta(article: Article) -> dict[str, Any]:
    """The metadata of an article without what only formats understand."""
    return {key: value for key, value in article.meta.items() if key != STASH}


def with_stash(made: Article, name: str, data: Mapping[str, Any]) -> Article:
    """`made` with `data` as what only the format `name` understands."""
    known = meta(made)
    return replace(made, meta={**known, STASH: {name: dict(data)}} if data else known)


def article(fields: Fields, text: str, name: str, state: str = "new") -> Article:
    """The article that the rest of `fields` describes; `state` where they say none."""
    parts: dict[str, Any] = {"state": state}
    left: dict[str, Any] = {}
    for key, value in fields.rest().items():
        if (
            (key in _TEXTS and isinstance(value, str))
            or (key == "state" and value in _STATES)
            or (key == "meta" and isinstance(value, dict))
        ):
            parts[key] = value
        else:
            left[key] = value
    made = with_stash(Article(id=new_id("a"), text=text, **parts), name, left)
    return made if made.title else replace(made, title=title_of(text))


def checked_text(fields: Fields, key: str = "text") -> str:
    """The text of the article. Raises `Fault` where there is none."""
    text = fields.take(key)
    if not isinstance(text, str):
        raise fields.fault(_("the article has no text (key {key}).").format(key=f"“{key}”"))
    if not text.strip():
        raise fields.fault(_("the article has no text."))
    return text
