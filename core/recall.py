"""The project's memory at work: a decision about a name reaches its other occurrences at once.

`Recall` completes each edit of a person before it is committed, so that what follows from a
labelling is one undo step with it, whichever function of `core.edits` made it. `refresh` brings
what was decided anywhere in the project to one article, `everywhere` one decision to all articles,
and `never` bars a suggestion for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.annotation import Change, Document, Image, Mention, Suggestion, Veto, covered_text, new_id
from core.article import Span
from core.errors import ConstraintError, NotFound
from core.i18n import _
from core.project import Project
from core.suggest.knowledge import Knowledge, apply, name_keys
from core.suggest.memory import Decision, Page, Recalled
from core.suggest.parts import moved, parts
from core.tally import loose_key, name_key, pair_key
from core.transaction import Edit

PART = 1_500  # characters of a long article that are refreshed at a time: less than a frame


class Recall:
    """A project's `Companion`: set ``project.companion = Recall(project)`` and every labelling,
    acceptance, correction, rejection and deletion is carried to the rest of its article."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._page: Page | None = None  # of the article that is worked on
        self._followed = False

    def prepare(self, document: Document) -> None:
        """Index an article that is opened, so that not even the first edit waits for it."""
        self._page = self._read(document.article.id, document)

    def complete(self, edit: Edit) -> None:
        """Add to `edit` what its decisions say about the same names in the same articles."""
        images = edit.images
        if any(image.kind == "article" for image in images):
            return  # articles come or go: nobody decided about a name
        for article, decisions in self._decisions(images).items():
            page = self._page
            if page is not None and page.article == article:
                page.follow(images)
                self._followed = True
            else:
                page = self._read(article)  # as it is after the edit
                if self._page is None:
                    self._page, self._followed = page, True
            _apply(self._project, edit, page, decisions)

    def follow(self, images: Sequence[Image]) -> None:
        """Keep the index of the open article up to date."""
        if self._followed:  # `complete` did
            self._followed = False
        elif self._page is not None:
            if any(image.kind == "article" for image in images):
                self._page = None
            else:
                self._page.follow(images)
                self._page.unsettle()

    def forget(self) -> None:
        """Read the article again when it is needed."""
        self._page, self._followed = None, False

    def _read(self, article: str, document: Document | None = None) -> Page:
        project = self._project
        if document is None:
            document = project.document(article)
        decided = project.suggestions(article, ("accepted", "rejected"))
        values = (*document.suggestions.values(), *decided)
        return Page(article, document.article.text, document.mentions.values(), values)

    def _decisions(self, images: Sequence[Image]) -> dict[str, list[Decision]]:
        """What was decided about names, by article, in the order of the edit."""
        offered = {i.id: i.before for i in images if isinstance(i.before, Suggestion)}
        found: dict[str, list[Decision]] = {}
        for image in images:
            before, after = image.before, image.after
            decision = None
            if isinstance(after, Mention):
                decision = self._labelled(
                    before or offered.get(image.id), after, is_gold=bool(before)
                )
            elif _is_refusal(before, after):
                decision = self._rejected(before)
            if decision is not None:
                found.setdefault(image.article, []).append(decision)
        return found

    def _labelled(self, before: object, after: Mention, *, is_gold: bool) -> Decision | None:
        earlier = before if isinstance(before, Mention | Suggestion) else None
        moved = earlier is not None and earlier.fragments != after.fragments
        if is_gold and earlier is not None and not moved and earlier.type == after.type:
            return None  # a note, an attribute, an entity
        if len(after.fragments) != 1:
            return None
        was = self._words(earlier) if earlier is not None and moved else ""
        return Decision(
            self._words(after), after.type, was, who=self._project.annotator, at=after.start
        )

    def _rejected(self, item: object) -> Decision | None:
        """None for a relation, and for a mention in several parts."""
        if not isinstance(item, Mention | Suggestion) or len(item.fragments) != 1:
            return None
        return Decision(self._words(item), item.type, holds=False, who=self._project.annotator)

    def _words(self, item: Mention | Suggestion) -> str:
        return covered_text(self._project.article(item.article).text, item.fragments)


def _is_refusal(before: object, after: object) -> bool:
    """Whether gold was deleted, or an open suggestion rejected."""
    if isinstance(before, Mention):
        return after is None
    rejected = isinstance(after, Suggestion) and after.state == "rejected"
    return rejected and isinstance(before, Suggestion) and before.state == "open"


def refresh(project: Project, article: str, within: Span | None = None) -> Change:
    """Bring the open suggestions of an article in line with all that the project's people decided.

    To be called when suggestions were stored and when an article is opened. It is journaled, but
    not on the undo stack; where nothing is to be changed, there is no entry. A finished article is
    left as it is: what stands open in it was passed over there, which is what the memory would
    only say again.

    Args:
        within: only what lies in this part of the text, which no mention should cross.
    """
    if project.article(article).state == "done" or project.decisions.is_empty:
        return Change("", article)
    text = project.article(article).text
    start, end = within or (0, len(text))
    gold = [m for m in project.mentions_of_article(article) if start <= m.start and m.end <= end]
    if within is None:
        known = project.suggestions(article, ("open", "accepted", "rejected"))
    else:
        known = project.suggestions_within(article, start, end, [m.id for m in gold])
    part = text[start:end]
    gold = [replace(m, fragments=moved(m.fragments, -start)) for m in gold]
    known = [replace(s, fragments=moved(s.fragments, -start)) for s in known]
    found = apply(
        article, part, know(project, article, part, known), project.scheme, gold, known,
        project.decisions.about,
    )  # fmt: skip
    if not found.put and not found.drop:
        return Change("", article)
    put = tuple(replace(s, fragments=moved(s.fragments, start)) for s in found.put)
    with project.edit(_("the project's memory"), article, "system") as edit:
        _put(project, edit, replace(found, put=put))
    return edit.change


def refresh_in_parts(project: Project, article: str, size: int = PART) -> Iterator[Change]:
    """`refresh`, a part of the text at each step: of a long article while the window is idle.

    Each step is a transaction of its own on what is there then, so edits may come in between.
    Relations from one part to another are left as they are.
    """
    for part in parts(project.article(article).text, size):
        yield refresh(project, article, part)


def know(
    project: Project, article: str, text: str, suggestions: Iterable[Suggestion] = ()
) -> Knowledge:
    """What was decided in the project about what stands in `text`, and about `suggestions`."""
    exact, loose = name_keys(text)
    names = project.decisions.about("name", exact)
    near = project.decisions.about("loose", loose)
    seen = {key for key in exact if key in names or loose_key(key) in near}
    return Knowledge(
        names=names,
        loose=near,
        bare=project.decisions.about("bare", seen),
        habits=project.decisions.about("habit", ("article", "possessive")),
        sources=project.decisions.about("source", {s.source for s in suggestions}),
        vetoes=frozenset((v.type, v.words) for v in project.vetoes(article)),
    )


def _apply(project: Project, edit: Edit, page: Page, decisions: list[Decision]) -> None:
    """Put what follows from `decisions` in an article into `edit`."""
    vetoes = {(v.type, v.words) for v in project.vetoes(page.article)}
    _put(project, edit, page.recall(decisions, vetoes))


def _put(project: Project, edit: Edit, found: Recalled) -> None:
    """Store what was found, and drop the relation suggestions that lose an end by it or that the
    scheme does not admit any more."""
    for item in found.put:
        edit.put(item)
    for id in found.drop:
        _drop_relations(project, edit, id)
        edit.delete("suggestion", id)
    for item in found.put:
        for relation in project.suggested_relations_of(item.id):
            ends = [_type_of(project, end) for end in (relation.head, relation.tail)]
            if not project.scheme.admits(relation.type, *ends):
                edit.delete("suggestion", relation.id)


def _type_of(project: Project, id: str) -> str:
    value = project.get("mention", id) or project.get("suggestion", id)
    return value.type if isinstance(value, Mention | Suggestion) else ""


def everywhere(project: Project, id: str) -> Change:
    """Carry the decision about gold mention `id` to every article that is not done: one undo step.

    Raises `NotFound` without such a mention, `ConstraintError` for one in several parts.
    """
    mention = project.get("mention", id)
    if not isinstance(mention, Mention):
        raise NotFound(_("There is no gold mention {id} here any more.").format(id=id))
    if len(mention.fragments) != 1:
        raise ConstraintError(_("A mention in several parts can't be looked for."))
    words = covered_text(project.article(mention.article).text, mention.fragments)
    decision = Decision(words, mention.type, who=mention.annotator)
    label = _("suggest {words} as {type} everywhere").format(
        words=" ".join(words.split()), type=mention.type
    )
    with project.edit(label, mention.article) as edit:
        for article in project.undone_articles_with(max(words.split(), key=len)):
            document = project.document(article, ("open", "accepted", "rejected"))
            values = document.suggestions.values()
            page = Page(article, document.article.text, document.mentions.values(), values)
            _apply(project, edit, page, [decision])
        edit.focus = id
    return edit.change


def never(project: Project, id: str, *, in_project: bool = False) -> Change:
    """Never suggest the words of an open suggestion as its type again: in its article, or anywhere.

    It is rejected, and the others that say the same there go with it; one undo step. A relation is
    barred between these two names. Raises `NotFound` for what is no open suggestion,
    `ConstraintError` for a mention in several parts.
    """
    item = project.get("suggestion", id)
    if not isinstance(item, Suggestion) or item.state != "open":
        raise NotFound(_("There is no open suggestion {id} here any more.").format(id=id))
    if len(item.fragments) > 1:
        raise ConstraintError(
            _("A mention in several parts can't be barred by its words."), _("Reject it instead.")
        )
    words = _barred(project, item)
    shown = words.replace("\t", " – ")
    where = _("in this project") if in_project else _("in this article")
    label = _("never suggest {words} as {type} {where}").format(
        words=shown, type=item.type, where=where
    )
    with project.edit(label, item.article) as edit:
        edit.put(Veto(new_id("v"), "" if in_project else item.article, item.type, words))
        edit.put(replace(item, state="rejected"))
        articles = [item.article]
        if in_project:
            articles = project.articles_with_open(item.type, relations=item.is_relation)
        for article in articles:
            for other in project.suggestions(article, ("open",)):
                same = other.type == item.type and other.is_relation == item.is_relation
                if same and other.id != id and _barred(project, other) == words:
                    edit.delete("suggestion", other.id)
                    _drop_relations(project, edit, other.id)
        _drop_relations(project, edit, id)
    return edit.change


def allow(project: Project, id: str) -> Change:
    """Take a veto back: what it barred may be suggested again."""
    veto = project.get("veto", id)
    if not isinstance(veto, Veto):
        raise NotFound(_("There is no such veto any more."))
    label = _("suggest {words} as {type} again").format(
        words=veto.words.replace("\t", " – "), type=veto.type
    )
    with project.edit(label, veto.article) as edit:
        edit.delete("veto", id)
    return edit.change


def _barred(project: Project, item: Suggestion) -> str:
    """The words by which a veto knows an item."""
    text = project.article(item.article).text
    if not item.is_relation:
        return name_key(text[item.start : item.end])
    ends = [
        project.get("mention", e) or project.get("suggestion", e) for e in (item.head, item.tail)
    ]
    head, tail = (e if isinstance(e, Mention | Suggestion) else None for e in ends)
    return pair_key(text, head, tail) if head is not None and tail is not None else item.id


def _drop_relations(project: Project, edit: Edit, end: str) -> None:
    for relation in project.suggested_relations_of(end):
        edit.delete("suggestion", relation.id)
