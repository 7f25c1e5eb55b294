"""What is counted, and what is found wrong."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from core import edits, scheme, soundness
from core.annotation import Document, Mention, Relation, Suggestion, fragments
from core.article import Article
from core.cli import main
from core.formats import registry
from core.project import Project
from core.quality import TITLES, Finding, check, stats
from core.quality.checks import check_document
from core.repair import repair
from tests.conftest import Desk

NEWS = scheme.load("news")
TEXT = "Ali Mamluk visited Cairo. Caf\u0065\u0301 🇺🇦 "


def mention(id: str, *spans: tuple[int, int], type: str = "PERSON") -> Mention:
    return Mention(id, "a", fragments(spans), type)


def findings(
    *mentions: Mention,
    relations: tuple[Relation, ...] = (),
    suggestions: tuple[Suggestion, ...] = (),
    done: bool = False,
) -> list[Finding]:
    article = Article("a", TEXT, title="T", state="done" if done else "new")
    document = Document(
        article,
        {m.id: m for m in mentions},
        {r.id: r for r in relations},
        {s.id: s for s in suggestions},
    )
    return list(check_document(document, NEWS))


ALI, CAIRO = mention("m1", (0, 10)), mention("m2", (19, 24), type="GPE")
OPEN = Suggestion("s", "a", "GPE", fragments([(0, 3)]), source="x")


def relation(type: str, head: str = "m1", tail: str = "m2", id: str = "r1") -> Relation:
    return Relation(id, "a", type, head, tail)


def test_good_gold_has_no_findings() -> None:
    nested = mention("m3", (0, 3))
    broken = mention("m4", (0, 3), (19, 24))
    assert findings(ALI, CAIRO, nested, broken, relations=(relation("visited"),), done=True) == []


FOUND = {
    "unknown-type": findings(mention("m", (0, 10), type="Person")),
    "duplicate-mention": findings(ALI, mention("m", (0, 10))),
    "outside": findings(mention("m", (0, 999))),
    "empty": findings(mention("m", (10, 11))),
    "space": findings(mention("m", (0, 11))),
    "grapheme": findings(mention("m", (26, 30))),
    "crossing": findings(ALI, mention("m", (4, 24), type="EVENT")),
    "unknown-relation": findings(ALI, CAIRO, relations=(relation("Likes"),)),
    "ends": findings(ALI, CAIRO, relations=(relation("visited", "m2", "m1"),)),
    "duplicate-relation": findings(
        ALI, CAIRO, relations=(relation("visited"), relation("visited", id="r2"))
    ),
    "done-empty": findings(done=True),
    "done-open": findings(ALI, suggestions=(OPEN,), done=True),
}


@pytest.mark.parametrize("kind", FOUND)
def test_each_fault_is_found_once(kind: str) -> None:
    [found] = FOUND[kind]
    assert found.check == kind
    assert found.article == "a"
    assert found.level == ("warning" if kind in {
        "space", "grapheme", "crossing", "done-empty", "done-open"} else "error")  # fmt: skip


def test_a_finding_says_where() -> None:
    [found] = FOUND["ends"]
    assert found.item == "r1"
    assert "Cairo" in found.message
    assert "Ali Mamluk" in found.message
    [crossing] = FOUND["crossing"]
    assert (crossing.item, crossing.start, crossing.end) == ("m", 4, 24)


def test_a_symmetric_relation_said_in_both_directions_is_one() -> None:
    other = mention("m3", (19, 24))
    found = findings(
        ALI,
        other,
        relations=(relation("met_with", "m1", "m3"), relation("met_with", "m3", "m1", "r2")),
    )
    assert [f.check for f in found] == ["duplicate-relation"]


def test_a_relation_with_itself() -> None:
    found = findings(ALI, relations=(relation("met_with", "m1", "m1"),))
    assert [f.check for f in found] == ["self-relation"]


def test_an_entity_of_several_types_is_told_where_it_goes_apart(desk: Desk) -> None:
    ids = [desk.mark("Ali Mamluk", "PERSON"), desk.mark("Mamluk", "PERSON", 1)]
    ids.append(desk.mark("Khaled Fawzy", "PERSON"))
    for id in ids[1:]:
        edits.same_entity(desk.project, ids[0], id)
    assert list(check(desk.project)) == []
    with desk.project.edit("as an import may") as edit:
        edit.put(replace(desk.document.mentions[ids[1]], type="ORG"))
    (found,) = check(desk.project)
    assert (found.check, found.level, found.item) == ("entity-types", "warning", ids[1])
    assert found.message == "“Mamluk” ORG: 2 PERSON, 1 ORG"
    assert desk.text[found.start : found.end] == "Mamluk"
    edits.relabel(desk.project, ids[0], "PERSON")  # its own type, said again
    assert list(check(desk.project)) == []


def test_every_check_has_a_title() -> None:
    assert {*FOUND, "self-relation", "attribute", "entity-types", "orphan"} == {*TITLES}


@pytest.mark.parametrize(
    ("change", "n", "said", "kept"),
    [
        ("UPDATE mentions SET article = 'nope'", 3, "its article nope is not there", 0),
        ("UPDATE mentions SET entity = 'nope'", 3, "its entity nope is not there", 3),
        ("DELETE FROM fragments", 3, "it has no place in its text", 0),
        ("UPDATE relations SET tail = 'nope'", 1, "its tail nope is not there", 3),
        ("UPDATE relations SET article = 'nope'", 1, "its article nope is not there", 3),
        ("DELETE FROM mentions WHERE type = 'GPE'", 3, "a row whose mention is not there", 1),
    ],
)
def test_what_belongs_to_nothing_is_told(
    change: str, n: int, said: str, kept: int, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    head = desk.mark("Ali Mamluk", "PERSON")
    edits.add_relation(desk.project, "visited", head, desk.mark("Cairo", "GPE"))
    desk.mark("Riyadh", "GPE")
    path = desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute(change)
    db.close()
    assert main(["check", str(path), "--all"]) == 1
    shown = capsys.readouterr()
    assert said in shown.out
    assert shown.err.startswith(f"{n} error")
    assert "goldsmith check test.goldsmith --repair" in shown.err
    out = path.with_name("out.jsonl")
    assert main(["export", str(path), str(out)]) == 0
    assert f"{n} row" in capsys.readouterr().err
    assert len(json.loads(out.read_text(encoding="utf-8"))["mentions"]) == kept
    folder = path.with_name("set")
    assert main(["export", str(path), str(folder), "--card", "--all"]) == 0
    assert f"{n} row" in capsys.readouterr().err


def test_repair_puts_back_what_another_program_cut_off(desk: Desk) -> None:
    head = desk.mark("Ali Mamluk", "PERSON")
    edits.add_relation(desk.project, "visited", head, desk.mark("Cairo", "GPE"))
    before, path = soundness.tables(desk.project), desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE mentions SET article = 'nope'")
    db.close()
    with Project.open(path) as project:
        assert len(list(soundness.orphans(project))) == 2
    with Project.open(repair(path).path) as again:
        assert soundness.tables(again) == before
        assert list(soundness.orphans(again)) == []


def test_what_lies_outside_its_text_is_left_out_and_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.mark("Riyadh", "GPE")
    desk.mark("Cairo", "GPE")
    path = desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute("""UPDATE fragments SET "end" = 1000000000 WHERE start > 20""")
    db.close()
    for name in ("out.jsonl", "out.spacy", "out.conll"):
        out = path.with_name(name)
        assert main(["export", str(path), str(out)]) == 0
        said = capsys.readouterr().err
        assert "1 mention outside its text was left out" in said
        assert "1 mention." in said or "1 mention," in said
    assert main(["export", str(path), str(path.with_name("set")), "--card", "--all"]) == 0
    assert "1 mention outside its text was left out" in capsys.readouterr().err


def test_evidence_outside_its_text_stops_no_export(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = desk.mark("Mamluk", "PERSON"), desk.mark("Riyadh", "GPE")
    edits.add_relation(desk.project, "visited", one, two, [desk.span("opposed")])
    path = desk.project.path
    desk.project.close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE relations SET evidence = '[[0, 9999999]]'")
    db.close()
    for writer in registry.writers():
        if writer.name in ("huggingface", "brat"):
            continue
        out = tmp_path / f"out-{writer.name}"
        main(["export", str(path), str(out), "--format", writer.name])
        assert "1 relation has its evidence outside the text" in capsys.readouterr().err
        assert out.exists()


def test_stats_count_what_was_done(desk: Desk) -> None:
    one, two = (
        desk.mention("Riyadh", "GPE", 0, "rules"),
        desk.mention("Russian", "NORP", 0, "rules"),
    )
    three = desk.mention("Mamluk", "PERSON", 1, "rules")
    desk.suggest(one, two, three, source="rules")
    edits.accept(desk.project, [one.id])
    edits.reject(desk.project, [two.id])
    ali = desk.mark("Ali Mamluk", "PERSON")
    desk.mark("Ali", "PERSON")
    cairo = desk.mark("Cairo", "GPE", 1)
    edits.add_relation(desk.project, "visited", ali, cairo)
    edits.set_state(desk.project, [desk.id], "done")
    found = stats(desk.project)
    assert found.articles == {"new": 0, "done": 1}
    assert found.characters == len(desk.text)
    assert list(found.mentions.items()) in (
        [("GPE", 2), ("PERSON", 2)],
        [("PERSON", 2), ("GPE", 2)],
    )
    assert found.relations == {"visited": 1}
    assert found.nested == 1
    assert found.annotators == {"ann": 5}
    assert found.sources == {"manual": 4, "rules": 1}
    rules = found.suggestions["rules"]
    assert (rules.open, rules.accepted, rules.rejected, rules.precision) == (1, 1, 1, 0.5)


def test_stats_and_check_of_an_empty_project(project: Project) -> None:
    found = stats(project)
    assert found.articles == {"new": 0, "done": 0}
    assert found.mentions == {}
    assert list(check(project)) == []


def test_check_reads_the_whole_project(desk: Desk) -> None:
    edits.set_state(desk.project, [desk.id], "done")
    assert [f.check for f in check(desk.project)] == ["done-empty"]
