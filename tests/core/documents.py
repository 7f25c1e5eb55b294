"""Random documents for the tests of formats, and what they say whatever their ids are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from core.annotation import Document, Entity, Mention, Relation, Suggestion, fragments
from core.article import Article, title_of
from core.formats import Feature
from core.formats.loss import ARTICLE_FIELDS, STASH

PIECES = [
    "Ali", "Mamluk", "met", "U.S.", "don't", "470,000", "-", "”", ".", ". ", "! ", " ", " ", "  ",
    "\n", "\r\n", "\n\n", "\t", "\u00a0", "\u2028", "🇺🇦", "👩‍👩‍👧", "e\u0301", "القاهرة", "中国",
    "नमस्ते", "<b>&amp;", "#", "\\", "|", "[", "]", "_", "*", ";", ":", "%20", "B-PER", "x" * 30,
    "\u200d",
]  # fmt: skip
TYPES = ["GPE", "PERSON", "ODD TYPE", "a-b_c", "Тип", "x|y[1]*;%"]

texts = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=14)
    .map("".join)
    .filter(lambda text: any(c.isalnum() for c in text))
)
words = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\n\r ;|=\\#"), max_size=8
)
names = st.sampled_from(["certain", "a b", "x=y|z", "Тип", "_", "1"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
attributes = st.dictionaries(names, values, max_size=2)
_scores = st.floats(0, 1).map(lambda x: round(x, 3))


@st.composite
def documents(draw: st.DrawFn, id: str = "a-1") -> Document:
    """Any document: everything that the data model allows, in any combination."""
    text = draw(texts)
    edges = st.integers(0, len(text))
    pairs = st.tuples(edges, edges).filter(lambda p: p[0] != p[1]).map(lambda p: tuple(sorted(p)))
    spans = st.lists(pairs, min_size=1, max_size=2).map(fragments)
    entities = {
        f"e-{n}": Entity(
            f"e-{n}",
            draw(words),
            draw(st.sampled_from(["", "GPE"])),
            draw(st.sampled_from(["", "Q858", "odd id:1"])),
            draw(st.just("") | words),
        )
        for n in range(draw(st.integers(0, 2)))
    }
    mentions = {
        f"m-{n}": Mention(
            f"m-{n}", id, draw(spans), draw(st.sampled_from(TYPES)), draw(attributes),
            draw(st.just("") | words), draw(st.none() | st.sampled_from([*entities, None])),
            draw(st.sampled_from(["", "ann"])), draw(st.sampled_from(["manual", "rules"])),
            draw(st.none() | _scores),
        )
        for n in range(draw(st.integers(0, 4)))
    }  # fmt: skip
    ids = sorted(mentions)
    relations = {
        f"r-{n}": Relation(
            f"r-{n}", id, draw(st.sampled_from(["visited", "met with"])),
            draw(st.sampled_from(ids)), draw(st.sampled_from(ids)), draw(st.just(()) | spans),
            draw(attributes), draw(st.just("") | words), draw(st.sampled_from(["", "ann"])),
        )
        for n in range(draw(st.integers(0, 3)) if ids else 0)
    }  # fmt: skip
    suggestions = {
        f"s-{n}": Suggestion(
            f"s-{n}", id, draw(st.sampled_from(TYPES)), draw(spans), source="rules",
            score=draw(_scores), why=draw(words), attributes=draw(attributes),
        )
        for n in range(draw(st.integers(0, 2)))
    }  # fmt: skip
    if suggestions and ids:
        suggestions["s-r"] = Suggestion(
            "s-r", id, "visited", head=ids[0], tail="s-0", source="rules", score=0.5
        )
    used = {m.entity for m in mentions.values()}
    title = draw(st.sampled_from(["", "A title", title_of(text)]))
    article = Article(
        id, text, title, draw(st.just("") | words), published=draw(st.sampled_from(["", "2017"])),
        state=draw(st.sampled_from(["new", "done"])),
        meta=draw(st.dictionaries(words, values, max_size=2)),
    )  # fmt: skip
    return Document(
        article, mentions, relations, suggestions, {k: e for k, e in entities.items() if k in used}
    )


def facts(
    document: Document, holds: frozenset[Feature], stash: str | None = None
) -> dict[str, Any]:
    """What a document says, comparable across formats: no ids, no order.

    Args:
        holds: of the format; without `Feature.PROVENANCE` a source is ``import:…``.
    """
    article = document.article
    said = {name: getattr(article, name) for name in ARTICLE_FIELDS}
    said["meta"] = plain({k: v for k, v in article.meta.items() if k != STASH})
    said["title"] = said["title"] or title_of(article.text)
    signed = Feature.PROVENANCE in holds

    def signature(item: Mention | Relation) -> tuple[Any, ...]:
        return (item.annotator, item.score, item.source if signed else "")

    def entity(id: str | None) -> Any:
        if id is None:
            return None
        e = document.entities[id]
        members = sorted(
            (m.fragments, m.type) for m in document.mentions.values() if m.entity == id
        )
        return (e.name, e.type, e.kb_id, e.note, tuple(members))

    spans: dict[str, Any] = {
        m.id: (m.fragments, m.type, plain(m.attributes), m.note, entity(m.entity), signature(m))
        for m in document.mentions.values()
    }
    offered = {
        s.id: (s.fragments, s.type, plain(s.attributes), s.source, s.score, s.why, s.state)
        for s in document.suggestions.values()
        if not s.is_relation
    }
    ends = spans | offered
    return {
        "text": article.text,
        "article": said,
        "mentions": Counter(spans.values()),
        "relations": Counter(
            (r.type, spans[r.head], spans[r.tail], r.evidence, plain(r.attributes), r.note,
             signature(r))
            for r in document.relations.values()
        ),
        "suggestions": Counter(offered.values()),
        "suggested relations": Counter(
            (s.type, ends[s.head], ends[s.tail], s.evidence, plain(s.attributes), s.source,
             s.score, s.why)
            for s in document.suggestions.values()
            if s.is_relation
        ),
    }  # fmt: skip


def plain(value: Mapping[str, Any]) -> str:
    """JSON in one order; a tuple is a list."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
