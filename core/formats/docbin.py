"""spaCy's ``DocBin`` (``.spacy``): what ``spacy train`` reads, and everything else beside it.

- ``doc.ents``: flat entities, chosen among overlapping ones as `spacy.util.filter_spans` does
  (the longest first, then the first);
- ``doc.spans["mentions"]``: every fragment of every mention; ``span.id_`` is the mention's id;
- ``doc._.relations`` and ``doc.user_data["goldsmith"]``: mentions, relations, entities in full.

Tokens are split where a gold boundary falls inside one, so no span is ever lost. Documented in
``docs/formats/docbin.md``. spaCy is imported only when something is written.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.annotation import Document, Fragment
from core.article import tokens
from core.errors import FormatError
from core.formats import Report
from core.formats.files import whole
from core.formats.jsonl import to_json
from core.i18n import _
from core.scheme import Scheme

SPANS = "mentions"  # the name of the span group
KEY = "goldsmith"  # of user_data


class DocBinWriter:
    """Writes gold; suggestions are no gold and stay behind, counted."""

    name = "docbin"
    title = "spaCy DocBin"
    extensions = (".spacy",)

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """One ``Doc`` a document. The language of the vocabulary is that of the scheme."""
        import spacy
        from spacy.tokens import DocBin

        register()
        report = Report(files=[out])
        nlp = spacy.blank(_language(scheme.language))
        pack = DocBin(store_user_data=True)
        for document in documents:
            pack.add(to_doc(document, scheme, nlp, report))
        with whole(out) as file:
            file.write(pack.to_bytes())
        return report


def register() -> None:
    """Make ``Doc._.relations`` readable: a list of dictionaries as in Goldsmith JSONL.

    Call it before ``DocBin.from_disk`` in a program of your own, or read
    ``doc.user_data["goldsmith"]["relations"]``, which needs no Goldsmith.
    """
    from spacy.tokens import Doc

    if not Doc.has_extension("relations"):
        Doc.set_extension(
            "relations", getter=lambda doc: doc.user_data.get(KEY, {}).get("relations", [])
        )


def to_doc(document: Document, scheme: Scheme, nlp: Any, report: Report) -> Any:
    """The ``spacy.tokens.Doc`` of one document; what had to be done for it is told to `report`."""
    from spacy.tokens import Doc, Span
    from spacy.util import filter_spans

    article = document.article
    mentions = sorted(document.mentions.values(), key=lambda m: (m.start, -m.end, m.id))
    parts = [part for mention in mentions for part in mention.fragments]
    words, spaces, starts, split = _words(article.text, parts, nlp)
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    if doc.text != article.text:
        raise FormatError(
            _("“{title}” can't be written token by token.").format(title=article.title),
            _("This is a fault in Goldsmith; please report it with the article."),
        )
    at = {offset: n for n, offset in enumerate([*starts, len(article.text)])}
    ends = {
        start + len(word): n + 1 for n, (start, word) in enumerate(zip(starts, words, strict=True))
    }
    group, whole_mentions = [], []
    for mention in mentions:
        for part in mention.fragments:
            span = Span(doc, at[part.start], ends[part.end], label=mention.type)
            span.id_ = mention.id
            entity = document.entities.get(mention.entity or "")
            if entity is not None and entity.kb_id:
                span.kb_id_ = entity.kb_id
            group.append(span)
            if len(mention.fragments) == 1:
                whole_mentions.append(span)
    doc.spans[SPANS] = group
    flat = [s for s in filter_spans(whole_mentions) if s.text.strip() == s.text]
    doc.set_ents(flat, default="outside")
    data = to_json(
        Document(article, document.mentions, document.relations, {}, document.entities), scheme
    )
    doc.user_data[KEY] = {k: v for k, v in _plain(data).items() if k != "text"}
    report.count("articles")
    report.count("mentions", len(mentions))
    report.count("relations", len(document.relations))
    report.count("flat entities", len(flat))
    if split:
        report.count("split tokens", split)
        report.notes.append(
            _("{id}: {n} tokens were split at gold boundaries").format(id=article.id, n=split)
        )
    beside = len(mentions) - len(flat)
    if beside:
        report.notes.append(
            _("{id}: {n} mentions that overlap or have parts are in spans[{group}] only").format(
                id=article.id, n=beside, group=SPANS
            )
        )
    if document.suggestions:
        report.lost.append(
            _("{id}: {n} suggestions are no gold and were left out").format(
                id=article.id, n=len(document.suggestions)
            )
        )
    return doc


def _words(
    text: str, parts: Iterable[Fragment], nlp: Any
) -> tuple[list[str], list[bool], list[int], int]:
    """Words, whether a space follows each, their offsets, and how many tokens had to be split.

    spaCy's own tokens, so that what is trained on this meets the same tokens later; a text that
    spaCy can't give back exactly gets Goldsmith's tokens instead.
    """
    first, last = {part.start for part in parts}, {part.end for part in parts}
    doc = nlp.make_doc(text) if len(text) <= nlp.max_length else None
    pieces: list[tuple[int, int]]
    if doc is not None and doc.text == text:
        pieces = [(token.idx, token.idx + len(token)) for token in doc]
    else:
        pieces = [(start, end) for start, end in tokens(text)]
    gold = sorted(first | last)
    split = sum(1 for start, end in pieces if bisect_left(gold, end) > bisect_right(gold, start))
    cuts = sorted({0, len(text), *gold, *(edge for piece in pieces for edge in piece)})
    words: list[str] = []
    spaces: list[bool] = []
    starts: list[int] = []
    for start, end in pairwise(cuts):
        word = text[start:end]
        # A space is its word's, unless a mention starts with it or ends with it.
        if word == " " and words and not spaces[-1] and start not in first and end not in last:
            spaces[-1] = True
        else:
            words.append(word)
            spaces.append(False)
            starts.append(start)
    return words, spaces, starts, split


def _plain(value: Any) -> Any:
    """`value` of lists and dictionaries only, as user data must be to be stored."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _language(tag: str) -> str:
    """The language of the scheme if spaCy can tokenise it without more, else any."""
    from spacy.util import get_lang_class

    code = tag.partition("-")[0].lower()
    if not code or code in ("ja", "ko", "zh", "th", "vi"):  # these need packages of their own
        return "xx"
    try:
        get_lang_class(code)
    except ImportError:
        return "xx"
    return code
