"""How the window or the command line and the worker process speak: JSON lines, UTF-8.

```
→ {"suggester": "rules", "scheme": "<TOML>"}
← {"ready": true}  or  {"fatal": "...", "hint": "..."}
→ {"id": "a-1", "text": "...", "language": "en"}
← {"article": "a-1", "source": "rules", ...}
```
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from core import scheme as schemes
from core.annotation import Fragments
from core.codec import fragments_from
from core.errors import SuggesterError
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, ProposedMention, ProposedRelation, Text

READY = {"ready": True}


def _line(data: dict[str, Any]) -> bytes:
    # ASCII on the wire: no line separator of any kind can hide in a text.
    return json.dumps(data, separators=(",", ":")).encode("ascii") + b"\n"


def hello(suggester: str, scheme: Scheme) -> bytes:
    """The first line: which suggester, for which scheme."""
    return _line({"suggester": suggester, "scheme": scheme.source})


def decode_hello(line: bytes) -> tuple[str, Scheme]:
    """The suggester's name and the scheme of the first line."""
    data = json.loads(line)
    return str(data["suggester"]), schemes.parse(data["scheme"])


def encode_text(text: Text) -> bytes:
    """The line that asks for one article."""
    return _line(asdict(text))


def patience(text: Text, seconds: float) -> float:
    """How long a worker may be silent over `text` where `seconds` are the limit for an article of
    the usual length: a book takes longer."""
    return seconds + len(text.text) / 2_500


def decode_text(line: bytes) -> Text:
    """What `encode_text` wrote."""
    return Text(**json.loads(line))


def ready() -> bytes:
    """The worker's answer to the first line once its suggester is loaded."""
    return _line(READY)


def fatal(message: str, hint: str) -> bytes:
    """The worker's answer when its suggester can't be used at all."""
    return _line({"fatal": message, "hint": hint})


def encode_proposal(proposal: Proposal) -> bytes:
    """The worker's answer to one article."""
    return _line(asdict(proposal))


def decode_line(line: bytes) -> Proposal | None:
    """The worker's answer: a proposal, or None when it is ready. Raises `SuggesterError`."""
    try:
        data = json.loads(line)
        if data == READY:
            return None
        if "fatal" in data:
            raise SuggesterError(str(data["fatal"]), str(data.get("hint", "")))
        return Proposal(
            article=data["article"],
            source=data["source"],
            mentions=tuple(
                ProposedMention(**{**m, "fragments": _fragments(m["fragments"])})
                for m in data["mentions"]
            ),
            relations=tuple(
                ProposedRelation(**{**r, "evidence": _fragments(r["evidence"])})
                for r in data["relations"]
            ),
            error=data["error"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SuggesterError(
            _("The worker said something that is no proposal: {line}.").format(line=line[:200]),
            _("This is a fault in the suggester; choose another one."),
        ) from error


def _fragments(data: list[list[int]]) -> Fragments:
    return fragments_from(data)
