"""The table of formats: what each holds. ``docs/formats/README.md`` is made from it; the tests of
the contract fail when a cell is not true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.formats import Feature, Format, Reader, Writer, registry
from core.i18n import _

HELD, PARTLY, NOT = "yes", "in part", "–"


def columns() -> dict[Feature, str]:
    """The heading of each feature."""
    return {
        Feature.TEXT: _("exact text"),
        Feature.NESTED: _("nested, overlapping"),
        Feature.DISCONTINUOUS: _("discontinuous"),
        Feature.OFFSETS: _("any offset"),
        Feature.RELATIONS: _("relations"),
        Feature.EVIDENCE: _("evidence"),
        Feature.ATTRIBUTES: _("attributes"),
        Feature.NOTES: _("notes"),
        Feature.ENTITIES: _("entities"),
        Feature.SUGGESTIONS: _("suggestions"),
        Feature.METADATA: _("metadata"),
        Feature.PROVENANCE: _("provenance"),
        Feature.NAMES: _("any type name"),
    }


def of_articles(format: Format) -> bool:
    """Whether a file of the format holds articles without annotations."""
    return not isinstance(format, Writer) and format.holds <= {Feature.TEXT, Feature.METADATA}


def cell(format: Format, feature: Feature) -> str:
    """Whether a format holds a feature."""
    if feature not in format.holds:
        return NOT
    return PARTLY if feature in format.limits else HELD


def page() -> str:
    """The whole page, Markdown."""
    return "\n".join(_page()).rstrip("\n") + "\n"


def _page() -> Iterator[str]:
    yield "# Formats"
    yield ""
    yield "Made by `goldsmith formats --table > docs/formats/README.md`; the tests write a document"
    yield "for each cell and read it back, and fail when a cell is not true."
    yield ""
    heads = [_("format"), "`--format`", _("in"), _("out"), *columns().values()]
    yield _row(heads)
    yield _row(["---"] * len(heads))
    for format in registry.FORMATS:
        if of_articles(format):
            continue
        yield _row(
            [
                _linked(format),
                f"`{format.name}`",
                _("yes") if isinstance(format, Reader) else NOT,
                _("yes") if isinstance(format, Writer) else NOT,
                *(cell(format, feature) for feature in columns()),
            ]
        )
    yield ""
    yield "- *exact text*: every character, white space too. Where not, the words come back with"
    yield "  one space between two and a line a sentence."
    yield "- *any offset*: mentions may begin and end with white space. Tokens are split wherever"
    yield "  gold has a boundary, in every format; nothing is rounded to a token."
    yield "- *metadata*: title, outlet, author, date, state …"
    yield "- *provenance*: annotator, source, score of each mention and relation."
    yield "- *any type name*: with white space and punctuation. Where not, a safe name is written"
    yield "  in its place, and said."
    yield ""
    yield "What a format can't hold is counted and listed after an export, and before it by"
    yield "`goldsmith export PROJECT OUT --dry-run`. Of a format that is only read, the table says"
    yield "what of a file is taken over."
    yield ""
    yield "## Articles in"
    yield ""
    yield "Read without annotations: [articles](articles.md)."
    yield ""
    yield _row([_("format"), "`--format`", _("endings")])
    yield _row(["---"] * 3)
    for format in registry.FORMATS:
        if of_articles(format):
            endings = " ".join(f"`{ending}`" for ending in format.extensions)
            yield _row([_linked(format), f"`{format.name}`", endings])
    limited = [format for format in registry.FORMATS if format.limits]
    if limited:
        yield ""
        yield "## In part"
        yield ""
        for format in limited:
            yield f"{format.title}:"
            yield ""
            for feature, limit in format.limits.items():
                yield f"- {columns()[feature]}: {limit}."
            yield ""


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _linked(format: Format) -> str:
    folder = Path(__file__).resolve().parents[2] / "docs" / "formats"
    name = format.page or format.name
    return f"[{format.title}]({name}.md)" if (folder / f"{name}.md").is_file() else format.title
