"""Calibrates a pipeline on documents that it, or a sister of it, has not seen.

    python -m training.calibrate CORPORA OUT.json PIPELINE=FILTER[,FILTER]... ...

Each pipeline is one without a calibration, and the filters name what was held out when it was
trained. All of them together give the curves: isotonic, by type and source. A reliability table is
printed for which the curves were made on one half of the documents and measured on the other.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

from core import scheme as schemes
from core.suggest import Text
from core.suggest.shipped.calibration import Calibration, interpolate
from core.suggest.shipped.labels import NAMES
from core.suggest.shipped.suggester import Shipped
from training.corpora import Example, read
from training.holdout import split

Point = tuple[float, bool]
Found = tuple[str, str, float, bool]  # key, corpus, raw score, right
_MERGED = {"GPE": "PLACE", "LOC": "PLACE", "FAC": "PLACE"}
_FEW = 12  # right or wrong ones of the prior that a step of a curve is mixed with
_MISC_KNOWN = ("wikigold", "redocred", "crossner")


def isotonic(points: list[Point], prior: float) -> list[tuple[float, float]]:
    """A rising curve of at most a dozen knots through (score, right) points."""
    points = sorted(points)
    size = max(25, len(points) // 12)
    blocks: list[list[float]] = []  # sum of x, right, count
    for i in range(0, len(points), size):
        part = points[i : i + size]
        if len(part) < size / 2 and blocks:
            blocks[-1] = [a + b for a, b in zip(blocks[-1], _sums(part), strict=True)]
        else:
            blocks.append(_sums(part))
    merged: list[list[float]] = []
    for block in blocks:
        merged.append(block)
        while len(merged) > 1 and merged[-2][1] / merged[-2][2] >= merged[-1][1] / merged[-1][2]:
            last = merged.pop()
            merged[-1] = [a + b for a, b in zip(merged[-1], last, strict=True)]
    few = _FEW * len(points) / (len(points) + 200)
    return [
        (round(x / n, 4), round((right + prior * few) / (n + few), 4)) for x, right, n in merged
    ]


def _sums(part: list[Point]) -> list[float]:
    return [sum(p[0] for p in part), float(sum(p[1] for p in part)), float(len(part))]


def points_of(shipped: Shipped, examples: list[Example], relations: bool) -> list[Found]:
    """(key, corpus, raw score, right) of all that a pipeline proposes for examples."""
    found = []
    for name in ("news", "re3d"):
        scheme = schemes.load(name)
        texts = [Text(e.id, e.text, "en") for e in examples]
        for e, proposal in zip(examples, shipped.suggest(texts, scheme), strict=True):
            if name == "re3d" and not e.phrases:
                continue
            spans = [tuple(m.fragments[0]) for m in proposal.mentions]
            right = []
            for span, m in zip(spans, proposal.mentions, strict=True):
                ours = m.why.startswith("the language model")
                head = "reports" if name == "re3d" else "names"
                label = _MERGED.get(m.type, m.type) if name == "news" else m.type
                gold = e.phrases if name == "re3d" else e.names
                hit = (*span, label) in gold
                right.append(hit)
                if name == "news":
                    open_ = any(span[0] < b and a < span[1] for a, b in e.unsure)
                    if label not in NAMES or (open_ and not hit):
                        continue
                    if label not in ("PERSON", "ORG", "PLACE") and not e.corpus.startswith(
                        _MISC_KNOWN
                    ):
                        continue
                found.append(
                    (f"{head if ours else 'rules-' + head}.{label}", e.corpus, m.score, hit)
                )
            if name == "re3d":
                if relations:
                    found += _relations(e, proposal, spans, scheme)
            elif relations and e.relation_head == "wiki":
                found += _wiki(e, proposal, spans)
    return found


def _relations(e: Example, proposal, spans, scheme):
    words = e.words
    gold = set()
    for (h, t), label in e.relations.items():
        from core.suggest.shipped.labels import REPORT_RELATIONS

        kind = REPORT_RELATIONS[label]
        ends = [(words[e.mentions[i][0]].start, words[e.mentions[i][1] - 1].end) for i in (h, t)]
        gold.add((ends[0], kind, ends[1]))
        if scheme.relation_types[kind].symmetric:
            gold.add((ends[1], kind, ends[0]))
    for r in proposal.relations:
        key = "reports-relation" if r.why.startswith("the language model") else "rules-relation"
        yield f"{key}.{r.type}", e.corpus, r.score, (spans[r.head], r.type, spans[r.tail]) in gold


def _wiki(e: Example, proposal, spans):
    from core.suggest.shipped.labels import WIKI_RELATIONS

    words = e.words
    at = {}
    for i, (a, b, _k) in enumerate(e.mentions):
        at[words[a].start, words[b - 1].end] = i
        the = e.text[words[a].start : words[b - 1].end]
        if the.lower().startswith("the "):
            at[words[a].start + 4, words[b - 1].end] = i
    for r in proposal.relations:
        h, t = at.get(spans[r.head]), at.get(spans[r.tail])
        if r.type not in WIKI_RELATIONS or "language model" not in r.why:
            continue
        if h is None or t is None:
            continue
        label = WIKI_RELATIONS[e.relations.get((h, t), 0)]
        yield f"wiki-relation.{r.type}", e.corpus, r.score, label == r.type


def curves_of(points) -> dict[str, list[tuple[float, float]]]:
    by: dict[str, list[Point]] = defaultdict(list)
    for key, _corpus, raw, hit in points:
        by[key].append((raw, hit))
        by[key.split(".")[0] + ".*"].append((raw, hit))
    curves = {}
    for key, some in by.items():
        group = by[key.split(".")[0] + ".*"]
        prior = sum(p[1] for p in group) / len(group)
        if len(some) >= 20:
            curves[key] = isotonic(some, prior)
    return curves


def table(points, curves, title: str) -> None:
    print(
        f"\n{title}\n\n| source | score | suggested | said to be right | was right |"
        "\n|---|---|---|---|---|"
    )
    bins = ((0.95, 1.01), (0.9, 0.95), (0.8, 0.9), (0.65, 0.8), (0.5, 0.65), (0.0, 0.5))
    sources = sorted({p[0].split(".")[0] for p in points})
    for source in sources:
        rows = []
        for key, _corpus, raw, hit in points:
            if key.split(".")[0] == source:
                curve = curves.get(key) or curves.get(source + ".*")
                rows.append((interpolate(curve, raw) if curve else raw, hit))
        for low, high in bins:
            some = [r for r in rows if low <= r[0] < high]
            if some:
                said, was = (sum(r[k] for r in some) / len(some) for k in (0, 1))
                print(
                    f"| {source} | {low:.2f}–{min(high, 1):.2f} | {len(some)} "
                    f"| {said:.2f} | {was:.2f} |"
                )


def main() -> None:
    corpora, out, *jobs = sys.argv[1:]
    examples = list(read(Path(corpora)))
    halves: tuple[list[Found], list[Found]] = ([], [])
    for job in jobs:
        pipeline, _, filters = job.partition("=")
        _train, held = split(examples, filters.split(","))
        for half in (0, 1):
            shipped = Shipped(pipeline)
            shipped.calibrate(Calibration(floors={"names": 0.02, "reports": 0.02}))
            halves[half].extend(points_of(shipped, held[half::2], relations=False))
    mentions = curves_of(halves[0] + halves[1])
    for job in jobs:  # what a relation is worth depends on what its ends are
        pipeline, _, filters = job.partition("=")
        _train, held = split(examples, filters.split(","))
        for half in (0, 1):
            shipped = Shipped(pipeline)
            shipped.calibrate(Calibration(mentions, {"names": 0.02, "reports": 0.02}))
            found = points_of(shipped, held[half::2], relations=True)
            halves[half].extend(f for f in found if "relation" in f[0])
    for half in (0, 1):
        table(halves[1 - half], curves_of(halves[half]), f"Half {half + 1}")
    curves = curves_of(halves[0] + halves[1])
    Path(out).write_text(json.dumps({"curves": curves}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
