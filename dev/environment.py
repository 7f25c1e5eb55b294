"""The project's own .venv, at the exact versions of dev/requirements.txt, hashes checked.

Made once, and brought up to date when the lock or pyproject.toml change. Standard library only,
since nothing else is there yet.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
LOCK = ROOT / "dev" / "requirements.txt"
STAMP = VENV / "goldsmith.json"  # what is installed; written last: an interrupted set-up has none
BUSY = VENV / "goldsmith.lock"
LOG = VENV / "goldsmith.log"

# The Python under this one, also when an active virtual environment called us: .venv itself can't
# be built anew from inside.
BASE = getattr(sys, "_base_executable", None) or sys.executable

# What pip prints where it fails, and what a person can do about it.
CAUSES = {
    r"No space left on device|Errno 28\b|Disk quota exceeded": (
        "The disk is full: {free} MB are free here, {free_tmp} MB in {tmp}; the set-up needs about "
        "1,200 MB.\nFree some space and give the same command again."
    ),
    r"DO NOT MATCH THE HASHES": (
        "A package is not the file that dev/requirements.txt was made with.\n"
        "Try another network or mirror; please don't switch the check off."
    ),
    r"CERTIFICATE_VERIFY_FAILED|SSLError": (
        "The package index's certificate is not trusted here.\n"
        "Where a company's proxy signs the traffic, set PIP_CERT to the proxy's certificate file."
    ),
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|getaddrinfo"
    r"|unreachable|Connection refused|ConnectionResetError|Timeout|ProxyError|Max retries": (
        "The package index can't be reached. Check the network (behind a proxy: set HTTPS_PROXY)\n"
        "and give the same command again."
    ),
    r"No matching distribution found for (?P<what>[\w.-]+)": (
        "There is no package of {what} for Python {python} on {machine}.\n"
        "Use a 64-bit Python 3.11, 3.12 or 3.13; with make: make run PYTHON=python3.12"
    ),
}


class Stop(Exception):
    """We can't go on; the text says why, and what to do next."""


def make_ready() -> None:
    """Bring .venv to what the lock and pyproject.toml say; at once where it already is."""
    wanted = {
        "python": f"{sys.implementation.cache_tag} {platform.machine()}",
        "place": str(ROOT),  # a moved .venv has the old place written into its scripts
        "lock": digest(LOCK),
        "project": digest(ROOT / "pyproject.toml", ROOT / "core" / "__init__.py"),
    }
    if installed() == wanted:
        return
    VENV.mkdir(exist_ok=True)
    with only_one():
        found = installed()
        if found == wanted:  # another set-up did it while we waited
            return
        STAMP.unlink(missing_ok=True)
        if any(found.get(key) != wanted[key] for key in ("python", "place")):
            # New, or interrupted: pip would take half a package for a whole one, so start anew.
            print("Setting Goldsmith up in .venv (once, about 200 MB to fetch) ...", flush=True)
            clear(VENV)
            create_venv()
        pip = find_pip()
        if found.get("lock") != wanted["lock"]:
            install_lock(pip)
        # The build backend is in the lock too, so nothing without a hash is fetched.
        call_pip([*pip, "install", "--no-build-isolation", "--no-deps", "--editable", str(ROOT)])
        STAMP.write_text(json.dumps(wanted, indent=1), encoding="utf-8")


def installed() -> dict[str, str]:
    """What the last whole set-up installed; empty if there was none or its Python is gone."""
    try:
        return json.loads(STAMP.read_text(encoding="utf-8")) if PYTHON.exists() else {}
    except (OSError, ValueError):
        return {}


@contextmanager
def only_one() -> Iterator[None]:
    """Hold .venv, after waiting for another set-up of this checkout to end."""
    with BUSY.open("a+") as handle:
        waiting = False
        while not taken(handle):
            if not waiting:
                print("Another set-up of this checkout is running; waiting for it.", flush=True)
            waiting = True
            time.sleep(0.3)
        # pip inherits the lock: if only this process is killed, it holds until pip has ended.
        os.set_inheritable(handle.fileno(), True)
        yield


def taken(handle: IO[str]) -> bool:
    try:
        if WINDOWS:
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def create_venv() -> None:
    """A virtual environment without pip in it: Debian keeps ensurepip in a package of its own."""
    command = [BASE, "-m", "venv", "--without-pip", str(VENV)]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode:
        said = made.stdout.strip().splitlines() or ["no reason was given"]
        raise Stop(cause(f"ERROR: python3 -m venv: {said[-1]}"))


def find_pip() -> list[str]:
    """The command of a pip that can install into .venv: the machine's own, else Python's copy."""
    answer = subprocess.run([BASE, "-m", "pip", "--version"], capture_output=True, text=True).stdout
    version = re.match(r"pip (\d+)\.(\d+)", answer)
    if version and tuple(map(int, version.groups())) >= (22, 3):  # the first that knows --python
        return [BASE, "-m", "pip", "--python", str(PYTHON)]
    if subprocess.run([PYTHON, "-m", "ensurepip"], capture_output=True).returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    raise Stop(
        f"pip 22.3 or newer is needed; this machine has {version[0] if version else 'none'}.\n"
        f"Debian, Ubuntu: sudo apt-get install python3-pip; elsewhere: {BASE} -m ensurepip -U"
    )


def install_lock(pip: list[str]) -> None:
    """Make .venv hold what the lock names, and nothing else."""
    locked = {plain(name) for name in re.findall(r"(?m)^([\w.-]+)==", LOCK.read_text("utf-8"))}
    # --compile: `import spacy` takes four times as long without compiled bytecode.
    options = ["--require-hashes", "--only-binary", ":all:", "--compile", "-r", str(LOCK)]
    call_pip([*pip, "install", *options], packages=len(locked))
    there = {plain(item.metadata["Name"]) for item in metadata.distributions(path=[str(purelib())])}
    if there - locked - {"goldsmith"}:
        call_pip([*pip, "uninstall", "--yes", *(there - locked - {"goldsmith"})])


def call_pip(command: list[str], packages: int = 0) -> None:
    """Run pip, showing a line of progress; where it fails, its pages become a sentence."""
    env = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0", "PYTHONUNBUFFERED": "1"}
    env.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PIP_PROGRESS_BAR="off")
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "PIP_CONSTRAINT"):
        env.pop(name, None)
    said = []
    live = packages and sys.stdout.isatty()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        close_fds=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            step = re.match(r"(?:Collecting|(Installing)) ([\w.-]+)", line)
            if step and live:
                number = min(packages, sum(text.startswith("Collecting ") for text in said))
                what = "unpacking ..." if step[1] else f"{number} of {packages}  {step[2]}"
                print(f"\r  {what:<60}", end="", flush=True)
    if live:
        print(f"\r{'':<62}\r", end="", flush=True)
    if process.returncode:
        message = cause("".join(said))
        LOG.write_text("".join(said), encoding="utf-8")
        raise Stop(message)


def cause(said: str) -> str:
    """The sentence for what pip or the system said."""
    tmp = tempfile.gettempdir()
    free, free_tmp = (shutil.disk_usage(place).free >> 20 for place in (ROOT, tmp))
    facts = {"free": free, "free_tmp": free_tmp, "tmp": tmp, "machine": platform.platform()}
    for pattern, message in CAUSES.items():
        match = re.search(pattern, said)
        if match:
            return message.format(python=platform.python_version(), **facts, **match.groupdict())
    errors = re.findall(r"(?m)^\s*(?:ERROR|error): *(.+)", said) or ["no reason was given"]
    return f"{errors[-1]}\n" + (f"All that pip said is in {LOG}." if "\n" in said else "")


def purelib() -> Path:
    return Path(sysconfig.get_path("purelib", "venv", vars={"base": str(VENV)}))


def plain(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def digest(*files: Path) -> str:
    content = b"\0".join(file.read_bytes().replace(b"\r\n", b"\n") for file in files)
    return hashlib.sha256(content).hexdigest()


def clear(folder: Path) -> None:
    """Empty `folder`, but for the lock that we hold in it."""
    for child in folder.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        elif child != BUSY:
            child.unlink()
