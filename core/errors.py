"""Errors that are shown to a person: each says what is wrong and what to do next."""

from __future__ import annotations

_LONGEST = 3_000  # characters of a message: a file that came by mail may have ids of megabytes


def _short(text: str) -> str:
    """`text`, or of one that nobody would read its beginning and end."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 500]} … {text[-400:]}"


class GoldsmithError(Exception):
    """Base of every error that a person may see.

    Attributes:
        message: what is wrong, one sentence.
        hint: what to do next, one sentence; may be empty where `message` says it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = _short(message)
        self.hint = _short(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ProjectError(GoldsmithError):
    """A project file that can't be opened, created or written."""


class Damaged(ProjectError):
    """What stands in the project's file makes no sense: a copy of it, or what can be recovered from
    it, is the way on."""


class ProjectInUse(ProjectError):
    """Another window or command is writing to this project.

    Attributes:
        elsewhere: it is another computer that says so, and may have crashed; a person can know.
    """

    def __init__(self, message: str, hint: str = "", *, elsewhere: bool = False) -> None:
        super().__init__(message, hint)
        self.elsewhere = elsewhere


class SaveFailed(ProjectError):
    """An edit that the disk did not take. It was taken back whole; what was saved before is safe,
    and all of it can still be saved elsewhere."""


class ProjectGone(SaveFailed):
    """The project file was moved, replaced or deleted while it was open."""


class ChangedMeanwhile(ProjectError):
    """Somebody else wrote to the project in spite of the lock; nothing of theirs is overwritten."""


class ReadOnlyProject(ProjectError):
    """An edit was tried on a project that is open for reading only."""


class NotFound(GoldsmithError):
    """An id that the project does not (or no longer) hold."""


class SchemeError(GoldsmithError):
    """A scheme file that is refused.

    Attributes:
        line: 1-based line of the fault, None where there is none (a missing file).
    """

    def __init__(self, message: str, hint: str = "", line: int | None = None) -> None:
        super().__init__(message, hint)
        self.line = line


class ConstraintError(GoldsmithError):
    """An edit that the scheme or the text does not allow; the message names the constraint."""


class FormatError(GoldsmithError):
    """A file that can't be read or written in a format.

    Attributes:
        path: the file, as the person gave it.
        line: 1-based line of the fault where the format has lines.
    """

    def __init__(
        self, message: str, hint: str = "", path: str = "", line: int | None = None
    ) -> None:
        super().__init__(message, hint)
        self.path = path
        self.line = line

    def __str__(self) -> str:
        where = self.path + (f":{self.line}" if self.line is not None else "")
        return f"{where}: {super().__str__()}" if where else super().__str__()


class SuggesterError(GoldsmithError):
    """A suggester that can't be found, fails to load or stops in the middle."""
