"""Each letter of a dialog, with Alt, means one thing in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QGroupBox,
    QLabel,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui import dialogs, mending
from gui.copies_dialog import CopiesDialog
from gui.duplicates_dialog import DuplicatesDialog
from gui.export_dialog import ExportDialog
from gui.import_dialog import ImportDialog
from gui.keys_dialog import KeysDialog
from gui.learning import LearnerDialog
from gui.mnemonics import letter
from gui.scheme_dialog import SchemeDialog
from gui.trouble import Unexpected
from gui.undoing import StepDialog
from gui.window import Window
from gui.work_dialog import WorkDialog
from tests.gui.hands import Hands

OPENED: dict[type[QDialog], Callable[[Window, Path], QDialog]] = {
    KeysDialog: lambda w, _: KeysDialog(w, w.keymap),
    ImportDialog: lambda w, path: ImportDialog(w, w.session.project, [path]),
    ExportDialog: lambda w, _: ExportDialog(w, w.session.project),
    DuplicatesDialog: lambda w, _: DuplicatesDialog(w, w.session),
    CopiesDialog: lambda w, _: CopiesDialog(w, []),
    LearnerDialog: lambda w, _: LearnerDialog(w.learning, w),
    SchemeDialog: lambda w, path: SchemeDialog(w, [path]),
    mending.CheckDialog: lambda w, _: mending.CheckDialog(
        w, w.session.project.path, may_restore=True
    ),
    Unexpected: lambda w, _: Unexpected(w),
    dialogs.CommandPalette: lambda w, _: dialogs.CommandPalette(w, w.run, w.actions_),
}
BASES = {WorkDialog, mending._Report}
AT_WORK = {StepDialog, mending.RecoverDialog}  # they have a button to cancel, and no letters


def _kinds(of: type[QDialog]) -> Iterator[type[QDialog]]:
    for kind in of.__subclasses__():
        if kind.__module__.startswith("gui."):
            yield kind
        yield from _kinds(kind)


def test_every_dialog_is_looked_at() -> None:
    assert set(_kinds(QDialog)) - BASES - AT_WORK == set(OPENED)


def letters(dialog: QDialog) -> list[str]:
    """Every letter that is marked on any page; the system's own buttons have theirs, which many
    systems mark."""
    found = []
    system = set()
    for box in dialog.findChildren(QDialogButtonBox):
        none = QDialogButtonBox.StandardButton.NoButton
        system |= {b for b in box.buttons() if box.standardButton(b) != none}
    for widget in dialog.findChildren(QWidget):
        if isinstance(widget, QTabBar):
            found += [letter(widget.tabText(n)) for n in range(widget.count())]
        elif isinstance(widget, QAbstractButton) and widget in system:
            found.append(widget.text().replace("&", "")[:1].upper())
        elif isinstance(widget, QAbstractButton):
            found.append(letter(widget.text()))
        elif isinstance(widget, QGroupBox):
            found.append(letter(widget.title()))
        elif isinstance(widget, QLabel) and widget.buddy() is not None:
            found.append(letter(widget.text()))
    return sorted(filter(None, found))


@pytest.mark.parametrize("kind", OPENED, ids=lambda kind: kind.__name__)
def test_a_letter_means_one_thing(
    hands: Hands, qtbot: QtBot, tmp_path: Path, kind: type[QDialog]
) -> None:
    file = tmp_path / "one.txt"
    file.write_text("Talks in Cairo", encoding="utf-8")
    dialog = OPENED[kind](hands.window, file)
    try:
        own = letters(dialog)
        assert own == sorted(set(own))
    finally:
        dialog.close()
