"""The command that measures how much work suggestions save."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.app import JSON, PROJECT, app, examples, open_project
from core.i18n import _

if TYPE_CHECKING:
    from core.annotation import Document
    from core.project import Project
    from core.replay import Desk, Report
    from core.scheme import Scheme


class Order(StrEnum):
    """The order in which the articles are played."""

    GIVEN = "given"
    REVERSED = "reversed"
    SHORT = "short"
    LONG = "long"
    USEFUL = "useful"


class ArticleOrder(StrEnum):
    """`core.order.Order`, which would import the project."""

    GIVEN = "given"
    USEFUL = "useful"


class Confirm(StrEnum):
    """How right suggestions are accepted once what is wrong was corrected."""

    EACH = "each"
    SENTENCE = "sentence"
    ARTICLE = "article"


@app.command(
    short_help=_("Measure how much work suggestions save on gold articles."),
    help=_(
        "Play a careful annotator over the articles of GOLD, one after another, with the window's "
        "own commands, and count every key press, click and drag. 1.0 is somebody who marks "
        "everything by hand (two actions a mention, three a relation); string match is what other "
        "tools ship. The suggesters must not have been trained on GOLD. docs/replay.md says what "
        "is counted."
    ),
    epilog=examples(
        "goldsmith replay gold.jsonl --scheme re3d",
        "goldsmith replay gold.jsonl --scheme news --suggesters rules,memory --plot replay.svg",
    ),
)
def replay(
    gold: Annotated[
        Path,
        typer.Argument(metavar="GOLD", help=_("A file of gold articles."), show_default=False),
    ],
    scheme: Annotated[str, typer.Option(help=_("The scheme: its name, or a TOML file."))] = "news",
    suggesters: Annotated[
        str,
        typer.Option(
            help=_(
                "What helps, with commas: suggesters by name, memory for what the annotator "
                "decided before, learner for a model that is taught on the way, on top of the "
                "first. The first that proposes a span keeps it."
            )
        ),
    ] = "goldsmith,memory,learner",
    order: Annotated[Order, typer.Option(help=_("The order of the articles."))] = Order.GIVEN,
    confirm: Annotated[
        Confirm,
        typer.Option(help=_("Accept what is right one by one, by sentence or by article.")),
    ] = Confirm.ARTICLE,
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once/--picker",
            help=_("Drags mark and relate at once as what is likeliest, or open a picker."),
        ),
    ] = True,
    limit: Annotated[
        int, typer.Option(min=1, help=_("At most this many articles."), show_default=False)
    ] = 1_000_000,
    out: Annotated[
        Path | None,
        typer.Option("--json", metavar="OUT", help=_("Write all figures to this file.")),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="OUT", help=_("Draw the curves: an SVG file.")),
    ] = None,
) -> None:
    from core import scheme as schemes
    from core.cli.say import tell
    from core.formats.files import replacing
    from core.replay.desks import Layers, Strings
    from core.replay.plot import svg

    chosen = schemes.load(scheme)
    documents = _ordered(_gold(gold), order)[:limit]
    names = [name.strip() for name in suggesters.split(",") if name.strip()]
    memory = "memory" in names
    layers = [name for name in names if name not in ("memory", "learner")]
    learner = "learner" in names
    reports = [
        _play(
            " + ".join(names), documents, chosen, confirm, at_once, order,
            lambda project: Layers(project, layers, memory=memory, learner=learner),
        ),
        _play(_("string match"), documents, chosen, confirm, at_once, order, Strings),
    ]  # fmt: skip
    _show(reports)
    if out is not None:
        data = [report.data() for report in reports]
        text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
        with replacing(out) as file:
            file.write(text.encode())
    if plot is not None:
        with replacing(plot) as file:
            file.write(svg(reports).encode())
    for path in (out, plot):
        if path is not None:
            tell(_("Wrote {path}.").format(path=path))


@app.command(
    short_help=_("Teach the project's learner from its finished articles."),
    help=_(
        "Teach the project's own learner from the articles that are done, and say what it knows. "
        "The window does so by itself, and uses it. The model lies beside the project."
    ),
    epilog=examples("goldsmith learn syria"),
)
def learn(project: PROJECT, as_json: JSON = False) -> None:
    from dataclasses import asdict

    from core import workflow
    from core.cli.say import progress, write, write_table
    from core.suggest.learned import total

    with open_project(project, read_only=True) as opened, progress(_("Learning")) as show:
        knows = workflow.learn(opened, progress=show)
    if as_json:
        write(json.dumps(asdict(knows), ensure_ascii=False))
        return
    write(
        _("{n} articles, {seconds} s; F1 where it had not seen the article:").format(
            n=knows.articles, seconds=knows.seconds
        )
    )
    for scores in (knows.mentions, knows.relations):
        rows = [*scores.items(), (_("all"), total(scores.values()))]
        head = (_("type"), _("gold"), _("learner"), _("suggester under it"), "")
        write_table(
            [
                head,
                *(
                    (t, str(s.gold), f"{s.learned_f1:.2f}", f"{s.base_f1:.2f}",
                     _("takes over") if s.takes_over else "")
                    for t, s in rows
                ),
            ]
        )  # fmt: skip


@app.command(
    name="next",
    short_help=_("Say which articles are next, and why."),
    help=_(
        "Say which articles that are not done come next, and what speaks for them: unsure "
        "suggestions, names that nobody marked yet, short texts. Only articles with suggestions "
        "can be told apart; the others follow as given."
    ),
    epilog=examples("goldsmith next syria", "goldsmith next syria --order useful --keep"),
)
def next_(
    project: PROJECT,
    order: Annotated[
        ArticleOrder | None,
        typer.Option(help=_("The order; by default the one that the project has.")),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help=_("Keep this order in the project, for the window too."))
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help=_("How many articles."))] = 10,
    as_json: JSON = False,
) -> None:
    from dataclasses import asdict

    from core import order as orders
    from core.cli.say import write, write_table

    with open_project(project, read_only=not keep) as opened:
        wanted = orders.Order(order.value) if order is not None else orders.of(opened)
        if keep:
            orders.choose(opened, wanted)
        found: list[tuple[str, str, dict[str, Any]]] = []
        if wanted is orders.Order.USEFUL:
            turns = [t for t in orders.upcoming(opened, limit) if t.suggestions]
            found = [(t.article, orders.why(t), asdict(t)) for t in turns]
        taken = {id for id, _why, _facts in found}
        after = ""
        while len(found) < limit and (id := opened.next_article(after)) is not None:
            after = id
            if id not in taken:
                found.append((id, _("as given"), {"article": id}))
        titles = {id: opened.article(id).title for id, _why, _facts in found}
    if as_json:
        lines = [{**facts, "title": titles[id], "why": why} for id, why, facts in found]
        write(json.dumps({"order": wanted.value, "next": lines}, ensure_ascii=False, indent=2))
    elif found:
        write_table([(str(n), titles[id] or id, why) for n, (id, why, _f) in enumerate(found, 1)])
    else:
        write(_("All articles are done."))


@app.command(
    short_help=_("List what is never suggested, or allow it again."),
    help=_(
        "List what the people of a project barred from being suggested, with ids; --allow takes "
        "one back, which the window's undo can undo."
    ),
    epilog=examples("goldsmith vetoes syria", "goldsmith vetoes syria --allow v-3f2a"),
)
def vetoes(
    project: PROJECT,
    allow: Annotated[
        str, typer.Option(metavar="ID", help=_("Take this one back."), show_default=False)
    ] = "",
    as_json: JSON = False,
) -> None:
    from dataclasses import asdict

    from core import recall
    from core.cli.say import tell, write, write_table

    with open_project(project, read_only=not allow) as opened:
        if allow:
            label = recall.allow(opened, allow).label
            tell(label[:1].upper() + label[1:] + ".")
            return
        found = opened.all_vetoes()
        rows = {v.article: opened.article_row(v.article) for v in found if v.article}
    if as_json:
        write(json.dumps([asdict(v) for v in found], ensure_ascii=False, indent=2))
    elif not found:
        write(_("Nothing is barred from being suggested."))
    else:
        lines = []
        for v in found:
            row = rows.get(v.article)
            where = row.title if row else v.article or _("in this project")
            lines.append((v.id, v.words.replace("\t", " – "), v.type, where))
        write_table([(_("id"), _("words"), _("type"), _("where")), *lines])


@app.command(
    short_help=_("Train the shipped pipeline again, or one of your own like it."),
    help=_(
        "Train a pipeline as the shipped one was made: the recipe of training/ (a spaCy project) "
        "over the corpora in the folder CORPORA, about an hour on one core. It needs a checkout of "
        "Goldsmith and what training/requirements.txt lists. Use the result as goldsmith:FOLDER. "
        "training/README.md says what is held out, and how its scores are calibrated."
    ),
    epilog=examples(
        "goldsmith train corpora/ --to my_pipeline",
        'goldsmith train corpora/ --to trial --settings "epochs=1"',
    ),
)
def train(
    corpora: Annotated[
        Path,
        typer.Argument(metavar="CORPORA", help=_("JSON lines, one file a corpus.")),
    ],
    to: Annotated[Path, typer.Option(help=_("The folder of the pipeline that is made."))],
    build: Annotated[
        Path | None, typer.Option(help=_("Where the states in between go; kept."), show_default="")
    ] = None,
    steps: Annotated[
        str, typer.Option(help=_("A workflow or one step of training/project.yml."))
    ] = "all",
    settings: Annotated[
        str,
        typer.Option(
            help=_("Other settings than training/config.cfg has: NAME=VALUE …"), show_default=False
        ),
    ] = "",
) -> None:
    from core.cli.say import tell
    from core.workflow.training import train as run

    if run(corpora, to, build, steps, settings):
        tell(
            _("Made {folder}. Use it:").format(folder=to),
            f"  goldsmith suggest PROJECT --suggester goldsmith:{to.resolve()}",
            _("or in the window: Review, Choose suggester…, A spaCy pipeline in a folder…"),
        )
    else:
        tell(_("Done. There is no pipeline in {folder} yet: --steps export.").format(folder=to))


def _gold(path: Path) -> list[Document]:
    from core.errors import FormatError
    from core.formats import Report as Notes
    from core.formats import registry

    documents = [d for d in registry.reader_for(path).read(path, Notes()) if d.mentions]
    if not documents:
        raise FormatError(
            _("{path} holds no article with gold.").format(path=path),
            _("Give a file of gold articles, e.g. one that goldsmith export wrote."),
        )
    return documents


def _ordered(documents: Sequence[Document], order: Order) -> list[Document]:
    if order is Order.REVERSED:
        return list(reversed(documents))
    if order in (Order.GIVEN, Order.USEFUL):
        return list(documents)
    return sorted(documents, key=lambda d: len(d.article.text), reverse=order is Order.LONG)


def _play(
    name: str,
    documents: Sequence[Document],
    scheme: Scheme,
    confirm: Confirm,
    at_once: bool,
    order: Order,
    desk: Callable[[Project], Desk],
) -> Report:
    from core import replay as played
    from core.cli.say import progress

    def steps() -> Iterator[played.Played]:
        with progress(name) as show:
            for n, article in enumerate(
                played.replay(
                    documents, scheme, desk, confirm.value, at_once=at_once,
                    useful=order is Order.USEFUL,
                ),
                start=1,
            ):  # fmt: skip
                show(n, len(documents), article.title)
                yield article

    return played.Report(name, tuple(steps()))


def _show(reports: Sequence[Report]) -> None:
    from core.cli.say import write, write_table

    data = [report.data() for report in reports]
    rows: list[tuple[str, ...]] = [("", *(d["name"] for d in data))]
    for title, key in (
        (_("actions per fact"), "actions_per_fact"),
        (_("relative to by hand"), "relative"),
        (_("  first ten articles"), "relative_first_10"),
        (_("  from the thirtieth on"), "relative_from_30"),
    ):
        rows.append((title, *(_number(d[key]) for d in data)))
    for kind, title in (("mention", _("mentions")), ("relation", _("relations"))):
        for what, name in (("precision", _("precision")), ("recall", _("recall"))):
            cells = (_number(d["suggested"][kind][what]) for d in data)
            rows.append((f"{title}: {name}", *cells))
    write_table(rows)
    first = data[0]
    write("")
    write(
        _("{articles} articles, {mentions} mentions, {relations} relations; left out: {n}.").format(
            articles=first["articles"],
            mentions=first["mentions"],
            relations=first["relations"],
            n=first["left_out"],
        )
    )
    write(", ".join(f"{kind} {n:,}" for kind, n in first["actions"].items()))


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:.3f}"
