"""The shapes of marks: rows of underlines, tags that never collide, cards that never overlap."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.annotation import Document, Mention, Relation, Suggestion, fragments
from core.article import Article
from gui.canvas.arcs import Arc
from gui.canvas.page import Page
from gui.canvas.scene import ink_rect, underline_rect
from gui.theme import load_fonts
from tests.gui.conftest import NEWS, Draft

TEXT = (
    "Syria's intelligence chief Ali Mamluk held talks in Egypt on Monday with a view to agreeing.\n"
    "\nMamluk met with Khaled Fawzy — قال مصطفى مدبولي إن الحكومة ترحب — in Cairo, SANA said.\n\n"
    "قال رئيس الوزراء المصري مصطفى مدبولي إن الحكومة المصرية ترحب بزيارة وزير الخارجية (Blinken).\n"
    "\nThe end."
)
TYPES = ["PERSON", "ORG", "GPE", "CARDINAL", "A_very_long_type_name"]


@pytest.fixture(autouse=True, scope="module")
def fonts(qapp: object) -> None:
    load_fonts()


@st.composite
def documents(draw: st.DrawFn, text: str = TEXT, relations: int = 12) -> Document:
    """Random gold and suggestions on `text`: nested, overlapping, discontinuous, of one letter."""
    mentions: dict[str, Mention] = {}
    suggestions: dict[str, Suggestion] = {}
    gold: dict[str, Relation] = {}
    span = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 40)).map(
        lambda s: (s[0], min(len(text), s[0] + s[1]))
    )
    for n in range(draw(st.integers(0, 9))):
        parts = fragments(draw(st.lists(span, min_size=1, max_size=2)))
        id, type = f"m{n}", draw(st.sampled_from(TYPES))
        if draw(st.booleans()):
            mentions[id] = Mention(id, "a-draft", parts, type)
        else:
            suggestions[id] = Suggestion(id, "a-draft", type, parts)
    ids = [*mentions, *suggestions]
    for n in range(draw(st.integers(0, relations)) if ids else 0):
        id, head, tail = f"r{n}", draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
        if draw(st.booleans()):
            gold[id] = Relation(id, "a-draft", "met_with", head, tail)
        else:
            suggestions[id] = Suggestion(id, "a-draft", "leads", head=head, tail=tail)
    return Document(Article("a-draft", text), mentions, gold, suggestions)


def page_of(draft: Draft, width: float = 1000) -> Page:
    return Page(draft.document, NEWS, 17, width)


@given(documents(), st.sampled_from([520, 760, 1000]))
@settings(max_examples=80)
def test_tags_of_a_line_never_overlap_and_cover_no_text(document: Document, width: int) -> None:
    page = Page(document, NEWS, 17, width)
    m = page.metrics
    for i in range(len(page.text.blocks)):
        scene = page.scene(i)
        for tag in scene.tags:
            line_top = tag.line * m.pitch
            assert line_top <= tag.rect.top()
            assert tag.rect.bottom() <= line_top + m.ink_top
        for line in {tag.line for tag in scene.tags}:
            rects = sorted((t.rect for t in scene.tags if t.line == line), key=lambda r: r.left())
            for a, b in pairwise(rects):
                assert a.right() <= b.left() + 0.01
        opened = [p.id for p in scene.pieces if p.opens]
        assert sorted(opened) == sorted(t.id for t in scene.tags)


@given(documents())
@settings(max_examples=60)
def test_overlapping_mentions_have_their_own_rows(document: Document) -> None:
    page = Page(document, NEWS, 17, 900)
    for i in range(len(page.text.blocks)):
        pieces = page.scene(i).pieces
        for n, a in enumerate(pieces):
            for b in pieces[n + 1 :]:
                if (
                    a.id != b.id
                    and a.line == b.line
                    and ink_rect(a, page.metrics)
                    .adjusted(1, 0, -1, 0)
                    .intersects(ink_rect(b, page.metrics).adjusted(1, 0, -1, 0))
                ):
                    assert a.row != b.row
                    assert a.row > b.row  # painted first: what contains is under what is within


@given(documents(relations=30), st.sampled_from([700, 1000]), st.data())
@settings(max_examples=60)
def test_cards_never_overlap_and_none_is_lost(
    document: Document, width: int, data: st.DataObject
) -> None:
    page = Page(document, NEWS, 17, width)
    relations = [r for r in page.index.reading_order() if page.index.relation(r) is not None]
    focused = data.draw(st.sampled_from(["", *relations]))
    page.focus(focused)
    rects = []
    for i in range(len(page.text.blocks)):
        scene = page.scene(i)
        shown = [c.id for c in scene.cards if c.id]
        assert sorted((*shown, *scene.folded)) == sorted(page.index.relations_beside(i))
        stands_for_all = shown == [focused] and len(scene.cards) == 1
        assert stands_for_all or len([c for c in scene.cards if not c.id]) == bool(scene.folded)
        rects += [c.rect.translated(0, page.layout.top(i)) for c in scene.cards]
        for card in scene.cards:
            assert card.rect.top() >= 0
    rects.sort(key=lambda r: r.top())
    for a, b in pairwise(rects):
        assert a.bottom() <= b.top()


def test_the_card_of_the_focus_is_never_folded() -> None:
    draft = Draft("Ali Mamluk met Khaled Fawzy.")
    ends = draft.gold("Ali Mamluk"), draft.gold("Khaled Fawzy")
    relations = [draft.related("met_with", *ends) for _ in range(9)]
    page = page_of(draft)
    assert len(page.scene(0).folded) >= 7
    for relation in relations:
        page.focus(relation)
        assert relation in [c.id for c in page.scene(0).cards]
        assert page.anchor(relation) is not None
    page.focus("")
    page.unfold(0)
    assert [c.id for c in page.stack()] == relations


def test_nested_mentions_stack_their_underlines() -> None:
    draft = Draft("The head of general intelligence spoke.")
    inner, outer = draft.gold("general intelligence", "ORG"), draft.gold("head of general intelli")
    all_of_it = draft.suggested("The head of general intelligence", "TITLE")
    scene = page_of(draft).scene(0)
    rows = {p.id: p.row for p in scene.pieces}
    assert rows[inner] == 0
    assert {rows[outer], rows[all_of_it]} == {1, 2}


def test_fragments_are_tied() -> None:
    draft = Draft("Syrian and Egyptian officials " + "talked on and on " * 12 + "in Cairo.")
    near, far = draft.gold("Syrian … officials", "NORP"), draft.gold("Egyptian … Cairo", "NORP")
    page = page_of(draft)
    scene, c = page.scene(0), page.columns
    (link,) = [x for x in scene.links if x.id == near]
    a, b = sorted(scene.pieces_of(near), key=lambda p: p.left)
    assert (link.left, link.right, link.line) == (a.right, b.left, a.line)
    first, second = [x for x in scene.links if x.id == far]
    assert first.right == c.text + c.text_width  # to the column's edge, and on from the other one
    assert second.left == c.text
    assert first.line < second.line


def test_a_mention_over_paragraphs_has_pieces_in_each() -> None:
    draft = Draft("One Ali\n\nMamluk two")
    id = draft.gold("Ali\n\nMamluk")
    page = page_of(draft)
    assert [p.opens for p in page.scene(0).pieces_of(id)] == [True]
    assert [p.closes for p in page.scene(2).pieces_of(id)] == [True]
    assert page.scene(2).tags == []


def test_labels_shrink_then_fold() -> None:
    names = []
    for text in ("Cairo is far, and Damascus too", "Cairo, Damascus", "UN of EU", "I, I"):
        draft = Draft(text)
        words = text.replace(",", "").split()
        draft.gold(words[0], "CARDINAL")
        draft.gold(words[-1], "CARDINAL", nth=1 if words[0] == words[-1] else 0)
        names.append(page_of(draft).scene(0).tags[0].text)
    assert names[0] == "CARDINAL"
    assert names[2].endswith("…")
    assert names[3] == ""


def test_tags_of_right_to_left_text_begin_at_the_right() -> None:
    text = "قال مصطفى مدبولي إن الحكومة"
    draft = Draft(text)
    draft.gold("مصطفى مدبولي")
    scene = page_of(draft).scene(0)
    assert scene.tags[0].rect.right() == pytest.approx(scene.pieces[0].right + 1, abs=1)


# -- arcs


def crosses_text(page: Page, arc: Arc) -> bool:
    """Whether an arc goes over the ink of a line or a label, but where it meets its own ends."""
    m, c = page.metrics, page.columns
    corners = arc.points[1:-1]
    for a, b in pairwise(corners):
        if max(a.x(), b.x()) < c.text or min(a.x(), b.x()) > c.text + c.text_width:
            continue
        y, bottom = min(a.y(), b.y()), max(a.y(), b.y())
        for i in range(len(page.text.blocks)):
            top = page.layout.top(i)
            for line in page.layout.lines(i) if not page.text.blocks[i].blank else ():
                ink = top + line.top + m.ink_top, top + line.top + m.ink_bottom
                if y < ink[1] and bottom > ink[0]:
                    return True
            left, right = sorted((a.x(), b.x()))
            for tag in page.scene(i).tags:
                r = tag.rect.translated(0, top)
                if r.left() < right and left < r.right() and y < r.bottom() and r.top() < bottom:
                    return True
    return False


@given(documents(), st.sampled_from(["focused", "all"]), st.data())
@settings(max_examples=80)
def test_no_arc_runs_through_text(document: Document, mode: str, data: st.DataObject) -> None:
    page = Page(document, NEWS, 17, 760)
    page.show(mode)  # type: ignore[arg-type]
    order = page.index.reading_order()
    page.focus(data.draw(st.sampled_from(order)) if order else "")
    for top in (0, 60):
        for arc in page.arcs(top, top + data.draw(st.sampled_from([90, 260, 900]))):
            assert not crosses_text(page, arc)
            for a, b in pairwise(arc.points):
                assert a.x() == b.x() or a.y() == b.y()


@given(documents(), st.sampled_from(["focused", "all"]), st.data())
@settings(max_examples=80)
def test_names_on_arcs_hide_nothing(document: Document, mode: str, data: st.DataObject) -> None:
    page = Page(document, NEWS, 17, 760)
    page.show(mode)  # type: ignore[arg-type]
    order = page.index.reading_order()
    page.focus(data.draw(st.sampled_from(order)) if order else "")
    named = [arc for arc in page.arcs(0, 900) if arc.label is not None]
    for n, arc in enumerate(named):
        rect = arc.label.rect
        assert not any(rect.intersects(other.label.rect) for other in named[:n])
        for i in range(len(page.text.blocks)):
            inside, scene = rect.translated(0, -page.layout.top(i)), page.scene(i)
            assert not any(tag.rect.intersects(inside) for tag in scene.tags)
            strokes = [underline_rect(piece, page.metrics) for piece in scene.pieces]
            assert not arc.faint or not any(stroke.intersects(inside) for stroke in strokes)


def test_arcs_are_named_where_there_is_room_in_every_mode() -> None:
    draft = Draft("Ali Mamluk was for a long time at the head of the bureau there.")
    leads = draft.related("leads", draft.gold("Ali Mamluk"), draft.gold("bureau", "ORG"))
    page = page_of(draft)
    for mode, focus in (("all", ""), ("all", leads), ("focused", leads)):
        page.focus(focus)
        page.show(mode)  # type: ignore[arg-type]
        (arc,) = page.arcs(0, 400)
        assert arc.label is not None
        assert arc.label.text == "leads"


def test_modes_of_relations() -> None:
    draft = Draft("Ali Mamluk met Khaled Fawzy in Cairo.")
    mamluk, fawzy = draft.gold("Ali Mamluk"), draft.gold("Khaled Fawzy")
    cairo = draft.gold("Cairo", "GPE")
    met = draft.related("met_with", mamluk, fawzy)
    visited = draft.relation_suggested("visited", fawzy, cairo)
    page = page_of(draft)
    shown = {}
    for mode in ("focused", "all", "none"):
        for focus in ("", mamluk, fawzy, visited):
            page.focus(focus)
            page.show(mode)  # type: ignore[arg-type]
            shown[mode, focus] = {(a.id, a.faint) for a in page.arcs(0, 400)}
    assert shown["focused", ""] == set()
    assert shown["focused", mamluk] == {(met, False)}
    assert shown["focused", fawzy] == {(met, False), (visited, False)}
    assert shown["all", ""] == {(met, True), (visited, True)}
    assert shown["all", visited] == {(met, True), (visited, False)}
    assert shown["none", fawzy] == set()


def test_an_arc_has_its_arrow_at_the_tail() -> None:
    draft = Draft("Ali Mamluk leads the bureau, and met Khaled Fawzy.")
    mamluk = draft.gold("Ali Mamluk")
    bureau, fawzy = draft.gold("bureau", "ORG"), draft.gold("Khaled Fawzy")
    leads, met = draft.related("leads", mamluk, bureau), draft.related("met_with", fawzy, mamluk)
    page = page_of(draft)
    page.focus(mamluk)
    arcs = {a.id: a for a in page.arcs(0, 400)}
    assert (arcs[leads].to_head, arcs[leads].to_tail) == (False, True)
    assert (arcs[met].to_head, arcs[met].to_tail) == (True, True)  # symmetric in the scheme
    x = arcs[leads].points[-1].x()
    (piece,) = page.scene(0).pieces_of(bureau)
    assert piece.left <= x <= piece.right


def test_many_ends_below_are_pointed_to_without_overlap() -> None:
    draft = Draft("Ali Mamluk met many.\n\n" + "And then this.\n\n" * 50 + "Fawzy, Assad, Blinken.")
    mamluk = draft.gold("Ali Mamluk")
    ends = [draft.gold(name) for name in ("Fawzy", "Assad", "Blinken")]
    for end in ends:
        draft.related("met_with", mamluk, end)
    page = page_of(draft)
    page.focus(mamluk)
    pointers = [p for a in page.arcs(0, 500) for p in a.pointers]
    assert [p.text for p in pointers] == ["Fawzy", "Assad", "Blinken"]
    rects = sorted((p.rect for p in pointers), key=lambda r: r.top())
    assert all(a.bottom() <= b.top() for a, b in pairwise(rects))
    assert rects[-1].bottom() <= 500


def lane(arc: Arc) -> float:
    """The height at which an arc on one line runs."""
    (y,) = {a.y() for a, b in pairwise(arc.points) if a.y() == b.y()}
    return y


def test_an_arc_takes_a_lane_that_is_free_on_its_way() -> None:
    """Three short arcs side by side leave two lanes to the long one that is below all of them."""
    names = ["Ann", "Bob", "Cid", "Dan", "Eva", "Fay", "Gus", "Hal"]
    draft = Draft(" met ".join(names) + ".")
    a, b, c, d, e, f, _g, h = (draft.gold(name) for name in names)
    short = [draft.related("met_with", *pair) for pair in ((a, b), (c, d), (e, f))]
    long = draft.related("supports", b, h)
    page = page_of(draft)
    page.show("all")
    arcs = {arc.id: arc for arc in page.arcs(0, 400)}
    assert len({lane(arcs[id]) for id in short}) == 1
    assert all(abs(lane(arcs[long]) - lane(arcs[id])) > 1 for id in short)


@given(documents(), st.data())
@settings(max_examples=60)
def test_check_and_cross_of_a_relation_cover_no_card(
    document: Document, data: st.DataObject
) -> None:
    page = Page(document, NEWS, 17, data.draw(st.sampled_from([520, 760, 1200])))
    relations = [id for id in page.index.reading_order() if page.index.relation(id) is not None]
    if not relations:
        return
    page.focus(data.draw(st.sampled_from(relations)))
    buttons = [button.rect for overlay in page.overlays() for button in overlay.buttons]
    for i in range(len(page.text.blocks)):
        for card in page.scene(i).cards:
            place = card.rect.translated(0, page.layout.top(i))
            assert not any(place.intersects(button) for button in buttons)
