"""Which items are where in the text: by block, by end, and in reading order; knows nothing of Qt.

Every change costs what it touches and the logarithm of what there is, so that the last mention of
a long article is labelled as fast as the first of a short one.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from core.annotation import Change, Document, Mention, Relation, Suggestion
from gui.canvas.text import ArticleText

# start, -end, 0 for a mention and 1 for a relation, id
Key: TypeAlias = tuple[int, int, int, str]


class Index:
    """The mentions, relations and open suggestions of a document by place.

    A relation belongs to the place of the later of its ends: there both are known to a reader.
    """

    def __init__(self, document: Document, text: ArticleText) -> None:
        self.document = document
        self.text = text
        self._in_block: defaultdict[int, set[str]] = defaultdict(set)
        self._cards: defaultdict[int, set[str]] = defaultdict(set)
        self._relations: defaultdict[str, set[str]] = defaultdict(set)
        self._keys: dict[str, Key] = {}
        self._blocks: dict[str, range] = {}
        self._ends: dict[str, tuple[str, str]] = {}
        self._order: list[Key] = []  # of all, sorted
        self._ids: tuple[str, ...] | None = None  # of those, once somebody asked
        self._open: list[Key] = []  # of the suggestions, sorted
        mentions: list[Mention | Suggestion] = [*document.mentions.values()]
        mentions += [s for s in document.suggestions.values() if s.fragments and s.state == "open"]
        for item in mentions:
            self._add(item)
        for id in (*document.relations, *document.suggestions):
            self._add_relation(id)
        self._order = sorted(self._keys.values())
        self._open = [key for key in self._order if self._suggested(key[3])]

    # -- asking

    def mention(self, id: str) -> Mention | Suggestion | None:
        """The gold or suggested mention with this id."""
        item = self.document.item(id)
        if isinstance(item, Mention):
            return item
        if isinstance(item, Suggestion) and item.fragments and item.state == "open":
            return item
        return None

    def relation(self, id: str) -> Relation | Suggestion | None:
        """The gold or suggested relation with this id, both of whose ends are there."""
        return self._relation(id) if id in self._ends else None

    def ends(self, id: str) -> tuple[Mention | Suggestion, Mention | Suggestion] | None:
        """Head and tail of a relation."""
        head, tail = (self.mention(end) for end in self._ends.get(id, ("", "")))
        return (head, tail) if head is not None and tail is not None else None

    def mentions_in(self, block: int) -> set[str]:
        return self._in_block.get(block, _NONE)

    def relations_beside(self, block: int) -> list[str]:
        """Relations whose card is beside `block`, in reading order."""
        return sorted(self._cards.get(block, _NONE), key=self._keys.__getitem__)

    def relations_of(self, mention: str) -> list[str]:
        """Relations that a mention is an end of, in reading order."""
        return sorted(
            (r for r in self._relations.get(mention, _NONE) if r in self._keys),
            key=self._keys.__getitem__,
        )

    def position(self, id: str) -> int:
        """Where in the text an item is read, -1 if it is not there."""
        return self._keys[id][0] if id in self._keys else -1

    def reaches(self, id: str, offset: int) -> bool:
        """Whether a caret at `offset` is within a mention, or where a relation is read."""
        item = self.mention(id)
        if item is None:
            return self.position(id) == offset
        return any(f.start <= offset < f.end for f in item.fragments)

    def home(self, id: str) -> int:
        """The block that an item is read in, for a card: one with text wherever there is any."""
        at = self.text.block_at(max(0, self.position(id)))
        if not self.text.blocks[at].blank:
            return at
        for i in (*range(at, -1, -1), *range(at + 1, len(self.text.blocks))):
            if not self.text.blocks[i].blank:
                return i
        return at

    def reading_order(self) -> tuple[str, ...]:
        if self._ids is None:
            self._ids = tuple(key[3] for key in self._order)
        return self._ids

    def between(self, start: int, end: int) -> tuple[str, ...]:
        """Items that are read at ``start <= position < end``, in reading order."""
        low = bisect_left(self._order, (start,))
        high = bisect_left(self._order, (end,))
        return tuple(key[3] for key in self._order[low:high])

    def count(self, start: int, end: int) -> int:
        """How many items are read at ``start <= position < end``."""
        return bisect_left(self._order, (end,)) - bisect_left(self._order, (start,))

    def count_open(self, start: int, end: int) -> int:
        """How many suggestions are read at ``start <= position < end``."""
        return bisect_left(self._open, (end,)) - bisect_left(self._open, (start,))

    def open_between(self, offsets: Sequence[int]) -> list[int]:
        """How many suggestions are read from each of `offsets`, which ascend, to the next."""
        at = [bisect_left(self._open, (offset,)) for offset in offsets]
        return [after - before for before, after in pairwise(at)]

    def covering(self, offset: int) -> list[str]:
        """Mentions with a fragment that holds the character at `offset`, the shortest first."""
        found = [
            m
            for m in map(self.mention, self.mentions_in(self.text.block_at(offset)))
            if m is not None and any(f.start <= offset < f.end for f in m.fragments)
        ]
        return [m.id for m in sorted(found, key=lambda m: (m.end - m.start, m.start, m.id))]

    # -- following a change

    def update(self, document: Document, change: Change) -> set[int]:
        """Follow `change`, which made `document`. Returns the blocks that look different now."""
        ids = {
            image.id
            for image in change.images
            if image.kind in ("mention", "relation", "suggestion")
            and image.article == document.article.id
        }
        # what hangs on a mention moves with it, and its card shows the mention's words
        ids |= {r for id in ids for r in self._relations.get(id, _NONE)}
        touched: set[int] = set()
        before = {id: self._keys.get(id) for id in ids}
        for id in ids:
            touched |= self._remove(id)
        self.document = document
        for id in ids:
            self._add_mention(id)
        for id in ids:
            self._add_relation(id)
        for id in ids:
            if id in self._keys:
                insort(self._order, self._keys[id])
                if self._suggested(id):
                    insort(self._open, self._keys[id])
                touched |= self._places(id)
        if any(self._keys.get(id) != key for id, key in before.items()):
            self._ids = None
        return touched

    def _places(self, id: str) -> set[int]:
        blocks = self._blocks.get(id)
        return set(blocks) if blocks is not None else {self.home(id)}

    def _add_mention(self, id: str) -> None:
        item = self.mention(id)
        if item is not None:
            self._add(item)

    def _add(self, item: Mention | Suggestion) -> None:
        parts, id, text = item.fragments, item.id, self.text
        start, end = parts[0].start, parts[-1].end
        self._keys[id] = (start, -end, 0, id)
        first = text.block_at(start)
        if end <= text.blocks[first].end:  # nearly always
            self._blocks[id] = range(first, first + 1)
            self._in_block[first].add(id)
            return
        self._blocks[id] = text.blocks_of(start, end)
        for part in parts:
            for block in text.blocks_of(part.start, part.end):
                self._in_block[block].add(id)

    def _add_relation(self, id: str) -> None:
        item = self._relation(id)
        if item is None:
            return
        # an end may come (or come back) later, by undo say: the relation waits for it
        self._relations[item.head].add(id)
        self._relations[item.tail].add(id)
        head, tail = self._keys.get(item.head), self._keys.get(item.tail)
        if head is None or tail is None or head[2] or tail[2]:
            return
        later = max(head, tail)
        self._keys[id] = (later[0], later[1], 1, id)
        self._ends[id] = (item.head, item.tail)
        self._cards[self.home(id)].add(id)

    def _relation(self, id: str) -> Relation | Suggestion | None:
        item = self.document.item(id)
        if isinstance(item, Relation):
            return item
        if isinstance(item, Suggestion) and item.is_relation and item.state == "open":
            return item
        return None

    def _suggested(self, id: str) -> bool:
        document = self.document
        return id in document.suggestions and not (
            id in document.mentions or id in document.relations
        )

    def _remove(self, id: str) -> set[int]:
        relation = self._relation(id)
        if relation is not None:
            for end in (relation.head, relation.tail):
                self._relations.get(end, set()).discard(id)
        key = self._keys.get(id)
        if key is None:
            return set()
        touched = self._places(id)
        blocks = self._blocks.pop(id, None)
        for block in blocks if blocks is not None else ():
            self._in_block.get(block, set()).discard(id)
        if blocks is None:
            self._cards.get(self.home(id), set()).discard(id)
            self._ends.pop(id, None)
        del self._keys[id]
        del self._order[bisect_left(self._order, key)]
        if self._suggested(id):
            del self._open[bisect_left(self._open, key)]
        return touched


_NONE: set[str] = set()
