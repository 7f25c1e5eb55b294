"""The lines of brat's ``.ann`` files: parsed with their faults, and made into a document.

Every annotation line keeps its raw text, so that an untouched one is written as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from core.annotation import Document, Entity, Fragments, Json, Mention, Relation, fragments
from core.article import Article
from core.formats.fields import Fault
from core.formats.loss import Feature, Loss
from core.i18n import _

NOTE = "AnnotatorNotes"
_ID = re.compile(r"[TERAMN#]\S+")
_OFFSETS = re.compile(r"(\d{1,12}) (\d{1,12})")
_ROLE = re.compile(r"(.*?\D)\d*")  # "Theme2" is another "Theme"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file; one that says nothing has no kind.

    Attributes:
        kind: ``T`` mention, ``E`` event, ``R`` relation, ``*`` equivalence, ``A`` attribute, ``N``
            normalisation, ``#`` note; empty: a blank line.
        raw: as it stands in the file, its end included.
        args: (role, id) of an event's and a relation's arguments; of an equivalence the members,
            with an empty role; of an attribute, a normalisation and a note: its one target.
        spans: of a mention, as written: unsorted, perhaps touching.
        value: an attribute's value, True if it has none.
        text: of a mention the covered words, of a normalisation the name, of a note the note.
        reference: of a normalisation, ``Wikidata:Q858``; of an event the trigger's id.
    """

    number: int
    raw: str
    kind: str = ""
    id: str = ""
    type: str = ""
    args: tuple[tuple[str, str], ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    value: Json = None
    text: str = ""
    reference: str = ""


class LineFault(Fault):
    """A fault with the number of its line."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number


def parse(text: str) -> list[Line]:
    """The lines of an ``.ann``. Raises `LineFault`."""
    lines: list[Line] = []
    ids: dict[str, int] = {}
    for number, raw in enumerate(_split(text), start=1):
        line = _line(number, raw)
        if line.id and line.kind != "*":
            if line.id in ids:
                raise LineFault(
                    number,
                    _("the id {id} is used twice; line {n} has it, too.").format(
                        id=line.id, n=ids[line.id]
                    ),
                )
            ids[line.id] = number
        lines.append(line)
    _check_targets(lines)
    return lines


def _split(text: str) -> Iterator[str]:
    """Lines with their ends. Only LF ends one: notes may hold other separators."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _line(number: int, raw: str) -> Line:
    content = raw.rstrip("\r\n")
    if not content.strip():
        return Line(number, raw)
    columns = content.split("\t")
    id = columns[0]
    kind = id[:1]
    if kind == "M":  # brat's older name of an attribute
        kind = "A"
    if id != "*" and not _ID.fullmatch(id):
        if columns[0] == content:
            raise LineFault(number, _("columns must be set apart by tabs."))
        raise LineFault(number, _("{id} is no id that brat knows.").format(id=f"“{id[:40]}”"))
    if len(columns) < 2:
        raise LineFault(number, _("columns must be set apart by tabs."))
    words = columns[1].split(" ")
    words = [w for w in words if w]
    rest = "\t".join(columns[2:])
    if not words:
        raise LineFault(number, _("the type is missing."))
    if kind == "T":
        return Line(number, raw, kind, id, words[0], spans=_spans(number, columns[1]), text=rest)
    if kind == "E":
        pairs = [_pair(number, w) for w in words]
        return Line(
            number, raw, kind, id, pairs[0][0], args=tuple(pairs[1:]), reference=pairs[0][1]
        )
    if kind == "R":
        pairs = [_pair(number, w) for w in words[1:]]
        if len(pairs) != 2:
            raise LineFault(
                number, _("a relation has two arguments, not {n}.").format(n=len(pairs))
            )
        return Line(number, raw, kind, id, words[0], args=tuple(pairs))
    if kind == "*":
        if len(words) < 2:
            raise LineFault(number, _("an equivalence needs members."))
        return Line(number, raw, kind, "", words[0], args=tuple(("", w) for w in words[1:]))
    if len(words) < 2:
        raise LineFault(number, _("it names nothing that it is about."))
    target = (("", words[1]),)
    if kind == "A":
        if len(words) > 3:
            reason = _("an attribute has one value, not {n}.").format(n=len(words) - 2)
            raise LineFault(number, reason)
        value: Json = words[2] if len(words) == 3 else True
        return Line(number, raw, kind, id, words[0], target, value=value)
    if kind == "N":
        if len(words) != 3 or ":" not in words[2]:
            raise LineFault(number, _("a normalisation needs a reference of the form BASE:ID."))
        return Line(number, raw, kind, id, words[0], target, text=rest, reference=words[2])
    return Line(number, raw, kind, id, words[0], target, text=rest)


def _spans(number: int, column: str) -> tuple[tuple[int, int], ...]:
    words = column.split(" ", 1)
    spans = []
    for part in (words[1] if len(words) > 1 else "").split(";"):
        found = _OFFSETS.fullmatch(part)
        if found is None:
            raise LineFault(
                number, _("{text} is no pair of offsets.").format(text=f"“{part[:40]}”")
            )
        start, end = int(found[1]), int(found[2])
        if end <= start:
            raise LineFault(
                number,
                _("it ends at {end}, which is not after its start {start}.").format(
                    start=start, end=end
                ),
            )
        spans.append((start, end))
    return tuple(spans)


def _pair(number: int, word: str) -> tuple[str, str]:
    role, colon, id = word.rpartition(":")
    if not colon or not role or not id:
        raise LineFault(
            number, _("{text} is not of the form ROLE:ID.").format(text=f"“{word[:40]}”")
        )
    return role, id


def _check_targets(lines: list[Line]) -> None:
    kinds = {line.id: line.kind for line in lines if line.id}
    admitted = {"E": "TE", "R": "TE", "*": "TE", "A": "TER", "N": "TE", "#": "TERAN#"}
    for line in lines:
        for _role, id in line.args:
            if id not in kinds:
                raise LineFault(line.number, _("there is no annotation {id}.").format(id=id))
            if kinds[id] not in admitted[line.kind]:
                raise LineFault(line.number, _("it can't be about {id}.").format(id=id))
        if line.kind == "E" and kinds.get(line.reference) != "T":
            raise LineFault(line.number, _("there is no trigger {id}.").format(id=line.reference))


# -- a document


@dataclass(slots=True)
class Built:
    """What the lines of a file say.

    Attributes:
        ids: the id of what each brat id became: ``T1`` and ``E1`` a mention, ``R1`` and ``E1/0``
            (the first argument) a relation, ``*T1`` the entity of mention ``T1``.
        lost: what the file says and a document does not hold.
    """

    document: Document
    ids: dict[str, str] = field(default_factory=dict)
    lost: list[Loss] = field(default_factory=list)


class Builder:
    """One pass over the lines.

    Args:
        new_id: makes an id from its prefix and the brat id that it is for.
        shifted: the offset in the text of an offset in the file.
    """

    def __init__(
        self,
        article: Article,
        source: str,
        new_id: Callable[[str, str], str],
        shifted: Callable[[int], int] = int,
    ) -> None:
        self.article = article
        self.source = source
        self.new_id = new_id
        self.shifted = shifted
        self.mentions: dict[str, Mention] = {}
        self.relations: dict[str, Relation] = {}
        self.entities: dict[str, Entity] = {}
        self.ids: dict[str, str] = {}
        self.lost: list[Loss] = []

    def build(self, lines: list[Line]) -> Built:
        """The document. Raises `LineFault`."""
        by_kind: dict[str, list[Line]] = {kind: [] for kind in "TER*AN#"}
        for line in lines:
            if line.kind:
                by_kind[line.kind].append(line)
        for line in by_kind["T"]:
            self._mention(line)
        self._events(by_kind["E"])
        for line in by_kind["R"]:
            self._relation(line.id, line, line.type, line.args[0][1], line.args[1][1])
        attributes: dict[str, dict[str, Json]] = {}
        for line in by_kind["A"]:
            item = self.ids[line.args[0][1]]
            if line.type in attributes.setdefault(item, {}):
                self._lose(Feature.ATTRIBUTES, line, _("it is there twice"), line.type)
            else:
                attributes[item][line.type] = line.value
        notes = self._notes(by_kind["#"])
        members = self._entities(by_kind["*"], by_kind["N"])
        mentions = {
            id: _with(m, attributes.get(id), notes.get(id), members.get(id))
            for id, m in self.mentions.items()
        }
        relations = {
            id: _with(r, attributes.get(id), notes.get(id), None)
            for id, r in self.relations.items()
        }
        document = Document(self.article, mentions, relations, entities=self.entities)
        return Built(document, self.ids, self.lost)

    def _lose(self, feature: Feature, line: Line, reason: str, what: str = "") -> None:
        self.lost.append(Loss(feature, self.article.id, line.id or "*", what, "", reason))

    def _mention(self, line: Line) -> None:
        length = len(self.article.text)
        spans = [(self.shifted(start), self.shifted(end)) for start, end in line.spans]
        if max(end for _start, end in spans) > length:
            raise LineFault(
                line.number,
                _("it ends at {end}, but the text has {n} characters (code points).").format(
                    end=max(end for _start, end in line.spans), n=length
                ),
            )
        id = self.ids[line.id] = self.new_id("m", line.id)
        self.mentions[id] = Mention(
            id, self.article.id, fragments(spans), line.type, source=self.source
        )

    def _events(self, lines: list[Line]) -> None:
        triggers: dict[str, str] = {}
        for line in lines:
            self.ids[line.id] = self.ids[line.reference]
            other = triggers.setdefault(line.reference, line.id)
            if other != line.id:
                reason = _("its arguments and those of {other} are told apart no more").format(
                    other=other
                )
                self._lose(Feature.RELATIONS, line, reason)
        for line in lines:
            for n, (role, target) in enumerate(line.args):
                found = _ROLE.fullmatch(role)
                self._relation(f"{line.id}/{n}", line, found[1] if found else role, line.id, target)

    def _relation(self, key: str, line: Line, type: str, head: str, tail: str) -> None:
        id = self.ids[key] = self.new_id("r", key)
        self.relations[id] = Relation(
            id, self.article.id, type, self.ids[head], self.ids[tail], source=self.source
        )

    def _notes(self, lines: list[Line]) -> dict[str, str]:
        notes: dict[str, list[str]] = {}
        for line in lines:
            target = line.args[0][1]
            if target not in self.ids:
                reason = _("a note on {id}, which is no mention or relation").format(id=target)
                self._lose(Feature.NOTES, line, reason)
                continue
            text = line.text if line.type == NOTE else f"{line.type}: {line.text}"
            notes.setdefault(self.ids[target], []).append(text)
        return {item: "\n".join(texts) for item, texts in notes.items()}

    def _entities(self, equivalences: list[Line], norms: list[Line]) -> dict[str, str]:
        """Which mention is in which entity; an entity is what equivalences and references tie."""
        group = {m: m for m in self.mentions}

        def root(mention: str) -> str:
            while group[mention] != mention:
                mention = group[mention]
            return mention

        for line in equivalences:
            for _role, member in line.args[1:]:
                group[root(self.ids[member])] = root(self.ids[line.args[0][1]])
        references: dict[str, tuple[str, str]] = {}  # mention: reference, name
        first: dict[str, str] = {}  # reference: mention
        for line in norms:
            mention = self.ids[line.args[0][1]]
            if mention in references:
                self._lose(Feature.ENTITIES, line, _("a second reference"), line.reference)
                continue
            references[mention] = (line.reference, line.text)
            first.setdefault(line.reference, mention)
        for mention, (reference, _name) in references.items():
            group[root(mention)] = root(first[reference])
        groups: dict[str, list[str]] = {}
        for mention in self.mentions:
            groups.setdefault(root(mention), []).append(mention)
        brat = {id: key for key, id in self.ids.items() if key.startswith("T")}
        members: dict[str, str] = {}
        for group_members in groups.values():
            known = [references[m] for m in group_members if m in references]
            if len(group_members) == 1 and not known:
                continue
            for other in {(reference, name) for reference, name in known} - {*known[:1]}:
                self.lost.append(
                    Loss(Feature.ENTITIES, self.article.id, brat[group_members[0]], ":".join(other),
                         reason=_("another reference or name of the same entity"))
                )  # fmt: skip
            reference, name = known[0] if known else ("", "")
            key = f"*{brat[group_members[0]]}"
            id = self.ids[key] = self.new_id("e", key)
            parts = [self.mentions[m].fragments for m in group_members]
            name = name or longest(self.article.text, parts)
            self.entities[id] = Entity(id, name, kb_id=kb_id(reference))
            members.update(dict.fromkeys(group_members, id))
        return members


_Item = TypeVar("_Item", Mention, Relation)


def _with(
    item: _Item, attributes: dict[str, Json] | None, note: str | None, entity: str | None
) -> _Item:
    values: dict[str, Any] = {"attributes": attributes, "note": note, "entity": entity}
    return replace(item, **{name: value for name, value in values.items() if value})


def longest(text: str, mentions: list[Fragments]) -> str:
    """The longest name among mentions, the first of equals."""
    return max((covered(text, parts) for parts in mentions), key=len, default="")


def covered(text: str, parts: Fragments) -> str:
    """The words as an ``.ann`` has them: on one line, fragments joined by a space."""
    words = " ".join(text[f.start : f.end] for f in parts)
    return "".join(" " if c == "\t" or c.splitlines() == [""] else c for c in words)


# A knowledge-base id and brat's reference. Wikidata's ids need no base to be told; what has none,
# or would be taken for something else, stands behind "_:".
_WIKIDATA = re.compile(r"[QP]\d+")


def reference(kb_id: str) -> str:
    """Brat's reference of a knowledge-base id, empty if it can't be one."""
    if not kb_id or any(c.isspace() for c in kb_id):
        return ""
    if _WIKIDATA.fullmatch(kb_id):
        return f"Wikidata:{kb_id}"
    plain = ":" in kb_id.strip(":") and not kb_id.startswith(("_:", "Wikidata:"))
    return kb_id if plain else f"_:{kb_id}"


def kb_id(reference: str) -> str:
    """The knowledge-base id of brat's reference."""
    if reference.startswith("_:"):
        return reference[2:]
    base, _colon, id = reference.partition(":")
    return id if base == "Wikidata" and _WIKIDATA.fullmatch(id) else reference


def shifts(text: str, marked: bool) -> dict[str, Callable[[int], int]]:
    """The ways in which a tool may have counted, the usual one first: every code point; the byte
    order mark, too; CR LF as one."""
    ways: dict[str, Callable[[int], int]] = {"": int}
    if marked:
        ways["bom"] = lambda offset: max(0, offset - 1)
    if "\r\n" in text:
        places: list[int] = []
        at = 0
        for i, c in enumerate(text):
            if c == "\n" and i and text[i - 1] == "\r":
                continue
            places.append(i)
            at += 1
        places.append(len(text))
        ways["crlf"] = lambda offset: places[offset] if offset < len(places) else offset + len(text)
    return ways
