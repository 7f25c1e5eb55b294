"""How useful each article would be next, kept in the project's file.

The values are derived (`core.order` measures them) and may be behind; no edit waits for them, and
they are lost without harm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.store import Store


@dataclass(frozen=True, slots=True)
class Turn:
    """What speaks for taking an article next.

    Attributes:
        value: 0 to 1, the higher the sooner.
        unsure: how unsure its open suggestions are on the mean, 0 to 1.
        new: the share of the names suggested in it that nobody marked yet, 0 to 1.
        suggestions: how many are open.
        characters: length of its text.
    """

    article: str
    value: float
    unsure: float
    new: float
    suggestions: int
    characters: int


Place = tuple[float, int]
"""A value and a position: where a page of the useful order ends."""

_UNDONE = "a.removed = 0 AND a.state <> 'done'"


class Turns:
    """The table ``turns`` of one project."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, turns: Iterable[Turn]) -> None:
        """Store or renew what was measured, in a transaction of the caller's."""
        self._store.executemany(
            """INSERT INTO turns SELECT ?1, position, ?2, ?3, ?4, ?5, characters FROM articles
                WHERE id = ?1
            ON CONFLICT (article) DO UPDATE SET value = ?2, unsure = ?3, new = ?4,
                suggestions = ?5""",
            [(t.article, t.value, t.unsure, t.new, t.suggestions) for t in turns],
        )

    def of(self, article: str) -> Turn | None:
        """What was measured of an article, None if nothing was yet."""
        return next(iter(self._read("t.article = ?", [article], 1)), None)

    def best(self, limit: int) -> list[Turn]:
        """The most useful articles that are not done, as far as they were measured."""
        return self._read(_UNDONE, [], limit)

    def unmeasured(self, after: int, limit: int) -> tuple[list[str], int]:
        """Of the `limit` articles behind position `after`, those that have open suggestions, are
        not done and were never measured; and the last position that was looked at."""
        rows = self._store.rows(
            f"""SELECT a.id, a.position, {_UNDONE}
                AND NOT EXISTS (SELECT 1 FROM turns t WHERE t.article = a.id)
                AND EXISTS (SELECT 1 FROM suggestions s WHERE s.article = a.id AND s.state = 'open')
            FROM articles a WHERE a.position > ? ORDER BY a.position LIMIT ?""",
            [after, limit],
        )
        return [id for id, _at, wanted in rows if wanted], rows[-1][1] if rows else after

    def page(self, after: Place | None, limit: int) -> list[Place]:
        """The (value, position) of articles that are not done, the most useful first."""
        rows = self._store.rows(
            f"""SELECT t.value, t.position FROM turns t CROSS JOIN articles a ON a.id = t.article
            WHERE {_UNDONE} AND t.value <= ?1 AND (t.value < ?1 OR t.position > ?2)
            ORDER BY t.value DESC, t.position LIMIT ?3""",
            [*(after or (2.0, -1)), limit],
        )
        return [(value, position) for value, position in rows]

    def others(self, after: int, limit: int) -> list[int]:
        """The positions behind `after` of the articles that `page` does not list."""
        rows = self._store.rows(
            """SELECT a.position FROM articles a WHERE a.removed = 0 AND a.position > ?
                AND (a.state = 'done' OR NOT EXISTS (SELECT 1 FROM turns t WHERE t.article = a.id))
            ORDER BY a.position LIMIT ?""",
            [after, limit],
        )
        return [row[0] for row in rows]

    def material(self, article: str, limit: int) -> tuple[int, int, list[tuple[str, float]]]:
        """Length, how many suggestions are open, and (words, score) of the first `limit` open
        mention suggestions in one piece."""
        rows = self._store.rows(
            """SELECT a.characters, (SELECT count(*) FROM suggestions s
                WHERE s.article = a.id AND s.state = 'open') FROM articles a WHERE a.id = ?""",
            [article],
        )
        characters, open = rows[0] if rows else (0, 0)
        found = self._store.rows(
            """SELECT substr(a.text, s.start + 1, s."end" - s.start), s.score FROM
                (SELECT article, score, json_extract(fragments, '$[0][0]') AS start,
                    json_extract(fragments, '$[0][1]') AS "end"
                FROM suggestions WHERE article = ?1 AND state = 'open' AND head = ''
                ORDER BY start LIMIT ?2) s
            JOIN articles a ON a.id = s.article""",
            [article, limit],
        )
        return characters, open, [(words, score) for words, score in found]

    def _read(self, where: str, values: list[str], limit: int) -> list[Turn]:
        rows = self._store.rows(
            f"""SELECT t.article, t.value, t.unsure, t.new, t.suggestions, t.characters
            FROM turns t CROSS JOIN articles a ON a.id = t.article
            WHERE {where} ORDER BY t.value DESC, t.position LIMIT ?""",
            [*values, limit],
        )
        return [Turn(*row) for row in rows]
