"""Writes the feature structures of a CAS as XMI and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import quoteattr

from core.annotation import Document, Mention, Relation
from core.errors import FormatError
from core.formats.cas_model import SOFA, VIEW, Cas, Structure, Types
from core.formats.loss import Feature, Loss
from core.i18n import _

# What XML 1.0 can't hold, escaped or not.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def unwritable(document: Document) -> Iterator[Loss]:
    """A stage: texts with characters that XML can't hold."""
    article = document.article
    if _ILLEGAL.search(article.text):
        raise FormatError(
            _("article {id} holds a character that XML can't.").format(id=article.id),
            _("Export JSON Lines."),
        )
    items: list[Mention | Relation] = [*document.mentions.values(), *document.relations.values()]
    reason = _("a character that XML can't hold")
    for type in dict.fromkeys(item.type for item in items):
        if _ILLEGAL.search(type):
            yield Loss(Feature.NAMES, article.id, what=type, instead=_ILLEGAL.sub("\ufffd", type))
    for item in items:
        if _ILLEGAL.search(item.note):
            yield Loss(Feature.NOTES, article.id, item.id, reason=reason)
        for name, value in item.attributes.items():
            if isinstance(value, str) and _ILLEGAL.search(value):
                yield Loss(Feature.ATTRIBUTES, article.id, item.id, name, reason=reason)
    for entity in document.entities.values():
        if _ILLEGAL.search(entity.kb_id):
            yield Loss(Feature.ENTITIES, article.id, entity.id, "kb_id")


def _attribute(value: Any) -> str:
    """A value in quotes; white space is written so that no parser makes it a space."""
    text = str(value)
    return quoteattr(text, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _split(type: str) -> tuple[str, str]:
    package, _dot, local = type.rpartition(".")
    return package, local


def xmi_bytes(cas: Cas) -> bytes:
    """The XMI of a CAS with one view."""
    packages = dict.fromkeys(_split(s.type)[0] for s in cas.structures.values())
    prefixes = {"uima.cas": "cas", "uima.tcas": "tcas"}
    for package in packages:
        if package not in prefixes:
            prefixes[package] = f"ns{len(prefixes)}"
    names = "".join(
        f' xmlns:{prefix}="http:///{package.replace(".", "/")}.ecore"'
        for package, prefix in prefixes.items()
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<xmi:XMI xmlns:xmi="http://www.omg.org/XMI"{names} xmi:version="2.0">',
        '<cas:NULL xmi:id="0"/>',
    ]
    structures = [s for s in cas.structures.values() if s.type != SOFA]
    for s in (*structures, cas.structures[cas.sofa]):
        package, local = _split(s.type)
        given: dict[str, Any] = {name: ids[0] for name, ids in s.refs.items()}
        features = " ".join(
            f"{name}={_attribute(value)}" for name, value in (given | s.values).items()
        )
        lines.append(f'<{prefixes[package]}:{local} xmi:id="{s.id}" {features}/>')
    members = " ".join(s.id for s in structures)
    lines += [f'<cas:View sofa="{cas.sofa}" members="{members}"/>', "</xmi:XMI>", ""]
    return "\n".join(lines).encode("utf-8")


def types_bytes(types: Types) -> bytes:
    """The type system in XML."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier">',
        "<types>",
    ]
    for type, parent in types.parents.items():
        lines += [
            "<typeDescription>", f"<name>{type}</name>", "<description/>",
            f"<supertypeName>{parent}</supertypeName>", "<features>",
        ]  # fmt: skip
        lines += [
            f"<featureDescription><name>{name}</name><description/>"
            f"<rangeTypeName>{range}</rangeTypeName></featureDescription>"
            for name, range in types.features[type].items()
        ]
        lines += ["</features>", "</typeDescription>"]
    lines += ["</types>", "</typeSystemDescription>", ""]
    return "\n".join(lines).encode("utf-8")


def json_bytes(cas: Cas, types: Types) -> bytes:
    """The JSON of a CAS with one view."""
    declared = {
        type: {
            "%NAME": type,
            "%SUPER_TYPE": parent,
            **{
                name: {"%NAME": name, "%RANGE": range}
                for name, range in types.features[type].items()
            },
        }
        for type, parent in types.parents.items()
    }
    members = [int(s.id) for s in cas.structures.values() if s.type != SOFA]
    data = {
        "%TYPES": declared,
        "%FEATURE_STRUCTURES": [_json(s) for s in cas.structures.values()],
        "%VIEWS": {VIEW: {"%SOFA": int(cas.sofa), "%MEMBERS": members}},
    }
    return (json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8")


def _json(s: Structure) -> dict[str, Any]:
    refs = {f"@{name}": int(ids[0]) for name, ids in s.refs.items()}
    return {"%ID": int(s.id), "%TYPE": s.type, **refs, **s.values}
