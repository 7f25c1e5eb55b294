"""What suggesters propose on the first article, beside what a careful annotator marks.

    python -m bench.seed_suggestions goldsmith rules goldsmith+rules

The gold is that of ``tests/seed_gold.py``. Printed as Markdown, for
``docs/seed_suggestions.md``: by type, then what is wrong and what is missing.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from core import scheme
from core.suggest import Text, registry
from tests import seed_gold
from tests.seed_gold import Fact, Span

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def table(title: str, gold: Counter[str], said: Counter[str], right: Counter[str]) -> None:
    """One line a type and one for all."""
    print(f"| {title} | gold | suggested | right | precision | recall |\n|---|---|---|---|---|---|")
    rows = [(t, gold[t], said[t], right[t]) for t in sorted(gold | said)]
    rows.append(("**all**", gold.total(), said.total(), right.total()))
    for name, wanted, some, good in rows:
        precision = f"{good / some:.2f}" if some else "–"
        recall = f"{good / wanted:.2f}" if wanted else "–"
        print(f"| {name} | {wanted} | {some} | {good} | {precision} | {recall} |")
    print()


def report(name: str, text: str) -> None:
    """The figures of one suggester."""
    news = scheme.load("news")
    (p,) = registry.find(name).suggest([Text("seed", text, "en")], news)
    spans = [(m.fragments[0].start, m.fragments[-1].end) for m in p.mentions]
    gold = seed_gold.mentions(text)
    said = {(m.type, span) for m, span in zip(p.mentions, spans, strict=True)}

    def same(fact: Fact) -> Fact:
        head, type, tail = fact
        return (*sorted((head, tail))[:1], type, max(head, tail)) if (
            news.relation_types[type].symmetric) else fact  # fmt: skip

    facts = {same(fact) for fact in seed_gold.facts(text)}
    claims = {same((spans[r.head], r.type, spans[r.tail])) for r in p.relations}
    print(f"## `{name}`\n")
    table("mentions", *(Counter(t for t, _s in some) for some in (gold, said, gold & said)))
    table("relations", *(Counter(f[1] for f in some) for some in (facts, claims, facts & claims)))

    def words(span: Span) -> str:
        return " ".join(text[slice(*span)].split())

    for title, some in (("Wrong", said - gold), ("Missing", gold - said)):
        listed = (f"{words(span)} ({type})" for type, span in sorted(some, key=lambda m: m[1]))
        print(f"- {title}: {', '.join(listed) or 'nothing'}.")
    for title, related in (("Wrong", claims - facts), ("Missing", facts - claims)):
        listed = (f"{words(h)} {type} {words(t)}" for h, type, t in sorted(related))
        print(f"- {title} relations: {', '.join(listed) or 'nothing'}.")
    print()


def main() -> None:
    (path,) = SEEDS.glob("*.txt")
    for name in sys.argv[1:] or [registry.DEFAULT]:
        report(name, path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
