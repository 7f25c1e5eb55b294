"""Whatever a person does, undo takes back and redo does again, step by step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core import edits, scheme
from core.annotation import Change, Document
from core.errors import GoldsmithError
from core.project import Project
from core.recall import Recall
from tests.conftest import Desk
from tests.core.test_knowledge import memory

TEXT = (
    "Ali Mamluk 🇸🇾 met Khaled Fawzy.\r\nMamluk left Cairo: Cairo e\u0301t\u00e9 said "
    "الرياض opposed it in 2017."
)
TYPES = ["PERSON", "GPE", "ORG", "DATE"]
RELATIONS = ["met_with", "visited", "opposes", "leads"]

steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["mark", "relate", "relabel", "bounds", "delete", "accept", "reject", "flip", "note",
             "same", "done", "suggest", "undo", "redo"]
        ),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    max_size=14,
)  # fmt: skip


def _pick(items: list[str], n: int) -> str:
    return items[n % len(items)] if items else "nothing"


def _do(desk: Desk, what: str, a: int, b: int) -> Change | None:
    """One edit chosen by the numbers; it may be refused."""
    project, document = desk.project, desk.document
    mentions, relations = list(document.mentions), list(document.relations)
    gold, open_ = mentions + relations, list(document.suggestions)
    start = a % (len(TEXT) - 1)
    span = (start, min(len(TEXT), start + 1 + b % 9))
    actions: dict[str, Callable[[], Change | None]] = {
        "mark": lambda: edits.add_mention(project, desk.id, [span], TYPES[b % 4]),
        "relate": lambda: edits.add_relation(
            project, RELATIONS[(a + b) % 4], _pick(mentions + open_, a), _pick(mentions + open_, b)
        ),
        "relabel": lambda: edits.relabel(project, _pick(gold + open_, a), TYPES[b % 4]),
        "bounds": lambda: edits.set_fragments(project, _pick(gold + open_, b), [span]),
        "delete": lambda: edits.delete(project, [_pick(gold, a)]),
        "accept": lambda: edits.accept(project, open_[a % 3 :] or [_pick(open_, a)]),
        "reject": lambda: edits.reject(project, [_pick(open_, a)]),
        "flip": lambda: edits.flip(project, _pick(relations + open_, a)),
        "note": lambda: edits.set_note(project, _pick(gold, a), str(b)),
        "same": lambda: edits.same_entity(project, _pick(mentions, a), _pick(mentions, b)),
        "done": lambda: edits.set_state(project, [desk.id], "done" if b % 2 else "new"),
        "undo": lambda: edits.undo(project) if project.journal()[-1].seq > 1 else None,
        "redo": lambda: edits.redo(project),
    }
    if what == "suggest":
        who, place = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Cairo", "GPE")
        desk.suggest(who, place, desk.relation("visited", who, place))
        return None
    return actions[what]()


def _assert_indexed(project: Project) -> None:
    """The index of the open article is what it would be if it were made anew."""
    companion = project.companion
    assert isinstance(companion, Recall)
    if companion._page is not None:
        anew = companion._read(companion._page.article)
        assert companion._page.state() == anew.state()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("undo")


@settings(max_examples=60)
@given(steps=steps)
# What is known when that an article is done is undone differs from what was known when it was done.
@example(steps=[("done", 0, 1), ("accept", 0, 0), ("done", 0, 0)])
@example(
    steps=[
        ("done", 0, 1), ("accept", 0, 0), ("done", 0, 0), ("done", 0, 1), ("reject", 1, 0),
        ("done", 0, 0), ("mark", 5, 5), ("done", 0, 1),
    ]
)  # fmt: skip
# Whether a suggestion held changes with the type of the mention that it became.
@example(steps=[("relabel", 0, 1), ("relabel", 0, 0), ("delete", 0, 0)])
def test_undo_and_redo_are_inverse(folder: Path, steps: list[tuple[str, int, int]]) -> None:
    path = folder / "p.goldsmith"
    path.unlink(missing_ok=True)
    with Project.create(path, scheme.load("news"), "ann") as project:
        project.companion = Recall(project)
        # The suggestion rows themselves are not on the undo stack, so they come first.
        desk = Desk(project, TEXT)
        who, place = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Cairo", "GPE")
        other = desk.mention("Khaled Fawzy", "PERSON")
        desk.suggest(
            who, place, other,
            desk.relation("visited", who, place), desk.relation("met_with", who, other),
        )  # fmt: skip
        history: list[tuple[Document, list[tuple[object, ...]]]] = [
            (desk.document, memory(project))
        ]
        for what, a, b in steps:
            if what in ("undo", "redo", "suggest"):
                continue
            before = desk.document
            with suppress(GoldsmithError):
                change = _do(desk, what, a, b)
                if change is not None and change.images:
                    assert before.after(change) == desk.document
                    history.append((desk.document, memory(project)))
        for earlier, remembered in reversed(history[:-1]):
            before = desk.document
            change = edits.undo(project)
            assert change is not None
            assert desk.document == earlier
            assert before.after(change) == earlier
            assert memory(project) == remembered
            _assert_indexed(project)
        for later, remembered in history[1:]:
            assert edits.redo(project) is not None
            assert desk.document == later
            assert memory(project) == remembered
        assert edits.redo(project) is None


@settings(max_examples=60)
@given(steps=steps)
def test_any_order_of_edits_leaves_a_sound_project(
    folder: Path, steps: list[tuple[str, int, int]]
) -> None:
    path = folder / "q.goldsmith"
    path.unlink(missing_ok=True)
    with Project.create(path, scheme.load("news"), "ann") as project:
        project.companion = Recall(project)
        desk = Desk(project, TEXT)
        edits.set_state(project, [desk.id], "done")
        edits.set_state(project, [desk.id], "new")
        for what, a, b in steps:
            last = project.next_undo()
            if what == "undo" and last is not None and last.seq == 1:
                continue  # the import of the article itself
            with suppress(GoldsmithError):
                _do(desk, what, a, b)
            _assert_indexed(project)
            document = desk.document
            for mention in document.mentions.values():
                assert all(0 <= s < e <= len(TEXT) for s, e in mention.fragments)
                assert mention.entity is None or mention.entity in document.entities
            for relation in document.relations.values():
                head, tail = document.mentions[relation.head], document.mentions[relation.tail]
                assert project.scheme.admits(relation.type, head.type, tail.type)
            for item in document.suggestions.values():
                if item.is_relation:
                    assert document.end_of(item.head) is not None
                    assert document.end_of(item.tail) is not None
            assert project._store.rows("PRAGMA foreign_key_check") == []
