"""RSS and Atom files: each entry is an article. See ``docs/formats/feed.md``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import BinaryIO

from core.annotation import Document
from core.errors import FormatError
from core.formats import Report
from core.formats.files import unreadable
from core.formats.found import Found
from core.formats.incoming import ArticleFile, digest, document, headed, iso, language_tag
from core.formats.markup import looks_like_html, plain
from core.formats.safexml import Event, events
from core.i18n import _, ngettext

# Where an entry's parts stand, by local name; the first that is there counts.
_TEXT = ("encoded", "content", "description", "summary")
_DATE = ("pubDate", "published", "issued", "date", "updated", "modified")
_AUTHOR = ("creator", "author")
# Of an Atom person the name, of the feed that an entry is from its title.
_INNER = {"author": "<name>(.*?)</name>", "source": "<title>(.*?)</title>"}
_KEPT = frozenset(
    {"title", "link", "guid", "id", "category", "language", "rights", "source", "subject",
     *_TEXT, *_DATE, *_AUTHOR}
)  # fmt: skip


class Feed(ArticleFile):
    """Reads RSS 0.9 to 2.0, RDF and Atom."""

    name = "feed"
    extensions = (".rss", ".atom", ".rdf", ".xml")

    @property
    def title(self) -> str:
        """For a person."""
        return _("RSS or Atom feed")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By its root; ``.xml`` may be anything."""
        if path.suffix.lower() not in self.extensions:
            return False
        start = head.replace(b"\x00", b"")[:8192]
        return path.suffix.lower() != ".xml" or any(
            mark in start for mark in (b"<rss", b"<feed", b"<rdf:RDF")
        )

    def expected(self, path: Path) -> int:
        """By counting the ends of entries."""
        try:
            data = path.read_bytes() if path.stat().st_size < 64 << 20 else b""
        except OSError:
            return 1
        return max(1, data.count(b"</item>") + data.count(b"</entry>"))

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The entries of the feed, one after the other."""
        sha256 = digest(path)
        short = empty = 0
        try:
            with path.open("rb") as file:
                for found, is_whole in self._whole(path, file, report):
                    if not found.text.strip():
                        empty += 1
                        continue
                    short += not is_whole
                    report.count("articles")
                    yield document(found, path, sha256)
        except OSError as error:
            raise unreadable(path, error) from error
        if not report.written.get("articles"):
            raise FormatError(
                _("no entry with a text is in this feed."), _("Leave it out."), str(path)
            )
        if short:
            report.notes.append(
                ngettext(
                    "{name}: {n} entry holds only a summary of its article.",
                    "{name}: {n} entries hold only summaries of their articles.",
                    short,
                ).format(name=path.name, n=short)
            )
        if empty:
            report.notes.append(
                ngettext(
                    "{name}: {n} entry without a text was left out.",
                    "{name}: {n} entries without a text were left out.",
                    empty,
                ).format(name=path.name, n=empty)
            )

    def _whole(self, path: Path, file: BinaryIO, report: Report) -> Iterator[tuple[Found, bool]]:
        """The entries as far as the XML is sound: behind a fault nobody knows what is what."""
        entries = _entries(events(file, str(path)), str(path))
        try:
            yield from entries
        except FormatError as error:
            if not report.written.get("articles"):
                raise
            rest = _("What follows is left out.")
            reason = f"{error.message} {rest}" if report.skip_bad else error.message
            report.refuse(FormatError(reason, error.hint, error.path, error.line))


@dataclass
class _Part:
    """What is said in a feed's head or in one entry: texts by local name, in order."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    link: str = ""
    language: str = ""

    def first(self, *names: str) -> str:
        return next((t for n in names for t in self.texts.get(n, ()) if t.strip()), "").strip()


def _entries(stream: Iterator[Event], path: str) -> Iterator[tuple[Found, bool]]:
    """Each entry, and whether it holds the article and not its summary."""
    head = _Part()
    part = head
    names: list[str] = []  # the local names of what is open
    text: list[str] = []
    kept_at = 0  # the depth of the element whose text is being kept
    is_feed = False
    for event in stream:
        if event.kind == "text":
            if kept_at:
                # Below an element, what looks like a tag is none: there they are elements.
                text.append(event.text if len(names) == kept_at else escape(event.text))
        elif event.kind == "start":
            names.append(event.local)
            if len(names) == 1:
                is_feed = event.local.lower() in ("rss", "feed", "rdf")
                head.language = event.attributes.get(
                    "{http://www.w3.org/XML/1998/namespace}lang", ""
                )
                if not is_feed:
                    raise FormatError(
                        _("this XML is no feed; its root is {name}.").format(
                            name=f"<{event.local}>"
                        ),
                        _("Save the article as plain text."),
                        path,
                        event.line,
                    )
            elif kept_at:
                # XHTML within Atom: its blocks become lines, its links nothing.
                text.append("<br/>" if event.local == "br" else f"<{event.local}>")
            elif event.local in ("item", "entry"):
                part = _Part()
            elif event.local in _KEPT and _is_own(event):
                kept_at = len(names)
                text = []
                if event.attributes.get("rel", "alternate") == "alternate":
                    part.link = part.link or event.attributes.get("href", "")
        else:
            names.pop()
            if kept_at and len(names) == kept_at - 1:
                said = "".join(text)
                inner = re.search(_INNER.get(event.local, r"(?!)"), said, re.DOTALL)
                part.texts.setdefault(event.local, []).append(inner[1] if inner else said)
                kept_at = 0
            elif kept_at:
                text.append(f"</{event.local}>")
            elif event.local in ("item", "entry"):
                yield _found(part, head)
                part = head


def _is_own(event: Event) -> bool:
    """Not a thumbnail's title or the like, of Media RSS and iTunes."""
    return "mrss" not in event.name and "itunes" not in event.name


def _found(part: _Part, head: _Part) -> tuple[Found, bool]:
    body = part.first(*_TEXT)
    text = plain(body) if looks_like_html(body) else body.strip()
    title = plain(part.first("title"))
    link = part.link or part.first("link")
    identity = part.first("guid", "id")
    if not link and identity.startswith(("http://", "https://")):
        link = identity
    meta: dict[str, object] = {}
    if identity and identity != link:
        meta["guid"] = identity
    if categories := [c.strip() for c in part.texts.get("category", ()) if c.strip()]:
        meta["categories"] = categories
    language = part.first("language") or head.first("language") or head.language
    found = Found(
        headed(title, text) if text else "",
        title=title,
        outlet=plain(part.first("source")) or plain(head.first("title")),
        author=plain(part.first(*_AUTHOR)),
        url=link,
        published=iso(part.first(*_DATE)),
        language=language_tag(language),
        licence=plain(part.first("rights") or head.first("rights")),
        meta=meta,
    )
    return found, bool(part.first("encoded", "content"))
