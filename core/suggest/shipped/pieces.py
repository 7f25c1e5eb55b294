"""WordPiece: a word to the ids of its pieces, lower-cased and without accents, as BERT does it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import regex

UNKNOWN = "[UNK]"
START = "[CLS]"
END = "[SEP]"
_LONGEST = 100  # characters; a longer word is unknown
_MOST = 8  # pieces of one word that are read; the rest says nothing about its type
_ATOMS = regex.compile(
    r"[\p{P}\p{S}\p{Han}\p{Hiragana}\p{Katakana}]|[^\s\p{P}\p{S}\p{Han}\p{Hiragana}\p{Katakana}]+"
)


class WordPieces:
    """The vocabulary, and a memory of the words that were cut already."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.vocabulary = tuple(vocabulary)
        self._ids = {piece: i for i, piece in enumerate(self.vocabulary)}
        self.unknown = self._ids[UNKNOWN]
        self.start = self._ids[START]
        self.end = self._ids[END]
        self._known: dict[str, tuple[int, ...]] = {}

    def __call__(self, word: str) -> tuple[int, ...]:
        """The ids of `word`, at least one, at most eight."""
        found = self._known.get(word)
        if found is None:
            found = tuple(self._cut(word))[:_MOST] or (self.unknown,)
            if len(self._known) < 200_000:
                self._known[word] = found
        return found

    def _cut(self, word: str) -> list[int]:
        plain = unicodedata.normalize("NFD", word.lower())
        plain = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cc", "Cf"))
        result: list[int] = []
        for atom in _ATOMS.findall(plain):
            result += self._atom(atom)
        return result

    def _atom(self, atom: str) -> list[int]:
        if len(atom) > _LONGEST:
            return [self.unknown]
        result, start = [], 0
        while start < len(atom):
            end = len(atom)
            while end > start:
                piece = ("##" if start else "") + atom[start:end]
                id = self._ids.get(piece)
                if id is not None:
                    result.append(id)
                    break
                end -= 1
            else:
                return [self.unknown]
            start = end
        return result
