"""Splits, near-duplicates and the dataset that is made with them."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import dataset, duplicates, edits, sketch, workflow
from core.annotation import Document, Fragment, Mention
from core.article import Article
from core.errors import FormatError, GoldsmithError
from core.formats.folders import LIST
from core.project import Project
from core.split import Parts, split


def story(seed: int, words: int = 350) -> str:
    chance = random.Random(seed)
    return " ".join(f"word{chance.randrange(5000)}" for _ in range(words))


def add(project: Project, *texts: str, state: str = "done") -> list[str]:
    documents = []
    for n, text in enumerate(texts):
        id = f"a-{n:03}"
        mention = Mention(f"m-{n:03}", id, (Fragment(0, 4),), "PERSON", annotator="ann")
        article = Article(id, text, title=f"Story {n}", state=state)  # type: ignore[arg-type]
        documents.append(Document(article, {mention.id: mention}))
    edits.add_documents(project, documents)
    return [d.article.id for d in documents]


# -- near-duplicates


def test_a_wire_story_in_two_outlets_is_found(project: Project) -> None:
    wire = story(1)
    words = wire.split()
    cut = "Our correspondent reports. " + " ".join(words[:250]) + " Read more on our site."
    ids = add(project, wire, story(2), cut.upper(), story(3), " ".join(words[100:]))
    assert duplicates.unseen(project) == 5
    found = duplicates.find(project)
    assert duplicates.unseen(project) == 0
    assert {(p.article, p.other) for p in found} == {
        (ids[2], ids[0]), (ids[4], ids[0]), (ids[4], ids[2]),
    }  # fmt: skip
    assert all(0.5 <= p.shared <= 1 for p in found)
    assert duplicates.groups(project) == [[ids[0], ids[2], ids[4]]]
    assert {p.other for p in duplicates.of(project, ids[0])} == {ids[2], ids[4]}
    assert duplicates.find(project) == []
    edits.remove_articles(project, [ids[2]])
    assert duplicates.groups(project) == [[ids[0], ids[4]]]
    edits.undo(project)
    assert duplicates.groups(project) == [[ids[0], ids[2], ids[4]]]


def test_what_all_articles_end_with_makes_no_duplicates(project: Project) -> None:
    footer = " " + story(99, 60)
    add(project, *(story(n) + footer for n in range(300)))
    assert duplicates.find(project) == []


def test_short_texts_and_other_scripts(project: Project) -> None:
    chinese = "叙利亚情报局局长阿里周六在开罗与埃及情报局局长会面讨论三个小时的局势问题"
    add(project, "Talks in Cairo", "talks in cairo!", chinese, chinese[3:] + "完", "…………", "!!!!")
    found = {(p.article, p.other) for p in duplicates.find(project)}
    assert found == {("a-001", "a-000"), ("a-003", "a-002")}


def test_what_two_texts_share_is_found_in_place() -> None:
    story = "Talks between the two governments began in Geneva on Monday."
    text = f"GENEVA (Agency) – {story} More soon."
    [(start, end)] = sketch.common(text, ["Unlike anything else that is here.", story.upper()])
    assert text[start:end] == story.removesuffix(".")
    assert sketch.common(text, []) == []
    assert sketch.common("", [story]) == []
    chinese = "习近平在北京会见了俄罗斯总统普京并就双边关系交换了意见" * 2
    assert sketch.common(f"另外,{chinese}", [chinese]) == [(3, 3 + len(chinese))]


def test_sketches_do_not_change_between_runs() -> None:
    hashes = sketch.shingles("Syrian intelligence chief Ali Mamluk met with Khaled Fawzy in Cairo.")
    assert len(hashes) == 7
    assert sketch.sketch(hashes)[:2] == [294338879641746926, 1468227846639097314]


# -- splits


def test_parts_are_what_a_person_types() -> None:
    assert dict(Parts.parse("80/10/10").shares) == {"train": 0.8, "dev": 0.1, "test": 0.1}
    assert dict(Parts.parse("4 / 1").shares) == {"train": 0.8, "test": 0.2}
    for wrong in ("", "80", "80/10/5/5", "80/x", "80/-1", "80/0", "nan/1"):
        if wrong != "80":
            with pytest.raises(GoldsmithError, match="is no split"):
                Parts.parse(wrong)


@given(
    st.lists(st.dictionaries(st.sampled_from("ABC"), st.integers(1, 5), max_size=3), max_size=40),
    st.lists(st.lists(st.integers(0, 39), min_size=2, max_size=6), max_size=6),
    st.integers(0, 3),
)
def test_groups_stay_together_and_all_is_given_out(
    kinds: list[dict[str, int]], groups: list[list[int]], seed: int
) -> None:
    counts = {str(n): found for n, found in enumerate(kinds)}
    taken: set[int] = set()
    together = []
    for group in groups:
        together.append([str(n) for n in group if n not in taken])
        taken.update(group)
    parts = Parts.parse("80/10/10", seed)
    chosen = split(counts, together, parts)
    assert chosen.keys() == counts.keys()
    for unit in together:
        assert len({chosen[id] for id in unit if id in chosen}) <= 1
    backwards = dict(reversed(counts.items()))
    assert split(backwards, together[::-1], parts) == chosen


def test_a_split_is_stratified_by_type() -> None:
    chance = random.Random(5)
    counts = {}
    for n in range(1000):
        found = {"PERSON": chance.randrange(1, 6), "ORG": chance.randrange(0, 3)}
        if n % 10 == 0:
            found["WEAPON"] = 1
        if n % 50 == 0:
            found["LAW"] = 1
        counts[f"a-{n}"] = {k: v for k, v in found.items() if v}
    chosen = split(counts, [], Parts.parse("80/10/10", 7))
    assert Counter(chosen.values()) == {"train": 800, "dev": 100, "test": 100}
    for kind, share in (("LAW", 0.02), ("WEAPON", 0.02), ("ORG", 0.02), ("PERSON", 0.02)):
        total = sum(kinds.get(kind, 0) for kinds in counts.values())
        for part, wanted in (("train", 0.8), ("dev", 0.1), ("test", 0.1)):
            got = sum(kinds.get(kind, 0) for id, kinds in counts.items() if chosen[id] == part)
            assert abs(got / total - wanted) <= share, (kind, part, got, total)
    assert split(counts, [], Parts.parse("80/10/10", 8)) != chosen


# -- the dataset


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_dataset_has_parts_a_card_and_checksums(project: Project, tmp_path: Path) -> None:
    wire = story(0)
    texts = [wire, *(story(n) for n in range(1, 29)), wire + " More follows."]
    ids = add(project, *texts)
    edits.set_state(project, [ids[5]], "new")
    out = tmp_path / "gold"
    report = dataset.export(project, out, parts=Parts.parse("80/10/10", 3), licence="CC BY 4.0")
    assert report.written == {"articles": 29, "mentions": 29, "relations": 0}
    names = {p.name for p in out.iterdir()}
    assert names == {"train.jsonl", "dev.jsonl", "test.jsonl", *dataset.FILES, LIST}
    part_of = {
        str(record["id"]): part
        for part in ("train", "dev", "test")
        for record in read(out / f"{part}.jsonl")
    }
    assert part_of.keys() == set(ids) - {ids[5]}
    assert part_of[ids[0]] == part_of[ids[29]]
    facts = json.loads((out / "dataset.json").read_text(encoding="utf-8"))
    assert facts["part_of"] == part_of
    assert facts["split"] == {"parts": "80/10/10", "seed": 3}
    assert facts["near_duplicates"] == [[ids[0], ids[29]]]
    assert facts["annotators"] == ["ann"]
    for line in (out / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    card = (out / "README.md").read_text(encoding="utf-8")
    sums = hashlib.sha256((out / "SHA256SUMS").read_bytes()).hexdigest()
    for said in (
        sums, "CC BY 4.0", "| PERSON |", "ann (29)", "seed 3", "more than one named person",
        project.scheme.entity_types["PERSON"].gloss,
    ):  # fmt: skip
        assert said in card, said
    assert (out / "scheme.toml").read_text(encoding="utf-8") == project.scheme.source


def test_the_same_project_gives_the_same_bytes(project: Project, tmp_path: Path) -> None:
    add(project, *(story(n) for n in range(20)))
    parts = Parts.parse("80/20", 1)
    for name in ("one", "two"):
        dataset.export(project, tmp_path / name, parts=parts)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_only_what_is_done_and_nothing_else_is_replaced(project: Project, tmp_path: Path) -> None:
    add(project, story(1), story(2), state="new")
    out = tmp_path / "gold"
    with pytest.raises(FormatError, match="no article is marked as done"):
        dataset.export(project, out)
    assert not out.exists()
    report = dataset.export(project, out, only_done=False)
    assert report.written["articles"] == 2
    assert (out / "data.jsonl").exists()
    with pytest.raises(FormatError, match="an earlier export is there already, of 5 files"):
        dataset.export(project, out, only_done=False)
    dataset.export(project, out, only_done=False, force=True)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    with pytest.raises(FormatError, match="holds letter"):
        dataset.export(project, mine, only_done=False, force=True)
    assert [p.name for p in mine.iterdir()] == ["letter.txt"]


def test_a_cancelled_dataset_leaves_nothing(project: Project, tmp_path: Path) -> None:
    add(project, *(story(n) for n in range(5)))
    seen: list[int] = []
    with pytest.raises(workflow.Stopped):
        dataset.export(
            project,
            tmp_path / "dump",
            progress=lambda done, total, what: seen.append(done),
            cancelled=lambda: len(seen) > 2,
        )
    assert not [p for p in tmp_path.iterdir() if "dump" in p.name]
