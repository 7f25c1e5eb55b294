"""JSON values one after the other, however a file has them: an array, lines, or just in a row.

Streamed: no more of a file is in memory than its longest value and a block.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import FormatError
from core.formats.files import (
    NotJson,
    Refuse,
    finite,
    pairs,
    raised,
    refuse_constant,
    refuse_halves,
    unreadable,
)
from core.i18n import _

_BLOCK = 1 << 18
_LONGEST = 1 << 28  # characters of one value; an article with its annotation has a few thousand
_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder(
    object_pairs_hook=pairs, parse_constant=refuse_constant, parse_float=finite
)


def json_values(path: Path, refuse: Refuse = raised) -> Iterator[tuple[int, Any]]:
    """The values of a file, those of its array if it is one, with the line that each begins at.

    As strict as `core.formats.files.json_lines`. Raises `FormatError` with the line. What is no
    JSON is given to `refuse` where one can go on behind it: not in an array.
    """
    try:
        with path.open("rb") as file:
            yield from _Values(file, str(path)).values(refuse)
    except OSError as error:
        raise unreadable(path, error) from error


class _Values:
    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file = file
        self._path = path
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text = ""
        self._at = 0
        self._line = 1
        self._block = _BLOCK
        self._ended = False
        self._ended_badly = False  # what follows can't be decoded

    def values(self, refuse: Refuse) -> Iterator[tuple[int, Any]]:
        in_array = self._next() == "["
        if in_array:
            self._at += 1
            if self._next() == "]":
                self._at += 1
                self._only_space()
                return
        while self._next():
            line = self._line
            try:
                value = self._value()
            except FormatError as error:
                if in_array or self._ended_badly:
                    raise
                refuse(error)
                self._to_next_object()
                continue
            yield line, value
            if not in_array:
                continue
            after = self._next()
            self._at += 1
            if after == "]":
                self._only_space()
                return
            if after != ",":
                raise self._fault(_("the array goes on without a comma, or is cut off."))
        if in_array:
            raise self._fault(_("it ends in the middle of an array."))

    def _to_next_object(self) -> None:
        """Go on at the next line that begins with a brace, as those within a value seldom do."""
        while True:
            at = self._text.find("\n{", self._at)
            if at >= 0:
                self._line += self._text.count("\n", self._at, at + 1)
                self._at = at + 1
                return
            keep = max(self._at, len(self._text) - 1)  # it may end between the two characters
            self._line += self._text.count("\n", self._at, keep)
            self._at = keep
            if not self._more():
                self._at = len(self._text)
                return

    def _only_space(self) -> None:
        if self._next():
            raise self._fault(_("something follows after its end."))

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
        try:
            text = self._decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            self._ended_badly = True
            raise self._fault(_("a byte after this line is not UTF-8.")) from error
        self._text = self._text[self._at :] + text
        self._at = 0
        return not self._ended or bool(text)

    def _value(self) -> Any:
        self._block = _BLOCK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                written = self._text[self._at : end]
                if "\\u" in written:
                    refuse_halves(value)
            except json.JSONDecodeError as error:
                cut_off = error.msg.startswith("Unterminated") or error.pos > len(self._text) - 32
                if cut_off and len(self._text) - self._at < _LONGEST and self._more():
                    self._block = min(self._block * 2, 1 << 26)
                    continue
                line = self._line + self._text.count("\n", self._at, error.pos)
                reason = _("this is not JSON: {reason}.").format(reason=error.msg)
                raise self._fault(reason, line) from error
            except NotJson as error:
                raise self._fault(str(error)) from error
            except (ValueError, RecursionError) as error:
                raise self._fault(_("this is not JSON: {reason}.").format(reason=error)) from error
            self._line += written.count("\n")
            self._at = end
            return value

    def _fault(self, reason: str, line: int | None = None) -> FormatError:
        return FormatError(
            reason,
            _("Nothing of this file was added; make it again, or leave it out."),
            self._path,
            line or self._line,
        )
