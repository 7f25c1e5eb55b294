"""Another project's list of tables in the place of a damaged one.

SQLite keeps what tables there are, and on which page each begins, at the start of the file. A page
on which a table begins never moves, so the list of an earlier copy fits; and since every project is
made by the same statements, that of a new one often does. See https://sqlite.org/fileformat.html.
"""

from __future__ import annotations

from pathlib import Path

_INTERIOR, _LEAF = 5, 13  # kinds of pages of a table


def graft(broken: Path, source: Path) -> bool:
    """Write the list of tables of the sound file `source` over that of `broken`; whether it can be
    done. Whether it fits, what is read then must show."""
    donor, data = source.read_bytes(), bytearray(broken.read_bytes())
    size = int.from_bytes(donor[16:18], "big") or 1
    size = 65536 if size == 1 else size
    pages = _list_pages(donor, size)
    if not pages:
        return False
    # One that was cut short may lack pages on which tables of the list begin.
    count = max(len(data), len(donor)) // size
    data.extend(bytes(max(0, count * size - len(data))))
    for n in pages:
        data[(n - 1) * size : n * size] = donor[(n - 1) * size : n * size]
    data[28:32] = count.to_bytes(4, "big")
    data[92:96] = data[24:28]  # the count is of this state of the file
    data[32:40] = bytes(8)  # no page is known to be free
    broken.write_bytes(data)
    return True


def _list_pages(data: bytes, size: int) -> set[int]:
    """The pages of the list of tables, whose root is the first page; none where it makes no sense.
    An entry that does not fit on a page (a person's own, very long view) is not followed."""
    found: set[int] = set()
    to_do = [1]
    while to_do:
        n = to_do.pop()
        page = data[(n - 1) * size : n * size]
        at = 100 if n == 1 else 0
        if n in found or len(page) < size or page[at] not in (_INTERIOR, _LEAF):
            return set()
        found.add(n)
        if page[at] == _INTERIOR:
            to_do.append(int.from_bytes(page[at + 8 : at + 12], "big"))
            for cell in range(int.from_bytes(page[at + 3 : at + 5], "big")):
                place = at + 12 + 2 * cell
                start = int.from_bytes(page[place : place + 2], "big")
                to_do.append(int.from_bytes(page[start : start + 4], "big"))
    return found
