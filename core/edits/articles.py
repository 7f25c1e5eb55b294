"""Articles come into the project, leave it, and are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.annotation import (
    Change,
    Document,
)
from core.article import Article, ArticleState
from core.codec import Value
from core.edits.checks import check_fragments
from core.errors import ConstraintError
from core.i18n import _, ngettext
from core.project import Project
from core.transaction import Edit


def add_documents(project: Project, documents: Iterable[Document], label: str = "") -> Change:
    """Add articles with all that is said about them, as one undo step, all or nothing.

    Types outside the scheme are kept: what somebody else called gold stays gold (`core.quality`
    lists them). Raises `ConstraintError` when an article's text or an id is here already.
    """
    with adding(project, label) as add:
        add(documents)
    return add.change


@contextmanager
def adding(project: Project, label: str = "") -> Iterator[Adding]:
    """One undo step in which articles are added as they come, however many; all or nothing."""
    with project.edit(label or _("add articles")) as edit:
        yield Adding(project, edit, label)


class Adding:
    """Adds articles in one open edit. Documents are stored some at a time, none is kept."""

    def __init__(self, project: Project, edit: Edit, label: str) -> None:
        self.count = 0
        self._project = project
        self._edit = edit
        self._label = label

    @property
    def change(self) -> Change:
        """What was done, once it is committed."""
        return self._edit.change

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What is added in this block is taken back alone when it raises."""
        before = self.count
        try:
            with self._edit.attempt():
                yield
        except BaseException:
            self.count = before
            raise

    def __call__(self, documents: Iterable[Document]) -> None:
        """Add documents. Raises `ConstraintError` when an article's text or an id is here."""
        for batch in batches(documents):
            self.some(batch)

    def some(
        self, documents: Sequence[Document], twin: Callable[[Document, str], None] | None = None
    ) -> list[Document]:
        """Add a few documents, all or none, and answer which were added. An entity that is here
        already stays as it is.

        Args:
            twin: gets each document whose text is here already, with the id of the article that
                has it; without it that is an error.

        Raises `ConstraintError` when an article's text or an id is here already.
        """
        new: list[Document] = []
        twins: list[tuple[Document, str]] = []
        digests = [document.article.sha256 for document in documents]
        here = self._project.articles_with_texts(digests)
        for digest, document in zip(digests, documents, strict=True):
            if digest not in here:
                here[digest] = document.article.id
                new.append(document)
            elif twin is not None:
                twins.append((document, here[digest]))
            else:
                raise ConstraintError(
                    _("“{title}” is in this project already.").format(title=document.article.title),
                    _("Nothing was added: open the one that is there."),
                )
        if new:
            self._insert(new, {id: digest for digest, id in here.items()})
            self._edit.article = self._edit.article or new[0].article.id
            self.count += len(new)
            if not self._label:
                self._edit.label = ngettext(
                    "add {n} article", "add {n} articles", self.count
                ).format(n=self.count)
        if twin is not None:  # some are twins of one another, which can be read by now
            for document, id in twins:
                twin(document, id)
        return new

    def _insert(self, documents: Sequence[Document], digests: Mapping[str, str]) -> None:
        ids: dict[str, Document] = {}
        for document in documents:
            for id in {document.article.id, *_ids(document)}:
                if id in ids:
                    raise _used(id, document)
                ids[id] = document
        for id in sorted(self._project.ids_in_use(list(ids))):
            raise _used(id, ids[id])
        wanted = {e.id: e for d in documents for e in d.entities.values()}
        for id in wanted:
            if id in ids:
                raise _used(id, ids[id])
        known = self._project.entities(list(wanted))
        values: list[Value] = [e for id, e in wanted.items() if id not in known]
        back: list[Article] = []
        removed = self._project.removed_articles([d.article.id for d in documents])
        for document in documents:
            article = document.article
            if article.removed:
                article = replace(article, removed=False)
            for mention in document.mentions.values():
                check_fragments(article, mention.fragments)
            if article.id in removed:
                self._check_same(article)
                back.append(article)
            else:
                values.append(article)
            values += document.mentions.values()
            values += document.relations.values()
            values += document.suggestions.values()
        for article in back:
            self._edit.put(article)
        self._edit.insert(values, digests)

    def _check_same(self, article: Article) -> None:
        held = self._edit.get("article", article.id)
        if isinstance(held, Article) and held.sha256 != article.sha256:
            raise ConstraintError(
                _("A removed article has the id {id}.").format(id=article.id),
                _("Undo its removal, or give the new one another id."),
            )


def _ids(document: Document) -> Iterator[str]:
    """All ids that a document brings but its own and its entities': those may be shared."""
    yield from document.mentions
    yield from document.relations
    yield from document.suggestions


def _used(id: str, document: Document) -> ConstraintError:
    return ConstraintError(
        _("The id {id} in “{title}” is used by something else in this project.").format(
            id=id, title=document.article.title
        ),
        _("Add the file to a new project, or give it new ids."),
    )


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """A few hundred at a time, fewer of long ones."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.article.text) + 100 * len(document.mentions)
        if len(batch) == 400 or size > 1_000_000:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def remove_articles(project: Project, articles: Sequence[str]) -> Change:
    """Take articles out of the project, with all that is said about them; undo brings it back."""
    n = len(articles)
    label = ngettext("remove {n} article", "remove {n} articles", n).format(n=n)
    with project.edit(label, articles[0] if n == 1 else "") as edit:
        for id in articles:
            document = project.document(id, states=("open", "accepted", "rejected"))
            for suggestion in document.suggestions.values():
                edit.delete("suggestion", suggestion.id)
            for relation in document.relations.values():
                edit.delete("relation", relation.id)
            for mention in document.mentions.values():
                edit.delete("mention", mention.id)
            edit.delete("article", id)
    return edit.change


def set_state(project: Project, articles: Sequence[str], state: ArticleState) -> Change:
    """Mark articles as ``done`` (every gold fact is marked) or ``new`` again."""
    label = _("article done") if state == "done" else _("article not done")
    with project.edit(label, articles[0] if len(articles) == 1 else "") as edit:
        for id in articles:
            edit.put(replace(project.article(id), state=state))
    return edit.change
