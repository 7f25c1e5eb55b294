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


def place() -> Path:
    """Where the environment is, or would be."""
    cache = os.environ.get("GOLDSMITH_CLIENTS") or os.environ.get("XDG_CACHE_HOME")
    base = Path(cache) if cache else Path.home() / ".cache"
    made_for = LIST.read_bytes() + sys.version.encode()
    return base / "goldsmith" / f"clients-{hashlib.sha256(made_for).hexdigest()[:12]}"


def python() -> Path | None:
    """Its Python, None where it was not made, or not to the end."""
    found = place() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return found if (place() / "complete").exists() and found.exists() else None


def make() -> Path:
    """Make it where it is not there yet; the exact versions of the list, hashes checked."""
    found = python()
    if found is not None:
        return found
    target = place()
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
    inside = target / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--require-hashes", "--only-binary", ":all:", "-r", str(LIST)]
    subprocess.run([str(inside), *install, *options], check=True)
    (target / "complete").touch()
    return inside


if __name__ == "__main__":
    print(make())
