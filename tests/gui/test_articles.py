"""The list of articles reads what is looked at, and finds words of titles and texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from core import edits, order
from core.annotation import Document
from core.article import Article
from core.order import Order
from core.project import Project
from core.suggest import Proposal, ProposedMention
from core.workflow import store_proposal
from gui.app import application
from gui.panels import articles
from gui.panels.articles import ID, ArticlesPanel
from gui.session import Session
from gui.window import Window
from tests.conftest import Desk
from tests.gui.hands import CTRL, SHIFT, Hands, Key


@pytest.fixture
def panel(
    qtbot: QtBot, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ArticlesPanel:
    """Sixty articles, of which few come at a time."""
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    for name, value in (("_FIRST", 10), ("_THEN", 7), ("_PAGE", 4), ("_KEPT", 2)):
        monkeypatch.setattr(articles, name, value)
    edits.add_documents(
        project,
        [
            Document(Article(f"a-{n}", f"Text {n}, the Río convoy." * (1 + n % 2), title=f"No {n}"))
            for n in range(60)
        ],
    )
    panel = ArticlesPanel(Session(project))
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: not panel.model._idle.isActive())
    return panel


def _shown(panel: ArticlesPanel) -> list[str]:
    return [panel.model.index(n, 0).data(ID) for n in range(panel.model.rowCount())]


def test_all_are_listed_a_page_at_a_time(panel: ArticlesPanel) -> None:
    assert _shown(panel) == [f"a-{n}" for n in range(60)]
    assert len(panel.model._pages) == 2


def test_words_of_title_and_text_are_found(panel: ArticlesPanel, qtbot: QtBot) -> None:
    for words, found in (("no 41", ["a-41"]), ("rio conv", 60), ("nothing here", []), ('"*(', 60)):
        panel.filter.setText(words)
        qtbot.waitUntil(lambda: not panel.model._idle.isActive())
        assert (
            (_shown(panel) == found)
            if isinstance(found, list)
            else (panel.model.rowCount() == found)
        )


def test_the_list_follows_removal_undo_and_done(panel: ArticlesPanel, qtbot: QtBot) -> None:
    session = panel._session
    session.do(lambda: edits.remove_articles(session.project, ["a-5"]))
    qtbot.waitUntil(lambda: not panel.model._idle.isActive())
    assert "a-5" not in _shown(panel)
    session.undo()
    qtbot.waitUntil(lambda: not panel.model._idle.isActive())
    assert _shown(panel)[5] == "a-5"
    session.do(lambda: edits.set_state(session.project, ["a-5"], "done"))
    assert panel.model.index(5, 0).data(articles.ROW).state == "done"
    panel.open_first()
    assert session.article_id == "a-0"
    session.do(lambda: edits.set_state(session.project, ["a-0", "a-1"], "done"))
    panel.open_next_undone()
    assert session.article_id == "a-2"
    assert panel.list.currentIndex().row() == 2
    panel.step(+1)
    panel.step(+1)
    assert session.article_id == "a-4"


def test_keys_of_the_list_lead_to_its_ends_and_back_to_the_text(hands: Hands, desk: Desk) -> None:
    for n in range(40):
        Desk(desk.project, f"Person {n} slept.", f"b-{n}")
    window, panel = hands.window, hands.window.articles
    window.session.articles_changed.emit()
    hands.press(Key.Key_F7)
    assert panel.list.hasFocus()
    for key, opened in ((Key.Key_End, "b-39"), (Key.Key_Home, "a-test")):
        hands.qtbot.keyClick(panel.list, key)
        assert window.session.article_id == opened
        assert panel.list.hasFocus()
    hands.qtbot.keyClick(panel.list, Key.Key_Escape)
    assert hands.canvas.hasFocus()


def test_esc_in_the_search_clears_it_and_then_leaves(hands: Hands) -> None:
    panel = hands.window.articles
    panel.filter.setFocus()
    hands.qtbot.keyClicks(panel.filter, "Cairo")
    hands.qtbot.keyClick(panel.filter, Key.Key_Escape)
    assert panel.filter.text() == ""
    assert panel.filter.hasFocus()
    hands.qtbot.keyClick(panel.filter, Key.Key_Escape)
    assert hands.canvas.hasFocus()


def test_the_next_start_begins_where_one_was(hands: Hands, desk: Desk, qtbot: QtBot) -> None:
    other = Desk(desk.project, "Ali met Omar in Cairo.", "b-1")
    Desk(desk.project, "Nobody slept.", "b-2")
    other.mark("Ali", "PERSON")
    wanted = other.mention("Omar", "PERSON")
    other.suggest(wanted, other.mention("Cairo", "GPE"))
    window, path = hands.window, desk.project.path
    window.session.articles_changed.emit()
    before = desk.project.next_undo()
    hands.press(Key.Key_PageDown, modifier=CTRL)
    assert window.session.article_id == "b-1"
    assert desk.project.next_undo() == before  # it is no edit
    window.close()
    again = Window(Project.open(path))
    qtbot.addWidget(again)
    assert again.session.article_id == "b-1"
    assert again.canvas.focused == wanted.id
    edits.remove_articles(again.session.project, ["b-1"])
    again.close()
    third = Window(Project.open(path))
    qtbot.addWidget(third)
    assert third.session.article_id == "a-test"  # the first that is not done


def test_a_title_is_never_markup(hands: Hands, desk: Desk) -> None:
    text = "<b>Cairo</b> & <img src=x>"
    Desk(desk.project, text, "a-markup")
    model = hands.window.articles.model
    model.reload()
    row = model.index(model.row_of("a-markup"), 0)
    assert row.data() == text
    tip = row.data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;Cairo" in tip
    assert "<img" not in tip
    assert row.data(Qt.ItemDataRole.AccessibleDescriptionRole).startswith(text)


def test_most_useful_first_in_the_window(hands: Hands, desk: Desk) -> None:
    """Choosing the order is a click or a key; the next article says why it is next."""
    project, window = desk.project, hands.window
    others = [
        Desk(project, f"{who} met nobody.", f"b-{n}") for n, who in enumerate(("Ali", "Omar"))
    ]
    for other, words, score in zip(others, ("Ali", "Omar"), (0.99, 0.5), strict=True):
        store_proposal(
            project,
            Proposal(other.id, "test", (ProposedMention((other.span(words),), "PERSON", score),)),
        )
    window.session.articles_changed.emit()
    panel = window.articles
    assert _shown(panel) == [desk.id, "b-0", "b-1"]
    hands.press(Qt.Key.Key_O, modifier=CTRL | SHIFT)
    assert panel.order.currentData() == Order.USEFUL
    shown = _shown(panel)
    assert shown.index("b-1") < shown.index("b-0")
    tip = panel.model.index(shown.index("b-1"), 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "100% unsure" in tip
    hands.press(Qt.Key.Key_Return, modifier=CTRL)  # done
    assert window.session.article_id == "b-1"
    assert "unsure" in window.statusBar().currentMessage()
    row = panel.list.currentIndex().row()
    assert panel.model.index(row, 0).data(ID) == "b-1"
    hands.press(Qt.Key.Key_O, modifier=CTRL | SHIFT)
    assert _shown(panel) == [desk.id, "b-0", "b-1"]


def test_the_useful_order_pages_too(
    hands: Hands, desk: Desk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    for name, value in (("_FIRST", 10), ("_THEN", 7)):
        monkeypatch.setattr(articles, name, value)
    project = desk.project
    for n in range(40):
        other = Desk(project, f"Person {n} slept.", f"b-{n}")
        if n % 2:
            found = (ProposedMention((other.span("Person"),), "PERSON", 0.3 + n / 100),)
            store_proposal(project, Proposal(other.id, "test", found))
    order.choose(project, Order.USEFUL)
    model = hands.window.articles.model
    model.reload()
    qtbot.waitUntil(lambda: not model._idle.isActive())
    shown = _shown(hands.window.articles)
    assert sorted(shown) == sorted(r.id for r in project.articles())
    assert all(model.row_of(id) == n for n, id in enumerate(shown))


def test_nothing_that_a_person_does_reads_the_list_of_all(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project may have a million articles."""
    project, window = hands.window.session.project, hands.window
    texts = [f"Cairo said no, number {n}." for n in range(12)]
    edits.add_documents(project, [Document(Article(f"b-{n}", t)) for n, t in enumerate(texts)])
    hands.window.session.reopen()
    monkeypatch.setattr(Project, "articles", lambda _: pytest.fail("all articles were read"))
    window.suggesting.use("rules")
    hands.press(Key.Key_Return, modifier=CTRL)
    assert hands.window.session.article_id == "b-0"
    window.suggesting.restart()
    window.run("suggest_all")
    edits.remove_articles(project, ["b-7"])  # before its turn
    with hands.qtbot.waitSignal(
        window.suggesting.worker.progress,
        check_params_cb=lambda done, total: done == total,
        timeout=60_000,
    ):
        pass
    assert project.suggestions("b-11", ("open",))
    assert project.count(only_done=True) == 1
    assert project.count_to_do() == 11
    assert not window.suggesting.worker.busy


def test_a_click_or_enter_in_the_list_brings_the_keyboard_to_the_text(
    hands: Hands, desk: Desk, qtbot: QtBot
) -> None:
    session, table = hands.window.session, hands.window.articles.list
    edits.add_documents(desk.project, [Document(Article("a-other", "Cairo slept."))])
    session.articles_changed.emit()
    qtbot.waitUntil(lambda: hands.window.articles.model.rowCount() == 2)
    here = session.article_id
    row = hands.window.articles.model.row_of(here)
    table.setFocus()
    place = table.visualRect(hands.window.articles.model.index(row, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert hands.canvas.hasFocus()
    table.setFocus()
    qtbot.keyClick(table, Key.Key_Down if row == 0 else Key.Key_Up)
    assert session.article_id != here
    assert table.hasFocus()  # arrows leaf through the list
    qtbot.keyClick(table, Key.Key_Return)
    assert hands.canvas.hasFocus()


def test_a_removed_article_is_named_and_comes_back_open(hands: Hands) -> None:
    said: list[str] = []
    hands.window.session.said.connect(said.append)
    id, title = hands.window.session.article_id, hands.document.article.title
    hands.window.run("remove_article")
    assert hands.window.session.article_id != id
    assert said[-1].startswith(f"“{title}” was removed")
    hands.press(Key.Key_Z, modifier=CTRL) if hands.canvas.isVisible() else hands.window.run("undo")
    assert hands.window.session.article_id == id
