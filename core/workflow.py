"""The use cases that the command line and the window share: add, suggest, export.

Each tells its progress, can be cancelled, and reports what it did and what it did not.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from core import edits
from core.annotation import Document, State, Suggestion
from core.errors import ConstraintError, FormatError, GoldsmithError, NotFound, SuggesterError
from core.formats import Reader, Report, registry
from core.formats.files import head
from core.formats.text import Text as PlainText
from core.i18n import _, ngettext
from core.project import ArticleRow, Project
from core.suggest import Text, as_suggestions

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with how much is done, of how much, and what is being done; the units are the caller's."""

Cancelled: TypeAlias = Callable[[], bool]


class Stopped(GoldsmithError):
    """A person cancelled what was going on; what was begun is undone."""


def _quiet(done: int, total: int, what: str) -> None:
    """No progress."""


def _never() -> bool:
    """Nobody cancels."""
    return False


# -- add


@dataclass(slots=True)
class FileReport:
    """What became of one file.

    Attributes:
        name: the file as the report calls it: relative to the folder that was given, if one was.
        format: the name of its format, empty if it has none.
        added: ids of the articles that are in the project now.
        duplicates: one line for a person for each article that was there already.
        refused: why nothing of this file can be added, empty if it can.
        notes: what a person should know though it was added.
    """

    name: str
    format: str = ""
    added: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    refused: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class AddReport:
    """What `add_paths` did.

    Attributes:
        files: what became of each file, in their order.
        mentions, relations: how many came along as gold.
        suggestions: how many came along.
        outside: types that the project's scheme does not have, with how many mentions or relations
            have them (they were added all the same).
        skipped: files in the given folders that no format claims.
        cancelled: the person stopped it; nothing was added.
    """

    files: list[FileReport] = field(default_factory=list)
    mentions: int = 0
    relations: int = 0
    suggestions: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    outside_relations: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    cancelled: bool = False

    @property
    def added(self) -> list[str]:
        """Ids of the articles that were added."""
        return [id for file in self.files for id in file.added]

    @property
    def duplicates(self) -> list[str]:
        """One line for each article that was in the project already."""
        return [line for file in self.files for line in file.duplicates]

    @property
    def refused(self) -> list[str]:
        """One line for each file of which nothing was added."""
        return [file.refused for file in self.files if file.refused]

    def summary(self) -> str:
        """What was added and what was not, in one line."""
        n = len(self.added)
        parts = [ngettext("{n} article", "{n} articles", n).format(n=n)]
        for count, one, many in (
            (self.mentions, "{n} mention", "{n} mentions"),
            (self.relations, "{n} relation", "{n} relations"),
            (self.suggestions, "{n} suggestion", "{n} suggestions"),
        ):
            if count:
                parts.append(ngettext(one, many, count).format(n=f"{count:,}"))
        lines = [_("Added: {what}.").format(what=", ".join(parts))]
        if self.cancelled:
            lines = [_("Stopped. Nothing was added.")]
        n = len(self.duplicates)
        if n:
            lines.append(
                ngettext(
                    "{n} was in the project already.", "{n} were in the project already.", n
                ).format(n=n)
            )
        n = len(self.refused)
        if n:
            lines.append(
                ngettext("{n} file was refused.", "{n} files were refused.", n).format(n=n)
            )
        return " ".join(lines)

    def details(self) -> list[str]:
        """Everything else that a person should know, a line each; empty if all went as expected."""
        lines = self.refused + self.duplicates
        lines += [note for file in self.files for note in file.notes]
        for counter, words in (
            (self.outside, _("Entity types that the scheme does not have: {types}.")),
            (self.outside_relations, _("Relations that the scheme does not have: {types}.")),
        ):
            if counter:
                types = ", ".join(f"{type} ({n:,})" for type, n in counter.most_common())
                lines.append(words.format(types=types) + " " + _("They were kept as they are."))
        if self.skipped:
            lines.append(
                ngettext(
                    "{n} file of another kind was left alone.",
                    "{n} files of other kinds were left alone.",
                    self.skipped,
                ).format(n=self.skipped)
            )
        return lines


class NothingAdded(GoldsmithError):
    """Some files can't be added, and so none was.

    Attributes:
        report: says which, and why.
    """

    def __init__(self, report: AddReport) -> None:
        refused = report.refused
        n = len(refused)
        super().__init__(
            refused[0]
            if n == 1
            else ngettext("{n} file can't be added.", "{n} files can't be added.", n).format(n=n)
            + " "
            + refused[0],
            _("Nothing was added."),
        )
        self.report = report


@dataclass(frozen=True, slots=True)
class _Source:
    """A file to add, with the name under which it is reported and kept as an article's source."""

    path: Path
    name: str


def add_paths(
    project: Project,
    paths: Iterable[Path | str],
    *,
    skip_bad: bool = False,
    encoding: str = "",
    progress: Progress = _quiet,
    cancelled: Cancelled = _never,
) -> AddReport:
    """Add files, and all files in folders, to the project: one undo step, all or nothing.

    An article whose text is in the project already is reported and not added again. Types that the
    scheme does not have are added and counted. Cancelling adds nothing.

    Args:
        skip_bad: leave out the files that can't be read, and add the others.
        encoding: of plain text files; found out where it is empty.

    Raises:
        NothingAdded: a file can't be read, and not `skip_bad`; its report names all such files.
    """
    report = AddReport()
    sources = _sources([Path(p) for p in paths], report)
    adder = _Adder(project, report, encoding, skip_bad, progress, cancelled)
    try:
        edits.add_documents(project, adder.documents(sources))
    except Stopped:
        for file in report.files:
            file.added.clear()
        return AddReport(files=report.files, skipped=report.skipped, cancelled=True)
    return report


class _Adder:
    """One call of `add_paths`: yields what is to be added while it writes the report."""

    def __init__(
        self,
        project: Project,
        report: AddReport,
        encoding: str,
        skip_bad: bool,
        progress: Progress,
        cancelled: Cancelled,
    ) -> None:
        self._project = project
        self._report = report
        self._encoding = encoding
        self._skip_bad = skip_bad
        self._progress = progress
        self._cancelled = cancelled
        self._done = self._total = 0

    def documents(self, sources: Sequence[_Source]) -> Iterator[Document]:
        """The documents to add, judged while those before them are in the transaction already."""
        readers = [self._reader(source) for source in sources]
        self._total = sum(
            reader.expected(source.path)
            for reader, source in zip(readers, sources, strict=True)
            if reader is not None
        )
        for reader, source in zip(readers, sources, strict=True):
            if reader is None:
                continue
            file = next(f for f in self._report.files if f.name == source.name)
            before = self._done
            try:
                documents = self._read(reader, source, file)
                self._check_ids(documents, source)
            except FormatError as error:
                file.refused = str(error)
                continue
            if self._report.refused and not self._skip_bad:
                continue  # all that can still be done is to find what else is wrong
            self._done = before
            for document in documents:
                self._step(source.name)
                if self._is_new(document, file):
                    file.added.append(document.article.id)
                    self._count(document)
                    yield self._with_known_entities(document)
        if self._report.refused and not self._skip_bad:
            raise NothingAdded(self._report)
        self._progress(self._total, self._total, _("saving"))

    def _step(self, what: str) -> None:
        if self._cancelled():
            raise Stopped(_("Stopped."), _("Nothing was added."))
        self._progress(min(self._done, self._total), self._total, what)
        self._done += 1

    def _reader(self, source: _Source) -> Reader | None:
        file = FileReport(source.name)
        self._report.files.append(file)
        try:
            reader = registry.reader_for(source.path)
        except FormatError as error:
            file.refused = str(error)
            return None
        file.format = reader.name
        if self._encoding and isinstance(reader, PlainText):
            return PlainText(self._encoding)
        return reader

    def _read(self, reader: Reader, source: _Source, file: FileReport) -> list[Document]:
        """All documents of one file: a fault at its end refuses its beginning, too."""
        notes = Report()
        documents = []
        for document in reader.read(source.path, notes):
            if self._cancelled():
                raise Stopped(_("Stopped."), _("Nothing was added."))
            if isinstance(reader, PlainText):
                article = replace(document.article, source=source.name)
                document = replace(document, article=article)
            documents.append(document)
        file.notes.extend([*notes.lost, *notes.notes])
        return documents

    def _check_ids(self, documents: Sequence[Document], source: _Source) -> None:
        """Ids are global: one that stands for something else here would mix the two up."""
        new = [d for d in documents if not self._twin(d)]
        used = self._project.ids_in_use([id for d in new for id in _ids(d)])
        if used:
            raise FormatError(
                _("the id {id} stands for something else in this project.").format(id=min(used)),
                _("Add the file to a new project, or give it new ids."),
                str(source.path),
            )

    def _twin(self, document: Document) -> str | None:
        return self._project.article_with_text(document.article.sha256)

    def _is_new(self, document: Document, file: FileReport) -> bool:
        twin = self._twin(document)
        if twin is None:
            return True
        line = _("{name}: “{title}” is in the project already and was not added again.").format(
            name=file.name, title=document.article.title
        )
        n = len(document.mentions) + len(document.relations)
        if n and twin != document.article.id:
            line += " " + ngettext(
                "{n} gold mention or relation that it has here was left out.",
                "{n} gold mentions and relations that it has here were left out.",
                n,
            ).format(n=n)
        file.duplicates.append(line)
        return False

    def _with_known_entities(self, document: Document) -> Document:
        """An entity that the project has already stays as the project has it."""
        known = self._project.ids_in_use(list(document.entities))
        if not known:
            return document
        mine = {id: self._project.get("entity", id) or e for id, e in document.entities.items()}
        return replace(document, entities=mine)

    def _count(self, document: Document) -> None:
        report, scheme = self._report, self._project.scheme
        report.mentions += len(document.mentions)
        report.relations += len(document.relations)
        report.suggestions += len(document.suggestions)
        report.outside.update(
            m.type for m in document.mentions.values() if m.type not in scheme.entity_types
        )
        report.outside_relations.update(
            r.type for r in document.relations.values() if r.type not in scheme.relation_types
        )


def _ids(document: Document) -> Iterator[str]:
    """All ids that a document brings, but for its entities: those may be shared."""
    yield document.article.id
    yield from document.mentions
    yield from document.relations
    yield from document.suggestions


def _sources(paths: Sequence[Path], report: AddReport) -> list[_Source]:
    """The files to add, each once: those that were given, and those that folders hold."""
    found: dict[Path, _Source] = {}
    for path in paths:
        if not path.is_dir():
            found.setdefault(path.resolve(), _Source(path, path.name))
            continue
        files = _walk(path, report)
        if not files:
            report.files.append(
                FileReport(
                    path.name,
                    refused=_("{folder}: no {extensions} file is in this folder.").format(
                        folder=path, extensions=" or ".join(registry.extensions())
                    ),
                )
            )
        above = path.resolve().parent
        for file in files:
            name = file.resolve().relative_to(above).as_posix()
            found.setdefault(file.resolve(), _Source(file, name))
    return list(found.values())


def _walk(folder: Path, report: AddReport) -> list[Path]:
    """The files in a folder and those in it that a format may read, hidden ones left out."""
    files = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            if Path(name).suffix.lower() in registry.extensions():
                files.append(Path(root) / name)
            else:
                report.skipped += 1
    return files


# -- suggest


@dataclass(slots=True)
class SuggestReport:
    """What `suggest` did.

    Attributes:
        articles: how many were done.
        mentions, relations: how many open suggestions they have of this suggester now.
        errors: one line for each article that could not be done.
        cancelled: the person stopped it; what was done until then is kept.
    """

    articles: int = 0
    mentions: int = 0
    relations: int = 0
    errors: list[str] = field(default_factory=list)
    cancelled: bool = False


def suggest(
    project: Project,
    article_ids: Sequence[str] | None = None,
    suggester: str = "rules",
    *,
    progress: Progress = _quiet,
    cancelled: Cancelled = _never,
) -> SuggestReport:
    """Run a suggester in a worker process and store what it proposes, an article at a time.

    By default over all articles that are not done. An article that makes the suggester fail is
    reported, and the rest is done. Raises `SuggesterError` when it can't run at all, `NotFound`
    for an id that is not there.
    """
    from core.suggest import client

    report = SuggestReport()
    rows = {row.id: row for row in project.articles()}
    if article_ids is None:
        ids = [row.id for row in rows.values() if row.state != "done"]
    else:
        ids = [project.article(id).id for id in article_ids]
    if ids:
        progress(0, len(ids), rows[ids[0]].title)
    texts = (_text(project, id) for id in ids)
    proposals = client.run(suggester, project.scheme, texts, cancelled=cancelled)
    for done, proposal in enumerate(proposals, start=1):
        error = proposal.error
        if not error:
            try:
                change = edits.store_suggestions(
                    project, proposal.article, proposal.source, as_suggestions(proposal)
                )
            except (ConstraintError, SuggesterError) as refused:
                error = str(refused)
            else:
                report.articles += 1
                for image in change.images:
                    if isinstance(image.after, Suggestion) and image.after.state == "open":
                        report.mentions += not image.after.is_relation
                        report.relations += image.after.is_relation
        title = rows[proposal.article].title
        if error:
            report.errors.append(_("{title}: {error}").format(title=title, error=error))
        progress(done, len(ids), title)
    report.cancelled = cancelled()
    return report


def _text(project: Project, id: str) -> Text:
    article = project.article(id)
    return Text(id, article.text, article.language or project.scheme.language)


# -- export


def export(
    project: Project,
    out: Path | str,
    format: str = "",
    *,
    include_suggestions: bool = False,
    only_done: bool = False,
    ids: Sequence[str] | None = None,
    force: bool = False,
    progress: Progress = _quiet,
    cancelled: Cancelled = _never,
) -> Report:
    """Write the project's gold to `out`; it appears there whole, or not at all.

    Args:
        format: a writer's name; by default the one that `out`'s ending says.
        include_suggestions: write the open suggestions, too, where the format can tell them apart.
        only_done: only articles that are marked as done.
        ids: only these articles.
        force: replace what is at `out`.

    Raises:
        FormatError: the format, the place or an article does not allow it.
        NotFound: an id that is not there.
        Stopped: it was cancelled.
    """
    out = Path(out)
    writer = registry.writer(format) if format else registry.writer_for(out)
    if include_suggestions and not writer.holds_suggestions:
        raise FormatError(
            _("{format} holds gold only.").format(format=writer.title),
            _("Leave the suggestions out, or choose another format."),
        )
    _check_place(out, force)
    wanted = project.articles() if ids is None else [_row(project, id) for id in ids]
    if only_done:
        wanted = [row for row in wanted if row.state == "done"]
    states: tuple[State, ...] = ("open",) if include_suggestions else ()

    def documents() -> Iterator[Document]:
        for done, row in enumerate(wanted):
            if cancelled():
                raise Stopped(_("Stopped."), _("Nothing was written."))
            progress(done, len(wanted), row.title)
            yield project.document(row.id, states)
        progress(len(wanted), len(wanted), _("saving"))

    report = writer.write(documents(), project.scheme, out)
    if not wanted:
        report.notes.append(
            _("No article is marked as done, so the file holds none.")
            if only_done
            else _("There is no article to write, so the file holds none.")
        )
    return report


def _row(project: Project, id: str) -> ArticleRow:
    row = project.article_row(id)
    if row is None:
        raise NotFound(_("There is no article {id} in this project.").format(id=id))
    return row


def _check_place(out: Path, force: bool) -> None:
    if out.is_dir():
        raise FormatError(_("this is a folder."), _("Name a file in it."), str(out))
    if not out.parent.is_dir():
        raise FormatError(
            _("the folder {path} does not exist.").format(path=out.parent),
            _("Create it first, or choose another place."),
            str(out),
        )
    if not out.exists():
        return
    # A slip of the keyboard must not cost a project, whatever was forced.
    if head(out, 16).startswith(b"SQLite format 3\x00"):
        raise FormatError(
            _("this is a project or another database; it was not touched."),
            _("Choose another name for what you export."),
            str(out),
        )
    if not force:
        raise FormatError(
            _("there is a file already."),
            _("Choose another name, or use --force to replace it."),
            str(out),
        )
