"""The line of keys below the text: what the next key would do, for what is focused now."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.annotation import Suggestion
from core.i18n import _, ngettext
from gui.actions import Actions
from gui.steps import is_relation
from gui.theme import qcolor

# Commands by what is focused, with the word that the line has room for.
_ON_SUGGESTION = (("accept", "accept"), ("reject", "reject"), ("next_suggestion", "next"))
_ON_GOLD = (("reject", "delete"), ("next_suggestion", "next"))
_ON_MENTION = (("label", "type"), ("relate", "relate"), ("same_entity", "same entity"))
_BOUNDS = (("start_left", "start"), ("end_right", "end"))
_ON_RELATION = (("flip", "flip"), ("label", "relation"))
_ON_SELECTION = (("label", "pick type"), ("hold_selection", "further part"), ("leave", "leave"))
_ON_NOTHING = (
    ("next_suggestion", "next suggestion"),
    ("select_right", "select"),
    ("article_done", "article done"),
)
_ALWAYS = (("palette", "commands"), ("keys", "all keys"))
_MARGIN, _GAP = 14, 16
_ARROWS = {"Right": "→", "Left": "←", "Up": "↑", "Down": "↓", "Return": "Enter"}


class Legend(QWidget):
    """Painted, not built of widgets: it changes with every move of the caret."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self._parts: list[tuple[str, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.fontMetrics().height() + 12)
        self.setAccessibleName(_("Keys"))
        actions.keymap.changed.connect(self.follow)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """What is shown: key and what it does."""
        return self._parts

    def follow(self) -> None:
        """Show the keys for what is focused or selected now."""
        parts = [(_keys(self._actions, name), _(word)) for name, word in self._wanted()]
        parts = [part for part in parts if part[0]]
        if self._actions.canvas.hints is not None:
            parts.insert(0, (_("A S D …"), _("the letters on the target")))
        types = self._types()
        if types:
            parts.insert(min(len(parts), 3 if self._actions.focused else 0), (types, _("label")))
        if n := self._actions.canvas.held_parts:
            says = ngettext("{n} part held, now the next", "{n} parts held, now the next", n)
            parts.insert(0, (_keys(self._actions, "select_right"), says.format(n=n)))
        if parts != self._parts:
            self._parts = parts
            self.setAccessibleDescription(", ".join(f"{key}: {what}" for key, what in parts))
            self.update()

    def _wanted(self) -> tuple[tuple[str, str], ...]:
        actions, item = self._actions, self._actions.focused
        if actions.session.document is None:
            return (("add_articles", "add articles"), ("open_project", "open"), *_ALWAYS)
        if actions.canvas.hints is not None:
            return (("leave", "leave the letters"), *_ALWAYS)
        if actions.canvas.selection:
            found: tuple[tuple[str, str], ...] = _ON_SELECTION
            if actions.canvas.held_parts:  # a further one is what comes now
                found = tuple(entry for entry in found if entry[0] != "hold_selection")
            return (*found, *_ALWAYS)
        if item is None:
            return (*_ON_NOTHING, *_ALWAYS)
        first = _ON_SUGGESTION if isinstance(item, Suggestion) else _ON_GOLD
        then = _ON_RELATION if is_relation(item) else (*_ON_MENTION, *_BOUNDS)
        return (*first, *then, *_ALWAYS)

    def _types(self) -> str:
        """The keys of the first few types, where a type's key would label something."""
        actions = self._actions
        item = actions.focused
        if actions.canvas.hints is not None:  # a letter is one of those on the targets
            return ""
        if not actions.canvas.selection and item is not None and is_relation(item):
            relations = actions.session.project.scheme.relation_types.values()
            return " ".join([r.key.upper() for r in relations if r.key][:4]) + " …"
        if not actions.canvas.selection and item is None:
            return ""
        kinds = actions.session.project.scheme.entity_types.values()
        return " ".join([k.keys[-1].upper() for k in kinds if k.keys][:4]) + " …"

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._actions.canvas.look.theme
        bold = self.font()
        bold.setBold(True)
        keys, words = QFontMetrics(bold), self.fontMetrics()
        with QPainter(self) as p:
            p.fillRect(self.rect(), qcolor(theme.page))
            p.setPen(qcolor(theme.edge))
            p.drawLine(0, 0, self.width(), 0)
            baseline = (self.height() + words.ascent() - words.descent()) // 2

            def width(part: tuple[str, str]) -> int:
                return keys.horizontalAdvance(part[0]) + 5 + words.horizontalAdvance(part[1])

            def draw(x: int, part: tuple[str, str]) -> None:
                p.setFont(bold)
                p.setPen(qcolor(theme.text))
                p.drawText(x, baseline, part[0])
                p.setFont(self.font())
                p.setPen(qcolor(theme.muted))
                p.drawText(x + keys.horizontalAdvance(part[0]) + 5, baseline, part[1])

            right = self.width() - _MARGIN
            last = self._parts[-len(_ALWAYS) :]
            for part in reversed(last):
                right -= width(part)
                draw(right, part)
                right -= _GAP
            x = _MARGIN
            for part in self._parts[: -len(_ALWAYS)]:
                if x + width(part) > right:
                    break
                draw(x, part)
                x += width(part) + _GAP

    def changeEvent(self, event) -> None:
        super().changeEvent(event)
        self.setFixedHeight(self.fontMetrics().height() + 12)


def _keys(actions: Actions, name: str) -> str:
    key = actions.keymap.first(name)
    pairs = {"start_left": "start_right", "end_right": "end_left"}
    if name in pairs:
        other = actions.keymap.first(pairs[name])
        key = " ".join(sorted((key, other)))
    if name == "select_right":
        key = key.replace("Right", "←→")
    return "+".join(_ARROWS.get(part, part) for part in key.split("+")) if key != "+" else key
