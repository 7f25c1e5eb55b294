"""Which formats there are, each listed once, found by name or by looking at a file."""

from __future__ import annotations

from pathlib import Path

from core.errors import FormatError
from core.formats import Format, Reader, Writer
from core.formats.brat import Brat
from core.formats.cas import CasJson, CasXmi
from core.formats.conll import Conll
from core.formats.conllu import Conllu
from core.formats.corpus import Corpus
from core.formats.docbin import DocBin
from core.formats.doccano import Doccano, DoccanoSpans
from core.formats.docred import DocRed
from core.formats.docx import Docx
from core.formats.feed import Feed
from core.formats.files import head
from core.formats.graph import GraphCsv, GraphMl, JsonLd
from core.formats.html import Html
from core.formats.huggingface import HuggingFace
from core.formats.incoming import EncodedFile
from core.formats.jsonl import Jsonl
from core.formats.label_studio import LabelStudio
from core.formats.markdown import Markdown
from core.formats.pdf import Pdf
from core.formats.prodigy import Prodigy
from core.formats.rtf import Rtf
from core.formats.table import Columns, Csv, Records
from core.formats.tacred import Tacred
from core.formats.text import Text
from core.formats.units import Unit
from core.formats.webanno import WebAnno
from core.i18n import _

# In the order in which a file is tried, the default of an export first; one whose files
# another might take for its own stands before that one.
FORMATS: tuple[Format, ...] = (
    Records(),
    Jsonl(),
    DocBin(),
    Brat(),
    WebAnno(),
    CasXmi(),
    CasJson(),
    Conllu(),
    Conll(),
    Conll("conll-bilou", "BILOU"),
    Prodigy(),
    Doccano(),
    DoccanoSpans(),
    DocRed(),
    LabelStudio(),
    Tacred(),
    HuggingFace(),
    GraphMl(),
    GraphCsv(),
    JsonLd(),
    Corpus(),
    Text(),
    Markdown(),
    Html(),
    Docx(),
    Pdf(),
    Rtf(),
    Csv(),
    Feed(),
)
_READERS = tuple(f for f in FORMATS if isinstance(f, Reader))
# Goldsmith's own takes the JSON Lines that no other knows: their faults are told best there.
_SNIFFED = sorted(_READERS, key=lambda reader: isinstance(reader, Jsonl))
_WRITERS = tuple(f for f in FORMATS if isinstance(f, Writer))


def readers() -> tuple[Reader, ...]:
    """The formats that can be read, in the order in which a file is tried."""
    return _READERS


def writers() -> tuple[Writer, ...]:
    """The formats that can be written, the default first."""
    return _WRITERS


def extensions() -> tuple[str, ...]:
    """The endings of files that can be read, in lower case; a folder is searched for these."""
    return tuple(dict.fromkeys(e for reader in _READERS for e in reader.extensions))


def reader(name: str) -> Reader:
    """The reader of this name. Raises `FormatError`, listing what there is."""
    for found in _READERS:
        if found.name == name:
            return found
    raise _unknown(name, [r.name for r in _READERS])


def writer(name: str) -> Writer:
    """The writer of this name. Raises `FormatError`, listing what there is."""
    for found in _WRITERS:
        if found.name == name:
            return found
    raise _unknown(name, [w.name for w in _WRITERS])


def _unknown(name: str, names: list[str]) -> FormatError:
    return FormatError(
        _("There is no format {name}.").format(name=name),
        _("There is: {names}.").format(names=", ".join(names)),
    )


def configured(
    reader: Reader,
    encoding: str = "",
    columns: Columns | None = None,
    offsets: Unit | None = None,
) -> Reader:
    """`reader` told what the person said of the file, as far as it wants to know."""
    if isinstance(reader, Doccano):
        return type(reader)(offsets)
    if isinstance(reader, EncodedFile):
        return type(reader)(encoding)
    if isinstance(reader, Csv):
        return Csv(columns, encoding)
    if isinstance(reader, Records):
        return Records(columns)
    return reader


def is_type_system(path: Path) -> bool:
    """Whether a file only says what the types of other files are, as exports of INCEpTION have one
    beside each, or one for all."""
    try:
        return path.suffix.lower() == ".xml" and b"<typeSystemDescription" in head(path)
    except FormatError:
        return False


def has_offsets(name: str) -> bool:
    """Whether files of this format do not say what their offsets count."""
    return any(isinstance(f, Doccano) and f.name == name for f in FORMATS)


def reader_for(path: Path, columns: Columns | None = None) -> Reader:
    """The reader that takes this file, judged by its name and what it begins with; of JSON Lines
    whose `columns` a person named, the one of records.

    Raises `FormatError` when none does.
    """
    start = head(path)
    if columns is not None and columns.text and path.suffix.lower() in Records.extensions:
        return Records(columns)
    for found in _SNIFFED:
        if found.sniff(path, start):
            return found
    raise FormatError(
        _("no format that Goldsmith reads."),
        _("It reads {extensions}; save the article as plain text.").format(
            extensions=", ".join(extensions())
        ),
        str(path),
    )


def writer_for(out: Path) -> Writer:
    """The writer whose extension `out` has. Raises `FormatError`."""
    for found in _WRITERS:
        if out.suffix.lower() in found.extensions and not found.folder:
            return found
    raise FormatError(
        _("the ending {suffix} does not say which format to write.").format(
            suffix=f"“{out.suffix}”"
        ),
        _(
            "Use {extensions}, or name the format: --format {names}; or one that writes a folder: "
            "--format {folders}."
        ).format(
            extensions=", ".join(
                dict.fromkeys(e for w in _WRITERS if not w.folder for e in w.extensions)
            ),
            names="|".join(w.name for w in _WRITERS if not w.folder),
            folders="|".join(w.name for w in _WRITERS if w.folder),
        ),
        str(out),
    )
