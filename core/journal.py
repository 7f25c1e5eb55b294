"""The journal: every edit that was made, with what undoes it. It only ever grows.

Undoing and redoing add entries, too, so the stacks of what can be undone and redone are read from
it, backwards and no further than needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from core.annotation import (
    EntryKind,
    Image,
)
from core.codec import dump_images
from core.errors import NotFound, ProjectError
from core.i18n import _
from core.store import Store, images_from
from core.transaction import Edit


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal.

    Attributes:
        seq: its number, growing.
        at: UTC, ISO 8601.
        kind: ``do``, ``undo`` or ``redo`` (of entry `target`), ``system`` (not on the undo stack).
        article: id of the article that it is about, empty for the whole project.
    """

    seq: int
    at: str
    annotator: str
    kind: EntryKind
    target: int | None
    article: str
    label: str


_ENTRY = "SELECT seq, at, annotator, kind, target, article, label FROM journal"


class Journal:
    """The journal of a project's file."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._steps: tuple[int, int] | None = None  # what undo and redo would do next; 0: nothing

    def journal(self, limit: int = 100) -> list[Entry]:
        """The last entries of the journal, newest first."""
        return [
            Entry(*row) for row in self._store.rows(f"{_ENTRY} ORDER BY seq DESC LIMIT ?", [limit])
        ]

    def moment_of(self, seq: int) -> str:
        """When an entry was made; empty for one that is not there, or can't be read."""
        with suppress(ProjectError):
            for (at,) in self._store.rows("SELECT at FROM journal WHERE seq = ?", [seq]):
                return str(at)
        return ""

    def next_undo(self) -> Entry | None:
        """The entry that undo would take back, None if there is none."""
        return self._entry(self._next_steps()[0])

    def next_redo(self) -> Entry | None:
        """The entry that redo would make again, None if there is none."""
        return self._entry(self._next_steps()[1])

    def undo_steps(self, limit: int = 50) -> list[Entry]:
        """What undoing again and again would take back, the next one first."""
        steps = islice(self._done_steps(), limit)
        return [entry for seq in steps if (entry := self._entry(seq)) is not None]

    def size_of(self, seq: int) -> tuple[int, int]:
        """How many values entry `seq` of the journal changed, and how many articles among them,
        counted without reading them: a few too many where metadata has keys like the journal's."""
        rows = self._store.rows(
            """SELECT total((length(images) - length(replace(images, ?, ''))) / length(?)),
                total((length(images) - length(replace(images, ?, ''))) / length(?))
            FROM (SELECT images FROM journal WHERE seq = ?
                UNION ALL SELECT images FROM journal_parts WHERE seq = ?)""",
            [*['{"kind":'] * 2, *['{"kind":"article"'] * 2, seq, seq],
        )
        values, articles = rows[0]
        return int(values), int(articles)

    def images_of(self, seq: int, *, backwards: bool = False) -> Iterator[Image]:
        """What entry `seq` of the journal changed, in the order of the edit, however much it is.

        Args:
            backwards: the last change first. Raises `NotFound`.
        """
        (count,) = self._store.rows("SELECT count(*) FROM journal_parts WHERE seq = ?", [seq])[0]
        for n in range(count, -1, -1) if backwards else range(count + 1):
            rows = (
                self._store.rows("SELECT images FROM journal WHERE seq = ?", [seq])
                if n == count
                else self._store.rows(
                    "SELECT images FROM journal_parts WHERE seq = ? AND n = ?", [seq, n]
                )
            )
            if not rows:
                raise NotFound(_("The journal has no entry {seq}.").format(seq=seq))
            images = images_from(rows[0][0])
            yield from reversed(images) if backwards else images

    def _entry(self, seq: int) -> Entry | None:
        return Entry(*self._store.rows(f"{_ENTRY} WHERE seq = ?", [seq])[0]) if seq else None

    def _next_steps(self) -> tuple[int, int]:
        if self._steps is None:
            self._steps = (next(self._done_steps(), 0), self._last_undone())
        return self._steps

    def _backwards(self) -> Iterator[tuple[int, EntryKind, int | None]]:
        """(seq, kind, target) of the journal, newest first, read only as far as it is asked for."""
        steps = self._store.stream(
            "SELECT seq, kind, target FROM journal WHERE kind <> 'system' ORDER BY seq DESC"
        )
        with closing(steps):
            yield from steps

    def _done_steps(self) -> Iterator[int]:
        """The undo stack from its top: each undo in the journal takes one off, below it."""
        taken = 0
        for seq, kind, target in self._backwards():
            if kind == "undo":
                taken += 1
            elif taken:
                taken -= 1
            else:
                yield target if kind == "redo" and target else seq

    def _last_undone(self) -> int:
        """The edit that stands on top of the redo stack, which a new edit empties."""
        redone = 0
        for _seq, kind, target in self._backwards():
            if kind == "do":
                break
            if kind == "redo":
                redone += 1
            elif redone:
                redone -= 1
            else:
                return target or 0
        return 0

    def _write_entry(
        self, edit: Edit, images: tuple[Image, ...], kind: EntryKind, target: int | None, by: str
    ) -> None:
        self._store.execute(
            "INSERT INTO journal (at, annotator, kind, target, article, label, images)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                datetime.now(UTC).isoformat(timespec="milliseconds"),
                by,
                kind,
                target,
                edit.article,
                edit.label,
                dump_images(images),
            ],
        )
