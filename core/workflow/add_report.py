"""What an import did and what it did not, for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.amount import amount, share
from core.annotation import Document
from core.errors import FormatError, GoldsmithError
from core.formats import Report
from core.formats.loss import counted as losses
from core.i18n import _, ngettext
from core.scheme import Scheme

LISTED = 1_000  # things of one kind that a report lists one by one; all are counted


@dataclass(frozen=True, slots=True)
class AddReport:
    """What `add_paths` did.

    Attributes:
        added: how many articles.
        mentions, relations, suggestions: how many came along.
        duplicates: how many articles were not added, since their text is there already.
        twins: (file, title) of the first `LISTED` of them.
        refused: (file, reason) of each file of which nothing can be added.
        bad: how many parts, articles or sentences, were left out of files that have others.
        spoilt: (file, reason) of the first `LISTED` of them.
        notes: what a person should know though it was added, one line each.
        lost: what files say and an article does not hold, by kind (`core.formats.Loss.kind`), how
            often in all files; `notes` says it of each.
        lossy: of how many files.
        outside: types that the project's scheme does not have, with how many mentions, relations
            and suggestions have them; they were added all the same.
        mapped: how often which type became which (``a → b``), or was left out (``a → –``).
        near: (title, title of the earlier one, share of the shorter text) of near-duplicates, the
            first `LISTED`; they were added.
        skipped: how many files in the given folders no format claims.
        cancelled: the person stopped it; nothing was added.
    """

    added: int = 0
    mentions: int = 0
    relations: int = 0
    suggestions: int = 0
    duplicates: int = 0
    twins: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    bad: int = 0
    spoilt: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    lost: Mapping[str, int] = field(default_factory=dict)
    lossy: int = 0
    outside: Mapping[str, int] = field(default_factory=dict)
    mapped: Mapping[str, int] = field(default_factory=dict)
    near: tuple[tuple[str, str, float], ...] = ()
    skipped: int = 0
    cancelled: bool = False

    def summary(self) -> str:
        """What was added and what was not, in one line."""
        if self.cancelled:
            return _("Cancelled; nothing was added.")
        names = ("mentions", "relations", "suggestions")
        parts = [amount(self.added, "articles")]
        parts += [amount(n, name) for name in names if (n := getattr(self, name))]
        lines = [_("Added {what}.").format(what=", ".join(parts))]
        if n := self.duplicates:
            lines.append(
                ngettext(
                    "{n} article was there already.", "{n} articles were there already.", n
                ).format(n=f"{n:,}")
            )
        if n := len(self.refused):
            lines.append(
                ngettext("{n} file was left out.", "{n} files were left out.", n).format(n=n)
            )
        if n := self.bad:
            lines.append(
                ngettext(
                    "{n} unreadable part was left out.", "{n} unreadable parts were left out.", n
                ).format(n=f"{n:,}")
            )
        if n := len(self.near):
            lines.append(
                ngettext("{n} near-duplicate.", "{n} near-duplicates.", n).format(n=f"{n:,}")
            )
        if n := sum(self.outside.values()):
            lines.append(
                ngettext(
                    "{n} label is not in the scheme.", "{n} labels are not in the scheme.", n
                ).format(n=f"{n:,}")
            )
        return " ".join(lines)

    def details(self) -> list[str]:
        """Everything else that a person should know, a line each; empty if all went as expected."""
        lines = [f"{file}: {reason}" for file, reason in (*self.refused, *self.spoilt)]
        if n := self.bad - len(self.spoilt):
            lines.append(
                ngettext(
                    "{n} more unreadable part was left out.",
                    "{n} more unreadable parts were left out.",
                    n,
                ).format(n=f"{n:,}")
            )
        lines += [
            _("{file}: “{title}” is in the project already and was not added again.").format(
                file=file, title=title
            )
            for file, title in self.twins
        ]
        if n := self.duplicates - len(self.twins):
            lines.append(
                ngettext(
                    "{n} more article was there already.",
                    "{n} more articles were there already.",
                    n,
                ).format(n=f"{n:,}")
            )
        # Of a single file its own line says the same.
        lines += losses(self.lost) if self.lossy > 1 else []
        lines += self.notes
        if self.outside:
            lines.append(
                _(
                    "Types that the scheme does not have: {types}. They were kept as they are. A "
                    "table says what they become: undo this, then goldsmith scheme map, and "
                    "goldsmith add --map (Types in the window's import dialog)."
                ).format(types=counted(self.outside))
            )
        if self.mapped:
            lines.append(_("Types by the table: {types}.").format(types=counted(self.mapped)))
        lines += [
            _("“{title}” has {share} of its text in common with “{other}”.").format(
                title=title, share=share(shared), other=other
            )
            for title, other, shared in self.near
        ]
        if self.skipped:
            lines.append(
                ngettext(
                    "{n} file of another kind was left alone.",
                    "{n} files of other kinds were left alone.",
                    self.skipped,
                ).format(n=self.skipped)
            )
        return lines


def counted(counts: Mapping[str, int], limit: int = 20) -> str:
    """``politician (770), election (648), 3 more``: the most frequent first."""
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    names = [f"{name} ({n:,})" for name, n in most[:limit]]
    if len(most) > limit:
        names.append(_("{n} more").format(n=len(most) - limit))
    return ", ".join(names)


def said(error: GoldsmithError, reason: str = "") -> str:
    """What is wrong, with the line where it is known.

    Args:
        reason: in place of the error's own message and hint.
    """
    reason = reason or f"{error.message} {error.hint}".strip()
    if isinstance(error, FormatError) and error.line is not None:
        return _("line {n}: {reason}").format(n=error.line, reason=reason)
    return reason


class NothingAdded(FormatError):
    """Some files can't be added, and so none was.

    Attributes:
        refused: (file, reason) of each of them.
    """

    def __init__(self, refused: Sequence[tuple[str, str]]) -> None:
        n = len(refused)
        message = "{}: {}".format(*refused[0])
        if n > 1:
            files = ngettext("{n} file can't be added.", "{n} files can't be added.", n)
            lines = "\n".join(f"  {file}: {reason}" for file, reason in refused)
            message = f"{files.format(n=n)}\n{lines}\n"
        super().__init__(message, _("Nothing was added."))
        self.refused = tuple(refused)


class Tally:
    """What a part of an import brought, until it is sure that it stays."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.outside: Counter[str] = Counter()
        self.mapped: Counter[str] = Counter()
        self.twins: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.spoilt: list[tuple[str, str]] = []
        self.lost: Counter[str] = Counter()
        self.lossy: set[str] = set()

    def count(self, document: Document, scheme: Scheme) -> None:
        """Count a document that was added."""
        self.counts["added"] += 1
        if document.mentions or document.suggestions:
            for name in ("mentions", "relations", "suggestions"):
                self.counts[name] += len(getattr(document, name))
            self.outside.update(_outside(scheme, document))

    def twin(self, file: str, title: str) -> None:
        """Count a document whose text was there already."""
        self.counts["duplicates"] += 1
        if len(self.twins) < LISTED:
            self.twins.append((file, title))

    def leave_out(self, file: str, reason: str) -> None:
        """Count a document that can't be added, though others of its file can."""
        self.counts["bad"] += 1
        if len(self.spoilt) < LISTED:
            self.spoilt.append((file, reason))

    def note(self, *lines: str) -> None:
        """Keep what a person should know, as far as there is room."""
        self.notes += lines[: LISTED - len(self.notes)]

    def read(self, file: str, report: Report) -> None:
        """Keep what a reader reported of a file."""
        self.lost.update(report.losses)
        if report.losses:
            self.lossy.add(file)
            self.note(f"{file}: {'; '.join(losses(report.losses))}")
        self.note(*report.notes[:LISTED])
        for error in report.bad:
            self.leave_out(file, said(error, error.message))
        self.counts["bad"] += report.refused - len(report.bad)

    def update(self, other: Tally) -> None:
        """Take over what another counted."""
        self.counts.update(other.counts)
        self.outside.update(other.outside)
        self.twins += other.twins[: LISTED - len(self.twins)]
        self.lost.update(other.lost)
        self.lossy |= other.lossy
        self.spoilt += other.spoilt[: LISTED - len(self.spoilt)]
        self.note(*other.notes)


def _outside(scheme: Scheme, document: Document) -> Iterator[str]:
    """The types in `document` that `scheme` does not have, once for each occurrence."""
    for mention in document.mentions.values():
        if mention.type not in scheme.entity_types:
            yield mention.type
    for relation in document.relations.values():
        if relation.type not in scheme.relation_types:
            yield relation.type
    for item in document.suggestions.values():
        if item.type not in (scheme.relation_types if item.is_relation else scheme.entity_types):
            yield item.type
