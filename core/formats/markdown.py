"""Markdown: one file, one article, without its marks. See ``docs/formats/markdown.md``.

A front matter between ``---`` lines gives title, author, date and their like.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from core.annotation import Document
from core.formats import Report
from core.formats.files import contents
from core.formats.found import Found
from core.formats.incoming import EncodedFile, documents, iso, language_tag
from core.formats.markup import uncommented
from core.formats.text import read_as_text
from core.i18n import _, ngettext

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_LINE = re.compile(r"^([A-Za-z][\w -]*):[ \t]*(.*)$")
_KEYS = {
    "title": "title", "headline": "title", "author": "author", "authors": "author",
    "byline": "author", "date": "published", "published": "published", "url": "url", "link": "url",
    "source": "outlet", "outlet": "outlet", "publisher": "outlet", "sitename": "outlet",
    "language": "language", "lang": "language", "licence": "licence", "license": "licence",
}  # fmt: skip

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_RULE = re.compile(r"^ {0,3}(?:([-*_])[ \t]*)(?:\1[ \t]*){2,}$")
_SETEXT = re.compile(r"^ {0,3}(?:=+|-{2,})[ \t]*$")
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t]+|$)(.*?)(?:[ \t]+#+)?[ \t]*$")
_QUOTE = re.compile(r"^ {0,3}(?:>[ \t]?)+")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*\S+.*$")
_TARGET = (
    r"\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)"
)
_IMAGE = re.compile(r"!\[([^\[\]\n]*)\](?:" + _TARGET + r"|\[[^\[\]\n]*\])")
_LINK = re.compile(r"(?<!!)\[([^\[\]\n]*)\](?:" + _TARGET + r"|\[[^\[\]\n]*\])")
_AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^<>\s]+)>")
# What is between two marks is bounded, else a line of marks that never close costs its square.
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^\n]{1,1000}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*\\])(\*|_)(?=[^\s*_])([^\n*_]{0,1000}?[^\s*_\\])\1(?![\w*])")
_STRUCK = re.compile(r"~~(?=\S)([^\n]{1,1000}?)(?<=\S)~~")
_CODE = re.compile(r"(?<!`)(`{1,8})(?!`)([^\n]{1,1000}?)(?<!`)\1(?!`)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_HELD = re.compile("\ue000(\\d+)\ue001")


class Markdown(EncodedFile):
    """Reads Markdown files."""

    name = "markdown"
    extensions = (".md", ".markdown")

    @property
    def title(self) -> str:
        """For a person."""
        return _("Markdown")

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The one article in the file."""
        data = contents(path)
        text = read_as_text(data, path, report, self.encoding)
        said, meta, body = front_matter(text.replace("\r\n", "\n"))
        plain, targets = unmarked(body)
        if targets:
            report.notes.append(
                ngettext(
                    "{name}: the address of {n} link or picture was left out.",
                    "{name}: the addresses of {n} links and pictures were left out.",
                    targets,
                ).format(name=path.name, n=targets)
            )
        found = Found(plain, meta=meta, **said)
        yield from documents(found, path, hashlib.sha256(data).hexdigest(), report)


def front_matter(text: str) -> tuple[dict[str, str], dict[str, str], str]:
    """What the front matter says by our names, what else it says, and the text after it."""
    match = _FRONT.match(text)
    lines = match[1].split("\n") if match else []
    if match is None or not any(_FRONT_LINE.match(line) for line in lines):
        return {}, {}, text
    said: dict[str, str] = {}
    meta: dict[str, str] = {}
    last = ""
    for line in lines:
        if pair := _FRONT_LINE.match(line):
            last = pair[1].strip()
            meta[last] = _unquoted(pair[2].strip())
        elif last and line.strip():  # a list below its key, or a value of many lines
            meta[last] = f"{meta[last]} {_unquoted(line.strip().removeprefix('- '))}".strip()
    for key in list(meta):
        field = _KEYS.get(key.lower())
        if field and field not in said:
            said[field] = meta.pop(key)
    if "published" in said:
        said["published"] = iso(said["published"])
    if "language" in said:
        said["language"] = language_tag(said["language"]) or said["language"]
    return said, meta, text[match.end() :]


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def unmarked(markdown: str) -> tuple[str, int]:
    """The text without marks, and how many addresses of links and pictures went with them.

    Code keeps its characters. Whatever is no mark for sure stays.
    """
    lines: list[str] = []
    fence = ""
    held: list[str] = []  # what must not be looked at again

    def hold(text: str) -> str:
        held.append(text)
        return f"\ue000{len(held) - 1}\ue001"

    targets = 0
    markdown = uncommented(markdown.replace("\ue000", "").replace("\ue001", ""))
    for line in markdown.split("\n"):
        match = _FENCE.match(line)
        if fence:
            if match and match[1].startswith(fence):
                fence = ""
            else:
                lines.append(hold(line))
            continue
        if match:
            fence = match[1]
            continue
        if _SETEXT.match(line) and lines and lines[-1].strip():
            continue
        if _RULE.match(line):
            lines.append("")
            continue
        if _DEFINITION.match(line):
            targets += 1
            continue
        line = _QUOTE.sub("", line)
        if heading := _HEADING.match(line):
            line = heading[1]
        lines.append(line.rstrip("\\") if line.endswith("\\") else line.rstrip())
    text = "\n".join(lines)
    text = _CODE.sub(lambda m: hold(m[2]), text)
    text = _ESCAPE.sub(lambda m: hold(m[1]), text)
    for pattern in (_IMAGE, _LINK):
        text, n = pattern.subn(r"\1", text)
        targets += n
    text = _AUTOLINK.sub(r"\1", text)
    for pattern in (_STRONG, _EMPHASIS, _STRUCK):
        text = pattern.sub(lambda m: m[m.lastindex or 0], text)
    while _HELD.search(text):
        text = _HELD.sub(lambda m: held[int(m[1])], text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n"), targets
