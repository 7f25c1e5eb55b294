"""“1 article”, “2,000 mentions”: how many of what, for a person."""

from __future__ import annotations

from core.i18n import ngettext


def amount(n: int, what: str) -> str:
    """`n` with its word in the singular or the plural.

    Args:
        what: a key such as reports count by (``articles``, ``mentions`` ...); one that is not known
            here stays as it is.
    """
    words = {
        "articles": ngettext("{n} article", "{n} articles", n),
        "mentions": ngettext("{n} mention", "{n} mentions", n),
        "relations": ngettext("{n} relation", "{n} relations", n),
        "suggestions": ngettext("{n} suggestion", "{n} suggestions", n),
        "entities": ngettext("{n} entity", "{n} entities", n),
        "vetoes": ngettext("{n} veto", "{n} vetoes", n),
        "entities in doc.ents": ngettext("{n} entity in doc.ents", "{n} entities in doc.ents", n),
        "tokens split": ngettext("{n} token split", "{n} tokens split", n),
        "examples": ngettext("{n} example", "{n} examples", n),
        "nodes": ngettext("{n} node", "{n} nodes", n),
        "edges": ngettext("{n} edge", "{n} edges", n),
        "errors": ngettext("{n} error", "{n} errors", n),
        "warnings": ngettext("{n} warning", "{n} warnings", n),
        "types of mentions": ngettext("{n} type of mentions", "{n} types of mentions", n),
        "types of relations": ngettext("{n} type of relations", "{n} types of relations", n),
    }
    return words.get(what, f"{{n}} {what}").format(n=f"{n:,}")


def share(value: float) -> str:
    """A part of one in percent: ``83%``. Only what is all says so: 0.997 is ``99%+``."""
    text = f"{value:.0%}"
    return "99%+" if text == "100%" and value < 1 else text
