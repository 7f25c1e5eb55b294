"""Every change that a person can make to a project, one function each.

Each is one transaction with one journal entry and returns the `Change` that a screen follows. All
raise `ConstraintError` when the scheme or the text does not allow the edit, `NotFound` for an id
that is not there, `ReadOnlyProject` when nothing may be written; then nothing was changed.
"""

from core.edits.articles import Adding, add_documents, adding, batches, remove_articles, set_state
from core.edits.entities import leave_entity, same_entity, set_kb_id
from core.edits.gold import (
    add_mention,
    add_relation,
    delete,
    flip,
    relabel,
    set_attribute,
    set_fragments,
    set_note,
)
from core.edits.history import Step, redo, undo
from core.edits.suggestions import accept, accept_and_finish, reject, store_suggestions

__all__ = [
    "Adding",
    "Step",
    "accept",
    "accept_and_finish",
    "add_documents",
    "add_mention",
    "add_relation",
    "adding",
    "batches",
    "delete",
    "flip",
    "leave_entity",
    "redo",
    "reject",
    "relabel",
    "remove_articles",
    "same_entity",
    "set_attribute",
    "set_fragments",
    "set_kb_id",
    "set_note",
    "set_state",
    "store_suggestions",
    "undo",
]
