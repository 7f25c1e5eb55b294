"""Entities: which mentions refer to the same thing, and what it is called elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.annotation import (
    Change,
    Entity,
    Mention,
    covered_text,
    new_id,
)
from core.edits.checks import (
    check_admitted,
    check_mention,
    drop_lonely_entity,
    end_of,
    gold_mention,
    gold_of,
    names,
    short,
)
from core.edits.suggestions import gold_end
from core.errors import ConstraintError, NotFound
from core.i18n import _
from core.project import Project
from core.transaction import Edit


def same_entity(project: Project, first: str, second: str) -> Change:
    """Say that two mentions refer to the same entity; two entities become one, in all articles.

    Raises `ConstraintError` where they are of different types: an entity is of one.
    """
    if first == second:
        raise ConstraintError(_("A mention is the same entity as itself anyway."))
    one, other_end = end_of(project, first), end_of(project, second)
    if one.type != other_end.type:
        raise ConstraintError(
            _("An entity is of one type, and these are {first} and {second}.").format(
                first=one.type, second=other_end.type
            ),
            _("Relabel one of them, or relate them."),
        )
    with project.edit("", one.article) as edit:
        a, b = (gold_mention(edit, gold_end(project, edit, id)) for id in (first, second))
        text = project.article(a.article).text
        entity = edit.get("entity", a.entity or b.entity or "")
        if not isinstance(entity, Entity):
            said = [covered_text(project.article(m.article).text, m.fragments) for m in (a, b)]
            entity = Entity(new_id("e"), max(said, key=len), a.type)
            edit.put(entity)
        other = b.entity if b.entity != entity.id else None
        for mention in [a, b, *(project.mentions_of(other) if other else [])]:
            if mention.entity != entity.id:
                edit.put(replace(mention, entity=entity.id, annotator=project.annotator))
        if other:
            edit.delete("entity", other)
        edit.label = _("same entity: {first} = {second}").format(
            first=short(text, a.fragments), second=names(project, edit, [second])
        )
        edit.focus = first
    return edit.change


def carry_type(project: Project, edit: Edit, mention: Mention) -> list[Mention]:
    """Give the entity of a mention, and all its other mentions, the type that the mention has now:
    an entity is of one. Those that had another; they are to be checked yet."""
    entity = edit.get("entity", mention.entity or "")
    if not isinstance(entity, Entity):
        return []
    if entity.type != mention.type:
        edit.put(replace(entity, type=mention.type))
    others = [
        replace(m, type=mention.type, annotator=project.annotator)
        for m in project.mentions_of(entity.id)
        if m.id != mention.id and m.type != mention.type
    ]
    for other in others:
        edit.put(other)
    return others


def check_carried(project: Project, edit: Edit, mentions: Sequence[Mention]) -> None:
    """Raises `ConstraintError` where the scheme or a twin of one of them forbids its new type."""
    for mention in mentions:
        try:
            check_mention(project, edit, mention)
            for relation in project.relations_of(mention.id):
                check_admitted(project, edit, relation)
        except ConstraintError as error:
            raise ConstraintError(
                _("Not all mentions of this entity can be {type}: {why}").format(
                    type=mention.type, why=error.message
                ),
                _("Take this one out of its entity first, or change what stands in the way."),
            ) from error


def leave_entity(project: Project, id: str) -> Change:
    """Take a mention out of its entity."""
    mention = gold_of(project, id)
    if not isinstance(mention, Mention) or mention.entity is None:
        raise ConstraintError(_("This mention is in no entity."))
    with project.edit(_("leave entity"), mention.article) as edit:
        edit.put(replace(mention, entity=None, annotator=project.annotator))
        drop_lonely_entity(project, edit, mention)
        edit.focus = id
    return edit.change


def set_kb_id(project: Project, entity: str, kb_id: str) -> Change:
    """Link an entity to a knowledge base, e.g. ``Q858``; an empty id takes the link away."""
    value = project.get("entity", entity)
    if not isinstance(value, Entity):
        raise NotFound(_("There is no entity {id} in this project.").format(id=entity))
    with project.edit(_("link {name} to {id}").format(name=value.name, id=kb_id or "–")) as edit:
        edit.put(replace(value, kb_id=kb_id))
    return edit.change
