"""What an edit asks before it is made, and what the journal calls it.

Each `check_` raises `ConstraintError`, each look-up `NotFound`, in words for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.annotation import (
    Fragments,
    Mention,
    Relation,
    Suggestion,
    covered_text,
)
from core.article import Article
from core.errors import ConstraintError, NotFound
from core.i18n import _, ngettext
from core.project import Project
from core.transaction import Edit

_LABEL_TEXT = 40  # characters of covered text in a label


def check_fragments(article: Article, parts: Fragments) -> None:
    if not parts:
        raise ConstraintError(_("A mention needs some text."), _("Select words first."))
    for start, end in parts:
        if not 0 <= start < end <= len(article.text):
            raise ConstraintError(
                _("Characters {start} to {end} are not in “{title}”, which has {n}.").format(
                    start=start, end=end, title=article.title, n=len(article.text)
                )
            )
    if any(a.end >= b.start for a, b in pairwise(parts)):
        raise ConstraintError(_("The parts of a mention must be in order and apart."))


def check_mention(project: Project, edit: Edit, mention: Mention) -> None:
    article = project.article(mention.article)
    project.scheme.check_mention(mention.type)
    check_fragments(article, mention.fragments)
    if not covered_text(article.text, mention.fragments, "").strip():
        raise ConstraintError(_("A mention can't be white space only."), _("Select words."))
    for twin in project.mentions_at(mention.article, mention.start):
        if twin.id != mention.id and (twin.fragments, twin.type) == (
            mention.fragments,
            mention.type,
        ):
            raise ConstraintError(
                _("{text} is marked as {type} already.").format(
                    text=short(article.text, mention.fragments), type=mention.type
                )
            )


def check_relation(project: Project, edit: Edit, relation: Relation) -> None:
    if relation.head == relation.tail:
        raise ConstraintError(
            _("A relation needs two mentions."),
            _("Choose another mention as its target."),
        )
    head, tail = gold_mention(edit, relation.head), gold_mention(edit, relation.tail)
    if head.article != tail.article:
        raise ConstraintError(_("A relation can't leave its article."))
    check_admitted(project, edit, relation)
    if relation.type not in project.scheme.relation_types:
        raise ConstraintError(_("The scheme has no relation {type}.").format(type=relation.type))
    mine = pair_of(project, relation.type, relation.head, relation.tail)
    for twin in project.relations_of(relation.head):
        if twin.id != relation.id and pair_of(project, twin.type, twin.head, twin.tail) == mine:
            raise ConstraintError(
                _("This relation is there already: {what}.").format(
                    what=names(project, edit, [twin.id])
                )
            )


def check_admitted(project: Project, edit: Edit, relation: Relation) -> None:
    """Whether the scheme admits the types at the ends, for types that it knows: gold of another
    scheme may be in the project too, and must not stop the work on its ends."""
    if relation.type in project.scheme.relation_types:
        head, tail = (
            gold_mention(edit, relation.head),
            gold_mention(edit, relation.tail),
        )
        project.scheme.check_relation(relation.type, head.type, tail.type)


def pair_of(project: Project, type: str, head: str, tail: str) -> tuple[str, str, str]:
    """What makes a relation the same as another: a symmetric one has no direction."""
    known = project.scheme.relation_types.get(type)
    if known is not None and known.symmetric and tail < head:
        head, tail = tail, head
    return (type, head, tail)


def drop_suggested_relations(project: Project, edit: Edit, end: str) -> None:
    # Nobody said that they are wrong, so they are deleted and not rejected.
    for relation in project.suggested_relations_of(end):
        edit.delete("suggestion", relation.id)


def drop_lonely_entity(project: Project, edit: Edit, mention: Mention) -> None:
    """Delete the entity that `mention` just left if nothing else refers to it."""
    if mention.entity and not project.mentions_of(mention.entity):
        edit.delete("entity", mention.entity)


def item_of(project: Project, id: str) -> Mention | Relation | Suggestion:
    value = project.get("mention", id) or project.get("relation", id)
    if value is None:
        value = project.get("suggestion", id)
        if isinstance(value, Suggestion) and value.state != "open":
            value = None
    if not isinstance(value, Mention | Relation | Suggestion):
        raise NotFound(_("There is nothing with the id {id} here any more.").format(id=id))
    return value


def gold_of(project: Project, id: str) -> Mention | Relation:
    item = item_of(project, id)
    if isinstance(item, Suggestion):
        raise ConstraintError(_("This is a suggestion."), _("Accept it first."))
    return item


def end_of(project: Project, id: str) -> Mention | Suggestion:
    item = item_of(project, id)
    if isinstance(item, Relation) or (isinstance(item, Suggestion) and item.is_relation):
        raise ConstraintError(_("A relation's ends are mentions."))
    return item


def gold_mention(edit: Edit, id: str) -> Mention:
    mention = edit.get("mention", id)
    if not isinstance(mention, Mention):
        raise NotFound(_("There is no mention {id} here any more.").format(id=id))
    return mention


def open_or_none(edit: Edit, id: str) -> Suggestion | None:
    item = edit.get("suggestion", id)
    return item if isinstance(item, Suggestion) and item.state == "open" else None


def open_suggestion(edit: Edit, id: str) -> Suggestion:
    item = open_or_none(edit, id)
    if item is None:
        raise NotFound(_("There is no open suggestion {id} here any more.").format(id=id))
    return item


def article_of(project: Project, ids: Sequence[str]) -> str:
    return item_of(project, ids[0]).article if ids else ""


def short(text: str, parts: Fragments) -> str:
    words = " ".join(covered_text(text, parts).split())
    return words if len(words) <= _LABEL_TEXT else words[: _LABEL_TEXT - 1] + "…"


def names(project: Project, edit: Edit, ids: Sequence[str]) -> str:
    """What a label calls these: the text and type of one, the number of several."""
    if len(ids) != 1:
        n = len(ids)
        return ngettext("{n} suggestion", "{n} suggestions", n).format(n=n)
    item = (
        edit.get("mention", ids[0])
        or edit.get("relation", ids[0])
        or edit.get("suggestion", ids[0])
    )
    if isinstance(item, Mention) or (isinstance(item, Suggestion) and not item.is_relation):
        return f"{short(project.article(item.article).text, item.fragments)} {item.type}"
    if isinstance(item, Relation | Suggestion):
        text = project.article(item.article).text
        ends = [edit.get("mention", e) or edit.get("suggestion", e) for e in (item.head, item.tail)]
        head, tail = (
            short(text, e.fragments) if isinstance(e, Mention | Suggestion) else "?" for e in ends
        )
        return f"{head} — {item.type} → {tail}"
    return ids[0]
