"""The margin cards: one a relation, ``head — type → tail``, beside the lines where it is read.

Where words would have to be cut, and there is room, a card takes two lines. Where there are too
many even with one line each, the rest is folded into a card that says how many they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF

from core.annotation import Relation, covered_text
from gui.canvas.index import Index
from gui.canvas.layout import TextLayout
from gui.canvas.metrics import Metrics, display_name

if TYPE_CHECKING:
    from core.scheme import Scheme


_NO_IDS: tuple[str, ...] = ()


class Card(NamedTuple):
    """A relation in the margin, its words cut to the room there is.

    The card that stands for those without room has no id, and `label` says how many they are.

    Attributes:
        tall: the head is on a line of its own, above type and tail.
    """

    id: str
    rect: QRectF
    head: str
    label: str
    tail: str
    gold: bool
    symmetric: bool
    tall: bool = False


def beside(
    i: int, relations: list[str], layout: TextLayout, index: Index, scheme: Scheme, keep: str
) -> tuple[list[Card], tuple[str, ...]]:
    """The cards of some `relations` beside block `i`, one below the other without overlap, and the
    ids of those without room between this block and the next that has text; `keep` has room."""
    m, columns = layout.metrics, layout.columns
    room = layout.block_height(i)
    after = i + 1
    while after < len(layout.text.blocks) and layout.text.blocks[after].blank:
        room += layout.block_height(after)
        after += 1
    free = room - m.channel
    shown, folded = list(relations), _NO_IDS
    fit = max(1, free // (m.card_height + m.card_gap))
    if len(shown) > fit:
        shown = relations[: fit - 1]
        if keep in relations[fit - 1 :]:
            shown = [*shown[:-1], keep]
        folded = tuple(r for r in relations if r not in shown)
    words = [w for w in (_words(id, layout, index, scheme) for id in shown) if w is not None]
    # what is left of the room goes to those that would lose most
    spare = (
        free - min(fit, len(words) + bool(folded)) * (m.card_height + m.card_gap)
    ) // m.card_line
    needy = sorted((w for w in words if w.lacking > 0), key=lambda w: (w.id != keep, -w.lacking))
    tall = {w.id for w in needy[: max(0, int(spare))]}
    found = [_card(w, layout, w.id in tall) for w in words]
    tops: list[float] = []
    below = -float("inf")
    for card in found:
        line = layout.line_at(i, max(index.position(card.id), layout.text.blocks[i].start))
        tops.append(max(float(line * m.pitch + m.card_top), below))
        below = tops[-1] + card.rect.height() + m.card_gap
    if folded and len(found) < fit:  # where one fits and that is `keep`, it stands for all
        rect = QRectF(columns.margin, 0, columns.margin_width, m.card_height)
        found.append(Card("", rect, "", f"+{len(folded)}", "", True, False))
        tops.append(max(below, float(m.card_top)))
    bottom = float(max(room - m.card_gap, 0))
    for n in range(len(tops) - 1, -1, -1):  # what hangs over is pushed back up
        height = found[n].rect.height()
        tops[n] = min(tops[n], bottom - height)
        found[n] = found[n]._replace(rect=found[n].rect.translated(0, tops[n]))
        bottom = tops[n] - m.card_gap
    return found, folded


def stacked(i: int, layout: TextLayout, index: Index, scheme: Scheme) -> list[Card]:
    """All cards beside block `i`, one below the other from the block's top on."""
    top = float(layout.metrics.card_top)
    found = []
    for id in index.relations_beside(i):
        words = _words(id, layout, index, scheme)
        if words is not None:
            card = _card(words, layout, words.lacking > 0)
            found.append(card._replace(rect=card.rect.translated(0, top)))
            top += card.rect.height() + layout.metrics.card_gap
    return found


def ground_of(stack: list[Card], m: Metrics) -> QRectF:
    """What unfolded cards lie on: their buttons are beside it."""
    gap = m.card_gap
    return stack[0].rect.united(stack[-1].rect).adjusted(-2, -gap, 2, gap)


class _Words(NamedTuple):
    """What a card says, uncut, and by how many pixels it is too wide for one line."""

    id: str
    parts: tuple[str, str, str]
    widths: tuple[float, ...]
    lacking: float
    gold: bool
    symmetric: bool


def _words(id: str, layout: TextLayout, index: Index, scheme: Scheme) -> _Words | None:
    relation, ends = index.relation(id), index.ends(id)
    if relation is None or ends is None:
        return None
    m, text = layout.metrics, index.document.article.text
    head, tail = (" ".join(covered_text(text, e.fragments).split()) for e in ends)
    parts = (head, display_name(relation.type), tail)
    widths = tuple(m.cards.width(part) for part in parts)
    known = scheme.relation_types.get(relation.type)
    gold, symmetric = isinstance(relation, Relation), known is not None and known.symmetric
    lacking = sum(widths) - _room(layout)[1]
    return _Words(id, parts, widths, lacking, gold, symmetric)


def _card(words: _Words, layout: TextLayout, tall: bool) -> Card:
    """A card at the top of the margin."""
    m, columns = layout.metrics, layout.columns
    room, connected = _room(layout)
    shares = _shares(words.widths[tall:], connected)
    shares = [room, *shares] if tall else shares
    head, label, tail = (
        m.cards.cut(part, share) for part, share in zip(words.parts, shares, strict=True)
    )
    height = m.card_height + (m.card_line if tall else 0)
    rect = QRectF(columns.margin, 0, columns.margin_width, height)
    return Card(words.id, rect, head, label, tail, words.gold, words.symmetric, tall)


def _shares(wanted: Sequence[float], room: float) -> list[float]:
    """`room` divided so that nobody gets more than wanted, and who gets less gets the most."""
    shares = list(wanted)
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    for n, k in enumerate(order):
        shares[k] = min(wanted[k], max(0.0, room) / (len(order) - n))
        room -= shares[k]
    return shares


def card_padding(m: Metrics) -> float:
    return m.size * 0.5


def word_gap(m: Metrics) -> float:
    return m.size * 0.25


def connected(label: str, symmetric: bool) -> str:
    """A relation's name with the strokes that lead from its head and to its tail."""
    return f"{'←' if symmetric else '—'} {label} →"


def _room(layout: TextLayout) -> tuple[float, float]:
    """Room for words on a line of a card, without and with a relation's strokes between them."""
    m = layout.metrics
    room = layout.columns.margin_width - 2 * card_padding(m)
    return room, room - m.cards.width(connected("", True)) - 2 * word_gap(m)
