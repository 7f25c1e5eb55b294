"""What an export into a folder may take the place of: what an export wrote, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from core import dataset, workflow
from core.errors import FormatError
from core.formats import Writer, registry
from core.formats.folders import LIST, earlier, replacing_folder
from core.project import Project
from core.split import Parts
from tests.core.test_dataset import add

FOLDERS = [w for w in registry.writers() if w.folder]


@pytest.fixture(params=FOLDERS, ids=lambda writer: writer.name)
def writer(request: pytest.FixtureRequest) -> Writer:
    """Each format that writes a folder."""
    if request.param.name == "huggingface":
        pytest.importorskip("pyarrow")
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def out(project: Project, tmp_path: Path) -> Path:
    """Where to; the project has two articles."""
    add(project, "Ali met Khaled in Cairo.", "Fawzy spoke.")
    return tmp_path / "gold"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"/"
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "name", ["interview_notes.txt", "thesis.ann", "annotation.conf", "notes.xmi", "edges.csv",
             "tasks.json", "README.md", "x.tsv", "data/mine.parquet", "dataset.json"],
)  # fmt: skip
def test_a_persons_own_files_stay(
    project: Project, out: Path, writer: Writer, name: str, force: bool
) -> None:
    mine = out / name
    mine.parent.mkdir(parents=True)
    mine.write_text("A year of work.", encoding="utf-8")
    before = tree(out)
    with pytest.raises(FormatError, match=f"holds {name.partition('/')[0]} and no list"):
        workflow.export(project, out, writer.name, force=force)
    assert tree(out) == before
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".gold")] == []


def test_an_earlier_export_is_replaced_when_it_was_asked_for(
    project: Project, out: Path, writer: Writer
) -> None:
    workflow.export(project, out, writer.name)
    before = tree(out)
    files = earlier(out)
    assert files == sum(1 for data in before.values() if data != b"/") - 1  # the list
    with pytest.raises(FormatError, match=f"earlier export is there already, of {files} file"):
        workflow.export(project, out, writer.name)
    workflow.export(project, out, writer.name, force=True, ids=["a-000"])
    assert tree(out) != before
    workflow.export(project, out, writer.name, force=True)
    assert tree(out) == before
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".gold")] == []


def added(out: Path) -> str:
    (out / "notes.txt").write_text("Of mine.", encoding="utf-8")
    return r"holds notes\.txt, which no export wrote"


def changed(out: Path) -> str:
    name = next(p for p in sorted(out.rglob("*.ann")))
    name.write_text("T1\tPERSON 0 3\tAli\nT2\tGPE 18 23\tCairo\n", encoding="utf-8")
    return r"\.ann was changed after its export"


def folder_added(out: Path) -> str:
    (out / "work" / "deep").mkdir(parents=True)
    return r"holds work, which no export wrote"


def linked(out: Path) -> str:
    name = next(p for p in sorted(out.rglob("*.ann")))
    kept = out.parent / "kept.ann"
    name.rename(kept)
    name.symlink_to(kept)
    return r"holds .*\.ann, which no export wrote"


def listless(out: Path) -> str:
    (out / LIST).unlink()
    return r"no list of what an export wrote"


def list_broken(out: Path) -> str:
    (out / LIST).write_bytes(b"\xff\x00")
    return r"no list of what an export wrote|which no export wrote"


def list_of_everything(out: Path) -> str:
    """A list that names what is outside makes nothing there ours."""
    outside = out.parent / "outside.txt"
    outside.write_text("mine", encoding="utf-8")
    digest = hashlib.sha256(b"mine").hexdigest()
    with (out / LIST).open("a", encoding="utf-8") as file:
        file.write(f"{digest}  ../outside.txt\n")
    (out / "inside.txt").write_text("mine", encoding="utf-8")
    return r"holds inside\.txt, which no export wrote"


@pytest.mark.parametrize(
    "touch", [added, changed, folder_added, linked, listless, list_broken, list_of_everything]
)
def test_what_was_done_to_an_export_stays(
    project: Project, out: Path, touch: Callable[[Path], str]
) -> None:
    workflow.export(project, out, "brat")
    said = touch(out)
    before = tree(out.parent)
    with pytest.raises(FormatError, match=said) as caught:
        workflow.export(project, out, "brat", force=True)
    assert "othing was touched" in caught.value.hint
    assert tree(out.parent) == before


def test_what_is_put_in_during_an_export_stays(project: Project, out: Path) -> None:
    workflow.export(project, out, "brat")

    def write(_done: int, _total: int, _what: str) -> None:
        (out / "late.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(FormatError, match=r"holds late\.txt"):
        workflow.export(project, out, "brat", force=True, progress=write)
    assert (out / "late.txt").read_text(encoding="utf-8") == "mine"
    assert not [p for p in out.parent.iterdir() if p.name.startswith(".gold")]


def test_what_the_system_puts_into_every_folder_is_no_obstacle(project: Project, out: Path) -> None:
    workflow.export(project, out, "brat")
    (out / ".DS_Store").write_bytes(b"\x00")
    workflow.export(project, out, "brat", force=True)
    assert not (out / ".DS_Store").exists()


def test_a_link_to_the_folder_stays_one(project: Project, out: Path) -> None:
    workflow.export(project, out, "brat", ids=["a-000"])
    link = out.with_name("latest")
    link.symlink_to(out.name)
    workflow.export(project, link, "brat", force=True)
    assert link.is_symlink()
    assert len(list(out.glob("*.ann"))) == 2
    assert not [p for p in out.parent.iterdir() if p.name.startswith((".gold", ".latest"))]


def test_an_export_of_another_format_is_one(project: Project, out: Path) -> None:
    workflow.export(project, out, "brat")
    workflow.export(project, out, "graph-csv", force=True)
    assert not list(out.glob("*.ann"))


def test_the_list_is_one_that_other_programs_check(out: Path) -> None:
    with replacing_folder(out) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "b c.txt").write_bytes(b"x")
        (folder / "a.txt").write_bytes(b"")
    digest = {data: hashlib.sha256(data).hexdigest() for data in (b"x", b"")}
    assert (out / LIST).read_text(encoding="utf-8") == (
        f"{digest[b'']}  a.txt\n{digest[b'x']}  deep/b c.txt\n"
    )
    assert earlier(out) == 2


def test_a_dataset_takes_the_place_of_an_earlier_one_only(project: Project, out: Path) -> None:
    parts = Parts.parse("80/20")
    dataset.export(project, out, "brat", parts=parts)
    assert len(list(out.rglob(LIST))) == 1
    before = tree(out)
    dataset.export(project, out, "brat", parts=parts, force=True)
    assert tree(out) == before
    card = out / "README.md"
    card.write_text("What I wrote about it.", encoding="utf-8")
    with pytest.raises(FormatError, match=r"README\.md was changed after its export"):
        dataset.export(project, out, "brat", parts=parts, force=True)
    assert card.read_text(encoding="utf-8") == "What I wrote about it."


def test_a_data_set_of_somebody_elses_is_none_of_ours(project: Project, out: Path) -> None:
    out.mkdir()
    (out / "dataset.json").write_text("{}", encoding="utf-8")
    (out / "thesis.txt").write_text("mine", encoding="utf-8")
    before = tree(out)
    with pytest.raises(FormatError, match="holds"):
        dataset.export(project, out, only_done=False, force=True)
    assert tree(out) == before
