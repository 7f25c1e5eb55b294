"""The use cases that the command line and the window share: add, suggest, export.

Each tells its progress, can be cancelled, and reports what it did and what it did not.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from core import edits
from core.annotation import Change, Document, Entity, State, Suggestion
from core.errors import FormatError, GoldsmithError, NotFound
from core.formats import Reader, Report, Writer, registry
from core.formats.files import head
from core.formats.loss import counted as counted_losses
from core.formats.text import Text as PlainText
from core.i18n import _, ngettext
from core.project import SUFFIX, ArticleRow, Project
from core.scheme import Scheme
from core.suggest import Proposal, Text, as_suggestions

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


@dataclass(frozen=True, slots=True)
class _Source:
    """A file to add, with the name under which it is reported and kept as an article's source.

    Attributes:
        refused: why it can't even be opened, empty if it can.
    """

    path: Path
    name: str
    refused: str = ""


def add_paths(
    project: Project,
    paths: Iterable[Path | str],
    *,
    format: str = "",
    encoding: str = "",
    skip_bad: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> AddReport:
    """Add files, and all files in folders, to the project: one undo step, all or nothing.

    An article whose text is in the project already is reported and not added again. Types that the
    scheme does not have are added and counted: what somebody else called gold stays gold.

    Args:
        format: name of the format that all files have; empty: judged file by file.
        encoding: of plain text files; empty: found out file by file.
        skip_bad: leave out the files that can't be read, and add the others.
        progress: called for each article, with how many there seem to be.
        cancelled: once it answers True, nothing is added.

    Raises:
        NothingAdded: a file can't be read, and not `skip_bad`; it names all such files.
    """
    reader = registry.reader(format) if format else None
    adder = _Adder(project, reader, encoding, skip_bad, progress or _quiet, cancelled or _never)
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
        skip_bad: bool,
        progress: Progress,
        cancelled: Cancelled,
    ) -> None:
        self.report = AddReport()
        self._project = project
        self._format = reader
        self._encoding = encoding
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
        sources, skipped = _sources(paths, self._format)
        readers = self._readers(sources)
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

    def _refuse(self, source: _Source, error: FormatError) -> None:
        reason = f"{error.message} {error.hint}".strip()
        if error.line is not None:
            reason = _("line {n}: {reason}").format(n=error.line, reason=reason)
        self._refused.append((source.name, reason))

    def _reader(self, source: _Source) -> Reader | None:
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
            reader: Reader = self._format or registry.reader_for(source.path)
        except FormatError as error:
            self._refuse(source, error)
            return None
        return PlainText(self._encoding) if isinstance(reader, PlainText) else reader

    def _readers(self, sources: Sequence[_Source]) -> dict[_Source, Reader]:
        """Who reads what; a file that is read along with another is not read once more."""
        readers: dict[_Source, Reader] = {}
        claimed: set[Path] = set()
        for source in sources:
            if source.path.resolve() in claimed:
                continue
            reader = self._reader(source)
            if reader is not None:
                readers[source] = reader
                claimed.update(path.resolve() for path in reader.companions(source.path))
        return readers

    def _read(self, reader: Reader, source: _Source) -> list[Document]:
        """All documents of one file: a fault at its end refuses its beginning, too."""
        notes = Report()
        documents = []
        for document in reader.read(source.path, notes):
            if self._cancelled():
                raise Stopped(_("Cancelled."), _("Nothing was added."))
            if isinstance(reader, PlainText):
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

    def _is_new(self, document: Document, source: _Source) -> bool:
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


def _sources(paths: Sequence[Path], format: Reader | None) -> tuple[list[_Source], int]:
    """The files to add, each once: those that were given, and those that folders hold; and how many
    other files the folders hold."""
    found: dict[Path, _Source] = {}
    skipped = 0
    extensions = format.extensions if format else registry.extensions()
    for path in paths:
        if not path.is_dir():
            found.setdefault(path.resolve(), _Source(path, path.name))
            continue
        files, others, faults = _walk(path, extensions)
        skipped += others
        if not files and not faults:
            faults = [
                _("no {extensions} file is in this folder.").format(
                    extensions=_(" or ").join(extensions)
                )
            ]
        if faults:
            found.setdefault(path.resolve(), _Source(path, str(path), " ".join(faults)))
        above = path.resolve().parent
        for file in files:
            name = file.resolve().relative_to(above).as_posix()
            found.setdefault(file.resolve(), _Source(file, name))
    return list(found.values()), skipped


def _walk(folder: Path, extensions: Sequence[str]) -> tuple[list[Path], int, list[str]]:
    """The files in a folder and those in it that a format may read, hidden ones left out; how many
    files are of another kind; which folders can't be read."""
    files: list[Path] = []
    others = 0
    faults: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=faults.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            if Path(name).suffix.lower() in extensions:
                files.append(Path(root) / name)
            else:
                others += 1
    reasons = [
        _("{folder} can't be read: {error}.").format(folder=f.filename, error=f.strerror)
        for f in faults
    ]
    return files, others, reasons


# -- suggest


@dataclass(frozen=True, slots=True)
class SuggestReport:
    """What `suggest` did.

    Attributes:
        done: how many articles were done.
        errors: one line for each article that could not be done.
        mentions, relations: how many suggestions were stored; what is gold or was decided before
            does not count.
        cancelled: the person stopped it; what was done until then is kept.
    """

    done: int = 0
    errors: tuple[str, ...] = ()
    mentions: int = 0
    relations: int = 0
    cancelled: bool = False


def suggest(
    project: Project,
    article_ids: Sequence[str] | None = None,
    suggester: str = "rules",
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> SuggestReport:
    """Run a suggester in a worker process and store what it proposes as soon as it is there.

    By default over all articles that are not done. An article that makes the suggester fail is
    reported, and the rest is done. Raises `SuggesterError` when it can't run at all, `NotFound`
    for an id that is not there.
    """
    from core.suggest import client

    progress, cancelled = progress or _quiet, cancelled or _never
    rows = {row.id: row for row in project.articles()}
    if article_ids is None:
        ids = [row.id for row in rows.values() if row.state != "done"]
    else:
        ids = [_row(project, id).id for id in dict.fromkeys(article_ids)]
    titles = [rows[id].title or id for id in ids]
    counts: Counter[bool] = Counter()
    errors: list[str] = []
    done = 0
    texts = (_text(project, id) for id in ids)
    proposals = client.run(suggester, project.scheme, texts, cancelled=cancelled)
    progress(0, len(ids), titles[0] if titles else "")
    for n, (title, proposal) in enumerate(zip(titles, proposals, strict=False), start=1):
        try:
            change = store_proposal(project, proposal)
        except GoldsmithError as error:
            errors.append(f"{title}: {error}")
        else:
            done += 1
            counts.update(
                image.after.is_relation
                for image in change.images
                if isinstance(image.after, Suggestion)
            )
        progress(n, len(ids), titles[n] if n < len(ids) else title)
    return SuggestReport(done, tuple(errors), counts[False], counts[True], cancelled())


def store_proposal(project: Project, proposal: Proposal) -> Change:
    """Store what a suggester proposed for one article in place of its earlier open suggestions.

    Raises `GoldsmithError`, and stores nothing of it, when the proposal carries an error or when
    the text or the scheme does not admit it.
    """
    if proposal.error:
        raise GoldsmithError(proposal.error)
    suggestions = as_suggestions(proposal)
    types = {item.id: item.type for item in suggestions if not item.is_relation}
    for item in suggestions:
        if item.is_relation:
            project.scheme.check_relation(item.type, types[item.head], types[item.tail])
        else:
            project.scheme.check_mention(item.type)
    return edits.store_suggestions(project, proposal.article, proposal.source, suggestions)


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
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
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
    writer = _writer(out, format, include_suggestions)
    _check_place(out, writer, force)
    documents = _Chosen(project, include_suggestions, only_done, ids, progress, cancelled)
    report = writer.write(documents, project.scheme, out)
    report.notes += documents.notes()
    return report


def losses(
    project: Project,
    out: Path | str,
    format: str = "",
    *,
    include_suggestions: bool = False,
    only_done: bool = False,
    ids: Sequence[str] | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Report:
    """What `export` with the same arguments would leave out, counted and listed; a dry run.

    Raises what `export` raises of the arguments.
    """
    writer = _writer(Path(out), format, include_suggestions)
    documents = _Chosen(project, include_suggestions, only_done, ids, progress, cancelled)
    report = writer.losses(documents, project.scheme)
    report.notes += documents.notes()
    return report


def _writer(out: Path, format: str, include_suggestions: bool) -> Writer:
    writer = registry.writer(format) if format else registry.writer_for(out)
    if include_suggestions and not writer.holds_suggestions:
        raise FormatError(
            _("{format} holds gold only.").format(format=writer.title),
            _("Leave the suggestions out, or choose another format."),
        )
    return writer


class _Chosen:
    """The documents of one export in their order; tells the progress, and can be cancelled."""

    def __init__(
        self,
        project: Project,
        include_suggestions: bool,
        only_done: bool,
        ids: Sequence[str] | None,
        progress: Progress | None,
        cancelled: Cancelled | None,
    ) -> None:
        rows = project.articles() if ids is None else [_row(project, id) for id in ids]
        self._rows = [row for row in rows if row.state == "done"] if only_done else rows
        self._project = project
        self._only_done = only_done
        self._states: tuple[State, ...] = ("open",) if include_suggestions else ()
        self._progress = progress or _quiet
        self._cancelled = cancelled or _never

    def __iter__(self) -> Iterator[Document]:
        n = len(self._rows)
        for done, row in enumerate(self._rows):
            if self._cancelled():
                raise Stopped(_("Cancelled."), _("Nothing was written."))
            self._progress(done, n, row.title)
            yield self._project.document(row.id, self._states)
        self._progress(n, n, _("saving"))

    def notes(self) -> list[str]:
        """Why there is no document, if there is none."""
        if self._rows:
            return []
        if self._only_done:
            return [_("No article is marked as done, so the file holds none.")]
        return [_("There is no article to write, so the file holds none.")]


def _row(project: Project, id: str) -> ArticleRow:
    row = project.article_row(id)
    if row is None:
        raise NotFound(_("There is no article {id} in this project.").format(id=id))
    return row


def _check_place(out: Path, writer: Writer, force: bool) -> None:
    if not out.parent.is_dir():
        raise FormatError(
            _("the folder {path} does not exist.").format(path=out.parent),
            _("Create it first, or choose another place."),
            str(out),
        )
    if out.is_dir():
        _check_folder(out, writer, force)
        return
    if not out.exists():
        return
    # A slip of the keyboard must not cost a project, whatever was forced.
    if head(out, 16).startswith(b"SQLite format 3\x00"):
        raise FormatError(
            _("this is a project or another database; it was not touched."),
            _("Choose another name for what you export."),
            str(out),
        )
    if writer.folder:
        raise FormatError(
            _("there is a file, and {format} needs a folder.").format(format=writer.title),
            _("Choose another name."),
            str(out),
        )
    if not force:
        raise FormatError(
            _("there is a file already."),
            _("Choose another name, or use --force to replace it."),
            str(out),
        )


def _check_folder(out: Path, writer: Writer, force: bool) -> None:
    """An export in a folder takes the place of an earlier one, and of nothing else."""
    if not writer.folder:
        raise FormatError(_("this is a folder."), _("Name a file in it."), str(out))
    inside = sorted(path.name for path in out.iterdir())
    foreign = [name for name in inside if not writer.may_replace(name)]
    if foreign:
        raise FormatError(
            _("this folder holds {name}, which is no part of an earlier export.").format(
                name=foreign[0]
            ),
            _("Choose a new folder; it was not touched."),
            str(out),
        )
    if inside and not force:
        raise FormatError(
            _("there is an export already."),
            _("Choose another name, or use --force to replace it."),
            str(out),
        )
