"""The contract of suggesters: what keeps it passes, each way to break it is told; the worked
example of the docs is run as it stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core import scheme
from core.annotation import Fragment
from core.cli import main
from core.suggest import Proposal, ProposedMention, ProposedRelation, Text, contract, registry
from tests.conftest import ROOT

NEWS = scheme.load("news")
GOOD = ProposedMention((Fragment(0, 1),), "PERSON", 0.5, "because")
PLACE = ProposedMention((Fragment(3, 5),), "GPE", 0.5, "because")


class Says:
    """A suggester that proposes the same for every text that is long enough."""

    name = "says"

    def __init__(self, *mentions: ProposedMention, **rest: Any) -> None:
        self.mentions = mentions
        self.rest = rest

    def suggest(self, texts: Iterable[Text], scheme: scheme.Scheme) -> Iterator[Proposal]:
        for text in texts:
            fits = len(text.text) > 20 and "PERSON" in scheme.entity_types
            found = {"mentions": self.mentions, **self.rest} if fits else {}
            yield Proposal(**({"article": text.id, "source": self.name} | found))  # type: ignore[arg-type]


def test_what_keeps_the_contract_passes() -> None:
    visited = ProposedRelation("visited", 0, 1, 0.5, (), "because")
    assert contract.violations(Says(GOOD, PLACE, relations=(visited,))) == []
    assert contract.violations(registry.find("rules")) == []


def mention(**changes: Any) -> ProposedMention:
    whole: dict[str, Any] = {
        "fragments": (Fragment(0, 1),), "type": "PERSON", "score": 0.5, "why": "because",
    }  # fmt: skip
    return ProposedMention(**(whole | changes))


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (mention(type="NOTHING"), "no type NOTHING"),
        (mention(fragments=()), "no fragments"),
        (mention(fragments=(Fragment(3, 3),)), "lies not in the text"),
        (mention(fragments=(Fragment(-1, 3),)), "lies not in the text"),
        (mention(fragments=(Fragment(0, 10**9),)), "lies not in the text"),
        (mention(fragments=(Fragment(4, 6), Fragment(0, 2))), "out of order"),
        (mention(score=1.5), "not between 0 and 1"),
        (mention(score=float("nan")), "not between 0 and 1"),
        (mention(why=""), "no reason"),
        (mention(why="two\nlines"), "more than one line"),
    ],
)
def test_a_bad_mention_is_told(bad: ProposedMention, told: str) -> None:
    assert any(told in line for line in contract.violations(Says(bad)))


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (ProposedRelation("visited", 0, 7, 0.5, (), "x"), "did not propose"),
        (ProposedRelation("visited", 0, 0, 0.5, (), "x"), "two mentions"),
        (ProposedRelation("visited", 1, 0, 0.5, (), "x"), "admits no visited from GPE to PERSON"),
        (ProposedRelation("nothing", 0, 1, 0.5, (), "x"), "admits no nothing"),
    ],
)
def test_a_bad_relation_is_told(bad: ProposedRelation, told: str) -> None:
    found = contract.violations(Says(GOOD, PLACE, relations=(bad,)))
    assert any(told in line for line in found)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (Says(article="other"), "the proposal is for other"),
        (Says(source="other"), "the source is other"),
        (Says(GOOD, error="no"), "an error has suggestions"),
        (Says(GOOD, GOOD), "the same mention twice"),
        (SimpleNamespace(name="", suggest=lambda texts, scheme: []), "no name"),
        (SimpleNamespace(name="x", suggest=lambda texts, scheme: []), "gave 0 proposals"),
    ],
)
def test_a_bad_proposal_is_told(bad: Any, told: str) -> None:
    assert any(told in line for line in contract.violations(bad))


def test_moods_are_told() -> None:
    class Moody(Says):
        def suggest(self, texts: Iterable[Text], scheme: scheme.Scheme) -> Iterator[Proposal]:
            yield from super().suggest(texts, scheme)
            self.mentions = (PLACE,)

    assert any("the second time" in line for line in contract.violations(Moody(GOOD)))


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plug-in of docs/suggesters.md, as installed by pip."""
    page = (ROOT / "docs" / "suggesters.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (table,) = re.findall(r'(?m)^(hashtags) = "(hashtags:Hashtags)"$', page)
    (tmp_path / "hashtags.py").write_text(code, encoding="utf-8")
    info = tmp_path / "goldsmith_hashtags-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: goldsmith-hashtags\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(f"[goldsmith.suggesters]\n{table[0]} = {table[1]}\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("example")
def test_the_example_of_the_docs(capsys: pytest.CaptureFixture[str]) -> None:
    assert "hashtags" in dict(registry.available())
    suggester = registry.find("hashtags")
    (proposal,) = suggester.suggest([Text("a", "Crowds at #Oslo2030 today", "en")], NEWS)
    assert proposal.mentions[0].fragments == (Fragment(10, 19),)
    assert main(["suggesters", "--check", "hashtags"]) == 0
    assert "keeps the contract" in capsys.readouterr().err


def test_the_check_fails_on_what_breaks_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "find", lambda name: Says(mention(why="")))
    assert main(["suggesters", "--check", "says"]) != 0
    assert "no reason is given" in capsys.readouterr().err
