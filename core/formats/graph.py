"""Graphs of who has to do with whom: GraphML, two tables, JSON-LD. See ``docs/formats/graph.md``.

A node is an entity, or a mention that is of none; an edge is a relation of an article. A graph has
no text: where a mention stands is not in it.
"""

from __future__ import annotations

import csv
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from core.annotation import Document, covered_text
from core.codec import dumps
from core.formats import Feature, Report, Writer
from core.formats.files import replacing
from core.formats.folders import replacing_folder
from core.formats.loss import Loss, metadata, reduced
from core.i18n import _, ngettext
from core.scheme import Scheme

_HELD = frozenset(
    {
        Feature.NESTED, Feature.DISCONTINUOUS, Feature.OFFSETS, Feature.RELATIONS,
        Feature.EVIDENCE, Feature.ENTITIES, Feature.NAMES, Feature.METADATA,
    }
)  # fmt: skip
_ABOUT = ("title", "outlet", "url", "published")  # of the article, on each edge


@dataclass(frozen=True, slots=True)
class Node:
    """An entity, or a mention that is of none."""

    id: str
    label: str
    type: str
    kb_id: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation; `evidence` is its trigger words."""

    id: str
    source: str
    target: str
    type: str
    article: str
    about: tuple[str, ...]
    evidence: str
    symmetric: bool


class Graph(Writer):
    """What the formats of graphs share."""

    holds = _HELD - {Feature.METADATA}
    page = "graph"

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """The text is not there, and of the article only what says where an edge comes from."""

        def other_metadata(document: Document) -> Iterator[Loss]:
            return metadata(document, _ABOUT)

        smaller, lost = reduced(document, _HELD | {Feature.TEXT}, other_metadata)
        no_text = Loss(Feature.TEXT, document.article.id, reason=_("a graph has no text"))
        return smaller, [no_text, *lost]

    def parts(
        self, documents: Iterable[Document], scheme: Scheme, report: Report
    ) -> Iterator[Node | Edge]:
        """Nodes and edges as they come; an entity comes once, when it is first met."""
        known: set[str] = set()
        for document in documents:
            kept = self.kept(document, scheme, report)
            text = kept.article.text
            ends: dict[str, str] = {}
            for m in kept.mentions.values():
                entity = kept.entities.get(m.entity or "")
                if entity is None:
                    words = " ".join(covered_text(text, m.fragments).split())
                    node = Node(m.id, words, m.type)
                else:
                    node = Node(entity.id, entity.name, entity.type or m.type, entity.kb_id)
                ends[m.id] = node.id
                if node.id not in known:
                    if entity is not None:  # a mention is in one article, and never met again
                        known.add(node.id)
                    report.count("nodes")
                    yield node
            about = tuple(getattr(kept.article, name) for name in _ABOUT)
            for r in kept.relations.values():
                relation = scheme.relation_types.get(r.type)
                report.count("edges")
                yield Edge(
                    r.id,
                    ends[r.head],
                    ends[r.tail],
                    r.type,
                    kept.article.id,
                    about,
                    covered_text(text, r.evidence),
                    relation is not None and relation.symmetric,
                )

    @abstractmethod
    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write the graph."""


class GraphMl(Graph):
    """Writes GraphML, which networkx, Gephi, yEd and igraph read."""

    name = "graphml"
    extensions = (".graphml",)

    @property
    def title(self) -> str:
        """For a person."""
        return _("graph, GraphML")

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """One directed graph; edges may stand before the node that they lead to."""
        report = Report(files=[out])
        keys = {"node": ("label", "type", "kb_id"),
                "edge": ("type", "article", *_ABOUT, "evidence", "symmetric")}  # fmt: skip
        with replacing(out) as file:
            file.write(
                b'<?xml version="1.0" encoding="UTF-8"?>\n'
                b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
            )
            for of, names in keys.items():
                for name in names:
                    kind = "boolean" if name == "symmetric" else "string"
                    _put(file, f'<key id="{of[0]}-{name}" for="{of}" attr.name="{name}"'
                               f' attr.type="{kind}"/>\n')  # fmt: skip
            _put(file, '<graph id="G" edgedefault="directed">\n')
            for part in self.parts(documents, scheme, report):
                if isinstance(part, Node):
                    _put(file, f"<node id={_quoted(part.id)}>")
                    values: tuple[str, ...] = (part.label, part.type, part.kb_id)
                    _data(file, "n", zip(keys["node"], values, strict=True))
                    _put(file, "</node>\n")
                else:
                    _put(
                        file,
                        f"<edge id={_quoted(part.id)} source={_quoted(part.source)} "
                        f"target={_quoted(part.target)}>",
                    )
                    symmetric = "true" if part.symmetric else ""
                    values = (part.type, part.article, *part.about, part.evidence, symmetric)
                    _data(file, "e", zip(keys["edge"], values, strict=True))
                    _put(file, "</edge>\n")
            file.write(b"</graph>\n</graphml>\n")
        return report


def _put(file: BinaryIO, text: str) -> None:
    file.write(text.encode("utf-8", "replace"))


def _data(file: BinaryIO, prefix: str, values: Iterable[tuple[str, str]]) -> None:
    for name, value in values:
        if value:
            _put(file, f'<data key="{prefix}-{name}">{escape(_writable(value))}</data>')


def _quoted(value: str) -> str:
    return quoteattr(_writable(value))


def _writable(text: str) -> str:
    """Characters that XML has no way to write stand as U+FFFD."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


class GraphCsv(Graph):
    """Writes ``nodes.csv`` and ``edges.csv``, as Gephi and Neo4j import them."""

    name = "graph-csv"
    extensions = (".csv",)
    folder = True

    @property
    def title(self) -> str:
        """For a person."""
        return _("graph, tables of nodes and edges")

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Two tables in UTF-8 with a header; what a spreadsheet would run is made harmless."""
        report = Report(files=[out / "nodes.csv", out / "edges.csv"])
        harmless = 0
        with (
            replacing_folder(out) as folder,
            (folder / "nodes.csv").open("w", encoding="utf-8", newline="") as nodes_file,
            (folder / "edges.csv").open("w", encoding="utf-8", newline="") as edges_file,
        ):
            nodes = csv.writer(nodes_file, lineterminator="\n")
            edges = csv.writer(edges_file, lineterminator="\n")
            nodes.writerow(("Id", "Label", "type", "kb_id"))
            edges.writerow(
                ("Id", "Source", "Target", "Type", "Label", "article", *_ABOUT, "evidence")
            )
            for part in self.parts(documents, scheme, report):
                row: tuple[str, ...]
                if isinstance(part, Node):
                    table, row = nodes, (part.id, part.label, part.type, part.kb_id)
                else:
                    kind = "Undirected" if part.symmetric else "Directed"
                    table, row = edges, (
                        part.id, part.source, part.target, kind, part.type, part.article,
                        *part.about, part.evidence,
                    )  # fmt: skip
                safe = tuple(map(harmless_cell, row))
                harmless += sum(a != b for a, b in zip(row, safe, strict=True))
                table.writerow(safe)
        if harmless:
            report.notes.append(
                ngettext(
                    "{n} cell that a spreadsheet would take for a formula begins with ' now.",
                    "{n} cells that a spreadsheet would take for formulas begin with ' now.",
                    harmless,
                ).format(n=harmless)
            )
        return report


def harmless_cell(value: str) -> str:
    """`value` such that no spreadsheet takes it for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


_CONTEXT = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "label": "rdfs:label",
    "headline": "schema:headline",
    "published": "schema:datePublished",
    "outlet": "schema:publisher",
    "url": {"@id": "schema:url", "@type": "@id"},
    "evidence": "rdfs:comment",
    "subject": {"@id": "rdf:subject", "@type": "@id"},
    "predicate": {"@id": "rdf:predicate", "@type": "@id"},
    "object": {"@id": "rdf:object", "@type": "@id"},
    "from": {"@id": "rdfs:isDefinedBy", "@type": "@id"},
}


class JsonLd(Graph):
    """Writes JSON-LD: triples in Wikidata's terms where the scheme knows them."""

    name = "json-ld"
    extensions = (".jsonld",)

    @property
    def title(self) -> str:
        """For a person."""
        return _("graph, JSON-LD triples")

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """For each relation the triple, and a statement that says which article it is from."""
        report = Report(files=[out])
        iris: dict[str, str] = {}  # of nodes; where a knowledge base names them
        articles: set[str] = set()
        unmapped: set[str] = set()
        with replacing(out) as file:
            _put(file, f'{{"@context":{dumps(_CONTEXT)},"@graph":[')
            first = True
            for part in self.parts(documents, scheme, report):
                for item in self._items(part, scheme, iris, articles, unmapped):
                    _put(file, ("\n" if first else ",\n") + dumps(item))
                    first = False
            file.write(b"\n]}\n")
        if unmapped:
            report.notes.append(
                _("Relations that the scheme maps to no property of Wikidata: {names}.").format(
                    names=", ".join(sorted(unmapped))
                )
            )
        return report

    def _items(
        self,
        part: Node | Edge,
        scheme: Scheme,
        iris: dict[str, str],
        articles: set[str],
        unmapped: set[str],
    ) -> Iterator[dict[str, Any]]:
        if isinstance(part, Node):
            iri = _node_iri(part)
            if part.kb_id:  # else the id says it all
                iris[part.id] = iri
            yield {"@id": iri, "@type": _own("type", part.type), "label": part.label}
            return
        known = scheme.relation_types.get(part.type)
        if known is not None and known.wikidata:
            predicate = f"wdt:{known.wikidata}"
        else:
            unmapped.add(part.type)
            predicate = _own("relation", part.type)
        ends = [iris.get(end) or _own("node", end) for end in (part.source, part.target)]
        article = _own("article", part.article)
        if part.article not in articles:
            articles.add(part.article)
            title, outlet, url, published = part.about
            about = {"headline": title, "outlet": outlet, "published": published}
            if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", url):
                about["url"] = url
            said = {key: value for key, value in about.items() if value}
            yield {"@id": article, "@type": "schema:NewsArticle", **said}
        yield {"@id": ends[0], predicate: {"@id": ends[1]}}
        if part.symmetric:
            yield {"@id": ends[1], predicate: {"@id": ends[0]}}
        yield {
            "@id": _own("statement", part.id),
            "@type": "rdf:Statement",
            "subject": ends[0],
            "predicate": predicate,
            "object": ends[1],
            "from": article,
            **({"evidence": part.evidence} if part.evidence else {}),
        }


def _own(kind: str, name: str) -> str:
    return f"urn:goldsmith:{kind}:{quote(name.encode('utf-8', 'replace'), safe='')}"


def _node_iri(node: Node) -> str:
    if re.fullmatch(r"Q[1-9]\d*", node.kb_id):
        return f"wd:{node.kb_id}"
    if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", node.kb_id):
        return node.kb_id
    return _own("node", node.id)
