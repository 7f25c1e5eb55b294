"""One bad document refuses its file, or is left out and listed, as the person chose."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import workflow
from core.errors import FormatError
from core.formats import Report, registry
from core.project import Project

TEXTS = ("Ali met Omar in Cairo.", "Omar left for Damascus.", "Talks began in Geneva.")


def native(n: int, text: str) -> dict[str, Any]:
    mention = {"id": f"m-{n}", "type": "PERSON", "start": 0, "end": 4}
    return {"goldsmith": 1, "id": f"a-{n}", "text": text, "mentions": [mention]}


def corpus(n: int, text: str) -> dict[str, Any]:
    return {"text": text, "entities": [{"id": "1", "start": 0, "end": 4, "label": "P"}],
            "relations": []}  # fmt: skip


def doccano(n: int, text: str) -> dict[str, Any]:
    return {"id": n, "text": text, "label": [[0, 4, "P"]]}


def prodigy(n: int, text: str) -> dict[str, Any]:
    return {"text": text, "spans": [{"start": 0, "end": 4, "label": "P"}], "answer": "accept"}


LINES: dict[str, Callable[[int, str], dict[str, Any]]] = {
    "jsonl": native,
    "corpus": corpus,
    "doccano-spans": doccano,
    "prodigy": prodigy,
    "records": lambda n, text: {"text": text},
}


def lines(name: str, broken: str) -> bytes:
    made = [json.dumps(LINES[name](n, text)) for n, text in enumerate(TEXTS)]
    made[1] = broken
    return "\n".join(made).encode()


def bad_offsets(name: str) -> str:
    data = json.dumps(LINES[name](1, TEXTS[1]))
    return data.replace('"end": 4', '"end": 400').replace("[0, 4,", "[0, 400,")


def check(name: str, path: Path, line: int) -> None:
    """Of three documents the one at `line` is bad."""
    reader = registry.reader(name)
    with pytest.raises(FormatError) as caught:
        list(reader.read(path, Report()))
    assert caught.value.line == line
    report = Report(skip_bad=True)
    found = list(reader.read(path, report))
    # Columns of words keep their words, not the white space between them.
    assert [d.article.text.replace(" ", "") for d in found] == [
        text.replace(" ", "") for text in (TEXTS[0], TEXTS[2])
    ]
    assert (report.refused, [error.line for error in report.bad]) == (1, [line])
    assert report.written["articles"] == 2


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize(
    "broken", ['{"text": "never ends', "nonsense", '{"text": "a", "text": "b"}', "[1, 2]"]
)
def test_a_line_that_is_no_object(name: str, broken: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(name, broken))
    check(name, path, 2)


@pytest.mark.parametrize("name", [name for name in LINES if name != "records"])
def test_a_line_with_an_offset_past_the_text(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(name, bad_offsets(name)))
    check(name, path, 2)


@pytest.mark.parametrize(
    "row",
    [b'b,"Omar "left" for Damascus."', b"b,Omar left,for Damascus.", b"b,Omar left for \xff.",
     b"b,Omar left for \x00.", b'b,"Omar "left"\nfor\nDamascus"'],
)  # fmt: skip
def test_a_row(row: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    first, last = (text.encode() for text in (TEXTS[0], TEXTS[2]))
    # Far enough from the beginning, by which the encoding is judged.
    padding = b"\n" * 70_000
    path.write_bytes(b"id,text\na," + first + b"\n" + padding + row + b"\nc," + last + b"\n")
    check("csv", path, 70_003)


def words(text: str) -> list[str]:
    return text.replace(".", " .").split()


def test_an_article_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    parts = ["-DOCSTART- -X- O O\n\n" + "".join(f"{w} X X O\n" for w in words(t)) for t in TEXTS]
    parts[1] = parts[1].replace("left X X O", "left X O")
    path.write_text("\n".join(parts), encoding="utf-8")
    check("conll", path, 13)


def test_an_article_of_conllu(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    parts = [
        f"# newdoc id = {n}\n"
        + "".join(
            f"{i}\t{w}" + "\t_" * 7 + "\tSpaceAfter=No\n" for i, w in enumerate(words(text), 1)
        )
        for n, text in enumerate(TEXTS)
    ]
    parts[1] = parts[1].replace("2\tleft", "7\tleft")
    path.write_text("\n".join(parts), encoding="utf-8")
    check("conllu", path, 11)


def test_an_id_of_a_bad_line_is_free(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps(native(1, TEXTS[1]))
    path.write_text(bad_offsets("jsonl") + "\n" + good, encoding="utf-8")
    report = Report(skip_bad=True)
    assert len(list(registry.reader("jsonl").read(path, report))) == 1
    assert report.refused == 1


def test_an_article_whose_id_is_taken(project: Project, tmp_path: Path) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_text(json.dumps(native(1, TEXTS[1])), encoding="utf-8")
    workflow.add_paths(project, [old])
    taken = native(1, "Another text.") | {"id": "a-9"}
    rest = [native(n, TEXTS[n]) for n in (0, 2)]
    new.write_text("\n".join(map(json.dumps, [rest[0], taken, rest[1]])), encoding="utf-8")
    with pytest.raises(workflow.NothingAdded, match="m-1"):
        workflow.add_paths(project, [new])
    report = workflow.add_paths(project, [new], skip_bad=True)
    assert (report.added, report.bad, report.refused) == (2, 1, ())
    assert "m-1" in report.details()[0]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("old", "new"),
    [('"Omar', "Omar"), ('"label"', '"label'), ("[0, 4", "[0 4"), ("]]", "]"), ("}", ""),
     ("{", ""), ('"id"', '"text": "twice", "id"'), ("[0,", "[NaN,"), ("Omar", "\\ud800")],
)  # fmt: skip
def test_an_object_of_an_array(tmp_path: Path, indent: int | None, old: str, new: str) -> None:
    path = tmp_path / "a.json"
    parts = [json.dumps(doccano(n, text)) for n, text in enumerate(TEXTS)]
    parts[1] = parts[1].replace(old, new)
    if indent:  # the broken one on a few lines
        parts[1] = parts[1].replace(", ", ",\n    ")
    path.write_text("[\n" + ",\n".join(parts) + "\n]\n", encoding="utf-8")
    reader = registry.reader("doccano")
    with pytest.raises(FormatError) as caught:
        list(reader.read(path, Report()))
    report = Report(skip_bad=True)
    found = list(reader.read(path, report))
    assert [d.article.text for d in found] == [TEXTS[0], TEXTS[2]]
    [error] = report.bad
    assert error.line == caught.value.line
    assert error.message.startswith("object 2: ")
    assert ("Lines 3 to " in error.message) == bool(indent)
    assert "left out" not in caught.value.message


def test_a_byte_of_an_array_that_is_no_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    data = json.dumps([doccano(n, text) for n, text in enumerate(TEXTS)], indent=1).encode()
    path.write_bytes(data.replace(b"Omar left", b"Omar l\xe9ft"))
    report = Report(skip_bad=True)
    found = list(registry.reader("doccano").read(path, report))
    assert [d.article.text for d in found] == [TEXTS[0], TEXTS[2]]
    reason = "object 2: it holds a byte that is not UTF-8 (0xe9). Lines 13 to 23 are left out."
    assert [(e.line, e.message) for e in report.bad] == [(15, reason)]


@pytest.mark.parametrize(
    ("end", "fault"),
    [("", "middle of an array"), (",", "middle of an array"), (', {"id": 7, "te', "not JSON"),
     (" x]", "without a comma"), ("] []", "follows after its end"), (",]", "comma before its end")],
)  # fmt: skip
def test_an_array_that_does_not_end(tmp_path: Path, end: str, fault: str) -> None:
    """What is wrong is told once."""
    path = tmp_path / "a.json"
    parts = [json.dumps(doccano(n, text)) for n, text in enumerate(TEXTS)]
    path.write_text("[" + ",\n".join(parts) + end, encoding="utf-8")
    reader = registry.reader("doccano")
    with pytest.raises(FormatError, match=fault):
        list(reader.read(path, Report()))
    report = Report(skip_bad=True)
    assert len(list(reader.read(path, report))) == 3
    [error] = report.bad
    assert fault in error.message
    assert ("The file is cut off." in error.message) == (fault == "not JSON")


def test_what_is_in_an_object_is_none(tmp_path: Path) -> None:
    """Behind a broken task, its regions are no tasks, though they have a text."""

    def task(n: int) -> dict[str, Any]:
        value = {"start": 0, "end": 3, "text": TEXTS[n][:3], "labels": ["P"]}
        result = [{"id": str(k), "type": "labels", "value": value} for k in range(3)]
        return {"id": n, "data": {"text": TEXTS[n]}, "annotations": [{"result": result}]}

    tasks = [task(n) for n in range(3)]
    data = json.dumps(tasks)
    path = tmp_path / "a.json"
    path.write_text(data.replace('{"id": 0, "data": {', '{"id": 0, "data" {'), encoding="utf-8")
    report = Report(skip_bad=True)
    found = list(registry.reader("label-studio").read(path, report))
    assert [d.article.text for d in found] == [TEXTS[1], TEXTS[2]]
    assert report.refused == 1


def conll(*sentences: str) -> bytes:
    parts = ("".join(f"{w}\tO\n" for w in words(text)) for text in sentences)
    return "\n".join(parts).encode()


@pytest.mark.parametrize(
    ("bad", "fault"),
    [(b"l\xe9ft\tO", "not UTF-8"), (b"left\x00\tO", "NUL"), (b"left", "no tag"),
     (b"left\tB", "no tag")],
)  # fmt: skip
def test_a_sentence_of_columns(tmp_path: Path, bad: bytes, fault: str) -> None:
    """Where a file does not say where articles end, a sentence that is wrong costs itself only."""
    path = tmp_path / "a.conll"
    path.write_bytes(conll(*TEXTS).replace(b"left\tO", bad))
    reader = registry.reader("conll")
    with pytest.raises(FormatError, match=fault):
        list(reader.read(path, Report()))
    report = Report(skip_bad=True)
    [document] = reader.read(path, report)
    assert document.article.text == "Ali met Omar in Cairo .\nTalks began in Geneva ."
    [error] = report.bad
    assert (error.line, fault in error.message) == (9, True)


def test_a_sentence_of_conllu(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    rows = [f"{i}\t{w}" + "\t_" * 7 + "\tNE=B-X\n" for i, w in enumerate(("Ali", "left"), 1)]
    good = "".join(rows) + "\n"
    data = (good + good.replace("left", "l@ft") + good).encode()
    path.write_bytes(data.replace(b"@", b"\xe9"))
    report = Report(skip_bad=True)
    [document] = registry.reader("conllu").read(path, report)
    assert document.article.text == "Ali left\nAli left"
    assert [m.start for m in document.mentions.values()] == [0, 4, 9, 13]
    assert [error.line for error in report.bad] == [5]


def test_a_number_that_is_wrong_makes_no_words_of_numbers(tmp_path: Path) -> None:
    """One line of a numbered file that has no number: the numbers became the text."""
    path = tmp_path / "a.conll"
    rows = [f"{n} {w} O\n" for n, w in enumerate(["Ali", "left", "for", "Cairo", "."] * 5, 1)]
    rows[7] = "x for O\n"
    path.write_text("".join([*rows[:5], "\n", *rows[5:10], "\n", *rows[10:]]), encoding="utf-8")
    report = Report(skip_bad=True)
    [document] = registry.reader("conll").read(path, report)
    assert document.article.text.startswith("Ali left for Cairo .\nAli left")
    assert [error.line for error in report.bad] == [9]


@pytest.mark.parametrize("words", [["%", "2", "0"], ["1", "2", "3"], ["0", "Ali", "left"]])
def test_words_that_are_numbers_are_words(tmp_path: Path, words: list[str]) -> None:
    path = tmp_path / "a.conll"
    path.write_text("".join(f"{w} -X- O O\n" for w in words), encoding="utf-8")
    [document] = registry.reader("conll").read(path, Report())
    assert document.article.text == " ".join(words)


@pytest.mark.parametrize("mark", ["-DOCST4RT- O", "# newdo", "#newd0c id = 2"])
def test_a_mark_that_is_damaged_does_not_join_two_articles(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.conll"
    head = "-DOCSTART- O\n\n"
    parts = [head + conll(text).decode() for text in TEXTS]
    parts[1] = parts[1].replace("-DOCSTART- O", mark)
    path.write_text("\n".join(parts), encoding="utf-8")
    report = Report(skip_bad=True)
    found = list(registry.reader("conll").read(path, report))
    assert [d.article.text.split()[0] for d in found] == ["Ali", "Talks"]
    assert [(e.line, "damaged" in e.message) for e in report.bad] == [(10, True)]


def test_a_table_in_an_encoding_that_a_person_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\na," + TEXTS[0].encode() + b"\nb,l\xe9ft\nc," + TEXTS[2].encode())
    report = Report(skip_bad=True)
    found = list(registry.configured(registry.reader("csv"), "utf-8").read(path, report))
    assert [d.article.text for d in found] == [TEXTS[0], TEXTS[2]]
    assert [error.line for error in report.bad] == [3]


def test_a_feed_that_ends_early(tmp_path: Path) -> None:
    items = [f"<item><description>{text}</description></item>\n" for text in TEXTS]
    path = tmp_path / "a.rss"
    path.write_text("<rss><channel>\n" + "".join(items)[:-30], encoding="utf-8")
    with pytest.raises(FormatError, match="XML is broken"):
        list(registry.reader("feed").read(path, Report()))
    report = Report(skip_bad=True)
    assert len(list(registry.reader("feed").read(path, report))) == 2
    assert "What follows is left out." in report.bad[0].message


def test_a_file_of_which_nothing_is_left_says_why(project: Project, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.jsonl", tmp_path / "good.txt"
    lines = [bad_offsets("doccano-spans"), '{"text": 5, "label": []}']
    bad.write_text("\n".join(lines), encoding="utf-8")
    good.write_text(TEXTS[0], encoding="utf-8")
    report = workflow.add_paths(project, [bad, good], skip_bad=True)
    assert (report.added, report.bad, len(report.refused)) == (1, 2, 1)
    said = "\n".join(report.details())
    assert "bad.jsonl: line 1: label 1: it ends at 400" in said
    assert "bad.jsonl: line 2: document 2: the article has no text" in said
