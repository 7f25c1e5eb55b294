"""Long harnesses, each run from one command with a seed and a count:

    python -m tests.stress.crash  --seed 1 --count 300     kills, headless and in the window
    python -m tests.stress.power  --seed 1 --count 480     power failures: what is not synced goes
    python -m tests.stress.disk   --seed 1 --count 360     full disks, I/O errors, lost folders
    python -m tests.stress.damage --seed 1 --count 100     files damaged at random bytes, repaired
    python -m tests.stress.model  --seed 1 --count 5000    edits against a plain model
    python -m tests.stress.window --seed 1 --count 10000   random keys and mouse over a window

The tests run a short version of each (`tests/core/test_stress.py`, `tests/gui/test_stress.py`).
"""
