"""The caret and the selected text, of any number of fragments; knows nothing of Qt."""

from __future__ import annotations

from typing import Literal, TypeAlias

from core.annotation import Fragment, Fragments, fragments
from gui.canvas.text import ArticleText

Unit: TypeAlias = Literal["token", "char", "line", "line_edge", "sentence", "paragraph", "document"]


class Selection:
    """Where the caret is and what is selected, in code points.

    The active range runs from `anchor` to `caret`; `held` fragments were selected before and stay,
    which is how a discontinuous mention is made.
    """

    def __init__(self, text: ArticleText) -> None:
        self.text = text
        self.caret = 0
        self.anchor = 0
        self.held: list[Fragment] = []
        self._holding = False

    @property
    def fragments(self) -> Fragments:
        """The selected text, sorted, without white space at the edges; () if there is none."""
        return fragments([*self.held, *self.active])

    @property
    def active(self) -> Fragments:
        """The range that is being selected, if it holds anything but white space."""
        start, end = sorted((self.anchor, self.caret))
        text = self.text.text
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        return (Fragment(start, end),) if start < end else ()

    @property
    def awaited(self) -> bool:
        """Whether parts are held and the next one is not selected yet."""
        return self._holding

    def place(self, offset: int, extend: bool = False) -> None:
        """Put the caret at `offset`; without `extend` the selection is gone, but for what is held
        while another fragment is looked for."""
        self.caret = offset
        if extend:
            self._holding = False
            return
        self.anchor = offset
        if not self._holding:
            self.held.clear()

    def clear(self) -> None:
        self._holding = False
        self.place(self.caret)

    def set(self, parts: Fragments) -> None:
        """Select these fragments; the last one is active."""
        self.held = list(parts[:-1])
        self._holding = False
        if parts:
            self.anchor, self.caret = parts[-1]
        else:
            self.anchor = self.caret

    def hold(self) -> bool:
        """Keep the active range as a fragment and start another. False if nothing is selected."""
        active = self.active
        self.held += active
        self.anchor = self.caret
        self._holding = bool(self.held)
        return bool(active)

    def drag(self, pressed: tuple[int, int], at: tuple[int, int], snap: bool) -> None:
        """Select from one place to another, each the range of a character or an empty one."""
        self._holding = False
        start, end = min(pressed[0], at[0]), max(pressed[1], at[1])
        if snap:
            start, end = self.text.snapped(start, end)
        else:
            start, end = self.text.to_grapheme(start), self._grapheme_end(end)
        forwards = at[1] >= pressed[1]
        self.anchor, self.caret = (start, end) if forwards else (end, start)

    def _grapheme_end(self, offset: int) -> int:
        return (
            offset
            if self.text.to_grapheme(offset) == offset
            else self.text.next_stop(self.text.to_grapheme(offset), "char")
        )

    def move(self, unit: Unit, direction: int, extend: bool) -> None:
        """Move the caret by one unit of text (lines are the layout's business).

        Extending selects whole units: it goes to ends after the anchor and to starts before it.
        """
        text = self.text
        if not extend:
            active = self.active
            if unit in ("token", "char") and active:
                # an arrow key leaves a selection at the side that it points to
                self.place(active[0].end if direction > 0 else active[0].start)
                if unit == "char" or direction < 0:
                    return
                if text.token_at(self.caret) is not None:
                    return
            step = text.next_stop if direction > 0 else text.previous_stop
            self.place(step(self.caret, unit))
            return
        self._holding = False
        if unit in ("char", "document"):
            step = text.next_stop if direction > 0 else text.previous_stop
            self.caret = step(self.caret, unit)
        elif direction > 0:
            if self.caret < self.anchor:  # giving back what was taken on the left
                self.caret = min(text.next_stop(self.caret, unit), self.anchor)
            else:
                self.caret = text.next_stop(self.caret, unit, at_end=True)
        elif self.caret > self.anchor:  # giving back what was taken on the right
            self.caret = max(text.previous_stop(self.caret, unit, at_end=True), self.anchor)
        else:
            self.caret = text.previous_stop(self.caret, unit)
