"""Several suggesters together, ticked in a list."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QInputDialog, QListWidget

from tests.gui.hands import Hands, Key


def test_those_that_are_ticked_suggest_together(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getItem", lambda _p, _t, _l, items, *_: (items[-2], True))

    def tick() -> None:
        (dialog,) = (
            w for w in QApplication.topLevelWidgets()
            if isinstance(w, QDialog) and w.objectName() == "several" and w.isVisible()
        )  # fmt: skip
        names = dialog.findChild(QListWidget)
        assert names.item(0).checkState() is Qt.CheckState.Checked  # the one that is used now
        names.setFocus()
        names.setCurrentRow(1)
        hands.qtbot.keyClick(names, Key.Key_Space)
        ok = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
        hands.qtbot.mouseClick(ok, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, tick)
    hands.window.run("choose_suggester")
    assert hands.window.session.project.setting("suggester") == "goldsmith+rules"
    assert hands.window.suggesting.worker.suggester == "goldsmith+rules"
