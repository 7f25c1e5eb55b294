"""The curves of replays as a picture: SVG, so that no plotting library is needed."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from core.i18n import _
from core.replay.report import WINDOW, Report

_WIDTH, _HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 40, 60
# Told apart by colour-blind readers, and by their dashes without colour.
_STROKES = (("#0b5cad", ""), ("#b5510d", "7 4"), ("#2f7d4f", "2 3"), ("#7a3f9d", "10 3 2 3"))


def svg(reports: Sequence[Report]) -> str:
    """One line a report: actions relative to the manual annotator's, over articles."""
    n = max((len(r.played) for r in reports), default=0)
    curves = [r.curve() for r in reports]
    top = max([1.0, *(v for c in curves for v in c if v is not None)])
    top = (int(top * 5) + 1) / 5

    def x(article: int) -> float:
        return _LEFT + (article / max(1, n - 1)) * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM)

    title = _("Actions, relative to marking everything by hand")
    foot = _("articles done (each point: the last {n})").format(n=WINDOW)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(title)}</text>',
    ]
    for step in range(int(top * 5) + 1):
        value = step / 5
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
            f'stroke="{"#555" if value == 1 else "#ddd"}"/>'
            f'<text x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.1f}</text>'
        )
    parts += [
        f'<text x="{x(article):.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">'
        f"{article + 1}</text>"
        for article in range(0, n, 10 if n > 20 else 5)
    ]
    parts.append(
        f'<text x="{(_LEFT + _WIDTH) / 2}" y="{_HEIGHT - _BOTTOM + 36}" text-anchor="middle">'
        f"{escape(foot)}</text>"
    )
    for i, (report, curve) in enumerate(zip(reports, curves, strict=True)):
        color, dash = _STROKES[i % len(_STROKES)]
        style = f'fill="none" stroke="{color}" stroke-width="2.5" stroke-dasharray="{dash}"'
        points = " ".join(f"{x(k):.1f},{y(v):.1f}" for k, v in enumerate(curve) if v is not None)
        at = _LEFT + 170 * i
        parts.append(
            f'<polyline points="{points}" {style}/>'
            f'<line x1="{at}" x2="{at + 28}" y1="{_HEIGHT - 12}" y2="{_HEIGHT - 12}" {style}/>'
            f'<text x="{at + 34}" y="{_HEIGHT - 8}">{escape(report.name)}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
