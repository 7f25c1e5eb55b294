"""Parquet with a dataset card, as Hugging Face's ``datasets`` loads it. See
``docs/formats/huggingface.md``.

Out only; needs pyarrow, which the extra ``parquet`` installs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.annotation import Document, Fragments, covered_text
from core.article import Span
from core.codec import dumps
from core.errors import FormatError
from core.formats import EVERYTHING, Feature, Report, Writer
from core.formats.exchange import meta
from core.formats.folders import replacing_folder
from core.formats.loss import flat
from core.formats.tokens import tokenised
from core.i18n import _
from core.scheme import Scheme

CARD, DATA = "README.md", "data/train-00000-of-00001.parquet"
_ROWS = 512  # of a group; what is in memory at a time
_TEXTS = ("title", "outlet", "author", "url", "published", "language", "licence", "state")


class HuggingFace(Writer):
    """Writes a folder that ``datasets.load_dataset`` loads."""

    name = "huggingface"
    extensions = (".parquet",)
    folder = True
    holds = EVERYTHING - {Feature.SUGGESTIONS}

    @property
    def title(self) -> str:
        """For a person."""
        return _("Hugging Face, Parquet with a dataset card")

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write the card and one file of data, a row an article."""
        if not available():
            raise FormatError(
                _("Parquet needs pyarrow, which is not installed."),
                _("Install it: pip install pyarrow (or goldsmith[parquet])."),
                str(out),
            )
        import pyarrow as pa
        import pyarrow.parquet as pq

        report = Report(files=[out / CARD, out / DATA])
        counts: Counter[str] = Counter()
        licences: Counter[str] = Counter()
        schema = _schema(pa)
        with replacing_folder(out) as folder:
            (folder / DATA).parent.mkdir()
            with pq.ParquetWriter(folder / DATA, schema) as writer:
                rows: list[dict[str, Any]] = []
                for document in documents:
                    kept = self.kept(document, scheme, report)
                    licences[kept.article.licence] += 1
                    counts.update(m.type for m in kept.mentions.values())
                    counts.update(f"→ {r.type}" for r in kept.relations.values())
                    rows.append(_row(kept, report))
                    if len(rows) >= _ROWS:
                        writer.write_table(pa.Table.from_pylist(rows, schema))
                        rows = []
                if rows or not report.written.get("articles"):
                    writer.write_table(pa.Table.from_pylist(rows, schema))
            card = "\n".join(_card(scheme, report, counts, licences))
            (folder / CARD).write_text(card, encoding="utf-8", newline="\n")
        return report


def available() -> bool:
    """Whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def _schema(pa: Any) -> Any:
    text, number = pa.string(), pa.int32()
    span = pa.struct([("start", number), ("end", number)])
    about = [("attributes", text), ("note", text), ("annotator", text), ("source", text),
             ("score", pa.float64())]  # fmt: skip
    mention = [
        ("id", text), ("type", text), ("text", text), ("start", number), ("end", number),
        ("token_start", number), ("token_end", number), ("fragments", pa.list_(span)),
        ("entity", text), *about,
    ]  # fmt: skip
    relation = [
        ("id", text), ("type", text), ("head", text), ("tail", text), ("evidence", pa.list_(span)),
        *about,
    ]  # fmt: skip
    entity = [(name, text) for name in ("id", "name", "type", "kb_id", "note")]
    return pa.schema(
        [
            ("id", text), *((name, text) for name in _TEXTS), ("meta", text), ("text", text),
            ("tokens", pa.list_(text)), ("token_offsets", pa.list_(span)),
            ("ner_tags", pa.list_(text)), ("mentions", pa.list_(pa.struct(mention))),
            ("relations", pa.list_(pa.struct(relation))),
            ("entities", pa.list_(pa.struct(entity))),
        ]
    )  # fmt: skip


def _row(document: Document, report: Report) -> dict[str, Any]:
    article = document.article
    found = tokenised(document)
    report.count("tokens split", found.split)
    tokens = found.all
    starts, ends = [t.start for t in tokens], [t.end for t in tokens]

    def about(item: Any) -> dict[str, Any]:
        return {
            "attributes": dumps(dict(item.attributes)), "note": item.note,
            "annotator": item.annotator, "source": item.source, "score": item.score,
        }  # fmt: skip

    return {
        "id": article.id,
        **{name: getattr(article, name) for name in _TEXTS},
        "meta": dumps(meta(article)),
        "text": article.text,
        "tokens": [article.text[t.start : t.end] for t in tokens],
        "token_offsets": _spans(tokens),
        "ner_tags": _tags(document, tokens),
        "mentions": [
            {
                "id": m.id,
                "type": m.type,
                "text": covered_text(article.text, m.fragments),
                "start": m.start,
                "end": m.end,
                # Half open, over the tokens that are in it; none are in white space.
                "token_start": bisect_left(starts, m.start),
                "token_end": bisect_right(ends, m.end),
                "fragments": _spans(m.fragments),
                "entity": m.entity,
                **about(m),
            }
            for m in document.mentions.values()
        ],
        "relations": [
            {
                "id": r.id,
                "type": r.type,
                "head": r.head,
                "tail": r.tail,
                "evidence": _spans(r.evidence),
                **about(r),
            }
            for r in document.relations.values()
        ],
        "entities": [
            {"id": e.id, "name": e.name, "type": e.type, "kb_id": e.kb_id, "note": e.note}
            for e in document.entities.values()
        ],
    }


def _spans(parts: Fragments | Sequence[Span]) -> list[dict[str, int]]:
    return [{"start": p.start, "end": p.end} for p in parts]


def _tags(document: Document, tokens: Sequence[Span]) -> list[str]:
    """IOB2, of mentions that overlap the longest."""
    tags = []
    chosen = flat(document.mentions.values())
    at = 0
    for token in tokens:
        while at < len(chosen) and chosen[at].end <= token.start:
            at += 1
        if at == len(chosen) or chosen[at].start > token.start:
            tags.append("O")
        else:
            first = not tags or token.start == chosen[at].start
            tags.append(("B-" if first else "I-") + chosen[at].type)
    return tags


def _card(
    scheme: Scheme, report: Report, counts: Counter[str], licences: Counter[str]
) -> Iterator[str]:
    """The card: what the hub's viewer wants first, then what a reader wants."""
    n = report.written.get("articles", 0)
    yield "---"
    yield "configs:"
    yield "- config_name: default"
    yield "  data_files:"
    yield "  - split: train"
    yield f"    path: {DATA}"
    yield "task_categories:"
    yield "- token-classification"
    yield f"pretty_name: {dumps(scheme.title or scheme.name)}"
    yield "---"
    yield ""
    yield f"# {scheme.title or scheme.name}"
    yield ""
    yield (
        f"{n:,} articles, {report.written.get('mentions', 0):,} mentions, "
        f"{report.written.get('relations', 0):,} relations, annotated with Goldsmith."
    )
    yield ""
    yield "Offsets are Unicode code points, half open; `token_start` and `token_end` count tokens."
    yield "Tokens are split where a mention begins or ends inside one. `ner_tags` hold the flat"
    yield "mentions (of those that overlap, the longest), `mentions` all. `head` and `tail` of a"
    yield "relation are ids of mentions. `meta` and `attributes` are JSON."
    yield ""
    yield "| type | count | meaning |"
    yield "|---|---|---|"
    for name, count in sorted(counts.items()):
        kind: Any = scheme.entity_types.get(name) or scheme.relation_types.get(name[2:])
        gloss = kind.gloss if kind is not None else ""
        yield f"| {_cell(name)} | {count:,} | {_cell(gloss)} |"
    said = [
        f"{_cell(name or 'none stated')} ({count:,})" for name, count in sorted(licences.items())
    ]
    yield ""
    yield f"Licences of the texts: {', '.join(said) or 'none'}."
    yield ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
