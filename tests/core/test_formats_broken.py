"""A file that is damaged in one place: what is left of it is read, and what is not is told.

Each format's file is cut short, one byte of it is overwritten, one record of it is spoilt. Then
it is refused with a reason, or all documents that the damage did not touch are there, with a line
of the report for what is missing; never fewer in silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from core import scheme
from core.annotation import Document, Fragment, Mention
from core.article import Article
from core.errors import FormatError
from core.formats import Reader, Report, registry
from core.formats.incoming import ArticleFile
from tests.core import articles

NEWS = scheme.load("news")
N = 6
NAMES = ("Ali", "Omar", "Khaled", "Dina", "Rami", "Huda")
TEXTS = [f"{name} left for Cairo, said report number {n}." for n, name in enumerate(NAMES)]
DOCUMENTS = [
    Document(
        Article(f"a-{n}", text, f"Title {n}"),
        {f"m-{n}": Mention(f"m-{n}", f"a-{n}", (Fragment(0, len(NAMES[n])),), "PERSON")},
    )
    for n, text in enumerate(TEXTS)
]  # fmt: skip


def by(name: str) -> bytes:
    """What the format's own writer makes of all documents."""
    import tempfile

    writer = registry.writer(name)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / ("out" if writer.folder else f"out{writer.extensions[0]}")
        writer.write(DOCUMENTS, NEWS, out)
        return (out / "tasks.json" if writer.folder else out).read_bytes()


def doccano(n: int) -> dict[str, Any]:
    return {"id": n, "text": TEXTS[n], "label": [[0, len(NAMES[n]), "PERSON"]], "Comments": []}


def relations(n: int) -> dict[str, Any]:
    """With objects in it that look like what stands around them."""
    spans = [
        {"id": k, "start_offset": 0, "end_offset": 3, "label": "A", "text": "x"} for k in (1, 2)
    ]
    arrow = {"id": 1, "from_id": 1, "to_id": 2, "type": "r", "text": "x"}
    return {"id": n, "text": TEXTS[n], "entities": spans, "relations": [arrow]}


def prodigy(n: int) -> dict[str, Any]:
    words = TEXTS[n].split()
    tokens = [{"text": w, "start": 0, "end": 1, "id": k} for k, w in enumerate(words)]
    spans = [{"start": 0, "end": len(NAMES[n]), "label": "PERSON"}]
    return {"text": TEXTS[n], "tokens": tokens, "spans": spans, "answer": "accept"}


def task(n: int) -> dict[str, Any]:
    value = {"start": 0, "end": len(NAMES[n]), "text": NAMES[n], "labels": ["PERSON"]}
    result = [{"id": "r0", "type": "labels", "value": value}]
    return {"id": n, "data": {"text": TEXTS[n]}, "annotations": [{"id": n, "result": result}]}


def corpus(n: int) -> dict[str, Any]:
    entities = [{"id": "1", "start": 0, "end": 3, "label": "P"}]
    return {"text": TEXTS[n], "entities": entities, "relations": []}


def lines(made: Callable[[int], Any]) -> bytes:
    return b"".join(json.dumps(made(n)).encode() + b"\n" for n in range(N))


def array(made: Callable[[int], Any], indent: int | None) -> bytes:
    return json.dumps([made(n) for n in range(N)], indent=indent).encode()


def columns(marked: bool) -> bytes:
    parts = []
    for n, text in enumerate(TEXTS):
        rows = [f"{w} {'B-PERSON' if w == NAMES[n] else 'O'}\n" for w in text[:-1].split()]
        parts.append(("-DOCSTART- O\n\n" if marked else "") + "".join(rows) + ". O\n\n")
    return "".join(parts).encode()


def feed() -> bytes:
    items = "".join(f"<item><title>Title {n}</title><description>{t}</description></item>\n"
                    for n, t in enumerate(TEXTS))  # fmt: skip
    return f"<rss><channel><title>SANA</title>\n{items}</channel></rss>\n".encode()


# Files of several documents: the reader's name, the file's name, its bytes.
FILES: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    **{
        name: (name, f"a{registry.writer(name).extensions[0]}", lambda name=name: by(name))
        for name in ("jsonl", "docbin", "conll", "conll-bilou", "conllu", "prodigy", "doccano",
                     "doccano-spans", "docred", "label-studio")
    },
    "corpus": ("corpus", "a.jsonl", lambda: lines(corpus)),
    "records": ("records", "a.jsonl", lambda: lines(lambda n: {"id": n, "text": TEXTS[n]})),
    "doccano, array": ("doccano", "a.json", lambda: array(doccano, None)),
    "doccano, indented": ("doccano", "a.json", lambda: array(relations, 1)),
    "doccano, relations in an array": ("doccano", "a.json", lambda: array(relations, None)),
    "prodigy, array": ("prodigy", "a.json", lambda: array(prodigy, None)),
    "label studio, array": ("label-studio", "a.json", lambda: array(task, None)),
    "label studio, indented": ("label-studio", "a.json", lambda: array(task, 2)),
    "columns": ("conll", "a.conll", lambda: columns(marked=True)),
    "csv": ("csv", "a.csv", lambda: ("id,text\n" + "".join(
        f'{n},"{t}"\n' for n, t in enumerate(TEXTS))).encode()),
    "feed": ("feed", "a.rss", feed),
}  # fmt: skip
# One document a file: what is left of it is read as if it were all, or it is refused.
SINGLE: dict[str, bytes] = {
    "a.txt": TEXTS[0].encode(),
    "a.md": f"# Title\n\n{TEXTS[0]}\n".encode(),
    "a.html": articles.PAGE.encode(),
    "a.docx": articles.docx(articles.paragraph(TEXTS[0])),
    "a.pdf": articles.pdf(TEXTS[0]),
    "a.rtf": rb"{\rtf1\ansi " + TEXTS[0].encode() + b"}",
}


def read(reader: Reader, path: Path) -> tuple[list[Document], Report] | None:
    """What can be read; None where the file is refused, with a reason."""
    report = Report(skip_bad=True)
    documents: list[Document] = []
    try:
        documents += reader.read(path, report)
    except FormatError as error:
        return _refused(error)
    return documents, report


def _refused(error: FormatError) -> None:
    assert error.message
    assert error.path


def which(document: Document) -> int | None:
    """The number of the document that this one is, whole and with its gold; None: it is none."""
    text = "".join(document.article.text.split())
    for n, wanted in enumerate(TEXTS):
        if text in ("".join(wanted.split()), f"Title{n}" + "".join(wanted.split())):
            return n
    return None


def told(report: Report) -> bool:
    """Whether the report says that something was left out, one by one or of rows without a text."""
    assert len(report.bad) == report.refused
    for error in report.bad:
        assert error.message
        assert error.path
    return bool(report.refused) or any("left out" in note for note in report.notes)


def begins(name: str, data: bytes) -> list[int]:
    """Where the documents of a file begin, or a little later: at the first word of their text."""
    if name == "docbin":  # it is packed
        return [0] * N
    return [data.index(word.encode()) for word in NAMES]


def touched(starts: list[int], at: int) -> set[int]:
    """The documents that a damage at this place may cost: the one that it is in, or, between two,
    either of them."""
    before = max((n for n, start in enumerate(starts) if start <= at), default=0)
    return {before, min(before + 1, N - 1)} if any(starts) else set(range(N))


def places(name: str, data: bytes, most: int = 24) -> list[int]:
    return sorted(Random(name).sample(range(len(data)), min(most, len(data))))


def made(name: str) -> tuple[Reader, str, bytes]:
    reader, file, build = FILES[name]
    return registry.reader(reader), file, build()


@pytest.mark.parametrize("name", FILES)
def test_an_intact_file(tmp_path: Path, name: str) -> None:
    """Else nothing below means anything."""
    reader, file, data = made(name)
    (tmp_path / file).write_bytes(data)
    found = read(reader, tmp_path / file)
    assert found is not None
    assert [which(d) for d in found[0]] == list(range(N))
    assert not told(found[1])


@pytest.mark.parametrize("name", FILES)
def test_cut_short(tmp_path: Path, name: str) -> None:
    """All documents before the cut are there; that it was cut is told."""
    reader, file, data = made(name)
    path = tmp_path / file
    for at in places(name, data):
        path.write_bytes(data[:at])
        found = read(reader, path)
        before = max((n for n, start in enumerate(begins(name, data)) if start <= at), default=0)
        if found is None:
            assert name in WHOLE or not before, at
            continue
        documents, report = found
        whole = [n for d in documents if (n := which(d)) is not None]
        assert set(range(before)) <= set(whole), (at, data[max(0, at - 60) : at])
        if name in ENDED:
            assert told(report) or not data[at:].strip(), (at, data[max(0, at - 60) : at])


WHOLE = ("docbin",)  # packed: one byte that is wrong, and nothing can be unpacked
# Formats whose files say where they end.
ENDED = ("docred", "label-studio", "doccano, array", "doccano, indented", "prodigy, array",
         "doccano, relations in an array", "label studio, array", "label studio, indented",
         "feed", "docbin")  # fmt: skip


@pytest.mark.parametrize("byte", [b"\xff", b'"', b"{", b"}", b"]", b",", b"\x00", b"\n"])
@pytest.mark.parametrize("name", FILES)
def test_one_bad_byte(tmp_path: Path, name: str, byte: bytes) -> None:
    """It costs the document that it is in, at most."""
    reader, file, data = made(name)
    path = tmp_path / file
    starts = begins(name, data)
    head = starts[0] if name == "csv" else 0  # a header may take in what follows it
    for at in (at for at in places(name + str(byte), data, 12) if at >= head):
        path.write_bytes(data[:at] + byte + data[at + 1 :])
        found = read(reader, path)
        if found is None:
            # What can be read of a feed ends at the fault; a table's beginning tells its encoding.
            first = starts[1] if name == "feed" else starts[0]
            assert name in WHOLE or at < first or (name == "csv" and byte == b"\xff"), at
            continue
        documents, report = found
        whole = {n for d in documents if (n := which(d)) is not None}
        where = (at, data[max(0, at - 60) : at], path.read_bytes()[at : at + 20])
        may = touched(starts, at)
        may |= set(range(min(may), N)) if name == "feed" else set()  # XML is sound up to a fault
        assert set(range(N)) - whole <= may, where
        assert len(documents) == N or (told(report) and len(documents) < N), where


@pytest.mark.parametrize("name", SINGLE)
def test_one_document_in_a_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    data = SINGLE[name]
    for at in places(name, data):
        for broken in (data[:at], data[:at] + b"\xff" + data[at + 1 :]):
            path.write_bytes(broken)
            try:
                reader = registry.reader_for(path)
            except FormatError as error:
                _refused(error)
                continue
            found = read(reader, path)
            assert found is None or found[0] or told(found[1])


def _formats() -> Iterator[str]:
    yield from (r.name for r in registry.readers())


@pytest.mark.parametrize("name", _formats())
def test_no_format_is_forgotten(name: str) -> None:
    many = {reader for reader, _file, _build in FILES.values()}
    one = {registry.reader(n).name for n in ("brat", "webanno", "xmi", "cas-json")}  # fuzzed apart
    single = isinstance(registry.reader(name), ArticleFile)
    assert name in many | one or single
