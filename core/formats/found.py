"""One article as a format found it, before it has an id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """What a source says of one article.

    Attributes:
        meta: what it says beyond the other fields; JSON values.
    """

    text: str
    title: str = ""
    outlet: str = ""
    author: str = ""
    url: str = ""
    published: str = ""
    language: str = ""
    licence: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
