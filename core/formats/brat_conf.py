"""brat's ``annotation.conf`` as a scheme, and a scheme as an ``annotation.conf``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from core import scheme as schemes
from core.annotation import Document
from core.errors import FormatError, SchemeError
from core.formats.brat_ann import parse
from core.formats.files import unreadable
from core.i18n import _
from core.scheme import Scheme

_SECTIONS = ("entities", "relations", "events", "attributes")
_SECTION = re.compile(r"\[(\w+)\]\s*")
_MACRO = re.compile(r"(<[^<>=]+>)\s*=\s*(.*)")
_MARKS = re.compile(r"[?*+]$|\{[^}]*\}$")
_SIZE = 4 << 20


@dataclass(slots=True)
class _Entry:
    """One line of a section: a type with its arguments.

    Attributes:
        above: the types that it stands under, by indentation.
    """

    number: int
    name: str
    above: tuple[str, ...]
    args: list[tuple[str, str]]


def read(path: Path) -> Scheme:
    """The scheme that an ``annotation.conf`` declares, with the labels of a ``visual.conf`` beside
    it. Raises `FormatError` with the line.

    An event becomes an entity type (its trigger) and a relation type for each of its roles; a
    symmetric and transitive relation is what mentions of one entity have, and no relation type.
    """
    sections = _sections(path)
    labels = _labels(path.with_name("visual.conf"))
    entities = [e for name in ("entities", "events") for e in sections[name]]
    events = {e.name for e in sections["events"]}
    below = {e.name: [x.name for x in entities if e.name in (x.name, *x.above)] for e in entities}
    groups = {
        "<ENTITY>": [e.name for e in sections["entities"]],
        "<EVENT>": [e.name for e in sections["events"]],
        "<ANY>": [e.name for e in entities],
        "<RELATION>": [e.name for e in sections["relations"]],
    }
    relation_names = {e.name for e in sections["relations"]}

    def types(entry: _Entry, text: str) -> list[str]:
        found: list[str] = []
        for name in filter(None, re.split(r"[|\s]+", text)):
            if name in groups:
                found += groups[name]
            elif name in below:
                found += below[name]
            elif name in relation_names:
                found.append(name)
            else:
                raise _fault(path, entry.number, _("there is no type {name}.").format(name=name))
        return list(dict.fromkeys(found))

    relations: dict[str, dict[str, Any]] = {}
    for entry in sections["relations"]:
        kind = dict(entry.args).get("<REL-TYPE>", "")
        if "symmetric" in kind and "transitive" in kind:
            continue
        args = [types(entry, text) for role, text in entry.args if not role.startswith("<")]
        if len(args) != 2:
            raise _fault(path, entry.number, _("a relation needs two arguments."))
        made = _add(relations, entry.name, args[0], args[1])
        if "symmetric" in kind:
            made["symmetric"] = True
    for entry in sections["events"]:
        for role, text in entry.args:
            _add(relations, _MARKS.sub("", role), [entry.name], types(entry, text))
    for made in relations.values():
        if made.get("symmetric") and set(made["head"]) != set(made["tail"]):
            del made["symmetric"]
    attributes = {}
    for entry in sections["attributes"]:
        said = dict(entry.args)
        on = [t for t in types(entry, said.get("Arg", "")) if t in below or t in relations]
        values = [v for v in said.get("Value", "").split("|") if v]
        attributes[entry.name] = {"on": on, **({"values": values} if values else {})}
    data: dict[str, Any] = {
        "scheme": {"name": path.resolve().parent.name or "brat"},
        "entity": {
            e.name: {
                "gloss": labels.get(e.name, _("trigger of an event") if e.name in events else "")
            }
            for e in entities
        },
        "relation": relations,
        "attribute": attributes,
    }
    try:
        return schemes.parse(tomli_w.dumps(data), path.name)
    except SchemeError as error:
        raise FormatError(error.message, error.hint, str(path)) from error


def _add(
    relations: dict[str, dict[str, Any]], name: str, heads: list[str], tails: list[str]
) -> dict[str, Any]:
    made = relations.setdefault(name, {"head": [], "tail": []})
    for key, more in (("head", heads), ("tail", tails)):
        made[key] = list(dict.fromkeys([*made[key], *more]))
    return made


def _fault(path: Path, number: int, reason: str) -> FormatError:
    return FormatError(reason, _("Correct the line, or leave the file out."), str(path), number)


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > _SIZE:
            raise FormatError(_("this is too large for a configuration."), path=str(path))
        return path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            _("the file is not UTF-8 (byte {n}).").format(n=error.start + 1), path=str(path)
        ) from error


def _sections(path: Path) -> dict[str, list[_Entry]]:
    sections: dict[str, list[_Entry]] = {name: [] for name in _SECTIONS}
    macros: dict[str, str] = {}
    current = ""
    above: list[tuple[int, str]] = []
    for number, line in enumerate(_lines(path), start=1):
        line = line.rstrip()
        content = line.strip()
        if not content or content.startswith("#") or not content.strip("-"):
            continue
        found = _SECTION.fullmatch(content)
        if found:
            current, above = found[1].lower(), []
            if current not in _SECTIONS:
                raise _fault(path, number, _("there is no section {name}.").format(name=found[1]))
            continue
        macro = _MACRO.fullmatch(content)
        if macro:
            macros[macro[1]] = _expanded(macro[2], macros)
            continue
        if not current:
            raise _fault(path, number, _("it stands before any section."))
        indent = len(line.expandtabs(8)) - len(line.expandtabs(8).lstrip())
        while above and above[-1][0] >= indent:
            above.pop()
        name, *rest = content.split(None, 1)
        name = name.removeprefix("!")
        args = [] if current == "entities" else _args(path, number, "".join(rest), macros)
        sections[current].append(_Entry(number, name, tuple(n for _i, n in above), args))
        above.append((indent, name))
    for entries in (sections["entities"] + sections["events"], sections["attributes"]):
        seen: dict[str, int] = {}
        for entry in entries:
            if entry.name in seen:
                raise _fault(
                    path, entry.number, _("{name} is there twice.").format(name=entry.name)
                )
            seen[entry.name] = entry.number
    return sections


def _expanded(text: str, macros: dict[str, str]) -> str:
    for name, meaning in macros.items():
        text = text.replace(name, meaning)
        if len(text) > _SIZE:  # macros of macros
            return ""
    return text


def _args(path: Path, number: int, text: str, macros: dict[str, str]) -> list[tuple[str, str]]:
    args = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        role, colon, types = part.partition(":")
        if not colon:
            raise _fault(path, number, _("{text} is not of the form ROLE:TYPE.").format(text=part))
        args.append((role.strip(), _expanded(types.strip(), macros)))
    return args


def _labels(path: Path) -> dict[str, str]:
    """The labels of a ``visual.conf``; none where there is none or it can't be read."""
    if not path.is_file():
        return {}
    labels: dict[str, str] = {}
    inside = False
    try:
        lines = _lines(path)
    except FormatError:
        return {}
    for line in lines:
        content = line.strip()
        if content.startswith("["):
            inside = content.lower() == "[labels]"
        elif inside and "|" in content and not content.startswith("#"):
            name, label, *_short = (part.strip() for part in content.split("|"))
            labels[name] = label
    return labels


# -- writing


@dataclass(slots=True)
class Seen:
    """The types that an export holds, whether the scheme has them or not."""

    entities: dict[str, None] = field(default_factory=dict)
    relations: dict[str, tuple[dict[str, None], dict[str, None]]] = field(default_factory=dict)
    events: dict[str, dict[str, None]] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    clusters: bool = False

    def add(self, document: Document, ann: str) -> None:
        """What one document holds, and the events among its lines."""
        self.clusters |= bool(document.entities)
        for m in document.mentions.values():
            self.entities[m.type] = None
            for name, value in m.attributes.items():
                self._attribute(name, "<ENTITY>", value)
        for r in document.relations.values():
            heads, tails = self.relations.setdefault(r.type, ({}, {}))
            heads[document.mentions[r.head].type] = None
            tails[document.mentions[r.tail].type] = None
            for name, value in r.attributes.items():
                self._attribute(name, "<RELATION>", value)
        if "\nE" in ann or ann.startswith("E"):
            for line in parse(ann):
                if line.kind == "E":
                    roles = self.events.setdefault(line.type, {})
                    roles.update(
                        (role.rstrip("0123456789") or role, None) for role, _id in line.args
                    )

    def _attribute(self, name: str, on: str, value: Any) -> None:
        known = self.attributes.setdefault(name, {"on": {}, "values": {}})
        known["on"][on] = None
        if value is not True:
            known["values"][value] = None


def render(scheme: Scheme, seen: Seen, safe: Callable[[str], str]) -> str:
    """The ``annotation.conf`` of an export: the scheme's types, and those that it lacks."""
    types = dict.fromkeys([*map(safe, scheme.entity_types), *seen.entities])
    lines = ["[entities]", *(t for t in types if t not in seen.events), "", "[relations]"]
    known = {safe(name): r for name, r in scheme.relation_types.items()}
    for name in dict.fromkeys([*known, *seen.relations]):
        heads, tails = seen.relations.get(name, ({}, {}))
        kind = known.get(name)
        first = _union(map(safe, kind.head), heads) if kind else _union((), heads)
        second = _union(map(safe, kind.tail), tails) if kind else _union((), tails)
        if kind and not kind.head:
            first = "<ENTITY>"
        if kind and not kind.tail:
            second = "<ENTITY>"
        symmetric = ", <REL-TYPE>:symmetric" if kind and kind.symmetric else ""
        lines.append(f"{name}\tArg1:{first}, Arg2:{second}{symmetric}")
    if seen.clusters:
        lines.append("Equiv\tArg1:<ENTITY>, Arg2:<ENTITY>, <REL-TYPE>:symmetric-transitive")
    lines += ["", "[events]"]
    for name, roles in seen.events.items():
        lines.append(f"{name}\t" + ", ".join(f"{role}*:<ENTITY>|<EVENT>" for role in roles))
    lines += ["", "[attributes]"]
    for name, known_attribute in seen.attributes.items():
        values = "|".join(known_attribute["values"])
        on = "|".join([*known_attribute["on"], *(["<EVENT>"] if seen.events else [])])
        lines.append(f"{name}\tArg:{on}" + (f", Value:{values}" if values else ""))
    return "\n".join(lines) + "\n"


def _union(first: Iterable[str], second: Iterable[str]) -> str:
    return "|".join(dict.fromkeys([*first, *second])) or "<ENTITY>"
