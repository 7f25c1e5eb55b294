"""The feature structures of a UIMA CAS, and what they are as layers of a text.

Offsets in a CAS count UTF-16 units, as Java does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.annotation import Document, Json
from core.article import Utf16Map
from core.formats import uima
from core.formats.fields import Fault
from core.formats.tokens import tokenised
from core.formats.uima import LayerRelation, Layers, LayerSpan, Link
from core.i18n import _

SOFA, VIEW = "uima.cas.Sofa", "_InitialView"
TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
DOCUMENT = "uima.tcas.DocumentAnnotation"
CHAIN, LINK = f"{uima.CHAIN}Chain", f"{uima.CHAIN}Link"
_PLAIN = frozenset({"begin", "end", "sofa"})
_TEXTUAL = ("uima.cas.String",)


@dataclass(slots=True)
class Structure:
    """One feature structure.

    Attributes:
        values: features that are values; of XMI without a type system, all of them, as texts.
        refs: features that are other structures (their ids).
    """

    id: str
    type: str
    values: dict[str, Json] = field(default_factory=dict)
    refs: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Types:
    """A type system: the range of each feature, and what each type is derived from."""

    features: dict[str, dict[str, str]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    def range(self, type: str, feature: str) -> str:
        """The range of a feature, inherited ones too; empty if the type system does not say."""
        seen = set()
        while type and type not in seen:
            seen.add(type)
            found = self.features.get(type, {}).get(feature)
            if found:
                return found
            type = self.parents.get(type, "")
        return ""

    def add(self, type: str, parent: str, features: dict[str, str]) -> None:
        """Declare a type, or more features of one."""
        self.parents[type] = parent
        self.features.setdefault(type, {}).update(features)


@dataclass(slots=True)
class Cas:
    """The structures of a file by their ids, the sofa that is read, and how many there are."""

    structures: dict[str, Structure] = field(default_factory=dict)
    sofa: str = ""
    text: str = ""
    others: int = 0


def layers_of(cas: Cas) -> tuple[str, Layers]:
    """The text and its layers, offsets in code points. Raises `Fault`."""
    made = Layers()
    points = Utf16Map(cas.text)
    length = points.to_utf16(len(cas.text))
    if cas.others:
        made.lost.append((_("another view"), _("{n} of them").format(n=cas.others)))
    linked = _chains(cas, points, length, made)
    for s in cas.structures.values():
        if s.id in linked or s.type == SOFA or "begin" not in s.values or not _here(cas, s):
            continue
        begin, end = _offsets(s, length)
        if "Governor" in s.refs or "Dependent" in s.refs:
            _relation(cas, s, made)
            continue
        features = {k: v for k, v in s.values.items() if k not in _PLAIN}
        span = LayerSpan(s.type, points.to_code_points(begin), points.to_code_points(end), features)
        made.spans[s.id] = span
        if uima.is_linguistic(s.type):
            continue
        for name, ids in s.refs.items():
            _references(cas, s, name, ids, made)
    return cas.text, made


def _here(cas: Cas, s: Structure) -> bool:
    sofa = s.refs.get("sofa", [cas.sofa])
    return sofa[0] == cas.sofa


def _offsets(s: Structure, length: int) -> tuple[int, int]:
    values = []
    for name in ("begin", "end"):
        value = s.values.get(name)
        text = str(value) if not isinstance(value, bool) else ""
        if not text.isdecimal() or len(text) > 12:
            raise Fault(
                _("{type} {id}: {name} is {value}, no offset.").format(
                    type=uima.short(s.type), id=s.id, name=name, value=f"“{str(value)[:40]}”"
                )
            )
        values.append(int(text))
    begin, end = values
    if begin > end or end > length:
        raise Fault(
            _("{type} {id} goes from {begin} to {end}, but the text has {n} UTF-16 units.").format(
                type=uima.short(s.type), id=s.id, begin=begin, end=end, n=length
            )
        )
    return begin, end


def _relation(cas: Cas, s: Structure, made: Layers) -> None:
    ends = []
    for name in ("Governor", "Dependent"):
        ids = s.refs.get(name, [])
        if len(ids) != 1 or ids[0] not in cas.structures:
            raise Fault(
                _("{type} {id}: its {name} is not in the file.").format(
                    type=uima.short(s.type), id=s.id, name=name
                )
            )
        ends.append(ids[0])
    features = {k: v for k, v in s.values.items() if k not in _PLAIN}
    made.relations.append(LayerRelation(s.type, ends[0], ends[1], features))


def _references(cas: Cas, s: Structure, name: str, ids: list[str], made: Layers) -> None:
    """A slot's links become relations; any other reference is not held."""
    if name == "sofa":
        return
    for id in ids:
        link = cas.structures.get(id)
        if link is None:
            raise Fault(
                _("{type} {id}: its {name} {ref} is not in the file.").format(
                    type=uima.short(s.type), id=s.id, name=name, ref=id
                )
            )
        target = link.refs.get("target")
        if "begin" not in link.values and target:
            role = link.values.get("role")
            layer = role if isinstance(role, str) and role else name
            made.relations.append(LayerRelation(layer, s.id, target[0]))
        elif "begin" in link.values:
            made.relations.append(LayerRelation(name, s.id, id))
        else:
            made.lost.append((f"{uima.short(s.type)} {name}", _("a structure without a place")))


def _chains(cas: Cas, points: Utf16Map, length: int, made: Layers) -> set[str]:
    """The chains; the ids of their links, which are no spans of their own."""
    used: set[str] = set()
    for s in cas.structures.values():
        if "first" not in s.refs or "begin" in s.values:
            continue
        chain: list[Link] = []
        next_ids = s.refs["first"]
        while next_ids:
            id = next_ids[0]
            link = cas.structures.get(id)
            if link is None:
                raise Fault(_("a chain points at {id}, which is not in the file.").format(id=id))
            if id in used:
                raise Fault(_("a chain comes twice to its link {id}.").format(id=id))
            used.add(id)
            begin, end = _offsets(link, length)
            type = link.values.get("referenceType")
            if link.values.get("referenceRelation"):
                made.lost.append((_("label of a link"), str(link.values["referenceRelation"])))
            chain.append(
                Link(
                    points.to_code_points(begin),
                    points.to_code_points(end),
                    type if isinstance(type, str) else "",
                )
            )
            next_ids = link.refs.get("next", [])
        made.chains.append(chain)
    return used


# -- a document as structures


def model_of(document: Document, types: Types) -> tuple[Cas, int]:
    """The structures of a document; declares their types in `types`. Also how many tokens were
    split for them."""
    text = document.article.text
    units = Utf16Map(text).to_utf16
    cas = Cas(sofa="1", text=text)
    end = str(units(len(text)))
    cas.structures["1"] = Structure(
        "1", SOFA, {"sofaNum": 1, "sofaID": VIEW, "mimeType": "text", "sofaString": text}
    )

    def add(type: str, values: dict[str, Any], refs: dict[str, list[str]] | None = None) -> str:
        id = str(len(cas.structures) + 1)
        given = {k: v for k, v in values.items() if v is not None}
        cas.structures[id] = Structure(id, type, given, {"sofa": ["1"], **(refs or {})})
        return id

    language = document.article.language or "x-unspecified"
    add(DOCUMENT, {"begin": 0, "end": int(end), "language": language})
    found = tokenised(document)
    for sentence in found.sentences:
        add(SENTENCE, {"begin": units(sentence[0].start), "end": units(sentence[-1].end)})
    for token in found.all:
        add(TOKEN, {"begin": units(token.start), "end": units(token.end)})
    types.add(SENTENCE, "uima.tcas.Annotation", {})
    types.add(TOKEN, "uima.tcas.Annotation", {})
    ids: dict[str, str] = {}
    features = dict.fromkeys((uima.KB, uima.TYPE), _TEXTUAL[0])
    for m in uima.in_order(document):
        said = uima.span_features(document, m)
        features |= dict.fromkeys((k for k, v in said.items() if v is not None), _TEXTUAL[0])
        ids[m.id] = add(uima.MENTION, {"begin": units(m.start), "end": units(m.end), **said})
    types.add(uima.MENTION, "uima.tcas.Annotation", features)
    ends = dict.fromkeys(("Governor", "Dependent"), "uima.tcas.Annotation")
    features = {**ends, uima.LABEL: _TEXTUAL[0]}
    for r in document.relations.values():
        tail = document.mentions[r.tail]
        values: dict[str, Any] = {uima.LABEL: r.type, uima.NOTE: r.note or None, **r.attributes}
        features |= {k: _TEXTUAL[0] for k, v in values.items() if v is not None}
        place = {"begin": units(tail.start), "end": units(tail.end)}
        add(uima.RELATION, place | values, {"Governor": [ids[r.head]], "Dependent": [ids[r.tail]]})
    types.add(uima.RELATION, "uima.tcas.Annotation", features)
    types.add(CHAIN, "uima.cas.AnnotationBase", {"first": LINK})
    types.add(
        LINK, "uima.tcas.Annotation",
        {"next": LINK, "referenceType": _TEXTUAL[0], "referenceRelation": _TEXTUAL[0]},
    )  # fmt: skip
    for group in uima.members(document).values():
        following: list[str] = []
        for m in reversed(group):
            values = {"begin": units(m.start), "end": units(m.end), "referenceType": m.type}
            following = [add(LINK, values, {"next": following} if following else None)]
        add(CHAIN, {}, {"first": following})
    return cas, found.split
