"""What the people of a project decided, added up in its file: looked up, never computed anew.

The counts (`core.tally`) are kept by `core.project.Project.edit` in the transaction of each edit,
so they follow undo and redo, and a name costs the same to look up in any project.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.annotation import EntryKind, Image, Mention, Suggestion
from core.article import Article
from core.codec import Value, kind_of
from core.store import Store
from core.tally import bare_names, tally


class Decisions:
    """The table ``memory`` of one project."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._latest: Article | None = None
        self._looked: dict[str, tuple[bool, bool]] = {}  # within one count

    def about(self, kind: str, keys: Iterable[str]) -> dict[str, dict[str, tuple[int, int]]]:
        """The counts of a kind for `keys`: key to type to (how often it held, how often not)."""
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for key, type, yes, no in self._store.remembered(kind, sorted(set(keys))):
            if yes or no:
                found.setdefault(key, {})[type] = (yes, no)
        return found

    def cues(self, cues: Iterable[str]) -> dict[str, dict[str, tuple[int, int]]]:
        """How often each of these cues (`core.cues`) was seen under each type."""
        return self.about("cue", cues)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever decided or vetoed, so that there is nothing to look up."""
        return not self._store.rows(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM memory WHERE yes OR no)"
            " OR EXISTS (SELECT 1 FROM vetoes)"
        )

    def count(self, images: Sequence[Image], entry: EntryKind = "do") -> None:
        """Add what an edit decided, in its transaction and after its values were stored.

        Args:
            entry: whether somebody edits, or undoes or redoes what was counted before.
        """
        self._latest = None
        self._looked.clear()
        images = [
            image
            for image in images
            if image.kind != "article" or _done(image.before) != _done(image.after)
        ]
        if not images:
            return
        named = {(image.kind, image.id) for image in images}
        # A relation's words change with its ends, and whether a suggestion held with the mention
        # that it became, though neither does itself.
        for image in [i for i in images if i.kind == "mention" and i.before and i.after]:
            touched: list[Value | None] = [
                *self._store.relations("r.head = ?1 OR r.tail = ?1", [image.id]),
                self._store.get("suggestion", image.id),
            ]
            for item in touched:
                if item is not None and (kind_of(item), item.id) not in named:
                    named.add((kind_of(item), item.id))
                    images.append(Image(kind_of(item), item.id, item, item))
        counts = tally(images, self._text, self._end)
        rows: dict[tuple[str, str, str], list[int]] = {}
        for (kind, key, type, held), n in counts.items():
            rows.setdefault((kind, key, type), [0, 0])[not held] += n
        for image in images:
            if image.kind == "article":
                for key, n in self._bare(image, entry):
                    rows.setdefault(("bare", key, ""), [0, 0])[1] += n
        self._store.count((*row, yes, no) for row, (yes, no) in rows.items())

    def _bare(self, image: Image, entry: EntryKind) -> list[tuple[str, int]]:
        """By how much the counts of names that are no mentions change when an article becomes done
        or is not any more. The file keeps what was counted, to take the very same away, and to
        count the very same again when that is undone: what is known has changed since."""
        mine = f"bare:{image.id}"
        if not _done(image.after):
            rows = self._store.rows("SELECT key, no FROM memory WHERE kind = ?", [mine])
            self._store.execute("DELETE FROM memory WHERE kind = ?", [mine])
            self._put_by(f"{'redone' if entry == 'undo' else 'undone'}:{image.id}", rows)
            return [(key, -no) for key, no in rows]
        found = None
        if entry in ("undo", "redo"):
            found = self._take_up(f"{'undone' if entry == 'undo' else 'redone'}:{image.id}")
        if found is None:
            mentions = self._store.mentions("m.article = ?", [image.id])
            found = list(bare_names(self._text(image.id), self._look, mentions).items())
        self._store.count((mine, key, "", 0, n) for key, n in found)
        return found

    def _put_by(self, stack: str, counts: Sequence[tuple[str, int]]) -> None:
        depth = self._depth(stack) + 1
        # One row without a name, so that nothing counted is something put by, too.
        self._store.count((stack, key, f"{depth:08}", 0, n) for key, n in [("", 0), *counts])

    def _take_up(self, stack: str) -> list[tuple[str, int]] | None:
        """What was put by last, None if nothing is: an older Goldsmith did not."""
        last = f"{self._depth(stack):08}"
        rows = self._store.rows(
            "SELECT key, no FROM memory WHERE kind = ? AND type = ?", [stack, last]
        )
        self._store.execute("DELETE FROM memory WHERE kind = ? AND type = ?", [stack, last])
        return [(key, n) for key, n in rows if key] if rows else None

    def _depth(self, stack: str) -> int:
        ((last,),) = self._store.rows("SELECT max(type) FROM memory WHERE kind = ?", [stack])
        # Another program may have put anything there.
        return int(last) if last and len(last) <= 12 and last.isdecimal() else 0

    def _look(self, words: str) -> tuple[bool, bool]:
        """Whether the words are a known name, and whether a longer one begins with them."""
        known = self._looked.get(words)
        if known is None:
            found = self._store.remembered_from("name", words)
            known = (False, found is not None)
            if found == words:
                longer = self._store.remembered_from("name", words, after=True)
                known = (bool(self.about("name", [words])), longer is not None)
            self._looked[words] = known
        return known

    def _text(self, article: str) -> str:
        if self._latest is None or self._latest.id != article:
            found = self._store.get("article", article)
            self._latest = found if isinstance(found, Article) else Article(article, "")
        return self._latest.text

    def _end(self, id: str) -> Mention | Suggestion | None:
        found = self._store.get("mention", id) or self._store.get("suggestion", id)
        return found if isinstance(found, Mention | Suggestion) else None


def _done(value: object) -> bool:
    return isinstance(value, Article) and value.state == "done" and not value.removed
