"""Label Studio's labelling configuration: labels, relations, and a control for each attribute.

A control belongs to a region (``perRegion``); its name is the attribute's. Label Studio's controls
hold values of one kind each, so an attribute whose values differ in kind has several of them, the
later ones named with their kind: ``certain``, ``certain:number``.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard
from xml.sax.saxutils import quoteattr

import tomli_w

from core import scheme as schemes
from core.annotation import Json
from core.errors import FormatError, SchemeError
from core.formats.files import contents
from core.formats.safexml import events
from core.i18n import _
from core.scheme import EntityType, Scheme

LABELS, TEXT = "label", "text"  # what our configuration calls its labels and its text
FLAG = "flag"
_FLAGS = {"true": True, "false": False}
# The key of a result's value that holds what a control of this type was set to.
VALUES = {
    "choices": "choices",
    "textarea": "text",
    "taxonomy": "taxonomy",
    "rating": "rating",
    "number": "number",
    "datetime": "datetime",
}
_TAGS = {
    "Choices": "choices",
    "TextArea": "textarea",
    "Taxonomy": "taxonomy",
    "Rating": "rating",
    "Number": "number",
    "DateTime": "datetime",
}
_SUFFIX = re.compile(r"(.+):(choices|textarea|taxonomy|number|flag)", re.DOTALL)


# -- one attribute


def kind_of(value: Json, choice: bool) -> str:
    """Which control holds `value`; empty where none does.

    Args:
        choice: the scheme says which texts the attribute may have.
    """
    if isinstance(value, bool):
        return FLAG
    if isinstance(value, str):
        return "choices" if choice else "textarea"
    if isinstance(value, int | float):
        return "number" if math.isfinite(value) else ""
    if isinstance(value, list) and len(value) > 1 and _texts(value):
        return "choices"
    if isinstance(value, list) and value and all(_texts(path) for path in value):
        return "taxonomy"
    return ""


def _texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)


def held(kind: str, value: Json) -> tuple[str, dict[str, Any]]:
    """The type of the result that says it, and what its value holds."""
    if kind == FLAG:
        return "choices", {"choices": ["true" if value else "false"]}
    if kind in ("choices", "textarea"):
        return kind, {VALUES[kind]: value if isinstance(value, list) else [value]}
    return kind, {VALUES[kind]: value}


def said_by(type: str, name: str, value: Mapping[str, Any]) -> tuple[str, Json]:
    """An attribute's name and value by the control `name` of this type, see `VALUES`.

    Raises `ValueError` where `value` is none of that type.
    """
    base, kind = _named(name or type, type)
    found = value.get(VALUES[type])
    if isinstance(found, str) and type != "datetime":
        found = [found]
    if kind == FLAG and _texts(found) and len(found) == 1 and found[0] in _FLAGS:
        return base, _FLAGS[found[0]]
    if type in ("choices", "textarea") and _texts(found):
        return base, found[0] if len(found) == 1 else [*found]
    if type == "taxonomy" and isinstance(found, list) and found and all(map(_texts, found)):
        return base, found
    if type == "datetime" and isinstance(found, str) and found:
        return base, found
    numeric = isinstance(found, int | float) and not isinstance(found, bool)
    if type in ("rating", "number") and numeric:
        return base, found
    raise ValueError(name)


def _named(name: str, type: str) -> tuple[str, str]:
    """The attribute that a control of this type is about, and the kind that its name says."""
    match = _SUFFIX.fullmatch(name)
    if match and match[2] in (type, FLAG if type == "choices" else type):
        return match[1], match[2]
    return name, ""


@dataclass
class _Control:
    """One control of a region, with what was written by it."""

    attribute: str
    kind: str
    types: set[str] = field(default_factory=set)
    values: dict[Any, None] = field(default_factory=dict)  # choices, or paths of a taxonomy
    several: bool = False

    def lines(self, head: str) -> list[str]:
        """Its tag, with `head` as the attributes that all controls have."""
        if self.kind == "textarea":
            return [f"<TextArea {head}/>"]
        if self.kind == "number":
            return [f"<Number {head}/>"]
        if self.kind == "taxonomy":
            return [f"<Taxonomy {head}>", *_tree(self.values, "  "), "</Taxonomy>"]
        values = _FLAGS if self.kind == FLAG else self.values
        choice = "multiple" if self.several else "single-radio"
        choices = [f"  <Choice value={_quoted(v)}/>" for v in values]
        return [f'<Choices {head} choice="{choice}">', *choices, "</Choices>"]


class Controls:
    """The controls of one export; each gets its name when it is needed first."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._names: dict[str, str] = {LABELS: "labels", TEXT: "text"}
        self._controls: dict[str, _Control] = {}
        for name, known in scheme.attributes.items():
            on = [t for t in known.on if t in scheme.entity_types]
            if known.values and (on or not known.on):  # of mentions: a relation has no controls
                control = self._control(name, "choices")
                control.values |= dict.fromkeys(known.values)

    def result(self, attribute: str, value: Json, type: str) -> tuple[str, str, dict[str, Any]]:
        """The control's name, its type and its part of the value, for a mention of `type`; the
        value must be one that `kind_of` knows."""
        kind = kind_of(value, self.is_choice(attribute))
        control = self._control(attribute, kind)
        control.types.add(type)
        kind_of_result, more = held(kind, value)
        if kind == "choices":
            control.values |= dict.fromkeys(more["choices"])
            control.several = control.several or len(more["choices"]) > 1
        elif kind == "taxonomy":
            control.values |= dict.fromkeys(tuple(path) for path in more["taxonomy"])
        return self._name(attribute, kind), kind_of_result, more

    def is_choice(self, attribute: str) -> bool:
        """Whether the scheme says which texts it may have."""
        return is_choice(self._scheme, attribute)

    def _name(self, attribute: str, kind: str) -> str:
        # A flag is known by its name only, and a name that looks like ours must not mislead.
        if kind == FLAG or _SUFFIX.fullmatch(attribute):
            return f"{attribute}:{kind}"
        first = self._names.setdefault(attribute, kind)
        return attribute if first == kind else f"{attribute}:{kind}"

    def _control(self, attribute: str, kind: str) -> _Control:
        return self._controls.setdefault(self._name(attribute, kind), _Control(attribute, kind))

    def lines(self) -> list[str]:
        """Their tags, a line each or more."""
        made = []
        for name, control in sorted(self._controls.items()):
            head = f'name={_quoted(name)} toName={_quoted(TEXT)} perRegion="true"'
            known = self._scheme.attributes.get(control.attribute)
            on = [t for t in known.on if t in self._scheme.entity_types] if known else []
            if on and control.types <= set(on):
                head += f" whenTagName={_quoted(LABELS)} whenLabelValue={_quoted(','.join(on))}"
            made.append('  <View visibleWhen="region-selected">')
            made.append(f"    <Header value={_quoted(control.attribute)}/>")
            made += [f"    {line}" for line in control.lines(head)]
            made.append("  </View>")
        return made


def is_choice(scheme: Scheme, attribute: str) -> bool:
    """Whether the scheme says which texts an attribute may have."""
    known = scheme.attributes.get(attribute)
    return known is not None and bool(known.values)


def _tree(paths: Iterable[tuple[str, ...]], indent: str) -> list[str]:
    """Nested choices for these paths, which are not empty."""
    below: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        below.setdefault(path[0], []).extend([path[1:]] if path[1:] else [])
    lines = []
    for value, rest in below.items():
        if rest:
            lines.append(f"{indent}<Choice value={_quoted(value)}>")
            lines += [*_tree(rest, indent + "  "), f"{indent}</Choice>"]
        else:
            lines.append(f"{indent}<Choice value={_quoted(value)}/>")
    return lines


# -- the file


def config_for(
    scheme: Scheme, types: Iterable[str], relations: Iterable[str], controls: Controls
) -> str:
    """A labelling configuration with these types, in the scheme's colours and keys."""
    lines = ["<View>", "  <Relations>"]
    lines += [f"    <Relation value={_quoted(name)}/>" for name in relations]
    lines += ["  </Relations>", f"  <Labels name={_quoted(LABELS)} toName={_quoted(TEXT)}>"]
    for name in types:
        known = scheme.entity_types.get(name, EntityType(name))
        more = f" background={quoteattr(known.color)}" if known.color else ""
        more += f" hotkey={quoteattr(known.keys[0])}" if known.keys else ""
        lines.append(f"    <Label value={_quoted(name)}{more}/>")
    lines += ["  </Labels>", f'  <Text name={_quoted(TEXT)} value="$text"/>']
    return "\n".join([*lines, *controls.lines(), "</View>", ""])


def _quoted(name: str) -> str:
    """Characters that XML has no way to write are none in a name either."""
    return quoteattr(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", name))


def read_config(path: Path) -> Scheme:
    """The types and attributes that a configuration names. Raises `FormatError`."""
    types: dict[str, dict[str, Any]] = {}
    relations: dict[str, dict[str, Any]] = {}
    attributes: dict[str, dict[str, Any]] = {}
    values: list[str] | None = None  # of the choices that we are in
    inside = 0
    on_text = False
    for event in events(io.BytesIO(contents(path)), str(path)):
        if event.kind == "text":
            continue
        if event.local == "Labels":
            inside += {"start": 1, "end": -1}[event.kind]
        elif event.local in _TAGS and event.kind == "end":
            values = None
        elif event.kind == "start":
            name = event.attributes.get("value", "")
            on_text = on_text or event.local in ("Text", "HyperText")
            if event.local == "Label" and inside and _usable(name):
                color = event.attributes.get("background", "")
                colored = re.fullmatch(r"#[0-9a-fA-F]{6}", color)
                types[name] = {"color": color} if colored else {}
            elif event.local == "Relation" and _usable(name):
                relations[name] = {}
            elif event.local in _TAGS and event.attributes.get("perRegion") == "true":
                values = _attribute(event.attributes, _TAGS[event.local], attributes)
            elif event.local == "Choice" and values is not None and name:
                values.append(name)
    if not on_text:
        raise FormatError(
            _("this configuration labels no text."),
            _("Goldsmith reads projects that label text."),
            str(path),
        )
    for about in attributes.values():
        about["on"] = [t for t in about["on"] if t in types]
        about["values"] = list(dict.fromkeys(about["values"]))
    data = {
        "scheme": {"name": path.resolve().parent.name or path.stem},
        "entity": types,
        "relation": relations,
        "attribute": {
            name: {key: value for key, value in about.items() if value}
            for name, about in attributes.items()
        },
    }
    try:
        return schemes.parse(tomli_w.dumps(data), path.name)
    except SchemeError as error:
        raise FormatError(error.message, error.hint, str(path)) from error


def _usable(name: str) -> bool:
    """Whether a scheme can have a type of this name."""
    return bool(name) and name == name.strip() and name.isprintable()


def _attribute(
    control: Mapping[str, str], type: str, attributes: dict[str, dict[str, Any]]
) -> list[str] | None:
    """Note the attribute of a control; the list that its choices go to, None if it has none."""
    name, kind = _named(control.get("name", "") or type, type)
    if not _usable(name):
        return None
    on = filter(None, control.get("whenLabelValue", "").split(","))
    about = attributes.setdefault(name, {"on": [*on], "values": []})
    if type == "choices" and kind != FLAG:
        values: list[str] = about["values"]
        return values
    return None
