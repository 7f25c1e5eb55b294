"""Kills a process that edits a project, again and again, and looks whether anything was lost.

    python -m tests.stress.crash --seed 1 --count 300

Half of the victims edit through `core.edits`, half are the window itself, driven by random keys and
clicks. Each tells through a pipe what it has acknowledged: for the window, what the screen has been
told of, and the next window must have made edits of what was being typed into its fields. Each dies
by SIGKILL at a random moment, from its first instruction on. Then the file is
opened again: no lock may be left, everything acknowledged must be in the journal word for word, the
journal must replay to exactly the tables, pages and references must hold.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from core import soundness
from core.project import Project
from gui import drafts
from tests.stress import hand

_RECEIPT = struct.Struct("<q32s")
_FRESH = 40  # kills after which a new project is begun, so that checking stays quick


class Lost(Exception):
    """An acknowledged edit is not there, or the file is not sound."""


def headless(path: Path, seed: int, tell: Callable[[int, bytes], None]) -> None:
    """Edit for ever, telling each edit that is done."""
    with Project.open(path, annotator="ann") as project:
        person = hand.Hand(project, Random(seed))
        while True:
            change = person.step()
            if change is not None and change.images:
                tell(*hand.receipt(project))


def window(path: Path, seed: int, tell: Callable[[int, bytes], None]) -> None:
    """Press keys in a window for ever, telling each edit that the screen has followed. What the
    window before was killed over, in the middle of typing, must be an edit now."""
    from tests.stress.monkey import Monkey, open_window

    with Project.open(path, annotator="ann") as project:
        left = drafts.kept(project)
    shown = open_window(path)
    for draft in left:
        there = shown.session.typed_before(draft)
        wanted = there is None or there.strip() == draft.text.strip()
        if not wanted and draft not in drafts.kept(shown.session.project):  # where it was refused
            raise Lost(f"typed, kept and not made an edit: {draft}")

    def told(change: object) -> None:
        tell(*hand.receipt(shown.session.project))

    shown.session.changed.connect(told)
    monkey = Monkey(shown, Random(seed), calm=True)
    while True:
        monkey.event()


Victim = Callable[[Path, int, Callable[[int, bytes], None]], None]


def kill_one(
    victim: Victim, path: Path, seed: int, delay: float, *, early: bool
) -> dict[int, bytes]:
    """Start a victim, kill it `delay` seconds after its first edit, or `early`, after its start;
    what it acknowledged until then."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            victim(path, seed, lambda seq, digest: _write(writer, seq, digest))
        except BaseException as error:  # noqa: BLE001  (a child must not go on as the harness)
            os.write(2, f"the victim failed: {error!r}\n".encode())
        os._exit(3)
    os.close(writer)
    told = b"" if early else os.read(reader, 1 << 16)
    end = time.monotonic() + delay
    while (left := end - time.monotonic()) > 0:
        if select.select([reader], [], [], left)[0]:
            data = os.read(reader, 1 << 16)
            if not data:
                break
            told += data
    os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    while data := os.read(reader, 1 << 16):
        told += data
    os.close(reader)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        raise Lost(f"the victim ended by itself: {os.waitstatus_to_exitcode(status)}")
    whole = len(told) - len(told) % _RECEIPT.size
    return dict(_RECEIPT.iter_unpack(told[:whole]))


def _write(pipe: int, seq: int, digest: bytes) -> None:
    os.write(pipe, _RECEIPT.pack(seq, digest))


def look(path: Path, acknowledged: dict[int, bytes]) -> tuple[int, int]:
    """Open the file again and check all that was promised; how many edits the journal has, and how
    many drafts were left."""
    with Project.open(path, annotator="ann") as project:
        there = hand.receipts(project)
        lost = [seq for seq, digest in acknowledged.items() if there.get(seq) != digest]
        if lost:
            raise Lost(f"acknowledged, but not in the journal: {lost}")
        for fault in soundness.check(project):
            raise Lost(fault)
        return len(there), len(drafts.kept(project))


def run(seed: int, count: int, windows: bool = True, folder: Path | None = None) -> str:
    """`count` kills; a line that says what was found. Raises `Lost`."""
    rng = Random(seed)
    kills = {"headless": 0, "window": 0}
    edits = none = survivors = typed = 0
    with tempfile.TemporaryDirectory(dir=folder) as place:
        acknowledged: dict[int, bytes] = {}
        path = Path(place) / "0.goldsmith"
        for n in range(count):
            if n % _FRESH == 0:
                path, acknowledged = Path(place) / f"{n}.goldsmith", {}
                hand.make(path, rng)
            in_window = windows and n % 2 == 1
            early = rng.random() < 0.15  # some die while they open the file
            short, long = (0.6, 0.9) if in_window else (0.03, 0.3)
            delay = rng.uniform(0.0, short if early else long)
            victim = window if in_window else headless
            told = kill_one(victim, path, rng.randrange(1 << 30), delay, early=early)
            acknowledged |= told
            edits += len(told)
            none += not told
            kills["window" if in_window else "headless"] += 1
            survivors, left = look(path, acknowledged)
            typed += left if in_window else 0
            if sys.stderr.isatty():
                print(f"\r{n + 1} of {count}, {edits} edits", end="", file=sys.stderr)
    return (
        f"{sum(kills.values())} kills (headless {kills['headless']}, window {kills['window']}; "
        f"{none} before the first edit), {edits} acknowledged edits, 0 lost; "
        f"{typed} fields were being typed into; the last journal has {survivors} entries"
    )


def main() -> int:
    parser = hand.arguments(__doc__, 300)
    parser.add_argument("--no-window", action="store_true")
    wish = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        print(run(wish.seed, wish.count, not wish.no_window))
    except Lost as loss:
        print(f"LOST (seed {wish.seed}): {loss}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
