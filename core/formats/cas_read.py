"""Reads the feature structures of a CAS from XMI and from JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.annotation import Json
from core.errors import FormatError
from core.formats.cas_model import SOFA, VIEW, Cas, Structure, Types
from core.formats.fields import Fault
from core.formats.files import check_size, json_file, unreadable
from core.formats.safexml import Event, events
from core.i18n import _

_XMI = "{http://www.omg.org/XMI}"
_PRIMITIVE = "uima.cas."
_WHOLE = frozenset({"uima.cas.Integer", "uima.cas.Long", "uima.cas.Short", "uima.cas.Byte"})
_REAL = frozenset({"uima.cas.Float", "uima.cas.Double"})
# References that are such without a type system, too: those of INCEpTION's relations and chains.
_KNOWN = frozenset({"sofa", "Governor", "Dependent", "first", "next", "target"})


def _type_of(name: str) -> str:
    """``{http:///webanno/custom.ecore}Span`` is ``webanno.custom.Span``."""
    space, _brace, local = name.removeprefix("{").rpartition("}")
    package = space.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
    return local if package in ("", "uima.noNamespace") else f"{package}.{local}"


def read_xmi(path: Path, types: Types) -> Cas:
    """The structures of an XMI. Raises `FormatError` with line, and `Fault`."""
    cas = Cas()
    depth = 0
    inner = ""  # the feature of several values whose element is open
    current: Structure | None = None
    parts: list[str] = []
    rooted = False
    check_size(path)
    try:
        with path.open("rb") as file:
            for event in events(file, str(path)):
                if event.kind == "start":
                    depth += 1
                    if depth == 1:
                        rooted = event.local == "XMI"
                    elif depth == 2 and rooted:
                        current = _structure(event, types, path)
                        if current is not None:
                            if current.id in cas.structures:
                                raise _fault(
                                    path,
                                    event,
                                    _("the id {id} is there twice.").format(id=current.id),
                                )
                            cas.structures[current.id] = current
                    elif depth == 3:
                        inner, parts = event.local, []
                elif event.kind == "text":
                    if inner:
                        parts.append(event.text)
                else:
                    if depth == 3 and current is not None:
                        held = current.values.setdefault(inner, [])
                        if isinstance(held, list):
                            held.append("".join(parts))
                        inner = ""
                    depth -= 1
    except OSError as error:
        raise unreadable(path, error) from error
    if not rooted:
        raise Fault(_("this is no XMI."))
    _choose_sofa(cas)
    for s in cas.structures.values():
        _resolve(cas, s, types)
    return cas


def _fault(path: Path, event: Event, reason: str) -> FormatError:
    return FormatError(
        reason, _("Nothing of this file was added; make it again."), str(path), event.line
    )


def _structure(event: Event, types: Types, path: Path) -> Structure | None:
    type = _type_of(event.name)
    if type in ("uima.cas.NULL", "uima.cas.View"):
        return None
    id = event.attributes.get(f"{_XMI}id", "")
    if not id:
        raise _fault(path, event, _("{type} has no id.").format(type=event.local))
    made = Structure(id, type)
    for name, value in event.attributes.items():
        if name.startswith(_XMI):
            continue
        made.values[name] = value
    return made


def _choose_sofa(cas: Cas) -> None:
    """The initial view, else the first with a text."""
    sofas = [s for s in cas.structures.values() if s.type == SOFA]
    texts = [s for s in sofas if isinstance(s.values.get("sofaString"), str)]
    if not texts:
        raise Fault(_("it holds no text (no sofa with a sofaString)."))
    chosen = next((s for s in texts if s.values.get("sofaID") == VIEW), texts[0])
    cas.sofa, cas.text = chosen.id, str(chosen.values["sofaString"])
    cas.others = len(sofas) - 1


def _resolve(cas: Cas, s: Structure, types: Types) -> None:
    """Tell values from references, and give values their type."""
    if s.type == SOFA:
        return
    for name, value in list(s.values.items()):
        if name in ("begin", "end"):
            continue
        range = types.range(s.type, name)
        if isinstance(value, list):
            s.values[name] = value if len(value) != 1 else value[0]
            continue
        text = str(value)
        if name in _KNOWN or (range and not range.startswith(_PRIMITIVE)):
            s.refs[name] = text.split()
        elif range in ("uima.cas.FSArray", "uima.cas.FSList"):
            s.refs[name] = _elements(cas, text.split())
        elif not range and _is_links(cas, text):
            s.refs[name] = text.split()
        elif range.endswith(("Array", "List")) and range != "uima.cas.String":
            s.values[name] = text
            continue
        else:
            s.values[name] = _typed(text, range)
            continue
        del s.values[name]


def _elements(cas: Cas, ids: list[str]) -> list[str]:
    """The elements of an array that is a structure of its own."""
    found: list[str] = []
    for id in ids:
        array = cas.structures.get(id)
        if array is not None and array.type == "uima.cas.FSArray":
            elements = array.values.get("elements") or ""
            found += array.refs.get("elements") or str(elements).split()
        else:
            found.append(id)
    return found


def _is_links(cas: Cas, text: str) -> bool:
    """Whether a text is ids of a slot's links; without a type system nothing else says so."""
    ids = text.split()
    return bool(ids) and all(
        (link := cas.structures.get(id)) is not None
        and "begin" not in link.values
        and ("target" in link.values or "target" in link.refs)
        for id in ids
    )


def _typed(text: str, range: str) -> Json:
    try:
        if range == "uima.cas.Boolean":
            return {"true": True, "false": False, "1": True, "0": False}[text]
        if range in _WHOLE and len(text) < 20:
            return int(text)
        if range in _REAL:
            value = float(text)
            # JSON has no NaN and no infinity.
            return value if value - value == 0 else text
    except (KeyError, ValueError):
        pass
    return text


def read_types(path: Path) -> Types:
    """A type system. Raises `FormatError` with line."""
    types = Types()
    where: list[str] = []
    name = parent = feature = ""
    features: dict[str, str] = {}
    text: list[str] = []
    try:
        with path.open("rb") as file:
            for event in events(file, str(path)):
                if event.kind == "start":
                    where.append(event.local)
                    text = []
                    if event.local == "typeDescription":
                        name, parent, features = "", "", {}
                elif event.kind == "text":
                    text.append(event.text)
                else:
                    said = "".join(text).strip()
                    inside = where[-2] if len(where) > 1 else ""
                    if event.local == "name" and inside == "typeDescription":
                        name = said
                    elif event.local == "supertypeName":
                        parent = said
                    elif event.local == "name" and inside == "featureDescription":
                        feature = said
                    elif event.local == "rangeTypeName" and feature:
                        features[feature] = said
                    elif event.local == "typeDescription" and name:
                        types.add(name, parent, features)
                    where.pop()
                    text = []
    except OSError as error:
        raise unreadable(path, error) from error
    return types


# -- JSON


def read_json(path: Path) -> Cas:
    """The structures of a CAS in JSON. Raises `FormatError`, and `Fault`."""
    root = json_file(path)
    if not isinstance(root.get("%FEATURE_STRUCTURES"), list | dict):
        raise Fault(_("it has no “%FEATURE_STRUCTURES”."))
    cas = Cas()
    listed = root["%FEATURE_STRUCTURES"]
    if isinstance(listed, dict):  # an older notation, with the ids as keys
        listed = [{"%ID": id, **s} for id, s in listed.items() if isinstance(s, dict)]
    for n, item in enumerate(listed, start=1):
        made = _from_json(item, n)
        if made.id in cas.structures:
            raise Fault(_("the id {id} is there twice.").format(id=made.id))
        cas.structures[made.id] = made
    _choose_sofa(cas)
    for s in cas.structures.values():
        for name, ids in s.refs.items():
            s.refs[name] = _elements(cas, ids)
    return cas


def _from_json(item: Any, n: int) -> Structure:
    if not isinstance(item, dict) or not isinstance(item.get("%TYPE"), str) or "%ID" not in item:
        raise Fault(_("structure {n} has no %ID and %TYPE.").format(n=n))
    made = Structure(str(item["%ID"]), item["%TYPE"])
    if made.type.endswith("[]"):
        made.type = "uima.cas.FSArray"
    for name, value in item.items():
        if name == "%ELEMENTS" and isinstance(value, list):
            made.refs["elements"] = [str(id) for id in value]
        elif name.startswith("@"):
            ids = value if isinstance(value, list) else [value]
            made.refs[name[1:]] = [str(id) for id in ids]
        elif name.startswith("#"):  # a number that JSON can't say: NaN
            made.values[name[1:]] = str(value)
        elif not name.startswith(("%", "^")):
            made.values[name] = value
    return made
