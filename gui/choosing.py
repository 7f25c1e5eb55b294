"""What the pickers offer, the likeliest first, and how each line reads."""

from __future__ import annotations

from collections.abc import Sequence

from core.amount import share
from core.annotation import Document, Fragments, Item, Suggestion
from core.i18n import _, ngettext
from core.journal import Entry
from core.project import Project
from core.ranking import Habits, LookUp, Ranked, rank_entity_types, rank_relation_types
from core.scheme import AttributeType, Scheme
from gui.canvas.metrics import display_name
from gui.picker import Choice

NONE = "\x00"  # the value of "no value": no attribute can have it
THRESHOLDS = (0.99, 0.95, 0.9, 0.8, 0.7, 0.5)


def type_choices(
    scheme: Scheme, document: Document, parts: Fragments, item: Item | None, look_up: LookUp
) -> list[Choice]:
    """Entity types for the selection `parts`, or for `item`, whose fragments they are.

    The type that gold has already comes last: whoever asks wants another one.
    """
    gold = item.type if item is not None and not isinstance(item, Suggestion) else ""
    ranked = rank_entity_types(scheme, document, parts, look_up)
    ranked.sort(key=lambda r: r.type == gold)
    choices = []
    for r in ranked:
        t = scheme.entity_types[r.type]
        detail = _("now") if r.type == gold else _share(r)
        choices.append(Choice(t.name, t.name, t.keys, t.gloss, t.color, detail))
    return choices


def relation_choices(
    scheme: Scheme,
    document: Document,
    head: str,
    tail: str,
    habits: Habits,
    look_up: LookUp,
    now: str = "",
) -> list[Choice]:
    """The relations that the scheme admits from `head` to `tail`; `now` is what it is already."""
    ranked = rank_relation_types(scheme, document, head, tail, habits, look_up)
    ranked.sort(key=lambda r: r.type == now)
    choices = []
    for r in ranked:
        t = scheme.relation_types[r.type]
        arrow = "↔" if t.symmetric else "→"
        detail = _("now") if r.type == now else _share(r)
        keys = (t.key,) if t.key else ()
        choices.append(Choice(t.name, f"{display_name(t.name)} {arrow}", keys, t.gloss, "", detail))
    return choices


def attributes_of(scheme: Scheme, type: str) -> list[AttributeType]:
    """The attributes that something of this type may carry."""
    return [a for a in scheme.attributes.values() if not a.on or type in a.on]


def attribute_choices(attributes: Sequence[AttributeType], item: Item) -> list[Choice]:
    """Which attribute to set; each line says what it is now."""
    return [
        Choice(a.name, display_name(a.name), (str(n),) if n < 10 else (), a.gloss, "",
               _shown(item, a.name))
        for n, a in enumerate(attributes, start=1)
    ]  # fmt: skip


def value_choices(attribute: AttributeType, item: Item) -> list[Choice]:
    """The values of one attribute, and none."""
    now = item.attributes.get(attribute.name)
    choices = [
        Choice(value, value, (str(n),) if n < 10 else (), attribute.gloss, "",
               _("now") if value == now else "")
        for n, value in enumerate(attribute.values, start=1)
    ]  # fmt: skip
    detail = _("now") if now is None else ""
    return [*choices, Choice(NONE, _("no value"), ("0",), attribute.gloss, "", detail)]


def score_choices(items: Sequence[Suggestion]) -> list[Choice]:
    """Scores above which to accept, with how many of `items` each takes; those that differ."""
    choices: list[Choice] = []
    last = 0
    for score in THRESHOLDS:
        n = sum(item.score >= score for item in items)
        if n > last:
            many = ngettext("{n} suggestion", "{n} suggestions", n).format(n=n)
            key = str(len(choices) + 1)
            label = _("{score} or more").format(score=f"{score:.2f}")
            choices.append(Choice(str(score), label, (key,), detail=many))
            last = n
    return choices


def veto_choices(project: Project) -> list[Choice]:
    """What is never suggested, the latest first; the value is the veto's id."""
    choices = []
    for veto in reversed(project.all_vetoes()):
        row = project.article_row(veto.article) if veto.article else None
        where = _("in this project") if not veto.article else row.title if row else veto.article
        words = veto.words.replace("\t", " – ")
        label = f"{words} · {display_name(veto.type)}"
        choices.append(Choice(veto.id, label, (), _("Enter: suggest it again."), "", where[:40]))
    return choices


def undo_choices(steps: Sequence[Entry]) -> list[Choice]:
    """Back to before which edit; the value is how many steps that takes."""
    return [
        Choice(str(n), step.label[:1].upper() + step.label[1:], (str(n),) if n < 10 else (),
               detail=step.at[11:16])
        for n, step in enumerate(steps, start=1)
    ]  # fmt: skip


def _share(ranked: Ranked) -> str:
    return share(ranked.score) if ranked.suggested else ""


def _shown(item: Item, name: str) -> str:
    value = item.attributes.get(name)
    return "" if value is None else str(value)
