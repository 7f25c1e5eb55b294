"""JSON values one after the other, however a file has them: an array, lines, or just in a row.

Streamed: no more of a file is in memory than its longest value and a block.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from core.errors import FormatError
from core.formats import Report
from core.formats.files import (
    NotJson,
    finite,
    pairs,
    refuse_constant,
    refuse_halves,
    unreadable,
)
from core.i18n import _

_BLOCK = 1 << 18
_LONGEST = 1 << 28  # characters of one value; an article with its annotation has a few thousand
_SPACE = " \t\r\n"
_UNDECODED = re.compile("[\udc80-\udcff]")  # bytes, as "surrogateescape" marks them
_DECODER = json.JSONDecoder(
    object_pairs_hook=pairs, parse_constant=refuse_constant, parse_float=finite
)

_LENIENT = json.JSONDecoder()
IsRecord: TypeAlias = Callable[[dict[str, Any]], bool]


def json_values(
    path: Path, report: Report | None = None, is_record: IsRecord = bool
) -> Iterator[tuple[int, Any]]:
    """The values of a file, those of its array if it is one, with the line that each begins at.

    As strict as `core.formats.files.json_lines`. Raises `FormatError` with the line; where `report`
    skips what is bad, it is given what is wrong, and the values that can be read come all the same.

    Args:
        is_record: whether an object stands by itself, and is no part of another: behind a broken
            value one goes on at the next such one.
    """
    try:
        with path.open("rb") as file:
            yield from _Values(file, str(path), report, is_record).values()
    except OSError as error:
        raise unreadable(path, error) from error


class _Values:
    def __init__(
        self, file: BinaryIO, path: str, report: Report | None, is_record: IsRecord
    ) -> None:
        self._file = file
        self._path = path
        self._report = report
        self._is_record = is_record
        # A byte that is no UTF-8 is marked, so that it is the fault of its value alone.
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape").decode
        self._text = ""
        self._at = 0
        self._line = 1
        self._block = _BLOCK
        self._tail = ""  # of what was read
        self._ended = False
        self._opened = False  # it is an array
        self._count = 0  # values so far
        self._longest = 1 << 20  # characters of a value so far, and of what is tried for one

    def values(self) -> Iterator[tuple[int, Any]]:
        opened = self._opened = self._next() == "["
        closed = broken = False
        if opened:
            self._at += 1
        while char := self._next():
            # Behind the end of the array, and behind a fault, any mark may stand.
            if char in ",]" and (broken or (opened and char == "]")):
                self._at += 1
                closed = closed or char == "]"
                continue
            if closed and not broken:
                broken = True
                self._refuse(self._fault(_("something follows after its end.")), self._line)
                continue
            line = self._line
            self._count += 1
            try:
                value = self._value()
                if self._skips and not isinstance(value, dict):
                    raise self._fault(_("this is no JSON object ({…})."), line)
            except FormatError as error:
                broken = True
                self._refuse(error, line)
                closed = closed or self._at_end()  # that it is cut off was told
                continue
            yield line, value
            after = self._next() if opened and not broken else "]"
            if after == ",":
                self._at += 1
                if self._next() == "]":
                    self._refuse(self._fault(_("there is a comma before its end.")))
            elif after not in ("]", ""):
                broken = True
                fault = self._fault(_("the array goes on without a comma, or is cut off."))
                self._refuse(fault, self._line if after != "{" else 0)
                closed = self._at_end()
        if opened and not closed:
            self._refuse(self._fault(_("it ends in the middle of an array; it is cut off.")))

    @property
    def _skips(self) -> bool:
        return self._report is not None and self._report.skip_bad

    def _refuse(self, error: FormatError, first: int = 0) -> None:
        """Tell what is wrong, or raise it; where a value that begins on line `first` is, what can't
        be told from it is left out, too."""
        if self._report is None or not self._skips:
            raise error
        if first:
            self._to_next_record()
            if self._line > first + 1:
                left_out = _("Lines {a} to {b} are left out.").format(a=first, b=self._line - 1)
                reason = f"{error.message} {left_out}"
                error = FormatError(reason, error.hint, error.path, error.line)
            if self._opened and self._at_end() and not self._tail.rstrip(_SPACE).endswith("]"):
                reason = f"{error.message} {_('The file is cut off.')}"
                error = FormatError(reason, error.hint, error.path, error.line)
        self._report.refuse(error)

    def _to_next_record(self) -> None:
        """Go on at the next object that stands by itself; at the end if there is none."""
        while True:
            at = self._text.find("{", self._at)
            self._forget(at if at >= 0 else len(self._text))
            if at < 0 and not self._more():
                return
            if at >= 0 and self._begins_record():
                return
            if at >= 0:
                self._forget(self._at + 1)

    def _begins_record(self) -> bool:
        while True:
            try:
                value, _end = _LENIENT.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._may_be_cut(error, self._longest * 2) or not self._more():
                    return False
            except (ValueError, RecursionError):
                return False
            else:
                return isinstance(value, dict) and self._is_record(value)

    def _after(self) -> int:
        """Behind the value at this place, which is wrong, if one can say where that is; else behind
        its first character."""
        with suppress(ValueError, RecursionError):
            return _LENIENT.raw_decode(self._text, self._at)[1]
        return self._at + 1

    def _forget(self, at: int) -> None:
        """Go on at this place."""
        self._line += self._text.count("\n", self._at, at)
        self._at = at

    def _at_end(self) -> bool:
        return self._ended and self._at >= len(self._text)

    def _may_be_cut(self, error: json.JSONDecodeError, longest: int) -> bool:
        """Whether the value at this place may go on in what was not read yet."""
        at_end = error.msg.startswith("Unterminated") or error.pos > len(self._text) - 32
        return at_end and len(self._text) - self._at < longest

    def _next(self) -> str:
        """The next character that is no white space, empty at the end."""
        while True:
            start = self._at
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            self._line += self._text.count("\n", start, self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read another block; what was taken is forgotten."""
        if self._ended:
            return False
        data = self._file.read(self._block)
        self._ended = not data
        text = self._decode(data, final=self._ended)
        self._text = self._text[self._at :] + text
        self._tail = (self._tail + text)[-64:]
        self._at = 0
        return not self._ended or bool(text)

    def _value(self) -> Any:
        """The value at this place. Where it is wrong one goes on `_after` it."""
        self._block = _BLOCK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._may_be_cut(error, _LONGEST) and self._more():
                    self._block = min(self._block * 2, 1 << 26)
                    continue
                line = self._line + self._text.count("\n", self._at, error.pos)
                reason = _("this is not JSON: {reason}.").format(reason=error.msg)
                fault = self._fault(reason, line)
                self._forget(self._at + 1)
                raise fault from error
            except (ValueError, RecursionError) as error:
                known = isinstance(error, NotJson)
                reason = (
                    str(error) if known else _("this is not JSON: {reason}.").format(reason=error)
                )
                fault = self._fault(reason)
                self._forget(self._after())
                raise fault from error
            written = self._text[self._at : end]
            line = self._line
            self._forget(end)
            self._longest = max(self._longest, len(written))
            try:
                if "\\u" in written:
                    refuse_halves(value)
                if not written.isascii() and (undecoded := _UNDECODED.search(written)):
                    line += written.count("\n", 0, undecoded.start())
                    raise NotJson(
                        _("it holds a byte that is not UTF-8 (0x{byte:02x}).").format(
                            byte=ord(undecoded[0]) - 0xDC00
                        )
                    )
            except NotJson as error:
                raise self._fault(str(error), line) from error
            return value

    def _fault(self, reason: str, line: int | None = None) -> FormatError:
        if self._opened and self._count:  # a file may have all of it in one line
            reason = _("object {n}: {reason}").format(n=f"{self._count:,}", reason=reason)
        return FormatError(
            reason,
            _("Nothing of this file was added; make it again, or leave it out."),
            self._path,
            line or self._line,
        )
