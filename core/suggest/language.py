"""Whether a text is English: the built-in suggesters know no other language, and nonsense would
only be work."""

from __future__ import annotations

import regex

from core.suggest import Text

_LATIN = regex.compile(r"\p{Latin}")
_LETTER = regex.compile(r"\p{L}")
_ENGLISH = regex.compile(
    r"\b(?:the|of|and|to|in|a|is|was|for|on|that|with|by|at|from|as|has|had|were|are|it|he|his)\b"
)
_SAMPLE = 20_000  # characters are enough to tell a language


def is_english(text: Text) -> bool:
    """By the language that the article says it has, else by script and function words."""
    if text.language:
        return text.language.lower().split("-")[0] in ("en", "eng", "english")
    sample = text.text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    if letters == 0 or len(_LATIN.findall(sample)) < 0.7 * letters:
        return False
    words = len(sample.split())
    return words < 8 or len(_ENGLISH.findall(sample.lower())) > 0.1 * words
