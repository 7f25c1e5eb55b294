"""A decision about a name reaches its other occurrences, and undo takes all of it back."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core import edits, recall
from core.annotation import Document
from core.article import Article
from core.errors import NotFound
from core.project import Project
from core.recall import Recall
from core.suggest.memory import (
    is_behind_hyphen,
    is_ordinary,
    is_token_run,
    occurrences,
    starts_sentence,
)
from tests.conftest import Desk

TEXT = (
    "Talks in Cairo\n\nSyrian intelligence chief Ali Mamluk met with Khaled Fawzy in Cairo.\n"
    "Riyadh opposed the Russian draft. Cairo's view was heard. Mamluk leads the bureau.\n"
    "May said that it may rain in May. Riyadh University and al-Riyadh are others. Riyadh slept."
)


@pytest.fixture
def desk(project: Project) -> Desk:
    project.companion = Recall(project)
    return Desk(project, TEXT)


def suggested(desk: Desk) -> list[tuple[int, str, str]]:
    """(start, text, type) of what is open, in reading order."""
    items = [s for s in desk.document.suggestions.values() if not s.is_relation]
    return sorted((s.start, desk.text[s.start : s.end], s.type) for s in items)


def starts(text: str, words: str) -> list[int]:
    return [place.start for place in occurrences(text, words)]


def test_labelling_suggests_the_same_name_elsewhere(desk: Desk) -> None:
    id = desk.mark("Cairo", "GPE", 1)
    first, last = desk.span("Cairo", 0), desk.span("Cairo", 2)
    assert suggested(desk) == [(first.start, "Cairo", "GPE"), (last.start, "Cairo", "GPE")]
    item = next(iter(desk.document.suggestions.values()))
    assert item.source == "memory"
    assert 0 < item.score <= 1
    assert all(word in item.why for word in ("ann", "“Cairo”", "GPE"))
    assert set(desk.document.mentions) == {id}


def test_it_is_one_step_with_the_labelling(desk: Desk) -> None:
    desk.mark("Cairo", "GPE", 1)
    after = desk.document
    edits.undo(desk.project)
    assert not desk.document.mentions
    assert not desk.document.suggestions
    edits.redo(desk.project)
    assert desk.document == after


def test_accepting_under_another_type_corrects_the_others(desk: Desk) -> None:
    one, two = desk.mention("Riyadh", "GPE", 0), desk.mention("Riyadh", "GPE", 3)
    desk.suggest(one, two)
    edits.accept(desk.project, [one.id], type="ORG")
    other = desk.document.suggestions[two.id]
    assert (other.type, other.source) == ("ORG", "memory")
    edits.undo(desk.project)
    assert desk.document.suggestions[two.id] == two


def test_relabelling_gold_corrects_what_its_first_label_suggested(desk: Desk) -> None:
    id = desk.mark("Cairo", "GPE", 0)
    edits.relabel(desk.project, id, "ORG")
    assert {type for _start, _words, type in suggested(desk)} == {"ORG"}
    edits.undo(desk.project)
    assert {type for _start, _words, type in suggested(desk)} == {"GPE"}


def test_a_moved_boundary_moves_the_same_suggestion_elsewhere(project: Project) -> None:
    project.companion = Recall(project)
    desk = Desk(
        project, "The chief Ali Mamluk came. Later chief Ali Mamluk left. Ali Mamluk slept."
    )
    one, two = (
        desk.mention("chief Ali Mamluk", "PERSON"),
        desk.mention("chief Ali Mamluk", "PERSON", 1),
    )
    desk.suggest(one, two)
    edits.set_fragments(project, one.id, [desk.span("Ali Mamluk")])
    assert [words for _start, words, _type in suggested(desk)] == ["Ali Mamluk", "Ali Mamluk"]
    assert desk.document.suggestions[two.id].fragments == (desk.span("Ali Mamluk", 1),)


def test_a_longer_name_takes_in_the_suggested_part(project: Project) -> None:
    project.companion = Recall(project)
    desk = Desk(project, "The U.N. envoy spoke. Nobody heard the U.N. envoy.")
    part = desk.mention("U.N.", "ORG", 1)
    desk.suggest(part)
    desk.mark("U.N. envoy", "TITLE", 0)
    assert desk.document.suggestions[part.id].fragments == (desk.span("U.N. envoy", 1),)


def test_gold_and_what_was_rejected_at_its_place_stay(desk: Desk) -> None:
    desk.mark("Cairo's view", "EVENT")
    rejected = desk.mention("Cairo", "GPE", 0)
    desk.suggest(rejected)
    edits.reject(desk.project, [rejected.id])
    desk.mark("Cairo", "GPE", 1)
    assert suggested(desk) == []


def test_a_rejected_string_is_suggested_no_more_here(desk: Desk) -> None:
    items = [desk.mention("Cairo", "PERSON", n) for n in range(3)]
    desk.suggest(*items)
    edits.reject(desk.project, [items[0].id])
    assert suggested(desk) == []
    edits.undo(desk.project)
    assert len(suggested(desk)) == 3


def test_a_string_that_was_accepted_as_often_is_kept(desk: Desk) -> None:
    items = [desk.mention("Cairo", "GPE", n) for n in range(3)]
    desk.suggest(*items)
    edits.accept(desk.project, [items[0].id])
    edits.reject(desk.project, [items[1].id])
    assert [words for _start, words, _type in suggested(desk)] == ["Cairo"]


def test_deleting_the_only_gold_takes_its_suggestions_along(desk: Desk) -> None:
    id = desk.mark("Cairo", "GPE", 0)
    edits.delete(desk.project, [id])
    assert suggested(desk) == []
    edits.undo(desk.project)
    assert len(suggested(desk)) == 2


def test_notes_and_entities_are_no_decision_about_a_name(desk: Desk) -> None:
    id = desk.mark("Cairo", "GPE", 0)
    for item in list(desk.document.suggestions):
        edits.reject(desk.project, [item])
    edits.set_note(desk.project, id, "the city")
    assert suggested(desk) == []


def test_relations_follow_a_corrected_end(desk: Desk) -> None:
    who, place, other = (
        desk.mention("Ali Mamluk", "PERSON"), desk.mention("Cairo", "GPE", 1),
        desk.mention("Cairo", "GPE", 0),
    )  # fmt: skip
    visit = desk.relation("visited", who, place)
    desk.suggest(who, place, other, visit)
    edits.accept(desk.project, [other.id], type="DATE")
    document = desk.document
    assert document.suggestions[place.id].type == "DATE"
    assert visit.id not in document.suggestions  # nobody visits a date


def test_undo_leaves_no_relation_without_an_end(desk: Desk) -> None:
    gold = desk.mark("Cairo", "GPE", 1)
    who = desk.mention("Ali Mamluk", "PERSON")
    desk.suggest(who, desk.mention("Cairo", "GPE", 1), desk.relation("visited", who, gold))
    place = desk.mention("Cairo", "GPE", 1)
    desk.suggest(who, place, desk.relation("visited", who, place))
    assert any(s.is_relation for s in desk.document.suggestions.values())
    edits.undo(desk.project)
    document = desk.document
    for item in document.suggestions.values():
        assert not item.is_relation or document.end_of(item.tail) is not None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("May", ["May."]),  # not the start of a sentence, not "may"
        ("Riyadh", ["Riyadh opposed", "Riyadh University", "Riyadh slept"]),  # not al-Riyadh
        ("Mamluk", ["Mamluk met", "Mamluk leads"]),
        ("Cairo", ["Cairo\n", "Cairo.", "Cairo's"]),
        ("air", []),
    ],
)
def test_occurrences_are_whole_tokens(words: str, found: list[str]) -> None:
    assert starts(TEXT, words) == [TEXT.index(f) for f in found]


@given(st.text("abA -.\ń'", max_size=40), st.text("abA -.\ń'", min_size=1, max_size=6))
def test_occurrences_are_what_an_expression_finds(text: str, words: str) -> None:
    """Found by searching for the first word; a plain expression over the text says the same."""
    parts = words.split()
    assume(parts)
    joined = r"\s+".join(re.escape(part) for part in parts)
    before = r"(?<!\w)" if re.match(r"\w", parts[0]) else ""
    after = r"(?!\w)" if re.search(r"\w$", parts[-1]) else ""
    places = list(occurrences(text, words))
    candidates = [m.span() for m in re.finditer(before + joined + after, text)]
    assert all((place.start, place.end) in candidates for place in places)
    plain = [
        (start, end)
        for start, end in candidates
        if is_token_run(text, start, end)
        and not is_behind_hyphen(text, start)
        and not (len(parts) == 1 and is_ordinary(text, parts[0]) and starts_sentence(text, start))
    ]
    assert [(place.start, place.end) for place in places] == plain


def test_white_space_may_differ() -> None:
    assert starts("Ali Mamluk, Ali\nMamluk and Ali  Mamluk", "Ali\nMamluk") == [0, 12, 27]


def test_astral_and_combining_characters() -> None:
    text = "🇺🇦 Kyiv, Kyiv🇺🇦 and Kyiv\u0301 and Kyivs"
    assert starts(text, "Kyiv") == [text.index("Kyiv"), text.index("Kyiv🇺")]


def test_everywhere_reaches_the_articles_that_are_not_done(desk: Desk) -> None:
    project = desk.project
    texts = {"a-one": "He left Cairo.", "a-two": "Cairo slept.", "a-three": "Cairene nights."}
    edits.add_documents(project, [Document(Article(id, t)) for id, t in texts.items()])
    edits.set_state(project, ["a-two"], "done")
    id = desk.mark("Cairo", "GPE", 0)
    assert not project.document("a-one").suggestions
    recall.everywhere(project, id)
    assert [s.start for s in project.document("a-one").suggestions.values()] == [8]
    assert not project.document("a-two").suggestions
    assert not project.document("a-three").suggestions
    edits.undo(project)
    assert not project.document("a-one").suggestions
    with pytest.raises(NotFound):
        recall.everywhere(project, "m-nothing")


def test_without_a_companion_an_edit_is_only_itself(project: Project) -> None:
    desk = Desk(project, TEXT)
    desk.mark("Cairo", "GPE", 0)
    assert not desk.document.suggestions
