"""Values to JSON and back, as the journal keeps them. An article's text is never in it."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, TypeAlias

from core.annotation import (
    Entity,
    Fragment,
    Fragments,
    Image,
    Kind,
    Mention,
    Relation,
    Suggestion,
)
from core.article import Article

Value: TypeAlias = Article | Mention | Relation | Entity | Suggestion

_CLASS: dict[Kind, type[Value]] = {
    "article": Article,
    "mention": Mention,
    "relation": Relation,
    "entity": Entity,
    "suggestion": Suggestion,
}
_KIND: dict[type[Value], Kind] = {c: k for k, c in _CLASS.items()}
_FRAGMENTS = ("fragments", "evidence")


def kind_of(value: Value) -> Kind:
    """The kind under which `value` is stored."""
    return _KIND[type(value)]


def dumps(data: Any) -> str:
    """Compact JSON, non-ASCII as it is; raises ValueError for NaN and infinities."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def fragments_from(data: list[list[int]] | None) -> Fragments:
    """Fragments from their JSON form ``[[start, end], ...]``."""
    return tuple(Fragment(start, end) for start, end in data or ())


def to_dict(value: Value) -> dict[str, Any]:
    """The JSON object of `value`."""
    data = {f.name: getattr(value, f.name) for f in fields(value)}
    data.pop("text", None)
    return data


def from_dict(kind: Kind, data: dict[str, Any]) -> Value:
    """The value of `to_dict`; an article comes back with an empty text."""
    data = dict(data)
    for name in _FRAGMENTS:
        if name in data:
            data[name] = fragments_from(data[name])
    if kind == "article":
        data["text"] = ""
    return _CLASS[kind](**data)


def dump_images(images: tuple[Image, ...]) -> str:
    """The journal's JSON text of what an edit changed."""
    return dumps(
        [
            {
                "kind": i.kind,
                "id": i.id,
                "before": None if i.before is None else to_dict(i.before),
                "after": None if i.after is None else to_dict(i.after),
            }
            for i in images
        ]
    )


def load_images(text: str) -> tuple[Image, ...]:
    """What `dump_images` wrote."""
    return tuple(
        Image(
            d["kind"],
            d["id"],
            None if d["before"] is None else from_dict(d["kind"], d["before"]),
            None if d["after"] is None else from_dict(d["kind"], d["after"]),
        )
        for d in json.loads(text)
    )
