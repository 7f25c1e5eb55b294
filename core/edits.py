"""Every change that a person can make to a project, one function each.

Each is one transaction with one journal entry and returns the `Change` that a screen follows. All
raise `ConstraintError` when the scheme or the text does not allow the edit, `NotFound` for an id
that is not there, `ReadOnlyProject` when nothing may be written; then nothing was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeAlias

from core.annotation import (
    Change,
    Document,
    Entity,
    Fragments,
    Image,
    Json,
    Mention,
    Relation,
    Suggestion,
    covered_text,
    new_id,
)
from core.annotation import fragments as merged
from core.article import Article, ArticleState
from core.codec import Value
from core.errors import ConstraintError, NotFound
from core.i18n import _, ngettext
from core.journal import Entry
from core.project import Project
from core.transaction import Edit

Step: TypeAlias = Callable[[int, int], None]

_LABEL_TEXT = 40  # characters of covered text in a label


# -- articles


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
                _check_fragments(article, mention.fragments)
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


# -- suggestions


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
        _pair(project, r.type, r.head, r.tail)
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
                pairs.add(_pair(project, old.type, old.head, old.tail))
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
            _check_fragments(text_of, new.fragments)
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
            pair = _pair(project, new.type, head, tail)
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


def accept(project: Project, ids: Sequence[str], *, type: str = "") -> Change:
    """Make suggestions gold, under their ids; with `type`, under that type instead.

    A relation takes the suggested mentions at its ends along. One that can't be accepted raises;
    in a selection of several it is left open, and the label says how many were.
    """
    with project.edit("", _article_of(project, ids)) as edit:
        done, left = _accept_all(project, edit, ids, type)
        edit.label = _("accept {what}").format(what=_names(project, edit, done)) + _left(left)
        edit.focus = done[0] if len(done) == 1 else ""
    return edit.change


def accept_and_finish(project: Project, article: str, ids: Sequence[str]) -> Change:
    """Make suggestions of an article gold and mark it as done: one undo step."""
    with project.edit("", article) as edit:
        done, left = _accept_all(project, edit, ids)
        value = project.article(article)
        if value.state != "done":
            edit.put(replace(value, state="done"))
        edit.label = _("accept {what}, article done").format(what=_names(project, edit, done))
        edit.label += _left(left)
    return edit.change


def reject(project: Project, ids: Sequence[str]) -> Change:
    """Reject suggestions for good; relation suggestions that hang on a rejected mention go too."""
    with project.edit("", _article_of(project, ids)) as edit:
        items = [_open_suggestion(edit, id) for id in ids]
        edit.label = _("reject {what}").format(what=_names(project, edit, ids))
        for item in items:
            edit.put(replace(item, state="rejected"))
        for item in items:
            if not item.is_relation:
                _drop_suggested_relations(project, edit, item.id)
    return edit.change


def _accept_all(
    project: Project, edit: Edit, ids: Sequence[str], type: str = ""
) -> tuple[list[str], int]:
    """Accept suggestions: those that were, and how many the scheme does not admit."""
    done: list[str] = []
    left = 0
    # Mentions first: relations among them then find their ends.
    items = [_open_suggestion(edit, id) for id in ids]
    for item in sorted(items, key=lambda s: s.is_relation):
        if _open(edit, item.id) is None:
            continue  # taken along as the end of a relation
        try:
            _accept(project, edit, item, type)
        except ConstraintError:
            if len(ids) == 1:
                raise
            left += 1
        else:
            done.append(item.id)
    return done, left


def _left(n: int) -> str:
    return " " + _("({n} left: the scheme does not admit them)").format(n=n) if n else ""


def _accept(project: Project, edit: Edit, item: Suggestion, type: str = "") -> None:
    if item.is_relation:
        relation = Relation(
            id=item.id,
            article=item.article,
            type=type or item.type,
            head=_gold_end(project, edit, item.head),
            tail=_gold_end(project, edit, item.tail),
            evidence=item.evidence,
            attributes=item.attributes,
            annotator=project.annotator,
            source=item.source,
            score=item.score,
        )
        _check_relation(project, edit, relation)
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
        _check_mention(project, edit, mention)
        edit.put(mention)
    edit.put(replace(item, state="accepted"))


def _gold_end(project: Project, edit: Edit, id: str) -> str:
    """The gold mention at a relation's end, accepted now if it was a suggestion."""
    if edit.get("mention", id) is None:
        item = edit.get("suggestion", id)
        if not isinstance(item, Suggestion) or item.state != "open":
            raise ConstraintError(
                _("A mention at an end of this relation is not there any more."),
                _("Mark the mention, then relate it."),
            )
        _accept(project, edit, item)
    return id


# -- mentions and relations


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
    label = _("mark {text} as {type}").format(text=_short(text, parts), type=type)
    with project.edit(label, article) as edit:
        mention = Mention(
            id=new_id("m"),
            article=article,
            fragments=parts,
            type=type,
            annotator=project.annotator,
            source=source,
        )
        _check_mention(project, edit, mention)
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
    first = _end(project, head)
    with project.edit("", first.article) as edit:
        relation = Relation(
            id=new_id("r"),
            article=first.article,
            type=type,
            head=_gold_end(project, edit, head),
            tail=_gold_end(project, edit, _end(project, tail).id),
            evidence=merged(evidence),
            annotator=project.annotator,
        )
        _check_relation(project, edit, relation)
        edit.put(relation)
        # The same fact may be suggested: then this is its acceptance.
        for item in project.suggested_relations_of(head):
            if (item.type, item.head, item.tail) == (type, head, tail):
                edit.put(replace(item, state="accepted"))
        edit.label = _("relate {what}").format(what=_names(project, edit, [relation.id]))
        edit.focus = relation.id
    return edit.change


def relabel(project: Project, id: str, type: str) -> Change:
    """Give a mention or relation another type; a suggestion becomes gold of that type."""
    item = _item(project, id)
    if isinstance(item, Suggestion):
        return accept(project, [id], type=type)
    with project.edit("", item.article) as edit:
        edit.label = _("relabel {what} → {type}").format(
            what=_names(project, edit, [id]), type=type
        )
        new = replace(item, type=type, annotator=project.annotator)
        if isinstance(new, Mention):
            if new.type != item.type:
                _check_mention(project, edit, new)
            edit.put(new)
            for relation in project.relations_of(id):
                _check_admitted(project, edit, relation)
        else:
            _check_relation(project, edit, new)
            edit.put(new)
        edit.focus = id
    return edit.change


def set_fragments(project: Project, id: str, spans: Iterable[tuple[int, int]]) -> Change:
    """Move the boundaries of a mention; a suggestion becomes gold with the new ones."""
    item = _item(project, id)
    if isinstance(item, Relation) or (isinstance(item, Suggestion) and item.is_relation):
        raise ConstraintError(_("A relation has no boundaries; its mentions have."))
    text = project.article(item.article).text
    with project.edit("", item.article) as edit:
        parts = merged(spans)
        edit.label = _("move boundaries: {old} → {new}").format(
            old=_short(text, item.fragments), new=_short(text, parts)
        )
        if isinstance(item, Suggestion):
            _accept(project, edit, replace(_open_suggestion(edit, id), fragments=parts))
            edit.put(replace(item, state="accepted"))
        elif parts != item.fragments:
            new = replace(item, fragments=parts, annotator=project.annotator)
            _check_mention(project, edit, new)
            edit.put(new)
        edit.focus = id
    return edit.change


def delete(project: Project, ids: Sequence[str]) -> Change:
    """Delete gold: a mention goes with its relations. What a suggester proposed counts as rejected
    from then on, so that it does not come back."""
    with project.edit("", _article_of(project, ids)) as edit:
        edit.label = _("delete {what}").format(what=_names(project, edit, ids))
        for id in ids:
            item = _item(project, id)
            if isinstance(item, Suggestion):
                raise ConstraintError(_("This is a suggestion: reject it instead."))
            if isinstance(item, Mention):
                for relation in project.relations_of(id):
                    _delete(edit, "relation", relation.id)
                _drop_suggested_relations(project, edit, id)
                _delete(edit, "mention", id)
                _drop_lonely_entity(project, edit, item)
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
    item = _item(project, id)
    if isinstance(item, Mention) or not item.head:
        raise ConstraintError(_("Only a relation can be flipped."))
    with project.edit("", item.article) as edit:
        if isinstance(item, Suggestion):
            _accept(
                project,
                edit,
                replace(_open_suggestion(edit, id), head=item.tail, tail=item.head),
            )
            edit.put(replace(item, state="accepted"))
        else:
            new = replace(item, head=item.tail, tail=item.head, annotator=project.annotator)
            _check_relation(project, edit, new)
            edit.put(new)
        edit.label = _("flip {what}").format(what=_names(project, edit, [id]))
        edit.focus = id
    return edit.change


def set_attribute(project: Project, id: str, name: str, value: Json) -> Change:
    """Set an attribute; None takes it away. A suggestion becomes gold with it."""
    item = _item(project, id)
    if value is not None:
        project.scheme.check_attribute(name, value, item.type)
    attributes = {k: v for k, v in item.attributes.items() if k != name}
    if value is not None:
        attributes[name] = value
    with project.edit("", item.article) as edit:
        shown = _("none") if value is None else value
        edit.label = _("set {name} of {what}: {value}").format(
            name=name, what=_names(project, edit, [id]), value=shown
        )
        gold = _made_gold(project, edit, item)
        if gold.attributes != attributes:
            edit.put(replace(gold, attributes=attributes, annotator=project.annotator))
        edit.focus = id
    return edit.change


def set_note(project: Project, id: str, note: str) -> Change:
    """Set the note; an empty one takes it away. A suggestion becomes gold with it."""
    item = _item(project, id)
    with project.edit("", item.article) as edit:
        edit.label = _("note on {what}").format(what=_names(project, edit, [id]))
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
    _accept(project, edit, _open_suggestion(edit, item.id))
    gold = edit.get("relation" if item.is_relation else "mention", item.id)
    assert isinstance(gold, Mention | Relation)
    return gold


# -- entities


def same_entity(project: Project, first: str, second: str) -> Change:
    """Say that two mentions refer to the same entity; two entities become one, in all articles.

    Raises `ConstraintError` where they are of different types: an entity is of one.
    """
    if first == second:
        raise ConstraintError(_("A mention is the same entity as itself anyway."))
    one, other_end = _end(project, first), _end(project, second)
    if one.type != other_end.type:
        raise ConstraintError(
            _("An entity is of one type, and these are {first} and {second}.").format(
                first=one.type, second=other_end.type
            ),
            _("Relabel one of them, or relate them."),
        )
    with project.edit("", one.article) as edit:
        a, b = (_gold_mention(edit, _gold_end(project, edit, id)) for id in (first, second))
        text = project.article(a.article).text
        entity = edit.get("entity", a.entity or b.entity or "")
        if not isinstance(entity, Entity):
            names = [covered_text(project.article(m.article).text, m.fragments) for m in (a, b)]
            entity = Entity(new_id("e"), max(names, key=len), a.type)
            edit.put(entity)
        other = b.entity if b.entity != entity.id else None
        for mention in [a, b, *(project.mentions_of(other) if other else [])]:
            if mention.entity != entity.id:
                edit.put(replace(mention, entity=entity.id, annotator=project.annotator))
        if other:
            edit.delete("entity", other)
        edit.label = _("same entity: {first} = {second}").format(
            first=_short(text, a.fragments), second=_names(project, edit, [second])
        )
        edit.focus = first
    return edit.change


def leave_entity(project: Project, id: str) -> Change:
    """Take a mention out of its entity."""
    mention = _gold(project, id)
    if not isinstance(mention, Mention) or mention.entity is None:
        raise ConstraintError(_("This mention is in no entity."))
    with project.edit(_("leave entity"), mention.article) as edit:
        edit.put(replace(mention, entity=None, annotator=project.annotator))
        _drop_lonely_entity(project, edit, mention)
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


# -- undo


def undo(project: Project, step: Step | None = None) -> Change | None:
    """Take back the last edit that is not taken back yet; None if there is none.

    Args:
        step: gets how many of how many values are done, now and then; it may raise to stop it.
    """
    entry = project.next_undo()
    if entry is None:
        return None
    label = _("undo: {what}").format(what=entry.label)
    with project.edit(label, entry.article, "undo", entry.seq) as edit:
        for image in _stepping(project, entry, step, backwards=True):
            edit.restore(image, before=True)
        # What a suggester said since then about a mention that is gone now.
        for image in project.images_of(entry.seq):
            gone = edit.get("mention", image.id) is None and _open(edit, image.id) is None
            if gone and image.before is None and image.kind in ("mention", "suggestion"):
                _drop_suggested_relations(project, edit, image.id)
    return edit.change


def redo(project: Project, step: Step | None = None) -> Change | None:
    """Make again what was undone last; None if there is nothing. `step` as of `undo`."""
    entry = project.next_redo()
    if entry is None:
        return None
    label = _("redo: {what}").format(what=entry.label)
    with project.edit(label, entry.article, "redo", entry.seq) as edit:
        for image in _stepping(project, entry, step):
            edit.restore(image, before=False)
    return edit.change


def _stepping(
    project: Project, entry: Entry, step: Step | None, *, backwards: bool = False
) -> Iterator[Image]:
    """The images of an entry, telling `step` how far we are."""
    total = project.size_of(entry.seq)[0] if step is not None else 0
    for n, image in enumerate(project.images_of(entry.seq, backwards=backwards)):
        if step is not None and n % 500 == 0:
            step(min(n, total), total)
        yield image


# -- checks and look-ups


def _check_fragments(article: Article, parts: Fragments) -> None:
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


def _check_mention(project: Project, edit: Edit, mention: Mention) -> None:
    article = project.article(mention.article)
    project.scheme.check_mention(mention.type)
    _check_fragments(article, mention.fragments)
    if not covered_text(article.text, mention.fragments, "").strip():
        raise ConstraintError(_("A mention can't be white space only."), _("Select words."))
    for twin in project.mentions_at(mention.article, mention.start):
        if twin.id != mention.id and (twin.fragments, twin.type) == (
            mention.fragments,
            mention.type,
        ):
            raise ConstraintError(
                _("{text} is marked as {type} already.").format(
                    text=_short(article.text, mention.fragments), type=mention.type
                )
            )


def _check_relation(project: Project, edit: Edit, relation: Relation) -> None:
    if relation.head == relation.tail:
        raise ConstraintError(
            _("A relation needs two mentions."),
            _("Choose another mention as its target."),
        )
    head, tail = _gold_mention(edit, relation.head), _gold_mention(edit, relation.tail)
    if head.article != tail.article:
        raise ConstraintError(_("A relation can't leave its article."))
    _check_admitted(project, edit, relation)
    if relation.type not in project.scheme.relation_types:
        raise ConstraintError(_("The scheme has no relation {type}.").format(type=relation.type))
    mine = _pair(project, relation.type, relation.head, relation.tail)
    for twin in project.relations_of(relation.head):
        if twin.id != relation.id and _pair(project, twin.type, twin.head, twin.tail) == mine:
            raise ConstraintError(
                _("This relation is there already: {what}.").format(
                    what=_names(project, edit, [twin.id])
                )
            )


def _check_admitted(project: Project, edit: Edit, relation: Relation) -> None:
    """Whether the scheme admits the types at the ends, for types that it knows: gold of another
    scheme may be in the project too, and must not stop the work on its ends."""
    if relation.type in project.scheme.relation_types:
        head, tail = (
            _gold_mention(edit, relation.head),
            _gold_mention(edit, relation.tail),
        )
        project.scheme.check_relation(relation.type, head.type, tail.type)


def _pair(project: Project, type: str, head: str, tail: str) -> tuple[str, str, str]:
    """What makes a relation the same as another: a symmetric one has no direction."""
    known = project.scheme.relation_types.get(type)
    if known is not None and known.symmetric and tail < head:
        head, tail = tail, head
    return (type, head, tail)


def _span_of(project: Project, known: dict[str, Suggestion], id: str) -> Fragments:
    if id in known:
        return known[id].fragments
    mention = project.get("mention", id)
    return mention.fragments if isinstance(mention, Mention) else ()


def _drop_suggested_relations(project: Project, edit: Edit, end: str) -> None:
    # Nobody said that they are wrong, so they are deleted and not rejected.
    for relation in project.suggested_relations_of(end):
        edit.delete("suggestion", relation.id)


def _drop_lonely_entity(project: Project, edit: Edit, mention: Mention) -> None:
    """Delete the entity that `mention` just left if nothing else refers to it."""
    if mention.entity and not project.mentions_of(mention.entity):
        edit.delete("entity", mention.entity)


def _item(project: Project, id: str) -> Mention | Relation | Suggestion:
    value = project.get("mention", id) or project.get("relation", id)
    if value is None:
        value = project.get("suggestion", id)
        if isinstance(value, Suggestion) and value.state != "open":
            value = None
    if not isinstance(value, Mention | Relation | Suggestion):
        raise NotFound(_("There is nothing with the id {id} here any more.").format(id=id))
    return value


def _gold(project: Project, id: str) -> Mention | Relation:
    item = _item(project, id)
    if isinstance(item, Suggestion):
        raise ConstraintError(_("This is a suggestion."), _("Accept it first."))
    return item


def _end(project: Project, id: str) -> Mention | Suggestion:
    item = _item(project, id)
    if isinstance(item, Relation) or (isinstance(item, Suggestion) and item.is_relation):
        raise ConstraintError(_("A relation's ends are mentions."))
    return item


def _gold_mention(edit: Edit, id: str) -> Mention:
    mention = edit.get("mention", id)
    if not isinstance(mention, Mention):
        raise NotFound(_("There is no mention {id} here any more.").format(id=id))
    return mention


def _open(edit: Edit, id: str) -> Suggestion | None:
    item = edit.get("suggestion", id)
    return item if isinstance(item, Suggestion) and item.state == "open" else None


def _open_suggestion(edit: Edit, id: str) -> Suggestion:
    item = _open(edit, id)
    if item is None:
        raise NotFound(_("There is no open suggestion {id} here any more.").format(id=id))
    return item


def _article_of(project: Project, ids: Sequence[str]) -> str:
    return _item(project, ids[0]).article if ids else ""


# -- labels


def _short(text: str, parts: Fragments) -> str:
    words = " ".join(covered_text(text, parts).split())
    return words if len(words) <= _LABEL_TEXT else words[: _LABEL_TEXT - 1] + "…"


def _names(project: Project, edit: Edit, ids: Sequence[str]) -> str:
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
        return f"{_short(project.article(item.article).text, item.fragments)} {item.type}"
    if isinstance(item, Relation | Suggestion):
        text = project.article(item.article).text
        ends = [edit.get("mention", e) or edit.get("suggestion", e) for e in (item.head, item.tail)]
        head, tail = (
            _short(text, e.fragments) if isinstance(e, Mention | Suggestion) else "?" for e in ends
        )
        return f"{head} — {item.type} → {tail}"
    return ids[0]
