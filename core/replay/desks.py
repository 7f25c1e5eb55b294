"""Who helps the annotator of a replay: suggesters with the project's memory, or string match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from core import recall, workflow
from core.errors import SuggesterError
from core.i18n import _
from core.project import Project
from core.replay.recommender import StringMatch
from core.suggest import Proposal, Text, client, learned


class Desk(Protocol):
    """What a replay asks before and after each article."""

    def open(self, article: str) -> None:
        """Suggest in an article that the annotator is about to read."""
        ...

    def close(self, article: str) -> None:
        """The article is done."""
        ...

    def end(self) -> None:
        """The replay is over: let go of processes."""
        ...


class Strings:
    """The string-match recommender of other tools (`core.replay.recommender`)."""

    def __init__(self, project: Project) -> None:
        self._companion = StringMatch(project)
        project.companion = self._companion

    def open(self, article: str) -> None:
        self._companion.open(article)

    def close(self, article: str) -> None:
        """It learned while the annotator worked."""

    def end(self) -> None:
        """It has no process."""


class Layers:
    """Suggesters in worker processes, and the project's memory on top of them, as in the window.

    Args:
        suggesters: names as `core.suggest.registry` knows them; none: memory alone.
        memory: whether decisions are carried on (`core.recall`).
        learner: whether a learner is taught on top of the first suggester, as often as the window
            does.
    """

    def __init__(
        self,
        project: Project,
        suggesters: Sequence[str] = ("rules",),
        *,
        memory: bool = True,
        learner: bool = False,
    ) -> None:
        if learner and not suggesters:
            raise SuggesterError(
                _("The learner builds on a suggester."), _("Name one, e.g. rules,learner.")
            )
        self._base = suggesters[0] if learner else ""
        self._taught: list[learned.Example] = []
        self._learned: learned.Learned | None = None
        self._raws: dict[str, Proposal] = {}  # of the suggester under the learner, by article
        self._said: dict[tuple[str, str], Proposal] = {}  # by suggester and article, until done
        self._project = project
        self._memory = memory
        self._next: Text | None = None
        self._runs = {name: self._run(name) for name in suggesters}
        if memory:
            project.companion = recall.Recall(project)

    def _run(self, name: str) -> Iterator[Proposal]:
        """One worker for all articles: it is given a text when its next proposal is asked for."""

        def texts() -> Iterator[Text]:
            while self._next is not None:
                yield self._next

        return client.run(name, self._project.scheme, texts())

    def open(self, article: str) -> None:
        found = self._project.article(article)
        language = found.language or self._project.scheme.language
        self._next = Text(article, found.text, language)
        for name, run in self._runs.items():
            proposal = self._said.get((name, article)) or next(run)
            self._said[name, article] = proposal
            if proposal.error:
                raise SuggesterError(
                    _("{name} failed in “{title}”: {error}").format(
                        name=name, title=found.title, error=proposal.error
                    )
                )
            if name == self._base:
                self._raws[article] = proposal
                if self._learned is not None:
                    proposal = self._learned.merged(self._next, proposal, self._project.scheme)
            workflow.store_proposal(self._project, proposal, memory=self._memory)
        if self._memory:
            recall.refresh(self._project, article)

    def close(self, article: str) -> None:
        """The memory counted while the annotator worked; the learner is taught now."""
        for name in self._runs:
            self._said.pop((name, article), None)
        raw = self._raws.pop(article, None)
        if raw is None:
            return
        document = self._project.document(article, ())
        self._taught.append(workflow.example_of(document, raw))
        before = self._learned.knows if self._learned is not None else None
        if workflow.learner_is_due(len(self._taught), before.articles if before else 0):
            data = learned.train(self._taught, self._project.scheme, self._base, before)
            path = workflow.learner_path(self._project)
            path.write_bytes(data)
            self._learned = learned.Learned(str(path))

    def end(self) -> None:
        for run in self._runs.values():
            close = getattr(run, "close", None)
            if close is not None:
                close()
