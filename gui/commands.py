"""The one table of commands: menus, keys, the palette, the F1 sheet and the docs are made from it.

A command is a method of `gui.actions.Actions` decorated with `command`. Its name, title, keys and
help stand there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from core.i18n import _
from gui import mnemonics


class Scope(StrEnum):
    """Where a command's keys work."""

    WINDOW = "window"  # everywhere: a menu shortcut, so it needs Ctrl or a function key
    CANVAS = "canvas"  # while the text has the keyboard: plain letters are free there


class Menu(StrEnum):
    """The menus, in their order; Alt with a letter of its own opens one."""

    FILE = "File"
    EDIT = "Edit"
    REVIEW = "Review"
    ANNOTATE = "Annotate"
    GO = "Go"
    VIEW = "View"
    HELP = "Help"

    @property
    def heading(self) -> str:
        """The menu's name in the person's language."""
        return _(self.value)

    @property
    def marked(self) -> str:
        """The name with the mark of its letter."""
        return dict(zip(Menu, mnemonics.marked([menu.heading for menu in Menu]), strict=True))[self]

    @property
    def key(self) -> str:
        """The key that opens it (``Alt+F``), empty if it has none."""
        letter = mnemonics.letter(self.marked)
        return f"Alt+{letter}" if letter else ""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a person can do.

    Attributes:
        name: stable id, e.g. ``accept``; the method of `gui.actions.Actions` that does it.
        title: as menus show it (English; translated with `_` when shown).
        keys: default keys in Qt's portable form (``Ctrl+Z``, ``Tab``); the first is shown.
        help: one sentence for the tool tip and the F1 sheet.
        needs: what must be there for it to apply, a key of `gui.actions.NEEDS`.
        on_toolbar: whether the mouse finds it on the toolbar.
        repeats: whether a key that is held does it again and again. What decides anything must
            not: a key is held without being meant.
    """

    name: str
    title: str
    menu: Menu
    keys: tuple[str, ...]
    scope: Scope
    help: str
    needs: str
    on_toolbar: bool
    repeats: bool

    @property
    def shown_title(self) -> str:
        """The title in the person's language."""
        return _(self.title)

    @property
    def letters(self) -> list[str]:
        """Its keys on the text that are letters: in a menu they mean it, too."""
        return [key for key in self.keys if len(key) == 1 and key.isalnum()]


TABLE: dict[str, Command] = {}


def entries(commands: Iterable[Command], *more: str) -> list[str]:
    """Titles of commands as the entries of one menu, and of what `more` it has; each is marked
    with a letter of its own."""
    shown = [*commands]
    return mnemonics.marked(
        [*(entry.shown_title for entry in shown), *more],
        [*(entry.letters for entry in shown), *([()] * len(more))],
    )


F = TypeVar("F", bound=Callable[..., Any])


def command(
    title: str,
    menu: Menu,
    *keys: str,
    help: str,
    scope: Scope = Scope.CANVAS,
    needs: str = "article",
    toolbar: bool = False,
    repeats: bool = False,
) -> Callable[[F], F]:
    """Enter the decorated method into the table under its own name. What goes somewhere repeats."""

    def enter(function: F) -> F:
        name = function.__name__
        for other in TABLE.values():
            if set(other.keys) & set(keys):
                raise ValueError(f"{name} and {other.name} share a key")
        if name in TABLE:
            raise ValueError(f"the command {name} is there twice")
        TABLE[name] = Command(
            name, title, menu, keys, scope, help, needs, toolbar, repeats or menu is Menu.GO
        )
        return function

    return enter


# What the mouse does on the text (`gui.canvas.mouse`): gesture, and what comes of it; English,
# translated with `_` when shown.
MOUSE = (
    ("Click", "Focus a mention, a relation or its card; the check accepts, the cross rejects."),
    ("Double-click", "Select a word; on a mention or relation: choose its type."),
    ("Drag over words", "Select them, by tokens; with Alt by characters."),
    ("Drag from a mention to another", "Relate them."),
    ("Shift+drag", "Select, also from one mention to another; with a selection: extend it."),
    ("Ctrl+drag", "Select a further part, for a mention in several parts."),
    ("Drag a handle", "Move a boundary of the focused mention, by tokens; with Alt by characters."),
    ("Right click", "What can be done with the thing under the mouse."),
)


def keys_page() -> str:
    """The table of keys in Markdown (``docs/keys.md``)."""
    lines = [
        "# Keys",
        "",
        "Made from the table of commands (`python -m gui.actions > docs/keys.md`). The keys of",
        "entity types stand in the scheme; F1 shows both.",
        "",
        "| to do | keys | what it does |",
        "|---|---|---|",
    ]
    for menu in Menu:
        for entry in TABLE.values():
            if entry.menu is menu:
                keys = " or ".join(f"`{key}`" for key in entry.keys) or "(menu)"
                lines.append(f"| {entry.title} | {keys} | {entry.help} |")
    lines += ["", "| with the mouse, on the text | what it does |", "|---|---|"]
    lines += [f"| {gesture} | {text} |" for gesture, text in MOUSE]
    return "\n".join(lines) + "\n"
