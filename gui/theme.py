"""How everything looks: two themes, the tints of the entity types, and the fonts that are bundled.

A tint is derived from the one colour that a scheme gives a type, in OKLCH, where equal lightness
looks equal: so every type has the same weight on the page, and the contrast is the same for all.
OKLab: Bjorn Ottosson, "A perceptual color space for image processing", 2020.
"""

from __future__ import annotations

import functools
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLoggingCategory
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

if TYPE_CHECKING:
    from core.scheme import Scheme

_RESOURCES = Path(__file__).resolve().parent.parent / "resources"
FONTS, ICONS = _RESOURCES / "fonts", _RESOURCES / "icons"
# The families of resources/fonts first, so that a page looks the same everywhere; then what a
# system may have for the scripts that are not bundled.
READING_FAMILIES = (
    "Noto Serif",
    "Noto Naskh Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Serif CJK SC",
    "Noto Sans CJK SC",
    "Noto Color Emoji",
)
UI_FAMILIES = ("Inter", *READING_FAMILIES[1:])

MIN_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: text
MIN_CONTRAST_SHAPE = 3.0  # WCAG 2.2, 1.4.11: shapes that carry meaning

# Types that a scheme leaves without a colour get one of these, by their place in the scheme:
# Okabe & Ito's palette, "Color Universal Design", 2008, which colour-blind readers can tell apart.
FALLBACK_COLORS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#b8a900",
    "#7a5195",
)
_HUES, _LIGHTS = 72, (0.45, 0.58, 0.71)  # of colours that are made from names


@dataclass(frozen=True, slots=True)
class Tint:
    """The colours of one type in one theme, each ``#rrggbb``.

    Attributes:
        fill: behind the text of gold.
        line: underlines and outlines; at least 3:1 on the page.
        ink: the type's name; at least 4.5:1 on the page and on `fill`.
    """

    fill: str
    line: str
    ink: str


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of the window, each ``#rrggbb``; nothing depends on the system's palette.

    Attributes:
        page, text: the reading canvas.
        muted: secondary text; at least 4.5:1 on `page` and `panel`.
        edge: hairlines between things.
        panel, raised, field: the window, what lies above it (buttons, cards), what is typed into.
        accent: the focused thing; `on_accent`: text on it.
        selection: behind selected text.
        yes, no: the marks of accepting and rejecting.
    """

    name: str
    dark: bool
    page: str
    text: str
    muted: str
    edge: str
    panel: str
    raised: str
    field: str
    accent: str
    on_accent: str
    selection: str
    yes: str
    no: str

    def tint(self, color: str) -> Tint:
        """The tint of a type whose scheme colour is `color`, as Qt reads colours; "" is neutral."""
        return _tint(self, color)


LIGHT = Theme(
    name="light",
    dark=False,
    page="#fdfcfa",
    text="#22252a",
    muted="#646970",
    edge="#dfdcd6",
    panel="#f3f1ed",
    raised="#fbfaf7",
    field="#ffffff",
    accent="#1c63c4",
    on_accent="#ffffff",
    selection="#c9dcf7",
    yes="#1c7544",
    no="#b3372f",
)
DARK = Theme(
    name="dark",
    dark=True,
    page="#1c1e22",
    text="#e3e2de",
    muted="#9fa3aa",
    edge="#363a41",
    panel="#24272c",
    raised="#2d3137",
    field="#191b1f",
    accent="#7db1ff",
    on_accent="#0e1a2b",
    selection="#2f4a70",
    yes="#6cc792",
    no="#f08a80",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


@functools.cache
def qcolor(color: str, alpha: float = 1.0) -> QColor:
    """The QColor of ``#rrggbb``, shared: do not change it."""
    result = QColor(color)
    result.setAlphaF(alpha)
    return result


def tints(theme: Theme, scheme: Scheme) -> dict[str, Tint]:
    """The tint of every entity type of `scheme`, by its name."""
    return {
        name: theme.tint(type.color or FALLBACK_COLORS[i % len(FALLBACK_COLORS)])
        for i, (name, type) in enumerate(scheme.entity_types.items())
    }


@functools.lru_cache(maxsize=512)
def color_of(name: str) -> str:
    """A colour, ``#rrggbb``, for a type that the scheme does not have: always the same for its
    name, and hardly ever that of another."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    rest, hue = divmod(int.from_bytes(digest, "big"), _HUES)
    light = _LIGHTS[rest % len(_LIGHTS)]
    return _from_oklch(light, 0.13, math.tau * hue / _HUES)


def contrast(a: str, b: str) -> float:
    """The contrast ratio of two colours, 1..21 (WCAG 2.2, "contrast ratio")."""
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@functools.lru_cache(maxsize=512)
def _tint(theme: Theme, color: str) -> Tint:
    parsed = QColor(color)
    light, chroma, hue = _to_oklch(parsed if parsed.isValid() else QColor("#808080"))
    # Some of the colour's own lightness is kept: it is half of what a colour-blind reader sees.
    own = min(1.0, max(0.0, (light - 0.4) / 0.35))
    if theme.dark:
        fill = _from_oklch(0.355, min(chroma, 0.062), hue)
        line = _until(
            theme, (theme.page,), MIN_CONTRAST_SHAPE, 0.53 + 0.32 * own, min(chroma, 0.14), hue
        )
        ink = _until(
            theme, (theme.page, fill), MIN_CONTRAST, 0.76 + 0.12 * own, min(chroma, 0.095), hue
        )
    else:
        fill = _from_oklch(0.925, min(chroma, 0.048), hue)
        line = _until(
            theme, (theme.page,), MIN_CONTRAST_SHAPE, 0.4 + 0.27 * own, min(chroma, 0.15), hue
        )
        ink = _until(
            theme, (theme.page, fill), MIN_CONTRAST, 0.38 + 0.11 * own, min(chroma, 0.12), hue
        )
    return Tint(fill, line, ink)


def _until(
    theme: Theme, grounds: tuple[str, ...], wanted: float, light: float, chroma: float, hue: float
) -> str:
    """The colour nearest to `light` that has the wanted contrast on all `grounds`."""
    step = 0.01 if theme.dark else -0.01
    color = _from_oklch(light, chroma, hue)
    while min(contrast(color, g) for g in grounds) < wanted and 0.0 < light < 1.0:
        light += step
        color = _from_oklch(light, chroma, hue)
    return color


def _luminance(color: str) -> float:
    c = qcolor(color)
    r, g, b = (_linear(x) for x in (c.redF(), c.greenF(), c.blueF()))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _linear(x: float) -> float:
    return x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4


def _gamma(x: float) -> float:
    return 12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055


def _to_oklch(color: QColor) -> tuple[float, float, float]:
    r, g, b = (_linear(x) for x in (color.redF(), color.greenF(), color.blueF()))
    l_ = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    m_ = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    s_ = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    light = 0.2104542553 * l_ + 0.7936177850 * m_ - 0.0040720468 * s_
    a = 1.9779984951 * l_ - 2.4285922050 * m_ + 0.4505937099 * s_
    b = 0.0259040371 * l_ + 0.7827717662 * m_ - 0.8086757660 * s_
    return light, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(light: float, chroma: float, hue: float) -> str:
    """``#rrggbb``; chroma that sRGB can't show at this lightness is taken back, hue is kept."""
    while True:
        a, b = chroma * math.cos(hue), chroma * math.sin(hue)
        l_ = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
        m_ = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
        s_ = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
        rgb = (
            4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
            -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
            -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
        )
        if all(-0.001 <= x <= 1.001 for x in rgb) or chroma < 0.005:
            return QColor.fromRgbF(*(min(1.0, max(0.0, _gamma(max(x, 0.0)))) for x in rgb)).name()
        chroma -= 0.004


@functools.cache
def load_fonts() -> tuple[str, ...]:
    """Make the bundled fonts known to Qt, once; needs a QGuiApplication. Returns their families."""
    # Qt warns of each listed family that lacks a script, which is what the next one is listed for
    QLoggingCategory.setFilterRules("qt.text.font.db.warning=false")
    families: list[str] = []
    for path in sorted(FONTS.glob("*.[ot]tf")):
        families += QFontDatabase.applicationFontFamilies(
            QFontDatabase.addApplicationFont(str(path))
        )
    return tuple(families)


def reading_font(pixels: float) -> QFont:
    """The serif that articles are read in."""
    return _font(READING_FAMILIES, pixels)


def ui_font(pixels: float, bold: bool = False) -> QFont:
    """The sans of labels, cards and panels."""
    font = _font(UI_FAMILIES, pixels)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def _font(families: tuple[str, ...], pixels: float) -> QFont:
    font = QFont()
    font.setFamilies(list(families))
    font.setPixelSize(max(1, round(pixels)))
    # Unhinted advances: lines break at the same words whatever the zoom and the screen
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole application: style, palette, font and a small stylesheet."""
    load_fonts()
    style = QStyleFactory.create("Fusion")
    if style is not None:
        app.setStyle(style)
    app.setPalette(palette(theme))
    app.setFont(ui_font(13))
    app.setStyleSheet(_stylesheet(theme))


def palette(theme: Theme) -> QPalette:
    """The Qt palette of a theme, for widgets that the stylesheet does not name."""
    role = QPalette.ColorRole
    result = QPalette()
    for where, color in {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.no,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Highlight: theme.selection,
        role.HighlightedText: theme.text,
        role.Accent: theme.accent,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Light: theme.raised,
        role.Midlight: theme.raised,
        role.Mid: theme.edge,
        role.Dark: theme.edge,
        role.Shadow: theme.edge,
    }.items():
        result.setColor(where, QColor(color))
    off = QPalette.ColorGroup.Disabled
    for where in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(off, where, QColor(theme.muted))
    return result


def _stylesheet(t: Theme) -> str:
    return f"""
QMainWindow::separator {{ background: {t.edge}; width: 1px; height: 1px; }}
QSplitter::handle {{ background: {t.edge}; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.edge};
    padding: 4px 6px; }}
QMenuBar {{ background: {t.panel}; }}
QMenuBar::item {{ padding: 4px 9px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected, QMenu::item:selected {{ background: {t.selection}; color: {t.text}; }}
QMenu {{ background: {t.raised}; border: 1px solid {t.edge}; padding: 4px; }}
QMenu::item {{ padding: 5px 22px 5px 12px; border-radius: 4px; }}
QMenu::item:disabled {{ color: {t.muted}; }}
QMenu::separator {{ height: 1px; background: {t.edge}; margin: 4px 8px; }}
QStatusBar {{ background: {t.panel}; border-top: 1px solid {t.edge}; color: {t.muted}; }}
QStatusBar::item {{ border: 0; }}
QToolBar {{ background: {t.panel}; border: 0; border-bottom: 1px solid {t.edge}; spacing: 4px; }}
QListView, QTreeView, QTableView, QTextBrowser {{ background: {t.panel}; outline: 0;
    border: 2px solid {t.panel}; border-radius: 4px; }}
QListView:focus, QTreeView:focus, QTableView:focus, QTextBrowser:focus {{
    border-color: {t.accent}; }}
QListView::item, QTreeView::item {{ padding: 5px 8px; border-radius: 4px; color: {t.text}; }}
QListView::item:hover, QTreeView::item:hover {{ background: {t.raised}; }}
QListView::item:selected, QTreeView::item:selected {{ background: {t.selection}; }}
QHeaderView::section {{ background: {t.panel}; border: 0; border-bottom: 1px solid {t.edge};
    padding: 4px 8px; color: {t.muted}; }}
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox {{ background: {t.field};
    border: 1px solid {t.edge}; border-radius: 5px; padding: 4px 7px;
    selection-background-color: {t.selection}; selection-color: {t.text}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus {{
    border-color: {t.accent}; }}
QComboBox::drop-down {{ border: 0; width: 20px; }}
QComboBox::down-arrow {{ image: url("{ICONS.as_posix()}/chevron-{t.name}.svg"); width: 12px;
    height: 12px; }}
QSpinBox QLineEdit {{ border: 0; padding: 0 7px; background: transparent; }}
QSpinBox::up-button, QSpinBox::down-button {{ border: 0; width: 0; }}
QCheckBox::indicator, QGroupBox::indicator, QTableView::indicator {{ width: 14px; height: 14px;
    border: 1px solid {t.muted}; border-radius: 3px; background: {t.field}; }}
QCheckBox::indicator:checked, QGroupBox::indicator:checked, QTableView::indicator:checked {{
    border-color: {t.accent}; background: {t.accent};
    image: url("{ICONS.as_posix()}/check-{t.name}.svg"); }}
QCheckBox::indicator:disabled, QGroupBox::indicator:disabled {{ border-color: {t.edge}; }}
QCheckBox:focus, QGroupBox:focus {{ color: {t.accent}; }}
QPushButton {{ background: {t.raised}; border: 1px solid {t.edge}; border-radius: 5px;
    padding: 5px 12px; }}
QPushButton:hover, QPushButton:focus {{ border-color: {t.accent}; }}
QPushButton:default {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; }}
QPushButton:disabled, QPushButton:default:disabled {{ background: {t.panel}; color: {t.muted};
    border-color: {t.edge}; }}
QProgressBar {{ background: {t.edge}; border: 0; border-radius: 3px; max-height: 6px;
    min-height: 6px; text-align: center; color: transparent; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
QScrollBar {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ width: 11px; }}
QScrollBar:horizontal {{ height: 11px; }}
QScrollBar::handle {{ background: {t.edge}; border-radius: 3px; margin: 2px; min-height: 28px;
    min-width: 28px; }}
QScrollBar::handle:hover {{ background: {t.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
#heading {{ font-weight: bold; }}
#hint {{ color: {t.muted}; }}
#focusedText {{ font-size: 15px; }}
#banner {{ background: {t.raised}; border-bottom: 1px solid {t.edge}; padding: 6px 12px; }}
#picker {{ background: {t.raised}; border: 1px solid {t.edge}; }}
#picker QListView {{ background: {t.raised}; border: 0; }}
#picker QListView::item {{ padding: 3px 8px; }}
#queue::item {{ padding: 2px 6px; }}
"""
