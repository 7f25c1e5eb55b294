"""From suggestion to gold: what suggesters say is stored, accepted, rejected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from core.annotation import (
    Change,
    Fragments,
    Mention,
    Relation,
    Suggestion,
)
from core.edits.checks import (
    article_of,
    check_fragments,
    check_mention,
    check_relation,
    drop_suggested_relations,
    names,
    open_or_none,
    open_suggestion,
    pair_of,
)
from core.errors import ConstraintError
from core.i18n import _
from core.project import Project
from core.transaction import Edit


def store_suggestions(
    project: Project,
    article: str,
    source: str,
    suggestions: Iterable[Suggestion],
    replaces: Collection[str] = (),
) -> Change:
    """Put a suggester's output in place of its earlier open suggestions, and of those from sources
    that it `replaces`.

    It is journaled but not on the undo stack. Left out are: spans that are gold already (a person
    has decided there), what was decided earlier (rejected, or accepted and changed since), what
    another suggester proposes already, and relations that lose an end by this. Raises
    `ConstraintError` for offsets outside the text.
    """
    text_of = project.article(article)
    ours = {source, *replaces}
    spans: dict[Fragments, str] = {}
    decided: set[tuple[Any, ...]] = set()
    for mention in project.mentions_of_article(article):
        spans[mention.fragments] = mention.id
    pairs = {
        pair_of(project, r.type, r.head, r.tail)
        for r in project.document(article, states=()).relations.values()
    }
    known = project.suggestions(article, ("open", "accepted", "rejected"))
    by_id = {s.id: s for s in known}
    for old in known:
        if old.state != "open" and not old.is_relation:
            decided.add((old.type, old.fragments))
        elif old.state == "rejected":
            decided.add(
                (
                    old.type,
                    _span_of(project, by_id, old.head),
                    _span_of(project, by_id, old.tail),
                )
            )
        elif old.state == "open" and old.source not in ours:
            if old.is_relation:
                pairs.add(pair_of(project, old.type, old.head, old.tail))
            else:
                spans.setdefault(old.fragments, old.id)

    with project.edit(
        _("suggestions of {source}").format(source=source), article, "system"
    ) as edit:
        lost: dict[str, Fragments] = {}
        for old in known:
            if old.state == "open" and old.source in ours:
                edit.delete("suggestion", old.id)
                if not old.is_relation:
                    lost[old.id] = old.fragments
        ends: dict[str, tuple[str, Fragments]] = {}
        later, fresh = [], []
        for new in suggestions:
            if new.is_relation:
                later.append(new)
                continue
            check_fragments(text_of, new.fragments)
            if new.fragments in spans:
                ends[new.id] = (spans[new.fragments], new.fragments)
            elif (new.type, new.fragments) not in decided:
                fresh.append(new)
                spans[new.fragments] = new.id
                ends[new.id] = (new.id, new.fragments)
        for old in known:
            if old.state == "open" and old.source != source and {old.head, old.tail} & lost.keys():
                _hang_anew(edit, old, lost, spans)
        for new in later:
            if new.head not in ends or new.tail not in ends:
                continue
            (head, head_span), (tail, tail_span) = ends[new.head], ends[new.tail]
            pair = pair_of(project, new.type, head, tail)
            if head == tail or pair in pairs or (new.type, head_span, tail_span) in decided:
                continue
            pairs.add(pair)
            fresh.append(replace(new, head=head, tail=tail))
        edit.insert([new for new in fresh if new.id not in by_id])
        for new in fresh:
            if new.id in by_id:
                edit.put(new)
    return edit.change


def _hang_anew(
    edit: Edit, relation: Suggestion, lost: dict[str, Fragments], spans: dict[Fragments, str]
) -> None:
    """Another suggester's relation hung on a suggestion that was replaced: it goes over to what is
    at the same place now, or away with it."""
    head, tail = (
        spans.get(lost[end], "") if end in lost else end for end in (relation.head, relation.tail)
    )
    if head and tail:
        edit.put(replace(relation, head=head, tail=tail))
    else:
        edit.delete("suggestion", relation.id)


def _span_of(project: Project, known: dict[str, Suggestion], id: str) -> Fragments:
    if id in known:
        return known[id].fragments
    mention = project.get("mention", id)
    return mention.fragments if isinstance(mention, Mention) else ()


def accept(project: Project, ids: Sequence[str], *, type: str = "") -> Change:
    """Make suggestions gold, under their ids; with `type`, under that type instead.

    A relation takes the suggested mentions at its ends along. One that can't be accepted raises;
    in a selection of several it is left open, and the label says how many were.
    """
    with project.edit("", article_of(project, ids)) as edit:
        done, left = _accept_all(project, edit, ids, type)
        edit.label = _("accept {what}").format(what=names(project, edit, done)) + _left(left)
        edit.focus = done[0] if len(done) == 1 else ""
    return edit.change


def accept_and_finish(project: Project, article: str, ids: Sequence[str]) -> Change:
    """Make suggestions of an article gold and mark it as done: one undo step."""
    with project.edit("", article) as edit:
        done, left = _accept_all(project, edit, ids)
        value = project.article(article)
        if value.state != "done":
            edit.put(replace(value, state="done"))
        edit.label = _("accept {what}, article done").format(what=names(project, edit, done))
        edit.label += _left(left)
    return edit.change


def reject(project: Project, ids: Sequence[str]) -> Change:
    """Reject suggestions for good; relation suggestions that hang on a rejected mention go too."""
    with project.edit("", article_of(project, ids)) as edit:
        items = [open_suggestion(edit, id) for id in ids]
        edit.label = _("reject {what}").format(what=names(project, edit, ids))
        for item in items:
            edit.put(replace(item, state="rejected"))
        for item in items:
            if not item.is_relation:
                drop_suggested_relations(project, edit, item.id)
    return edit.change


def _accept_all(
    project: Project, edit: Edit, ids: Sequence[str], type: str = ""
) -> tuple[list[str], int]:
    """Accept suggestions: those that were, and how many the scheme does not admit."""
    done: list[str] = []
    left = 0
    # Mentions first: relations among them then find their ends.
    items = [open_suggestion(edit, id) for id in ids]
    for item in sorted(items, key=lambda s: s.is_relation):
        if open_or_none(edit, item.id) is None:
            continue  # taken along as the end of a relation
        try:
            accept_in(project, edit, item, type)
        except ConstraintError:
            if len(ids) == 1:
                raise
            left += 1
        else:
            done.append(item.id)
    return done, left


def _left(n: int) -> str:
    return " " + _("({n} left: the scheme does not admit them)").format(n=n) if n else ""


def accept_in(project: Project, edit: Edit, item: Suggestion, type: str = "") -> None:
    if item.is_relation:
        relation = Relation(
            id=item.id,
            article=item.article,
            type=type or item.type,
            head=gold_end(project, edit, item.head),
            tail=gold_end(project, edit, item.tail),
            evidence=item.evidence,
            attributes=item.attributes,
            annotator=project.annotator,
            source=item.source,
            score=item.score,
        )
        check_relation(project, edit, relation)
        edit.put(relation)
    else:
        mention = Mention(
            id=item.id,
            article=item.article,
            fragments=item.fragments,
            type=type or item.type,
            attributes=item.attributes,
            annotator=project.annotator,
            source=item.source,
            score=item.score,
        )
        check_mention(project, edit, mention)
        edit.put(mention)
    edit.put(replace(item, state="accepted"))


def gold_end(project: Project, edit: Edit, id: str) -> str:
    """The gold mention at a relation's end, accepted now if it was a suggestion."""
    if edit.get("mention", id) is None:
        item = edit.get("suggestion", id)
        if not isinstance(item, Suggestion) or item.state != "open":
            raise ConstraintError(
                _("A mention at an end of this relation is not there any more."),
                _("Mark the mention, then relate it."),
            )
        accept_in(project, edit, item)
    return id
