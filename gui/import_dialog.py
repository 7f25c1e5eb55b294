"""Add articles: see what files hold before they are added, choose, watch, read the report."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core import typemap
from core.errors import GoldsmithError
from core.formats import registry
from core.formats.units import Unit
from core.i18n import _, ngettext
from core.project import Project
from core.typemap import TypeMap
from gui import plain
from gui.work_dialog import WorkDialog

_PARTS = ("text", "title", "outlet", "author", "url", "published", "language", "licence")
_ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1251", "cp1256", "iso-8859-1", "iso-8859-15")


class ImportDialog(WorkDialog):
    """One import. Nothing is written before the person says so, and then by a child process.

    Signals:
        imported(): articles were added; the project has to be read again.
    """

    imported = Signal()

    def __init__(self, parent: QWidget, project: Project, paths: Sequence[Path]) -> None:
        super().__init__(parent, "import", _("Add articles"))
        self._project = project
        self.resize(860, 640)
        self._paths = list(paths)
        self._table_file: Path | None = None
        self._shown: list[dict[str, str]] = []
        self._rows: list[tuple[str, bool, QComboBox, QTableWidgetItem]] = []
        self._build()
        self.look()

    # -- building

    def _build(self) -> None:
        self.summary.setAccessibleName(_("What was found"))
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(_("Preview"))
        self.tabs.addTab(self._articles_tab(), _("&Articles"))
        self.tabs.addTab(self._files_tab(), _("&Files"))
        self.tabs.addTab(self._types_tab(), _("&Types"))
        self.tabs.addTab(self._columns_tab(), _("Colu&mns"))
        self.skip = QCheckBox(_("&Leave out what can't be read, and add the rest"))
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setAccessibleName(_("Report"))
        self.report.setVisible(False)
        self.add = self._accept_button(_("A&dd"))
        self.add.clicked.connect(self.start)
        column = QVBoxLayout(self)
        column.addLayout(self._choices())
        column.addWidget(self.summary)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.report, 1)
        column.addWidget(self.skip)
        column.addWidget(self.working)
        column.addWidget(self.buttons)

    def _choices(self) -> QHBoxLayout:
        self.format = QComboBox()
        self.format.addItem(_("Found out file by file"), "")
        for reader in registry.readers():
            self.format.addItem(f"{reader.title} ({' '.join(reader.extensions)})", reader.name)
        self.encoding = QComboBox()
        self.encoding.addItem(_("Found out file by file"), "")
        for name in _ENCODINGS:
            self.encoding.addItem(name, name)
        self.offsets = QComboBox()
        self.offsets.addItem(_("UTF-16 units, where they fit"), "")
        for unit in Unit:
            self.offsets.addItem(unit.words, unit.value)
        self.offsets.setToolTip(_("What the offsets of doccano's files count"))
        row = QHBoxLayout()
        for title, box in (
            (_("F&ormat:"), self.format),
            (_("&Encoding:"), self.encoding),
            (_("Off&sets:"), self.offsets),
        ):
            box.setAccessibleName(title.replace("&", "").rstrip(":"))
            box.activated.connect(self.look)
            label = QLabel(title)
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box, 1)
        self._of_offsets = (label, self.offsets)  # shown where a file needs it
        for widget in self._of_offsets:
            widget.hide()
        return row

    def _articles_tab(self) -> QWidget:
        self.articles = QListWidget()
        self.articles.setAccessibleName(_("First articles"))
        self.articles.currentRowChanged.connect(self._show_article)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_("Text of the article"))
        both = QSplitter()
        both.addWidget(self.articles)
        both.addWidget(self.text)
        both.setSizes([280, 540])
        return both

    def _files_tab(self) -> QWidget:
        self.files = _table([_("File"), _("Format"), _("Articles"), _("Fault")], 3)
        self.files.setAccessibleName(_("Files"))
        return self.files

    def _types_tab(self) -> QWidget:
        self.types = _table([_("Type in the files"), _("Seen"), _("Becomes"), _("Turned")], 2)
        self.types.setAccessibleName(_("Types of the files and what they become"))
        return self.types

    def _columns_tab(self) -> QWidget:
        self._columns: dict[str, QComboBox] = {}
        group = QGroupBox(_("Which column holds what; the others are kept as metadata"))
        form = QFormLayout(group)
        titles = (
            _("Text:"), _("Title:"), _("Outlet:"), _("Author:"), _("Address:"), _("Published:"),
            _("Language:"), _("Licence:"),
        )  # fmt: skip
        for part, title in zip(_PARTS, titles, strict=True):
            box = QComboBox()
            box.setAccessibleName(title.rstrip(":"))
            box.activated.connect(self.look)
            form.addRow(title, box)
            self._columns[part] = box
        return group

    # -- looking

    def look(self) -> None:
        """Read the files through in a child process and show what they hold."""
        arguments = ["preview", str(self._project.path), *map(str, self._paths)]
        self._run([*arguments, *self._reading()], self._show)
        self.summary.setText(_("Reading …"))
        self.add.setEnabled(False)

    def _reading(self) -> list[str]:
        """The options of how the files are to be read."""
        options = []
        if format := self.format.currentData():
            options += ["--format", format]
        if encoding := self.encoding.currentData():
            options += ["--encoding", encoding]
        if offsets := self.offsets.currentData():
            options += ["--offsets", offsets]
        for part, box in self._columns.items():
            if name := box.currentData():
                options += ["--column", f"{part}={name}"]
        return options

    def _show(self, report: dict[str, Any]) -> None:
        """Show a preview."""
        found = report["preview"]
        n, bad = found["total"], found["bad"]
        lines = [ngettext("{n} article.", "{n} articles.", n).format(n=f"{n:,}")]
        if seen := sum(found["mentions"].values()):
            lines.append(
                _("{n} mentions of {types} types, {relations} relations.").format(
                    n=f"{seen:,}",
                    types=len(found["mentions"]),
                    relations=f"{sum(found['relations'].values()):,}",
                )
            )
        if bad:
            lines.append(
                ngettext("{n} file has faults:", "{n} files have faults:", bad).format(n=bad)
                + " "
                + next(f"{f['name']}: {f['fault']}" for f in found["files"] if f["fault"])
            )
        self.summary.setText(" ".join(lines))
        self._show_files(found["files"])
        self._shown = found["articles"]
        self.articles.clear()
        self.articles.addItems([a["title"] or "–" for a in self._shown])
        self.articles.setCurrentRow(0)
        self._show_types(found)
        self._show_columns(found["header"], found["columns"])
        counted = any(registry.has_offsets(file["format"]) for file in found["files"])
        for widget in self._of_offsets:
            widget.setVisible(counted)
        self.tabs.setTabVisible(3, bool(found["header"]))
        self.tabs.setTabVisible(2, bool(found["mentions"]))
        if bad and not n:
            self.tabs.setCurrentIndex(1)
        self.skip.setVisible(bool(bad))
        self.add.setEnabled(n > 0)
        self.add.setFocus()

    def _show_article(self, row: int) -> None:
        article = self._shown[row] if 0 <= row < len(self._shown) else None
        parts = [article["title"], article["facts"], "", article["text"]] if article else []
        self.text.setPlainText("\n".join(parts))

    def _show_files(self, files: list[dict[str, Any]]) -> None:
        self.files.setRowCount(len(files))
        for row, file in enumerate(files):
            cells = (file["name"], file["title"], f"{file['articles']:,}", file["fault"])
            for column, text in enumerate(cells):
                item = _cell(text)
                item.setToolTip(plain.tip(text))
                self.files.setItem(row, column, item)

    def _show_columns(self, header: list[str], chosen: dict[str, str]) -> None:
        for part, box in self._columns.items():
            box.clear()
            box.addItem(_("none"), "")
            for name in header:
                box.addItem(name, name)
            box.setCurrentIndex(max(0, box.findData(chosen.get(part, ""))))

    def _show_types(self, found: dict[str, Any]) -> None:
        table = typemap.parse(found["table"])
        scheme = self._project.scheme
        kinds = (
            (found["mentions"], table.mentions, list(scheme.entity_types)),
            (found["relations"], table.relations, list(scheme.relation_types)),
        )
        self.types.setRowCount(sum(len(counts) for counts, _table, _names in kinds))
        self._rows = []
        for is_relation, (counts, becomes, names) in enumerate(kinds):
            for type, n in counts.items():
                row = len(self._rows)
                box = _becomes(type, names, becomes.get(type, type))
                turned = _cell("")
                if is_relation:
                    turned.setFlags(turned.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                    on = type in table.reversed
                    turned.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
                    turned.setToolTip(_("Head and tail change places"))
                self.types.setItem(row, 0, _cell(f"→ {type}" if is_relation else type))
                self.types.setItem(row, 1, _cell(f"{n:,}"))
                self.types.setCellWidget(row, 2, box)
                self.types.setItem(row, 3, turned)
                self._rows.append((type, bool(is_relation), box, turned))

    def table(self) -> TypeMap:
        """What the person made of the table of types."""
        mentions: dict[str, str] = {}
        relations: dict[str, str] = {}
        turned = set()
        for type, is_relation, box, check in self._rows:
            (relations if is_relation else mentions)[type] = box.currentData()
            if is_relation and check.checkState() is Qt.CheckState.Checked:
                turned.add(type)
        return TypeMap(mentions, relations, frozenset(turned))

    # -- adding

    def start(self) -> None:
        """Add the articles: the project is lent to a child process until that is done."""
        table = self.table()
        arguments = ["add", str(self._project.path), *map(str, self._paths), *self._reading()]
        if self._rows:
            kept = typemap.kept(self._project.setting(typemap.KEPT)).updated(table)
            self._project.set_setting(typemap.KEPT, kept.dumps())
            with tempfile.NamedTemporaryFile(
                "w", suffix=".toml", encoding="utf-8", delete=False
            ) as file:
                file.write(table.dumps())
            self._table_file = Path(file.name)
            arguments += ["--map", file.name]
        if self.skip.isVisible() and self.skip.isChecked():
            arguments.append("--skip-bad")
        for widget in (self.add, self.format, self.encoding, self.offsets, self.tabs, self.skip):
            widget.setEnabled(False)
        self.summary.setText(_("Adding …"))
        self.stop.setFocus()
        self._run(arguments, self._added, writes=True, lend=self._project)

    def _end(self) -> None:
        super()._end()
        if self._table_file is not None:
            self._table_file.unlink(missing_ok=True)
            self._table_file = None

    def _lost(self, error: GoldsmithError) -> None:
        self._tell(str(error), [])

    def _added(self, report: dict[str, Any]) -> None:
        self._tell(report["summary"], report["details"])
        if report.get("added"):
            self.imported.emit()

    def _tell(self, summary: str, details: Sequence[str]) -> None:
        """The last page: what was done and what was not."""
        self.summary.setText(summary)
        self.tabs.setVisible(False)
        self.skip.setVisible(False)
        self.report.setVisible(True)
        lines = list(details) or [_("Everything came in as it was.")]
        self.report.setPlainText("\n".join(lines))
        self.add.setVisible(False)
        self._only_close()

    def _failed(self, error: GoldsmithError) -> None:
        """Something can't be added, and so nothing was; the person may leave it out."""
        super()._failed(error)
        for widget in (self.format, self.encoding, self.offsets, self.tabs, self.skip):
            widget.setEnabled(True)
        self.skip.setVisible(True)
        self.add.setEnabled(bool(self._shown))
        self.add.setDefault(True)
        self.skip.setFocus()


def _table(titles: Sequence[str], wide: int) -> QTableWidget:
    table = QTableWidget(0, len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    table.verticalHeader().setVisible(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
    return table


def _cell(text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item


def _becomes(type: str, names: Sequence[str], chosen: str) -> QComboBox:
    """What a type becomes: a type of the scheme, itself, or nothing."""
    box = QComboBox()
    box.setAccessibleName(_("{type} becomes").format(type=type))
    if type not in names:
        box.addItem(_("{type} (not in the scheme)").format(type=type), type)
    for name in names:
        box.addItem(name, name)
    box.addItem(_("left out"), "")
    at = box.findData(chosen)
    if at < 0:  # a kept table may name a type of an earlier scheme
        box.addItem(chosen, chosen)
        at = box.count() - 1
    box.setCurrentIndex(at)
    return box
