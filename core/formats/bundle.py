"""Bundles of press archives: one text of many articles, taken apart with what each says of itself.

LexisNexis (``1 of 250 DOCUMENTS``), its later form (``End of Document``), and Factiva (each article
ends with ``Document`` and its accession number; in the indexed form, lines with two-letter codes).
Each article is the headline and the body; all other lines become metadata, so nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.formats.found import Found

_NEXIS = re.compile(r"^[ \t]*\d+ of \d+ DOCUMENTS?[ \t]*\r?$", re.MULTILINE)
_NEXIS_UNI = re.compile(r"^[ \t]*End of Document[ \t]*\r?$", re.MULTILINE)
_NEXIS_UNI_FIELD = re.compile(
    r"^[ \t]*(Length:[ \t]*[\d,.]+ words|Body|Load-Date:.*)[ \t]*\r?$", re.MULTILINE
)
_FACTIVA = re.compile(
    r"^[ \t]*(?:AN[ \t]+)?Document ([A-Z0-9]{2,12}0{4}20\d{6}[a-z0-9]{6,12})[ \t]*\r?$",
    re.MULTILINE,
)

_FIELD = re.compile(r"^(?P<name>[A-Z][A-Za-z]*(?:[- ][A-Za-z]+){0,2}):[ \t]*(?P<value>.*)$")
_COPYRIGHT = re.compile(r"^(?:Copyright\b|\(c\)|©)|\bAll Rights Reserved\b", re.IGNORECASE)
_DATE = re.compile(
    r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
    r"(?:\d{1,2}\s+[A-Z][a-z]{2,8}\.?,?\s+\d{4}|[A-Z][a-z]{2,8}\.?\s+\d{1,2},?\s+\d{4})\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\D{0,30}\d{0,2}\D{1,20}(?:19|20)\d\d\D{0,20}")  # a date, in any language
_WORDS = re.compile(r"^[\d,.]+ words$", re.IGNORECASE)
_CODES = "HD BY CR WC PD ET SN SC ED PG LA CY LP TD CO IN NS RE IPC IPD PUB AN CT RF VOL CLM ART SE"
_CODE = re.compile(rf"^(?P<code>{_CODES.replace(' ', '|')})(?:[ \t]+(?P<value>.*))?$")


@dataclass(frozen=True, slots=True)
class Part(Found):
    """One article of a bundle: the headline, a blank line, the body; date and language as found,
    and all else that the archive says of it by the archive's own names.

    Attributes:
        archive: whose bundle it is, as a person knows it.
    """

    archive: str = ""


def split(text: str) -> tuple[list[Part], int]:
    """The articles of a bundle, none where `text` is no bundle; and how many parts of it have no
    body (pictures, a cover page) and are left out."""
    found: list[Part | None]
    if _NEXIS.search(text):
        cover, *pieces = _NEXIS.split(text)
        found = [_nexis(_lines(piece)) for piece in pieces]
        found += [None] * bool(cover.strip())
    elif _NEXIS_UNI.search(text) and _NEXIS_UNI_FIELD.search(text):
        *pieces, rest = _NEXIS_UNI.split(text)
        found = [_nexis_uni(_lines(piece)) for piece in pieces]
        found += [None] * bool(rest.strip())
    elif _FACTIVA.search(text):
        pieces = _FACTIVA.split(text)  # with the numbers between
        found = [_factiva(_lines(b), n) for b, n in zip(pieces[::2], pieces[1::2], strict=False)]
        found += [None] * bool(pieces[-1].strip())
    else:
        return [], 0
    return [part for part in found if part is not None], found.count(None)


def _lines(piece: str) -> list[str]:
    return [line.strip() for line in piece.replace("\r\n", "\n").replace("\f", "\n").split("\n")]


def _nexis(lines: Sequence[str]) -> Part | None:
    """The form of LexisNexis: outlet, date, headline, ``LENGTH:``, the body, more fields."""
    said: dict[str, str] = {}
    head: list[list[str]] = [[]]
    body: list[str] = []
    last = ""  # the field that a line goes on with
    inside = False
    for line in lines:
        match = _FIELD.match(line)
        name = match["name"].upper().replace(" ", "-") if match else ""
        if match and (name in _NEXIS_FIELDS and line.startswith(match["name"].upper())):
            if name in ("LENGTH", "BODY"):
                inside = True
            elif inside and body and name in _NEXIS_AFTER:
                inside = False
            if name != "BODY":
                said.setdefault(name, match["value"].strip())
                last = name
            elif match["value"].strip():
                body.append(match["value"].strip())
            continue
        if not line:
            if inside and name != "BODY":
                body.append("")
            elif not inside and not said:
                head.append([])
            last = ""
            continue
        if last and not (inside and last == "LENGTH"):
            said[last] = f"{said[last]} {line}".strip()
        elif inside:
            body.append(line)
        elif _COPYRIGHT.search(line):
            said["COPYRIGHT"] = f"{said.get('COPYRIGHT', '')} {line}".strip()
        elif not body:
            head[-1].append(line)
        else:
            said["MORE"] = f"{said.get('MORE', '')} {line}".strip()
    blocks = [block for block in head if block]
    outlet = " ".join(blocks.pop(0)) if blocks else ""
    published = ""
    if blocks and (_DATE.match(blocks[0][0]) or _YEAR.fullmatch(blocks[0][0])):
        when = blocks.pop(0)
        published = when[0]
        if when[1:]:
            said["EDITION"] = " ".join(when[1:])
    title = said.pop("HEADLINE", "") or (" ".join(blocks.pop(0)) if blocks else "")
    for n, block in enumerate(blocks, start=1):
        said[f"HEAD-{n}"] = " ".join(block)
    return _part(
        "LexisNexis", title, _unbroken(body), outlet=outlet, published=published, said=said
    )


_NEXIS_FIELDS = {
    "HEADLINE", "BYLINE", "SECTION", "LENGTH", "DATELINE", "BODY", "LOAD-DATE", "LANGUAGE", "URL",
    "GRAPHIC", "DOCUMENT-TYPE", "PUBLICATION-TYPE", "JOURNAL-CODE", "HIGHLIGHT", "SERIES",
    "CORRECTION", "CORRECTION-DATE", "SUBJECT", "ORGANIZATION", "COMPANY", "PERSON", "COUNTRY",
    "CITY", "STATE", "GEOGRAPHIC", "TICKER", "INDUSTRY", "TYPE", "NOTES", "DISTRIBUTION", "ACC-NO",
    "EDITION", "COLUMN", "UPDATE",
}  # fmt: skip
_NEXIS_AFTER = _NEXIS_FIELDS - {"BODY", "LENGTH", "DATELINE", "HIGHLIGHT", "NOTES"}


def _nexis_uni(lines: Sequence[str]) -> Part | None:
    """The later form: headline, outlet, date, copyright, fields, ``Body``, text, ``Load-Date:``."""
    said: dict[str, str] = {}
    head: list[str] = []
    body: list[str] = []
    inside = False
    for line in lines:
        match = _FIELD.match(line)
        name = match["name"].upper() if match else ""
        if line == "Body" and not inside:
            inside = True
        elif match and name in ("LOAD-DATE", "CLASSIFICATION") and inside:
            inside = False
            said[name] = match["value"].strip()
        elif line == "Classification" and inside:
            inside = False
        elif inside:
            body.append(line)
        elif match and (name in _NEXIS_FIELDS or body):
            said.setdefault(name, match["value"].strip())
        elif _COPYRIGHT.search(line):
            said["COPYRIGHT"] = f"{said.get('COPYRIGHT', '')} {line}".strip()
        elif line and not body:
            head.append(line)
        elif line and line != "Classification":
            said["MORE"] = f"{said.get('MORE', '')} {line}".strip()
    published = next((line for line in head if _DATE.match(line)), "")
    if published:
        head.remove(published)
    title = head[0] if head else ""
    outlet = head[1] if len(head) > 1 else ""
    for n, line in enumerate(head[2:], start=1):
        said[f"HEAD-{n}"] = line
    return _part("Nexis Uni", title, body, outlet=outlet, published=published, said=said)


def _factiva(lines: list[str], number: str) -> Part | None:
    """Factiva's two forms; without codes: headline, (author), words, date, outlet, code, language,
    copyright, text."""
    coded = [n for n, line in enumerate(lines) if _CODE.match(line)]
    if len({_code(lines[n]) for n in coded} & {"HD", "WC", "PD", "SN", "LP", "TD"}) >= 4:
        return _factiva_coded(lines, number)
    words = next((n for n, line in enumerate(lines) if _WORDS.match(line)), None)
    if words is None:
        return _part("Factiva", "", lines, said={"AN": number})
    said = {"AN": number, "WC": lines[words]}
    before = [line for line in lines[:words] if line]
    author = (
        before.pop() if len(before) > 1 and re.match(r"By\b", before[-1], re.IGNORECASE) else ""
    )
    title = " ".join(before)
    head: list[str] = []
    at = words + 1
    while at < len(lines) and len(head) < 12:
        line = lines[at]
        at += 1
        if not line:
            continue
        head.append(line)
        if _COPYRIGHT.search(line):
            said["CY"] = line
            head.pop()
            break
    else:  # no copyright line: the head ends with the first blank line
        rest = lines[words + 1 :]
        stop = next((n for n, line in enumerate(rest) if not line and any(rest[:n])), len(rest))
        head, at = [line for line in rest[:stop] if line], words + 1 + stop
    published = next((line for line in head if _DATE.match(line)), "")
    after = head[head.index(published) + 1 :] if published else head
    if after and re.fullmatch(r"\d\d:\d\d", after[0]):
        said["ET"] = after.pop(0)
    outlet = after.pop(0) if after else ""
    said |= dict(zip(("SC", "ED", "PG", "VOL"), after[:-1], strict=False))
    language = after[-1] if after else ""
    return _part(
        "Factiva", title, lines[at:], outlet=outlet, author=author, published=published,
        language=language, said=said,
    )  # fmt: skip


def _code(line: str) -> str:
    match = _CODE.match(line)
    return match["code"] if match else ""


def _factiva_coded(lines: Sequence[str], number: str) -> Part | None:
    said: dict[str, list[str]] = {}
    last = ""
    for line in lines:
        match = _CODE.match(line)
        if match and match["code"] not in said and _is_code(match, last):
            last = match["code"]
            said[last] = [match["value"].strip()] if match["value"] else []
        elif last:
            said[last].append(line)
    joined = {key: " ".join(line for line in value if line) for key, value in said.items()}
    body = [*said.get("LP", []), "", *said.get("TD", [])]
    for key in ("LP", "TD"):
        joined.pop(key, None)
    joined["AN"] = number
    return _part(
        "Factiva",
        joined.pop("HD", ""),
        body,
        outlet=joined.pop("SN", ""),
        author=joined.pop("BY", ""),
        published=joined.pop("PD", ""),
        language=joined.pop("LA", ""),
        said=joined,
    )


_AFTER_TEXT = {"CO", "IN", "NS", "RE", "IPC", "IPD", "PUB", "AN", "CT", "RF", "ART"}


def _is_code(match: re.Match[str], last: str) -> bool:
    """Whether a line that begins like a code is one; in the text, "IN" and "BY" are words."""
    code, value = match["code"], match["value"]
    if last == "LP":
        return code == "TD" or (value is None and code in _AFTER_TEXT)
    if last == "TD":
        lists = value is None or " : " in value or code in ("AN", "PUB")
        return lists and code in _AFTER_TEXT
    return True


def _part(
    archive: str,
    title: str,
    body: Sequence[str],
    *,
    said: dict[str, str],
    outlet: str = "",
    author: str = "",
    published: str = "",
    language: str = "",
) -> Part | None:
    """A part from its lines, None where it has no body."""
    text = _paragraphs(body)
    if not text:
        return None
    author = author or said.pop("BYLINE", "")
    title = " ".join(title.split())
    return Part(
        archive=archive,
        text=f"{title}\n\n{text}" if title else text,
        title=title,
        outlet=outlet,
        author=re.sub(r"^by:?\s+", "", author, flags=re.IGNORECASE),
        url=said.pop("URL", ""),
        published=published,
        language=language or said.pop("LANGUAGE", ""),
        meta=said,
    )


def _paragraphs(lines: Sequence[str]) -> str:
    """Blocks of lines with a blank line between, whatever stood there."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _unbroken(lines: Sequence[str]) -> list[str]:
    """Lines that were broken to a page's width, one a paragraph again."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [part for block in blocks for part in (" ".join(block), "")]
