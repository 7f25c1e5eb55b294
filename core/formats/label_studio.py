"""Label Studio's JSON with its labelling configuration. See ``docs/formats/label-studio.md``.

Offsets are code points, as Label Studio writes them since version 1.6. A region says its text, too;
where that shows that an older version counted UTF-16 units, they are read so.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from core.annotation import Document, Fragment, Mention, Relation
from core.article import Utf16Map
from core.errors import FormatError
from core.formats import Feature, Report
from core.formats.exchange import (
    HOLDS,
    Draft,
    Exchange,
    article,
    line,
    meta,
    said,
    stash,
    with_stash,
)
from core.formats.fields import Fields
from core.formats.files import contents, replacing_folder
from core.formats.loss import Loss, reduced
from core.formats.safexml import events
from core.i18n import _
from core.scheme import EntityType, RelationType, Scheme

TASKS, CONFIG = "tasks.json", "config.xml"
_CONFIGS = (CONFIG, "label_config.xml", "labeling_config.xml")
_TASK = ("data", "annotations", "predictions")
UNNAMED = "relation"  # Label Studio's relations need no label


class LabelStudio(Exchange):
    """Reads Label Studio's JSON; writes a folder of tasks and their configuration."""

    name = "label-studio"
    extensions = (".json",)
    holds = HOLDS | {Feature.NOTES}
    folder = True

    @property
    def limits(self) -> dict[Feature, str]:  # type: ignore[override]
        """What of a feature it does not hold."""
        return {Feature.NOTES: _("those of mentions; Label Studio's relations have none")}

    @property
    def title(self) -> str:
        """For a person."""
        return _("Label Studio, tasks and configuration")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By what it begins with: tasks have ``data``."""
        return (
            path.suffix.lower() in self.extensions
            and bool(_BEGIN.match(head))
            and any(f'"{key}"'.encode() in head for key in _TASK)
        )

    def companions(self, path: Path) -> tuple[Path, ...]:
        """The configuration, which makes a scheme and no article."""
        return tuple(found for name in _CONFIGS if (found := path.with_name(name)).is_file())

    def may_replace(self, name: str) -> bool:
        """The two files of an export."""
        return name in (TASKS, CONFIG)

    def scheme(self, path: Path) -> Scheme | None:
        """What the configuration beside the file names."""
        return next((read_config(beside) for beside in self.companions(path)), None)

    # -- in

    def document(self, data: Any, n: int, source: str, report: Report) -> Document:
        """A task: its annotation is gold, its predictions are suggestions."""
        place = _("task {n}").format(n=n)
        task = Fields(data, place)
        about = Fields(task.take("data"), place)
        annotations, predictions = task.array("annotations"), task.array("predictions")
        text, about = _text(about)
        made = article(about, text, self.name, "done" if annotations else "new")
        data = stash(made, self.name)
        more = {**task.rest(), **({"data": data} if data else {})}
        draft = Draft(with_stash(made, self.name, more), source)
        gold = self._chosen(annotations, place, draft, report)
        if gold is not None:
            _Results(draft, gold.place, report).read(gold.array("result"))
        for k, item in enumerate(predictions, start=1):
            fields = Fields(item, _("{task}, prediction {k}").format(task=place, k=k))
            model = str(fields.take("model_version") or "label-studio")
            score = fields.take("score")
            results = _Results(draft, fields.place, report, model, _score(score))
            results.read(fields.array("result"))
        return draft.document()

    def _chosen(self, items: list[Any], place: str, draft: Draft, report: Report) -> Fields | None:
        """The annotation that is gold: the one marked as ground truth, else the last."""
        found: list[tuple[bool, int, Fields]] = []
        for k, item in enumerate(items, start=1):
            fields = Fields(item, _("{task}, annotation {k}").format(task=place, k=k))
            if fields.take("was_cancelled") is not True:
                found.append((fields.take("ground_truth") is True, k, fields))
        if not found:
            return None
        best = max(found, key=lambda one: one[:2])
        report.lose(
            Loss(
                Feature.PROVENANCE,
                draft.article.id,
                fields.place,
                _("another annotation of the same task"),
            )
            for _truth, _k, fields in found
            if fields is not best[2]
        )
        return best[2]

    # -- out

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """By what the format holds; a relation has no note."""
        return reduced(document, self.holds, _notes_of_relations)

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write ``tasks.json`` and ``config.xml`` into the folder `out`."""
        report = Report(files=[out / TASKS, out / CONFIG])
        types: dict[str, None] = dict.fromkeys(scheme.entity_types)
        relations: dict[str, None] = dict.fromkeys(scheme.relation_types)
        with replacing_folder(out) as folder:
            with (folder / TASKS).open("wb") as file:
                for n, document in enumerate(documents):
                    kept = self.kept(document, scheme, report)
                    for m in kept.mentions.values():
                        types.setdefault(m.type)
                    for r in kept.relations.values():
                        relations.setdefault(r.type)
                    file.write(b"[\n" if n == 0 else b",\n")
                    file.write(line(self.record(kept, report), kept, out))
                file.write(b"\n]\n" if report.written.get("articles") else b"[]\n")
            config = config_for(scheme, types, relations)
            (folder / CONFIG).write_text(config, encoding="utf-8", newline="\n")
        return report

    def record(self, document: Document, report: Report) -> dict[str, Any]:
        """A task with one annotation."""
        article = document.article
        known = meta(article)
        data = {"text": article.text, **said(article), "state": article.state}
        data |= {"meta": known} if known else {}
        extra = stash(article, self.name)
        more = extra.pop("data", {})
        names = {id: f"r{n}" for n, id in enumerate(document.mentions)}
        result = [_region(m, names[m.id], article.text) for m in document.mentions.values()]
        result += [_arrow(r, names) for r in document.relations.values()]
        task: dict[str, Any] = {k: v for k, v in extra.items() if k not in _TASK}
        task["data"] = {**more, **data} if isinstance(more, dict) else data
        task["annotations"] = [{"result": result, "ground_truth": article.state == "done"}]
        return task


def _notes_of_relations(document: Document) -> Iterator[Loss]:
    for r in document.relations.values():
        if r.note:
            yield Loss(Feature.NOTES, r.article, r.id)


_BEGIN = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*\[?\s*\{\s*\"(?:data\"\s*:\s*\{|(?:id|annotations|predictions|drafts|"
    rb"inner_id|total_annotations|file_upload)\"\s*:)"
)


def _text(data: Fields) -> tuple[str, Fields]:
    """The text that the regions are on, ``text`` or else the only one; and the other data."""
    if "text" in data:
        text = data.take("text")
    else:
        left = data.rest()
        texts = {key: value for key, value in left.items() if isinstance(value, str)}
        if len(texts) != 1:
            raise data.fault(_("there is no “text” in the data, and not just one other."))
        [text] = texts.values()
        data = Fields({key: value for key, value in left.items() if key not in texts}, data.place)
    if not isinstance(text, str) or not text.strip():
        raise data.fault(_("the article has no text."))
    return text, data


def _score(value: Any) -> float:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
    return min(1.0, max(0.0, float(number)))


class _Results:
    """The results of one annotation, or of one prediction of `model`."""

    def __init__(
        self, draft: Draft, place: str, report: Report, model: str = "", score: float = 0.0
    ) -> None:
        self._draft = draft
        self._place = place
        self._report = report
        self._model = model
        self._score = score
        self._units = Utf16Map(draft.article.text)
        self._ids: dict[str, str] = {}

    def read(self, results: list[Any]) -> None:
        """Regions first, since a relation may stand before its ends."""
        arrows = []
        for n, item in enumerate(results, start=1):
            fields = Fields(item, _("{place}, result {n}").format(place=self._place, n=n))
            kind = fields.text("type", "")
            if kind == "relation":
                arrows.append(fields)
            elif kind in ("labels", "hypertextlabels"):
                self._region(fields)
            else:
                self._report.lose(
                    [Loss(Feature.ATTRIBUTES, self._draft.article.id, fields.place, kind or "?")]
                )
        for fields in arrows:
            self._relation(fields)

    def _region(self, fields: Fields) -> None:
        key = fields.text("id", "")
        if key:
            fields.call(_("{place}, region {id}").format(place=self._place, id=key))
        value = Fields(fields.take("value"), fields.place)
        part = self._part(value)
        labels = value.array("labels") or value.array("hypertextlabels")
        if not labels or not all(isinstance(label, str) and label for label in labels):
            raise fields.fault(_("it has no label."))
        note = _note(fields.take("meta"))
        score = fields.take("score")
        if key and key in self._ids:
            raise fields.fault(_("the id {id} is used twice.").format(id=key))
        for label in labels:
            if self._model:
                id = self._draft.suggest(
                    label,
                    fragments=(part,),
                    source=self._model,
                    score=self._score if score is None else _score(score),
                )
            else:
                id = self._draft.mention(part, label, note=note)
            if key:
                self._ids.setdefault(key, id)

    def _part(self, value: Fields) -> Fragment:
        """Checked against the text that the region says it has."""
        text = self._draft.article.text
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
        old = Fragment(self._units.to_code_points(start), self._units.to_code_points(end))
        if 0 <= old.start < old.end <= len(text) and _same(shown, text[old.start : old.end]):
            return old
        part = value.fragment(start, end, len(text))
        raise value.fault(
            _("its text is {said}, but the task has {found} there.").format(
                said=f"“{shown[:60]}”", found=f"“{text[part.start : part.end][:60]}”"
            )
        )

    def _relation(self, fields: Fields) -> None:
        ends = []
        for key in ("from_id", "to_id"):
            end = fields.text(key)
            if end not in self._ids:
                raise fields.fault(_("there is no region {id} in it.").format(id=end))
            ends.append(self._ids[end])
        if fields.take("direction") == "left":
            ends.reverse()
        labels = [label for label in fields.array("labels") if isinstance(label, str) and label]
        for label in labels or [UNNAMED]:
            if self._model:
                self._draft.suggest(
                    label, head=ends[0], tail=ends[1], source=self._model, score=self._score
                )
            else:
                self._draft.relation(label, ends[0], ends[1])


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


def _region(mention: Mention, id: str, text: str) -> dict[str, Any]:
    value = {
        "start": mention.start,
        "end": mention.end,
        "text": text[mention.start : mention.end],
        "labels": [mention.type],
    }
    note = {"meta": {"text": [mention.note]}} if mention.note else {}
    return {
        "id": id, "from_name": "label", "to_name": "text", "type": "labels", "value": value, **note,
    }  # fmt: skip


def _arrow(relation: Relation, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": "relation",
        "from_id": names[relation.head],
        "to_id": names[relation.tail],
        "direction": "right",
        "labels": [relation.type],
    }


# -- the configuration


def config_for(scheme: Scheme, types: Iterable[str], relations: Iterable[str]) -> str:
    """A labelling configuration with these types, in the scheme's colours and keys."""
    lines = ["<View>", "  <Relations>"]
    lines += [f"    <Relation value={quoteattr(_flat(name))}/>" for name in relations]
    lines += ["  </Relations>", '  <Labels name="label" toName="text">']
    for name in types:
        known = scheme.entity_types.get(name, EntityType(name))
        more = f" background={quoteattr(known.color)}" if known.color else ""
        more += f" hotkey={quoteattr(known.keys[0])}" if known.keys else ""
        lines.append(f"    <Label value={quoteattr(_flat(name))}{more}/>")
    lines += ["  </Labels>", '  <Text name="text" value="$text"/>', "</View>", ""]
    return "\n".join(lines)


def _flat(name: str) -> str:
    """Characters that XML has no way to write are none in a name either."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", name)


def read_config(path: Path) -> Scheme:
    """The types that a configuration names. Raises `FormatError`."""
    types: dict[str, EntityType] = {}
    relations: dict[str, RelationType] = {}
    inside = 0
    on_text = False
    for event in events(io.BytesIO(contents(path)), str(path)):
        if event.kind == "text":
            continue
        if event.local == "Labels":
            inside += {"start": 1, "end": -1}[event.kind]
        elif event.kind == "start":
            name = event.attributes.get("value", "")
            on_text = on_text or event.local in ("Text", "HyperText")
            if event.local == "Label" and inside and name:
                color = event.attributes.get("background", "")
                types[name] = EntityType(
                    name, color=color if re.fullmatch(r"#[0-9a-fA-F]{6}", color) else ""
                )
            elif event.local == "Relation" and name:
                relations[name] = RelationType(name)
    if not on_text:
        raise FormatError(
            _("this configuration labels no text."),
            _("Goldsmith reads projects that label text."),
            str(path),
        )
    return Scheme(path.stem, entity_types=types, relation_types=relations)
