"""What an annotation or a prediction of Label Studio says: regions, their attributes, relations.

Offsets are code points, as Label Studio writes them since version 1.6. A region says its text, too;
where that shows that an older version counted UTF-16 units, they are read so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.annotation import Fragment, Json, Mention, Suggestion
from core.article import Utf16Map
from core.formats import Feature, Report
from core.formats.exchange import Draft
from core.formats.fields import Fields
from core.formats.label_studio_config import VALUES, said_by
from core.formats.loss import Loss
from core.i18n import _

UNNAMED = "relation"  # Label Studio's relations need no label
COPY = "copy_of"  # in a region's meta: the region of another prediction that it stands for
_LABELS = ("labels", "hypertextlabels")


class Results:
    """The results of one task: of its annotation, then of its predictions."""

    def __init__(self, draft: Draft, report: Report) -> None:
        self.draft = draft
        self.report = report
        self.units = Utf16Map(draft.article.text)
        self.regions: dict[str, str] = {}  # the first item of each region's id
        self.gold: dict[tuple[Any, ...], str] = {}  # what is gold, by what it says

    def annotation(self, fields: Fields) -> None:
        """Gold."""
        result = _Result(self, fields.place)
        result.regions(fields.array("result"))
        result.rest()
        draft = self.draft
        self.gold = {(m.fragments, m.type): m.id for m in draft.mentions.values()}
        self.gold |= {(r.type, r.head, r.tail): r.id for r in draft.relations.values()}

    def predictions(self, items: list[Fields]) -> None:
        """Suggestions. What stands for a region of another prediction may come before that one."""
        results = []
        for fields in items:
            model = str(fields.take("model_version") or "label-studio")
            result = _Result(self, fields.place, model)
            result.score = result.scored(fields, 0.0)
            result.regions(fields.array("result"))
            results.append(result)
        for result in results:
            result.rest()

    def lose(self, feature: Feature, place: str, what: str, reason: str = "") -> None:
        """Report what can't be held."""
        self.report.lose([Loss(feature, self.draft.article.id, place, what, reason=reason)])


class _Result:
    """One annotation; or one prediction, of `model`."""

    def __init__(self, task: Results, place: str, model: str = "") -> None:
        self.score = 0.0
        self._task = task
        self._draft = task.draft
        self._place = place
        self._model = model
        self._ids: dict[str, list[str]] = {}  # a region has an item for each of its labels
        self._controls: set[tuple[str, str]] = set()  # with the region's id
        self._copies: list[Fields] = []
        self._said: list[tuple[str, Fields]] = []
        self._arrows: list[Fields] = []

    def regions(self, results: list[Any]) -> None:
        """Read what stands for itself; what is said of a region may come before it."""
        for n, item in enumerate(results, start=1):
            fields = Fields(item, _("{place}, result {n}").format(place=self._place, n=n))
            kind = fields.text("type", "")
            if kind == "relation":
                self._arrows.append(fields)
            elif kind not in _LABELS:
                self._said.append((kind, fields))
            elif self._model and _copied(item.get("meta")):
                self._copies.append(fields)
            else:
                self._region(fields)

    def rest(self) -> None:
        """Read what refers to regions."""
        for fields in self._copies:
            self._region(fields)
        for kind, fields in self._said:
            self._attribute(kind, fields)
        for fields in self._arrows:
            self._relation(fields)

    def scored(self, fields: Fields, default: float) -> float:
        """The score of a prediction or of one of its results."""
        value = fields.take("score")
        if not isinstance(value, int | float) or isinstance(value, bool):
            return default
        if not 0 <= value <= 1:
            reason = _("it is not between 0 and 1")
            self._task.lose(
                Feature.PROVENANCE, fields.place, _("score {n}").format(n=value), reason
            )
        return min(1.0, max(0.0, float(value)))

    def _region(self, fields: Fields) -> None:
        key = fields.text("id", "")
        if key:
            fields.call(_("{place}, region {id}").format(place=self._place, id=key))
        value = Fields(fields.take("value"), fields.place)
        part = self._part(value)
        labels = value.array("labels") or value.array("hypertextlabels")
        if not labels or not all(isinstance(label, str) and label for label in labels):
            raise fields.fault(_("it has no label."))
        # A region may have labels of several controls, a result each.
        control = fields.text("from_name", "")
        if key and (key, control) in self._controls:
            raise fields.fault(_("the id {id} is used twice.").format(id=key))
        self._controls.add((key, control))
        meta = fields.take("meta")
        found = self._task.regions.get(_copied(meta)) if self._model else None
        score = self.scored(fields, self.score)
        ids = (
            [found] if found else [self._item(part, label, _note(meta), score) for label in labels]
        )
        if key:
            self._ids.setdefault(key, []).extend(ids)
            self._task.regions.setdefault(key, ids[0])

    def _item(self, part: Fragment, label: str, note: str, score: float) -> str:
        """The id of what a region becomes under one of its labels."""
        if not self._model:
            return self._draft.mention(part, label, note=note)
        known = self._task.gold.get(((part,), label))
        if known is not None:
            self._decided(known)
            return known
        return self._draft.suggest(
            label, fragments=(part,), source=self._model, score=score, why=note
        )

    def _decided(self, id: str) -> None:
        """What a person said already is suggested no more."""
        self._task.lose(Feature.SUGGESTIONS, id, _("it is gold already"))

    def _part(self, value: Fields) -> Fragment:
        """Checked against the text that the region says it has."""
        text = self._draft.article.text
        units = self._task.units
        offsets = []
        for key in ("start", "end"):
            offset = value.take(key)
            if isinstance(offset, str) and offset.isdecimal() and len(offset) < 12:
                offset = int(offset)
            if not isinstance(offset, int) or isinstance(offset, bool):
                raise value.fault(_("it has no {key} that is a whole number.").format(key=key))
            offsets.append(offset)
        shown = value.take("text")
        start, end = offsets
        if not isinstance(shown, str):
            return value.fragment(start, end, len(text))
        if 0 <= start < end <= len(text) and _same(shown, text[start:end]):
            return Fragment(start, end)
        old = Fragment(units.to_code_points(start), units.to_code_points(end))
        if 0 <= old.start < old.end <= len(text) and _same(shown, text[old.start : old.end]):
            return old
        part = value.fragment(start, end, len(text))
        raise value.fault(
            _("its text is {said}, but the task has {found} there.").format(
                said=f"“{shown[:60]}”", found=f"“{text[part.start : part.end][:60]}”"
            )
        )

    def _attribute(self, kind: str, fields: Fields) -> None:
        """What a control says of a region; of the whole text nothing is held."""
        key, name = fields.text("id", ""), fields.text("from_name", "")
        value = fields.take("value")
        ids = self._ids.get(key, [])
        try:
            if kind not in VALUES or not ids or not isinstance(value, dict):
                raise ValueError(kind)
            attribute, said = said_by(kind, name, value)
        except ValueError:
            what = f"{kind or '?'} {name}".strip()
            reason = "" if ids else _("it is about no labelled region")
            self._task.lose(Feature.ATTRIBUTES, fields.place, what, reason)
            return
        for id in ids:
            self._set(id, attribute, said)

    def _set(self, id: str, attribute: str, value: Json) -> None:
        item: Mention | Suggestion | None
        item = self._draft.suggestions.get(id) if self._model else self._draft.mentions.get(id)
        if item is None:  # it is gold, and a model says something of it
            return
        if attribute in item.attributes:
            self._task.lose(Feature.ATTRIBUTES, id, attribute, _("it is said twice"))
            return
        self._draft.put(replace(item, attributes={**item.attributes, attribute: value}))

    def _relation(self, fields: Fields) -> None:
        ends = []
        for key in ("from_id", "to_id"):
            end = fields.text(key)
            if end not in self._ids:
                raise fields.fault(_("there is no region {id} in it.").format(id=end))
            ends.append(self._ids[end][0])
        if fields.take("direction") == "left":
            ends.reverse()
        labels = [label for label in fields.array("labels") if isinstance(label, str) and label]
        score = self.scored(fields, self.score)
        why = _note(fields.take("meta"))
        for label in labels or [UNNAMED]:
            if not self._model:
                self._draft.relation(label, ends[0], ends[1])
            elif (known := self._task.gold.get((label, *ends))) is not None:
                self._decided(known)
            else:
                self._draft.suggest(
                    label, head=ends[0], tail=ends[1], source=self._model, score=score, why=why
                )


def _copied(meta: Any) -> str:
    """The region that one of ours repeats, so that a relation has its end at hand."""
    copied = meta.get(COPY) if isinstance(meta, dict) else None
    return copied if isinstance(copied, str) else ""


def _same(shown: str, found: str) -> bool:
    """White space is shown otherwise in a browser."""
    return "".join(shown.split()).replace("\\n", "") == "".join(found.split()).replace("\\n", "")


def _note(about: Any) -> str:
    """A region's own notes: ``meta.text``, a list of texts."""
    texts = about.get("text") if isinstance(about, dict) else None
    if isinstance(texts, str):
        return texts
    return (
        "\n".join(t for t in texts or () if isinstance(t, str)) if isinstance(texts, list) else ""
    )
