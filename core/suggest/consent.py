"""Which folders with a pipeline a person has allowed to run.

A spaCy pipeline is code. What is installed was chosen when it was installed; one in a folder may
have come by mail, as may the project, or the learner beside it, that names the folder. So each
folder is asked about once, and again when anything in it has changed. The answers lie with the
person's own settings, never in a project.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from core.errors import SuggesterError
from core.i18n import _

_LONGEST = 1 << 20  # bytes of our own file, and of what a pipeline says of itself
_FILES = 20_000  # in a folder that can be a pipeline
_BLOCK = 1 << 20


def store() -> Path:
    """Where the answers are kept."""
    return user_config_path("Goldsmith", appauthor=False) / "pipelines.json"


def fingerprint(folder: Path) -> str:
    """A digest of the names and contents of all files in the folder, links followed.

    Raises `SuggesterError` when it can't be read or is no folder of a pipeline.
    """
    digest = hashlib.sha256()
    try:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if len(files) > _FILES or not (folder / "config.cfg").is_file():
            raise SuggesterError(
                _("{folder} is no folder of a spaCy pipeline.").format(folder=folder),
                _("It is the folder that holds config.cfg and meta.json."),
            )
        for path in files:
            name = path.relative_to(folder).as_posix().encode()
            digest.update(b"%d %s %d " % (len(name), name, path.stat().st_size))
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
    except OSError as error:
        raise SuggesterError(
            _("{folder} can't be read: {error}.").format(folder=folder, error=error.strerror),
            _("Check the folder, or choose another suggester."),
        ) from error
    return digest.hexdigest()


def remembered(folder: Path) -> bool:
    """Whether the folder was allowed once; it may have changed since (`require`)."""
    return str(folder.resolve()) in _answers()


def allowed(folder: Path) -> bool:
    """Whether the folder was allowed as it is now. Raises `SuggesterError`."""
    folder = folder.resolve()
    known = _answers().get(str(folder))
    return known is not None and known == fingerprint(folder)


def allow(folder: Path) -> None:
    """The person says that what is in the folder now may run. Raises `SuggesterError`."""
    folder = folder.resolve()
    answers = _answers() | {str(folder): fingerprint(folder)}
    path = store()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        draft.write_bytes(json.dumps(answers, indent=1).encode())
        draft.replace(path)
    except OSError as error:
        raise SuggesterError(
            _("{path} can't be written: {error}.").format(path=path, error=error.strerror),
            _("The pipeline was not allowed. Check your settings folder."),
        ) from error


def require(folder: Path) -> Path:
    """The folder, where it was allowed as it is now. Raises `SuggesterError`."""
    folder = folder.resolve()
    if not allowed(folder):
        if remembered(folder):
            message = _("The pipeline in {folder} has changed since you allowed it.")
        else:
            message = _("The pipeline in {folder} is code, and you have not allowed it to run.")
        raise SuggesterError(
            message.format(folder=folder),
            _("If you trust where it comes from, choose it again (Review menu, Choose suggester…), "
              "or: goldsmith suggesters --trust FOLDER"),
        )  # fmt: skip
    return folder


def describe(folder: Path) -> str:
    """What the pipeline says of itself, for the question; empty where it says nothing."""
    with suppress(OSError, ValueError, AttributeError, RecursionError):
        meta = _meta(folder)
        words = [meta.get(key) for key in ("lang", "name", "version", "author", "description")]
        return " · ".join(" ".join(w.split())[:200] for w in words if isinstance(w, str) and w)
    return ""


def components(folder: Path) -> list[str]:
    """The components of the pipeline in a folder by its own words; none where it says nothing."""
    with suppress(OSError, ValueError, AttributeError, RecursionError):
        found = _meta(folder).get("pipeline")
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
    return []


def _meta(folder: Path) -> dict[str, Any]:
    """What the pipeline says of itself. Raises like `json.loads`, and `OSError`."""
    with (folder / "meta.json").open("rb") as file:
        meta = json.loads(file.read(_LONGEST))
    return meta if isinstance(meta, dict) else {}


def _answers() -> dict[str, str]:
    with suppress(OSError, ValueError, RecursionError):
        with store().open("rb") as file:
            data = json.loads(file.read(_LONGEST))
        if isinstance(data, dict):
            return {k: v for k, v in data.items() if isinstance(v, str)}
    return {}
