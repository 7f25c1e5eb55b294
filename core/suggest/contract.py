"""The contract of suggesters, as a check that the author of a plug-in can run.

    goldsmith suggesters --check NAME

or in a test of the plug-in: ``assert not contract.violations(MySuggester())``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from core import scheme as schemes
from core.errors import GoldsmithError
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, Suggester, Text, as_suggestions

# What articles are like in the wild: each is one that some suggester stumbled over.
TEXTS = (
    Text("empty", "", "en"),
    Text("blank", " \n\t\u00a0\n", "en"),
    Text(
        "news",
        "Foreign Minister Jane Roe of Norway met officials of the World Health Organization in "
        "Geneva on Monday.\n\nRoe said 1,200 people had fled the town.\n",
        "en",
    ),
    Text("astral", "🇳🇴 Oslo 👩‍👩‍👧: Jane Roe (🙂) said 😀 to the UN in Géneve.\r\nNew York", "en"),
    Text("unknown", "Jane Roe flew to Paris.", ""),
    Text("arabic", "التقى وزير الخارجية مسؤولين في القاهرة يوم الاثنين.", "ar"),
    Text("one-line", "Oslo " * 400, "en"),
    Text("odd", "a\u0000b\u2028c \ufeff\u200fJane\u00ad Roe\u0301 ''`` ---- <b>&amp;</b>", "en"),
)


def violations(suggester: Suggester, scheme: Scheme | None = None) -> list[str]:
    """What `suggester` does that `core.suggest.Suggester` forbids, a line each; none is well.

    It is run twice on `TEXTS` in `scheme` (the news scheme), then in a scheme with one type.
    Raises `SuggesterError` when it can't run at all.
    """
    scheme = scheme or schemes.load("news")
    found = list(_run(suggester, scheme))
    single = schemes.parse('[scheme]\nname = "single"\n\n[entity.THING]\ncolor = "#808080"\n')
    found += [f"{single.name}: {line}" for line in _run(suggester, single)]
    return list(dict.fromkeys(found))


def _run(suggester: Suggester, scheme: Scheme) -> Iterator[str]:
    name = getattr(suggester, "name", "")
    if not isinstance(name, str) or not name.strip():
        yield _("it has no name")
    first, second = (_answers(suggester, scheme) for _time in range(2))
    if len(first) != len(TEXTS):
        yield _("{n} texts gave {m} proposals").format(n=len(TEXTS), m=len(first))
    if first != second:
        yield _("the same texts gave other proposals the second time")
    for text, proposal in zip(TEXTS, first, strict=False):
        for line in of_proposal(text, proposal, name, scheme):
            yield f"{text.id}: {line}"


def _answers(suggester: Suggester, scheme: Scheme) -> list[Proposal]:
    return list(suggester.suggest(iter(TEXTS), scheme))


def of_proposal(text: Text, proposal: Proposal, name: str, scheme: Scheme) -> Iterator[str]:
    """What is wrong with one proposal for `text`, a line each."""
    if proposal.article != text.id:
        yield _("the proposal is for {other}").format(other=proposal.article)
    if proposal.source != name:
        yield _("the source is {source}, not {name}").format(source=proposal.source, name=name)
    if proposal.error and (proposal.mentions or proposal.relations):
        yield _("a proposal with an error has suggestions")
    for mention in proposal.mentions:
        if mention.type not in scheme.entity_types:
            yield _("the scheme has no type {type}").format(type=mention.type)
        if not mention.fragments:
            yield _("a mention has no fragments")
        end = -1
        for start, stop in mention.fragments:
            if not 0 <= start < stop <= len(text.text):
                yield _("{start}–{end} lies not in the text").format(start=start, end=stop)
            elif text.text[start:stop].isspace():
                yield _("a mention of white space")
            if start <= end:
                yield _("fragments that touch or are out of order")
            end = stop
        yield from _of_claim(mention.score, mention.why)
    twice = [(m.fragments, m.type) for m in proposal.mentions]
    if len(set(twice)) < len(twice):
        yield _("the same mention twice")
    yield from _of_relations(proposal, scheme)


def _of_relations(proposal: Proposal, scheme: Scheme) -> Iterator[str]:
    mentions = proposal.mentions
    try:
        as_suggestions(proposal)
    except GoldsmithError as error:
        yield error.message
        return
    for relation in proposal.relations:
        if relation.head < 0 or relation.tail < 0 or relation.head == relation.tail:
            yield _("a relation needs two mentions")
            continue
        ends = mentions[relation.head].type, mentions[relation.tail].type
        if not scheme.admits(relation.type, *ends):
            yield _("the scheme admits no {relation} from {head} to {tail}").format(
                relation=relation.type, head=ends[0], tail=ends[1]
            )
        yield from _of_claim(relation.score, relation.why)
    keys: Iterable[tuple[str, int, int]] = [(r.type, r.head, r.tail) for r in proposal.relations]
    if len(set(keys)) < len(proposal.relations):
        yield _("the same relation twice")


def _of_claim(score: float, why: str) -> Iterator[str]:
    if not (math.isfinite(score) and 0 <= score <= 1):
        yield _("the score {score} is not between 0 and 1").format(score=score)
    if not why.strip():
        yield _("no reason is given")
    elif "\n" in why:
        yield _("a reason has more than one line")
