"""The corpora as examples in one label space.

Each corpus marks something else, by other conventions. An example says for every word which tags of
the names head its corpus allows: one where the corpus knows, several where it does not. The tags of
the reports head are known in re3d; GUM's noun phrases are much like them.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

import spacy

from core import scheme
from core.article import Span
from core.suggest.gazetteer import load
from core.suggest.gazetteer import words as split
from core.suggest.shipped.features import rule_tags, sentence_ends
from core.suggest.shipped.labels import (
    END_OF,
    ENDS,
    NAMES,
    REPORT_RELATIONS,
    REPORTS,
    WIKI_RELATIONS,
    bio,
)  # fmt: skip

NAME_TAGS = bio(NAMES)
REPORT_TAGS = bio(REPORTS)
TAG = {tag: i for i, tag in enumerate(NAME_TAGS)}
REPORT_TAG = {tag: i for i, tag in enumerate(REPORT_TAGS)}
OUTSIDE = 1  # the bit of tag O
ANY = (1 << len(NAME_TAGS)) - 1
ANY_PHRASE = (1 << len(REPORT_TAGS)) - 1


def _bits(*labels: str) -> int:
    return sum(1 << TAG[f"{p}-{label}"] for label in labels for p in "BI")


@dataclass
class Example:
    """One document.

    Attributes:
        allowed: a word's allowed name tags, as bits; ANY teaches nothing.
        reports: a word's allowed tags of the reports head, or None where those are unknown.
        mentions: (first word, last word exclusive, index in `ENDS`) for the relations.
        relations: (head, tail) as indices of mentions, to a label; only of `relation_head`.
        names: gold names (start, end, label) to evaluate on, and `unsure` spans not judged.
    """

    id: str
    corpus: str
    source: str
    text: str
    words: list[Span]
    ends: list[int]
    rules: list[int]
    allowed: list[int]
    reports: list[int] | None = None  # allowed tags of the reports head, as bits
    mentions: list[tuple[int, int, int]] = field(default_factory=list)
    relations: dict[tuple[int, int], int] = field(default_factory=dict)
    relation_head: str = ""
    names: list[tuple[int, int, str]] = field(default_factory=list)
    phrases: list[tuple[int, int, str]] = field(default_factory=list)
    unsure: list[tuple[int, int]] = field(default_factory=list)


_nlp = spacy.blank("en")
_nlp.max_length = 10_000_000
_lists = load()
_news = scheme.load("news")
_TITLES = {w.lower() for t in _lists.titles for w in t} | {w.lower() for w in _lists.honorifics}
_words = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
_PLURAL = frozenset(_words["plural"].split())
_RANKS = frozenset(_words["ranks"].split())
_EVENT_WORDS = frozenset(_words["event_words"].split())
_EVENT_LAST = _EVENT_WORDS - {"league", "open", "campaign", "operation"}
_JOIN = frozenset(_words["join"].split())

# corpus file: name labels; a label that is absent here is not judged
LABELS: dict[str, dict[str, str]] = {
    "wikigold": {"PER": "PERSON", "ORG": "ORG", "LOC": "PLACE", "MISC": "MISC"},
    "uner_ewt_dev": {"PER": "PERSON", "ORG": "ORG", "LOC": "PLACE"},
    "redocred_dev": {"PER": "PERSON", "ORG": "ORG", "LOC": "PLACE", "MISC": "MISC"},
    "crossner_politics_train": {
        "politician": "PERSON", "person": "PERSON", "politicalparty": "ORG", "organisation": "ORG",
        "country": "PLACE", "location": "PLACE", "election": "EVENT", "event": "EVENT",
        "misc": "MISC",
    },
    "gum_news_train": {"person": "PERSON", "organization": "ORG", "place": "PLACE"},
    "re3d_dev": {"Person": "PERSON", "Organisation": "ORG", "Location": "PLACE"},
}  # fmt: skip
LABELS["crossner_politics_dev"] = LABELS["crossner_politics_train"]
LABELS["gum_open_other_train"] = LABELS["gum_open_other_dev"] = LABELS["gum_news_train"]

# Wikidata properties to relations of the news scheme; True: the other way round
PROPERTIES = {
    "P463": ("member_of", False), "P102": ("member_of", False), "P54": ("member_of", False),
    "P108": ("works_for", False), "P27": ("citizen_of", False), "P159": ("based_in", False),
    "P131": ("located_in", False), "P276": ("located_in", False), "P361": ("part_of", False),
    "P749": ("part_of", False), "P527": ("part_of", True), "P150": ("located_in", True),
    "P488": ("leads", True), "P35": ("leads", True), "P6": ("leads", True),
    "P169": ("leads", True), "P585": ("occurred_on", False),
}  # fmt: skip


def unknown(folder: Path) -> list[str]:
    """The files in `folder` of which nobody said here what their labels mean."""
    return sorted(path.name for path in folder.glob("*.jsonl") if path.stem not in LABELS)


def read(folder: Path) -> Iterator[Example]:
    """Every document of the corpora in `folder` that are known here. Raises `ValueError` with the
    line of one that is no document."""
    for name in LABELS:
        path = folder / f"{name}.jsonl"
        if path.exists():
            for n, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
                if not line.strip():
                    continue
                try:
                    yield example(name, json.loads(line))
                except (KeyError, TypeError, ValueError) as error:
                    reason = f"there is no {error}" if isinstance(error, KeyError) else str(error)
                    raise ValueError(f"{path}:{n}: this is no document: {reason}") from error


def example(corpus: str, record: dict) -> Example:
    """A record of `corpus` with its words, rules and allowed tags."""
    text = record["text"]
    words = [Span(t.idx, t.idx + len(t)) for t in _nlp(text) if not t.is_space]
    result = Example(
        record["id"], corpus,
        record.get("publisher") or urlparse(record["source"]).netloc or corpus,
        text, words, sentence_ends(text, words), rule_tags(text, words, _news),
        [OUTSIDE] * len(words),
    )  # fmt: skip
    labels = LABELS[corpus]
    if corpus.startswith("gum"):
        spans, unsure = _gum(text, record["entities"])
    elif corpus == "re3d_dev":
        spans, unsure = _re3d(text, record["entities"])
    else:
        spans, unsure = [], []
        for e in record["entities"]:
            if e["label"] in labels:
                spans += _flat(text, e["start"], e["end"], labels[e["label"]])
    spans = [(s, e, _finer(text[s:e], k)) for s, e, k in spans]
    _mark(result, spans, unsure)
    if corpus == "uner_ewt_dev" or corpus.startswith("gum") or corpus == "re3d_dev":
        _open_misc(result)
    if corpus.startswith("gum"):
        _phrases_of_gum(result, record["entities"])
    if corpus == "re3d_dev":
        _reports(result, record["entities"])
        result.relation_head = "reports"
        _relations(result, record)
    if corpus == "redocred_dev":
        result.relation_head = "wiki"
        _relations(result, record)
    return result


# -- name spans


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    """Without article, possessive, quotes and white space."""
    changed = True
    while changed:
        changed = False
        piece = text[start:end]
        for word in ("the ", "The ", "THE ", "a ", "A ", "an "):
            if piece.startswith(word):
                start += len(word)
                changed = True
                break
        for tail in ("'s", "’s", "'", "’"):
            if piece.endswith(tail) and end - len(tail) > start:
                end -= len(tail)
                changed = True
                break
        while start < end and text[start] in ' \n\t“"‘(':
            start += 1
            changed = True
        while end > start and text[end - 1] in ' \n\t”",;':
            end -= 1
            changed = True
    return start, end


def _flat(text: str, start: int, end: int, kind: str) -> list[tuple[int, int, str]]:
    s, e = _strip(text, start, end)
    if kind == "PERSON":
        s = _untitled(text, s, e)
    return [(s, e, kind)] if s < e else []


def _untitled(text: str, start: int, end: int) -> int:
    """Where the name starts after titles, descriptions and the country of an office; the given
    start if nothing would be left."""
    at = start
    while True:
        word, _, rest = text[at:end].partition(" ")
        plain = word.lower().rstrip(".,")
        next_word = rest.partition(" ")[0].lower().rstrip(".,")
        office = plain in _RANKS | _TITLES
        listed = _lists.names.get((word,)) in ("GPE", "NORP") or word in ("US", "U.S.", "UK", "EU")
        if rest and (
            office
            or (word[:1].islower() and "-" not in word[:4])
            or (listed and next_word in _RANKS | _TITLES)
        ):
            at += len(word) + 1
        else:
            break
    return at


def _finer(name: str, kind: str) -> str:
    listed = _lists.names.get(split(name))
    if listed == "NORP" and kind in ("MISC", "PLACE", "PERSON", "ORG"):
        return "NORP"
    if kind == "MISC" and name.split()[-1].lower() in _EVENT_LAST:
        return "EVENT"
    if listed == "GPE" and kind == "ORG":  # a country that acts is still a place in our scheme
        return "PLACE"
    return kind


def _all_caps(piece: str) -> bool:
    parts = split(piece)
    names = [
        w for i, w in enumerate(parts) if w.lower() not in _JOIN and not (i and parts[i - 1] == "-")
    ]
    return bool(names) and all(w[0].isupper() or w[0].isdigit() for w in names)


def _gum(text: str, entities: list[dict]):
    spans, unsure = [], []
    kinds = LABELS["gum_news_train"]
    taken: list[tuple[int, int]] = []
    ordered = sorted(
        (e for e in entities if e.get("named") and not e.get("pron")),
        key=lambda e: e["start"] - e["end"],
    )
    for e in ordered:
        kind = kinds.get(e["label"])
        s, end = _strip(text, e["start"], e["end"])
        if e["label"] == "time":
            continue
        proper = e["head_xpos"].startswith("NNP")
        if kind is None:
            unsure.append((s, end))
            continue
        if not proper:
            unsure.append((e["head_start"], e["head_end"]))
            continue
        for mark in (" in ", " of ", ", ", " (", " who ", " from ")[
            : None if kind == "PERSON" else 1
        ]:
            cut = text.find(mark, s + 1, end)
            if cut > 0 and e["head_end"] <= cut:
                end = cut
        s2 = _untitled(text, s, end) if kind == "PERSON" else s
        if kind == "PERSON":
            inner = [
                o["end"]
                for o in ordered
                if o is not e and s2 <= o["start"] and o["end"] < end and o["label"] != "person"
            ]
            for stop in sorted(inner):
                after = text[stop:end].lstrip(" 's’")
                if _all_caps(after):
                    s2 = _untitled(text, end - len(after), end)
        name = text[s2:end]
        if not (_all_caps(name) and not any(c in name for c in ",(\n")):
            s2, end = _grown(text, e["head_start"], e["head_end"], s, end)
            if kind == "PERSON":
                s2 = _untitled(text, s2, end)
            name = text[s2:end]
            if not _all_caps(name) or "'" in name or "’" in name:
                unsure.append((s2, end))
                continue
        if name.lower() in _RANKS | _TITLES or _is_office(name, kind):
            unsure.append((s2, end))
            continue
        if any(s2 < b and a < end for a, b in taken):
            continue
        taken.append((s2, end))
        spans.append((s2, end, kind))
    return spans, unsure


def _grown(text: str, hs: int, he: int, start: int, end: int) -> tuple[int, int]:
    """The head and the capitalised words beside it within the mention."""
    words = [(start + m.start, start + m.end) for m in _tokens(text[start:end])]
    inside = [i for i, (s, e) in enumerate(words) if s < he and e > hs]
    if not inside:
        return hs, he
    a, b = inside[0], inside[-1]

    def cap(i: int) -> bool:
        return 0 <= i < len(words) and text[words[i][0]].isupper()

    while cap(a - 1) or (
        a >= 2
        and text[slice(*words[a - 1])] in ("-", "al", "of", "bin", "de")
        and (cap(a - 2) or text[slice(*words[a - 2])] == "al")
    ):
        a -= 1
    while cap(b + 1) or (
        b + 2 < len(words)
        and text[slice(*words[b + 1])] in ("-", "al", "of", "bin", "de")
        and cap(b + 2)
    ):
        b += 1
    while a < b and not text[words[a][0]].isupper():
        a += 1
    return words[a][0], words[b][1]


def _is_office(name: str, kind: str) -> bool:
    """An office that a rule took for the name of who holds it."""
    parts = name.lower().split()
    return kind == "PERSON" and (
        name.endswith(".")
        or bool({parts[-1], parts[0]} & (_RANKS | {"spokesperson", "commander", "commissioner"}))
        or "of" in parts
        or "for" in parts
    )


def _tokens(piece: str):
    from core.article import tokens

    return tokens(piece)


def _re3d(text: str, entities: list[dict]):
    spans, unsure = [], []
    for e in entities:
        kind = LABELS["re3d_dev"].get(e["label"])
        s, end = _strip(text, e["start"], e["end"])
        if kind is None:
            if e["label"] != "Nationality" and e["label"] not in ("Temporal", "Quantity", "Money"):
                unsure.append((s, end))
            elif e["label"] == "Nationality":
                spans.append((s, end, "NORP"))
            continue
        if kind == "PERSON":
            s2 = _untitled(text, s, end)
        else:
            s2 = s
        name = text[s2:end]
        if (
            "\n" not in name
            and "," not in name
            and _all_caps(name)
            and name.lower() not in _RANKS | _TITLES
            and not _is_office(name, kind)
            and name.lower()
            not in (
                "we",
                "i",
                "our",
                "us",
                "it",
                "they",
                "he",
                "she",
                "his",
                "my",
                "some",
                "all",
                "its",
                "their",
                "you",
                "your",
            )
        ):
            spans.append((s2, end, kind))
        elif any(c.isupper() for c in name):
            unsure.append((s, end))
    spans = [
        x for x in spans
        if not any(y is not x and y[0] <= x[0] and x[1] <= y[1] and y[:2] != x[:2] for y in spans)
    ]  # fmt: skip
    return spans, unsure


def _mark(result: Example, spans, unsure) -> None:
    allowed = result.allowed
    for s, e in unsure:
        for i in _inside(result.words, s, e):
            word = result.text[slice(*result.words[i])]
            if (
                word[0].isupper()
                or word in ("-", "'", "’", "s", "'s", "’s", "of", "al")
                or word[0].isdigit()
            ):
                allowed[i] = ANY
        # what the gazetteer knows for certain is known here too
    names = []
    for s, e, kind in sorted(spans):
        at = _inside(result.words, s, e)
        if not at:
            continue
        if result.words[at[0]].start != s or result.words[at[-1]].end != e:
            for i in at:
                allowed[i] = ANY
            result.unsure.append((result.words[at[0]].start, result.words[at[-1]].end))
            continue
        if names and names[-1][1] > s:
            continue
        names.append((s, e, kind))
        for n, i in enumerate(at):
            allowed[i] = 1 << TAG[("I-" if n else "B-") + kind]
    result.names = names
    result.unsure += list(unsure)


def _open_misc(result: Example) -> None:
    """This corpus does not mark nationalities, events and other names: O may be one of them."""
    listed = _bits("NORP", "EVENT", "MISC") | OUTSIDE
    for i, word in enumerate(result.words):
        piece = result.text[word.start : word.end]
        if result.allowed[i] == OUTSIDE:
            if piece[0].isupper():
                if _lists.names.get((piece,)) == "NORP":
                    result.allowed[i] = 1 << TAG["B-NORP"]
                else:
                    result.allowed[i] = listed
            elif piece in ("of", "the", "-", "and", "for"):
                result.allowed[i] = OUTSIDE | _bits("EVENT", "MISC")


def _inside(words: list[Span], start: int, end: int) -> list[int]:
    return [i for i, w in enumerate(words) if w.start < end and w.end > start]


# -- noun phrases and relations of reports


def _reports(result: Example, entities: list[dict]) -> None:
    tags = [OUTSIDE] * len(result.words)
    taken: list[tuple[int, int]] = []
    for e in sorted(entities, key=lambda e: e["start"] - e["end"]):
        result.phrases.append((e["start"], e["end"], e["label"]))
        if e["label"] not in REPORTS or any(e["start"] < b and a < e["end"] for a, b in taken):
            continue
        taken.append((e["start"], e["end"]))
        _tag_phrase(tags, _inside(result.words, e["start"], e["end"]), e["label"])
    result.reports = tags


def _tag_phrase(tags: list[int], at: list[int], label: str) -> None:
    for n, i in enumerate(at):
        tags[i] = 1 << REPORT_TAG[("I-" if n else "B-") + label]


# GUM's noun phrases are those of re3d but for what follows the noun; several people are an
# Organisation there.
_PHRASES = {"organization": "Organisation", "place": "Location", "time": "Temporal"}
_LONG_PHRASE = 7  # words; a longer phrase has a clause in it, which re3d leaves out


def _phrases_of_gum(result: Example, entities: list[dict]) -> None:
    """Teach the reports head the noun phrases of GUM; what re3d may see otherwise is left open."""
    tags = [OUTSIDE] * len(result.words)
    taken = [False] * len(result.words)
    for e in sorted(entities, key=lambda e: e["start"] - e["end"]):
        end = e["end"]
        for tail in ("'s", "’s", "'", "’"):
            if result.text[e["start"] : end].endswith(tail):
                end -= len(tail)
                break
        at = _inside(result.words, e["start"], end)
        if not at or any(taken[i] for i in at):
            continue
        label = _PHRASES.get(e["label"])
        if e["label"] == "person":
            plural = e["head_xpos"] in ("NNS", "NNPS") or (
                e["pron"] and result.text[e["start"] : end].lower() in _PLURAL
            )
            label = "Organisation" if plural else "Person"
        if len(at) > _LONG_PHRASE:
            head = _inside(result.words, e["head_start"], e["head_end"])
            for i in head:
                tags[i] = ANY_PHRASE
            continue
        for i in at:
            taken[i] = True
        if label is None:
            for i in at:
                tags[i] = ANY_PHRASE
        else:
            _tag_phrase(tags, at, label)
    result.reports = tags


def _relations(result: Example, record: dict) -> None:
    index: dict[str, int] = {}
    clusters: dict[str, list[int]] = {}
    for e in record["entities"]:
        at = _inside(result.words, e["start"], e["end"])
        kind = END_OF.get(e["label"])
        if kind is None and e["label"] == "MISC":
            kind = "MISC"
        if not at or kind is None:
            continue
        if result.corpus == "redocred_dev" and kind in ("MISC", "PLACE"):
            start, end = _strip(result.text, e["start"], e["end"])
            finer = _finer(result.text[start:end] or "x", kind)
            kind = finer if finer in ENDS else kind
        index[e["id"]] = len(result.mentions)
        if "cluster" in e:
            clusters.setdefault(e["cluster"], []).append(len(result.mentions))
        result.mentions.append((at[0], at[-1] + 1, ENDS.index(kind)))
    for r in record["relations"]:
        if result.relation_head == "reports":
            if r["head"] in index and r["tail"] in index and r["label"] in REPORT_RELATIONS:
                label = REPORT_RELATIONS.index(r["label"])
                result.relations[index[r["head"]], index[r["tail"]]] = label
            continue
        name, swapped = PROPERTIES.get(r["pid"], ("OTHER", False))
        heads, tails = clusters.get(r["head_cluster"], []), clusters.get(r["tail_cluster"], [])
        if swapped:
            heads, tails = tails, heads
        for h in heads:
            for t in tails:
                if h != t and (name != "OTHER" or (h, t) not in result.relations):
                    result.relations[h, t] = WIKI_RELATIONS.index(name)
