"""UIMA CAS as XMI and as JSON, as INCEpTION exports them. See ``docs/formats/cas.md``.

Both are the same annotations: `core.formats.cas_model` holds them, this module finds and writes the
files. XML is read by `core.formats.safexml`: no entity of a file's own, nothing from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from core.annotation import Document
from core.formats import EVERYTHING, Feature, Loss, Reader, Report, Writer, uima
from core.formats.cas_model import Cas, Types, layers_of, model_of
from core.formats.cas_read import read_json, read_types, read_xmi
from core.formats.cas_write import json_bytes, types_bytes, unwritable, xmi_bytes
from core.formats.fields import Fault
from core.formats.files import FileNames, wrong_line
from core.formats.folders import replacing_folder
from core.formats.loss import reduced
from core.formats.tokens import split_note
from core.i18n import _
from core.scheme import Scheme

TYPES = ("TypeSystem.xml", "typesystem.xml")


class _Cas(Reader, Writer):
    """What the two have in common."""

    page = "cas"
    holds = EVERYTHING - {
        Feature.DISCONTINUOUS, Feature.EVIDENCE, Feature.SUGGESTIONS, Feature.METADATA,
        Feature.PROVENANCE, Feature.OTHER,
    }  # fmt: skip
    folder = True

    @property
    def limits(self) -> dict[Feature, str]:  # type: ignore[override]
        """What it does not hold of the features that it holds."""
        return {
            Feature.ATTRIBUTES: _("texts; a name of ASCII letters, digits and _"),
            Feature.ENTITIES: _("clusters and knowledge-base ids; no name, type or note"),
        }

    def _cas(self, path: Path) -> Cas:
        raise NotImplementedError

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The one article of the file: its first view."""
        try:
            cas = self._cas(path)
            text, layers = layers_of(cas)
        except Fault as fault:
            raise wrong_line(path, None, fault) from fault
        yield uima.read(path, text, layers, report)

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """By what the format holds, and what a feature can be."""
        return reduced(document, self.holds, uima.attributes, unwritable, uima.entities)


class CasXmi(_Cas):
    """Reads and writes XMI, with the type system beside it."""

    name = "xmi"
    extensions = (".xmi",)

    @property
    def title(self) -> str:
        """For a person."""
        return _("UIMA CAS XMI (a folder of .xmi)")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By its ending."""
        return path.suffix.lower() == ".xmi"

    def companions(self, path: Path) -> tuple[Path, ...]:
        """The type system beside the file."""
        return (path, *(path.with_name(name) for name in TYPES))

    def _cas(self, path: Path) -> Cas:
        beside = next((p for p in map(path.with_name, TYPES) if p.is_file()), None)
        return read_xmi(path, read_types(beside) if beside else Types())

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """A folder with a file an article, and the type system of all."""
        report = Report(files=[out])
        names = FileNames()
        seen = Types()
        split = 0
        with replacing_folder(out) as folder:
            for document in documents:
                document = self.kept(document, scheme, report)
                cas, n = model_of(document, seen)
                split += n
                path = folder / f"{names.name(document.article)}.xmi"
                path.write_bytes(xmi_bytes(cas))
            (folder / TYPES[0]).write_bytes(types_bytes(seen))
        report.notes += split_note(split)
        return report


class CasJson(_Cas):
    """Reads and writes the JSON of UIMA's CAS."""

    name = "cas-json"
    extensions = (".json",)

    @property
    def title(self) -> str:
        """For a person."""
        return _("UIMA CAS JSON (a folder of .json)")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By the keys that it begins with."""
        return path.suffix.lower() == ".json" and (
            b'"%FEATURE_STRUCTURES"' in head or b'"%TYPES"' in head[:4096]
        )

    def _cas(self, path: Path) -> Cas:
        return read_json(path)

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """A folder with a file an article."""
        report = Report(files=[out])
        names = FileNames()
        split = 0
        with replacing_folder(out) as folder:
            for document in documents:
                document = self.kept(document, scheme, report)
                seen = Types()
                cas, n = model_of(document, seen)
                split += n
                path = folder / f"{names.name(document.article)}.json"
                path.write_bytes(json_bytes(cas, seen))
        report.notes += split_note(split)
        return report
