"""Commands about near-duplicates, about how far two people agree, about schemes made from files."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.amount import amount, share
from core.cli import existing
from core.cli.app import FORCE, FORMAT, JSON, OFFSETS, PROJECT, app, examples, open_project
from core.i18n import _, ngettext

if TYPE_CHECKING:
    from core.quality.agreement import Agreement, Difference, Score


class SchemeVerb(StrEnum):
    """What `goldsmith scheme` can do."""

    FROM = "from"
    MAP = "map"


@app.command(
    short_help=_("List articles that share much of their text."),
    help=_(
        "List articles that share half of the shorter text or more: the same wire story in two "
        "outlets. They are shown, not merged; a split keeps them together."
    ),
    epilog=examples("goldsmith duplicates syria", "goldsmith duplicates syria --json"),
)
def duplicates(project: PROJECT, as_json: JSON = False) -> None:
    import json

    from core import duplicates as near
    from core.cli.say import progress, tell, write, write_table

    with open_project(project) as opened, progress(_("Looking")) as show:
        total = near.unseen(opened)
        near.find(opened, lambda done: show(done, total, ""))
        pairs = near.pairs(opened)
        titles = {
            id: row.title
            for pair in pairs
            for id in (pair.article, pair.other)
            if (row := opened.article_row(id)) is not None
        }
    if as_json:
        write(json.dumps([pair._asdict() for pair in pairs], indent=2))
        return
    write_table(
        (share(pair.shared), pair.article, titles[pair.article], pair.other, titles[pair.other])
        for pair in pairs
    )
    n = len(pairs)
    tell(ngettext("{n} pair.", "{n} pairs.", n).format(n=f"{n:,}"))


@app.command(
    short_help=_("Say how far two people agree who annotated the same articles."),
    help=_(
        "Compare the gold of the articles that two project files share, the same text in both, and "
        "list what differs. Made for two people who annotated the same articles each in a file of "
        "their own. F1 of mentions (same words and type; words that overlap), of relations (same "
        "type between the same words), Cohen's kappa of the types of words that both marked."
    ),
    epilog=examples(
        "goldsmith agreement ann bob",
        "goldsmith agreement ann bob --differences > differences.txt",
        "goldsmith agreement ann bob --all --json | jq .kappa",
    ),
)
def agreement(
    a: Annotated[
        Path,
        typer.Argument(metavar="A", help=_("A project file."), show_default=False),
    ],
    b: Annotated[
        Path,
        typer.Argument(metavar="B", help=_("Another one."), show_default=False),
    ],
    as_json: JSON = False,
    every: Annotated[
        bool, typer.Option("--all", help=_("All articles, not only those that are done in both."))
    ] = False,
    differences: Annotated[
        bool, typer.Option("--differences", help=_("List all that differs, with context."))
    ] = False,
) -> None:
    import json
    from dataclasses import asdict

    from core.cli.say import LINES, progress, tell, write, write_table
    from core.errors import NotFound
    from core.quality import agreement as compare

    if existing(a).resolve() == existing(b).resolve():
        raise typer.BadParameter(_("name two project files"))
    listed: list[Difference] = []
    total = 0

    def differ(difference: Difference) -> None:
        nonlocal total
        total += 1
        if as_json or differences or total <= LINES:
            listed.append(difference)

    with (
        open_project(a, read_only=True) as first,
        open_project(b, read_only=True) as second,
        progress(_("Comparing")) as show,
    ):
        found = compare(first, second, only_done=not every, differ=differ, progress=show)
    names = (existing(a).stem, existing(b).stem)
    if names[0] == names[1]:
        names = ("A", "B")
    if not found.articles and every:
        raise NotFound(
            _("The two projects share no article."),
            _("Articles are the same when their texts are, to the character."),
        )
    if not found.articles:
        raise NotFound(
            _("The two projects share no article that is done in both."),
            _("--all compares those that are not done, too."),
        )
    if as_json:
        write(json.dumps({**found.data(), "differences": [asdict(d) for d in listed]}, indent=2))
        return
    write_table(_rows(found, names))
    write("")
    left_out = [
        _("{n} only in {name}").format(n=f"{n:,}", name=name)
        for n, name in zip((found.only_a, found.only_b), names, strict=True)
        if n
    ]
    tell(
        _("{articles} compared{others}.").format(
            articles=amount(found.articles, "articles"),
            others="".join(f", {part}" for part in left_out),
        )
    )
    for difference in listed:
        write(_line(difference, names))
    if total > len(listed):
        tell(_("… and {n} more differences: --differences.").format(n=f"{total - len(listed):,}"))


def _rows(found: Agreement, names: tuple[str, str]) -> Iterator[tuple[str | int, ...]]:
    yield ("", *names, _("both"), "F1", _("F1, overlap"))
    yield (_("mentions"), *_cells(found.exact), _share(found.overlap.f1))
    for type, score in sorted(found.exact_of.items(), key=lambda item: -item[1].a - item[1].b):
        yield (f"  {type}", *_cells(score), _share(found.overlap_of[type].f1))
    yield (_("words, of any type"), *_cells(found.spans), "")
    yield (_("relations"), *_cells(found.relations), "")
    for type, score in sorted(found.relations_of.items(), key=lambda item: -item[1].a - item[1].b):
        yield (f"  {type}", *_cells(score), "")
    yield (_("  where both marked the ends"), *_cells(found.related), "")
    yield (
        _("types of words that both marked: Cohen's kappa"), "", "",
        found.types.total(), _share(found.kappa), "",
    )  # fmt: skip


def _cells(score: Score) -> tuple[str | int, ...]:
    return score.a, score.b, score.both, _share(score.f1)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _line(d: Difference, names: tuple[str, str]) -> str:
    a, b = (f"{name}: {said or '–'}" for name, said in zip(names, (d.a, d.b), strict=True))
    return f"{d.title} ({d.article}, {d.start:,})  {a}  {b}  | {d.context}"


@app.command(
    short_help=_("Make a scheme from files, or a table from their types to a project's."),
    help=_(
        "from FILES: a scheme of the types, relations with their ends and attributes that the "
        "files hold. map PROJECT FILES: a table from the files' types to the project's, to be "
        "edited and given to goldsmith add --map."
    ),
    epilog=examples(
        "goldsmith scheme from corpus.jsonl --out corpus.toml",
        "goldsmith init reports --scheme corpus.toml",
        "goldsmith scheme map syria corpus.jsonl --out map.toml",
        "goldsmith add syria corpus.jsonl --map map.toml",
    ),
)
def scheme(
    verb: Annotated[SchemeVerb, typer.Argument(metavar="from|map", help=_("What to make."))],
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILES", help=_("Files; with map, the project comes first."), show_default=False
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help=_("The file to write; else stdout."), show_default=False),
    ] = None,
    name: Annotated[
        str, typer.Option(help=_("Name of the scheme; else the first file's."), show_default=False)
    ] = "",
    format: FORMAT = "",
    offsets: OFFSETS = "",
    force: FORCE = False,
) -> None:
    from contextlib import ExitStack

    from core import typemap
    from core.cli.say import for_program, tell, tell_report, write
    from core.errors import FormatError
    from core.formats.files import replacing
    from core.formats.units import named
    from core.observed import observe
    from core.workflow.reading import Reading

    if out is not None and out.exists() and not force:
        raise FormatError(
            _("there is a file already."),
            _("Choose another name, or use --force to replace it."),
            str(out),
        )
    project, files = (None, paths) if verb is SchemeVerb.FROM else (paths[0], paths[1:])
    if not files:
        raise typer.BadParameter(_("name the project first, then the files"))
    with ExitStack() as stack:
        reading = Reading(files, stack, format, offsets=named(offsets))
        seen = observe(reading.documents())
        if project is not None:
            with open_project(project, read_only=True) as opened:
                text = typemap.guess(seen, opened.scheme).dumps()
        else:
            declared = reading.declared()
            text = (declared or seen.scheme(name or files[0].stem)).source
    n = seen.articles
    said = ngettext("{n} article read: {types}.", "{n} articles read: {types}.", n).format(
        n=f"{n:,}",
        types=", ".join(
            (
                amount(len(seen.mentions), "types of mentions"),
                amount(len(seen.relations), "types of relations"),
            )
        ),
    )
    tell_report(said, [], scheme=text)
    if for_program():
        return
    if out is None:
        write(text.rstrip("\n"))
    else:
        with replacing(out) as file:
            file.write(text.encode())
        tell(_("Wrote {path}.").format(path=out))


@app.command(hidden=True, help=_("Read files through and write what they hold, for the window."))
def preview(
    project: PROJECT,
    paths: Annotated[list[Path], typer.Argument(metavar="PATHS")],
    format: str = "",
    encoding: str = "",
    column: Annotated[list[str] | None, typer.Option()] = None,
    offsets: OFFSETS = "",
) -> None:
    from core import typemap
    from core.cli.say import progress, write_json
    from core.formats.table import columns
    from core.formats.units import named
    from core.project import Project
    from core.workflow.preview import preview as look

    with Project.open(project, read_only=True) as opened, progress(_("Reading")) as show:
        scheme, kept = opened.scheme, typemap.kept(opened.setting(typemap.KEPT))
        found = look(
            paths,
            scheme,
            format=format,
            encoding=encoding,
            columns=columns(column or []),
            offsets=named(offsets),
            kept=kept,
            progress=show,
        )
    write_json(preview=found.as_dict())
