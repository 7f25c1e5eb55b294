"""The canvas looks as it did: small scenes beside their golden images, pixel by pixel.

A visible change fails, and leaves what was drawn and where it differs in ``golden/failed``. When it
is meant: ``make golden`` (or ``pytest --renew-golden``), look at the images, commit them.

What is let pass is what another FreeType may draw: a shade more or less at the edge of a letter.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

from tests.gui import scenes

GOLDEN = Path(__file__).parent / "golden"
FAILED = GOLDEN / "failed"
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems draw letters otherwise"
)

EDGE = 24  # of 255: at the edge of a letter
FLAT = 3  # where the pixels around are all alike
STRAY = 6  # pixels that may be off by more


def pixels(image: QImage) -> np.ndarray:
    """Rows of pixels of (blue, green, red)."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(bytes(image.constBits()), np.uint8)
    return flat.reshape(image.height(), image.width(), 4)[:, :, :3].astype(int)


def off(drawn: np.ndarray, golden: np.ndarray) -> np.ndarray:
    """Which pixels differ visibly."""
    difference = np.abs(drawn - golden).max(axis=2)
    padded = np.pad(golden, ((1, 1), (1, 1), (0, 0)), "edge")
    height, width, _ = golden.shape
    around = [
        np.abs(padded[y : y + height, x : x + width] - golden).max(axis=2)
        for y in range(3)
        for x in range(3)
    ]
    flat = np.max(around, axis=0) == 0
    return difference > np.where(flat, FLAT, EDGE)


def differences(drawn: QImage, golden: QImage) -> str:
    """What is wrong with `drawn`, "" if nothing is."""
    if golden.isNull():
        return "there is no golden image"
    if drawn.size() != golden.size():
        return f"its size is {drawn.size().toTuple()}, not {golden.size().toTuple()}"
    wrong = off(pixels(drawn), pixels(golden))
    if wrong.sum() <= STRAY:
        return ""
    rows, columns = np.nonzero(wrong)
    area = (int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max()))
    return f"{wrong.sum()} pixels differ, within {area}"


def marked(drawn: QImage, golden: QImage) -> QImage:
    """Golden above drawn above where they differ."""
    width = max(drawn.width(), golden.width())
    parts = []
    for image in (golden, drawn):
        wide = np.full((image.height(), width, 4), 128, np.uint8)
        if not image.isNull():
            wide[:, : image.width(), :3] = pixels(image)
        parts.append(wide)
    if drawn.size() == golden.size():
        wrong = off(pixels(drawn), pixels(golden))
        parts.append(np.where(wrong[:, :, None], (0, 0, 255, 255), parts[0] // 4 + 190))
    rows = np.concatenate(parts).astype(np.uint8)
    data = rows.tobytes()
    return QImage(data, width, rows.shape[0], QImage.Format.Format_RGB32).copy()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every scene as it is drawn now."""
    folder = tmp_path_factory.mktemp("scenes")
    scenes.draw(folder)
    return folder


@pytest.mark.parametrize("name", scenes.SCENES)
def test_a_scene_looks_as_it_did(drawn: Path, name: str, request: pytest.FixtureRequest) -> None:
    path, golden = drawn / f"{name}.png", GOLDEN / f"{name}.png"
    image = QImage(str(path))
    wrong = differences(image, QImage(str(golden)))
    if wrong and request.config.getoption("--renew-golden"):
        golden.write_bytes(path.read_bytes())
        wrong = ""
    if wrong:
        FAILED.mkdir(exist_ok=True)
        image.save(str(FAILED / f"{name}.png"))
        marked(image, QImage(str(golden))).save(str(FAILED / f"{name}-difference.png"))
        pytest.fail(f"{name}: {wrong}; see {FAILED}, and `make golden` if it is meant")


def test_there_is_no_golden_image_without_a_scene() -> None:
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(scenes.SCENES)


def test_what_is_a_visible_difference() -> None:
    """A stroke of a few pixels and a ground of another shade are; the edge of a letter is not."""
    golden = QImage(60, 40, QImage.Format.Format_RGB32)
    golden.fill(0xFDFCFA)
    for y in range(40):
        golden.setPixel(30, y, 0x777777)
    assert differences(golden, golden) == ""
    letter, stroke, ground = golden.copy(), golden.copy(), golden.copy()
    for y in range(40):
        letter.setPixel(30, y, 0x777777 + 0x161616)
        letter.setPixel(31, y, 0xFDFCFA - 0x161616)
    assert differences(letter, golden) == ""
    for x in range(10):
        stroke.setPixel(5 + x, 20, 0xD0D0D0)
    assert "10 pixels" in differences(stroke, golden)
    ground.fill(0xF7F6F4)
    assert "differ" in differences(ground, golden)
    assert "size" in differences(golden.copy(0, 0, 50, 40), golden)
    assert "no golden" in differences(golden, QImage())
