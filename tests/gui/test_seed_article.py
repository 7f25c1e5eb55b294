"""The main job, end to end: the seed article is suggested by the real worker, corrected with the
keyboard alone, exported, and the gold is what a careful annotator would mark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import scheme, workflow
from core.annotation import Suggestion
from core.project import Project
from gui.app import application
from gui.window import Window
from tests import seed_gold
from tests.conftest import ROOT
from tests.gui.forms import export
from tests.gui.hands import CTRL, Hands, Key
from tests.seed_gold import Fact, Span


class Annotator:
    """Corrects what is suggested and adds what is missing, with keys only."""

    def __init__(self, hands: Hands, mentions: set[tuple[str, Span]], facts: set[Fact]) -> None:
        self.hands = hands
        self.mentions = mentions
        self.facts = facts
        self.scheme = hands.window.session.project.scheme
        self.right = self.wrong = 0

    def review(self) -> None:
        """Decide about every suggestion, in the order in which Tab brings them."""
        hands = self.hands
        hands.press(Key.Key_Home)
        hands.press(Key.Key_Tab)
        while hands.document.suggestions:
            item = hands.document.suggestions[hands.canvas.focused]
            if self.is_right(item):
                self.right += 1
                hands.press(Key.Key_Return)
            else:
                self.wrong += 1
                hands.press(Key.Key_Backspace)

    def is_right(self, item: Suggestion) -> bool:
        if not item.is_relation:
            return (item.type, (item.start, item.end)) in self.mentions
        document = self.hands.document
        ends = [document.end_of(end) for end in (item.head, item.tail)]
        head, tail = [(end.start, end.end) for end in ends if end is not None]
        fact = (head, item.type, tail)
        symmetric = self.scheme.relation_types[item.type].symmetric
        return fact in self.facts or (symmetric and fact[::-1] in self.facts)

    def add_mentions(self) -> int:
        """Mark what nobody suggested."""
        missing = sorted(self.mentions - marked(self.hands), key=lambda m: m[1])
        for type, (start, end) in missing:
            self.hands.select(start, end)
            self.hands.press(self.scheme.entity_types[type].keys[0])
        return len(missing)

    def add_relations(self) -> int:
        """Relate what nobody related: focus the head, R, the letters, the relation's key."""
        missing = sorted(self.facts - related(self.hands))
        for head, type, tail in missing:
            self.focus(head)
            self.hands.press("r")
            hints = self.hands.canvas.hints
            assert hints is not None
            self.hands.press(hints.labels[self.id_of(tail)])
            self.hands.press(self.scheme.relation_types[type].key)
        return len(missing)

    def id_of(self, where: Span) -> str:
        return next(
            m.id for m in self.hands.document.mentions.values() if (m.start, m.end) == where
        )

    def focus(self, where: Span) -> None:
        """Walk over the gold with Tab until this mention is focused."""
        wanted = self.id_of(where)
        self.hands.go_to(where[0])
        for _ in range(len(self.hands.document.mentions) * 3):
            if self.hands.canvas.focused == wanted:
                return
            self.hands.press(Key.Key_Tab)
        raise AssertionError(f"Tab does not reach {where}")


def marked(hands: Hands) -> set[tuple[str, Span]]:
    return {(m.type, (m.start, m.end)) for m in hands.document.mentions.values()}


def related(hands: Hands) -> set[Fact]:
    document = hands.document
    ends = {m.id: (m.start, m.end) for m in document.mentions.values()}
    return {(ends[r.head], r.type, ends[r.tail]) for r in document.relations.values()}


@pytest.fixture
def hands(qtbot: QtBot, tmp_path: Path):
    application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    project = Project.create(tmp_path / "seed.goldsmith", scheme.load("news"), "ann")
    workflow.add_paths(project, [ROOT / "seeds"])
    window = Window(project)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: not window.suggesting.worker.busy, timeout=60_000)
    yield Hands(qtbot, window)
    if isValid(window):
        window.close()


def test_the_seed_article_by_keyboard_alone(hands: Hands, qtbot: QtBot, tmp_path: Path) -> None:
    text = hands.text
    mentions, facts = seed_gold.mentions(text), seed_gold.facts(text)
    assert len(mentions) == len(seed_gold.MENTIONS)
    annotator = Annotator(hands, mentions, facts)
    annotator.review()
    assert annotator.right > 40, "the rules find most of what a careful annotator marks"
    annotator.add_mentions()
    annotator.add_relations()
    assert marked(hands) == mentions
    assert related(hands) == facts
    hands.press(Key.Key_Return, modifier=CTRL)
    assert hands.document.article.state == "done"

    for name, format in (("gold.jsonl", "jsonl"), ("gold.spacy", "docbin")):
        export(qtbot, hands.window, tmp_path / name, format)
    (line,) = (tmp_path / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    exported = json.loads(line)
    assert exported["state"] == "done"
    assert {(m["type"], (m["start"], m["end"])) for m in exported["mentions"]} == mentions
    assert all(m["status"] == "gold" for m in exported["mentions"] + exported["relations"])
    assert len(exported["relations"]) == len(facts)

    import spacy
    from spacy.tokens import DocBin

    (doc,) = DocBin().from_disk(tmp_path / "gold.spacy").get_docs(spacy.blank("en").vocab)
    assert doc.text == text
    spans = {(s.label_, (s.start_char, s.end_char)) for s in doc.spans["mentions"]}
    assert spans == mentions
    assert len(doc.user_data["relations"]) == len(facts)
