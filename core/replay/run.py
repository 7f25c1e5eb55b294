"""The replay itself: one article after the other, in a project of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core import edits, order
from core.annotation import Document
from core.project import Project
from core.replay.annotator import Annotator, Confirm, Met
from core.replay.desks import Desk
from core.scheme import Scheme

AHEAD = 20  # articles among which the most useful one is looked for


@dataclass(frozen=True, slots=True)
class Played:
    """One article of a replay.

    Attributes:
        mentions, relations: how many gold facts there were to reach.
        left_out: gold facts that the scheme does not have or admit; they were not asked for.
        manual: the actions of somebody without suggestions.
        actions: how many of each kind were made.
        met: the suggestions that the annotator met.
    """

    article: str
    title: str
    mentions: int
    relations: int
    left_out: int
    manual: int
    actions: Mapping[str, int]
    met: tuple[Met, ...]

    @property
    def total(self) -> int:
        """All actions."""
        return sum(self.actions.values())


def replay(
    documents: Sequence[Document],
    scheme: Scheme,
    desk: Callable[[Project], Desk],
    confirm: Confirm = "article",
    *,
    at_once: bool = True,
    useful: bool = False,
) -> Iterator[Played]:
    """Play a careful annotator over gold `documents`, in their order; one result an article.

    Args:
        desk: makes what helps the annotator, for the project of the replay.
        confirm: how right suggestions are accepted.
        at_once: whether drags mark and relate at once as what is likeliest.
        useful: not in their order, but each time the most useful (`core.order`) of the next
            `AHEAD`.
    """
    with (
        tempfile.TemporaryDirectory(prefix="goldsmith-replay-") as folder,
        Project.create(Path(folder) / "replay.goldsmith", scheme, "replay") as project,
    ):
        bare = [Document(replace(d.article, state="new", removed=False)) for d in documents]
        edits.add_documents(project, bare)
        helper = desk(project)
        try:
            left = list(documents)
            while left:
                document = _most_useful(project, helper, left[:AHEAD]) if useful else left[0]
                left.remove(document)
                helper.open(document.article.id)
                annotator = Annotator(project, document, confirm, at_once=at_once)
                annotator.play()
                helper.close(document.article.id)
                yield _played(document, annotator)
        finally:
            helper.end()


def _most_useful(project: Project, helper: Desk, documents: Sequence[Document]) -> Document:
    """Which to take next, by what is suggested in each as things are now."""
    for document in documents:
        helper.open(document.article.id)
    return max(documents, key=lambda d: order.measure(project, d.article.id).value)


def _played(document: Document, annotator: Annotator) -> Played:
    facts = annotator.mentions + annotator.relations
    return Played(
        article=document.article.id,
        title=document.article.title,
        mentions=annotator.mentions,
        relations=annotator.relations,
        left_out=len(document.mentions) + len(document.relations) - facts,
        manual=annotator.manual,
        actions=dict(annotator.actions),
        met=tuple(annotator.met),
    )
