"""What Goldsmith is made of: licences, a bill of materials, known faults.

    python3 dev/setup.py licences    write docs/licences.md from what is installed in .venv
    python3 dev/setup.py sbom        write dist/goldsmith-VERSION.cdx.json (CycloneDX)
    python3 dev/setup.py audit       ask PyPI for known faults of every locked package

Runs in .venv. What is only needed to develop is in none of the lists but the last.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import deque
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import clients
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "dev" / "requirements.txt"
PAGE = ROOT / "docs" / "licences.md"
TOOLS = ROOT / "dev" / "tools.txt"
UNREACHABLE = 3  # exit code: nothing was found out

# What comes along and is no package: (what, licence, where it says so).
OURS = (
    ("the pipeline's weights (resources/models)", "CC BY-SA 4.0", "resources/models/README.md"),
    ("the fonts (resources/fonts)", "OFL-1.1", "resources/fonts/OFL.txt"),
)
_OF_CLASSIFIER = re.compile(r"License :: OSI Approved :: (.*)")


@dataclass(frozen=True, slots=True)
class Part:
    """A package that Goldsmith needs to run.

    Attributes:
        licence: as the package itself says it.
        needed_by: the packages that ask for it; empty: Goldsmith alone.
    """

    name: str
    version: str
    licence: str
    url: str
    needed_by: tuple[str, ...]


def parts() -> list[Part]:
    """Every package that the installed Goldsmith needs to run on this system, by name."""
    by: dict[str, set[str]] = {}
    found: dict[str, Distribution] = {}
    waiting: deque[tuple[str, frozenset[str]]] = deque([("goldsmith", frozenset())])
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.popleft()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        for text in distribution(name).requires or []:
            wanted = Requirement(text)
            if not _applies(wanted, extras):
                continue
            key = canonicalize_name(wanted.name)
            try:
                found[key] = distribution(wanted.name)
            except PackageNotFoundError as error:
                raise SystemExit(f"{wanted.name} is not installed: make setup") from error
            by.setdefault(key, set()).add(name)
            waiting.append((key, frozenset(wanted.extras)))
    return [
        Part(
            name, found[name].version, licence_of(found[name]), _url(found[name]),
            tuple(sorted(by[name] - {"goldsmith"})),
        )
        for name in sorted(found)
    ]  # fmt: skip


def _applies(wanted: Requirement, extras: frozenset[str]) -> bool:
    if wanted.marker is None:
        return True
    here = {str(k): str(v) for k, v in default_environment().items()}
    return any(wanted.marker.evaluate({**here, "extra": e}) for e in (extras or {""}))


def licence_of(package: Distribution) -> str:
    """What the package says its licence is: the expression, the classifier, a short text."""
    meta = package.metadata
    expression = meta.get("License-Expression")
    if expression:
        return str(expression)
    text = " ".join((meta.get("License") or "").split())
    named = [m[1] for c in meta.get_all("Classifier") or [] if (m := _OF_CLASSIFIER.match(c))]
    if named:
        return ", ".join(named)
    return text if text and len(text) <= 60 else "see its licence file"


def _url(package: Distribution) -> str:
    meta = package.metadata
    for line in meta.get_all("Project-URL") or []:
        label, _comma, url = line.partition(",")
        if label.strip().lower() in ("homepage", "home", "source", "repository", "source code"):
            return str(url.strip())
    return str(meta.get("Home-page") or "")


def page() -> str:
    """docs/licences.md."""
    lines = [
        "# Licences",
        "",
        "Made from what is installed (`make licences`). Goldsmith itself is under the MIT licence.",
        "",
        "| package | licence | needed by |",
        "|---|---|---|",
    ]
    lines += [
        f"| [{p.name}]({p.url}) | {p.licence} | {', '.join(p.needed_by) or 'Goldsmith'} |"
        if p.url
        else f"| {p.name} | {p.licence} | {', '.join(p.needed_by) or 'Goldsmith'} |"
        for p in parts()
    ]
    lines += ["", "What comes along and is no package:", "", "| what | licence |", "|---|---|"]
    lines += [f"| {what} | [{licence}](../{place}) |" for what, licence, place in OURS]
    return "\n".join(lines) + "\n"


def licences() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Written: {PAGE.relative_to(ROOT)}")
    return 0


def locked(names: set[str]) -> str:
    """Those lines of the lock that pin these packages, hashes and all."""
    kept, keep = [], False
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            keep = canonicalize_name(re.split(r"[\s=;\[]", line, maxsplit=1)[0]) in names
        if keep and not line.strip().startswith("#"):
            kept.append(line)
    return "\n".join(kept) + "\n"


def sbom() -> int:
    """Write the bill of materials of what Goldsmith needs to run, with hashes and licences."""
    there = {part.name: part for part in parts()}
    version = distribution("goldsmith").version
    out = ROOT / "dist" / f"goldsmith-{version}.cdx.json"
    out.parent.mkdir(exist_ok=True)
    tool = _tool("cyclonedx-py")
    done = subprocess.run(
        [tool, "requirements", "-", "--pyproject", str(ROOT / "pyproject.toml"),
         "--output-reproducible", "--of", "JSON", "-o", str(out)],
        input=locked(set(there)), text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return done.returncode
    bill = json.loads(out.read_text(encoding="utf-8"))
    for component in bill["components"]:
        part = there[canonicalize_name(component["name"])]
        component["licenses"] = [{"license": {"name": part.licence}}]
    missing = there.keys() - {canonicalize_name(c["name"]) for c in bill["components"]}
    if missing:
        raise SystemExit(f"not in dev/requirements.txt: {', '.join(sorted(missing))}")
    out.write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"Written: {out.relative_to(ROOT)}, {len(bill['components'])} packages")
    return 0


def audit() -> int:
    """Look every locked package up; says so plainly where the list can't be reached."""
    done = subprocess.run(
        [_tool("pip-audit"), "-r", str(LOCK), "--require-hashes", "--disable-pip", "--strict"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    sys.stdout.write(done.stdout)
    if done.returncode and "ID" not in done.stdout:
        reason = done.stderr.strip().splitlines()[-1:] or ["no answer"]
        print(f"NOT AUDITED: the list of known faults could not be asked ({reason[0][:200]}).")
        return UNREACHABLE
    sys.stderr.write(done.stderr)
    return done.returncode


def _tool(name: str) -> str:
    return str(clients.make(TOOLS).parent / name)


if __name__ == "__main__":
    sys.exit({"licences": licences, "sbom": sbom, "audit": audit}[sys.argv[1]]())
