"""From what the network says of itself to how often it is right: measured on held-out documents."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

Curve: TypeAlias = tuple[tuple[float, float], ...]  # (raw score, share that was right), rising


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves by what is scored, such as ``names.PERSON`` or ``reports.CoLocated``.

    Attributes:
        curves: piecewise linear; the raw score is kept where there is no curve.
        floors: relations of a scheme's kind, ``names`` or ``reports``, that are less likely right
            than this are not proposed.
    """

    curves: Mapping[str, Curve] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, key: str, raw: float) -> float:
        """The share of right ones among those of this key and raw score, 0..1."""
        curve = self.curves.get(key) or self.curves.get(key.split(".")[0] + ".*")
        if not curve:
            return raw
        return interpolate(curve, raw)


def interpolate(curve: Sequence[tuple[float, float]], x: float) -> float:
    """The curve's value at x; its ends beyond them."""
    at = bisect_right([p[0] for p in curve], x)
    if at == 0:
        return curve[0][1]
    if at == len(curve):
        return curve[-1][1]
    (x0, y0), (x1, y1) = curve[at - 1], curve[at]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0) if x1 > x0 else y1


def load(path: Path) -> Calibration:
    """The curves in a JSON file; none where there is no such file."""
    if not path.exists():
        return Calibration()
    data = json.loads(path.read_text(encoding="utf-8"))
    curves = {k: tuple((float(x), float(y)) for x, y in v) for k, v in data["curves"].items()}
    return Calibration(curves, {k: float(v) for k, v in data.get("floors", {}).items()})
