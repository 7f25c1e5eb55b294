"""Linux: the system's libraries that a window on X needs, looked for before Qt aborts without them.

The set-up unpacks what a machine lacks into the environment (``dev/native.py``), where only a
process that is started with LD_LIBRARY_PATH finds it.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from core.errors import GoldsmithError
from core.i18n import _

# What Qt's xcb plugin names and a bare Debian or Ubuntu lacks, with the package that has it.
_NEEDED = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def missing() -> list[str]:
    """The packages whose libraries this process can't load."""
    found = []
    for library, package in _NEEDED.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            found.append(package)
    return found


def make_ready() -> None:
    """Start this program again where the libraries are found, if it does not see them.

    Returns where nothing is missing, or where the window is not one on X. Raises `GoldsmithError`
    naming the packages to install.
    """
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    wayland = not platform and not os.environ.get("DISPLAY")
    if not sys.platform.startswith("linux") or platform not in ("", "xcb") or wayland:
        return
    packages = missing()
    if not packages:
        return
    places = [str(p) for p in Path(sys.prefix, "syslibs", "usr", "lib").glob("*-linux-*")]
    known = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    if places and places[0] not in known:
        path = os.pathsep.join([*places, *filter(None, known)])
        command = [sys.executable, "-m", "gui", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "LD_LIBRARY_PATH": path})
    raise GoldsmithError(
        _("The window needs libraries that this system lacks."),
        _("Install them: sudo apt-get install {packages}").format(packages=" ".join(packages)),
    )
