"""A dataset, not a dump: parts, a card that says what is in it and how it was made, checksums.

A folder with one file (or folder) a part, ``README.md`` (the card), ``dataset.json`` (the same
facts for programs, and which article is in which part), ``scheme.toml`` and ``SHA256SUMS``. Nothing
in it depends on the clock or the machine: the same project gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import __version__, card, duplicates
from core.annotation import Document, Mention, Relation
from core.article import tokens
from core.errors import FormatError
from core.formats import Report, Writer, registry
from core.formats.folders import LIST, check_free, replacing_folder
from core.i18n import _
from core.project import Project
from core.split import Parts, split
from core.workflow.exporting import inside, left_out
from core.workflow.progress import Cancelled, Progress, Stopped, never, quiet

FILES = ("README.md", "dataset.json", "scheme.toml", "SHA256SUMS")


@dataclass(slots=True)
class Facts:
    """What the card of one dataset, or of one part of it, counts.

    Attributes:
        kinds: mentions (``mention TYPE``) and relations (``relation TYPE``) by type.
        annotators: gold facts by the person who decided last; "" for imported ones.
        sources: gold facts by what proposed them.
        outlets, languages, licences: articles by what they say of themselves.
        published: first and last date.
        twice: articles with gold of more than one person.
    """

    articles: int = 0
    characters: int = 0
    tokens: int = 0
    mentions: int = 0
    relations: int = 0
    entities: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    annotators: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    outlets: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    published: tuple[str, str] = ("", "")
    twice: int = 0

    def count(self, document: Document) -> None:
        """Count one document."""
        article = document.article
        self.articles += 1
        self.characters += len(article.text)
        self.tokens += len(tokens(article.text))
        self.mentions += len(document.mentions)
        self.relations += len(document.relations)
        self.entities.update(document.entities)
        self.kinds.update(f"mention {m.type}" for m in document.mentions.values())
        self.kinds.update(f"relation {r.type}" for r in document.relations.values())
        gold: list[Mention | Relation] = [*document.mentions.values(), *document.relations.values()]
        self.annotators.update(item.annotator for item in gold)
        self.sources.update(item.source for item in gold)
        self.twice += len({item.annotator for item in gold} - {""}) > 1
        self.outlets[article.outlet] += 1
        self.languages[article.language] += 1
        self.licences[article.licence] += 1
        if date := article.published[:10]:
            first, last = self.published
            self.published = (min(first or date, date), max(last, date))

    def as_dict(self) -> dict[str, Any]:
        """For ``dataset.json``."""
        most = {
            name: dict(sorted(getattr(self, name).items(), key=lambda item: (-item[1], item[0])))
            for name in ("kinds", "annotators", "sources", "outlets", "languages", "licences")
        }
        return {
            "articles": self.articles,
            "characters": self.characters,
            "tokens": self.tokens,
            "mentions": self.mentions,
            "relations": self.relations,
            "entities": len(self.entities),
            "published": list(self.published),
            **most,
        }


def export(
    project: Project,
    out: Path | str,
    format: str = "jsonl",
    *,
    parts: Parts | None = None,
    only_done: bool = True,
    licence: str = "",
    force: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Report:
    """Write the gold of a project as a dataset into the folder `out`, whole or not at all.

    Args:
        format: a writer's name.
        parts: how to split; None: one part, ``data``.
        only_done: only articles that are marked as done.
        licence: of the annotation, for the card.
        force: replace an earlier export at `out`.

    Raises:
        FormatError: the format or the place does not allow it, or there is no article.
        Stopped: it was cancelled.
    """
    out = Path(out)
    writer = registry.writer(format)
    _check(out, force)
    parts = parts or Parts.parse("100")
    watch = _Watch(project.count(only_done=only_done), progress or quiet, cancelled or never)
    if not watch.total:
        raise FormatError(
            _("no article is marked as done.") if only_done else _("there is no article."),
            _("Mark what is finished as done (Ctrl+Enter), or ask for all articles: --all.")
            if only_done
            else _("Add articles first."),
        )
    _find_duplicates(project, parts)
    counts = project.type_counts(only_done=only_done)
    groups = [
        inside
        for group in duplicates.groups(project)
        if len(inside := [id for id in group if id in counts]) > 1
    ]
    chosen = split(counts, groups, parts)
    report = Report()
    facts = {name: Facts() for name in parts.shares}
    with replacing_folder(out) as folder:
        for name in parts.shares:
            ids = (id for id in project.article_ids(only_done=only_done) if chosen[id] == name)
            target = folder / (name if writer.folder else name + writer.extensions[0])
            documents = watch.documents(project.documents(ids), facts[name])
            _add_report(report, writer.write(documents, project.scheme, target))
            if writer.folder:
                (target / LIST).unlink()  # the whole dataset has one
        said = _said(project, writer, parts, facts, chosen, groups, report, licence, only_done)
        (folder / "scheme.toml").write_text(project.scheme.source, encoding="utf-8", newline="\n")
        text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
        (folder / "dataset.json").write_text(text, encoding="utf-8", newline="\n")
        sums = _sums(folder)
        page = card.page(said, project.scheme, hashlib.sha256(sums.encode()).hexdigest())
        (folder / "README.md").write_text(page, encoding="utf-8", newline="\n")
        (folder / "SHA256SUMS").write_text(sums, encoding="utf-8", newline="\n")
    report.files = [out]
    report.notes += left_out(project, watch.outside)
    return report


def _find_duplicates(project: Project, parts: Parts) -> None:
    """Make sure that all near-duplicates are known, where that matters."""
    unseen = duplicates.unseen(project)
    if unseen and len(parts.shares) > 1:
        if project.read_only:
            raise FormatError(
                _("{n} articles were not yet looked at for near-duplicates.").format(
                    n=f"{unseen:,}"
                ),
                _("Close the project elsewhere, so that it can be opened for writing."),
            )
        duplicates.find(project)


class _Watch:
    """Tells how far it is over all parts, counts what goes by, and stops when it is cancelled."""

    def __init__(self, total: int, progress: Progress, cancelled: Cancelled) -> None:
        self.total = total
        self._progress = progress
        self._cancelled = cancelled
        self._done = 0
        self.outside: Counter[str] = Counter()

    def documents(self, documents: Iterable[Document], facts: Facts) -> Iterator[Document]:
        """`documents`, counted."""
        for document in documents:
            if self._cancelled():
                raise Stopped(_("Cancelled."), _("Nothing was written."))
            kept, lost = inside(document)
            self.outside += lost
            facts.count(kept)
            yield kept
            self._done += 1
            self._progress(self._done, self.total, document.article.title)


def _check(out: Path, force: bool) -> None:
    if out.exists() and not out.is_dir():
        raise FormatError(
            _("there is a file, and a dataset is a folder."), _("Choose another name."), str(out)
        )
    if out.is_dir():
        check_free(out, force)
    if not out.parent.is_dir():
        raise FormatError(
            _("the folder {path} does not exist.").format(path=out.parent),
            _("Create it first, or choose another place."),
            str(out),
        )


def _add_report(report: Report, part: Report) -> None:
    for what, n in part.written.items():
        report.count(what, n)
    report.lost += part.lost
    for kind, n in part.losses.items():
        report.losses[kind] = report.losses.get(kind, 0) + n
    report.notes += [note for note in part.notes if note not in report.notes]


def _said(
    project: Project,
    writer: Writer,
    parts: Parts,
    facts: dict[str, Facts],
    chosen: dict[str, str],
    groups: list[list[str]],
    report: Report,
    licence: str,
    only_done: bool,
) -> dict[str, Any]:
    last = project.journal(1)
    names = sorted({name for f in facts.values() for name in f.annotators} - {""})
    return {
        "name": project.path.stem,
        "made_with": f"Goldsmith {__version__}",
        "last_edit": last[0].at[:10] if last else "",
        "format": writer.name,
        "articles": "done" if only_done else "all",
        "split": {"parts": parts.shown(), "seed": parts.seed} if len(parts.shares) > 1 else None,
        "licence": licence,
        "annotators": names,
        "annotated_by_several": sum(f.twice for f in facts.values()),
        "scheme": {"name": project.scheme.name, "version": project.scheme.version},
        "near_duplicates": groups,
        "not_held": dict(sorted(report.losses.items())),
        "parts": {name: f.as_dict() for name, f in facts.items()},
        "part_of": dict(sorted(chosen.items())),
    }


def _sums(folder: Path) -> str:
    lines = []
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    return "".join(lines)
