"""CoNLL-U with the entities in the MISC column. See ``docs/formats/conllu.md``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.annotation import Document, new_id
from core.article import Article, Span, title_of
from core.errors import FormatError
from core.formats import Feature, Loss, Report
from core.formats.conll import (
    SENTENCES,
    Words,
    damaged_mark,
    looks_like_a_mark,
    mentions_of,
    words_only,
)
from core.formats.files import text_lines, wrong_line
from core.formats.loss import STASH, stashed
from core.formats.tags import Decoder, encoded, is_tag
from core.formats.tokens import Tokens
from core.i18n import _
from core.scheme import Scheme

_ID = re.compile(r"(\d{1,6})(?:-(\d{1,6})|\.\d{1,6})?")
_KEYS = frozenset({"ne", "ner", "name"})
_COMMENT = re.compile(r"#\s*(newdoc|newpar|text|sent_id)\b(?:\s+id)?\s*(?:=\s*(.*))?")
_COLUMNS = {2: "LEMMA", 3: "UPOS", 4: "XPOS", 5: "FEATS", 6: "HEAD", 7: "DEPREL", 8: "DEPS"}
# UDPipe's notation for white space in MISC; what it has none for is written as \uXXXX.
_ESCAPES = {" ": "\\s", "\t": "\\t", "\r": "\\r", "\n": "\\n", "|": "\\p", "\\": "\\\\"}
_UNESCAPES = {escape[1]: char for char, escape in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")


class Conllu(Words):
    """Reads and writes CoNLL-U; of its columns a document holds the forms and MISC's entities."""

    name = "conllu"
    extensions = (".conllu",)
    holds = frozenset({Feature.TEXT})

    @property
    def title(self) -> str:
        """For a person."""
        return _("CoNLL-U, entities in MISC")

    # -- reading

    def sniff(self, path: Path, head: bytes) -> bool:
        """Ten columns, the first a number."""
        if path.suffix.lower() not in (".conllu", ".conll", ".conllx"):
            return False
        lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        rows = (line for line in lines if line.strip() and not line.startswith(b"#"))
        first = next(rows, b"")
        return first.count(b"\t") == 9 and first[:1].isdigit()

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """An article for each ``# newdoc``; of a file without them, one for every `SENTENCES`
        sentences."""
        current = _Article(path)
        marked = False
        found = 0

        def spoilt(error: FormatError) -> None:
            current.fail(error)

        for number, line in text_lines(path, spoilt):
            line = line.rstrip("\r")
            if not line.strip():
                current.end_sentence(report, whole=marked)
                if not marked and current.sentences >= SENTENCES:
                    yield from current.made(report)
                    found += 1
                    current = _Article(path)
                continue
            if line.startswith("#"):
                comment = _COMMENT.match(line)
                damaged = looks_like_a_mark(line)
                if damaged or (comment and comment[1] == "newdoc"):
                    current.end_sentence(report, whole=marked)
                    marked = True
                    if current:
                        yield from current.made(report)
                        found += 1
                    name = comment[2] if comment and not damaged else ""
                    current = _Article(path, name=(name or "").strip())
                    if damaged:
                        current.fail(damaged_mark(path, number, line))
                elif comment and comment[1] == "newpar":
                    current.paragraph()
                continue
            try:
                current.add(number, line)
            except FormatError as error:
                current.fail(error)
        current.end_sentence(report, whole=marked)
        if current:
            yield from current.made(report)
            found += 1
        if not report.written.get("articles"):
            raise FormatError(_("the file holds no token."), _("Leave it out."), str(path))
        if not marked and found > 1:
            report.notes.append(
                _("{name} does not say where an article ends; it became {n}.").format(
                    name=path.name, n=found
                )
            )

    # -- writing

    def reduce(self, document: Document, scheme: Scheme) -> tuple[Document, list[Loss]]:
        """Flat mentions of tokens, without white space at their ends."""
        return words_only(document, self.holds, r"[\s|]")

    def rendered(self, document: Document, tokens: Tokens) -> str:
        """MISC says the tags as ``NE=B-TYPE`` and the white space after each token."""
        return _rendered(document, tokens.sentences)


def _rendered(document: Document, sentences: Iterable[tuple[Span, ...]]) -> str:
    text = document.article.text
    flat = [token for sentence in sentences for token in sentence]
    tags = encoded(flat, document.mentions.values(), "IOB2")
    kept = stashed(document.article, "conllu").get("id")
    name = kept if isinstance(kept, str) and kept.splitlines() == [kept] else ""
    lines = [f"# newdoc id = {name}" if name else "# newdoc"]
    n = 0
    for number, sentence in enumerate(sentences, start=1):
        shown = " ".join(text[sentence[0].start : sentence[-1].end].split())
        lines += [f"# sent_id = {name or document.article.id}-{number}", f"# text = {shown}"]
        for place, token in enumerate(sentence, start=1):
            misc = [] if tags[n] == "O" else [f"NE={tags[n]}"]
            following = flat[n + 1].start if n + 1 < len(flat) else len(text)
            gap = text[token.end : following]
            if n == 0 and token.start:
                misc.append(f"SpacesBefore={_escaped(text[: token.start])}")
            if not gap:
                misc.append("SpaceAfter=No")
            elif gap != " " or place == len(sentence):
                misc.append(f"SpacesAfter={_escaped(gap)}")
            form = text[token.start : token.end]
            lines.append("\t".join([str(place), form, *"_______", "|".join(misc) or "_"]))
            n += 1
        lines.append("")
    return "\n".join(lines) + "\n"


def _escaped(space: str) -> str:
    return "".join(_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c.isspace() else c) for c in space)


def _unescaped(text: str) -> str:
    def char(found: re.Match[str]) -> str:
        if found[1]:
            c = chr(int(found[1], 16))
            return c if c.isspace() else ""
        return _UNESCAPES.get(found[2], "")

    return _ESCAPED.sub(char, text)


@dataclass(slots=True)
class _Article:
    """The article that is being read."""

    path: Path
    name: str = ""
    sentences: int = 0
    decoder: Decoder = field(default_factory=Decoder)
    lost: set[str] = field(default_factory=set)
    wrong: FormatError | None = None  # with the sentence
    fault: FormatError | None = None  # with the article, the first
    _parts: list[str] = field(default_factory=list)
    _at: int = 0
    _tokens: list[Span] = field(default_factory=list)
    _last: int = 0  # number of the last word of the sentence
    _until: int = 0  # the last word of the multiword token, whose form it is part of
    _surface: Span | None = None
    _pending: str = ""  # white space that stands after the last token, if another follows
    _said: bool = False  # MISC said it
    _tags_of: list[list[str]] = field(default_factory=list)  # the words of the sentence
    _begun: tuple[int, int, int, str, bool] = (0, 0, 0, "", False)  # as the sentence began

    def __bool__(self) -> bool:
        return bool(self.sentences) or self.fault is not None

    def add(self, number: int, line: str) -> None:
        """One line with columns. Raises `FormatError`."""
        row = line.split("\t")
        if len(row) != 10:
            raise wrong_line(
                self.path, number, _("it has {n} columns, and CoNLL-U has 10.").format(n=len(row))
            )
        found = _ID.fullmatch(row[0])
        if found is None:
            raise wrong_line(
                self.path, number, _("{id} is no number of a word.").format(id=f"“{row[0][:40]}”")
            )
        form, misc = row[1], row[9]
        if "." in row[0]:  # an empty node: no word of the text
            self.lost.add(_("empty nodes"))
            return
        first = int(found[1])
        if found[2]:
            last = int(found[2])
            if first != self._last + 1 or last <= first or self._until > self._last:
                raise wrong_line(self.path, number, _("{id} is out of order.").format(id=row[0]))
            self._until = last
            self._surface = self._append(number, form, misc)
            return
        if first != self._last + 1:
            raise wrong_line(
                self.path,
                number,
                _("the words are numbered {a}, {b}.").format(a=self._last, b=first),
            )
        self._last = first
        self.lost.update(name for n, name in _COLUMNS.items() if row[n] not in ("_", ""))
        tags = self._tags(misc)
        if first <= self._until and self._surface is not None:
            # All words of a multiword token are where its form is.
            self._tokens.append(self._surface)
        else:
            self._tokens.append(self._append(number, form, misc))
        self._tags_of.append(tags)

    def fail(self, error: FormatError) -> None:
        """The sentence has a fault; the first is told."""
        self.wrong = self.wrong or error

    def _append(self, number: int, form: str, misc: str) -> Span:
        if not form or form.isspace():
            raise wrong_line(self.path, number, _("the token is empty."))
        said = dict(part.partition("=")[::2] for part in misc.split("|"))
        if "SpacesBefore" in said and not self._parts:
            self._put(_unescaped(said["SpacesBefore"]))
        self._put(self._pending)
        start = self._at
        self._put(form)
        if "SpacesAfter" in said:
            self._pending, self._said = _unescaped(said["SpacesAfter"]), True
        else:
            closed = said.get("SpaceAfter") == "No"
            self._pending, self._said = ("" if closed else " "), closed
        return Span(start, start + len(form))

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._at += len(text)

    def _tags(self, misc: str) -> list[str]:
        tags = []
        for part in misc.split("|"):
            key, equals, value = part.partition("=")
            if equals and key.lower() in _KEYS and is_tag(value):
                tags.append(value)
            elif not equals and is_tag(part) and part != "O":
                tags.append(part)
            elif equals and key not in ("SpaceAfter", "SpacesAfter", "SpacesBefore"):
                self.lost.add(f"MISC {key}")
        return tags

    def end_sentence(self, report: Report, whole: bool) -> None:
        """A blank line.

        Args:
            whole: the file says where articles end, so a sentence that is wrong costs its article;
                else just itself, since where the article ends is our choice.
        """
        wrong, self.wrong = self.wrong, None
        if wrong is not None and whole:
            self.fault = self.fault or wrong
        elif wrong is not None:
            self._back_to(self._begun)
            report.refuse(wrong)
        elif self._last:
            self.sentences += 1
            for tags in self._tags_of:
                self.decoder.add(tags)
            self.decoder.end_sentence()
            if not self._said:
                self._pending = "\n"
        self._last = self._until = 0
        self._tags_of = []
        self._begun = (len(self._parts), self._at, len(self._tokens), self._pending, self._said)

    def _back_to(self, begun: tuple[int, int, int, str, bool]) -> None:
        parts, self._at, tokens, self._pending, self._said = begun
        del self._parts[parts:], self._tokens[tokens:]

    def paragraph(self) -> None:
        """A comment says that a paragraph begins."""
        if not self._said and self._parts:
            self._pending = "\n\n"

    def made(self, report: Report) -> Iterator[Document]:
        """The document; none if it has a fault, and is left out. The white space after the last
        token counts only where MISC says it."""
        if self.fault is not None:
            report.refuse(self.fault)
            return
        if self._said:
            self._put(self._pending)
        text = "".join(self._parts)
        article = Article(
            new_id("a"),
            text,
            title_of(text),
            source=f"{self.path.name}#{self.name}" if self.name else self.path.name,
            meta={STASH: {"conllu": {"id": self.name}}} if self.name else {},
        )
        source = f"import:{self.path.stem}"
        mentions = mentions_of(self.decoder.spans, self._tokens, article.id, source)
        document = Document(article, {m.id: m for m in mentions})
        report.lose(Loss(Feature.OTHER, article.id, what=what) for what in sorted(self.lost))
        report.count_document(document)
        yield document
