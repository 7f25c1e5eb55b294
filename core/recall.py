"""The project's memory at work: a decision about a name reaches its other occurrences at once.

`Recall` completes each edit of a person before it is committed, so that what follows from a
labelling is one undo step with it, whichever function of `core.edits` made it. `everywhere` carries
one decision to all articles on demand.
"""

from __future__ import annotations

from core.annotation import Change, Mention, Suggestion, covered_text
from core.errors import ConstraintError, NotFound
from core.i18n import _
from core.project import Edit, Project
from core.suggest.memory import Decision, recall


class Recall:
    """A project's `Companion`: set ``project.companion = Recall(project)`` and every labelling,
    acceptance, correction, rejection and deletion is carried to the rest of its article."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def complete(self, edit: Edit) -> None:
        """Add to `edit` what its decisions say about the same names in the same articles."""
        if any(image.kind == "article" for image in edit.images):
            return  # articles come or go: nobody decided about a name
        for article, decisions in self._decisions(edit).items():
            _apply(self._project, edit, article, decisions)

    def _decisions(self, edit: Edit) -> dict[str, list[Decision]]:
        """What was decided about names, by article, in the order of the edit."""
        images = edit.images
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
        return Decision(self._words(after), after.type, was, who=self._project.annotator)

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


def _apply(project: Project, edit: Edit, article: str, decisions: list[Decision]) -> None:
    """Put what follows from `decisions` in `article` into `edit`, and drop the relation suggestions
    that lose an end by it or that the scheme does not admit any more."""
    found = recall(
        article,
        project.article(article).text,
        decisions,
        project.mentions_of_article(article),
        project.suggestions(article, ("open", "accepted", "rejected")),
    )
    for item in found.put:
        edit.put(item)
    for id in found.drop:
        for relation in project.suggested_relations_of(id):
            edit.delete("suggestion", relation.id)
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
            _apply(project, edit, article, [decision])
        edit.focus = id
    return edit.change
