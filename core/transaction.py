"""One edit while it is being made: what changes, before and after, and who may add to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from core.annotation import (
    Change,
    EntryKind,
    Image,
    Kind,
    Mention,
)
from core.article import Article
from core.codec import Value, dump_images, kind_of
from core.decisions import Decisions
from core.errors import Damaged
from core.i18n import _
from core.store import Store

_NONE: Mapping[str, str] = MappingProxyType({})

_PART = 20_000  # values of an edit that are held before they are written to the journal
_PART_TEXT = 4_000_000  # and characters of their texts


class Edit:
    """One open transaction: what is put and deleted here is journaled and committed as one.

    Attributes:
        label, article, focus: of the `Change` to come; may be set until the end.
        change: what was done, once the transaction is committed.
    """

    def __init__(
        self, store: Store, decisions: Decisions, label: str, article: str, kind: EntryKind
    ) -> None:
        self.label = label
        self.article = article
        self.focus = ""
        self.change = Change(label, article)
        self._store = store
        self._decisions = decisions
        self._kind: EntryKind = kind
        self._images: dict[tuple[Kind, str], Image] = {}
        self._text = 0
        self.parts = 0

    @property
    def images(self) -> tuple[Image, ...]:
        """What changed so far; a value put back as it was is no change. Once there are `parts`:
        what changed since the last of them."""
        return tuple(i for i in self._images.values() if i.before != i.after)

    def insert(self, values: Sequence[Value], digests: Mapping[str, str] = _NONE) -> None:
        """Store values whose ids nothing has: as `put`, but many at once and quicker.

        Args:
            digests: `Article.sha256` by the article's id, as far as it is known already.
        """
        self._store.insert(values, digests)
        for value in values:
            kind = kind_of(value)
            self._images[kind, value.id] = Image(kind, value.id, None, value)
            if isinstance(value, Article):
                self._text += len(value.text)
        self._write_part_if_large()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the edit that is taken back alone when the block raises."""
        self._write_part()
        before = self.parts
        self._store.execute("SAVEPOINT attempt")
        try:
            yield
            self._write_part()
        except BaseException:
            self._store.execute("ROLLBACK TO attempt")
            self._store.forget_annotators()
            self._images.clear()
            self._text, self.parts = 0, before
            raise
        finally:
            self._store.execute("RELEASE attempt")

    def _write_part_if_large(self) -> None:
        if len(self._images) >= _PART or self._text >= _PART_TEXT:
            self._write_part()

    def _write_part(self) -> None:
        """Write what was held to the journal, under the number that the entry is going to have."""
        images = self.images
        if images:
            self._decisions.count(images, self._kind)
            self._store.execute(
                "INSERT INTO journal_parts VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM journal),"
                " ?, ?)",
                [self.parts, dump_images(images)],
            )
            self.parts += 1
        self._images.clear()
        self._text = 0

    def get(self, kind: Kind, id: str) -> Value | None:
        """A value as it stands in this transaction."""
        known = self._images.get((kind, id))
        return known.after if known else self._store.get(kind, id)

    def put(self, value: Value) -> None:
        """Store `value`, new or in place of the one with its id."""
        self._set(kind_of(value), value.id, value)

    def delete(self, kind: Kind, id: str) -> None:
        """Delete a value; an article is only marked as removed, so that it can come back."""
        self._set(kind, id, None)

    def settle(self) -> None:
        """Take mentions out of entities that are not there (another program wrote to the file, or
        the entity went with what is undone now): an edit of them must not fail for that."""
        for image in self.images:
            mention = image.after
            if not isinstance(mention, Mention) or mention.entity is None:
                continue
            if self.get("entity", mention.entity) is None:
                self.put(replace(mention, entity=None))

    def restore(self, image: Image, *, before: bool) -> None:
        """Make the value of `image` what it was before it (undo), or after it (redo).

        Raises `Damaged` for an article whose row, and text, another program took out.
        """
        value = image.before if before else image.after
        if isinstance(value, Article) and self._store.get("article", image.id) is None:
            raise Damaged(
                _("The text of “{title}” is not in the project's file any more: another program "
                  "took it out.").format(title=value.title[:200]),
                _("Restore a copy, or recover what can be read: File, Check this project… "
                  "(goldsmith check --repair)"),
            )  # fmt: skip
        self._set(image.kind, image.id, value)

    def _set(self, kind: Kind, id: str, after: Value | None) -> None:
        known = self._images.get((kind, id))
        before = known.before if known else self._store.get(kind, id)
        if isinstance(before, Article):
            if isinstance(after, Article):  # a journal's image has no text
                after = replace(after, text=before.text)
            if before.removed:
                before = None
        self._images[kind, id] = Image(kind, id, before, after)
        if isinstance(before, Article):
            self._text += len(before.text)
        if after is None:
            self._store.delete(kind, id)
        else:
            self._store.put(after)
        self._write_part_if_large()


class Companion(Protocol):
    """Something that completes what a person does, e.g. `core.recall.Recall`."""

    def complete(self, edit: Edit) -> None:
        """Add to an edit that is about to be committed; one undo step with it. Not called for undo,
        redo and what the system does."""
        ...

    def follow(self, images: Sequence[Image]) -> None:
        """Any edit, undo, redo or system edit was committed, with these images."""
        ...

    def forget(self) -> None:
        """An edit was taken back, or the file changed: what is remembered of it may be wrong."""
        ...
