"""The built-in rules: sound on any text, right on plain cases, silent where they know nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import scheme
from core.article import graphemes
from core.suggest import Proposal, Text
from core.suggest.rules import Rules

NEWS = scheme.load("news")


def propose(text: str, language: str = "en", name: str = "news") -> Proposal:
    (proposal,) = Rules().suggest([Text("a", text, language)], scheme.load(name))
    return proposal


def found(text: str) -> set[tuple[str, str]]:
    return {
        (text[m.fragments[0].start : m.fragments[0].end], m.type) for m in propose(text).mentions
    }


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("He flew to Nairobi on 3 March 2014.", ("Nairobi", "GPE")),
        ("He flew to Nairobi on 3 March 2014.", ("3 March 2014", "DATE")),
        ("A Kenyan court ruled.", ("Kenyan", "NORP")),
        ("The aid is worth $1.5 billion.", ("$1.5 billion", "MONEY")),
        ("At least 40 people died.", ("At least 40", "CARDINAL")),
        ("Then Prime Minister Jane Doe spoke.", ("Jane Doe", "PERSON")),
        ("Then Prime Minister Jane Doe spoke.", ("Prime Minister", "TITLE")),
        ("Jane Doe spoke. Later Doe left.", ("Doe", "PERSON")),
        ("The Ministry of Health said so.", ("Ministry of Health", "ORG")),
    ],
)
def test_plain_cases(text: str, mention: tuple[str, str]) -> None:
    assert mention in found(text)


def test_relations_have_their_direction_and_their_trigger() -> None:
    text = "In May, Jane Doe met with Peter Smith. France opposed the draft law."
    proposal = propose(text)
    facts = {
        (
            text[slice(*proposal.mentions[r.head].fragments[0])],
            r.type,
            text[slice(*proposal.mentions[r.tail].fragments[0])],
            text[slice(*r.evidence[0])],
        )
        for r in proposal.relations
    }
    assert ("Jane Doe", "met_with", "Peter Smith", "met with") in facts


def test_what_is_not_english_gets_nothing() -> None:
    assert not propose("Президент России заявил в Москве, что переговоры продолжатся.", "").mentions
    assert not propose("Der Präsident sprach in Berlin.", "de").mentions


pieces = st.sampled_from(
    ["President ", "Jane Doe", " met with ", "Syria", "'s ", "🇸🇾", "\r\n", "in 2011", ", ",
     "$5 million", "e\u0301", "al-", "The ", "UN", ". ", "draft ", "head of ", " the ", "\t",
     "Ministry of ", "more than 3"]
)  # fmt: skip
texts = st.lists(pieces | st.text(max_size=5), max_size=30).map("".join)


@settings(max_examples=200)
@given(
    st.lists(pieces | st.text(max_size=5), max_size=30).map("".join),
    st.sampled_from(["news", "re3d"]),
)
def test_any_text_gives_sound_proposals(text: str, name: str) -> None:
    proposal = propose(text, name=name)
    known = scheme.load(name)
    edges = {0, len(text)} | {g.start for g in graphemes(text)}
    for mention in proposal.mentions:
        known.check_mention(mention.type)
        (part,) = mention.fragments
        assert 0 <= part.start < part.end <= len(text)
        assert {part.start, part.end} <= edges
        assert text[part.start : part.end] == text[part.start : part.end].strip()
        assert 0 < mention.score <= 1
    for relation in proposal.relations:
        ends = proposal.mentions[relation.head], proposal.mentions[relation.tail]
        assert known.admits(relation.type, ends[0].type, ends[1].type)
    assert proposal == propose(text, name=name)
