"""What PySide6's wheels need of a Linux system, and how a machine that lacks it gets it.

Called by dev/setup.py; standard library only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

# Who has the libraries that Qt's own and its platform plugins name (`readelf -d`). apt finds the
# newer names of the same packages (libglib2.0-0t64) by itself.
DEBIAN = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
# libgl1 and libegl1 bring drivers for graphics cards: 150 MB with LLVM. Goldsmith paints without.
DRIVERS = re.compile(r"mesa|llvm|libz3|libdrm|libgbm|sensors|libicu|libxml2")


class LibrariesMissing(Exception):
    """Qt can't start; the text names what to install."""


def environment(qt: Path, plugins: list[str], spare: Path) -> dict[str, str]:
    """The environment in which one of Qt's platform `plugins` can be loaded.

    Empty where the system has every library. Otherwise the missing Debian packages are named and,
    so that two commands are enough on a bare machine, unpacked into the folder `spare`: no root, no
    change to the system.
    """
    missing = [missing_libraries(qt, plugin, {}) for plugin in plugins]
    if not all(missing):
        return {}
    env = spare_environment(spare)
    if env and not all(missing_libraries(qt, plugin, env) for plugin in plugins):
        return env
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise LibrariesMissing(
            "Qt needs these libraries of the system; please install the packages that have them:\n"
            f"  {' '.join(missing[0])}"
        )
    packages = sorted({DEBIAN.get(name, name) for name in missing[0]})
    advice = f"sudo apt-get install {' '.join(packages)}"
    print(f"Qt needs packages that this machine lacks. To install them for good:\n  {advice}")
    print("For now they are unpacked into .venv; the system stays as it is.", flush=True)
    problem = unpack(packages, spare)
    env = spare_environment(spare)
    if all(missing_libraries(qt, plugin, env) for plugin in plugins):
        raise LibrariesMissing(f"that did not work ({problem}). Please run\n  {advice}")
    return env


def missing_libraries(qt: Path, plugin: str, env: dict[str, str]) -> list[str]:
    """The libraries that the loader doesn't find for what we use of Qt with `plugin`."""
    parts = [qt / "lib" / f"libQt6{name}.so.6" for name in ("Widgets", "Svg", "PrintSupport")]
    parts.append(qt / "plugins" / "platforms" / f"libq{plugin}.so")
    command = ["ldd", *(str(part) for part in parts if part.exists())]
    if not shutil.which("ldd"):
        return []
    listing = subprocess.run(
        command, env={**os.environ, **env, "LC_ALL": "C"}, capture_output=True, text=True
    )
    return sorted(set(re.findall(r"(\S+) => not found", listing.stdout)))


def spare_environment(spare: Path) -> dict[str, str]:
    """What makes programs find the libraries in `spare`, and those their data; empty if none."""
    folders = [str(folder) for folder in spare.glob("**/lib/*-linux-gnu*")]
    if not folders:
        return {}
    folders += filter(None, [os.environ.get("LD_LIBRARY_PATH")])
    env = {"LD_LIBRARY_PATH": ":".join(folders)}
    data = {"XKB_CONFIG_ROOT": "usr/share/X11/xkb", "FONTCONFIG_PATH": "etc/fonts"}
    for variable, place in data.items():
        if not Path("/", place).exists() and (spare / place).exists():
            env[variable] = str(spare / place)
    return env


def unpack(packages: list[str], spare: Path) -> str:
    """Fetch `packages` and what they need, with apt's lists and cache in a folder of our own (the
    system's may be empty, and are root's). Returns the last thing said, for the message."""
    with tempfile.TemporaryDirectory(dir=spare.parent) as folder:
        place = Path(folder)
        for part in ("state/lists/partial", "cache/archives/partial", "debs"):
            (place / part).mkdir(parents=True)
        options = [
            f"Dir::State={place}/state",
            "Dir::State::status=/var/lib/dpkg/status",
            f"Dir::Cache={place}/cache",
            "Debug::NoLocking=1",
            "APT::Sandbox::User=root",  # as root, apt would fetch as a user who can't write here
            "Acquire::Languages=none",
            "Acquire::Retries=2",
            "APT::Update::Error-Mode=any",  # else apt calls an unreachable mirror a success
        ]
        apt = ["apt-get", "-q", *(word for option in options for word in ("-o", option))]

        def output_of(*command: str) -> str:
            env = {**os.environ, "LC_ALL": "C"}
            return subprocess.run(
                command, cwd=place / "debs", env=env, check=True, capture_output=True, text=True
            ).stdout

        try:
            output_of(*apt, "update")
            plan = output_of(*apt, "--no-install-recommends", "--simulate", "install", *packages)
            wanted = re.findall(r"(?m)^Inst (\S+)", plan)
            output_of(*apt, "download", *(name for name in wanted if not DRIVERS.search(name)))
            for deb in (place / "debs").glob("*.deb"):
                output_of("dpkg-deb", "-x", str(deb), str(spare))
        except subprocess.CalledProcessError as error:
            return (error.stderr.strip().splitlines() or ["apt-get failed"])[-1]
    return "libraries are still missing"
