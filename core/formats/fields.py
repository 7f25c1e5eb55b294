"""Checked access to the objects of a JSON line; whatever is wrong is a `Fault` that says where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from core.annotation import Attributes, Fragment, Fragments
from core.i18n import _


class Fault(ValueError):
    """What is wrong with one line; the reader adds file and line."""


class Fields:
    """One JSON object, taken apart key by key; what nobody asked for is a fault in the end.

    Args:
        place: what messages call it, e.g. ``mention m-1``; made only when there is a message.
    """

    def __init__(self, data: Any, place: str | Callable[[], str]) -> None:
        self._place = place
        if not isinstance(data, Mapping):
            raise Fault(
                _("{place} must be an object, not {value}.").format(
                    place=self.place, value=_shown(data)
                )
            )
        self._left = dict(data)
        self._asked: set[str] = set()

    @property
    def place(self) -> str:
        """What messages call this object."""
        return self._place if isinstance(self._place, str) else self._place()

    def call(self, place: str | Callable[[], str]) -> None:
        """Messages call it so from now on."""
        self._place = place

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def fault(self, reason: str) -> Fault:
        """A fault of this object."""
        return Fault(f"{self.place}: {reason}" if self.place else reason)

    def take(self, key: str) -> Any:
        """The value as it is, None if the key is absent."""
        self._asked.add(key)
        return self._left.pop(key, None)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a `default` the key must be there and not empty."""
        value = self.take(key)
        if type(value) is str and value:
            return value
        return self._text(key, value, default)

    def _text(self, key: str, value: Any, default: str | None) -> str:
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self._wrong(key, value, _("a text"))
        if not value and default is None:
            raise self.fault(_("{key} must not be empty.").format(key=key))
        return value

    def texts(self, keys: Sequence[str]) -> dict[str, str]:
        """The strings under these keys, empty where a key is absent."""
        self._asked.update(keys)
        found = {key: self._left.pop(key, "") for key in keys}
        for key, value in found.items():
            if type(value) is not str:
                found[key] = self._text(key, value, "")
        return found

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """One of `choices`, the first if the key is absent."""
        value = self.text(key, choices[0])
        if value not in choices:
            raise self._wrong(key, value, " | ".join(choices))
        return value

    def score(self, key: str) -> float | None:
        """A number from 0 to 1, None if absent."""
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self._wrong(key, value, _("a number from 0 to 1"))
        return float(value)

    def offset(self, key: str) -> int | None:
        """A whole number, None if absent."""
        value = self.take(key)
        if value is not None and not _whole(value):
            raise self._wrong(key, value, _("a whole number"))
        return value  # type: ignore[no-any-return]

    def object(self, key: str) -> Attributes:
        """A JSON object, empty if absent."""
        value = self.take(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._wrong(key, value, _("an object"))
        return value

    def array(self, key: str) -> list[Any]:
        """A list, empty if absent."""
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(key, value, _("a list"))
        return value

    def fragments(self, key: str, length: int) -> Fragments:
        """``[[start, end], ...]`` in order and apart, in a text of `length`; empty if absent."""
        parts = []
        for pair in self.array(key):
            if not isinstance(pair, list) or len(pair) != 2 or not all(map(_whole, pair)):
                raise self._wrong(key, pair, _("pairs of whole numbers [start, end]"))
            parts.append(self.fragment(pair[0], pair[1], length))
        for before, after in pairwise(parts):
            if before.end >= after.start:
                raise self.fault(
                    _("the fragments {a} and {b} overlap, touch or are out of order.").format(
                        a=list(before), b=list(after)
                    )
                )
        return tuple(parts)

    def fragment(self, start: int, end: int, length: int) -> Fragment:
        """One fragment, checked against a text of `length` code points."""
        if start < 0:
            raise self.fault(_("it starts at {start}, before the text.").format(start=start))
        if end <= start:
            raise self.fault(
                _("it ends at {end}, which is not after its start {start}.").format(
                    start=start, end=end
                )
            )
        if end > length:
            raise self.fault(
                _("it ends at {end}, but the text has {n} characters (code points).").format(
                    end=end, n=length
                )
            )
        return Fragment(start, end)

    def rest(self) -> dict[str, Any]:
        """All that nobody asked for, which is no fault then."""
        left, self._left = self._left, {}
        return left

    def done(self, advice: str = "") -> None:
        """Raise `Fault` if there is a key that nobody asked for."""
        for key in self._left:
            near = get_close_matches(key, self._asked, 1)
            meant = _("Did you mean {key}?").format(key=f"“{near[0]}”") if near else advice
            raise self.fault(
                _("there is no key {key}.").format(key=f"“{key}”") + f" {meant}".rstrip()
            )

    def _wrong(self, key: str, value: Any, wanted: str) -> Fault:
        if value is None:
            return self.fault(_("{key} is missing.").format(key=key))
        return self.fault(
            _("{key} must be {wanted}, not {value}.").format(
                key=key, wanted=wanted, value=_shown(value)
            )
        )


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, str) else f"“{value}”"
    return text if len(text) <= 60 else text[:59] + "…"
