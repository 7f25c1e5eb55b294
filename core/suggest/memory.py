"""What a decision about one name says about its other occurrences in an article.

Texts and values in, values out; no storage. `core.recall` asks it inside the edit that a person
made, so the cost is that of one name in one article.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.annotation import Fragment, Fragments, Image, Mention, Suggestion, new_id
from core.article import Span, tokens
from core.i18n import _
from core.tally import name_key

SOURCE = "memory"
_MOST = 40  # suggestions that one decision changes at once, so that its key press stays quick
_KEPT = 1000  # names whose places in the text are remembered
_NEAR = 80  # characters around a place that are enough to tell its token boundaries
_OPENING, _CLOSING = '(["“‘«', '.,;:!?)]"”’»'
_SURE, _UNSURE = 0.65, 0.4  # as often right in replays of re3d, about


@dataclass(frozen=True, slots=True)
class Decision:
    """A person said that a stretch of text is, or is not, a mention of a type.

    Attributes:
        words: the text as it stands in the article.
        type: the type; that of what was rejected when not `holds`.
        was: the text that a suggester (or this person, before) had proposed instead, if other.
        holds: False for a rejected suggestion or deleted gold.
        who: the annotator, for the reason that is shown.
        at: where it was decided, in code points.
    """

    words: str
    type: str
    was: str = ""
    holds: bool = True
    who: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Recalled:
    """What follows from decisions: suggestions to put (new ones, and old ones under their id with
    another type or boundary) and ids of open suggestions that are not proposed any more."""

    put: tuple[Suggestion, ...] = ()
    drop: tuple[str, ...] = ()


class Page:
    """The mentions of one article, gold and suggested, indexed by place and by words.

    It is made once for the open article and follows every edit, so that what a decision costs does
    not depend on how much is marked. Gold is never touched, and what was rejected at a place is not
    proposed there again. A string that was rejected as a type more often than accepted is proposed
    no more.
    """

    def __init__(
        self, article: str, text: str, gold: Iterable[Mention], suggestions: Iterable[Suggestion]
    ) -> None:
        self.article = article
        self.text = text
        self.gold = Spans()
        self.covered = Spans()
        self.open: dict[str, Suggestion] = {}
        self._by_words: dict[str, set[str]] = {}
        self._accepted: Counter[tuple[str, str]] = Counter()
        self._rejected: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[tuple[str, Fragments]] = Counter()
        self._places: dict[str, tuple[Place, ...]] = {}
        self._settled: dict[str, str] = {}  # words to the type that all their places have
        self._put: dict[str, Suggestion] = {}
        self._drop: list[str] = []
        self._new: set[str] = set()
        for mention in gold:
            self._count(mention, +1)
        for item in suggestions:
            self._count(item, +1)
        self.gold.sort()
        self.covered.sort()

    def follow(self, images: Iterable[Image]) -> None:
        """Bring the index up to date with an edit; images of other articles are passed over."""
        for image in images:
            for value, sign in ((image.before, -1), (image.after, +1)):
                if isinstance(value, Mention | Suggestion) and value.article == self.article:
                    self._count(value, sign)

    def unsettle(self) -> None:
        """Others than `recall` changed suggestions: look at all places again."""
        self._settled.clear()

    def state(self) -> tuple[object, ...]:
        """All that it knows, to compare with a page that is made anew."""
        counts = (self._accepted, self._rejected, self._refused)
        known = [{k: n for k, n in c.items() if n} for c in counts]
        words = {k: v for k, v in self._by_words.items() if v}
        return (self.gold.spans(), self.covered.spans(), self.open, words, *known)

    def _count(self, value: Mention | Suggestion, sign: int) -> None:
        if isinstance(value, Mention):
            self.gold.change(value.start, value.end, value.id, sign)
            self._accepted[self._words(value), value.type] += sign
        elif value.is_relation:
            return
        elif value.state == "open":
            self._count_open(value, sign)
        else:
            # Accepted and then moved or renamed: what it was before is refused, too.
            self._refused[value.type, value.fragments] += sign
            if value.state == "rejected":
                self._rejected[self._words(value), value.type] += sign

    def _count_open(self, item: Suggestion, sign: int) -> None:
        self.covered.change(item.start, item.end, item.id, sign)
        same = self._by_words.setdefault(self._words(item), set())
        if sign > 0:
            self.open[item.id] = item
            same.add(item.id)
        else:
            del self.open[item.id]
            same.discard(item.id)

    def _words(self, item: Mention | Suggestion) -> str:
        return name_key(self.text[item.start : item.end])

    def _doubted(self, words: str, type: str) -> bool:
        key = (name_key(words), type)
        return self._rejected[key] > self._accepted[key]

    def recall(
        self, decisions: Iterable[Decision], vetoes: Collection[tuple[str, str]] = ()
    ) -> Recalled:
        """What `decisions`, which the page has followed, say about the rest of the text.

        Where a suggestion covers another occurrence of the name, its type or boundary is corrected;
        where nothing does, a new suggestion is made. The page takes what is answered as done.

        Args:
            vetoes: (type, words) that are never suggested here.
        """
        self._put, self._drop, self._new = {}, [], set()
        for decision in decisions:
            if (decision.type, name_key(decision.words)) in vetoes:
                continue
            if decision.holds:
                self._spread(decision)
            else:
                self._withdraw(decision)
        return Recalled(tuple(self._put.values()), tuple(self._drop))

    # -- a name was labelled

    def _spread(self, decision: Decision) -> None:
        """Propose `decision` at the other places where its words stand."""
        key, was = name_key(decision.words), name_key(decision.was)
        if self._doubted(key, decision.type):
            return
        if not was and self._settled.get(key) == decision.type:
            return
        places = self._nearest(decision)
        for place in places:
            if len(self._put) + len(self._drop) >= _MOST:
                break
            if self.gold.over(place.start, place.end):
                continue
            parts = (Fragment(place.start, place.end),)
            if self._refused[decision.type, parts] > 0:
                continue
            held = [self.open[id] for id in self.covered.over(place.start, place.end)]
            if not held:
                self._suggest(decision, place)
                continue
            same = next((s for s in held if s.fragments == parts), None)
            if same is not None:
                if same.type != decision.type:
                    self._correct(same, decision, parts)
            elif all(self._gives_way(s, place, was) for s in held):
                self._correct(held[0], decision, parts)
                for other in held[1:]:
                    self._remove(other.id)
        else:
            self._settled[key] = decision.type

    def _nearest(self, decision: Decision) -> Sequence[Place]:
        """Where the words stand, beginning with the places near to the decision."""
        places = self._occurrences(decision.words)
        if len(places) <= _MOST:
            return places
        return sorted(places, key=lambda place: abs(place.start - decision.at))

    def _occurrences(self, words: str) -> tuple[Place, ...]:
        key = name_key(words)
        if key not in self._places:
            if len(self._places) >= _KEPT:
                self._places.clear()
            self._places[key] = tuple(occurrences(self.text, words))
        return self._places[key]

    def _gives_way(self, item: Suggestion, place: Place, was: str) -> bool:
        """Whether an open suggestion is the same mistake: the text that was corrected, or a part of
        what the person marked as a whole."""
        if len(item.fragments) > 1:
            return False
        inside = place.start <= item.start and item.end <= place.end
        return inside or (bool(was) and self._words(item) == was)

    def _suggest(self, decision: Decision, place: Place) -> None:
        item = Suggestion(
            id=new_id("m"),
            article=self.article,
            type=decision.type,
            fragments=(Fragment(place.start, place.end),),
            source=SOURCE,
            score=_SURE if place.sure else _UNSURE,
            why=reason(decision),
        )
        self._new.add(item.id)
        self._hold(item)

    def _correct(self, old: Suggestion, decision: Decision, parts: Fragments) -> None:
        self._count_open(old, -1)
        self._hold(
            replace(
                old,
                type=decision.type,
                fragments=parts,
                source=SOURCE,
                score=_SURE,
                why=reason(decision),
            )
        )

    def _hold(self, item: Suggestion) -> None:
        self._put[item.id] = item
        self._count_open(item, +1)

    # -- a name was rejected

    def _withdraw(self, decision: Decision) -> None:
        """Propose these words as this type no more, unless they were accepted as often."""
        key = (name_key(decision.words), decision.type)
        if max(1, self._rejected[key]) <= self._accepted[key]:  # deleted gold was never suggested
            return
        self._settled.pop(key[0], None)
        for id in sorted(self._by_words.get(key[0], ())):
            if self.open[id].type == decision.type:
                self._remove(id)

    def _remove(self, id: str) -> None:
        self._count_open(self.open[id], -1)
        self._put.pop(id, None)
        if id not in self._new:
            self._drop.append(id)


def reason(decision: Decision) -> str:
    """The line that is shown with what follows from a decision."""
    words = " ".join(decision.words.split())
    if decision.who:
        return _("{who} marked “{words}” as {type} in this article").format(
            who=decision.who, words=words, type=decision.type
        )
    return _("“{words}” was marked as {type} in this article").format(
        words=words, type=decision.type
    )


# -- names in a text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name stands again; code points.

    Attributes:
        sure: nothing speaks against it being the same name: it is not at the start of a sentence
            in a text that has it as an ordinary word, nor a part of a longer run of capitals.
    """

    start: int
    end: int
    sure: bool = True


def occurrences(text: str, words: str) -> Iterator[Place]:
    """Where `words` stand in `text` as whole tokens, in order.

    Case counts, so that “May” is not found in “may”; white space of any kind and length matches.
    A capitalised word that the text also has in small letters is not taken for the name where a
    sentence starts. A name behind a hyphen (“al-Assad” for “Assad”) is another name.
    """
    words = words.strip()
    parts = words.split()
    if not parts:
        return
    # Found by its first word and only then compared: an expression that starts with a look behind
    # takes 3 ms over a long article, and this is in the way of every decision.
    joined = r"\s+".join(re.escape(part) for part in parts)
    after = r"(?!\w)" * is_word(words[-1])
    pattern = re.compile(joined + after)
    ordinary = len(parts) == 1 and is_ordinary(text, parts[0])
    at = text.find(parts[0])
    while at >= 0:
        match = None
        if not (at and is_word(words[0]) and is_word(text[at - 1])):
            match = pattern.match(text, at)
        start, end = at, match.end() if match else at + 1
        at = text.find(parts[0], end)
        if match is None:
            continue
        if not is_token_run(text, start, end) or is_behind_hyphen(text, start):
            continue
        if ordinary and starts_sentence(text, start):
            continue
        yield Place(start, end, sure=not _in_longer_name(text, start, end))


def is_word(character: str) -> bool:
    """Whether a token that has this character at its edge goes on over letters and digits."""
    return character.isalnum() or character == "_"


def is_token_run(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` starts and ends where tokens do."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() and text[start].isalnum():
        return False
    # Most places need no tokens to be told: a word between spaces and plain punctuation.
    if (
        text[start].isalpha()
        and text[max(start, end - 2) : end].isalpha()
        and (not before or before.isspace() or before in _OPENING)
        and (not after or after.isspace() or after in _CLOSING)
    ):
        return True
    low, spans = _tokens_near(text, start, end)
    starts = {s + low for s, _e in spans}
    ends = {e + low for _s, e in spans}
    return start in starts and end in ends


def _tokens_near(text: str, start: int, end: int) -> tuple[int, Sequence[Span]]:
    low = max(0, start - _NEAR)
    # From white space on, so that no token is cut; where there is none near, `start` must do.
    while low > 0 and low < start and not text[low].isspace():
        low += 1
    return low, tokens(text[low : min(len(text), end + _NEAR)])


def is_behind_hyphen(text: str, start: int) -> bool:
    """Whether a hyphen ties what starts here to the word before it."""
    return start > 1 and text[start - 1] in "-‐‑" and not text[start - 2].isspace()


def is_ordinary(text: str, word: str) -> bool:
    """Whether a capitalised word stands somewhere in the text in small letters, too."""
    small = word.lower()
    if small == word or not word[:1].isupper() or word.isupper():
        return False
    # Not by an expression: a long article is searched with every decision.
    at = text.find(small)
    while at >= 0:
        end = at + len(small)
        if not (at and is_word(text[at - 1])) and not is_word(text[end : end + 1]):
            return True
        at = text.find(small, at + 1)
    return False


def starts_sentence(text: str, start: int) -> bool:
    """Whether what stands before `start` ends a sentence or a line, or is nothing."""
    at = start - 1
    while at >= 0 and (text[at] in " \t\u00a0\"'“”‘’«(["):
        at -= 1
    return at < 0 or text[at] in ".!?…:\n\r\u2028\u2029"


def _in_longer_name(text: str, start: int, end: int) -> bool:
    """Whether a capitalised word stands right beside a capitalised name on the same line."""
    if not text[start].isupper():
        return False
    after = re.match(r"[ \u00a0]\w", text[end : end + 2])
    if after is not None and after.group()[-1].isupper():
        return True
    before = re.search(r"(\w+)[ \u00a0]$", text[max(0, start - 40) : start])
    if before is None or not before.group(1)[:1].isupper():
        return False
    return not starts_sentence(text, max(0, start - 40) + before.start())


class Spans:
    """Spans with ids, sorted by start; finds those that overlap a stretch."""

    def __init__(self) -> None:
        self._sorted: list[tuple[int, int, str]] = []
        self._longest = 0
        self._unsorted = True

    def sort(self) -> None:
        """To be called once, after the first spans were added."""
        self._sorted.sort()
        self._unsorted = False

    def change(self, start: int, end: int, id: str, sign: int) -> None:
        """Add a span (sign 1) or take it away (-1)."""
        if sign < 0:
            at = bisect_left(self._sorted, (start, end, id))
            if at < len(self._sorted) and self._sorted[at] == (start, end, id):
                del self._sorted[at]
            return
        self._longest = max(self._longest, end - start)
        if self._unsorted:
            self._sorted.append((start, end, id))
        else:
            insort(self._sorted, (start, end, id))

    def spans(self) -> list[tuple[int, int, str]]:
        """All of them, in order."""
        return list(self._sorted)

    def add(self, start: int, end: int, id: str) -> None:
        self.change(start, end, id, +1)

    def remove(self, start: int, end: int, id: str) -> None:
        self.change(start, end, id, -1)

    def over(self, start: int, end: int) -> list[str]:
        """The ids of the spans that share a character with ``[start, end)``."""
        low = bisect_left(self._sorted, (start - self._longest, 0, ""))
        high = bisect_left(self._sorted, (end, 0, ""))
        return [id for _s, e, id in self._sorted[low:high] if e > start]
