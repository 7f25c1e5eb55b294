"""A folder that an export writes: whole or not at all, and over nothing but an earlier export.

Each one holds a list of what was written into it, with checksums. What is not on the list, or has
changed since, is a person's own: a folder that holds it is not replaced, whatever was forced.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import FormatError
from core.i18n import _, ngettext

LIST = ".goldsmith-export.sha256"  # as sha256sum writes and checks it

# What the system puts into folders that are looked at: nobody's work.
_SYSTEM = (".DS_Store", "Thumbs.db")


def earlier(out: Path, *, contents: bool = True) -> int:
    """How many files the earlier export has that the folder `out` holds; 0 if it is empty.

    Args:
        contents: look into the files, too, whether they still are what was written.

    Raises `FormatError` if it holds anything that no export wrote, or that was changed since.
    """
    return sum(path.name not in (LIST, *_SYSTEM) for path in _ours(out, contents))


def check_free(out: Path, force: bool) -> None:
    """Raises `FormatError` if the folder `out` may not become an export's: if it holds an earlier
    one and that is not replaced by `force`, or anything else."""
    n = earlier(out)
    if n and not force:
        raise FormatError(
            ngettext(
                "an earlier export is there already, of {n} file.",
                "an earlier export is there already, of {n} files.",
                n,
            ).format(n=f"{n:,}"),
            _("Choose another name, or use --force to replace it."),
            str(out),
        )


@contextmanager
def replacing_folder(out: Path) -> Iterator[Path]:
    """A folder that appears at `out`, whole, when the block ends well; else nothing does.

    The block gets an empty folder beside its place. An earlier export at `out` gives way. Raises
    `FormatError` where the system refuses, or where something else is there.
    """
    out = out.resolve() if out.is_symlink() else out  # the link goes on leading to the export
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        try:
            draft.mkdir()
            yield draft
            _write_list(draft)
            for path in draft.rglob("*"):
                if path.is_file():
                    with path.open("rb") as file:
                        os.fsync(file.fileno())
            # Looked at again: an export takes its time, and files may have come meanwhile.
            ours = _ours(out, contents=True) if out.is_dir() else []
            if out.is_dir():
                out.replace(old)
            try:
                draft.replace(out)
            except BaseException:
                if old.is_dir():
                    old.replace(out)
                raise
            _remove(old, [old / path.relative_to(out) for path in ours])
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise FormatError(
            _("the folder can't be written: {error}.").format(error=error.strerror or error),
            _("Choose a place that you may write to, on a disk with room."),
            str(out),
        ) from error


def _ours(out: Path, contents: bool) -> list[Path]:
    """All files of the folder `out`, each of them ours; else raises `FormatError`."""
    listed = _read_list(out)
    found: list[Path] = []
    try:
        for path in sorted(out.rglob("*")):
            name = path.relative_to(out).as_posix()
            if path.is_symlink() or not path.is_file():
                known = path.is_dir() and any(n.startswith(f"{name}/") for n in listed or ())
                if path.is_symlink() or not known:
                    raise _foreign(out, name, listed)
                continue
            if path.name not in (LIST, *_SYSTEM):
                if listed is None or name not in listed:
                    raise _foreign(out, name, listed)
                if contents and _digest(path) != listed[name]:
                    raise _refusal(out, _("{name} was changed after its export.").format(name=name))
            found.append(path)
    except OSError as error:
        raise _refusal(
            out, _("the folder can't be read: {error}.").format(error=error.strerror or error)
        ) from error
    return found


def _foreign(out: Path, name: str, listed: dict[str, str] | None) -> FormatError:
    return _refusal(
        out,
        (
            _("this folder holds {name} and no list of what an export wrote.")
            if listed is None
            else _("this folder holds {name}, which no export wrote.")
        ).format(name=name),
    )


def _refusal(out: Path, said: str) -> FormatError:
    hint = _("Choose a new folder, or move this one away; nothing was touched.")
    return FormatError(said, hint, str(out))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_list(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != LIST]
    named = sorted((path.relative_to(folder).as_posix(), path) for path in files)
    text = "".join(f"{_digest(path)}  {name}\n" for name, path in named)
    (folder / LIST).write_text(text, encoding="utf-8", newline="\n")


def _read_list(folder: Path) -> dict[str, str] | None:
    """The digest of each file that an export wrote; None where that is not known."""
    try:
        lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return {name: digest for digest, _spaces, name in (line.partition("  ") for line in lines)}


def _remove(folder: Path, files: list[Path]) -> None:
    """Remove `files` and the folders that are empty then: what came since they were looked at
    stays where it is."""
    for path in files:
        with suppress(OSError):
            path.unlink()
    for path in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
        with suppress(OSError):
            path.rmdir()
    with suppress(OSError):
        folder.rmdir()
