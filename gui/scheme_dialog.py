"""A scheme made of what files hold: shown as TOML, to be changed, saved, or used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QPlainTextEdit, QVBoxLayout, QWidget

from core import scheme as schemes
from core.errors import FormatError, GoldsmithError
from core.formats.files import replacing
from core.i18n import _
from core.scheme import Scheme
from gui.work_dialog import WorkDialog


class SchemeDialog(WorkDialog):
    """The types, relations with their ends, and attributes that annotated files hold.

    Attributes:
        scheme: what the person accepted, None before.
    """

    def __init__(self, parent: QWidget, paths: Sequence[Path]) -> None:
        super().__init__(parent, "scheme", _("Scheme from files"))
        self.resize(680, 600)
        self.scheme: Scheme | None = None
        self._name = paths[0].stem
        self.text = QPlainTextEdit()
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_("The scheme, to be changed as you like"))
        self.text.textChanged.connect(self._check)
        self.use = self._accept_button(_("&Use in a new project"))
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.save = self.buttons.addButton(_("&Save as…"), role)
        self.save.setAutoDefault(False)
        self.use.clicked.connect(self._use)
        self.save.clicked.connect(self._save)
        column = QVBoxLayout(self)
        for widget in (self.summary, self.text, self.working, self.buttons):
            column.addWidget(widget, int(widget is self.text))
        self._found = ""
        self._enable(False)
        self.summary.setText(_("Reading …"))
        self._run(["scheme", "from", *map(str, paths)], self._show)

    def _show(self, report: dict[str, Any]) -> None:
        self._found = report["summary"]
        self.text.setPlainText(report["scheme"])
        self.use.setFocus()

    def _failed(self, error: GoldsmithError) -> None:
        super()._failed(error)
        self._only_close()

    def _read(self) -> Scheme:
        """What is written in the field. Raises `SchemeError`."""
        return schemes.parse(self.text.toPlainText(), where=self._name)

    def _check(self) -> None:
        """Say what is wrong with the text as it stands."""
        try:
            self._read()
        except GoldsmithError as error:
            self.summary.setText(str(error))
            self._enable(False)
        else:
            more = _("Change names, colours, keys and guidelines as you like.")
            self.summary.setText(f"{self._found} {more}")
            self._enable(True)

    def _enable(self, on: bool) -> None:
        self.use.setEnabled(on)
        self.save.setEnabled(on)
        self.text.setReadOnly(not self._found)

    def _use(self) -> None:
        self.scheme = self._read()
        self.accept()

    def _save(self) -> None:
        name, _filter = QFileDialog.getSaveFileName(
            self, _("Save scheme"), f"{self._name}.toml", _("Schemes (*.toml)")
        )
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(name).with_suffix(".toml")
        try:
            with replacing(path) as file:
                file.write(self.text.toPlainText().encode())
        except FormatError as error:
            self.summary.setText(str(error))
        else:
            self.summary.setText(_("Saved in {path}.").format(path=path))
