"""Edits of any size: the journal in parts, imports that stream, files that fail in the middle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core import edits, soundness, transaction, workflow
from core.annotation import Document, Fragment, Mention, Relation
from core.article import Article
from core.errors import FormatError
from core.formats.files import json_lines
from core.project import Project


def documents(n: int, start: int = 0) -> list[Document]:
    made = []
    for i in range(start, start + n):
        article = Article(f"a-{i}", f"Ali met Omar, story {i}.", title=f"Story {i}")
        ali = Mention(f"m-{i}-1", article.id, (Fragment(0, 3),), "PERSON")
        omar = Mention(f"m-{i}-2", article.id, (Fragment(8, 12),), "PERSON", note="who?")
        met = Relation(f"r-{i}", article.id, "met with", ali.id, omar.id)
        made.append(Document(article, {ali.id: ali, omar.id: omar}, {met.id: met}))
    return made


def state(project: Project) -> list[Document]:
    return list(project.documents())


def jsonl(path: Path, n: int, fault_at: int = -1) -> Path:
    lines = []
    for i in range(n):
        mention = {"id": f"m-{path.stem}{i}", "type": "GPE", "start": 0, "end": 5}
        record = {"goldsmith": 1, "id": f"{path.stem}-{i}", "text": f"Cairo {path.stem} {i}"}
        lines.append(json.dumps(record | {"mentions": [mention]}))
    if fault_at >= 0:
        lines[fault_at] = "{"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few documents are many."""
    monkeypatch.setattr(transaction, "_PART", 50)


@pytest.mark.usefixtures("small_parts")
def test_a_large_edit_is_in_parts_and_is_undone_and_made_again(project: Project) -> None:
    change = edits.add_documents(project, documents(900))
    assert change.many
    assert len(change.images) < 900
    before = state(project)
    assert [d.article.title for d in before] == [f"Story {i}" for i in range(900)]
    (entry,) = project.journal()
    assert entry.label == "add 900 articles"
    assert len(list(project.images_of(entry.seq))) == 900 * 4
    forth = [i.id for i in project.images_of(entry.seq)]
    assert [i.id for i in project.images_of(entry.seq, backwards=True)] == forth[::-1]
    undone = edits.undo(project)
    assert undone is not None
    assert undone.many
    assert state(project) == []
    assert list(soundness.check(project)) == []
    edits.redo(project)
    assert state(project) == before
    assert list(soundness.check(project)) == []
    edits.undo(project)
    edits.add_documents(project, documents(900))  # the same ids, after an undo
    assert state(project) == before
    assert list(soundness.check(project)) == []


@pytest.mark.usefixtures("small_parts")
def test_undo_of_a_large_edit_after_a_restart(project: Project) -> None:
    edits.add_documents(project, documents(10))
    edits.add_documents(project, documents(300, 10))
    before = state(project)
    project.close()
    with Project.open(project.path) as again:
        edits.undo(again)
        assert len(state(again)) == 10
        edits.redo(again)
        assert state(again) == before


@pytest.mark.usefixtures("small_parts")
def test_a_fault_late_in_a_long_file_takes_all_of_it_back(project: Project, tmp_path: Path) -> None:
    good, bad = jsonl(tmp_path / "good.jsonl", 300), jsonl(tmp_path / "bad.jsonl", 600, 590)
    after = jsonl(tmp_path / "after.jsonl", 150)
    with pytest.raises(workflow.NothingAdded, match=r"bad\.jsonl: line 591"):
        workflow.add_paths(project, [good, bad, after])
    assert state(project) == []
    assert project.journal() == []
    report = workflow.add_paths(project, [good, bad, after], skip_bad=True)
    assert (report.added, report.mentions) == (1049, 1049)
    assert report.refused == ()
    assert [(file, reason[:9]) for file, reason in report.spoilt] == [("bad.jsonl", "line 591:")]
    assert project.article_row("bad-590") is None
    assert list(soundness.check(project)) == []
    edits.undo(project)
    assert state(project) == []
    edits.redo(project)
    assert len(state(project)) == 1049
    assert list(soundness.check(project)) == []


def test_a_cancel_in_the_middle_leaves_nothing(project: Project, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "long.jsonl", 1_000)
    seen: list[int] = []
    report = workflow.add_paths(
        project,
        [path],
        progress=lambda done, total, what: seen.append(done),
        cancelled=lambda: bool(seen) and seen[-1] > 700,
    )
    assert report.cancelled
    assert seen[-1] == 701
    assert state(project) == []
    assert list(soundness.check(project)) == []


def test_documents_come_in_the_order_of_the_project(project: Project) -> None:
    edits.add_documents(project, documents(350))
    edits.remove_articles(project, ["a-100", "a-200"])
    edits.set_state(project, ["a-5", "a-300"], "done")
    left = [f"a-{i}" for i in range(350) if i not in (100, 200)]
    assert list(project.article_ids()) == left
    assert list(project.article_ids(only_done=True)) == ["a-5", "a-300"]
    assert project.count() == 348
    assert project.count(only_done=True) == 2
    assert [d.article.id for d in project.documents()] == left
    for document in project.documents(["a-300", "a-7", "a-300"]):
        assert document == project.document(document.article.id, ())


def test_words_are_indexed_behind_an_import(project: Project) -> None:
    edits.add_documents(project, documents(700))
    found = "SELECT count(*) FROM words WHERE words MATCH 'story'"
    assert project._store.rows(found) == [(0,)]
    seen: list[int] = []
    project.index_words(seen.append)
    assert project._store.rows(found) == [(700,)]
    assert seen == [500, 700]
    assert list(soundness.check(project)) == []


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('{"a": 1, "b": {"c": [1.5, -0.0, null]}}', {"a": 1, "b": {"c": [1.5, -0.0, None]}}),
        ('{"a" : 123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        ('{"a":123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        ('{"a":"b\\":c\\":"}', {"a": 'b":c":'}),
        ('{"a":[{"b":1},{"b":2}]}', {"a": [{"b": 1}, {"b": 2}]}),
        ('{"é":"\\ud83d\\ude00 \u2028"}', {"é": "😀 \u2028"}),
    ],
)  # fmt: skip
def test_lines_are_read_quickly_and_as_they_are(
    tmp_path: Path, line: str, value: dict[str, object]
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(line, encoding="utf-8")
    ((_number, data),) = json_lines(path)
    assert data == value
    assert repr(data) == repr(value)


@pytest.mark.parametrize(
    "line",
    [
        '{"a":1,"a":2}',
        '{"a":1,"a" :2}',  # as many keys as quotes with a colon, but for the space
        '{"a":{"b":1,"b" :{"c\\":":1}}}',
        '{"a":NaN}',
        '{"a":"\\ud800"}',
        '[1]',
    ],
)  # fmt: skip
def test_what_is_no_clean_line_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(FormatError):
        list(json_lines(path))


def test_the_size_of_an_edit_is_known_without_reading_it(project: Project) -> None:
    edits.add_documents(project, documents(30))
    ((entry),) = project.journal()
    assert project.size_of(entry.seq) == (120, 30)
    assert project.size_of(entry.seq + 1) == (0, 0)


@pytest.mark.usefixtures("small_parts")
def test_a_step_back_tells_how_far_it_is_and_can_be_stopped(project: Project) -> None:
    edits.add_documents(project, documents(500))
    told: list[tuple[int, int]] = []
    edits.undo(project, lambda done, total: told.append((done, total)))
    assert told == [(0, 2000), (500, 2000), (1000, 2000), (1500, 2000)]

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        edits.redo(project, stop)
    assert state(project) == []
    edits.redo(project)
    assert len(state(project)) == 500
