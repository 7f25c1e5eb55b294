"""Items in words: for people who hear the screen, and for tool tips."""

from __future__ import annotations

from html import escape

from core.annotation import Fragments, Item, Mention, Relation, Suggestion, covered_text
from core.i18n import _
from gui.canvas.metrics import display_name
from gui.canvas.page import Page
from gui.plain import from_left

_LONGEST = 160  # characters of an item's own words


def spoken(page: Page, id: str) -> str:
    """An item's words, type and state, e.g. "Cairo, GPE, suggestion"; "" for an unknown id."""
    item = page.index.mention(id) or page.index.relation(id)
    if item is None:
        return ""
    state = _("suggestion") if isinstance(item, Suggestion) else _("gold")
    ends = page.index.ends(id)
    if ends is None:
        return f"{_covered(page, item)}, {item.type}, {state}"
    head, tail = (_covered(page, end) for end in ends)
    return f"{head} {display_name(item.type)} {tail}, {_('relation')}, {state}"


def selected(page: Page, parts: Fragments) -> str:
    """What is selected, e.g. "Ali Mamluk, selected"."""
    words = _cut(" ".join(covered_text(page.text.text, parts).split()))
    return _("{words}, selected").format(words=words)


def tool_tip(page: Page, id: str) -> str:
    """All there is to say about an item, as rich text; "" for an unknown id."""
    item = page.index.mention(id) or page.index.relation(id)
    if item is None:
        return ""
    types = page.scheme.relation_types if page.index.ends(id) else page.scheme.entity_types
    known = types.get(item.type)
    lines = [f"<b>{escape(display_name(item.type))}</b>"]
    if known is None:
        lines[0] += " " + escape(_("(not in the scheme)"))
    elif known.gloss:
        lines[0] += f"<br>{escape(known.gloss)}"
    ends = page.index.ends(id)
    if ends is None:
        lines.append(f"“{escape(_covered(page, item))}”")
    else:
        head, tail = (escape(_covered(page, end)) for end in ends)
        lines.append(from_left(head, " → ", tail))
    lines.append(escape(origin(item)))
    lines += [f"{escape(k)}: {escape(str(v))}" for k, v in item.attributes.items()]
    if isinstance(item, Mention | Relation) and item.note:
        lines.append(f"<i>{escape(item.note)}</i>")
    return "<p style='white-space: pre-wrap'>" + "<br>".join(lines) + "</p>"


def origin(item: Item) -> str:
    """Whether it is gold, and who says so."""
    state = _("Suggestion") if isinstance(item, Suggestion) else _("Gold")
    return ", ".join(part for part in (state, source(item)) if part)


def source(item: Item) -> str:
    """Who says so: a suggester, its score and the evidence, or the annotator."""
    if isinstance(item, Suggestion):
        line = _("{source}, score {score:.2f}").format(source=item.source, score=item.score)
        return f"{line}: {item.why}" if item.why else line
    by = _("by {name}").format(name=item.annotator) if item.annotator else ""
    brought = item.source not in ("", "manual")
    parts = (by, _("from {source}").format(source=item.source) if brought else "")
    return ", ".join(part for part in parts if part)


def _covered(page: Page, item: Mention | Relation | Suggestion) -> str:
    if isinstance(item, Relation):
        return ""
    return _cut(" ".join(covered_text(page.text.text, item.fragments).split()))


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
