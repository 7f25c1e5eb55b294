"""The shipped pipeline: what it reads, how it decides, what it proposes, what it survives."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import scheme
from core.article import tokens
from core.errors import SuggesterError
from core.suggest import Proposal, Text, contract, registry
from core.suggest.shipped import calibration, component, consistency, decode, places
from core.suggest.shipped.features import rule_tags, sentence_ends, windows
from core.suggest.shipped.network import small, smaller
from core.suggest.shipped.pieces import WordPieces
from core.suggest.shipped.suggester import FOLDER, PIPELINE, Shipped

NEWS = scheme.load("news")
RE3D = scheme.load("re3d")
TEXT = (
    "Foreign Minister Ine Søreide of Norway met World Health Organization officials in Geneva "
    "on Monday.\n\nSøreide said the WHO needs $3 million."
)
PIECES = WordPieces(["[UNK]", "[CLS]", "[SEP]", "oslo", "##ites", "said", ".", "o", "##s"])
ONE = Shipped()


@pytest.fixture
def shipped() -> Shipped:
    """The pipeline, loaded once."""
    return ONE


def found(proposal: Proposal, text: str) -> set[tuple[str, str]]:
    return {(m.type, text[slice(*m.fragments[0])]) for m in proposal.mentions}


def propose(
    shipped: Shipped, text: str, language: str = "en", to: scheme.Scheme = NEWS
) -> Proposal:
    (proposal,) = shipped.suggest([Text("a", text, language)], to)
    return proposal


# -- pieces and windows


def test_words_are_cut_as_bert_cuts_them() -> None:
    assert PIECES("Oslo") == PIECES("oslo") == PIECES("ÓSLO") == (3,)
    assert PIECES("Osloites") == (3, 4)
    assert PIECES("xyz") == (0,)
    assert PIECES("") == (0,)
    assert PIECES("said.") == (5, 6)
    assert len(PIECES("." * 50)) <= 8


@given(st.text(max_size=300))
def test_every_word_is_in_one_window_and_no_window_is_too_long(text: str) -> None:
    words = tokens(text)
    ends = sentence_ends(text, words)
    cut = list(windows([text[a:b] for a, b in words], ends, [0] * len(words), PIECES, 16))
    assert [i for w in cut for i in range(w.first, w.last)] == list(range(len(words)))
    for w in cut:
        assert len(w.pieces) <= 16
        assert len(w.pieces) == len(w.shapes) == len(w.rules)
        assert len(w.heads) == w.last - w.first
    assert not words or ends[-1] == len(words)


def test_what_rules_say_reaches_the_words() -> None:
    words = tokens(TEXT)
    tags = rule_tags(TEXT, words, NEWS)
    said = [TEXT[a:b] for (a, b), tag in zip(words, tags, strict=True) if tag]
    assert "Norway" in said
    assert "officials" not in said


# -- deciding


def test_a_span_never_goes_over_a_sentence_or_into_another_label() -> None:
    tags = ("O", "B-X", "I-X", "B-Y", "I-Y")
    p = np.full((4, 5), 0.01)
    for i, tag in enumerate((1, 4, 2, 2)):  # B-X I-Y | I-X I-X: no such spans
        p[i, tag] = 0.96
    spans = decode.spans(np.log(p), tags, [2, 4])
    assert all(s.last <= 2 or s.first >= 2 for s in spans)
    for span in spans:
        assert 0 < span.score <= 1
    clear = np.full((3, 5), 0.01)
    for i, tag in enumerate((1, 2, 0)):
        clear[i, tag] = 0.96
    ((first, last, label, score),) = decode.spans(np.log(clear), tags, [3])
    assert (first, last, label) == (0, 2, "X")
    assert score == pytest.approx(0.96)


def test_the_surest_readings_of_a_name_decide() -> None:
    full = decode.Tagged(0, 2, "PERSON", 0.99)
    odd = decode.Tagged(5, 6, "ORG", 0.6)
    sure = decode.Tagged(9, 10, "ORG", 0.99)
    other = decode.Tagged(12, 13, "NORP", 0.4)
    names = ["Jane Roe", "Roe", "Roe", "Roe"]
    labels = [t.label for t in consistency.agreed([full, odd], names[:2])]
    assert labels == ["PERSON", "PERSON"]
    labels = [t.label for t in consistency.agreed([full, odd, sure, other], names)]
    assert labels == ["PERSON", "ORG", "ORG", "NORP"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Norway", "GPE"), ("Springfield", "GPE"), ("Euphrates River", "LOC"), ("Lake Chad", "LOC"),
        ("Middle East", "LOC"), ("Tiyas Military Airfield", "FAC"), ("Sant'Angelo Bridge", "FAC"),
    ],
)  # fmt: skip
def test_a_place_is_told_by_its_words(name: str, kind: str) -> None:
    assert places.kind_of(name) == kind


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6), st.floats(0, 1)
)
def test_a_rising_curve_never_falls_and_stays_within(
    points: list[tuple[float, float]], x: float
) -> None:
    curve = list(zip(sorted(p[0] for p in points), sorted(p[1] for p in points), strict=True))
    y = calibration.interpolate(curve, x)
    assert curve[0][1] <= y <= curve[-1][1]
    assert y <= calibration.interpolate(curve, min(1.0, x + 0.1)) + 1e-9


def test_small_weights_are_the_weights() -> None:
    array = np.random.default_rng(0).normal(size=(6, 32)).astype(np.float32)
    q, scale = small(array)
    assert np.abs(q * scale - array).max() < 0.03
    q, scale = smaller(array)
    assert q.shape == (6, 16)
    full = np.stack([(q >> 4).astype(float) - 8, (q & 15).astype(float) - 8], -1).reshape(6, 4, 8)
    assert np.abs((full * scale[..., None]).reshape(6, 32) - array).max() < 0.3


# -- proposing


def test_it_finds_names_and_what_only_rules_know(shipped: Shipped) -> None:
    proposal = propose(shipped, TEXT)
    assert found(proposal, TEXT) >= {
        ("PERSON", "Ine Søreide"), ("GPE", "Norway"), ("ORG", "World Health Organization"),
        ("GPE", "Geneva"), ("PERSON", "Søreide"), ("DATE", "Monday"), ("MONEY", "$3 million"),
        ("TITLE", "Foreign Minister"),
    }  # fmt: skip
    assert all(0 < m.score <= 1 and m.why for m in proposal.mentions)


def test_in_a_scheme_of_reports_it_marks_noun_phrases(shipped: Shipped) -> None:
    text = "Coalition forces conducted 11 strikes near Mosul. The Iraqi army held the town."
    proposal = propose(shipped, text, to=RE3D)
    assert {m.type for m in proposal.mentions} <= set(RE3D.entity_types)
    assert ("Organisation", "The Iraqi army") in found(proposal, text)
    assert ("Location", "Mosul") in found(proposal, text)


def test_it_keeps_the_contract(shipped: Shipped) -> None:
    assert contract.violations(shipped) == []
    assert contract.violations(shipped, RE3D) == []


def test_a_scheme_that_lacks_the_labels_gets_what_it_has(shipped: Shipped) -> None:
    source = '[scheme]\nname = "x"\n[entity.Firm]\naliases = ["ORG"]\ncolor = "#808080"\n'
    proposal = propose(shipped, TEXT, to=scheme.parse(source))
    assert {m.type for m in proposal.mentions} == {"Firm"}
    assert proposal.relations == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Der Außenminister traf am Montag in Berlin Vertreter der Vereinten Nationen.", "de"),
        ("Der Außenminister traf am Montag in Berlin den Chef der Vereinten Nationen wieder.", ""),
        ("التقى وزير الخارجية مسؤولين في القاهرة", ""),
        ("التقى وزير الخارجية مسؤولين في القاهرة", "en"),  # the tag is wrong
        ("Der Außenminister traf am Montag in Berlin den Chef der Vereinten Nationen. " * 5, "en"),
        ("", "en"),
        (" \n\n ", ""),
    ],
)
def test_nothing_is_suggested_in_what_is_not_english(
    shipped: Shipped, text: str, language: str
) -> None:
    assert propose(shipped, text, language) == Proposal("a", "goldsmith")


def test_a_list_that_is_said_to_be_english_is_read(shipped: Shipped) -> None:
    text = "Participants: John Kerry, Sergei Lavrov, Ban Ki-moon.\n"
    assert propose(shipped, text, "en").mentions


@settings(max_examples=25)
@given(st.text(max_size=120))
def test_any_text_is_survived(text: str) -> None:
    article = Text("a", "Jane Roe said: " + text, "en")
    (proposal,) = ONE.suggest([article], NEWS)
    assert not list(contract.of_proposal(article, proposal, "goldsmith", NEWS))


def test_the_same_pipeline_in_plain_spacy() -> None:
    import spacy

    nlp = spacy.load(PIPELINE)
    doc = nlp(TEXT)
    assert ("ORG", "World Health Organization") in {(e.label_, e.text) for e in doc.ents}
    assert len(doc.spans["names"].attrs["scores"]) == len(doc.ents)
    assert doc.tensor.shape[0] == len(doc)
    again = spacy.blank("en")
    reader = again.add_pipe(component.FACTORY)
    reader.from_bytes(nlp.get_pipe(component.FACTORY).to_bytes())
    assert [e.text for e in again(TEXT).ents] == [e.text for e in doc.ents]
    assert list(nlp("").ents) == []


# -- what may be wrong with it


def test_the_pipeline_is_small_enough() -> None:
    assert sum(f.stat().st_size for f in FOLDER.rglob("*") if f.is_file()) < 15_000_000


def test_a_folder_without_a_pipeline(tmp_path: Path) -> None:
    with pytest.raises(SuggesterError, match="can't be loaded") as raised:
        propose(Shipped(tmp_path), TEXT)
    assert "rules" in raised.value.hint
    with pytest.raises(SuggesterError, match="can't be loaded"):
        propose(registry.find(f"goldsmith:{tmp_path / 'nowhere'}"), TEXT)  # type: ignore[arg-type]


@pytest.mark.parametrize("damage", ["cut", "other", "version", "config"])
def test_a_damaged_pipeline_is_told(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(PIPELINE, folder)
    weights = folder / "goldsmith_reader" / "network.npz"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:5_000])
    elif damage == "other":
        np.savez(weights, something=np.zeros(3))
    elif damage == "version":
        (folder / "meta.json").write_text("{")
    else:
        config = folder / "config.cfg"
        config.write_text(
            config.read_text().replace('factory = "goldsmith_reader"', 'factory = "x"')
        )
    with pytest.raises(SuggesterError, match="can't be loaded"):
        propose(Shipped(folder), TEXT)


def test_the_curves_are_those_of_what_it_proposes() -> None:
    path = PIPELINE / "calibration.json"
    if not path.exists():
        pytest.skip("not calibrated")
    for key, curve in json.loads(path.read_text())["curves"].items():
        assert curve == sorted(curve), key
        assert all(0 <= y <= 1 for _x, y in curve)
