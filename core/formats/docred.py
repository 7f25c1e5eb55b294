"""DocRED: documents of tokens, clusters of mentions, relations between them. See
``docs/formats/docred.md``.

DocRED's relations hold between entities and point at sentences; which mentions were meant and which
words say it stands beside them, under names that DocRED's own readers pass over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.annotation import Document, Entity, Fragment, Fragments, Mention, Relation, new_id
from core.article import Article, Span
from core.errors import FormatError
from core.formats import EVERYTHING, Feature, Reader, Report, Writer
from core.formats.exchange import line, with_stash
from core.formats.fields import Fault, Fields
from core.formats.files import replacing, wrong_line
from core.formats.loss import Loss, metadata, reduced, stashed, trimmed
from core.formats.stream import json_values
from core.formats.tokens import joined, tokenised
from core.i18n import _
from core.scheme import Scheme

HOLDS = frozenset(
    {
        Feature.NESTED, Feature.RELATIONS, Feature.EVIDENCE, Feature.ENTITIES, Feature.NAMES,
    }
)  # fmt: skip


class DocRed(Reader, Writer):
    """Reads and writes DocRED, Re-DocRED's extra keys included."""

    name = "docred"
    extensions = (".json",)
    holds = HOLDS

    @property
    def title(self) -> str:
        """For a person."""
        return _("DocRED, document-level relations")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By the names of its parts."""
        return path.suffix.lower() in self.extensions and b'"vertexSet"' in head

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """By what the format holds; the title is its only metadata."""

        def other_metadata(document: Document) -> Iterator[Loss]:
            return metadata(document, ("title",))

        held = self.holds | {Feature.METADATA, Feature.TEXT}
        smaller, lost = reduced(document, held, _blank_evidence, other_metadata)
        # Only then are its ends those of tokens, and the white space may go.
        smaller, more = spaced(smaller)
        return smaller, [*lost, *more]

    # -- in

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The documents of the file, one after the other; everything in them is gold."""
        source = f"import:{path.stem}"
        for n, (at, data) in enumerate(json_values(path, report, _is_record), start=1):
            try:
                document = _document(Fields(data, _("document {n}").format(n=n)), source, path.name)
            except Fault as fault:
                report.refuse(wrong_line(path, at, fault))
                continue
            report.count_document(document)
            yield document
        if not report.written.get("articles"):
            raise FormatError(_("the file holds no article."), _("Leave it out."), str(path))

    # -- out

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write `documents` as one array, a document a line."""
        report = Report(files=[out])
        with replacing(out) as file:
            for n, document in enumerate(documents):
                report.count("tokens split", cut(document))
                kept = self.kept(document, scheme, report)
                file.write(b"[\n" if n == 0 else b",\n")
                file.write(line(_record(kept), kept, out))
            file.write(b"\n]\n" if report.written.get("articles") else b"[]\n")
        return report


def _is_record(data: Mapping[str, Any]) -> bool:
    """Whether this is a document, and no vertex, mention or label of one."""
    return "sents" in data


class Places:
    """Where the tokens of a document stand, in its own text.

    Args:
        sentences: the tokens, sentence by sentence, none of them empty.
    """

    def __init__(self, sentences: tuple[tuple[Span, ...], ...]) -> None:
        self.sentences = sentences
        self._starts = [sentence[0].start for sentence in sentences]

    def find(self, part: Fragment) -> tuple[int, int, int]:
        """Sentence, first token, token after the last, of a stretch within one sentence."""
        n = max(0, bisect_right(self._starts, part.start) - 1)
        sentence = self.sentences[n]
        first = next(i for i, t in enumerate(sentence) if t.start >= part.start)
        last = next(i for i in reversed(range(len(sentence))) if sentence[i].end <= part.end)
        return n, first, last + 1

    def touched(self, parts: Fragments) -> list[int]:
        """The sentences that some of `parts` is in."""
        return [
            n
            for n, sentence in enumerate(self.sentences)
            if any(p.start < sentence[-1].end and sentence[0].start < p.end for p in parts)
        ]


def spaced(document: Document) -> tuple[Document, list[Loss]]:
    """`document` with one space between two tokens and a line a sentence, and whether that lost its
    white space. What was read from tokens keeps those, where `has_tokens`."""
    if has_tokens(document):
        return document, []
    return reduced(document, EVERYTHING - {Feature.TEXT})


def has_tokens(document: Document) -> bool:
    """Whether the text came as tokens, and gold begins and ends with them."""
    if stashed(document.article, DocRed.name).get("tokens") is not True:
        return False
    rows = words(document.article.text)
    starts = {t.start for row in rows for t in row}
    ends = {t.end for row in rows for t in row}
    parts = [f for m in document.mentions.values() for f in m.fragments]
    if any("\n" in document.article.text[p.start : p.end] for p in parts):
        return False
    parts += [f for r in document.relations.values() for f in r.evidence]
    return all(p.start in starts and p.end in ends for p in parts)


def cut(document: Document) -> int:
    """How many tokens are cut because gold begins or ends inside them."""
    return 0 if has_tokens(document) else tokenised(document).split


def _blank_evidence(document: Document) -> Iterator[Loss]:
    """Evidence that begins or ends with white space, which is in no token."""
    text = document.article.text
    for r in document.relations.values():
        if trimmed(text, r.evidence) != r.evidence:
            reason = _("it begins or ends with white space")
            yield Loss(Feature.EVIDENCE, r.article, r.id, reason=reason)


def words(text: str) -> tuple[tuple[Span, ...], ...]:
    """The tokens of a text as `core.formats.tokens.respaced` leaves it: a line a sentence, a space
    between two tokens."""
    rows = []
    at = 0
    for row in text.split("\n"):
        found = []
        for word in row.split(" "):
            found.append(Span(at, at + len(word)))
            at += len(word) + 1
        rows.append(tuple(found))
    return tuple(rows)


def clusters(document: Document) -> list[list[Mention]]:
    """The mentions entity by entity, in the order of the text; one of no entity stands alone."""
    found: dict[str, list[Mention]] = {}
    for m in sorted(document.mentions.values(), key=lambda m: (m.start, m.end)):
        found.setdefault(m.entity or m.id, []).append(m)
    return list(found.values())


def _record(document: Document) -> dict[str, Any]:
    text = document.article.text
    sentences = words(text)
    places = Places(sentences)
    groups = clusters(document)
    where = {m.id: (h, k) for h, group in enumerate(groups) for k, m in enumerate(group)}
    before = [0]
    for sentence in sentences:
        before.append(before[-1] + len(sentence))

    def vertex(m: Mention, h: int, k: int) -> dict[str, Any]:
        n, first, after = places.find(m.fragments[0])
        data = {
            "name": " ".join(text[t.start : t.end] for t in sentences[n][first:after]),
            "sent_id": n,
            "pos": [first, after],
            "type": m.type,
            "global_pos": [before[n] + first, before[n] + after],
            "index": f"{h}_{k}",
        }
        entity = document.entities.get(m.entity or "")
        if entity is not None and k == 0:
            said = (entity.name, entity.type, entity.kb_id, entity.note)
            data["entity"] = dict(zip(("name", "type", "kb_id", "note"), said, strict=True))
        return data

    def label(r: Relation) -> dict[str, Any]:
        (h, k), (t, j) = where[r.head], where[r.tail]
        data: dict[str, Any] = {"r": r.type, "h": h, "t": t, "evidence": places.touched(r.evidence)}
        data["mentions"] = [k, j]
        if r.evidence:
            data["trigger"] = [
                [before[n] + first, before[m] + after]
                for p in r.evidence
                for (n, first, _a), (m, _f, after) in [(_begin(places, p), _end(places, p))]
            ]
        return data

    return {
        "title": document.article.title,
        "sents": [[text[t.start : t.end] for t in sentence] for sentence in sentences],
        "vertexSet": [[vertex(m, h, k) for k, m in enumerate(g)] for h, g in enumerate(groups)],
        "labels": [label(r) for r in document.relations.values()],
    }


def _begin(places: Places, part: Fragment) -> tuple[int, int, int]:
    for n, sentence in enumerate(places.sentences):
        for i, token in enumerate(sentence):
            if token.start >= part.start:
                return n, i, i + 1
    raise ValueError(part)


def _end(places: Places, part: Fragment) -> tuple[int, int, int]:
    for n in reversed(range(len(places.sentences))):
        sentence = places.sentences[n]
        for i in reversed(range(len(sentence))):
            if sentence[i].end <= part.end:
                return n, i, i + 1
    raise ValueError(part)


def _document(fields: Fields, source: str, name: str) -> Document:
    title = fields.text("title", "")
    rows = fields.array("sents")
    for row in rows:
        if not isinstance(row, list) or not row or not all(isinstance(w, str) for w in row):
            raise fields.fault(_("“sents” must be lists of tokens."))
    text, places = joined(rows)
    if not text.strip():
        raise fields.fault(_("the article has no text."))
    article = Article(id=new_id("a"), text=text, title=title, source=name)
    if words(text) == tuple(map(tuple, places)):  # no token has white space in it
        article = with_stash(article, DocRed.name, {"tokens": True})
    mentions: dict[str, Mention] = {}
    entities: dict[str, Entity] = {}
    groups: list[list[str]] = []
    for h, group in enumerate(fields.array("vertexSet")):
        place = _("{document}, entity {n}").format(document=fields.place, n=h)
        if not isinstance(group, list) or not group:
            raise fields.fault(_("entity {n} must be a list of mentions.").format(n=h))
        ids: list[str] = []
        said: Any = None
        for k, item in enumerate(group):
            at = Fields(item, _("{entity}, mention {k}").format(entity=place, k=k))
            part = _place(at, places)
            said = at.take("entity") if k == 0 else said
            mention = Mention(new_id("m"), article.id, (part,), at.text("type"), source=source)
            mentions[mention.id] = mention
            ids.append(mention.id)
        groups.append(ids)
        entity = _entity(said, place, [mentions[id] for id in ids], text)
        if entity is not None:
            entities[entity.id] = entity
            mentions |= {id: replace(mentions[id], entity=entity.id) for id in ids}
    flat = [place for row in places for place in row]
    relations = {}
    for n, item in enumerate(fields.array("labels"), start=1):
        at = Fields(item, _("{document}, relation {n}").format(document=fields.place, n=n))
        relation = _relation(at, article.id, groups, mentions, places, flat, source)
        relations[relation.id] = relation
    return Document(article, mentions, relations, entities=entities)


def _place(fields: Fields, places: list[list[Span]]) -> Fragment:
    n, pos = fields.offset("sent_id"), fields.array("pos")
    if n is None or not 0 <= n < len(places):
        raise fields.fault(_("there is no sentence {n}.").format(n=n))
    part = _tokens(fields, pos, len(places[n]))
    start, end = places[n][part.start].start, places[n][part.end - 1].end
    if start == end:
        raise fields.fault(_("its tokens are empty."))
    return Fragment(start, end)


def _tokens(fields: Fields, pos: Any, length: int) -> Fragment:
    if not isinstance(pos, list) or len(pos) != 2:
        raise fields.fault(_("“pos” must be [first token, token after the last]."))
    ends = Fields({"first": pos[0], "after": pos[1]}, fields.place)
    first, after = ends.offset("first"), ends.offset("after")
    if first is None or after is None or not 0 <= first < after <= length:
        raise fields.fault(_("it is at tokens {pos}, but there are {n}.").format(pos=pos, n=length))
    return Fragment(first, after)


def _entity(said: Any, place: str, group: list[Mention], text: str) -> Entity | None:
    """What the file says of the entity; its longest name where it only has several mentions."""
    if isinstance(said, dict):
        fields = Fields(said, place)
        parts = [fields.text(key, "") for key in ("name", "type", "kb_id", "note")]
        return Entity(new_id("e"), *parts)
    if len(group) < 2:
        return None
    best = max(group, key=lambda m: m.end - m.start)
    return Entity(new_id("e"), text[best.start : best.end], best.type)


def _relation(
    fields: Fields,
    article: str,
    groups: list[list[str]],
    mentions: dict[str, Mention],
    places: list[list[Span]],
    flat: list[Span],
    source: str,
) -> Relation:
    ends = []
    for key in ("h", "t"):
        n = fields.offset(key)
        if n is None or not 0 <= n < len(groups):
            raise fields.fault(_("there is no entity {n}.").format(n=n))
        ends.append(groups[n])
    sentences = []
    for n in fields.array("evidence"):
        if not isinstance(n, int) or isinstance(n, bool) or not 0 <= n < len(places):
            raise fields.fault(_("there is no sentence {n}.").format(n=n))
        sentences.append(Fragment(places[n][0].start, places[n][-1].end))
    chosen, trigger = fields.take("mentions"), fields.take("trigger")
    if (
        isinstance(chosen, list)
        and len(chosen) == 2
        and all(type(k) is int and 0 <= k < len(end) for k, end in zip(chosen, ends, strict=True))
    ):
        head, tail = (end[k] for k, end in zip(chosen, ends, strict=True))
    else:
        head, tail = _nearest(ends[0], ends[1], mentions, sentences)
    evidence = sorted(set(sentences))
    if isinstance(trigger, list):
        parts = [_tokens(fields, pos, len(flat)) for pos in trigger]
        evidence = [Fragment(flat[p.start].start, flat[p.end - 1].end) for p in parts]
    return Relation(
        new_id("r"), article, fields.text("r"), head, tail, _apart(fields, evidence), source=source
    )


def _apart(fields: Fields, parts: list[Fragment]) -> Fragments:
    for before, after in pairwise(parts):
        if before.end >= after.start:
            raise fields.fault(_("its trigger words overlap or are out of order."))
    return tuple(parts)


def _nearest(
    heads: list[str], tails: list[str], mentions: dict[str, Mention], sentences: list[Fragment]
) -> tuple[str, str]:
    """The two mentions that are meant most likely: in the evidence, then near each other."""

    def inside(id: str) -> bool:
        return any(s.start <= mentions[id].start < s.end for s in sentences)

    def far(pair: tuple[str, str]) -> tuple[int, int, int]:
        head, tail = pair
        out = (not inside(head)) + (not inside(tail)) if sentences else 0
        return out, abs(mentions[head].start - mentions[tail].start), mentions[head].start

    pairs = [(head, tail) for head in heads for tail in tails if head != tail]
    return min(pairs, key=far) if pairs else (heads[0], tails[0])
