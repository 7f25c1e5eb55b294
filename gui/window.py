"""The window: articles left, text in the middle, inspector right, and what is running below.

It only wires: menus and keys come from `gui.commands`, what they do is in `gui.actions`, every edit
goes through `gui.session`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import ParamSpec, get_args

from PySide6.QtCore import QEvent, QObject, QPoint, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMainWindow,
    QMenu,
    QSplitter,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from core.annotation import Change
from core.errors import Damaged, GoldsmithError, SaveFailed
from core.i18n import _
from core.project import Project
from gui import dialogs, keymap, keys, mnemonics, plain, theme
from gui.actions import Actions
from gui.apart import Apart
from gui.canvas.page import RelationMode
from gui.canvas.widget import Canvas
from gui.commands import TABLE, Command, Menu, Scope, entries
from gui.drafts import NOTE
from gui.files import Files
from gui.find import FindBar
from gui.folding import Folding
from gui.inplace import Field, write
from gui.keymap import Keys
from gui.keys_dialog import KeysDialog
from gui.learning import Learning
from gui.menu_focus import MenuFocus
from gui.panels.articles import ArticlesPanel
from gui.panels.inspector import Inspector
from gui.panels.legend import Legend
from gui.panels.welcome import Welcome
from gui.picker import Choice, Picker, pick
from gui.session import Session
from gui.suggesting import Suggesting
from gui.tools import Tool
from gui.trouble import TroubleBar
from gui.undoing import Undoing
from gui.work_dialog import WorkDialog

P = ParamSpec("P")


class Window(QMainWindow):
    """One project. Closing never asks: everything is saved already."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session = Session(project, self)
        self.canvas = Canvas()
        self.canvas.setAccessibleName(_("Article"))
        self._types = keys.type_keys(project.scheme)
        self._relations = keys.relation_keys(project.scheme)
        self.keymap = Keys(self._types, keymap.default_path(), self)
        self.files = Files(self)
        self.undoing = Undoing(self, self.session, self.files.imported)
        self.actions_ = Actions(self)
        self.articles = ArticlesPanel(self.session)
        self.inspector = Inspector(self.actions_)
        self.find_bar = FindBar(self.canvas, self.session)
        self.legend = Legend(self.actions_)
        self.welcome = Welcome(self.actions_)
        self.picker: Picker | Field | None = None
        self.held = False  # whether the key of the shortcut that is under way repeats
        self._then_hint: Callable[[str], None] | None = None
        self._qactions: dict[str, QAction] = {}
        self._menus: dict[Menu, QMenu] = {}
        self._titles: dict[str, str] = {}  # of commands, as entries of their menus
        self._keys = self.keymap.map.on_canvas()
        self._seen: set[str] = set()
        self._steps = 0  # that are being made, one within another
        self._behind: list[Change] | None = None  # what the panels do not show yet
        self.learning = Learning(self)
        self.suggesting = Suggesting(self)
        self._build()
        self._connect()
        self.keymap.read()
        wish = QSettings().value("window/theme", "")  # empty: as the system is
        self.use_theme(wish == "dark" if wish else self.screen_is_dark())
        self._restore()
        self.articles.open_last()
        self._focus_first()
        if self.session.document is None:  # there is none, or it can't be read
            self._show_document()
        self.canvas.setFocus()
        self.suggesting.tell()
        self._finish_drafts()

    # -- building

    def _build(self) -> None:
        project = self.session.project
        self.setWindowTitle(f"{project.path.stem} — Goldsmith")
        self.resize(1400, 880)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.banner = QLabel(_standing(project))
        self.banner.setTextFormat(Qt.TextFormat.PlainText)
        self.banner.setWordWrap(True)
        self.trouble = TroubleBar(lambda: self.run("save_copy"))
        self.banner.setObjectName("banner")
        self.banner.setVisible(bool(self.banner.text()))
        column.addWidget(self.banner)
        self.apart = Apart(self)
        column.addWidget(self.trouble)
        column.addWidget(self.apart.bar)
        column.addWidget(self.find_bar)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.welcome, 1)
        column.addWidget(self.legend)
        self.splitter = QSplitter()
        self.splitter.setHandleWidth(1)
        for widget in (self.articles, centre, self.inspector):
            self.splitter.addWidget(widget)
        for n, stretch in enumerate((0, 1, 0)):
            self.splitter.setStretchFactor(n, stretch)
            self.splitter.setCollapsible(n, n != 1)
        panels = {"articles": (self.articles, 230), "inspector": (self.inspector, 290)}
        self.folding = Folding(self.splitter, panels, self.canvas)
        self.setCentralWidget(self.splitter)
        self._build_menus()
        self._build_status()

    def _build_menus(self) -> None:
        bar = QToolBar(_("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        self.addToolBar(bar)
        for menu in Menu:
            shown = self.menuBar().addMenu(menu.heading)
            self._menus[menu] = shown
            inside = [entry for entry in TABLE.values() if entry.menu is menu]
            more = [_("Label as")] if menu is Menu.ANNOTATE else []
            titles = entries(inside, *more)
            for entry in inside:
                self._titles[entry.name] = titles.pop(0)
                shown.addAction(self._qaction(entry))
            shown.aboutToShow.connect(self.refresh_actions)
            for title in titles:
                shown.addSeparator()
                self._add_types(shown.addMenu(title))
        MenuFocus(self.menuBar(), self.canvas)
        for entry in TABLE.values():
            if entry.on_toolbar:
                bar.addWidget(Tool(self._qactions[entry.name]))

    def _qaction(self, entry: Command) -> QAction:
        action = QAction(self._titles[entry.name], self)
        action.setObjectName(entry.name)
        action.setStatusTip(_(entry.help))
        action.setIconText(entry.shown_title.rstrip("…"))
        if entry.name == "quit":  # also from a popup, which is a window of its own
            action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        action.triggered.connect(lambda: self._triggered(entry))
        self._qactions[entry.name] = action
        self._show_key(entry)
        return action

    def _show_key(self, entry: Command) -> None:
        """Write a command's present keys into its menu entry and tool tip."""
        action = self._qactions[entry.name]
        action.setToolTip(self.keymap.tip(entry.name))
        shown = self.keymap.map.keys(entry.name)
        if entry.scope is Scope.WINDOW:
            action.setShortcuts([QKeySequence(key) for key in shown])
        else:
            # Shown beside the title; pressed, it goes through the canvas, so that a letter typed
            # into a note stays a letter.
            action.setText("\t".join([self._titles[entry.name], *shown[:1]]))

    def _use_keys(self) -> None:
        """Other keys work from now on."""
        self._keys = self.keymap.map.on_canvas()
        for entry in TABLE.values():
            self._show_key(entry)
        for menu, shown in self._menus.items():  # a command's key comes before a menu's
            taken = self.keymap.map.owner(menu.key)
            shown.setTitle(menu.heading if taken else menu.marked)
        self.refresh_actions()
        self.canvas.button_tips = {
            "accept": self.keymap.tip("accept"),
            "reject": self.keymap.tip("reject"),
        }

    def _add_types(self, menu: QMenu) -> None:
        kinds = [*self.session.project.scheme.entity_types.values()]
        titles = mnemonics.marked([kind.name for kind in kinds], [kind.keys for kind in kinds])
        for kind, title in zip(kinds, titles, strict=True):
            key = f"\t{kind.keys[0].upper()}" if kind.keys else ""
            action = menu.addAction(f"{title}{key}")
            action.setToolTip(plain.tip(kind.gloss))
            action.triggered.connect(lambda _checked=False, name=kind.name: self.set_type(name))

    def _build_status(self) -> None:
        self.saved = QLabel()
        self.saved.setToolTip(_("Every edit is on the disk as soon as you made it."))
        self.at_once_shown = QLabel(_("Marks at once"))
        self.at_once_shown.setToolTip(self.keymap.tip("mark_at_once"))
        self.at_once_shown.setVisible(False)
        running = self.suggesting
        for widget in (running.bar, running.stop, self.at_once_shown, self.saved):
            self.statusBar().addPermanentWidget(widget)
        self._show_saved()

    def _connect(self) -> None:
        session, canvas, actions = self.session, self.canvas, self.actions_
        session.leaving.connect(self.inspector.save_typed)
        session.document_opened.connect(self._show_document)
        session.changed.connect(self._follow)
        session.said.connect(lambda text: self.statusBar().showMessage(text, 8000))
        session.waits.connect(self._wait)
        session.refused.connect(self._refuse)
        session.unsaved.connect(self._unsaved)
        self.keymap.changed.connect(self._use_keys)
        self.keymap.refused.connect(self._refuse)
        canvas.selection_changed.connect(self.legend.follow)
        self.folding.gave_way.connect(self._panel_gave_way)
        self.articles.chosen.connect(canvas.setFocus)
        self.articles.left.connect(canvas.setFocus)
        canvas.installEventFilter(self)
        canvas.focus_changed.connect(lambda _id: self._follow_focus())
        canvas.selection_finished.connect(self._whole(actions.selected))
        canvas.accept_requested.connect(self._whole(actions.accept_item))
        canvas.reject_requested.connect(self._whole(actions.reject_item))
        canvas.boundary_dragged.connect(self._whole(actions.set_boundaries))
        canvas.relation_dragged.connect(self._whole(actions.related))
        canvas.menu_requested.connect(self._show_menu)
        canvas.activated.connect(lambda _id: actions.pick_type(self.anchor()))
        canvas.hint_chosen.connect(self._hinted)
        canvas.hints_cancelled.connect(self._unhint)

    def _restore(self) -> None:
        settings = QSettings()
        size = settings.value("window/size")
        if isinstance(size, QSize) and not size.isEmpty():
            # On a screen that is smaller than that of the last time, what does not fit is cut.
            self.resize(size.boundedTo(self.screen().availableSize()))
        self.legend.setVisible(bool(settings.value("window/legend", 1, type=int)))
        mode = settings.value("window/relations", "focused")
        for known in get_args(RelationMode):
            if known == mode:
                self.canvas.relation_mode = known
        self.use_at_once(bool(settings.value("window/at_once", 0, type=int)), remember=False)
        steps = settings.value("window/zoom", 0, type=int)
        if isinstance(steps, int) and steps:
            self.canvas.zoom(steps)

    # -- keys

    def run(self, name: str) -> None:
        """Run a command by its name if it applies now."""
        if self.actions_.applies(TABLE[name].needs):
            with self.one_step():
                getattr(self.actions_, name)()
        else:
            self.session.said.emit(_("{title}: not here.").format(title=TABLE[name].shown_title))

    def _triggered(self, entry: Command) -> None:
        if entry.repeats or not self.held:
            self.run(entry.name)

    def set_type(self, name: str) -> None:
        """Label the selection or what is focused."""
        with self.one_step():
            self.actions_.set_type(name)

    @contextmanager
    def one_step(self) -> Iterator[None]:
        """An edit and the focus that moves on with it: the panels show what came of both, once.

        Each of them shown alone would make the panels lay themselves out twice in a key press.
        """
        self._steps += 1
        try:
            yield
        finally:
            self._steps -= 1
            if not self._steps:
                self._catch_up()

    def _whole(self, step: Callable[P, object]) -> Callable[P, None]:
        """`step` as one step."""

        def made(*args: P.args, **named: P.kwargs) -> None:
            with self.one_step():
                step(*args, **named)

        return made

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.canvas
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
        ):
            if self.canvas.hints is None:
                return self._key(event)
            if keys.held(event) and event.text().isalpha():
                return True  # it may be the one that put the letters up
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        # A shortcut does not say whether its key is held, but this comes just before it.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self.held = keys.held(event)
            QTimer.singleShot(0, self, self._let_go)
        elif event.type() == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            keys.held(event)
        return super().event(event)

    def _let_go(self) -> None:
        self.held = False

    def _key(self, event: QKeyEvent) -> bool:
        found = (keys.key_name(event), keys.latin_name(event))
        if self.actions_.applies("relation"):  # its keys come before those of commands
            for name in found:
                if name in self._relations:
                    if not keys.held(event):
                        self.set_type(self._relations[name])
                    return True
        for name in found:
            if name in self._keys:
                entry = TABLE[self._keys[name]]
                if entry.repeats or not keys.held(event):
                    self.run(entry.name)
                return True
            if name in self._types:
                if not keys.held(event):
                    self.set_type(self._types[name])
                return True
        return False

    # -- following

    def _show_document(self) -> None:
        document = self.session.document
        self.canvas.set_document(document, self.session.project.scheme)
        self.welcome.setVisible(document is None)
        self.canvas.setVisible(document is not None)
        self.inspector.follow_document()
        self.legend.follow()
        self.refresh_actions()
        if document is not None:
            self.suggesting.ahead()
            first = next(iter(self.canvas.reading_order()), "")
            if first in document.suggestions:
                self.canvas.set_focused(first, reveal=False)

    def _focus_first(self) -> None:
        """Begin with the first suggestion that is open, wherever it stands."""
        document = self.session.document
        if document is not None and not self.canvas.focused:
            ids = self.canvas.reading_order()
            self.canvas.set_focused(next((id for id in ids if id in document.suggestions), ""))

    def _follow(self, change: Change) -> None:
        self.trouble.hide()  # the disk takes edits (again)
        document = self.session.document
        if document is not None:
            self.canvas.apply(document, change)
        self._fall_behind(change)

    def _follow_focus(self) -> None:
        self._fall_behind()

    def _fall_behind(self, *changes: Change) -> None:
        self._behind = [*(self._behind or ()), *changes]
        if not self._steps:
            self._catch_up()

    def _catch_up(self) -> None:
        """Let the panels show what was changed or focused since they did last."""
        if self._behind is None:
            return
        changes, self._behind = self._behind, None
        self.inspector.follow(changes)
        self.legend.follow()
        self.refresh_actions()
        if changes:
            self._show_saved()

    def refresh_actions(self) -> None:
        """Grey out what does not apply, and say what undo and redo would do."""
        for name, action in self._qactions.items():
            entry = TABLE[name]
            if entry.scope is Scope.WINDOW:
                action.setEnabled(self.actions_.applies(entry.needs))
        for name, step in (
            ("undo", self.session.next_undo()),
            ("redo", self.session.next_redo()),
        ):
            action, title = self._qactions[name], TABLE[name].shown_title
            marked = self._titles[name]
            action.setText(f"{marked}: {plain.title(step.label)}" if step else marked)
            action.setIconText(title)
            tip = self.keymap.tip(name)
            action.setToolTip(plain.tip(f"{title}: {step.label}\n{tip}") if step else tip)

    def _show_saved(self) -> None:
        project = self.session.project
        self.saved.setText(
            _("Read only")
            if project.read_only
            else _("Saved in {name}").format(name=project.path.name)
        )

    def _wait(self, text: str) -> None:
        self.statusBar().showMessage(text)
        self.statusBar().repaint()  # no event is handled until it is done

    def _refuse(self, error: GoldsmithError) -> None:
        if isinstance(error, Damaged):
            self.trouble.tell(error)
        self.statusBar().showMessage(str(error), 15000)
        QApplication.beep()

    def _unsaved(self, error: SaveFailed) -> None:
        self.trouble.tell(error)
        self.saved.setText(_("Not saved"))
        QApplication.beep()

    def recover(self) -> None:
        """After something unexpected: nothing stays half done, and the screen shows the file."""
        self.session.project.abandon()
        self.session.reread()

    # -- places, pickers, hints

    def anchor(self, id: str = "") -> QPoint:
        """Where a picker for this item (default: the focus or selection) opens, on the screen."""
        place = self.canvas.place_of(id or self.canvas.focused)
        return self.canvas.viewport().mapToGlobal(place.bottomLeft().toPoint() + QPoint(0, 4))

    def pick(
        self,
        choices: Sequence[Choice],
        at: QPoint,
        then: Callable[[str], None],
        flip: Callable[[], None] | None = None,
        title: str = "",
        also: tuple[str, str] | None = None,
    ) -> None:
        """Open a picker at a place; the keyboard comes back to the text afterwards.

        Args:
            also: a command whose key closes the list and works, and a word for it.
        """
        dress = self.canvas.look.theme
        shown = [replace(c, color=dress.tint(c.color).line) if c.color else c for c in choices]
        popup = pick(self, shown, at, self._whole(then), flip, title)
        if also is not None and (key := self.keymap.first(also[0])):
            popup.let_through(key, also[1], lambda: self.run(also[0]))
        self._popped(popup)

    def write(
        self,
        title: str,
        text: str,
        then: Callable[[str], None],
        one_line: bool = False,
        *,
        draft: tuple[str, str],
    ) -> Field:
        """Open a field at what is focused, for a note or a value.

        Args:
            draft: the item and the field (`gui.drafts`) that it is kept for until it is left.
        """
        drafts = self.session.drafts
        field = write(self, title, text, self.anchor(), self._whole(then), one_line)
        field.typed.connect(lambda text: self.session.typing(*draft, text))
        unsaved = draft[1] == NOTE and draft[0] in self.session.unsaved_notes
        if not unsaved:  # else it is all that the file has of it
            field.unchanged.connect(lambda: drafts.forget(*draft))
        self._popped(field)
        return field

    def _popped(self, popup: Picker | Field) -> None:
        self.picker = popup
        popup.closed.connect(self._popup_closed)

    def _popup_closed(self) -> None:
        self.picker = None
        self.canvas.preview_relation()
        self.canvas.setFocus()

    def to_menus(self) -> None:
        """Open the first menu; the arrow keys lead to the others."""
        self.menuBar().setActiveAction(self.menuBar().actions()[0])

    def step_pane(self, direction: int) -> None:
        """Move the keyboard to the next or previous pane."""
        panes: list[QWidget] = [self.canvas]
        if self.folding.is_open("inspector"):
            panes += [self.inspector.first_field(), self.inspector.queue.list]
        if self.folding.is_open("articles"):
            panes.append(self.articles.list)
        here = QApplication.focusWidget()
        at = next((n for n, pane in enumerate(panes) if pane is here), None)
        if at is None and here is not None:
            last = len(panes) - 1
            at = 1 if self.inspector.isAncestorOf(here) else 0
            at = last if self.articles.isAncestorOf(here) else at
        panes[((at or 0) + direction) % len(panes)].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _panel_gave_way(self, name: str) -> None:
        says = {
            "articles": _("The article list gave way to the text; {key} brings it back."),
            "inspector": _("The inspector gave way to the text; {key} brings it back."),
        }
        key = self.keymap.first(f"show_{name}")
        self.session.said.emit(says[name].format(key=key))

    def hint(
        self, targets: Sequence[str], then: Callable[[str], None], how: str, none: str
    ) -> None:
        """Put letters on the targets that are in sight; `then` gets the one that was typed.

        Args:
            how, none: what is said with the letters, and where no target is in sight.
        """
        self._then_hint = then
        self.canvas.setFocus()
        if self.canvas.show_hints(tuple(targets)):
            self.legend.follow()
            self.session.said.emit(how)
        else:
            self._then_hint = None
            self.session.said.emit(none)

    def _hinted(self, id: str) -> None:
        then, self._then_hint = self._then_hint, None
        self.legend.follow()
        if then is not None:
            then(id)

    def _unhint(self) -> None:
        self._then_hint = None
        self.legend.follow()
        self.statusBar().clearMessage()

    def _show_menu(self, id: str, at: QPoint) -> None:
        """The context menu: the commands that apply to what was clicked."""
        if id:
            self.canvas.set_focused(id)
        menu = QMenu(self)
        menu.setObjectName("context")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = (
            "accept", "reject", "label", "relate", "same_entity", "not_same_entity", "flip",
            "attribute", "note",
            "never_here", "never_in_project",
            "accept_sentence", "reject_sentence", "accept_words", "reject_words", "accept_type",
        )  # fmt: skip
        shown = [TABLE[name] for name in names if self.actions_.applies(TABLE[name].needs)]
        for entry, title in zip(shown, entries(shown), strict=True):
            action = menu.addAction("\t".join(filter(None, [title, self.keymap.first(entry.name)])))
            action.setObjectName(entry.name)
            action.setStatusTip(_(entry.help))
            action.triggered.connect(self._qactions[entry.name].trigger)
        menu.popup(at)

    # -- looks and help

    @staticmethod
    def screen_is_dark() -> bool:
        """Whether the system's own theme is dark."""
        return QApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark

    def use_theme(self, dark: bool) -> None:
        """Show the light or the dark theme."""
        self._dark = dark
        chosen = theme.DARK if dark else theme.LIGHT
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, chosen)
        self.canvas.set_theme(chosen)
        self.legend.update()

    def switch_theme(self) -> None:
        """From light to dark and back."""
        self.use_theme(not self._dark)
        QSettings().setValue("window/theme", "dark" if self._dark else "light")

    def use_relation_mode(self, mode: RelationMode) -> None:
        """Which relations are drawn over the page; remembered for the next time."""
        self.canvas.relation_mode = mode
        QSettings().setValue("window/relations", mode)

    def use_at_once(self, on: bool, *, remember: bool = True) -> None:
        """Whether drags mark and relate at once; remembered for the next time."""
        self.actions_.at_once = on
        self.at_once_shown.setVisible(on)
        if remember:
            QSettings().setValue("window/at_once", int(on))

    def zoom(self, steps: int) -> None:
        """Larger or smaller text; remembered for the next time."""
        self.canvas.zoom(steps)
        settings = QSettings()
        before = settings.value("window/zoom", 0, type=int)
        settings.setValue("window/zoom", (before if isinstance(before, int) else 0) + steps)

    def show_palette(self) -> None:
        """Every command in one list that typing narrows."""
        dialogs.CommandPalette(self, self.run, self.actions_).open()

    def show_keys(self) -> None:
        """The F1 sheet."""
        dialogs.show_keys(self, self.session.project.scheme, self.keymap.map)

    def change_keys(self) -> None:
        """The dialog in which commands get other keys."""
        KeysDialog(self, self.keymap).open()

    def toggle_legend(self) -> None:
        """Show or hide the line of keys; remembered for the next time."""
        shown = not self.legend.isVisibleTo(self)
        self.legend.setVisible(shown)
        QSettings().setValue("window/legend", int(shown))

    def show_about(self) -> None:
        """Version and licence."""
        dialogs.show_about(self)

    def _finish_drafts(self) -> None:
        id = self.session.finish_drafts()
        if id:
            self.canvas.set_focused(id)
            self.session.said.emit(_("What was being typed when Goldsmith ended is kept."))

    def keep_typed(self) -> bool:
        """Save what stands in a field that was not left yet, like everything else; whether the
        disk took it."""
        if self.picker is not None:
            self.picker.close()
        self.inspector.save_typed()
        return not self.session.unsaved_notes

    def closeEvent(self, event: QCloseEvent) -> None:
        self.keep_typed()
        self.session.save_notes()
        notes = self.session.unsaved_notes
        if notes and not dialogs.may_close(self, [*notes.values()]):
            event.ignore()
            return
        QSettings().setValue("window/size", self.size())
        self.suggesting.close()
        self.learning.close()
        self.files.close()
        self.apart.close()
        for dialog in self.findChildren(WorkDialog):
            dialog.give_up()
        self.session.rest()
        self.session.project.close()
        super().closeEvent(event)


def _standing(project: Project) -> str:
    """What a person should know of the file all the time, if there is anything."""
    if project.read_only:
        why = project.why or _("another window may be writing")
        return _("Open for reading only: {why}.").format(why=why)
    if project.set_aside is not None:
        return _(
            "This file was put in place of the one that was open here before. What that one had "
            "not taken in yet lies beside it: {name}."
        ).format(name=project.set_aside.name)
    return ""
