"""The themes: contrast on the whole palette, tints of any colour, fonts that come along."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from core import scheme
from gui import theme
from gui.app import application
from gui.canvas.metrics import Metrics
from gui.canvas.paint import Look
from gui.theme import DARK, LIGHT, Theme, contrast

BOTH = pytest.mark.parametrize("dress", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == pytest.approx(1)


@BOTH
def test_every_text_can_be_read_on_every_ground(dress: Theme) -> None:
    pairs = [
        *((dress.text, g) for g in (dress.page, dress.panel, dress.raised, dress.field)),
        *((dress.muted, g) for g in (dress.page, dress.panel, dress.raised, dress.field)),
        *((dress.accent, g) for g in (dress.page, dress.panel, dress.raised)),
        *((c, g) for c in (dress.yes, dress.no) for g in (dress.page, dress.panel, dress.raised)),
        (dress.text, dress.selection),
        (dress.on_accent, dress.accent),
    ]
    for ink, ground in pairs:
        assert contrast(ink, ground) >= theme.MIN_CONTRAST, (ink, ground)


@BOTH
@pytest.mark.parametrize("default", [True, False])
def test_a_button_that_does_nothing_now_looks_so(qtbot: QtBot, dress: Theme, default: bool) -> None:
    theme.apply(application(), dress)
    dialog = QDialog()
    qtbot.addWidget(dialog)
    button = QPushButton("Add", dialog)
    button.setDefault(default)
    dialog.show()

    def colors() -> tuple[str, str]:
        """Of the ground, and of what stands out of it most."""
        image = button.grab().toImage()
        ground = image.pixelColor(image.width() // 2, 4).name()
        inside = [
            image.pixelColor(x, y).name()
            for x in range(4, image.width() - 4)
            for y in range(4, image.height() - 4)
        ]
        return ground, max(inside, key=lambda ink: contrast(ink, ground))

    works = colors()
    button.setEnabled(False)
    rests = colors()
    assert works[0] != rests[0]
    assert contrast(*rests) >= 3
    assert contrast(*rests) < contrast(*works)
    if default:
        assert rests[0] != dress.accent


@given(st.integers(0, 0xFFFFFF), st.sampled_from([LIGHT, DARK]))
def test_a_tint_of_any_colour_can_be_read(color: int, dress: Theme) -> None:
    tint = dress.tint(f"#{color:06x}")
    assert contrast(dress.text, tint.fill) >= theme.MIN_CONTRAST
    assert contrast(tint.ink, tint.fill) >= theme.MIN_CONTRAST
    assert contrast(tint.ink, dress.page) >= theme.MIN_CONTRAST
    assert contrast(tint.line, dress.page) >= theme.MIN_CONTRAST_SHAPE


@BOTH
def test_unknown_colours_are_neutral(dress: Theme) -> None:
    for color in ("", "no such colour"):
        fill = dress.tint(color).fill
        assert fill[1:3] == fill[3:5] == fill[5:7]


@given(st.text(), st.sampled_from([LIGHT, DARK]))
def test_a_type_outside_the_scheme_can_be_read(name: str, dress: Theme) -> None:
    color = theme.color_of(name)
    tint = dress.tint(color)
    assert contrast(dress.text, tint.fill) >= theme.MIN_CONTRAST
    assert min(contrast(tint.ink, g) for g in (tint.fill, dress.page)) >= theme.MIN_CONTRAST
    assert contrast(tint.line, dress.page) >= theme.MIN_CONTRAST_SHAPE


# The types of CoNLL-2003, ACE 2005 and MUC that a file may bring along.
FOREIGN = ("PER", "ORG", "LOC", "MISC", "GPE", "FAC", "WEA", "VEH", "TIME", "PERCENT", "Unheard_of")


@BOTH
def test_a_type_outside_the_scheme_has_a_steady_colour_of_its_own(
    qapp: QApplication, dress: Theme
) -> None:
    """In every process: Python's own hash is another one each time."""
    assert (theme.color_of("PER"), theme.color_of("Unheard_of")) == ("#0886b0", "#545b00")
    looks = [Look(dress, loaded, Metrics(17)) for loaded in (None, scheme.load("news"))]
    news = {t.line for t in theme.tints(dress, scheme.load("news")).values()}
    mine = [name for name in FOREIGN if name not in scheme.load("news").entity_types]
    lines = {looks[1].tint(name).line for name in mine}
    assert len(lines) == len(mine)
    assert not lines & news
    for name in mine:
        assert looks[0].tint(name) == looks[1].tint(name) != dress.tint("")


@BOTH
@pytest.mark.parametrize("name", scheme.available())
def test_types_of_a_scheme_keep_apart(dress: Theme, name: str) -> None:
    """No two types that are likely side by side look the same (their lines, in either theme)."""
    loaded = scheme.load(name)
    tints = theme.tints(dress, loaded)
    assert set(tints) == set(loaded.entity_types)
    colored = [t for t, kind in loaded.entity_types.items() if kind.color]
    distinct = {loaded.entity_types[t].color for t in colored}
    assert len({tints[t].line for t in colored}) == len(distinct)


# What a person sees who lacks one kind of cone, in linear sRGB. Machado, Oliveira & Fernandes,
# "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1.
SIGHTS = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def seen(color: str, sight: str) -> tuple[float, float, float]:
    """A colour in OKLab, in hundredths, as it is seen."""
    c = QColor(color)
    light = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in c.getRgbF()[:3]]
    r, g, b = (
        min(1.0, max(0.0, sum(a * x for a, x in zip(row, light, strict=True))))
        for row in SIGHTS[sight]
    )
    gamma = [12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055 for x in (r, g, b)]
    light, chroma, hue = theme._to_oklch(QColor.fromRgbF(*gamma))
    return 100 * light, 100 * chroma * math.cos(hue), 100 * chroma * math.sin(hue)


@BOTH
@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(
    ("name", "often"),
    [
        ("news", ("PERSON", "ORG", "GPE", "LOC", "NORP")),
        ("re3d", ("Person", "Organisation", "Location", "Nationality", "Weapon")),
    ],
)
def test_types_keep_apart_for_colour_blind_readers(
    dress: Theme, sight: str, name: str, often: tuple[str, ...]
) -> None:
    """About 2 can be told apart side by side; with 13 types there is no room for much more."""
    tints = theme.tints(dress, scheme.load(name))
    for a, b in combinations(tints, 2):
        apart = math.dist(seen(tints[a].line, sight), seen(tints[b].line, sight))
        assert apart > (7.5 if a in often and b in often else 4.5), (a, b, apart)


def test_the_fonts_come_along(qapp: QApplication) -> None:
    families = theme.load_fonts()
    assert {"Inter", "Noto Serif", "Noto Naskh Arabic"} <= set(families)
    assert QFontInfo(theme.reading_font(17)).family() == "Noto Serif"
    assert QFontInfo(theme.ui_font(13, bold=True)).weight() >= 600
    systems = {
        QFontDatabase.WritingSystem.Cyrillic: "Noto Serif",
        QFontDatabase.WritingSystem.Greek: "Noto Serif",
        QFontDatabase.WritingSystem.Arabic: "Noto Naskh Arabic",
        QFontDatabase.WritingSystem.Hebrew: "Noto Sans Hebrew",
        QFontDatabase.WritingSystem.Devanagari: "Noto Sans Devanagari",
    }
    for system, family in systems.items():
        assert family in QFontDatabase.families(system)
    assert (theme.FONTS / "OFL.txt").is_file()


@BOTH
def test_dressing_the_application(qapp: QApplication, dress: Theme) -> None:
    before = qapp.palette(), qapp.styleSheet(), qapp.font(), qapp.style().objectName()
    try:
        theme.apply(qapp, dress)
        assert qapp.palette().color(QPalette.ColorRole.Window).name() == dress.panel
        assert dress.accent in qapp.styleSheet()
        assert QFontInfo(qapp.font()).family() == "Inter"
    finally:
        qapp.setStyle(before[3])
        qapp.setPalette(before[0])
        qapp.setStyleSheet(before[1])
        qapp.setFont(before[2])
