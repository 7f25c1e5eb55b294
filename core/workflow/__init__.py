"""The use cases that the command line and the window share: add, suggest, export, copy.

Each tells its progress, can be cancelled, and reports what it did and what it did not.
"""

from core.workflow.add_report import AddReport, NothingAdded, counted
from core.workflow.adding import add_paths
from core.workflow.copying import check_replaceable, save_copy
from core.workflow.exporting import export, losses
from core.workflow.learning import (
    FIRST,
    LEARNER_OFF,
    example_of,
    learn,
    learner_is_due,
    learner_is_foreign,
    learner_knows,
    learner_of,
    learner_path,
)
from core.workflow.progress import Cancelled, Progress, Stopped
from core.workflow.suggesting import SuggestReport, store_proposal, suggest

__all__ = [
    "FIRST",
    "LEARNER_OFF",
    "AddReport",
    "Cancelled",
    "NothingAdded",
    "Progress",
    "Stopped",
    "SuggestReport",
    "add_paths",
    "check_replaceable",
    "counted",
    "example_of",
    "export",
    "learn",
    "learner_is_due",
    "learner_is_foreign",
    "learner_knows",
    "learner_of",
    "learner_path",
    "losses",
    "save_copy",
    "store_proposal",
    "suggest",
]
