"""The text of a piece of HTML, as a reader sees it: for what is inside feeds and tables.

Whole pages, with their menus and advertisements, are read in `core.formats.html`.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = {
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
}  # fmt: skip
_HIDDEN = {"script", "style", "template", "head", "title"}
_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,2000}>|!--)")


def looks_like_html(text: str) -> bool:
    """Whether there is a tag or a character reference in it."""
    return bool(_TAG.search(text)) or bool(re.search(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-z]+);", text))


def plain(html: str) -> str:
    """The text of `html`: a line a block, blank ones between paragraphs, white space as shown."""
    reader = _Reader()
    # The standard library takes the square of their number over comments that never end.
    reader.feed(uncommented(html).replace("<!--", ""))
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def uncommented(text: str) -> str:
    """Without ``<!-- comments -->``; one that never ends is none."""
    parts = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join([*parts, text[at:]])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag not in ("li", "tr", "td", "th", "dd", "dt") else "\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))
