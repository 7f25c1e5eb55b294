"""How good a suggester is on gold of others, as a person sees it: in a scheme.

    python bench/suggestion_quality.py FOLDER SUGGESTER SCHEME CORPUS[#k/n | :PUBLISHER]...

FOLDER holds corpora as JSON lines. In the scheme news the gold is the names that
`training.corpora` derives, PERSON, ORG and places, without what it leaves open; in re3d the gold of
re3d as it stands. Printed: exact-span precision, recall, F1 by type, relations whose ends were both
suggested exactly and relations in all.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

from core import scheme as schemes
from core.suggest import Text, registry
from training.corpora import LABELS, example
from training.evaluate import JUDGED, Score
from training.holdout import split

MERGED = {"GPE": "PLACE", "LOC": "PLACE", "FAC": "PLACE"}


def main(folder: str, name: str, scheme_name: str, filters: list[str]) -> None:
    scheme = schemes.load(scheme_name)
    suggester = registry.find(name)
    records = {}
    examples = []
    for corpus in LABELS:
        if any(f.partition("#")[0].partition(":")[0] == corpus for f in filters):
            for line in (Path(folder) / f"{corpus}.jsonl").read_text("utf-8").splitlines():
                record = json.loads(line)
                records[record["id"]] = record
                examples.append(example(corpus, record))
    _rest, held = split(examples, filters)
    mentions: dict[str, Score] = defaultdict(Score)
    relations = Score()
    texts = [Text(e.id, e.text, "en") for e in held]
    for e, proposal in zip(held, suggester.suggest(texts, scheme), strict=True):
        said = [(*m.fragments[0], m.type) for m in proposal.mentions]
        if scheme_name == "re3d":
            wanted = e.phrases
        else:
            said = [(a, b, MERGED.get(k, k)) for a, b, k in said]
            said = [
                s for s in said if s[2] in JUDGED
                and (s in e.names or not any(s[0] < b and a < s[1] for a, b in e.unsure))
            ]  # fmt: skip
            wanted = [n for n in e.names if n[2] in JUDGED]
        mentions[e.corpus].add(said, wanted)
        if scheme_name == "re3d":
            record = records[e.id]
            at = {x["id"]: (x["start"], x["end"]) for x in record["entities"]}
            facts = [(at[r["head"]], at[r["tail"]], r["label"]) for r in record["relations"]]
            spans = [tuple(m.fragments[0]) for m in proposal.mentions]
            claims = [(spans[r.head], spans[r.tail], r.type) for r in proposal.relations]
            relations.add(*(_undirected(x, scheme) for x in (claims, facts)))
    for corpus, score in mentions.items():
        score.show(f"{name}, {scheme_name}, mentions, {corpus}")
    if relations.wanted:
        relations.show(f"{name}, {scheme_name}, relations with exact ends")


def _undirected(facts, scheme):
    return [
        (*sorted((h, t)), k) if scheme.relation_types[k].symmetric else (h, t, k)
        for h, t, k in facts
    ]  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:4], sys.argv[4:])
