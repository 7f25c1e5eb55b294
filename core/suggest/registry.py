"""Which suggesters there are, found by name; nothing heavy is imported before it is asked for."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import cast

from core.errors import SuggesterError
from core.i18n import _
from core.suggest import Suggester

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
    """`name` if a suggester of this name is installed, else the default one.

    A project remembers its suggester, and a project may come by mail: a pipeline is code, so one
    from a path runs only for who names the path (``goldsmith suggest --suggester``).
    """
    return name if name in (known for known, _title in available()) else DEFAULT


def find(name: str) -> Suggester:
    """The suggester of this name. Raises `SuggesterError`, listing what there is."""
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
