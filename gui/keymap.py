"""Which key does what for this person: the table's own keys, with what they changed.

The changes stand in a small TOML file in the person's settings folder, so that they can be copied
to another machine. A key that two commands would share, or that a type of the scheme has, is
refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import tomli_w
from PySide6.QtCore import QKeyCombination, QObject, QStandardPaths, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from core import toml
from core.errors import GoldsmithError
from core.i18n import _
from gui.commands import TABLE, Scope

FILE = "keys.toml"
_LONGEST = 64 * 1024  # bytes of a file of keys; all commands take a few kilobytes

# Keys that must go on meaning what they mean in every text field and list.
_WINDOW_FORBIDS = {"Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+A"}


class KeyConflict(GoldsmithError):
    """A key that can't be given to a command; the message names who has it."""


@dataclass(frozen=True, slots=True)
class KeyMap:
    """The keys of every command.

    Attributes:
        changes: command name to its keys, for those that a person changed; () for none at all.
    """

    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of a command; the first is the one that is shown."""
        return self.changes.get(name, TABLE[name].keys)

    def on_canvas(self) -> dict[str, str]:
        """Key to command name, for the commands that work on the text."""
        return {
            _folded(key): entry.name
            for entry in TABLE.values()
            if entry.scope is Scope.CANVAS
            for key in self.keys(entry.name)
        }

    def owner(self, key: str) -> str:
        """The name of the command that has this key, empty if none has."""
        wanted = _folded(key)
        for name in TABLE:
            if wanted in map(_folded, self.keys(name)):
                return name
        return ""

    def changed(self, name: str, keys: Iterable[str], types: Mapping[str, str]) -> KeyMap:
        """This map with other `keys` for the command `name`.

        Args:
            types: the keys of the scheme's entity types (`gui.keys.type_keys`).
        Raises:
            KeyConflict: another command or a type has one of them, or it can't be a key there.
        """
        wanted = tuple(dict.fromkeys(checked(key) for key in keys))
        for key in wanted:
            self._check(name, key, types)
        changes = {n: k for n, k in self.changes.items() if n != name}
        if wanted != TABLE[name].keys:
            changes[name] = wanted
        return KeyMap(changes)

    def reset(self, name: str, types: Mapping[str, str]) -> KeyMap:
        """This map with the table's own keys for `name`. Raises `KeyConflict`."""
        return self.changed(name, TABLE[name].keys, types)

    def _check(self, name: str, key: str, types: Mapping[str, str]) -> None:
        entry, owner = TABLE[name], self.owner(key)
        if owner and owner != name:
            raise KeyConflict(
                _("{key} is the key of “{title}”.").format(key=key, title=TABLE[owner].shown_title),
                _("Choose another key, or change that command's first."),
            )
        if entry.scope is Scope.WINDOW and not _is_shortcut(key):
            raise KeyConflict(
                _("{key} alone can't be a key of “{title}”, which works everywhere.").format(
                    key=key, title=entry.shown_title
                ),
                _("Use it with Ctrl or Alt, or choose a function key: letters stay letters."),
            )
        if key in _WINDOW_FORBIDS and entry.scope is Scope.WINDOW:
            raise KeyConflict(
                _("{key} copies, cuts, pastes or selects in every text field.").format(key=key),
                _("Choose another key."),
            )
        if _folded(key) in types and entry.scope is Scope.CANVAS:
            raise KeyConflict(
                _("{key} labels as {type} in this scheme.").format(
                    key=key, type=types[_folded(key)]
                ),
                _("Choose another key, or change the type's key in the scheme."),
            )


def checked(key: str) -> str:
    """`key` in Qt's portable spelling. Raises `KeyConflict` for what is no single key."""
    if len(key) == 1 and key.isprintable() and key != " ":
        return key.upper()
    sequence = QKeySequence(key, QKeySequence.SequenceFormat.PortableText)
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1 or _combination(sequence).key() == Qt.Key.Key_unknown or not text:
        raise KeyConflict(
            _("“{key}” is no key.").format(key=key[:40]),
            _("Write keys like Ctrl+Shift+A, F5 or R."),
        )
    return text


def _folded(key: str) -> str:
    return key.upper() if len(key) == 1 else key


def _combination(sequence: QKeySequence) -> QKeyCombination:
    """The first key of a sequence; the type stubs know no ``[]`` of it."""
    return cast(QKeyCombination, sequence[0])  # type: ignore[index]


def _is_shortcut(key: str) -> bool:
    """Whether the key never types anything, so that it can work in every field."""
    combination = _combination(QKeySequence(key))
    held = combination.keyboardModifiers()
    if held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier):
        return True
    if held & Qt.KeyboardModifier.AltModifier:
        return True
    return Qt.Key.Key_F1 <= combination.key() <= Qt.Key.Key_F35


class Keys(QObject):
    """The keys of one window, and the tool tips that teach them.

    Signals:
        changed: other keys work from now on; read `map`.
        refused(GoldsmithError): the file can't be read or written, and what holds instead.
    """

    changed = Signal()
    refused = Signal(object)

    def __init__(self, types: Mapping[str, str], path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.types = types
        self.map = KeyMap()
        self._path = path
        self._taught: list[tuple[QWidget, str]] = []

    def read(self) -> None:
        """Take over what the file says."""
        try:
            self.use(load(self._path, self.types), keep=False)
        except GoldsmithError as error:
            self.refused.emit(error)

    def use(self, keymap: KeyMap, *, keep: bool = True) -> None:
        """Work with these keys from now on; `keep` writes them to the file."""
        self.map = keymap
        self._taught = [(widget, name) for widget, name in self._taught if isValid(widget)]
        for widget, name in self._taught:
            widget.setToolTip(self.tip(name))
        self.changed.emit()
        if keep:
            try:
                save(keymap, self._path)
            except GoldsmithError as error:
                self.refused.emit(error)

    def first(self, name: str) -> str:
        """The key of a command that is shown, empty if it has none."""
        return next(iter(self.map.keys(name)), "")

    def tip(self, name: str) -> str:
        """What a tool tip says of a command: what it does, and its keys."""
        keys = " / ".join(self.map.keys(name))
        text = _(TABLE[name].help)
        return f"{text} ({keys})" if keys else text

    def teach(self, widget: QWidget, name: str) -> None:
        """Let the widget's tool tip say what the command does and by which key, also later."""
        widget.setToolTip(self.tip(name))
        self._taught.append((widget, name))


# -- the file


def default_path() -> Path:
    """Where the person's keys are kept."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
    return Path(place or ".") / FILE


def load(path: Path, types: Mapping[str, str]) -> KeyMap:
    """The keys in the file at `path`; the table's own where there is no file.

    Raises `GoldsmithError` when the file can't be used; it is not touched then.
    """
    if not path.exists():
        return KeyMap()
    try:
        table = toml.loads(toml.read(path, _LONGEST)).get("keys", {})
        return _parsed(table, types)
    except (OSError, ValueError, GoldsmithError) as error:
        raise GoldsmithError(
            _("The file of keys {path} can't be used: {error}").format(path=path, error=error),
            _("The usual keys work. Repair the file, or remove it."),
        ) from error


def _parsed(table: object, types: Mapping[str, str]) -> KeyMap:
    if not isinstance(table, dict):
        raise ValueError(_("“keys” must be a table"))
    wanted: dict[str, tuple[str, ...]] = {}
    for name, keys in table.items():
        if name not in TABLE:
            continue  # of another version of the program
        if not isinstance(keys, list) or not all(isinstance(k, str) for k in keys):
            raise ValueError(_("{name} must be a list of keys").format(name=name))
        wanted[name] = tuple(checked(key) for key in keys)
    # All at once, since two commands may have exchanged their keys.
    result = KeyMap(wanted)
    for name, keys in wanted.items():
        others = KeyMap({n: k for n, k in wanted.items() if n != name} | {name: ()})
        for key in keys:
            others._check(name, key, types)
    return KeyMap({n: k for n, k in result.changes.items() if k != TABLE[n].keys})


def save(keymap: KeyMap, path: Path) -> None:
    """Write the changes to `path`, whole or not at all. Raises `GoldsmithError`."""
    table = {name: list(keys) for name, keys in sorted(keymap.changes.items())}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_bytes(tomli_w.dumps({"keys": table}).encode("utf-8"))
        os.replace(fresh, path)  # noqa: PTH105  (what it replaces may be there on Windows)
    except OSError as error:
        raise GoldsmithError(
            _("The keys can't be saved in {path}: {error}.").format(
                path=path, error=error.strerror
            ),
            _("They work until the window closes."),
        ) from error
