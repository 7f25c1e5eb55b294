"""Every file of other tools that we claim to hold: read, written in its own format, read again.

``docs/formats/foreign.md`` lists those that lose something; make it anew with
``python -m tests.core.test_formats_foreign > docs/formats/foreign.md``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from core import scheme
from core.errors import FormatError
from core.formats import Reader, Report, Writer, registry
from core.formats.loss import without
from tests.conftest import ROOT
from tests.core.documents import facts
from tests.core.test_formats_contract import read_all

FOREIGN = ROOT.parent / "shared" / "foreign"
PAGE = ROOT / "docs" / "formats" / "foreign.md"
NEWS = scheme.load("news")
FOLDERS = ("brat", "conll", "inception_casdiff", "uima_xmi/xmi", "webanno_tsv")
HEAD = """\
# Other tools' files, and what they lose

Made by `python -m tests.core.test_formats_foreign`; a test compares it with what is read. Each file
is read, written in its own format and read again, and says the same, but for what is listed here.
The files come from brat, Universal NER, Wojood, INCEpTION and dkpro-cassis.
"""


def paths() -> list[Path]:
    """The files; of those that belong together the one that names them."""
    endings = (".ann", ".iob2", ".conll", ".xmi", ".tsv")
    found = [p for folder in FOLDERS for p in sorted((FOREIGN / folder).rglob("*"))]
    return [p for p in found if p.suffix in endings or p.parent.name == "conll"]


def lines(path: Path) -> tuple[Report, str]:
    """What is read, and why it is refused, if it is."""
    report = Report()
    try:
        for _document in registry.reader_for(path).read(path, report):
            pass
    except FormatError as error:
        return report, error.message
    return report, ""


def page() -> str:
    """The whole page."""
    whole: dict[str, int] = {}
    rows = []
    for path in paths():
        report, refusal = lines(path)
        name = path.relative_to(FOREIGN).as_posix()
        if not report.losses and not refusal:
            folder = name.split("/")[0]
            whole[folder] = whole.get(folder, 0) + 1
            continue
        lost = "; ".join(f"{n:,} × {kind}" for kind, n in sorted(report.losses.items()))
        rows.append(f"| `{name}` | {lost or 'refused: ' + refusal} |")
    counts = ", ".join(f"{n} in `{folder}`" for folder, n in whole.items())
    table = "\n".join(["| file | not held |", "|---|---|", *rows])
    return f"{HEAD}\nFiles that lose nothing: {counts}.\n\n{table}\n"


@pytest.mark.skipif(not FOREIGN.is_dir(), reason="../shared/foreign is not here")
def test_the_list_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.skipif(not FOREIGN.is_dir(), reason="../shared/foreign is not here")
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_goes_out_and_comes_back(folder: str) -> None:
    """Compared as data; in the format that it came in."""
    tried = 0
    for path in paths():
        if not path.is_relative_to(FOREIGN / folder) or lines(path)[1]:
            continue
        reader = registry.reader_for(path)
        assert isinstance(reader, Reader)
        assert isinstance(reader, Writer)
        documents = list(reader.read(path, Report()))
        with tempfile.TemporaryDirectory() as temporary:
            out = Path(temporary) / ("out" if reader.folder else f"out{reader.extensions[0]}")
            report = reader.write(documents, NEWS, out)
            back = read_all(out, reader)
        assert len(back) == len(documents)
        expected = [facts(without(d, [x for x in report.lost if x.article == d.article.id]),
                          reader.holds) for d in documents]  # fmt: skip
        found = [facts(d, reader.holds) for d in back]
        for one in expected:
            assert one in found
        tried += 1
    assert tried > 1


if __name__ == "__main__":
    sys.stdout.write(page())
