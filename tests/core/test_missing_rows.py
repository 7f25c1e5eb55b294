"""Another program took rows out of the file: each edit works all the same, or says why not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core import edits, scheme, soundness
from core.annotation import Change, Document, Suggestion
from core.article import Article
from core.errors import GoldsmithError
from core.project import Project
from core.recall import Recall
from tests.conftest import Desk

TEXT = "Ali Mamluk met Khaled Fawzy in Cairo. Mamluk left Cairo for Riyadh."


@dataclass
class Case:
    """A project with some of everything, of which something is missing."""

    project: Project
    desk: Desk
    ids: dict[str, str]


def _fill(project: Project) -> tuple[Desk, dict[str, str]]:
    desk = Desk(project, TEXT)
    ids = {
        "head": desk.mark("Ali Mamluk", "PERSON"),
        "tail": desk.mark("Khaled Fawzy", "PERSON"),
        "twin": desk.mark("Mamluk", "PERSON", 1),
        "place": desk.mark("Cairo", "GPE"),
    }
    edits.same_entity(project, ids["head"], ids["twin"])
    edits.set_note(project, ids["head"], "the chief")
    ids["relation"] = edits.add_relation(project, "met_with", ids["head"], ids["tail"]).focus
    ids["entity"] = project.get("mention", ids["head"]).entity or ""  # type: ignore[union-attr]
    there = desk.mention("Riyadh", "GPE")
    visit = desk.relation("visited", ids["twin"], there)
    taken = desk.mention("Cairo", "GPE", 1)
    desk.suggest(there, visit, taken)
    ids |= {"there": there.id, "visit": visit.id, "taken": taken.id}
    edits.accept(project, [taken.id])
    edits.set_attribute(project, ids["head"], "certainty", "possible")
    return desk, ids


MISSING: dict[str, str] = {
    "entity": "DELETE FROM entities WHERE id = :entity",
    "head": "DELETE FROM mentions WHERE id = :head",
    "tail": "DELETE FROM mentions WHERE id = :tail",
    "fragments": "DELETE FROM fragments WHERE mention = :head",
    "relation": "DELETE FROM relations WHERE id = :relation",
    "article": "DELETE FROM articles",
    "annotators": "DELETE FROM annotators",
    "suggested end": "DELETE FROM suggestions WHERE id = :there",
    "origin": "DELETE FROM suggestions WHERE id = :taken",
    "suggestions": "DELETE FROM suggestions",
    "mentions": "DELETE FROM mentions",
}


def _mention(case: Case) -> Suggestion:
    return case.desk.mention("Fawzy", "PERSON")


EDITS: dict[str, Callable[[Case], Change | None]] = {
    "add_documents": lambda c: edits.add_documents(
        c.project, [Document(Article("a-new", "Another text."))]
    ),
    "add_documents of an id that was": lambda c: edits.add_documents(
        c.project, [Document(Article(c.desk.id, "Another text."))]
    ),
    "add_documents of a text that was": lambda c: edits.add_documents(
        c.project, [Document(Article(c.desk.id, TEXT))]
    ),
    "remove_articles": lambda c: edits.remove_articles(c.project, [c.desk.id]),
    "set_state": lambda c: edits.set_state(c.project, [c.desk.id], "done"),
    "same_entity": lambda c: edits.same_entity(c.project, c.ids["head"], c.ids["tail"]),
    "same_entity of the same": lambda c: edits.same_entity(c.project, c.ids["head"], c.ids["twin"]),
    "leave_entity": lambda c: edits.leave_entity(c.project, c.ids["head"]),
    "set_kb_id": lambda c: edits.set_kb_id(c.project, c.ids["entity"], "Q1"),
    "add_mention": lambda c: edits.add_mention(c.project, c.desk.id, [(4, 10)], "PERSON"),
    "add_mention where one is": lambda c: edits.add_mention(
        c.project, c.desk.id, [c.desk.span("Ali Mamluk")], "ORG"
    ),
    "add_mention where one is suggested": lambda c: edits.add_mention(
        c.project, c.desk.id, [c.desk.span("Riyadh")], "GPE"
    ),
    "add_relation": lambda c: edits.add_relation(
        c.project, "visited", c.ids["head"], c.ids["place"]
    ),
    "add_relation to a suggestion": lambda c: edits.add_relation(
        c.project, "visited", c.ids["twin"], c.ids["there"]
    ),
    "delete": lambda c: edits.delete(c.project, [c.ids["head"]]),
    "delete what was suggested": lambda c: edits.delete(c.project, [c.ids["taken"]]),
    "delete twin": lambda c: edits.delete(c.project, [c.ids["twin"]]),
    "delete relation": lambda c: edits.delete(c.project, [c.ids["relation"]]),
    "delete two": lambda c: edits.delete(c.project, [c.ids["head"], c.ids["tail"]]),
    "relabel": lambda c: edits.relabel(c.project, c.ids["head"], "ORG"),
    "relabel twin": lambda c: edits.relabel(c.project, c.ids["twin"], "ORG"),
    "relabel relation": lambda c: edits.relabel(c.project, c.ids["relation"], "opposes"),
    "relabel suggestion": lambda c: edits.relabel(c.project, c.ids["there"], "FAC"),
    "flip": lambda c: edits.flip(c.project, c.ids["relation"]),
    "set_attribute": lambda c: edits.set_attribute(
        c.project, c.ids["twin"], "certainty", "possible"
    ),
    "set_attribute none": lambda c: edits.set_attribute(
        c.project, c.ids["head"], "certainty", None
    ),
    "set_fragments": lambda c: edits.set_fragments(c.project, c.ids["head"], [(4, 10)]),
    "set_fragments of a suggestion": lambda c: edits.set_fragments(
        c.project, c.ids["there"], [c.desk.span("for Riyadh")]
    ),
    "set_note": lambda c: edits.set_note(c.project, c.ids["head"], "another"),
    "set_note of a relation": lambda c: edits.set_note(c.project, c.ids["relation"], "when?"),
    "set_note of a suggestion": lambda c: edits.set_note(c.project, c.ids["visit"], "when?"),
    "accept": lambda c: edits.accept(c.project, [c.ids["there"]]),
    "accept relation": lambda c: edits.accept(c.project, [c.ids["visit"]]),
    "accept both": lambda c: edits.accept(c.project, [c.ids["there"], c.ids["visit"]]),
    "accept_and_finish": lambda c: edits.accept_and_finish(
        c.project, c.desk.id, [c.ids["there"], c.ids["visit"]]
    ),
    "reject": lambda c: edits.reject(c.project, [c.ids["there"]]),
    "reject relation": lambda c: edits.reject(c.project, [c.ids["visit"]]),
    "store_suggestions": lambda c: edits.store_suggestions(
        c.project, c.desk.id, "test", [_mention(c)]
    ),
    "undo": lambda c: edits.undo(c.project),
    "redo": lambda c: edits.redo(c.project),
}


def _rows(project: Project) -> list[tuple[str, list[tuple[object, ...]]]]:
    names = [
        name
        for (name,) in project._store.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'words%'"
        )
    ]
    return [(name, project._store.rows(f'SELECT * FROM "{name}"')) for name in names]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, dict[str, str]]:
    path = tmp_path_factory.mktemp("whole") / "p.goldsmith"
    with Project.create(path, scheme.load("news"), "ann") as project:
        _desk, ids = _fill(project)
        edits.set_note(project, ids["place"], "the city")
        edits.undo(project)
    return path.read_bytes(), ids


@pytest.fixture
def case(whole: tuple[bytes, dict[str, str]], missing: str, tmp_path: Path) -> Iterator[Case]:
    data, ids = whole
    path = tmp_path / "p.goldsmith"
    path.write_bytes(data)
    db = sqlite3.connect(path)  # which enforces nothing, as most programs
    db.execute(MISSING[missing], ids)
    db.commit()
    db.close()
    with Project.open(path, annotator="bea") as project:
        project.companion = Recall(project)
        project._store.execute("PRAGMA synchronous = OFF")  # nobody's power fails here
        desk = Desk.__new__(Desk)
        desk.project, desk.text, desk.id = project, TEXT, "a-test"
        yield Case(project, desk, ids)


def _made_or_told(case: Case, edit: Callable[[Case], Change | None]) -> bool:
    """Make an edit; whether it could be made. One that could not leaves no trace."""
    before = _rows(case.project)
    try:
        edit(case)
    except GoldsmithError as error:
        said = str(error)
        assert len(said.split()) > 4
        for word in ("constraint", "FOREIGN", "UNIQUE", "NULL", "None", "sqlite"):
            assert word not in said, said
        assert _rows(case.project) == before
        return False
    return True


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("missing", MISSING)
def test_an_edit_works_or_says_why_not(case: Case, edit: str) -> None:
    here = {str(orphan) for orphan in soundness.orphans(case.project)}
    if _made_or_told(case, EDITS[edit]):
        for step in ("undo", "undo", "redo", "redo"):
            _made_or_told(case, EDITS[step])
    texts = case.project._store.rows("SELECT text FROM articles")
    assert {text for (text,) in texts} <= {TEXT, "Another text."}
    # Whatever was done, nothing more hangs in the air than before.
    assert {str(orphan) for orphan in soundness.orphans(case.project)} <= here


@pytest.mark.parametrize(
    "edit",
    ["delete", "relabel twin", "set_note", "set_attribute", "set_fragments", "same_entity",
     "same_entity of the same", "leave_entity", "add_relation"],
)  # fmt: skip
@pytest.mark.parametrize("missing", ["entity"])
def test_a_mention_whose_entity_is_gone_takes_every_edit(case: Case, edit: str) -> None:
    assert _made_or_told(case, EDITS[edit])
    assert _made_or_told(case, EDITS["undo"])
    assert _made_or_told(case, EDITS["redo"])
