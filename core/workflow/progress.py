"""How a use case tells how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from core.contents import ArticleRow
from core.errors import GoldsmithError, NotFound
from core.i18n import _
from core.project import Project

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with how much is done, of how much, and what is being done; the units are the caller's."""

Cancelled: TypeAlias = Callable[[], bool]


class Stopped(GoldsmithError):
    """A person cancelled what was going on; what was begun is undone."""


def quiet(done: int, total: int, what: str) -> None:
    """No progress."""


def never() -> bool:
    """Nobody cancels."""
    return False


def row_of(project: Project, id: str) -> ArticleRow:
    """The line of an article. Raises `NotFound` for an id that is not there."""
    row = project.article_row(id)
    if row is None:
        raise NotFound(_("There is no article {id} in this project.").format(id=id))
    return row
