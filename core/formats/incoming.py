"""What the formats of articles share: the document that one file becomes, its hash, its dates."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from core.annotation import Document, new_id
from core.article import Article, title_of
from core.errors import FormatError
from core.formats import Feature, Reader, Report
from core.formats.bundle import split
from core.formats.files import unreadable
from core.formats.found import Found
from core.i18n import _, ngettext

HOLDS = frozenset({Feature.METADATA})

HASH = "file_sha256"
"""The key in `Article.meta` of the hex digest of the file that the article was read from."""

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = {name[:3]: n for n, name in enumerate(_MONTHS, start=1)}
_DATES = (
    re.compile(r"\b(?P<m>[A-Za-z]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})\b"),
    re.compile(r"\b(?P<d>\d{1,2})(?:st|nd|rd|th)?\.?\s+(?P<m>[A-Za-z]{3,9})\.?,?\s+(?P<y>\d{4})\b"),
)
_ISO = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?)?)?")


class ArticleFile(Reader):
    """Reads files of one article that are known by their name."""

    holds = HOLDS

    def sniff(self, path: Path, head: bytes) -> bool:
        """By the name."""
        return path.suffix.lower() in self.extensions


class EncodedFile(ArticleFile):
    """One whose text is in some encoding.

    Attributes:
        encoding: what the person says it is in; empty to find out.
    """

    def __init__(self, encoding: str = "") -> None:
        self.encoding = encoding


def digest(path: Path) -> str:
    """The hex SHA-256 of a file's bytes. Raises `FormatError`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def document(found: Found, path: Path, sha256: str) -> Document:
    """The document of one article that was read from `path`."""
    return Document(
        Article(
            id=new_id("a"),
            text=found.text,
            title=found.title or title_of(found.text),
            outlet=found.outlet,
            author=found.author,
            url=found.url,
            published=found.published,
            language=found.language,
            licence=found.licence,
            source=path.name,
            meta={**found.meta, HASH: sha256},
        )
    )


def documents(found: Found, path: Path, sha256: str, report: Report) -> Iterator[Document]:
    """The document of one file's text; several where it is a bundle of a press archive.

    Raises `FormatError` where there is no text.
    """
    parts, bare = split(found.text)
    if not parts:
        if not found.text.strip():
            raise empty(path, whole=not found.text)
        report.count("articles")
        yield document(found, path, sha256)
        return
    report.notes.append(
        ngettext(
            "{name} is a bundle of {archive}: {n} article.",
            "{name} is a bundle of {archive}: {n} articles.",
            len(parts),
        ).format(name=path.name, archive=parts[0].archive, n=len(parts))
    )
    if bare:
        report.notes.append(
            ngettext(
                "{name}: {n} part without a body was left out.",
                "{name}: {n} parts without a body were left out.",
                bare,
            ).format(name=path.name, n=bare)
        )
    for part in parts:
        report.count("articles")
        dated = replace(part, published=iso(part.published), language=language_tag(part.language))
        yield document(dated, path, sha256)


def empty(path: Path, whole: bool = True) -> FormatError:
    """What a person is told of a file without text."""
    return FormatError(
        _("the file is empty.") if whole else _("the file holds only white space."),
        _("Leave it out."),
        str(path),
    )


def headed(title: str, text: str) -> str:
    """`text` below its headline, as in a newspaper; names are in headlines, too."""
    title = " ".join(title.split())
    if not title or text.lstrip()[: len(title)] == title:
        return text
    return f"{title}\n\n{text}"


def iso(said: str) -> str:
    """A date as news sources write it, in ISO 8601; as it stands where it is none that we know.

    ``December 23, 2018 Sunday`` → ``2018-12-23``; ``Sun, 23 Dec 2018 10:00:00 GMT`` with its time.
    """
    said = " ".join(said.split())
    if not said or _ISO.fullmatch(said):
        return said
    try:
        if re.search(r"\d\d:\d\d", said):
            found = parsedate_to_datetime(said)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()
    except (ValueError, IndexError, TypeError, OverflowError):
        pass
    for pattern in _DATES:
        for match in pattern.finditer(said):
            word = match["m"].lower()
            month = _MONTH.get(word[:3])
            if month is None or not (_MONTHS[month - 1].startswith(word) or word == "sept"):
                continue
            try:
                return date(int(match["y"]), month, int(match["d"])).isoformat()
            except ValueError:
                continue
    return said


def timestamp(said: datetime) -> str:
    """A time stamp of a file's own metadata in ISO 8601."""
    return said.isoformat(timespec="seconds")


def language_tag(said: str) -> str:
    """A BCP 47 tag for a language as archives name it, empty where we know none."""
    word = said.strip().split(";")[0].strip()
    if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", word):
        return word.replace("_", "-")
    return _LANGUAGES.get(word.lower(), "")


_LANGUAGES = {
    "arabic": "ar", "bulgarian": "bg", "chinese": "zh", "croatian": "hr", "czech": "cs",
    "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi", "french": "fr",
    "german": "de", "greek": "el", "hebrew": "he", "hungarian": "hu", "indonesian": "id",
    "italian": "it", "japanese": "ja", "korean": "ko", "malay": "ms", "norwegian": "no",
    "persian": "fa", "farsi": "fa", "polish": "pl", "portuguese": "pt", "romanian": "ro",
    "russian": "ru", "serbian": "sr", "slovak": "sk", "spanish": "es", "swedish": "sv",
    "thai": "th", "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip
