"""What can be said about a project's gold: statistics and checks."""

from core.quality.checks import TITLES, Finding, check
from core.quality.stats import SourceStats, Stats, stats

__all__ = ["TITLES", "Finding", "SourceStats", "Stats", "check", "stats"]
