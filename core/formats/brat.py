"""brat standoff: a folder of ``.txt`` and ``.ann`` files with an ``annotation.conf``.

See ``docs/formats/brat.md``. An ``.ann`` that was read is kept with its article, and what
nobody touched since then is written as it stood there, byte for byte.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.annotation import Document, Mention, Relation, new_id
from core.article import Article, title_of
from core.errors import FormatError
from core.formats import EVERYTHING, Feature, Loss, Reader, Report, Writer
from core.formats import brat_conf as conf
from core.formats.brat_ann import (
    Builder,
    Built,
    Line,
    LineFault,
    covered,
    longest,
    parse,
    reference,
    shifts,
)
from core.formats.brat_out import ann
from core.formats.files import FileNames, contents, wrong_line
from core.formats.folders import replacing_folder
from core.formats.loss import STASH, Stage, reduced, stashed
from core.formats.text import decode
from core.i18n import _
from core.scheme import Scheme

CONF = "annotation.conf"
_NAME = re.compile(r"[\w.-]+")
_UNNAMED = re.compile(r"[^\w.-]")


class Brat(Reader, Writer):
    """Reads and writes brat standoff."""

    name = "brat"
    extensions = (".ann",)
    holds = EVERYTHING - {
        Feature.EVIDENCE, Feature.SUGGESTIONS, Feature.METADATA, Feature.PROVENANCE, Feature.NAMES,
    }  # fmt: skip
    folder = True

    @property
    def title(self) -> str:
        """For a person."""
        return _("brat standoff (a folder of .ann and .txt)")

    @property
    def limits(self) -> dict[Feature, str]:  # type: ignore[override]
        """What it does not hold of the features that it holds."""
        return {
            Feature.ATTRIBUTES: _("true, or a text of one word; a name of one word"),
            Feature.NOTES: _("no line separators but LF"),
            Feature.ENTITIES: _("of two mentions or with a knowledge-base id; no type, no note"),
        }

    # -- reading

    def sniff(self, path: Path, head: bytes) -> bool:
        """An ``.ann``, or the ``.txt`` beside one."""
        suffix = path.suffix.lower()
        return suffix == ".ann" or (suffix == ".txt" and path.with_suffix(".ann").is_file())

    def companions(self, path: Path) -> tuple[Path, ...]:
        """The two files of a document, and the configuration beside them."""
        ann, text = path.with_suffix(".ann"), path.with_suffix(".txt")
        return (path, ann, text, path.with_name(CONF))

    def scheme(self, path: Path) -> Scheme | None:
        """What the ``annotation.conf`` beside the file, or above it, declares."""
        for folder in (path.parent, *path.parent.parents[:2]):
            if (folder / CONF).is_file():
                return conf.read(folder / CONF)
        return None

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The one document of an ``.ann`` and its ``.txt``."""
        path = path.with_suffix(".ann") if path.suffix.lower() == ".txt" else path
        raw = _text(path, contents(path))
        beside = path.with_suffix(".txt")
        # A link may lead to any file of this computer; one to where the .ann itself lies is meant.
        if not beside.is_file() or beside.resolve().parent != path.resolve().parent:
            raise FormatError(
                _("its text {name} is not beside it.").format(name=beside.name),
                _("An .ann can't be read without its .txt."),
                str(path),
            )
        data = contents(beside)
        text = _text(beside, data)
        if not text.strip():
            raise FormatError(_("the article has no text."), _("Leave it out."), str(beside))
        article = Article(new_id("a"), text, title_of(text), source=path.name)
        try:
            built, shift = _placed(parse(raw), article, f"import:{path.stem}", data)
        except LineFault as fault:
            raise wrong_line(path, fault.number, fault) from fault
        kept = {"ann": raw, "ids": built.ids, "shift": shift, "bom": _has_mark(data)}
        meta = {STASH: {self.name: kept}}
        document = replace(built.document, article=replace(article, meta=meta))
        report.lose(built.lost)
        report.count_document(document)
        yield document

    # -- writing

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """By what the format holds and the limits of its lines."""
        stages: tuple[Stage, ...] = (_names, _attributes, _notes, _entities)
        return reduced(document, self.holds, *stages)

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """A folder with two files a document, and the configuration."""
        report = Report(files=[out])
        names = FileNames()
        seen = conf.Seen()
        with replacing_folder(out) as folder:
            for document in documents:
                document = self.kept(document, scheme, report)
                stash = stashed(document.article, self.name)
                name = names.name(document.article)
                text = document.article.text.encode("utf-8")
                mark = codecs.BOM_UTF8 if stash.get("bom") is True else b""
                (folder / f"{name}.txt").write_bytes(mark + text)
                lines = ann(document, stash)
                seen.add(document, lines)
                try:
                    (folder / f"{name}.ann").write_bytes(lines.encode("utf-8"))
                except UnicodeEncodeError as error:
                    raise FormatError(
                        _("article {id} holds half of a character, which no file can hold.").format(
                            id=document.article.id
                        ),
                        path=str(out),
                    ) from error
            (folder / CONF).write_bytes(conf.render(scheme, seen, safe_name).encode("utf-8"))
        return report


def _text(path: Path, data: bytes) -> str:
    if not data:
        return ""
    try:
        return decode(data, "utf-8").text
    except FormatError as error:
        raise FormatError(error.message, _("brat's files are in UTF-8."), str(path)) from error


def _has_mark(data: bytes) -> bool:
    return data.startswith(codecs.BOM_UTF8)


def _placed(lines: list[Line], article: Article, source: str, data: bytes) -> tuple[Built, str]:
    """The document, its offsets counted so that every mention covers the words that it says."""
    first: LineFault | None = None
    for name, shifted in shifts(article.text, _has_mark(data)).items():
        try:
            built = Builder(article, source, lambda kind, _key: new_id(kind), shifted).build(lines)
            _check_words(lines, built, article.text)
        except LineFault as fault:
            first = first or fault
        else:
            return built, name
    assert first is not None
    raise first


def _check_words(lines: list[Line], built: Built, text: str) -> None:
    for line in lines:
        if line.kind != "T" or not line.text:
            continue
        found = covered(text, built.document.mentions[built.ids[line.id]].fragments)
        if "".join(found.split()) != "".join(line.text.split()):
            raise LineFault(
                line.number,
                _("its text is {said}, but the article has {found} there.").format(
                    said=f"“{line.text}”", found=f"“{found}”"
                ),
            )


# -- what the lines can't hold


def safe_name(type: str) -> str:
    """The name of a type as brat can have it: no white space or punctuation but ``.-_``."""
    return _UNNAMED.sub("_", type) or "_"


def _items(document: Document) -> Iterator[Mention | Relation]:
    yield from document.mentions.values()
    yield from document.relations.values()


def _names(document: Document) -> Iterator[Loss]:
    for type in dict.fromkeys(item.type for item in _items(document)):
        if safe_name(type) != type:
            yield Loss(Feature.NAMES, document.article.id, what=type, instead=safe_name(type))


def _attributes(document: Document) -> Iterator[Loss]:
    for item in _items(document):
        for name, value in item.attributes.items():
            word = isinstance(value, str) and value and not any(c.isspace() for c in value)
            if not _NAME.fullmatch(name) or not (value is True or word):
                reason = _("only true, or a text of one word")
                yield Loss(Feature.ATTRIBUTES, document.article.id, item.id, name, reason=reason)


def _notes(document: Document) -> Iterator[Loss]:
    for item in _items(document):
        if not _on_lines(item.note):
            reason = _("it holds a line separator other than LF")
            yield Loss(Feature.NOTES, document.article.id, item.id, reason=reason)


def _on_lines(text: str) -> bool:
    return all(line.splitlines() == ([line] if line else []) for line in text.split("\n"))


def _entities(document: Document) -> Iterator[Loss]:
    id_of = document.article.id
    members: dict[str, list[Any]] = {}
    for m in document.mentions.values():
        if m.entity is not None:
            members.setdefault(m.entity, []).append(m.fragments)
    taken: set[str] = set()
    for id, entity in document.entities.items():
        said = reference(entity.kb_id)
        if (len(members.get(id, ())) < 2 and not said) or said in taken:
            reason = _("another has its knowledge-base id") if said else _("it is of one mention")
            yield Loss(Feature.ENTITIES, id_of, id, reason=reason)
            continue
        if said:
            taken.add(said)
        elif entity.kb_id:
            yield Loss(Feature.ENTITIES, id_of, id, "kb_id")
        default = longest(document.article.text, members.get(id, []))
        held = said and entity.name and entity.name.splitlines() == [entity.name]
        if entity.name != default and not held:
            yield Loss(Feature.ENTITIES, id_of, id, "name", default)
        for name in ("type", "note"):
            if getattr(entity, name):
                yield Loss(Feature.ENTITIES, id_of, id, name)
