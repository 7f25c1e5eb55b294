"""What decisions add up to: counts by name, by boundary habit, by source, by relation pattern.

Pure. `core.project` adds the counts of every edit to the project's table ``memory`` in the same
transaction, and takes them away when the edit is undone, so the memory of a large project is looked
up and never computed anew. Kinds of rows, each with how often it held (yes) and did not (no):

- ``name``: a text as a type; no: rejected as that type.
- ``loose``: the same without article, possessive and case.
- ``habit``: whether mentions of a type take in the ``article`` before them, the ``possessive``.
- ``source``: a suggester's proposals of a type, accepted as they were, or not.
- ``between``: the words between two typed ends, as a relation.
- ``pair``: the texts of two ends, as a relation.
- ``bare``: a known name that stands in a finished article and is no mention there (no).
- ``cue``: words in and around a mention, between and around two ends (`core.cues`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from core import cues
from core.annotation import Image, Kind, Mention, Relation, Suggestion
from core.article import Span, tokens

Row: TypeAlias = tuple[str, str, str, bool]
"""Kind, key, type, and whether it is about what held."""

LONGEST = 8  # tokens of a name that is looked up
_GAP = 6  # tokens between two ends whose words are remembered
_ARTICLES = ("the", "a", "an")
_POSSESSIVE = ("'s", "’s", "'", "’")


def name_key(words: str) -> str:
    """What makes a name the same as another: its characters with white space made even."""
    return " ".join(words.split())


def loose_key(words: str) -> str:
    """A name without its article, its possessive and its case; empty if nothing is left."""
    parts = words.split()
    if parts and parts[0].lower() in _ARTICLES:
        parts = parts[1:]
    key = " ".join(parts).casefold()
    for ending in _POSSESSIVE:
        if key.endswith(ending):
            return key.removesuffix(ending)
    return key


def article_before(text: str, start: int) -> int:
    """Where the article right before `start` begins, `start` itself if there is none."""
    before = text[max(0, start - 5) : start]
    words = before.split()
    if not words or not before[-1:].isspace() or words[-1].lower() not in _ARTICLES:
        return start
    begin = start - len(before) + before.rindex(words[-1])
    return begin if begin == 0 or not text[begin - 1].isalnum() else start


def article_length(words: str) -> int:
    """How many characters a leading article takes, with the space behind it; 0 without one."""
    first = words.split(maxsplit=1)
    if len(first) == 2 and first[0].lower() in _ARTICLES:
        return words.index(first[1])
    return 0


def possessive_length(words: str) -> int:
    """How many characters a possessive ending takes; 0 without one."""
    return next((len(p) for p in _POSSESSIVE[:2] if words.endswith(p) and len(words) > len(p)), 0)


def between_key(text: str, head: Mention | Suggestion, tail: Mention | Suggestion) -> str:
    """The types of two ends with the words between them; empty if they overlap or are far apart."""
    first, last = sorted((head, tail), key=lambda m: m.start)
    if first.end > last.start or last.start - first.end > 60:
        return ""
    gap = text[first.end : last.start]
    words = [gap[s:e].lower() for s, e in tokens(gap)]
    if len(words) > _GAP or "\n" in gap:
        return ""
    way = ">" if first is head else "<"
    return "\t".join((head.type, way, " ".join(words), tail.type))


def pair_key(text: str, head: Mention | Suggestion, tail: Mention | Suggestion) -> str:
    """The texts of two ends."""
    return "\t".join(loose_key(text[m.start : m.end]) for m in (head, tail))


def tally(
    images: Iterable[Image],
    text_of: Callable[[str], str],
    end_of: Callable[[str], Mention | Suggestion | None],
) -> Counter[Row]:
    """What an edit adds to the counts and takes from them.

    Args:
        text_of: an article's text by its id.
        end_of: a mention or suggestion, as it is after the edit, by its id.
    """
    images = list(images)
    counts: Counter[Row] = Counter()
    for sign in (-1, +1):
        world = _World(images, sign, end_of)
        for image in images:
            value = world.value(image)
            if isinstance(value, Mention):
                rows = _of_mention(text_of(value.article), value)
            elif isinstance(value, Relation):
                rows = _of_relation(text_of(value.article), value, world, held=True)
            elif isinstance(value, Suggestion):
                rows = _of_suggestion(text_of(value.article), value, world)
            else:
                continue
            for row in rows:
                counts[row] += sign
    return Counter({row: n for row, n in counts.items() if n})


class _World:
    """Mentions and suggestions as they were before an edit (sign -1) or are after it (+1)."""

    def __init__(
        self,
        images: Sequence[Image],
        sign: int,
        end_of: Callable[[str], Mention | Suggestion | None],
    ) -> None:
        self._sign = sign
        self._end_of = end_of
        self._changed: dict[tuple[Kind, str], object] = {
            (i.kind, i.id): self.value(i) for i in images
        }

    def value(self, image: Image) -> object:
        return image.before if self._sign < 0 else image.after

    def _of(self, kind: Kind, id: str) -> object:
        return self._changed[kind, id] if (kind, id) in self._changed else self._end_of(id)

    def mention(self, id: str) -> Mention | None:
        found = self._of("mention", id)
        return found if isinstance(found, Mention) else None

    def end(self, id: str) -> Mention | Suggestion | None:
        gold = self.mention(id)
        if gold is not None:
            return gold
        found = self._of("suggestion", id)
        return found if isinstance(found, Suggestion) else None


def _of_mention(text: str, mention: Mention) -> Iterator[Row]:
    if len(mention.fragments) != 1:
        return
    words = text[mention.start : mention.end]
    for cue in cues.of_mention(text, mention.start, mention.end):
        yield "cue", cue, mention.type, True
    yield "name", name_key(words), mention.type, True
    yield "loose", loose_key(words), mention.type, True
    if article_length(words):
        yield "habit", "article", mention.type, True
    elif article_before(text, mention.start) < mention.start:
        yield "habit", "article", mention.type, False
    if possessive_length(words):
        yield "habit", "possessive", mention.type, True
    elif text.startswith(_POSSESSIVE[:2], mention.end):
        yield "habit", "possessive", mention.type, False


def _of_relation(
    text: str, relation: Relation | Suggestion, world: _World, *, held: bool
) -> Iterator[Row]:
    head, tail = world.end(relation.head), world.end(relation.tail)
    if head is None or tail is None:
        return
    if key := between_key(text, head, tail):
        yield "between", key, relation.type, held
    yield "pair", pair_key(text, head, tail), relation.type, held
    if held:
        for cue in cues.of_pair(text, head, tail):
            yield "cue", cue, relation.type, True


def _of_suggestion(text: str, item: Suggestion, world: _World) -> Iterator[Row]:
    if item.state == "open":
        return
    if item.is_relation:
        yield "source", item.source, item.type, item.state == "accepted"
        if item.state == "rejected":
            yield from _of_relation(text, item, world, held=False)
        return
    gold = world.mention(item.id)
    same = gold is not None and (gold.type, gold.fragments) == (item.type, item.fragments)
    yield "source", item.source, item.type, item.state == "accepted" and same
    if item.state == "rejected" and len(item.fragments) == 1:
        yield "name", name_key(text[item.start : item.end]), item.type, False


# -- names in a text


def runs(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of every run of up to `LONGEST` tokens on one line: what could be a name."""
    spans = tokens(text)
    for i, (start, _end) in enumerate(spans):
        for end in _ends(text, spans, i):
            yield start, end


def _ends(text: str, spans: Sequence[Span], first: int) -> Iterator[int]:
    """Where the runs end that begin with token `first`."""
    after = spans[first].end
    for span in spans[first : first + LONGEST]:
        if "\n" in text[after : span.start]:
            return
        yield span.end


def bare_names(
    text: str, look: Callable[[str], tuple[bool, bool]], gold: Iterable[Mention]
) -> Counter[str]:
    """How often each known name stands in `text` where no gold mention does.

    Args:
        look: whether a text is a known name, and whether a longer one begins with it.
    """
    taken = sorted((m.start, m.end) for m in gold)
    longest = max((end - start for start, end in taken), default=0)
    found: Counter[str] = Counter()
    spans = tokens(text)
    for i, (start, _end) in enumerate(spans):
        for end in _ends(text, spans, i):
            key = name_key(text[start:end])
            known, longer = look(key)
            if known and not _overlaps(taken, longest, start, end):
                found[key] += 1
            if not longer:
                break
    return found


def _overlaps(taken: Sequence[tuple[int, int]], longest: int, start: int, end: int) -> bool:
    low = bisect_left(taken, (start - longest, 0))
    high = bisect_left(taken, (end, 0))
    return any(e > start for _s, e in taken[low:high])
