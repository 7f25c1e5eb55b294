"""Rules that find mentions: dates, numbers and money by pattern, names by gazetteer and by the
words in and around them.

A name that was told apart once is known in the whole article: a person's surname alone is that
person, a name that was an organisation is one everywhere.

Offsets are code points. Every rule has a name and a score: its precision, rounded, on reports
(re3d), Wikinews (GUM) and Wikipedia (WikiGold), as `bench/rules_quality.py` measures it. These
corpora draw some boundaries otherwise than our guidelines (re3d marks titles with names, GUM
articles), so in the `news` scheme the rules do better than they say. No corpus at hand marks
offices; their 0.5 is a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from core.annotation import Fragment
from core.article import Span, paragraphs, sentences, tokens
from core.i18n import _
from core.scheme import Scheme
from core.suggest import ProposedMention
from core.suggest.gazetteer import Gazetteer, Words, load

# rule: (score, what the person is told); see above
RULES: dict[str, tuple[float, str]] = {
    "date": (0.8, "a date or a time span"),
    "money": (0.65, "an amount of money"),
    "number": (0.35, "a number"),
    "list": (0.5, "in the gazetteer"),
    "cue": (0.55, "the word “{word}” in the name"),
    "titled": (0.35, "after the title “{word}”"),
    "first name": (0.8, "a first name and more"),
    "surname": (0.8, "the surname of {word}"),
    "again": (0.4, "as elsewhere in this article"),
    "acronym": (0.45, "capital letters only"),
    "shape": (0.25, "two capitalised words"),
    "said": (0.5, "who “{word}”"),
    "place": (0.65, "after “{word}”"),
    "office": (0.5, "an office beside a name"),
    "thing": (0.4, "in the list of weapons and vehicles"),
}

_NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    "seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    "dozens?|hundreds?|thousands?|millions?|billions?|trillions?"
)
_MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan\.|Feb\.|Mar\.|Apr\.|Aug\.|Sept?\.|Oct\.|Nov\.|Dec\."
)
_DAY = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_YEAR = r"(?:1[4-9]|20)\d\d"
_UNIT = "days?|weeks?|months?|years?|hours?|minutes?|decades?|century|centuries"
_COUNT = rf"(?:\d[\d,.]*\d|\d|one|a|an|several|few|{_NUMBER_WORDS})"
_DATE = regex.compile(
    rf"""\b(?:
      (?:(?:early|late|mid)[ -])?(?:
          (?:{_DAY}),?\ (?:{_MONTH})\ \d\d?(?:st|nd|rd|th)?(?:,?\ {_YEAR})?
        | (?:{_MONTH})\ \d\d?(?:st|nd|rd|th)?\b(?:,?\ {_YEAR})?
        | \d\d?(?:st|nd|rd|th)?\ (?:of\ )?(?:{_MONTH})(?:,?\ {_YEAR})?
        | (?:{_MONTH}),?\ (?:of\ )?{_YEAR}
        | (?:{_YEAR}s?\b(?:[-–]\d\d(?:\d\d)?)?)
        | (?:January|February|April|June|July|August|September|October|November|December)\b
      )
    | (?:last|next|this|past|previous|earlier\ this|late\ last|early\ this)\ (?:
        {_DAY}|{_MONTH}|week|month|year|weekend|decade|century|summer|winter|spring|autumn|fall|
        night)\b
    | (?:{_DAY})(?:\ (?:morning|afternoon|evening|night))?\b
    | yesterday|today|tomorrow|tonight
    | (?:the\ )?(?:past|last|next|previous|coming)\ {_COUNT}\ (?:{_UNIT})\b
    | {_COUNT}\ (?:{_UNIT})\ (?:ago|earlier|later)\b
    | (?:\d+|one|{_NUMBER_WORDS})-(?:day|week|month|year|hour|decade)(?:-old)?\b
    | \d{{1,2}}(?::\d\d)?\ ?(?:a\.m\.|p\.m\.|am|pm|GMT|UTC)
    | (?:\d\d?(?:st|nd|rd|th)|nineteenth|twentieth|twenty-first)\ century
    )""",
    regex.VERBOSE,
)
_AMOUNT = r"\d[\d,.]*(?<=\d)(?:\ (?:thousand|million|billion|trillion)|\ ?(?:bn|m|k)\b)?"
_CURRENCY = (
    "dollars?|euros?|pounds?|yen|rubles?|roubles?|francs?|yuan|rupees?|liras?|dinars?|riyals?"
)
_MONEY = regex.compile(
    rf"""(?:(?:US|A|C|HK|NZ)?[$€£¥₹₽]\ ?{_AMOUNT}
      |\b(?:{_AMOUNT}|(?:{_NUMBER_WORDS}|a)(?:\ (?:hundred|thousand|million|billion|trillion))*)
        \ (?:U\.?S\.?\ |American\ )?(?:{_CURRENCY}|cents)\b)""",
    regex.VERBOSE,
)
_NUMBER = regex.compile(
    rf"""\b(?i:(?:more|less|fewer|greater)\ than\ |at\ (?:least|most)\ |about\ |around\ |nearly\ |
        almost\ |over\ |approximately\ |some\ |up\ to\ |as\ many\ as\ |
        an?\ (?:estimated|further)\ )?(?:
        (?:a|one|half|three)[\ -](?:quarter|half|third|quarters)s?\ of\ an?\ (?:million|billion)
      | (?<![\w.,-])\d(?:[\d,]*\d)?(?:\.\d+)?(?:\ (?:hundred|thousand|million|billion|trillion))?
        (?:\ ?(?:%|percent\b|per\ cent\b))?
      | (?:an?\ )?(?:{_NUMBER_WORDS})(?:[\ -](?:{_NUMBER_WORDS}))*(?:\ (?:percent|per\ cent)\b)?
      )(?![\w-]|[.,]\d)""",
    regex.VERBOSE,
)
_PLACE_BEFORE = frozenset({"in", "near", "from", "at", "to", "outside", "across", "around", "into"})
_SPEAKS = frozenset({"said", "says", "told", "added", "wrote", "claimed", "announced", "stated"})
_OF = frozenset({"of", "for", "on", "and", "the"})  # these need a name that wants them
_PARTICLES = frozenset(
    {
        "de",
        "del",
        "la",
        "bin",
        "bint",
        "ibn",
        "al",
        "el",
        "ul",
        "van",
        "von",
        "der",
        "den",
        "du",
        "da",
    }
)
_JOINS = _OF | _PARTICLES
_DRAFT = regex.compile(
    r"\bdraft (?:resolution|law|bill|constitution|treaty|agreement|accord)\b|\bdraft\b(?! \w+ed\b)"
)
_ROMAN = regex.compile(r"[IVXLC]+")


@dataclass(frozen=True, slots=True)
class _Found:
    """A mention that a rule found: tokens ``first`` to ``last`` (exclusive), an OntoNotes type."""

    start: int
    end: int
    type: str
    rule: str
    word: str = ""


def propose_mentions(text: str, scheme: Scheme) -> tuple[ProposedMention, ...]:
    """The mentions that the rules find, none overlapping another, in the order of the text."""
    found = _Reader(text, load()).read()
    result = []
    for item in found:
        type = scheme.entity_type_for_label(item.type)
        if type is not None:
            score, why = RULES[item.rule]
            result.append(
                ProposedMention(
                    (Fragment(item.start, item.end),), type, score, _(why).format(word=item.word)
                )
            )
    return tuple(result)


class _Reader:
    """One article: its tokens, what is taken already, the names that were told apart."""

    def __init__(self, text: str, lists: Gazetteer) -> None:
        self.text = text
        self.lists = lists
        self.spans = tokens(text)
        self.words = [text[s:e] for s, e in self.spans]
        self.starts = {s.start for s in sentences(text)}
        self.taken = [False] * len(self.spans)
        self.found: list[_Found] = []
        self.known: dict[Words, tuple[str, str]] = {}  # name -> type, the full name it belongs to
        self.small = {w for w in self.words if w.islower()}

    def read(self) -> list[_Found]:
        """Everything, strongest rules first; what one took is not looked at by the next."""
        self._patterns()
        loose: list[tuple[int, int]] = []
        for first, last in self._groups():
            loose += self._split(first, last)
        shouted = self._headlines()
        rest = []
        for first, last in loose:
            if not self._name(first, last, any(shouted[first:last])):
                rest.append((first, last))
        for first, last in rest:
            self._known_name(first, last, any(shouted[first:last]))
        self._offices()
        self._things()
        self._drafts()
        return sorted(self.found, key=lambda f: f.start)

    # -- patterns

    def _patterns(self) -> None:
        for rule, pattern, type in (
            ("date", _DATE, "DATE"), ("money", _MONEY, "MONEY"), ("number", _NUMBER, "CARDINAL"),
        ):  # fmt: skip
            at = 0
            for match in pattern.finditer(self.text):
                start, end = match.span()
                word = match.group()
                if rule == "date" and regex.fullmatch(_YEAR, word) and not self._is_year(start):
                    continue
                if word in ("May", "March") or (rule == "date" and self._is_name_part(start, end)):
                    continue
                while at < len(self.spans) and self.spans[at].end <= start:
                    at += 1
                last = at
                while last < len(self.spans) and self.spans[last].start < end:
                    last += 1
                if last > at and not any(self.taken[at:last]):
                    self._take(at, last, type, rule)

    def _is_year(self, start: int) -> bool:
        """A bare number of four digits is a year unless something is counted by it."""
        after = self.text[start + 4 : start + 16].split()
        return not (after and after[0] in ("people", "men", "women", "soldiers", "troops", "meters",
                                           "miles", "km", "kilometers", "of"))  # fmt: skip

    def _is_name_part(self, start: int, end: int) -> bool:
        """April Smith, Friday Prayers: a capitalised word follows that is no date."""
        after = self.text[end : end + 2]
        return (
            self.text[start:end].isalpha()
            and len(after) == 2
            and after[0] == " "
            and (after[1].isupper() and self.text[start:end] in ("April", "June", "August"))
        )

    # -- groups of capitalised words

    def _groups(self) -> Iterator[tuple[int, int]]:
        """Runs of name-like tokens with the small words that join them, (first, last)."""
        n, i = len(self.words), 0
        while i < n:
            if self.taken[i] or not self._capital(i):
                i += 1
                continue
            last = i + 1
            while True:
                step = self._continues(last)
                if step is None:
                    break
                last = step
            yield i, last
            i = last

    def _capital(self, i: int) -> bool:
        word = self.words[i]
        return word[0].isupper() and (word[0].isalpha()) and not self.taken[i]

    def _glued(self, i: int) -> bool:
        """Token i stands right after the one before it, without white space."""
        return self.spans[i].start == self.spans[i - 1].end

    def _continues(self, i: int) -> int | None:
        """Where a group that reached token i goes on to, None if it ends there."""
        n = len(self.words)
        if i >= n or self.taken[i]:
            return None
        word = self.words[i]
        gap = self.text[self.spans[i - 1].end : self.spans[i].start]
        if "\n" in gap or "\r" in gap:
            return None
        if self._capital(i) and (gap.strip(" \u00a0") == ""):
            return i + 1
        if word in ("-", "'", "’", "&") and i + 1 < n and self._glued(i + 1) == self._glued(i):
            if self._capital(i + 1) and not (word in "'’" and not self._glued(i)):
                return i + 2
            if word == "-" and self.words[i + 1] in _PARTICLES and self._glued(i):
                return i + 2 if self._continues(i + 2) else None
        if word == "." and self._glued(i) and len(self.words[i - 1]) == 1 and i + 1 < n:
            return i + 2 if self._capital(i + 1) else None  # an initial
        if word in _JOINS:
            j = i + 1
            while j < n and j < i + 3 and self.words[j] in _JOINS | {"-"}:
                j += 1
            if j < n and self._capital(j) and self._same_line(i - 1, j):
                return j + 1
        return None

    def _same_line(self, i: int, j: int) -> bool:
        return not regex.search(r"[\r\n]", self.text[self.spans[i].end : self.spans[j].start])

    # -- what a group is made of

    def _split(self, first: int, last: int) -> list[tuple[int, int]]:
        """The names in a group: a common word at its start is dropped, joins that no name wants
        part it, offices and gazetteer names stand for themselves."""
        lists = self.lists
        while first < last and (
            self.words[first].lower() in lists.common
            or (
                self.spans[first].start in self.starts
                and self.words[first].lower() in self.small
                and (first + 1 == last or self.words[first].lower() in lists.common)
            )
        ):
            first += 1
            while first < last and (
                self.words[first] in _JOINS or not self.words[first][0].isalnum()
            ):
                first += 1
        parts: list[tuple[int, int]] = []
        begin = first
        i = first
        while i < last:
            if self.words[i] in _OF:
                head = self.words[begin:i]
                if not self._wants(head, i, last):
                    parts.append((begin, i))
                    while i < last and self.words[i] in _JOINS:
                        i += 1
                    begin = i
                    continue
            i += 1
        parts.append((begin, last))
        return [p for part in parts for p in self._office_split(*part)]

    def _wants(self, head: list[str], i: int, last: int) -> bool:
        """Whether the words before "of", "for", "and" make a name that goes on after it."""
        if tuple(self.words[i - len(head) : last]) in self.lists.names:
            return True
        for length in range(2, self.lists.longest + 1):
            if tuple(self.words[i - 1 : i - 1 + length]) in self.lists.names and length > 2:
                return True
        if self.words[i] == "and":
            return (
                bool(head) and any(w in ("of", "for") for w in head) and head[0] in self.lists.first
            )
        return any(w in self.lists.first for w in head)

    def _office_split(self, first: int, last: int) -> list[tuple[int, int]]:
        """Part a group at an office in it: "US President Obama"."""
        lists = self.lists
        if first >= last:
            return []
        if tuple(self.words[first:last]) in lists.names:
            return [(first, last)]
        for i in range(first, last):
            for length in range(min(lists.longest_title, last - i), 0, -1):
                words = tuple(w.lower() for w in self.words[i : i + length])
                if words in lists.titles and self.words[last - 1] not in lists.last:
                    self._take(i, i + length, "TITLE", "office")
                    before = [(first, i)] if i > first else []
                    after = i + length
                    if after < last and self.words[after] not in _JOINS:
                        person = self._person(after, last, self._covered(i, i + length))
                        return before + ([] if person else [(after, last)])
                    while after < last and self.words[after] in _JOINS:
                        after += 1
                    return before + ([(after, last)] if after < last else [])
        if self.words[first] in lists.honorifics and last - first > 1:
            after = first + (2 if self.words[first + 1] == "." else 1)
            if after < last and self._person(after, last, self.words[first]):
                return []
        return [(first, last)]

    def _person(self, first: int, last: int, title: str) -> bool:
        if (
            tuple(self.words[first:last]) in self.lists.names
            or self.words[last - 1] in self.lists.last
        ):
            return False
        if last - first > 5:
            return False
        self._take(first, last, "PERSON", "titled", title)
        self._learn_person(first, last)
        return True

    def _learn_person(self, first: int, last: int) -> None:
        full = self._covered(first, last)
        words = self.words[first:last]
        self.known.setdefault(tuple(words), ("PERSON", full))
        if len(words) > 1:
            self.known.setdefault((words[-1],), ("PERSON", full))
            if len(words) > 3 and words[-2] == "-":  # Bashar al-Assad: also al-Assad
                self.known.setdefault(tuple(words[-3:]), ("PERSON", full))

    # -- names

    def _headlines(self) -> list[bool]:
        """Token by token whether its paragraph is set in Title Case or capitals: there, a capital
        says nothing."""
        result = [False] * len(self.words)
        at = 0
        for paragraph in paragraphs(self.text):
            begin = at
            while at < len(self.spans) and self.spans[at].end <= paragraph.end:
                at += 1
            letters = [w for w in self.words[begin:at] if w[0].isalpha() and len(w) > 3]
            capital = sum(w[0].isupper() for w in letters)
            if len(letters) >= 4 and capital > 0.75 * len(letters):
                result[begin:at] = [True] * (at - begin)
        return result

    def _name(self, first: int, last: int, shouted: bool) -> bool:
        """Say what the name is if the words in it tell; answer whether anything was said."""
        lists = self.lists
        words = tuple(self.words[first:last])
        if not words or any(self.taken[first:last]):
            return True
        if words in lists.names:
            self._take(first, last, lists.names[words], "list")
            self.known.setdefault(words, (lists.names[words], self._covered(first, last)))
            return True
        if not shouted:
            kind = lists.last.get(words[-1])
            if kind is not None and len(words) > 1:
                first = self._without_first(first, last, kind)
                self._take(first, last, kind, "cue", words[-1])
                self.known.setdefault(words, (kind, ""))
                return True
            if words[0] in lists.first and len(words) > 2 and words[1] in ("of", "for", "on"):
                self._take(first, last, "ORG", "cue", words[0])
                return True
            middle = next((w for w in words if w in lists.first), None)
            if middle and any(w in ("of", "for") for w in words):
                self._take(first, last, "ORG", "cue", middle)
                return True
            if words[0] in lists.first_names and 1 < len(words) <= 6:
                self._take(first, last, "PERSON", "first name")
                self._learn_person(first, last)
                return True
        return self._inner_names(first, last, shouted)

    def _without_first(self, first: int, last: int, kind: str) -> int:
        """An EVENT, LAW or place keeps its adjective; nothing is cut so far."""
        return first

    def _inner_names(self, first: int, last: int, shouted: bool) -> bool:
        """A gazetteer name at the start (or, in a headline, anywhere) and something behind it."""
        lists = self.lists
        i, hit = first, False
        while i < last:
            for length in range(min(lists.longest, last - i), 0, -1):
                words = tuple(self.words[i : i + length])
                if words in lists.names and length < last - first:
                    self._take(i, i + length, lists.names[words], "list")
                    hit = True
                    i += length
                    break
            else:
                if not shouted:
                    break
                i += 1
        if not hit:
            return False
        while i < last and (self.words[i] in _JOINS or not self.words[i][0].isalnum()):
            i += 1
        if (
            i < last
            and not shouted
            and not any(self.taken[i:last])
            and not self._name(i, last, shouted)
        ):
            self._known_name(i, last, shouted)
        return True

    def _known_name(self, first: int, last: int, shouted: bool) -> None:
        """A name that its own words do not explain: by the rest of the article, by what stands
        around it, by its shape."""
        if any(self.taken[first:last]):
            return
        words = tuple(self.words[first:last])
        if words in self.known:
            type, full = self.known[words]
            surname = type == "PERSON" and len(words) < 4 and full != self._covered(first, last)
            self._take(first, last, type, "surname" if surname else "again", full)
            return
        if shouted:
            return
        before = self.words[first - 1] if first else ""
        after = self.words[last] if last < len(self.words) else ""
        if len(words) == 1:
            word = words[0]
            if word.isupper() and 2 <= len(word) <= 6 and self._is_acronym(word):
                self._take(first, last, "ORG", "acronym")
                self.known.setdefault(words, ("ORG", word))
            elif len(word) < 3 or self.spans[first].start in self.starts:
                return
            elif before in _PLACE_BEFORE:
                self._take(first, last, "GPE", "place", before)
            elif after in _SPEAKS:
                self._take(first, last, "PERSON", "said", after)
        elif 2 <= len(words) <= 4 and all(w[0].isalpha() or w in "-.'’" for w in words):
            if words[0] == "The":
                self._take(first + 1, last, "ORG", "shape")
            else:
                self._take(first, last, "PERSON", "shape")
                self._learn_person(first, last)

    def _is_acronym(self, word: str) -> bool:
        """Whether capitals are a name: no Roman number, no everyday abbreviation."""
        return not _ROMAN.fullmatch(word) and word.lower() not in self.lists.common

    # -- offices and things in small letters

    def _offices(self) -> None:
        """An office counts beside a person, or where somebody is appointed to it."""
        lists = self.lists
        person_starts = {f.start for f in self.found if f.type == "PERSON"}
        person_ends = {f.end for f in self.found if f.type == "PERSON"}
        i, n = 0, len(self.words)
        while i < n:
            length = next(
                (
                    k
                    for k in range(min(lists.longest_title, n - i), 0, -1)
                    if not any(self.taken[i : i + k])
                    and tuple(w.lower() for w in self.words[i : i + k]) in lists.titles
                ),
                0,
            )
            if not length:
                i += 1
                continue
            end = i + length
            office_end = self._of_what(end)
            after = office_end if office_end < n else end
            comma = after < n and self.words[after] == ","
            name_at = after + 1 if comma else after
            follows = name_at < n and self.spans[name_at].start in person_starts
            back = i
            while back and self.words[back - 1].lower() in (
                "the",
                "a",
                "an",
                "as",
                "its",
                "former",
            ):
                back -= 1
            apposed = (
                back > 1 and self.words[back - 1] == "," and self.spans[back - 2].end in person_ends
            )
            appointed = back > 1 and any(
                w in ("appointed", "named", "elected") for w in self.words[max(0, back - 2) : i]
            )
            if follows or apposed or appointed:
                self._take(
                    i, office_end if not comma or office_end == end else end, "TITLE", "office"
                )
                i = office_end
            else:
                i = end

    def _of_what(self, i: int) -> int:
        """Where "of general intelligence" after an office ends; i itself if there is no such."""
        n = len(self.words)
        if i >= n or self.words[i] not in ("of", "for"):
            return i
        j = i + 1
        while j < n and j < i + 5 and self.words[j].isalpha() and self.words[j].islower():
            if self.words[j] in (
                "the",
                "in",
                "after",
                "on",
                "who",
                "a",
                "his",
                "its",
                "and",
                "from",
            ):
                break
            j += 1
        return j if j > i + 1 and not any(self.taken[i:j]) else i

    def _things(self) -> None:
        lists = self.lists
        longest = max(map(len, lists.things))
        i = 0
        while i < len(self.words):
            for length in range(min(longest, len(self.words) - i), 0, -1):
                key = tuple(w.lower() for w in self.words[i : i + length])
                if key in lists.things and not any(self.taken[i : i + length]):
                    self._take(i, i + length, lists.things[key], "thing")
                    i += length - 1
                    break
            i += 1

    def _drafts(self) -> None:
        """ "Russian draft resolution": a law that is named by who drafts it, over its adjective."""
        for match in _DRAFT.finditer(self.text):
            start = match.start()
            adjective = next(
                (f for f in self.found if f.type in ("NORP", "GPE", "ORG") and f.end == start - 1),
                None,
            )
            if adjective is not None or match.group() != "draft":
                first = adjective.start if adjective is not None else start
                self.found.append(_Found(first, match.end(), "LAW", "cue", match.group()))

    # -- taking

    def _covered(self, first: int, last: int) -> str:
        return self.text[self.spans[first].start : self.spans[last - 1].end]

    def _take(self, first: int, last: int, type: str, rule: str, word: str = "") -> None:
        while last > first and self.words[last - 1] in _JOINS | {"-", "'", "’", "&", "."}:
            last -= 1
        if last <= first:
            return
        self.taken[first:last] = [True] * (last - first)
        span = Span(self.spans[first].start, self.spans[last - 1].end)
        self.found.append(_Found(span.start, span.end, type, rule, word))
