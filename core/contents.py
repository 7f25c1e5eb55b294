"""What is in a project's file: all that is asked about its articles, gold and suggestions.

Nothing here writes. Together with `core.journal` it is what a `core.project.Project` can tell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from core.annotation import (
    Document,
    Entity,
    Fragments,
    Kind,
    Mention,
    Relation,
    State,
    Suggestion,
    Veto,
)
from core.article import Article, ArticleState
from core.codec import Value, dumps
from core.errors import NotFound
from core.i18n import _
from core.store import THESE, Store


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A line of the article list; it holds no text, and of a title no more than a line can show.

    Attributes:
        characters: length of the text in code points.
        mentions, relations: how many are gold.
        open: how many suggestions wait for a decision.
    """

    id: str
    title: str
    outlet: str
    published: str
    language: str
    state: ArticleState
    position: int
    characters: int
    mentions: int
    relations: int
    open: int


_ROW = """SELECT id, substr(title, 1, 500), substr(outlet, 1, 200), substr(published, 1, 100),
    language, state, position, characters,
    (SELECT count(*) FROM mentions m WHERE m.article = a.id),
    (SELECT count(*) FROM relations r WHERE r.article = a.id),
    (SELECT count(*) FROM suggestions s WHERE s.article = a.id AND s.state = 'open')
FROM articles a WHERE removed = 0"""

_WORD = re.compile(r"\w+")
_BATCH = 100  # documents that are read at once


class Contents:
    """What a project's file holds, read as it is asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # One article is worked on at a time; its text is not read again for every edit.
        self._latest: Article | None = None

    def setting(self, key: str, default: str = "") -> str:
        """A value of the project's own settings."""
        rows = self._store.rows("SELECT value FROM settings WHERE key = ?", [key])
        return str(rows[0][0]) if rows else default

    def articles(self) -> list[ArticleRow]:
        """The articles in the project's order."""
        return [ArticleRow(*row) for row in self._store.rows(f"{_ROW} ORDER BY position")]

    def article_rows(self, positions: Sequence[int]) -> list[ArticleRow]:
        """The lines of the article list at these positions, in order."""
        return [
            ArticleRow(*row)
            for row in self._store.rows(
                f"{_ROW} AND position IN {THESE} ORDER BY position", [dumps(list(positions))]
            )
        ]

    def article_positions(self, words: str, after: int, limit: int) -> list[int]:
        """Positions after `after` of the articles that have all `words`, or words that begin so, in
        title or text; of all articles where there are no words. See `ready_to_search`."""
        query = " ".join(f'"{word}"*' for word in _WORD.findall(words))
        if not query:
            rows = self._store.rows(
                "SELECT position FROM articles WHERE removed = 0 AND position > ?"
                " ORDER BY position LIMIT ?",
                [after, limit],
            )
        else:
            rows = self._store.rows(
                "SELECT w.rowid FROM words w CROSS JOIN articles a ON a.position = w.rowid"
                " WHERE words MATCH ? AND w.rowid > ? AND a.removed = 0 ORDER BY w.rowid LIMIT ?",
                [query, after, limit],
            )
        return [row[0] for row in rows]

    def position_of(self, id: str) -> int | None:
        """An article's position in the project's order, None if it is not there."""
        rows = self._store.rows("SELECT position FROM articles WHERE id = ? AND removed = 0", [id])
        return int(rows[0][0]) if rows else None

    def next_article(self, after: str = "", *, done: bool = False) -> str | None:
        """The next article after `after` (empty: from the start) that is not done, or of any state
        with `done`; None if there is none."""
        position = self.position_of(after) if after else None
        undone = "" if done else " AND state <> 'done'"
        rows = self._store.rows(
            f"SELECT id FROM articles WHERE removed = 0{undone} AND position > ?"
            " ORDER BY position LIMIT 1",
            [-1 if position is None else position],
        )
        return str(rows[0][0]) if rows else None

    def article_row(self, id: str) -> ArticleRow | None:
        """One line of the article list, None if the article is not (or no longer) there."""
        rows = self._store.rows(f"{_ROW} AND id = ?", [id])
        return ArticleRow(*rows[0]) if rows else None

    def article(self, id: str) -> Article:
        """One article with its text. Raises `NotFound`."""
        if self._latest is None or self._latest.id != id:
            value = self._store.get("article", id)
            if not isinstance(value, Article) or value.removed:
                raise NotFound(_("There is no article {id} in this project.").format(id=id))
            self._latest = value
        return self._latest

    def article_with_text(self, sha256: str) -> str | None:
        """The id of the article whose text has this digest (`Article.sha256`), if there is one."""
        rows = self._store.rows(
            "SELECT id FROM articles WHERE sha256 = ? AND removed = 0", [sha256]
        )
        return str(rows[0][0]) if rows else None

    def articles_with_texts(self, digests: Sequence[str]) -> dict[str, str]:
        """For those of the digests (`Article.sha256`) that an article's text has: its id."""
        return dict(
            self._store.rows(
                f"SELECT sha256, id FROM articles WHERE sha256 IN {THESE} AND removed = 0",
                [dumps(list(digests))],
            )
        )

    def document(self, id: str, states: Sequence[State] = ("open",)) -> Document:
        """An article with its gold and its suggestions in `states`. Raises `NotFound`."""
        return self._documents([self.article(id)], states)[0]

    def documents(
        self, ids: Iterable[str] | None = None, states: Sequence[State] = ()
    ) -> Iterator[Document]:
        """The documents of `ids` (default: of all articles) in their order, streamed: a few are in
        memory at a time, however many there are. Raises `NotFound`."""
        wanted = iter(self.article_ids() if ids is None else ids)
        while batch := list(islice(wanted, _BATCH)):
            found = {a.id: a for a in self._store.articles(f"id IN {THESE}", [dumps(batch)])}
            articles = [
                found[id] if id in found and not found[id].removed else self.article(id)
                for id in batch
            ]
            yield from self._documents(articles, states)

    def count(self, *, only_done: bool = False) -> int:
        """How many articles there are."""
        return self._number("") - (self.count_to_do() if only_done else 0)

    def count_to_do(self) -> int:
        """How many articles are not done."""
        return self._number(" AND state <> 'done'")

    def _number(self, which: str) -> int:
        # Each of these has an index, so that no text is read for it.
        return int(
            self._store.rows(f"SELECT count(*) FROM articles WHERE removed = 0{which}")[0][0]
        )

    def type_counts(self, *, only_done: bool = False) -> dict[str, dict[str, int]]:
        """For each article (id), in the project's order, how often it has each type of gold:
        ``mention TYPE`` and ``relation TYPE``."""
        counts: dict[str, dict[str, int]] = {id: {} for id in self.article_ids(only_done=only_done)}
        for kind, table in (("mention", "mentions"), ("relation", "relations")):
            for article, type, n in self._store.stream(
                f"SELECT article, type, count(*) FROM {table} GROUP BY article, type"
            ):
                if article in counts:
                    counts[article][f"{kind} {type}"] = n
        return counts

    def article_ids(self, *, only_done: bool = False, to_do: bool = False) -> Iterator[str]:
        """The ids of the articles in the project's order, streamed: of all, of those that are done,
        or of those that are `to_do`."""
        done = " AND state = 'done'" if only_done else " AND state <> 'done'" if to_do else ""
        last = -1
        while rows := self._store.rows(
            "SELECT position, id FROM articles WHERE removed = 0 AND position > ?"
            f"{done} ORDER BY position LIMIT 5000",
            [last],
        ):
            last = rows[-1][0]
            yield from (id for _position, id in rows)

    def _documents(self, articles: Sequence[Article], states: Sequence[State]) -> list[Document]:
        ids = [article.id for article in articles]
        these = [dumps(ids)]
        mentions: dict[str, list[Mention]] = {id: [] for id in ids}
        there = set()
        for m in self._store.mentions(f"m.article IN {THESE}", these):
            mentions[m.article].append(m)
            there.add(m.id)
        relations: dict[str, dict[str, Relation]] = {id: {} for id in ids}
        for r in self._store.relations(f"r.article IN {THESE}", these):
            if r.head in there and r.tail in there:  # else `core.soundness.orphans` tells it
                relations[r.article][r.id] = r
        suggestions: dict[str, dict[str, Suggestion]] = {id: {} for id in ids}
        for s in self._suggestions(ids, states):
            suggestions[s.article][s.id] = s
        entities = {
            e.id: e
            for e in self._store.entities(
                f"id IN (SELECT entity FROM mentions WHERE article IN {THESE})", these
            )
        }
        result = []
        for article in articles:
            found = [
                m if m.entity is None or m.entity in entities else replace(m, entity=None)
                for m in sorted(mentions[article.id], key=_in_text)
            ]
            used = {m.entity for m in found if m.entity is not None}
            result.append(
                Document(
                    article,
                    {m.id: m for m in found},
                    relations[article.id],
                    suggestions[article.id],
                    {id: entities[id] for id in sorted(used)},
                )
            )
        return result

    def get(self, kind: Kind, id: str) -> Value | None:
        """One value by its id, whatever its state; None if the file has none."""
        return self._store.get(kind, id)

    def entities(self, ids: Sequence[str]) -> dict[str, Entity]:
        """Those of the entities with these ids that the file has."""
        return {e.id: e for e in self._store.entities(f"id IN {THESE}", [dumps(list(ids))])}

    def mentions_of_article(self, article: str) -> list[Mention]:
        """The gold mentions of an article, in no order."""
        return self._store.mentions("m.article = ?", [article])

    def mentions_at(self, article: str, start: int) -> list[Mention]:
        """The gold mentions whose first fragment starts at `start` (code points)."""
        # The +: not by the article's index, which would read all of its mentions.
        return self._store.mentions(
            "m.id IN (SELECT mention FROM fragments WHERE start = ? AND n = 0) AND +m.article = ?",
            [start, article],
        )

    def relations_of(self, mention: str) -> list[Relation]:
        """The gold relations that have this mention at either end."""
        return self._store.relations("r.head = ? OR r.tail = ?", [mention, mention])

    def suggestions(self, article: str, states: Sequence[State]) -> list[Suggestion]:
        """The suggestions of an article in `states`."""
        return self._suggestions([article], states)

    def _suggestions(self, articles: Sequence[str], states: Sequence[State]) -> list[Suggestion]:
        if not states:
            return []
        return self._store.suggestions(
            f"article IN {THESE} AND state IN {THESE}", [dumps(list(articles)), dumps(list(states))]
        )

    def suggestions_within(
        self, article: str, start: int, end: int, gold: Sequence[str]
    ) -> list[Suggestion]:
        """The mention suggestions of an article, in any state, that lie in ``[start, end)``, and
        the relation suggestions between these, or them and the `gold` mentions."""
        found = self._store.suggestions(
            "article = ? AND head = '' AND json_extract(fragments, '$[0][0]') >= ?"
            " AND json_extract(fragments, '$[#-1][1]') <= ?",
            [article, start, end],
        )
        ids = {*gold, *(s.id for s in found)}
        found += [
            relation
            for relation in self._store.suggestions(
                f"article = ? AND head <> '' AND head IN {THESE}", [article, dumps(sorted(ids))]
            )
            if relation.tail in ids
        ]
        return found

    def suggestion_of(self, article: str, parts: Fragments) -> Suggestion | None:
        """The open mention suggestion for exactly these fragments, if there is one."""
        found = self._store.suggestions(
            "article = ? AND state = 'open' AND head = '' AND fragments = ?",
            [article, dumps(parts)],
        )
        return found[0] if found else None

    def suggested_relations_of(self, end: str) -> list[Suggestion]:
        """The open relation suggestions that have this mention or suggestion at either end."""
        # The indexes hold only rows with an end, so the condition must say so to use them.
        return self._store.suggestions(
            "state = 'open' AND ((head <> '' AND head = ?) OR (tail <> '' AND tail = ?))",
            [end, end],
        )

    def relation_habits(self, limit: int = 2000) -> Counter[tuple[str, str, str]]:
        """How often each (head's type, relation type, tail's type) is among the `limit` relations
        that became gold last."""
        rows = self._store.rows(
            """SELECT h.type, r.type, t.type, count(*) FROM
                (SELECT type, head, tail FROM relations ORDER BY rowid DESC LIMIT ?) r
                JOIN mentions h ON h.id = r.head JOIN mentions t ON t.id = r.tail
            GROUP BY 1, 2, 3""",
            [limit],
        )
        return Counter({(head, type, tail): n for head, type, tail, n in rows})

    def mentions_of(self, entity: str) -> list[Mention]:
        """The mentions of an entity, in all articles."""
        return self._store.mentions("m.entity = ?", [entity])

    def entities_of_several_types(self) -> Iterator[list[Mention]]:
        """The mentions of each entity that has some of one type and some of another."""
        rows = self._store.rows(
            """SELECT m.entity FROM mentions m JOIN articles a ON a.id = m.article
            WHERE m.entity IS NOT NULL AND a.removed = 0
            GROUP BY m.entity HAVING min(m.type) <> max(m.type)"""
        )
        for (entity,) in rows:
            yield self.mentions_of(entity)

    def to_do_from(self, article: str, limit: int) -> list[str]:
        """`article` and those after it, as far as they are not done: up to `limit`; from the first
        on where there is none."""
        start = self.position_of(article) if article else None
        for position in dict.fromkeys((start or 0, 0)):
            rows = self._store.rows(
                "SELECT id FROM articles WHERE removed = 0 AND state <> 'done' AND position >= ?"
                " ORDER BY position LIMIT ?",
                [position, limit],
            )
            if rows:
                return [row[0] for row in rows]
        return []

    def never_suggested(self, article: str, limit: int) -> list[str]:
        """`article` and up to `limit` after it, as far as they are not done and no suggester has
        said anything about them yet."""
        rows = self._store.rows(
            """SELECT id FROM articles a WHERE removed = 0 AND state <> 'done'
                AND position >= (SELECT position FROM articles WHERE id = ?)
                AND NOT EXISTS (SELECT 1 FROM suggestions s WHERE s.article = a.id)
            ORDER BY position LIMIT ?""",
            [article, limit + 1],
        )
        return [row[0] for row in rows]

    def undone_articles_with(self, words: str) -> list[str]:
        """The articles that are not done and whose text holds `words`, case and all, in order."""
        rows = self._store.rows(
            "SELECT id FROM articles WHERE removed = 0 AND state <> 'done' AND instr(text, ?) > 0"
            " ORDER BY position",
            [words],
        )
        return [row[0] for row in rows]

    def removed_articles(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that an article had that was removed."""
        return {
            row[0]
            for row in self._store.rows(
                f"SELECT id FROM articles WHERE id IN {THESE} AND removed = 1", [dumps(list(ids))]
            )
        }

    def ids_in_use(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that something in this file has already; removed articles do not count."""
        used: set[str] = set()
        tables = ("articles", "mentions", "relations", "entities", "suggestions")
        for table in tables:
            here = f"SELECT id FROM {table} WHERE id IN {THESE}"
            if table == "articles":
                here += " AND removed = 0"
            used.update(row[0] for row in self._store.rows(here, [dumps(list(ids))]))
        return used

    def vetoes(self, article: str = "") -> list[Veto]:
        """What is never to be suggested: in the whole project, and in `article`."""
        return self._store.vetoes("article IN ('', ?)", [article])

    def all_vetoes(self) -> list[Veto]:
        """Every veto of the project and of its articles."""
        return self._store.vetoes("1", [])

    def articles_with_open(self, type: str, *, relations: bool) -> list[str]:
        """The articles with an open suggestion of this type."""
        end = "<>" if relations else "="
        rows = self._store.rows(
            "SELECT DISTINCT article FROM suggestions"
            f" WHERE state = 'open' AND type = ? AND head {end} ''",
            [type],
        )
        return [row[0] for row in rows]


def _in_text(mention: Mention) -> tuple[int, int, str]:
    """By place, the longer of two first."""
    parts = mention.fragments
    return (parts[0][0], -parts[-1][1], mention.id)
