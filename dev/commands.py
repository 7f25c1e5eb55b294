"""What `make run`, `make test` and their like do, once Python is new enough."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import native
from environment import (
    LOCK,
    ROOT,
    VENV,
    WINDOWS,
    Stop,
    cause,
    clear,
    make_ready,
    only_one,
    purelib,
)

PROJECT = ROOT / "projects" / "first.goldsmith"


def main(arguments: list[str], usage: str) -> int:
    commands = {"run": run, "test": test, "setup": setup, "format": tidy, "lock": lock}
    commands |= {"clean": clean, "golden": golden}
    commands |= {name: supply(name) for name in ("licences", "sbom", "audit")}
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    try:
        if command in commands:
            return commands[command](rest)
        print(usage.strip())
        return 0 if command in ("help", "-h", "--help") else 2
    except (Stop, native.LibrariesMissing) as reason:
        message = str(reason)
    except KeyboardInterrupt:
        print("\nInterrupted. Give the same command again to go on.", file=sys.stderr)
        return 130
    except OSError as error:
        message = cause(f"ERROR: [Errno {error.errno}] {error.strerror}: {error.filename}")
    print(f"goldsmith: {message}", file=sys.stderr)
    return 1


def setup(rest: list[str]) -> int:
    make_ready()
    print(f"Goldsmith is set up in {VENV}.")
    return 0


def run(rest: list[str]) -> int:
    """Open the window; without a display, do the same job offscreen and say where things lie."""
    make_ready()
    PROJECT.parent.mkdir(exist_ok=True)
    command = ["goldsmith", "run", *(rest or [str(PROJECT)])]
    if not sys.platform.startswith("linux"):
        return call(command)
    asked = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    screens = {"xcb": os.environ.get("DISPLAY"), "wayland": os.environ.get("WAYLAND_DISPLAY")}
    plugins = [plugin for plugin, screen in screens.items() if screen]
    if asked in ("offscreen", "minimal") or not (plugins or asked):
        print("No display (DISPLAY, WAYLAND_DISPLAY): the same job without a screen.", flush=True)
        return call([*command, "--headless", str(PROJECT.parent)], offscreen())
    # Any one of the two is enough, but Qt tries Wayland only where the session says so.
    env = linux_libraries([asked] if asked else plugins)
    code = call(command, env if asked or screens["xcb"] else {**env, "QT_QPA_PLATFORM": "wayland"})
    if code == 128 + 6:  # Qt aborts where it finds no screen
        raise Stop(
            "The window ended abnormally. If it could not reach a screen, unset DISPLAY and\n"
            "WAYLAND_DISPLAY to do the same job without one."
        )
    return code


def test(rest: list[str]) -> int:
    """Every check, then the tests; pytest has the last word, since CI reads the closing line."""
    make_ready()
    os.chdir(ROOT)
    env = offscreen()
    failed = []
    for check in ("ruff check", "ruff format --check", "mypy -p core -p gui", "lint-imports"):
        print(f"== {check}", flush=True)
        if call(check.split(), env):
            failed.append(check)
    if failed:
        raise Stop(f"no test was run, because of {', '.join(failed)} (see above)")
    if not rest and sys.platform.startswith("linux") and shutil.which("Xvfb"):
        # One after the other: only one window at a time has the keyboard.
        print("== pytest tests/gui, real windows on Xvfb", flush=True)
        with screen() as display:
            xcb = {**linux_libraries(["xcb"]), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
            if call(["pytest", "-q", "tests/gui"], {**env, **xcb}):
                raise Stop("a test of the window failed on X (see above)")
    print("== pytest", flush=True)
    return call(["pytest", "-n", "2", *rest], env)


@contextmanager
def screen() -> Iterator[str]:
    """An X server without a screen; its display, such as ``:1``."""
    read, write = os.pipe()
    options = ["-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(["Xvfb", *options], pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as answer:  # the number comes when the server is ready
            number = answer.readline().strip()
        if not number:
            raise Stop("Xvfb is installed but does not start.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def golden(rest: list[str]) -> int:
    """Take the images that the canvas is compared with as they are now, and name what changed."""
    make_ready()
    os.chdir(ROOT)
    images = "tests/gui/test_canvas_golden.py"
    code = call(["pytest", "-q", "-p", "no:cacheprovider", images, "--renew-golden"], offscreen())
    print("Look at what changed in tests/gui/golden before you commit it (git status).")
    return code


def tidy(rest: list[str]) -> int:
    make_ready()
    os.chdir(ROOT)
    return call(["ruff", "format"]) or call(["ruff", "check", "--fix", *rest])


def lock(rest: list[str]) -> int:
    """Resolve pyproject.toml's ranges for every platform and Python into one file of hashes."""
    if not shutil.which("uv"):
        raise Stop("make lock needs uv (pipx install uv); only maintainers need it.")
    options = "--extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url"
    command = ["uv", "pip", "compile", "-q", "pyproject.toml", "-o", "dev/requirements.txt"]
    command += [*options.split(), "--custom-compile-command", "make lock", *rest]
    code = subprocess.call(command, cwd=ROOT)
    if "://" in LOCK.read_text(encoding="utf-8"):
        raise Stop("dev/requirements.txt names a host or a path of this machine: don't commit it.")
    return code


def supply(what: str) -> Callable[[list[str]], int]:
    """What Goldsmith is made of; see supply.py."""

    def command(rest: list[str]) -> int:
        make_ready()
        return call(["python", str(ROOT / "dev" / "supply.py"), what])

    return command


def clean(rest: list[str]) -> int:
    if VENV.exists():
        with only_one():
            clear(VENV)
    generated = [VENV, ROOT / "build", ROOT / "dist", *ROOT.glob(".*_cache"), ROOT / ".hypothesis"]
    for top in ("core", "gui", "tests", "bench", "dev"):
        generated += (ROOT / top).rglob("__pycache__")
    for path in generated:
        shutil.rmtree(path, ignore_errors=True)
    return 0


# --- the programs in .venv ------------------------------------------------------------------------


def call(command: list[str], more: dict[str, str] | None = None) -> int:
    """Run a program of .venv with `more` in its environment; its exit code is as a shell's."""
    program = VENV / ("Scripts" if WINDOWS else "bin") / (command[0] + (".exe" if WINDOWS else ""))
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}
    code = subprocess.call([program, *command[1:]], env={**env, **(more or {})})
    return code if code >= 0 else 128 - code


def offscreen() -> dict[str, str]:
    """The environment for Qt without a screen."""
    env = {"QT_QPA_PLATFORM": "offscreen"}
    if sys.platform.startswith("linux"):
        # Qt warns of a locale that is not UTF-8, and a warning fails a test.
        env.update(LC_ALL="C.UTF-8", **linux_libraries(["offscreen"]))
    return env


def linux_libraries(plugins: list[str]) -> dict[str, str]:
    return native.environment(purelib() / "PySide6" / "Qt", plugins, VENV / "syslibs")
