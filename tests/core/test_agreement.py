"""How far two people agree: against figures worked out by hand, and against nervaluate."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from random import Random

import pytest

from core import edits, scheme
from core.annotation import Document, Fragment, Mention, Relation
from core.article import Article
from core.cli import main
from core.project import Project
from core.quality import Agreement, Difference, agreement
from core.quality.agreement import compare, kappa

NEWS = scheme.load("news")
TEXT = "Ali Mamluk met Khaled Fawzy in Cairo. Syria’s army left Aleppo."


def document(
    *mentions: tuple[str, str], relations: tuple[tuple[str, str, str], ...] = (), text: str = TEXT,
    state: str = "done", id: str = "a-1",
) -> Document:  # fmt: skip
    """Mentions by type and words; relations by type and the words of their ends."""
    made = {}
    of = {}
    for n, (type, words) in enumerate(mentions):
        start = text.index(words)
        m = Mention(f"m-{id}-{n}", id, (Fragment(start, start + len(words)),), type)
        made[m.id] = m
        of[words] = m.id
    arrows = {f"r-{id}-{n}": Relation(f"r-{id}-{n}", id, type, of[head], of[tail])
              for n, (type, head, tail) in enumerate(relations)}  # fmt: skip
    return Document(Article(id, text, "Talks", state=state), made, arrows)  # type: ignore[arg-type]


def compared(a: Document, b: Document) -> tuple[Agreement, list[Difference]]:
    found = Agreement()
    return found, compare(found, a, b, NEWS)


A = document(
    ("PERSON", "Ali Mamluk"), ("PERSON", "Khaled Fawzy"), ("GPE", "Cairo"), ("ORG", "Syria"),
    ("ORG", "army"),
    relations=(("met_with", "Ali Mamluk", "Khaled Fawzy"), ("visited", "Ali Mamluk", "Cairo")),
)  # fmt: skip
B = document(
    ("PERSON", "Ali Mamluk"), ("PERSON", "Khaled"), ("GPE", "Cairo"), ("GPE", "Syria"),
    ("GPE", "Aleppo"),
    relations=(("met_with", "Khaled", "Ali Mamluk"), ("located_in", "Ali Mamluk", "Cairo")),
)  # fmt: skip


def test_figures_that_were_worked_out_by_hand() -> None:
    found, differences = compared(A, B)
    assert (found.exact.a, found.exact.b, found.exact.both) == (5, 5, 2)
    assert found.exact.f1 == pytest.approx(0.4)
    assert found.overlap.f1 == pytest.approx(0.6)  # Fawzy's first name, too
    assert (found.spans.both, found.exact_of["GPE"].f1) == (3, pytest.approx(0.5))
    assert found.types == {("PERSON", "PERSON"): 1, ("GPE", "GPE"): 1, ("ORG", "GPE"): 1}
    # 2 of 3 the same; by chance PERSON 1/3 x 1/3 and GPE 1/3 x 2/3.
    assert found.kappa == pytest.approx((2 / 3 - 1 / 3) / (1 - 1 / 3))
    assert (found.relations.a, found.relations.b, found.relations.both) == (2, 2, 0)
    assert (found.related.a, found.related.b) == (1, 1)  # both marked Ali Mamluk and Cairo
    assert Counter(d.kind for d in differences) == {
        "mention": 2, "type": 1, "boundary": 1, "relation": 4,
    }  # fmt: skip
    assert [(d.a, d.b) for d in differences if d.kind in ("type", "boundary")] == [
        ("PERSON Khaled Fawzy", "PERSON Khaled"), ("ORG", "GPE"),
    ]  # fmt: skip
    assert [d.start for d in differences] == sorted(d.start for d in differences)


def test_a_difference_shows_where_it_is() -> None:
    _found, differences = compared(A, B)
    [army] = [d for d in differences if d.a == "ORG army"]
    assert army.context == "…met Khaled Fawzy in Cairo. Syria’s «army» left Aleppo."
    [met] = [d for d in differences if "Khaled Fawzy — " in d.a or "— met_with → Khaled" in d.a]
    assert met.a == "Ali Mamluk — met_with → Khaled Fawzy"


def test_the_same_is_the_same() -> None:
    found, differences = compared(A, A)
    assert not differences
    assert {s.f1 for s in (found.exact, found.overlap, found.relations, found.related)} == {1.0}
    assert found.kappa == 1.0


def test_a_symmetric_relation_may_be_turned() -> None:
    assert NEWS.relation_types["met_with"].symmetric
    turned = document(*(("PERSON", "Ali Mamluk"), ("PERSON", "Khaled Fawzy")),
                      relations=(("met_with", "Khaled Fawzy", "Ali Mamluk"),))  # fmt: skip
    found, _differences = compared(A, turned)
    assert found.relations.both == 1


def test_several_mentions_of_the_same_words_and_with_gaps() -> None:
    twice = document(("PERSON", "Ali Mamluk"), ("ORG", "Cairo"))
    cairo = twice.mentions["m-a-1-1"]
    both = {**twice.mentions, "x": replace(cairo, id="x", type="GPE")}
    gap = Mention("y", "a-1", (Fragment(0, 3), Fragment(11, 14)), "PERSON")
    found, differences = compared(
        replace(twice, mentions={**both, "y": gap}), replace(twice, mentions=both)
    )
    assert (found.exact.a, found.exact.b, found.exact.both) == (4, 3, 3)
    assert [d.a for d in differences] == ["PERSON Ali … met"]


@pytest.mark.parametrize(
    ("pairs", "wanted"),
    [
        # Cohen's own kind of example: 20 and 15 of 50 the same.
        ({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}, 0.4),
        ({("y", "y"): 45, ("y", "n"): 15, ("n", "y"): 25, ("n", "n"): 15}, 0.1304),
        ({("y", "n"): 1, ("n", "y"): 1}, -1.0),
        ({("y", "y"): 7}, None),
        ({}, None),
    ],
)
def test_kappa(pairs: dict[tuple[str, str], int], wanted: float | None) -> None:
    found = kappa(Counter(pairs))
    assert found == wanted if wanted is None else found == pytest.approx(wanted, abs=1e-4)


def test_nervaluate_counts_the_same_where_mentions_are_flat() -> None:
    evaluator = import_module("nervaluate").Evaluator
    random = Random(5)
    words = [w.strip(".") for w in TEXT.split()]
    for _n in range(20):
        a, b = (
            document(*((random.choice(["PERSON", "ORG", "GPE"]), word)
                       for word in sorted(set(random.sample(words, 6)))))
            for _who in "ab"
        )  # fmt: skip
        found, _differences = compared(a, b)
        spans = [
            [[{"label": m.type, "start": m.start, "end": m.end} for m in d.mentions.values()]]
            for d in (a, b)
        ]
        result = evaluator(*spans, tags=["PERSON", "ORG", "GPE"], loader="dict").evaluate()
        assert found.exact.f1 == pytest.approx(result["overall"]["strict"].f1)
        assert found.spans.f1 == pytest.approx(result["overall"]["exact"].f1)


def project(path: Path, *documents: Document) -> Path:
    with Project.create(path, NEWS) as made:
        edits.add_documents(made, documents)
    return path


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Ann's and Bob's files: one article both did, one only she has, one that he has not done."""
    open_a, open_b = (document(("GPE", "Rome"), text="Rome fell.", id="a-2", state=s)
                      for s in ("done", "new"))  # fmt: skip
    alone = document(("GPE", "Oslo"), text="Oslo stood.", id="a-3")
    return (
        project(tmp_path / "ann.goldsmith", A, open_a, alone),
        project(tmp_path / "bob.goldsmith", B, open_b),
    )


def test_articles_are_the_same_when_their_texts_are(two: tuple[Path, Path]) -> None:
    with Project.open(two[0], read_only=True) as a, Project.open(two[1], read_only=True) as b:
        done, every = agreement(a, b), agreement(a, b, only_done=False)
        turned = agreement(b, a)
    assert (done.articles, done.only_a, done.only_b) == (1, 2, 0)
    assert (every.articles, every.only_a, every.only_b) == (2, 1, 0)
    assert every.exact.both == done.exact.both + 1
    assert turned.exact.f1 == done.exact.f1
    assert turned.kappa == pytest.approx(done.kappa)


def test_the_command(two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", *map(str, two)]) == 0
    said = capsys.readouterr()
    rows = [line.split() for line in said.out.splitlines()]
    assert ["mentions", "5", "5", "2", "0.400", "0.600"] in rows
    assert rows[0][:2] == ["ann", "bob"]
    assert any("ann: ORG  bob: GPE  | " in line for line in said.out.splitlines())
    assert "1 article compared, 2 only in ann." in said.err
    assert main(["agreement", *map(str, two), "--all", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["articles"] == {"both": 2, "only_a": 1, "only_b": 0}
    assert data["exact"]["both"] == 3
    assert len(data["differences"]) == 8
    assert {"kind", "article", "a", "b", "context", "start", "title"} == set(data["differences"][0])


def test_what_can_not_be_compared(
    two: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = project(tmp_path / "other.goldsmith", document(text="Nothing else.", state="new"))
    assert main(["agreement", str(two[0]), str(other)]) == 1
    assert "--all" in capsys.readouterr().err
    assert main(["agreement", str(two[0]), str(other), "--all"]) == 1
    assert "to the character" in capsys.readouterr().err
    assert main(["agreement", str(two[0]), str(two[0])]) == 2
