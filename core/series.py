"""Which copies of a series need not be kept.

Nobody's clock is trusted: the copies come in the order of their making, as their edits tell it, and
what counts as a day or a week is what their stamps say beside one another. So a clock that runs
ahead, or falls back to the year 2000, makes no copy old that was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

NEWEST = 12  # are kept in any case
DAYS = 31  # of which one is kept each; days on which something was done

_DAY = timedelta(days=1)


def superfluous(stamps: Sequence[datetime]) -> list[int]:
    """Which of the copies with these stamps, in the order of their making, need not be kept: the
    newest stay, and all within a day of the last of them, then one a day, then one a week."""
    found = []
    days, day, week = 0, None, None
    for n in reversed(range(len(stamps))):
        at = stamps[n]
        last_of_day = at.date() != day
        days += last_of_day
        last_of_week = at.isocalendar()[:2] != week
        day, week = at.date(), at.isocalendar()[:2]
        if n >= len(stamps) - NEWEST or timedelta() <= stamps[-1] - at < _DAY:
            continue
        if not (last_of_day if days <= DAYS else last_of_week):
            found.append(n)
    return found
