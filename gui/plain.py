"""Words of articles, schemes and files as Qt shows them: never as markup, never as a mnemonic.

Qt takes a tool tip or a label for rich text when it looks like it, and ``&`` in a menu for the mark
of a key. What a person reads must be what is written.
"""

from __future__ import annotations

import unicodedata
from html import escape


def tip(text: str) -> str:
    """`text` for a tool tip: as it is where Qt shows it so, else as its own markup."""
    if "<" not in text:
        return text
    return f"<p style='white-space: pre-wrap'>{escape(text)}</p>"


def title(text: str) -> str:
    """`text` for a menu entry, a button or a tab."""
    return text.replace("&", "&&")


def line(text: str, most: int = 200) -> str:
    """`text` as one line of at most `most` characters, for where there is room for no more."""
    words = " ".join(text[: 4 * most].split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def from_left(head: str, between: str, tail: str) -> str:
    """``head between tail`` in this order on the screen, also where the words run from right to
    left: there an arrow would point the wrong way (Unicode Bidirectional Algorithm, isolates)."""
    if not any(unicodedata.bidirectional(c) in ("R", "AL") for c in head + tail):
        return f"{head}{between}{tail}"
    return f"\u200e\u2068{head}\u2069{between}\u2068{tail}\u2069"
