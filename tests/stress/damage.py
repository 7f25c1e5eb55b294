"""Files damaged at random bytes, and what `goldsmith check --repair` makes of them.

    python -m tests.stress.damage --seed 1 --count 100

Each trial takes a project with a few hundred edits, overwrites some stretches at random places, and
repairs it: by itself, and with a copy beside it from halfway. The repaired file must open and be
sound, hold nothing that was not there before, and where something is missing, that must be said.
The damaged file must not be touched.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from core import soundness
from core.errors import GoldsmithError
from core.project import Project
from core.repair import repair
from tests.stress import hand

_PAGE = 4096


def spoil(path: Path, rng: Random) -> str:
    """Overwrite one to four stretches; which."""
    data = bytearray(path.read_bytes())
    done = []
    for _ in range(rng.randrange(1, 5)):
        size = rng.choice((1, 16, 512, _PAGE, 3 * _PAGE))
        at = rng.randrange(len(data) - size)
        data[at : at + size] = rng.randbytes(size) if rng.random() < 0.5 else bytes(size)
        done.append(f"{size}@{at}")
    path.write_bytes(data)
    return " ".join(done)


@dataclass
class Score:
    """What came of some damaged files."""

    files: int = 0
    whole: int = 0
    nothing: int = 0
    gold: int = 0
    back: int = 0

    def __str__(self) -> str:
        share = self.back / self.gold if self.gold else 1.0
        return (
            f"{self.whole} recovered with all their gold, {self.nothing} beyond repair, "
            f"{share:.1%} of the mentions and relations came back"
        )


def run(seed: int, count: int) -> tuple[str, list[str]]:
    """`count` damaged files; a line that says how much came back, and what went wrong."""
    rng = Random(seed)
    wrong: list[str] = []
    alone, helped = Score(), Score()
    with tempfile.TemporaryDirectory() as place:
        base, copy = Path(place) / "base.goldsmith", Path(place) / "copy.goldsmith"
        hand.make(base, rng)
        seen: set[soundness.Key] = set()  # ever
        with Project.open(base, annotator="ann") as project:
            person = hand.Hand(project, rng)
            for n in range(150):
                if n == 75:
                    project.save_copy(copy)
                person.step()
                seen |= soundness.tables(project).keys()
            before = soundness.tables(project)
        for n in range(count):
            path = Path(shutil.copy(base, Path(place) / f"{n}.goldsmith"))
            what = spoil(path, rng)
            wrong += [f"{what}: {fault}" for fault in _repaired(path, before, seen, alone)]
            folder = path.with_name(f"{n}.backups")
            folder.mkdir()
            shutil.copy(copy, folder / f"{n}.20260101T000000Z.goldsmith")
            wrong += [f"{what}, copy: {fault}" for fault in _repaired(path, before, seen, helped)]
            shutil.rmtree(folder)
            path.unlink()
    return f"{count} damaged files: {alone}; with a copy from halfway: {helped}", wrong


def _repaired(
    path: Path, before: Mapping[soundness.Key, Any], seen: Set[soundness.Key], score: Score
) -> Iterator[str]:
    """Repair a damaged file that held `before`; what is wrong with what came of it.

    Args:
        seen: all that was ever in the file: what was deleted may come back where the journal has
            gaps.
    """
    gold = {key for key in before if key[0] in ("mention", "relation")}
    spoilt = path.read_bytes()
    score.files += 1
    score.gold += len(gold)
    try:
        salvage = repair(path)
    except GoldsmithError:
        score.nothing += 1
        return
    try:
        with Project.open(salvage.path) as again:
            yield from soundness.check(again)
            after = soundness.tables(again)
    except GoldsmithError as error:
        yield str(error)
        return
    kept = gold & after.keys()
    score.back += len(kept)
    score.whole += kept == gold
    if kept != gold and not salvage.lost:
        yield f"{len(gold - kept)} lost and not said"
    if after.keys() - seen:
        yield f"{len(after.keys() - seen)} that were never there"
    if not salvage.lost and after.keys() - before.keys():
        yield f"{len(after.keys() - before.keys())} came back and not said"
    if path.read_bytes() != spoilt:
        yield "the damaged file was touched"
    salvage.path.unlink()


def main() -> int:
    wish = hand.arguments(__doc__, 100).parse_args()
    return hand.told(*run(wish.seed, wish.count))


if __name__ == "__main__":
    sys.exit(main())
