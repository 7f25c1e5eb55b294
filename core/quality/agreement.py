"""How far two people agree who annotated the same articles, each in a project file of their own.

Articles are the same when their texts are. What nobody says, no span here and no relation there,
can't be counted, so agreement about spans and relations is an F1 score, with either of the two as
the reference; what both say of one span, its type, can be, so that is Cohen's kappa.

Written here, as the libraries for it (nervaluate, seqeval) know flat tags only: ours nest, overlap
and have gaps. The tests compare it with nervaluate where mentions are flat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from core.annotation import Document, Fragments, Mention, Relation, covered_text
from core.project import Project
from core.scheme import Scheme

CONTEXT = 40  # characters on either side of what is shown
Kind: TypeAlias = Literal["mention", "type", "boundary", "relation"]


@dataclass(slots=True)
class Score:
    """How often one of the two said something of a kind, and how often both did."""

    a: int = 0
    b: int = 0
    both: int = 0

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall, 0..1, whoever is the reference; None where
        neither said anything."""
        said = self.a + self.b
        return 2 * self.both / said if said else None

    def data(self) -> dict[str, Any]:
        """For a program."""
        return {"a": self.a, "b": self.b, "both": self.both, "f1": self.f1}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two did not both say.

    Attributes:
        kind: ``mention`` or ``relation``: one of them has it; ``type``: of one span; ``boundary``:
            of spans of one type that overlap.
        article: its id in A.
        title: the article's.
        start: where it is in the text, code points.
        a, b: what each says, empty where nothing.
        context: the text around it, with marks around the words.
    """

    kind: Kind
    article: str
    title: str
    start: int
    a: str
    b: str
    context: str


@dataclass(slots=True)
class Agreement:
    """What was compared, and how far the two agree.

    Attributes:
        articles: how many were compared.
        only_a, only_b: how many of each file's articles were not, as the other has no such text
            or is not done with it.
        exact: mentions with the same fragments and type; by type in `exact_of`.
        overlap: mentions of the same type that share some text, each with one other at most.
        spans: mentions with the same fragments, whatever their types.
        types: how often A and B gave a span that both marked these two types.
        relations: of the same type, between the same spans; by type in `relations_of`.
        related: the same, of those alone whose two ends both marked.
    """

    articles: int = 0
    only_a: int = 0
    only_b: int = 0
    exact: Score = field(default_factory=Score)
    overlap: Score = field(default_factory=Score)
    spans: Score = field(default_factory=Score)
    relations: Score = field(default_factory=Score)
    related: Score = field(default_factory=Score)
    exact_of: dict[str, Score] = field(default_factory=dict)
    overlap_of: dict[str, Score] = field(default_factory=dict)
    relations_of: dict[str, Score] = field(default_factory=dict)
    types: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of the types of spans that both marked; see `kappa`."""
        return kappa(self.types)

    def data(self) -> dict[str, Any]:
        """For a program."""
        scores = ("exact", "overlap", "spans", "relations", "related")
        tables = ("exact_of", "overlap_of", "relations_of")
        confused = [{"a": a, "b": b, "n": n} for (a, b), n in self.types.most_common()]
        return {
            "articles": {"both": self.articles, "only_a": self.only_a, "only_b": self.only_b},
            **{name: getattr(self, name).data() for name in scores},
            **{n: {t: s.data() for t, s in getattr(self, n).items()} for n in tables},
            "kappa": self.kappa,
            "types": confused,
        }


def kappa(pairs: Counter[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two people's answers, 1 at most; None where there is none: no pair, or both
    always said the same one thing, so that chance alone would have them agree."""
    n = sum(pairs.values())
    if not n:
        return None
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (a, b), count in pairs.items():
        first[a] += count
        second[b] += count
    chance = sum(first[t] * second[t] for t in first) / n**2
    if chance == 1:
        return None
    return (sum(count for (a, b), count in pairs.items() if a == b) / n - chance) / (1 - chance)


def agreement(
    a: Project,
    b: Project,
    *,
    only_done: bool = True,
    differ: Callable[[Difference], None] = lambda difference: None,
    progress: Callable[[int, int, str], None] = lambda done, total, title: None,
) -> Agreement:
    """Compare the gold of the articles that both have; no more than one article is in memory.

    Args:
        only_done: those that are done in both. What is not may lack gold since nobody was there.
        differ: gets each difference, in the order of A's articles and of the text.
    """
    found = Agreement()
    total = a.count(only_done=only_done)
    for n, document in enumerate(a.documents(a.article_ids(only_done=only_done), ())):
        progress(n, total, document.article.title)
        id = b.article_with_text(document.article.sha256)
        other = b.document(id, ()) if id is not None else None
        if other is None or (only_done and other.article.state != "done"):
            found.only_a += 1
            continue
        found.articles += 1
        for difference in compare(found, document, other, a.scheme):
            differ(difference)
    found.only_b = b.count(only_done=only_done) - found.articles
    return found


def compare(found: Agreement, a: Document, b: Document, scheme: Scheme) -> list[Difference]:
    """Count one article into `found`; what differs, in the order of the text."""
    differences = [*_mentions(found, a, b), *_relations(found, a, b, scheme)]
    return sorted(differences, key=lambda d: (d.start, d.kind))


# -- mentions

Said: TypeAlias = tuple[str, Hashable]  # a type, and what it is said of


def _of_mention(m: Mention) -> Said:
    return m.type, m.fragments


def _mentions(found: Agreement, a: Document, b: Document) -> Iterator[Difference]:
    mine, theirs = list(a.mentions.values()), list(b.mentions.values())
    both = _count(found.exact, found.exact_of, map(_of_mention, mine), map(_of_mention, theirs))
    _count(found.spans, {}, (("", m.fragments) for m in mine), (("", m.fragments) for m in theirs))
    for (type, _fragments), n in both.items():
        found.types[type, type] += n
    overlapping = _overlapping(found, mine, theirs)
    left, right = _others(mine, both), _others(theirs, both)
    for m, other in _of_one_span(left, right):
        found.types[m.type, other.type] += 1
        del left[m.id], right[other.id]
        yield _difference("type", a, m.fragments, m.type, other.type)
    for m, other in overlapping:
        if m.id in left and other.id in right:
            del left[m.id], right[other.id]
            yield _difference("boundary", a, m.fragments, _words(a, m), _words(b, other))
    for m in left.values():
        yield _difference("mention", a, m.fragments, _words(a, m), "")
    for m in right.values():
        yield _difference("mention", a, m.fragments, "", _words(b, m))


def _count(
    score: Score, by_type: dict[str, Score], mine: Iterable[Said], theirs: Iterable[Said]
) -> Counter[Said]:
    """Count what each says; what both do, and how often."""
    first, second = Counter(mine), Counter(theirs)
    both = first & second
    for name, said in (("a", first), ("b", second), ("both", both)):
        setattr(score, name, getattr(score, name) + said.total())
        for (type, _what), n in said.items():
            of_type = by_type.setdefault(type, Score())
            setattr(of_type, name, getattr(of_type, name) + n)
    return both


def _others(mentions: Iterable[Mention], both: Counter[Said]) -> dict[str, Mention]:
    """Those that are not among what both say, by id."""
    left = Counter(both)
    found = {}
    for m in mentions:
        if left[_of_mention(m)]:
            left[_of_mention(m)] -= 1
        else:
            found[m.id] = m
    return found


def _of_one_span(
    left: dict[str, Mention], right: dict[str, Mention]
) -> list[tuple[Mention, Mention]]:
    """Mentions with the same fragments; each is in one pair."""
    free: dict[Fragments, list[Mention]] = {}
    for m in right.values():
        free.setdefault(m.fragments, []).append(m)
    return [(m, free[m.fragments].pop(0)) for m in left.values() if free.get(m.fragments)]


def _overlapping(
    found: Agreement, mine: list[Mention], theirs: list[Mention]
) -> list[tuple[Mention, Mention]]:
    """Count the mentions that share text with one of the same type; the pairs, each mention in one
    of them, those first that share most and differ least."""
    by_type: dict[str, list[Mention]] = {}
    for m in theirs:
        by_type.setdefault(m.type, []).append(m)
    pairs = []
    for i, m in enumerate(mine):
        for j, other in enumerate(by_type.get(m.type, ())):
            if m.start < other.end and other.start < m.end:
                shared = _shared(m.fragments, other.fragments)
                apart = abs(m.start - other.start) + abs(m.end - other.end)
                pairs.append((-shared, apart, i, j, m, other))
    taken: set[str] = set()
    chosen: list[tuple[Mention, Mention]] = []
    for shared, _apart, i, _j, m, other in sorted(pairs, key=lambda pair: pair[:4]):
        if shared and f"{i}" not in taken and other.id not in taken:
            taken |= {f"{i}", other.id}
            chosen.append((m, other))
    for said, name in ((mine, "a"), (theirs, "b"), ([m for m, _other in chosen], "both")):
        for m in said:
            for score in (found.overlap, found.overlap_of.setdefault(m.type, Score())):
                setattr(score, name, getattr(score, name) + 1)
    return chosen


def _shared(a: Fragments, b: Fragments) -> int:
    return sum(max(0, min(f.end, g.end) - max(f.start, g.start)) for f in a for g in b)


# -- relations


def _relations(found: Agreement, a: Document, b: Document, scheme: Scheme) -> Iterator[Difference]:
    mine, theirs = (
        [(_of_relation(r, document, scheme), r) for r in document.relations.values()]
        for document in (a, b)
    )
    both = _count(
        found.relations, found.relations_of, (key for key, _r in mine), (key for key, _r in theirs)
    )
    marked = {m.fragments for m in a.mentions.values()}
    marked &= {m.fragments for m in b.mentions.values()}
    known = [
        [key for key, r in said if all(document.mentions[e].fragments in marked for e in _ends(r))]
        for said, document in ((mine, a), (theirs, b))
    ]
    _count(found.related, {}, *known)
    for said, document, is_mine in ((mine, a, True), (theirs, b, False)):
        left = Counter(both)
        for key, r in said:
            if left[key]:
                left[key] -= 1
                continue
            shown = _arrow(document, r)
            parts = document.mentions[r.head].fragments
            texts = (shown, "") if is_mine else ("", shown)
            yield _difference("relation", a, parts, *texts)


def _ends(r: Relation) -> tuple[str, str]:
    return r.head, r.tail


def _of_relation(r: Relation, document: Document, scheme: Scheme) -> Said:
    """Its type and the spans of its ends; of a symmetric one, either way round."""
    ends = [document.mentions[end].fragments for end in _ends(r)]
    known = scheme.relation_types.get(r.type)
    return r.type, tuple(sorted(ends) if known is not None and known.symmetric else ends)


# -- for a person


def _words(document: Document, m: Mention) -> str:
    return f"{m.type} {_flat(covered_text(document.article.text, m.fragments))}"


def _arrow(document: Document, r: Relation) -> str:
    text = document.article.text
    head, tail = (_flat(covered_text(text, document.mentions[e].fragments)) for e in _ends(r))
    return f"{head} — {r.type} → {tail}"


def _difference(kind: Kind, a: Document, parts: Fragments, mine: str, theirs: str) -> Difference:
    text = a.article.text
    start, end = parts[0].start, parts[-1].end
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    if start > CONTEXT:  # whole words
        before = "…" + before[before.find(" ") + 1 :]
    if end + CONTEXT < len(text):
        after = after[: after.rfind(" ")] + "…" if " " in after else after + "…"
    context = f"{_flat(before, keep=True)}«{_flat(text[start:end])}»{_flat(after, keep=True)}"
    return Difference(kind, a.article.id, a.article.title, start, mine, theirs, context)


def _flat(text: str, *, keep: bool = False) -> str:
    """In one line; with `keep`, what stands at the ends stays apart from its neighbour."""
    flat = " ".join(text.split())
    if keep and text:
        flat = (" " if text[0].isspace() else "") + flat + (" " if text[-1].isspace() else "")
    return flat
