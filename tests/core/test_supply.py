"""The lists of what Goldsmith is made of keep up with what it is made of."""

from __future__ import annotations

import re
import sys
from importlib.metadata import requires

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "dev"))
import supply

PAGE = supply.PAGE.read_text(encoding="utf-8")


def test_every_package_has_its_licence_on_the_page() -> None:
    parts = supply.parts()
    direct = {supply.canonicalize_name(re.split(r"[<>=!~;\[ ]", r)[0])
              for r in requires("goldsmith") or [] if "extra ==" not in r}  # fmt: skip
    assert direct <= {part.name for part in parts}
    assert len(parts) > 50
    for part in parts:
        row = rf"^\| \[?{re.escape(part.name)}(\]\S*)? \| {re.escape(part.licence)} \|"
        assert re.search(row, PAGE, re.MULTILINE), f"{part.name}: run make licences"
    for what, licence, place in supply.OURS:
        assert what in PAGE
        assert licence in PAGE
        assert (ROOT / place).exists()


def test_a_missing_licence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    other = re.sub(r"^\| \[?spacy\b.*\n", "", PAGE, flags=re.MULTILINE)
    monkeypatch.setattr(sys.modules[__name__], "PAGE", other)
    with pytest.raises(AssertionError, match="spacy: run make licences"):
        test_every_package_has_its_licence_on_the_page()


def test_every_package_is_locked_with_hashes() -> None:
    names = {part.name for part in supply.parts()}
    text = supply.locked(names)
    found = re.findall(r"^([\w.-]+)(?:\[\S+\])?==", text, re.MULTILINE)
    assert {supply.canonicalize_name(name) for name in found} == names
    assert text.count("--hash=sha256:") >= len(names)
    for path in ("dev/requirements.txt", "dev/tools.txt", "dev/clients.txt"):
        lock = (ROOT / path).read_text(encoding="utf-8")
        assert "://" not in lock
        pins = [line for line in lock.splitlines() if re.match(r"[\w.-]+(\[\S+\])?==", line)]
        assert all(line.endswith("\\") for line in pins)  # hashes follow
