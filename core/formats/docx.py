"""Word documents (``.docx``): their text, without layout. See ``docs/formats/docx.md``.

Read straight from the zip's XML: inserted text is in, deleted text is out, a text box comes once.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from core.annotation import Document
from core.errors import FormatError
from core.formats import Report
from core.formats.archive import member, opened
from core.formats.found import Found
from core.formats.incoming import ArticleFile, digest, documents
from core.formats.safexml import events
from core.i18n import _, ngettext

_W = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",  # "strict" documents
)
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_CORE = {"title": "title", "creator": "author", "language": "language"}


class Docx(ArticleFile):
    """Reads Word documents."""

    name = "docx"
    extensions = (".docx",)

    @property
    def title(self) -> str:
        """For a person."""
        return _("Word document")

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The article in the document; several if it is a bundle of a press archive."""
        with opened(path) as archive:
            names = set(archive.namelist())
            if "word/document.xml" not in names:
                raise FormatError(
                    _("this is no Word document."), _("Save it as .docx again."), str(path)
                )
            text, notes = _text(member(archive, "word/document.xml", path), str(path))
            said: dict[str, str] = {}
            meta: dict[str, str] = {}
            if "docProps/core.xml" in names:
                said, meta = _properties(member(archive, "docProps/core.xml", path), str(path))
        if notes:
            report.notes.append(
                ngettext(
                    "{name}: {n} footnote or comment was left out.",
                    "{name}: {n} footnotes and comments were left out.",
                    notes,
                ).format(name=path.name, n=notes)
            )
        yield from documents(Found(text, meta=meta, **said), path, digest(path), report)


def _text(xml: bytes, path: str) -> tuple[str, int]:
    """The paragraphs, a line each, and how many footnotes, endnotes and comments they point at."""
    lines: list[str] = []
    open_lines: list[list[str]] = []  # a text box is a paragraph within one
    hidden = 0  # how deep inside what is not shown
    settings = 0  # the stops of a paragraph are called as tabs are
    inside_text = False
    notes = 0
    for event in events(io.BytesIO(xml), path):
        name = event.name
        local = event.local if name.startswith(_W) else ""
        if name == f"{_MC}Fallback" or local in ("del", "moveFrom", "instrText"):
            hidden += {"start": 1, "end": -1}[event.kind]
        elif hidden:
            continue
        elif event.kind == "start":
            if local == "p":
                open_lines.append([])
            elif local == "t":
                inside_text = True
            elif local in ("tabs", "tblGrid"):
                settings += 1
            elif local in ("footnoteReference", "endnoteReference", "commentReference"):
                notes += 1
            elif open_lines and local in _MARKS and not settings:
                open_lines[-1].append(_MARKS[local])
        elif event.kind == "text":
            if inside_text and open_lines:
                open_lines[-1].append(event.text)
        elif local == "t":
            inside_text = False
        elif local in ("tabs", "tblGrid"):
            settings -= 1
        elif local == "p" and open_lines:
            lines.append("".join(open_lines.pop()).rstrip())
    return "\n".join(lines).strip("\n"), notes


_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}


def _properties(xml: bytes, path: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the document says of itself, by our names; and what else, by its own."""
    found: dict[str, str] = {}
    name = ""
    for event in events(io.BytesIO(xml), path):
        if event.kind == "start":
            name = event.local
        elif event.kind == "text" and name:
            found[name] = found.get(name, "") + event.text
        elif event.kind == "end":
            name = ""
    kept = {key: value.strip() for key, value in found.items() if value.strip()}
    said = {field: kept.pop(key) for key, field in _CORE.items() if key in kept}
    return said, kept
