"""What is painted: it is what a click finds, it is the same in parts as in whole, and it is told
apart without colour."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.annotation import Document, Mention, Suggestion
from gui.canvas import Canvas, hit, picture
from gui.canvas.hit import Hit
from gui.canvas.scene import ink_rect, link_rect
from gui.theme import DARK, LIGHT, Theme, Tint, contrast, tints
from tests.gui.conftest import NEWS, Draft, ShowCanvas, change
from tests.gui.test_canvas_scene import documents

SHORT = (
    "Ali Mamluk held talks in Egypt on Monday with Khaled Fawzy, SANA said.\n"
    "قال رئيس الوزراء (Blinken) مصطفى مدبولي إن الحكومة\n\nהנשיא — the end of it all."
)


def picture_of(canvas: Canvas) -> QImage:
    """The viewport, painted anew as a whole."""
    return painted(canvas, canvas.viewport().rect())


def painted(canvas: Canvas, *parts: QRect) -> QImage:
    """The viewport, painted anew in these parts."""
    image = QImage(QSize(canvas.viewport().size()), QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as p:
        for part in parts:
            p.setClipRegion(QRegion(part))
            picture.paint(canvas, p, part, canvas.view, False)
    return image


def where(image: QImage, color: str) -> list[tuple[int, int]]:
    """The pixels that have exactly this colour."""
    pixel = re.escape(bytes.fromhex(color[1:])[::-1] + b"\xff")
    found = re.finditer(pixel, bytes(image.constBits()))
    places = [divmod(m.start() // 4, image.width()) for m in found if m.start() % 4 == 0]
    return [(x, y) for y, x in places]


def on_screen(canvas: Canvas) -> QImage:
    """What the viewport shows now, not painted anew."""
    QApplication.processEvents()
    view = canvas.viewport()
    shot = canvas.screen().grabWindow(canvas.winId()).toImage()
    return shot.convertToFormat(QImage.Format.Format_RGB32).copy(view.geometry())


def same(a: QImage, b: QImage) -> bool:
    return bytes(a.constBits()) == bytes(b.constBits())


@pytest.fixture(scope="module")
def shared(qapp: object) -> Canvas:
    """A canvas for many examples."""
    canvas = Canvas()
    canvas.resize(620, 330)
    canvas.show()
    QApplication.processEvents()
    return canvas


@given(documents(SHORT, relations=3))
@settings(max_examples=40)
def test_what_is_painted_is_what_a_click_finds(shared: Canvas, document: Document) -> None:
    """Every mention gets a colour of its own; wherever it is seen, a click finds that mention."""
    items = [*document.mentions.values()]
    items += [s for s in document.suggestions.values() if s.fragments]
    numbered = list(enumerate(items, start=1))
    # no blend of two of these, or of one with the page or the text, looks like a third
    colors = {m.id: f"#{n * 20:02x}{n * n * 2:02x}00" for n, m in numbered}
    unique = Document(
        document.article,
        {k: replace(m, type=m.id) for k, m in document.mentions.items()},
        document.relations,
        {k: replace(s, type=s.id if s.fragments else s.type) for k, s in _suggestions(document)},
    )
    shared.set_document(unique, NEWS)
    shared.look._tints = {id: Tint(c, c, c) for id, c in colors.items()}
    image = picture_of(shared)
    seen = set()
    for id, color in colors.items():
        places = where(image, color)
        seen |= {id} if places else set()
        for x, y in places[:: len(places) // 60 + 1]:
            found = hit.find(shared._page, x + 0.5, y + 0.5 + shared.view[0], shared.view)
            if _in_a_rounded_corner(shared, found.id, x, y):
                continue
            if _between_dots(shared, found.id, x, y):
                continue
            assert found.what in ("mention", "tag"), (x, y)
            # the words of a suggestion are not filled: gold is seen through them
            assert found.id == id or found.id in document.suggestions, (x, y, id)
    # and what can be clicked is seen, but for what others cover
    for m in items:
        if SHORT[m.start : m.end].strip() and document.item(m.id):
            assert m.id in seen or _covered(shared, m)


def _in_a_rounded_corner(canvas: Canvas, id: str, x: float, y: float) -> bool:
    """Whether what is below shows through the corner of an item's shape."""
    page = canvas._page
    for i in range(len(page.text.blocks)):
        scene, top = page.scene(i), page.layout.top(i) - canvas.view[0]
        shapes = [ink_rect(p, page.metrics) for p in scene.pieces_of(id)]
        shapes += [t.rect for t in scene.tags if t.id == id]
        for shape in (s.translated(0, top) for s in shapes):
            for cx in (shape.left(), shape.right()):
                for cy in (shape.top(), shape.bottom()):
                    if abs(x + 0.5 - cx) <= 1.5 and abs(y + 0.5 - cy) <= 1.5:
                        return True
    return False


def _between_dots(canvas: Canvas, id: str, x: float, y: float) -> bool:
    """Whether what is below shows through the dots that tie an item's fragments."""
    page = canvas._page
    i = page.layout.block_at_y(y + canvas.view[0])
    inside = QPointF(x + 0.5, y + 0.5 + canvas.view[0] - page.layout.top(i))
    links = [x for x in page.scene(i).links if x.id == id]
    return any(link_rect(x, page.metrics).contains(inside) for x in links)


def _suggestions(document: Document) -> list[tuple[str, Suggestion]]:
    return list(document.suggestions.items())


def _covered(canvas: Canvas, mention: Mention | Suggestion) -> bool:
    """Whether no point of a mention is its own: others lie over all of it."""
    page = canvas._page
    for i in page.text.blocks_of(mention.start, mention.end):
        scene = page.scene(i)
        for tag in scene.tags:
            if tag.id == mention.id and tag.text:
                return False
    return True


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_parts_are_painted_as_the_whole_is(show: ShowCanvas, theme: Theme) -> None:
    """A repaint of any strip gives the same pixels: nothing hangs over that is not painted."""
    draft = Draft(SHORT * 3)
    met = draft.related("met_with", draft.gold("Ali Mamluk"), draft.suggested("Khaled Fawzy"))
    draft.gold("talks in Egypt on Monday", "EVENT")
    draft.suggested("Egypt on", "GPE")
    draft.gold("in", "GPE")
    for _ in range(5):
        draft.related("leads", "m1", "m3")
    canvas = show(draft, 700, 400)
    canvas.set_theme(theme)
    canvas.set_focused(met)
    whole = picture_of(canvas)
    width, height = canvas.viewport().width(), canvas.viewport().height()
    for step in (7, 40):
        strips = [QRect(0, y, width, step) for y in range(0, height, step)]
        assert same(painted(canvas, *strips), whole)


def test_after_an_edit_the_screen_is_what_a_fresh_canvas_shows(
    show: ShowCanvas, qtbot: QtBot
) -> None:
    """`apply` asks for just enough to be painted."""
    draft = Draft(SHORT)
    mamluk, egypt = draft.suggested("Ali Mamluk"), draft.suggested("Egypt", "GPE")
    canvas = show(draft, 700, 400)
    canvas.clearFocus()  # no caret
    document = canvas.document
    assert same(on_screen(canvas), picture_of(canvas))
    suggestion = document.suggestions[egypt]
    gold = Mention(egypt, "a-draft", suggestion.fragments, "GPE")
    wider = replace(gold, fragments=(draft.span("talks in Egypt on"),))
    relation = Suggestion("r1", "a-draft", "visited", head=mamluk, tail=egypt)
    for step in (
        change((suggestion, None), (None, gold)),
        change((gold, wider)),
        change((None, relation)),
        change((wider, None)),
    ):
        document = document.after(step)
        canvas.apply(document, step)
        assert same(on_screen(canvas), picture_of(canvas))


def test_an_edit_repaints_its_paragraph_only(show: ShowCanvas, qtbot: QtBot) -> None:
    text = "\n\n".join(f"Paragraph {n} about Cairo." for n in range(10))
    draft = Draft(text)
    cairo = draft.suggested("Cairo", "GPE", nth=4)
    canvas = show(draft)
    QApplication.processEvents()
    painted_rects = []
    paint = canvas.paintEvent

    def watch(event: object) -> None:
        painted_rects.append(event.rect())  # type: ignore[attr-defined]
        paint(event)  # type: ignore[arg-type]

    canvas.paintEvent = watch  # type: ignore[method-assign, assignment]
    before = dict(canvas._page._scenes)
    step = change((canvas.document.suggestions[cairo], None))
    canvas.apply(canvas.document.after(step), step)
    qtbot.waitUntil(lambda: bool(painted_rects))
    built = [i for i, scene in canvas._page._scenes.items() if before.get(i) is not scene]
    assert built == [canvas._page.text.block_at(draft.span("Cairo", 4).start)]
    page = canvas._page
    top = page.layout.top(built[0])
    for rect in painted_rects:
        assert top - page.metrics.pitch < rect.top() + canvas.view[0]
        assert rect.bottom() + canvas.view[0] < top + 3 * page.metrics.pitch


def test_annotations_move_no_word(show: ShowCanvas) -> None:
    bare = show(Draft(SHORT))
    draft = Draft(SHORT)
    met = draft.related("met_with", draft.gold("Ali Mamluk"), draft.gold("Fawzy, SANA said.\nقال"))
    for nth in range(4):
        draft.suggested("a", "ORG", nth)
    full = show(draft)
    for focus in ("", met):
        full.set_focused(focus)
        for offset in range(len(SHORT)):
            assert bare._page.layout.caret(offset) == full._page.layout.caret(offset)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_gold_and_suggestions_differ_without_colour(show: ShowCanvas, theme: Theme) -> None:
    """In shades of grey, and where the shades are equal: the underline is broken."""
    grey = {}
    for kind in ("gold", "suggested"):
        draft = Draft("Ali Mamluk held talks.")
        id = getattr(draft, kind)("Ali Mamluk")
        canvas = show(draft)
        canvas.set_theme(theme)
        image = picture_of(canvas).convertToFormat(QImage.Format.Format_Grayscale8)
        (piece,) = canvas._page.scene(0).pieces_of(id)
        y = canvas._page.layout.top(0) + int(canvas._page.metrics.underline(0, False)[0])
        page_shade = image.pixelColor(5, 5).red()
        row = [image.pixelColor(x, y).red() for x in range(int(piece.left), int(piece.right))]
        grey[kind] = [abs(shade - page_shade) > 25 for shade in row]
    assert all(grey["gold"])
    runs = sum(a != b for a, b in zip(grey["suggested"], grey["suggested"][1:], strict=False))
    assert runs >= 10


def test_the_focus_stands_out(show: ShowCanvas) -> None:
    draft = Draft("Ali Mamluk held talks.")
    gold = draft.gold("Ali Mamluk")
    canvas = show(draft)
    without = picture_of(canvas)
    canvas.set_focused(gold)
    assert not same(picture_of(canvas), without)
    ring = canvas._page.overlays()[0].ring[0]
    edge = picture_of(canvas).pixelColor(int(ring.center().x()), int(ring.top()))
    assert contrast(edge.name(), LIGHT.page) >= 3


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_picture_of_the_whole_article(show: ShowCanvas, tmp_path: object, scale: float) -> None:
    canvas = show(Draft("\n\n".join(f"Paragraph {n} of it." for n in range(60))), 600, 300)
    path = f"{tmp_path}/whole.png"
    assert canvas.render_to(path, whole=True, scale=scale)
    image = QImage(path)
    assert image.width() == canvas.viewport().width() * scale
    assert image.height() == canvas._page.layout.height * scale
    assert not canvas.render_to(f"{tmp_path}/no/such/folder.png")


def test_a_canvas_without_a_document_paints_an_empty_page(qtbot: QtBot) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(300, 200)
    image = picture_of(canvas)
    assert len(where(image, LIGHT.page)) == image.width() * image.height()
    canvas.set_document(Draft("").document, NEWS)
    canvas.move_caret("token", 1)
    assert (canvas.caret, canvas.selection, canvas.reading_order()) == (0, (), ())
    canvas.set_document(None, NEWS)
    assert canvas.document is None


def test_hits_beside_the_text(show: ShowCanvas) -> None:
    canvas = show(Draft("Ali Mamluk."))
    c, page = canvas._page.columns, canvas._page
    y = page.layout.top(0) + page.metrics.baseline
    assert hit.find(page, c.text + 5, y, canvas.view) == Hit("text", block=0)
    assert hit.find(page, c.margin + 5, y, canvas.view) == Hit("nothing", block=0)
    assert hit.find(page, c.text + 5, 5000, canvas.view).id == ""


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_type_of_the_schemes_can_be_read(theme: Theme) -> None:
    for name, tint in tints(theme, NEWS).items():
        assert contrast(theme.text, tint.fill) >= 4.5, name
        assert contrast(tint.ink, tint.fill) >= 4.5, name
        assert contrast(tint.ink, theme.page) >= 4.5, name
        assert contrast(tint.line, theme.page) >= 3, name
