"""What the decisions of a whole project say about one article: the memory, applied.

Pure. `core.recall` looks up the counts (`core.tally`) of what stands in the article, so the cost is
that of the article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from core.annotation import Fragment, Fragments, Mention, Suggestion, new_id
from core.article import sentences, span_at
from core.i18n import _
from core.scheme import Scheme
from core.suggest.memory import (
    SOURCE,
    Recalled,
    Spans,
    is_behind_hyphen,
    is_ordinary,
    starts_sentence,
)
from core.tally import (
    article_before,
    article_length,
    between_key,
    loose_key,
    name_key,
    pair_key,
    possessive_length,
    runs,
)

Counts = Mapping[str, Mapping[str, tuple[int, int]]]
"""Key to type to (how often it held, how often it did not)."""

# A right suggestion saves two actions at most, a wrong one costs one: below a third it is a loss.
FLOOR = 1 / 3
_NEW = 0.45  # what memory proposes on its own must be likelier than what it lets stand
_RELATION = 0.55  # two decisions that agree are enough
_HABIT, _HABIT_SEEN = 0.75, 4
_PRIOR = 4  # decisions that a suggester's own score is worth


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What was decided in the project about what stands in one article.

    Attributes: see the kinds of `core.tally`; `bare` has one type, the empty one.
        vetoes: (type, words).
    """

    names: Counts = field(default_factory=dict)
    loose: Counts = field(default_factory=dict)
    bare: Counts = field(default_factory=dict)
    habits: Counts = field(default_factory=dict)
    sources: Counts = field(default_factory=dict)
    vetoes: frozenset[tuple[str, str]] = frozenset()

    def best(self, words: str, scheme: Scheme) -> tuple[str, float, int] | None:
        """The likeliest type of a text that was decided about, how likely it is a mention of that
        type, and how often it was one; None if nothing is known."""
        counts = {t: c for t, c in self.names.get(words, {}).items() if t in scheme.entity_types}
        if not counts:
            return None
        type = max(counts, key=lambda t: (counts[t][0], -counts[t][1], t))
        yes = counts[type][0]
        bare = self.bare.get(words, {}).get("", (0, 0))[1]
        total = sum(y for y, _n in counts.values()) + counts[type][1] + bare
        return type, (yes + 0.5) / (total + 1), yes

    def is_undisputed(self, words: str, type: str) -> bool:
        """Whether nobody ever decided against a text as `type`: rejected it, called it something
        else, or passed it over in a finished article."""
        counts = self.names.get(words, {})
        others = sum(yes for t, (yes, _no) in counts.items() if t != type)
        bare = self.bare.get(words, {}).get("", (0, 0))[1]
        return not (others or bare or counts.get(type, (0, 0))[1])

    def record(self, source: str, type: str, score: float) -> float:
        """A suggester's score, drawn to how often its proposals of this type were accepted."""
        yes, no = self.sources.get(source, {}).get(type, (0, 0))
        return (yes + _PRIOR * score) / (yes + no + _PRIOR)

    def habit(self, what: str, type: str) -> bool | None:
        """Whether mentions of `type` take their article or possessive in; None: nobody can say."""
        yes, no = self.habits.get(what, {}).get(type, (0, 0))
        if yes + no < _HABIT_SEEN or _HABIT > yes / (yes + no) > 1 - _HABIT:
            return None
        return yes > no


def name_keys(text: str) -> tuple[set[str], set[str]]:
    """Every exact and every loose key that could be a name in `text`."""
    exact = {name_key(text[start:end]) for start, end in runs(text)}
    return exact, {loose_key(key) for key in exact} - {""}


def apply(
    article: str,
    text: str,
    knowledge: Knowledge,
    scheme: Scheme,
    gold: Iterable[Mention],
    suggestions: Iterable[Suggestion],
    look_up: Callable[[str, Iterable[str]], Counts],
) -> Recalled:
    """What should become of an article's open suggestions, by all that the project knows.

    Types and boundaries are corrected, what was mostly rejected is dropped, known names and
    relations that nobody suggested are added. Gold and decisions at their place are left alone.

    Args:
        suggestions: in every state.
        look_up: the counts of a kind (``between``, ``pair``) for some keys; which keys is known
            only once the mentions are.
    """
    page = _Page(article, text, knowledge, scheme, list(gold), list(suggestions))
    page.weigh()
    page.find_names()
    page.find_relations(look_up)
    return Recalled(tuple(page.put.values()), tuple(page.drop))


class _Page:
    def __init__(
        self,
        article: str,
        text: str,
        knowledge: Knowledge,
        scheme: Scheme,
        gold: list[Mention],
        suggestions: list[Suggestion],
    ) -> None:
        self.article, self.text, self.knows, self.scheme = article, text, knowledge, scheme
        self.gold = {m.id: m for m in gold}
        self.open = {s.id: s for s in suggestions if s.state == "open" and not s.is_relation}
        self.relations = [s for s in suggestions if s.is_relation]
        self.refused = {
            (s.type, s.fragments) for s in suggestions if s.state != "open" and s.fragments
        }
        self.settled, self.covered = Spans(), Spans()
        for mention in gold:
            self.settled.add(mention.start, mention.end, mention.id)
        for item in self.open.values():
            self.covered.add(item.start, item.end, item.id)
        self.settled.sort()
        self.covered.sort()
        self.put: dict[str, Suggestion] = {}
        self.drop: list[str] = []

    # -- what is there

    def weigh(self) -> None:
        """Correct, score or drop each open mention suggestion."""
        for item in sorted(self.open.values(), key=lambda s: (s.start, s.id)):
            new = self._weighed(item)
            if new is None:
                self._remove(item)
            elif new != item:
                self._replace(item, new)

    def _weighed(self, item: Suggestion) -> Suggestion | None:
        if len(item.fragments) != 1:
            return item
        words = name_key(self.text[item.start : item.end])
        if (item.type, words) in self.knows.vetoes:
            return None
        known = self.knows.best(words, self.scheme)
        if known is None:
            return self._by_record(item)
        type, score, yes = known
        if not yes:  # only ever rejected
            return None if type == item.type or item.source == SOURCE else self._by_record(item)
        if score < FLOOR:
            return None
        if type == item.type:
            if self.knows.is_undisputed(words, type):
                # Agreement makes nothing less likely, however few have agreed so far.
                score = max(score, item.score)
            same = abs(score - item.score) < 0.005
            return item if same else replace(item, score=round(score, 3))
        if (type, item.fragments) in self.refused or (type, words) in self.knows.vetoes:
            return item
        return replace(
            item, type=type, source=SOURCE, score=round(score, 3), why=_reason(words, type, yes)
        )

    def _by_record(self, item: Suggestion) -> Suggestion | None:
        """A name that nobody decided about: its suggester's record and the habits count."""
        if item.source == SOURCE:
            return item
        if self.knows.record(item.source, item.type, item.score) < FLOOR - 0.1:
            return None
        start, end = item.start, item.end
        words = self.text[start:end]
        takes = self.knows.habit("article", item.type)
        if takes is True:
            start = article_before(self.text, start)
        elif takes is False:
            start += article_length(words)
        takes = self.knows.habit("possessive", item.type)
        if takes is True and self.text.startswith(("'s", "’s"), end):
            end += 2
        elif takes is False:
            end -= possessive_length(words)
        parts: Fragments = (Fragment(start, end),)
        taken = [id for id in self.covered.over(start, end) if id != item.id]
        if parts == item.fragments or start >= end or taken or self.settled.over(start, end):
            return item
        if (item.type, parts) in self.refused:
            return item
        return replace(item, fragments=parts)

    # -- what is missing

    def find_names(self) -> None:
        """Suggest names that were marked elsewhere, the longest first."""
        found = []
        begins = {_begin(key) for key in (*self.knows.names, *self.knows.loose)}
        for start, end in runs(self.text):
            if _begin(self.text[start : start + 2]) not in begins:
                continue  # which is nearly always so
            place = self._known_at(start, end)
            if place is not None:
                found.append(place)
        for start, end, type, score, why in sorted(found, key=lambda f: (f[0] - f[1], f[0])):
            if self.settled.over(start, end):
                continue
            held = [self.open[id] for id in self.covered.over(start, end)]
            parts = (Fragment(start, end),)
            if any(s.fragments == parts for s in held):
                continue
            # A longer name that was marked as a whole takes in what was suggested in it.
            if any(not (start <= s.start and s.end <= end) or s.score > score for s in held):
                continue
            for other in held:
                self._remove(other)
            self._hold(
                Suggestion(
                    new_id("m"), self.article, type, parts,
                    source=SOURCE, score=round(score, 3), why=why,
                )
            )  # fmt: skip

    def _known_at(self, start: int, end: int) -> tuple[int, int, str, float, str] | None:
        words = name_key(self.text[start:end])
        known = self.knows.best(words, self.scheme)
        if known is not None:
            type, score, yes = known
            why = _reason(words, type, yes)
        else:
            near = self._near(start, end)
            if near is None:
                return None
            type, score, yes, why = near
        if not yes or score < _NEW or (type, words) in self.knows.vetoes:
            return None
        if (type, (Fragment(start, end),)) in self.refused or is_behind_hyphen(self.text, start):
            return None
        alone = words.isalpha() and starts_sentence(self.text, start)
        if alone and is_ordinary(self.text, words):
            return None
        return start, end, type, score, why

    def _near(self, start: int, end: int) -> tuple[str, float, int, str] | None:
        """A name that was marked with or without its article, its possessive, in other case."""
        words = self.text[start:end]
        key = loose_key(words)
        counts = {
            t: y for t, (y, _n) in self.knows.loose.get(key, {}).items()
            if t in self.scheme.entity_types and y
        }  # fmt: skip
        if not counts or words.islower() or article_length(words) or possessive_length(words):
            return None
        if not (words[0].isalnum() and words[-1].isalnum()):
            return None
        if self.knows.best(
            name_key(self.text[article_before(self.text, start) : end]), self.scheme
        ):
            return None  # known with its article
        type = max(counts, key=lambda t: (counts[t], t))
        bare = self.knows.bare.get(name_key(words), {}).get("", (0, 0))[1]
        score = 0.8 * (counts[type] + 0.5) / (sum(counts.values()) + bare + 1)
        why = _("like a name that was marked as {type}").format(type=type)
        return type, score, counts[type], why

    # -- relations

    def find_relations(self, look_up: Callable[[str, Iterable[str]], Counts]) -> None:
        """Drop relations that lost an end, were vetoed or do not fit any more; suggest those whose
        words between the ends, or whose ends, were related before."""
        ends: dict[str, Mention | Suggestion] = {**self.open, **self.gold}
        taken: set[tuple[str, frozenset[str]]] = set()
        for item in self.relations:
            head, tail = ends.get(item.head), ends.get(item.tail)
            if item.state == "open" and not self._still_relates(item, head, tail):
                self.drop.append(item.id)
            else:
                taken.add((item.type, frozenset((item.head, item.tail))))
        pairs = [
            (*turn, between_key(self.text, *turn), pair_key(self.text, *turn))
            for pair in self._near_pairs(list(ends.values()))
            for turn in (pair, pair[::-1])
        ]
        between = look_up("between", {p[2] for p in pairs} - {""})
        names = look_up("pair", {p[3] for p in pairs})
        for first, last, gap, ends_key in pairs:
            best = self._related(first, last, between.get(gap, {}), names.get(ends_key, {}))
            if best is not None:
                type, score, why = best
                pair = (type, frozenset((first.id, last.id)))
                if pair not in taken:
                    taken.add(pair)
                    item = Suggestion(
                        new_id("r"), self.article, type, head=first.id, tail=last.id,
                        source=SOURCE, score=round(score, 3), why=why,
                    )  # fmt: skip
                    self.put[item.id] = item

    def _still_relates(
        self, item: Suggestion, head: Mention | Suggestion | None, tail: Mention | Suggestion | None
    ) -> bool:
        if head is None or tail is None:
            return False
        if not self.scheme.admits(item.type, head.type, tail.type):
            return False
        if (item.type, pair_key(self.text, head, tail)) in self.knows.vetoes:
            return False
        return self.knows.record(item.source, item.type, item.score) >= FLOOR - 0.15

    def _near_pairs(
        self, ends: Sequence[Mention | Suggestion]
    ) -> Iterator[tuple[Mention | Suggestion, Mention | Suggestion]]:
        spans = sentences(self.text)
        groups: dict[int, list[Mention | Suggestion]] = {}
        for end in sorted(ends, key=lambda m: (m.start, m.end, m.id)):
            groups.setdefault(span_at(spans, end.start), []).append(end)
        for group in groups.values():
            for head, tail in combinations(group, 2):
                if head.end <= tail.start:
                    yield head, tail

    def _related(
        self,
        head: Mention | Suggestion,
        tail: Mention | Suggestion,
        between: Mapping[str, tuple[int, int]],
        pair: Mapping[str, tuple[int, int]],
    ) -> tuple[str, float, str] | None:
        best: tuple[str, float, str] | None = None
        names = pair_key(self.text, head, tail)
        for counts, why in (
            (between, _("these words between such ends were marked so before")),
            (pair, _("these two were related so before")),
        ):
            total = sum(y for y, _n in counts.values())
            for type, (yes, no) in counts.items():
                score = yes / (total + no + 1.5)
                if yes < 1 or score < max(_RELATION, best[1] if best else 0):
                    continue
                if (type, names) in self.knows.vetoes:
                    continue
                if self.scheme.admits(type, head.type, tail.type):
                    best = (type, score, why)
        return best

    # -- bookkeeping

    def _remove(self, item: Suggestion) -> None:
        del self.open[item.id]
        self.covered.remove(item.start, item.end, item.id)
        if self.put.pop(item.id, None) is None or item.state == "open":
            self.drop.append(item.id)

    def _replace(self, old: Suggestion, new: Suggestion) -> None:
        self.covered.remove(old.start, old.end, old.id)
        self._hold(new)

    def _hold(self, item: Suggestion) -> None:
        self.open[item.id] = self.put[item.id] = item
        self.covered.add(item.start, item.end, item.id)


def _begin(words: str) -> str:
    """The first two characters of a name, or its first word if that is one character."""
    return words[:2].casefold()[:2].strip()


def _reason(words: str, type: str, n: int) -> str:
    return _("“{words}” was marked as {type} before ({n}×)").format(words=words, type=type, n=n)
