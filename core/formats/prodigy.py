"""Prodigy's JSON Lines, spans and relations. See ``docs/formats/prodigy.md``.

Also what spaCy's ``rel_component`` project reads. Offsets are code points: Prodigy is Python.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from core.annotation import Document
from core.article import Article
from core.article import tokens as natural
from core.formats import Feature, Report
from core.formats.exchange import (
    HOLDS,
    Draft,
    Exchange,
    article,
    checked_text,
    meta,
    said,
    stash,
    with_stash,
)
from core.formats.fields import Fields
from core.formats.files import first_object
from core.formats.loss import Loss
from core.formats.tokens import boundaries, split
from core.i18n import _

_DERIVED = ("_input_hash", "_task_hash")  # of text and answer; Prodigy makes them anew
_SPAN = ("start", "end", "label", "text", "token_start", "token_end", "id", "type", "attributes")
_RELATION = ("head", "child", "head_span", "child_span", "label", "color", "attributes")
_TASK = ("text", "tokens", "spans", "relations", "meta", "answer", *_DERIVED)


class Prodigy(Exchange):
    """Reads and writes tasks of Prodigy."""

    name = "prodigy"
    extensions = (".jsonl",)
    holds = HOLDS | {Feature.ATTRIBUTES}

    @property
    def title(self) -> str:
        """For a person."""
        return _("Prodigy, spans and relations (rel_component)")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By the keys of its first object."""
        return path.suffix.lower() in self.extensions and _is_task(first_object(path))

    # -- in

    def is_record(self, data: Mapping[str, Any]) -> bool:
        """With a text; a token and a span have a start."""
        return "text" in data and "start" not in data

    def document(self, data: Any, n: int, source: str, report: Report) -> Document:
        """Accepted tasks are gold, rejected ones rejected suggestions, ignored ones open ones."""
        fields = Fields(data, _("task {n}").format(n=n))
        text = checked_text(fields)
        answer = fields.take("answer")
        for name in (*_DERIVED, "tokens"):
            fields.take(name)
        spans, relations = fields.array("spans"), fields.array("relations")
        state = "done" if answer == "accept" else "new"
        draft = Draft(_article(fields, text, self.name, state), source)
        for k, item in enumerate(spans, start=1):
            _span(Fields(item, _("task {n}, span {k}").format(n=n, k=k)), draft)
        for k, item in enumerate(relations, start=1):
            place = _("task {n}, relation {k}").format(n=n, k=k)
            _relation(Fields(item, place), draft, report)
        document = draft.document()
        return document if answer in (None, "accept") else _undecided(document, str(answer))

    # -- out

    def record(self, document: Document, report: Report) -> dict[str, Any]:
        """A task as if a person had accepted it."""
        article = document.article
        words, cut = _words(document)
        if cut:
            report.count("tokens split", cut)
        starts = [word.start for word in words]
        ends = {word.end: n for n, word in enumerate(words)}
        spans = {}
        for m in document.mentions.values():
            spans[m.id] = {
                "start": m.start,
                "end": m.end,
                "token_start": bisect_left(starts, m.start),
                "token_end": ends[m.end],
                "label": m.type,
                "id": m.id,
            }
        task = {key: v for key, v in stash(article, self.name).items() if key not in _TASK}
        task = {"text": article.text, **task}
        if about := _about(document):
            task["meta"] = about
        task["tokens"] = [
            {"text": article.text[w.start : w.end], "start": w.start, "end": w.end, "id": n,
             "ws": w.spaced}
            for n, w in enumerate(words)
        ]  # fmt: skip
        task["spans"] = [
            {**spans[m.id], "text": article.text[m.start : m.end], **_kept(m.attributes, _SPAN)}
            for m in document.mentions.values()
        ]
        task["relations"] = [
            {
                # The end of a span stands for it, as in Prodigy's own files.
                "head": spans[r.head]["token_end"],
                "child": spans[r.tail]["token_end"],
                "head_span": spans[r.head],
                "child_span": spans[r.tail],
                "label": r.type,
                **_kept(r.attributes, _RELATION),
            }
            for r in document.relations.values()
        ]
        return task | {"answer": "accept"}


def _is_task(data: Any) -> bool:
    if not isinstance(data, dict) or "goldsmith" in data or not isinstance(data.get("text"), str):
        return False
    return isinstance(data.get("spans"), list) or ("tokens" in data and "_task_hash" in data)


def _article(fields: Fields, text: str, name: str, state: str) -> Article:
    """What the task's ``meta`` says is the article's; the other keys are Prodigy's."""
    about = fields.take("meta")
    task = fields.rest()
    if about is not None and not isinstance(about, dict):
        task["meta"] = about
        about = {}
    made = article(Fields(about or {}, fields.place), text, name, state)
    # What `article` did not know is no field of ours, but metadata all the same.
    made = replace(made, meta={**stash(made, name), **meta(made)})
    return with_stash(made, name, task)


def _about(document: Document) -> dict[str, Any]:
    """A task's ``meta``: the article's fields and, beside them, its metadata; what has the name of
    a field is below ``meta``."""
    fields = said(document.article) | {"state": document.article.state}
    known = meta(document.article)
    taken = {key for key in known if key in _RESERVED}
    about = {**fields, **{k: v for k, v in known.items() if k not in taken}}
    return {**about, **({"meta": {k: known[k] for k in known if k in taken}} if taken else {})}


_RESERVED = frozenset(
    ["title", "outlet", "author", "url", "published", "language", "licence", "state", "meta"]
)


def _span(fields: Fields, draft: Draft) -> None:
    start, end = fields.offset("start"), fields.offset("end")
    if start is None or end is None:
        raise fields.fault(_("it has no start and end."))
    text = draft.article.text
    part = fields.fragment(start, end, len(text))
    shown = fields.take("text")
    if isinstance(shown, str) and shown != text[start:end]:
        raise fields.fault(
            _("its text is {said}, but the task has {found} there.").format(
                said=f"“{shown}”", found=f"“{text[start:end]}”"
            )
        )
    label = fields.text("label")
    key = fields.take("id")
    for name in ("token_start", "token_end"):
        fields.take(name)
    if fields.take("type") not in (None, "span"):
        raise fields.fault(_("only spans of text are read, no images or sounds."))
    id = draft.mention(part, label, attributes=_unkept(fields))
    if isinstance(key, str):
        draft.keys.setdefault(key, id)
    draft.keys.setdefault((start, end, label), id)
    draft.keys.setdefault((start, end), id)


def _relation(fields: Fields, draft: Draft, report: Report) -> None:
    label = fields.text("label")
    fields.take("color")
    ends = [_end(fields, key, draft) for key in ("head", "child")]
    if None in ends:
        reason = _("its end is a word, not a span")
        report.lose([Loss(Feature.RELATIONS, draft.article.id, what=label, reason=reason)])
        return
    draft.relation(label, str(ends[0]), str(ends[1]), attributes=_unkept(fields))


def _end(fields: Fields, key: str, draft: Draft) -> str | None:
    """The mention at one end, None where no span is there."""
    fields.take(key)
    place = Fields(fields.take(f"{key}_span"), f"{fields.place}, {key}_span")
    start, end = place.offset("start"), place.offset("end")
    id, label = place.take("id"), place.take("label")
    names = [id] if isinstance(id, str) else []
    named = (start, end, label) if isinstance(label, str) else (start, end)
    return next((draft.keys[k] for k in (*names, named) if k in draft.keys), None)


def _undecided(document: Document, answer: str) -> Document:
    """A task that nobody accepted: nothing in it is gold."""
    state = "rejected" if answer == "reject" else "open"
    draft = Draft(document.article, "")
    ids = {}
    for m in document.mentions.values():
        ids[m.id] = draft.suggest(
            m.type, fragments=m.fragments, attributes=m.attributes, source=m.source, state=state
        )
    for r in document.relations.values():
        draft.suggest(
            r.type, head=ids[r.head], tail=ids[r.tail], attributes=r.attributes, source=r.source,
            state=state,
        )  # fmt: skip
    return draft.document()


def _kept(attributes: Mapping[str, Any], taken: tuple[str, ...]) -> dict[str, Any]:
    """Attributes beside the keys of the format; below ``attributes`` where a name is taken."""
    below = {key: value for key, value in attributes.items() if key in taken}
    beside = {key: value for key, value in attributes.items() if key not in taken}
    return {**beside, **({"attributes": below} if below else {})}


def _unkept(fields: Fields) -> dict[str, Any]:
    below = fields.take("attributes")
    beside = fields.rest()
    if isinstance(below, dict):
        return {**beside, **below}
    return beside if below is None else {**beside, "attributes": below}


class _Word(NamedTuple):
    """``text[start:end]``, and whether one space follows that belongs to it."""

    start: int
    end: int
    spaced: bool


def _words(document: Document) -> tuple[list[_Word], int]:
    """Tokens that give the whole text back, cut at every boundary of gold; how many were cut.

    White space beyond one space after a token is a token of its own, as in spaCy.
    """
    text = document.article.text
    cuts = boundaries(document)
    pieces, cut = split(natural(text), cuts)
    starts = {m.start for m in document.mentions.values()}
    ends = {m.end for m in document.mentions.values()}
    words: list[_Word] = []

    def gap(start: int, end: int) -> None:
        inside = sorted(c for c in cuts if start < c < end) if end - start > 1 else []
        words.extend(_Word(a, b, False) for a, b in pairwise([start, *inside, end]) if b > a)

    at = 0
    for piece, following in zip(pieces, [*pieces[1:], None], strict=False):
        gap(at, piece.start)
        until = following.start if following else len(text)
        at = piece.end
        spaced = at < until and text[at] == " " and at not in starts and at + 1 not in ends
        words.append(_Word(piece.start, piece.end, spaced))
        at += spaced
    gap(at, len(text))
    return words, cut
