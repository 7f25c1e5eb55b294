"""One translation mechanism for the library and the window (GNU gettext)."""

from __future__ import annotations

import gettext as _gettext
from pathlib import Path

_LOCALES = Path(__file__).resolve().parent.parent / "resources" / "locale"
_translations: _gettext.NullTranslations = _gettext.NullTranslations()


def install(languages: list[str] | None = None) -> None:
    """Load the catalogue of the first of `languages` that is shipped (default: the environment's).

    Call it before the window or the command line is built; without it every string is English.
    """
    global _translations
    _translations = _gettext.translation(
        "goldsmith", localedir=str(_LOCALES), languages=languages, fallback=True
    )


def _(message: str) -> str:
    """The translation of `message`; fill placeholders afterwards: ``_("{n} left").format(n=3)``."""
    return _translations.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The translated form that fits the count `n`."""
    return _translations.ngettext(singular, plural, n)
