"""Add files and folders to a project: one undo step, all or nothing, streamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from core import duplicates, edits
from core.annotation import Document
from core.duplicates import Pair
from core.edits import Adding
from core.errors import ConstraintError, FormatError, GoldsmithError
from core.formats import Reader, Report
from core.formats.table import Columns
from core.formats.units import Unit
from core.i18n import _, ngettext
from core.project import Project
from core.typemap import TypeMap
from core.workflow.add_report import LISTED, AddReport, NothingAdded, Tally, said
from core.workflow.progress import Cancelled, Progress, Stopped, never, quiet
from core.workflow.reading import Reading
from core.workflow.sources import Source

_FEW = 100  # documents of a file that are read before the first is stored


def add_paths(
    project: Project,
    paths: Iterable[Path | str],
    *,
    format: str = "",
    encoding: str = "",
    columns: Columns | None = None,
    offsets: Unit | None = None,
    types: TypeMap | None = None,
    look: bool = True,
    skip_bad: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> AddReport:
    """Add files, and all files in folders and zip archives, to the project: one undo step.

    It is all or nothing. An article whose text is in the project already is reported and not added
    again. Types that the scheme does not have are added and counted: what somebody else called gold
    stays gold.

    Args:
        format: name of the format that all files have; empty: judged file by file.
        encoding: of text files, pages and tables; empty: found out file by file.
        columns: which columns of tables hold what; those not named are found by their names.
        offsets: what those of files count that do not say it; None: what they fit.
        types: what the files' types become.
        look: look for near-duplicates and index the words of what was added, afterwards; a cancel
            then leaves that for the next time.
        skip_bad: leave out what can't be read, and add the rest: of a file whose documents stand
            side by side (lines, rows, columns of words) the others, else the file.
        progress: called for each article, with how many there seem to be.
        cancelled: once it answers True, nothing is added.

    Raises:
        NothingAdded: a file can't be read, and not `skip_bad`; it names all such files.
    """
    adder = _Adder(
        project,
        format,
        encoding,
        columns,
        offsets,
        types or TypeMap(),
        skip_bad,
        progress or quiet,
        cancelled or never,
    )
    try:
        with edits.adding(project) as add:
            report = adder.run(add, [Path(path) for path in paths])
    except Stopped:
        return AddReport(cancelled=True)
    return adder.look(report) if look else report


class _Adder:
    """One call of `add_paths`. A file is judged while those before it are in the transaction."""

    def __init__(
        self,
        project: Project,
        format: str,
        encoding: str,
        columns: Columns | None,
        offsets: Unit | None,
        types: TypeMap,
        skip_bad: bool,
        progress: Progress,
        cancelled: Cancelled,
    ) -> None:
        self._project = project
        self._how = (format, encoding, columns, offsets)
        self._types = types
        self._skip_bad = skip_bad
        self._progress = progress
        self._cancelled = cancelled
        self._done = self._total = 0
        self._waiting: list[tuple[Source, list[Document]]] = []
        self._tally = Tally()
        self._refused: list[tuple[str, str]] = []

    def run(self, add: Adding, paths: Sequence[Path]) -> AddReport:
        """Add everything. Raises `NothingAdded` or `Stopped`; then the transaction must end so."""
        with ExitStack() as stack:
            reading = Reading(paths, stack, *self._how)
            for source, error in reading.refused:
                self._refuse(source, error)
            self._total = sum(reader.expected(source.path) for source, reader in reading.files)
            for source, reader in reading.files:
                self._step(source.name, 0)
                try:
                    self._file(add, reader, source)
                except (FormatError, ConstraintError) as error:
                    self._refuse(source, error)
        self._store_waiting(add)
        if self._lost:
            raise NothingAdded(self._refused)
        self._step(_("saving"), 0)  # from here on it can't be cancelled any more
        counts = self._tally.counts
        return AddReport(
            added=counts["added"],
            mentions=counts["mentions"],
            relations=counts["relations"],
            suggestions=counts["suggestions"],
            duplicates=counts["duplicates"],
            twins=tuple(self._tally.twins),
            refused=tuple(self._refused),
            bad=counts["bad"],
            spoilt=tuple(self._tally.spoilt),
            notes=tuple(self._tally.notes),
            lost=dict(self._tally.lost),
            lossy=len(self._tally.lossy),
            outside=dict(self._tally.outside),
            mapped=dict(self._tally.mapped),
            skipped=reading.skipped,
        )

    def look(self, report: AddReport) -> AddReport:
        """What is found out about articles once they are there for sure."""
        pairs: list[Pair] = []
        with suppress(Stopped):
            step = partial(self._looked, report.added, _("looking for near-duplicates"))
            duplicates.find(self._project, step, pairs)
            self._project.index_words(partial(self._looked, report.added, _("indexing words")))
        near = []
        for pair in pairs[:LISTED]:
            rows = [self._project.article_row(id) for id in (pair.article, pair.other)]
            titles = [row.title if row else "" for row in rows]
            near.append((titles[0], titles[1], pair.shared))
        return replace(report, near=tuple(near))

    def _looked(self, total: int, what: str, done: int) -> None:
        self._progress(min(done, total), total, what)
        if self._cancelled():
            raise Stopped(_("Cancelled."))

    @property
    def _lost(self) -> bool:
        """Nothing will be added; all that can still be done is to find what else is wrong."""
        return bool(self._refused) and not self._skip_bad

    def _file(self, add: Adding, reader: Reader, source: Source) -> None:
        """Add one file. Small ones wait for each other; a large one is stored as it is read."""
        notes = Report(skip_bad=self._skip_bad)
        try:
            self._documents(add, reader, source, notes)
        except (FormatError, ConstraintError):
            if notes.bad:  # nothing is left of it: here is why
                self._tally.read(source.name, notes)
            raise

    def _documents(self, add: Adding, reader: Reader, source: Source, notes: Report) -> None:
        documents = self._read(reader, source, notes)
        first = list(islice(documents, _FEW))
        if len(first) < _FEW:  # a fault at its end has refused its beginning
            self._waiting.append((source, first))
            self._tally.read(source.name, notes)
            if sum(len(waiting) for _source, waiting in self._waiting) >= _FEW:
                self._store_waiting(add)
            return
        self._store_waiting(add)
        tally = Tally()
        # Without skipping, a fault takes everything back anyway.
        with add.attempt() if self._skip_bad else nullcontext():
            for batch in edits.batches(chain(first, documents)):
                if not self._lost:
                    tally.update(self._store(add, [(source, batch)]))
        tally.read(source.name, notes)
        self._tally.update(tally)

    def _store_waiting(self, add: Adding) -> None:
        """Store the small files that wait: together, or one by one to find which can't be."""
        waiting, self._waiting = self._waiting, []
        if self._lost:
            return
        try:
            self._tally.update(self._store(add, waiting))
        except ConstraintError:
            for one in waiting:
                try:
                    self._tally.update(self._store(add, [one]))
                except ConstraintError as error:
                    self._refuse(one[0], error)

    def _store(self, add: Adding, files: Sequence[tuple[Source, list[Document]]]) -> Tally:
        """Store a few documents, all or none; those that can be, if the others are left out."""
        try:
            return self._stored(add, files)
        except ConstraintError:
            if not self._skip_bad:
                raise
        tally = Tally()
        for source, document in ((s, d) for s, documents in files for d in documents):
            try:
                tally.update(self._stored(add, [(source, [document])]))
            except ConstraintError as error:
                tally.leave_out(source.name, error.message)
        return tally

    def _stored(self, add: Adding, files: Sequence[tuple[Source, list[Document]]]) -> Tally:
        tally = Tally()
        source_of = {id(d): source for source, documents in files for d in documents}

        def twin(document: Document, article: str) -> None:
            source = source_of[id(document)]
            tally.twin(source.name, document.article.title)
            if line := self._left_out(source, document, article):
                tally.note(line)

        for document in add.some([d for _source, documents in files for d in documents], twin):
            tally.count(document, self._project.scheme)
        return tally

    def _step(self, what: str, n: int = 1) -> None:
        if self._cancelled():
            raise Stopped(_("Cancelled."), _("Nothing was added."))
        self._done += n
        self._progress(min(self._done, self._total), self._total, what)

    def _refuse(self, source: Source, error: GoldsmithError) -> None:
        self._refused.append((source.name, said(error)))

    def _read(self, reader: Reader, source: Source, notes: Report) -> Iterator[Document]:
        """The documents of one file, streamed."""
        for document in reader.read(source.path, notes):
            self._step(source.name)
            if document.article.source == source.path.name:
                article = replace(document.article, source=source.name)
                document = replace(document, article=article)
            yield self._types.apply(document, self._tally.mapped)

    def _left_out(self, source: Source, document: Document, id: str) -> str:
        """What is said when gold of a document goes unused, since its text is there already."""
        if not document.mentions:
            return ""
        n = len(_facts(document) - _facts(self._project.document(id, ())))
        if not n:
            return ""
        return ngettext(
            "{file}: {n} new gold fact about “{title}” was left out with it.",
            "{file}: {n} new gold facts about “{title}” were left out with it.",
            n,
        ).format(file=source.name, n=n, title=document.article.title)


def _facts(document: Document) -> set[object]:
    """What the gold of a document says, whatever its ids are."""
    spans = {m.id: (m.type, m.fragments) for m in document.mentions.values()}
    return {
        *spans.values(),
        *((r.type, spans[r.head], spans[r.tail]) for r in document.relations.values()),
    }
