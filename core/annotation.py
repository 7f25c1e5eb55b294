"""What a person or a suggester says about an article: frozen values, no storage in them.

All offsets are Unicode code points into ``Article.text``, half open (``text[start:end]``).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, TypeAlias

from core.article import Article

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Attributes: TypeAlias = Mapping[str, Json]
State: TypeAlias = Literal["open", "accepted", "rejected"]
Kind: TypeAlias = Literal["article", "mention", "relation", "entity", "suggestion", "veto"]
EntryKind: TypeAlias = Literal["do", "undo", "redo", "system"]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """A globally unique id such as ``m-4k2v0c9t1x8q3n``: 70 random bits, so that no two projects
    ever share one by accident. `prefix` is one letter for the kind (a, m, r, e)."""
    bits = secrets.randbits(70)  # once: the system is asked for each call
    return prefix + "-" + "".join([_ALPHABET[bits >> shift & 31] for shift in range(0, 70, 5)])


class Fragment(NamedTuple):
    """One contiguous stretch of text, ``text[start:end]`` in code points."""

    start: int
    end: int


Fragments: TypeAlias = tuple[Fragment, ...]


def fragments(spans: Iterable[tuple[int, int]]) -> Fragments:
    """Sorted fragments from (start, end) pairs; pairs that touch or overlap become one."""
    merged: list[Fragment] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1].end:
            merged[-1] = Fragment(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Fragment(start, end))
    return tuple(merged)


def covered_text(text: str, parts: Fragments, gap: str = " … ") -> str:
    """The text under `parts`, discontinuous ones joined by `gap`."""
    return gap.join(text[f.start : f.end] for f in parts)


@dataclass(frozen=True, slots=True)
class Mention:
    """Gold: a person said that these fragments name something of this type.

    Attributes:
        fragments: one or more, sorted, not touching; (start, end) in code points.
        entity: id of the `Entity` it refers to, None while nobody said.
        source: where it came from: ``manual``, ``import:NAME`` or the suggester's name.
        score: the suggester's score in 0..1 at the time of accepting, None if made by hand.
    """

    id: str
    article: str
    fragments: Fragments
    type: str
    attributes: Attributes = field(default_factory=dict)
    note: str = ""
    entity: str | None = None
    annotator: str = ""
    source: str = "manual"
    score: float | None = None

    @property
    def start(self) -> int:
        return self.fragments[0].start

    @property
    def end(self) -> int:
        return self.fragments[-1].end


@dataclass(frozen=True, slots=True)
class Relation:
    """Gold: a directed, typed relation from mention `head` to mention `tail` (ids).

    Attributes:
        evidence: fragments of the trigger words; may be empty.
    """

    id: str
    article: str
    type: str
    head: str
    tail: str
    evidence: Fragments = ()
    attributes: Attributes = field(default_factory=dict)
    note: str = ""
    annotator: str = ""
    source: str = "manual"
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """What mentions refer to: a cluster, with an optional knowledge-base id (e.g. ``Q858``)."""

    id: str
    name: str
    type: str = ""
    kb_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that a suggester proposed; never gold until a person accepts it.

    A mention suggestion has `fragments`; a relation suggestion has `head` and `tail`, each the id
    of a gold mention or of a mention suggestion. Accepting makes gold **with the same id**, so
    relations that point at it stay right.

    Attributes:
        source: the suggester's name.
        score: 0..1, as the suggester gives it.
        why: one line for the person: the rule, the trigger, the earlier decision.
        state: ``open`` | ``accepted`` | ``rejected``; a rejected one never comes back by itself.
    """

    id: str
    article: str
    type: str
    fragments: Fragments = ()
    head: str = ""
    tail: str = ""
    evidence: Fragments = ()
    attributes: Attributes = field(default_factory=dict)
    source: str = ""
    score: float = 0.0
    why: str = ""
    state: State = "open"

    @property
    def is_relation(self) -> bool:
        return bool(self.head)

    @property
    def start(self) -> int:
        return self.fragments[0].start

    @property
    def end(self) -> int:
        return self.fragments[-1].end


@dataclass(frozen=True, slots=True)
class Veto:
    """A person said: never suggest this again.

    Attributes:
        article: where; empty: in the whole project.
        type: as which type.
        words: what, with white space made even; of a relation the texts of its two ends, with a
            tabulator between them.
    """

    id: str
    article: str
    type: str
    words: str


Item: TypeAlias = Mention | Relation | Suggestion


@dataclass(frozen=True, slots=True)
class Document:
    """An article with everything that is said about it; what formats read and write.

    Attributes:
        suggestions: those in the states that the caller asked for (the window: open ones).
        entities: those that this article's mentions refer to.
    """

    article: Article
    mentions: Mapping[str, Mention] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    suggestions: Mapping[str, Suggestion] = field(default_factory=dict)
    entities: Mapping[str, Entity] = field(default_factory=dict)

    def item(self, id: str) -> Item | None:
        """The mention, relation or suggestion with this id, None if there is none."""
        return self.mentions.get(id) or self.relations.get(id) or self.suggestions.get(id)

    def end_of(self, id: str) -> Mention | Suggestion | None:
        """The mention, gold or suggested, that a relation's head or tail names."""
        return self.mentions.get(id) or self.suggestions.get(id)

    def after(self, change: Change) -> Document:
        """This document once `change` was made; `self` when the change is about another one."""
        article, touched = self.article, False
        tables: dict[str, dict[str, Any]] = {}
        for image in change.images:
            if image.kind == "article":
                if image.id == article.id and isinstance(image.after, Article):
                    article, touched = replace(image.after, text=article.text), True
                continue
            if image.kind != "entity" and image.article != article.id:
                continue
            if image.kind == "veto":
                continue
            name = _TABLE[image.kind]
            table = tables.setdefault(name, dict(getattr(self, name)))
            touched = True
            after = image.after
            if after is None or (isinstance(after, Suggestion) and after.state != "open"):
                table.pop(image.id, None)
            else:
                table[image.id] = after
        return replace(self, article=article, **tables) if touched else self


_TABLE: dict[str, str] = {
    "mention": "mentions",
    "relation": "relations",
    "suggestion": "suggestions",
    "entity": "entities",
}


@dataclass(frozen=True, slots=True)
class Image:
    """One value before and after an edit; None where it did not or does not exist."""

    kind: Kind
    id: str
    before: Article | Mention | Relation | Entity | Suggestion | Veto | None
    after: Article | Mention | Relation | Entity | Suggestion | Veto | None

    @property
    def article(self) -> str:
        """The article's id, empty for an entity (it spans articles)."""
        value = self.after or self.before
        if isinstance(value, Article):
            return value.id
        return "" if value is None or isinstance(value, Entity) else value.article


@dataclass(frozen=True, slots=True)
class Change:
    """What one edit, undo or redo did: all that a screen needs to follow it.

    Attributes:
        label: for a person, e.g. ``relabel Riyadh GPE → ORG``.
        article: the article to show, empty for an edit of the whole project.
        images: the values that changed, in the order of the edit.
        focus: id of what a person would look at next, empty if nothing in particular.
        many: more changed than `images` lists; whoever follows must read again.
    """

    label: str
    article: str = ""
    images: tuple[Image, ...] = ()
    focus: str = ""
    many: bool = False
