"""What is meant to do harm, or is broken: refused with a sentence, and nothing is left behind."""

from __future__ import annotations

import io
import os
import stat
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import scheme, workflow
from core.annotation import Document
from core.article import Article
from core.errors import FormatError
from core.formats import Reader, Report, Writer, archive, files, registry
from core.formats.markdown import unmarked
from core.formats.markup import plain
from core.project import Project
from core.workflow import NothingAdded
from tests.conftest import ROOT
from tests.core import articles
from tests.core.test_formats_articles import FILES
from tests.core.test_formats_exchange import GOLD

LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
PARAMETER = '<!DOCTYPE l [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>'


def read(path: Path, data: str | bytes) -> None:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    list(registry.reader_for(path).read(path, Report()))


@pytest.mark.parametrize("head", [LAUGHS, OUTSIDE, PARAMETER])
def test_entities_of_a_files_own_are_refused(tmp_path: Path, head: str) -> None:
    feed = f"{head}<rss><channel><item><title>&b;</title></item></channel></rss>"
    with pytest.raises(FormatError, match="declares the entity") as caught:
        read(tmp_path / "a.rss", feed)
    assert caught.value.line == 1
    with pytest.raises(FormatError, match="declares the entity"):
        read(tmp_path / "a.docx", articles.docx(articles.paragraph("&a;"), head=head))


def test_nothing_outside_the_file_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret.dtd").write_text('<!ENTITY s "secret">', encoding="utf-8")
    feed = (
        f'<!DOCTYPE rss SYSTEM "{(tmp_path / "secret.dtd").as_uri()}"><rss><channel><item>'
        "<description>A &s; &nbsp;</description></item></channel></rss>"
    )
    path = tmp_path / "a.rss"
    path.write_text(feed, encoding="utf-8")
    [document] = registry.reader_for(path).read(path, Report())
    assert document.article.text == "A &s;"


def test_deep_nesting_costs_no_stack(tmp_path: Path) -> None:
    deep = "<a>" * 100_000
    with pytest.raises(FormatError, match="XML is broken"):
        read(tmp_path / "a.rss", f"<rss>{deep}")
    with pytest.raises(FormatError):
        read(tmp_path / "a.html", "<div>" * 50_000)
    with pytest.raises(FormatError, match="not JSON"):
        read(tmp_path / "a.jsonl", '{"text": ' + "[" * 100_000)


@pytest.mark.parametrize("mark", ["`", "<!--", "**a ", "[", "![a](", "_a"])
def test_marks_that_never_close_are_text(mark: str) -> None:
    """And cost no more than their number: 100 kB of the first took three minutes."""
    line = "x " + mark * (100_000 // len(mark))
    assert unmarked(line) == (line.rstrip(), 0)
    assert plain(f"<p>{line}</p>").count("a") == line.count("a")


# -- archives


def add(project: Project, path: Path, data: bytes) -> workflow.AddReport:
    path.write_bytes(data)
    return workflow.add_paths(project, [path])


@pytest.fixture(autouse=True)
def _temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place for what is unpacked that other programs leave alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))


def unpacked_left() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("goldsmith-unpacked-*"))


def test_an_archive_is_a_folder(project: Project, tmp_path: Path) -> None:
    before = unpacked_left()
    members: dict[str, str | bytes] = dict(FILES)
    members |= {"b/c.txt": "Another text.", "b/picture.png": b"\x89PNG", ".hidden.txt": "no"}
    report = add(project, tmp_path / "all.zip", articles.zipped(members))
    assert report.skipped == 1
    sources = {project.article(id).source for id in project.article_ids()}
    assert {"all.zip/a.csv", "all.zip/b/c.txt", "all.zip/a.rss"} <= sources
    assert unpacked_left() == before


def test_an_archive_in_a_folder(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "one.zip").write_bytes(articles.zipped({"a.txt": "From the archive."}))
    (folder / "b.txt").write_text("From the folder.", encoding="utf-8")
    workflow.add_paths(project, [folder])
    assert {project.article(id).source for id in project.article_ids()} == {
        "delivery/b.txt", "delivery/one.zip/a.txt",
    }  # fmt: skip


def linked() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        info = zipfile.ZipInfo("a.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(info, "/etc/hostname")
    return buffer.getvalue()


def lying() -> bytes:
    """A member that says that it has 10 bytes, and has 30 MB."""
    data = articles.zipped({"a.txt": b"x" * (30 << 20)})
    size = (30 << 20).to_bytes(4, "little")
    return data.replace(size, (10).to_bytes(4, "little"))


def encrypted() -> bytes:
    data = bytearray(articles.zipped({"a.txt": "text"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (articles.zipped({"../a.txt": "text"}), "leads out of the archive"),
        (articles.zipped({"b/../../a.txt": "text"}), "leads out of the archive"),
        (articles.zipped({"..\\a.txt": "text"}), "leads out of the archive"),
        (articles.zipped({"/tmp/a.txt": "text"}), "leads out of the archive"),
        (articles.zipped({"C:\\a.txt": "text"}), "leads out of the archive"),
        (linked(), "leads out of the archive"),
        (articles.zipped({"a.txt": "x", "A.txt": "y"}), "twice"),
        (articles.zipped({"a.zip": articles.zipped({"a.txt": "text"})}), "another archive"),
        (articles.zipped({"a.txt": b"x" * (30 << 20)}), "far more than articles"),
        (lying(), "broken|far more"),
        (encrypted(), "encrypted"),
        (articles.zipped({"a.txt": "text" * 99})[:-30], "broken"),
        (b"no archive", "broken"),
        (articles.zipped({"a.png": "x"}), "no file that Goldsmith reads"),
        (articles.zipped({"a": "x", "a/b.txt": "y"}), "can't be unpacked"),
        (articles.zipped({"x" * 300 + ".txt": "y"}), "can't be unpacked"),
    ],
    ids=range(16),
)  # fmt: skip
def test_harmful_archives(project: Project, tmp_path: Path, data: bytes, fault: str) -> None:
    before = unpacked_left()
    with pytest.raises(NothingAdded, match=fault):
        add(project, tmp_path / "a.zip", data)
    assert project.articles() == []
    assert unpacked_left() == before
    assert sorted(p.name for p in tmp_path.iterdir() if "goldsmith" not in p.name) == ["a.zip"]


def test_a_word_document_that_is_a_bomb(tmp_path: Path) -> None:
    data = articles.zipped({"word/document.xml": b"<a>" + b"x" * (30 << 20)})
    with pytest.raises(FormatError, match="far more than articles"):
        read(tmp_path / "a.docx", data)
    with pytest.raises(FormatError, match="no Word document"):
        read(tmp_path / "a.docx", articles.zipped({"a": "b"}))


def test_a_broken_member_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    data = bytearray(articles.zipped({"a.txt": "text"}, zipfile.ZIP_STORED))
    data[data.index(b"text")] ^= 1
    path.write_bytes(data)
    with pytest.raises(FormatError, match="broken"), archive.unpacked(path):
        pass


# -- whatever a broken disk or a broken program makes of a file


@st.composite
def mutations(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` with a few bytes changed, cut out, put in or cut off."""
    out = bytearray(data)
    for _n in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(out) - 1)))
        kind = draw(st.sampled_from(["change", "cut", "put", "off", "copy"]))
        if kind == "change" and out:
            out[at] = draw(st.integers(0, 255))
        elif kind == "cut":
            del out[at : at + draw(st.integers(1, 40))]
        elif kind == "put":
            out[at:at] = draw(st.binary(max_size=8) | st.sampled_from(PIECES))
        elif kind == "copy":
            out[at:at] = out[at : at + draw(st.integers(1, 60))]
        elif kind == "off":
            del out[at:]
    return bytes(out)


PIECES = [
    b"\xef\xbb\xbf", b"\r\n", b"\x00", b"\xff\xfe", b"<!DOCTYPE a [", b"&a;", b'"', b"\\u", b"{",
    b"}", b"]", b"-1", b"999999", b"1e400", b"NaN", b"null", b"\xed\xa0\x80", b"\\ud800", b"\t",
    b",",
]  # fmt: skip


def is_right(reader: Reader, path: Path) -> None:
    """It reads valid documents, or refuses with a sentence; nothing else is ever raised."""
    try:
        for document in reader.read(path, Report()):
            text = document.article.text
            text.encode("utf-8")
            assert text.strip()
            for m in document.mentions.values():
                assert m.type
                assert all(0 <= f.start < f.end <= len(text) for f in m.fragments)
            for r in document.relations.values():
                assert r.type
                assert {r.head, r.tail} <= set(document.mentions)
    except FormatError:
        pass


FUZZ = settings(max_examples=25)


@pytest.mark.parametrize("name", FILES)
@FUZZ
@given(data=st.data())
def test_a_broken_file_is_read_right_or_refused(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    whole = FILES[name].encode() if isinstance(FILES[name], str) else FILES[name]
    path = tmp_path / name
    path.write_bytes(data.draw(mutations(whole)))  # type: ignore[arg-type]
    try:
        reader = registry.reader_for(path)
    except FormatError:
        return
    is_right(reader, path)


BOTH = [f for f in registry.FORMATS if isinstance(f, Reader) and isinstance(f, Writer)]


@pytest.mark.parametrize("format", BOTH, ids=[f.name for f in BOTH])
@FUZZ
@given(data=st.data())
def test_a_broken_annotation_is_read_right_or_refused(
    tmp_path_factory: pytest.TempPathFactory, format: Writer, data: st.DataObject
) -> None:
    assert isinstance(format, Reader)
    folder = tmp_path_factory.mktemp("broken")
    out = folder / ("out" if format.folder else f"out{format.extensions[0]}")
    format.write([GOLD], scheme.load("news"), out)
    files = sorted(p for p in ([out] if out.is_file() else out.rglob("*")) if p.is_file())
    broken = data.draw(st.sampled_from(files))
    broken.write_bytes(data.draw(mutations(broken.read_bytes())))
    for path in files:
        if path.suffix.lower() in format.extensions:
            is_right(format, path)


FOREIGN = ROOT.parent / "shared" / "foreign"
FILES_OF_OTHERS = [
    path
    for pattern in ("doccano/*.jsonl", "label_studio/*.json", "prodigy/*.jsonl")
    for path in sorted(FOREIGN.glob(pattern))
]


@pytest.mark.skipif(not FILES_OF_OTHERS, reason="../shared/foreign is not here")
@pytest.mark.parametrize("path", FILES_OF_OTHERS, ids=lambda path: path.name)
@FUZZ
@given(data=st.data())
def test_a_broken_file_of_another_tool_is_read_right_or_refused(
    tmp_path: Path, path: Path, data: st.DataObject
) -> None:
    whole = path.read_bytes()
    some = whole if len(whole) < 8000 else whole[: whole.index(b"\n", 6000) + 1]
    broken = tmp_path / path.name
    broken.write_bytes(data.draw(mutations(some)))
    try:
        reader = registry.reader_for(broken)
    except FormatError:
        return
    is_right(reader, broken)


@pytest.mark.parametrize(
    "name", ["a.txt", "a.md", "a.html", "a.pdf", "a.rtf", "a.xmi", "a.json", "a.tsv", "a.ann"]
)
def test_what_is_read_whole_is_not_read_when_it_is_too_large(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    kind = {
        ".txt": "text", ".md": "markdown", ".json": "cas-json", ".tsv": "webanno", ".ann": "brat",
    }  # fmt: skip
    reader = registry.reader(kind.get(path.suffix, path.suffix[1:]))
    path.with_suffix(".txt").touch()
    with path.open("wb") as file:
        file.truncate(files.WHOLE + 1)  # no block of it is written
    with pytest.raises(FormatError, match="is read whole, up to 256 MB"):
        list(reader.read(path, Report()))


@pytest.mark.skipif(os.name == "nt", reason="no such links and pipes there")
def test_nothing_outside_a_folder_is_read(tmp_path: Path) -> None:
    """A folder that came by mail may hold links to anywhere, and pipes that nobody writes to."""
    folder = tmp_path / "mail"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.txt").write_text("Talks in Cairo")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "b.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "c.txt").symlink_to("/etc/passwd")
    (folder / "d.txt").symlink_to(folder / "e.txt")  # leads nowhere
    (folder / "inner" / "f.txt").symlink_to(folder / "a.txt")
    (folder / "inner" / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "g.txt")
    with Project.create(tmp_path / "p.goldsmith", scheme.load("news")) as project:
        report = workflow.add_paths(project, [folder])
        assert [row.title for row in project.articles()] == ["Talks in Cairo"]
    assert report.skipped == 4


@pytest.mark.skipif(os.name == "nt", reason="no such links there")
def test_the_text_of_an_annotation_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "mail" / "a.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(FormatError, match="not beside it"):
        read(tmp_path / "mail" / "a.ann", "T1\tGPE 0 6\tsecret\n")
    (tmp_path / "secret.ann").write_text("T1\tGPE 0 6\tsecret\n")
    (tmp_path / "links").mkdir()
    for kind in ("ann", "txt"):  # one file as another name for a whole document
        (tmp_path / "links" / f"a.{kind}").symlink_to(tmp_path / f"secret.{kind}")
    (document,) = registry.reader_for(tmp_path / "links" / "a.ann").read(
        tmp_path / "links" / "a.ann", Report()
    )
    assert document.article.text == "secret"


@pytest.mark.parametrize("format", registry.writers(), ids=[w.name for w in registry.writers()])
def test_an_article_of_no_words_is_written(format: Writer, tmp_path: Path) -> None:
    documents = [Document(Article(f"a-{n}", text)) for n, text in enumerate((" \n ", "", "—"))]
    if format.name == "huggingface":
        pytest.importorskip("pyarrow")
    format.write(iter(documents), scheme.load("news"), tmp_path / "out")
    assert (tmp_path / "out").exists()
