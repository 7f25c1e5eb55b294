"""The power fails while a project is edited: is everything there that was acknowledged?

    python -m tests.stress.power --seed 1 --count 300

A project is edited, closed and opened again, while all that SQLite writes, syncs and deletes is
recorded (`tests.stress.files`). Then the power fails at `--count` random moments: what was synced
until then is on the disk, of what was written since, each sector is or is not. The file must open
and be sound, and every edit that had been acknowledged must be in it. Half of the runs are in a
folder that is synced, where there is no write-ahead log.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

from core import soundness
from core.errors import GoldsmithError
from core.project import Project
from tests.stress import files, hand

_RUN = 60  # power failures of one run of edits
_EDITS = 160


def record(recorder: files.Recorder, path: Path, rng: Random) -> list[tuple[int, int, bytes]]:
    """Edit the project at `path`; for each acknowledged edit: how much had happened by then, and
    its receipt."""
    told: list[tuple[int, int, bytes]] = []
    with recorder.recording(path.parent) as events:
        for _ in range(2):
            with Project.open(path, annotator="ann") as project:
                person = hand.Hand(project, rng)
                for _ in range(_EDITS // 2):
                    change = person.step()
                    if change is not None and change.images:
                        told.append((len(events), *hand.receipt(project)))
    return told


def run(seed: int, count: int) -> tuple[str, list[str]]:
    """`count` power failures; a line that says what was found, and what went wrong."""
    rng = Random(seed)
    recorder = files.Recorder()
    wrong: list[str] = []
    edits = pending = runs = 0
    for start in range(0, count, _RUN):
        with tempfile.TemporaryDirectory() as place:
            home = Path(place, "home").resolve()
            home.mkdir()
            path = home / "p.goldsmith"
            hand.make(path, rng)
            synced = (start // _RUN) % 2 == 1
            if synced:
                (home / ".stfolder").mkdir()
                with Project.open(path):  # from the log to none
                    pass
            before = {path.name: path.read_bytes()}
            told = record(recorder, path, rng)
            events = recorder.events
            runs += 1
            edits += len(told)
            for n in range(start, min(count, start + _RUN)):
                # Half of them just when something was acknowledged.
                moment = rng.choice(told)[0] if n % 2 else rng.randrange(len(events) + 1)
                there = files.after_power_loss(before, events[:moment], rng)
                surely = {seq: digest for when, seq, digest in told if when <= moment}
                pending += any(e.what == "write" for e in events[max(0, moment - 1) : moment])
                folder = Path(place, str(n))
                folder.mkdir()
                for name, data in there.items():
                    (folder / name).write_bytes(data)
                fault = look(folder / path.name, surely)
                if fault:
                    mode = "no log" if synced else "log"
                    wrong.append(f"seed {seed}, failure {n} ({mode}): {fault}")
                shutil.rmtree(folder)
                if sys.stderr.isatty():
                    print(f"\r{n + 1} of {count}", end="", file=sys.stderr)
    return (
        f"{count} power failures ({pending} with writes under way) in {runs} runs of edits, "
        f"{edits} acknowledged edits, {len(wrong)} wrong"
    ), wrong


def look(path: Path, surely: dict[int, bytes]) -> str:
    """What is wrong with what the power failure left; empty if nothing is."""
    try:
        with Project.open(path, annotator="ann") as project:
            there = hand.receipts(project)
            lost = [seq for seq, digest in surely.items() if there.get(seq) != digest]
            if lost:
                return f"acknowledged, but not in the journal: {lost}"
            return "; ".join(soundness.check(project))
    except GoldsmithError as error:
        return f"it does not open: {error}"


def main() -> int:
    wish = hand.arguments(__doc__, 300).parse_args()
    if files.library() is None:
        print("Python's SQLite is no shared library here: its files can't be watched")
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return hand.told(*run(wish.seed, wish.count))


if __name__ == "__main__":
    sys.exit(main())
