"""Run a suggester over articles and store what it proposes."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core import edits, order, recall
from core.annotation import Change, Suggestion
from core.errors import GoldsmithError
from core.project import Project
from core.suggest import Proposal, Text, as_suggestions, learned
from core.suggest.registry import DEFAULT, trusted
from core.workflow.progress import Cancelled, Progress, never, quiet, row_of


@dataclass(frozen=True, slots=True)
class SuggestReport:
    """What `suggest` did.

    Attributes:
        done: how many articles were done.
        errors: one line for each article that could not be done.
        mentions, relations: how many suggestions were stored; what is gold or was decided before
            does not count.
        cancelled: the person stopped it; what was done until then is kept.
    """

    done: int = 0
    errors: tuple[str, ...] = ()
    mentions: int = 0
    relations: int = 0
    cancelled: bool = False


def suggest(
    project: Project,
    article_ids: Sequence[str] | None = None,
    suggester: str = "",
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> SuggestReport:
    """Run a suggester in a worker process and store what it proposes as soon as it is there.

    By default over all articles that are not done, with the project's own suggester. An article
    that makes the suggester fail is reported, and the rest is done. Raises `SuggesterError` when it
    can't run at all, `NotFound` for an id that is not there.
    """
    from core.suggest import client

    progress, cancelled = progress or quiet, cancelled or never
    suggester = suggester or trusted(project.setting("suggester", DEFAULT))
    ids: Iterable[str]
    if article_ids is None:
        ids, total = project.article_ids(to_do=True), project.count_to_do()
    else:
        ids = [row_of(project, id).id for id in dict.fromkeys(article_ids)]
        total = len(ids)
    counts: Counter[bool] = Counter()
    errors: list[str] = []
    done = 0
    titles: deque[str] = deque()  # of what is being done; a project may have a million articles

    def texts() -> Iterator[Text]:
        for id in ids:
            article = project.article(id)
            titles.append(article.title or id)
            yield Text(id, article.text, article.language or project.scheme.language)

    progress(0, total, "")
    proposals = client.run(suggester, project.scheme, texts(), cancelled=cancelled)
    for n, proposal in enumerate(proposals, start=1):
        title = titles.popleft()
        try:
            change = store_proposal(project, proposal)
        except GoldsmithError as error:
            errors.append(f"{title}: {error}")
        else:
            done += 1
            stored = {image.id: image.after for image in change.images}
            counts.update(s.is_relation for s in stored.values() if isinstance(s, Suggestion))
        progress(n, total, title)
    return SuggestReport(done, tuple(errors), counts[False], counts[True], cancelled())


def store_proposal(project: Project, proposal: Proposal, *, memory: bool = True) -> Change:
    """Store what a suggester proposed for one article in place of its earlier open suggestions, and
    bring it in line with what the project's people decided (`core.recall.refresh`), if `memory`.

    Raises `GoldsmithError`, and stores nothing of it, when the proposal carries an error or when
    the text or the scheme does not admit it.
    """
    if proposal.error:
        raise GoldsmithError(proposal.error)
    suggestions = as_suggestions(proposal)
    types = {item.id: item.type for item in suggestions if not item.is_relation}
    for item in suggestions:
        if item.is_relation:
            project.scheme.check_relation(item.type, types[item.head], types[item.tail])
        else:
            project.scheme.check_mention(item.type)
    change = edits.store_suggestions(
        project, proposal.article, proposal.source, suggestions, _layers(project)
    )
    if memory:
        remembered = recall.refresh(project, proposal.article)
        change = replace(change, images=(*change.images, *remembered.images))
    order.renew(project, [proposal.article])
    return change


def _layers(project: Project) -> tuple[str, str]:
    """The project's suggester and the learner on top of it: what one of them says stands in place
    of what the other said."""
    return project.setting("suggester", DEFAULT), learned.NAME
