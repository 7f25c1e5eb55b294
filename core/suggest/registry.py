"""Which suggesters there are, found by name; nothing heavy is imported before it is asked for."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution, entry_points
from pathlib import Path
from typing import cast

from core.errors import SuggesterError
from core.i18n import _
from core.suggest import Suggester, consent
from core.suggest.merged import JOINT, Merged

PLUGINS = "goldsmith.suggesters"  # entry points that name a class without arguments
PIPELINES = "spacy_models"  # where installed spaCy pipelines register themselves
_SPACY = "spacy:"
DEFAULT = "goldsmith"  # of new projects
_PATH = DEFAULT + ":"
_LEARNED = "learned:"  # the file of a project's own learner


def available() -> list[tuple[str, str]]:
    """(name, title) of every suggester that is installed; spaCy is not imported for it."""
    found = [
        (DEFAULT, _("Goldsmith's own pipeline, with rules for what it was not taught")),
        ("rules", _("Built-in rules, no model")),
    ]
    found += [
        (_SPACY + point.name, _("spaCy pipeline {name}").format(name=point.name))
        for point in sorted(entry_points(group=PIPELINES), key=lambda p: p.name)
    ]
    found += [
        (point.name, _("plug-in {name}").format(name=point.value))
        for point in sorted(entry_points(group=PLUGINS), key=lambda p: p.name)
    ]
    return found


def trusted(name: str) -> str:
    """`name` if a suggester of this name is installed, or lies in a folder that the person allowed
    once (`core.suggest.consent`), else the default one: a project remembers its suggester, and a
    project may come by mail."""
    if parts := parts_of(name):
        return name if all(trusted(part) == part for part in parts) else DEFAULT
    folder = folder_of(name)
    if folder is not None:
        return name if consent.remembered(folder) else DEFAULT
    return name if name in (known for known, _title in available()) else DEFAULT


def parts_of(name: str) -> list[str]:
    """The suggesters that a name joins (``goldsmith+rules``); none if it names one alone."""
    folder = Path(name.partition(":")[2])
    if JOINT not in name or (folder.parts and folder.exists()):  # a path may hold a plus
        return []
    return [part.strip() for part in name.split(JOINT)]


_OURS = "goldsmith_reader"


def folder_of(name: str) -> Path | None:
    """The folder that holds the pipeline of this name; None for what is installed, and for several
    suggesters, each of which has its own."""
    if parts_of(name):
        return None
    if name.startswith(_PATH):
        return Path(name.removeprefix(_PATH))
    pipeline = name.removeprefix(_SPACY)
    if not name.startswith(_SPACY) or _is_installed(pipeline):
        return None
    return Path(pipeline)


def in_folder(folder: Path) -> str:
    """The name of the spaCy pipeline in a folder; of one that `goldsmith train` made as ours, since
    as any other it would have neither its scores nor its relations."""
    ours = _OURS in consent.components(folder)
    return f"{_PATH if ours else _SPACY}{folder.resolve()}"


def _is_installed(pipeline: str) -> bool:
    """Whether spaCy loads a package of this name, and looks for no folder."""
    try:
        distribution(pipeline)
    except (PackageNotFoundError, ValueError):
        return any(point.name == pipeline for point in entry_points(group=PIPELINES))
    return True


def find(name: str) -> Suggester:
    """The suggester of this name. Raises `SuggesterError`, listing what there is, and for a folder
    that the person has not allowed, whoever names it."""
    if parts := parts_of(name):
        return Merged([find(part) for part in dict.fromkeys(parts)])
    folder = folder_of(name)
    if folder is not None and folder.exists():
        kind = _PATH if name.startswith(_PATH) else _SPACY
        name = f"{kind}{consent.require(folder)}"
    if name == "rules":
        from core.suggest.rules import Rules

        return Rules()
    if name == DEFAULT or name.startswith(_PATH):
        from core.suggest.shipped.suggester import Shipped

        return Shipped(name.removeprefix(_PATH) if name.startswith(_PATH) else None)
    if name.startswith(_SPACY):
        from core.suggest.spacy_pipeline import SpacyPipeline

        return SpacyPipeline(name.removeprefix(_SPACY))
    if name.startswith(_LEARNED):
        from core.suggest.learned import Learned

        return Learned(name.removeprefix(_LEARNED))
    for point in entry_points(group=PLUGINS):
        if point.name == name:
            return cast(Suggester, point.load()())
    raise SuggesterError(
        _("There is no suggester {name}.").format(name=name),
        _("There is: {names}.").format(names=", ".join(n for n, _title in available())),
    )
