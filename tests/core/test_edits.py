"""Every edit: what it does, what it refuses, and that undo takes it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import edits, soundness
from core.annotation import Fragment, Mention, Suggestion
from core.errors import ConstraintError, NotFound
from core.project import Project
from tests.conftest import Desk


def test_add_mention_is_gold_with_its_annotator(desk: Desk) -> None:
    id = desk.mark("Ali Mamluk", "PERSON")
    mention = desk.document.mentions[id]
    assert mention.fragments == (desk.span("Ali Mamluk"),)
    assert (mention.type, mention.annotator, mention.source) == ("PERSON", "ann", "manual")


def test_discontinuous_and_nested_mentions(desk: Desk) -> None:
    parts = [desk.span("Syrian"), desk.span("chief")]
    outer = edits.add_mention(desk.project, desk.id, parts, "TITLE").focus
    inner = desk.mark("Syrian", "NORP")
    document = desk.document
    assert document.mentions[outer].fragments == tuple(sorted(parts))
    assert inner in document.mentions


@pytest.mark.parametrize(
    ("parts", "type", "says"),
    [
        ([], "PERSON", "text"),
        ([(5, 5)], "PERSON", "5 to 5"),
        ([(-1, 3)], "PERSON", "-1 to 3"),
        ([(0, 10_000)], "PERSON", "10000"),
        ([(14, 16)], "PERSON", "white space"),
        ([(0, 5)], "SPACESHIP", "SPACESHIP"),
    ],
)
def test_a_wrong_mention_is_refused_and_leaves_no_trace(
    desk: Desk, parts: list[tuple[int, int]], type: str, says: str
) -> None:
    before = desk.project.journal()
    with pytest.raises(ConstraintError, match=says):
        edits.add_mention(desk.project, desk.id, parts, type)
    assert desk.project.journal() == before
    assert not desk.document.mentions


def test_the_same_mention_twice_is_refused(desk: Desk) -> None:
    desk.mark("Cairo", "GPE")
    with pytest.raises(ConstraintError, match="already"):
        desk.mark("Cairo", "GPE")
    desk.mark("Cairo", "ORG")  # a second reading of the same words is another mention


def test_marking_a_suggested_span_accepts_the_suggestion(desk: Desk) -> None:
    suggested = desk.mention("Riyadh", "GPE")
    desk.suggest(suggested)
    assert desk.mark("Riyadh", "ORG") == suggested.id
    document = desk.document
    assert document.mentions[suggested.id].type == "ORG"
    assert document.mentions[suggested.id].source == "test"
    assert not document.suggestions


def test_accepting_a_relation_takes_its_ends_along_in_one_step(desk: Desk) -> None:
    head, tail = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Khaled Fawzy", "PERSON")
    relation = desk.relation("met_with", head, tail)
    desk.suggest(head, tail, relation)
    edits.accept(desk.project, [relation.id])
    document = desk.document
    assert set(document.mentions) == {head.id, tail.id}
    assert document.relations[relation.id].head == head.id
    assert not document.suggestions
    edits.undo(desk.project)
    assert not desk.document.mentions
    assert set(desk.document.suggestions) == {head.id, tail.id, relation.id}


def test_accept_many_leaves_what_the_scheme_does_not_admit(desk: Desk) -> None:
    head, tail = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Cairo", "GPE")
    wrong = desk.relation("met_with", head, tail)
    if desk.project.scheme.admits("met_with", "PERSON", "GPE"):
        wrong = replace(wrong, type="occurred_on")
    desk.suggest(head, tail, wrong)
    change = edits.accept(desk.project, [head.id, tail.id, wrong.id])
    assert set(desk.document.suggestions) == {wrong.id}
    assert "1 left" in change.label
    with pytest.raises(ConstraintError, match=wrong.type):
        edits.accept(desk.project, [wrong.id])


def test_reject_is_for_good_and_drops_what_hangs_on_it(desk: Desk) -> None:
    head, tail = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Khaled Fawzy", "PERSON")
    relation = desk.relation("met_with", head, tail)
    desk.suggest(head, tail, relation)
    edits.reject(desk.project, [head.id])
    assert set(desk.document.suggestions) == {tail.id}
    again = desk.mention("Ali Mamluk", "PERSON")
    desk.suggest(
        again, desk.mention("Khaled Fawzy", "PERSON"), desk.relation("met_with", again, tail)
    )
    texts = {desk.text[s.start : s.end] for s in desk.document.suggestions.values()}
    assert texts == {"Khaled Fawzy"}


def test_undo_of_a_rejection_brings_everything_back(desk: Desk) -> None:
    head, tail = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Khaled Fawzy", "PERSON")
    relation = desk.relation("met_with", head, tail)
    desk.suggest(head, tail, relation)
    before = desk.document
    edits.reject(desk.project, [head.id])
    edits.undo(desk.project)
    assert desk.document == before


def test_suggesting_again_replaces_the_open_ones_and_leaves_decisions(desk: Desk) -> None:
    kept, wrong = desk.mention("Riyadh", "GPE"), desk.mention("Talks", "ORG")
    desk.suggest(kept, wrong)
    edits.accept(desk.project, [kept.id])
    edits.reject(desk.project, [wrong.id])
    desk.suggest(
        desk.mention("Riyadh", "GPE"), desk.mention("Talks", "ORG"), desk.mention("Cairo", "GPE")
    )
    assert [s.type for s in desk.document.suggestions.values()] == ["GPE"]
    desk.suggest()
    assert not desk.document.suggestions


def test_a_suggestion_stored_again_under_its_id_takes_its_own_place(desk: Desk) -> None:
    first = desk.mention("Riyadh", "GPE")
    desk.suggest(first, desk.mention("Talks", "ORG"))
    again = [replace(first, type="ORG"), desk.mention("Cairo", "GPE")]
    change = edits.store_suggestions(desk.project, desk.id, "test", again)
    (image,) = [image for image in change.images if image.id == first.id]
    assert (image.before, image.after) == (first, again[0])
    assert sorted(s.type for s in desk.document.suggestions.values()) == ["GPE", "ORG"]
    assert desk.document.suggestions[first.id].type == "ORG"
    assert not list(soundness.check(desk.project))


def test_a_relation_suggestion_hangs_on_gold_where_the_span_is_gold(desk: Desk) -> None:
    gold = desk.mark("Ali Mamluk", "PERSON")
    head, tail = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Khaled Fawzy", "PERSON")
    desk.suggest(head, tail, desk.relation("met_with", head, tail))
    (relation,) = [s for s in desk.document.suggestions.values() if s.is_relation]
    assert relation.head == gold


def test_suggestions_outside_the_text_are_refused_whole(desk: Desk) -> None:
    good = desk.mention("Cairo", "GPE")
    bad = replace(desk.mention("Riyadh", "GPE"), fragments=(Fragment(0, 10_000),))
    with pytest.raises(ConstraintError):
        desk.suggest(good, bad)
    assert not desk.document.suggestions


def test_relations_check_what_the_scheme_admits(desk: Desk) -> None:
    person, place = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Cairo", "GPE")
    with pytest.raises(ConstraintError, match="citizen_of"):
        edits.add_relation(desk.project, "citizen_of", place, person)
    edits.add_relation(desk.project, "visited", person, place)
    with pytest.raises(ConstraintError, match="already"):
        edits.add_relation(desk.project, "visited", person, place)
    with pytest.raises(ConstraintError, match="two mentions"):
        edits.add_relation(desk.project, "visited", person, person)
    with pytest.raises(ConstraintError, match="married_to"):
        edits.add_relation(desk.project, "married_to", person, place)


def test_a_symmetric_relation_has_no_direction(desk: Desk) -> None:
    a, b = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Khaled Fawzy", "PERSON")
    edits.add_relation(desk.project, "met_with", a, b)
    with pytest.raises(ConstraintError, match="already"):
        edits.add_relation(desk.project, "met_with", b, a)


def test_relating_suggestions_accepts_them_and_the_suggested_fact(desk: Desk) -> None:
    head, tail = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Cairo", "GPE", 1)
    fact = desk.relation("visited", head, tail)
    desk.suggest(head, tail, fact)
    edits.add_relation(desk.project, "visited", head.id, tail.id)
    document = desk.document
    assert set(document.mentions) == {head.id, tail.id}
    assert len(document.relations) == 1
    assert not document.suggestions


def test_relabel_that_breaks_a_relation_is_refused(desk: Desk) -> None:
    person, place = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Cairo", "GPE")
    edits.add_relation(desk.project, "visited", person, place)
    with pytest.raises(ConstraintError, match="visited"):
        edits.relabel(desk.project, place, "PERSON")
    change = edits.relabel(desk.project, place, "LOC")
    assert desk.document.mentions[place].type == "LOC"
    assert "Cairo GPE → LOC" in change.label


def test_boundaries_of_gold_and_of_a_suggestion(desk: Desk) -> None:
    gold = desk.mark("Mamluk", "PERSON")
    edits.set_fragments(desk.project, gold, [desk.span("Ali Mamluk")])
    assert desk.document.mentions[gold].fragments == (desk.span("Ali Mamluk"),)
    item = desk.mention("Fawzy", "PERSON")
    desk.suggest(item)
    edits.set_fragments(desk.project, item.id, [desk.span("Khaled Fawzy")])
    assert desk.document.mentions[item.id].fragments == (desk.span("Khaled Fawzy"),)
    stored = desk.project.get("suggestion", item.id)
    assert isinstance(stored, Suggestion)
    assert stored.state == "accepted"
    assert stored.fragments == (desk.span("Fawzy"),)  # what was suggested stays on record


def test_deleting_a_mention_takes_its_relations_and_undo_brings_them_back(desk: Desk) -> None:
    person, place = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Cairo", "GPE")
    relation = edits.add_relation(desk.project, "visited", person, place).focus
    edits.set_note(desk.project, person, "the chief")
    before = desk.document
    edits.delete(desk.project, [person])
    assert set(desk.document.mentions) == {place}
    assert not desk.document.relations
    edits.undo(desk.project)
    assert desk.document == before
    assert relation in desk.document.relations


def test_deleted_gold_that_was_suggested_does_not_come_back(desk: Desk) -> None:
    item = desk.mention("Talks", "ORG")
    desk.suggest(item)
    edits.accept(desk.project, [item.id])
    edits.delete(desk.project, [item.id])
    desk.suggest(desk.mention("Talks", "ORG"))
    assert not desk.document.suggestions


def test_flip(desk: Desk) -> None:
    a, b = desk.mark("Riyadh", "GPE"), desk.mark("Cairo", "GPE")
    relation = edits.add_relation(desk.project, "opposes", a, b).focus
    edits.flip(desk.project, relation)
    flipped = desk.document.relations[relation]
    assert (flipped.head, flipped.tail) == (b, a)
    with pytest.raises(ConstraintError):
        edits.flip(desk.project, a)


def test_notes_and_attributes(desk: Desk) -> None:
    id = desk.mark("Riyadh", "GPE")
    edits.set_note(desk.project, id, "a metonym")
    edits.set_note(desk.project, id, "")
    edits.set_note(desk.project, id, "the government")
    assert desk.document.mentions[id].note == "the government"
    edits.undo(desk.project)
    assert desk.document.mentions[id].note == ""


def test_same_entity_joins_clusters_across_articles(desk: Desk) -> None:
    other = Desk(desk.project, "Mamluk came. Then Ali left.", id="a-other")
    a, b = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Mamluk", "PERSON", 1)
    c, d = other.mark("Mamluk", "PERSON"), other.mark("Ali", "PERSON")
    edits.same_entity(desk.project, a, b)
    edits.same_entity(desk.project, c, d)
    first = desk.document.mentions[a].entity
    assert first is not None
    assert desk.document.entities[first].name == "Ali Mamluk"
    edits.same_entity(desk.project, b, c)
    assert {m.entity for m in other.document.mentions.values()} == {first}
    edits.set_kb_id(desk.project, first, "Q4726083")
    assert other.document.entities[first].kb_id == "Q4726083"
    edits.undo(desk.project)
    edits.undo(desk.project)
    assert {m.entity for m in other.document.mentions.values()} != {first}
    edits.leave_entity(desk.project, a)
    assert desk.document.mentions[a].entity is None


def test_an_entity_is_of_one_type(desk: Desk) -> None:
    who, people = desk.mark("Ali Mamluk", "PERSON"), desk.mention("Syrian", "NORP")
    desk.suggest(people)
    before = desk.document
    with pytest.raises(ConstraintError, match="PERSON and NORP") as refused:
        edits.same_entity(desk.project, who, people.id)
    assert "Relabel" in refused.value.hint
    assert desk.document == before
    edits.relabel(desk.project, people.id, "PERSON")
    edits.same_entity(desk.project, who, people.id)
    assert len(desk.document.entities) == 1


@pytest.fixture
def three(desk: Desk) -> list[str]:
    """Three mentions of one entity, in two articles."""
    other = Desk(desk.project, "Mamluk went home.", "a-other")
    ids = [desk.mark("Ali Mamluk", "PERSON"), desk.mark("Mamluk", "PERSON", 1)]
    ids.append(other.mark("Mamluk", "PERSON"))
    for id in ids[1:]:
        edits.same_entity(desk.project, ids[0], id)
    return ids


def _types(desk: Desk, ids: list[str]) -> list[str]:
    return [m.type for id in ids if isinstance(m := desk.project.get("mention", id), Mention)]


def test_a_type_goes_to_all_mentions_of_the_entity(desk: Desk, three: list[str]) -> None:
    (entity,) = desk.document.entities
    change = edits.relabel(desk.project, three[1], "ORG")
    assert _types(desk, three) == ["ORG", "ORG", "ORG"]
    assert desk.document.entities[entity].type == "ORG"
    assert change.label == "relabel all 3 mentions of Mamluk → ORG"
    assert change.focus == three[1]
    edits.undo(desk.project)
    assert _types(desk, three) == ["PERSON", "PERSON", "PERSON"]
    assert desk.document.entities[entity].type == "PERSON"


def test_a_type_for_one_mention_takes_it_out_of_its_entity(desk: Desk, three: list[str]) -> None:
    (entity,) = desk.document.entities
    edits.relabel(desk.project, three[1], "ORG", alone=True)
    assert _types(desk, three) == ["PERSON", "ORG", "PERSON"]
    assert desk.document.mentions[three[1]].entity is None
    assert desk.document.mentions[three[0]].entity == entity
    assert desk.document.entities[entity].type == "PERSON"
    edits.undo(desk.project)
    assert desk.document.mentions[three[1]].entity == entity


def test_the_only_mention_of_an_entity_takes_it_along(desk: Desk, three: list[str]) -> None:
    for id in three[1:]:
        edits.leave_entity(desk.project, id)
    change = edits.relabel(desk.project, three[0], "ORG", alone=True)
    (entity,) = desk.document.entities.values()
    assert (entity.type, _types(desk, three[:1])) == ("ORG", ["ORG"])
    assert desk.document.mentions[three[0]].entity == entity.id
    assert "relabel Ali Mamluk PERSON → ORG" in change.label


def test_what_is_in_the_way_at_another_mention_is_told(desk: Desk, three: list[str]) -> None:
    twin = desk.mark("Ali Mamluk", "ORG")
    before = desk.document
    with pytest.raises(ConstraintError, match="Ali Mamluk is marked as ORG already") as refused:
        edits.relabel(desk.project, three[1], "ORG")
    assert "out of its entity" in refused.value.hint
    assert desk.document == before
    edits.delete(desk.project, [twin])
    edits.add_relation(desk.project, "citizen_of", three[0], desk.mark("Cairo", "GPE"))
    with pytest.raises(ConstraintError, match="Not all mentions"):
        edits.relabel(desk.project, three[1], "ORG")
    assert _types(desk, three) == ["PERSON", "PERSON", "PERSON"]


def test_ends_of_one_relation_may_be_one_entity(desk: Desk, three: list[str]) -> None:
    edits.add_relation(desk.project, "met_with", three[0], three[1])
    edits.relabel(desk.project, three[0], "ORG")
    assert _types(desk, three) == ["ORG", "ORG", "ORG"]


def test_an_entity_goes_with_its_last_mention(desk: Desk) -> None:
    a, b = desk.mark("Ali Mamluk", "PERSON"), desk.mark("Mamluk", "PERSON", 1)
    edits.same_entity(desk.project, a, b)
    (entity,) = desk.document.entities
    edits.delete(desk.project, [a, b])
    assert desk.project.get("entity", entity) is None
    edits.undo(desk.project)
    assert set(desk.document.entities) == {entity}


def test_done_and_removed_articles_come_back(desk: Desk) -> None:
    desk.mark("Cairo", "GPE")
    before = desk.document
    edits.set_state(desk.project, [desk.id], "done")
    assert desk.document.article.state == "done"
    edits.remove_articles(desk.project, [desk.id])
    assert desk.project.articles() == []
    with pytest.raises(NotFound):
        desk.project.document(desk.id)
    edits.undo(desk.project)
    edits.undo(desk.project)
    assert desk.document == before


def test_the_same_text_is_not_added_twice(desk: Desk) -> None:
    with pytest.raises(ConstraintError, match="already"):
        Desk(desk.project, desk.text, id="a-twin")
    assert len(desk.project.articles()) == 1


def test_undo_of_an_import_and_redo(desk: Desk) -> None:
    edits.undo(desk.project)
    assert desk.project.articles() == []
    edits.redo(desk.project)
    assert desk.document.article.text == desk.text


def test_an_unknown_id_is_said(desk: Desk) -> None:
    for edit in (
        lambda: edits.accept(desk.project, ["m-none"]),
        lambda: edits.reject(desk.project, ["m-none"]),
        lambda: edits.delete(desk.project, ["m-none"]),
        lambda: edits.relabel(desk.project, "m-none", "GPE"),
    ):
        with pytest.raises(NotFound, match="m-none"):
            edit()


def test_change_moves_the_document_as_reading_again_would(desk: Desk) -> None:
    head, tail = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Khaled Fawzy", "PERSON")
    relation = desk.relation("met_with", head, tail)
    desk.suggest(head, tail, relation)
    before = desk.document
    change = edits.accept(desk.project, [relation.id])
    assert before.after(change) == desk.document
    change = edits.undo(desk.project)
    assert change is not None
    assert before.after(change) == desk.document
    assert isinstance(before, type(desk.document))
    assert not any(isinstance(m, Mention) for m in before.suggestions.values())


def test_labels_say_what_happened(project: Project, desk: Desk) -> None:
    id = desk.mark("Riyadh", "GPE")
    edits.relabel(project, id, "ORG")
    entry = project.next_undo()
    assert entry is not None
    assert entry.label == "relabel Riyadh GPE → ORG"


def test_relations_of_another_suggester_follow_what_they_hang_on(desk: Desk) -> None:
    desk.suggest(desk.mention("Ali Mamluk", "PERSON", source="one"), source="one")
    who = desk.mention("Ali Mamluk", "PERSON", source="two")
    place = desk.mention("Riyadh", "GPE", source="two")
    desk.suggest(who, place, desk.relation("visited", who, place, "two"), source="two")
    again = desk.mention("Ali Mamluk", "PERSON", source="one")
    desk.suggest(again, source="one")
    (relation,) = (s for s in desk.document.suggestions.values() if s.is_relation)
    assert (relation.head, relation.tail) == (again.id, place.id)
    desk.suggest(source="one")
    assert not any(s.is_relation for s in desk.document.suggestions.values())
