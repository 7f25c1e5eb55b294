"""Checks of gold against the scheme and the text: what a person should look at again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from core import soundness
from core.annotation import Document, Mention, Relation, covered_text
from core.article import graphemes
from core.errors import ConstraintError
from core.i18n import _, ngettext
from core.project import Project
from core.scheme import Scheme

Level: TypeAlias = Literal["error", "warning"]

# What each check is called, for a person; errors are what training or the scheme can't take.
TITLES: dict[str, str] = {
    "unknown-type": "entity type that the scheme does not have",
    "unknown-relation": "relation that the scheme does not have",
    "ends": "relation whose ends the scheme does not admit",
    "self-relation": "relation of a mention with itself",
    "duplicate-mention": "the same span with the same type twice",
    "duplicate-relation": "the same relation twice",
    "outside": "mention outside the text",
    "empty": "mention of white space only",
    "space": "white space at the boundary of a mention",
    "grapheme": "boundary inside a character (a combining mark, an emoji sequence)",
    "crossing": "mentions that cross",
    "attribute": "attribute that the scheme does not admit there",
    "entity-types": "entity whose mentions are of several types",
    "orphan": "refers to what is not there: another program wrote to the file",
    "done-empty": "article marked as done, with no mention",
    "done-open": "article marked as done, with open suggestions",
}
_WARNINGS = {
    "space", "grapheme", "crossing", "attribute", "entity-types", "done-empty", "done-open",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or doubtful.

    Attributes:
        check: which check found it, a key of `TITLES`.
        article, title: the article's id and title; empty for what belongs to none.
        item: id of the mention or relation, empty for the article as a whole.
        start, end: where, code points; 0, 0 for the article as a whole.
        message: for a person, with the words that it is about.
    """

    level: Level
    check: str
    article: str
    title: str
    message: str
    item: str = ""
    start: int = 0
    end: int = 0


def check(project: Project) -> Iterator[Finding]:
    """All findings in `project`, article by article, in the order of the text; then those that
    belong to no article."""
    for document in project.documents(states=("open",)):
        yield from check_document(document, project.scheme)
    for mentions in project.entities_of_several_types():
        yield _several_types(project, mentions)
    for orphan in soundness.orphans(project):
        yield Finding("error", "orphan", "", "", str(orphan), orphan.id)


def _several_types(project: Project, mentions: list[Mention]) -> Finding:
    """Where the first mention of the rarest type stands: that is where it went apart."""
    counts = Counter(mention.type for mention in mentions)
    odd = min(mentions, key=lambda m: counts[m.type])
    article = project.article(odd.article)
    types = ", ".join(f"{n} {type}" for type, n in counts.most_common())
    return Finding(
        "warning", "entity-types", article.id, article.title,
        f"{_words(article.text, odd)}: {types}", odd.id, odd.start, odd.end,
    )  # fmt: skip


def _words(text: str, mention: Mention) -> str:
    words = " ".join(covered_text(text, mention.fragments).split())
    return f"“{words if len(words) <= 60 else words[:59] + '…'}” {mention.type}"


def check_document(document: Document, scheme: Scheme) -> Iterator[Finding]:
    """All findings in one document; its open suggestions count for articles that are done."""
    checker = _Checker(document, scheme)
    yield from checker.mentions()
    yield from checker.relations()
    yield from checker.article()


class _Checker:
    def __init__(self, document: Document, scheme: Scheme) -> None:
        self.document = document
        self.scheme = scheme
        self.text = document.article.text
        ordered = sorted(document.mentions.values(), key=lambda m: (m.start, -m.end, m.id))
        self.ordered = ordered

    def found(self, check: str, message: str, item: str = "", at: Mention | None = None) -> Finding:
        return Finding(
            level="warning" if check in _WARNINGS else "error",
            check=check,
            article=self.document.article.id,
            title=self.document.article.title,
            message=message,
            item=item,
            start=at.start if at else 0,
            end=at.end if at else 0,
        )

    def words(self, mention: Mention) -> str:
        return _words(self.text, mention)

    # -- mentions

    def mentions(self) -> Iterator[Finding]:
        seen: dict[tuple[object, str], Mention] = {}
        inside = self._inside_graphemes()
        open: list[Mention] = []
        for mention in self.ordered:
            words = self.words(mention)

            def found(check: str, message: str, at: Mention = mention) -> Finding:
                return self.found(check, message, at.id, at)

            if mention.type not in self.scheme.entity_types:
                yield found("unknown-type", words)
            twin = seen.setdefault((mention.fragments, mention.type), mention)
            if twin is not mention:
                yield found("duplicate-mention", words)
            if mention.start < 0 or mention.end > len(self.text):
                yield found("outside", words)
                continue
            parts = [self.text[f.start : f.end] for f in mention.fragments]
            if not "".join(parts).strip():
                yield found("empty", words)
            elif any(part != part.strip() for part in parts):
                yield found("space", words)
            if any(at in inside for f in mention.fragments for at in f):
                yield found("grapheme", words)
            open = [m for m in open if m.end > mention.start]
            for other in open:
                if other.start < mention.start and other.end < mention.end:
                    yield found("crossing", f"{self.words(other)} × {words}")
            open.append(mention)
            yield from self._attributes(mention, words, mention)

    def _inside_graphemes(self) -> set[int]:
        """Offsets that no boundary should have; most texts have none but those of CR LF."""
        if self.text.isascii():
            return set()
        return {at for g in graphemes(self.text) for at in range(g.start + 1, g.end)}

    def _attributes(self, item: Mention | Relation, words: str, at: Mention) -> Iterator[Finding]:
        for name, value in item.attributes.items():
            if name not in self.scheme.attributes:
                continue  # what another tool had to say; the scheme has no opinion on it
            try:
                self.scheme.check_attribute(name, value, item.type)
            except ConstraintError as error:
                yield self.found("attribute", f"{words}: {error.message}", item.id, at)

    # -- relations

    def relations(self) -> Iterator[Finding]:
        seen: set[tuple[str, str, str]] = set()
        for relation in self.document.relations.values():
            head = self.document.mentions[relation.head]
            tail = self.document.mentions[relation.tail]
            words = f"{self.words(head)} — {relation.type} → {self.words(tail)}"
            known = self.scheme.relation_types.get(relation.type)
            if known is None:
                yield self.found("unknown-relation", words, relation.id, head)
            elif not self.scheme.admits(relation.type, head.type, tail.type):
                yield self.found("ends", words, relation.id, head)
            if head is tail:
                yield self.found("self-relation", words, relation.id, head)
            ends = [relation.head, relation.tail]
            if known is not None and known.symmetric:
                ends.sort()
            if (key := (relation.type, ends[0], ends[1])) in seen:
                yield self.found("duplicate-relation", words, relation.id, head)
            seen.add(key)
            yield from self._attributes(relation, words, head)

    # -- the article as a whole

    def article(self) -> Iterator[Finding]:
        if self.document.article.state != "done":
            return
        if not self.document.mentions:
            yield self.found("done-empty", _("It is marked as done and has no mention."))
        n = sum(s.state == "open" for s in self.document.suggestions.values())
        if n:
            yield self.found(
                "done-open",
                ngettext(
                    "It is marked as done and has {n} open suggestion.",
                    "It is marked as done and has {n} open suggestions.",
                    n,
                ).format(n=n),
            )
