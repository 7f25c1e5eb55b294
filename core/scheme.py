"""The scheme: entity types, relation types with what their ends admit, attributes, keys.

A scheme is a TOML file (those that come along: ``resources/schemes/``). A wrong one is refused with
the line and the reason. The project file keeps the text of its scheme, so it stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from core import toml
from core.annotation import Json
from core.errors import ConstraintError, SchemeError
from core.i18n import _

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "schemes"
# Keys that the window uses itself while the text has the keyboard (`gui.actions`).
RESERVED_KEYS = frozenset("rgx[]{}+/?")


@dataclass(frozen=True, slots=True)
class EntityType:
    """A type of mention.

    Attributes:
        color: ``#rrggbb``; themes derive their tints from it.
        keys: single keys that label with it; the first is shown.
        aliases: other tools' names of the same type. They map labels of suggesters; gold is never
            renamed by them.
    """

    name: str
    gloss: str = ""
    guideline: str = ""
    color: str = ""
    keys: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RelationType:
    """A type of relation, read ``head NAME tail``.

    Attributes:
        head, tail: entity types that this end admits; empty admits every type.
        symmetric: it has no direction.
        key: the single key that picks it.
        wikidata: property id, e.g. ``P463``; empty where there is none.
        re3d: the name of the same relation in re3d; empty where there is none.
        inverse: how it reads from tail to head, e.g. ``led by``.
    """

    name: str
    gloss: str = ""
    guideline: str = ""
    head: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    symmetric: bool = False
    key: str = ""
    wikidata: str = ""
    re3d: str = ""
    inverse: str = ""


@dataclass(frozen=True, slots=True)
class AttributeType:
    """An attribute of mentions or relations.

    Attributes:
        on: entity and relation types that may carry it; empty: all.
        values: what it may be; empty: anything.
    """

    name: str
    gloss: str = ""
    on: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """What may be said about an article.

    Attributes:
        source: the TOML text that it was read from.
    """

    name: str
    title: str = ""
    description: str = ""
    version: str = ""
    language: str = ""
    entity_types: Mapping[str, EntityType] = field(default_factory=dict)
    relation_types: Mapping[str, RelationType] = field(default_factory=dict)
    attributes: Mapping[str, AttributeType] = field(default_factory=dict)
    source: str = ""

    def admits(self, relation: str, head_type: str, tail_type: str) -> bool:
        """Whether a relation may go from `head_type` to `tail_type`; False for unknown ones."""
        known = self.relation_types.get(relation)
        return known is not None and _fits(known, head_type, tail_type)

    def relations_between(self, head_type: str, tail_type: str) -> tuple[RelationType, ...]:
        """The relations that admit these ends, in the scheme's order."""
        return tuple(r for r in self.relation_types.values() if _fits(r, head_type, tail_type))

    def relates(self, one_type: str, other_type: str) -> bool:
        """Whether any relation admits these two as its ends, either way round."""
        return any(
            _fits(r, one_type, other_type) or _fits(r, other_type, one_type)
            for r in self.relation_types.values()
        )

    def entity_type_for_label(self, label: str) -> str | None:
        """The entity type of this name or with this alias (case counts only for names)."""
        if label in self.entity_types:
            return label
        wanted = label.casefold()
        for kind in self.entity_types.values():
            if wanted in (a.casefold() for a in (kind.name, *kind.aliases)):
                return kind.name
        return None

    def check_mention(self, type: str) -> None:
        """Raise `ConstraintError` unless there is such an entity type."""
        if type not in self.entity_types:
            raise ConstraintError(
                _("The scheme {scheme} has no entity type {type}.").format(
                    scheme=self.name, type=type
                ),
                _("It has: {types}.").format(types=", ".join(self.entity_types)),
            )

    def check_relation(self, type: str, head_type: str, tail_type: str) -> None:
        """Raise `ConstraintError`, naming the constraint, unless the relation admits its ends."""
        known = self.relation_types.get(type)
        if known is None:
            raise ConstraintError(
                _("The scheme {scheme} has no relation {type}.").format(
                    scheme=self.name, type=type
                ),
                _("It has: {types}.").format(types=", ".join(self.relation_types)),
            )
        if not _fits(known, head_type, tail_type):
            anything = _("anything")
            raise ConstraintError(
                _("{type} can't go from {head} to {tail}.").format(
                    type=type, head=head_type, tail=tail_type
                ),
                _("It goes from {heads} to {tails}.").format(
                    heads=", ".join(known.head) or anything,
                    tails=", ".join(known.tail) or anything,
                ),
            )

    def check_attribute(self, name: str, value: Json, on_type: str) -> None:
        """Raise `ConstraintError` unless `on_type` may carry attribute `name` with this value."""
        known = self.attributes.get(name)
        if known is None:
            raise ConstraintError(
                _("The scheme {scheme} has no attribute {name}.").format(
                    scheme=self.name, name=name
                )
            )
        if known.on and on_type not in known.on:
            raise ConstraintError(
                _("{type} has no attribute {name}.").format(type=on_type, name=name),
                _("It belongs to {types}.").format(types=", ".join(known.on)),
            )
        if known.values and value not in known.values:
            raise ConstraintError(
                _("{name} can't be {value}.").format(name=name, value=value),
                _("It can be: {values}.").format(values=", ".join(known.values)),
            )


def _fits(relation: RelationType, head_type: str, tail_type: str) -> bool:
    def one_way(head: str, tail: str) -> bool:
        return (not relation.head or head in relation.head) and (
            not relation.tail or tail in relation.tail
        )

    return one_way(head_type, tail_type) or (relation.symmetric and one_way(tail_type, head_type))


# -- reading


def available() -> tuple[str, ...]:
    """The names of the schemes that come along."""
    return tuple(sorted(p.stem for p in FOLDER.glob("*.toml")))


def load(name_or_path: str | Path) -> Scheme:
    """A scheme that comes along, by its name, or one from a TOML file. Raises `SchemeError`."""
    path = Path(name_or_path)
    if str(name_or_path) in available():
        path = FOLDER / f"{name_or_path}.toml"
    try:
        text = toml.read(path)
    except FileNotFoundError as error:
        raise SchemeError(
            _("There is no scheme {name}.").format(name=name_or_path),
            _("Give a TOML file, or one of: {names}.").format(names=", ".join(available())),
        ) from error
    except (OSError, ValueError) as error:
        raise SchemeError(
            _("The scheme {path} can't be read: {error}.").format(path=path, error=error)
        ) from error
    return parse(text, where=path.name)


def parse(text: str, where: str = "") -> Scheme:
    """The scheme in a TOML text. Raises `SchemeError` with the line and the reason.

    Args:
        where: what messages call it, e.g. the file's name.
    """
    return _Reader(text, where).scheme()


_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_TABLES = {"entity": EntityType, "relation": RelationType, "attribute": AttributeType}
_LONGEST_NAME = 200
_MOST = 5_000  # types of one kind: more than any menu can show, less than what stops a window
_HEAD = ("name", "title", "description", "version", "language")


class _Reader:
    """One parse: finds the line of whatever is wrong."""

    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where

    def fail(self, reason: str, path: tuple[str, ...] = (), line: int | None = None) -> SchemeError:
        line = self.line_of(path) if line is None else line
        place = f"{self.where}:{line}" if self.where else _("line {n}").format(n=line)
        return SchemeError(
            f"{place}: {reason}", _("Correct the scheme; nothing was changed."), line
        )

    def line_of(self, path: tuple[str, ...]) -> int:
        """The line of a table, or of a key in one. tomllib tells no positions, and the schemes'
        shape is plain enough (``[kind.NAME]`` headers, ``key = value`` lines) to look it up."""
        lines = self.text.split("\n")
        header, key = path[:2], path[2] if len(path) > 2 else ""
        if path[:1] == ("scheme",):
            header, key = path[:1], path[1] if len(path) > 1 else ""
        names = r"\s*\.\s*".join(rf"""["']?{re.escape(part)}["']?""" for part in header)
        start = next(
            (n for n, s in enumerate(lines) if re.match(rf"\s*\[\s*{names}\s*\]", s)), None
        )
        if start is None:  # an unknown table, one in another notation, or none at all
            word = rf"\b{re.escape(header[-1])}\b" if header else "^"
            return next((n for n, s in enumerate(lines) if re.search(word, s)), 0) + 1
        for n in range(start + 1, len(lines)):
            if re.match(r"\s*\[[^\[]", lines[n]) and "=" not in lines[n]:
                break
            if key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", lines[n]):
                return n + 1
        return start + 1

    def scheme(self) -> Scheme:
        try:
            data = toml.loads(self.text)
        except ValueError as error:
            found = re.search(r"line (\d+)", str(error))
            line = int(found.group(1)) if found else self.text.count("\n") + 1
            raise self.fail(str(error), line=line) from error
        for name in data:
            if name != "scheme" and name not in _TABLES:
                raise self.fail(_("there is no table {name}").format(name=name), (name,))
        head = data.get("scheme", {})
        if not isinstance(head, dict) or not isinstance(head.get("name"), str) or not head["name"]:
            raise self.fail(_("[scheme] needs a name"), ("scheme", "name"))
        for key, value in head.items():
            if key not in _HEAD:
                raise self.fail(_("[scheme] has no key {key}").format(key=key), ("scheme", key))
            if not isinstance(value, str):
                raise self.fail(_("{key} must be a text").format(key=key), ("scheme", key))
        entities = {
            n: self.entry(EntityType, "entity", n, t) for n, t in self.table(data, "entity")
        }
        if not entities:
            raise self.fail(_("there is no entity type"), ("entity",))
        relations = {
            n: self.entry(RelationType, "relation", n, t) for n, t in self.table(data, "relation")
        }
        attributes = {
            n: self.entry(AttributeType, "attribute", n, t)
            for n, t in self.table(data, "attribute")
        }
        self.check_entities(entities)
        self.check_relations(relations, entities)
        for attribute in attributes.values():
            for name in attribute.on:
                if name not in entities and name not in relations:
                    raise self.unknown("attribute", attribute.name, "on", name)
        return Scheme(
            **head,
            entity_types=entities,
            relation_types=relations,
            attributes=attributes,
            source=self.text,
        )

    def table(self, data: dict[str, Any], kind: str) -> list[tuple[str, Any]]:
        table = data.get(kind, {})
        if not isinstance(table, dict):
            raise self.fail(_("{kind} must be a table").format(kind=kind), (kind,))
        if len(table) > _MOST:
            raise self.fail(_("there are more than {n} types").format(n=_MOST), (kind,))
        return list(table.items())

    def entry(self, cls: Any, kind: str, name: str, table: Any) -> Any:
        """One ``[kind.NAME]`` as its dataclass, every key checked."""
        if not isinstance(table, dict):
            raise self.fail(_("{name} must be a table").format(name=name), (kind, name))
        if not name.strip() or name != name.strip():
            raise self.fail(_("a type needs a name"), (kind, name))
        if len(name) > _LONGEST_NAME or not name.isprintable():
            raise self.fail(
                _("a name is a line of at most {n} characters").format(n=_LONGEST_NAME), (kind,)
            )
        known = {f.name: f.type for f in fields(cls) if f.name != "name"}
        values: dict[str, Any] = {"name": name}
        for key, value in table.items():
            path = (kind, name, key)
            if key not in known:
                raise self.fail(
                    _("{name} has no key {key}; it has {keys}").format(
                        name=name, key=key, keys=", ".join(known)
                    ),
                    path,
                )
            wanted = str(known[key])
            if wanted.startswith("tuple"):
                if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
                    raise self.fail(_("{key} must be a list of texts").format(key=key), path)
                value = tuple(value)
            elif wanted == "bool":
                if not isinstance(value, bool):
                    raise self.fail(_("{key} must be true or false").format(key=key), path)
            elif not isinstance(value, str):
                raise self.fail(_("{key} must be a text").format(key=key), path)
            values[key] = value
        return cls(**values)

    def check_entities(self, entities: Mapping[str, EntityType]) -> None:
        taken: dict[str, str] = {}
        labels = {name.casefold(): name for name in entities}
        for kind in entities.values():
            for alias in kind.aliases:
                other = labels.setdefault(alias.casefold(), kind.name)
                if other != kind.name:
                    raise self.fail(
                        _("{name} and {other} both go by {alias}").format(
                            name=kind.name, other=other, alias=alias
                        ),
                        ("entity", kind.name, "aliases"),
                    )
            if kind.color and not _HEX.fullmatch(kind.color):
                raise self.fail(
                    _("{color} is no colour of the form #rrggbb").format(color=kind.color),
                    ("entity", kind.name, "color"),
                )
            for key in kind.keys:
                self.check_key(key, "entity", kind.name, "keys", taken)

    def check_relations(
        self, relations: Mapping[str, RelationType], entities: Mapping[str, EntityType]
    ) -> None:
        taken: dict[str, str] = {}
        for relation in relations.values():
            for end in ("head", "tail"):
                for name in getattr(relation, end):
                    if name not in entities:
                        raise self.unknown("relation", relation.name, end, name)
            if relation.symmetric and set(relation.head) != set(relation.tail):
                raise self.fail(
                    _("{name} is symmetric, so head and tail must admit the same types").format(
                        name=relation.name
                    ),
                    ("relation", relation.name, "symmetric"),
                )
            if relation.key:
                # A relation's key is pressed in its picker, where nothing else listens.
                self.check_key(
                    relation.key, "relation", relation.name, "key", taken, frozenset("/")
                )

    def check_key(
        self,
        key: str,
        kind: str,
        name: str,
        where: str,
        taken: dict[str, str],
        reserved: frozenset[str] = RESERVED_KEYS,
    ) -> None:
        path = (kind, name, where)
        if len(key) != 1 or not key.isprintable() or key.isspace():
            raise self.fail(_("“{key}” is not a single key").format(key=key), path)
        if key.lower() in reserved:
            raise self.fail(_("the window uses the key {key} itself").format(key=key), path)
        other = taken.setdefault(key.lower(), name)
        if other != name:
            raise self.fail(
                _("{name} and {other} have the same key {key}").format(
                    name=name, other=other, key=key
                ),
                path,
            )

    def unknown(self, kind: str, name: str, key: str, type: str) -> SchemeError:
        return self.fail(
            _("{name} names {type}, which the scheme does not define").format(name=name, type=type),
            (kind, name, key),
        )
