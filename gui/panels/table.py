"""A list of rows, for what a list view is too slow for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QTableView


class Rows(QTableView):
    """A list of rows. A QListView lays all of them out again after each edit, which takes 12 ms
    with 3,000; a table of one column does not (1.4 ms)."""

    def settle(self) -> None:
        """Lay out what was changed now, so that it is painted once and not again afterwards."""
        self.executeDelayedItemsLayout()

    def moveCursor(
        self, action: QTableView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home and End lead to the first and the last row, as in a list: a table has columns."""
        last = self.model().rowCount() - 1
        if last >= 0 and action == QTableView.CursorAction.MoveHome:
            return self.model().index(0, 0)
        if last >= 0 and action == QTableView.CursorAction.MoveEnd:
            return self.model().index(last, 0)
        return super().moveCursor(action, modifiers)
