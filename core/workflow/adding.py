"""Add files and folders to a project: one undo step, all or nothing, and a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from core import edits
from core.annotation import Document, Entity
from core.errors import FormatError
from core.formats import Reader, Report, registry
from core.formats.loss import counted as counted_losses
from core.formats.table import Columns
from core.i18n import _, ngettext
from core.project import SUFFIX, Project
from core.scheme import Scheme
from core.workflow.progress import Cancelled, Progress, Stopped, never, quiet
from core.workflow.sources import Source, sources


@dataclass(frozen=True, slots=True)
class AddReport:
    """What `add_paths` did.

    Attributes:
        added: ids of the new articles, in the project's order.
        mentions, relations, suggestions: how many came along.
        duplicates: (file, title) of each article whose text was there already.
        refused: (file, reason) of each file of which nothing can be added.
        notes: what a person should know though it was added, one line each.
        outside: types that the project's scheme does not have, with how many mentions, relations
            and suggestions have them; they were added all the same.
        skipped: how many files in the given folders no format claims.
        cancelled: the person stopped it; nothing was added.
    """

    added: tuple[str, ...] = ()
    mentions: int = 0
    relations: int = 0
    suggestions: int = 0
    duplicates: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    outside: Mapping[str, int] = field(default_factory=dict)
    skipped: int = 0
    cancelled: bool = False

    def summary(self) -> str:
        """What was added and what was not, in one line."""
        if self.cancelled:
            return _("Cancelled; nothing was added.")
        n = len(self.added)
        parts = [ngettext("{n} article", "{n} articles", n).format(n=f"{n:,}")]
        for count, one, many in (
            (self.mentions, "{n} mention", "{n} mentions"),
            (self.relations, "{n} relation", "{n} relations"),
            (self.suggestions, "{n} suggestion", "{n} suggestions"),
        ):
            if count:
                parts.append(ngettext(one, many, count).format(n=f"{count:,}"))
        lines = [_("Added {what}.").format(what=", ".join(parts))]
        if n := len(self.duplicates):
            lines.append(
                ngettext(
                    "{n} article was there already.", "{n} articles were there already.", n
                ).format(n=f"{n:,}")
            )
        if n := len(self.refused):
            lines.append(
                ngettext("{n} file was left out.", "{n} files were left out.", n).format(n=n)
            )
        if n := sum(self.outside.values()):
            lines.append(
                ngettext(
                    "{n} label is not in the scheme.", "{n} labels are not in the scheme.", n
                ).format(n=f"{n:,}")
            )
        return " ".join(lines)

    def details(self) -> list[str]:
        """Everything else that a person should know, a line each; empty if all went as expected."""
        lines = [f"{file}: {reason}" for file, reason in self.refused]
        lines += [
            _("{file}: “{title}” is in the project already and was not added again.").format(
                file=file, title=title
            )
            for file, title in self.duplicates
        ]
        lines += self.notes
        if self.outside:
            lines.append(
                _(
                    "Types that the scheme does not have: {types}. They were kept as they are."
                ).format(types=counted(self.outside))
            )
        if self.skipped:
            lines.append(
                ngettext(
                    "{n} file of another kind was left alone.",
                    "{n} files of other kinds were left alone.",
                    self.skipped,
                ).format(n=self.skipped)
            )
        return lines


def counted(counts: Mapping[str, int], limit: int = 20) -> str:
    """``politician (770), election (648), 3 more``: the most frequent first."""
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    names = [f"{name} ({n:,})" for name, n in most[:limit]]
    if len(most) > limit:
        names.append(_("{n} more").format(n=len(most) - limit))
    return ", ".join(names)


class NothingAdded(FormatError):
    """Some files can't be added, and so none was.

    Attributes:
        refused: (file, reason) of each of them.
    """

    def __init__(self, refused: Sequence[tuple[str, str]]) -> None:
        n = len(refused)
        message = "{}: {}".format(*refused[0])
        if n > 1:
            files = ngettext("{n} file can't be added.", "{n} files can't be added.", n)
            lines = "\n".join(f"  {file}: {reason}" for file, reason in refused)
            message = f"{files.format(n=n)}\n{lines}\n"
        super().__init__(message, _("Nothing was added."))
        self.refused = tuple(refused)


def add_paths(
    project: Project,
    paths: Iterable[Path | str],
    *,
    format: str = "",
    encoding: str = "",
    columns: Columns | None = None,
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
        skip_bad: leave out the files that can't be read, and add the others.
        progress: called for each article, with how many there seem to be.
        cancelled: once it answers True, nothing is added.

    Raises:
        NothingAdded: a file can't be read, and not `skip_bad`; it names all such files.
    """
    reader = registry.reader(format) if format else None
    chosen = columns or Columns()
    adder = _Adder(
        project, reader, encoding, chosen, skip_bad, progress or quiet, cancelled or never
    )
    try:
        edits.add_documents(project, adder.documents([Path(path) for path in paths]))
    except Stopped:
        return AddReport(cancelled=True)
    return adder.report


class _Adder:
    """One call of `add_paths`: yields what is to be added while it writes the report."""

    def __init__(
        self,
        project: Project,
        reader: Reader | None,
        encoding: str,
        columns: Columns,
        skip_bad: bool,
        progress: Progress,
        cancelled: Cancelled,
    ) -> None:
        self.report = AddReport()
        self._project = project
        self._format = reader
        self._encoding = encoding
        self._columns = columns
        self._skip_bad = skip_bad
        self._progress = progress
        self._cancelled = cancelled
        self._done = self._total = 0
        self._new: list[Document] = []
        self._duplicates: list[tuple[str, str]] = []
        self._refused: list[tuple[str, str]] = []
        self._notes: list[str] = []

    def documents(self, paths: Sequence[Path]) -> Iterator[Document]:
        """The documents to add, judged while those before them are in the transaction already."""
        with ExitStack() as stack:
            files, skipped = sources(paths, self._format, stack)
            readers = self._readers(files)
            self._total = sum(reader.expected(source.path) for source, reader in readers.items())
            for source, reader in readers.items():
                self._step(source.name, 0)
                try:
                    documents = self._read(reader, source)
                    self._check_ids(documents)
                except FormatError as error:
                    self._refuse(source, error)
                    continue
                if self._refused and not self._skip_bad:
                    continue  # all that can still be done is to find what else is wrong
                for document in documents:
                    self._step(source.name)
                    if self._is_new(document, source):
                        self._new.append(document)
                        yield self._with_known_entities(document)
            if self._refused and not self._skip_bad:
                raise NothingAdded(self._refused)
            self._step(_("saving"), 0)  # from here on it can't be cancelled any more
            self.report = self._reported(skipped)

    def _step(self, what: str, n: int = 1) -> None:
        if self._cancelled():
            raise Stopped(_("Cancelled."), _("Nothing was added."))
        self._progress(min(self._done, self._total), self._total, what)
        self._done += n

    def _refuse(self, source: Source, error: FormatError) -> None:
        reason = f"{error.message} {error.hint}".strip()
        if error.line is not None:
            reason = _("line {n}: {reason}").format(n=error.line, reason=reason)
        self._refused.append((source.name, reason))

    def _reader(self, source: Source) -> Reader | None:
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
            reader: Reader = self._format or registry.reader_for(source.path, self._columns)
        except FormatError as error:
            self._refuse(source, error)
            return None
        return registry.configured(reader, self._encoding, self._columns)

    def _readers(self, files: Sequence[Source]) -> dict[Source, Reader]:
        """Who reads what; a file that is read along with another is not read once more."""
        readers: dict[Source, Reader] = {}
        claimed: set[Path] = set()
        for source in files:
            if source.path.resolve() in claimed:
                continue
            reader = self._reader(source)
            if reader is not None:
                readers[source] = reader
                claimed.update(path.resolve() for path in reader.companions(source.path))
        return readers

    def _read(self, reader: Reader, source: Source) -> list[Document]:
        """All documents of one file: a fault at its end refuses its beginning, too."""
        notes = Report()
        documents = []
        for document in reader.read(source.path, notes):
            if self._cancelled():
                raise Stopped(_("Cancelled."), _("Nothing was added."))
            if document.article.source == source.path.name:
                article = replace(document.article, source=source.name)
                document = replace(document, article=article)
            documents.append(document)
        self._notes += [f"{source.name}: {line}" for line in counted_losses(notes.losses)]
        self._notes += notes.notes
        return documents

    def _check_ids(self, documents: Sequence[Document]) -> None:
        """Ids are global: one that stands for something else here would mix the two up."""
        new = [d for d in documents if not self._twin(d)]
        used = self._project.ids_in_use([id for d in new for id in _ids(d)])
        if used:
            raise FormatError(
                _("the id {id} stands for something else in this project.").format(id=min(used)),
                _("Add the file to a new project, or give it new ids."),
            )

    def _twin(self, document: Document) -> str | None:
        return self._project.article_with_text(document.article.sha256)

    def _is_new(self, document: Document, source: Source) -> bool:
        twin = self._twin(document)
        if twin is None:
            return True
        title = document.article.title
        self._duplicates.append((source.name, title))
        if n := len(_facts(document) - _facts(self._project.document(twin, ()))):
            self._notes.append(
                ngettext(
                    "{file}: {n} new gold fact about “{title}” was left out with it.",
                    "{file}: {n} new gold facts about “{title}” were left out with it.",
                    n,
                ).format(file=source.name, n=n, title=title)
            )
        return False

    def _with_known_entities(self, document: Document) -> Document:
        """An entity that the project has already stays as the project has it."""
        known = {id: self._project.get("entity", id) for id in document.entities}
        mine = {
            id: found if isinstance(found := known[id], Entity) else entity
            for id, entity in document.entities.items()
        }
        return replace(document, entities=mine)

    def _reported(self, skipped: int) -> AddReport:
        outside = Counter(
            type for document in self._new for type in _outside(self._project.scheme, document)
        )
        return AddReport(
            added=tuple(d.article.id for d in self._new),
            mentions=sum(len(d.mentions) for d in self._new),
            relations=sum(len(d.relations) for d in self._new),
            suggestions=sum(len(d.suggestions) for d in self._new),
            duplicates=tuple(self._duplicates),
            refused=tuple(self._refused),
            notes=tuple(self._notes),
            outside=dict(outside),
            skipped=skipped,
        )


def _outside(scheme: Scheme, document: Document) -> Iterator[str]:
    """The types in `document` that `scheme` does not have, once for each occurrence."""
    for mention in document.mentions.values():
        if mention.type not in scheme.entity_types:
            yield mention.type
    for relation in document.relations.values():
        if relation.type not in scheme.relation_types:
            yield relation.type
    for item in document.suggestions.values():
        if item.type not in (scheme.relation_types if item.is_relation else scheme.entity_types):
            yield item.type


def _facts(document: Document) -> set[object]:
    """What the gold of a document says, whatever its ids are."""
    spans = {m.id: (m.type, m.fragments) for m in document.mentions.values()}
    return {
        *spans.values(),
        *((r.type, spans[r.head], spans[r.tail]) for r in document.relations.values()),
    }


def _ids(document: Document) -> Iterator[str]:
    """All ids that a document brings, but for its entities: those may be shared."""
    yield document.article.id
    yield from document.mentions
    yield from document.relations
    yield from document.suggestions
