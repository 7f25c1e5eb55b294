"""TACRED's shape: one example a pair of mentions. See ``docs/formats/tacred.md``.

Out only. What Goldsmith does not know (parts of speech, a parse) is not made up: those keys are not
there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

from core.annotation import Document, Mention
from core.article import Span
from core.formats import Feature, Report, Writer
from core.formats.docred import Places, cut, spaced, words
from core.formats.exchange import line
from core.formats.files import replacing
from core.formats.loss import Loss, flat, reduced
from core.i18n import _, ngettext
from core.scheme import Scheme

NONE = "no_relation"


class Tacred(Writer):
    """Writes TACRED's shape."""

    name = "tacred"
    extensions = (".json",)
    holds = frozenset({Feature.NESTED, Feature.RELATIONS, Feature.NAMES})

    @property
    def title(self) -> str:
        """For a person."""
        return _("TACRED, one example a pair of mentions")

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """By what the format holds."""
        smaller, lost = reduced(document, self.holds | {Feature.TEXT})
        smaller, more = spaced(smaller)
        return smaller, [*lost, *more]

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write the examples as one array, an example a line."""
        report = Report(files=[out])
        unpaired = 0
        with replacing(out) as file:
            for document in documents:
                report.count("tokens split", cut(document))
                kept = self.kept(document, scheme, report)
                paired: set[str] = set()
                for example, ends in _examples(kept, scheme, document.article.state == "done"):
                    first = not report.written.get("examples")
                    report.count("examples")
                    report.count(NONE, example["relation"] == NONE)
                    file.write((b"[\n" if first else b",\n") + line(example, kept, out))
                    paired.update(ends)
                unpaired += len(set(kept.mentions) - paired)
            file.write(b"\n]\n" if report.written.get("examples") else b"[]\n")
        if unpaired:
            report.notes.append(
                ngettext(
                    "{n} mention is in no example: nothing is said of it and another one.",
                    "{n} mentions are in no example: nothing is said of them and another one.",
                    unpaired,
                ).format(n=unpaired)
            )
        return report


def _examples(
    document: Document, scheme: Scheme, done: bool
) -> Iterator[tuple[dict[str, Any], tuple[str, str]]]:
    """An example a relation; in an article that is done also one a pair in a sentence that the
    scheme would allow to be related, and that is not."""
    sentences = words(document.article.text)
    places = Places(sentences)
    where = {m.id: places.find(m.fragments[0]) for m in document.mentions.values()}
    pairs = {(r.head, r.tail) for r in document.relations.values()}
    made: list[tuple[str, str, str]] = [(r.id, r.head, r.tail) for r in document.relations.values()]
    types = {r.id: r.type for r in document.relations.values()}
    if done:
        by_sentence: dict[int, list[Mention]] = {}
        for m in document.mentions.values():
            by_sentence.setdefault(where[m.id][0], []).append(m)
        for group in by_sentence.values():
            for a, b in permutations(sorted(group, key=lambda m: (m.start, m.end)), 2):
                if (a.id, b.id) not in pairs and scheme.relations_between(a.type, b.type):
                    made.append((f"{a.id}-{b.id}", a.id, b.id))
    ner = _labels(document, sentences)
    text = document.article.text
    for id, head, tail in made:
        (n, first, after), (k, from_, until) = where[head], where[tail]
        window = range(min(n, k), max(n, k) + 1)
        base = {s: sum(len(sentences[i]) for i in window if i < s) for s in window}
        tokens = [t for s in window for t in sentences[s]]
        example = {
            "id": id,
            "docid": document.article.id,
            "relation": types.get(id, NONE),
            "token": [text[t.start : t.end] for t in tokens],
            "subj_start": base[n] + first,
            "subj_end": base[n] + after - 1,
            "obj_start": base[k] + from_,
            "obj_end": base[k] + until - 1,
            "subj_type": document.mentions[head].type,
            "obj_type": document.mentions[tail].type,
            "stanford_ner": [ner.get(t, "O") for t in tokens],
        }
        yield example, (head, tail)


def _labels(document: Document, sentences: Iterable[Iterable[Span]]) -> dict[Span, str]:
    """The type that each token is of, of mentions that overlap the longest."""
    found: dict[Span, str] = {}
    chosen = flat(document.mentions.values())
    at = 0
    for sentence in sentences:
        for token in sentence:
            while at < len(chosen) and chosen[at].end <= token.start:
                at += 1
            if at < len(chosen) and chosen[at].start <= token.start:
                found[token] = chosen[at].type
    return found
