"""``goldsmith WORD``: a project or a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from gui.__main__ import main


@pytest.mark.parametrize("word", ["a", "a.goldsmith", "./a"])
def test_the_ending_may_be_left_out(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path | None] = []

    def run(path: Path | None, *, seed: bool = False) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr("gui.app.run", run)
    monkeypatch.chdir(tmp_path)
    assert main(["a"]) == 2  # no such project, and no such command
    Path("a.goldsmith").touch()
    assert main([word]) == 0
    assert opened == [Path("a.goldsmith")]
