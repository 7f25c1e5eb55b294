"""The learner: what it takes over, what its file holds, what it refuses."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core import edits, scheme, workflow
from core.errors import SuggesterError
from core.project import Project
from core.suggest import Proposal, Text, client, learned, registry, seal
from core.suggest.features import outermost, pairs, read, tags
from tests.conftest import Desk

NAMES = ("Alpha", "Beta", "Gamma", "Delta", "Omega", "Sigma", "Theta", "Kappa", "Lambda")


@pytest.fixture
def taught(project: Project) -> Project:
    """Nine finished articles about ships, which no suggester knows by that name."""
    project.set_setting("suggester", "rules")
    for n, name in enumerate(NAMES):
        text = f"Yesterday the vessel {name} sailed away. Later the vessel {name} was seen again."
        desk = Desk(project, text, f"a-{n}")
        for nth in (0, 1):
            desk.mark(f"vessel {name}", "VEHICLE", nth)
        edits.set_state(project, [desk.id], "done")
    return project


def test_it_learns_a_type_that_no_suggester_has(taught: Project) -> None:
    knows = workflow.learn(taught)
    assert knows.articles == len(NAMES)
    assert knows.mentions["VEHICLE"].takes_over
    assert knows.mentions["VEHICLE"].learned_f1 > 0.9
    assert knows.at
    text = Text("a-new", "Today the vessel Zeta sailed away.", "en")
    (proposal,) = client.run(workflow.learner_of(taught), taught.scheme, [text])
    found = [m for m in proposal.mentions if m.type == "VEHICLE"]
    assert [text.text[m.fragments[0].start : m.fragments[0].end] for m in found] == ["vessel Zeta"]
    assert proposal.source == learned.NAME
    assert 1 / 3 <= found[0].score <= 1
    assert "9" in found[0].why


def test_the_curve_goes_on(taught: Project) -> None:
    workflow.learn(taught)
    knows = workflow.learn(taught)
    assert [n for n, _m, _r in knows.curve] == [9, 9]
    assert workflow.learner_knows(taught) == knows


def test_what_the_learner_says_stands_in_place_of_its_base(taught: Project) -> None:
    desk = Desk(taught, "Today the vessel Zeta sailed.", "a-new")
    desk.suggest(desk.mention("Zeta", "ORG", source="rules"), source="rules")
    workflow.learn(taught)
    workflow.suggest(taught, [desk.id], workflow.learner_of(taught))
    sources = {s.source for s in desk.document.suggestions.values()}
    assert sources == {learned.NAME}


def test_it_can_be_switched_off_and_a_damaged_file_is_no_learner(taught: Project) -> None:
    assert workflow.learner_of(taught) == ""
    workflow.learn(taught)
    assert workflow.learner_of(taught).startswith("learned:")
    taught.set_setting(workflow.LEARNER_OFF, "1")
    assert workflow.learner_of(taught) == ""
    taught.set_setting(workflow.LEARNER_OFF, "")
    workflow.learner_path(taught).write_bytes(b"PK damaged")
    assert workflow.learner_of(taught) == ""
    assert workflow.learn(taught).curve  # and it is replaced


def test_what_another_person_trained_reaches_no_parser(
    taught: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workflow.learner_path(taught)
    with monkeypatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another person"))
        workflow.learn(taught)
    assert workflow.learner_is_foreign(taught)
    assert workflow.learner_of(taught) == ""
    assert workflow.learner_knows(taught) is None
    text = Text("a-new", "Today the vessel Zeta sailed away.", "en")
    with pytest.raises(SuggesterError, match="not trained on this account"):
        list(client.run(f"learned:{path}", taught.scheme, [text]))
    with monkeypatch.context() as patch:  # not a byte of it is looked into
        patch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("unpacked"))
        with pytest.raises(SuggesterError, match="not trained"):
            registry.find(f"learned:{path}")
    assert workflow.learn(taught).curve == workflow.learner_knows(taught).curve  # type: ignore[union-attr]
    assert not workflow.learner_is_foreign(taught)
    assert [n for n, _m, _r in workflow.learn(taught).curve] == [9, 9]  # its own, not theirs


def test_too_little_to_learn_from(project: Project) -> None:
    with pytest.raises(SuggesterError, match="too little"):
        workflow.learn(project)
    assert not workflow.learner_path(project).exists()


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SuggesterError, match="nothing"):
        registry.find(f"learned:{tmp_path / 'nothing.learned'}")


def test_where_the_base_is_better_it_stays() -> None:
    score = learned.Score(gold=10, learned_right=2, learned=10, base_right=8, base=10)
    assert not score.takes_over
    assert learned.total([score, score]).gold == 20


def test_scores_never_fall_with_the_probability() -> None:
    found = [(n / 20, n % 3 == 0 or n > 12) for n in range(20)]
    scale = learned._isotonic(found)
    shares = [share for _at, share in scale]
    assert shares == sorted(shares)
    assert all(0 < share < 1 for share in shares)


def test_tags_and_pairs() -> None:
    text = "Ali Mamluk met Omar. He slept."
    mentions = [(0, 10, "PERSON"), (4, 10, "ORG"), (15, 19, "PERSON"), (21, 23, "PERSON")]
    assert outermost(mentions) == [mentions[0], *mentions[2:]]
    (first, second) = read(text, mentions)
    assert tags(first.spans, mentions) == ["B-PERSON", "I-PERSON", "O", "B-PERSON", "O"]
    assert len(second.features) == len(second.spans)
    assert [(a, b) for a, b, _f in pairs(text, mentions)] == [(0, 2), (1, 2)]


def test_relations_are_learned_for_what_the_scheme_admits() -> None:
    news = scheme.load("news")
    examples = []
    for n in range(12):
        text = f"Mister Number{n} met Mister Other{n} here."
        a, b = text.index(f"Number{n}"), text.index(f"Other{n}")
        mentions = (
            (a, a + len(f"Number{n}"), "PERSON"),
            (b, b + len(f"Other{n}"), "PERSON"),
        )
        examples.append(
            learned.Example(text, mentions, (("met_with", 0, 1),), Proposal("a", "rules"))
        )
    model = learned.train(examples, news, "rules", None)
    inside = seal.opened(model)
    assert inside is not None
    assert inside[:2] == b"PK"
