"""Any spaCy pipeline as a suggester: labels, languages, long texts, what may be wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from core import scheme
from core.errors import SuggesterError
from core.suggest import Proposal, Text, client, consent, contract
from core.suggest.parts import parts
from core.suggest.spacy_pipeline import SpacyPipeline, type_for

NEWS = scheme.load("news")
RE3D = scheme.load("re3d")
PATTERNS = [
    {"label": "PER", "pattern": "Jane Roe"},
    {"label": "GPE", "pattern": "Oslo"},
    {"label": "PRODUCT", "pattern": "Thing"},
]


@Language.component("falls_over_storms")
def falls_over_storms(doc):  # type: ignore[no-untyped-def]
    """A component that fails on some articles."""
    if "storm" in doc.text:
        raise ZeroDivisionError("a storm")
    return doc


def pipeline(folder: Path, language: str = "en", *more: str) -> str:
    nlp = spacy.blank(language)
    nlp.add_pipe("entity_ruler").add_patterns(PATTERNS)  # type: ignore[attr-defined]
    for name in more:
        nlp.add_pipe(name)
    nlp.to_disk(folder)
    return str(folder)


def propose(name: str, *texts: Text, to: scheme.Scheme = NEWS) -> list[Proposal]:
    return list(SpacyPipeline(name).suggest(texts, to))


def test_labels_are_mapped_to_the_scheme(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name = pipeline(tmp_path / "p")
    text = Text("a", "Jane Roe took the Thing to Oslo.", "en")
    (proposal,) = propose(name, text)
    assert [m.type for m in proposal.mentions] == ["PERSON", "GPE"]
    assert all(m.why for m in proposal.mentions)
    assert "PRODUCT" in capfd.readouterr().err
    (proposal,) = propose(name, text, to=RE3D)
    assert [m.type for m in proposal.mentions] == ["Person", "Location"]


@pytest.mark.parametrize(
    ("label", "type"),
    [
        ("PER", "PERSON"), ("GPE", "GPE"), ("TIME", "DATE"), ("PERCENT", "CARDINAL"),
        ("FACILITY", "FAC"), ("PRODUCT", None), ("", None), ("Organisation", "ORG"),
    ],
)  # fmt: skip
def test_the_nearest_type(label: str, type: str | None) -> None:
    assert type_for(label, NEWS) == type


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    assert contract.violations(SpacyPipeline(pipeline(tmp_path / "p"))) == []


def test_another_language_gets_nothing(tmp_path: Path) -> None:
    english, german = pipeline(tmp_path / "en"), pipeline(tmp_path / "de", "de")
    text = "Jane Roe fuhr am Montag mit dem Zug nach Oslo und kam erst am Abend dort an."
    for language in ("de", ""):
        (proposal,) = propose(english, Text("a", text, language))
        assert proposal == Proposal("a", f"spacy:{english}")
        (proposal,) = propose(german, Text("a", text, language))
        assert len(proposal.mentions) == 2
    (proposal,) = propose(german, Text("a", "Jane Roe went to Oslo.", "en"))
    assert proposal.mentions == ()


def test_one_bad_article_costs_that_article_only(tmp_path: Path) -> None:
    name = pipeline(tmp_path / "p", "en", "falls_over_storms")
    texts = [Text(str(i), t, "en") for i, t in enumerate(("Oslo", "Oslo in a storm", "Oslo"))]
    before, at, after = propose(name, *texts)
    assert "a storm" in at.error
    assert at.mentions == ()
    assert len(before.mentions) == len(after.mentions) == 1


def test_a_megabyte_is_read_in_parts(tmp_path: Path) -> None:
    line = "Jane Roe said that the town of Oslo was quiet.\n"
    text = line * (1_050_000 // len(line))
    (proposal,) = propose(pipeline(tmp_path / "p"), Text("a", text, "en"))
    assert len(proposal.mentions) == 2 * text.count("\n")
    assert {text[slice(*m.fragments[0])] for m in proposal.mentions} == {"Jane Roe", "Oslo"}
    assert proposal.mentions[-1].fragments[0].end > 1_000_000


@given(st.lists(st.sampled_from(["Oslo. ", "He said so\n", "\r\n", "x" * 30, "! "]), max_size=60))
def test_parts_cover_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    cut = list(parts(text, 40))
    assert "".join(text[a:b] for a, b in cut) == text
    assert all(a < b for a, b in cut) or text == ""


def test_one_that_is_not_installed_is_told() -> None:
    with pytest.raises(SuggesterError, match="no_such_model") as raised:
        propose("no_such_model", Text("a", "Oslo", "en"))
    assert "spacy download" in raised.value.hint


def test_one_that_finds_no_entities_is_told(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(SuggesterError, match="finds no entities"):
        propose(str(tmp_path / "blank"), Text("a", "Oslo", "en"))


@pytest.mark.parametrize("damage", ["unknown component", "other version", "cut"])
def test_one_of_another_version_is_told_or_works(
    tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another spaCy wrote either loads or is refused with what to do, in the worker too."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    name = pipeline(tmp_path / "p")
    config, meta = tmp_path / "p" / "config.cfg", tmp_path / "p" / "meta.json"
    text = Text("a", "Jane Roe", "en")
    if damage == "other version":
        data = json.loads(meta.read_text())
        meta.write_text(json.dumps(data | {"spacy_version": ">=2.0,<2.1"}))
        with pytest.warns(UserWarning, match="W095"):
            (proposal,) = propose(name, text)
        assert len(proposal.mentions) == 1
        return
    if damage == "cut":
        config.write_text(config.read_text()[:200])
    else:
        config.write_text(config.read_text().replace('"entity_ruler"', '"entity_rule_of_4_0"'))
    consent.allow(Path(name))
    with pytest.raises(SuggesterError, match="can't be loaded") as raised:
        list(client.run(f"spacy:{name}", NEWS, [text]))
    assert "another spaCy" in raised.value.hint
