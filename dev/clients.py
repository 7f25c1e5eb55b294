"""Make the environment of the real clients: ``python dev/clients.py``; prints its Python.

It lies in the user's cache, shared by all checkouts with the same dev/clients.txt: 750 MB, and two
minutes once. Standard library only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "dev" / "clients.txt"


def place(packages: Path = LIST) -> Path:
    """Where the environment is, or would be."""
    cache = os.environ.get("GOLDSMITH_CLIENTS") or os.environ.get("XDG_CACHE_HOME")
    base = Path(cache) if cache else Path.home() / ".cache"
    made_for = packages.read_bytes() + sys.version.encode()
    return base / "goldsmith" / f"{packages.stem}-{hashlib.sha256(made_for).hexdigest()[:12]}"


def python(packages: Path = LIST) -> Path | None:
    """Its Python, None where it was not made, or not to the end."""
    target = place(packages)
    found = target / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return found if (target / "complete").exists() and found.exists() else None


def make(packages: Path = LIST) -> Path:
    """Make it where it is not there yet; the exact versions of the list, hashes checked."""
    found = python(packages)
    if found is not None:
        return found
    target = place(packages)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
    inside = target / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--require-hashes", "--only-binary", ":all:", "-r", str(packages)]
    subprocess.run([str(inside), *install, *options], check=True)
    (target / "complete").touch()
    return inside


if __name__ == "__main__":
    print(make())
