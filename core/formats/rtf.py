"""Rich Text Format (``.rtf``): its text as it stands, without layout. See ``docs/formats/rtf.md``.

Bytes are read in the code page of the font that they are in, so Arabic and Russian come out right.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.annotation import Document
from core.errors import FormatError
from core.formats import Report
from core.formats.files import contents
from core.formats.found import Found
from core.formats.incoming import ArticleFile, documents
from core.i18n import _

_PIECE = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?(?: |(?=[^a-zA-Z0-9 -])|(?=-)|\Z|(?<=\d))"  # \word12
    rb"|\\'([0-9a-fA-F]{2})"  # \'e9, a byte
    rb"|\\([^a-zA-Z])"  # \~, \*, \{, a line end
    rb"|([{}])"
    rb"|[\r\n\x00]+"
    rb"|([^\\{}\r\n\x00]+|\\)",
    re.DOTALL,
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl "
    b"footerr footerf footnote annotation xe tc fldinst themedata colorschememapping datastore "
    b"latentstyles listtable listoverridetable rsidtbl generator xmlnstbl mmathPr pgptbl revtbl "
    b"filetbl bkmkstart bkmkend nonshppict objdata shpinst".split()
)
_MARKS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"cell": "\t",
    b"nestcell": "\t", b"nestrow": "\n", b"tab": "\t", b"emdash": "\u2014", b"endash": "\u2013",
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d",
    b"bullet": "\u2022", b"emspace": "\u2003", b"enspace": "\u2002", b"zwj": "\u200d",
    b"zwnj": "\u200c", b"ltrmark": "\u200e", b"rtlmark": "\u200f",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "\u2011", b"-": "\u00ad", b"\n": "\n", b"\r": "\n", b"\t": "\t"}
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 255: "cp437",
}  # fmt: skip
_DEPTH = 10_000


class Rtf(ArticleFile):
    """Reads Rich Text Format."""

    name = "rtf"
    extensions = (".rtf",)

    @property
    def title(self) -> str:
        """For a person."""
        return _("Rich Text Format")

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The article in the document; several if it is a bundle of a press archive."""
        data = contents(path)
        if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
            raise FormatError(
                _("this is no Rich Text Format."), _("Save it as .rtf or .txt again."), str(path)
            )
        try:
            read = _Reader(data)
        except _Broken as error:
            raise FormatError(str(error), _("Save it as .rtf or .txt again."), str(path)) from error
        if read.damaged:
            report.notes.append(
                _("{name}: {n} bytes are no text in their code page; U+FFFD stands there.").format(
                    name=path.name, n=read.damaged
                )
            )
        found = Found(
            read.text, title=read.said.get("title", ""), author=read.said.get("author", "")
        )
        yield from documents(found, path, hashlib.sha256(data).hexdigest(), report)


class _Broken(ValueError):
    """What is wrong with the file."""


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits.

    Attributes:
        place: ``text``, ``skip``, ``fonts``, or a field of the document's own description.
        encoding: of bytes.
        after: how many characters follow a ``\\u`` for readers that don't know it.
    """

    place: str = "text"
    encoding: str = "cp1252"
    after: int = 1


@dataclass
class _Reader:
    data: bytes
    text: str = ""
    said: dict[str, str] = field(default_factory=dict)
    damaged: int = 0

    def __post_init__(self) -> None:
        self._out: list[str] = []
        self._bytes = bytearray()
        self._bytes_in = "cp1252"
        self._state = _State()
        self._stack: list[_State] = []
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._half = 0  # the first of two \u that are one character
        self._skip = 0  # characters that stand for a \u
        self._star = False
        self._run()
        text = "".join(self._out)
        # Surrogate halves that found no other half are no characters.
        text = re.sub("[\ud800-\udfff]", "\ufffd", text)
        text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
        self.text = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")

    def _run(self) -> None:
        at = 0
        data = self.data
        started = False
        while at < len(data):
            match = _PIECE.match(data, at)
            if match is None:  # a control word of 40 letters
                at += 1
                continue
            word, number, byte, symbol, brace, plain = match.groups()
            at = match.end()
            if brace == b"{":
                self._flush()
                started = True
                self._stack.append(self._state)
                if len(self._stack) > _DEPTH:
                    raise _Broken(_("its groups are nested too deeply."))
                self._star = False
                continue
            if brace == b"}":
                self._flush()
                self._skip = 0
                if not self._stack:
                    raise _Broken(_("a group ends that never began."))
                self._state = self._stack.pop()
                if not self._stack:
                    return
                continue
            if byte is not None:
                self._byte(bytes([int(byte, 16)]))
            elif word is not None:
                at = self._word(word, int(number) if number is not None else None, at)
            elif symbol is not None:
                self._symbol(symbol)
            elif plain is not None and plain != b"\\":
                self._plain(plain)
        if started:
            self._flush()
            raise _Broken(_("it ends in the middle (a group is not closed)."))

    # -- pieces

    def _byte(self, byte: bytes) -> None:
        if self._skip:
            self._skip -= 1
            return
        if self._state.place == "skip":
            return
        if self._bytes_in != self._state.encoding:
            self._flush()
            self._bytes_in = self._state.encoding
        self._bytes += byte

    def _plain(self, plain: bytes) -> None:
        if self._skip:
            cut = min(self._skip, len(plain))
            self._skip -= cut
            plain = plain[cut:]
        if not plain or self._state.place == "skip":
            return
        if self._bytes_in != self._state.encoding:
            self._flush()
            self._bytes_in = self._state.encoding
        self._bytes += plain

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._star = True
        elif symbol in b"\\{}":
            self._plain(symbol)
        elif symbol in _SYMBOLS:
            self._put(_SYMBOLS[symbol])

    def _put(self, text: str) -> None:
        self._flush()
        if self._skip:
            self._skip -= 1
        elif self._state.place == "text":
            self._out.append(text)
        elif self._state.place not in ("skip", "fonts"):
            self.said[self._state.place] = self.said.get(self._state.place, "") + text

    def _flush(self) -> None:
        if not self._bytes:
            return
        data, self._bytes = bytes(self._bytes), bytearray()
        if self._state.place == "fonts":
            return
        text = data.decode(self._bytes_in, "replace")
        if self._state.place == "text":
            self.damaged += text.count("\ufffd")
            self._out.append(text)
        elif self._state.place != "skip":
            self.said[self._state.place] = self.said.get(self._state.place, "") + text

    def _word(self, word: bytes, number: int | None, at: int) -> int:
        state = self._state
        starred, self._star = self._star, False
        if word == b"u" and number is not None:
            self._unicode(number)
        elif word == b"uc" and number is not None:
            self._state = replace(state, after=max(0, min(number, 8)))
        elif word == b"bin" and number is not None:
            return at + max(0, number)
        elif word == b"fonttbl":
            self._flush()
            self._state = replace(state, place="fonts")
        elif state.place == "fonts":
            if word == b"f" and number is not None:
                self._font = number
            elif word == b"fcharset" and number in _CHARSETS:
                # The ANSI charset is whatever the document says that it is.
                if number:
                    self._fonts[self._font] = _CHARSETS[number]
            elif word == b"cpg" and number is not None and _known(number):
                self._fonts[self._font] = _known(number)
        elif word == b"info":
            self._flush()
            self._state = replace(state, place="info")
        elif state.place == "info":
            self._flush()
            name = word.decode("ascii")
            self._state = replace(state, place=name if name in ("title", "author") else "skip")
        elif word in _SKIPPED or (starred and word != b"shppict"):
            self._flush()
            self._state = replace(state, place="skip")
        elif word == b"ansicpg" and number is not None and _known(number):
            self._ansi = _known(number)
            self._state = replace(state, encoding=self._ansi)
        elif word in (b"mac", b"pc", b"pca"):
            names = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
            self._ansi = names[word]
            self._state = replace(state, encoding=self._ansi)
        elif word == b"f" and number is not None:
            self._flush()
            encoding = self._fonts.get(number, getattr(self, "_ansi", "cp1252"))
            self._state = replace(state, encoding=encoding)
        elif word == b"plain":
            self._flush()
            self._state = replace(state, encoding=getattr(self, "_ansi", "cp1252"))
        elif word in _MARKS:
            self._put(_MARKS[word])
        return at

    def _unicode(self, number: int) -> None:
        self._flush()
        self._skip = 0
        code = number & 0xFFFF if number < 0 else number
        if 0xD800 <= code < 0xDC00:
            self._half = code
        elif 0xDC00 <= code < 0xE000 and self._half:
            self._put(chr(0x10000 + ((self._half - 0xD800) << 10) + (code - 0xDC00)))
            self._half = 0
        elif code <= 0x10FFFF:
            self._half = 0
            self._put(chr(code))
        self._skip = self._state.after


def _known(page: int) -> str:
    """Python's name of a code page, empty if it has none."""
    names = {65001: "utf-8", 10000: "mac_roman", 10007: "mac_cyrillic", 936: "gb18030"}
    names |= {28591 + n - 1: f"iso8859_{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15)}
    if page in names:
        return names[page]
    name = f"cp{page}"
    try:
        codecs.lookup(name)
    except LookupError:
        return ""
    return name
