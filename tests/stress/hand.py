"""A person who makes random edits through `core.edits`, and the project that they are made in."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from core import edits, scheme
from core.annotation import Change, Document, Suggestion, new_id
from core.article import Article, tokens
from core.errors import GoldsmithError, ProjectError
from core.project import Project
from tests.conftest import SEED

SHORT = (
    "Ali Mamluk 🇸🇾 met Khaled Fawzy.\r\nCairo e\u0301t\u00e9 said الرياض opposed it in 2017.",
    "Riyadh said no. Russia's draft failed on Monday, and Moscow called it a mistake.\n" * 6,
)
TYPES = ("PERSON", "GPE", "ORG", "DATE", "NORP", "EVENT")


def arguments(about: str | None, count: int) -> argparse.ArgumentParser:
    """The options that every harness has."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=count)
    return parser


def told(found: str, wrong: Sequence[str]) -> int:
    """Print what was seen and what was wrong; the status that the harness ends with."""
    print(found)
    for line in wrong:
        print("WRONG: " + line)
    return 1 if wrong else 0


def make(path: Path, rng: Random) -> None:
    """A project with the seed article and short ones in several scripts, and suggestions in all."""
    with Project.create(path, scheme.load("news"), "ann") as project:
        texts = [SEED.read_text(encoding="utf-8"), *SHORT]
        edits.add_documents(
            project,
            [Document(Article(f"a-{n}", text, title=text[:30])) for n, text in enumerate(texts)],
        )
        for row in project.articles():
            suggest(project, row.id, rng)


def suggest(project: Project, article: str, rng: Random, count: int = 60) -> Change:
    """Suggestions as a suggester would store them: tokens, and relations among them."""
    spans = tokens(project.article(article).text)
    chosen = sorted(rng.sample(spans, min(count, len(spans))))
    mentions = [
        Suggestion(new_id("m"), article, rng.choice(TYPES), (part,), source="test", score=0.5)
        for part in chosen
    ]
    relations = [
        Suggestion(
            new_id("r"), article, rng.choice(("met_with", "visited", "opposes", "leads")),
            head=a.id, tail=b.id, source="test", score=0.4,
        )
        for a, b in zip(mentions[::3], mentions[1::3], strict=False)
    ]  # fmt: skip
    return edits.store_suggestions(project, article, "test", [*mentions, *relations])


class Hand:
    """Makes one random edit at a time, most of them ones that the scheme admits."""

    def __init__(self, project: Project, rng: Random) -> None:
        self.project = project
        self.rng = rng

    def step(self) -> Change | None:
        """One edit; None where it was refused, as a person's may be. Raises `ProjectError`."""
        names, weights = zip(*_WEIGHTS.items(), strict=True)
        (name,) = self.rng.choices(names, weights)
        try:
            change: Change | None = getattr(self, "_" + name)()
        except ProjectError:  # not what the person did: the disk
            raise
        except (GoldsmithError, IndexError):
            return None
        return change

    # -- what there is

    def _document(self) -> Document:
        return self.project.document(self.rng.choice(self.project.articles()).id)

    def _mark(self) -> Change | None:
        document = self._document()
        spans = tokens(document.article.text)
        at = self.rng.randrange(len(spans))
        last = min(len(spans) - 1, at + self.rng.randrange(4))
        span = (spans[at][0], spans[last][1])
        return edits.add_mention(self.project, document.article.id, [span], self.rng.choice(TYPES))

    def _relate(self) -> Change | None:
        document = self._document()
        ends = [*document.mentions.values()] + [
            s for s in document.suggestions.values() if not s.is_relation
        ]
        head, tail = self._two(ends)
        fitting = self.project.scheme.relations_between(head.type, tail.type)
        return edits.add_relation(self.project, self.rng.choice(fitting).name, head.id, tail.id)

    def _two(self, items: list[Any]) -> list[Any]:
        if len(items) < 2:
            raise IndexError
        return self.rng.sample(items, 2)

    def _gold(self) -> str:
        document = self._document()
        return self.rng.choice([*document.mentions, *document.relations])

    def _open(self, count: int = 1) -> list[str]:
        items = [*self._document().suggestions]
        return self.rng.sample(items, min(count, len(items))) or [items[0]]

    def _any(self) -> str:
        document = self._document()
        return self.rng.choice([*document.mentions, *document.relations, *document.suggestions])

    def _relabel(self) -> Change | None:
        return edits.relabel(self.project, self._any(), self.rng.choice(TYPES))

    def _bounds(self) -> Change | None:
        document = self._document()
        item = self.rng.choice([*document.mentions.values()])
        text, start, end = document.article.text, item.start, item.end
        end = min(len(text), end + self.rng.randrange(-2, 6))
        return edits.set_fragments(self.project, item.id, [(start, max(start + 1, end))])

    def _delete(self) -> Change | None:
        return edits.delete(self.project, [self._gold()])

    def _accept(self) -> Change | None:
        return edits.accept(self.project, self._open())

    def _accept_many(self) -> Change | None:
        return edits.accept(self.project, self._open(self.rng.randrange(2, 12)))

    def _reject(self) -> Change | None:
        return edits.reject(self.project, self._open(self.rng.randrange(1, 4)))

    def _flip(self) -> Change | None:
        return edits.flip(self.project, self._any())

    def _note(self) -> Change | None:
        return edits.set_note(self.project, self._gold(), self.rng.choice(("", "ünsure 🤔", "b")))

    def _same(self) -> Change | None:
        a, b = self._two([*self._document().mentions])
        return edits.same_entity(self.project, a, b)

    def _leave(self) -> Change | None:
        return edits.leave_entity(self.project, self._gold())

    def _link(self) -> Change | None:
        entity = self.rng.choice([*self._document().entities])
        return edits.set_kb_id(self.project, entity, self.rng.choice(("", "Q858", "Q79")))

    def _state(self) -> Change | None:
        id = self.rng.choice(self.project.articles()).id
        return edits.set_state(self.project, [id], self.rng.choice(("new", "done")))

    def _suggest(self) -> Change | None:
        return suggest(self.project, self.rng.choice(self.project.articles()).id, self.rng, 20)

    def _add(self) -> Change | None:
        text = f"A further article, number {self.rng.random()}, about Cairo and Ali Mamluk."
        return edits.add_documents(self.project, [Document(Article(new_id("a"), text))])

    def _remove(self) -> Change | None:
        rows = self.project.articles()
        return edits.remove_articles(self.project, [rows[-1].id]) if len(rows) > 3 else None

    def _undo(self) -> Change | None:
        entry = self.project.next_undo()
        if entry is None or entry.seq == 1:  # not the import of the articles
            return None
        return edits.undo(self.project)

    def _redo(self) -> Change | None:
        return edits.redo(self.project)


_WEIGHTS: dict[str, int] = {
    "mark": 12, "relate": 8, "relabel": 6, "bounds": 5, "delete": 5, "accept": 12,
    "accept_many": 3, "reject": 5, "flip": 2, "note": 4, "same": 4, "leave": 1, "link": 2,
    "state": 2, "suggest": 2, "add": 1, "remove": 1, "undo": 9, "redo": 5,
}  # fmt: skip


def receipt(project: Project) -> tuple[int, bytes]:
    """What proves later that the newest edit is in the journal: its number and a digest of it."""
    ((seq, images),) = project._store.rows(
        "SELECT seq, images FROM journal ORDER BY seq DESC LIMIT 1"
    )
    return seq, hashlib.sha256(images.encode()).digest()


def receipts(project: Project) -> dict[int, bytes]:
    """The receipts of all that the journal holds."""
    return {
        seq: hashlib.sha256(images.encode()).digest()
        for seq, images in project._store.execute("SELECT seq, images FROM journal")
    }
