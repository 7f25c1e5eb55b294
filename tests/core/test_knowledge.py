"""The memory of a whole project: what was decided in one article is known in the next."""

from __future__ import annotations

import pytest

from core import edits, recall, workflow
from core.annotation import Fragment
from core.errors import NotFound
from core.project import Project
from core.recall import Recall
from core.suggest import Proposal, ProposedMention, ProposedRelation
from tests.conftest import Desk


@pytest.fixture
def first(project: Project) -> Desk:
    project.companion = Recall(project)
    return Desk(project, "Ali Mamluk met the Arab League in Cairo. Hama's mayor slept.", "a-1")


def next_article(project: Project, text: str, id: str = "a-2") -> Desk:
    return Desk(project, text, id)


def propose(desk: Desk, *items: tuple[str, str], score: float = 0.5) -> None:
    mentions = tuple(
        ProposedMention((desk.span(words),), type, score, "a guess") for words, type in items
    )
    workflow.store_proposal(desk.project, Proposal(desk.id, "test", mentions))


def found(desk: Desk) -> list[tuple[str, str]]:
    """(text, type) of what is suggested, in reading order."""
    items = sorted(
        (s for s in desk.document.suggestions.values() if s.fragments), key=lambda s: s.start
    )
    return [(desk.text[s.start : s.end], s.type) for s in items]


def memory(project: Project) -> list[tuple[object, ...]]:
    """What the decisions so far add up to, without what is put by for undo and redo."""
    return project._store.rows(
        "SELECT * FROM memory WHERE (yes OR no) AND kind NOT GLOB '*done:*'"
        " ORDER BY kind, key, type"
    )


def test_a_marked_name_is_suggested_in_the_next_article(first: Desk) -> None:
    first.mark("Ali Mamluk", "PERSON")
    second = next_article(first.project, "Yesterday Ali Mamluk left.")
    recall.refresh(first.project, second.id)
    assert found(second) == [("Ali Mamluk", "PERSON")]
    (item,) = second.document.suggestions.values()
    assert item.source == "memory"
    assert "PERSON" in item.why
    assert recall.refresh(first.project, second.id).images == ()


def test_a_suggested_type_is_corrected(first: Desk) -> None:
    first.mark("Cairo", "ORG")
    second = next_article(first.project, "Nobody left Cairo.")
    propose(second, ("Cairo", "GPE"))
    assert found(second) == [("Cairo", "ORG")]


def test_what_was_only_rejected_is_not_suggested_again(first: Desk) -> None:
    second = next_article(first.project, "Nobody left Cairo.")
    propose(first, ("Cairo", "PERSON"))
    (item,) = first.document.suggestions.values()
    edits.reject(first.project, [item.id])
    propose(second, ("Cairo", "PERSON"))
    assert found(second) == []
    edits.undo(first.project)
    propose(second, ("Cairo", "PERSON"))
    assert found(second) == [("Cairo", "PERSON")]


def test_a_longer_name_that_was_marked_takes_in_its_part(first: Desk) -> None:
    first.mark("the Arab League", "ORG")
    second = next_article(first.project, "He left the Arab League.")
    propose(second, ("Arab", "NORP"))
    assert found(second) == [("the Arab League", "ORG")]


def test_near_names_with_and_without_article_and_possessive(first: Desk) -> None:
    first.mark("the Arab League", "ORG")
    second = next_article(first.project, "Envoys of Arab League states. An Arab League's envoy.")
    recall.refresh(first.project, second.id)
    assert found(second) == [("Arab League", "ORG"), ("Arab League", "ORG")]


def test_boundary_habits(project: Project) -> None:
    project.companion = Recall(project)
    names = ("Alpha", "Beta", "Gamma", "Delta")
    taught = Desk(project, " ".join(f"Now the {n} Group came." for n in names), "a-1")
    for name in names:
        taught.mark(f"the {name} Group", "ORG")
    second = next_article(project, "Here the Omega Group spoke.")
    propose(second, ("Omega Group", "ORG"))
    assert found(second) == [("the Omega Group", "ORG")]


def test_a_name_that_stands_unmarked_in_finished_articles_is_doubted(first: Desk) -> None:
    first.mark("Cairo", "GPE")
    project = first.project
    for n in range(3):
        article = Desk(project, f"Cairo {n}. He left Cairo. Nobody left Cairo.", f"a-x{n}")
        edits.set_state(project, [article.id], "done")
    before = memory(project)
    last = next_article(project, "He left Cairo.", "a-y")
    recall.refresh(project, last.id)
    assert found(last) == []
    edits.set_state(project, ["a-x0"], "new")
    edits.set_state(project, ["a-x0"], "done")
    assert memory(project) == before
    for n in range(3):
        edits.set_state(project, [f"a-x{n}"], "new")
    recall.refresh(project, last.id)
    assert found(last) == [("Cairo", "GPE")]


def test_relations_between_such_ends_with_these_words(first: Desk) -> None:
    project = first.project
    who, where = first.mark("Ali Mamluk", "PERSON"), first.mark("the Arab League", "ORG")
    edits.add_relation(project, "met_with", who, where)
    again = next_article(project, "Yesterday Ali Mamluk met the Arab League.", "a-1b")
    ends = again.mark("Ali Mamluk", "PERSON"), again.mark("the Arab League", "ORG")
    edits.add_relation(project, "met_with", *ends)  # once is no pattern
    second = next_article(project, "Then Khaled Fawzy met the Gulf Council again.")
    propose(second, ("Khaled Fawzy", "PERSON"), ("the Gulf Council", "ORG"))
    (relation,) = [s for s in second.document.suggestions.values() if s.is_relation]
    ends = [second.document.suggestions[e] for e in (relation.head, relation.tail)]
    assert (relation.type, relation.source) == ("met_with", "memory")
    assert {second.text[e.start : e.end] for e in ends} == {"Khaled Fawzy", "the Gulf Council"}
    edits.reject(project, [relation.id])
    third = next_article(project, "Now Omar Hadi met the Gulf Council.", "a-3")
    propose(third, ("Omar Hadi", "PERSON"), ("the Gulf Council", "ORG"))
    assert not any(s.is_relation for s in third.document.suggestions.values())


def test_the_memory_follows_undo_and_redo(first: Desk) -> None:
    project = first.project
    before = memory(project)
    who, where = first.mark("Ali Mamluk", "PERSON"), first.mark("Cairo", "GPE")
    edits.add_relation(project, "visited", who, where)
    edits.set_fragments(project, where, [first.span("in Cairo")])
    edits.delete(project, [who])
    after = memory(project)
    assert after != before
    for _ in range(5):
        edits.undo(project)
    assert memory(project) == before
    for _ in range(5):
        edits.redo(project)
    assert memory(project) == after


def test_a_removed_article_is_forgotten(first: Desk) -> None:
    project = first.project
    first.mark("Cairo", "GPE")
    edits.remove_articles(project, [first.id])
    assert memory(project) == []
    edits.undo(project)
    assert memory(project) != []


def test_never_here(first: Desk) -> None:
    propose(first, ("Cairo", "PERSON"))
    (item,) = first.document.suggestions.values()
    recall.never(first.project, item.id)
    propose(first, ("Cairo", "PERSON"))
    first.mark("Cairo", "PERSON")
    assert found(first) == []
    second = next_article(first.project, "Cairo. Nobody left Cairo.")
    recall.refresh(first.project, second.id)
    assert ("Cairo", "PERSON") in found(second)


def test_never_in_the_project_and_allowed_again(first: Desk) -> None:
    project = first.project
    first.mark("Cairo", "GPE")
    second = next_article(project, "Nobody left Cairo. He is in Cairo.")
    third = next_article(project, "He is in Cairo.", "a-3")
    for desk in (second, third):
        recall.refresh(project, desk.id)
    id = next(iter(second.document.suggestions))
    recall.never(project, id, in_project=True)
    assert found(second) == found(third) == []
    recall.refresh(project, third.id)
    assert found(third) == []
    (veto,) = project.vetoes()
    recall.allow(project, veto.id)
    recall.refresh(project, third.id)
    assert found(third) == [("Cairo", "GPE")]
    edits.undo(project)
    edits.undo(project)
    assert project.vetoes() == []
    assert len(found(second)) == 2
    with pytest.raises(NotFound):
        recall.allow(project, veto.id)


def test_never_this_relation(first: Desk) -> None:
    project = first.project
    mentions = (
        ProposedMention((first.span("Ali Mamluk"),), "PERSON", 0.9),
        ProposedMention((first.span("Cairo"),), "GPE", 0.9),
    )
    proposal = Proposal(first.id, "test", mentions, (ProposedRelation("visited", 0, 1, 0.9),))
    workflow.store_proposal(project, proposal)
    (relation,) = [s for s in first.document.suggestions.values() if s.is_relation]
    recall.never(project, relation.id)
    workflow.store_proposal(project, proposal)
    assert not any(s.is_relation for s in first.document.suggestions.values())
    with pytest.raises(NotFound):
        recall.never(project, relation.id)


def test_gold_and_decided_places_are_left_alone(first: Desk) -> None:
    first.mark("Cairo", "GPE")
    second = next_article(first.project, "Old Cairo slept. Nobody left Cairo.")
    second.mark("Old Cairo", "FAC")
    recall.refresh(first.project, second.id)
    (item,) = second.document.suggestions.values()
    assert item.fragments == (Fragment(29, 34),)
    edits.reject(first.project, [item.id])
    recall.refresh(first.project, second.id)
    assert found(second) == []


def scores(desk: Desk) -> dict[str, float]:
    items = desk.document.suggestions.values()
    return {desk.text[s.start : s.end]: s.score for s in items if s.fragments}


def test_agreement_makes_no_score_lower_however_often_it_is_read(project: Project) -> None:
    project.companion = Recall(project)
    desk = Desk(project, "Cairo and Riyadh. Hama met Cairo and Riyadh.", "a-1")
    mentions = tuple(
        ProposedMention((desk.span(words, nth),), "GPE", 0.99, "sure")
        for words in ("Cairo", "Riyadh")
        for nth in (0, 1)
    )
    workflow.store_proposal(project, Proposal(desk.id, "test", mentions))
    first = next(s for s in desk.document.suggestions.values() if s.start == 0)
    for _ in range(2):
        edits.accept(project, [first.id])
        edits.undo(project)
        edits.redo(project)
        edits.undo(project)
    edits.accept(project, [first.id])
    for _ in range(3):  # as three starts of the window would
        recall.refresh(project, desk.id)
        assert scores(desk) == {"Cairo": 0.99, "Riyadh": 0.99}


def test_a_finished_article_is_left_as_it_is(project: Project) -> None:
    project.companion = Recall(project)
    desk = Desk(project, "Cairo slept.", "a-1")
    propose(desk, ("Cairo", "GPE"), score=0.9)
    edits.set_state(project, [desk.id], "done")
    assert recall.refresh(project, desk.id).images == ()
    assert scores(desk) == {"Cairo": 0.9}


def test_a_long_article_is_refreshed_part_by_part_to_the_same(first: Desk) -> None:
    """Whole and in parts come to the same, but for relations from one part to another."""
    project = first.project
    first.mark("Ali Mamluk", "PERSON")
    first.mark("the Arab League", "ORG")
    first.mark("Cairo", "ORG")
    text = "\n\n".join(
        f"Ali Mamluk left Cairo on day {n}. The Arab League slept." for n in range(60)
    )
    whole, parted = (next_article(project, f"{n} {text}", f"a-{n}") for n in (2, 3))
    for desk in (whole, parted):
        propose(desk, ("Cairo", "GPE"), ("Ali Mamluk left", "PERSON"))
    with project.edit("as it was", "a-3", "system") as edit:  # proposing asks the memory, too
        for item in list(parted.document.suggestions.values()):
            edit.delete("suggestion", item.id)
        edit.put(parted.mention("Cairo", "GPE"))
        edit.put(parted.mention("Ali Mamluk left", "PERSON"))
    changes = list(recall.refresh_in_parts(project, "a-3", 300))
    assert len(changes) > 5
    assert all(change.article == "a-3" for change in changes)
    assert found(parted) == found(whole)
    assert len(found(parted)) > 100
    assert not any(c.images for c in recall.refresh_in_parts(project, "a-3", 300))


def test_an_edit_between_two_parts_is_kept(first: Desk) -> None:
    project = first.project
    first.mark("Ali Mamluk", "PERSON")
    text = "\n\n".join(f"Here is Ali Mamluk, number {n}." for n in range(40))
    long = next_article(project, text)
    steps = recall.refresh_in_parts(project, long.id, 200)
    next(steps)
    there = found(long)
    long.mark("Ali Mamluk", "ORG", 30)
    rejected = next(iter(long.document.suggestions))
    edits.reject(project, [rejected])
    list(steps)
    gold = [m for m in long.document.mentions.values() if m.type == "ORG"]
    assert len(gold) == 1
    assert all(s.fragments != gold[0].fragments for s in long.document.suggestions.values())
    assert rejected not in long.document.suggestions
    assert there
