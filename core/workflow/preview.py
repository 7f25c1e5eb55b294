"""What a person sees of files before they are added: formats, first articles, types, columns."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core import typemap
from core.amount import amount
from core.annotation import Document
from core.errors import FormatError
from core.formats import Report, table
from core.formats.table import Columns
from core.formats.units import Unit
from core.i18n import ngettext
from core.observed import Observed
from core.scheme import Scheme
from core.typemap import TypeMap
from core.workflow.add_report import said
from core.workflow.progress import Progress, quiet
from core.workflow.reading import Reading

FILES = 1_000  # that are listed one by one
SHOWN = 20  # articles
_LENGTH = 1_500  # characters of an article


@dataclass(slots=True)
class Preview:
    """What files hold, as far as a person must know before adding them. Plain data throughout.

    Attributes:
        files: ``name``, ``format`` and ``title`` of the format, ``articles``, ``fault`` (empty if
            there is none), the first `FILES` of them. A fault is that of the whole file, or of
            the first of those of its articles that can't be read.
        bad: how many files have a fault.
        articles: ``title``, ``text``, ``facts`` of the first `SHOWN`.
        header: the columns of the first table, empty if there is none; `columns` are those that
            were found for the parts of an article.
        mentions, relations: how often each type was seen.
        table: what the types would become, by what is surely the same in the project's scheme.
    """

    files: list[dict[str, Any]] = field(default_factory=list)
    bad: int = 0
    total: int = 0
    articles: list[dict[str, str]] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    mentions: dict[str, int] = field(default_factory=dict)
    relations: dict[str, int] = field(default_factory=dict)
    table: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For another process."""
        return asdict(self)


def preview(
    paths: Sequence[Path],
    scheme: Scheme,
    *,
    format: str = "",
    encoding: str = "",
    columns: Columns | None = None,
    offsets: Unit | None = None,
    kept: TypeMap | None = None,
    progress: Progress | None = None,
) -> Preview:
    """Read files through and add nothing. A file that can't be read is a fault, not an error.

    Args:
        kept: an earlier table, which counts more than what is guessed.
    """
    progress = progress or quiet
    result = Preview()
    seen = Observed()
    with ExitStack() as stack:
        reading = Reading(paths, stack, format, encoding, columns, offsets)
        for source, error in reading.refused:
            _list(result, source.name, "", "", 0, said(error))
        expected = sum(reader.expected(source.path) for source, reader in reading.files)
        for source, reader in reading.files:
            count, fault = 0, ""
            if not result.header and isinstance(reader, table.Csv | table.Records):
                _columns(result, source.path, encoding, columns)
            report = Report(skip_bad=True)
            try:
                for document in reader.read(source.path, report):
                    count += 1
                    seen.see(document)
                    if len(result.articles) < SHOWN:
                        result.articles.append(_shown(document))
                    progress(min(seen.articles, expected), expected, source.name)
            except FormatError as error:
                fault = said(error)
            fault = _some(report) if report.bad else fault
            _list(result, source.name, reader.name, reader.title, count, fault)
    result.total = seen.articles
    result.mentions = dict(seen.mentions.most_common())
    result.relations = dict(seen.relations.most_common())
    guessed = typemap.guess(seen, scheme)
    if kept:
        mine = TypeMap(
            {t: to for t, to in kept.mentions.items() if t in seen.mentions},
            {t: to for t, to in kept.relations.items() if t in seen.relations},
            kept.reversed & seen.relations.keys(),
        )
        guessed = guessed.updated(mine)
    result.table = guessed.dumps()
    return result


def _list(result: Preview, name: str, format: str, title: str, articles: int, fault: str) -> None:
    result.bad += bool(fault)
    if len(result.files) < FILES:
        result.files.append(
            {"name": name, "format": format, "title": title, "articles": articles, "fault": fault}
        )


def _some(report: Report) -> str:
    """What is wrong with the first of the articles that can't be read, and how many there are."""
    n = report.refused - 1
    first = said(report.bad[0], report.bad[0].message)
    more = ngettext("{n} more article is bad.", "{n} more articles are bad.", n)
    return f"{first} {more.format(n=f'{n:,}')}" if n else first


def _columns(result: Preview, path: Path, encoding: str, columns: Columns | None) -> None:
    try:
        found = table.preview(path, encoding)
        chosen = (columns or Columns()).completed(found.header)
    except FormatError:
        return  # reading it says what is wrong
    result.header = list(found.header)
    result.columns = chosen.chosen()


def _shown(document: Document) -> dict[str, str]:
    article = document.article
    facts = [article.outlet, article.published[:10], article.language]
    if document.mentions:
        facts.append(
            ", ".join(
                (
                    amount(len(document.mentions), "mentions"),
                    amount(len(document.relations), "relations"),
                )
            )
        )
    cut = article.text[:_LENGTH]
    text = cut if len(cut) == len(article.text) else cut + " …"
    return {
        "title": article.title,
        "text": text,
        "facts": " · ".join(fact for fact in facts if fact),
    }
