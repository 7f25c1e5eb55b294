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
# Of what is said to be English only words that other languages do not have count, and few suffice:
# lists and tables have hardly any.
_ENGLISH_ALONE = regex.compile(r"\b(?:the|of|and|to|that|with|by|from|has|had|were|are|it|his)\b")
_UNTAGGED, _TAGGED, _FEW, _FEW_TAGGED = 0.1, 0.02, 8, 30
_SAMPLE = 20_000  # characters are enough to tell a language


def is_english(text: Text) -> bool:
    """By the language that the article says it has, and by script and function words: a tag may be
    wrong, or only be the language that its project expects."""
    tagged = bool(text.language)
    if tagged and text.language.lower().split("-")[0] not in ("en", "eng", "english"):
        return False
    sample = text.text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    if letters == 0 or len(_LATIN.findall(sample)) < (0.3 if tagged else 0.7) * letters:
        return tagged and letters == 0
    words = len(sample.split())
    if tagged:
        return words < _FEW_TAGGED or len(_ENGLISH_ALONE.findall(sample.lower())) > _TAGGED * words
    return words < _FEW or len(_ENGLISH.findall(sample.lower())) > _UNTAGGED * words
