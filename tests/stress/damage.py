"""Files damaged at random bytes, and what `goldsmith check --repair` makes of them.

    python -m tests.stress.damage --seed 1 --count 100

Each trial takes a project with a few hundred edits, overwrites some stretches at random places, and
repairs it. The repaired file must open and be sound, hold nothing that was not there before, and
where something is missing, that must be said. The damaged file must not be touched.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

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
        at = rng.randrange(100, len(data) - size)
        data[at : at + size] = rng.randbytes(size) if rng.random() < 0.5 else bytes(size)
        done.append(f"{size}@{at}")
    path.write_bytes(data)
    return " ".join(done)


def run(seed: int, count: int) -> tuple[str, list[str]]:
    """`count` damaged files; a line that says how much came back, and what went wrong."""
    rng = Random(seed)
    wrong: list[str] = []
    back = total = nothing = whole = 0
    with tempfile.TemporaryDirectory() as place:
        base = Path(place) / "base.goldsmith"
        hand.make(base, rng)
        with Project.open(base, annotator="ann") as project:
            person = hand.Hand(project, rng)
            for _ in range(150):
                person.step()
            before = soundness.tables(project)
        gold = {key for key in before if key[0] in ("mention", "relation")}
        for n in range(count):
            path = Path(shutil.copy(base, Path(place) / f"{n}.goldsmith"))
            what = spoil(path, rng)
            spoilt = path.read_bytes()
            total += len(gold)
            try:
                salvage = repair(path)
            except GoldsmithError:
                nothing += 1
                continue
            try:
                with Project.open(salvage.path) as again:
                    wrong += [f"{what}: {fault}" for fault in soundness.check(again)]
                    after = soundness.tables(again)
            except GoldsmithError as error:
                wrong.append(f"{what}: {error}")
                continue
            kept = gold & after.keys()
            back += len(kept)
            whole += kept == gold
            if kept != gold and not salvage.lost:
                wrong.append(f"{what}: {len(gold - kept)} lost and not said")
            if path.read_bytes() != spoilt:
                wrong.append(f"{what}: the damaged file was touched")
            salvage.path.unlink()
            path.unlink()
    share = back / total if total else 1.0
    return (
        f"{count} damaged files: {whole} recovered with all their gold, {nothing} beyond repair, "
        f"{share:.1%} of the mentions and relations came back"
    ), wrong


def main() -> int:
    wish = hand.arguments(__doc__, 100).parse_args()
    return hand.told(*run(wish.seed, wish.count))


if __name__ == "__main__":
    sys.exit(main())
