"""Write the gold of a project to a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core import soundness
from core.annotation import Document, Fragments, State
from core.errors import FormatError
from core.formats import Report, Writer, registry
from core.formats.files import head
from core.formats.folders import check_free
from core.i18n import _, ngettext
from core.project import Project
from core.workflow.progress import Cancelled, Progress, Stopped, never, quiet, row_of


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
        self._rows = None if ids is None else [row_of(project, id) for id in ids]
        self._project = project
        self._only_done = only_done
        self._states: tuple[State, ...] = ("open",) if include_suggestions else ()
        self._progress = progress or quiet
        self._cancelled = cancelled or never
        self._empty = True
        self._outside: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Document]:
        chosen, n = self._chosen()
        self._empty = not n
        for done, document in enumerate(self._project.documents(chosen, self._states)):
            if self._cancelled():
                raise Stopped(_("Cancelled."), _("Nothing was written."))
            self._progress(done, n, document.article.title)
            kept, lost = inside(document)
            self._outside += lost
            yield kept
        self._progress(n, n, _("saving"))

    def _chosen(self) -> tuple[Iterable[str], int]:
        if self._rows is None:
            only = self._only_done
            return self._project.article_ids(only_done=only), self._project.count(only_done=only)
        rows = [row for row in self._rows if row.state == "done" or not self._only_done]
        return [row.id for row in rows], len(rows)

    def notes(self) -> list[str]:
        """What another program's writing cost, and why there is no document, if there is none."""
        return [*left_out(self._project, self._outside), *self._none()]

    def _none(self) -> list[str]:
        if not self._empty:
            return []
        if self._only_done:
            return [_("No article is marked as done, so the file holds none.")]
        return [_("There is no article to write, so the file holds none.")]


def inside(document: Document) -> tuple[Document, Counter[str]]:
    """`document` without what another program put outside its text, which no format can hold: how
    many ``mentions`` and how many relations' ``evidence``."""
    end = len(document.article.text)

    def fits(parts: Fragments) -> bool:
        return all(f.end <= end for f in parts)

    mentions = {id: m for id, m in document.mentions.items() if fits(m.fragments)}
    relations = document.relations
    if len(mentions) < len(document.mentions):
        relations = {id: r for id, r in relations.items() if {r.head, r.tail} <= mentions.keys()}
    lost = Counter(mentions=len(document.mentions) - len(mentions))
    unproven = {id: replace(r, evidence=()) for id, r in relations.items() if not fits(r.evidence)}
    lost["evidence"] = len(unproven)
    suggestions = {
        id: s if fits(s.evidence) else replace(s, evidence=())
        for id, s in document.suggestions.items()
        if fits(s.fragments)
    }
    kept = replace(
        document,
        mentions=mentions,
        relations={**relations, **unproven} if unproven else relations,
        suggestions=suggestions,
    )
    return kept, lost


def left_out(project: Project, outside: Mapping[str, int]) -> list[str]:
    """What an export of `project` does not hold since another program wrote to the file; `outside`:
    what was outside its text, as `inside` counts it."""
    lines = []
    lost = sum(1 for _orphan in soundness.orphans(project, soundness.GOLD))
    if lost:
        lines.append(
            ngettext(
                "{n} row of gold refers to what is not there, and was left out or lost its entity: "
                "goldsmith check tells which.",
                "{n} rows of gold refer to what is not there, and were left out or lost their "
                "entity: goldsmith check tells which.",
                lost,
            ).format(n=f"{lost:,}")
        )
    if n := outside.get("mentions", 0):
        lines.append(
            ngettext(
                "{n} mention outside its text was left out: goldsmith check tells which.",
                "{n} mentions outside their text were left out: goldsmith check tells which.",
                n,
            ).format(n=f"{n:,}")
        )
    if n := outside.get("evidence", 0):
        lines.append(
            ngettext(
                "{n} relation has its evidence outside the text, and goes out without.",
                "{n} relations have their evidence outside the text, and go out without.",
                n,
            ).format(n=f"{n:,}")
        )
    return lines


def _check_place(out: Path, writer: Writer, force: bool) -> None:
    if not out.parent.is_dir():
        raise FormatError(
            _("the folder {path} does not exist.").format(path=out.parent),
            _("Create it first, or choose another place."),
            str(out),
        )
    if out.is_dir():
        if not writer.folder:
            raise FormatError(_("this is a folder."), _("Name a file in it."), str(out))
        check_free(out, force)
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
