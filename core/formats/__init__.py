"""File formats: one module a format, one contract, found by name or by sniffing.

A format says what it holds (`Format.holds`). What it can't hold is counted and listed, before (a
dry run: `Writer.losses`) and after (`Report.lost`), and never dropped in silence; what it can hold
comes back identical. ``tests/core/test_formats_contract.py`` keeps every registered format to that,
and ``docs/formats/README.md`` is the table of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from core.annotation import Document
from core.errors import FormatError
from core.formats.loss import EVERYTHING, Feature, Loss, counted, reduced, with_words
from core.scheme import Scheme

__all__ = ["EVERYTHING", "Feature", "Format", "Loss", "Reader", "Report", "Writer"]

LISTED = 100_000  # losses that a report lists one by one; all are counted


@dataclass(slots=True)
class Report:
    """What was read or written, and what was not.

    Attributes:
        written: counts by what they count (``articles``, ``mentions``, ``relations`` ...).
        lost: what the format can't hold, one by one, the first `LISTED` of them.
        losses: how many are lost by `Loss.kind`, all of them.
        notes: what a person should know though nothing was lost (tokens that were split, ...).
        files: what was written.
        skip_bad: leave out the documents that are wrong where a file has others; else one of them
            refuses the whole file.
        refused: how many were left out so.
        bad: what is wrong with the first `LISTED` of them.
    """

    written: dict[str, int] = field(default_factory=dict)
    lost: list[Loss] = field(default_factory=list)
    losses: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    skip_bad: bool = False
    refused: int = 0
    bad: list[FormatError] = field(default_factory=list)

    def refuse(self, error: FormatError) -> None:
        """One document can't be read: leave it out and go on, or raise `error`."""
        if not self.skip_bad:
            raise error
        self.refused += 1
        if len(self.bad) < LISTED:
            self.bad.append(error)

    def count(self, what: str, n: int = 1) -> None:
        """Count `n` more of `what`."""
        self.written[what] = self.written.get(what, 0) + n

    def count_document(self, document: Document) -> None:
        """Count what one document holds."""
        self.count("articles")
        self.count("mentions", len(document.mentions))
        self.count("relations", len(document.relations))
        if document.suggestions:
            self.count("suggestions", len(document.suggestions))

    def lose(self, losses: Iterable[Loss]) -> None:
        """Count and list what is lost."""
        for loss in losses:
            kind = loss.kind()
            self.losses[kind] = self.losses.get(kind, 0) + 1
            if len(self.lost) < LISTED:
                self.lost.append(loss)

    def lines(self) -> list[str]:
        """For a person: what is lost, a line a kind with how often, then the notes."""
        return [*counted(self.losses), *self.notes]


class Format(ABC):
    """What readers and writers have in common. A module may be both.

    Attributes:
        name: as a person types it.
        extensions: with the dot, in lower case.
        holds: the features that come back identical when a document is written and read; what a
            document has beyond them is lost, and listed. Of a format that is only read: what a
            file of it may bring along.
        limits: what of a feature that it holds it does not hold, for a person; the losses list it.
        page: the name of its page under ``docs/formats``, where that is not its own name.
        folder: an export is a folder of files, not one file.
    """

    name: str
    extensions: tuple[str, ...]
    holds: frozenset[Feature] = frozenset()
    limits: Mapping[Feature, str] = MappingProxyType({})
    page: str = ""
    folder: bool = False

    @property
    @abstractmethod
    def title(self) -> str:
        """For a person to read."""


class Reader(Format):
    """A format that can be read."""

    @abstractmethod
    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the file is in this format, judged by its name and its first 64 KiB."""

    def expected(self, path: Path) -> int:
        """How many documents the file seems to hold, found quickly; for progress bars only."""
        return 1

    @abstractmethod
    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The documents of the file, streamed. Raises `core.errors.FormatError` with file and line;
        of one document among others, by ``report.refuse``.

        The article ids are new ones or, in Goldsmith's own format, those of the file. What the file
        says and a `Document` can't hold goes to ``report.lose``.
        """

    def companions(self, path: Path) -> tuple[Path, ...]:
        """Other files that are read along with `path` (the ``.txt`` of an ``.ann``), which are no
        articles of their own then."""
        return ()

    def scheme(self, path: Path) -> Scheme | None:
        """The scheme that the file, or one beside it, declares; None where it declares none.

        Raises `core.errors.FormatError` like `read`.
        """
        return None


class Writer(Format):
    """A format that can be written."""

    @property
    def holds_suggestions(self) -> bool:
        """Whether suggestions can be told apart from gold in it."""
        return Feature.SUGGESTIONS in self.holds

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """What of `document` the file will hold, and the list of what it will not.

        By `holds`; a format with further limits overrides it and adds stages of its own.
        """
        return reduced(document, self.holds)

    def losses(self, documents: Iterable[Document], scheme: Scheme) -> Report:
        """A dry run: what `write` would lose and count, with nothing written."""
        report = Report()
        for document in documents:
            self.kept(document, scheme, report)
        return report

    def kept(self, document: Document, scheme: Scheme, report: Report) -> Document:
        """What is written of `document`; the rest is reported, and both are counted."""
        smaller, lost = self.reduce(document, scheme)
        listed = len(report.lost) < LISTED
        report.lose(with_words(lost, document) if listed else lost)
        report.count_document(smaller)
        return smaller

    @abstractmethod
    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write `documents` to `out` (a file, or a folder for formats of many files).

        The same documents give the same bytes. Nothing appears at `out` unless all was written.
        """
