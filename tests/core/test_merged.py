"""Several suggesters as one: each thing once, the surest first, with who said so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from core import scheme as schemes
from core.annotation import Fragment
from core.errors import SuggesterError
from core.scheme import Scheme
from core.suggest import Proposal, ProposedMention, ProposedRelation, Text, contract, registry
from core.suggest.merged import Merged, merge, together
from core.suggest.rules import Rules
from core.workflow import store_proposal
from tests.conftest import Desk

NEWS = schemes.load("news")
TEXT = "Ali Mamluk of Syria left Cairo. He met Omar Hadi."


def mention(words: str, type: str, score: float, why: str = "a guess") -> ProposedMention:
    at = TEXT.index(words)
    return ProposedMention((Fragment(at, at + len(words)),), type, score, why)


def said(source: str, *mentions: ProposedMention, relations=()) -> Proposal:
    return Proposal("a-1", source, mentions, tuple(relations))


def found(proposal: Proposal) -> list[tuple[str, str, float]]:
    return [
        (TEXT[m.fragments[0].start : m.fragments[-1].end], m.type, m.score)
        for m in proposal.mentions
    ]


def test_what_two_say_counts_for_more_and_names_both() -> None:
    first, second = mention("Cairo", "GPE", 0.6), mention("Cairo", "GPE", 0.8, "a list")
    both = merge("a-1", "x+y", [said("x", first), said("y", second)], NEWS)
    assert found(both) == [("Cairo", "GPE", round(together([0.6, 0.8]), 3))]
    assert both.mentions[0].score > 0.8
    assert both.mentions[0].why == "y 0.80, x 0.60: a list"


def test_the_surer_one_stands_where_they_contradict_each_other() -> None:
    merged = merge("a-1", "x+y", [
        said("x", mention("Ali Mamluk", "PERSON", 0.7), mention("Mamluk of Syria", "ORG", 0.6)),
        said("y", mention("Mamluk", "PERSON", 0.9), mention("Cairo", "PERSON", 0.4),
             mention("Cairo", "GPE", 0.5)),
    ], NEWS)  # fmt: skip
    # “Mamluk of Syria” crosses what both others say, but the one that it crosses is gone.
    assert found(merged) == [
        ("Mamluk", "PERSON", 0.9), ("Mamluk of Syria", "ORG", 0.6), ("Cairo", "GPE", 0.5),
    ]  # fmt: skip
    scores = [m.score for m in merged.mentions]
    assert scores == sorted(scores, reverse=True)


def test_a_nested_mention_of_another_type_stays() -> None:
    merged = merge("a-1", "x+y", [said("x", mention("Ali Mamluk of Syria", "PERSON", 0.7)),
                                  said("y", mention("Syria", "GPE", 0.6))], NEWS)  # fmt: skip
    assert [m[0] for m in found(merged)] == ["Ali Mamluk of Syria", "Syria"]


def test_relations_go_over_to_what_stands_also_across_sentences() -> None:
    ends = mention("Ali Mamluk", "PERSON", 0.7), mention("Omar Hadi", "PERSON", 0.7)
    other = mention("Mamluk", "PERSON", 0.4), ends[1]
    merged = merge("a-1", "x+y+z", [
        said("x", *ends, relations=[ProposedRelation("met_with", 0, 1, 0.5, (), "met")]),
        said("y", *ends[::-1], relations=[ProposedRelation("met_with", 0, 1, 0.6, (), "met")]),
        said("z", *other, relations=[ProposedRelation("communicated_with", 0, 1, 0.4, (), "?")]),
    ], NEWS)  # fmt: skip
    assert len(merged.mentions) == 2
    first, second = merged.relations
    assert first.type == "met_with"
    assert first.score == round(together([0.5, 0.6]), 3)
    assert {first.head, first.tail} == {second.head, second.tail} == {0, 1}


class Broken:
    name = "broken"

    def suggest(self, texts: Iterable[Text], scheme: Scheme) -> Iterator[Proposal]:
        for text in texts:
            yield Proposal(text.id, self.name, error="no")


def test_one_that_fails_leaves_the_article_to_the_others() -> None:
    text = [Text("a-1", TEXT, "en")]
    (proposal,) = Merged([Broken(), Rules()]).suggest(text, NEWS)
    assert proposal.mentions
    (proposal,) = Merged([Broken(), Broken()]).suggest(text, NEWS)
    assert proposal.error == "no"


def test_it_keeps_the_contract() -> None:
    assert not contract.violations(registry.find("rules+goldsmith"))


def test_by_name(tmp_path: Path, desk: Desk) -> None:
    suggester = registry.find("rules + rules")
    assert suggester.name == "rules"
    assert registry.trusted("rules+goldsmith") == "rules+goldsmith"
    assert registry.trusted(f"rules+spacy:{tmp_path}") == registry.DEFAULT
    with pytest.raises(SuggesterError, match="nobody"):
        registry.find("rules+nobody")
    (proposal,) = registry.find("rules+goldsmith").suggest([Text(desk.id, desk.text, "en")], NEWS)
    store_proposal(desk.project, proposal)
    spans = [s.fragments for s in desk.document.suggestions.values() if not s.is_relation]
    assert spans
    assert len(set(spans)) == len(spans)
