"""``python -m core COMMAND ...`` is ``goldsmith COMMAND ...`` where no window is installed."""

from __future__ import annotations

import sys

from core.cli import main

if __name__ == "__main__":
    sys.exit(main())
