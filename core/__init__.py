"""Goldsmith's headless library: articles, schemes, projects, edits, suggestions, formats.

Nothing in this package imports Qt; the window (:mod:`gui`) is a thin layer over it.
"""

__version__ = "0.1.0"
