"""Exact-span scores of a pipeline on held-out documents, by type and by source.

    python -m training.evaluate PIPELINE CORPORA FILTER...

Filters are those of `training.train`. Names are compared with what `training.corpora` derives from
the gold; predictions that touch a span which the corpus leaves open are not counted.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import spacy

from core.suggest.shipped import component  # noqa: F401
from core.suggest.shipped.labels import REPORT_RELATIONS, SYMMETRIC, WIKI_RELATIONS
from training.corpora import Example, read
from training.holdout import split

NO = ("NONE", "OTHER")
JUDGED = {"PERSON", "ORG", "PLACE"}


def names(doc) -> list[tuple[int, int, str]]:
    return [(s.start_char, s.end_char, s.label_) for s in doc.spans["names"]]


def judged(example: Example, said: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    return [
        s for s in said
        if s[2] in JUDGED
        and (s in example.names or not any(s[0] < b and a < s[1] for a, b in example.unsure))
    ]  # fmt: skip


class Score:
    """Right, said and wanted, by type."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.said: Counter[str] = Counter()
        self.wanted: Counter[str] = Counter()

    def add(self, said, wanted) -> None:
        wanted = set(wanted)
        for s in set(said):
            for key in ("all", s[2]):
                self.said[key] += 1
                self.right[key] += s in wanted
        for w in wanted:
            for key in ("all", w[2]):
                self.wanted[key] += 1

    def row(self, key: str) -> str:
        p = self.right[key] / max(1, self.said[key])
        r = self.right[key] / max(1, self.wanted[key])
        f = 2 * p * r / max(1e-9, p + r)
        return (
            f"{key:18} P {100 * p:5.1f}  R {100 * r:5.1f}  F1 {100 * f:5.1f}  ({self.wanted[key]})"
        )

    def show(self, title: str) -> None:
        print(f"\n{title}")
        for key in ["all", *sorted(k for k in self.wanted if k != "all")]:
            print("  " + self.row(key))


def relations(nlp, doc, example: Example, score: Score) -> None:
    """Relations between the gold mentions of a sentence, each pair with its likeliest label."""
    names = REPORT_RELATIONS if example.relation_head == "reports" else WIKI_RELATIONS
    at = [t.i for t in doc if not t.is_space]
    spans = np.array([(at[a], at[b - 1] + 1, k) for a, b, k in example.mentions])
    place = [bisect_right(example.ends, a) for a, _b, _k in example.mentions]
    pairs = [(i, j) for i in range(len(place)) for j in range(len(place))]
    pairs = [(i, j) for i, j in pairs if i != j and place[i] == place[j]]
    if not pairs:
        return
    network = nlp.get_pipe("goldsmith_reader").network
    head = "report_pairs" if example.relation_head == "reports" else "wiki_pairs"
    best = network.relations(head, doc.tensor, spans, np.array(pairs)).argmax(1)
    said = [(*ends, names[k]) for ends, k in zip(pairs, best, strict=True) if names[k] not in NO]
    wanted = [(*ends, names[k]) for ends, k in example.relations.items() if names[k] not in NO]
    wanted = [(i, j, k) for i, j, k in wanted if place[i] == place[j]]
    score.add(*([_undirected(f) for f in facts] for facts in (said, wanted)))


def _undirected(fact):
    head, tail, label = fact
    return (*sorted((head, tail)), label) if label in SYMMETRIC else fact


def main() -> None:
    pipeline, corpora, *filters = sys.argv[1:]
    nlp = spacy.load(pipeline)
    _train, held = split(list(read(Path(corpora))), filters)
    by_corpus: dict[str, Score] = defaultdict(Score)
    phrases: dict[str, Score] = defaultdict(Score)
    facts: dict[str, Score] = defaultdict(Score)
    untyped: dict[str, Score] = defaultdict(Score)
    for e in held:
        doc = nlp(e.text)
        said = judged(e, names(doc))
        wanted = [n for n in e.names if n[2] in JUDGED]
        for key in (e.corpus, f"{e.corpus}:{e.source}") if e.corpus == "re3d_dev" else (e.corpus,):
            by_corpus[key].add(said, wanted)
        untyped[e.corpus].add(
            [(a, b, "span") for a, b, _k in said], [(a, b, "span") for a, b, _k in wanted]
        )
        if e.relation_head and e.relation_head in nlp.get_pipe("goldsmith_reader").heads:
            relations(nlp, doc, e, facts[e.corpus])
        if e.phrases:
            said = [(s.start_char, s.end_char, s.label_) for s in doc.spans["reports"]]
            phrases[e.corpus].add(said, e.phrases)
            phrases[e.source].add(said, e.phrases)
    for key, score in by_corpus.items():
        score.show(f"names, {key}")
        if key in untyped:
            print("  span only: " + untyped[key].row("span"))
    for key, score in phrases.items():
        score.show(f"noun phrases of reports, {key}")
    for key, score in facts.items():
        score.show(f"relations between gold mentions of a sentence, {key}")


if __name__ == "__main__":
    main()
