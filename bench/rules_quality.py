"""How good the built-in rules are on gold of others.

    python bench/rules_quality.py FOLDER

FOLDER holds corpora as JSON lines (`core.formats.corpus`): the names of the files that were used to
develop the rules are below. Printed: exact-span precision, recall and F1 of typed mentions by
corpus, the precision of each rule, and of each relation. The scores in `core.suggest.mention_rules`
are the precisions of this table, rounded.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from core import scheme
from core.annotation import Document
from core.formats import Report, registry
from core.suggest import ProposedMention, Text
from core.suggest.mention_rules import RULES
from core.suggest.relation_rules import propose_relations
from core.suggest.rules import Rules

PLACE = "PLACE"
# Gold labels to the classes that are compared; what is absent is not judged.
CORPORA = {
    "re3d_dev.jsonl": {
        "Person": "PERSON", "Organisation": "ORG", "Location": PLACE, "Temporal": "DATE",
        "Quantity": "CARDINAL", "Nationality": "NORP", "Money": "MONEY", "Weapon": "WEAPON",
        "MilitaryPlatform": "VEHICLE", "Vehicle": "VEHICLE",
    },
    "gum_news_train.jsonl": {"person": "PERSON", "organization": "ORG", "place": PLACE},
    "wikigold.jsonl": {"PER": "PERSON", "ORG": "ORG", "LOC": PLACE},
}  # fmt: skip
MERGED = {"GPE": PLACE, "LOC": PLACE, "FAC": PLACE}


def gold(document: Document, labels: dict[str, str], named_only: bool) -> set[tuple[int, int, str]]:
    return {
        (m.start, m.end, labels[m.type])
        for m in document.mentions.values()
        if m.type in labels and (not named_only or m.attributes.get("named"))
    }


def main(folder: Path) -> None:
    news = scheme.load("news")
    rules = Rules()
    by_rule: dict[str, Counter[bool]] = {}
    whys = [
        (name, why.split("“")[0].strip().split("{")[0].strip()) for name, (_s, why) in RULES.items()
    ]
    for name, labels in CORPORA.items():
        right: Counter[str] = Counter()
        said: Counter[str] = Counter()
        wanted: Counter[str] = Counter()
        for document in registry.reader_for(folder / name).read(folder / name, Report()):
            facts = gold(document, labels, name.startswith("gum"))
            wanted.update(kind for *_span, kind in facts)
            (proposal,) = rules.suggest([Text("", document.article.text, "en")], news)
            for mention in proposal.mentions:
                kind = MERGED.get(mention.type, mention.type)
                if kind not in labels.values():
                    continue
                hit = (*mention.fragments[0], kind) in facts
                said[kind] += 1
                right[kind] += hit
                rule = next((r for r, start in whys if mention.why.startswith(start)), "?")
                by_rule.setdefault(rule, Counter())[hit] += 1
        print(f"\n{name}")
        total = (sum(right.values()), sum(said.values()), sum(wanted.values()))
        rows = [("all", *total)] + [(k, right[k], said[k], wanted[k]) for k in sorted(wanted)]
        for kind, r, s, w in rows:
            p, c = r / max(s, 1), r / max(w, 1)
            f1 = 2 * p * c / max(p + c, 1e-9)
            print(f"  {kind:10} precision {p:.2f}  recall {c:.2f}  F1 {f1:.2f}  ({w} in gold)")
    print("\nprecision by rule, all corpora together")
    for rule, counts in sorted(by_rule.items(), key=lambda item: -sum(item[1].values())):
        n = sum(counts.values())
        print(f"  {rule:12} {counts[True] / n:.2f}  of {n}")


def relations(folder: Path) -> None:
    """Precision and recall of the relation rules between gold mentions, on re3d."""
    re3d = scheme.load("re3d")
    path = folder / "re3d_dev.jsonl"
    said: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for document in registry.reader_for(path).read(path, Report()):
        gold_mentions = list(document.mentions.values())
        given = [ProposedMention(m.fragments, m.type, 1.0) for m in gold_mentions]
        facts = {(r.type, r.head, r.tail) for r in document.relations.values()}
        wanted.update(type for type, *_ends in facts)
        for relation in propose_relations(document.article.text, given, re3d):
            head, tail = gold_mentions[relation.head].id, gold_mentions[relation.tail].id
            said[relation.type] += 1
            either = {(relation.type, head, tail), (relation.type, tail, head)}
            exact = {(relation.type, head, tail)}
            symmetric = re3d.relation_types[relation.type].symmetric
            right[relation.type] += bool((either if symmetric else exact) & facts)
    print("\nrelations between gold mentions, re3d_dev.jsonl")
    for type in sorted(wanted):
        p, c = right[type] / max(said[type], 1), right[type] / wanted[type]
        print(f"  {type:18} precision {p:.2f} of {said[type]:3}  recall {c:.2f} of {wanted[type]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    relations(Path(sys.argv[1]))
