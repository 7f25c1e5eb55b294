"""doccano's JSON Lines, for sequence labelling and for relations. See ``docs/formats/doccano.md``.

doccano's editor counts offsets as JavaScript does, in UTF-16 units, unless a project counts
grapheme clusters; files that programs made for it count code points, as Python does. Which one a
file counts it does not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.annotation import Document, Fragment
from core.article import Utf16Map
from core.errors import FormatError
from core.formats import Feature, Report
from core.formats.exchange import (
    HOLDS,
    Draft,
    Exchange,
    article,
    checked_text,
    meta,
    said,
    stash,
)
from core.formats.fields import Fields
from core.formats.files import first_object
from core.formats.stream import json_values
from core.formats.units import Places, Unit, better
from core.i18n import _

_OFFSETS = "offsets"
_KEYS = ("text", "entities", "relations", "label", "labels", "meta")


class Doccano(Exchange):
    """Reads both shapes of doccano, and writes the one with relations."""

    name = "doccano"
    extensions = (".jsonl", ".json")
    holds = HOLDS

    def __init__(self, offsets: Unit | None = None) -> None:
        """
        Args:
            offsets: what the person says that the file counts; None: UTF-16 units, as long as they
                fit.
        """
        self.offsets = offsets

    @property
    def title(self) -> str:
        """For a person."""
        return _("doccano, relations")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By the keys of its first object."""
        return path.suffix.lower() in self.extensions and looks_like_doccano(_first(path, head))

    def is_record(self, data: Mapping[str, Any]) -> bool:
        """With a text; neither an entity, which has offsets, nor a relation, which has ends."""
        return "text" in data and not {"start_offset", "from_id"} & set(data)

    def document(self, data: Any, n: int, source: str, report: Report) -> Document:
        """Of either shape."""
        fields = Fields(data, _("document {n}").format(n=n))
        text = checked_text(fields)
        entities, relations = fields.array("entities"), fields.array("relations")
        if _are_entities(data.get("annotations")):  # of doccano before 1.3, labels by number
            entities = [*entities, *fields.array("annotations")]
        labels = [*fields.array("label"), *fields.array("labels")]
        unit = self.offsets
        if data.get(_OFFSETS) in list(Unit):  # as we write it
            said = Unit(fields.take(_OFFSETS))
            unit = unit or said
        draft = Draft(article(fields, text, self.name), source)
        if unit is None:
            _check(fields, text, [*map(_ends, entities), *map(_ends, labels)])
        places = Places(text, unit or Unit.UTF16)
        for n, item in enumerate(entities, start=1):
            _entity(Fields(item, _("entity {n}").format(n=n)), draft, places)
        for n, item in enumerate(labels, start=1):
            place = Fields({"label": item}, _("label {n}").format(n=n))
            if not isinstance(item, list) or len(item) != 3:
                raise place.fault(_("it must be [start, end, type]."))
            start, end, type = item
            place = Fields({"start": start, "end": end, "type": type}, place.place)
            part = _part(place, "start", "end", draft.article.text, places)
            draft.mention(part, place.text("type"))
        for n, item in enumerate(relations, start=1):
            _relation(Fields(item, _("relation {n}").format(n=n)), draft)
        return draft.document()

    def record(self, document: Document, report: Report) -> dict[str, Any]:
        """The shape with relations; ids are numbers within the line, as doccano wants them."""
        units = Utf16Map(document.article.text)
        numbers = {id: n for n, id in enumerate(document.mentions)}
        return (
            _head(document, self.name)
            | _doubted(document)
            | {
                "entities": [
                    {
                        "id": numbers[m.id],
                        "label": m.type,
                        "start_offset": units.to_utf16(m.start),
                        "end_offset": units.to_utf16(m.end),
                    }
                    for m in document.mentions.values()
                ],
                "relations": [
                    {"id": n, "from_id": numbers[r.head], "to_id": numbers[r.tail], "type": r.type}
                    for n, r in enumerate(document.relations.values())
                ],
            }
        )


class DoccanoSpans(Doccano):
    """Reads both shapes of doccano, and writes the one for sequence labelling."""

    name = "doccano-spans"
    page = "doccano"
    holds = HOLDS - {Feature.RELATIONS}

    @property
    def title(self) -> str:
        """For a person."""
        return _("doccano, sequence labelling")

    def record(self, document: Document, report: Report) -> dict[str, Any]:
        """``label``: a list of ``[start, end, type]``."""
        units = Utf16Map(document.article.text)
        labels = [
            [units.to_utf16(m.start), units.to_utf16(m.end), m.type]
            for m in document.mentions.values()
        ]
        return _head(document, self.name) | _doubted(document) | {"label": labels}


def looks_like_doccano(data: Any) -> bool:
    """Whether the first object of a file has one of doccano's shapes."""
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        return False
    if {"goldsmith", "spans", "tokens"} & set(data):
        return False
    entities = data.get("entities")
    if isinstance(entities, list):
        return not entities or (isinstance(entities[0], dict) and "start_offset" in entities[0])
    if _are_entities(data.get("annotations")):
        return True
    labels = data.get("label", data.get("labels"))
    return isinstance(labels, list) and all(
        isinstance(label, list) and len(label) == 3 for label in labels
    )


def _are_entities(items: Any) -> bool:
    return (
        isinstance(items, list)
        and bool(items)
        and all(isinstance(item, dict) and "start_offset" in item for item in items)
    )


def _first(path: Path, head: bytes) -> Any:
    """The first object; it may be written over many lines."""
    if (found := first_object(path)) is not None:
        return found
    try:
        return next((value for _line, value in json_values(path)), None)
    except FormatError:
        return None


def _head(document: Document, name: str) -> dict[str, Any]:
    """The text, the article's fields as columns, which doccano keeps as they are."""
    article = document.article
    extra = {key: v for key, v in stash(article, name).items() if key not in _KEYS}
    known = meta(article)
    return {"text": article.text, **extra, **said(article), **({"meta": known} if known else {})}


def _ends(item: Any) -> Any:
    """Start and end of an entity or a label, as they stand; None where they are none."""
    if isinstance(item, dict):
        found: list[Any] = [item.get("start_offset"), item.get("end_offset")]
    else:
        found = item[:2] if isinstance(item, list) else []
    whole = len(found) == 2 and all(type(offset) is int for offset in found)
    return tuple(found) if whole else None


def _check(fields: Fields, text: str, spans: list[Any]) -> None:
    """Raise `Fault` where the spans are words in another unit than UTF-16, and not in that: gold on
    the wrong words is worse than none."""
    found = better(text, Unit.UTF16, [span for span in spans if span is not None])
    if found is not None:
        raise fields.fault(
            _(
                "the offsets don't fit the words as {unit}, but do as {other}. Say so when adding "
                "the file: --offsets {option}."
            ).format(unit=Unit.UTF16.words, other=found.words, option=found)
        )


def _doubted(document: Document) -> dict[str, Any]:
    """A column that says what we count, where the words would speak against it: gold that cuts
    words. doccano keeps it."""
    units = Utf16Map(document.article.text)
    spans = [(units.to_utf16(m.start), units.to_utf16(m.end)) for m in document.mentions.values()]
    doubt = better(document.article.text, Unit.UTF16, spans) is not None
    return {_OFFSETS: Unit.UTF16.value} if doubt else {}


def _entity(fields: Fields, draft: Draft, places: Places) -> None:
    key = fields.take("id")
    part = _part(fields, "start_offset", "end_offset", draft.article.text, places)
    label = fields.take("label")
    number = isinstance(label, int) and not isinstance(label, bool)
    fields = Fields({**fields.rest(), "label": str(label) if number else label}, fields.place)
    id = draft.mention(part, fields.text("label"), attributes=fields.rest())
    if key is None:
        return
    if not isinstance(key, int | str) or key in draft.keys:
        raise fields.fault(_("the id {id} is used twice in this line.").format(id=key))
    draft.keys[key] = id


def _part(fields: Fields, start: str, end: str, text: str, places: Places) -> Fragment:
    """The fragment between two offsets in the unit of `places`."""
    found = []
    for key in (start, end):
        offset = fields.offset(key)
        if offset is None:
            raise fields.fault(_("{key} is missing.").format(key=key))
        found.append(offset)
    if found[1] > places.length:
        raise fields.fault(
            _("it ends at {end}, but the text has {n} {unit}.").format(
                end=found[1], n=places.length, unit=places.unit.words
            )
        )
    fields.fragment(found[0], found[1], places.length)
    points = []
    for offset in found:
        point = places.code_point(offset)
        if point is None:
            character = text[Utf16Map(text).to_code_points(offset)]
            raise fields.fault(
                _(
                    "the offset {n} is in the middle of {character}, which has two UTF-16 units. "
                    "Say what the file counts when adding it: --offsets {options}."
                ).format(
                    n=offset,
                    character=f"“{character}”",
                    options="|".join(unit for unit in Unit if unit is not Unit.UTF16),
                )
            )
        points.append(point)
    return Fragment(*points)


def _relation(fields: Fields, draft: Draft) -> None:
    ends = []
    for key in ("from_id", "to_id"):
        end = fields.take(key)
        if not isinstance(end, int | str) or end not in draft.keys:
            raise fields.fault(_("there is no entity {id} in this line.").format(id=end))
        ends.append(draft.keys[end])
    fields.take("id")
    draft.relation(fields.text("type"), *ends, attributes=fields.rest())
