"""The commands, one function each; typer makes the parsing, the help and the docs from them."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from core import __version__
from core.amount import amount
from core.cli import SUFFIX, existing, with_ending
from core.i18n import _, ngettext

# Nothing heavy up here: `goldsmith --help` must not wait for the database or a model.
if TYPE_CHECKING:
    from core.project import Project


class _Commands(TyperGroup):
    """All commands; whatever goes wrong in one is told, not thrown."""

    def invoke(self, ctx: Any) -> Any:
        from core.cli.say import told

        with told():
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Commands,
    name="goldsmith",
    help=_("Turn news articles into gold datasets, without the window."),
    epilog=_(
        "goldsmith PROJECT opens the window. Exit codes: 0 done; 1 refused, or check found errors; "
        "2 wrong use; 3 the project is open elsewhere; 4 unexpected; 130 stopped."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

PROJECT = Annotated[
    Path,
    typer.Argument(
        metavar="PROJECT",
        help=_("The project file; the ending {suffix} may be left out.").format(suffix=SUFFIX),
        show_default=False,
    ),
]
JSON = Annotated[bool, typer.Option("--json", help=_("Write JSON, for programs."))]
FORMAT = Annotated[
    str,
    typer.Option(
        help=_("Format of all files (goldsmith formats); else judged file by file."),
        show_default=False,
    ),
]
OFFSETS = Annotated[
    str,
    typer.Option(
        metavar="utf-16|code-points|graphemes",
        help=_("Of doccano: what its offsets count; by default UTF-16 units, where they fit."),
        show_default=False,
    ),
]
FORCE = Annotated[bool, typer.Option("--force", help=_("Replace OUT if it is there already."))]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"goldsmith {__version__}")
        raise typer.Exit


@app.callback()
def _goldsmith(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help=_("Write the version and end."), callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Options of the program itself."""


def open_project(path: Path, *, read_only: bool = False) -> Project:
    """The project that a person named."""
    from core.project import Project

    return Project.open(existing(path), read_only=read_only)


def _for_export(path: Path, whole: bool) -> Project:
    """For a dataset, near-duplicates may have to be found first, which is kept if it can be."""
    from core.errors import ProjectInUse

    if whole:
        with suppress(ProjectInUse):
            return open_project(path)
    return open_project(path, read_only=True)


def examples(*lines: str) -> str:
    """What a command's help ends with."""
    return _("Examples:") + "\n\n\b\n" + "\n".join(f"  {line}" for line in lines)


@app.command(
    short_help=_("Create a project."),
    help=_("Create a project: one file that holds articles, gold and everything else."),
    epilog=examples("goldsmith init syria", "goldsmith init reports.goldsmith --scheme re3d"),
)
def init(
    project: PROJECT,
    scheme: Annotated[
        str,
        typer.Option(help=_("A scheme that comes along (news, re3d), or a TOML file.")),
    ] = "news",
) -> None:
    from core import scheme as schemes
    from core.cli.say import tell
    from core.project import Project

    path = with_ending(project)
    with Project.create(path, schemes.load(scheme)) as made:
        tell(
            _("Created {path} in the scheme {scheme}.").format(path=path, scheme=made.scheme.name),
            _("Next: goldsmith add {path} ARTICLES…").format(path=path),
        )


@app.command(
    short_help=_("Add articles, with their gold if they have any."),
    help=_(
        "Add articles: text, pages, documents, tables, feeds, what other tools annotated, folders "
        "and zip archives of all these (goldsmith formats lists them). One undo step; if "
        "one file can't be read, nothing is added. An article that is there already is not added "
        "again. Types that the scheme does not have are kept and counted."
    ),
    epilog=examples(
        "goldsmith add syria articles/",
        "goldsmith add syria one.txt gold.jsonl",
        "goldsmith add syria old/*.txt --encoding cp1252",
        "goldsmith add syria corpus.jsonl --map map.toml",
        "goldsmith add syria doccano.jsonl --offsets graphemes",
        "goldsmith add syria table.csv --text-column story --column title=headline",
    ),
)
def add(
    project: PROJECT,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATHS", help=_("Files, folders and zip archives."), show_default=False
        ),
    ],
    map: Annotated[
        Path | None,
        typer.Option(
            help=_("A table of what types become (goldsmith scheme map)."), show_default=False
        ),
    ] = None,
    skip_bad: Annotated[
        bool,
        typer.Option(
            "--skip-bad",
            help=_("Leave out what can't be read (a line, a row, a file), add the rest."),
        ),
    ] = False,
    encoding: Annotated[
        str,
        typer.Option(
            help=_("Encoding of the text files, e.g. cp1252; found out if it is not given."),
            show_default=False,
        ),
    ] = "",
    text_column: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=_("Of tables: the column that holds the text; found by its name if not given."),
            show_default=False,
        ),
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART=NAME",
            help=_(
                "Of tables: which column holds the title, outlet, author, url, published, language "
                "or licence; may be given more than once."
            ),
            show_default=False,
        ),
    ] = None,
    format: FORMAT = "",
    offsets: OFFSETS = "",
) -> None:
    from core import typemap, workflow
    from core.cli.say import Code, progress, tell_report
    from core.formats.table import columns
    from core.formats.units import named

    chosen = columns(column or [], text_column)
    with open_project(project) as opened, progress(_("Adding")) as show:
        report = workflow.add_paths(
            opened,
            paths,
            format=format,
            encoding=encoding,
            columns=chosen,
            offsets=named(offsets),
            types=typemap.load(map) if map else None,
            skip_bad=skip_bad,
            progress=show,
        )
    tell_report(report.summary(), report.details(), added=report.added)
    if report.refused or report.bad:
        raise typer.Exit(Code.FAILED)


@app.command(
    short_help=_("Let a suggester propose mentions and relations."),
    help=_(
        "Run a suggester over the articles that are not done. What was decided before stays "
        "decided; its earlier open suggestions are replaced."
    ),
    epilog=examples(
        "goldsmith suggest syria",
        "goldsmith suggest syria --suggester spacy:en_core_web_sm",
    ),
)
def suggest(
    project: PROJECT,
    suggester: Annotated[
        str,
        typer.Option(
            help=_(
                "Its name; goldsmith suggesters lists them. By default the one that the project "
                "was last used with, at first goldsmith."
            ),
            show_default=False,
        ),
    ] = "",
    article: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help=_("Only this article, done or not; may be given more than once."),
            show_default=False,
        ),
    ] = None,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust",
            help=_("A pipeline in a folder is code: allow this one to run, without asking."),
        ),
    ] = False,
) -> None:
    from core import workflow
    from core.cli.say import Code, progress, tell, tell_some

    ask_to_trust(suggester, trust=trust)
    with open_project(project) as opened, progress(_("Suggesting")) as show:
        report = workflow.suggest(opened, article, suggester, progress=show)
    n = report.done
    tell(
        ngettext(
            "{n} article done: {mentions} and {relations} suggested.",
            "{n} articles done: {mentions} and {relations} suggested.",
            n,
        ).format(
            n=f"{n:,}",
            mentions=amount(report.mentions, "mentions"),
            relations=amount(report.relations, "relations"),
        )
    )
    if report.errors:
        n = len(report.errors)
        tell(
            ngettext("{n} article could not be done:", "{n} articles could not be done:", n).format(
                n=n
            )
        )
        tell_some(report.errors)
        raise typer.Exit(Code.FAILED)


def ask_to_trust(name: str, *, trust: bool) -> None:
    """Before a pipeline in a folder runs for the first time: ask, or take `trust` for the answer.
    Where nobody can be asked, whoever loads it refuses."""
    import sys

    from core.cli.say import tell
    from core.suggest import consent, registry

    folder = registry.folder_of(name)
    if folder is None or not folder.exists() or consent.allowed(folder):
        return
    if not trust:
        if not sys.stdin.isatty():
            return
        tell(
            _("{folder} holds a pipeline, which is code that runs as you do: {what}").format(
                folder=folder.resolve(), what=consent.describe(folder) or "–"
            )
        )
        if not typer.confirm(_("Do you trust where it comes from?"), err=True):
            return
    consent.allow(folder)


@app.command(
    short_help=_("Write the gold to a file."),
    help=_(
        "Write the gold to a file, or a folder of files. It appears whole, or not at all. What the "
        "format can't hold is counted."
    ),
    epilog=examples(
        "goldsmith export syria gold.jsonl",
        "goldsmith export syria train.spacy --only-done",
        "goldsmith export syria all.jsonl --include-suggestions",
        "goldsmith export syria gold.spacy --dry-run > losses.txt",
        "goldsmith export syria dataset/ --split 80/10/10 --seed 7 --licence 'CC BY 4.0'",
        "goldsmith export syria dataset/ --split 80/20 --format docbin --all",
    ),
)
def export(
    project: PROJECT,
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help=_("The file or folder to write."), show_default=False),
    ],
    format: Annotated[
        str,
        typer.Option(
            help=_("A format's name (goldsmith formats); else OUT's ending says it."),
            show_default=False,
        ),
    ] = "",
    include_suggestions: Annotated[
        bool,
        typer.Option(
            "--include-suggestions", help=_("Open suggestions too, told apart from gold.")
        ),
    ] = False,
    only_done: Annotated[
        bool, typer.Option("--only-done", help=_("Only articles that are marked as done."))
    ] = False,
    force: FORCE = False,
    split: Annotated[
        str,
        typer.Option(
            metavar="80/10/10",
            help=_(
                "A dataset: OUT is a folder with train, dev and test (or train and test: 80/20), a "
                "card and checksums. By article, stratified by type, near-duplicates together; "
                "only articles that are done."
            ),
            show_default=False,
        ),
    ] = "",
    card: Annotated[
        bool, typer.Option("--card", help=_("A dataset in one part, with card and checksums."))
    ] = False,
    seed: Annotated[int, typer.Option(help=_("Of the split; it is recorded in the card."))] = 0,
    every: Annotated[
        bool, typer.Option("--all", help=_("Of a dataset: all articles, done or not."))
    ] = False,
    licence: Annotated[
        str,
        typer.Option(help=_("Of a dataset: the licence of the annotation."), show_default=False),
    ] = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help=_("Write nothing; say what the format can't hold, one by one.")
        ),
    ] = False,
) -> None:
    from core import dataset, workflow
    from core.cli.say import LOSSES, for_program, progress, tell_report, write
    from core.formats.loss import weight
    from core.split import Parts

    whole = bool(split or card) and not dry_run
    with _for_export(project, whole) as opened, progress(_("Exporting")) as show:
        if whole:
            if include_suggestions:
                raise typer.BadParameter(_("a dataset holds gold only"))
            report = dataset.export(
                opened,
                out,
                format or "jsonl",
                parts=Parts.parse(split, seed) if split else None,
                only_done=not every,
                licence=licence,
                force=force,
                progress=show,
            )
        elif dry_run:
            report = workflow.losses(
                opened,
                out,
                format,
                include_suggestions=include_suggestions,
                only_done=only_done or (bool(split or card) and not every),
                progress=show,
            )
        else:
            report = workflow.export(
                opened,
                out,
                format,
                include_suggestions=include_suggestions,
                only_done=only_done,
                force=force,
                progress=show,
            )
    counts = ", ".join(amount(n, what) for what, n in report.written.items() if n) or _("nothing")
    said = _("Would write {path}: {counts}.") if dry_run else _("Wrote {path}: {counts}.")
    lost = sorted(report.lost, key=weight)
    tell_report(
        said.format(path=out, counts=counts),
        report.lines(),
        limit=None,
        lost=[loss.line() for loss in lost[:LOSSES]],
    )
    if dry_run and not for_program():
        for loss in lost:
            write(loss.line())


@app.command(
    short_help=_("Count what a project holds."),
    help=_("Count what a project holds: articles, gold by type, suggestions by suggester."),
    epilog=examples("goldsmith stats syria", "goldsmith stats syria --json"),
)
def stats(project: PROJECT, as_json: JSON = False) -> None:
    from core import quality
    from core.cli.say import write, write_table

    with open_project(project, read_only=True) as opened:
        found = quality.stats(opened)
        name = opened.scheme.name
    if as_json:
        write(json.dumps({"scheme": name, **asdict(found)}, ensure_ascii=False, indent=2))
        return
    write_table(
        [
            (_("scheme"), name),
            (_("articles"), f"{sum(found.articles.values()):,}"),
            (_("  done"), f"{found.articles['done']:,}"),
            (_("characters"), f"{found.characters:,}"),
            (_("tokens"), f"{found.tokens:,}"),
            (_("mentions"), f"{sum(found.mentions.values()):,}"),
            (_("  nested or overlapping"), f"{found.nested:,}"),
            (_("  discontinuous"), f"{found.discontinuous:,}"),
            (_("relations"), f"{sum(found.relations.values()):,}"),
            (_("entities"), f"{found.entities:,}"),
        ]
    )
    by_annotator = {who or _("(nobody: imported)"): n for who, n in found.annotators.items()}
    for title, counts in (
        (_("Mentions"), found.mentions),
        (_("Relations"), found.relations),
        (_("Gold by annotator"), by_annotator),
        (_("Gold by source"), found.sources),
    ):
        if counts:
            write(f"\n{title}")
            write_table(counts.items(), indent=2)
    if found.suggestions:
        write("\n" + _("Suggestions"))
        write_table(
            [
                ("", _("open"), _("accepted"), _("rejected"), _("accepted of decided")),
                *(
                    (
                        source,
                        s.open,
                        s.accepted,
                        s.rejected,
                        "–" if s.precision is None else f"{s.precision:.0%}",
                    )
                    for source, s in found.suggestions.items()
                ),
            ],
            indent=2,
        )


@app.command(
    short_help=_("Check the gold against the scheme and the text."),
    help=_(
        "Check the gold against the scheme and the text. Ends with 1 if there are errors; warnings "
        "alone are no failure. Copies of the project beside it that were edited apart are told, "
        "and with --against how one file stands to another."
    ),
    epilog=examples(
        "goldsmith check syria",
        "goldsmith check syria --json | jq .findings",
        "goldsmith check syria --against 'syria (conflicted copy).goldsmith'",
        "goldsmith check syria --repair",
    ),
)
def check(
    project: PROJECT,
    as_json: JSON = False,
    every: Annotated[
        bool, typer.Option("--all", help=_("Every finding, not only the first of each kind."))
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help=_(
                "For a damaged file: write what can be recovered to NAME.repaired.goldsmith, and "
                "say what could not. The file itself is not touched."
            ),
        ),
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="OTHER",
            help=_(
                "Say how another project file stands to this one: an earlier state of it, a later "
                "one, or a copy that was edited apart (ends with 1), since when, and by how much."
            ),
            show_default=False,
        ),
    ] = None,
) -> None:
    if repair:
        core.cli.keep.repair(existing(project))
        return
    if against is not None:
        core.cli.keep.compare(existing(project), existing(against), as_json=as_json)
        return
    from core import quality
    from core.cli.say import LINES, Code, tell, write

    shown: dict[str, list[quality.Finding]] = {}
    counts: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    kept: list[dict[str, Any]] = []
    with open_project(project, read_only=True) as opened:
        for finding in quality.check(opened):
            counts[finding.check] += 1
            levels[finding.level] += 1
            if as_json:
                kept.append(asdict(finding))
            elif every or counts[finding.check] <= LINES:
                shown.setdefault(finding.check, []).append(finding)
    if as_json:
        summary = {"errors": levels["error"], "warnings": levels["warning"], "findings": kept}
        write(json.dumps(summary, ensure_ascii=False, indent=2))
    for kind, findings in shown.items():
        level = _("error") if findings[0].level == "error" else _("warning")
        write(f"{level}: {_(quality.TITLES[kind])} ({counts[kind]:,})")
        for f in findings:
            place = f" {f.start}–{f.end}" if f.item else ""
            where = f"{f.title} [{f.article}{place}]: " if f.article else ""
            write(f"  {where}{f.message}")
        if counts[kind] > len(findings):
            write("  " + _("… and {n} more (--all)").format(n=f"{counts[kind] - len(findings):,}"))
    tell(f"{amount(levels['error'], 'errors')}, {amount(levels['warning'], 'warnings')}.")
    if counts["orphan"]:
        tell(
            _("What was there before, as far as the journal tells: {command}").format(
                command=f"goldsmith check {existing(project).name} --repair"
            )
        )
    core.cli.keep.tell_beside(existing(project))
    if levels["error"]:
        raise typer.Exit(Code.FAILED)


@app.command(
    short_help=_("List the suggesters that are installed, or check one."),
    help=_(
        "List the suggesters that are installed. With --check, run one on odd texts and tell "
        "what it does that a suggester must not do: for authors of plug-ins. With --trust, allow "
        "the spaCy pipeline in a folder to run: it is code, and runs only as it is now."
    ),
    epilog=examples(
        "goldsmith suggesters",
        "goldsmith suggesters --check my-plugin",
        "goldsmith suggesters --trust models/my-pipeline",
    ),
)
def suggesters(
    check: Annotated[
        str, typer.Option(metavar="NAME", help=_("Check this one."), show_default=False)
    ] = "",
    trust: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help=_("Allow the pipeline in this folder."), show_default=False
        ),
    ] = None,
) -> None:
    from core.cli.say import Code, tell, tell_some, write_table
    from core.suggest import consent, registry

    if trust is not None:
        consent.allow(trust)
        tell(
            _("It may run until anything in it changes: --suggester {name}").format(
                name=registry.in_folder(trust)
            )
        )
        return
    if not check:
        write_table(registry.available())
        return
    from core.suggest import contract

    found = contract.violations(registry.find(check))
    if found:
        tell_some(found)
        raise typer.Exit(Code.FAILED)
    tell(_("{name} keeps the contract of suggesters.").format(name=check))


@app.command(
    help=_("List the formats, and what each of them holds."),
    epilog=examples("goldsmith formats", "goldsmith formats --table"),
)
def formats(
    table: Annotated[
        bool, typer.Option("--table", help=_("What each format holds, in Markdown."))
    ] = False,
) -> None:
    from core.cli.say import write, write_table
    from core.formats import Reader, Writer, registry
    from core.formats.page import page

    if table:
        write(page().rstrip("\n"))
        return
    words = ((_("read"), Reader), (_("write"), Writer))
    write_table(
        (
            f.name,
            " ".join(f.extensions),
            " ".join(word for word, kind in words if isinstance(f, kind)),
            f.title,
        )
        for f in registry.FORMATS
    )


@app.command(hidden=True, help=_("Write docs/cli.md to stdout."))
def docs() -> None:
    from core.cli.page import page
    from core.cli.say import write

    write(page().rstrip("\n"))


import core.cli.keep  # noqa: E402
import core.cli.measuring  # noqa: E402
import core.cli.sets  # noqa: E402 (their commands are the program's, too)
