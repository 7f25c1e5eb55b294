"""Columns as in CoNLL-2003: a token a line, its tag in a column. See ``docs/formats/conll.md``."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from core.annotation import Document, Fragment, Mention, new_id
from core.article import Article, Span, title_of
from core.errors import FormatError
from core.formats import Feature, Loss, Reader, Report, Writer
from core.formats.files import replacing, text_lines, wrong_line
from core.formats.loss import reduced
from core.formats.tags import Decoder, encoded, is_tag
from core.formats.tokens import Tokens, joined, respaced, split_note, tokenised
from core.i18n import _, ngettext
from core.scheme import Scheme

DOCSTART = "-DOCSTART-"
SENTENCES = 500  # of an article, where the file does not say where one ends
_COLUMNS = re.compile(r"[ \t]+")
_COMMENT = re.compile(r"#\s*([\w:.-]+(?:\s+id)?)\s*=\s*(.*)")
_NEWDOC = re.compile(r"#\s*newdoc\b")


class Words(Reader, Writer):
    """A format of a word a line, all articles in one file."""

    def write(self, documents: Iterable[Document], scheme: Scheme, out: Path) -> Report:
        """One file, an article after the other; tokens are split wherever gold has a boundary."""
        report = Report(files=[out])
        split = 0
        with replacing(out) as file:
            for document in documents:
                document = self.kept(document, scheme, report)
                tokens = tokenised(document)
                split += tokens.split
                file.write(self.rendered(document, tokens).encode("utf-8"))
        report.notes += split_note(split)
        return report

    @abstractmethod
    def rendered(self, document: Document, tokens: Tokens) -> str:
        """The lines of one article, of which the format holds everything."""


class Conll(Words):
    """Reads columns with tags of any scheme, nested layers too; writes one scheme, flat.

    Args:
        scheme: the tags to write, one of `core.formats.tags.SCHEMES`.
    """

    page = "conll"
    holds: frozenset[Feature] = frozenset()

    def __init__(self, name: str = "conll", scheme: str = "IOB2") -> None:
        self.name = name
        self.scheme_of_tags = scheme
        self.extensions = {
            "IOB2": (".conll", ".iob2", ".iob", ".bio"), "BILOU": (".bilou",)
        }[scheme]  # fmt: skip

    @property
    def title(self) -> str:
        """For a person."""
        return _("CoNLL-2003 columns, {scheme}").format(scheme=self.scheme_of_tags)

    # -- reading

    def sniff(self, path: Path, head: bytes) -> bool:
        """Every line of the beginning is a token with tags; a text has no such lines."""
        if path.suffix.lower() not in (*self.extensions, ".txt", ".tsv", ""):
            return False
        lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[
            : -1 if len(head) >= 1 << 16 else None
        ]
        rows = [
            row
            for line in lines[:400]
            if (row := _columns(line.decode("utf-8", "replace").rstrip("\r")))
        ]
        if path.suffix.lower() in self.extensions:
            return any(is_tag(cell) for row in rows for cell in row[1:]) and not _is_conllu(rows)
        found = [row for row in rows if row[0] != DOCSTART]
        return (
            len(found) > 2
            and all(len(row) > 1 and any(is_tag(cell) for cell in row[1:]) for row in found)
            and any(cell[:2] in ("B-", "U-", "S-") for row in found for cell in row[1:])
        )

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """An article for each ``-DOCSTART-`` or ``# newdoc``; of a file without them, one for every
        `SENTENCES` sentences."""
        layout = _layout(path)
        document = _Rows(path, layout)
        found = 0
        repaired = 0
        marked = False

        def spoilt(error: FormatError) -> None:
            document.fail(error)

        for number, line in text_lines(path, spoilt):
            if not line.strip():
                document.end_sentence(report, whole=marked)
                if not marked and document.sentences >= SENTENCES:
                    repaired += document.decoder.repaired
                    yield from document.made(report)
                    found += 1
                    document = _Rows(path, layout)
                continue
            row = _columns(line)
            damaged = looks_like_a_mark(line)
            if not row or row[0] == DOCSTART or damaged:
                start = _NEWDOC.match(line) or (row and row[0] == DOCSTART) or damaged
                if start:
                    document.end_sentence(report, whole=marked)
                    marked = True
                    if document:
                        repaired += document.decoder.repaired
                        yield from document.made(report)
                        found += 1
                    document = _Rows(path, layout)
                if damaged:
                    document.fail(damaged_mark(path, number, line))
                document.comment(line)
                continue
            try:
                document.add(number, row)
            except FormatError as error:
                document.fail(error)
        document.end_sentence(report, whole=marked)
        if document:
            repaired += document.decoder.repaired
            yield from document.made(report)
            found += 1
        if not report.written.get("articles"):
            raise FormatError(_("the file holds no token."), _("Leave it out."), str(path))
        if not marked and found > 1:
            report.notes.append(
                _(
                    "{name} does not say where an article ends; it became {n} of {m} sentences."
                ).format(name=path.name, n=found, m=SENTENCES)
            )
        if repaired:
            report.notes.append(
                ngettext(
                    "{name}: {n} tag continues nothing, and begins a mention.",
                    "{name}: {n} tags continue nothing, and begin mentions.",
                    repaired,
                ).format(name=path.name, n=f"{repaired:,}")
            )

    # -- writing

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """Flat mentions of tokens; the white space is lost last, when the tokens are known."""
        return words_only(document, self.holds, r"\s")

    def rendered(self, document: Document, tokens: Tokens) -> str:
        """A line that says that an article begins, a blank line after each sentence."""
        tags = iter(encoded(tokens.all, document.mentions.values(), self.scheme_of_tags))
        text = document.article.text
        lines = [f"{DOCSTART} -X- O O\n\n"]
        for sentence in tokens.sentences:
            lines += [f"{text[t.start : t.end]} -X- O {next(tags)}\n" for t in sentence]
            lines.append("\n")
        return "".join(lines)


def words_only(
    document: Document, holds: frozenset[Feature], unnamed: str
) -> tuple[Document, list[Loss]]:
    """What tokens and tags hold of a document, with its text as it is; the losses have its white
    space, too, if that is lost.

    Args:
        unnamed: a regular expression of what the name of a type can't have.
    """

    def names(document: Document) -> Iterator[Loss]:
        for type in dict.fromkeys(m.type for m in document.mentions.values()):
            safe = re.sub(unnamed, "_", type)
            if safe != type:
                yield Loss(Feature.NAMES, document.article.id, what=type, instead=safe)

    smaller, losses = reduced(document, holds | {Feature.TEXT}, names)
    if Feature.TEXT not in holds and respaced(smaller) is not smaller:
        losses.append(Loss(Feature.TEXT, document.article.id))
    return smaller, losses


# -- rows


def _columns(line: str) -> list[str]:
    """The columns of a line, none of a comment and a blank line."""
    line = line.strip(" \t\r")
    row = line.split("\t") if "\t" in line else _COLUMNS.split(line)
    row = [cell.strip() for cell in row]
    if line.startswith("#") and (
        _COMMENT.match(line) or _NEWDOC.match(line) or len(row) < 2 or not is_tag(row[-1])
    ):
        return []
    return row if line else []


def looks_like_a_mark(line: str) -> bool:
    """Whether a line was one that begins an article, and is damaged: taken for a word or a comment,
    it would make one article of two."""
    start = line[:16]
    if not line.startswith("#") and "DOC" not in start and "START" not in start:
        return False
    words = line.lstrip("# ").split(maxsplit=1)
    if not words or words[0] in (DOCSTART, "newdoc"):
        return False
    wanted = "newdoc" if line.startswith("#") else DOCSTART
    return SequenceMatcher(None, words[0], wanted).ratio() > 0.8


def damaged_mark(path: Path, number: int, line: str) -> FormatError:
    """What a person is told of it."""
    return wrong_line(
        path,
        number,
        _("{line} seems to begin an article, and is damaged.").format(line=f"“{line[:40]}”"),
    )


def _is_conllu(rows: list[list[str]]) -> bool:
    return bool(rows) and all(len(row) == 10 and row[0][:1].isdecimal() for row in rows)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which column is what.

    Attributes:
        word: of the token.
        tags: of the tags, the outermost first; None: all after the token.
        width: how many columns each line has; None: it varies.
        others: columns that a document does not hold.
    """

    word: int
    tags: tuple[int, ...] | None
    width: int | None
    others: tuple[int, ...] = ()


def _layout(path: Path) -> _Layout:
    """Judged by the first 2,000 lines that have columns. Raises `FormatError`."""
    rows: list[list[str]] = []
    first = 0
    for number, line in text_lines(path, lambda _error: None):
        row = _columns(line)
        if row and row[0] != DOCSTART:
            first = first or number
            rows.append(row)
            if len(rows) >= 2000:
                break
    if not rows:
        raise FormatError(_("the file holds no token."), _("Leave it out."), str(path))
    widths = Counter(len(row) for row in rows)
    # A line that is wrong is told when it is read; it must not mislead about the others.
    numbered = _are_numbered(rows)
    word = int(numbered)
    if len(widths) > 1:
        tagged = sum(all(map(is_tag, row[word + 1 :])) and len(row) > word + 1 for row in rows)
        if tagged > 0.9 * len(rows):
            return _Layout(word, None, None)
    width = widths.most_common(1)[0][0]
    even = [row for row in rows if len(row) == width]
    columns = range(word + 1, width)
    tags = [n for n in columns if all(is_tag(row[n]) for row in even)]
    tags = tags or [n for n in columns if _most(is_tag(row[n]) for row in even)]
    if not tags:
        raise FormatError(
            _("no column holds tags such as B-PER, I-PER and O."),
            _("Columns are set apart by tabs or spaces; the token comes first."),
            str(path),
            first,
        )
    layers = [tags[-1]]
    while layers[0] - 1 in tags:
        layers.insert(0, layers[0] - 1)
    if not numbered and width == 4 and layers == [2, 3]:
        layers = [3]  # CoNLL-2003: token, part of speech, chunk, entity
    others = tuple(n for n in range(word + 1, width) if n not in layers)
    others = tuple(n for n in others if any(row[n] not in ("_", "-", "O", "-X-") for row in even))
    return _Layout(word, tuple(layers), width, others)


def _are_numbered(rows: list[list[str]]) -> bool:
    """Whether lines begin with the number of their token: it is one more than that before it, or it
    begins a sentence; but for a tenth, or for one line that is wrong and so the one after it."""
    if all(row[1:2] in (["-X-"], ["_"]) for row in rows):  # no words, beside words that are numbers
        return False
    wrong = 0
    before = -2
    for row in rows:
        said = len(row) > 2 and len(row[0]) < 7 and row[0].isdecimal()
        number = int(row[0]) if said else -2
        wrong += number not in (0, 1) and (number < 0 or number != before + 1)
        before = number
    return wrong <= max(2 if len(rows) > 4 else 0, len(rows) // 10)


def _most(said: Iterable[bool]) -> bool:
    """But for a tenth, or for one of a few."""
    found = list(said)
    wrong = len(found) - sum(found)
    return wrong <= max(1, len(found) // 10) and len(found) > 2 * wrong


@dataclass(slots=True)
class _Rows:
    """The article that is being read."""

    path: Path
    layout: _Layout
    sentences: int = 0
    decoder: Decoder = field(default_factory=Decoder)
    wrong: FormatError | None = None  # with the sentence
    fault: FormatError | None = None  # with the article, the first
    _words: list[list[str]] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _sentence: list[str] = field(default_factory=list)
    _tags: list[list[str]] = field(default_factory=list)
    _said: str = ""
    _name: str = ""

    def __bool__(self) -> bool:
        return bool(self._words) or self.fault is not None

    def comment(self, line: str) -> None:
        """A comment, which may say the sentence's text or the article's name."""
        found = _COMMENT.match(line)
        if found is None:
            return
        if found[1] == "text":
            self._said = found[2].strip()
        elif found[1].split() == ["newdoc", "id"]:
            self._name = found[2].strip()

    def add(self, number: int, row: list[str]) -> None:
        """A token. Raises `FormatError`."""
        layout = self.layout
        if layout.width is not None and len(row) != layout.width:
            raise wrong_line(
                self.path,
                number,
                _("it has {n} columns, and the lines before it have {m}.").format(
                    n=len(row), m=layout.width
                ),
            )
        if layout.tags is None:
            tags = row[layout.word + 1 :]
        else:
            tags = [row[n] for n in layout.tags]
        if not tags:
            raise wrong_line(self.path, number, _("the token has no tag."))
        wrong = next((tag for tag in tags if not is_tag(tag)), None)
        if wrong is not None:
            raise wrong_line(
                self.path,
                number,
                _("{tag} is no tag; tags are O, B-TYPE, I-TYPE.").format(tag=f"“{wrong[:40]}”"),
            )
        if layout.word and not row[0].isdecimal():
            raise wrong_line(
                self.path, number, _("{id} is no number of a word.").format(id=f"“{row[0][:40]}”")
            )
        word = row[layout.word]
        if not word or word.isspace():
            raise wrong_line(self.path, number, _("the token is empty."))
        self._sentence.append(word)
        self._tags.append(tags)

    def fail(self, error: FormatError) -> None:
        """The sentence has a fault; the first is told."""
        self.wrong = self.wrong or error

    def end_sentence(self, report: Report, whole: bool) -> None:
        """A blank line.

        Args:
            whole: the file says where articles end, so a sentence that is wrong costs its article;
                else just itself, since where the article ends is our choice.
        """
        wrong, self.wrong = self.wrong, None
        if wrong is not None:
            if whole:
                self.fault = self.fault or wrong
            else:
                report.refuse(wrong)
        elif self._sentence:
            for tags in self._tags:
                self.decoder.add(tags)
            self.decoder.end_sentence()
            self._words.append(self._sentence)
            self._texts.append(self._said)
            self.sentences += 1
        self._sentence, self._tags, self._said = [], [], ""

    def made(self, report: Report) -> Iterator[Document]:
        """The document, with the text of its comments where the tokens are that; none if it has
        a fault, and is left out."""
        if self.fault is not None:
            report.refuse(self.fault)
            return
        text, places = placed(self._words, self._texts)
        source = f"{self.path.name}#{self._name}" if self._name else self.path.name
        article = Article(new_id("a"), text, title_of(text), source=source)
        tokens = [place for sentence in places for place in sentence]
        mentions = mentions_of(self.decoder.spans, tokens, article.id, f"import:{self.path.stem}")
        document = Document(article, {m.id: m for m in mentions})
        report.lose(
            Loss(Feature.OTHER, article.id, what=_("column {n}").format(n=n + 1))
            for n in self.layout.others
        )
        report.count_document(document)
        yield document


def placed(words: list[list[str]], said: list[str]) -> tuple[str, list[list[Span]]]:
    """The text of sentences and the places of their tokens in it, a line a sentence.

    Args:
        said: what a comment says that the sentence's text is; empty: tokens with spaces between.
    """
    parts: list[str] = []
    places: list[list[Span]] = []
    at = 0
    for sentence, text in zip(words, said, strict=True):
        if parts:
            parts.append("\n")
            at += 1
        row = _found(sentence, text) if text else None
        if row is None:
            text, rows = joined([sentence])
            row = rows[0]
        parts.append(text)
        places.append([Span(at + t.start, at + t.end) for t in row])
        at += len(text)
    return "".join(parts), places


def _found(sentence: list[str], text: str) -> list[Span] | None:
    """Where the tokens are in the text; None where it holds anything else but white space."""
    row: list[Span] = []
    at = 0
    for word in sentence:
        start = text.find(word, at)
        if start < 0 or text[at:start].strip():
            return None
        at = start + len(word)
        row.append(Span(start, at))
    return None if text[at:].strip() else row


def mentions_of(
    spans: Iterable[tuple[int, int, str]], tokens: list[Span], article: str, source: str
) -> Iterator[Mention]:
    """Mentions from (first token, last token, type), in the order of the text."""
    for first, last, type in sorted(spans, key=lambda s: (s[0], -s[1])):
        part = Fragment(tokens[first].start, tokens[last].end)
        yield Mention(new_id("m"), article, (part,), type, source=source)


__all__ = ["Conll", "damaged_mark", "looks_like_a_mark", "mentions_of", "placed", "words_only"]
