"""Values to JSON and back, as the journal keeps them. An article's text is never in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields
from math import isfinite
from operator import attrgetter
from typing import Any, TypeAlias

import orjson

from core.annotation import (
    Entity,
    Fragment,
    Fragments,
    Image,
    Kind,
    Mention,
    Relation,
    Suggestion,
    Veto,
)
from core.article import Article

Value: TypeAlias = Article | Mention | Relation | Entity | Suggestion | Veto

_CLASS: dict[Kind, type[Value]] = {
    "article": Article,
    "mention": Mention,
    "relation": Relation,
    "entity": Entity,
    "suggestion": Suggestion,
    "veto": Veto,
}
_KIND: dict[type[Value], Kind] = {c: k for k, c in _CLASS.items()}
_NAMES = {c: tuple(f.name for f in fields(c) if f.name != "text") for c in _CLASS.values()}
_VALUES = {c: attrgetter(*names) for c, names in _NAMES.items()}
_FRAGMENTS = ("fragments", "evidence")


def kind_of(value: Value) -> Kind:
    """The kind under which `value` is stored."""
    return _KIND[type(value)]


_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode


_escaped = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode
_HALF = re.compile("[\ud800-\udfff]")


def dumps(data: Any) -> str:
    """Compact JSON, non-ASCII as it is; raises ValueError for NaN and infinities."""
    if type(data) is dict and all(type(value) is str for value in data.values()):
        with suppress(orjson.JSONEncodeError):  # half of a surrogate pair, say
            return orjson.dumps(data).decode()
    return _encode(data)


def kept(data: Any) -> str:
    """As `dumps`, for the project's file: half a surrogate pair is no text that a file can hold,
    but JSON has a way to write it."""
    text = dumps(data)
    return _escaped(data) if _HALF.search(text) else text


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


# What `dumps` could not write again makes no sense: NaN, or 1e999, which is infinite.
loads = json.JSONDecoder(parse_float=_finite, parse_constant=_finite).decode


def fragments_from(data: list[list[int]] | None) -> Fragments:
    """Fragments from their JSON form ``[[start, end], ...]``."""
    return tuple(Fragment(start, end) for start, end in data or ())


def to_dict(value: Value) -> dict[str, Any]:
    """The JSON object of `value`; an article's is without its text."""
    kind = type(value)
    return dict(zip(_NAMES[kind], _VALUES[kind](value), strict=True))


def from_dict(kind: Kind, data: dict[str, Any]) -> Value:
    """A value from its JSON object; an article comes back with an empty text."""
    data = dict(data)
    for name in _FRAGMENTS:
        if name in data:
            data[name] = fragments_from(data[name])
    if kind == "article":
        data["text"] = ""
    return _CLASS[kind](**data)


def raw(data: Any) -> orjson.Fragment:
    """`dumps` of what anybody may have put there, for use in what orjson writes: orjson would write
    null for NaN and refuses large numbers."""
    return orjson.Fragment(kept(data) if data else "{}")


def dump_images(images: Iterable[Image]) -> str:
    """The journal's JSON text of what an edit changed."""
    images = list(images)
    try:
        return orjson.dumps(_images(images, _plain), default=list).decode()
    except orjson.JSONEncodeError:  # half a surrogate pair, from a journal that came by mail, say
        return _escaped(_images(images, _to_dict))


def _images(
    images: Iterable[Image], form: Callable[[Value | None], dict[str, Any] | None]
) -> list[dict[str, Any]]:
    return [
        {"kind": i.kind, "id": i.id, "before": form(i.before), "after": form(i.after)}
        for i in images
    ]


def _to_dict(value: Value | None) -> dict[str, Any] | None:
    return None if value is None else to_dict(value)


def _plain(value: Value | None) -> dict[str, Any] | None:
    if value is None:
        return None
    data = to_dict(value)
    for name in ("attributes", "meta"):
        if name in data:
            data[name] = raw(data[name])
    return data


def load_images(text: str) -> tuple[Image, ...]:
    """What `dump_images` wrote."""
    return tuple(
        Image(
            d["kind"],
            d["id"],
            None if d["before"] is None else from_dict(d["kind"], d["before"]),
            None if d["after"] is None else from_dict(d["kind"], d["after"]),
        )
        for d in loads(text)
    )
