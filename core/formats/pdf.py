"""PDF: the text of its pages, their lines joined to paragraphs. See ``docs/formats/pdf.md``.

A PDF holds glyphs in places, not text, so this is the one format whose text is put together by
rules; what they did is said in the report.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.annotation import Document
from core.errors import FormatError
from core.formats import Report
from core.formats.files import contents
from core.formats.found import Found
from core.formats.incoming import ArticleFile, digest, documents
from core.i18n import _

_FULL = 0.75  # of the page's long lines; a shorter one ends a paragraph
_PAGES = 5_000
_TAIL = 80  # characters of a line that say whether it ends a sentence or a word
_CLOSED = re.compile(r"[^\w\s,;-][\"'”’)\]]*$")


class Pdf(ArticleFile):
    """Reads PDF files that hold text."""

    name = "pdf"
    extensions = (".pdf",)

    @property
    def title(self) -> str:
        """For a person."""
        return _("PDF with text")

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The article in the document; several if it is a bundle of a press archive."""
        pages, said = _pages(contents(path), str(path))
        lines = [line for page in pages for line in _clean(page)]
        text, hyphens = joined(lines)
        if not text.strip():
            raise FormatError(
                _("no text is in it; its pages are pictures."),
                _("Run text recognition (OCR) over it first, and save the text."),
                str(path),
            )
        if any(page.strip() for page in pages) and not all(page.strip() for page in pages):
            report.notes.append(
                _("{name}: {n} of {all} pages hold no text.").format(
                    name=path.name, n=sum(not p.strip() for p in pages), all=len(pages)
                )
            )
        report.notes.append(
            _(
                "{name}: the lines of {pages} pages were joined to paragraphs, {n} words that were "
                "divided at a line's end put together; look it over before you annotate."
            ).format(name=path.name, pages=len(pages), n=hyphens)
        )
        # A PDF's own title is more often a file's name than a headline.
        found = Found(text, author=said.pop("author", ""), meta=said)
        yield from documents(found, path, digest(path), report)


def _pages(data: bytes, path: str) -> tuple[list[str], dict[str, str]]:
    """The text of each page, and what the document says of itself."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise FormatError(_("it needs a password."), _("Save a copy without one first."), path)
        if len(reader.pages) > _PAGES:
            raise FormatError(
                _("it has {n} pages.").format(n=len(reader.pages)), _("Split it first."), path
            )
        pages = [str(page.extract_text() or "") for page in reader.pages]
        said: dict[str, str] = {}
        info: Any = reader.metadata or {}
        for key in ("/Title", "/Author", "/Subject", "/Creator", "/CreationDate"):
            value = info.get(key)
            if isinstance(value, str) and value.strip():
                said[key[1:].lower()] = _characters(value).strip()
    except FormatError:
        raise
    except Exception as error:  # whatever a broken or hostile file does to the parser
        raise FormatError(
            _("the PDF can't be read: {reason}.").format(reason=str(error) or type(error).__name__),
            _("Open it in a reader, and save its text as plain text."),
            path,
        ) from error
    return [_characters(page) for page in pages], said


def _characters(text: str) -> str:
    """`text` without what is no character: halves of pairs, control characters."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)


def _clean(page: str) -> list[str]:
    return [line.strip() for line in page.replace("\r\n", "\n").split("\n")] + [""]


def joined(lines: Sequence[str]) -> tuple[str, int]:
    """Paragraphs from lines, a blank line between; and how many divided words were put together.

    A line goes on in the next one where it is about as long as the page is wide, or where the next
    one begins in lower case. A hyphen at its end is left out where the word stands elsewhere in the
    text without it, or nowhere with it.
    """
    lengths = sorted(len(line) for line in lines if line)
    wide = lengths[int(len(lengths) * 0.9)] if lengths else 0
    words = Counter(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", " ".join(lines)))
    paragraphs: list[list[str]] = []
    hyphens = 0
    goes_on = False
    last = ""  # the end of the last line, which is all that is looked at
    for line in lines:
        if not line:
            # A page ends in the middle of a sentence as often as not.
            goes_on = goes_on and bool(paragraphs) and not _CLOSED.search(last)
            continue
        if paragraphs and (goes_on or (line[0].islower() and not _ends(last))):
            match = re.search(r"([^\W\d_]+)[-\u00ad]$", last)
            after = re.match(r"[^\W\d_]+", line)
            if match and after and after[0][0].islower():
                whole = match[1] + after[0]
                keep = words[f"{match[1]}-{after[0]}"] and not words[whole]
                if last.endswith("\u00ad") or not keep:
                    paragraphs[-1][-1] = paragraphs[-1][-1][:-1]
                    hyphens += 1
                paragraphs[-1].append(line)
            else:
                paragraphs[-1].append(f" {line}")
        else:
            paragraphs.append([line])
        goes_on = len(line) >= _FULL * wide
        last = line[-_TAIL:]
    return "\n\n".join("".join(parts) for parts in paragraphs), hyphens


def _ends(paragraph: str) -> bool:
    return bool(re.search(r"[.!?:؟。][\"'”’)\]]*$", paragraph))
