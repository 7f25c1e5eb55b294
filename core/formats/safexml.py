"""XML as a stream of events that no file can turn against us.

Entities that a file declares itself are refused (a few lines of them unfold to gigabytes), nothing
outside the file is ever fetched, and no depth of nesting costs stack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.entities import html5
from typing import BinaryIO, Literal
from xml.parsers import expat

from core.errors import FormatError
from core.i18n import _

_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Event:
    """A start tag, an end tag or a stretch of text.

    Attributes:
        name: of a tag, ``{namespace}local`` as ElementTree writes it, or ``local``.
        attributes: of a start tag, their names written alike.
        line: where it stands, from 1.
    """

    kind: Literal["start", "end", "text"]
    name: str = ""
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    line: int = 0

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition("}")[2]


def events(file: BinaryIO, path: str = "") -> Iterator[Event]:
    """The events of the XML in `file`, read in blocks. Raises `FormatError` with `path` and line.

    Text may come in several events.
    """
    found: list[Event] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        written = {_name(key): value for key, value in attributes.items()}
        line = parser.CurrentLineNumber
        found.append(Event("start", _name(name), attributes=written, line=line))

    def end(name: str) -> None:
        found.append(Event("end", _name(name), line=parser.CurrentLineNumber))

    def text(data: str) -> None:
        found.append(Event("text", text=data, line=parser.CurrentLineNumber))

    def entity(name: str, *more: object) -> None:
        raise FormatError(
            _("it declares the entity {name} for itself, which harmful files do.").format(
                name=f"“{name}”"
            ),
            _("Goldsmith refuses such files; save it without a document type."),
            path,
            parser.CurrentLineNumber,
        )

    def outside(*more: object) -> int:
        raise FormatError(
            _("it wants another file to be fetched, which harmful files do."),
            _("Goldsmith refuses such files; save it without a document type."),
            path,
            parser.CurrentLineNumber,
        )

    def skipped(name: str, is_parameter: bool) -> None:
        if not is_parameter:  # &nbsp; and its like, of a document type that is not fetched
            text(html5.get(name + ";", f"&{name};"))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = entity
    parser.ExternalEntityRefHandler = outside
    parser.SkippedEntityHandler = skipped
    try:
        while block := file.read(_BLOCK):
            parser.Parse(block, False)
            yield from found
            found.clear()
        parser.Parse(b"", True)
        yield from found
    except expat.ExpatError as error:
        yield from found  # what is before the fault is sound
        raise FormatError(
            _("the XML is broken: {reason}.").format(reason=expat.ErrorString(error.code)),
            _("Make the file again, or leave it out."),
            path,
            error.lineno,
        ) from error
    except (LookupError, ValueError) as error:  # an encoding that there is not, or of many bytes
        raise FormatError(
            _("the XML can't be decoded: {reason}.").format(reason=error),
            _("Save it in UTF-8."),
            path,
        ) from error


def _name(written: str) -> str:
    namespace, _space, local = written.rpartition(" ")
    return f"{{{namespace}}}{local}" if namespace else local
