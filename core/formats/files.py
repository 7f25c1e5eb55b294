"""What formats share about files: JSON lines with their numbers, and writing all or nothing."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TypeAlias

import orjson

from core.article import Article
from core.errors import FormatError
from core.i18n import _

_BOM = b"\xef\xbb\xbf"
WHOLE = 256 << 20  # bytes of a file that can't be streamed; an article has a few thousand
_BLOCK = 1 << 20
_BROKEN = 20  # lines at the start of a file that is no file of JSON lines


def unreadable(path: Path, error: OSError) -> FormatError:
    """What a person is told when the system does not let a file be read."""
    if isinstance(error, FileNotFoundError):
        return FormatError(_("there is no such file."), _("Check the name."), str(path))
    return FormatError(
        _("the file can't be read: {error}.").format(error=error.strerror or error),
        _("Check that it is a file and that you may read it."),
        str(path),
    )


Refuse: TypeAlias = Callable[[FormatError], None]
"""Takes what is wrong with one document: it raises it, or the document is left out."""


def raised(error: FormatError) -> NoReturn:
    """The `Refuse` of those who can do with nothing less than the whole file."""
    raise error


def wrong_line(path: Path, number: int | None, reason: object) -> FormatError:
    """What a person is told of a line that an importer refuses, and with it the file."""
    return FormatError(
        str(reason),
        _("Nothing of this file was added; correct the line, or leave it out."),
        str(path),
        number,
    )


def check_size(path: Path) -> None:
    """Raise `FormatError` for a file that is too large to be read whole."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from error
    if size > WHOLE:
        raise FormatError(
            _("the file has {n} MB; a file of this kind is read whole, up to {most} MB.").format(
                n=f"{size >> 20:,}", most=WHOLE >> 20
            ),
            _("Split it, or have its articles in lines or rows (JSON Lines, CSV)."),
            str(path),
        )


def contents(path: Path) -> bytes:
    """The bytes of a file that must be read whole. Raises `FormatError`."""
    check_size(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def head(path: Path, size: int = 64 << 10) -> bytes:
    """The first `size` bytes of a file. Raises `FormatError`."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise unreadable(path, error) from error


def count_lines(path: Path) -> int:
    """How many lines a file has, judged by its first MiB if it is longer; 0 if it can't be read."""
    try:
        start = head(path, _BLOCK)
        size = path.stat().st_size
    except (FormatError, OSError):
        return 0
    if size <= len(start):
        return start.count(b"\n") + (not start.endswith(b"\n") if start else 0)
    return max(1, start.count(b"\n") * size // len(start))


def text_lines(
    path: Path, refuse: Refuse = raised, limit: int = 4 << 20
) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file without their ends (LF or CR LF), with their numbers from 1; a byte
    order mark is no part of the first. Raises `FormatError` with the line.

    Args:
        refuse: takes what is wrong with one line, which is left out then.
        limit: bytes of a line; a longer one is refused, as the file is no such file then.
    """
    number = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(limit + 1):
                number += 1
                if number == 1:
                    line = line.removeprefix(_BOM)
                if len(line) > limit:
                    raise FormatError(
                        _("the line is longer than {n} bytes.").format(n=f"{limit:,}"),
                        _("This is no file of lines; choose another format."),
                        str(path),
                        number,
                    )
                try:
                    text = _line_of(line)
                except ValueError as error:
                    refuse(FormatError(str(error), _("Save the file in UTF-8."), str(path), number))
                else:
                    yield number, text
    except OSError as error:
        raise unreadable(path, error) from error


def _line_of(line: bytes) -> str:
    """Raises `ValueError` that says why it is no line of text."""
    if b"\x00" in line:
        raise ValueError(_("the line holds NUL bytes."))
    try:
        return line.decode("utf-8").rstrip("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise ValueError(
            _("the line is not UTF-8 (byte {n}).").format(n=error.start + 1)
        ) from error


def json_lines(path: Path, refuse: Refuse = raised) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file with their line numbers, from 1; blank lines are skipped.

    Strict, because everything else is lost or mangled later: UTF-8 only, no key twice in an object,
    no NaN or infinity, no half of a surrogate pair. Raises `FormatError` with the line.
    """
    try:
        with path.open("rb") as file:
            # Bytes are split at LF only; text would be split at U+2028 and its like, too.
            for number, line in enumerate(file, start=1):
                if number == 1:
                    line = line.removeprefix(_BOM)
                if line.isspace() or not line:
                    continue
                try:
                    data = _object(line)
                except NotJson as fault:
                    refuse(wrong_line(path, number, fault))
                else:
                    yield number, data
    except OSError as error:
        raise unreadable(path, error) from error


def first_object(path: Path) -> dict[str, Any] | None:
    """The object in the first line that holds one, None if there is none among the first few."""
    broken = 0

    def refuse(error: FormatError) -> None:
        nonlocal broken
        broken += 1
        if broken == _BROKEN:
            raise error

    with suppress(FormatError):
        for _number, data in json_lines(path, refuse):
            return data
    return None


class NotJson(ValueError):
    """A line that holds no JSON object."""


def _object(line: bytes) -> dict[str, Any]:
    data = _quick(line)
    return _strict(line) if data is None else data


_SPACED = re.compile(rb'"[ \t\r]+:')  # a key that can't be counted by its colon
_LARGE = 2.0**63  # beyond it orjson reads whole numbers as fractions


class _Doubtful(ValueError):
    """A line that is right, maybe, but must be read strictly."""


def _quick(line: bytes) -> dict[str, Any] | None:
    """The object of a line that is surely right; None where there is doubt. A key that is there
    twice leaves fewer keys than the line has."""
    try:
        data = orjson.loads(line)
        keys = _keys(data)
    except (orjson.JSONDecodeError, _Doubtful):
        return None
    if not isinstance(data, dict) or keys != line.count(b'":'):
        return None
    return None if _SPACED.search(line) else data


def _keys(data: Any) -> int:
    """How many keys there are, at all depths. Raises `_Doubtful` for a number that is too large."""
    count = 0
    if type(data) is dict:
        count = len(data)
        data = data.values()
    elif type(data) is not list:
        return 0
    for value in data:
        kind = type(value)  # what orjson makes has no subclasses
        if kind is str:
            continue
        if kind is dict or kind is list:
            count += _keys(value)
        elif kind is float and not -_LARGE < value < _LARGE:
            raise _Doubtful
    return count


def _strict(line: bytes) -> dict[str, Any]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(_("the line is not UTF-8 (byte {n}).").format(n=error.start + 1)) from error
    try:
        data = json.loads(
            text, object_pairs_hook=pairs, parse_constant=refuse_constant, parse_float=finite
        )
    except json.JSONDecodeError as error:
        raise NotJson(
            _("the line is not JSON: {reason} (character {n}).").format(
                reason=error.msg, n=error.colno
            )
        ) from error
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, 10,000 brackets
        raise NotJson(_("the line is not JSON: {reason}.").format(reason=error)) from error
    if not isinstance(data, dict):
        raise NotJson(_("the line is no JSON object ({{…}})."))
    if "\\u" in text:
        refuse_halves(data)
    return data


def refuse_halves(data: Any) -> None:
    """Raise `NotJson` where a text holds half of a surrogate pair."""
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotJson(
            _("the line holds half of a surrogate pair ({code}), no character.").format(
                code=f"\\u{ord(error.object[error.start]):04x}"
            )
        ) from error


def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a key that is there twice is a fault."""
    data = dict(items)
    if len(data) < len(items):
        names = [name for name, _value in items]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJson(_("the key {key} is there twice.").format(key=f"“{twice}”"))
    return data


def finite(digits: str) -> float:
    """A number with a fraction; ``1e999`` is beyond what can be written again."""
    number = float(digits)
    if math.isinf(number):
        raise NotJson(_("the number {value} is too large.").format(value=digits[:20]))
    return number


def refuse_constant(name: str) -> NoReturn:
    """Raise `NotJson`: JSON has no NaN and no infinity."""
    raise NotJson(_("{value} is not a number that JSON knows.").format(value=name))


def json_file(path: Path) -> dict[str, Any]:
    """The object that a JSON file is, as strictly as `json_lines`. Raises `FormatError`."""
    data = contents(path).removeprefix(_BOM)
    try:
        return _strict(data)
    except NotJson as fault:
        cause = fault.__cause__
        raise FormatError(
            str(fault),
            _("Nothing of this file was added; make it again."),
            str(path),
            cause.lineno if isinstance(cause, json.JSONDecodeError) else None,
        ) from fault


@contextmanager
def replacing(out: Path) -> Iterator[BinaryIO]:
    """A file that appears at `out`, whole, when the block ends well; else nothing does.

    It is written beside its place, synced, and moved there in one step. Raises `FormatError` where
    the system refuses.
    """
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        try:
            with draft.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(out)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FormatError(
            _("the file can't be written: {error}.").format(error=error.strerror or error),
            _("Choose a folder that you may write to, on a disk with room."),
            str(out),
        ) from error


# What Windows and shells make trouble with; a name is short enough for every file system.
_UNSAFE = re.compile(r"[^\w.+-]+")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


class FileNames:
    """A name for each article of a folder: the one that it came with, else its title's; each once.

    Args:
        taken: names (without ending) that something else has.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}

    def name(self, article: Article) -> str:
        """Without ending; letters, digits and ``.+-_`` only."""
        source = Path(article.source.replace("\\", "/")).stem if article.source else ""
        if "://" in article.source:
            source = ""
        words = _UNSAFE.sub("_", source or article.title).strip("._-")[:80].strip("._-")
        if not words or _RESERVED.match(words):
            words = _UNSAFE.sub("_", article.id).strip("._-") or "article"
        name, n = words, 1
        while name.casefold() in self._taken:
            n += 1
            name = f"{words}-{n}"
        self._taken.add(name.casefold())
        return name
