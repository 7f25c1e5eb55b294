"""What can be said about a project's gold: statistics, checks, how far two people agree."""

from core.quality.agreement import Agreement, Difference, agreement
from core.quality.checks import TITLES, Finding, check
from core.quality.stats import SourceStats, Stats, stats

__all__ = [
    "TITLES",
    "Agreement",
    "Difference",
    "Finding",
    "SourceStats",
    "Stats",
    "agreement",
    "check",
    "stats",
]
