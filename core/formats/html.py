"""Pages of HTML: the article in them, by trafilatura. See ``docs/formats/html.md``.

Menus, advertisements and comments are left out; title, outlet, author, date and address are kept.
"""

from __future__ import annotations

import codecs
import hashlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.annotation import Document
from core.errors import FormatError
from core.formats import Report
from core.formats.files import contents
from core.formats.found import Found
from core.formats.incoming import EncodedFile, documents, empty, headed
from core.formats.text import read_as_text
from core.i18n import _

_LARGEST = 20 << 20  # bytes of a page; trafilatura's own limit, told before its work is begun
_TAGS = 200_000  # of a page at most; each is looked at dozens of times
_ATTRIBUTES = 2_000  # of a tag at most; each is compared with all others
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
_LANGUAGE = re.compile(
    r"<html\b[^>]{0,2000}?\s(?:xml:)?lang\s*=\s*[\"']?([A-Za-z-]{2,20})", re.IGNORECASE
)
_SAVED = re.compile(r"<!--\s*saved from url=\(\d{1,6}\)(\S{1,2000})\s*-->")
_SKIPPED = re.compile(r"<\?xml[^>]{0,200}\?>")


class Html(EncodedFile):
    """Reads pages of HTML."""

    name = "html"
    extensions = (".html", ".htm", ".xhtml")

    @property
    def title(self) -> str:
        """For a person."""
        return _("page of HTML")

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The one article in the page."""
        data = contents(path)
        if len(data) > _LARGEST:
            raise FormatError(
                _("the page has {n} MB, which no article has.").format(n=len(data) >> 20),
                _("Save the article's text as plain text."),
                str(path),
            )
        page = read_as_text(data, path, report, self.encoding or _declared(data))
        if not page.strip():
            raise empty(path, whole=not page)
        yield from documents(_article(page, path), path, hashlib.sha256(data).hexdigest(), report)


def _declared(data: bytes) -> str:
    """The encoding that the page says it is in, empty where that does not hold."""
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ""
    match = _CHARSET.search(data[:8192])
    name = match[1].decode("ascii").lower() if match else ""
    # As browsers do: what says Latin-1 is Windows' superset of it.
    name = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}.get(name, name)
    try:
        if name and not codecs.lookup(name).name.startswith(("utf-16", "utf-32")):
            data.decode(name)
            return name
    except (LookupError, ValueError):
        pass
    return ""


def _is_crowded(page: str) -> bool:
    """Whether there are tags, or attributes of a tag, as only a hostile page has."""
    tags = page.split("<")
    return len(tags) > _TAGS or any(
        len(_QUOTED.sub(" ", tag.partition(">")[0]).split()) > _ATTRIBUTES
        for tag in tags
        if len(tag) > 3 * _ATTRIBUTES
    )


def _article(page: str, path: Path) -> Found:
    import trafilatura

    if _is_crowded(page):
        raise FormatError(
            _("the page has tags, or attributes of one, without end."),
            _("No article has. Save the article's text as plain text."),
            str(path),
        )
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    saved = _SAVED.search(page[:4096])
    try:
        found: Any = trafilatura.bare_extraction(
            _SKIPPED.sub("", page, count=1),
            url=saved[1] if saved else None,
            with_metadata=True,
            include_comments=False,
            include_tables=True,
            include_links=False,
            # A wrong date is worse than none: only those that the page marks as its own.
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except Exception as error:  # whatever a hostile page does to the parsers of three libraries
        raise FormatError(
            _("the page can't be read: {reason}.").format(reason=type(error).__name__),
            _("Save the article's text as plain text."),
            str(path),
        ) from error
    text = (found.text or "").strip() if found is not None else ""
    if not text:
        raise FormatError(
            _("no article was found in this page."),
            _("Save the article's text as plain text."),
            str(path),
        )
    language = _LANGUAGE.search(page[:65536])
    title = " ".join((found.title or "").split())
    meta = {
        key: value
        for key in ("description", "categories", "tags", "hostname", "pagetype")
        if (value := getattr(found, key, None))
    }
    paragraphs = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    return Found(
        headed(title, "\n\n".join(paragraphs)),
        title=title,
        outlet=found.sitename or found.hostname or "",
        author=found.author or "",
        url=found.url or "",
        published=found.date or "",
        language=language[1] if language else "",
        licence=found.license or "",
        meta=meta,
    )
