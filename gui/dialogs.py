"""The few questions that the window asks, and the sheets that it shows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QStandardPaths, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from core import __version__, backup
from core import scheme as schemes
from core.errors import Damaged, GoldsmithError, ProjectInUse
from core.formats import registry as formats
from core.hold import Hold
from core.i18n import _
from core.project import SUFFIX, Project
from core.scheme import Scheme
from core.suggest import consent
from core.suggest import registry as suggesters
from core.suggest.merged import JOINT
from core.workflow.sources import ARCHIVE
from gui.commands import MOUSE, TABLE, Command, Menu
from gui.copies_dialog import CopiesDialog
from gui.keymap import KeyMap
from gui.scheme_dialog import SchemeDialog

if TYPE_CHECKING:
    from gui.actions import Actions


def documents_folder() -> Path:
    """Where a person keeps documents, as the system says, if there is such a folder: of one that
    is missing, a dialog for files takes the name for that of a file."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place) if place and Path(place).is_dir() else Path.home()


def show_error(parent: QWidget | None, error: GoldsmithError) -> None:
    """What is wrong and what to do next, until it is read."""
    box = QMessageBox(QMessageBox.Icon.Warning, _("Goldsmith"), error.message, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(error.hint)
    box.exec()


def tell_at_start(error: GoldsmithError) -> None:
    """There is no window, and will be none: it is said in the terminal, or else in a box."""
    terminal = sys.stderr  # None where a program has none
    if terminal is not None:
        print(f"goldsmith: {error}", file=terminal, flush=True)
    if terminal is None or not terminal.isatty():
        show_error(None, error)


def show_message(
    parent: QWidget | None, title: str, text: str, details: Sequence[str] = ()
) -> None:
    """Something worth reading; `details` unfold."""
    box = QMessageBox(QMessageBox.Icon.Information, title, text, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    if details:
        box.setDetailedText("\n".join(details))
    if parent is None:  # nobody else would keep it
        box.exec()
    else:
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def asked(
    parent: QWidget,
    name: str,
    title: str,
    text: str,
    more: str,
    yes: str,
    no: str = "",
    icon: QMessageBox.Icon = QMessageBox.Icon.Question,
) -> bool:
    """Whether a person answers a question with `yes`; what Enter and Esc say is the other button.

    Args:
        name: of the box, for who looks for it.
        more: what there is to know before one answers.
        no: empty for the system's own word for it.
    """
    box = QMessageBox(icon, title, text, parent=parent)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(more)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    if no:
        box.setDefaultButton(box.addButton(no, QMessageBox.ButtonRole.RejectRole))
    else:
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    return box.clickedButton() is agreed


def choose_articles(parent: QWidget, title: str = "") -> list[Path]:
    """Files to read; empty if the person thought better of it."""
    endings = " ".join(f"*{ending}" for ending in (*formats.extensions(), ARCHIVE))
    names, _filter = QFileDialog.getOpenFileNames(
        parent,
        title or _("Add articles"),
        str(documents_folder()),
        _("What Goldsmith reads ({endings});;All (*)").format(endings=endings),
    )
    return [Path(name) for name in names]


def choose_folder(parent: QWidget) -> Path | None:
    """A folder to add."""
    name = QFileDialog.getExistingDirectory(parent, _("Add a folder"), str(documents_folder()))
    return Path(name) if name else None


def choose_copy(parent: QWidget, project: Project) -> Path | None:
    """Where to write a copy of the project; None if the person thought better of it."""
    start = documents_folder() / f"{project.path.stem} copy{SUFFIX}"
    name, _filter = QFileDialog.getSaveFileName(
        parent,
        _("Save a copy"),
        str(start),
        _("Goldsmith projects (*{suffix})").format(suffix=SUFFIX),
        # It would ask of the name without the ending, and of what may never be replaced.
        options=QFileDialog.Option.DontConfirmOverwrite,
    )
    path = Path(name)
    return (path if path.suffix else path.with_suffix(SUFFIX)) if name else None


def may_overwrite(parent: QWidget, title: str, path: Path) -> bool:
    """Whether a person says that the file at `path` is replaced."""
    told = _("{name} is there already.").format(name=path.name)
    return asked(parent, "replace", title, told, _("What it holds will be lost."), _("&Replace"))


def may_close(parent: QWidget, notes: Sequence[str]) -> bool:
    """Whether to close though these notes could not be saved; they are in the clipboard then."""
    if not asked(
        parent,
        "unsavedNotes",
        _("Goldsmith"),
        _("What you wrote in a note could not be saved."),
        "\n\n".join(note[:400] for note in notes[:4]),
        _("Copy it and close"),
        _("Stay"),
        QMessageBox.Icon.Warning,
    ):
        return False
    QGuiApplication.clipboard().setText("\n\n".join(notes))
    return True


def choose_backup(parent: QWidget | None, path: Path, setting: str) -> Path | None:
    """One of the copies of the project at `path`; None if the person thought better of it, or there
    is none.

    Args:
        setting: where the project says that its copies are kept.
    """
    there = backup.to_go_to(path, setting)
    if not there:
        show_message(parent, _("Restore a copy"), _("There is no copy of this project yet."))
        return None
    dialog = CopiesDialog(parent, there)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    return dialog.chosen if accepted else None


def tell_restored(parent: QWidget | None, copy: Path, kept: Path | None) -> None:
    """Say that a copy is in the project's place now, and where what was there before is kept."""
    told = _("This is {copy}.").format(copy=copy.name)
    if kept is not None:
        told += "\n\n" + _("What was here before is kept in {kept}.").format(kept=kept)
    show_message(parent, _("Restore a copy"), told)


def choose_suggester(parent: QWidget, current: str) -> str:
    """The name of a suggester that is installed, or lies in a folder that the person trusts; empty
    if none was chosen."""
    found = suggesters.available()
    names = [name for name, _title in found]
    titles = [f"{title} ({name})" for name, title in found]
    if current not in names:
        names.append(current)
        titles.append(current)
    several, other = _("Several together…"), _("A spaCy pipeline in a folder…")
    title, ok = QInputDialog.getItem(
        parent,
        _("Choose suggester"),
        _("Suggest with:"),
        [*titles, several, other],
        names.index(current),
        False,
    )
    if ok and title == other:
        return _pipeline_in_folder(parent)
    if ok and title == several:
        return _several(parent, found, current)
    return names[titles.index(title)] if ok else ""


def _several(parent: QWidget, found: Sequence[tuple[str, str]], current: str) -> str:
    """Tick the suggesters that suggest together; empty if nothing was chosen."""
    dialog = QDialog(parent)
    dialog.setObjectName("several")
    dialog.setWindowTitle(_("Several suggesters together"))
    told = QLabel(
        _("What several say counts for more; where they contradict each other, the surer stands.")
    )
    told.setWordWrap(True)
    chosen = QListWidget()
    chosen.setAccessibleName(_("Suggesters"))
    now = suggesters.parts_of(current) or [current]
    for name, title in found:
        item = QListWidgetItem(f"{title} ({name})", chosen)
        item.setData(Qt.ItemDataRole.UserRole, name)
        item.setCheckState(Qt.CheckState.Checked if name in now else Qt.CheckState.Unchecked)
    buttons = QDialogButtonBox(
        QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
    )
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    for widget in (told, chosen, buttons):
        layout.addWidget(widget)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return ""
    items = [chosen.item(n) for n in range(chosen.count())]
    ticked = [i for i in items if i.checkState() is Qt.CheckState.Checked]
    return JOINT.join(i.data(Qt.ItemDataRole.UserRole) for i in ticked)


def _pipeline_in_folder(parent: QWidget) -> str:
    folder = QFileDialog.getExistingDirectory(
        parent, _("The folder that holds config.cfg"), str(documents_folder())
    )
    name = suggesters.in_folder(Path(folder)) if folder else ""
    return name if name and may_run(parent, name) else ""


def may_run(parent: QWidget, name: str) -> bool:
    """Whether a suggester may run: what is installed may; the person is asked once about a pipeline
    in a folder, and again when it has changed."""
    folder = suggesters.folder_of(name)
    if folder is None:
        return True
    try:
        if consent.allowed(folder):
            return True
        told = _(
            "{folder}\n{what}\n\nA spaCy pipeline is a program: it can do on this computer "
            "whatever you can. You are asked again only if its files change."
        ).format(folder=folder, what=consent.describe(folder))
        if not asked(
            parent,
            "trust",
            _("A pipeline is code"),
            _("Do you trust where this pipeline comes from?"),
            told,
            _("I trust it"),
            icon=QMessageBox.Icon.Warning,
        ):
            return False
        consent.allow(folder)
    except GoldsmithError as error:
        show_error(parent, error)
        return False
    return True


def create_project(parent: QWidget, scheme: Scheme | None = None) -> Project | None:
    """A new project at a place and with a scheme of the person's choice.

    Args:
        scheme: if it is chosen already.
    """
    name, _filter = QFileDialog.getSaveFileName(
        parent,
        _("New project"),
        str(documents_folder() / f"articles{SUFFIX}"),
        _("Goldsmith projects (*{suffix})").format(suffix=SUFFIX),
    )
    if not name:
        return None
    scheme = scheme or choose_scheme(parent)
    if scheme is None:
        return None
    path = Path(name)
    try:
        return Project.create(path if path.suffix else path.with_suffix(SUFFIX), scheme)
    except GoldsmithError as error:
        show_error(parent, error)
        return None


def choose_scheme(parent: QWidget) -> Scheme | None:
    """One of the schemes that come along, one in a file, or one made of what files hold."""
    names = list(schemes.available())
    names.sort(key=lambda n: n != "news")
    other, made = _("From a scheme file…"), _("From annotated files…")
    name, ok = QInputDialog.getItem(
        parent, _("Scheme"), _("Types and relations:"), [*names, other, made], 0, False
    )
    if not ok:
        return None
    if name == made:
        return scheme_from_files(parent)
    if name == other:
        name, _filter = QFileDialog.getOpenFileName(
            parent, _("Scheme"), str(documents_folder()), _("Schemes (*.toml)")
        )
        if not name:
            return None
    try:
        return schemes.load(name)
    except GoldsmithError as error:
        show_error(parent, error)
        return None


def scheme_from_files(parent: QWidget) -> Scheme | None:
    """A scheme made of what annotated files hold, as the person changed and accepted it."""
    paths = choose_articles(parent, _("Scheme from files"))
    if not paths:
        return None
    dialog = SchemeDialog(parent, paths)
    # It is gone when it closes, and what was accepted must outlive it.
    found: list[Scheme] = []
    dialog.accepted.connect(lambda: found.extend([dialog.scheme] if dialog.scheme else []))
    dialog.exec()
    return found[0] if found else None


def open_project(parent: QWidget | None) -> Project | None:
    """A project file of the person's choice."""
    name, _filter = QFileDialog.getOpenFileName(
        parent,
        _("Open project"),
        str(documents_folder()),
        _("Goldsmith projects (*{suffix});;All (*)").format(suffix=SUFFIX),
    )
    return open_or_tell(parent, Path(name)) if name else None


def open_or_tell(parent: QWidget | None, path: Path) -> Project | None:
    """Open a project; one that is in use elsewhere can be opened for reading, and taken over from
    another computer that a person knows to be off."""
    try:
        return Project.open(path)
    except ProjectInUse as error:
        box = QMessageBox(QMessageBox.Icon.Question, _("Goldsmith"), error.message, parent=parent)
        box.setObjectName("inUse")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(error.hint)
        read = box.addButton(_("Open for reading"), QMessageBox.ButtonRole.AcceptRole)
        take = None
        if error.elsewhere:
            take = box.addButton(_("Nobody works there: take over"), QMessageBox.ButtonRole.YesRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(read)
        box.exec()
        clicked = box.clickedButton()
        if clicked is not None and clicked is take:
            return _taken_over(parent, path)
        if clicked is not read:
            return None
        try:
            return Project.open(path, read_only=True)
        except GoldsmithError as second:
            show_error(parent, second)
    except Damaged as error:
        from gui.mending import open_damaged  # it asks by means of this module

        return open_damaged(parent, path, error)
    except GoldsmithError as error:
        if parent is None:
            tell_at_start(error)
        else:
            show_error(parent, error)
    return None


def _taken_over(parent: QWidget | None, path: Path) -> Project | None:
    try:
        Hold.forget(path.resolve())
        return Project.open(path)
    except GoldsmithError as error:
        show_error(parent, error)
        return None


def show_about(parent: QWidget) -> None:
    """Version and licence."""
    show_message(
        parent,
        _("About Goldsmith"),
        _("Goldsmith {version}\nTurns news articles into gold datasets. MIT licence.").format(
            version=__version__
        ),
    )


def keys_html(scheme: Scheme, keymap: KeyMap) -> str:
    """The F1 sheet: every command with its keys, and the keys of the types."""
    rows = []
    for menu in Menu:
        rows.append(f"<tr><td colspan=3><h3>{escape(menu.heading)}</h3></td></tr>")
        for entry in TABLE.values():
            if entry.menu is menu:
                keys = " / ".join(keymap.keys(entry.name))
                rows.append(_row(keys, entry.shown_title, _(entry.help)))
    rows.append(f"<tr><td colspan=3><h3>{escape(_('Mouse'))}</h3></td></tr>")
    rows.extend(_row(_(gesture), "", _(text)) for gesture, text in MOUSE)
    rows.append(f"<tr><td colspan=3><h3>{escape(_('Types'))}</h3></td></tr>")
    rows.extend(
        _row(" / ".join(k.upper() for k in kind.keys), kind.name, kind.gloss)
        for kind in scheme.entity_types.values()
    )
    rows.append(f"<tr><td colspan=3><h3>{escape(_('Relations'))}</h3></td></tr>")
    rows.extend(
        _row(relation.key.upper(), relation.name, relation.gloss)
        for relation in scheme.relation_types.values()
    )
    return f"<table cellpadding=3>{''.join(rows)}</table>"


def _row(keys: str, title: str, text: str) -> str:
    return (
        f"<tr><td><b>{escape(keys)}</b>&nbsp;&nbsp;</td>"
        f"<td>{escape(title)}&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>"
    )


def show_keys(parent: QWidget, scheme: Scheme, keymap: KeyMap) -> None:
    """The F1 sheet in a window of its own."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setObjectName("keys")
    dialog.setWindowTitle(_("Keys"))
    dialog.resize(860, 720)
    sheet = QTextBrowser()
    sheet.setAccessibleName(_("Keys"))
    sheet.setHtml(keys_html(scheme, keymap))
    QVBoxLayout(dialog).addWidget(sheet)
    dialog.open()


def found(text: str) -> list[Command]:
    """The commands that have all these words in their title or help. Those come first whose title
    is meant: it begins with the text, words of it do, or it has them."""
    sought = " ".join(text.casefold().split())
    words = sought.split()
    ranked: list[tuple[int, Command]] = []
    for entry in TABLE.values():
        title = entry.shown_title.casefold()
        if not all(word in f"{title} {_(entry.help)}".casefold() for word in words):
            continue
        starts = [any(part.startswith(word) for part in title.split()) for word in words]
        if title.startswith(sought):
            rank = 0
        elif all(starts):
            rank = 1
        else:
            rank = 2 if all(word in title for word in words) else 3
        ranked.append((rank, entry))
    ranked.sort(key=lambda pair: pair[0])
    return [entry for _rank, entry in ranked]


class CommandPalette(QDialog):
    """Every command in one list; typing narrows it, Enter runs."""

    def __init__(self, parent: QWidget, run: Callable[[str], None], actions: Actions) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("palette")
        self.setWindowTitle(_("Commands"))
        self.resize(560, 420)
        self._run = run
        self._actions = actions
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Type a part of a command"))
        self.field.setAccessibleName(_("Command"))
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Commands"))
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._choose)
        self.list.itemActivated.connect(self._choose_soon)
        self.list.itemClicked.connect(self._choose_soon)
        layout = QVBoxLayout(self)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self._fill("")

    def _fill(self, text: str) -> None:
        self.list.clear()
        for entry in found(text):
            shown = self._actions.keymap.first(entry.name)
            item = QListWidgetItem(f"{entry.shown_title}   {shown}".rstrip())
            item.setToolTip(_(entry.help))
            item.setData(Qt.ItemDataRole.UserRole, entry.name)
            if not self._actions.applies(entry.needs):
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                row = self.list.currentRow() + step
                self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose()
                return True
        return super().eventFilter(watched, event)

    def _choose_soon(self, _item: QListWidgetItem) -> None:
        """Once the list is done with the click: a command may open a dialog, and the list would be
        gone when that is closed. Some styles tell of one click as an activation, too."""
        self._soon.start()

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.accept()
            self._run(item.data(Qt.ItemDataRole.UserRole))
