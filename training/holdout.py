"""What is held out: a corpus ("re3d_dev"), a source of one ("re3d_dev:CENTCOM") or a fold of its
documents ("gum_news_train#0/4": every fourth, beginning with the first)."""

from __future__ import annotations

from training.corpora import Example


def held_out(example: Example, order: int, filters: list[str]) -> bool:
    """Whether a filter names this document; `order` is its place in its corpus."""
    for rule in filters:
        corpus, _, fold = rule.partition("#")
        corpus, _, source = corpus.partition(":")
        if example.corpus != corpus or (source and example.source != source):
            continue
        if not fold:
            return True
        k, n = map(int, fold.split("/"))
        if order % n == k:
            return True
    return False


def split(examples: list[Example], filters: list[str]) -> tuple[list[Example], list[Example]]:
    """Those to train on and those held out."""
    seen: dict[str, int] = {}
    parts: tuple[list[Example], list[Example]] = ([], [])
    for e in examples:
        order = seen[e.corpus] = seen.get(e.corpus, -1) + 1
        parts[held_out(e, order, filters)].append(e)
    return parts
