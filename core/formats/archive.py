"""Zip archives: unpacked where they can do no harm, or refused.

Refused are names that lead out of the folder (``../``, ``/etc/…``, ``C:\\…``), links, encrypted
members, archives in archives, and bombs: what unpacks to far more than text ever does.
"""

from __future__ import annotations

import lzma
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.errors import FormatError
from core.formats.files import unreadable
from core.i18n import _

_BLOCK = 1 << 20
_SMALL = 16 << 20  # bytes; so much may come out of anything
_RATIO = 200  # times its packed size; text packs to a third, XML to a twentieth, logs to a fiftieth
_MEMBERS = 200_000
# What the standard library raises for a broken archive.
_FAULTS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
    NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip


def opened(path: Path) -> zipfile.ZipFile:
    """The archive at `path`, its list of members read. Raises `FormatError`."""
    try:
        return zipfile.ZipFile(path)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise unreadable(path, error) from error
    except _FAULTS as error:
        raise _broken(path, error) from error


def member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """The bytes of one member. Raises `FormatError` where it is broken or a bomb, `KeyError`."""
    return b"".join(_blocks(archive, archive.getinfo(name), path))


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """A folder of the archive's name with all that it holds, gone after the block.

    Raises `FormatError`, and leaves nothing behind, where the archive is broken or harmful.
    """
    with (
        opened(path) as archive,
        tempfile.TemporaryDirectory(prefix="goldsmith-unpacked-") as temporary,
    ):
        folder = Path(temporary) / path.name
        folder.mkdir()
        members = [info for info in archive.infolist() if not info.is_dir()]
        _check(members, path, shutil.disk_usage(temporary).free)
        for info in members:
            target = folder.joinpath(*PurePosixPath(info.filename).parts)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as out:
                    for block in _blocks(archive, info, path):
                        out.write(block)
            except OSError as error:
                raise FormatError(
                    _("{member} can't be unpacked: {error}.").format(
                        member=info.filename, error=error.strerror or error
                    ),
                    _("Unpack it yourself, and add the folder."),
                    str(path),
                ) from error
        yield folder


def _blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> Iterator[bytes]:
    """What a member holds, as long as it is no bomb: what it says of its size may be a lie."""
    if info.flag_bits & 0x1:
        raise FormatError(
            _("{member} is encrypted.").format(member=info.filename),
            _("Unpack it yourself, and add the folder."),
            str(path),
        )
    size = 0
    try:
        with archive.open(info) as file:
            while block := file.read(_BLOCK):
                size += len(block)
                _refuse_bomb(info, size, path)
                yield block
    except _FAULTS as error:
        raise _broken(path, error) from error


def _check(members: list[zipfile.ZipInfo], path: Path, free: int) -> None:
    if len(members) > _MEMBERS:
        raise _bomb(path)
    names: set[str] = set()
    for info in members:
        name = info.filename
        if (
            ".." in name.replace("\\", "/").split("/")
            or PurePosixPath(name).is_absolute()
            or PureWindowsPath(name).drive
            or PureWindowsPath(name).root
            or "\x00" in name
            or stat.S_ISLNK(info.external_attr >> 16)
        ):
            raise FormatError(
                _("it holds {member}, which leads out of the archive.").format(member=f"“{name}”"),
                _("Goldsmith refuses such archives; unpack it yourself if you trust it."),
                str(path),
            )
        if name.lower() in names:
            raise FormatError(
                _("it holds {member} twice.").format(member=f"“{name}”"),
                _("Unpack it yourself, and add the folder."),
                str(path),
            )
        names.add(name.lower())
        if PurePosixPath(name).suffix.lower() == ".zip":
            raise FormatError(
                _("it holds another archive, {member}.").format(member=f"“{name}”"),
                _("Unpack it yourself, and add the folder."),
                str(path),
            )
        _refuse_bomb(info, info.file_size, path)
    needed = sum(info.file_size for info in members)
    if needed > free:
        raise FormatError(
            _("it unpacks to {n} MB, and {free} MB are free.").format(
                n=f"{needed >> 20:,}", free=f"{free >> 20:,}"
            ),
            _("Free some space, or add a part of it."),
            str(path),
        )


def _refuse_bomb(info: zipfile.ZipInfo, size: int, path: Path) -> None:
    if size > _SMALL and size > _RATIO * max(info.compress_size, 1):
        raise _bomb(path)


def _bomb(path: Path) -> FormatError:
    return FormatError(
        _("it unpacks to far more than articles do, as harmful archives do."),
        _("Goldsmith refuses such archives; unpack it yourself if you trust it."),
        str(path),
    )


def _broken(path: Path, error: BaseException) -> FormatError:
    return FormatError(
        _("the archive is broken: {reason}.").format(reason=str(error) or type(error).__name__),
        _("Make the file again, or leave it out."),
        str(path),
    )
