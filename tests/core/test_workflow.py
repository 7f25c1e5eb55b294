"""Adding, suggesting and exporting: all or nothing, and everything worth knowing is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core import edits, scheme, workflow
from core.errors import FormatError, GoldsmithError, NotFound
from core.project import Project
from tests.conftest import ROOT, Desk

CORPORA = ROOT.parent / "shared" / "corpora"


def native(id: str, text: str, **more: Any) -> str:
    return json.dumps({"goldsmith": 1, "id": id, "text": text} | more, ensure_ascii=False) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three articles in a folder and one in it, with files that are none."""
    folder = tmp_path / "articles"
    (folder / "2018" / ".hidden").mkdir(parents=True)
    (folder / "b.txt").write_text("Second in Cairo.\r\n", encoding="utf-8")
    (folder / "a.txt").write_text("First in Riyadh.\n", encoding="utf-8")
    (folder / "2018" / "c.TXT").write_text("Third in Beirut.\n", encoding="utf-8")
    (folder / "d.jsonl").write_text(native("a-d", "Fourth in Kyiv."), encoding="utf-8")
    (folder / "2018" / ".hidden" / "e.txt").write_text("Hidden.", encoding="utf-8")
    (folder / ".f.txt").write_text("Hidden.", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


# -- add


def test_a_folder_is_walked_in_order(project: Project, folder: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    report = workflow.add_paths(project, [folder], progress=lambda *step: seen.append(step))
    rows = project.articles()
    assert [r.title for r in rows] == [
        "First in Riyadh.", "Second in Cairo.", "Fourth in Kyiv.", "Third in Beirut.",
    ]  # fmt: skip
    assert len(rows) == report.added
    assert project.article(rows[1].id).text == "Second in Cairo.\r\n"
    assert project.article(rows[3].id).source == "articles/2018/c.TXT"
    assert report.skipped == 1
    assert "1 file of another kind was left alone." in report.details()
    assert {total for _done, total, _what in seen} == {4}
    assert [done for done, _total, _what in seen] == sorted(done for done, _t, _w in seen)
    assert seen[-1][0] == 4


def test_a_file_counts_once_however_it_is_named(project: Project, folder: Path) -> None:
    report = workflow.add_paths(
        project, [folder / "a.txt", folder, folder / "2018" / ".." / "b.txt"]
    )
    assert report.added == 4
    assert not report.duplicates


def test_the_same_article_twice_is_said_and_not_added(project: Project, folder: Path) -> None:
    workflow.add_paths(project, [folder / "a.txt"])
    (folder / "copy.txt").write_text("Second in Cairo.\r\n", encoding="utf-8")
    report = workflow.add_paths(project, [folder])
    assert report.added == 3
    assert report.twins == (
        ("articles/a.txt", "First in Riyadh."),
        ("articles/copy.txt", "Second in Cairo."),
    )
    assert "2 articles were there already." in report.summary()
    assert any("copy.txt" in line and "not added again" in line for line in report.details())


def test_gold_that_a_duplicate_has_on_top_is_said(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    one = {"type": "GPE", "start": 0, "end": 5}
    path.write_text(native("a-1", "Cairo and Rome", mentions=[one]))
    workflow.add_paths(project, [path])
    assert workflow.add_paths(project, [path]).notes == ()
    path.write_text(native("a-2", "Cairo and Rome", mentions=[one, one | {"start": 10, "end": 14}]))
    [note] = workflow.add_paths(project, [path]).notes
    assert note.startswith("x.jsonl: 1 ")


def test_one_bad_file_and_nothing_is_added(project: Project, folder: Path) -> None:
    (folder / "b.txt").write_bytes(b"\x00")
    (folder / "z.jsonl").write_text(native("a-z", "Fine.") + "{")
    with pytest.raises(workflow.NothingAdded) as caught:
        workflow.add_paths(project, [folder, folder / "none.txt"])
    assert project.articles() == []
    assert [file for file, _reason in caught.value.refused] == [
        "none.txt", "articles/b.txt", "articles/z.jsonl",
    ]  # fmt: skip
    assert "line 2: " in caught.value.refused[2][1]
    assert "3 files can't be added" in str(caught.value)
    assert project.next_undo() is None


def test_what_is_bad_is_left_out_on_demand(project: Project, folder: Path) -> None:
    (folder / "z.jsonl").write_text(native("a-z", "Fine.") + "{")
    (folder / "y.docx").write_bytes(b"not at all")
    report = workflow.add_paths(project, [folder], skip_bad=True)
    assert report.added == 5
    assert project.article_row("a-z") is not None
    assert [file for file, _reason in report.refused] == ["articles/y.docx"]
    assert [file for file, _reason in report.spoilt] == ["articles/z.jsonl"]
    assert "1 file was left out. 1 unreadable part was left out." in report.summary()
    assert report.details()[1].startswith("articles/z.jsonl: line 2: ")
    edits.undo(project)
    assert project.articles() == []


def test_cancelling_adds_nothing(project: Project, folder: Path) -> None:
    calls = 0

    def cancelled() -> bool:
        nonlocal calls
        calls += 1
        return calls > 5

    report = workflow.add_paths(project, [folder], cancelled=cancelled)
    assert report.cancelled
    assert report.added == 0
    assert project.articles() == []


def test_interrupting_adds_nothing(project: Project, folder: Path) -> None:
    def show(done: int, total: int, what: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workflow.add_paths(project, [folder], progress=show)
    assert project.articles() == []


def test_an_id_never_stands_for_two_things(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(
        native("a-1", "Cairo", mentions=[{"id": "m-1", "type": "GPE", "start": 0, "end": 5}])
    )
    workflow.add_paths(project, [path])
    path.write_text(
        native("a-2", "Rome", mentions=[{"id": "m-1", "type": "GPE", "start": 0, "end": 4}])
    )
    with pytest.raises(workflow.NothingAdded, match="id m-1 in “Rome” is used by something else"):
        workflow.add_paths(project, [path])


def test_an_entity_stays_as_the_project_has_it(project: Project, tmp_path: Path) -> None:
    def line(id: str, text: str, name: str) -> str:
        return native(
            id,
            text,
            mentions=[{"type": "GPE", "start": 0, "end": 4, "entity": "e-1"}],
            entities=[{"id": "e-1", "name": name}],
        )

    path = tmp_path / "x.jsonl"
    path.write_text(line("a-1", "Rome", "Roma"))
    workflow.add_paths(project, [path])
    path.write_text(line("a-2", "Rome again", "Rom"))
    workflow.add_paths(project, [path])
    assert project.document("a-2").entities["e-1"].name == "Roma"


def test_types_outside_the_scheme_are_kept_and_counted(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    people = [{"id": f"m{n}", "type": "Person", "start": n, "end": n + 1} for n in range(2)]
    relation = {"type": "Likes", "head": "m0", "tail": "m1"}
    city = {"type": "GPE", "start": 2, "end": 4}
    path.write_text(native("a-1", "abcd", mentions=[*people, city], relations=[relation]))
    report = workflow.add_paths(project, [path])
    assert report.outside == {"Person": 2, "Likes": 1}
    assert (report.mentions, report.relations) == (3, 1)
    assert "Person (2), Likes (1). They were kept as they are." in report.details()[0]
    types = [m.type for m in project.document("a-1").mentions.values()]
    assert types == ["Person", "Person", "GPE"]


@pytest.mark.parametrize("what", ["empty", "project", "html"])
def test_what_can_not_be_added(what: str, project: Project, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "html").with_suffix(".html").write_text("<p>")
    path = {
        "empty": tmp_path / "empty", "project": project.path, "html": tmp_path / "html.html",
    }[what]  # fmt: skip
    reason = {"empty": "no file that Goldsmith reads", "project": "export", "html": "plain text"}[
        what
    ]
    with pytest.raises(workflow.NothingAdded, match=reason):
        workflow.add_paths(project, [path])


@pytest.mark.skipif(not CORPORA.is_dir(), reason="../shared/corpora is not here")
def test_real_corpora_in_one_project(project: Project) -> None:
    names = ["re3d_dev", "wikigold", "uner_ewt_dev"]
    report = workflow.add_paths(project, [CORPORA / f"{name}.jsonl" for name in names])
    records = [
        json.loads(line)
        for name in names
        for line in (CORPORA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert report.added == len({r["text"] for r in records})
    assert report.mentions == sum(len(r["entities"]) for r in records)
    assert report.relations == sum(len(r["relations"]) for r in records)
    rows = project.articles()
    assert sum(r.mentions for r in rows) == report.mentions
    assert sum(r.relations for r in rows) == report.relations


# -- suggest


def test_suggestions_are_stored_and_done_articles_left_alone(project: Project) -> None:
    Desk(project, "President Barack Obama visited Egypt on Monday.", "a-1")
    Desk(project, "Chancellor Angela Merkel visited France in 2015.", "a-2")
    edits.set_state(project, ["a-2"], "done")
    seen: list[tuple[int, int]] = []
    report = workflow.suggest(
        project, progress=lambda done, total, what: seen.append((done, total))
    )
    assert report.done == 1
    assert report.errors == ()
    assert seen == [(0, 1), (1, 1)]
    document = project.document("a-1")
    relations = [s for s in document.suggestions.values() if s.is_relation]
    assert report.mentions == len(document.suggestions) - len(relations) > 0
    assert report.relations == len(relations)
    assert not project.document("a-2").suggestions
    assert workflow.suggest(project, ["a-2"]).done == 1
    with pytest.raises(NotFound, match="a-9"):
        workflow.suggest(project, ["a-9"])


def test_suggesting_can_be_cancelled(project: Project) -> None:
    Desk(project, "President Barack Obama visited Egypt.", "a-1")
    report = workflow.suggest(project, cancelled=lambda: True)
    assert report.cancelled
    assert report.done == 0
    assert not project.document("a-1").suggestions


# -- export


@pytest.fixture
def marked(desk: Desk) -> Desk:
    """The desk with a mention and an open suggestion."""
    desk.mark("Cairo", "GPE")
    desk.suggest(desk.mention("Riyadh", "GPE"))
    return desk


def mentions_in(path: Path) -> list[str]:
    return [
        m["status"]
        for line in path.read_text(encoding="utf-8").splitlines()
        for m in json.loads(line)["mentions"]
    ]


def test_gold_alone_or_with_suggestions(marked: Desk, tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    report = workflow.export(marked.project, out)
    assert report.files == [out]
    assert mentions_in(out) == ["gold"]
    workflow.export(marked.project, out, force=True, include_suggestions=True)
    assert mentions_in(out) == ["gold", "suggested"]
    first = out.read_bytes()
    workflow.export(marked.project, out, force=True, include_suggestions=True)
    assert out.read_bytes() == first


def test_only_done_and_only_some(marked: Desk, tmp_path: Path) -> None:
    Desk(marked.project, "Another.", "a-2")
    edits.set_state(marked.project, ["a-2"], "done")
    for n, options in enumerate([{"only_done": True}, {"ids": ["a-2"]}]):
        out = tmp_path / f"{n}.jsonl"
        assert workflow.export(marked.project, out, **options).written["articles"] == 1  # type: ignore[arg-type]
        assert json.loads(out.read_text())["id"] == "a-2"
    edits.set_state(marked.project, ["a-2"], "new")
    report = workflow.export(marked.project, tmp_path / "none.jsonl", only_done=True)
    assert report.notes == ["No article is marked as done, so the file holds none."]
    with pytest.raises(NotFound):
        workflow.export(marked.project, tmp_path / "y.jsonl", ids=["a-9"])


def test_places_that_are_refused(marked: Desk, tmp_path: Path) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("mine")
    before = marked.project.path.read_bytes()
    for out, options, reason in (
        (there, {}, "--force"),
        (tmp_path, {"format": "jsonl"}, "folder"),
        (tmp_path / "no" / "x.jsonl", {}, "does not exist"),
        (tmp_path / "x.xml", {}, "ending"),
        (tmp_path / "x.jsonl", {"format": "xml"}, "no format xml"),
        (marked.project.path, {"format": "jsonl", "force": True}, "not touched"),
        (tmp_path / "x.conll", {"include_suggestions": True}, "gold only"),
    ):
        with pytest.raises(FormatError, match=reason):
            workflow.export(marked.project, out, **options)  # type: ignore[arg-type]
    assert there.read_text() == "mine"
    assert marked.project.path.read_bytes() == before


def test_cancelling_an_export_leaves_nothing(marked: Desk, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(GoldsmithError, match="Nothing was written"):
        workflow.export(marked.project, out / "x.jsonl", cancelled=lambda: True)
    assert list(out.iterdir()) == []


def test_an_export_goes_into_another_project_and_out_again(marked: Desk, tmp_path: Path) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    workflow.export(marked.project, first, include_suggestions=True)
    with Project.create(tmp_path / "other.goldsmith", scheme.load("news"), "bob") as other:
        report = workflow.add_paths(other, [first])
        assert (report.mentions, report.suggestions) == (1, 1)
        workflow.export(other, second, include_suggestions=True)
    assert second.read_bytes() == first.read_bytes()


def test_two_files_with_one_text_and_different_gold(project: Project, tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_text(native("a-1", "Cairo and Rome"))
    mention = {"id": "m-1", "type": "GPE", "start": 0, "end": 5}
    two.write_text(native("a-2", "Cairo and Rome", mentions=[mention]))
    report = workflow.add_paths(project, [one, two])
    assert (report.added, report.duplicates) == (1, 1)
    assert "1 new gold fact" in " ".join(report.notes)


def test_near_duplicates_are_told_when_added(project: Project, tmp_path: Path) -> None:
    words = [f"word{n}" for n in range(200)]
    (tmp_path / "a.txt").write_text("Agency\n" + " ".join(words))
    (tmp_path / "b.txt").write_text("Paper\n" + " ".join(words[:150]))
    report = workflow.add_paths(project, [tmp_path / "a.txt", tmp_path / "b.txt"])
    assert report.added == 2
    ((title, other, shared),) = report.near
    assert (title, other) == ("Paper", "Agency")
    assert shared > 0.9
    assert "near-duplicate" in report.summary()
