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


def test_an_array_that_breaks_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    good = json.dumps(doccano(0, TEXTS[0]))
    path.write_text(f"[{good},\n{{,\n{good}]", encoding="utf-8")
    with pytest.raises(FormatError, match="not JSON"):
        list(registry.reader("doccano").read(path, Report(skip_bad=True)))
