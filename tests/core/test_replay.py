"""Replay: every action is counted as the page says, and the gold is reached."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from core import edits, scheme
from core.annotation import Document, Mention, Relation, fragments
from core.article import Article
from core.cli import main
from core.errors import SuggesterError
from core.project import Project
from core.replay import Annotator, Confirm, Layers, Report, Strings, replay
from core.transaction import Edit
from tests.conftest import Desk

NEWS = scheme.load("news")
TEXT = "Ali Mamluk met Omar Hadi in Cairo. Ali Mamluk left Cairo."


def gold(
    text: str,
    mentions: Sequence[tuple[str, str, int]],
    relations: Sequence[tuple[str, int, int]] = (),
    id: str = "a-1",
) -> Document:
    """An article from (words, type, nth) and (type, head, tail)."""
    made = {}
    for n, (words, type, nth) in enumerate(mentions):
        at = -1
        for _ in range(nth + 1):
            at = text.index(words, at + 1)
        made[f"{id}m{n}"] = Mention(f"{id}m{n}", id, fragments([(at, at + len(words))]), type)
    related = {
        f"{id}r{n}": Relation(f"{id}r{n}", id, type, f"{id}m{head}", f"{id}m{tail}")
        for n, (type, head, tail) in enumerate(relations)
    }
    return Document(Article(id, text, title=id), made, related)


WANTED = gold(
    TEXT,
    [("Ali Mamluk", "PERSON", 0), ("Omar Hadi", "PERSON", 0), ("Cairo", "GPE", 0)],
    [("met_with", 0, 1)],
)


class Nothing:
    """Nobody helps."""

    def __init__(self, project: Project) -> None:
        pass

    def open(self, article: str) -> None:
        pass

    def close(self, article: str) -> None:
        pass

    def end(self) -> None:
        pass


def test_by_hand_a_mention_costs_two_and_a_relation_two() -> None:
    (played,) = replay([WANTED], NEWS, Nothing, at_once=False)
    assert played.actions == {"mark": 6, "relate": 2, "done": 1}
    assert (played.mentions, played.relations, played.manual) == (3, 1, 9)
    assert played.total == 9


def test_at_once_only_what_is_guessed_wrong_costs_a_key() -> None:
    again = gold(f"Again: {TEXT}", [("Cairo", "GPE", 0), ("Omar Hadi", "PERSON", 0)], id="a-2")
    first, later = replay([WANTED, again], NEWS, Nothing)
    wrong = first.actions["another type"]
    assert first.actions == {"mark": 3, "relate": 1, "another type": wrong, "done": 1}
    assert wrong  # nothing was known: the scheme's order is no good guess
    assert later.actions == {"mark": 2, "done": 1}  # the same names: known by now


def test_at_once_the_right_words_correct_what_was_meant(project: Project) -> None:
    desk = Desk(project, TEXT, "a-1")
    desk.suggest(desk.mention("Mamluk met", "PERSON"), desk.mention("Cairo", "GPE"))
    wanted = [("Ali Mamluk", "PERSON", 0), ("Cairo", "GPE", 0)]
    annotator = Annotator(project, gold(TEXT, wanted))
    annotator.play()
    assert dict(annotator.actions) == {"mark": 1, "accept all, done": 1}
    (label, *_rest) = [step.label for step in project.undo_steps()]
    assert "article done" in label


def test_many_wrong_ones_are_rejected_by_sentence(project: Project) -> None:
    desk = Desk(project, TEXT, "a-1")
    desk.suggest(*(desk.mention(w, "EVENT") for w in ("Ali", "met", "Omar", "in")),
                 desk.mention("Cairo", "GPE"), desk.mention("left", "EVENT"))  # fmt: skip
    annotator = Annotator(project, gold(TEXT, [("Cairo", "GPE", 0)]))
    annotator.play()
    # After the acceptance the next suggestion is focused, which is in the next sentence.
    assert dict(annotator.actions) == {
        "accept": 1, "click": 1, "reject sentence": 1, "reject": 1, "done": 1,
    }  # fmt: skip


class _Second:
    """A companion that answers the first relation with a suggestion that is wrong."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.asked = desk, False

    def complete(self, edit: Edit) -> None:
        if not self.asked and any(isinstance(i.after, Relation) for i in edit.images):
            self.asked = True
            edit.put(self.desk.mention("Omar", "EVENT"))

    def follow(self, images: object) -> None:
        pass

    def forget(self) -> None:
        pass


@pytest.mark.parametrize("confirm", ["each", "sentence", "article"])
def test_what_a_relation_brings_up_is_judged_too(project: Project, confirm: Confirm) -> None:
    desk = Desk(project, TEXT, "a-1")
    mentions = [("Ali Mamluk", "PERSON", 0), ("Omar Hadi", "PERSON", 0), ("Cairo", "GPE", 0)]
    desk.suggest(*(desk.mention(*item) for item in mentions))
    project.companion = _Second(desk)
    annotator = Annotator(project, gold(TEXT, mentions, [("met_with", 0, 1)]), confirm)
    annotator.play()  # raises where it ends with anything but the gold
    assert annotator.actions["reject"] == 1


@pytest.mark.parametrize(
    ("suggested", "actions"),
    [
        ([("Ali Mamluk", "PERSON", 0)], {"accept": 1}),
        ([("Ali Mamluk", "ORG", 0)], {"relabel": 1}),
        ([("Mamluk", "PERSON", 0)], {"boundary": 1}),
        ([("Mamluk met", "ORG", 0)], {"boundary": 2, "relabel": 1}),
        ([("left", "GPE", 0), ("Ali Mamluk", "PERSON", 0)], {"accept": 1, "reject": 1}),
        ([("Ali Mamluk", "PERSON", 0), ("Omar Hadi", "PERSON", 0)], {"accept sentence": 1}),
    ],
)
def test_what_each_correction_costs(
    project: Project, suggested: list[tuple[str, str, int]], actions: dict[str, int]
) -> None:
    desk = Desk(project, TEXT, "a-1")
    desk.suggest(*(desk.mention(*item) for item in suggested))
    names = {words for words, _type, _nth in suggested}
    wanted = [m for m in (("Ali Mamluk", "PERSON", 0), ("Omar Hadi", "PERSON", 0))
              if m[0] in names or m[0] == "Ali Mamluk"]  # fmt: skip
    annotator = Annotator(project, gold(TEXT, wanted), "sentence", at_once=False)
    annotator.play()
    assert dict(annotator.actions) == {**actions, "done": 1}
    assert project.article("a-1").state == "done"


def test_relations_are_corrected_too(project: Project) -> None:
    desk = Desk(project, TEXT, "a-1")
    who, place = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Cairo", "GPE")
    other = desk.mention("Omar Hadi", "PERSON")
    desk.suggest(
        who,
        place,
        other,
        desk.relation("born_in", who, place),
        desk.relation("met_with", who, other),
    )
    mentions = [("Ali Mamluk", "PERSON", 0), ("Omar Hadi", "PERSON", 0), ("Cairo", "GPE", 0)]
    annotator = Annotator(project, gold(TEXT, mentions, [("visited", 0, 2), ("met_with", 1, 0)]))
    annotator.play()
    assert annotator.actions["relabel"] == 1
    assert "relate" not in annotator.actions
    assert "flip" not in annotator.actions  # met_with has no direction


def test_a_relation_that_is_suggested_twice_is_accepted_once(project: Project) -> None:
    desk = Desk(project, TEXT, "a-1")
    who, other = desk.mention("Ali Mamluk", "PERSON"), desk.mention("Omar Hadi", "PERSON")
    desk.suggest(who, other, desk.relation("met_with", who, other))
    turned = desk.relation("met_with", other, who, source="other")
    with project.edit("a second opinion", "a-1", "system") as edit:
        edit.put(turned)
    mentions = [("Ali Mamluk", "PERSON", 0), ("Omar Hadi", "PERSON", 0)]
    annotator = Annotator(project, gold(TEXT, mentions, [("met_with", 0, 1)]), "each")
    annotator.play()
    assert annotator.actions["reject"] == 1


def test_accepting_by_article_and_one_by_one() -> None:
    class Right(Nothing):
        def __init__(self, project: Project) -> None:
            self.project = project

        def open(self, article: str) -> None:
            desk = Desk.__new__(Desk)
            desk.project, desk.id, desk.text = self.project, article, TEXT
            desk.suggest(
                *(desk.mention(TEXT[m.start : m.end], m.type) for m in WANTED.mentions.values())
            )

    (article,) = replay([WANTED], NEWS, Right, "article", at_once=False)
    assert article.actions == {"relate": 2, "accept all, done": 1}
    (each,) = replay([WANTED], NEWS, Right, "each", at_once=False)
    assert each.actions == {"relate": 2, "accept": 1, "done": 1}  # relating accepts its two ends


def test_string_match_learns_strings_and_nothing_else() -> None:
    second = gold("Then Ali Mamluk saw Cairo.", [("Ali Mamluk", "PERSON", 0)], id="a-2")
    first, later = replay([WANTED, second], NEWS, Strings, at_once=False)
    assert first.actions["mark"] == 6
    assert first.actions["reject"] == 2  # the same names in the second sentence are not gold
    assert later.actions == {"reject": 1, "accept all, done": 1}


def test_memory_helps_in_the_next_article() -> None:
    second = gold("Then Ali Mamluk came.", [("Ali Mamluk", "PERSON", 0)], id="a-2")
    whole = gold(TEXT, [("Ali Mamluk", "PERSON", 0), ("Ali Mamluk", "PERSON", 1)])
    _first, later = replay([whole, second], NEWS, lambda p: Layers(p, ()))
    assert later.actions == {"accept all, done": 1}


def test_the_most_useful_article_comes_first() -> None:
    texts = (
        "Nothing was there. " * 40,
        "Ali Mamluk met Omar Hadi.",
        "Syria and Egypt met Iran.",
    )
    wanted = [gold(text, [(text.split()[0], "EVENT", 0)], id=f"a-{n}")
              for n, text in enumerate(texts)]  # fmt: skip
    given = replay(wanted, NEWS, lambda p: Layers(p, ["rules"]))
    assert [p.article for p in given] == ["a-0", "a-1", "a-2"]
    useful = replay(wanted, NEWS, lambda p: Layers(p, ["rules"]), useful=True)
    order = [p.article for p in useful]
    assert sorted(order) == ["a-0", "a-1", "a-2"]
    assert order[-1] == "a-0"  # long, and nothing is suggested in it


def test_a_learner_is_taught_on_the_way() -> None:
    texts = [f"Later the vessel {name} sailed to {name} Bay." for name in
             ("Alpha", "Beta", "Gamma", "Delta", "Omega", "Sigma")]  # fmt: skip
    wanted = [
        gold(text, [(text[10 : text.index(" sailed")], "VEHICLE", 0)], id=f"a-{n}")
        for n, text in enumerate(texts)
    ]
    played = list(replay(wanted, NEWS, lambda p: Layers(p, ["rules"], memory=False, learner=True)))
    assert played[0].actions["mark"] == 1
    assert any(m.source == "learned" and m.right for m in played[-1].met)
    assert "mark" not in played[-1].actions
    with pytest.raises(SuggesterError, match="builds on"):
        list(replay(wanted, NEWS, lambda p: Layers(p, [], learner=True)))


def test_what_the_scheme_does_not_have_is_left_out_and_counted() -> None:
    odd = gold(TEXT, [("Ali Mamluk", "WIZARD", 0), ("Cairo", "GPE", 0)], [("met_with", 0, 1)])
    (played,) = replay([odd], NEWS, Nothing)
    assert (played.mentions, played.relations, played.left_out) == (1, 0, 2)


def test_the_report_adds_up() -> None:
    played = tuple(replay([WANTED], NEWS, Nothing, at_once=False))
    data = Report("nothing", played).data()
    assert data["relative"] == data["curve"][0] == 1.0
    assert data["actions_per_fact"] == pytest.approx(9 / 4)
    assert data["relative_from_30"] is None
    assert data["suggested"]["mention"]["precision"] is None
    json.dumps(data)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entity = {"id": "T1", "start": 0, "end": 10, "label": "PERSON"}
    record = {"id": "1", "text": TEXT, "entities": [entity], "relations": []}
    file = tmp_path / "gold.jsonl"
    file.write_text(json.dumps(record) + "\n", encoding="utf-8")
    out, picture = tmp_path / "out.json", tmp_path / "curve.svg"
    arguments = ["replay", str(file), "--suggesters", "rules,memory"]
    assert main([*arguments, "--json", str(out), "--plot", str(picture)]) == 0
    assert "relative to by hand" in capsys.readouterr().out
    names = [report["name"] for report in json.loads(out.read_text(encoding="utf-8"))]
    assert names == ["rules + memory", "string match"]
    assert picture.read_text(encoding="utf-8").count("<polyline") == 2
    assert main(["replay", str(file), "--suggesters", "nobody"]) == 1
    empty = tmp_path / "empty.jsonl"
    empty.write_text(json.dumps({**record, "entities": []}) + "\n", encoding="utf-8")
    assert main(["replay", str(empty)]) == 1


def test_edits_are_the_windows_own(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    real = edits.add_mention

    def spy(*args: object, **keywords: object) -> object:
        called.append("add_mention")
        return real(*args, **keywords)  # type: ignore[arg-type]

    monkeypatch.setattr(edits, "add_mention", spy)
    list(replay([WANTED], NEWS, Nothing))
    assert called == ["add_mention"] * 3
