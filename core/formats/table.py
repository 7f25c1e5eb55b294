"""Tables of articles: CSV, TSV, and JSON Lines of plain records. See ``docs/formats/table.md``.

Which column is the text, the title and so on is found by its name, or said by the person. All other
columns are kept as metadata.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any, Self

from core.annotation import Document
from core.errors import FormatError
from core.formats import Feature, Reader, Report
from core.formats.files import (
    Refuse,
    count_lines,
    first_object,
    head,
    json_lines,
    raised,
    unreadable,
)
from core.formats.found import Found
from core.formats.incoming import HOLDS, digest, document, iso, language_tag
from core.formats.text import decode
from core.i18n import _, ngettext

_NAMES = {
    "text": "text body content article fulltext articletext maintext articlebody story",
    "title": "title headline head heading",
    "outlet": "outlet source publisher newspaper publication medium sitename source_name domain",
    "author": "author authors byline creator",
    "url": "url link href permalink address",
    "published": "published date pubdate publishedat publicationdate publishdate datetime "
    "publishedon datepublished",
    "language": "language lang",
    "licence": "licence license",
}
_DELIMITERS = ",;\t|"
_BLOCK = 1 << 16
# Bytes of one field; a book has 3 MB, so this one is a quote that never ends.
_LONGEST = 32 << 20
_ROWS = 5  # of a preview
_UNDECODED = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of a byte


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that hold an article's parts, empty where there is none.

    Attributes:
        text: must be there for a table to be read.
    """

    text: str = ""
    title: str = ""
    outlet: str = ""
    author: str = ""
    url: str = ""
    published: str = ""
    language: str = ""
    licence: str = ""

    def chosen(self) -> dict[str, str]:
        """Part of an article: name of its column, of those that there are."""
        return {f.name: name for f in fields(self) if (name := getattr(self, f.name))}

    def completed(self, header: Sequence[str]) -> Columns:
        """With the parts that nobody chose found by the usual names of `header`.

        Raises `FormatError` for a chosen column that is not in `header`.
        """
        said = self.chosen()
        for name in said.values():
            if name not in header:
                raise FormatError(
                    _("there is no column {name}.").format(name=f"“{name}”"),
                    _("Its columns are: {names}.").format(names=_named(header)),
                )
        plain = {re.sub(r"[\W_]+", "", name.lower()): name for name in reversed(header)}
        for part, usual in _NAMES.items():
            for name in usual.split():
                found = plain.get(name.replace("_", ""))
                if part not in said and found and found not in said.values():
                    said[part] = found
        return Columns(**said)


def columns(said: Sequence[str], text: str = "") -> Columns:
    """`Columns` from what a person types, ``title=headline``. Raises `FormatError`."""
    found: dict[str, str] = {"text": text} if text else {}
    known = [f.name for f in fields(Columns)]
    for pair in said:
        part, equals, name = pair.partition("=")
        if not equals or part.strip() not in known or not name.strip():
            raise FormatError(
                _("{pair} names no column.").format(pair=f"“{pair}”"),
                _("Say which part is in which column, e.g. title=headline; parts: {parts}.").format(
                    parts=", ".join(known)
                ),
            )
        found[part.strip()] = name.strip()
    return Columns(**found)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person needs to choose columns.

    Attributes:
        header: the names of the columns.
        rows: the first rows, texts; as many values as the header has.
        columns: the parts that were found by the columns' names.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: Columns


def preview(path: Path, encoding: str = "", rows: int = _ROWS) -> Preview:
    """The header and the first rows of a CSV, TSV or JSON Lines file. Raises `FormatError`."""
    shown: list[tuple[str, ...]] = []
    header: tuple[str, ...] = ()
    if path.suffix.lower() in Csv().extensions:
        stream = _rows(path, encoding, raised)
        header = tuple(next(stream, (1, []))[1])
        for _line, row in stream:
            shown.append(tuple((row + [""] * len(header))[: len(header)]))
            if len(shown) >= rows:
                break
    else:
        records: list[dict[str, Any]] = []
        for _line, record in json_lines(path):
            records.append(record)
            if len(records) >= rows:
                break
        header = tuple(dict.fromkeys(key for record in records for key in record))
        shown = [tuple(_shown(record.get(key)) for key in header) for record in records]
    return Preview(header, tuple(shown), Columns().completed(header))


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


class Csv(Reader):
    """Reads tables whose values are divided by commas, semicolons, tabs or bars.

    Attributes:
        columns: what the person chose.
        encoding: what the person says it is in; empty to find out.
    """

    name = "csv"
    extensions = (".csv", ".tsv", ".tab")
    holds = HOLDS | {Feature.TEXT}

    def __init__(self, columns: Columns | None = None, encoding: str = "") -> None:
        self.columns = columns or Columns()
        self.encoding = encoding

    @property
    def title(self) -> str:
        """For a person."""
        return _("table (CSV, TSV), one article a row")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By the name: a table with a header that has a column of texts, or without one."""
        return path.suffix.lower() in self.extensions and not head.startswith(b"#FORMAT=")

    def expected(self, path: Path) -> int:
        """By its lines; texts of many lines make it fewer."""
        return max(1, count_lines(path) - 1)

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The rows of the table, one after the other."""
        sha256 = digest(path)
        stream = _rows(path, self.encoding, report.refuse)
        header = next(stream, (1, []))[1]
        if not any(name.strip() for name in header):
            raise FormatError(_("the file is empty."), _("Leave it out."), str(path))
        names = [name.strip() or f"column {n}" for n, name in enumerate(header, start=1)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise FormatError(
                _("two columns are called {name}.").format(name=f"“{twice}”"),
                _("Rename one."),
                str(path),
                1,
            )
        chosen = _completed(self.columns, names, path)
        rows = _records(stream, names, path, report.refuse)
        yield from _articles(rows, chosen, path, sha256, report)


class Records(Reader):
    """Reads JSON Lines whose objects are plain records with a text.

    Attributes:
        columns: what the person chose.
    """

    name = "records"
    extensions = (".jsonl", ".ndjson")
    holds = HOLDS | {Feature.TEXT}

    def __init__(self, columns: Columns | None = None) -> None:
        self.columns = columns or Columns()

    @property
    def title(self) -> str:
        """For a person."""
        return _("records in JSON Lines, one article a line")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By its first object: no other format's, with a text under a usual name."""
        if path.suffix.lower() not in self.extensions:
            return False
        first = first_object(path)
        if first is None or "goldsmith" in first:
            return False
        name = Columns().completed(list(first)).text
        return isinstance(first.get(name), str) and not _is_annotated(first)

    def expected(self, path: Path) -> int:
        """One a line."""
        return count_lines(path)

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The records of the file, one after the other."""
        sha256 = digest(path)
        chosen = _completed(self.columns, list(_keys(path)), path)
        yield from _articles(json_lines(path, report.refuse), chosen, path, sha256, report)


def _keys(path: Path) -> dict[str, None]:
    """The keys of the first records; not every one says all."""
    good = islice(json_lines(path, lambda error: None), 100)
    return dict.fromkeys(key for _line, record in good for key in record)


def _is_annotated(record: Mapping[str, Any]) -> bool:
    """Whether it holds what would be lost if it were read as an article alone."""
    keys = ("spans", "entities", "label", "labels", "relations", "mentions")
    old = record.get("annotations")  # of an old doccano
    if isinstance(old, list) and any(isinstance(a, dict) and "start_offset" in a for a in old):
        return True
    return any(isinstance(record.get(key), list) for key in keys)


def _named(header: Sequence[str]) -> str:
    """The names of columns, as many and as much of each as a message can hold."""
    return ", ".join(name if len(name) <= 60 else name[:59] + "…" for name in header[:40])


def _completed(chosen: Columns, header: Sequence[str], path: Path) -> Columns:
    try:
        found = chosen.completed(header)
    except FormatError as error:
        raise FormatError(error.message, error.hint, str(path), 1) from error
    if not found.text:
        raise FormatError(
            _("no column is called “text”, “body”, “content” or the like."),
            _("Say which one holds the text: --text-column NAME. Its columns are: {names}.").format(
                names=_named(header)
            ),
            str(path),
            1,
        )
    return found


def _articles(
    rows: Iterator[tuple[int, dict[str, Any]]],
    chosen: Columns,
    path: Path,
    sha256: str,
    report: Report,
) -> Iterator[Document]:
    empty: list[int] = []
    for line, row in rows:
        said: dict[str, str] = {}
        wrong = False
        for part, name in chosen.chosen().items():
            value = row.pop(name, None)
            if isinstance(value, list) and all(isinstance(v, str) for v in value):
                value = ", ".join(value) if part != "text" else "\n\n".join(value)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                said[part] = str(value)
            elif value is not None and part != "text":
                row[name] = value  # an object, say: it stays what it is
            elif value is not None:
                wrong = True
                report.refuse(
                    FormatError(
                        _("{name} must be a text.").format(name=f"“{name}”"),
                        _("Correct the row, or choose another column: --text-column NAME."),
                        str(path),
                        line,
                    )
                )
        if wrong:
            continue
        if not said.get("text", "").strip():
            empty.append(line)
            continue
        said["published"] = iso(said.get("published", ""))
        language = said.get("language", "")
        said["language"] = language_tag(language) or language
        meta = {key: value for key, value in row.items() if value not in ("", None)}
        report.count("articles")
        yield document(Found(meta=meta, **said), path, sha256)
    if not report.written.get("articles"):
        raise FormatError(_("no row holds a text."), _("Leave it out."), str(path))
    if empty:
        report.notes.append(
            ngettext(
                "{name}: {n} row without a text was left out (line {lines}).",
                "{name}: {n} rows without a text were left out (lines {lines}).",
                len(empty),
            ).format(
                name=path.name,
                n=len(empty),
                lines=", ".join(map(str, empty[:10])) + (", …" if len(empty) > 10 else ""),
            )
        )


# -- CSV


def _rows(path: Path, encoding: str, refuse: Refuse) -> Iterator[tuple[int, list[str]]]:
    """The rows, the header first, with the line that each begins at. Raises `FormatError`."""
    start = head(path)
    name = encoding or _encoding(start, path)
    try:
        # Of a byte that does not fit its row is told below.
        first = codecs.getincrementaldecoder(name)("surrogateescape").decode(start)
        first = first.removeprefix("\ufeff")
    except (LookupError, ValueError) as error:
        raise FormatError(
            _("this is not {encoding}: {error}.").format(encoding=name, error=error),
            _("Name another encoding, or none to have it found out."),
            str(path),
        ) from error
    csv.field_size_limit(_LONGEST)
    line, width = 1, 0
    broken = False
    try:
        with path.open("rb") as raw:
            # What can't be decoded is marked, so that it is the fault of its row alone.
            text = _Lines(io.TextIOWrapper(raw, name, "surrogateescape", newline=""), name)
            reader = csv.reader(text, delimiter=_delimiter(first, path), strict=True)
            while True:
                try:
                    row = next(reader, None)
                except csv.Error as error:
                    broken = True
                    reason = _("the row is broken: {reason}.").format(reason=error)
                    hint = _('A quote (") in a value must be doubled; save the table again.')
                    refuse(FormatError(reason, hint, str(path), line))
                    row = []
                if row is None:
                    return
                width = width or len(row)
                # Behind a broken row come its other lines, and then a row like the others.
                broken = broken and len(row) != width
                if text.fault:
                    hint = _("Save it in UTF-8, or name its encoding: --encoding cp1252.")
                    refuse(FormatError(text.fault, hint, str(path), line))
                    text.fault = ""
                elif row and not broken:
                    yield line, row
                line = reader.line_num + 1
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeError as error:
        raise FormatError(
            _("a byte after line {line} is not {encoding}.").format(line=line, encoding=name),
            _("Save it in UTF-8, or name its encoding: --encoding cp1252."),
            str(path),
            line,
        ) from error


class _Lines:
    """The lines of a table, without a byte order mark; it goes on behind a line that is wrong.

    Attributes:
        fault: what is wrong with a line since this was emptied, though it could be read.
    """

    def __init__(self, text: io.TextIOWrapper, encoding: str) -> None:
        self.fault = ""
        self._text = text
        self._encoding = encoding
        self._first = True

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        if self._first:
            line = line.removeprefix("\ufeff")
            self._first = False
        if "\x00" in line:
            raise csv.Error(_("it holds a NUL byte"))
        if not line.isascii() and _UNDECODED.search(line):
            self.fault = _("it holds a byte that is not {encoding}.").format(
                encoding=self._encoding
            )
        return line


def _encoding(start: bytes, path: Path) -> str:
    """The encoding of a file that begins with `start`: UTF-8, or what leaves no doubt."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    # Whole lines, so that no character is cut; the marks of UTF-16 are looked at first.
    whole = start[: start.rfind(b"\n") + 1] or start
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    try:
        return decode(whole).encoding
    except FormatError as error:
        raise FormatError(error.message, error.hint, str(path)) from error


def _delimiter(start: str, path: Path) -> str:
    """The one that the header holds most of, outside quotes; a tab in ``.tsv``."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    header = re.sub(r'"[^"]*"', "", start.lstrip("\r\n").split("\n", 1)[0])
    return max(_DELIMITERS, key=header.count)


def _records(
    stream: Iterator[tuple[int, list[str]]], names: Sequence[str], path: Path, refuse: Refuse
) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, row in stream:
        if len(row) > len(names) and any(value.strip() for value in row[len(names) :]):
            refuse(
                FormatError(
                    _("the row has {n} values, but there are {columns} columns.").format(
                        n=len(row), columns=len(names)
                    ),
                    _("A value that holds the delimiter must be in quotes; save the table again."),
                    str(path),
                    line,
                )
            )
            continue
        yield line, dict(zip(names, row, strict=False))
