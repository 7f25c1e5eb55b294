"""One gesture, one fact: what is likeliest is made gold at once, without asking for the type.

Whoever sees that it is another type presses that type's key, which is no more work than picking it.
"""

from __future__ import annotations

from core import edits
from core.annotation import Change, Document, Fragments, Suggestion
from core.errors import ConstraintError
from core.i18n import _
from core.project import Project
from core.ranking import rank_entity_types, rank_relation_types, shared

_MEANT = 0.34  # of what a suggestion and the selected words have in common


def mark(project: Project, document: Document, parts: Fragments) -> Change:
    """Mark `parts` as the likeliest type.

    A suggestion of that type with other boundaries that shares much of the text is what was meant:
    it becomes gold with these. Raises `ConstraintError` as `core.edits.add_mention` does.
    """
    have = {m.type for m in document.mentions.values() if m.fragments == parts}
    ranked = rank_entity_types(project.scheme, document, parts, project.decisions.cues)
    type = next((r.type for r in ranked if r.type not in have), ranked[0].type)
    item = meant(document, parts, type)
    if item is None:
        return edits.add_mention(project, document.article.id, parts, type)
    return edits.set_fragments(project, item.id, parts)


def meant(document: Document, parts: Fragments, type: str) -> Suggestion | None:
    """The open suggestion of `type` whose boundaries selecting `parts` corrects, if there is one
    and the very words are not suggested themselves."""
    spans = [s for s in document.suggestions.values() if not s.is_relation]
    if len(parts) != 1 or any(s.fragments == parts for s in spans):
        return None
    near = [
        (shared(s.fragments, parts), s) for s in spans if s.type == type and len(s.fragments) == 1
    ]
    best, item = max(near, key=lambda n: (n[0], n[1].score, n[1].id), default=(0.0, None))
    return item if best >= _MEANT else None


def relate(project: Project, document: Document, head: str, tail: str) -> Change:
    """Relate `head` to `tail` (ids of mentions, gold or suggested) as is likeliest; the other way
    round where the scheme admits only that. Raises `ConstraintError` where it admits nothing."""
    habits, cues = project.relation_habits(), project.decisions.cues
    for first, second in ((head, tail), (tail, head)):
        ranked = rank_relation_types(project.scheme, document, first, second, habits, cues)
        have = _related(project, document, first, second)
        types = [r.type for r in ranked if r.type not in have] or [r.type for r in ranked]
        if types:
            return edits.add_relation(project, types[0], first, second)
    raise unrelated()


def unrelated() -> ConstraintError:
    """Two mentions that no relation may join, either way round."""
    return ConstraintError(_("The scheme admits no relation between these two."))


def _related(project: Project, document: Document, head: str, tail: str) -> set[str]:
    """The types of the gold relations that there are from `head` to `tail` already."""
    known = project.scheme.relation_types
    return {
        r.type
        for r in document.relations.values()
        if (r.head, r.tail) == (head, tail)
        or ((r.tail, r.head) == (head, tail) and r.type in known and known[r.type].symmetric)
    }
