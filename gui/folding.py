"""The panels beside the text: they give way where the text would be squeezed, the inspector first,
and come back when there is room again. What a person folded stays folded, and what they dragged as
wide as it was, also the next time."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QSettings, Signal
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from gui.canvas.view import PageView

_NARROWEST, _WIDEST = 50, 5000  # px of a width that a person can have meant


class Folding(QObject):
    """Follows the width of a splitter, and what a person does to its panels.

    Args:
        panels: name to panel and its width; who is last gives way first.
        canvas: what lies between them.

    Signals:
        gave_way(str): a panel was folded for lack of room.
    """

    gave_way = Signal(str)

    def __init__(
        self, splitter: QSplitter, panels: Mapping[str, tuple[QWidget, int]], canvas: PageView
    ) -> None:
        super().__init__(splitter)
        self._splitter = splitter
        self._canvas = canvas
        self._panels = {name: panel for name, (panel, _width) in panels.items()}
        self._least = {name: width for name, (_panel, width) in panels.items()}
        # As a person dragged them. Where there is less room now, `fit` makes them narrower.
        self._widths = {name: _kept_width(name, least) for name, least in self._least.items()}
        self._own = {n for n in panels if QSettings().value(_setting(n), "") == "folded"}
        self._kept: set[str] = set()  # that a person opened where there is no room
        (self._between,) = {*range(splitter.count())} - {self._at(n) for n in panels}
        self._resize(self._widths)
        splitter.splitterMoved.connect(self._dragged)
        splitter.installEventFilter(self)
        canvas.size_changed.connect(self.fit)

    def is_open(self, name: str) -> bool:
        """Whether a panel is beside the text."""
        return not self._panels[name].isHidden() and self._splitter.sizes()[self._at(name)] > 0

    def toggle(self, name: str) -> None:
        """Fold a panel or bring it back, as a person wishes; it is remembered."""
        if self.is_open(name):
            self._choose(name, folded=True)
        else:
            self.open(name)
        self.fit()

    def open(self, name: str) -> None:
        """Bring a panel back, as a person wishes, also where there is no room for it."""
        if not self.is_open(name):
            self._choose(name, folded=False)
            self._kept.add(name)
            self.fit()

    def fit(self) -> None:
        """Fold what there is no room for, and bring back what there is room for again."""
        wanted = [n for n in self._panels if n not in self._own]
        room = self._splitter.width() - self._canvas.least_width()
        if sum(self._least[n] for n in wanted) <= room:
            self._kept.clear()
        opened, left = set(), room
        for name in sorted(wanted, key=lambda n: n not in self._kept):
            if name in self._kept or self._least[name] <= left:
                opened.add(name)
                left -= self._least[name]
        self._show(opened)
        now = {n: self._splitter.sizes()[self._at(n)] for n in opened}
        excess = sum(now.values()) - room
        if excess > 0 and any(now[n] > self._least[n] for n in opened):
            for name in reversed([n for n in self._panels if n in opened]):
                cut = min(excess, max(0, now[name] - self._least[name]))
                now[name], excess = now[name] - cut, excess - cut
            self._resize(self._widths | now)

    def _show(self, opened: set[str]) -> None:
        changed = [n for n in self._panels if self.is_open(n) != (n in opened)]
        if not changed:
            return
        here = QApplication.focusWidget()
        for name in changed:
            self._panels[name].setVisible(name in opened)
        self._resize(self._widths)
        if here is not None and not here.isVisible():
            self._canvas.setFocus()
        for name in changed:
            if name not in opened and name not in self._own:
                self.gave_way.emit(name)

    def _resize(self, widths: Mapping[str, int]) -> None:
        """Give every panel its width, and the rest to what is between."""
        sizes = [0] * self._splitter.count()
        for name, panel in self._panels.items():
            shut = panel.isHidden() or name in self._own
            sizes[self._at(name)] = 0 if shut else widths[name]
        sizes[self._between] = max(1, self._splitter.width() - sum(sizes))
        self._splitter.setSizes(sizes)

    def _at(self, name: str) -> int:
        return self._splitter.indexOf(self._panels[name])

    def _choose(self, name: str, *, folded: bool) -> None:
        self._own.discard(name)
        self._kept.discard(name)
        if folded:
            self._own.add(name)
        QSettings().setValue(_setting(name), "folded" if folded else "")

    def _dragged(self, _at: int, handle: int) -> None:
        """A person drags an edge: until it is shut, or open again."""
        for name, panel in self._panels.items():
            if self._at(name) not in (handle - 1, handle):
                continue  # what it is now is what there was room for, not a wish
            width = self._splitter.sizes()[self._at(name)]
            if width:
                self._widths[name] = width
                QSettings().setValue(_width_setting(name), width)
            if not panel.isHidden() and (not width) != (name in self._own):
                self._choose(name, folded=not width)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._splitter and event.type() == QEvent.Type.Resize:
            self.fit()
        return super().eventFilter(watched, event)


def _setting(name: str) -> str:
    return f"window/{name}"


def _width_setting(name: str) -> str:
    return f"window/{name}_width"


def _kept_width(name: str, usual: int) -> int:
    """The width that a person gave a panel; `usual` where there is none, or none that can be."""
    try:
        width = int(str(QSettings().value(_width_setting(name), usual)))
    except ValueError:
        return usual
    return width if _NARROWEST <= width <= _WIDEST else usual
