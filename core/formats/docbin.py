"""spaCy's ``DocBin`` (``.spacy``), which ``spacy train`` reads. See ``docs/formats/docbin.md``.

spaCy's own doors lose gold: ``char_span`` answers None off token boundaries, and ``doc.ents`` takes
no overlap. So tokens are split where gold begins or ends inside them, everything is in a span
group, and ``doc.ents`` has what fits; whatever does not is counted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from core.annotation import Document, Mention, Suggestion
from core.article import tokens
from core.errors import FormatError
from core.formats import EVERYTHING, Reader, Report, Writer
from core.formats.fields import Fault
from core.formats.files import replacing
from core.formats.jsonl import record
from core.i18n import _, ngettext
from core.scheme import Scheme

if TYPE_CHECKING:  # importing spaCy takes half a second, and the window never does
    from spacy.language import Language
    from spacy.tokens import Doc, Span

GROUP = "mentions"
RELATIONS = "relations"
SUGGESTIONS = "suggestions"
# Where spaCy keeps the values of ``Doc.set_extension("relations")``, registered or not.
_EXTENSION = ("._.", RELATIONS, None, None)
_ATTRIBUTES = ["ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID"]


class DocBin(Reader, Writer):
    """Reads and writes spaCy's ``DocBin``."""

    name = "docbin"
    extensions = (".spacy",)
    holds = EVERYTHING

    @property
    def title(self) -> str:
        """For a person."""
        return _("spaCy DocBin")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By its ending and the mark of zlib."""
        return path.suffix.lower() in self.extensions and head[:1] == b"x"

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The documents of the file: those that Goldsmith wrote as they were, of others the
        entities and the groups of spans."""
        from core.formats import docbin_in

        def wrong(fault: Fault) -> FormatError:
            return FormatError(
                str(fault), _("Nothing of this file was added; make it again."), str(path)
            )

        try:
            store = docbin_in.Store(path)
        except Fault as fault:
            raise wrong(fault) from fault
        for n in range(len(store)):
            try:
                document, lost = store.document(n)
            except Fault as fault:
                report.refuse(wrong(fault))
                continue
            report.lose(lost)
            report.count_document(document)
            yield document
        if not report.written.get("articles"):
            raise FormatError(_("the file holds no article."), _("Leave it out."), str(path))

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """Write `documents`; suggested mentions are in a group of their own, and in no other."""
        import spacy.tokens

        report = Report(files=[out])
        tally = _Tally()
        with replacing(out) as file:
            store = spacy.tokens.DocBin(attrs=_ATTRIBUTES, store_user_data=True)
            for document in documents:
                document = self.kept(document, scheme, report)
                doc = _doc(
                    document, _blank(document.article.language or scheme.language or "en"), tally
                )
                try:
                    store.add(doc)
                except OverflowError as error:
                    raise FormatError(
                        _("article {id} has a whole number beyond 64 bits in an attribute.").format(
                            id=document.article.id
                        ),
                        _("Write it as a text, or export JSON Lines."),
                        str(out),
                    ) from error
                tally.unfinished += document.article.state != "done"
            file.write(store.to_bytes())
        report.count("entities in doc.ents", tally.ents)
        report.notes.extend(tally.notes())
        return report


class _Tally:
    """What is worth saying about an export, counted over all articles."""

    def __init__(self) -> None:
        self.ents = self.split = self.overlapping = self.broken = self.edged = self.unfinished = 0

    def notes(self) -> list[str]:
        """One line each for a person."""
        only = _("in doc.spans only")
        lines = [
            (
                self.split,
                ngettext(
                    "{n} token was split, because gold begins or ends inside it.",
                    "{n} tokens were split, because gold begins or ends inside them.",
                    self.split,
                ),
            ),
            (
                self.overlapping,
                ngettext(
                    "{n} mention overlaps a longer one: {only}.",
                    "{n} mentions overlap longer ones: {only}.",
                    self.overlapping,
                ),
            ),
            (
                self.broken,
                ngettext(
                    "{n} mention is discontinuous: {only}.",
                    "{n} mentions are discontinuous: {only}.",
                    self.broken,
                ),
            ),
            (
                self.edged,
                ngettext(
                    "{n} mention begins or ends with white space, which spaCy can't learn: {only}.",
                    "{n} mentions begin or end with white space, which spaCy can't learn: {only}.",
                    self.edged,
                ),
            ),
            (
                self.unfinished,
                ngettext(
                    "{n} article is not marked as done; what is unmarked there counts as no"
                    " entity.",
                    "{n} articles are not marked as done; what is unmarked there counts as no"
                    " entity.",
                    self.unfinished,
                ),
            ),
        ]
        return [line.format(n=n, only=only) for n, line in lines if n]


@cache
def _blank(tag: str) -> Language:
    """A pipeline with only a tokeniser, for a BCP 47 tag; spaCy's multi-language one where it has
    none for the language, or needs a package for it that is not installed."""
    import spacy

    code = tag.replace("_", "-").split("-")[0].lower()
    if len(code) in (2, 3) and code.isalpha():  # it imports whatever module has this name
        with suppress(ImportError, ValueError, OSError):
            return spacy.blank(code)
    return spacy.blank("xx")


class _Token(NamedTuple):
    """``text[start:end]``, and whether one space follows that belongs to it."""

    start: int
    end: int
    spaced: bool


def _doc(document: Document, language: Language, tally: _Tally) -> Doc:
    import spacy.tokens

    text = document.article.text
    mentions = list(document.mentions.values())
    offered = [s for s in document.suggestions.values() if not s.is_relation]
    parts = [f for m in mentions for f in m.fragments] + [f for s in offered for f in s.fragments]
    starts, ends = {f.start for f in parts}, {f.end for f in parts}
    natural = _tokens(language, text)
    pieces = _split(natural, starts, ends)
    tally.split += len(natural) - len(set(natural) & set(pieces))
    doc = spacy.tokens.Doc(
        language.vocab,
        words=[text[t.start : t.end] for t in pieces],
        spaces=[t.spaced for t in pieces],
    )
    if doc.text != text:
        raise FormatError(
            _("spaCy can't hold the text of article {id} exactly.").format(id=document.article.id),
            _("Export JSON Lines, and tell us of this article."),
        )
    begin = {t.start: n for n, t in enumerate(pieces)}
    end = {t.end: n + 1 for n, t in enumerate(pieces)}

    def span(mention: Mention | Suggestion, first: int, last: int) -> Span:
        entity = None
        if isinstance(mention, Mention):
            entity = document.entities.get(mention.entity or "")
        return spacy.tokens.Span(
            doc,
            begin[first],
            end[last],
            label=mention.type,
            kb_id=entity.kb_id if entity else "",
            span_id=mention.id,
        )

    doc.spans[GROUP] = [span(m, f.start, f.end) for m in mentions for f in m.fragments]
    if offered:
        doc.spans[SUGGESTIONS] = [span(s, f.start, f.end) for s in offered for f in s.fragments]
    flat = [span(m, m.start, m.end) for m in mentions if _is_flat(m, text, tally)]
    fitting = spacy.util.filter_spans(flat)
    doc.ents = tuple(fitting)
    tally.ents += len(fitting)
    tally.overlapping += len(flat) - len(fitting)

    data: dict[str, Any] = record(document)
    del data["text"]
    every = data.pop("relations")
    relations = [r for r in every if r["status"] == "gold"]
    if len(every) > len(relations):
        data["all"] = every  # gold relations are what spaCy's users look at
    user_data: dict[Any, Any] = doc.user_data
    user_data["goldsmith"] = data
    user_data[RELATIONS] = relations
    user_data[_EXTENSION] = relations
    return doc


def _is_flat(mention: Mention, text: str, tally: _Tally) -> bool:
    if len(mention.fragments) > 1:
        tally.broken += 1
        return False
    if text[mention.start].isspace() or text[mention.end - 1].isspace():
        tally.edged += 1
        return False
    return True


def _tokens(language: Language, text: str) -> list[_Token]:
    """The language's own tokens, as a pipeline will see them later."""
    # The tokeniser and not the pipeline, which refuses texts of more than a million characters.
    doc = language.tokenizer(text)
    if doc.text == text:
        return [_Token(t.idx, t.idx + len(t), bool(t.whitespace_)) for t in doc]
    # No tokeniser that we know changes the text; should one do, ours does not.
    found: list[_Token] = []
    at = 0
    for start, end in tokens(text):
        if start > at:
            found.append(_Token(at, start, False))
        found.append(_Token(start, end, False))
        at = end
    if at < len(text):
        found.append(_Token(at, len(text), False))
    return found


def _split(natural: Sequence[_Token], starts: set[int], ends: set[int]) -> list[_Token]:
    """`natural` with a boundary wherever gold has one."""
    cuts = sorted(starts | ends)
    pieces: list[_Token] = []
    for token in natural:
        start = token.start
        for cut in cuts[bisect_right(cuts, token.start) : bisect_left(cuts, token.end)]:
            pieces.append(_Token(start, cut, False))
            start = cut
        # The space after a token is no token of its own, unless gold begins or ends with it.
        if token.spaced and (token.end in starts or token.end + 1 in ends):
            pieces.append(_Token(start, token.end, False))
            pieces.append(_Token(token.end, token.end + 1, False))
        else:
            pieces.append(_Token(start, token.end, token.spaced))
    return pieces
