"""Rules that find relations: trigger words between two mentions of one sentence.

They work on any mentions, whoever proposed them, and propose only what the scheme admits. A scheme
that lacks a relation may have it under re3d's name (`ALSO`).

Scores: what re3d has enough of was measured between gold mentions (`bench/rules_quality.py`:
met_with and communicated_with 0.46 of 13, fights 0.31 of 51); for the rest there is no gold at hand
and the score is a guess around one half.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from core.annotation import Fragment
from core.article import Span, sentences
from core.i18n import _
from core.scheme import Scheme
from core.suggest import ProposedMention, ProposedRelation

# The same fact under re3d's names, for schemes made like it.
ALSO = {
    "leads": "InChargeOf",
    "met_with": "CommWith",
    "communicated_with": "CommWith",
    "supports": "Likes",
    "opposes": "Dislikes",
    "fights": "FightingAgainst",
    "allied_with": "AlliesOf",
    "located_in": "CoLocated",
    "based_in": "CoLocated",
    "member_of": "BelongsTo",
    "part_of": "BelongsTo",
}


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A trigger and who stands where.

    Attributes:
        passive: the head follows the trigger, the tail comes before it.
        reach: how many characters may lie between the trigger and either mention.
        score: see the module.
    """

    relation: str
    trigger: str
    score: float
    passive: bool = False
    reach: int = 60


_PATTERNS = (
    _Pattern(
        "met_with",
        r"met(?: again)?(?: with)?|held (?:a meeting|talks|discussions) with|"
        r"(?:talks|meeting|meets|meet|negotiations) with|hosted|received",
        0.45,
    ),
    _Pattern(
        "visited",
        r"visited|visits|visit to|arrived in|arrived at|travell?ed to|flew to|trip to|went to|"
        r"held talks in|toured|returned to",
        0.6,
    ),
    _Pattern(
        "opposes",
        r"opposed|opposes|opposing|rejected|rejects|condemned|condemns|denounced|critici[sz]ed|"
        r"voted against|is a (?:staunch |sworn |bitter )?(?:foe|enemy|opponent|critic) of(?: the)?",
        0.6,
        reach=50,
    ),
    _Pattern(
        "supports",
        r"supported|supports|supporting|backed|backs|backing|voted (?:in favou?r of|for)(?: an?)?|"
        r"endorsed|endorses|praised|welcomed|advocates",
        0.55,
        reach=50,
    ),
    _Pattern("supports", r"(?:backed|supported|endorsed) by", 0.6, passive=True),
    _Pattern("opposes", r"(?:opposed|condemned|rejected|critici[sz]ed) by", 0.6, passive=True),
    _Pattern(
        "sanctions",
        r"(?:has |have )?(?:sanctioned|blacklisted|imposed sanctions (?:on|against))",
        0.6,
    ),
    _Pattern(
        "sanctions",
        r"(?:sanctioned|blacklisted) (?:by|under)(?: the)?",
        0.6,
        passive=True,
        reach=80,
    ),
    _Pattern("appointed", r"appointed|named|nominated|picked", 0.5, reach=25),
    _Pattern("appointed", r"(?:appointed|nominated|named) by", 0.6, passive=True),
    _Pattern(
        "fights",
        r"attacked|fought|fighting(?: against)?|fights|bombed|shelled|clashed with|clashes with|"
        r"battling|fight against|war against|(?:air)?strikes? (?:against|on)|struck|"
        r"(?:offensive|operations|campaign) against|targeting|targeted|destroyed",
        0.3,
    ),
    _Pattern(
        "communicated_with",
        r"told|spoke (?:to|with)|called on|urged|wrote to|informed|phoned|warned",
        0.45,
        reach=25,
    ),
    _Pattern("member_of", r"(?:an? )?(?:\w+ )?member of(?: the)?|joined(?: the)?", 0.5, reach=25),
    _Pattern(
        "allied_with",
        r"(?:an? )?(?:\w+ )?all(?:y|ies) of(?: the)?|allied with(?: the)?",
        0.5,
        reach=25,
    ),
    _Pattern("based_in", r"(?:is |are |was |were )?(?:based|headquartered) in", 0.75, reach=20),
)
_COMPILED = tuple((p, regex.compile(rf"\b(?:{p.trigger})\b")) for p in _PATTERNS)
_PRONOUN = regex.compile(r"\W*(?:He|She)\b")
_AND_IS = regex.compile(r"\band (?:(?:is|was|has|had|has been|had been|later|then) )?$")
_BETWEEN = regex.compile(r"\b(?:meeting|talks|summit|negotiations|discussions) between\b")
_BASED = regex.compile(r"-based (?:\w+ ){0,3}")
_ACCORDING = regex.compile(
    r"\baccording to(?: the)?\b|\bputs\b|\bestimates\b|\bsaid\b|\breported\b|\bsays\b"
)
_OF = regex.compile(
    r"(?:the )?(?:head|chief|director|leader|commander|chairman|chairwoman|president|minister|"
    r"prime minister|governor|mayor|king|ruler|founder|boss|secretary[ -]general) of(?: the)?"
)
_RULES_A_COUNTRY = regex.compile(
    r"(?i)(?:president|prime minister|king|queen|leader|supreme leader|chancellor|premier|emir|"
    r"sultan)"
)


@dataclass(frozen=True, slots=True)
class _Fact:
    relation: str
    head: int
    tail: int
    score: float
    evidence: Span


def propose_relations(
    text: str, mentions: Sequence[ProposedMention], scheme: Scheme
) -> tuple[ProposedRelation, ...]:
    """Relations between `mentions` (by index), each pair and type once."""
    found: dict[tuple[str, int, int], ProposedRelation] = {}
    for fact in _Sentences(text, mentions, scheme).facts():
        type = _name(fact.relation, scheme)
        if type is None or fact.head == fact.tail:
            continue
        if not scheme.admits(type, mentions[fact.head].type, mentions[fact.tail].type):
            continue
        ends = (fact.head, fact.tail)
        if scheme.relation_types[type].symmetric:
            ends = (min(ends), max(ends))
        key = (type, *ends)
        if key not in found:
            trigger = text[fact.evidence.start : fact.evidence.end].strip()
            found[key] = ProposedRelation(
                type,
                fact.head,
                fact.tail,
                fact.score,
                (Fragment(*fact.evidence),) if fact.evidence.start < fact.evidence.end else (),
                _("the words “{words}”").format(words=trigger),
            )
    return tuple(found.values())


def _name(relation: str, scheme: Scheme) -> str | None:
    for name in (relation, ALSO.get(relation, "")):
        if name in scheme.relation_types:
            return name
    return None


class _Sentences:
    """Walks the sentences of one article."""

    def __init__(self, text: str, mentions: Sequence[ProposedMention], scheme: Scheme) -> None:
        self.text = text
        self.mentions = mentions
        self.scheme = scheme
        self.order = sorted(range(len(mentions)), key=lambda i: mentions[i].fragments[0].start)
        self.kind = {
            name: scheme.entity_type_for_label(name)
            for name in ("PERSON", "ORG", "GPE", "NORP", "CARDINAL", "MONEY", "TITLE", "DATE")
        }
        self.subject: int | None = None  # the person that "he" or "she" would be

    def start(self, i: int) -> int:
        return self.mentions[i].fragments[0].start

    def end(self, i: int) -> int:
        return self.mentions[i].fragments[-1].end

    def is_a(self, i: int, *names: str) -> bool:
        return self.mentions[i].type in [self.kind[n] for n in names]

    def facts(self) -> Iterator[_Fact]:
        at = 0
        for sentence in sentences(self.text):
            here = []
            while at < len(self.order) and self.start(self.order[at]) < sentence.end:
                if self.start(self.order[at]) >= sentence.start:
                    here.append(self.order[at])
                at += 1
            yield from self.triggers(sentence, here)
            yield from self.between(sentence, here)
            yield from self.offices(here)
            yield from self.seats(sentence, here)
            yield from self.figures(sentence, here)
            people = [i for i in here if self.is_a(i, "PERSON")]
            if people:
                self.subject = people[0]

    def triggers(self, sentence: Span, here: list[int]) -> Iterator[_Fact]:
        for pattern, compiled in _COMPILED:
            type = _name(pattern.relation, self.scheme)
            if type is None:
                continue
            for match in compiled.finditer(self.text, sentence.start, sentence.end):
                left = self.before(match.start(), sentence, here, pattern.reach)
                right = self.after(match.end(), here, pattern.reach)
                if pattern.passive:
                    left, right = right, left
                fact = self.nearest(type, left, right)
                if fact is not None:
                    yield _Fact(pattern.relation, *fact, pattern.score, Span(*match.span()))

    def before(self, at: int, sentence: Span, here: list[int], reach: int) -> list[int]:
        """Who may be the subject of a verb at `at`, the nearest first. A pronoun at the start of
        the sentence stands for the person that the sentence before was about."""
        pronoun = _PRONOUN.match(self.text, sentence.start) is not None
        if pronoun and self.subject is not None:
            nobody = not any(self.end(i) <= at for i in here)
            if nobody or _AND_IS.search(self.text, max(sentence.start, at - 20), at):
                return [self.subject]
        near = [i for i in reversed(here) if 0 <= at - self.end(i) <= reach]
        return [i for i in near if self.acts(i)]

    def after(self, at: int, here: list[int], reach: int) -> list[int]:
        """Who or what may be the object of words that end at `at`, the nearest first; "Egyptian
        President X" is X."""
        near = [i for i in here if 0 <= self.start(i) - at <= reach]
        result: list[int] = []
        for i in near:
            named = self.named(i, here)
            if self.acts(named) and named not in result:
                result.append(named)
        return result

    def named(self, i: int, here: list[int]) -> int:
        """The person behind the adjectives and offices that start with mention i, else i."""
        at = i
        for j in here[here.index(i) + 1 :]:
            if self.text[self.end(at) : self.start(j)] != " ":
                break
            at = j
            if self.is_a(at, "PERSON"):
                return at
            if not self.is_a(at, "TITLE", "NORP"):
                break
        return i

    def acts(self, i: int) -> bool:
        """An adjective of nationality before its noun ("Russian draft") is nobody."""
        if not self.is_a(i, "NORP"):
            return True
        follows = self.text[self.end(i) : self.end(i) + 2]
        return self.text[self.end(i) - 1] == "s" or not (
            follows[:1] == " " and follows[1:].islower()
        )

    def nearest(self, type: str, left: list[int], right: list[int]) -> tuple[int, int] | None:
        for tail in right:
            for head in left:
                if self.scheme.admits(type, self.mentions[head].type, self.mentions[tail].type):
                    return head, tail
        return None

    def between(self, sentence: Span, here: list[int]) -> Iterator[_Fact]:
        """ "a meeting between X and Y"."""
        for match in _BETWEEN.finditer(self.text, sentence.start, sentence.end):
            right = self.after(match.end(), here, 140)
            first = next((i for i in right[:1] if self.start(i) - match.end() < 40), None)
            if first is None:
                continue
            same = [i for i in right[1:] if self.mentions[i].type == self.mentions[first].type]
            if same:
                yield _Fact("met_with", first, same[0], 0.55, Span(*match.span()))

    def offices(self, here: list[int]) -> Iterator[_Fact]:
        """Offices beside a person: "Syrian President X", "the head of Y, X", "X, head of Y"."""
        for n, i in enumerate(here):
            if not self.is_a(i, "PERSON"):
                continue
            before = self.text[max(0, self.start(i) - 90) : self.start(i)]
            match = max(_OF.finditer(before), key=lambda m: m.start(), default=None)
            if match is not None:
                offset = self.start(i) - len(before)
                lead = Span(offset + match.start(), offset + match.end())
                for j in reversed(here[:n]):
                    near = 0 <= self.start(j) - lead.end <= 2
                    if near and self.acts(j) and self.is_a(j, "ORG", "GPE", "NORP"):
                        yield _Fact("leads", i, j, 0.6, lead)
            after = self.text[self.end(i) : self.end(i) + 60]
            match = regex.match(rf",? (?:who is |is |was )?{_OF.pattern}", after)
            if match is not None:
                lead = Span(self.end(i) + match.start(), self.end(i) + match.end())
                for j in here[n + 1 :]:
                    if 0 <= self.start(j) - lead.end <= 2 and self.acts(j):
                        yield _Fact("leads", i, j, 0.7, lead)
            yield from self.nation(i, n, here)

    def nation(self, i: int, n: int, here: list[int]) -> Iterator[_Fact]:
        title = next((j for j in reversed(here[:n]) if self.is_a(j, "TITLE")), None)
        if title is None or not 0 <= self.start(i) - self.end(title) <= 2:
            return
        for j in reversed(here[:n]):
            gap = self.text[self.end(j) : self.start(title)]
            if (
                j != title
                and self.is_a(j, "NORP", "GPE", "ORG")
                and gap.strip(" ") in ("", "'s", "’s")
            ):
                lead = Span(self.start(title), self.end(title))
                words = self.text[lead.start : lead.end]
                if self.is_a(j, "ORG") or _RULES_A_COUNTRY.fullmatch(words):
                    yield _Fact("leads", i, j, 0.6, lead)
                elif self.is_a(j, "NORP"):
                    yield _Fact("citizen_of", i, j, 0.6, lead)
                return

    def seats(self, sentence: Span, here: list[int]) -> Iterator[_Fact]:
        """ "the Beirut-based X", "X, a Beirut-based NGO"."""
        for match in _BASED.finditer(self.text, sentence.start, sentence.end):
            place = next((i for i in here if self.end(i) == match.start()), None)
            if place is None:
                continue
            lead = Span(match.start() + 1, match.start() + 6)
            orgs = [i for i in here if self.is_a(i, "ORG")]
            after = [i for i in orgs if 0 <= self.start(i) - match.end() <= 2]
            before = [i for i in reversed(orgs) if 0 < self.start(place) - self.end(i) <= 20]
            for i in (after or before)[:1]:
                yield _Fact("based_in", i, place, 0.75, lead)

    def figures(self, sentence: Span, here: list[int]) -> Iterator[_Fact]:
        """A figure and who gives it: "more than 10 million ..., according to X"."""
        figures = [i for i in here if self.is_a(i, "CARDINAL", "MONEY")]
        if not figures:
            return
        for match in _ACCORDING.finditer(self.text, sentence.start, sentence.end):
            lead = Span(*match.span())
            if match.group().startswith("according"):
                near = [i for i in here if 0 <= self.start(i) - match.end() <= 12]
                near = near or [i for i in here if match.start() < self.start(i) < match.end()]
            else:
                near = [i for i in reversed(here) if 0 <= match.start() - self.end(i) <= 90]
            source = next((i for i in near if self.is_a(i, "ORG", "PERSON")), None)
            if source is not None:
                for i in figures:
                    if i != source:
                        yield _Fact("attributed_to", i, source, 0.6, lead)
                return
