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
from tests.conftest import ROOT
from tests.gui.forms import export
from tests.gui.hands import CTRL, Hands, Key

# (text, type, which occurrence of the text); judged by the guidelines in news.toml.
MENTIONS = [
    ("Syrian", "NORP", 0), ("intelligence chief", "TITLE", 0), ("Egypt", "GPE", 0),
    ("Syrian", "NORP", 1), ("intelligence chief", "TITLE", 1), ("Ali Mamluk", "PERSON", 0),
    ("Egypt", "GPE", 1), ("Monday", "DATE", 0), ("Damascus", "GPE", 0), ("Cairo", "GPE", 0),
    ("Syria", "GPE", 2), ("SANA", "ORG", 0), ("SANA", "ORG", 1), ("Mamluk", "PERSON", 1),
    ("Egyptian", "NORP", 0), ("head of general intelligence", "TITLE", 0),
    ("general intelligence", "ORG", 0), ("Khaled Fawzy", "PERSON", 0), ("one-day", "DATE", 0),
    ("Syrian", "NORP", 2), ("Egyptian", "NORP", 1), ("SANA", "ORG", 2), ("Syrian", "NORP", 3),
    ("Damascus", "GPE", 1), ("Mamluk", "PERSON", 2), ("Egyptian", "NORP", 2), ("Cairo", "GPE", 1),
    ("Egypt", "GPE", 5), ("Saudi Arabia", "GPE", 0), ("Cairo", "GPE", 2), ("Russian", "NORP", 0),
    ("Russian draft resolution", "LAW", 0), ("Syria", "GPE", 5), ("Riyadh", "GPE", 0),
    ("Russian", "NORP", 1), ("Russian draft", "LAW", 1), ("Cairo", "GPE", 3),
    ("six-year", "DATE", 0), ("Syrian", "NORP", 4), ("Riyadh", "GPE", 1),
    ("Bashar al-Assad", "PERSON", 0), ("Mamluk", "PERSON", 3),
    ("head of national security", "TITLE", 0), ("2012", "DATE", 0), ("Damascus", "GPE", 2),
    ("four", "CARDINAL", 0), ("President", "TITLE", 0), ("Bashar al-Assad", "PERSON", 1),
    ("EU", "ORG", 0), ("Mamluk", "PERSON", 4), ("May 2015", "DATE", 0), ("Assad", "PERSON", 2),
    ("Iranian", "NORP", 0),
    ("Iranian parliament's national security and foreign policy committee", "ORG", 0),
    ("Alaedin Boroujerdi", "PERSON", 0), ("Syria", "GPE", 7), ("early 2011", "DATE", 0),
    ("Assad", "PERSON", 3),
    ("Arab Spring", "EVENT", 0), ("more than a quarter of a million", "CARDINAL", 0),
    ("more than 10 million", "CARDINAL", 0), ("UN", "ORG", 0),
    ("Syrian Center for Policy Research", "ORG", 0), ("Beirut", "GPE", 0),
    ("five-year", "DATE", 0), ("more than 470,000", "CARDINAL", 0),
]  # fmt: skip
# (head, relation, tail), each end as above.
RELATIONS = [
    (("Ali Mamluk", 0), "visited", ("Egypt", 1)),
    (("Mamluk", 1), "met_with", ("Khaled Fawzy", 0)),
    (("Khaled Fawzy", 0), "citizen_of", ("Egyptian", 0)),
    (("Khaled Fawzy", 0), "leads", ("general intelligence", 0)),
    (("Cairo", 2), "represents", ("Egypt", 5)),
    (("Cairo", 2), "supports", ("Russian draft resolution", 0)),
    (("Riyadh", 0), "opposes", ("Russian draft", 1)),
    (("Riyadh", 1), "opposes", ("Bashar al-Assad", 0)),
    (("Riyadh", 0), "represents", ("Saudi Arabia", 0)),
    (("EU", 0), "sanctions", ("Mamluk", 3)),
    (("Mamluk", 3), "appointed", ("head of national security", 0)),
    (("Assad", 2), "met_with", ("Alaedin Boroujerdi", 0)),
    (
        ("Alaedin Boroujerdi", 0),
        "leads",
        ("Iranian parliament's national security and foreign policy committee", 0),
    ),
    (("more than a quarter of a million", 0), "attributed_to", ("UN", 0)),
    (("more than 10 million", 0), "attributed_to", ("UN", 0)),
    (("Syrian Center for Policy Research", 0), "based_in", ("Beirut", 0)),
    (("more than 470,000", 0), "attributed_to", ("Syrian Center for Policy Research", 0)),
]

Span = tuple[int, int]
Fact = tuple[Span, str, Span]


def span(text: str, words: str, nth: int) -> Span:
    """Where the nth occurrence of `words` stands."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(words, at + 1)
    return at, at + len(words)


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
    qtbot.waitUntil(lambda: not window.worker.busy, timeout=60_000)
    yield Hands(qtbot, window)
    if isValid(window):
        window.close()


def test_the_seed_article_by_keyboard_alone(hands: Hands, qtbot: QtBot, tmp_path: Path) -> None:
    text = hands.text
    mentions = {(type, span(text, words, nth)) for words, type, nth in MENTIONS}
    facts = {(span(text, *head), type, span(text, *tail)) for head, type, tail in RELATIONS}
    assert len(mentions) == len(MENTIONS)
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
