"""The scheme: what comes along is sound, what is wrong is refused with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import scheme
from core.errors import ConstraintError, SchemeError

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"

SMALL = """\
[scheme]
name = "small"

[entity.PERSON]
color = "#123456"
keys = ["1", "p"]
aliases = ["PER"]

[entity.ORG]
keys = ["o"]

[relation.leads]
head = ["PERSON"]
tail = ["ORG"]
key = "l"

[relation.met_with]
head = ["PERSON"]
tail = ["PERSON"]
symmetric = true

[relation.near]

[attribute.tense]
on = ["leads"]
values = ["past", "present"]

[attribute.comment]
"""


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


FAULTS = {
    "syntax": (changed("[entity.ORG]", "[entity.ORG"), 9, "Expected"),
    "unfinished": (SMALL + 'x = "', 29, "Unterminated"),
    "table twice": (changed("[entity.ORG]", "[entity.PERSON]"), 9, "twice"),
    "no name": (changed('name = "small"', ""), 1, "needs a name"),
    "empty name": (changed('"small"', '""'), 2, "needs a name"),
    "no head": ("[entity.A]\n", 1, "needs a name"),
    "name is a number": (changed('"small"', "3"), 2, "needs a name"),
    "unknown head key": (changed('name = "small"', 'name = "small"\nauthor = "me"'), 3, "author"),
    "head key of wrong type": (changed('name = "small"', 'name = "s"\nversion = 1'), 3, "a text"),
    "no entity types": ('[scheme]\nname = "s"\n', 1, "no entity type"),
    "unknown table": (SMALL + "[colour.red]\n", 29, "colour"),
    "entity is no table": ('entity = 3\n[scheme]\nname = "s"\n', 1, "must be a table"),
    "unknown key": (changed('keys = ["o"]', 'kyes = ["o"]'), 10, "kyes"),
    "key no list": (changed('keys = ["o"]', 'keys = "o"'), 10, "list of texts"),
    "key no text": (changed('keys = ["o"]', "keys = [1]"), 10, "list of texts"),
    "two letters": (changed('keys = ["o"]', 'keys = ["or"]'), 10, "single key"),
    "a space": (changed('keys = ["o"]', 'keys = [" "]'), 10, "single key"),
    "same key": (changed('keys = ["o"]', 'keys = ["P"]'), 10, "PERSON"),
    "colour": (changed('"#123456"', '"red"'), 5, "#rrggbb"),
    "short colour": (changed('"#123456"', '"#123"'), 5, "#rrggbb"),
    "alias of two": (changed('keys = ["o"]', 'keys = ["o"]\naliases = ["per"]'), 11, "both"),
    "alias is a type": (changed('aliases = ["PER"]', 'aliases = ["org"]'), 7, "both"),
    "unknown head": (changed('head = ["PERSON"]', 'head = ["HUMAN"]'), 13, "HUMAN"),
    "unknown tail": (changed('tail = ["ORG"]', 'tail = ["ORG", "X"]'), 14, "X"),
    "relation key twice": (changed("[relation.near]", '[relation.near]\nkey = "L"'), 23, "leads"),
    "not symmetric": (changed('tail = ["PERSON"]', 'tail = ["ORG"]'), 20, "same types"),
    "symmetric no boolean": (changed("= true", '= "yes"'), 20, "true or false"),
    "attribute on unknown": (changed('on = ["leads"]', 'on = ["leeds"]'), 25, "leeds"),
}


@pytest.mark.parametrize(("text", "line", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_fault_is_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    with pytest.raises(SchemeError) as caught:
        scheme.parse(text, where="my.toml")
    assert caught.value.line == line
    assert reason in caught.value.message
    assert f"my.toml:{line}:" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("key", sorted(scheme.RESERVED_KEYS | {"R", "G"}))
def test_keys_of_the_window_are_refused(key: str) -> None:
    with pytest.raises(SchemeError, match="the window uses"):
        scheme.parse(changed('keys = ["o"]', f'keys = ["{key}"]'))


def test_the_line_is_found_under_quotes_and_spaces() -> None:
    text = '[scheme]\nname = "s"\n\n  [ entity . "A B" ]  # odd\n  "color" = "blue"\n'
    with pytest.raises(SchemeError) as caught:
        scheme.parse(text)
    assert caught.value.line == 5


def test_line_separators_in_a_text_are_no_lines() -> None:
    text = '[scheme]\nname = "a\u2028b\x85"\n[entity.A]\ncolor = "blue"\n'
    with pytest.raises(SchemeError) as caught:
        scheme.parse(text)
    assert caught.value.line == 4


def test_small_scheme_is_read() -> None:
    small = scheme.parse(SMALL)
    assert small.source == SMALL
    assert list(small.entity_types) == ["PERSON", "ORG"]
    assert small.entity_types["PERSON"].keys == ("1", "p")
    assert small.relation_types["met_with"].symmetric
    assert small.attributes["tense"].values == ("past", "present")


def test_admits() -> None:
    small = scheme.parse(SMALL)
    assert small.admits("leads", "PERSON", "ORG")
    assert not small.admits("leads", "ORG", "PERSON")
    assert not small.admits("unheard of", "PERSON", "ORG")
    assert small.admits("near", "ORG", "PERSON")  # ends that say nothing admit every type
    names = [r.name for r in small.relations_between("PERSON", "PERSON")]
    assert names == ["met_with", "near"]


def test_symmetric_relations_admit_either_order() -> None:
    text = SMALL.replace('head = ["PERSON"]\ntail = ["PERSON"]', 'head = ["ORG"]\ntail = ["ORG"]')
    assert scheme.parse(text).admits("met_with", "ORG", "ORG")
    assert not scheme.parse(text).admits("met_with", "ORG", "PERSON")


def test_types_relate_either_way_round() -> None:
    news = scheme.load("news")
    assert news.relates("PERSON", "ORG")
    assert news.relates("ORG", "PERSON")
    assert not news.relates("PERSON", "VEHICLE")
    for one in news.entity_types:
        for other in news.entity_types:
            between = news.relations_between(one, other) or news.relations_between(other, one)
            assert news.relates(one, other) == bool(between)


def test_labels_of_other_tools() -> None:
    small = scheme.parse(SMALL)
    assert small.entity_type_for_label("ORG") == "ORG"
    assert small.entity_type_for_label("PER") == "PERSON"
    assert small.entity_type_for_label("Person") == "PERSON"
    assert small.entity_type_for_label("GPE") is None


def test_constraints_say_what_is_allowed() -> None:
    small = scheme.parse(SMALL)
    small.check_mention("ORG")
    small.check_relation("leads", "PERSON", "ORG")
    small.check_attribute("tense", "past", "leads")
    small.check_attribute("comment", ["any", "value"], "ORG")
    for call, said in {
        lambda: small.check_mention("GPE"): "PERSON, ORG",
        lambda: small.check_relation("leads", "ORG", "PERSON"): "PERSON",
        lambda: small.check_relation("likes", "ORG", "ORG"): "leads, met_with, near",
        lambda: small.check_attribute("tense", "future", "leads"): "past, present",
        lambda: small.check_attribute("tense", "past", "near"): "leads",
        lambda: small.check_attribute("mood", "past", "leads"): "no attribute mood",
    }.items():
        with pytest.raises(ConstraintError) as caught:
            call()
        assert said in str(caught.value)


def test_load_by_path_and_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL, encoding="utf-8")
    assert scheme.load(path).name == "small"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SchemeError, match="can't be read"):
        scheme.load(path)
    with pytest.raises(SchemeError, match="news, re3d"):
        scheme.load(tmp_path / "nothing.toml")


@given(st.text(alphabet="[]=\"#.\n'abentiyscmr_ 1", max_size=60))
def test_any_text_is_a_scheme_or_refused(noise: str) -> None:
    for text in (noise, SMALL + noise, noise + SMALL):
        line = 1
        try:
            scheme.parse(text)
        except SchemeError as error:
            line = error.line or 0
        assert 1 <= line <= text.count("\n") + 1


# -- those that come along


@pytest.mark.parametrize("name", scheme.available())
def test_shipped_scheme_is_complete(name: str) -> None:
    shipped = scheme.load(name)
    assert shipped.name == name
    assert shipped.title
    assert shipped.description
    for kind in shipped.entity_types.values():
        assert kind.gloss
        assert kind.guideline
        assert kind.color
        assert kind.keys
    for relation in shipped.relation_types.values():
        assert relation.gloss
        assert relation.guideline
        assert relation.key
        assert relation.symmetric or relation.inverse
    colors = [kind.color for kind in shipped.entity_types.values()]
    assert len(set(colors)) == len(colors)


def test_news_has_ontonotes_names_and_digits() -> None:
    news = scheme.load("news")
    first = ["PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LAW", "TITLE"]
    assert list(news.entity_types)[:9] == first
    assert [news.entity_types[name].keys[0] for name in first] == list("123456789")


def test_relations_of_news_map_to_re3d() -> None:
    names = set(scheme.load("re3d").relation_types)
    assert {r.re3d for r in scheme.load("news").relation_types.values()} - {""} <= names


def test_re3d_admits_all_of_its_own_gold() -> None:
    path = CORPORA / "re3d_dev.jsonl"
    if not path.exists():
        pytest.skip("../shared/corpora is not here")
    re3d = scheme.load("re3d")
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        types = {e["id"]: e["label"] for e in record["entities"]}
        for type in types.values():
            re3d.check_mention(type)
        for relation in record["relations"]:
            re3d.check_relation(relation["label"], types[relation["head"]], types[relation["tail"]])
