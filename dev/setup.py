"""Goldsmith's set-up, the same on Linux, Windows and macOS; the Makefile only calls it.

    python3 dev/setup.py run      set up if needed, open the window on projects/first.goldsmith
    python3 dev/setup.py test     set up if needed, run every check and test
    python3 dev/setup.py setup    only set up
    python3 dev/setup.py golden   renew the images that the canvas is compared with
    python3 dev/setup.py format   format the code, repair what the linter can repair
    python3 dev/setup.py lock     for maintainers: renew dev/requirements.txt (needs uv)
    python3 dev/setup.py licences renew docs/licences.md
    python3 dev/setup.py sbom     a bill of materials in dist/, for a release
    python3 dev/setup.py audit    look the locked packages up for known faults (needs PyPI)
    python3 dev/setup.py clean    remove .venv and all that is generated, never projects/

With make: make run, make test, ... What follows the word is passed on: "test -k undo", "run FILE",
"lock --upgrade" (with make: ARGS="-k undo"). The Python that runs this file is the one that
Goldsmith gets (with make: PYTHON=python3.12).
"""
# This file is only the door: any Python can read it, so that one that is too old gets a sentence
# and not a SyntaxError. What is done is in commands.py.

import os
import subprocess
import sys

TOO_OLD = """goldsmith: Python 3.11 or newer is needed; this is %d.%d (%s).
Debian 12, Ubuntu 24.04: sudo apt-get install python3; macOS: brew install python@3.12;
Windows: https://www.python.org/downloads/ (tick "Add python.exe to PATH").
"""


def newer_python():
    """The command of a Python that is new enough and really starts, if one is installed."""
    with open(os.devnull, "w") as nowhere:
        for name in ("python3.13", "python3.12", "python3.11"):
            try:
                if subprocess.call([name, "-c", ""], stdout=nowhere, stderr=nowhere) == 0:
                    return name
            except OSError:
                pass
    return None


if sys.version_info < (3, 11):
    newer = newer_python()
    if newer:
        sys.exit(subprocess.call([newer, os.path.abspath(__file__)] + sys.argv[1:]))
    sys.exit(TOO_OLD % (sys.version_info[0], sys.version_info[1], sys.executable))

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # also where PYTHONSAFEPATH is set

from commands import main  # noqa: E402

sys.exit(main(sys.argv[1:], __doc__))
