"""A careful annotator who knows the gold and plays the window's commands to reach it.

Every action calls the function of `core.edits` that the key, click or drag calls in the window, and
is counted once. What counts as one action is stated in ``docs/replay.md``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from core import at_once, edits
from core.annotation import Change, Document, Fragments, Mention, Relation, Suggestion
from core.article import sentences
from core.errors import ConstraintError, GoldsmithError
from core.i18n import _
from core.project import Project
from core.scheme import Scheme

Fact: TypeAlias = tuple[Fragments, str]
"""A mention: its fragments and its type."""

Confirm: TypeAlias = Literal["each", "sentence", "article"]
"""How right suggestions are accepted once what is wrong was corrected: one by one, all in the
sentence (Shift+Enter) or all in the article together with saying that it is done (F9)."""

RelationFact: TypeAlias = tuple[str, Fact, Fact]
"""A relation: its type, head and tail."""


@dataclass(frozen=True, slots=True)
class Met:
    """A suggestion as the annotator came to it.

    Attributes:
        right: it is exactly a gold fact.
    """

    kind: Literal["mention", "relation"]
    type: str
    source: str
    score: float
    right: bool


class Annotator:
    """One article, from its suggestions to its gold.

    Args:
        at_once: drags mark and relate at once as what is likeliest (the window's Mark at once);
            else each opens a picker.

    Attributes:
        actions: how many actions of each kind were made.
        met: every suggestion that the annotator came to, once.
    """

    def __init__(
        self,
        project: Project,
        wanted: Document,
        confirm: Confirm = "article",
        *,
        at_once: bool = True,
    ) -> None:
        self.project = project
        self._confirm = confirm
        self._at_once = at_once
        self.id = wanted.article.id
        self.actions: Counter[str] = Counter()
        self.met: list[Met] = []
        self._starts = [s.start for s in sentences(wanted.article.text)]
        self._focus = ""
        self._seen: set[str] = set()
        self._mentions, self._relations = gold_facts(wanted, project.scheme)

    @property
    def mentions(self) -> int:
        """How many gold mentions there are to reach."""
        return len(self._mentions)

    @property
    def relations(self) -> int:
        """How many gold relations there are to reach."""
        return len(self._relations)

    @property
    def manual(self) -> int:
        """The actions of somebody without suggestions: two a mention, three a relation."""
        return 2 * len(self._mentions) + 3 * len(self._relations)

    def play(self) -> None:
        """Reach the gold, sentence by sentence, and mark the article as done.

        Raises `GoldsmithError` if it ends with something else than the gold.
        """
        self._focus = next(iter(self._order(self._document())), "")
        for n in range(len(self._starts)):
            self._sentence(n)
            if self._confirm != "article":
                self._confirm_sentence(n)
        # What was decided later may have changed what is suggested in a sentence that was read.
        before = -1
        while self._confirm == "article" and before != self._total:
            before = self._total
            for n in range(len(self._starts)):
                self._sentence(n)
        rest = self._order(self._document()) if self._confirm == "article" else []
        if rest:
            self._count("accept all, done")
            self._do(edits.accept_and_finish(self.project, self.id, rest))
        else:
            self._count("done")
            edits.set_state(self.project, [self.id], "done")
        left = gold_facts(self.project.document(self.id), self.project.scheme)
        if left != (self._mentions, self._relations):
            raise GoldsmithError(_("The replay of {id} did not reach the gold.").format(id=self.id))

    @property
    def _total(self) -> int:
        return sum(self.actions.values())

    # -- one sentence

    def _sentence(self, n: int) -> None:
        """Make what is open in a sentence right, and what is missing there gold. Every step may
        bring up a suggestion in the same sentence, so each begins with correcting."""
        while self._correct(n) or self._add_mention(n) or self._add_relation(n):
            pass

    def _confirm_sentence(self, n: int) -> None:
        while here := self._here(document := self._document(), n):
            if self._confirm == "sentence" and len(here) > 1:
                self._to_one_of(here)
                self._count("accept sentence")
                self._do(edits.accept(self.project, here), self._following(document, here[-1]))
            else:
                self._accept(document, here[0])
            self._sentence(n)

    def _accept(self, document: Document, id: str) -> None:
        following = self._following(document, id)
        self._count("accept")  # Enter where it is focused, else a click on its check
        self._do(edits.accept(self.project, [id]), following)

    def _here(self, document: Document, n: int) -> list[str]:
        order = self._order(document)
        return [id for id in order if self._sentence_of(document, id) == n]

    def _correct(self, n: int) -> bool:
        """Correct what is nearly right in the sentence and reject the rest; whether anything was
        to be done."""
        document = self._document()
        here = self._here(document, n)
        for id in here:
            if id not in self._seen:
                self._seen.add(id)
                self._meet(document, document.suggestions[id])
        wrong = [id for id in here if not self._is_right(document, id)]
        for id in wrong:
            if self._repair(document, document.suggestions[id]):
                return True
        right = [id for id in here if id not in wrong]
        # All in the sentence at once, where that is less work once the right ones are accepted.
        if len(wrong) > len(right) + 1 + (not self._is_in(n)):
            if right:
                self._accept(document, right[0])
            else:
                self._to_one_of(wrong)
                self._count("reject sentence")
                self._do(edits.reject(self.project, wrong), self._following(document, wrong[-1]))
        elif wrong:
            self._count("reject")  # Backspace where it is focused, else a click on its cross
            following = self._following(document, wrong[0])
            self._do(edits.reject(self.project, wrong[:1]), following)
        return bool(wrong)

    def _add_mention(self, n: int) -> bool:
        """Mark the next mention of the sentence that is neither gold nor suggested."""
        document = self._document()
        have = {(m.fragments, m.type) for m in document.mentions.values()}
        have |= {(s.fragments, s.type) for s in document.suggestions.values()}
        for fact in sorted(self._mentions - have, key=_by_place):
            if self._index(fact[0][0].start) == n:
                self._mark(document, fact)
                return True
        return False

    def _add_relation(self, n: int) -> bool:
        """Relate the next two mentions of the sentence that neither gold nor a suggestion does."""
        document = self._document()
        ends = {(s.fragments, s.type): s.id for s in document.suggestions.values()}
        ends |= {(m.fragments, m.type): m.id for m in document.mentions.values()}
        have = {self._relation_fact(document, r) for r in document.relations.values()}
        suggested = (self._suggested_fact(document, s) for s in document.suggestions.values())
        have |= {fact for fact in suggested if fact is not None}
        for relation in sorted(self._relations - have, key=lambda r: (_by_place(r[1]), r[0])):
            _type, head, tail = relation
            later = max(self._index(head[0][0].start), self._index(tail[0][0].start))
            if later == n and head in ends and tail in ends:
                self._relate(document, relation, ends[head], ends[tail])
                return True
        return False

    def _relate(self, document: Document, relation: RelationFact, head: str, tail: str) -> None:
        """Drag from mention to mention; then the relation's key, unless it is what was made."""
        self._count("relate")
        if not self._at_once:
            self._count("relate")
            self._do(edits.add_relation(self.project, relation[0], head, tail))
            return
        change = at_once.relate(self.project, document, head, tail)
        self._do(change)
        document = self._document()
        made = document.relations.get(change.focus)
        assert made is not None
        if made.type != relation[0]:
            self._count("another relation")
            self._do(edits.relabel(self.project, made.id, relation[0]))

    def _repair(self, document: Document, item: Suggestion) -> bool:
        """Make gold of a suggestion that is not quite right; False if it is no use."""
        following = self._following(document, item.id)
        if item.is_relation:
            return self._repair_relation(document, item, following)
        if (type := self._type_at(item.fragments)) and (item.fragments, type) not in self._have():
            self._to(item.id)
            self._count("relabel")
            self._do(edits.relabel(self.project, item.id, type), following)
            return True
        fact = self._moved(document, item)
        if fact is None:
            return False
        if self._at_once:
            self._mark(document, fact)  # over the right words; what is left of `item` is rejected
            return True
        return self._move(item, fact)

    def _move(self, item: Suggestion, fact: Fact) -> bool:
        """Drag the boundaries that are wrong; then the key of the type, if that is wrong, too."""
        wrong = (item.start != fact[0][0].start) + (item.end != fact[0][-1].end)
        try:
            change = edits.set_fragments(self.project, item.id, fact[0])
        except ConstraintError:  # as long as it has the wrong type, it is a twin of other gold
            return False
        self._to(item.id)
        self._count("boundary", wrong)
        self._do(change)
        self._focus = item.id
        if item.type != fact[1]:
            self._count("relabel")
            self._do(edits.relabel(self.project, item.id, fact[1]))
        return True

    def _repair_relation(self, document: Document, item: Suggestion, following: list[str]) -> bool:
        """Another type or the other direction, where that makes it right."""
        head, tail = (self._end(document, end) for end in (item.head, item.tail))
        have = {self._relation_fact(document, r) for r in document.relations.values()}
        missing = self._relations - have
        turned = (item.type, tail, head)
        other = next((r[0] for r in sorted(missing) if r in self._between(head, tail)), "")
        if turned in missing:
            self._to(item.id)
            self._count("flip")
            self._do(edits.flip(self.project, item.id), following)
        elif other:
            self._to(item.id)
            self._count("relabel")
            self._do(edits.relabel(self.project, item.id, other), following)
        return turned in missing or bool(other)

    def _between(self, head: Fact, tail: Fact) -> set[RelationFact]:
        scheme = self.project.scheme
        return {directed(type, head, tail, scheme) for type in scheme.relation_types}

    def _mark(self, document: Document, fact: Fact) -> None:
        """Select (a drag, a double click; one more for each further part); then the type's key,
        unless it is what was made at once."""
        self._count("mark", len(fact[0]))
        if self._at_once and len(fact[0]) == 1:
            try:
                change = at_once.mark(self.project, document, fact[0])
            except ConstraintError:  # these words are gold of that type, and of another one
                pass
            else:
                self._do(change)
                made = self._document().mentions[change.focus]
                if made.type != fact[1]:
                    self._count("another type")
                    self._do(edits.relabel(self.project, made.id, fact[1]))
                return
        self._count("another type" if self._at_once else "mark")
        self._do(edits.add_mention(self.project, self.id, fact[0], fact[1]))

    # -- what is right

    def _is_right(self, document: Document, id: str) -> bool:
        item = document.suggestions[id]
        if item.is_relation:
            fact = self._suggested_fact(document, item)
            have = (self._relation_fact(document, r) for r in document.relations.values())
            return fact in self._relations and fact not in have  # said twice is once too often
        return (item.fragments, item.type) in self._mentions

    def _suggested_fact(self, document: Document, item: Suggestion) -> RelationFact | None:
        if not item.is_relation:
            return None
        head, tail = (self._end(document, end) for end in (item.head, item.tail))
        return directed(item.type, head, tail, self.project.scheme)

    def _meet(self, document: Document, item: Suggestion) -> None:
        kind: Literal["mention", "relation"] = "relation" if item.is_relation else "mention"
        right = self._is_right(document, item.id)
        self.met.append(Met(kind, item.type, item.source, item.score, right))

    def _type_at(self, parts: Fragments) -> str:
        """The type of the gold that stands exactly here and is not marked yet."""
        have = self._have()
        return next((t for p, t in sorted(self._mentions) if p == parts and (p, t) not in have), "")

    def _moved(self, document: Document, item: Suggestion) -> Fact | None:
        """The gold that this suggestion means though its boundaries are off: it shares text, is not
        marked yet, and no other suggestion says it better; and dragging is no more work than
        rejecting this and marking that."""
        if len(item.fragments) != 1:
            return None
        have = self._have()
        exact = {s.fragments for s in document.suggestions.values()}
        near = [
            fact
            for fact in self._mentions - have
            if len(fact[0]) == 1
            and fact[0] not in exact
            and fact[0][0].start < item.end
            and item.start < fact[0][0].end
        ]
        if not near:
            return None

        def cost(fact: Fact) -> int:
            start, end = fact[0][0]
            return (start != item.start) + (end != item.end) + (fact[1] != item.type)

        best = min(near, key=lambda fact: (cost(fact), fact))
        return best if cost(best) + (self._focus != item.id) <= 3 else None

    def _have(self) -> set[Fact]:
        return {(m.fragments, m.type) for m in self.project.mentions_of_article(self.id)}

    def _end(self, document: Document, id: str) -> Fact:
        value = document.end_of(id)
        return (value.fragments, value.type) if value is not None else ((), "")

    def _relation_fact(self, document: Document, relation: Relation) -> RelationFact:
        return relation_fact(document, relation, self.project.scheme)

    # -- hands

    def _count(self, what: str, n: int = 1) -> None:
        self.actions[what] += n

    def _to(self, id: str) -> None:
        """Focus something: a click, unless it is focused already."""
        if self._focus != id:
            self._count("click")
            self._focus = id

    def _to_one_of(self, ids: Sequence[str]) -> None:
        """Be in the sentence of `ids`: where the last action was, the focus is there already."""
        if not self._is_in(self._sentence_of(self._document(), ids[0])):
            self._to(ids[0])

    def _is_in(self, n: int) -> bool:
        """Whether what is focused stands in this sentence."""
        document = self._document()
        item = document.item(self._focus)
        if isinstance(item, Relation):
            item = document.end_of(item.tail)
        if item is None:
            return False
        if isinstance(item, Mention):
            return self._index(item.start) == n
        return item.id in document.suggestions and self._sentence_of(document, item.id) == n

    def _do(self, change: Change, following: Sequence[str] = ()) -> None:
        """What the window does after an edit: the next open suggestion is focused after a decision,
        the new mention after a marking."""
        open = self._document().suggestions
        if following:
            self._focus = next((id for id in following if id in open), "")
        else:
            self._focus = change.focus

    # -- where things are

    def _document(self) -> Document:
        return self.project.document(self.id)

    def _order(self, document: Document) -> list[str]:
        """The open suggestions in reading order; a relation is read where its later end is."""
        return sorted(
            document.suggestions,
            key=lambda id: (
                self._position(document, document.suggestions[id]),
                document.suggestions[id].is_relation,
                id,
            ),
        )

    def _following(self, document: Document, id: str) -> list[str]:
        order = self._order(document)
        at = order.index(id)
        return order[at + 1 :] + order[:at]

    def _position(self, document: Document, item: Suggestion) -> int:
        if not item.is_relation:
            return item.start
        ends = [document.end_of(end) for end in (item.head, item.tail)]
        return max(end.start for end in ends if end is not None)

    def _sentence_of(self, document: Document, id: str) -> int:
        return self._index(self._position(document, document.suggestions[id]))

    def _index(self, offset: int) -> int:
        return max(0, bisect_right(self._starts, offset) - 1)


def gold_facts(document: Document, scheme: Scheme) -> tuple[set[Fact], set[RelationFact]]:
    """The mentions and relations of a document, as far as the scheme has and admits them."""
    mentions = {
        (m.fragments, m.type) for m in document.mentions.values() if m.type in scheme.entity_types
    }
    relations = {
        relation_fact(document, r, scheme)
        for r in document.relations.values()
        if _possible(document, r, scheme)
    }
    return mentions, relations


def relation_fact(document: Document, relation: Relation, scheme: Scheme) -> RelationFact:
    """What a relation says, whatever its id is; a symmetric one in one direction only."""
    head, tail = (_fact(document.mentions[end]) for end in (relation.head, relation.tail))
    return directed(relation.type, head, tail, scheme)


def directed(type: str, head: Fact, tail: Fact, scheme: Scheme) -> RelationFact:
    """A relation as it is compared: a symmetric one has its ends in order."""
    known = scheme.relation_types.get(type)
    if known is not None and known.symmetric and tail < head:
        head, tail = tail, head
    return type, head, tail


def _possible(document: Document, relation: Relation, scheme: Scheme) -> bool:
    head, tail = document.mentions[relation.head], document.mentions[relation.tail]
    return _fact(head) != _fact(tail) and scheme.admits(relation.type, head.type, tail.type)


def _fact(mention: Mention) -> Fact:
    return (mention.fragments, mention.type)


def _by_place(fact: Fact) -> tuple[int, int, str]:
    return (fact[0][0].start, -fact[0][-1].end, fact[1])
