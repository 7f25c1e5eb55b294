"""The attributes of the focused thing, a row each, in the inspector."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QWidget

from core.annotation import Item
from core.i18n import _
from gui import choosing, plain
from gui.actions import Actions
from gui.canvas.metrics import display_name
from gui.drafts import of_attribute
from gui.panels.shrinking import Choices


class AttributeRows(QWidget):
    """A list of values, or a field where anything may stand; what is set is an edit at once.

    Attributes that the scheme does not have (imported ones) are shown and left as they are.
    """

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self._id = ""
        self._made: tuple[tuple[str, ...], ...] = ()
        self._fields: dict[str, QComboBox | QLineEdit | QLabel] = {}
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    @property
    def any(self) -> bool:
        """Whether there is a row at all."""
        return bool(self._fields)

    def field(self, name: str) -> QComboBox | QLineEdit | QLabel:
        """The widget of an attribute."""
        return self._fields[name]

    def show_item(self, item: Item) -> None:
        """Show the attributes that `item` has or may have."""
        self._id = item.id
        known = choosing.attributes_of(self._actions.session.project.scheme, item.type)
        names = {a.name for a in known}
        others = tuple(sorted(n for n in item.attributes if n not in names))
        wanted = (*((a.name, *a.values) for a in known), others)
        if wanted != self._made:
            self._made = wanted
            self._build(known, others)
        for name, field in self._fields.items():
            value = item.attributes.get(name)
            text = "" if value is None else str(value)
            with QSignalBlocker(field):
                if isinstance(field, QComboBox):
                    if field.findData(text) < 0:
                        field.addItem(text, text)  # what the scheme no longer admits
                    field.setCurrentIndex(field.findData(text))
                elif field.text().strip() != text:  # the cursor stays where one types
                    field.setText(text)

    def save_typed(self) -> None:
        """Save what stands in a field and was not left yet."""
        for name, field in [*self._fields.items()]:
            if isinstance(field, QLineEdit) and field.isModified():
                self._picked(name)

    def _build(self, known, others: tuple[str, ...]) -> None:
        self._fields = {}
        while self._form.rowCount():
            row = self._form.takeRow(0)
            # Not at once, as `removeRow` does: one of them may be why we are here.
            for part in (row.labelItem, row.fieldItem):
                if (widget := part.widget()) is not None:
                    widget.blockSignals(True)
                    widget.hide()
                    widget.deleteLater()
        for attribute in known:
            name = attribute.name
            field: QComboBox | QLineEdit | QLabel
            if attribute.values:
                field = Choices()
                field.addItem("–", "")
                for value in attribute.values:
                    field.addItem(value, value)
                field.activated.connect(lambda _row, name=name: self._picked(name))
            else:
                field = QLineEdit()
                field.textEdited.connect(lambda text, name=name: self._typed(name, text))
                field.editingFinished.connect(lambda name=name: self._picked(name))
            field.setAccessibleName(name)
            field.setToolTip(plain.tip(attribute.gloss) or _("An attribute of the scheme"))
            self._add(name, field)
        for name in others:
            label = QLabel()
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setToolTip(_("The scheme has no such attribute; it came with the article"))
            self._add(name, label)

    def _add(self, name: str, field: QComboBox | QLineEdit | QLabel) -> None:
        title = QLabel(display_name(name).capitalize())
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setBuddy(field)
        self._form.addRow(title, field)
        self._fields[name] = field

    def _typed(self, name: str, text: str) -> None:
        self._actions.session.typing(self._id, of_attribute(name), text)

    def _picked(self, name: str) -> None:
        item, field = self._actions.session.item(self._id), self._fields.get(name)
        if item is None or field is None or isinstance(field, QLabel):
            self._actions.session.drafts.forget(self._id, of_attribute(name))
            return
        if isinstance(field, QLineEdit):
            field.setModified(False)
        text = field.currentData() if isinstance(field, QComboBox) else field.text().strip()
        before = item.attributes.get(name)
        if text != ("" if before is None else str(before)):
            self._actions.set_attribute(item.id, name, text or choosing.NONE)
        else:
            self._actions.session.drafts.forget(item.id, of_attribute(name))
