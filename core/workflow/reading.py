"""Which files there are and who reads each: for an import, a preview, a scheme made of files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from core.annotation import Document
from core.errors import FormatError
from core.formats import Reader, Report, registry
from core.formats.table import Columns
from core.formats.units import Unit
from core.i18n import _
from core.project import SUFFIX
from core.scheme import Scheme
from core.workflow.sources import Source, sources


class Reading:
    """The documents of files, folders and archives, streamed.

    Attributes:
        files: the files with who reads each; a file that is read along with another is left out.
        refused: the files that nobody reads, with the reason.
        skipped: how many files in folders are of another kind.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        stack: ExitStack,
        format: str = "",
        encoding: str = "",
        columns: Columns | None = None,
        offsets: Unit | None = None,
    ) -> None:
        """Archives are unpacked to a place that is gone when `stack` is closed."""
        chosen = registry.reader(format) if format else None
        columns = columns or Columns()
        found, self.skipped = sources(paths, chosen, stack)
        self.files: list[tuple[Source, Reader]] = []
        self.refused: list[tuple[Source, FormatError]] = []
        claimed: set[Path] = set()
        for source in found:
            if source.path.resolve() in claimed:
                continue
            try:
                if source.refused:
                    raise FormatError(source.refused)
                if source.path.suffix == SUFFIX:
                    raise FormatError(
                        _("this is a Goldsmith project, not an article."),
                        _("Export its gold first: goldsmith export {name} gold.jsonl").format(
                            name=source.path.name
                        ),
                    )
                reader = chosen or registry.reader_for(source.path, columns)
            except FormatError as error:
                if registry.is_type_system(source.path):
                    self.skipped += 1
                else:
                    self.refused.append((source, error))
                continue
            self.files.append((source, registry.configured(reader, encoding, columns, offsets)))
            claimed.update(path.resolve() for path in reader.companions(source.path))
        # Some came before the file that they are read along with.
        self.refused = [(s, error) for s, error in self.refused if s.path.resolve() not in claimed]

    def documents(self) -> Iterator[Document]:
        """All documents. Raises `FormatError` for a file that can't be read, whole or in part."""
        for source, error in self.refused:
            raise FormatError(error.message, error.hint, source.name, error.line) from error
        for source, reader in self.files:
            yield from reader.read(source.path, Report())

    def declared(self) -> Scheme | None:
        """The scheme that the files declare, if one of them does; the first one's."""
        for source, reader in self.files:
            scheme = reader.scheme(source.path)
            if scheme is not None:
                return scheme
        return None
