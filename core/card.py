"""The card of a dataset: what is in it, in which scheme, by whom, how it was made; in Markdown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from core.i18n import _
from core.scheme import Scheme

_SHOWN = 12  # outlets, sources ... that are listed


def page(said: dict[str, Any], scheme: Scheme, checksum: str) -> str:
    """The card in Markdown, with the head that dataset hubs read.

    Args:
        said: the facts of ``dataset.json``.
        checksum: SHA-256 of the list of all files' checksums.
    """
    parts = said["parts"]
    sections = [
        _head(said),
        f"# {said['name']}",
        _intro(said),
        f"## {_('What is in it')}",
        _counts(parts),
        _facts(said),
        f"## {_('Types')}",
        _types(parts, "mention", _("mention type")),
        _types(parts, "relation", _("relation type")),
        f"## {_('How it was made')}",
        _made(said),
        f"## {_('Who annotated, and how well they agree')}",
        _people(said),
        f"## {_('Scheme and guidelines')}",
        _scheme(scheme),
        f"## {_('Licence')}",
        _licence(said),
        f"## {_('Files')}",
        _("Offsets are Unicode code points, half open.")
        + " "
        + _("`dataset.json` holds these facts for programs, and which article is in which part;")
        + " "
        + _("`scheme.toml` is the scheme.")
        + "\n\n"
        + _("Checksum (SHA-256 of the lines of `SHA256SUMS`): `{sum}`").format(sum=checksum),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(said: dict[str, Any]) -> str:
    """YAML that hubs read; JSON strings are YAML strings."""
    languages = sorted({tag for part in said["parts"].values() for tag in part["languages"] if tag})
    lines = ["---", f"pretty_name: {json.dumps(said['name'], ensure_ascii=False)}"]
    if languages:
        lines.append(f"language: {json.dumps(languages)}")
    if said["licence"]:
        lines.append(f"license: {json.dumps(said['licence'], ensure_ascii=False)}")
    lines += ["task_categories: [token-classification]", "---"]
    return "\n".join(lines)


def _intro(said: dict[str, Any]) -> str:
    total = _sum(said["parts"], "articles")
    which = _("marked as done") if said["articles"] == "done" else _("done or not")
    return _(
        "{n} news articles ({which}) with {mentions} mentions and {relations} relations, annotated "
        "with {tool} in the scheme {scheme}. Last edit: {date}."
    ).format(
        n=f"{total:,}",
        which=which,
        mentions=f"{_sum(said['parts'], 'mentions'):,}",
        relations=f"{_sum(said['parts'], 'relations'):,}",
        tool=said["made_with"],
        scheme=f"{said['scheme']['name']} {said['scheme']['version']}".strip(),
        date=said["last_edit"] or "–",
    )


def _counts(parts: dict[str, Any]) -> str:
    rows = [
        (_("articles"), "articles"),
        (_("tokens"), "tokens"),
        (_("characters"), "characters"),
        (_("mentions"), "mentions"),
        (_("relations"), "relations"),
        (_("entities"), "entities"),
    ]
    return _table(
        ["", *parts],
        ([title, *(f"{part[key]:,}" for part in parts.values())] for title, key in rows),
    )


def _facts(said: dict[str, Any]) -> str:
    parts = said["parts"].values()
    dates = [d for part in parts for d in part["published"] if d]
    lines = [
        _line(_("Outlets"), _most(parts, "outlets")),
        _line(_("Languages"), _most(parts, "languages")),
        _line(_("Published"), f"{min(dates)} – {max(dates)}" if dates else ""),
    ]
    return "\n".join(line for line in lines if line)


def _types(parts: dict[str, Any], kind: str, title: str) -> str:
    totals: Counter[str] = Counter()
    for part in parts.values():
        totals.update({k: n for k, n in part["kinds"].items() if k.startswith(f"{kind} ")})
    if not totals:
        return ""
    return _table(
        [title, *parts],
        (
            [key.removeprefix(f"{kind} "), *(f"{p['kinds'].get(key, 0):,}" for p in parts.values())]
            for key, _n in sorted(totals.items(), key=lambda item: (-item[1], item[0]))
        ),
    )


def _made(said: dict[str, Any]) -> str:
    lines = [
        _line(_("Where the facts come from"), _most(said["parts"].values(), "sources")),
    ]
    if said["split"]:
        lines.append(
            "- "
            + _(
                "Split {parts} by article with seed {seed}, stratified by type; articles that "
                "share half of the shorter text or more (near-duplicates, wire copies) are in one "
                "part."
            ).format(**said["split"])
        )
    lines.append("- " + _("Groups of near-duplicates: {n}.").format(n=len(said["near_duplicates"])))
    if said["not_held"]:
        lines.append("- " + _("What the format {name} does not hold:").format(name=said["format"]))
        lines += [f"  - {n:,} × {kind}" for kind, n in said["not_held"].items()]
    return "\n".join(line for line in lines if line)


def _people(said: dict[str, Any]) -> str:
    who = _most(said["parts"].values(), "annotators", _("(imported)"))
    several = said["annotated_by_several"]
    imported = sum(part["annotators"].get("", 0) for part in said["parts"].values())
    lines = [
        _line(_("Facts by who decided last"), who),
        "- "
        + (
            _("Articles with decisions of more than one person: {n}.").format(n=f"{several:,}")
            if several
            else _("No article has decisions of more than one named person.")
        ),
        "- "
        + _(
            "Agreement was not measured: a project holds one version of each fact, not the answers "
            "of several people to compare."
        ),
    ]
    if imported:
        lines.append(
            "- " + _("Who annotated the imported facts, and how often, their files do not say.")
        )
    return "\n".join(lines)


def _scheme(scheme: Scheme) -> str:
    lines = [scheme.description] if scheme.description else []
    lines += [_defined(k.name, k.gloss, k.guideline) for k in scheme.entity_types.values()]
    for relation in scheme.relation_types.values():
        anything = _("anything")
        ends = f"{', '.join(relation.head) or anything} → {', '.join(relation.tail) or anything}"
        lines.append(_defined(f"{relation.name} ({ends})", relation.gloss, relation.guideline))
    for attribute in scheme.attributes.values():
        values = ", ".join(attribute.values) or _("anything")
        lines.append(_defined(f"{attribute.name} = {values}", attribute.gloss, ""))
    return "\n".join(lines)


def _defined(name: str, gloss: str, guideline: str) -> str:
    text = " ".join(part for part in (gloss, guideline) if part)
    text = " ".join(text.split())
    return f"- **{name}**: {text}" if text else f"- **{name}**"


def _licence(said: dict[str, Any]) -> str:
    texts = _most(said["parts"].values(), "licences", _("not stated"))
    return "\n".join(
        [
            _line(_("Annotation"), said["licence"] or _("not stated")),
            _line(_("Texts, by article"), texts),
        ]
    )


def _line(title: str, text: str) -> str:
    return f"- {title}: {text}" if text else ""


def _most(parts: Iterable[dict[str, Any]], key: str, nothing: str = "") -> str:
    """``Reuters (12), AFP (3)``: the most frequent first."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part[key])
    known = [(name or nothing, n) for name, n in counts.items() if name or nothing]
    most = sorted(known, key=lambda item: (-item[1], item[0]))
    shown = [f"{name} ({n:,})" for name, n in most[:_SHOWN]]
    if len(most) > _SHOWN:
        shown.append(_("{n} more").format(n=len(most) - _SHOWN))
    return ", ".join(shown)


def _sum(parts: dict[str, Any], key: str) -> int:
    return sum(part[key] for part in parts.values())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *("---:" for _column in head[1:])], *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
