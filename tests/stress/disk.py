"""Edits while the disk fails: it is full, it errs, the file or its folder goes away.

    python -m tests.stress.disk --seed 1 --count 300

Each trial makes random edits in a child process and lets one thing go wrong in the middle. Every
edit that fails must say so in words (`SaveFailed`), and must leave no trace; what was acknowledged
must still be there afterwards; and all that is on screen can be saved elsewhere.

The faults: a real small file system that fills up (`full`; needs the right to mount one), a limit
on the size of files (`limit`), system calls of SQLite that fail at random from the n-th on, once or
for good (`write`, `space`, `read`, `shrink`, `open`), syncing that fails (`sync`), the folder is
deleted (`folder`), the file is replaced (`replaced`), the log is deleted (`log`), the file is set
to read-only (`mode`).
"""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

from core import soundness
from core.errors import GoldsmithError, ProjectError, SaveFailed
from core.project import Project
from tests.stress import files, hand

T = TypeVar("T")


@dataclass
class Trial:
    """What a child saw.

    Attributes:
        acknowledged: receipts of the edits that returned.
        failed: what was said for each edit that did not.
        copied: whether a copy was saved elsewhere, and is the same as what was on screen.
        wrong: what should not have happened.
    """

    acknowledged: dict[int, bytes] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    copied: bool = False
    wrong: str = ""


# -- system calls that fail


_TRANSFER = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_longlong,
    use_errno=True,
)  # fmt: skip
_SHRINK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_longlong, use_errno=True)
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_int, use_errno=True)


def can_fail_calls() -> bool:
    """Whether Python's SQLite is a shared library whose system calls can be replaced."""
    return files.library() is not None


class FailingCalls:
    """Lets system calls of SQLite fail: from the n-th on, `times` times."""

    def __init__(self) -> None:
        library = files.library()
        assert library is not None
        self._vfs = library.sqlite3_vfs_find(None)
        self._kept: list[object] = []
        self.countdown = -1
        self.times = 0
        self.errno = errno.EIO
        self.failed = 0

    def _fails(self) -> bool:
        if self.times <= 0:
            return False
        self.countdown -= 1
        if self.countdown >= 0:
            return False
        self.times -= 1
        self.failed += 1
        ctypes.set_errno(self.errno)
        return True

    def hook(self, names: tuple[bytes, ...], kind: type[ctypes._CFuncPtr]) -> None:  # type: ignore[name-defined]
        """Put ourselves before the calls of these names."""
        table = self._vfs.contents
        for name in names:
            address = table.get_call(ctypes.cast(self._vfs, ctypes.c_void_p), name)
            if not address:
                continue
            before = kind(address)

            def call(*values: object, before: Callable[..., int] = before) -> int:
                return -1 if self._fails() else before(*values)

            ours = kind(call)
            self._kept.append(ours)
            table.set_call(
                ctypes.cast(self._vfs, ctypes.c_void_p), name, ctypes.cast(ours, ctypes.c_void_p)
            )


CALLS: dict[str, tuple[tuple[bytes, ...], object, int]] = {
    "write": ((b"pwrite", b"pwrite64", b"write"), _TRANSFER, errno.EIO),
    "space": ((b"pwrite", b"pwrite64"), _TRANSFER, errno.ENOSPC),
    "read": ((b"pread", b"pread64"), _TRANSFER, errno.EIO),
    "shrink": ((b"ftruncate",), _SHRINK, errno.EIO),
    "open": ((b"open",), _OPEN, errno.EMFILE),
}


# -- one trial, in a child


def edit_under(fault: str, path: Path, elsewhere: Path, seed: int, place: Path) -> Trial:
    """Make edits, let `fault` happen in the middle, go on, save a copy elsewhere."""
    rng, trial = Random(seed), Trial()
    calls: FailingCalls | files.Recorder | None = None
    if fault == "sync":
        calls = files.Recorder()
        calls.folder = path.parent.resolve()
        if rng.random() < 0.5:  # where there is no log
            (path.parent / ".stfolder").mkdir()
    elif fault in CALLS:
        calls = FailingCalls()
        names, kind, number = CALLS[fault]
        if fault == "write":
            names = names[:2]
        calls.hook(names, kind)  # type: ignore[arg-type]
        calls.errno = number
    project = Project.open(path, annotator="ann")
    person = hand.Hand(project, rng)
    start = rng.randrange(5, 25)
    for n in range(60):
        if n == start:
            _begin(fault, path, place, rng, calls)
        before = None
        try:
            before = soundness.tables(project) if n >= start and rng.random() < 0.3 else None
            change = person.step()
        except SaveFailed as error:
            trial.failed.append(error.message)
            if not error.hint:
                trial.wrong = f"no hint: {error.message}"
            _same(project, before, trial)
            continue
        except ProjectError as error:  # it could not be read
            trial.failed.append(error.message)
            continue
        if change is not None and change.images:
            with suppress(ProjectError):
                seq, digest = hand.receipt(project)
                trial.acknowledged[seq] = digest
    if calls is not None:
        calls.times = 0  # the disk answers again
    if fault == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        shown = soundness.tables(project)
        copy = project.save_copy(elsewhere / "copy.goldsmith")
        with Project.open(copy) as again:
            trial.copied = soundness.tables(again) == shown
            trial.wrong = trial.wrong or "; ".join(soundness.check(again))
            there = hand.receipts(again)
            if any(there.get(seq) != digest for seq, digest in trial.acknowledged.items()):
                trial.wrong = "the copy lacks an acknowledged edit"
    except GoldsmithError as error:
        trial.wrong = f"no copy could be saved: {error}"
    project.close()
    return trial


def _same(project: Project, before: object, trial: Trial) -> None:
    """A failed edit left no trace."""
    if before is None:
        return
    with suppress(ProjectError):
        if soundness.tables(project) != before:
            trial.wrong = "a failed edit left a trace"


def _begin(
    fault: str, path: Path, place: Path, rng: Random, calls: FailingCalls | files.Recorder | None
) -> None:
    log = path.with_name(path.name + "-wal")
    if calls is not None:
        calls.countdown = rng.randrange(12)
        calls.times = rng.choice((1, 3, 40, 100_000))
    elif fault == "full":
        with (place / "filler").open("wb", buffering=0) as filler, suppress(OSError):
            while filler.write(b"x" * 4096):
                pass
    elif fault == "limit":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        room = log.stat().st_size + rng.randrange(1, 40_000)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    elif fault == "folder":
        shutil.rmtree(path.parent)
    elif fault == "replaced":
        other = path.with_name("other")
        shutil.copy(path, other)
        other.replace(path)
    elif fault == "log":
        log.unlink()
    elif fault == "mode":
        as_a_person()
        for file in (path, log):
            file.chmod(stat.S_IRUSR)
        path.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)


class _Capabilities(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def as_a_person() -> None:
    """Root may write where the modes of files forbid it; from now on this process may not."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return
    overrides = 1 << 1 | 1 << 2 | 1 << 3  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)  # the version of the call; this thread
    data = (_Capabilities * 2)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capget(head, data) == 0:
        for part in ("effective", "permitted", "inheritable"):
            setattr(data[0], part, getattr(data[0], part) & ~overrides)
        if libc.capset(head, data) == 0:
            return
    raise OSError(ctypes.get_errno(), "capset")


FAULTS = ("full", "limit", *CALLS, "sync", "folder", "replaced", "log", "mode")


@contextmanager
def small_disk(folder: Path, size: str = "4m") -> Iterator[Path | None]:
    """A file system of this size at `folder`, None where we may not mount one."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "goldsmith", str(folder)],
        capture_output=True, check=False,
    ) if shutil.which("mount") and os.geteuid() == 0 else None  # fmt: skip
    if done is None or done.returncode != 0:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=False)


def in_child(task: Callable[[], T]) -> T:
    """Run it in a child process, whose disk may fail without harm to us.

    Raises:
        RuntimeError: it did not end as it should.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 3
        try:
            os.close(reader)
            with os.fdopen(writer, "wb") as out:
                pickle.dump(task(), out)
            code = 0
        except BaseException as error:  # noqa: BLE001
            os.write(2, "".join(traceback.format_exception(error)[-8:]).encode())
        os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as source:
        data = source.read()
    _pid, status = os.waitpid(child, 0)
    if not os.WIFEXITED(status) or os.WEXITSTATUS(status) != 0:
        raise RuntimeError(f"the child ended with {status}")
    result: T = pickle.loads(data)
    return result


def one(fault: str, seed: int, base: Path, folder: Path) -> Trial | None:
    """One trial of one fault; None where this system does not let us make the fault."""
    if fault in (*CALLS, "sync") and not can_fail_calls():
        return None
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    with small_disk(folder / "disk") if fault == "full" else _plain(folder / "disk") as place:
        if place is None:
            return None
        home = place / "home"
        home.mkdir()
        path = Path(shutil.copy(base, home / "p.goldsmith"))
        try:
            trial = in_child(lambda: edit_under(fault, path, elsewhere, seed, place))
        except RuntimeError as error:
            trial = Trial(wrong=str(error))
        (place / "filler").unlink(missing_ok=True)
        if fault == "mode":
            home.chmod(stat.S_IRWXU)
            path.chmod(stat.S_IRUSR | stat.S_IWUSR)
            for log in home.glob("p.goldsmith-*"):
                log.chmod(stat.S_IRUSR | stat.S_IWUSR)
        if not trial.wrong and fault not in ("folder", "replaced", "log"):
            _look(path, trial)
    return trial


@contextmanager
def _plain(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    yield folder


def _look(path: Path, trial: Trial) -> None:
    """The file itself, once the disk answers again."""
    try:
        with Project.open(path) as project:
            there = hand.receipts(project)
            if any(there.get(seq) != digest for seq, digest in trial.acknowledged.items()):
                trial.wrong = "an acknowledged edit is not there"
            trial.wrong = trial.wrong or "; ".join(soundness.check(project))
    except ProjectError as error:
        trial.wrong = f"it does not open: {error}"


def run(seed: int, count: int, faults: tuple[str, ...] = FAULTS) -> tuple[str, list[str]]:
    """`count` trials over the faults in turn; lines for a person, and what went wrong."""
    rng = Random(seed)
    wrong: list[str] = []
    trials: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    copied: Counter[str] = Counter()
    said: dict[str, Counter[str]] = {fault: Counter() for fault in faults}
    with tempfile.TemporaryDirectory() as top:
        base = Path(top) / "base.goldsmith"
        hand.make(base, rng)
        for n in range(count):
            fault, trial_seed = faults[n % len(faults)], rng.randrange(1 << 30)
            folder = Path(top) / str(n)
            folder.mkdir()
            trial = one(fault, trial_seed, base, folder)
            shutil.rmtree(folder, ignore_errors=True)
            if trial is None:
                continue
            trials[fault] += 1
            failed[fault] += len(trial.failed)
            kept[fault] += len(trial.acknowledged)
            copied[fault] += trial.copied
            said[fault].update(trial.failed)
            if trial.wrong or not trial.copied:
                wrong.append(f"{fault} (seed {trial_seed}): {trial.wrong or 'the copy differs'}")
    lines = [
        f"{fault:9} {trials[fault]:4} trials, {kept[fault]:6} edits acknowledged and kept, "
        f"{failed[fault]:5} refused in words, {copied[fault]:4} copies saved elsewhere"
        + "".join(f"\n          {times:5} × {text}" for text, times in said[fault].most_common(2))
        if trials[fault]
        else f"{fault:9} can't be made on this system"
        for fault in faults
    ]
    return "\n".join(lines), wrong


def main() -> int:
    parser = hand.arguments(__doc__, 220)
    parser.add_argument("--fault", choices=FAULTS)
    wish = parser.parse_args()
    found, wrong = run(wish.seed, wish.count, (wish.fault,) if wish.fault else FAULTS)
    print(found)
    print(f"{len(wrong)} wrong")
    for line in wrong:
        print("  " + line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
