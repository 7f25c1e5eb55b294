"""The import and the export dialog, driven by real key and mouse events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import edits, typemap
from core.errors import ReadOnlyProject
from core.formats.folders import LIST
from gui.export_dialog import ExportDialog
from gui.import_dialog import ImportDialog
from tests.gui.forms import LEFT, PATIENCE, choose, export, lines, opened, write_into
from tests.gui.hands import Hands, Key


def looked(qtbot: QtBot, hands: Hands, *paths: Path) -> ImportDialog:
    """The import dialog, with its preview."""
    hands.window.files.add_paths(list(paths))
    dialog = opened(qtbot, hands.window, ImportDialog)
    qtbot.waitUntil(lambda: dialog._job is None, timeout=PATIENCE)
    return dialog


def done(qtbot: QtBot, dialog: ImportDialog) -> None:
    qtbot.waitUntil(dialog.report.isVisible, timeout=PATIENCE)


def close(qtbot: QtBot, dialog: QWidget) -> None:
    qtbot.keyClick(dialog, Key.Key_Escape)
    qtbot.waitUntil(lambda: not isValid(dialog))


def corpus(path: Path, n: int = 1) -> Path:
    record = {
        "text": "Ali leads the bureau in Cairo.",
        "entities": [
            {"id": "T1", "start": 0, "end": 3, "label": "person"},
            {"id": "T2", "start": 14, "end": 20, "label": "agency"},
        ],
        "relations": [{"head": "T2", "tail": "T1", "label": "led by"}],
    }
    texts = [record | {"text": f"{record['text']} Story {i}."} for i in range(n)]
    path.write_text("\n".join(map(json.dumps, texts)), encoding="utf-8")
    return path


def test_preview_types_and_report(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    project = hands.window.session.project
    dialog = looked(qtbot, hands, corpus(tmp_path / "c.jsonl", 3))
    assert dialog.summary.text().startswith("3 articles. 6 mentions of 2 types, 3 relations.")
    assert dialog.articles.count() == 3
    assert "Ali leads" in dialog.text.toPlainText()
    assert dialog.files.item(0, 1).text() == "corpus in JSON Lines (text, entities, relations)"
    assert project.count() == 1, "a preview adds nothing"
    shown = {type: (box, check) for type, _relation, box, check in dialog._rows}
    assert shown["person"][0].currentData() == "PERSON"
    assert shown["led by"][0].currentData() == "leads"
    assert shown["led by"][1].checkState() is Qt.CheckState.Checked
    dialog.tabs.setCurrentIndex(2)
    choose(qtbot, shown["agency"][0], "ORG")
    qtbot.mouseClick(dialog.add, LEFT)
    with pytest.raises(ReadOnlyProject):  # the child has the project
        edits.undo(project)
    done(qtbot, dialog)
    assert dialog.summary.text().startswith("Added 3 articles, 6 mentions, 3 relations.")
    assert any("agency → ORG (3)" in line for line in dialog.report.toPlainText().split("\n"))
    assert project.count() == 4
    added = list(project.documents())[1]
    (relation,) = added.relations.values()
    assert added.mentions[relation.head].type == "PERSON"
    kept = typemap.kept(project.setting(typemap.KEPT))
    assert kept.mentions["agency"] == "ORG"
    close(qtbot, dialog)
    again = looked(qtbot, hands, corpus(tmp_path / "d.jsonl"))
    boxes = {type: box for type, _relation, box, _check in again._rows}
    assert boxes["agency"].currentData() == "ORG", "the table is kept"
    close(qtbot, again)
    edits.undo(project)
    assert project.count() == 1


def test_a_bad_file_stops_all_until_it_is_left_out(
    qtbot: QtBot, hands: Hands, tmp_path: Path
) -> None:
    project = hands.window.session.project
    good, bad = tmp_path / "good.txt", tmp_path / "bad.jsonl"
    good.write_text("A story from Kyiv.")
    bad.write_text('{"goldsmith": 1, "id": "a-1", "text": "x"}\n{"goldsmith": 1,')
    dialog = looked(qtbot, hands, good, bad)
    assert "1 file has faults: bad.jsonl: line 2: " in dialog.summary.text()
    faults = {dialog.files.item(r, 0).text(): dialog.files.item(r, 3).text() for r in (0, 1)}
    assert faults["good.txt"] == ""
    assert faults["bad.jsonl"].startswith("line 2: the line is not JSON")
    qtbot.keyClick(dialog.add, Key.Key_Space)
    qtbot.waitUntil(lambda: "Nothing was added" in dialog.summary.text(), timeout=PATIENCE)
    assert "bad.jsonl: line 2" in dialog.summary.text()
    assert project.count() == 1
    assert not project.read_only
    assert dialog.skip.hasFocus()
    qtbot.keyClick(dialog.skip, Key.Key_Space)
    qtbot.keyClick(dialog.skip, Key.Key_Return)
    done(qtbot, dialog)
    assert project.count() == 3, "of the bad file the article that can be read"
    assert any("bad.jsonl: line 2" in line for line in dialog.report.toPlainText().split("\n"))
    close(qtbot, dialog)


def test_a_person_says_what_offsets_count(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps({"text": "👍🏽 Ali left.", "label": [[2, 5, "PERSON"]]}))
    dialog = looked(qtbot, hands, path)
    assert "--offsets graphemes" in dialog.files.item(0, 3).text()
    assert not dialog.add.isEnabled()
    assert dialog.offsets.isVisible()
    choose(qtbot, dialog.offsets, "graphemes")
    qtbot.waitUntil(lambda: dialog._job is None, timeout=PATIENCE)
    qtbot.mouseClick(dialog.add, LEFT)
    done(qtbot, dialog)
    assert dialog.summary.text().startswith("Added 1 article, 1 mention")
    close(qtbot, dialog)
    (document,) = [d for d in hands.window.session.project.documents() if "left" in d.article.text]
    (mention,) = document.mentions.values()
    assert document.article.text[mention.start : mention.end] == "Ali"
    dialog = looked(qtbot, hands, corpus(tmp_path / "c.jsonl"))
    assert not dialog.offsets.isVisible()
    close(qtbot, dialog)


def test_the_columns_of_a_table_are_chosen(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("kopf,inhalt,datum\nHeadline,A story from Lviv.,2016-11-20\n")
    dialog = looked(qtbot, hands, path)
    assert not dialog.add.isEnabled()
    assert "no column is called" in dialog.files.item(0, 3).text()
    assert dialog.tabs.isTabVisible(3)
    dialog.tabs.setCurrentIndex(3)
    for part, name in (("text", "inhalt"), ("title", "kopf")):
        box = dialog._columns[part]
        qtbot.keyClick(box, Key.Key_Space)
        choose(qtbot, box, name)
        qtbot.keyClick(box.view(), Key.Key_Return)
        qtbot.waitUntil(lambda: dialog._job is None, timeout=PATIENCE)
    assert lines(dialog.articles) == ["Headline"]
    qtbot.mouseClick(dialog.add, LEFT)
    done(qtbot, dialog)
    article = list(hands.window.session.project.documents())[-1].article
    assert (article.title, article.text) == ("Headline", "A story from Lviv.")
    close(qtbot, dialog)


def test_cancelling_leaves_nothing(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    project = hands.window.session.project
    dialog = looked(qtbot, hands, corpus(tmp_path / "long.jsonl", 4_000))
    qtbot.mouseClick(dialog.add, LEFT)
    with qtbot.waitSignal(dialog._job.progress, timeout=PATIENCE):
        pass
    qtbot.keyClick(dialog, Key.Key_Escape)
    qtbot.waitUntil(lambda: not isValid(dialog), timeout=PATIENCE)
    assert project.count() == 1
    assert not project.read_only
    assert edits.set_state(project, [next(project.article_ids())], "done").images


def test_everything_has_a_name_and_is_reached_by_tab(
    qtbot: QtBot, hands: Hands, tmp_path: Path
) -> None:
    dialog = looked(qtbot, hands, corpus(tmp_path / "c.jsonl"))
    seen: set[QWidget] = set()
    for _ in range(20):
        qtbot.keyClick(dialog.focusWidget() or dialog, Key.Key_Tab)
        seen.add(dialog.focusWidget())
    assert {dialog.format, dialog.encoding, dialog.articles, dialog.add, dialog.stop} <= seen
    for widget in (dialog.format, dialog.encoding, dialog.articles, dialog.text, dialog.files):
        assert widget.accessibleName()
    close(qtbot, dialog)


def test_losses_are_told_before_and_after(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    project = hands.window.session.project
    edits.accept(project, list(hands.document.suggestions))
    hands.window.files.export()
    dialog = opened(qtbot, hands.window, ExportDialog)
    qtbot.waitUntil(lambda: lines(dialog.lost) == ["Nothing is lost."], timeout=PATIENCE)
    choose(qtbot, dialog.format, "conll")
    assert "relation" in dialog.holds.text()
    qtbot.waitUntil(lambda: "not held: 2 × relation" in lines(dialog.lost), timeout=PATIENCE)
    assert dialog.summary.text().startswith("Would write")
    out = tmp_path / "gold.conll"
    write_into(qtbot, dialog.place, str(out))
    qtbot.mouseClick(dialog.write, LEFT)
    qtbot.waitUntil(lambda: "Wrote" in dialog.summary.text(), timeout=PATIENCE)
    assert "not held: 2 × relation" in lines(dialog.lost)
    assert out.exists()
    close(qtbot, dialog)


def test_a_dataset_by_the_dialog(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    project = hands.window.session.project
    edits.accept(project, list(hands.document.suggestions))
    hands.window.files.export()
    dialog = opened(qtbot, hands.window, ExportDialog)
    qtbot.keyClick(dialog.dataset, Key.Key_Space)
    assert dialog.dataset.isChecked()
    assert not dialog.suggestions.isEnabled()
    write_into(qtbot, dialog.split, "80/x")
    assert not dialog.write.isEnabled()
    assert "is no split" in dialog.wrong.text()
    write_into(qtbot, dialog.split, "80/20")
    write_into(qtbot, dialog.licence, "CC0")
    out = tmp_path / "set"
    write_into(qtbot, dialog.place, str(out))
    choose(qtbot, dialog.which, True)
    qtbot.mouseClick(dialog.write, LEFT)
    qtbot.waitUntil(lambda: "marked as done" in dialog.summary.text(), timeout=PATIENCE)
    assert not out.exists()
    choose(qtbot, dialog.which, False)
    qtbot.mouseClick(dialog.write, LEFT)
    qtbot.waitUntil(lambda: "Wrote" in dialog.summary.text(), timeout=PATIENCE)
    assert {p.name for p in out.iterdir()} >= {"train.jsonl", "test.jsonl", "README.md"}
    assert "CC0" in (out / "README.md").read_text(encoding="utf-8")
    assert not project.read_only
    close(qtbot, dialog)


def test_only_an_earlier_export_is_replaced(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    out = tmp_path / "gold"
    out.mkdir()
    notes = out / "interview_notes.txt"
    notes.write_text("A year of work.", encoding="utf-8")
    hands.window.files.export()
    dialog = opened(qtbot, hands.window, ExportDialog)
    choose(qtbot, dialog.format, "brat")
    choose(qtbot, dialog.which, False)
    write_into(qtbot, dialog.place, str(out))
    qtbot.mouseClick(dialog.write, LEFT)  # refused without a question
    assert "holds interview_notes.txt" in dialog.summary.text()
    assert notes.read_text(encoding="utf-8") == "A year of work."
    notes.unlink()
    qtbot.mouseClick(dialog.write, LEFT)
    qtbot.waitUntil(lambda: "Wrote" in dialog.summary.text(), timeout=PATIENCE)
    close(qtbot, dialog)
    hands.window.files.export()
    dialog = opened(qtbot, hands.window, ExportDialog)
    choose(qtbot, dialog.format, "brat")
    choose(qtbot, dialog.which, False)
    write_into(qtbot, dialog.place, str(out))
    asked: list[str] = []

    def answer(word: str) -> None:
        (box,) = (
            w for w in QApplication.topLevelWidgets()
            if isinstance(w, QMessageBox) and w.isVisible()
        )  # fmt: skip
        asked.append(box.text())
        (button,) = (b for b in box.buttons() if word in b.text().replace("&", ""))
        qtbot.mouseClick(button, LEFT)

    for word in ("Cancel", "Replace"):
        QTimer.singleShot(0, lambda word=word: answer(word))  # type: ignore[misc]
        qtbot.mouseClick(dialog.write, LEFT)
    qtbot.waitUntil(lambda: "Wrote" in dialog.summary.text(), timeout=PATIENCE)
    close(qtbot, dialog)
    files = sum(1 for path in out.iterdir() if path.name != LIST)
    assert asked == [f"gold holds an earlier export. Its {files} files will be deleted."] * 2


def test_each_format_has_a_place_of_its_own(qtbot: QtBot, hands: Hands) -> None:
    path = hands.window.session.project.path
    (path.parent / "test.jsonl").touch()
    (path.parent / "test-brat").mkdir()
    hands.window.files.export()
    dialog = opened(qtbot, hands.window, ExportDialog)
    places = {}
    for format in ("jsonl", "brat", "xmi", "cas-json"):
        choose(qtbot, dialog.format, format)
        places[format] = dialog.place.text()
    names = {"jsonl": "test-2.jsonl", "brat": "test-brat-2", "xmi": "test-xmi"}
    names["cas-json"] = "test-cas-json"
    assert places == {format: str(path.parent / name) for format, name in names.items()}
    qtbot.keyClick(dialog.dataset, Key.Key_Space)
    assert dialog.place.text() == str(path.parent / "test-dataset")
    close(qtbot, dialog)


def test_a_refusal_goes_when_the_place_changes(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    hands.window.files.export()
    dialog = opened(qtbot, hands.window, ExportDialog)
    choose(qtbot, dialog.which, False)
    write_into(qtbot, dialog.place, str(tmp_path / "nowhere" / "gold.jsonl"))
    qtbot.mouseClick(dialog.write, LEFT)
    qtbot.waitUntil(lambda: "does not exist" in dialog.summary.text(), timeout=PATIENCE)
    write_into(qtbot, dialog.place, str(tmp_path / "gold.jsonl"))
    assert "does not exist" not in dialog.summary.text()
    qtbot.waitUntil(lambda: dialog.summary.text().startswith("Would write"), timeout=PATIENCE)
    close(qtbot, dialog)


def test_gold_goes_out_and_comes_in_again(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    export(qtbot, hands.window, tmp_path / "gold.jsonl", "jsonl")
    dialog = looked(qtbot, hands, tmp_path / "gold.jsonl")
    qtbot.mouseClick(dialog.add, LEFT)
    done(qtbot, dialog)
    assert "1 article was there already" in dialog.summary.text()
    close(qtbot, dialog)


def test_a_window_that_closes_ends_what_its_dialogs_run(qtbot: QtBot, hands: Hands) -> None:
    hands.window.files.export()
    dialog = opened(qtbot, hands.window, ExportDialog)
    qtbot.waitUntil(lambda: dialog._job is not None)  # it looks what would be lost
    process = dialog._job._process
    hands.window.close()
    assert process.state() is QProcess.ProcessState.NotRunning
    dialog._pause.timeout.emit()  # it was due a moment later
    assert dialog._job is None
