"""Importers of annotations on broken files: a clear error or a right result, never a traceback.

The seeds are our own exports and, where they are here, other tools' files; each is truncated, its
bytes and lines are changed, and it is read.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core import scheme
from core.annotation import Document
from core.errors import FormatError
from core.formats import Reader, Report, registry
from tests.conftest import ROOT
from tests.core.test_formats_contract import FEATURES, SAMPLES

FOREIGN = ROOT.parent / "shared" / "foreign"
NEWS = scheme.load("news")
READERS = ["brat", "webanno", "xmi", "cas-json", "conllu", "conll", "docbin", "jsonl"]

NASTY = [
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n", b"\r", b"\n\n", b"\t", b"\t\t", b" ", b"\\",
    b"|",
    b"[", b"]", b"[9]", b"_", b"*", b"->", b"-1", b"0", b"1", b"9" * 30, b"1e400", b"NaN", b"null",
    b"{", b"}", b'"', b"<", b">", b"&x;", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"T1", b"E1", b"R1",
    b"Arg1:T1", b"#", b"#Text=", b"#T_SP=", b"-DOCSTART-", b"B-", b"I-X", b"\xf0\x9f\x98\x8a",
    b"\xe2\x80\xa8", b"\x1c", b";", b":", b"%ID", b'"begin":true', b"\xed\xa0\x80",
]  # fmt: skip


def mutated(data: bytes, changes: list[tuple[str, int, int, bytes]]) -> bytes:
    """The data after each of the changes; places are taken modulo what there is."""
    for kind, a, b, piece in changes:
        lines = data.split(b"\n")
        n, m = a % (len(data) + 1), b % (len(data) + 1)
        first, second = a % len(lines), b % len(lines)
        if kind == "cut":
            data = data[:n]
        elif kind == "insert":
            data = data[:n] + piece + data[n:]
        elif kind == "replace":
            data = data[:n] + piece + data[n + len(piece) :]
        elif kind == "delete":
            data = data[: min(n, m)] + data[max(n, m) :] if abs(n - m) < 40 else data
        elif kind == "flip" and n < len(data):
            data = data[:n] + bytes([data[n] ^ (1 << b % 8)]) + data[n + 1 :]
        elif kind == "double":
            data = b"\n".join([*lines[: first + 1], *lines[first:]])
        elif kind == "swap":
            lines[first], lines[second] = lines[second], lines[first]
            data = b"\n".join(lines)
        elif kind == "drop":
            data = b"\n".join([*lines[:first], *lines[first + 1 :]])
    return data


changes = st.lists(
    st.tuples(
        st.sampled_from(
            ["cut", "insert", "replace", "delete", "flip", "double", "swap", "drop"]
        ),
        st.integers(0, 1 << 16), st.integers(0, 1 << 16), st.sampled_from(NASTY),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def foreign(name: str) -> Iterator[Path]:
    """Other tools' files, none of them large."""
    globs = {
        "brat": "brat/*/*.ann", "webanno": "**/*.tsv", "xmi": "**/*.xmi",
        "conllu": "inception_casdiff/*/*.conll", "conll": "doccano/*.conll",
    }  # fmt: skip
    if name in globs and FOREIGN.is_dir():
        found = sorted(FOREIGN.glob(globs[name]))
        yield from [p for p in found if 0 < p.stat().st_size < 20_000][:20]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Files to break, by the reader's name."""
    root = tmp_path_factory.mktemp("seeds")
    found: dict[str, list[Path]] = {}
    for name in READERS:
        writer = registry.writer(name)
        out = root / name if writer.folder else root / f"{name}{writer.extensions[0]}"
        writer.write([SAMPLES[f] for f in FEATURES], NEWS, out)
        paths = sorted(out.iterdir()) if writer.folder else [out]
        found[name] = [p for p in paths if p.suffix in writer.extensions]
        found[name] += foreign(name)
    return found


def check(reader: Reader, path: Path) -> None:
    """Read it, all of it: what comes must hang together."""
    report = Report()
    documents: list[Document] = []
    refused: FormatError | None = None
    try:
        documents += reader.read(path, report)
    except FormatError as error:
        refused = error
    if refused is not None:
        assert refused.message
        assert Path(refused.path).parent == path.parent
        return
    assert documents
    for document in documents:
        text = document.article.text
        assert text.strip()
        text.encode("utf-8")
        for m in (*document.mentions.values(), *document.suggestions.values()):
            for part in m.fragments:
                assert 0 <= part.start < part.end <= len(text)
            assert m.type
        for m in document.mentions.values():
            assert m.entity is None or m.entity in document.entities
        for r in document.relations.values():
            assert r.type
            assert r.head in document.mentions
            assert r.tail in document.mentions
    assert report.written["articles"] == len(documents)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=120)
@given(seed=st.integers(0, 1000), changes=changes, which=st.booleans())
@example(seed=0, changes=[("cut", 0, 0, b"")], which=False)
def test_a_broken_file(
    tmp_path: Path,
    seeds: dict[str, list[Path]],
    name: str,
    seed: int,
    changes: list[tuple[str, int, int, bytes]],
    which: bool,
) -> None:
    source = seeds[name][seed % len(seeds[name])]
    path = tmp_path / f"x{source.suffix}"
    data = source.read_bytes()
    if name == "docbin":  # within, where zlib's checksum does not find it
        inner = zlib.compress(mutated(zlib.decompress(data), changes))
        data = inner if which else mutated(data, changes)
    elif name == "brat":
        text = source.with_suffix(".txt").read_bytes()
        path.with_suffix(".txt").write_bytes(mutated(text, changes) if which else text)
        data = data if which else mutated(data, changes)
    else:
        data = mutated(data, changes)
    path.write_bytes(data)
    check(registry.reader(name), path)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60)
@given(data=st.binary(max_size=60) | st.lists(st.sampled_from(NASTY), max_size=12).map(b"".join))
def test_any_bytes(tmp_path: Path, name: str, data: bytes) -> None:
    reader = registry.reader(name)
    path = tmp_path / f"x{reader.extensions[0]}"
    path.write_bytes(data)
    path.with_suffix(".txt").write_bytes(b"Ali met Bob.")
    check(reader, path)


@pytest.mark.parametrize("name", READERS)
def test_a_folder_and_a_missing_file(tmp_path: Path, name: str) -> None:
    reader = registry.reader(name)
    folder = tmp_path / f"x{reader.extensions[0]}"
    folder.mkdir()
    folder.with_suffix(".txt").write_text("x", encoding="utf-8")
    for path in (folder, tmp_path / f"none{reader.extensions[0]}"):
        with pytest.raises(FormatError):
            list(reader.read(path, Report()))


def test_a_bomb_of_zlib_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.formats import docbin_in

    monkeypatch.setattr(docbin_in, "_LARGEST", 1 << 20)
    path = tmp_path / "x.spacy"
    path.write_bytes(zlib.compress(b"\x00" * (8 << 20)))
    with pytest.raises(FormatError, match="unfolds"):
        list(registry.reader("docbin").read(path, Report()))


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    """No reader of lines takes a whole file into memory because it holds no line end."""
    path = tmp_path / "x.conll"
    path.write_bytes(b"x" * (5 << 20))
    for name in ("conll", "conllu", "webanno"):
        with pytest.raises(FormatError, match="longer than"):
            list(registry.reader(name).read(path, Report()))
    shutil.rmtree(tmp_path)
