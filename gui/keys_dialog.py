"""The dialog in which a person gives commands other keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.i18n import _
from gui.commands import TABLE, Menu, Scope
from gui.keymap import KeyConflict, KeyMap, Keys
from gui.keys import key_name

_NAME = Qt.ItemDataRole.UserRole


class KeysDialog(QDialog):
    """Every command with its keys; Enter on one waits for the key that is to be its own.

    What is changed works at once and is kept; a key that is taken is refused, with the reason.
    """

    def __init__(self, parent: QWidget, keys: Keys) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("change_keys")
        self.setWindowTitle(_("Change keys"))
        self.resize(720, 640)
        self._keys = keys
        self._waiting = ""
        self._adding = False
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Type a part of a command or a key"))
        self.field.setAccessibleName(_("Filter commands"))
        self.field.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(_("Commands and keys"))
        self.tree.setHeaderLabels([_("Command"), _("Keys"), _("Works")])
        self.tree.setUniformRowHeights(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(12)
        self.tree.installEventFilter(self)
        self.tree.itemDoubleClicked.connect(lambda _item, _column: self.wait())
        self.tree.currentItemChanged.connect(lambda _now, _before: self._stop_waiting())
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setMinimumHeight(self.said.fontMetrics().height() * 2 + 4)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        for title, then in (
            (_("C&hange…"), self.wait),
            (_("&Add a key…"), lambda: self.wait(adding=True)),
            (_("&No key"), self.clear_keys),
            (_("&Usual key"), self.reset),
            (_("A&ll usual keys"), self.reset_all),
        ):
            button = QPushButton(title)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, then=then: then())
            buttons.addWidget(button)
        buttons.addStretch(1)
        close = QPushButton(_("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        for widget in (self.field, self.tree, self.said):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self._fill()
        self._say_how()
        self.tree.setFocus()

    # -- the list

    def _fill(self) -> None:
        chosen = self.chosen
        self.tree.clear()
        for menu in Menu:
            head = QTreeWidgetItem([menu.heading])
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.tree.addTopLevelItem(head)
            for entry in TABLE.values():
                if entry.menu is not menu:
                    continue
                everywhere = entry.scope is Scope.WINDOW
                where = _("everywhere") if everywhere else _("on the text")
                item = QTreeWidgetItem([entry.shown_title, "", where])
                item.setData(0, _NAME, entry.name)
                item.setToolTip(0, _(entry.help))
                head.addChild(item)
                self._show_keys(item)
                if entry.name == chosen or (not chosen and self.tree.currentItem() is None):
                    self.tree.setCurrentItem(item)
            head.setExpanded(True)
        header = self.tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        header.resizeSection(1, 190)

    def _show_keys(self, item: QTreeWidgetItem) -> None:
        name = item.data(0, _NAME)
        item.setText(1, "  ".join(self._keys.map.keys(name)) or "–")
        font = item.font(1)
        font.setBold(name in self._keys.map.changes)
        item.setFont(1, font)

    def _items(self) -> list[QTreeWidgetItem]:
        return [item for head in self._heads() for item in _children(head)]

    def _heads(self) -> list[QTreeWidgetItem]:
        heads = [self.tree.topLevelItem(n) for n in range(self.tree.topLevelItemCount())]
        return [head for head in heads if head is not None]

    @property
    def chosen(self) -> str:
        """The command that the keyboard is at, empty if none."""
        item = self.tree.currentItem()
        return (item.data(0, _NAME) or "") if item is not None else ""

    def choose(self, name: str) -> None:
        """Go to a command."""
        for item in self._items():
            if item.data(0, _NAME) == name:
                self.tree.setCurrentItem(item)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for item in self._items():
            shown = f"{item.text(0)} {item.text(1)}".casefold()
            item.setHidden(not all(word in shown for word in words))
        for head in self._heads():
            head.setHidden(all(item.isHidden() for item in _children(head)))

    # -- changing

    def wait(self, adding: bool = False) -> None:
        """Take the next key press as the key of the chosen command."""
        if not self.chosen:
            return
        self._waiting, self._adding = self.chosen, adding
        title = TABLE[self._waiting].shown_title
        self.said.setText(
            _("Press the key for “{title}”. Esc leaves it as it is.").format(title=title)
        )
        self.tree.setFocus()
        self.tree.grabKeyboard()  # Alt, Tab and shortcuts too are what is asked for

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting = ""
            self.tree.releaseKeyboard()
            self._say_how()

    def _say_how(self) -> None:
        self.said.setText(_("Enter changes the key of a command. Bold ones were changed."))

    def clear_keys(self) -> None:
        """Take its keys from the chosen command; menu and palette still have it."""
        if self.chosen:
            self._try(self.chosen, lambda: self._keys.map.changed(self.chosen, (), {}))

    def reset(self) -> None:
        """Give the chosen command its usual keys."""
        if self.chosen:
            self._try(self.chosen, lambda: self._keys.map.reset(self.chosen, self._keys.types))

    def reset_all(self) -> None:
        """Give all commands their usual keys."""
        self._keys.use(KeyMap())
        self._fill()
        self.said.setText(_("All commands have their usual keys."))

    def _take(self, event: QKeyEvent) -> None:
        key, name = key_name(event), self._waiting
        if not key:
            return  # a modifier alone: the key is still to come
        adding = self._adding
        self._stop_waiting()
        if key == "Esc":
            return
        before = self._keys.map.keys(name) if adding else ()
        self._try(name, lambda: self._keys.map.changed(name, (*before, key), self._keys.types))

    def _try(self, name: str, change) -> None:
        try:
            keymap = change()
        except KeyConflict as error:
            self.said.setText(str(error))
            return
        self._keys.use(keymap)
        for item in self._items():
            self._show_keys(item)
        shown = "  ".join(keymap.keys(name)) or _("no key")
        self.said.setText(f"{TABLE[name].shown_title}: {shown}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.tree:
            if self._waiting and event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                if self._waiting:
                    self._take(event)
                    return True
                if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
                    self.wait()
                    return True
                if event.key() == Qt.Key.Key_Delete:
                    self.clear_keys()
                    return True
        return super().eventFilter(watched, event)

    def done(self, result: int) -> None:
        self._stop_waiting()
        super().done(result)


def _children(head: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [item for n in range(head.childCount()) if (item := head.child(n)) is not None]
