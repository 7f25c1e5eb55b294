"""File formats: one module a format, one contract, found by name or by sniffing.

What a format can't hold is counted and listed in its `Report`, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.annotation import Document
from core.scheme import Scheme


@dataclass(slots=True)
class Report:
    """What was read or written, and what was not.

    Attributes:
        written: counts by what they count (``articles``, ``mentions``, ``relations`` ...).
        lost: what the format can't hold, one line each for a person, with the article's id.
        notes: what a person should know though nothing was lost (tokens that were split, ...).
        files: what was written.
    """

    written: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def count(self, what: str, n: int = 1) -> None:
        self.written[what] = self.written.get(what, 0) + n


class Reader(Protocol):
    """A format that can be read.

    Attributes:
        name: as a person types it.
        title: for a person to read.
        extensions: with the dot, in lower case.
    """

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def extensions(self) -> tuple[str, ...]: ...

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the file is in this format, judged by its name and its first 64 KiB."""
        ...

    def expected(self, path: Path) -> int:
        """How many documents the file seems to hold, found quickly; for progress bars only."""
        ...

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The documents of the file, streamed. Raises `core.errors.FormatError` with file and line.

        The article ids are new ones or, in Goldsmith's own format, those of the file.
        """
        ...


class Writer(Protocol):
    """A format that can be written.

    Attributes:
        name, title, extensions: as of a `Reader`.
        holds_suggestions: whether suggestions can be told apart from gold in it. A writer without
            it leaves them out.
    """

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def extensions(self) -> tuple[str, ...]: ...

    @property
    def holds_suggestions(self) -> bool: ...

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write `documents` to `out` (a file, or a folder for formats of many files).

        The same documents give the same bytes. Nothing appears at `out` unless all was written.
        """
        ...
