"""Label Studio's JSON with its labelling configuration. See ``docs/formats/label-studio.md``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from core.annotation import Document, Mention, Relation, Suggestion
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
from core.formats.folders import replacing_folder
from core.formats.label_studio_config import (
    LABELS,
    TEXT,
    Controls,
    config_for,
    is_choice,
    kind_of,
    read_config,
)
from core.formats.label_studio_in import COPY, Results
from core.formats.loss import Loss, reduced
from core.i18n import _
from core.scheme import Scheme

TASKS, CONFIG = "tasks.json", "config.xml"
_CONFIGS = (CONFIG, "label_config.xml", "labeling_config.xml")
_TASK = ("data", "annotations", "completions", "predictions")


class LabelStudio(Exchange):
    """Reads Label Studio's JSON; writes a folder of tasks and their configuration."""

    name = "label-studio"
    extensions = (".json",)
    holds = HOLDS | {Feature.NOTES, Feature.ATTRIBUTES, Feature.SUGGESTIONS}
    folder = True

    @property
    def limits(self) -> dict[Feature, str]:  # type: ignore[override]
        """What of a feature it does not hold."""
        return {
            Feature.ATTRIBUTES: _(
                "of mentions: texts, numbers, true and false, lists of several texts, and of paths "
                "in a taxonomy"
            ),
            Feature.NOTES: _("those of mentions; Label Studio's relations have none"),
        }

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

    def scheme(self, path: Path) -> Scheme | None:
        """What the configuration beside the file names."""
        return next((read_config(beside) for beside in self.companions(path)), None)

    # -- in

    def is_record(self, data: Mapping[str, Any]) -> bool:
        """With data."""
        return isinstance(data.get("data"), dict)

    def document(self, data: Any, n: int, source: str, report: Report) -> Document:
        """A task: its annotation is gold, its predictions are suggestions."""
        place = _("task {n}").format(n=n)
        task = Fields(data, place)
        about = Fields(task.take("data"), place)
        # Before version 1.0 they were called completions.
        annotations = [*task.array("completions"), *task.array("annotations")]
        predictions = task.array("predictions")
        text, about = _text(about)
        made = article(about, text, self.name, "done" if annotations else "new")
        data = stash(made, self.name)
        more = {**task.rest(), **({"data": data} if data else {})}
        draft = Draft(with_stash(made, self.name, more), source)
        results = Results(draft, report)
        gold = self._chosen(annotations, place, draft, report)
        if gold is not None:
            results.annotation(gold)
        results.predictions(
            [
                Fields(item, _("{task}, prediction {k}").format(task=place, k=k))
                for k, item in enumerate(predictions, start=1)
            ]
        )
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
        """By what the format holds; a relation has neither a note nor attributes."""

        def attributes(document: Document) -> Iterator[Loss]:
            return _attributes(document, scheme)

        return reduced(document, self.holds, _notes_of_relations, _decided, attributes)

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write ``tasks.json`` and ``config.xml`` into the folder `out`."""
        report = Report(files=[out / TASKS, out / CONFIG])
        types: dict[str, None] = dict.fromkeys(scheme.entity_types)
        relations: dict[str, None] = dict.fromkeys(scheme.relation_types)
        controls = Controls(scheme)
        with replacing_folder(out) as folder:
            with (folder / TASKS).open("wb") as file:
                for n, document in enumerate(documents):
                    kept = self.kept(document, scheme, report)
                    for s in kept.suggestions.values():
                        (relations if s.is_relation else types).setdefault(s.type)
                    for m in kept.mentions.values():
                        types.setdefault(m.type)
                    for r in kept.relations.values():
                        relations.setdefault(r.type)
                    file.write(b"[\n" if n == 0 else b",\n")
                    file.write(line(self._task(kept, controls), kept, out))
                file.write(b"\n]\n" if report.written.get("articles") else b"[]\n")
            config = config_for(scheme, types, relations, controls)
            (folder / CONFIG).write_text(config, encoding="utf-8", newline="\n")
        return report

    def record(self, document: Document, report: Report) -> dict[str, Any]:
        """A task, for a scheme that says nothing of attributes."""
        return self._task(document, Controls(Scheme("")))

    def _task(self, document: Document, controls: Controls) -> dict[str, Any]:
        """A task; gold is its one annotation, and each suggester has a prediction. Label Studio
        takes a task that has an annotation for a finished one."""
        article = document.article
        known = meta(article)
        data = {"text": article.text, **said(article), "state": article.state}
        data |= {"meta": known} if known else {}
        extra = stash(article, self.name)
        more = extra.pop("data", {})
        task: dict[str, Any] = {k: v for k, v in extra.items() if k not in _TASK}
        task["data"] = {**more, **data} if isinstance(more, dict) else data
        results = _Results(document, controls)
        done = article.state == "done"
        gold = results.gold()
        task["annotations"] = [{"result": gold, "ground_truth": done}] if gold or done else []
        if document.suggestions:
            task["predictions"] = results.predictions()
        return task


class _Results:
    """The results of one task that is written; each region has an id of its own in it."""

    def __init__(self, document: Document, controls: Controls) -> None:
        self._document = document
        self._controls = controls
        self._names = {id: f"r{n}" for n, id in enumerate(document.mentions)}
        spans = (s.id for s in document.suggestions.values() if not s.is_relation)
        self._names |= {id: f"s{n}" for n, id in enumerate(spans)}

    def gold(self) -> list[dict[str, Any]]:
        """The annotation's."""
        result = []
        for m in self._document.mentions.values():
            result += self._region(m, {"text": [m.note]} if m.note else {})
        result += [
            self._arrow(r, self._names[r.head], self._names[r.tail])
            for r in self._document.relations.values()
        ]
        return result

    def predictions(self) -> list[dict[str, Any]]:
        """One for each suggester. Its score is the mean of its results', which have their own."""
        made: dict[str, list[Suggestion]] = {}
        for s in self._document.suggestions.values():
            made.setdefault(s.source, []).append(s)
        return [
            {
                "model_version": source,
                "score": round(sum(s.score for s in items) / len(items), 4),
                "result": self._prediction(items),
            }
            for source, items in made.items()
        ]

    def _prediction(self, items: list[Suggestion]) -> list[dict[str, Any]]:
        """The results of one suggester. Label Studio looks for a relation's ends in the same
        prediction: one that is gold, or somebody else's, is repeated there, and says so."""
        result = []
        names = {s.id: self._names[s.id] for s in items if not s.is_relation}
        for s in items:
            about = {"text": [s.why]} if s.why else {}
            if not s.is_relation:
                result += [r | {"score": s.score} for r in self._region(s, about)]
                continue
            for id in (s.head, s.tail):
                end = self._document.end_of(id)
                if id not in names and end is not None:
                    names[id] = f"c{len(names)}"
                    result.append(self._labels(end, names[id], {COPY: self._names[id]}))
            more = {"score": s.score, **({"meta": about} if about else {})}
            result.append(self._arrow(s, names[s.head], names[s.tail]) | more)
        return result

    def _labels(self, item: Mention | Suggestion, name: str, about: dict[str, Any]) -> Any:
        text = self._document.article.text
        words = text[item.start : item.end]
        value = {"start": item.start, "end": item.end, "text": words, "labels": [item.type]}
        made = {"id": name, "from_name": LABELS, "to_name": TEXT, "type": "labels", "value": value}
        return made | ({"meta": about} if about else {})

    def _region(self, item: Mention | Suggestion, about: dict[str, Any]) -> list[dict[str, Any]]:
        """A region, and a result for each of its attributes, which goes by its id."""
        name = self._names[item.id]
        place = {"start": item.start, "end": item.end}
        results = [self._labels(item, name, about)]
        for attribute, value in item.attributes.items():
            control, type, more = self._controls.result(attribute, value, item.type)
            results.append(
                {"id": name, "from_name": control, "to_name": TEXT, "type": type,
                 "value": place | more}
            )  # fmt: skip
        return results

    def _arrow(self, item: Relation | Suggestion, head: str, tail: str) -> dict[str, Any]:
        return {
            "type": "relation",
            "from_id": head,
            "to_id": tail,
            "direction": "right",
            "labels": [item.type],
        }


def _notes_of_relations(document: Document) -> Iterator[Loss]:
    for r in document.relations.values():
        if r.note:
            yield Loss(Feature.NOTES, r.article, r.id)


def _decided(document: Document) -> Iterator[Loss]:
    """Suggestions that would not come back as ones: of what is gold, or was rejected."""
    mentions, relations = document.mentions.values(), document.relations.values()
    gold: set[tuple[Any, ...]] = {(m.fragments, m.type) for m in mentions}
    gold |= {(r.type, r.head, r.tail) for r in relations}
    for s in document.suggestions.values():
        says = (s.type, s.head, s.tail) if s.is_relation else (s.fragments, s.type)
        if s.state != "open" or says in gold:
            reason = "" if s.state != "open" else _("it is gold already")
            yield Loss(Feature.SUGGESTIONS, s.article, s.id, reason=reason)


def _attributes(document: Document, scheme: Scheme) -> Iterator[Loss]:
    """Those of relations, and values that no control of Label Studio has."""
    items: chain[Mention | Relation | Suggestion] = chain(
        document.mentions.values(), document.relations.values(), document.suggestions.values()
    )
    for item in items:
        relation = isinstance(item, Relation) or (isinstance(item, Suggestion) and item.is_relation)
        for name, value in item.attributes.items():
            if relation or not name or not kind_of(value, is_choice(scheme, name)):
                yield Loss(Feature.ATTRIBUTES, item.article, item.id, name)


_BEGIN = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*\[?\s*\{\s*\"(?:data\"\s*:\s*\{|(?:id|annotations|completions|predictions|"
    rb"drafts|inner_id|total_annotations|file_upload)\"\s*:)"
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
