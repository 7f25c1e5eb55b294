"""Keys of one's own: conflicts are refused, the rest works at once, is shown and kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from core import scheme
from core.errors import GoldsmithError
from gui import keymap, keys, theme
from gui.commands import TABLE, Scope
from gui.dialogs import keys_html
from gui.keymap import KeyConflict, KeyMap
from gui.keys_dialog import KeysDialog
from tests.gui.hands import CTRL, SHIFT, Hands, Key
from tests.hostile import RUBBISH

TYPES = keys.type_keys(scheme.load("news"))


def test_a_changed_key_replaces_the_usual_one() -> None:
    own = KeyMap().changed("relate", ["Ctrl+R", "q"], TYPES)
    assert own.keys("relate") == ("Ctrl+R", "Q")
    assert own.on_canvas()["Q"] == "relate"
    assert "R" not in own.on_canvas()
    assert own.changed("relate", TABLE["relate"].keys, TYPES) == KeyMap()


@pytest.mark.parametrize(
    ("name", "key", "why"),
    [
        ("relate", "G", "Same entity"),
        ("relate", "Ctrl+Z", "Undo"),
        ("relate", "return", "Accept"),
        ("relate", "p", "PERSON"),
        ("undo", "U", "everywhere"),
        ("undo", "Shift+U", "everywhere"),
        ("undo", "Ctrl+C", "text field"),
        ("relate", "Ctrl+K, Ctrl+B", "no key"),
        ("relate", "nonsense", "no key"),
        ("relate", "", "no key"),
    ],
)
def test_conflicts_are_refused_with_their_reason(name: str, key: str, why: str) -> None:
    with pytest.raises(KeyConflict, match=why):
        KeyMap().changed(name, [key], TYPES)


def test_a_command_may_take_a_key_that_another_gave_up() -> None:
    own = KeyMap().changed("same_entity", [], TYPES).changed("relate", ["G"], TYPES)
    assert own.owner("g") == "relate"
    with pytest.raises(KeyConflict, match="Relate"):
        own.reset("same_entity", TYPES)


def test_keys_survive_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "keys.toml"
    own = KeyMap().changed("same_entity", ["q"], TYPES)
    own = own.changed("relate", ["G", "Ctrl+R"], TYPES)  # exchanged in part
    keymap.save(own, path)
    assert keymap.load(path, TYPES) == own
    assert keymap.load(tmp_path / "none.toml", TYPES) == KeyMap()


@pytest.mark.parametrize(
    "text",
    [
        "[keys]\nrelate = 'R'", "[keys]\nrelate = [1]", "keys = 3", "[keys", "\x00\xff",
        "[keys]\nrelate = ['Ctrl+Z']", "[keys]\nrelate = ['G']", "[keys]\nrelate = ['p']",
        "[keys]\nrelate = ['q']\nflip = ['q']", "x = '" + "y" * 70_000 + "'",
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(GoldsmithError, match="usual keys work"):
        keymap.load(path, TYPES)
    assert path.read_bytes() == text.encode("latin-1")


def test_a_command_of_another_version_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text("[keys]\nfuture = ['F9']\nrelate = ['q']", encoding="utf-8")
    assert keymap.load(path, TYPES).changes == {"relate": ("Q",)}


# -- in the window


@pytest.fixture
def dialog(hands: Hands) -> KeysDialog:
    hands.window.run("change_keys")
    found = hands.window.findChild(KeysDialog)
    assert found is not None
    return found


def test_change_a_key_with_the_keyboard_alone(hands: Hands, dialog: KeysDialog, tmp_path) -> None:
    hands.qtbot.keyClicks(dialog.field, "relate")
    dialog.choose("relate")
    hands.qtbot.keyClick(dialog.tree, Key.Key_Return)
    hands.qtbot.keyClicks(dialog.tree, "g")
    assert "Same entity" in dialog.said.text()  # refused, nothing changed
    assert hands.window.keymap.map == KeyMap()
    hands.qtbot.keyClick(dialog.tree, Key.Key_Return)
    hands.qtbot.keyClicks(dialog.tree, "q")
    dialog.close()
    assert hands.window.keymap.first("relate") == "Q"
    hands.canvas.setFocus()
    hands.press("r")
    assert hands.canvas.hints is None
    hands.press("q")
    assert hands.canvas.hints is not None
    # shown wherever keys are shown
    window = hands.window
    assert window._qactions["relate"].text() == "&Relate…\tQ"
    assert window.inspector.relate.toolTip().endswith("(Q)")
    assert "<b>Q</b>" in keys_html(window.session.project.scheme, window.keymap.map)
    assert (tmp_path / "settings" / "keys.toml").read_text(encoding="utf-8").count("Q") == 1


def test_escape_leaves_a_key_as_it_is(hands: Hands, dialog: KeysDialog) -> None:
    dialog.choose("undo")
    hands.qtbot.keyClick(dialog.tree, Key.Key_Return)
    hands.qtbot.keyClick(dialog.tree, Key.Key_Escape)
    assert dialog.isVisible()
    assert hands.window.keymap.map == KeyMap()


def test_a_shortcut_of_the_window_changes_too(hands: Hands, dialog: KeysDialog) -> None:
    dialog.choose("undo")
    dialog.wait()
    hands.qtbot.keyClick(dialog.tree, Key.Key_U, CTRL)
    dialog.close()
    with hands.qtbot.waitActive(hands.window):
        hands.window.activateWindow()
    hands.press("o")
    hands.qtbot.keyClick(hands.window, Key.Key_Z, CTRL)
    assert ("Syrian", "ORG") in hands.gold()
    hands.qtbot.keyClick(hands.window, Key.Key_U, CTRL)
    assert not hands.gold()


def test_no_key_usual_key_all_usual_keys(hands: Hands, dialog: KeysDialog) -> None:
    dialog.choose("relate")
    hands.qtbot.keyClick(dialog.tree, Key.Key_Delete)
    assert hands.window.keymap.map.keys("relate") == ()
    dialog.wait(adding=True)
    hands.qtbot.keyClick(dialog.tree, Key.Key_F9, SHIFT)
    assert hands.window.keymap.map.keys("relate") == ("Shift+F9",)
    dialog.reset()
    assert hands.window.keymap.map == KeyMap()
    dialog.choose("flip")
    dialog.clear_keys()
    dialog.reset_all()
    assert hands.window.keymap.map == KeyMap()


def test_the_legend_shows_the_keys_for_what_is_focused(hands: Hands) -> None:
    legend = hands.window.legend
    assert ("Enter", "accept") in legend.parts
    hands.press(Key.Key_Escape)
    assert not any(what == "accept" for _key, what in legend.parts)
    hands.press(Key.Key_Right, modifier=SHIFT)
    assert any(what == "pick type" for _key, what in legend.parts)
    hands.qtbot.keyClick(hands.window, Key.Key_K, CTRL)
    assert not legend.isVisible()
    hands.qtbot.keyClick(hands.window, Key.Key_K, CTRL)
    assert legend.isVisible()


def test_a_broken_file_of_keys_is_said_and_the_window_opens(hands: Hands, tmp_path) -> None:
    path = tmp_path / "settings" / "keys.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("nonsense", encoding="utf-8")
    hands.window.keymap.read()
    assert "usual keys work" in hands.window.statusBar().currentMessage()
    hands.press("o")
    assert ("Syrian", "ORG") in hands.gold()


@pytest.mark.parametrize("name", RUBBISH)
def test_no_file_of_keys_stops_the_window(hands: Hands, tmp_path, name: str) -> None:
    path = tmp_path / "settings" / "keys.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(RUBBISH[name])
    hands.window.keymap.read()
    said = hands.window.statusBar().currentMessage()
    assert len(said) < 600
    assert hands.window.keymap.map == KeyMap()
    hands.press("o")
    assert ("Syrian", "ORG") in hands.gold()
    assert path.read_bytes() == RUBBISH[name]  # a person may want to repair it


def test_every_command_of_the_text_can_be_shown_and_run(hands: Hands) -> None:
    for entry in TABLE.values():
        assert hands.window._qactions[entry.name].toolTip()
        if entry.scope is Scope.CANVAS and entry.keys:
            assert (
                hands.window._keys[
                    entry.keys[0] if len(entry.keys[0]) > 1 else entry.keys[0].upper()
                ]
                == entry.name
            )


# -- the keyboard reaches everything


def test_panes_in_a_ring(hands: Hands) -> None:
    window = hands.window
    seen = []
    for _ in range(4):
        hands.qtbot.keyClick(window.focusWidget(), Key.Key_F6)
        seen.append(window.focusWidget())
    inspector = window.inspector
    assert seen == [inspector.type, inspector.queue.list, window.articles.list, window.canvas]
    hands.qtbot.keyClick(window.canvas, Key.Key_F6, SHIFT)
    assert window.focusWidget() is window.articles.list


@pytest.mark.parametrize("dark", [False, True])
def test_a_list_shows_that_it_has_the_keyboard(hands: Hands, dark: bool) -> None:
    """By a frame that stands out from the ground, 3:1 at least (WCAG 2.2, 1.4.11 and 2.4.7)."""
    window = hands.window
    window.use_theme(dark)
    panel = (theme.DARK if dark else theme.LIGHT).panel
    for listed, steps in ((window.inspector.queue.list, 2), (window.articles.list, 3)):
        hands.canvas.setFocus()
        frames = []
        for away in (steps, 4 - steps):  # there, and on to the text
            for _ in range(away):
                hands.qtbot.keyClick(window.focusWidget(), Key.Key_F6)
            assert listed.hasFocus() == (not frames)
            image = listed.grab().toImage()
            middle = image.height() // 2
            frames.append([image.pixelColor(x, middle).name() for x in (0, image.width() - 1)])
        assert all(theme.contrast(color, panel) >= 3 for color in frames[0])
        assert frames[1] == [panel, panel]


def test_everything_that_takes_the_keyboard_has_a_name(hands: Hands) -> None:
    from PySide6.QtGui import QAccessible
    from PySide6.QtWidgets import QWidget

    nameless = []
    for widget in hands.window.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or isinstance(widget, QLabel):
            continue
        if widget.objectName().startswith("qt_") or not widget.isVisibleTo(hands.window):
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is not None and not interface.text(QAccessible.Text.Name):
            nameless.append(f"{type(widget).__name__} {widget.objectName()}")
    assert not nameless
