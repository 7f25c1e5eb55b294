"""What is where in the text; an index that follows changes equals one made anew."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.annotation import Document, Fragment, Mention, Relation, Suggestion, fragments
from core.article import Article
from gui.canvas.index import Index
from gui.canvas.text import ArticleText
from tests.gui.conftest import Draft, change

TEXT = "Ali Mamluk met Khaled Fawzy.\n\nRiyadh opposed the draft.\n" * 3
IDS = [f"m{n}" for n in range(6)] + [f"r{n}" for n in range(4)]

SPANS = st.tuples(st.integers(0, len(TEXT) - 2), st.integers(1, 30)).map(
    lambda s: (s[0], min(len(TEXT), s[0] + s[1]))
)
PARTS = st.lists(SPANS, min_size=1, max_size=3).map(fragments)


@st.composite
def items(draw: st.DrawFn, id: str) -> Mention | Relation | Suggestion | None:
    if draw(st.integers(0, 3)) == 0:
        return None
    ends = {"head": draw(st.sampled_from(IDS[:6])), "tail": draw(st.sampled_from(IDS[:6]))}
    if draw(st.booleans()):
        if id.startswith("r"):
            return Relation(id, "a-draft", "leads", **ends)
        return Mention(id, "a-draft", draw(PARTS), "ORG")
    state = draw(st.sampled_from(["open", "open", "open", "rejected", "accepted"]))
    if id.startswith("r"):
        return Suggestion(id, "a-draft", "leads", state=state, **ends)
    return Suggestion(id, "a-draft", "ORG", draw(PARTS), state=state)


def whole(index: Index) -> list[object]:
    """All that an index knows, for comparing two."""
    blocks = range(len(index.text.blocks))
    return [
        index.reading_order(),
        [sorted(index.mentions_in(i)) for i in blocks],
        [index.relations_beside(i) for i in blocks],
        [index.relations_of(id) for id in IDS],
        [index.position(id) for id in IDS],
        [index.count_open(a, len(TEXT)) for a in range(0, len(TEXT), 7)],
    ]


@given(st.data())
@settings(max_examples=80)
def test_following_changes_is_the_same_as_starting_anew(data: st.DataObject) -> None:
    text = ArticleText(TEXT)
    document = Document(Article("a-draft", TEXT))
    index = Index(document, text)
    for _ in range(data.draw(st.integers(1, 5))):
        pairs = []
        for id in data.draw(st.lists(st.sampled_from(IDS), max_size=4, unique=True)):
            before, after = document.item(id), data.draw(items(id))
            if before is not None and after is not None and type(before) is not type(after):
                pairs.append((before, None))  # accepted: gone there, made here
                before = None
            if before is not None or after is not None:
                pairs.append((before, after))
        made = change(*pairs)
        document = document.after(made)
        seen = [set(index.mentions_in(i)) for i in range(len(text.blocks))]
        touched = index.update(document, made)
        now = [set(index.mentions_in(i)) for i in range(len(text.blocks))]
        assert {i for i, (a, b) in enumerate(zip(seen, now, strict=True)) if a != b} <= touched
    assert whole(index) == whole(Index(document, text))


def test_reading_order() -> None:
    draft = Draft("Ali Mamluk met Khaled Fawzy in Cairo.\n\nRiyadh was told.")
    riyadh = draft.suggested("Riyadh", "GPE")
    fawzy = draft.gold("Khaled Fawzy")
    mamluk = draft.suggested("Ali Mamluk")
    first = draft.gold("Ali")
    told = draft.relation_suggested("communicated_with", mamluk, riyadh)
    met = draft.related("met_with", fawzy, mamluk)
    index = Index(draft.document, ArticleText(draft.article.text))
    assert index.reading_order() == (mamluk, first, fawzy, met, riyadh, told)
    assert index.between(0, draft.span("Riyadh").start) == (mamluk, first, fawzy, met)
    assert index.covering(1) == [first, mamluk]
    assert index.home(told) == 2


def test_a_relation_without_its_ends_is_not_shown() -> None:
    draft = Draft("Ali Mamluk met Khaled Fawzy.")
    relation = draft.related("met_with", draft.gold("Ali Mamluk"), "m9")
    index = Index(draft.document, ArticleText(draft.article.text))
    assert index.ends(relation) is None
    assert relation not in index.reading_order()


def test_a_moved_mention_moves_its_relations() -> None:
    draft = Draft("Ali Mamluk met Khaled Fawzy.\n\nRiyadh was told.")
    met = draft.related("met_with", draft.gold("Ali Mamluk"), draft.gold("Khaled Fawzy"))
    document = draft.document
    index = Index(document, ArticleText(draft.article.text))
    before = document.mentions["m2"]
    after = replace(before, fragments=(Fragment(*draft.span("Riyadh")),))
    made = change((before, after))
    assert index.update(document.after(made), made) == {0, 2}
    assert index.relations_beside(0) == []
    assert index.relations_beside(2) == [met]
