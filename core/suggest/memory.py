"""What a decision about one name says about its other occurrences in an article.

Pure: texts and values in, values out. `core.recall` calls it inside the edit that a person made, so
the cost is that of one article and never that of the project.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.annotation import Fragment, Fragments, Mention, Suggestion, new_id
from core.article import Span, tokens
from core.i18n import _
from core.tally import name_key

SOURCE = "memory"
_NEAR = 80  # characters around a place that are enough to tell its token boundaries
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
    """

    words: str
    type: str
    was: str = ""
    holds: bool = True
    who: str = ""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What follows from decisions: suggestions to put (new ones, and old ones under their id with
    another type or boundary) and ids of open suggestions that are not proposed any more."""

    put: tuple[Suggestion, ...] = ()
    drop: tuple[str, ...] = ()


def recall(
    article: str,
    text: str,
    decisions: Iterable[Decision],
    gold: Iterable[Mention],
    suggestions: Iterable[Suggestion],
    vetoes: Collection[tuple[str, str]] = (),
) -> Recalled:
    """What `decisions` say about the rest of the same text.

    Gold is never touched, and what was rejected at a place is not proposed there again. Where a
    suggestion covers an occurrence, its type or boundary is corrected; where nothing does, a new
    suggestion is made. A string that was rejected as a type more often than accepted is proposed
    no more.

    Args:
        gold: the article's gold mentions, with those that the decisions made.
        suggestions: its suggestions in every state.
        vetoes: (type, words) that are never suggested here.
    """
    page = _Page(article, text, gold, suggestions)
    decisions = [d for d in decisions if (d.type, name_key(d.words)) not in vetoes]
    for decision in decisions:
        if decision.holds:
            page.spread(decision)
        else:
            page.withdraw(decision)
    return page.recalled()


class _Page:
    """The mentions of one article, gold and suggested, while decisions are applied to them."""

    def __init__(
        self, article: str, text: str, gold: Iterable[Mention], suggestions: Iterable[Suggestion]
    ) -> None:
        self.article = article
        self.text = text
        self.gold = Spans()
        self.accepted: Counter[tuple[str, str]] = Counter()
        self.rejected: Counter[tuple[str, str]] = Counter()
        self.refused: set[tuple[str, Fragments]] = set()
        self.open: dict[str, Suggestion] = {}
        self.covered = Spans()
        self.stored: set[str] = set()
        self.put: dict[str, Suggestion] = {}
        self.drop: list[str] = []
        for mention in gold:
            self.gold.add(mention.start, mention.end, mention.id)
            self.accepted[name_key(self._words(mention)), mention.type] += 1
        for item in suggestions:
            if item.is_relation:
                continue
            if item.state == "open":
                self.open[item.id] = item
                self.stored.add(item.id)
                self.covered.add(item.start, item.end, item.id)
            else:
                # Accepted and then moved or renamed: what it was before is refused, too.
                self.refused.add((item.type, item.fragments))
                if item.state == "rejected":
                    self.rejected[name_key(self._words(item)), item.type] += 1

    def _words(self, item: Mention | Suggestion) -> str:
        return self.text[item.start : item.end]

    def recalled(self) -> Recalled:
        return Recalled(tuple(self.put.values()), tuple(self.drop))

    def _doubted(self, words: str, type: str) -> bool:
        key = (name_key(words), type)
        return self.rejected[key] > self.accepted[key]

    # -- a name was labelled

    def spread(self, decision: Decision) -> None:
        """Propose `decision` at the other places where its words stand."""
        if self._doubted(decision.words, decision.type):
            return
        was = name_key(decision.was)
        for place in occurrences(self.text, decision.words):
            if self.gold.over(place.start, place.end):
                continue
            parts = (Fragment(place.start, place.end),)
            if (decision.type, parts) in self.refused:
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

    def _gives_way(self, item: Suggestion, place: Place, was: str) -> bool:
        """Whether an open suggestion is the same mistake: the text that was corrected, or a part of
        what the person marked as a whole."""
        if len(item.fragments) > 1:
            return False
        inside = place.start <= item.start and item.end <= place.end
        return inside or (bool(was) and name_key(self._words(item)) == was)

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
        self._hold(item)

    def _correct(self, old: Suggestion, decision: Decision, parts: Fragments) -> None:
        self.covered.remove(old.start, old.end, old.id)
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
        self.open[item.id] = self.put[item.id] = item
        self.covered.add(item.start, item.end, item.id)

    # -- a name was rejected

    def withdraw(self, decision: Decision) -> None:
        """Propose these words as this type no more, unless they were accepted as often."""
        wanted = name_key(decision.words)
        key = (wanted, decision.type)
        if max(1, self.rejected[key]) <= self.accepted[key]:  # deleted gold was never suggested
            return
        for item in list(self.open.values()):
            if item.type == decision.type and name_key(self._words(item)) == wanted:
                self._remove(item.id)

    def _remove(self, id: str) -> None:
        item = self.open.pop(id)
        self.covered.remove(item.start, item.end, id)
        self.put.pop(id, None)
        if id in self.stored:
            self.drop.append(id)


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
    parts = words.split()
    if not parts:
        return
    pattern = re.compile(r"\s+".join(re.escape(part) for part in parts))
    ordinary = len(parts) == 1 and is_ordinary(text, parts[0])
    for match in pattern.finditer(text):
        start, end = match.span()
        if not is_token_run(text, start, end) or is_behind_hyphen(text, start):
            continue
        if ordinary and starts_sentence(text, start):
            continue
        yield Place(start, end, sure=not _in_longer_name(text, start, end))


def is_token_run(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` starts and ends where tokens do."""
    if start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        return False
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
    return re.search(rf"(?<!\w){re.escape(small)}(?!\w)", text) is not None


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

    def add(self, start: int, end: int, id: str) -> None:
        insort(self._sorted, (start, end, id))
        self._longest = max(self._longest, end - start)

    def remove(self, start: int, end: int, id: str) -> None:
        self._sorted.remove((start, end, id))

    def over(self, start: int, end: int) -> list[str]:
        """The ids of the spans that share a character with ``[start, end)``."""
        low = bisect_left(self._sorted, (start - self._longest, 0, ""))
        high = bisect_left(self._sorted, (end, 0, ""))
        return [id for _s, e, id in self._sorted[low:high] if e > start]
