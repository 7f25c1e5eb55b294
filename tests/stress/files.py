"""SQLite's own files seen from below: every write, truncation, sync and deletion passes here.

Python's SQLite is a shared library; the table of its VFS (https://sqlite.org/c3ref/vfs.html) and
that of each file that it opens (https://sqlite.org/c3ref/io_methods.html) are replaced by ones that
call us first. `Recorder` keeps what was written and what of it was synced, so that a power failure
at any moment can be played; it lets syncing fail, too.
"""

from __future__ import annotations

import ctypes
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

SECTOR = 512  # bytes that a disk writes whole, or not at all
_IOERR_FSYNC = 10 | (4 << 8)

# Names as addresses: SQLite keeps more behind the end of a name, which a copy would not have.
_Open = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
)
_Delete = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_Close = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_Write = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong
)
_Truncate = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_longlong)
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


class Vfs(ctypes.Structure):
    """sqlite3_vfs of version 3."""

    _fields_ = [
        ("version", ctypes.c_int),
        ("size", ctypes.c_int),
        ("longest", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("methods", ctypes.c_void_p * 12),
        ("time", ctypes.c_void_p),
        ("set_call", ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)),
        ("get_call", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)),
    ]  # fmt: skip


class _Methods(ctypes.Structure):
    """sqlite3_io_methods of version 3: close, read, write, truncate, sync, and more."""

    _fields_ = [("version", ctypes.c_int), ("calls", ctypes.c_void_p * 18)]


_CLOSE, _WRITE, _TRUNCATE, _SYNC = 0, 2, 3, 4


def library() -> ctypes.CDLL | None:
    """The shared library of Python's SQLite, None where it is none."""
    try:
        found = ctypes.CDLL("libsqlite3.so.0")
    except OSError:
        return None
    found.sqlite3_libversion.restype = ctypes.c_char_p
    here = found.sqlite3_libversion().decode() == sqlite3.sqlite_version
    import _sqlite3

    with open("/proc/self/maps", encoding="utf-8") as maps:  # noqa: PTH123
        if not (here and "libsqlite3" in maps.read() and _sqlite3):
            return None
    found.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
    found.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
    return found


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a file, in order.

    Attributes:
        what: ``open`` (it was not there before), ``write``, ``truncate``, ``sync``, ``delete``.
        at: offset of a write, size after a truncation; 1 for a deletion that was synced.
    """

    what: Literal["open", "write", "truncate", "sync", "delete"]
    file: str
    at: int = 0
    data: bytes = b""


class Recorder:
    """Stands between SQLite and its files from now on, for this whole process.

    Attributes:
        folder: whose files are watched; None for none.
        events: what happened to them.
        times: how many of the next syncs of these files fail, after `countdown` that do not.
    """

    def __init__(self) -> None:
        found = library()
        assert found is not None
        self.events: list[Event] = []
        self.times = 0
        self.countdown = 0
        self.failed = 0
        self.folder: Path | None = None
        self._names: dict[int, str] = {}
        self._tables: dict[int, _Methods] = {}
        self._kept: list[Any] = []
        vfs = found.sqlite3_vfs_find(None).contents
        self._open_before = _Open(vfs.methods[0])
        self._delete_before = _Delete(vfs.methods[1])
        for n, kind, call in ((0, _Open, self._open), (1, _Delete, self._delete)):
            ours = kind(call)
            self._kept.append(ours)
            vfs.methods[n] = ctypes.cast(ours, ctypes.c_void_p).value

    @contextmanager
    def recording(self, folder: Path) -> Iterator[list[Event]]:
        """Keep what happens to files in `folder`, in a list that grows."""
        self.folder, self.events = folder, []
        try:
            yield self.events
        finally:
            self.folder = None

    # -- in place of SQLite's calls

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        place = Path(ctypes.string_at(name).decode()) if name else None
        known = place is not None and place.exists()
        code = self._open_before(vfs, name, file, flags, out)
        if code == 0 and place is not None and self._ours(place):
            self._names[file] = place.name
            if not known:
                self.events.append(Event("open", place.name))
            methods = ctypes.c_void_p.from_address(file)
            if methods.value:
                methods.value = ctypes.addressof(self._table(methods.value))
        return int(code)

    def _ours(self, place: Path) -> bool:
        return place.parent == self.folder and not place.name.endswith("-shm")

    def _delete(self, vfs: int, name: int, synced: int) -> int:
        code = self._delete_before(vfs, name, synced)
        place = Path(ctypes.string_at(name).decode())
        if code == 0 and self._ours(place):
            self.events.append(Event("delete", place.name, synced))
        return int(code)

    def _table(self, address: int) -> _Methods:
        """The table that calls us first, for the one at `address`."""
        if address not in self._tables:
            theirs = _Methods.from_address(address)
            ours = _Methods()
            ctypes.memmove(ctypes.byref(ours), address, ctypes.sizeof(_Methods))
            close, write = _Close(theirs.calls[_CLOSE]), _Write(theirs.calls[_WRITE])
            truncate, sync = _Truncate(theirs.calls[_TRUNCATE]), _Sync(theirs.calls[_SYNC])

            def on_close(file: int) -> int:
                self._names.pop(file, None)
                return int(close(file))

            def on_write(file: int, data: int, size: int, at: int) -> int:
                code = write(file, data, size, at)
                if code == 0:
                    self._note(file, "write", at, ctypes.string_at(data, size))
                return int(code)

            def on_truncate(file: int, size: int) -> int:
                code = truncate(file, size)
                if code == 0:
                    self._note(file, "truncate", size)
                return int(code)

            def on_sync(file: int, flags: int) -> int:
                if file in self._names and self.times:
                    self.countdown -= 1
                    if self.countdown < 0:
                        self.times -= 1
                        self.failed += 1
                        return _IOERR_FSYNC
                code = sync(file, flags)
                if code == 0:
                    self._note(file, "sync")
                return int(code)

            calls = ((_CLOSE, _Close, on_close), (_WRITE, _Write, on_write),
                     (_TRUNCATE, _Truncate, on_truncate), (_SYNC, _Sync, on_sync))  # fmt: skip
            for n, kind, call in calls:
                made = kind(call)
                self._kept.append(made)
                ours.calls[n] = ctypes.cast(made, ctypes.c_void_p).value
            self._tables[address] = ours
        return self._tables[address]

    def _note(
        self, file: int, what: Literal["write", "truncate", "sync"], at: int = 0, data: bytes = b""
    ) -> None:
        name = self._names.get(file)
        if name is not None and self.folder is not None:
            self.events.append(Event(what, name, at, data))


@dataclass
class _Disk:
    """One file: what is surely on the disk, and what may be."""

    sure: bytearray
    pending: list[Event]
    named: bool  # whether its name is surely in the folder


def after_power_loss(
    before: dict[str, bytes], events: list[Event], rng: Random
) -> dict[str, bytes]:
    """What may be in the files when the power fails after `events`: what was synced is there, of
    what was written since then each sector is or is not, in no order."""
    disks = {name: _Disk(bytearray(data), [], True) for name, data in before.items()}
    maybe_gone: dict[str, _Disk] = {}
    for event in events:
        if event.what == "delete":
            disk = disks.pop(event.file, None)
            maybe_gone.pop(event.file, None)
            if disk is not None and not event.at:
                maybe_gone[event.file] = disk
            continue
        disk = disks.setdefault(event.file, _Disk(bytearray(), [], False))
        if event.what == "sync":
            for one in disk.pending:
                _apply(disk.sure, one)
            disk.pending.clear()
            disk.named = True
            maybe_gone.pop(event.file, None)
        else:
            disk.pending.append(event)
    for name, disk in maybe_gone.items():
        if name not in disks and rng.random() < 0.5:
            disks[name] = disk
    found = {}
    for name, disk in disks.items():
        if not disk.named and rng.random() < 0.5:
            continue
        mood = rng.random()
        for event in disk.pending:
            if mood < 0.25:
                continue  # nothing of it
            if mood < 0.5 or rng.random() < 0.5:
                _apply(disk.sure, event)
            elif event.what == "write":
                _apply_torn(disk.sure, event, rng)
        found[name] = bytes(disk.sure)
    return found


def _apply(data: bytearray, event: Event) -> None:
    if event.what == "truncate":
        del data[event.at :]
        data.extend(bytes(event.at - len(data)))
    elif event.what == "write":
        data.extend(bytes(max(0, event.at - len(data))))
        data[event.at : event.at + len(event.data)] = event.data


def _apply_torn(data: bytearray, event: Event, rng: Random) -> None:
    """Some sectors of a write, or the first of them."""
    first = rng.randrange(2)
    cut = rng.randrange(len(event.data) + 1)
    for start in range(0, len(event.data), SECTOR):
        if start < cut if first else rng.random() < 0.5:
            part = event.data[start : start + SECTOR]
            _apply(data, Event("write", event.file, event.at + start, part))
