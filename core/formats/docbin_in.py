"""Reads a ``DocBin`` without building spaCy's ``Doc``.

spaCy takes the arrays of a file at their word, in C: an index that is too large ends the program.
So the file is taken apart here, each number checked; spaCy only tells what its numbers mean.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.annotation import Document, Entity, Fragment, Mention, new_id
from core.article import Article, title_of
from core.formats import Feature, Loss
from core.formats.fields import Fault
from core.formats.files import unreadable
from core.formats.jsonl import Lines
from core.i18n import _

_LARGEST = 1 << 30  # bytes of a file, unpacked
_SPAN = struct.Struct(">QQQllll")  # id, knowledge base, label, first and last token, characters
# Read, or the same for every text (NORM, and HEAD and SENT_START without a parse).
_IGNORED = frozenset(
    {"ORTH", "SPACY", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID", "NORM", "HEAD", "SENT_START"}
)
_OWN = ("goldsmith", "relations")


@dataclass(slots=True)
class _Doc:
    """One document of the file: the places of its tokens, and spans as token numbers."""

    text: str
    places: list[tuple[int, int]]
    ents: list[tuple[int, int, str, str]] = field(default_factory=list)
    groups: dict[str, list[tuple[int, int, str, str]]] = field(default_factory=dict)


def _unpacked(path: Path) -> Any:
    """The content of the file. Raises `Fault`."""
    unpacker = zlib.decompressobj()
    parts: list[bytes] = []
    size = 0
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                while block:
                    part = unpacker.decompress(block, 1 << 24)
                    size += len(part)
                    if size > _LARGEST:
                        raise Fault(_("it unfolds to more than {n} GB.").format(n=_LARGEST >> 30))
                    parts.append(part)
                    block = unpacker.unconsumed_tail
    except OSError as error:
        raise unreadable(path, error) from error
    except zlib.error as error:
        raise Fault(_("this is no DocBin: {error}.").format(error=error)) from error
    if not unpacker.eof:
        raise Fault(_("the file is cut off."))
    return _message(b"".join(parts))


def _message(data: bytes, *, use_list: bool = True) -> Any:
    """One message of msgpack. Raises `Fault`."""
    import srsly  # type: ignore[import-untyped]

    try:
        return srsly.msgpack_loads(data, use_list=use_list)
    except Exception as error:
        raise Fault(_("this is no DocBin: {error}.").format(error=error)) from error


class Store:
    """The arrays of a file, and the documents that they are. Raises `FormatError` and `Fault`."""

    def __init__(self, path: Path) -> None:
        import numpy
        from spacy.attrs import IDS  # type: ignore[import-not-found]
        from spacy.strings import get_string_id
        from spacy.symbols import IDS as SYMBOLS  # type: ignore[import-not-found]

        self._path = path
        self._lines = Lines()
        data = _unpacked(path)
        if not isinstance(data, dict):
            raise Fault(_("this is no DocBin."))
        attributes, strings = data.get("attrs"), data.get("strings")
        if not isinstance(attributes, list) or not isinstance(strings, list):
            raise Fault(_("it has no strings or no attributes."))
        self._columns = {int(a): n for n, a in enumerate(attributes) if isinstance(a, int)}
        if IDS["ORTH"] not in self._columns:
            raise Fault(_("it has no words."))
        self._ids = IDS
        self._names = {id: str(name) for name, id in IDS.items() if id in self._columns}
        self._strings = {int(id): str(name) for name, id in SYMBOLS.items()}
        self._strings |= {get_string_id(s): s for s in strings if isinstance(s, str)}
        self._strings[0] = ""
        try:
            lengths = numpy.frombuffer(data["lengths"], dtype="int32")
            spaces = numpy.frombuffer(data["spaces"], dtype="uint8")
            tokens = numpy.frombuffer(data["tokens"], dtype="uint64")
        except (KeyError, ValueError, TypeError) as error:
            raise Fault(_("an array is missing or broken: {error}.").format(error=error)) from error
        n = int(lengths.sum()) if len(lengths) else 0
        if (lengths < 0).any() or tokens.size != n * len(attributes) or spaces.size != n:
            raise Fault(_("its arrays do not fit together."))
        self._tokens = tokens.reshape((n, len(attributes)))
        self._spaces = spaces
        self._starts = [0]
        for length in lengths.tolist():
            self._starts.append(self._starts[-1] + length)
        self._data: dict[str, Any] = data

    def __len__(self) -> int:
        return len(self._starts) - 1

    def _name(self, id: int) -> str:
        found = self._strings.get(id)
        if found is None:
            raise Fault(_("it uses a string that it does not have ({id}).").format(id=id))
        return found

    def _column(self, name: str, n: int) -> list[int]:
        """An attribute of each token of document `n`, zeros if the file does not have it."""
        first, last = self._starts[n], self._starts[n + 1]
        at = self._columns.get(self._ids[name])
        if at is None:
            return [0] * (last - first)
        return [int(v) for v in self._tokens[first:last, at].tolist()]

    def _item(self, key: str, n: int) -> Any:
        items = self._data.get(key)
        return items[n] if isinstance(items, list) and n < len(items) else None

    def document(self, n: int) -> tuple[Document, list[Loss]]:
        """One document, with what it does not hold. Raises `Fault`."""
        try:
            doc = self.doc(n)
            data = self.user_data(n)
            own = data.get("goldsmith")
            if isinstance(own, dict) and "goldsmith" in own:
                return _ours(doc, data, self._lines), []
            return _theirs(doc, self.others(n), data, self._path)
        except Fault as fault:
            raise Fault(_("document {n}: {reason}").format(n=n + 1, reason=fault)) from fault

    def doc(self, n: int) -> _Doc:
        """Document `n`. Raises `Fault`."""
        words = [self._name(id) for id in self._column("ORTH", n)]
        flags = self._item("flags", n)
        unknown = isinstance(flags, Mapping) and flags.get("has_unknown_spaces")
        spaces = self._spaces[self._starts[n] : self._starts[n + 1]].tolist()
        parts: list[str] = []
        places: list[tuple[int, int]] = []
        at = 0
        for place, word in enumerate(words):
            places.append((at, at + len(word)))
            spaced = place + 1 < len(words) if unknown else bool(spaces[place])
            parts.append(word + " " if spaced else word)
            at += len(parts[-1])
        doc = _Doc("".join(parts), places)
        doc.ents = self._ents(n)
        doc.groups = self._groups(n, len(words))
        return doc

    def _ents(self, n: int) -> list[tuple[int, int, str, str]]:
        found: list[tuple[int, int, str, str]] = []
        open_at = -1
        columns = [self._column(name, n) for name in ("ENT_IOB", "ENT_TYPE", "ENT_KB_ID")]
        rows = list(zip(*columns, strict=True))
        for place, (iob, type, kb) in enumerate(rows):
            if iob == 1 and open_at >= 0 and type == rows[open_at][1]:
                first, _last, label, reference = found[-1]
                found[-1] = (first, place + 1, label, reference)
                continue
            open_at = -1
            if iob in (1, 3) and type:
                open_at = place
                found.append((place, place + 1, self._name(type), self._name(kb)))
        return found

    def _groups(self, n: int, length: int) -> dict[str, list[tuple[int, int, str, str]]]:
        data = self._item("span_groups", n)
        if not isinstance(data, bytes) or not data:
            return {}
        message = _message(data)
        groups: dict[str, list[tuple[int, int, str, str]]] = {}
        pairs = message.items() if isinstance(message, dict) else ((m, None) for m in message or ())
        for packed, keys in pairs:
            group = _message(packed) if isinstance(packed, bytes) else None
            if not isinstance(group, dict) or not isinstance(group.get("spans"), list):
                raise Fault(_("a group of spans is broken."))
            spans = [self._span(item, length) for item in group["spans"]]
            for key in keys if isinstance(keys, list) else [group.get("name")]:
                groups[str(key)] = spans
        return groups

    def _span(self, packed: Any, length: int) -> tuple[int, int, str, str]:
        try:
            _id, kb, label, first, last, _start, _end = _SPAN.unpack(packed)
        except (struct.error, TypeError) as error:
            raise Fault(_("a span is broken: {error}.").format(error=error)) from error
        if not 0 <= first < last <= length:
            raise Fault(
                _("a span goes from token {first} to {last} of {n}.").format(
                    first=first, last=last, n=length
                )
            )
        return first, last, self._name(label), self._name(kb)

    def user_data(self, n: int) -> dict[str, Any]:
        """``Doc.user_data`` by its plain keys."""
        data = self._item("user_data", n)
        if not isinstance(data, bytes) or not data:
            return {}
        message = _message(data, use_list=False)
        if not isinstance(message, dict):
            raise Fault(_("its user data is broken."))
        return {key: value for key, value in message.items() if isinstance(key, str)}

    def others(self, n: int) -> list[str]:
        """Attributes and the like that a document does not hold, and this one has."""
        names = [
            name
            for id, name in self._names.items()
            if name not in _IGNORED
            and self._tokens[self._starts[n] : self._starts[n + 1], self._columns[id]].any()
        ]
        return [*names, *(["cats"] if self._item("cats", n) else [])]


def _ours(doc: _Doc, data: Mapping[str, Any], lines: Lines) -> Document:
    """What Goldsmith wrote, whole; its offsets are checked against the text."""
    record = _listed(data["goldsmith"])
    gold = _listed(data.get("relations", ()))
    relations = record.pop("all", gold)
    return lines.document({**record, "text": doc.text, "relations": relations})


def _listed(value: Any) -> Any:
    """Tuples as lists: spaCy gives lists back as tuples."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value


def _theirs(
    doc: _Doc, others: list[str], data: Mapping[str, Any], path: Path
) -> tuple[Document, list[Loss]]:
    """What any pipeline made: entities, and the spans of each group that are none of them."""
    if not doc.text.strip():
        raise Fault(_("the article has no text."))
    source = f"import:{path.stem}"
    article = Article(new_id("a"), doc.text, title_of(doc.text), source=path.name)
    mentions: dict[str, Mention] = {}
    entities: dict[str, Entity] = {}
    by_kb: dict[str, Entity] = {}
    known: set[tuple[int, int, str]] = set()
    groups = {"": doc.ents, **doc.groups}
    for key, spans in groups.items():
        for first, last, label, kb in spans:
            if key and (first, last, label) in known:
                continue
            known.add((first, last, label))
            part = Fragment(doc.places[first][0], doc.places[last - 1][1])
            if part.start >= part.end:
                continue
            entity = None
            if kb:
                name = doc.text[part.start : part.end]
                entity = by_kb.setdefault(kb, Entity(new_id("e"), name, kb_id=kb))
                entities[entity.id] = entity
            mention = Mention(
                new_id("m"), article.id, (part,), label or _("span"),
                {"group": key} if key else {}, entity=entity.id if entity else None, source=source,
            )  # fmt: skip
            mentions[mention.id] = mention
    others += sorted(f"user_data {key}" for key in data if key not in _OWN)
    lost = [Loss(Feature.OTHER, article.id, what=what) for what in others]
    return Document(article, mentions, entities=entities), lost
