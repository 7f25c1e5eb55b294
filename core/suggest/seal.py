"""A mark that tells what this person's own Goldsmith wrote from what came by mail.

What is sealed begins with a keyed digest of all that follows. The key lies with the person's
settings, as their consent to pipelines does, never in a project: nobody else can make a file that
opens here.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from core.errors import SuggesterError
from core.i18n import _
from core.suggest import consent

_HEAD = b"GOLDSMITH SEALED 1\n"
_SIZE = hashlib.sha256().digest_size  # bytes of the key and of the digest


def store() -> Path:
    """Where the key is kept."""
    return consent.store().with_name("seal.key")


def sealed(data: bytes) -> bytes:
    """`data` behind its seal. Raises `SuggesterError` where no key can be kept."""
    return _HEAD + _digest(_key() or _new_key(), data) + data


def opened(data: bytes) -> bytes | None:
    """What `sealed` was given; None for anything that was not sealed with this person's key."""
    start = len(_HEAD) + _SIZE
    key = _key()
    if key is None or not data.startswith(_HEAD):
        return None
    inside = data[start:]
    whole = hmac.compare_digest(data[len(_HEAD) : start], _digest(key, inside))
    return inside if whole else None


def _digest(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, _HEAD + data, hashlib.sha256).digest()


def _key() -> bytes | None:
    with suppress(OSError), store().open("rb") as file:
        key = file.read(_SIZE + 1)
        return key if len(key) == _SIZE else None
    return None


def _new_key() -> bytes:
    """Make a key and keep it. Of two processes that do so at once the later one's stays; what the
    other sealed opens no more, and is made again."""
    path = store()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600, exist_ok=False)
        with draft.open("wb") as file:
            file.write(secrets.token_bytes(_SIZE))
        draft.replace(path)
        return path.read_bytes()
    except OSError as error:
        raise SuggesterError(
            _("{path} can't be written: {error}.").format(path=path, error=error.strerror),
            _("What was learned was not kept. Check your settings folder."),
        ) from error
