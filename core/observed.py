"""A scheme from what a file holds: its types, relations with their ends, attributes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import tomli_w

from core import scheme as schemes
from core.amount import amount
from core.annotation import Document, Mention, Relation, Suggestion
from core.errors import FormatError
from core.i18n import _, ngettext
from core.scheme import RESERVED_KEYS, Scheme

VALUES = 12  # different texts that an attribute may have before it counts as free text
# Okabe and Ito's colours, which the colour-blind can tell apart, and darker ones of the same hues.
_COLORS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31", "#7b5ea7",
    "#5f7f3f", "#a83232", "#2f7f8f", "#777777",
)  # fmt: skip


@dataclass(slots=True)
class Observed:
    """What was seen in documents, gold and suggestions alike.

    Attributes:
        mentions, relations: how often each type.
        ends: for each relation type, how often from which type to which.
        attributes: for each name: the types that carry it, and its values while they are few texts.
    """

    articles: int = 0
    mentions: Counter[str] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)
    ends: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    carriers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    values: dict[str, set[str] | None] = field(default_factory=dict)

    def see(self, document: Document) -> None:
        """Take note of one document."""
        self.articles += 1
        types: dict[str, str] = {}
        spans: list[Mention | Suggestion] = list(document.mentions.values())
        spans += (s for s in document.suggestions.values() if not s.is_relation)
        for span in spans:
            types[span.id] = span.type
            self.mentions[span.type] += 1
            self._attributes(span.attributes, span.type)
        facts: list[Relation | Suggestion] = [
            *document.relations.values(),
            *(s for s in document.suggestions.values() if s.is_relation),
        ]
        for fact in facts:
            self.relations[fact.type] += 1
            self.ends[fact.type][types.get(fact.head, ""), types.get(fact.tail, "")] += 1
            self._attributes(fact.attributes, fact.type)

    def _attributes(self, attributes: Mapping[str, object], on: str) -> None:
        for name, value in attributes.items():
            self.carriers[name].add(on)
            known = self.values.setdefault(name, set())
            if known is None:
                continue
            if not isinstance(value, str) or len(known | {value}) > VALUES:
                self.values[name] = None
            else:
                known.add(value)

    def scheme(self, name: str) -> Scheme:
        """The scheme that admits exactly what was seen. Raises `FormatError` if there is nothing.

        Types are in order of how often they are; the first have keys, all have colours.
        """
        if not self.mentions:
            raise FormatError(
                _("there is no mention, so there is nothing to make a scheme of."),
                _("Give a file that has annotations."),
            )
        keys = _Keys()
        entities = {
            type: {
                "gloss": _seen(n),
                "color": _COLORS[i % len(_COLORS)],
                **({"keys": [key]} if (key := keys.of(type)) else {}),
            }
            for i, (type, n) in enumerate(_ordered(self.mentions))
            if type.strip() == type and type
        }
        relations = {}
        keys = _Keys()
        for type, n in _ordered(self.relations):
            heads = [h for h in entities if any(h == a for a, _b in self.ends[type])]
            tails = [t for t in entities if any(t == b for _a, b in self.ends[type])]
            relations[type] = {
                "gloss": _seen(n),
                "head": heads,
                "tail": tails,
                **({"key": key} if (key := keys.of(type)) else {}),
            }
        attributes = {
            name: {
                "on": sorted(t for t in on if t in entities or t in relations),
                **({"values": sorted(known)} if (known := self.values.get(name)) else {}),
            }
            for name, on in sorted(self.carriers.items())
        }
        data = {
            "scheme": {
                "name": name,
                "description": _("Made from what is in {articles}.").format(
                    articles=amount(self.articles, "articles")
                ),
            },
            "entity": entities,
            "relation": relations,
            "attribute": attributes,
        }
        return schemes.parse(tomli_w.dumps(data), where=name)


def observe(documents: Iterable[Document]) -> Observed:
    """What is seen in `documents`, which are read once."""
    seen = Observed()
    for document in documents:
        seen.see(document)
    return seen


class _Keys:
    """A free key for each name: its first letter, another of its letters, any other, none."""

    def __init__(self) -> None:
        self._free = [c for c in "abcdefghijklmnopqrstuvwxyz" if c not in RESERVED_KEYS]

    def of(self, name: str) -> str:
        """The key of one more name, empty if all are taken."""
        wanted = [c for c in name.casefold() if c in self._free]
        key = wanted[0] if wanted else (self._free[0] if self._free else "")
        if key:
            self._free.remove(key)
        return key


def _seen(n: int) -> str:
    return ngettext("seen once", "seen {n} times", n).format(n=f"{n:,}")


def _ordered(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
