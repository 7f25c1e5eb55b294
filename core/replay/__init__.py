"""Replay: a careful annotator over gold articles, with the window's own commands, counted.

How much work suggestions save is measured here, and so is every idea that should make them better.
The counting rules are in ``docs/replay.md``.
"""

from core.replay.annotator import Annotator, Confirm
from core.replay.desks import Desk, Layers, Strings
from core.replay.report import Report
from core.replay.run import Played, replay

__all__ = [
    "Annotator", "Confirm", "Desk", "Layers", "Played", "Report", "Strings", "replay",
]  # fmt: skip
