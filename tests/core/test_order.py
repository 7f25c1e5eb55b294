"""Which article is next, and why."""

from __future__ import annotations

import json

import pytest

from core import edits, order, recall
from core.cli import main
from core.order import Order
from core.project import Project
from core.suggest import Proposal, ProposedMention
from core.workflow import store_proposal
from tests.conftest import Desk

LONG = "Nothing much happened that day. " * 400


def propose(desk: Desk, *items: tuple[str, float]) -> None:
    """Store mentions, each with its score, as a suggester's run does."""
    mentions = tuple(
        ProposedMention((desk.span(words),), "PERSON", score) for words, score in items
    )
    store_proposal(desk.project, Proposal(desk.id, "test", mentions))


@pytest.fixture
def three(project: Project) -> list[Desk]:
    """An article that is sure, one that is unsure, and an unsure one that is long."""
    project.companion = recall.Recall(project)
    texts = ("Ali Mamluk met Omar Hadi.", "Sami Nur met Rami Aziz.", f"Zaki Said met Nuri. {LONG}")
    desks = [Desk(project, text, f"a-{n}") for n, text in enumerate(texts)]
    propose(desks[0], ("Ali Mamluk", 0.99), ("Omar Hadi", 0.98))
    propose(desks[1], ("Sami Nur", 0.5), ("Rami Aziz", 0.45))
    propose(desks[2], ("Zaki Said", 0.5), ("Nuri", 0.45))
    return desks


def first(project: Project, wanted: Order, after: str = "") -> str:
    found = order.next_article(project, wanted, after)
    assert found is not None
    return found[0]


def test_as_given_is_the_order_unless_another_is_chosen(three: list[Desk]) -> None:
    project = three[0].project
    assert order.of(project) is Order.GIVEN
    assert first(project, Order.GIVEN) == "a-0"
    assert first(project, Order.GIVEN, "a-0") == "a-1"
    order.choose(project, Order.USEFUL)
    assert order.of(project) is Order.USEFUL


def test_what_is_unsure_and_short_comes_first_and_says_why(three: list[Desk]) -> None:
    project = three[0].project
    turns = order.upcoming(project, 10)
    assert [t.article for t in turns] == ["a-1", "a-0", "a-2"]
    found = order.next_article(project, Order.USEFUL)
    assert found is not None
    assert "2 open" in found[1]
    assert "100% of the names new" in found[1]


def test_names_that_were_marked_are_not_new(three: list[Desk]) -> None:
    project = three[0].project
    again = Desk(project, "Then Sami Nur and Rami Aziz slept.", "a-3")
    propose(again, ("Sami Nur", 0.5), ("Rami Aziz", 0.5))
    before = order.measure(project, "a-3")
    edits.accept(project, list(three[1].document.suggestions))
    edits.set_state(project, ["a-1"], "done")
    after = order.measure(project, "a-3")
    assert (before.new, after.new) == (1.0, 0.0)
    assert first(project, Order.USEFUL) == "a-0"  # though the value that is kept of a-3 is older


def test_done_articles_and_the_open_one_do_not_come(three: list[Desk]) -> None:
    project = three[0].project
    edits.set_state(project, ["a-1"], "done")
    assert first(project, Order.USEFUL) == "a-0"
    assert first(project, Order.USEFUL, "a-0") == "a-2"
    edits.set_state(project, ["a-0", "a-2"], "done")
    assert order.next_article(project, Order.USEFUL) is None


def test_without_any_suggestion_they_come_as_given(project: Project) -> None:
    for n in range(3):
        Desk(project, f"Text {n}.", f"a-{n}")
    assert first(project, Order.USEFUL, "a-0") == "a-1"


def test_what_older_files_hold_is_measured_on_the_way(three: list[Desk]) -> None:
    project = three[0].project
    with project.unjournaled():
        project._store.execute("DELETE FROM turns")
    assert first(project, Order.USEFUL) == "a-1"
    assert project.turns.of("a-1") is not None
    assert project.turns.of("a-2") is not None


def test_pages_list_every_article_once(project: Project) -> None:
    for n in range(30):
        desk = Desk(project, f"Person {n} slept.", f"a-{n}")
        if n % 3:
            propose(desk, (f"Person {n}", 0.5 if n % 2 else 0.9))
    edits.set_state(project, ["a-1"], "done")
    useful, at = [], None
    while places := project.turns.page(at, 4):
        useful += places
        at = places[-1]
    values = [value for value, _position in useful]
    assert values == sorted(values, reverse=True)
    others, after = [], -1
    while found := project.turns.others(after, 4):
        others += found
        after = found[-1]
    positions = [position for _value, position in useful] + others
    assert sorted(positions) == sorted(r.position for r in project.articles())


def test_the_command(three: list[Desk], capsys: pytest.CaptureFixture[str]) -> None:
    project = three[0].project
    path = str(project.path)
    project.close()
    assert main(["next", path]) == 0
    assert "as given" in capsys.readouterr().out
    assert main(["next", path, "--order", "useful", "--keep", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["order"] == "useful"
    assert [line["article"] for line in said["next"]] == ["a-1", "a-0", "a-2"]
    assert main(["next", path, "--limit", "1"]) == 0
    assert "unsure" in capsys.readouterr().out
