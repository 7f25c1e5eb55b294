"""A document as the lines of an ``.ann``; those that it was read from stay as they were.

The old lines are parsed again, with the ids that their annotations have now. Each is then kept as
it stands, written anew under its old id, or left out; what is new follows at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.annotation import Document, Mention, Relation, new_id
from core.article import Article
from core.formats.brat_ann import (
    NOTE,
    Builder,
    Built,
    Line,
    LineFault,
    covered,
    parse,
    reference,
    shifts,
)

_REFERENCE = "Reference"
_EQUIVALENCE = "Equiv"


def ann(document: Document, stash: Mapping[str, Any]) -> str:
    """The ``.ann`` of a document that holds nothing that brat can't.

    Args:
        stash: what `Brat.read` kept of the file that the document came from; may be empty.
    """
    lines, before = _before(document.article, stash)
    return _Out(document, lines, before).text()


def _before(article: Article, stash: Mapping[str, Any]) -> tuple[list[Line], Built]:
    """The lines of the file that the article came from, and what they said; none where there is
    no such file, or where what is kept of it does not fit any more."""
    raw, ids, shift = stash.get("ann"), stash.get("ids"), stash.get("shift", "")
    nothing: tuple[list[Line], Built] = ([], Built(Document(article)))
    if not isinstance(raw, str) or not isinstance(ids, Mapping):
        return nothing
    ways = shifts(article.text, bool(stash.get("bom")))
    if shift not in ways:
        return nothing
    known = {str(key): str(id) for key, id in ids.items()}
    try:
        lines = parse(raw)
        make = Builder(article, "", lambda kind, key: known.get(key) or new_id(kind), ways[shift])
        return lines, make.build(lines)
    except LineFault:
        return nothing


class _Out:
    """One ``.ann`` in the making."""

    def __init__(self, document: Document, lines: list[Line], before: Built) -> None:
        self.document = document
        self.lines = lines
        self.old = before.document
        self.ids = before.ids
        self.counts: dict[str, int] = {}
        for line in lines:
            digits = line.id[1:]
            if digits.isdecimal() and len(digits) < 12:
                self.counts[line.id[0]] = max(self.counts.get(line.id[0], 0), int(digits))
        alive = document.mentions
        # Mention or relation: the id of its line, of an event rather than of its trigger.
        self.name: dict[str, str] = {}
        self.trigger: dict[str, str] = {}
        for line in lines:
            if line.kind == "T" and self.ids[line.id] in alive:
                self.trigger[self.ids[line.id]] = self.name[self.ids[line.id]] = line.id
        for line in lines:
            if line.kind == "E" and self.ids[line.id] in alive:
                item = self.ids[line.id]
                if self.name[item] == self.trigger[item]:
                    self.name[item] = line.id
            elif line.kind == "R" and self.ids[line.id] in document.relations:
                self.name[self.ids[line.id]] = line.id
        self.known = set(self.trigger)  # mentions that have a line already
        self.written: set[str] = set()  # relations that are on a line already
        self.attributes: dict[str, set[str]] = {}  # item: names that are
        self.noted: set[str] = set()  # items whose note is
        self.same = self._same_entities()

    def _same_entities(self) -> set[str]:
        """The old entities that are what they were."""
        now, then = _members(self.document), _members(self.old)
        return {
            id
            for id, entity in self.old.entities.items()
            if now.get(id) == then.get(id)
            and id in self.document.entities
            and (entity.name, entity.kb_id)
            == (self.document.entities[id].name, self.document.entities[id].kb_id)
        }

    def text(self) -> str:
        kept = [(line, self._kept(line)) for line in self.lines]
        parts = [text for _line, text in kept if text]
        new = list(self._new())
        newline = "\r\n" if any(line.raw.endswith("\r\n") for line in self.lines) else "\n"
        if new and parts and not parts[-1].endswith("\n"):
            parts.append(newline)
        return "".join([*parts, *(line + newline for line in new)])

    # -- the old lines

    def _kept(self, line: Line) -> str:
        if not line.kind:
            return line.raw
        made = self._remade(line)
        if made is None:
            return ""
        if made is line:
            return line.raw
        return _rendered(made) + line.raw[len(line.raw.rstrip("\r\n")) :]

    def _remade(self, line: Line) -> Line | None:
        """The line itself where it is still true, another where it is not, None where it goes."""
        if line.kind == "T":
            return self._mention(line)
        if line.kind == "E":
            return self._event(line)
        if line.kind == "R":
            relation = self.document.relations.get(self.ids[line.id])
            return None if relation is None else self._relation(line, relation)
        if line.kind == "*":
            return line if self._entity_of(line) in self.same else None
        target = line.args[0][1]
        item = self.ids.get(target)
        if item is None:  # a note on a line that is no mention or relation
            return line if self._stands(target) else None
        if line.kind == "N":
            return line if self._entity_of(line) in self.same else None
        if item not in self.name:
            return None
        if target != self.name[item] and target != self.trigger.get(item):
            line = replace(line, args=(("", self.name[item]),))
        if line.kind == "A":
            return self._attribute(line, item)
        found = self._item(self.document, item)
        before = self._item(self.old, item)
        if found is None or before is None or found.note != before.note:
            return None
        self.noted.add(item)
        return line

    def _stands(self, id: str) -> bool:
        for line in self.lines:
            if line.id == id:
                return self._remade(line) is not None
        return False

    def _item(self, document: Document, id: str) -> Mention | Relation | None:
        return document.mentions.get(id) or document.relations.get(id)

    def _entity_of(self, line: Line) -> str | None:
        mention = self.old.mentions.get(self.ids[line.args[0][1]])
        return mention.entity if mention else None

    def _mention(self, line: Line) -> Line | None:
        id = self.ids[line.id]
        now, then = self.document.mentions.get(id), self.old.mentions[id]
        if now is None:
            return None
        if (now.fragments, now.type) == (then.fragments, then.type):
            return line
        return replace(
            line,
            type=now.type,
            spans=now.fragments,
            text=covered(self.document.article.text, now.fragments),
        )

    def _event(self, line: Line) -> Line | None:
        trigger = self.ids[line.id]
        now = self.document.mentions.get(trigger)
        if now is None:
            return None
        args = []
        for n, (role, target) in enumerate(line.args):
            id = self.ids[f"{line.id}/{n}"]
            then = self.old.relations[id]
            relation = self.document.relations.get(id)
            if relation is None or relation.head != trigger:
                continue
            if relation.attributes or relation.note:  # an argument has no line to say that about
                continue
            self.written.add(id)
            role = role if relation.type == then.type else relation.type
            args.append(
                (role, target if relation.tail == then.tail else self.name_of(relation.tail))
            )
        type = line.type if now.type == self.old.mentions[trigger].type else now.type
        made = replace(line, type=type, args=tuple(args))
        return line if made == line else made

    def _relation(self, line: Line, relation: Relation) -> Line:
        self.written.add(relation.id)
        then = self.old.relations[relation.id]
        if (relation.type, relation.head, relation.tail) == (then.type, then.head, then.tail):
            return line
        (first, head), (second, tail) = line.args
        head = head if relation.head == then.head else self.name_of(relation.head)
        tail = tail if relation.tail == then.tail else self.name_of(relation.tail)
        return replace(line, type=relation.type, args=((first, head), (second, tail)))

    def _attribute(self, line: Line, id: str) -> Line | None:
        item = self._item(self.document, id)
        if item is None or line.type not in item.attributes:
            return None
        names = self.attributes.setdefault(id, set())
        then = self._item(self.old, id)
        value = item.attributes[line.type]
        untouched = then is not None and then.attributes.get(line.type) == value
        if line.type in names:
            return line if untouched else None
        names.add(line.type)
        return line if untouched or value == line.value else replace(line, value=value)

    # -- the new lines

    def name_of(self, id: str) -> str:
        """The brat id of a mention or relation; a new one where it has none yet."""
        if id not in self.name:
            kind = "T" if id in self.document.mentions else "R"
            self.name[id] = self._next(kind)
            if kind == "T":
                self.trigger[id] = self.name[id]
        return self.name[id]

    def _next(self, kind: str) -> str:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}{self.counts[kind]}"

    def _new(self) -> Iterable[str]:
        document = self.document
        text = document.article.text
        for m in document.mentions.values():  # in their order, whatever refers to them first
            self.name_of(m.id)
        for m in document.mentions.values():
            if m.id not in self.known:
                yield _rendered(
                    Line(0, "", "T", self.name[m.id], m.type, spans=m.fragments,
                         text=covered(text, m.fragments))
                )  # fmt: skip
        for r in document.relations.values():
            if r.id not in self.written:
                args = (("Arg1", self.name_of(r.head)), ("Arg2", self.name_of(r.tail)))
                yield _rendered(Line(0, "", "R", self.name_of(r.id), r.type, args))
        items: list[Mention | Relation] = [
            *document.mentions.values(), *document.relations.values()
        ]  # fmt: skip
        for item in items:
            done = self.attributes.get(item.id, set())
            for name, value in item.attributes.items():
                if name not in done:
                    target = (("", self.name_of(item.id)),)
                    yield _rendered(Line(0, "", "A", self._next("A"), name, target, value=value))
        yield from self._new_entities()
        for item in items:
            if item.note and item.id not in self.noted:
                target = (("", self.name_of(item.id)),)
                for part in item.note.split("\n"):
                    yield _rendered(Line(0, "", "#", self._next("#"), NOTE, target, text=part))

    def _new_entities(self) -> Iterable[str]:
        for id, members in _members(self.document).items():
            if id in self.same:
                continue
            entity = self.document.entities[id]
            targets = [self.trigger[m] for m in sorted(members, key=list(self.trigger).index)]
            said = reference(entity.kb_id)
            if said:
                for target in targets:
                    yield _rendered(
                        Line(0, "", "N", self._next("N"), _REFERENCE, (("", target),),
                             text=entity.name, reference=said)
                    )  # fmt: skip
            else:
                args = tuple(("", target) for target in targets)
                yield _rendered(Line(0, "", "*", "*", _EQUIVALENCE, args))


def _members(document: Document) -> dict[str, set[str]]:
    """Entity: its mentions."""
    members: dict[str, set[str]] = {}
    for m in document.mentions.values():
        if m.entity is not None:
            members.setdefault(m.entity, set()).add(m.id)
    return members


def _rendered(line: Line) -> str:
    """A line as brat writes it, without its end."""
    if line.kind == "T":
        spans = ";".join(f"{start} {end}" for start, end in line.spans)
        return f"{line.id}\t{line.type} {spans}\t{line.text}"
    if line.kind == "E":
        args = "".join(f" {role}:{id}" for role, id in line.args)
        return f"{line.id}\t{line.type}:{line.reference}{args}"
    if line.kind == "R":
        (first, head), (second, tail) = line.args
        return f"{line.id}\t{line.type} {first}:{head} {second}:{tail}\t"
    if line.kind == "*":
        return "*\t" + " ".join([line.type, *(id for _role, id in line.args)])
    target = line.args[0][1]
    if line.kind == "A":
        value = "" if line.value is True else f" {line.value}"
        return f"{line.id}\t{line.type} {target}{value}"
    if line.kind == "N":
        return f"{line.id}\t{line.type} {target} {line.reference}\t{line.text}"
    return f"{line.id}\t{line.type} {target}\t{line.text}"
