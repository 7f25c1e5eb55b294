"""What pickers offer first."""

from __future__ import annotations

from collections import Counter

from core import edits
from core.ranking import rank_entity_types, rank_relation_types
from tests.conftest import Desk


def first(desk: Desk, words: str, nth: int = 0) -> str:
    ranked = rank_entity_types(desk.project.scheme, desk.document, (desk.span(words, nth),))
    assert {r.type for r in ranked} == set(desk.project.scheme.entity_types)
    return ranked[0].type


def test_nothing_known_leaves_the_schemes_order(desk: Desk) -> None:
    ranked = rank_entity_types(desk.project.scheme, desk.document, (desk.span("bureau"),))
    assert [r.type for r in ranked] == list(desk.project.scheme.entity_types)
    assert not any(r.score or r.suggested for r in ranked)


def test_a_suggestion_comes_first_with_its_score(desk: Desk) -> None:
    desk.suggest(desk.mention("Riyadh", "GPE"))
    ranked = rank_entity_types(desk.project.scheme, desk.document, (desk.span("Riyadh"),))
    assert (ranked[0].type, ranked[0].score, ranked[0].suggested) == ("GPE", 0.5, True)


def test_other_boundaries_count_by_what_is_shared(desk: Desk) -> None:
    desk.suggest(desk.mention("Ali Mamluk met", "EVENT"), desk.mention("Mamluk", "PERSON"))
    assert first(desk, "Ali Mamluk") == "EVENT"
    ranked = rank_entity_types(desk.project.scheme, desk.document, (desk.span("Ali Mamluk"),))
    assert ranked[1].type == "PERSON"
    assert 0 < ranked[1].score < ranked[0].score < 0.5


def test_the_same_words_decided_elsewhere_count_more_than_a_weak_suggestion(desk: Desk) -> None:
    desk.mark("Cairo", "ORG")
    desk.suggest(desk.mention("Cairo", "GPE", 1))
    assert first(desk, "Cairo", 1) == "ORG"


def test_only_what_the_scheme_admits_is_offered(desk: Desk) -> None:
    person, place = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Cairo", "GPE", 1)
    there = rank_relation_types(desk.project.scheme, desk.document, person, place, {})
    back = rank_relation_types(desk.project.scheme, desk.document, place, person, {})
    assert "visited" in {r.type for r in there}
    assert "visited" not in {r.type for r in back}
    assert rank_relation_types(desk.project.scheme, desk.document, person, "gone", {}) == []


def test_a_suggested_relation_leads_and_habits_come_next(desk: Desk) -> None:
    who, place = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Cairo", "GPE", 1)
    desk.suggest(who, place, desk.relation("works_for", who, place))
    habits = Counter({("PERSON", "visited", "GPE"): 3, ("PERSON", "leads", "GPE"): 1})
    ranked = rank_relation_types(desk.project.scheme, desk.document, who.id, place.id, habits)
    assert [r.type for r in ranked[:3]] == ["works_for", "visited", "leads"]
    # The other way round it says nothing: it has a direction.
    turned = rank_relation_types(desk.project.scheme, desk.document, place.id, who.id, {})
    assert not any(r.suggested for r in turned)


def test_habits_are_what_became_gold(desk: Desk) -> None:
    person, place = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Cairo", "GPE", 1)
    assert not desk.project.relation_habits()
    edits.add_relation(desk.project, "visited", person, place)
    assert desk.project.relation_habits() == {("PERSON", "visited", "GPE"): 1}


def test_the_steps_of_undo_are_named(desk: Desk) -> None:
    desk.mark("Riyadh", "GPE")
    desk.mark("Cairo", "GPE")
    edits.undo(desk.project)
    labels = [step.label for step in desk.project.undo_steps()]
    assert labels == ["mark Riyadh as GPE", "add 1 article"]
