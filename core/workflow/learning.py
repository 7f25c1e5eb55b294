"""Teach the project's own learner from its finished articles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.annotation import Document
from core.errors import SuggesterError
from core.formats.files import replacing
from core.project import Project
from core.suggest import Proposal, Text, client, learned
from core.suggest.registry import DEFAULT, trusted
from core.workflow.progress import Cancelled, Progress, never, quiet

FIRST = 5  # finished articles before the learner is taught for the first time
LEARNER_OFF = "learner_off"  # the setting that switches the learner off


def learner_is_due(done: int, taught: int) -> bool:
    """Whether enough articles are done since the learner was taught with `taught` of them: five,
    then two more each time, then a tenth more."""
    return done >= max(FIRST, taught + max(2, taught // 10))


def learner_path(project: Project) -> Path:
    """Where the learner of a project lies: beside its file, and lost without harm."""
    return project.path.with_name(project.path.name + learned.SUFFIX)


def learner_of(project: Project) -> str:
    """The learner's name as a suggester, empty while there is none or it is switched off."""
    if project.setting(LEARNER_OFF) or learner_knows(project) is None:
        return ""
    return f"{learned.NAME}:{learner_path(project)}"


def learner_knows(project: Project) -> learned.Knows | None:
    """What the learner knows; None while there is none of this account, or it is damaged."""
    path = learner_path(project)
    if not path.is_file():
        return None
    try:
        return learned.load(path)[0]
    except SuggesterError:
        return None


def learner_is_foreign(project: Project) -> bool:
    """Whether a learner lies beside the project that was not trained on this account: it is not
    used, and the next training replaces it."""
    return learned.is_foreign(learner_path(project))


def learn(
    project: Project, *, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> learned.Knows:
    """Train the learner on the articles that are done; the file appears whole or not at all.

    The project is only read, so this can go on in a process beside the window. Raises
    `SuggesterError` when there is too little to learn from.
    """
    progress, cancelled = progress or quiet, cancelled or never
    base = trusted(project.setting("suggester", DEFAULT))
    ids = [*project.article_ids(only_done=True)]
    path = learner_path(project)
    before = learner_knows(project)  # a damaged one is replaced

    def texts() -> Iterator[Text]:
        for id in ids:
            article = project.article(id)
            yield Text(id, article.text, article.language or project.scheme.language)

    examples = []
    proposals = client.run(base, project.scheme, texts(), cancelled=cancelled)
    for n, (id, proposal) in enumerate(zip(ids, proposals, strict=False), start=1):
        document = project.document(id, ())
        progress(n, len(ids), document.article.title)
        examples.append(example_of(document, proposal))
    data = learned.train(examples, project.scheme, base, before)
    with replacing(path) as file:
        file.write(data)
    return learned.load(path)[0]


def example_of(document: Document, proposal: Proposal) -> learned.Example:
    """What an article teaches: its mentions in one piece, and the relations between them."""
    mentions = {m.id: m for m in document.mentions.values() if len(m.fragments) == 1}
    order = {id: n for n, id in enumerate(mentions)}
    return learned.Example(
        document.article.text,
        tuple((m.start, m.end, m.type) for m in mentions.values()),
        tuple(
            (r.type, order[r.head], order[r.tail])
            for r in document.relations.values()
            if r.head in order and r.tail in order
        ),
        proposal,
    )
