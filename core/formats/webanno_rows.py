"""The lines of a WebAnno TSV 3 file, taken apart into layers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from core.annotation import Json
from core.article import Utf16Map
from core.formats.fields import Fault
from core.formats.files import text_lines
from core.formats.uima import LayerRelation, Layers, LayerSpan, Link, short
from core.i18n import _

_OFFSETS = re.compile(r"(\d{1,12})-(\d{1,12})")
_ROW = re.compile(r"\d{1,9}-\d{1,9}(?:\.\d{1,9})?")
_SUFFIX = re.compile(r"(.*)\[(\d{1,9})\]", re.DOTALL)
_REFERENCE = re.compile(r"(\d+-\d+(?:\.\d+)?)(?:\[(\d{1,9})(?:_(\d{1,9}))?\])?")
_LINK = re.compile(r"(.*)->(\d{1,9})-(\d{1,9})", re.DOTALL)
_ESCAPE = re.compile(r"->|[\\\[\]|_;*]")
_LETTERS = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_UNESCAPE = {"t": "\t", "n": "\n", "r": "\r"}


def escaped_text(text: str) -> str:
    """A line of text, or a token."""
    text = text.replace("\\", "\\\\")
    return "".join(_LETTERS.get(c, c) for c in text)


def escaped(value: str) -> str:
    """The value of a feature."""
    text = _ESCAPE.sub(lambda found: "\\" + found[0], value)
    return "".join(_LETTERS.get(c, c) for c in text)


def unescaped(text: str) -> str:
    """What `escaped` or `escaped_text` was made from."""
    return re.sub(r"\\(.)", lambda found: _UNESCAPE.get(found[1], found[1]), text, flags=re.DOTALL)


def split(text: str, separator: str) -> list[str]:
    """`text` at each `separator` that is not escaped."""
    parts: list[str] = []
    start = at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == separator:
            parts.append(text[start:at])
            start = at = at + 1
        else:
            at += 1
    parts.append(text[start:])
    return parts


@dataclass(frozen=True, slots=True)
class _Slot:
    """A feature that links to other annotations: two columns."""

    name: str


@dataclass(slots=True)
class _Layer:
    """One layer of the head.

    Attributes:
        kind: ``T_SP``, ``T_RL`` or ``T_CH``.
        features: in the order of their columns; a slot has two.
        base: of relations, the layer of their ends.
    """

    kind: str
    name: str
    features: list[str | _Slot] = field(default_factory=list)
    base: str = ""

    @property
    def width(self) -> int:
        """How many columns it has."""
        n = sum(2 if isinstance(f, _Slot) else 1 for f in self.features)
        return n + 1 if self.kind == "T_RL" else max(1, n)


@dataclass(slots=True)
class _Span:
    """A span while its rows come."""

    layer: int
    begin: int
    end: int
    features: dict[str, Json] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)  # role, reference


class Rows:
    """One pass over the file; `number` is the line that it is at."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0
        self.layers: list[_Layer] = []
        self.parts: list[str] = []
        self.length = 0  # of the text so far, in UTF-16 units
        self.current, self.current_start = b"", 0  # the sentence in UTF-16, and its offset
        self.said: list[str] = []  # the text of a sentence whose tokens did not come yet
        self.spans: dict[str, _Span] = {}
        # (layer, row, disambiguation id or place in the cell): span
        self.found: dict[tuple[int, str, int], str] = {}
        self.rows: set[str] = set()
        self.relations: list[tuple[int, _Layer, dict[str, Json], str, str]] = []
        self.chains: dict[tuple[int, int], dict[int, Link]] = {}
        self.lost: list[tuple[str, str]] = []

    def read(self) -> tuple[str, Layers]:
        """The text and the layers, offsets in code points. Raises `Fault`."""
        for number, line in text_lines(self.path):
            self.number = number
            if line.startswith("#"):
                self._head(line)
            elif line.strip():
                self._row(line)
            elif self.said:
                raise Fault(_("the sentence before this line has no tokens."))
        if self.said:
            raise Fault(_("the last sentence has no tokens."))
        text = "".join(self.parts)
        return text, self._layers(text)

    # -- the head

    def _head(self, line: str) -> None:
        if line.startswith("#Text="):
            self.said.append(unescaped(line.removeprefix("#Text=")))
        elif line.startswith(("#T_SP=", "#T_RL=", "#T_CH=")):
            if self.parts:
                raise Fault(_("a layer is declared after the first sentence."))
            self._declare(line[1:5], line[6:].strip())

    def _declare(self, kind: str, text: str) -> None:
        name, *features = text.split("|")
        if not name:
            raise Fault(_("the layer has no name."))
        layer = _Layer(kind, name)
        rest = iter(features)
        for feature in rest:
            if feature.startswith("BT_"):
                layer.base = feature.removeprefix("BT_")
            elif feature.startswith("ROLE_"):
                next(rest, "")  # the layer of the targets: their references find them without
                host = feature.removeprefix("ROLE_").partition(":")[2]
                layer.features.append(_Slot(host.partition("_")[0]))
            elif feature:
                layer.features.append(feature)
        if kind == "T_CH" and len(layer.features) != 2:
            raise Fault(_("a layer of chains has two features."))
        self.layers.append(layer)

    # -- the rows

    def _row(self, line: str) -> None:
        cells = line.split("\t")
        width = 3 + sum(layer.width for layer in self.layers)
        if len(cells) == width + 1 and not cells[-1]:
            cells.pop()
        if len(cells) != width:
            raise Fault(
                _("it has {n} columns, and its layers need {m}.").format(n=len(cells), m=width)
            )
        name, offsets = cells[0], _OFFSETS.fullmatch(cells[1])
        if not _ROW.fullmatch(name) or offsets is None:
            raise Fault(_("it does not begin with a number and offsets (1-1, 0-4)."))
        if name in self.rows:
            raise Fault(_("the token {id} is there twice.").format(id=name))
        self.rows.add(name)
        begin, end = int(offsets[1]), int(offsets[2])
        if begin > end:
            raise Fault(
                _("it ends at {end}, before its start {start}.").format(start=begin, end=end)
            )
        if self.said:
            self._sentence(begin, unescaped(cells[2]))
        if end > self.length:
            raise Fault(
                _("it ends at {end}, but the text has {n} characters (UTF-16 units).").format(
                    end=end, n=self.length
                )
            )
        self._check_token(begin, end, unescaped(cells[2]))
        at = 3
        for index, layer in enumerate(self.layers):
            columns = cells[at : at + layer.width]
            at += layer.width
            if all(cell == "_" for cell in columns):
                continue
            if layer.kind == "T_SP":
                self._spans(index, layer, name, begin, end, columns)
            elif layer.kind == "T_RL":
                self._relations(index, layer, name, columns)
            else:
                self._links(index, begin, end, columns)

    def _sentence(self, begin: int, token: str) -> None:
        text = "\n".join(self.said)
        self.said = []
        before = text.find(token)
        if before < 0 or text[:before].strip():
            raise Fault(_("the sentence does not begin with its first token."))
        start = begin - len(text[:before].encode("utf-16-le")) // 2
        gap = start - self.length
        if gap < 0:
            raise Fault(_("the sentence begins inside the one before it."))
        if gap > 1 << 20:
            raise Fault(_("there are {n} characters between two sentences.").format(n=gap))
        # The file does not say what is between sentences; they are lines, most of the time.
        self.parts.append(("\n" if self.parts else " ") * gap)
        self.parts.append(text)
        self.length = start + len(text.encode("utf-16-le")) // 2
        self.current, self.current_start = text.encode("utf-16-le"), start

    def _check_token(self, begin: int, end: int, token: str) -> None:
        first, last = begin - self.current_start, end - self.current_start
        found = self.current[2 * max(0, first) : 2 * max(0, last)].decode("utf-16-le", "replace")
        if first < 0 or found != token:
            raise Fault(
                _("its text is {said}, but the article has {found} there.").format(
                    said=f"“{token[:60]}”", found=f"“{found[:60]}”"
                )
            )

    def _spans(
        self, index: int, layer: _Layer, row: str, begin: int, end: int, columns: list[str]
    ) -> None:
        at = 0
        for feature in layer.features or [""]:
            if isinstance(feature, _Slot):
                roles, targets = columns[at], columns[at + 1]
                at += 2
                self._slots(index, row, begin, end, feature, roles, targets)
                continue
            cell = columns[at]
            at += 1
            if cell == "_":
                continue
            for place, part in enumerate(split(cell, "|")):
                value, number = _suffixed(part)
                span = self._span(index, row, number or -1 - place, begin, end)
                if feature and value not in ("*", "_"):
                    span.features.setdefault(feature, unescaped(value))

    def _span(self, index: int, row: str, number: int, begin: int, end: int) -> _Span:
        key = f"{index}.{number}" if number > 0 else f"{index}.{row}.{number}"
        span = self.spans.setdefault(key, _Span(index, begin, end))
        span.begin, span.end = min(span.begin, begin), max(span.end, end)
        self.found[index, row, number] = key
        return span

    def _slots(
        self, index: int, row: str, begin: int, end: int, slot: _Slot, roles: str, targets: str
    ) -> None:
        if roles == "_":
            return
        said = split(targets, "|")
        for place, part in enumerate(split(roles, "|")):
            value, number = _suffixed(part)
            span = self._span(index, row, number or -1 - place, begin, end)
            if value == "_" or place >= len(said) or said[place] in ("*", "_"):
                continue
            names, references = split(value, ";"), split(said[place], ";")
            if len(names) != len(references):
                counts = {"n": len(names), "m": len(references)}
                raise Fault(_("a slot has {n} roles and {m} targets.").format(**counts))
            if span.links:
                continue  # a further token of the same span
            for name, reference in zip(names, references, strict=True):
                role = slot.name if name == "*" else unescaped(name)
                span.links.append((role or slot.name, reference))

    def _relations(self, index: int, layer: _Layer, row: str, columns: list[str]) -> None:
        *features, sources = columns
        if sources == "_":
            return
        for place, source in enumerate(split(sources, "|")):
            values: dict[str, Json] = {}
            for feature, cell in zip(layer.features, features, strict=True):
                parts = split(cell, "|")
                value = _suffixed(parts[place])[0] if place < len(parts) else "_"
                if value not in ("*", "_"):
                    values[str(feature)] = unescaped(value)
            if not _REFERENCE.fullmatch(source):
                raise Fault(_("{text} is no reference to a token.").format(text=f"“{source[:40]}”"))
            self.relations.append((self.number, layer, values, source, row))

    def _links(self, index: int, begin: int, end: int, columns: list[str]) -> None:
        types = split(columns[1], "|")
        for place, part in enumerate(split(columns[0], "|")):
            found = _LINK.fullmatch(part)
            if found is None:
                raise Fault(_("{text} is no link of a chain.").format(text=f"“{part[:40]}”"))
            label, chain, link = found[1], int(found[2]), int(found[3])
            type = _suffixed(types[place])[0] if place < len(types) else "*"
            links = self.chains.setdefault((index, chain), {})
            if link in links:
                links[link].begin = min(links[link].begin, begin)
                links[link].end = max(links[link].end, end)
                continue
            links[link] = Link(begin, end, "" if type in ("*", "_") else unescaped(type))
            if label not in ("*", "_"):
                self.lost.append((_("label of a link"), unescaped(label)))

    # -- together

    def _layers(self, text: str) -> Layers:
        points = Utf16Map(text).to_code_points
        made = Layers(lost=self.lost)
        for key, span in self.spans.items():
            name = self.layers[span.layer].name
            made.spans[key] = LayerSpan(name, points(span.begin), points(span.end), span.features)
        for key, span in self.spans.items():
            for role, reference in span.links:
                target = self._target(reference)
                if target is None:
                    made.lost.append((role, _("its target {id} is not there").format(id=reference)))
                else:
                    made.relations.append(LayerRelation(role, key, target))
        for number, layer, values, source, row in self.relations:
            found = _REFERENCE.fullmatch(source)
            assert found is not None
            base = self._base(layer)
            head = self._at(base, found[1], int(found[2] or 0))
            tail = self._at(base, row, int(found[3] or 0))
            if head is None or tail is None:
                self.number = number
                if base is None:
                    made.lost.append((short(layer.name), _("its layer is not in the file")))
                    continue
                raise Fault(
                    _("the relation {source} has no end there.").format(source=f"“{source}”")
                )
            made.relations.append(LayerRelation(layer.name, head, tail, values))
        for (_index, _chain), links in sorted(self.chains.items()):
            made.chains.append(
                [
                    Link(points(link.begin), points(link.end), link.type)
                    for _n, link in sorted(links.items())
                ]
            )
        return made

    def _base(self, layer: _Layer) -> int | None:
        for index, other in enumerate(self.layers):
            if other.kind == "T_SP" and other.name == layer.base:
                return index
        return None

    def _at(self, layer: int | None, row: str, number: int) -> str | None:
        """The span of a layer at a row, by its number, or the one without a number there."""
        if layer is None:
            return None
        if number:
            return self.found.get((layer, row, number))
        # Of several in a cell without numbers, the first.
        return self.found.get((layer, row, -1))

    def _target(self, reference: str) -> str | None:
        """What a slot points at, in whatever layer it is."""
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            return None
        for index, layer in enumerate(self.layers):
            if layer.kind == "T_SP":
                key = self._at(index, found[1], int(found[2] or 0))
                if key is not None:
                    return key
        return None


def _suffixed(text: str) -> tuple[str, int]:
    """A value and its disambiguation id, 0 if it has none."""
    found = _SUFFIX.fullmatch(text)
    return (found[1], int(found[2])) if found else (text, 0)
