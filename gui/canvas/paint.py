"""How the canvas looks: draws the shapes of `gui.canvas.scene`, decides nothing about where.

Gold is solid (filled, an unbroken underline), a suggestion is dashed (no fill, a broken underline,
an outlined tag), so that the two differ in any colour and in none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QStaticText,
)

from core.i18n import _
from gui.canvas.arcs import Arc, Pointer
from gui.canvas.cards import Card, card_padding, connected, ground_of, word_gap
from gui.canvas.layout import Stretch, TextLayout
from gui.canvas.marks import Kept, Marks, Stamps, Stroke
from gui.canvas.metrics import Face, Metrics
from gui.canvas.overlay import Button, Handle, Overlay
from gui.canvas.scene import (
    TAG_PADDING,
    BlockScene,
    Tag,
    ink_rect,
    link_rect,
    underline_rect,
)
from gui.theme import Theme, Tint, color_of, qcolor, tints

if TYPE_CHECKING:
    from core.scheme import Scheme


DASHES = 1200  # pixels of an underline that are painted at once


class Look:
    """The pens, brushes and fonts of one theme, scheme and type size."""

    def __init__(self, theme: Theme, scheme: Scheme | None, metrics: Metrics) -> None:
        self.theme = theme
        self.metrics = metrics
        self._tints = tints(theme, scheme) if scheme is not None else {}
        self._texts: dict[tuple[str, int], QStaticText] = {}
        self._stamps = Stamps()
        self._pens: dict[tuple[str, float], QPen] = {}
        self._face: Face | None = None  # the one that the painter has

    def label(self, p: QPainter, face: Face, x: float, baseline: float, text: str) -> None:
        """Write a short text; its glyphs are found once, as labels come again and again."""
        if face is not self._face:
            self._face = face
            p.setFont(face.font)
        if not text.isascii() and any("\u02ff" < c < "\u2000" or c > "\u2bff" for c in text):
            # a taller fallback font would push a static text's baseline down
            p.drawText(QPointF(x, baseline), text)
            return
        key = (text, id(face))
        static = self._texts.get(key)
        if static is None:
            if len(self._texts) > 3000:
                self._texts.clear()
            static = self._texts[key] = QStaticText(text)
            static.setTextFormat(Qt.TextFormat.PlainText)
            static.prepare(font=face.font)
        p.drawStaticText(QPointF(x, baseline - face.ascent), static)

    def tint(self, type: str) -> Tint:
        """The colours of an entity type; for one that the scheme does not have, from its name."""
        return self._tints.get(type) or self.theme.tint(color_of(type))

    def begin(self, p: QPainter) -> None:
        """Get a new painter ready."""
        self._face = None
        self._stamps.begin(p.device().devicePixelRatioF())
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setRenderHint(QPainter.RenderHint.TextAntialiasing)

    # -- a block: under the text, the text, over it

    def marks(self, scene: BlockScene) -> dict[int, Marks]:
        """A block's marks by line, ready for the painter: colours, shapes and pictures are looked
        up once, as the same lines are painted again with every step."""
        kept = scene.marks
        if kept is not None and kept.look is self and kept.scale == self._stamps.scale:
            return kept.lines
        lines: dict[int, Marks] = defaultdict(Marks)
        for piece in scene.pieces:
            marks, tint = lines[piece.line], self.tint(piece.type)
            marks.pieces.append(piece)
            stroke = underline_rect(piece, self.metrics)
            if piece.gold:
                marks.fills.append((QBrush(qcolor(tint.fill)), ink_rect(piece, self.metrics)))
                marks.strokes.append(Stroke(stroke, qcolor(tint.line)))
            else:
                marks.strokes.append(self._dashes(stroke, qcolor(tint.line)))
        for link in scene.links:
            lines[link.line].links.append(link)
        for tag in scene.tags:
            lines[tag.line].tags.append((tag, self._label(tag)))
        scene.marks = Kept(self, self._stamps.scale, dict(lines))
        return lines

    def fills(self, p: QPainter, marks: Marks) -> None:
        p.setPen(Qt.PenStyle.NoPen)
        for brush, rect in marks.fills:
            p.setBrush(brush)
            p.drawRoundedRect(rect, 2.5, 2.5)

    def text(self, p: QPainter, layout: TextLayout, i: int, lines: range) -> None:
        p.setPen(qcolor(self.theme.text))
        origin = QPointF(0, 0)
        laid_out = layout.lines(i)
        for n in lines:
            laid_out[n].text.draw(p, origin)

    def selection(self, p: QPainter, stretch: Stretch) -> None:
        m = self.metrics
        top = stretch.line * m.pitch + m.ink_top
        p.fillRect(
            QRectF(stretch.left, top, stretch.right - stretch.left, m.ink_bottom - m.ink_top + 1),
            qcolor(self.theme.selection),
        )

    def underlines(self, p: QPainter, marks: Marks) -> None:
        for stroke in marks.strokes:
            if stroke.picture is not None:
                p.drawPixmap(stroke.rect.topLeft(), stroke.picture, stroke.part)
            elif stroke.pen is None:
                p.fillRect(stroke.rect, stroke.color)
            else:
                y = stroke.rect.center().y()
                p.setPen(stroke.pen)
                p.drawLine(QPointF(stroke.rect.left(), y), QPointF(stroke.rect.right(), y))
        for link in marks.links:
            r = link_rect(link, self.metrics)
            p.setPen(self._dotted(qcolor(self.tint(link.type).line), r.height()))
            y = r.center().y()
            p.drawLine(QPointF(r.left() + 0.7, y), QPointF(r.right() - 0.7, y))

    def _dashes(self, rect: QRectF, color: QColor) -> Stroke:
        """A suggestion's underline, cut from a long picture of one where it can be."""
        height, stamps = rect.height(), self._stamps
        pen = self._dashed(color, height)
        if not stamps.is_sharp(rect.topLeft()) or height != int(height) or rect.width() > DASHES:
            return Stroke(rect, color, pen)

        def draw(q: QPainter) -> None:
            q.setPen(pen)
            q.drawLine(QPointF(0, height / 2), QPointF(DASHES, height / 2))

        picture = stamps.picture(QSizeF(DASHES, height), (color.rgb(), height), draw)
        return Stroke(rect, color, pen, picture, QRectF(QPointF(0, 0), rect.size() * stamps.scale))

    def _dashed(self, color: QColor, height: float) -> QPen:
        """The pen of a suggestion's underline."""
        pen = self._pens.get((color.name(), height))
        if pen is None:
            width = height * 0.8 if height > 1 else height
            pen = QPen(color, width, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([4.2 / width, 2.7 / width])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            self._pens[color.name(), height] = pen
        return pen

    def _dotted(self, color: QColor, height: float) -> QPen:
        """The pen that ties the fragments of a mention."""
        pen = self._pens.get((color.name(), -height))
        if pen is None:
            pen = QPen(color, height * 0.7, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([0.1, 2.6])
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            self._pens[color.name(), -height] = pen
        return pen

    def tags(self, p: QPainter, marks: Marks, hidden: Container[str] = ()) -> None:
        """Labels, without those of the mentions that are `hidden`."""
        for tag, picture in marks.tags:
            if tag.id in hidden:
                continue
            if picture is not None:
                p.drawPixmap(tag.rect.topLeft(), picture)
            else:
                self.tag(p, tag)

    def _label(self, tag: Tag) -> QPixmap | None:
        """The picture of a label, None where a tick must do or a picture would be blurred."""
        if not tag.text or not self._stamps.is_sharp(tag.rect.topLeft()):
            return None
        key = (tag.text, tag.type, tag.gold)
        return self._stamps.picture(tag.rect.size(), key, lambda q: self._name(q, tag))

    def tag(self, p: QPainter, tag: Tag) -> None:
        """A label; where there is no room for letters, a tick in the type's colour."""
        tint = self.tint(tag.type)
        if not tag.text:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(qcolor(tint.line))
            r = QRectF(tag.rect.left() + 0.5, tag.rect.bottom() - 4, 3.5, 3.5)
            if tag.gold:
                p.drawRect(r)
            else:
                p.setBrush(Qt.BrushStyle.NoBrush)
                p.setPen(QPen(qcolor(tint.line), 1))
                p.drawRect(r.adjusted(0.5, 0, -0.5, -1))
            return
        self._stamp(p, tag.rect, (tag.text, tag.type, tag.gold), lambda q: self._name(q, tag))

    def _name(self, p: QPainter, tag: Tag) -> None:
        """A label's letters, for gold on a ground that stands on the filled text."""
        m, tint = self.metrics, self.tint(tag.type)
        width, height = tag.rect.width(), tag.rect.height()
        if tag.gold:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(qcolor(tint.fill))
            p.drawRoundedRect(QRectF(0, 0, width, height), 2.5, 2.5)
            p.fillRect(QRectF(0, height / 2, width, height / 2), qcolor(tint.fill))
        p.setPen(qcolor(tint.ink))
        p.setFont(m.tags.font)
        p.drawText(QPointF(TAG_PADDING, (height + m.tags.cap_height) / 2), tag.text)

    def _stamp(
        self, p: QPainter, rect: QRectF, key: tuple[object, ...], draw: Callable[[QPainter], None]
    ) -> None:
        """Paint at `rect` what `draw` paints at the origin, from a picture where that is sharp."""
        if self._stamps.is_sharp(rect.topLeft()):
            p.drawPixmap(rect.topLeft(), self._stamps.picture(rect.size(), key, draw))
            return
        p.translate(rect.topLeft())
        draw(p)
        p.translate(-rect.topLeft())
        self._face = None

    # -- the margin

    def cards(self, p: QPainter, cards: Iterable[Card], focused: str, related: set[str]) -> None:
        """Cards; those `related` to what is focused stand out."""
        for card in cards:
            self.card(p, card, bool(card.id) and card.id == focused, card.id in related)

    def stack(self, p: QPainter, cards: list[Card], focused: str, related: set[str]) -> None:
        """Unfolded cards, on a ground of their own over what they hide."""
        if cards:
            self.stack_ground(p, ground_of(cards, self.metrics))
            self.cards(p, cards, focused, related)

    def stack_ground(self, p: QPainter, rect: QRectF) -> None:
        p.setPen(QPen(qcolor(self.theme.muted), 1))
        p.setBrush(qcolor(self.theme.panel))
        p.drawRoundedRect(rect, 6, 6)

    def card(self, p: QPainter, card: Card, hot: bool, warm: bool) -> None:
        key = (*card[2:], bool(card.id), card.rect.width(), hot, warm)
        self._stamp(p, card.rect, key, lambda q: self._card(q, card, hot, warm))

    def _card(self, p: QPainter, card: Card, hot: bool, warm: bool) -> None:
        """A card at the origin."""
        t, m = self.theme, self.metrics
        y = m.card_height / 2  # the middle of the first line
        sink = m.cards.cap_height / 2
        x = left = card_padding(m)
        p.setFont(m.cards.font)
        if not card.id:
            p.setPen(qcolor(t.muted))
            p.drawText(QPointF(x, y + sink), _("{n} more").format(n=card.label))
            return
        self._frame(p, card, hot, warm)
        p.setPen(qcolor(t.text))
        p.drawText(QPointF(x, y + sink), card.head)
        x += m.cards.width(card.head) + word_gap(m)
        if card.tall:
            x, y = left, y + m.card_line
        label = connected(card.label, card.symmetric)
        p.setPen(qcolor(t.muted))
        p.drawText(QPointF(x, y + sink), label)
        p.setPen(qcolor(t.text))
        p.drawText(QPointF(x + m.cards.width(label) + word_gap(m), y + sink), card.tail)

    def _frame(self, p: QPainter, card: Card, hot: bool, warm: bool) -> None:
        """A card's ground and edge at the origin."""
        t, size = self.theme, card.rect.size()
        width = 2.0 if hot else 1.2 if warm else 1.0
        color = qcolor(t.accent) if hot or warm else qcolor(t.muted, 0.75 if card.gold else 0.6)
        pen = QPen(color, width)
        if not card.gold:
            pen.setDashPattern([3.2 / width, 2.6 / width])
        p.setPen(pen)
        p.setBrush(qcolor(t.raised if card.gold else t.page))
        inset = 1.0 if hot else 0.5
        edge = QRectF(inset, inset, size.width() - 2 * inset, size.height() - 2 * inset)
        p.drawRoundedRect(edge, 4, 4)

    # -- over the page

    def arc(self, p: QPainter, arc: Arc) -> None:
        """A relation's way, on a halo of the page's colour so that crossings can be followed."""
        t, m = self.theme, self.metrics
        color = qcolor(t.muted, 0.55) if arc.faint else qcolor(t.accent)
        width = 1.1 if arc.faint else 1.7
        path = _rounded(arc.points, m.size * 0.28)
        p.setBrush(Qt.BrushStyle.NoBrush)
        if not arc.faint:
            p.setPen(QPen(qcolor(t.page), width + 2.4))
            p.drawPath(path)
        pen = QPen(color, width)
        if not arc.gold:
            pen.setDashPattern([3.4, 2.2])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        p.setPen(pen)
        p.drawPath(path)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(color)
        size = m.size * (0.17 if arc.faint else 0.23)
        if arc.to_tail:
            p.drawPolygon(_arrow_head(arc.points[-2], arc.points[-1], size))
        if arc.to_head:
            p.drawPolygon(_arrow_head(arc.points[1], arc.points[0], size))
        elif not arc.faint:
            p.drawEllipse(arc.points[0], size * 0.6, size * 0.6)

    def arc_label(self, p: QPainter, arc: Arc) -> None:
        """The relation's name on its way, and what is at the way's end out of view."""
        t, m = self.theme, self.metrics
        if arc.label is not None:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(qcolor(t.page))
            p.drawRoundedRect(arc.label.rect, 3, 3)
            p.setPen(qcolor(t.muted if arc.faint else t.accent))
            box = arc.label.rect
            x = box.center().x() - m.tags.width(arc.label.text) / 2
            self.label(p, m.tags, x, box.center().y() + m.tags.cap_height / 2, arc.label.text)
        for pointer in arc.pointers:
            self.pointer(p, pointer)

    def partner(self, p: QPainter, rect: QRectF) -> None:
        """Around the other end of a focused arc."""
        p.setPen(QPen(qcolor(self.theme.accent), 1.2))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRoundedRect(rect.adjusted(-0.5, 0, 0.5, 0.5), 3, 3)

    def pointer(self, p: QPainter, pointer: Pointer) -> None:
        """The other end of an arc, out of view: its words and where it is."""
        t, m, r = self.theme, self.metrics, pointer.rect
        p.setPen(QPen(qcolor(t.accent), 1.2))
        p.setBrush(qcolor(t.raised))
        p.drawRoundedRect(r.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        x, y, s = r.left() + m.size * 0.6, r.center().y(), m.size * 0.24
        way = 1 if pointer.down else -1
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(qcolor(t.accent))
        p.drawPolygon(_arrow_head(QPointF(x, y - way), QPointF(x, y + way * s), s * 1.3))
        p.setPen(qcolor(t.text))
        baseline = y + m.cards.cap_height / 2
        self.label(p, m.cards, r.left() + m.size * 1.15, baseline, pointer.text)

    def overlay(self, p: QPainter, overlay: Overlay) -> None:
        self.ring(p, overlay)
        if overlay.tag is not None:
            self.full_tag(p, overlay.tag)
        for handle in overlay.handles:
            self.handle(p, handle)
        for button in overlay.buttons:
            self.button(p, button)

    def ring(self, p: QPainter, overlay: Overlay) -> None:
        """Around what is focused, dashed for a suggestion."""
        pen = QPen(qcolor(self.theme.accent), 2.0)
        if not overlay.gold:
            pen.setDashPattern([3.0, 1.6])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        p.setPen(pen)
        p.setBrush(Qt.BrushStyle.NoBrush)
        for rect in overlay.ring:
            p.drawRoundedRect(rect, 4, 4)

    def full_tag(self, p: QPainter, tag: Tag) -> None:
        """The label of what is focused, never cut."""
        t, m, r = self.theme, self.metrics, tag.rect
        p.setPen(QPen(qcolor(t.accent), 1))
        p.setBrush(qcolor(t.accent if tag.gold else t.page))
        p.drawRoundedRect(r.adjusted(0.5, 0.5, -0.5, -0.5), 2.5, 2.5)
        p.setPen(qcolor(t.on_accent if tag.gold else t.accent))
        baseline = r.center().y() + m.tags.cap_height / 2
        self.label(p, m.tags, r.left() + TAG_PADDING, baseline, tag.text)

    def handle(self, p: QPainter, handle: Handle) -> None:
        p.setPen(QPen(qcolor(self.theme.page), 1.5))
        p.setBrush(qcolor(self.theme.accent))
        p.drawEllipse(handle.center, handle.radius, handle.radius)

    def button(self, p: QPainter, button: Button) -> None:
        t = self.theme
        color = qcolor(t.yes if button.does == "accept" else t.no)
        r = button.rect
        p.setPen(QPen(color, 1.2))
        p.setBrush(color if button.hovered else qcolor(t.page))
        p.drawEllipse(r.adjusted(0.75, 0.75, -0.75, -0.75))
        pen = QPen(qcolor(t.page) if button.hovered else color, 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        p.setPen(pen)
        x, y, s = r.center().x(), r.center().y(), r.width() * 0.19
        if button.does == "accept":
            p.drawPolyline(
                [
                    QPointF(x - 1.1 * s, y + 0.1 * s),
                    QPointF(x - 0.3 * s, y + 0.9 * s),
                    QPointF(x + 1.2 * s, y - 0.9 * s),
                ]
            )
        else:
            p.drawLine(QPointF(x - s, y - s), QPointF(x + s, y + s))
            p.drawLine(QPointF(x - s, y + s), QPointF(x + s, y - s))

    def caret(self, p: QPainter, rect: QRectF) -> None:
        p.fillRect(rect, qcolor(self.theme.accent))

    def outline(self, p: QPainter, rects: Iterable[QRectF]) -> None:
        """Around what a drag would make or meet."""
        p.setPen(QPen(qcolor(self.theme.accent), 1.6))
        p.setBrush(qcolor(self.theme.accent, 0.14))
        for rect in rects:
            p.drawRoundedRect(rect, 4, 4)

    def pull(self, p: QPainter, head: QRectF, tail: QRectF) -> None:
        """The line from mention to mention while it is dragged."""
        a, b = QPointF(head.center().x(), head.bottom()), QPointF(tail.center().x(), tail.bottom())
        path = QPainterPath(a)
        sag = self.metrics.pitch * 0.45
        path.cubicTo(a + QPointF(0, sag), b + QPointF(0, sag), b)
        p.setPen(QPen(qcolor(self.theme.accent), 2))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawPath(path)
        p.setBrush(qcolor(self.theme.accent))
        p.drawEllipse(a, 3, 3)
        # The head of the arrow stands on the tail of the relation, coming from below.
        p.drawPolygon([b, b + QPointF(-5, 8), b + QPointF(5, 8)])

    def hint_rects(self, targets: Iterable[tuple[QRectF, str]]) -> list[QRectF]:
        """Where letters to type go: over their target, beside one another where several mentions
        start together."""
        m, rects = self.metrics, list[QRectF]()
        height = m.hints.height * 0.92
        for place, letters in targets:
            width = m.hints.width(letters.upper()) + 7
            rect = QRectF(place.left() - 1, place.top() - height + 2, width, height)
            while (hit := next((r for r in rects if r.intersects(rect)), None)) is not None:
                rect.moveLeft(hit.right() + 1)
            rects.append(rect)
        return rects

    def hint(self, p: QPainter, rect: QRectF, letters: str) -> None:
        """Letters to type."""
        m = self.metrics
        p.setPen(QPen(qcolor(self.theme.page), 1))
        p.setBrush(qcolor(self.theme.accent))
        p.drawRoundedRect(rect, 3, 3)
        p.setPen(qcolor(self.theme.on_accent))
        baseline = rect.center().y() + m.hints.cap_height / 2
        self.label(p, m.hints, rect.left() + 3.5, baseline, letters.upper())


def _rounded(points: list[QPointF], radius: float) -> QPainterPath:
    """A way with rounded corners."""
    path = QPainterPath(points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        a, b = before - corner, after - corner
        r = min(radius, a.manhattanLength() / 2, b.manhattanLength() / 2)
        path.lineTo(corner + a * (r / max(a.manhattanLength(), 0.01)))
        path.quadTo(corner, corner + b * (r / max(b.manhattanLength(), 0.01)))
    path.lineTo(points[-1])
    return path


def _arrow_head(before: QPointF, tip: QPointF, size: float) -> list[QPointF]:
    """A triangle whose tip is at `tip`, seen from `before`; the way is horizontal or vertical."""
    dx, dy = tip.x() - before.x(), tip.y() - before.y()
    length = max(abs(dx), abs(dy), 0.01)
    u = QPointF(dx / length, dy / length) * (size * 1.5)
    v = QPointF(-u.y(), u.x()) * 0.55
    return [tip, tip - u + v, tip - u - v]
