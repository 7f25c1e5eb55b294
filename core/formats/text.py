"""Plain text: one file, one article. The text is kept as it is, line ends included.

UTF-8 is read as it is, UTF-16 and UTF-32 by their byte order mark. Any other encoding is read where
charset-normalizer leaves no doubt, and refused otherwise: a wrong guess would be gold on mangled
text.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.annotation import Document
from core.errors import FormatError
from core.formats import Feature, Report
from core.formats.files import contents
from core.formats.found import Found
from core.formats.incoming import EncodedFile, documents
from core.i18n import _

# Longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What news is found in. charset-normalizer knows some 90 encodings; in all of them it finds a
# reading for nearly anything, and takes French for Baltic and Russian for Japanese.
_LIKELY = [
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "iso8859_2", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_15", "koi8_r", "koi8_u",
    "cp850", "cp866", "mac_roman", "mac_cyrillic",
    "cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949",
]  # fmt: skip
_MULTIBYTE = {"cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949"}

# Measured on 900 files: sentences of 30 languages and English news in the encodings of each, from
# 10 bytes to 6 kB. At 0.02 the wrong reading was taken for 3 of them, at 0.05 and above for none.
_MARGIN = 0.08  # of "mess", within which a second reading is a rival
_COHERENCE = 0.3  # of 1, how much like a language the letters' frequencies look
_COHERENCE_MULTIBYTE = 0.1  # there are more characters than a short text has

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_CONTROL_1 = re.compile(r"[\x80-\x9f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the encoding that it was read in (a Python codec name)."""

    text: str
    encoding: str


def decode(data: bytes, encoding: str = "") -> Decoded:
    """The text in `data`; in `encoding` if the person names one.

    Raises `FormatError`, without path, for binary data and for an encoding that is in doubt.
    """
    if encoding:
        return _decode_as(data, encoding)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Decoded(_strict(data[len(mark) :], name), name)
    if b"\x00" in data:
        raise FormatError(
            _("this is not a text file (it holds NUL bytes)."),
            _("Save it as plain text in UTF-8."),
        )
    try:
        text, name = data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, name = _guess(data)
    _refuse_control(text)
    return Decoded(text, name)


def _strict(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(
            _("its first bytes say {encoding}, but byte {n} does not fit.").format(
                encoding=encoding, n=error.start + 1
            ),
            _("Save it as plain text in UTF-8."),
        ) from error
    _refuse_control(text)
    return text


def _decode_as(data: bytes, encoding: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
        # BOM or not, it is no part of the text.
        text = data.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise FormatError(
            _("there is no encoding {name}.").format(name=encoding),
            _("Common ones: utf-8, cp1252, cp1251, latin-1, shift_jis, gb18030."),
        ) from error
    except UnicodeError as error:
        raise FormatError(
            _("this is not {encoding}: {error}.").format(encoding=encoding, error=error),
            _("Name another encoding, or none to have it found out."),
        ) from error
    _refuse_control(text)
    return Decoded(text, name)


def _refuse_control(text: str) -> None:
    found = _CONTROL.search(text)
    if found is not None:
        raise FormatError(
            _("this is not plain text: line {line} holds the control character {code}.").format(
                line=text.count("\n", 0, found.start()) + 1, code=f"U+{ord(found.group()):04X}"
            ),
            _("Save it as plain text in UTF-8."),
        )


def _guess(data: bytes) -> tuple[str, str]:
    """The text and its encoding where every plausible reading is the same. Raises `FormatError`."""
    from charset_normalizer import from_bytes

    matches = [m for m in from_bytes(data, cp_isolation=_LIKELY) if m.encoding in _LIKELY]
    least = min((m.chaos for m in matches), default=0.0)
    readings: dict[str, list[str]] = {}  # text: encodings
    coherence = 0.0
    for match in matches:
        if match.chaos > least + _MARGIN:
            continue
        try:
            text = data.decode(match.encoding)
        except UnicodeDecodeError:  # it looks at samples only
            continue
        readings.setdefault(text, []).append(match.encoding)
        coherence = max(coherence, match.coherence)
    if len(readings) == 1:
        [(text, names)] = readings.items()
        enough = _COHERENCE_MULTIBYTE if names[0] in _MULTIBYTE else _COHERENCE
        if coherence >= enough and not _CONTROL_1.search(text):
            return text, names[0]
    names = [name for group in readings.values() for name in group]
    raise FormatError(
        _("the text is not UTF-8, and its encoding is in doubt{names}.").format(
            names=" " + _("(perhaps {names})").format(names=", ".join(names[:4])) if names else ""
        ),
        _("Save it in UTF-8, or name its encoding: goldsmith add --encoding cp1252 …"),
    )


class Text(EncodedFile):
    """Reads plain text files."""

    name = "text"
    extensions = (".txt",)
    holds = frozenset({Feature.TEXT})

    @property
    def title(self) -> str:
        """For a person."""
        return _("plain text")

    def sniff(self, path: Path, head: bytes) -> bool:
        """By the name alone: ``.txt`` or no suffix; a page of HTML is text, but no article."""
        return path.suffix.lower() in (*self.extensions, "")

    def read(self, path: Path, report: Report) -> Iterator[Document]:
        """The one article in the file; several if it is a bundle of a press archive."""
        data = contents(path)
        text = read_as_text(data, path, report, self.encoding)
        yield from documents(Found(text), path, hashlib.sha256(data).hexdigest(), report)


def read_as_text(data: bytes, path: Path, report: Report, encoding: str = "") -> str:
    """The text of a file's bytes; what was odd about them goes into the report.

    Raises `FormatError` as `decode` does, with the path.
    """
    try:
        decoded = decode(data, encoding)
    except FormatError as error:
        raise FormatError(error.message, error.hint, str(path)) from error
    if decoded.encoding != "utf-8":
        report.notes.append(
            _("{name} was read as {encoding}.").format(name=path.name, encoding=decoded.encoding)
        )
    damaged = decoded.text.count("\ufffd")
    if damaged:
        report.notes.append(
            _("{name} holds {n} replacement characters (U+FFFD): it was damaged.").format(
                name=path.name, n=damaged
            )
        )
    return decoded.text
