"""The learner: a model of one project's own scheme, taught by its finished articles.

Two small models of python-crfsuite, in one file beside the project: a conditional random field tags
mentions, a maximum entropy model tells how two mentions of a sentence relate. Where its own
cross-validation says that it finds a type better than the suggester under it, it takes over;
otherwise that one's proposals stay. Scores are the shares that were right in the cross-validation.

The file is sealed (`core.suggest.seal`): what was not trained on this account is not even unpacked,
since the C library that reads the models was not made for hostile ones.
"""

from __future__ import annotations

import io
import json
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.annotation import Fragment
from core.errors import SuggesterError
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, ProposedMention, ProposedRelation, Suggester, Text, seal
from core.suggest.features import Labelled, Sentence, pairs, proposed, read, tags

NAME = "learned"
SUFFIX = ".learned"
_FOLDS = 3
_FLOOR = 1 / 3  # a wrong suggestion costs one action, a right one saves two
_RELATION_FLOOR = 0.4  # a right one saves one or two actions, a wrong one costs one
_LOOSE = 0.15  # marginal probability from which a reading is considered at all
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Example:
    """A finished article: its text, its gold, and what the suggester under the learner proposed.

    Attributes:
        relations: (type, head, tail), indices into `mentions`.
    """

    text: str
    mentions: tuple[Labelled, ...]
    relations: tuple[tuple[str, int, int], ...]
    base: Proposal


@dataclass(frozen=True, slots=True)
class Score:
    """How well one type is found, by exact span and type, in articles that were held out."""

    gold: int = 0
    learned_right: int = 0
    learned: int = 0
    base_right: int = 0
    base: int = 0

    @property
    def learned_f1(self) -> float:
        return _f1(self.learned_right, self.learned, self.gold)

    @property
    def base_f1(self) -> float:
        return _f1(self.base_right, self.base, self.gold)

    @property
    def takes_over(self) -> bool:
        """Whether the learner proposes this type, and not the suggester under it."""
        return self.learned_f1 > self.base_f1


def _f1(right: int, said: int, gold: int) -> float:
    return 2 * right / (said + gold) if right else 0.0


@dataclass(frozen=True, slots=True)
class Knows:
    """What a learner knows, as its file says.

    Attributes:
        at: when it was trained, UTC, ISO 8601.
        base: the suggester under it.
        mentions, relations: by type.
        curve: (articles, F1 of mentions, F1 of relations) of each training so far.
        scale: by kind, (marginal probability, share that was right) in ascending order.
    """

    at: str
    base: str
    articles: int
    seconds: float
    mentions: dict[str, Score] = field(default_factory=dict)
    relations: dict[str, Score] = field(default_factory=dict)
    curve: tuple[tuple[int, float, float], ...] = ()
    scale: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def score(self, kind: str, marginal: float) -> float:
        """The share of held-out proposals like this one that were right."""
        points = self.scale.get(kind) or [(0.0, 0.0)]
        return next((right for at, right in reversed(points) if marginal >= at), points[0][1])


def total(scores: Iterable[Score]) -> Score:
    """All types taken together."""
    scores = list(scores)
    names = ("gold", "learned_right", "learned", "base_right", "base")
    return Score(*(sum(getattr(s, name) for s in scores) for name in names))


# -- the two models


class _Tagger:
    def __init__(self, data: bytes) -> None:
        import pycrfsuite

        self._tagger = pycrfsuite.Tagger()
        self._data = data  # the tagger reads from it as long as it lives
        self._tagger.open_inmemory(data)
        self._labels = self._tagger.labels()

    def marginals(self, features: Sequence[list[str]]) -> list[dict[str, float]]:
        """The probability of each label at each item."""
        self._tagger.set(list(features))
        return [
            {label: self._tagger.marginal(label, i) for label in self._labels}
            for i in range(len(features))
        ]


def _train(items: Iterable[tuple[Sequence[list[str]], Sequence[str]]]) -> bytes:
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": 0.05, "c2": 0.05, "max_iterations": 50})
    for features, labels in items:
        trainer.append(features, labels)
    with tempfile.TemporaryDirectory(prefix="goldsmith-learn-") as folder:
        path = Path(folder) / "model"
        trainer.train(str(path))
        return path.read_bytes()


def find_mentions(tagger: _Tagger, page: Sequence[Sentence]) -> list[tuple[Labelled, float]]:
    """Every reading that is likely enough to be looked at, with its marginal probability; no two
    overlap."""
    found: list[tuple[Labelled, float]] = []
    for sentence in page:
        chances = tagger.marginals(sentence.features)
        i = 0
        while i < len(chances):
            begins = {k[2:]: p for k, p in chances[i].items() if k.startswith("B-")}
            type = max(begins, key=lambda t: begins[t], default="")
            if not type or begins[type] < _LOOSE:
                i += 1
                continue
            chance, last = begins[type], i + 1
            while (
                last < len(chances) and (p := chances[last].get("I-" + type, 0.0)) >= 0.5 * chance
            ):
                chance = min(chance, p)
                last += 1
            place = (sentence.spans[i].start, sentence.spans[last - 1].end, type)
            found.append((place, chance))
            i = last
    return found


def find_relations(
    tagger: _Tagger, text: str, mentions: Sequence[Labelled], scheme: Scheme
) -> list[tuple[str, int, int, float]]:
    """(type, head, tail, marginal probability), at most one for a pair, as the scheme admits."""
    found = []
    for first, second, features in pairs(text, mentions):
        chances = tagger.marginals([features])[0]
        for label in sorted(chances, key=lambda k: -chances[k])[:3]:
            if label == _NONE or chances[label] < _LOOSE:
                continue
            type, way = label[:-1], label[-1]
            head, tail = (first, second) if way == ">" else (second, first)
            if scheme.admits(type, mentions[head][2], mentions[tail][2]):
                found.append((type, head, tail, chances[label]))
                break
    return found


def _relation_items(example: Example) -> Iterator[tuple[list[list[str]], list[str]]]:
    known: dict[tuple[int, int], str] = {}
    for type, head, tail in example.relations:
        if example.mentions[head] <= example.mentions[tail]:
            known[head, tail] = type + ">"
        else:
            known[tail, head] = type + "<"
    for first, second, features in pairs(example.text, example.mentions):
        yield [features], [known.get((first, second), _NONE)]


# -- training


def train(examples: Sequence[Example], scheme: Scheme, base: str, before: Knows | None) -> bytes:
    """A model file taught by `examples`, with what its cross-validation says, sealed.

    Args:
        base: the name of the suggester under it.
        before: what the model before it knew; its curve goes on.

    Raises `SuggesterError` when there is too little to learn from.
    """
    if len(examples) < _FOLDS or not any(e.mentions for e in examples):
        raise SuggesterError(
            _("There is too little to learn from: {n} finished articles.").format(n=len(examples)),
            _("Finish at least {n} articles with mentions.").format(n=_FOLDS),
        )
    started = time.monotonic()
    pages = [read(e.text, proposed(e.base)) for e in examples]
    tagged = [
        [(s.features, tags(s.spans, e.mentions)) for s in page]
        for e, page in zip(examples, pages, strict=True)
    ]
    seen: dict[str, list[tuple[str, float, bool]]] = {"mention": [], "relation": []}
    for fold in range(_FOLDS):
        rest = [i for i in range(len(examples)) if i % _FOLDS != fold]
        models = _fit([examples[i] for i in rest], [tagged[i] for i in rest])
        for i in range(fold, len(examples), _FOLDS):
            _judge(examples[i], pages[i], models, scheme, seen)
    scale = {
        kind: _isotonic([(p, right) for _t, p, right in found]) for kind, found in seen.items()
    }
    knows = Knows("", base, len(examples), 0.0, scale=scale)
    mentions, relations = _scores(examples, seen, knows)
    models = _fit(examples, tagged)
    point = (len(examples), round(total(mentions.values()).learned_f1, 4),
             round(total(relations.values()).learned_f1, 4))  # fmt: skip
    curve = (*(before.curve if before is not None else ()), point)
    knows = Knows(
        datetime.now(UTC).isoformat(timespec="seconds"), base, len(examples),
        round(time.monotonic() - started, 1), mentions, relations, curve, scale,
    )  # fmt: skip
    return _packed(models, knows)


def _fit(
    examples: Sequence[Example],
    tagged: Sequence[Sequence[tuple[Sequence[list[str]], Sequence[str]]]],
) -> tuple[bytes, bytes]:
    related = [item for e in examples for item in _relation_items(e)]
    if not any(labels != [_NONE] for _f, labels in related):
        related = []
    return (
        _train(item for page in tagged for item in page),
        _train(related) if related else b"",
    )


def _judge(
    example: Example,
    page: Sequence[Sentence],
    models: tuple[bytes, bytes],
    scheme: Scheme,
    seen: dict[str, list[tuple[str, float, bool]]],
) -> None:
    """Note what models that have not seen an article find in it, and whether it is right."""
    found = find_mentions(_Tagger(models[0]), page)
    gold = set(example.mentions)
    seen["mention"] += [(place[2], chance, place in gold) for place, chance in found]
    if models[1]:
        places = [place for place, _chance in found]
        facts = {(t, example.mentions[h], example.mentions[e]) for t, h, e in example.relations}
        for type, head, tail, chance in find_relations(
            _Tagger(models[1]), example.text, places, scheme
        ):
            right = _holds(facts, scheme, type, places[head], places[tail])
            seen["relation"].append((type, chance, right))


def _holds(
    facts: set[tuple[str, Labelled, Labelled]],
    scheme: Scheme,
    type: str,
    head: Labelled,
    tail: Labelled,
) -> bool:
    known = scheme.relation_types.get(type)
    turned = known is not None and known.symmetric and (type, tail, head) in facts
    return turned or (type, head, tail) in facts


def _isotonic(found: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """(marginal probability, share that was right from there on), never falling: pool adjacent
    violators. One imagined wrong and right proposal each keep small groups modest."""
    groups: list[list[float]] = []  # lowest probability, right, all
    for chance, right in sorted(found):
        groups.append([chance, float(right), 1.0])
        while len(groups) > 1 and _share(groups[-2]) >= _share(groups[-1]):
            _low, right_n, n = groups.pop()
            groups[-1][1] += right_n
            groups[-1][2] += n
    return [(round(g[0], 4), round((g[1] + 0.5) / (g[2] + 1), 4)) for g in groups]


def _share(group: Sequence[float]) -> float:
    return group[1] / group[2]


def _scores(
    examples: Sequence[Example], seen: dict[str, list[tuple[str, float, bool]]], knows: Knows
) -> tuple[dict[str, Score], dict[str, Score]]:
    counts: dict[str, Counter[tuple[str, str]]] = {"mention": Counter(), "relation": Counter()}
    for kind, found in seen.items():
        for type, chance, right in found:
            if knows.score(kind, chance) >= (_FLOOR if kind == "mention" else _RELATION_FLOOR):
                counts[kind][type, "learned"] += 1
                counts[kind][type, "learned_right"] += right
    for example in examples:
        gold = set(example.mentions)
        for place in gold:
            counts["mention"][place[2], "gold"] += 1
        for place in set(proposed(example.base)):
            counts["mention"][place[2], "base"] += 1
            counts["mention"][place[2], "base_right"] += place in gold
        facts = {(t, example.mentions[h], example.mentions[e]) for t, h, e in example.relations}
        for type, _head, _tail in facts:
            counts["relation"][type, "gold"] += 1
        for r in example.base.relations:
            ends = [example.base.mentions[i] for i in (r.head, r.tail)]
            head, tail = ((m.fragments[0].start, m.fragments[-1].end, m.type) for m in ends)
            counts["relation"][r.type, "base"] += 1
            counts["relation"][r.type, "base_right"] += (r.type, head, tail) in facts
    scored: list[dict[str, Score]] = []
    for table in counts.values():
        types = sorted({type for type, _what in table})
        names = ("gold", "learned_right", "learned", "base_right", "base")
        scored.append({t: Score(*(table[t, name] for name in names)) for t in types})
    return scored[0], scored[1]


# -- the file

_LARGEST = 500_000_000  # bytes, packed and unpacked


def _packed(models: tuple[bytes, bytes], knows: Knows) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("knows.json", json.dumps(asdict(knows)))
        file.writestr("mentions", models[0])
        file.writestr("relations", models[1])
    return seal.sealed(out.getvalue())


def is_foreign(path: Path) -> bool:
    """Whether something lies there that was not trained on this account."""
    return path.is_file() and _inside(path) is None


def _inside(path: Path) -> bytes | None:
    with suppress(OSError), path.open("rb") as file:
        return seal.opened(file.read(_LARGEST))
    return None


def load(path: Path) -> tuple[Knows, bytes, bytes]:
    """What a model file holds. Raises `SuggesterError` if it is missing or damaged, or was not
    trained on this account."""
    try:
        data = _inside(path) if path.is_file() else b""
        if data is None:
            raise SuggesterError(
                _("The learner in {name} was not trained on this account, and is not used.").format(
                    name=path.name
                ),
                _("Train it again: goldsmith learn PROJECT"),
            )
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            if sum(info.file_size for info in file.infolist()) > _LARGEST:
                raise ValueError
            knows: dict[str, Any] = json.loads(file.read("knows.json"))
            for kind in ("mentions", "relations"):
                knows[kind] = {type: Score(**score) for type, score in knows[kind].items()}
            knows["curve"] = tuple(tuple(point) for point in knows["curve"])
            return Knows(**knows), file.read("mentions"), file.read("relations")
    except (
        OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError,
        RuntimeError,
    ) as error:  # fmt: skip
        raise SuggesterError(
            _("The learner's file {name} can't be read.").format(name=path.name),
            _("Train it again: goldsmith learn PROJECT"),
        ) from error


class Learned:
    """The learner of one project as a suggester, on top of the one that it was taught with."""

    def __init__(self, path: str) -> None:
        self.name = NAME
        self.knows, mentions, relations = load(Path(path))
        self._mentions = _Tagger(mentions)
        self._relations = _Tagger(relations) if relations else None
        self._base: Suggester | None = None

    def suggest(self, texts: Iterable[Text], scheme: Scheme) -> Iterator[Proposal]:
        """See `core.suggest.Suggester`."""
        from core.suggest import registry

        if self._base is None:
            self._base = registry.find(self.knows.base)
        for text in texts:
            for base in self._base.suggest([text], scheme):
                yield base if base.error else self.merged(text, base, scheme)

    def merged(self, text: Text, base: Proposal, scheme: Scheme) -> Proposal:
        """The learner's mentions of the types that it took over, the others' below them."""
        knows = self.knows
        mine = {type for type, score in knows.mentions.items() if score.takes_over}
        mentions: list[ProposedMention] = []
        taken: list[tuple[int, int]] = []
        for (start, end, type), chance in find_mentions(
            self._mentions, read(text.text, proposed(base))
        ):
            score = knows.score("mention", chance)
            if type in mine and type in scheme.entity_types and score >= _FLOOR:
                why = _("learned from {n} articles").format(n=knows.articles)
                mentions.append(
                    ProposedMention((Fragment(start, end),), type, round(score, 3), why)
                )
                taken.append((start, end))
        kept: dict[int, int] = {}
        for i, mention in enumerate(base.mentions):
            start, end = mention.fragments[0].start, mention.fragments[-1].end
            same = next(
                (n for n, m in enumerate(mentions) if m.fragments == mention.fragments), None
            )
            if same is not None:
                kept[i] = same
            elif mention.type not in mine and not any(s < end and start < e for s, e in taken):
                kept[i] = len(mentions)
                mentions.append(mention)
        relations = list(self._related(text, mentions, scheme))
        pairs_taken = {frozenset((r.head, r.tail)) for r in relations}
        learned = {type for type, score in knows.relations.items() if score.takes_over}
        for r in base.relations:
            if r.type in learned or r.head not in kept or r.tail not in kept:
                continue
            head, tail = kept[r.head], kept[r.tail]
            admitted = scheme.admits(r.type, mentions[head].type, mentions[tail].type)
            if admitted and frozenset((head, tail)) not in pairs_taken:
                relations.append(ProposedRelation(r.type, head, tail, r.score, r.evidence, r.why))
        return Proposal(text.id, self.name, tuple(mentions), tuple(relations))

    def _related(
        self, text: Text, mentions: Sequence[ProposedMention], scheme: Scheme
    ) -> Iterator[ProposedRelation]:
        if self._relations is None:
            return
        knows = self.knows
        mine = {type for type, score in knows.relations.items() if score.takes_over}
        places = [(m.fragments[0].start, m.fragments[-1].end, m.type) for m in mentions]
        for type, head, tail, chance in find_relations(self._relations, text.text, places, scheme):
            score = knows.score("relation", chance)
            if type in mine and type in scheme.relation_types and score >= _RELATION_FLOOR:
                why = _("learned from {n} articles").format(n=knows.articles)
                yield ProposedRelation(type, head, tail, round(score, 3), (), why)
