"""From a file's types to the project's: a table that a person reads, edits and keeps.

    [mentions]
    politician = "PERSON"
    misc = ""                    # left out, and counted

    [relations]
    "headed by" = "leads"

    [options]
    reversed = ["headed by"]     # head and tail change places

What the table does not name stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import tomli_w

from core import toml
from core.annotation import Document, Relation, Suggestion
from core.errors import FormatError
from core.i18n import _
from core.observed import Observed
from core.scheme import Scheme

T = TypeVar("T", Relation, Suggestion)


@dataclass(frozen=True, slots=True)
class TypeMap:
    """What each type of a file becomes; empty: it is left out.

    Attributes:
        reversed: relation types of the file whose head and tail change places.
    """

    mentions: Mapping[str, str] = field(default_factory=dict)
    relations: Mapping[str, str] = field(default_factory=dict)
    reversed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.mentions or self.relations or self.reversed)

    def dumps(self) -> str:
        """The table in TOML."""
        data: dict[str, Any] = {"mentions": dict(self.mentions), "relations": dict(self.relations)}
        if self.reversed:
            data["options"] = {"reversed": sorted(self.reversed)}
        return tomli_w.dumps(data)

    def updated(self, other: TypeMap) -> TypeMap:
        """This table, with what `other` says where it says something."""
        return TypeMap(
            {**self.mentions, **other.mentions},
            {**self.relations, **other.relations},
            frozenset({t for t in self.reversed if t not in other.relations} | other.reversed),
        )

    def apply(self, document: Document, changed: Counter[str]) -> Document:
        """`document` in the project's types. `changed` counts what became what (``a → b``) and
        what was left out (``a → –``), relations of left-out mentions included."""
        if not self:
            return document
        mentions = {}
        for id, mention in document.mentions.items():
            if to := self._to(self.mentions, mention.type, changed):
                mentions[id] = mention if to == mention.type else replace(mention, type=to)
        suggestions: dict[str, Suggestion] = {}
        later = []
        for suggestion in document.suggestions.values():
            if suggestion.is_relation:
                later.append(suggestion)
            elif to := self._to(self.mentions, suggestion.type, changed):
                suggestions[suggestion.id] = replace(suggestion, type=to)
        ends = {*mentions, *suggestions}
        relations = {}
        for relation in document.relations.values():
            if kept := self._relation(relation, mentions.keys(), changed):
                relations[relation.id] = kept
        for suggestion in later:
            if found := self._relation(suggestion, ends, changed):
                suggestions[suggestion.id] = found
        used = {m.entity for m in mentions.values()}
        entities = {id: e for id, e in document.entities.items() if id in used}
        return replace(
            document,
            mentions=mentions,
            relations=relations,
            suggestions=suggestions,
            entities=entities,
        )

    def _relation(self, item: T, ends: Collection[str], changed: Counter[str]) -> T | None:
        if item.head not in ends or item.tail not in ends:
            changed[f"{item.type} → –"] += 1
            return None
        to = self._to(self.relations, item.type, changed)
        if not to:
            return None
        if item.type in self.reversed:
            return replace(item, type=to, head=item.tail, tail=item.head)
        return replace(item, type=to)

    @staticmethod
    def _to(table: Mapping[str, str], type: str, changed: Counter[str]) -> str:
        to = table.get(type, type)
        if to != type:
            changed[f"{type} → {to or '–'}"] += 1
        return to


def load(path: Path) -> TypeMap:
    """A table from a TOML file. Raises `FormatError` that says what is wrong with it."""
    try:
        return parse(toml.read(path))
    except OSError as error:
        raise FormatError(
            _("the table can't be read: {error}.").format(error=error.strerror or error),
            _("Check the name."),
            str(path),
        ) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            _("the table is not UTF-8."), _("Save it as UTF-8."), str(path)
        ) from error
    except ValueError as error:
        found = re.search(r"line (\d+)", str(error))
        raise FormatError(
            str(error),
            _("Correct the table; nothing was added."),
            str(path),
            int(found.group(1)) if found else None,
        ) from error


KEPT = "typemap"  # the project's setting that keeps the table of the last imports


def kept(text: str) -> TypeMap:
    """The table that a project keeps; an empty one where it keeps none that can be read."""
    try:
        return parse(text)
    except ValueError:
        return TypeMap()


def parse(text: str) -> TypeMap:
    """A table from TOML text. Raises ValueError that says what is wrong."""
    data = toml.loads(text)
    for name in data:
        if name not in ("mentions", "relations", "options"):
            raise ValueError(_("there is no table [{name}].").format(name=name))
    tables: list[dict[str, str]] = []
    for name in ("mentions", "relations"):
        table = data.get(name, {})
        if not isinstance(table, dict):
            raise ValueError(_("[{name}] must be a table.").format(name=name))
        for key, value in table.items():
            if not isinstance(value, str):
                raise ValueError(
                    _("[{name}] {key} must be a type in quotes.").format(name=name, key=key)
                )
        tables.append(table)
    options = data.get("options", {})
    if not isinstance(options, dict) or set(options) - {"reversed"}:
        raise ValueError(_("[options] has only the key reversed."))
    turned = options.get("reversed", [])
    if not isinstance(turned, list) or not all(isinstance(t, str) for t in turned):
        raise ValueError(_("reversed must be a list of relation types."))
    return TypeMap(tables[0], tables[1], frozenset(turned))


def guess(seen: Observed, scheme: Scheme) -> TypeMap:
    """A table for the types that were seen: names and aliases that are surely the same are mapped,
    every other type stands for itself."""
    mentions = {
        type: scheme.entity_type_for_label(type) or type for type, _n in _sorted(seen.mentions)
    }
    relations: dict[str, str] = {}
    turned = set()
    known: dict[str, tuple[str, bool]] = {}
    for kind in scheme.relation_types.values():
        for word in (kind.name, kind.wikidata, kind.re3d):
            known.setdefault(_plain(word), (kind.name, False))
        known.setdefault(_plain(kind.inverse), (kind.name, True))
    known.pop("", None)
    for type, _n in _sorted(seen.relations):
        to, backwards = known.get(_plain(type), (type, False))
        if type in scheme.relation_types:
            to, backwards = type, False
        relations[type] = to
        if backwards:
            turned.add(type)
    return TypeMap(mentions, relations, frozenset(turned))


def _plain(word: str) -> str:
    """A name without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", word).casefold()


def _sorted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
