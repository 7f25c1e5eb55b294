"""Export gold: choose what and where, read what is lost before, watch, read the report after."""

from __future__ import annotations

import os
from itertools import chain, count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.errors import GoldsmithError
from core.formats import EVERYTHING, Writer, registry
from core.formats.folders import earlier
from core.formats.loss import titles
from core.i18n import _, ngettext
from core.project import Project
from core.split import Parts
from gui.dialogs import asked
from gui.work_dialog import WorkDialog

_PAUSE = 300  # ms without a change before the dry run starts


class ExportDialog(WorkDialog):
    """One export. A dry run tells beforehand what the format does not hold."""

    def __init__(self, parent: QWidget, project: Project) -> None:
        super().__init__(parent, "export", _("Export gold"))
        self._project = project
        self._refused = False  # the line says why something could not be done
        self.resize(680, 620)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self._try)
        self._build()
        self._chosen_format()

    # -- building

    def _build(self) -> None:
        form = QFormLayout()
        self.format = QComboBox()
        for writer in registry.writers():
            self.format.addItem(f"{writer.title} ({' '.join(writer.extensions)})", writer.name)
        self.format.activated.connect(self._chosen_format)
        form.addRow(_("&Format:"), self.format)
        self.holds = QLabel()
        self.holds.setWordWrap(True)
        self.holds.setAccessibleName(_("What the format does not hold"))
        form.addRow("", self.holds)
        self.which = QComboBox()
        done, every = self._project.count(only_done=True), self._project.count()
        self.which.addItem(_("Articles that are done ({n})").format(n=f"{done:,}"), True)
        self.which.addItem(_("All articles ({n})").format(n=f"{every:,}"), False)
        self.which.setCurrentIndex(0 if done else 1)
        self.which.activated.connect(self._changed)
        form.addRow(_("&Which:"), self.which)
        self.suggestions = QCheckBox(_("Open &suggestions too, told apart from gold"))
        self.suggestions.toggled.connect(self._changed)
        form.addRow("", self.suggestions)
        self.dataset = QGroupBox(_("As a &dataset: a folder with a card and checksums"))
        self.dataset.setCheckable(True)
        self.dataset.setChecked(False)
        self.dataset.toggled.connect(self._chosen_format)
        inner = QFormLayout(self.dataset)
        self.split = QLineEdit("80/10/10")
        self.split.setPlaceholderText(_("one part"))
        self.split.setToolTip(_("train/dev/test or train/test; empty: one part"))
        self.split.textEdited.connect(self._check_split)
        self.seed = QSpinBox()
        self.seed.setMaximum(999_999)
        self.licence = QLineEdit()
        self.licence.setPlaceholderText(_("of the annotation, e.g. CC BY 4.0"))
        self.wrong = QLabel()
        self.wrong.setWordWrap(True)
        self.wrong.setVisible(False)
        for title, widget in (
            (_("S&plit:"), self.split), (_("S&eed:"), self.seed), (_("&Licence:"), self.licence),
        ):  # fmt: skip
            inner.addRow(title, widget)
            widget.setAccessibleName(title.replace("&", "").rstrip(":"))
        inner.addRow(self.wrong)
        form.addRow(self.dataset)
        form.addRow(_("&To:"), self._place())
        self.summary.setAccessibleName(_("What will be written"))
        self.lost = QListWidget()
        self.lost.setAccessibleName(_("What is not held, and notes"))
        self.lost.setWordWrap(True)
        self.write = self._accept_button(_("E&xport"))
        self.write.clicked.connect(self.start)
        self.choices = QWidget()
        self.choices.setLayout(form)
        column = QVBoxLayout(self)
        column.addWidget(self.choices)
        column.addWidget(self.summary)
        column.addWidget(self.lost, 1)
        column.addWidget(self.working)
        column.addWidget(self.buttons)

    def _place(self) -> QWidget:
        self.place = QLineEdit()
        self.place.setAccessibleName(_("Where to"))
        self.place.textChanged.connect(self._place_changed)
        browse = QPushButton(_("&Browse…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.place, 1)
        layout.addWidget(browse)
        row.setFocusProxy(self.place)
        return row

    # -- choosing

    @property
    def writer(self) -> Writer:
        """The format that is chosen."""
        return registry.writer(self.format.currentData())

    @property
    def _folder(self) -> bool:
        return self.writer.folder or self.dataset.isChecked()

    def _free(self, folder: Path) -> Path:
        """A place in `folder` where nothing is yet, named after the project and the format."""
        stem, ending = self._project.path.stem, self.writer.extensions[0]
        if self._folder:
            kind = "dataset" if self.dataset.isChecked() else self.writer.name
            stem, ending = f"{stem}-{kind}", ""
        names = (f"{stem}{again}{ending}" for again in chain([""], (f"-{n}" for n in count(2))))
        return next(place for name in names if not os.path.lexists(place := folder / name))

    def _chosen_format(self) -> None:
        writer = self.writer
        missing = EVERYTHING - writer.holds
        names = [title for feature, title in titles().items() if feature in missing]
        self.holds.setText(
            _("Does not hold: {what}.").format(what=", ".join(names))
            if names
            else _("Holds everything.")
        )
        can = writer.holds_suggestions and not self.dataset.isChecked()
        self.suggestions.setEnabled(can)
        if not can:
            self.suggestions.setChecked(False)
        if not self.place.isModified():
            self.place.setText(str(self._free(self._project.path.parent)))
        self._changed()

    def _check_split(self) -> None:
        self.wrong.setText("")
        if self.split.text().strip():
            try:
                Parts.parse(self.split.text())
            except GoldsmithError as error:
                self.wrong.setText(str(error))
        self.wrong.setVisible(bool(self.wrong.text()))
        self._ready()

    def _browse(self) -> None:
        if self._folder:
            name = QFileDialog.getExistingDirectory(self, _("Export to"), self.place.text())
            name = str(self._free(Path(name))) if name else ""
        else:
            name, _filter = QFileDialog.getSaveFileName(self, _("Export to"), self.place.text())
        if name:
            self.place.setText(name)
            self.place.setModified(True)

    def _place_changed(self) -> None:
        self._ready()
        if self._refused:  # what was wrong may have been the place
            self._changed()

    def _ready(self) -> None:
        wrong = self.dataset.isChecked() and bool(self.wrong.text())
        self.write.setEnabled(bool(self.place.text().strip()) and not wrong)

    # -- a dry run

    def _changed(self) -> None:
        self._refused = False
        self._ready()
        if not self._writing:
            self._abandon()
        self.lost.clear()
        self.summary.setText(_("Looking at what will be lost …"))
        self._pause.start()

    def _what(self) -> list[str]:
        """The options of what is written."""
        options = ["--format", self.writer.name]
        if self.dataset.isChecked():
            split = self.split.text().strip()
            options += ["--split", split, "--seed", str(self.seed.value())] if split else ["--card"]
            options += [] if self.which.currentData() else ["--all"]
            if licence := self.licence.text().strip():
                options += ["--licence", licence]
        elif self.which.currentData():
            options.append("--only-done")
        if self.suggestions.isChecked():
            options.append("--include-suggestions")
        return options

    def _try(self) -> None:
        """Find out what would be lost, beside the window."""
        place = self.place.text().strip() or "out"
        self._run(
            ["export", str(self._project.path), place, "--dry-run", *self._what()], self._tried
        )

    def _tried(self, report: dict[str, Any]) -> None:
        self.summary.setText(report["summary"])
        self._list(report, _("Nothing is lost."))

    # -- writing

    def start(self) -> None:
        """Write, replacing an earlier export only if the person says so."""
        place = Path(self.place.text().strip()).expanduser()
        if place.exists() and not self._may_replace(place):
            return
        self._pause.stop()
        options = [*self._what(), *(["--force"] if place.exists() else [])]
        # Near-duplicates that are found on the way to a dataset are kept.
        keeps = self.dataset.isChecked() and not self._project.read_only
        self.choices.setEnabled(False)
        self.write.setEnabled(False)
        self.lost.clear()
        self.summary.setText(_("Writing …"))
        self._run(
            ["export", str(self._project.path), str(place), *options],
            self._written,
            writes=True,
            lend=self._project if keeps else None,
        )
        self.stop.setFocus()

    def _may_replace(self, place: Path) -> bool:
        """Whether what is at `place` may give way: of a folder only what an export wrote, and if a
        person says so."""
        told = _("{name} is there already.").format(name=place.name)
        if place.is_dir():
            if not self._folder:
                return True  # refused in words by who writes
            try:
                n = earlier(place, contents=False)
            except GoldsmithError as error:
                self._failed(error)
                return False
            if not n:
                return True
            told = ngettext(
                "{name} holds an earlier export. Its {n} file will be deleted.",
                "{name} holds an earlier export. Its {n} files will be deleted.",
                n,
            ).format(name=place.name, n=f"{n:,}")
        return asked(self, "replace", _("Export gold"), told, "", _("&Replace"))

    def _lost(self, error: GoldsmithError) -> None:
        self.lost.addItem(str(error))

    def _written(self, report: dict[str, Any]) -> None:
        self.summary.setText(report["summary"])
        self._list(report, _("Nothing was lost."))
        self.choices.setVisible(False)
        self.write.setVisible(False)
        self._only_close()

    def _list(self, report: dict[str, Any], nothing: str) -> None:
        self.lost.clear()
        self.lost.addItems([*report["details"], *report.get("lost", [])] or [nothing])
        self.lost.setCurrentRow(0)

    def _failed(self, error: GoldsmithError) -> None:
        super()._failed(error)
        self._refused = True
        self.lost.clear()
        self.choices.setEnabled(True)
        self._ready()

    def reject(self) -> None:
        """Cancel: what is running is stopped first, and leaves nothing behind."""
        self._pause.stop()
        super().reject()
