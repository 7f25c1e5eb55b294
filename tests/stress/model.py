"""All edits, undo, redo and restart against a plain model in memory, step by step.

    python -m tests.stress.model --seed 1 --count 5000

The model knows no SQL and no journal: a dictionary of values, and a list of what each edit changed.
After every step the tables must hold exactly what it holds, an edit must be refused exactly where
it refuses, and after a restart nothing may be different.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core import edits, recall, scheme, soundness
from core.annotation import (
    Change,
    Document,
    Entity,
    Fragment,
    Mention,
    Relation,
    Suggestion,
    Veto,
)  # fmt: skip
from core.article import Article
from core.errors import GoldsmithError
from core.project import Project
from tests.stress import hand

NEWS = scheme.load("news")
TEXTS = {
    "a-1": "Ali Mamluk 🇸🇾 met Khaled Fawzy.\r\nCairo e\u0301t\u00e9 said الرياض opposed it.",
    "a-2": "Riyadh said no.  Moscow said yes.",
    "a-3": "Cairo again, and Ali Mamluk.",
}
TYPES = ("PERSON", "GPE", "ORG", "NOPE")
RELATIONS = ("met_with", "visited", "opposes", "leads", "nope")


class Refused(Exception):
    """The model does not admit this edit."""


# -- the model

Values = dict[tuple[str, str], Any]


@dataclass
class Model:
    """What should be in the project: values by (kind, id), and what each edit changed."""

    values: Values = field(default_factory=dict)
    done: list[Values] = field(default_factory=list)
    undone: list[Values] = field(default_factory=list)

    def all(self, kind: str, article: str = "") -> list[Any]:
        return [
            v for (k, _id), v in self.values.items()
            if k == kind and (not article or v.article == article)
        ]  # fmt: skip

    def get(self, kind: str, id: str) -> Any:
        return self.values.get((kind, id))

    def put(self, kind: str, value: Any) -> None:
        self.values[kind, value.id] = value

    def open(self, id: str) -> Suggestion | None:
        item = self.get("suggestion", id)
        return item if item is not None and item.state == "open" else None

    def make(self, edit: Callable[[], None], *, system: bool = False) -> None:
        """Run an edit: all of it, or nothing and `Refused`."""
        before = dict(self.values)
        try:
            edit()
        except Refused:
            self.values = before
            raise
        changed = {
            key: (before.get(key), self.values.get(key))
            for key in before.keys() | self.values.keys()
            if before.get(key) != self.values.get(key)
        }
        if changed and not system:
            self.done.append(changed)
            self.undone.clear()

    def step(self, stack: list[Values], other: list[Values], which: int) -> None:
        """Undo (0) or redo (1)."""
        changed = stack.pop()
        other.append(changed)
        for key, pair in changed.items():
            self._set(key, pair[which])
        if which == 0:  # what was suggested since then about what is gone now
            for (kind, id), pair in changed.items():
                gone = self.get("mention", id) is None and self.open(id) is None
                if gone and pair[0] is None and kind in ("mention", "suggestion"):
                    self.drop_suggested(id)

    def _set(self, key: tuple[str, str], value: Any) -> None:
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = value

    # -- rules

    def pair(self, type: str, head: str, tail: str) -> tuple[str, str, str]:
        known = NEWS.relation_types.get(type)
        return (type, *sorted((head, tail))) if known and known.symmetric else (type, head, tail)

    def check_mention(self, mention: Mention) -> None:
        text = TEXTS[mention.article]
        parts = mention.fragments
        if (
            mention.type not in NEWS.entity_types
            or not parts
            or any(not 0 <= s < e <= len(text) for s, e in parts)
            or not "".join(text[s:e] for s, e in parts).strip()
        ):
            raise Refused
        for twin in self.all("mention", mention.article):
            same = (twin.fragments, twin.type) == (parts, mention.type)
            if twin.id != mention.id and same:
                raise Refused

    def check_relation(self, relation: Relation) -> None:
        head, tail = self.get("mention", relation.head), self.get("mention", relation.tail)
        if relation.head == relation.tail or head is None or tail is None:
            raise Refused
        if head.article != tail.article or not NEWS.admits(relation.type, head.type, tail.type):
            raise Refused
        mine = self.pair(relation.type, relation.head, relation.tail)
        for twin in self.all("relation"):
            if twin.id != relation.id and self.pair(twin.type, twin.head, twin.tail) == mine:
                raise Refused

    def accept_one(self, item: Suggestion, type: str = "") -> None:
        common = {
            "id": item.id, "article": item.article, "type": type or item.type,
            "attributes": item.attributes, "annotator": "ann", "source": item.source,
            "score": item.score,
        }  # fmt: skip
        if item.is_relation:
            for end in (item.head, item.tail):
                self.gold_end(end)
            relation = Relation(head=item.head, tail=item.tail, evidence=item.evidence, **common)
            self.check_relation(relation)
            self.put("relation", relation)
        else:
            mention = Mention(fragments=item.fragments, **common)
            self.check_mention(mention)
            self.put("mention", mention)
        self.put("suggestion", replace(item, state="accepted"))

    def gold_end(self, id: str) -> None:
        if self.get("mention", id) is None:
            item = self.open(id)
            if item is None:
                raise Refused
            self.accept_one(item)

    def drop_suggested(self, end: str) -> None:
        for item in self.all("suggestion"):
            if item.state == "open" and end in (item.head, item.tail):
                del self.values["suggestion", item.id]

    def gold(self, id: str) -> Mention | Relation:
        item = self.get("mention", id) or self.get("relation", id)
        if item is None:
            raise Refused
        return item

    def made_gold(self, id: str) -> Mention | Relation:
        item = self.open(id)
        if self.get("mention", id) is None and self.get("relation", id) is None and item:
            self.accept_one(item)
        return self.gold(id)

    # -- edits

    def accept(self, ids: list[str], type: str = "") -> None:
        items = [self.open(id) for id in ids]
        if any(item is None for item in items):
            raise Refused
        for item in sorted((i for i in items if i), key=lambda i: i.is_relation):
            if self.open(item.id) is None:
                continue
            try:
                self.accept_one(item, type)
            except Refused:
                if len(ids) == 1:
                    raise

    def reject(self, ids: list[str]) -> None:
        items = [self.open(id) for id in ids]
        if any(item is None for item in items):
            raise Refused
        for item in items:
            assert item
            self.put("suggestion", replace(item, state="rejected"))
        for item in items:
            assert item
            if not item.is_relation:
                self.drop_suggested(item.id)

    def mark(self, id: str, article: str, span: Fragment, type: str) -> None:
        for item in self.all("suggestion", article):
            if item.state == "open" and not item.is_relation and item.fragments == (span,):
                self.accept([item.id], type)
                return
        mention = Mention(id, article, (span,), type, annotator="ann")
        self.check_mention(mention)
        self.put("mention", mention)

    def relate(self, id: str, type: str, head: str, tail: str) -> None:
        for end in (head, tail):
            if self.get("mention", end) is None:
                item = self.open(end)
                if item is None or item.is_relation or self.get("relation", end):
                    raise Refused
        first = self.get("mention", head) or self.open(head)
        assert first
        self.gold_end(head)
        self.gold_end(tail)
        relation = Relation(id, first.article, type, head, tail, annotator="ann")
        self.check_relation(relation)
        self.put("relation", relation)
        for item in self.all("suggestion"):
            same = (item.type, item.head, item.tail) == (type, head, tail)
            if item.state == "open" and same:
                self.put("suggestion", replace(item, state="accepted"))

    def relabel(self, id: str, type: str, alone: bool = False) -> None:
        mention, relation = self.get("mention", id), self.get("relation", id)
        if mention:
            together = [m for m in self.all("mention") if m.entity and m.entity == mention.entity]
            if alone and len(together) > 1:
                together = []
                mention = replace(mention, entity=None)
            new = replace(mention, type=type, annotator="ann")
            self.put("mention", new)
            changed = [new]
            for other in together:
                if other.id != id and other.type != type:
                    changed.append(replace(other, type=type, annotator="ann"))
                    self.put("mention", changed[-1])
            entity = self.get("entity", mention.entity or "")
            if entity and entity.type != type:
                self.put("entity", replace(entity, type=type))
            for one in changed:
                if one is not new or type != mention.type:
                    self.check_mention(one)
            for other in self.all("relation"):
                if {other.head, other.tail} & {id, *(m.id for m in changed)}:
                    self.check_relation_types(other)
        elif relation:
            new_relation = replace(relation, type=type, annotator="ann")
            self.check_relation(new_relation)
            self.put("relation", new_relation)
        else:
            self.accept([id], type)

    def check_relation_types(self, relation: Relation) -> None:
        head, tail = self.get("mention", relation.head), self.get("mention", relation.tail)
        if not NEWS.admits(relation.type, head.type, tail.type):
            raise Refused

    def bounds(self, id: str, span: Fragment) -> None:
        mention, item = self.get("mention", id), self.open(id)
        if mention:
            if mention.fragments != (span,):
                new = replace(mention, fragments=(span,), annotator="ann")
                self.check_mention(new)
                self.put("mention", new)
        elif item and not item.is_relation:
            self.accept_one(replace(item, fragments=(span,)))
            self.put("suggestion", replace(item, state="accepted"))
        else:
            raise Refused

    def delete(self, id: str) -> None:
        item = self.gold(id)
        if isinstance(item, Mention):
            for relation in self.all("relation"):
                if id in (relation.head, relation.tail):
                    self._delete("relation", relation.id)
            self.drop_suggested(id)
            self._delete("mention", id)
            self.drop_lonely(item)
        else:
            self._delete("relation", id)

    def _delete(self, kind: str, id: str) -> None:
        del self.values[kind, id]
        origin = self.get("suggestion", id)
        if origin:
            self.put("suggestion", replace(origin, state="rejected"))

    def drop_lonely(self, mention: Mention) -> None:
        if mention.entity and not any(m.entity == mention.entity for m in self.all("mention")):
            del self.values["entity", mention.entity]

    def flip(self, id: str) -> None:
        relation, item = self.get("relation", id), self.open(id)
        if self.get("mention", id):
            raise Refused
        if relation:
            new = replace(relation, head=relation.tail, tail=relation.head, annotator="ann")
            self.check_relation(new)
            self.put("relation", new)
        elif item and item.is_relation:
            self.accept_one(replace(item, head=item.tail, tail=item.head))
            self.put("suggestion", replace(item, state="accepted"))
        else:
            raise Refused

    def note(self, id: str, note: str) -> None:
        item = self.made_gold(id)
        if item.note != note:
            kind = "mention" if isinstance(item, Mention) else "relation"
            self.put(kind, replace(item, note=note, annotator="ann"))

    def same(self, entity_id: str, first: str, second: str) -> None:
        ends = [self.get("mention", id) or self.open(id) for id in (first, second)]
        if first == second or any(end is None for end in ends) or ends[0].type != ends[1].type:
            raise Refused
        for id in (first, second):
            if self.get("mention", id) is None:
                item = self.open(id)
                if item is None or item.is_relation:
                    raise Refused
                self.accept_one(item)
        a, b = self.get("mention", first), self.get("mention", second)
        entity = self.get("entity", a.entity or b.entity or "")
        if entity is None:
            names = [TEXTS[m.article][m.start : m.end] for m in (a, b)]
            entity = Entity(entity_id, max(names, key=len), a.type)
            self.put("entity", entity)
        other = b.entity if b.entity != entity.id else None
        others = [m for m in self.all("mention") if other and m.entity == other]
        for mention in [a, b, *others]:
            if mention.entity != entity.id:
                self.put("mention", replace(mention, entity=entity.id, annotator="ann"))
        if other:
            del self.values["entity", other]

    def leave(self, id: str) -> None:
        mention = self.get("mention", id)
        if mention is None or mention.entity is None:
            raise Refused
        self.put("mention", replace(mention, entity=None, annotator="ann"))
        self.drop_lonely(mention)

    def link(self, id: str, kb_id: str) -> None:
        entity = self.get("entity", id)
        if entity is None:
            raise Refused
        self.put("entity", replace(entity, kb_id=kb_id))

    def state(self, id: str, state: Any) -> None:
        article = self.get("article", id)
        if article is None:
            raise Refused
        self.put("article", replace(article, state=state))

    def add(self, article: str) -> None:
        if self.get("article", article):
            raise Refused
        self.put("article", Article(article, "", title=article))

    def remove(self, article: str) -> None:
        if not self.get("article", article):
            raise Refused
        for kind in ("suggestion", "relation", "mention"):
            for value in self.all(kind, article):
                del self.values[kind, value.id]
        del self.values["article", article]

    def suggest(self, article: str, source: str, new: list[Suggestion]) -> None:
        if not self.get("article", article):
            raise Refused
        spans: dict[Any, str] = {m.fragments: m.id for m in self.all("mention", article)}
        pairs = {self.pair(r.type, r.head, r.tail) for r in self.all("relation", article)}
        known = self.all("suggestion", article)
        decided: set[Any] = set()
        for old in known:
            if old.state != "open" and not old.is_relation:
                decided.add((old.type, old.fragments))
            elif old.state == "rejected":
                decided.add((old.type, self._span(old.head), self._span(old.tail)))
            elif old.state == "open" and old.source != source:
                if old.is_relation:
                    pairs.add(self.pair(old.type, old.head, old.tail))
                else:
                    spans.setdefault(old.fragments, old.id)
        lost = {}
        for old in known:
            if old.state == "open" and old.source == source:
                del self.values["suggestion", old.id]
                lost[old.id] = old.fragments
        ends: dict[str, tuple[str, Any]] = {}
        mentions = [item for item in new if not item.is_relation]
        for item in mentions:
            if item.fragments in spans:
                ends[item.id] = (spans[item.fragments], item.fragments)
            elif (item.type, item.fragments) not in decided:
                self.put("suggestion", item)
                spans[item.fragments] = item.id
                ends[item.id] = (item.id, item.fragments)
        for old in known:
            if old.is_relation and old.state == "open" and old.source != source:
                there = [spans.get(lost[e]) if e in lost else e for e in (old.head, old.tail)]
                if all(there):
                    self.put("suggestion", replace(old, head=there[0], tail=there[1]))
                else:
                    del self.values["suggestion", old.id]
        for item in new:
            if item.is_relation:
                if item.head not in ends or item.tail not in ends:
                    continue
                (head, one), (tail, two) = ends[item.head], ends[item.tail]
                pair = self.pair(item.type, head, tail)
                if head != tail and pair not in pairs and (item.type, one, two) not in decided:
                    pairs.add(pair)
                    self.put("suggestion", replace(item, head=head, tail=tail))

    def _span(self, id: str) -> Any:
        item = self.get("suggestion", id) or self.get("mention", id)
        return item.fragments if item else ()


# -- the machine

numbers = st.integers(0, 999)
articles = st.sampled_from(sorted(TEXTS))


class Machine(RuleBasedStateMachine):
    """Makes the same edit in a project and in the model, and compares."""

    folder = Path()
    steps = 0

    @initialize()
    def begin(self) -> None:
        self.path = Path(tempfile.mkdtemp(dir=self.folder)) / "p.goldsmith"
        self.project = Project.create(self.path, NEWS, "ann")
        self.model = Model()
        self.ids = 0
        for article in ("a-1", "a-2"):
            self.add(article)

    def teardown(self) -> None:
        if hasattr(self, "project"):
            self.project.close()
            shutil.rmtree(self.path.parent, ignore_errors=True)

    def same(
        self,
        real: Callable[[], Change | None],
        ours: Callable[[Change | None], None],
        *,
        system: bool = False,
    ) -> None:
        """Make an edit in both; both do it, or both refuse."""
        change: Change | None = None
        refusal: GoldsmithError | None = None
        try:
            change = real()
        except GoldsmithError as error:
            refusal = error
        try:
            self.model.make(lambda: ours(change), system=system)
        except Refused:
            assert refusal is not None, "the model refuses what the project did"
        else:
            assert refusal is None, f"the project refuses what the model did: {refusal}"

    def _pick(self, kinds: Iterable[str], n: int) -> str:
        ids = sorted(id for kind, id in self.model.values if kind in kinds and self._here(kind, id))
        return ids[n % len(ids)] if ids else "nothing"

    def _here(self, kind: str, id: str) -> bool:
        """Whether a person could see it: what a suggester said about an article whose import was
        undone since is kept for the redo, but is on no screen."""
        value = self.model.get(kind, id)
        return kind in ("entity", "article") or bool(self.model.get("article", value.article))

    def _open(self, n: int) -> str:
        ids = sorted(
            s.id
            for s in self.model.all("suggestion")
            if s.state == "open" and self._here("suggestion", s.id)
        )
        return ids[n % len(ids)] if ids else "nothing"

    def _span(self, article: str, a: int, b: int) -> Fragment:
        """Mostly words, sometimes anything."""
        text = TEXTS[article]
        if a % 4:
            words = [m for m in ("Ali Mamluk", "Cairo", "Khaled Fawzy", "Riyadh") if m in text]
            word = words[b % len(words)]
            return Fragment(text.index(word), text.index(word) + len(word))
        start = a % len(text)
        return Fragment(start, start + 1 + b % 9)

    def _new(self, change: Change | None, kind: str) -> str:
        """The id that the project gave to what it made."""
        made = (
            [i.id for i in change.images if i.kind == kind and i.before is None] if change else []
        )
        return made[-1] if made else "new"

    @rule(article=articles, a=numbers, b=numbers, type=st.sampled_from(TYPES))
    def mark(self, article: str, a: int, b: int, type: str) -> None:
        span = self._span(article, a, b)
        if not self.model.get("article", article):
            return
        self.same(
            lambda: edits.add_mention(self.project, article, [span], type),
            lambda change: self.model.mark(self._new(change, "mention"), article, span, type),
        )

    @rule(a=numbers, b=numbers, type=st.sampled_from(RELATIONS))
    def relate(self, a: int, b: int, type: str) -> None:
        ends = ("mention", "mention", "suggestion")
        head, tail = self._pick(ends, a), self._pick(ends, b)
        self.same(
            lambda: edits.add_relation(self.project, type, head, tail),
            lambda change: self.model.relate(self._new(change, "relation"), type, head, tail),
        )

    @rule(a=numbers, type=st.sampled_from((*TYPES, *RELATIONS)), alone=st.booleans())
    def relabel(self, a: int, type: str, alone: bool) -> None:
        id = self._pick(("mention", "relation", "suggestion"), a)
        self.same(
            lambda: edits.relabel(self.project, id, type, alone=alone),
            lambda _: self.model.relabel(id, type, alone),
        )

    @rule(n=numbers, a=numbers, b=numbers)
    def bounds(self, n: int, a: int, b: int) -> None:
        id = self._pick(("mention", "suggestion"), n)
        item = self.model.get("mention", id) or self.model.get("suggestion", id)
        span = self._span(item.article if item else "a-1", a, b)
        self.same(
            lambda: edits.set_fragments(self.project, id, [span]),
            lambda _: self.model.bounds(id, span),
        )

    @rule(n=numbers)
    def delete(self, n: int) -> None:
        id = self._pick(("mention", "relation"), n)
        self.same(lambda: edits.delete(self.project, [id]), lambda _: self.model.delete(id))

    @rule(picked=st.lists(numbers, min_size=1, max_size=4))
    def accept(self, picked: list[int]) -> None:
        ids = list(dict.fromkeys(self._open(n) for n in picked))
        self.same(lambda: edits.accept(self.project, ids), lambda _: self.model.accept(ids))

    @rule(picked=st.lists(numbers, min_size=1, max_size=3))
    def reject(self, picked: list[int]) -> None:
        ids = list(dict.fromkeys(self._open(n) for n in picked))
        self.same(lambda: edits.reject(self.project, ids), lambda _: self.model.reject(ids))

    @rule(n=numbers)
    def flip(self, n: int) -> None:
        id = self._pick(("relation", "suggestion", "mention"), n)
        self.same(lambda: edits.flip(self.project, id), lambda _: self.model.flip(id))

    @rule(n=numbers, note=st.sampled_from(("", "ünsure 🤔", "b")))
    def note(self, n: int, note: str) -> None:
        id = self._pick(("mention", "relation", "suggestion"), n)
        self.same(
            lambda: edits.set_note(self.project, id, note), lambda _: self.model.note(id, note)
        )

    @rule(a=numbers, b=numbers)
    def same_entity(self, a: int, b: int) -> None:
        kinds = ("mention", "mention", "suggestion")
        first, second = self._pick(kinds, a), self._pick(kinds, b)
        self.same(
            lambda: edits.same_entity(self.project, first, second),
            lambda change: self.model.same(self._new(change, "entity"), first, second),
        )

    @rule(n=numbers)
    def leave(self, n: int) -> None:
        id = self._pick(("mention",), n)
        self.same(lambda: edits.leave_entity(self.project, id), lambda _: self.model.leave(id))

    @rule(n=numbers, kb_id=st.sampled_from(("", "Q85")))
    def link(self, n: int, kb_id: str) -> None:
        id = self._pick(("entity",), n)
        self.same(
            lambda: edits.set_kb_id(self.project, id, kb_id), lambda _: self.model.link(id, kb_id)
        )

    @rule(article=articles, state=st.sampled_from(("new", "done")))
    def state(self, article: str, state: Any) -> None:
        self.same(
            lambda: edits.set_state(self.project, [article], state),
            lambda _: self.model.state(article, state),
        )

    @rule(article=articles)
    def add(self, article: str) -> None:
        value = Article(article, TEXTS[article], title=article)
        self.same(
            lambda: edits.add_documents(self.project, [Document(value)]),
            lambda _: self.model.add(article),
        )

    @rule(article=articles)
    def remove(self, article: str) -> None:
        self.same(
            lambda: edits.remove_articles(self.project, [article]),
            lambda _: self.model.remove(article),
        )

    @rule(article=articles, source=st.sampled_from(("one", "two")), spread=numbers)
    def suggest(self, article: str, source: str, spread: int) -> None:
        text = TEXTS[article]
        new: list[Suggestion] = []
        for n, word in enumerate(("Ali Mamluk", "Cairo", "Khaled Fawzy", "Riyadh", "said")):
            if word in text and (spread >> n) & 1:
                self.ids += 1
                part = Fragment(text.index(word), text.index(word) + len(word))
                type = TYPES[(spread + n) % 3]
                new.append(
                    Suggestion(f"m-{self.ids}", article, type, (part,), source=source, score=0.5)
                )
        for one, two in pairwise(tuple(new)):
            self.ids += 1
            new.append(
                Suggestion(
                    f"r-{self.ids}", article, RELATIONS[spread % 4], head=one.id, tail=two.id,
                    source=source, score=0.4,
                )
            )  # fmt: skip
        self.same(
            lambda: edits.store_suggestions(self.project, article, source, new),
            lambda _: self.model.suggest(article, source, new),
            system=True,
        )

    @rule()
    def undo(self) -> None:
        change = edits.undo(self.project)
        assert (change is None) == (not self.model.done)
        if change is not None:
            self.model.step(self.model.done, self.model.undone, 0)

    @rule()
    def redo(self) -> None:
        change = edits.redo(self.project)
        assert (change is None) == (not self.model.undone)
        if change is not None:
            self.model.step(self.model.undone, self.model.done, 1)

    @rule()
    def restart(self) -> None:
        self.project.close()
        self.project = Project.open(self.path, annotator="ann")
        assert list(soundness.check(self.project)) == []

    @invariant()
    def no_divergence(self) -> None:
        if not hasattr(self, "project"):
            return
        Machine.steps += 1
        there: Any = soundness.tables(self.project)
        for key in there.keys() | self.model.values.keys():
            assert there.get(key) == self.model.values.get(key), key
        assert len(self.project.undo_steps(10_000)) == len(self.model.done)

    @invariant()
    def no_end_is_missing(self) -> None:
        if hasattr(self, "project"):
            assert list(soundness.dangling(self.project)) == []


class Remembering(Machine):
    """The same with the project's memory at work, which adds to what a person does.

    What it says is not modelled; what it may touch is: open suggestions and nothing else, none that
    brings back what was decided or vetoed. It is one undo step with the edit that it followed.
    """

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.project.companion = recall.Recall(self.project)

    @rule()
    def restart(self) -> None:
        super().restart()
        self.project.companion = recall.Recall(self.project)

    def same(
        self,
        real: Callable[[], Change | None],
        ours: Callable[[Change | None], None],
        *,
        system: bool = False,
    ) -> None:
        def both(change: Change | None) -> None:
            ours(change)
            self.adopt(change)

        super().same(real, both, system=system)

    def adopt(self, change: Change | None) -> None:
        """Take over what the memory did beyond the edit, if it may."""
        for image in change.images if change else ():
            key = (str(image.kind), image.id)
            known = self.model.values.get(key)
            if image.kind == "article" or image.after == known:
                continue  # an article's text is not in the model; its facts are compared as always
            after: Any = image.after
            assert image.kind == "suggestion", f"the memory touched {key}"
            assert known is None or known.state == "open", f"{key} was decided"
            if after is None:
                self.model.values.pop(key)
                continue
            if not after.is_relation and (known is None or known.type != after.type):
                self.check_new(after)
            self.model.values[key] = after

    def check_new(self, item: Suggestion) -> None:
        """What was decided stays decided."""
        if item.state != "open":
            return
        for mention in self.model.all("mention", item.article):
            assert mention.fragments != item.fragments, "suggested where there is gold"
        for other in self.model.all("suggestion", item.article):
            same = (other.type, other.fragments) == (item.type, item.fragments)
            assert not (same and other.state == "rejected"), "suggested what was rejected"

    def vetoed(self, article: str) -> None:
        """No open mention suggestion of the article says what is vetoed there."""
        for veto in self.model.all("veto"):
            for item in self.model.all("suggestion", article):
                if item.state == "open" and not item.is_relation and veto.article in ("", article):
                    words = TEXTS[article][item.fragments[0].start : item.fragments[-1].end]
                    assert (words, item.type) != (veto.words, veto.type), "suggested what is vetoed"

    @rule(n=numbers, in_project=st.booleans())
    def never(self, n: int, in_project: bool) -> None:
        id = self._open(n)
        item = self.model.open(id)

        def ours(change: Change | None) -> None:
            if item is None or len(item.fragments) > 1:
                raise Refused
            (veto,) = [i.after for i in change.images if i.kind == "veto"] if change else (None,)
            assert isinstance(veto, Veto)
            assert (veto.article, veto.type) == ("" if in_project else item.article, item.type)
            self.model.put("veto", veto)
            self.model.reject([id])

        self.same(lambda: recall.never(self.project, id, in_project=in_project), ours)
        if item is not None:
            self.vetoed(item.article)

    @rule(n=numbers)
    def everywhere(self, n: int) -> None:
        id = self._pick(("mention",), n)

        def ours(_change: Change | None) -> None:
            mention = self.model.get("mention", id)
            if mention is None or len(mention.fragments) != 1:
                raise Refused

        self.same(lambda: recall.everywhere(self.project, id), ours)

    @rule(article=articles)
    def refresh(self, article: str) -> None:
        if not self.model.get("article", article):
            return
        self.same(lambda: recall.refresh(self.project, article), lambda _change: None, system=True)
        if self.model.get("article", article).state != "done":
            self.vetoed(article)


def run(number: int, steps: int, *, shrink: bool = False, machine: type[Machine] = Machine) -> int:
    """At least `steps` steps from this seed; how many were made. Raises where they diverge."""
    Machine.steps = 0
    with tempfile.TemporaryDirectory() as folder:
        Machine.folder = Path(folder)
        wish = settings(
            max_examples=max(1, steps // 40),
            stateful_step_count=50,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        while Machine.steps < steps:
            run_state_machine_as_test(seed(number)(machine), settings=wish)
            number += 1
    return Machine.steps


def main() -> int:
    wish = hand.arguments(__doc__, 5_000).parse_args()
    for machine, name in ((Machine, "edits"), (Remembering, "edits with the memory and vetoes")):
        steps = run(wish.seed, wish.count, shrink=True, machine=machine)
        print(f"{name}: {steps} steps, no divergence")
    return 0


if __name__ == "__main__":
    sys.exit(main())
