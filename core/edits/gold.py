"""Mentions and relations: made, changed, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from core.annotation import (
    Change,
    Json,
    Mention,
    Relation,
    Suggestion,
    new_id,
)
from core.annotation import fragments as merged
from core.edits.checks import (
    article_of,
    check_admitted,
    check_mention,
    check_relation,
    drop_lonely_entity,
    drop_suggested_relations,
    end_of,
    item_of,
    names,
    open_suggestion,
    short,
)
from core.edits.entities import carry_type, check_carried
from core.edits.suggestions import accept, accept_in, gold_end
from core.errors import ConstraintError
from core.i18n import _, ngettext
from core.project import Project
from core.transaction import Edit


def add_mention(
    project: Project,
    article: str,
    spans: Iterable[tuple[int, int]],
    type: str,
    *,
    source: str = "manual",
) -> Change:
    """Mark the `spans` (code points; more than one for a discontinuous mention) as `type`.

    Where exactly this span is suggested, the suggestion is accepted under `type` instead.
    """
    parts = merged(spans)
    item = project.suggestion_of(article, parts)
    if item is not None:
        return accept(project, [item.id], type=type)
    text = project.article(article).text
    label = _("mark {text} as {type}").format(text=short(text, parts), type=type)
    with project.edit(label, article) as edit:
        mention = Mention(
            id=new_id("m"),
            article=article,
            fragments=parts,
            type=type,
            annotator=project.annotator,
            source=source,
        )
        check_mention(project, edit, mention)
        edit.put(mention)
        edit.focus = mention.id
    return edit.change


def add_relation(
    project: Project,
    type: str,
    head: str,
    tail: str,
    evidence: Iterable[tuple[int, int]] = (),
) -> Change:
    """Relate mention `head` to mention `tail`; a suggested end is accepted along with it."""
    first = end_of(project, head)
    with project.edit("", first.article) as edit:
        relation = Relation(
            id=new_id("r"),
            article=first.article,
            type=type,
            head=gold_end(project, edit, head),
            tail=gold_end(project, edit, end_of(project, tail).id),
            evidence=merged(evidence),
            annotator=project.annotator,
        )
        check_relation(project, edit, relation)
        edit.put(relation)
        # The same fact may be suggested: then this is its acceptance.
        for item in project.suggested_relations_of(head):
            if (item.type, item.head, item.tail) == (type, head, tail):
                edit.put(replace(item, state="accepted"))
        edit.label = _("relate {what}").format(what=names(project, edit, [relation.id]))
        edit.focus = relation.id
    return edit.change


def relabel(project: Project, id: str, type: str, *, alone: bool = False) -> Change:
    """Give a mention or relation another type; a suggestion becomes gold of that type.

    An entity is of one type, so all mentions of a mention's entity get it.

    Args:
        alone: only this mention gets it, and leaves its entity to the others.
    """
    item = item_of(project, id)
    if isinstance(item, Suggestion):
        return accept(project, [id], type=type)
    with project.edit("", item.article) as edit:
        edit.label = _("relabel {what} → {type}").format(what=names(project, edit, [id]), type=type)
        new = replace(item, type=type, annotator=project.annotator)
        if isinstance(new, Mention):
            if new.type != item.type:
                check_mention(project, edit, new)
            if alone and new.entity and len(project.mentions_of(new.entity)) > 1:
                new = replace(new, entity=None)
            edit.put(new)
            others = carry_type(project, edit, new)
            for relation in project.relations_of(id):
                check_admitted(project, edit, relation)
            check_carried(project, edit, others)
            if others:
                n = 1 + len(others)
                edit.label = ngettext(
                    "relabel {n} mention of {name} → {type}",
                    "relabel all {n} mentions of {name} → {type}",
                    n,
                ).format(n=n, name=short(project.article(item.article).text, new.fragments),
                         type=type)  # fmt: skip
        else:
            check_relation(project, edit, new)
            edit.put(new)
        edit.focus = id
    return edit.change


def set_fragments(project: Project, id: str, spans: Iterable[tuple[int, int]]) -> Change:
    """Move the boundaries of a mention; a suggestion becomes gold with the new ones."""
    item = item_of(project, id)
    if isinstance(item, Relation) or (isinstance(item, Suggestion) and item.is_relation):
        raise ConstraintError(_("A relation has no boundaries; its mentions have."))
    text = project.article(item.article).text
    with project.edit("", item.article) as edit:
        parts = merged(spans)
        edit.label = _("move boundaries: {old} → {new}").format(
            old=short(text, item.fragments), new=short(text, parts)
        )
        if isinstance(item, Suggestion):
            accept_in(project, edit, replace(open_suggestion(edit, id), fragments=parts))
            edit.put(replace(item, state="accepted"))
        elif parts != item.fragments:
            new = replace(item, fragments=parts, annotator=project.annotator)
            check_mention(project, edit, new)
            edit.put(new)
        edit.focus = id
    return edit.change


def delete(project: Project, ids: Sequence[str]) -> Change:
    """Delete gold: a mention goes with its relations. What a suggester proposed counts as rejected
    from then on, so that it does not come back."""
    with project.edit("", article_of(project, ids)) as edit:
        edit.label = _("delete {what}").format(what=names(project, edit, ids))
        for id in ids:
            item = item_of(project, id)
            if isinstance(item, Suggestion):
                raise ConstraintError(_("This is a suggestion: reject it instead."))
            if isinstance(item, Mention):
                for relation in project.relations_of(id):
                    _delete(edit, "relation", relation.id)
                drop_suggested_relations(project, edit, id)
                _delete(edit, "mention", id)
                drop_lonely_entity(project, edit, item)
            else:
                _delete(edit, "relation", id)
    return edit.change


def _delete(edit: Edit, kind: Any, id: str) -> None:
    edit.delete(kind, id)
    origin = edit.get("suggestion", id)
    if isinstance(origin, Suggestion):
        edit.put(replace(origin, state="rejected"))


def flip(project: Project, id: str) -> Change:
    """Turn a relation round: head and tail change places. A suggested one becomes gold."""
    item = item_of(project, id)
    if isinstance(item, Mention) or not item.head:
        raise ConstraintError(_("Only a relation can be flipped."))
    with project.edit("", item.article) as edit:
        if isinstance(item, Suggestion):
            accept_in(
                project,
                edit,
                replace(open_suggestion(edit, id), head=item.tail, tail=item.head),
            )
            edit.put(replace(item, state="accepted"))
        else:
            new = replace(item, head=item.tail, tail=item.head, annotator=project.annotator)
            check_relation(project, edit, new)
            edit.put(new)
        edit.label = _("flip {what}").format(what=names(project, edit, [id]))
        edit.focus = id
    return edit.change


def set_attribute(project: Project, id: str, name: str, value: Json) -> Change:
    """Set an attribute; None takes it away. A suggestion becomes gold with it."""
    item = item_of(project, id)
    if value is not None:
        project.scheme.check_attribute(name, value, item.type)
    attributes = {k: v for k, v in item.attributes.items() if k != name}
    if value is not None:
        attributes[name] = value
    with project.edit("", item.article) as edit:
        shown = _("none") if value is None else value
        edit.label = _("set {name} of {what}: {value}").format(
            name=name, what=names(project, edit, [id]), value=shown
        )
        gold = _made_gold(project, edit, item)
        if gold.attributes != attributes:
            edit.put(replace(gold, attributes=attributes, annotator=project.annotator))
        edit.focus = id
    return edit.change


def set_note(project: Project, id: str, note: str) -> Change:
    """Set the note; an empty one takes it away. A suggestion becomes gold with it."""
    item = item_of(project, id)
    with project.edit("", item.article) as edit:
        edit.label = _("note on {what}").format(what=names(project, edit, [id]))
        gold = _made_gold(project, edit, item)
        if gold.note != note:
            edit.put(replace(gold, note=note, annotator=project.annotator))
        edit.focus = id
    return edit.change


def _made_gold(
    project: Project, edit: Edit, item: Mention | Relation | Suggestion
) -> Mention | Relation:
    """`item` itself, or what accepting it makes of it."""
    if not isinstance(item, Suggestion):
        return item
    accept_in(project, edit, open_suggestion(edit, item.id))
    gold = edit.get("relation" if item.is_relation else "mention", item.id)
    assert isinstance(gold, Mention | Relation)
    return gold
