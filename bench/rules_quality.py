"""How good the built-in rules are on annotated text: by corpus, by type and by rule.

    python bench/rules_quality.py [--corpora ../shared/corpora] [--errors RULE]

A mention is right when the corpus has the same span with the same type. Each corpus is judged on
the types that it annotates, all others are left out on both sides:

* ``gum_news``: named mentions only; place is any of GPE, LOC, FAC; time is DATE.
* ``wikigold``, ``ewt``: PER, ORG, LOC.
* ``re3d``: in the scheme re3d. It marks whole noun phrases, so "the SDF" against "SDF" or
  "Secretary Ash Carter" against "Ash Carter" is wrong; the second figure ("core") counts a
  mention as right that lies in a gold one of its type and ends where that ends.

The scores in `core.suggest.mention_rules.RULES` come from the last table.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import scheme
from core.scheme import Scheme
from core.suggest import ProposedMention, Text, mention_rules, relation_rules
from core.suggest.rules import Rules

Key = tuple[int, int, str]
_PLACES = {"GPE": "PLACE", "LOC": "PLACE", "FAC": "PLACE"}
_NEWS = {"PERSON": "PERSON", "ORG": "ORG"} | _PLACES
_CONLL = {"PER": "PERSON", "ORG": "ORG", "LOC": "PLACE"}


@dataclass(frozen=True)
class Corpus:
    """Attributes:
    gold: its labels to the classes that are compared.
    ours: the scheme's types to the same classes.
    """

    name: str
    file: str
    scheme: str
    gold: Mapping[str, str]
    ours: Mapping[str, str]


_GUM = {"person": "PERSON", "organization": "ORG", "place": "PLACE", "time": "DATE"}
CORPORA = (
    Corpus("gum_news", "gum_news_train.jsonl", "news", _GUM, _NEWS | {"DATE": "DATE"}),
    Corpus("wikigold", "wikigold.jsonl", "news", _CONLL, _NEWS),
    Corpus("ewt", "uner_ewt_dev.jsonl", "news", _CONLL, _NEWS),
    Corpus("re3d", "re3d_dev.jsonl", "re3d", {}, {}),  # every type, by its own name
)


@dataclass
class Count:
    """What was right, what was proposed, what was there."""

    right: int = 0
    core: int = 0
    proposed: int = 0
    gold: int = 0

    @property
    def line(self) -> str:
        p = self.right / self.proposed if self.proposed else 0.0
        r = self.right / self.gold if self.gold else 0.0
        f = 2 * p * r / (p + r) if p + r else 0.0
        core = self.core / self.proposed if self.proposed else 0.0
        gold = f"{self.gold:6d}  R {r:5.3f}  F {f:5.3f}" if self.gold else ""
        return f"{self.proposed:6d}  P {p:5.3f}  core {core:5.3f}  {gold}"


@dataclass
class Result:
    """All counts of one corpus."""

    types: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    rules: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    relations: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    errors: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def rule_of(mention: ProposedMention) -> str:
    """The rule, read back from what the person is told."""
    for name, (_score, why) in mention_rules.RULES.items():
        start, _, end = why.partition("{word}")
        if mention.why.startswith(start) and mention.why.endswith(end):
            return name
    raise ValueError(mention.why)


def measure(corpus: Corpus, folder: Path, wanted: str) -> Result:
    result = Result()
    used = scheme.load(corpus.scheme)
    for record in records(folder / corpus.file):
        text = record["text"]
        gold = {
            (e["start"], e["end"], corpus.gold.get(e["label"], e["label"]))
            for e in record["entities"]
            if e.get("named", True) and (not corpus.gold or e["label"] in corpus.gold)
        }
        proposal = next(iter(Rules().suggest([Text(record["id"], text, "en")], used)))
        for key in gold:
            result.types[key[2]].gold += 1
        for mention in proposal.mentions:
            type = corpus.ours.get(mention.type) if corpus.ours else mention.type
            if type is None:
                continue
            part = mention.fragments[0]
            right = (part.start, part.end, type) in gold
            core = right or any(s <= part.start and part.end == e and t == type for s, e, t in gold)
            rule = rule_of(mention)
            for count in (result.types[type], result.rules[f"{rule} {type}"], result.rules[rule]):
                count.proposed += 1
                count.right += right
                count.core += core
            if not core and wanted in (rule, type):
                near = text[max(0, part.start - 25) : part.end + 20].replace("\n", "/")
                result.errors[f"{rule} {type}"][f"{text[part.start : part.end]}   …{near}…"] += 1
        if corpus.scheme == "re3d":
            relations(record, used, result)
    return result


def relations(record: dict[str, Any], used: Scheme, result: Result) -> None:
    """The relation rules over the gold mentions, so that only they are judged."""
    entities = sorted(record["entities"], key=lambda e: (e["start"], e["end"]))
    mentions = [
        ProposedMention((relation_rules.Fragment(e["start"], e["end"]),), e["label"], 1.0)
        for e in entities
    ]
    at = {e["id"]: i for i, e in enumerate(entities)}
    gold = {(r["label"], at[r["head"]], at[r["tail"]]) for r in record["relations"]}
    gold |= {
        (label, tail, head) for label, head, tail in gold if used.relation_types[label].symmetric
    }
    for relation in record["relations"]:
        result.relations[relation["label"]].gold += 1
    for found in relation_rules.propose_relations(record["text"], mentions, used):
        right = (found.type, found.head, found.tail) in gold
        for name in (found.type, f"{found.type} {found.why}"):
            result.relations[name].proposed += 1
            result.relations[name].right += right
            result.relations[name].core += right


def table(title: str, counts: Mapping[str, Count], order: Iterable[str]) -> None:
    print(f"  {title}")
    for name in order:
        print(f"    {name:28.28} {counts[name].line}")


def total(counts: Iterable[Count]) -> Count:
    result = Count()
    for c in counts:
        result.right += c.right
        result.core += c.core
        result.proposed += c.proposed
        result.gold += c.gold
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--only", default="")
    parser.add_argument("--errors", default="", help="show what this rule or type got wrong")
    arguments = parser.parse_args()
    pooled: dict[str, Count] = defaultdict(Count)
    for corpus in CORPORA:
        if arguments.only not in ("", corpus.name):
            continue
        result = measure(corpus, arguments.corpora, arguments.errors)
        result.types["all"] = total(result.types.values())
        print(corpus.name)
        table("types", result.types, sorted(result.types))
        if result.relations:
            named = [n for n in result.relations if " " not in n]
            result.relations["all"] = total(result.relations[n] for n in named)
            table("relations, on gold mentions", result.relations, sorted(result.relations))
        for name, count in result.rules.items():
            pooled[name] = total([pooled[name], count])
        for rule, examples in result.errors.items():
            print(f"  wrong: {rule}")
            for example, n in examples.most_common(40):
                print(f"    {n} {example}")
    print("all corpora")
    table("rules", pooled, sorted(pooled))


if __name__ == "__main__":
    main()
