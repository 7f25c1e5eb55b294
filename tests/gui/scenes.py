"""The small scenes of the golden images: ``python -m tests.gui.scenes FOLDER`` draws them all.

In a process of its own, so that nothing of this machine gets into the picture: no screen, no
fonts but those that come along, no settings of fontconfig, Qt or FreeType.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from gui.canvas import Canvas, picture
from gui.theme import DARK, LIGHT, Theme
from tests.gui.conftest import NEWS, Draft

ROOT = Path(__file__).resolve().parents[2]
SCENES: dict[str, Callable[[], QImage]] = {}
TALKS = "Syria's intelligence chief Ali Mamluk held talks in Cairo on Monday, SANA said."


def scene(paint: Callable[[], QImage]) -> Callable[[], QImage]:
    """Keep a function that draws one scene; its name is the image's."""
    SCENES[paint.__name__] = paint
    return paint


def seen(
    draft: Draft,
    width: int,
    height: int,
    *,
    focus: str = "",
    theme: Theme = LIGHT,
    scale: float = 1.0,
    do: Callable[[Canvas], object] | None = None,
) -> QImage:
    """What a canvas of this size shows of `draft`."""
    canvas = Canvas()
    canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # no caret that blinks
    canvas.set_theme(theme)
    canvas.resize(width + canvas.width() - canvas.viewport().width(), height)
    canvas.set_document(draft.document, NEWS)
    canvas.show()
    canvas.set_focused(focus, reveal=False)
    if do is not None:
        do(canvas)
    QApplication.processEvents()
    size = QSize(canvas.viewport().size())
    image = QImage(size * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    with QPainter(image) as p:
        picture.paint(canvas, p, canvas.viewport().rect(), canvas.view, True)
    return image


# -- mentions


@scene
def plain() -> QImage:
    """Gold beside suggestions, and a type that the scheme does not have."""
    draft = Draft(TALKS)
    draft.gold("Ali Mamluk")
    draft.suggested("Cairo", "GPE")
    draft.gold("Monday", "DATE")
    draft.suggested("SANA", "ORG")
    draft.gold("talks", "Unheard_of")
    return seen(draft, 330, 150)


@scene
def nested() -> QImage:
    draft = Draft("the head of the bureau of general intelligence of Syria resigned")
    draft.gold("Syria", "GPE")
    draft.suggested("general intelligence of Syria", "ORG")
    draft.gold("bureau of general intelligence", "FAC")
    draft.gold("bureau of general intelligence of Syria", "ORG")
    draft.suggested("head of the bureau of general intelligence of Syria", "TITLE")
    draft.gold("the head of", "PERSON")
    return seen(draft, 330, 110)


@scene
def dense() -> QImage:
    """Labels that are cut, and that fold to ticks."""
    draft = Draft("US UN EU AU met in Riyadh on 3 May 2016 and left.")
    for name in ("US", "UN", "EU", "AU"):
        draft.gold(name, "GPE")
        draft.suggested(name, "NORP")
    draft.suggested("Riyadh on", "EVENT")
    draft.gold("Riyadh", "GPE")
    draft.gold("3", "CARDINAL")
    draft.suggested("3 May", "DATE")
    draft.gold("3 May 2016", "DATE")
    return seen(draft, 330, 110)


@scene
def discontinuous() -> QImage:
    """Parts tied on one line, over the line's end, and of a suggestion."""
    draft = Draft("Northern and Southern Syria; the houses of Ali and of the others of Mamluk.")
    draft.gold("Northern … Syria", "LOC")
    draft.suggested("houses … others", "FAC")
    draft.gold("Ali … Mamluk")
    return seen(draft, 300, 150)


@scene
def check_and_cross() -> QImage:
    """Where labels are close, what is focused has its buttons beside them."""
    draft = Draft("US UN EU met in Riyadh on 3 May and left.")
    first, *_ = [draft.suggested(name, "GPE") for name in ("US", "UN", "EU")]
    draft.suggested("Riyadh on", "EVENT")
    draft.suggested("Riyadh", "GPE")
    return seen(draft, 330, 110, focus=first)


# -- scripts


@scene
def rtl() -> QImage:
    draft = Draft(
        "قال رئيس الوزراء مصطفى مدبولي إن الحكومة ترحب بزيارة (Blinken) اليوم.\n\nהנשיא נפגש."
    )
    draft.gold("مصطفى مدبولي")
    draft.suggested("رئيس الوزراء", "TITLE")
    draft.gold("بزيارة (Blinken", "EVENT")
    draft.suggested("Blinken")
    draft.gold("הנשיא", "TITLE")
    return seen(draft, 330, 180)


@scene
def devanagari() -> QImage:
    draft = Draft("प्रधानमंत्री ने दिल्ली में कहा, Škoda à Orléans: café.")
    draft.gold("प्रधानमंत्री", "TITLE")
    draft.suggested("दिल्ली", "GPE")
    draft.gold("Škoda", "ORG")
    draft.suggested("Orléans", "GPE")
    return seen(draft, 330, 110)


# -- focus


@scene
def focused_suggestion() -> QImage:
    draft = Draft(TALKS)
    draft.gold("talks in Cairo on Monday", "EVENT")
    return seen(draft, 330, 110, focus=draft.suggested("Cairo on", "GPE"))


@scene
def focused_gold_dark() -> QImage:
    draft = Draft(TALKS)
    mamluk = draft.gold("Ali Mamluk")
    draft.suggested("intelligence chief Ali Mamluk", "TITLE")
    draft.suggested("Cairo", "GPE")
    draft.gold("SANA", "ORG")
    return seen(draft, 330, 150, focus=mamluk, theme=DARK)


@scene
def selection() -> QImage:
    """Two fragments, over gold."""
    draft = Draft(TALKS)
    draft.gold("Ali Mamluk")
    parts = draft.span("chief Ali"), draft.span("Monday")
    return seen(draft, 330, 150, do=lambda canvas: canvas.select(parts))


@scene
def hints() -> QImage:
    draft = Draft(TALKS)
    ids = [draft.gold("Ali Mamluk"), draft.suggested("Cairo", "GPE"), draft.gold("SANA", "ORG")]
    return seen(draft, 330, 150, do=lambda canvas: canvas.show_hints(ids))


@scene
def sharp() -> QImage:
    """On a screen of twice the pixels, in large type."""
    draft = Draft("Ali Mamluk in Cairo")
    mamluk = draft.gold("Ali Mamluk")
    draft.suggested("Cairo", "GPE")
    return seen(draft, 260, 70, focus=mamluk, scale=2, do=lambda canvas: canvas.set_type_size(20))


# -- relations


def met() -> tuple[Draft, list[str], list[str]]:
    draft = Draft(
        "Ali Mamluk met Khaled Fawzy in Cairo on Monday and went on to the\n\ncapital, Damascus."
    )
    ends = [draft.gold("Ali Mamluk"), draft.suggested("Khaled Fawzy"), draft.gold("Cairo", "GPE")]
    ends.append(draft.gold("Damascus", "GPE"))
    relations = [
        draft.relation_suggested("met_with", ends[0], ends[1]),
        draft.related("visited", ends[0], ends[2]),
        draft.related("located_in", ends[3], ends[0]),
        draft.relation_suggested("based_in", ends[1], ends[3]),
    ]
    return draft, ends, relations


@scene
def relations_of_a_mention() -> QImage:
    draft, ends, _ = met()
    return seen(draft, 560, 190, focus=ends[0])


@scene
def relation_dark() -> QImage:
    draft, _, relations = met()
    return seen(draft, 560, 190, focus=relations[3], theme=DARK)


@scene
def relations_all() -> QImage:
    """More than have a card, and all ways drawn."""
    draft, ends, _ = met()
    for a, b in ((0, 3), (1, 2), (2, 3), (1, 0), (3, 1)):
        draft.related("supports", ends[a], ends[b])

    def show(canvas: Canvas) -> None:
        canvas.relation_mode = "all"

    return seen(draft, 560, 190, do=show)


@scene
def out_of_view() -> QImage:
    """Ends that are above and below are pointed to."""
    draft = Draft("Cairo\n\n" + "Ali Mamluk met many.\n\n" * 9 + "Damascus and Riyadh.")
    mamluk = draft.gold("Ali Mamluk", nth=4)
    for name in ("Cairo", "Damascus", "Riyadh"):
        draft.related("visited", mamluk, draft.gold(name, "GPE"))
    return seen(draft, 480, 150, focus=mamluk, do=lambda canvas: canvas.reveal(mamluk))


@scene
def gutter() -> QImage:
    """The strip: suggestions are open in its upper half."""
    draft = Draft("\n\n".join(f"Paragraph {n} about Cairo." for n in range(40)))
    for n in range(0, 20, 3):
        draft.suggested("Cairo", "GPE", nth=n)
    for n in range(22, 40, 5):
        draft.gold("Cairo", "GPE", nth=n)
    canvas = Canvas()
    canvas.resize(400, 240)
    canvas.set_document(draft.document, NEWS)
    canvas.show()
    QApplication.processEvents()
    while canvas._page.layout.next_unmeasured() >= 0:
        canvas._page.layout.measure(canvas._page.layout.next_unmeasured())
    return canvas._strip.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


# -- all of them


def draw(folder: Path) -> None:
    """Draw every scene into `folder`, in a process that sees nothing of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts = folder / "fonts.conf"  # none: what comes along is enough
    fonts.write_text(f"<fontconfig><cachedir>{folder}</cachedir></fontconfig>", encoding="utf-8")
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("QT_", "FREETYPE", "DISPLAY"))}
    env = keep | {"QT_QPA_PLATFORM": "offscreen", "FONTCONFIG_FILE": str(fonts)}
    env["LC_ALL"] = "C.UTF-8"
    command = [sys.executable, "-m", "tests.gui.scenes", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stderr)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    for name, paint in SCENES.items():
        if not paint().save(f"{sys.argv[1]}/{name}.png", "PNG", 0):
            sys.exit(f"{name}.png can't be written")
