"""WebAnno TSV 3: a folder of ``.tsv`` files, one an article. See ``docs/formats/webanno.md``.

Offsets in the files count UTF-16 units, as Java does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from core.annotation import Document, Mention, Relation
from core.article import Span, Utf16Map
from core.formats import EVERYTHING, Feature, Loss, Reader, Report, Writer, uima
from core.formats.fields import Fault
from core.formats.files import FileNames, check_size, wrong_line
from core.formats.folders import replacing_folder
from core.formats.loss import reduced
from core.formats.tokens import split_note, tokenised
from core.formats.webanno_rows import Rows, escaped, escaped_text
from core.i18n import _
from core.scheme import Scheme

_MARK = b"#FORMAT=WebAnno TSV 3"


class WebAnno(Reader, Writer):
    """Reads and writes WebAnno TSV 3."""

    name = "webanno"
    extensions = (".tsv",)
    holds = EVERYTHING - {
        Feature.DISCONTINUOUS, Feature.OFFSETS, Feature.EVIDENCE, Feature.SUGGESTIONS,
        Feature.METADATA, Feature.PROVENANCE, Feature.OTHER,
    }  # fmt: skip
    folder = True

    @property
    def title(self) -> str:
        """For a person."""
        return _("WebAnno TSV 3 (a folder of .tsv)")

    @property
    def limits(self) -> dict[Feature, str]:  # type: ignore[override]
        """What it does not hold of the features that it holds."""
        return {
            Feature.TEXT: _("white space before the first word comes back as spaces"),
            Feature.ATTRIBUTES: _("texts; a name of ASCII letters, digits and _"),
            Feature.ENTITIES: _("clusters and knowledge-base ids; no name, type or note"),
        }

    # -- reading

    def sniff(self, path: Path, head: bytes) -> bool:
        """By its first line."""
        return head.removeprefix(b"\xef\xbb\xbf").startswith(_MARK)

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The one article of the file."""
        check_size(path)
        rows = Rows(path)
        try:
            text, layers = rows.read()
        except Fault as fault:
            raise wrong_line(path, rows.number, fault) from fault
        yield uima.read(path, text, layers, report)

    # -- writing

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """By what the format holds, and what a feature can be."""
        return reduced(document, self.holds, _leading, uima.attributes, uima.entities)

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """A folder with a file an article."""
        report = Report(files=[out])
        names = FileNames()
        split = 0
        with replacing_folder(out) as folder:
            for document in documents:
                document = self.kept(document, scheme, report)
                rendered = _Out(document)
                split += rendered.split
                path = folder / f"{names.name(document.article)}.tsv"
                path.write_bytes(rendered.text().encode("utf-8"))
        report.notes += split_note(split)
        return report


def _leading(document: Document) -> Iterator[Loss]:
    text = document.article.text
    space = text[: len(text) - len(text.lstrip())]
    if space.strip(" "):
        reason = _("what stands before the first word comes back as spaces")
        yield Loss(Feature.TEXT, document.article.id, what="leading", reason=reason)


class _Out:
    """One file in the making."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.tokens = tokenised(document)
        self.split = self.tokens.split
        self.flat = self.tokens.all
        self.names: dict[int, str] = {}  # token: 1-1
        for s, sentence in enumerate(self.tokens.sentences, start=1):
            for n in range(1, len(sentence) + 1):
                self.names[len(self.names)] = f"{s}-{n}"
        begin = {t.start: n for n, t in enumerate(self.flat)}
        end = {t.end: n for n, t in enumerate(self.flat)}
        self.mentions = uima.in_order(document)
        self.places = {m.id: Span(begin[m.start], end[m.end]) for m in self.mentions}
        self.at: dict[int, list[Mention]] = {}
        for m in self.mentions:
            first, last = self.places[m.id]
            for n in range(first, last + 1):
                self.at.setdefault(n, []).append(m)
        self.ids: dict[str, int] = {}
        for m in self.mentions:
            first, last = self.places[m.id]
            if last > first or len(self.at[first]) > 1:
                self.ids[m.id] = len(self.ids) + 1
        self.span_names = self._names((uima.KB, uima.TYPE), document.mentions.values())
        self.relation_names = self._names((uima.LABEL,), document.relations.values())
        self.relations: dict[int, list[Relation]] = {}  # token of the tail: relations
        for r in document.relations.values():
            self.relations.setdefault(self.places[r.tail].start, []).append(r)
        self.links: dict[str, tuple[int, int]] = {}  # mention: chain, link
        for c, group in enumerate(uima.members(document).values(), start=1):
            for n, m in enumerate(group, start=1):
                self.links[m.id] = (c, n)

    @staticmethod
    def _names(first: tuple[str, ...], items: Iterable[Mention | Relation]) -> list[str]:
        items = list(items)
        names = dict.fromkeys(first)
        if any(item.note for item in items):
            names[uima.NOTE] = None
        for item in items:
            names |= dict.fromkeys(sorted(item.attributes))
        return list(names)

    def text(self) -> str:
        lines = ["#FORMAT=WebAnno TSV 3.3"]
        if self.mentions:
            lines.append("#T_SP=" + "|".join([uima.MENTION, *self.span_names]))
        if self.relations:
            base = f"BT_{uima.MENTION}"
            lines.append("#T_RL=" + "|".join([uima.RELATION, *self.relation_names, base]))
        if self.links:
            lines.append(f"#T_CH={uima.CHAIN}Link|referenceRelation|referenceType")
        lines += ["", ""]
        text = self.document.article.text
        units = Utf16Map(text)
        n = 0
        for s, sentence in enumerate(self.tokens.sentences):
            following = self.tokens.sentences[s + 1 : s + 2]
            # With the white space that follows, so that no offset is left to guess.
            until = following[0][0].start if following else len(text)
            shown = text[sentence[0].start : until]
            lines += [f"#Text={escaped_text(line)}" for line in shown.split("\n")]
            for token in sentence:
                begin, end = units.to_utf16(token.start), units.to_utf16(token.end)
                cells = [self.names[n], f"{begin}-{end}",
                         escaped_text(text[token.start : token.end]), *self._cells(n)]  # fmt: skip
                lines.append("\t".join(cells) + "\t")
                n += 1
            lines.append("")
        return "\n".join(lines)

    def _cells(self, n: int) -> Iterator[str]:
        here = self.at.get(n, [])
        if self.mentions:
            features = [uima.span_features(self.document, m) for m in here]
            for name in self.span_names:
                cells = [
                    _value(f.get(name)) + self._suffix(m)
                    for f, m in zip(features, here, strict=True)
                ]
                yield "|".join(cells) or "_"
        if self.relations:
            relations = self.relations.get(n, [])
            for name in self.relation_names:
                yield "|".join(_value(_feature(r, name)) for r in relations) or "_"
            yield "|".join(self._source(r) for r in relations) or "_"
        if self.links:
            linked = [(m, *self.links[m.id]) for m in here if m.id in self.links]
            yield "|".join(f"*->{chain}-{link}" for _m, chain, link in linked) or "_"
            yield "|".join(f"{escaped(m.type)}[{chain}]" for m, chain, _link in linked) or "_"

    def _suffix(self, mention: Mention) -> str:
        return f"[{self.ids[mention.id]}]" if mention.id in self.ids else ""

    def _source(self, relation: Relation) -> str:
        name = self.names[self.places[relation.head].start]
        head, tail = self.ids.get(relation.head, 0), self.ids.get(relation.tail, 0)
        return f"{name}[{head}_{tail}]" if head or tail else name


def _value(value: object) -> str:
    return "*" if value is None else escaped(str(value))


def _feature(relation: Relation, name: str) -> object:
    if name == uima.LABEL:
        return relation.type
    if name == uima.NOTE:
        return relation.note or None
    return relation.attributes.get(name)
