"""Letters on targets: which letters each gets, and how typing narrows them; knows nothing of Qt.

The idea is that of browsers driven by keyboard (Vimium, qutebrowser): the keys under the fingers,
one where there are few targets and two where there are many, none the beginning of another.
"""

from __future__ import annotations

from collections.abc import Sequence

LETTERS = "asdfghjklweruio"  # home row first
MOST_HINTS = len(LETTERS) ** 2  # with two letters each


def labels(n: int, letters: str = LETTERS) -> list[str]:
    """`n` distinct labels, all as short as can be, none the beginning of another.

    One letter each for up to ``len(letters)``, else as many of two (or more) as are needed.
    """
    result = list(letters)
    while len(result) < n:
        # the last ones are split, so that the first ones stay short
        need = n - len(result)
        split = min(len(result), -(-need // (len(letters) - 1)))
        result = result[:-split] + [stem + c for stem in result[-split:] for c in letters]
    return sorted(result[:n], key=len)


class Hints:
    """The hints that are up.

    Attributes:
        labels: the letters of each target, by id, in the order the targets were given.
        typed: what was typed so far.
    """

    def __init__(self, targets: Sequence[str], letters: str = LETTERS) -> None:
        self.letters = letters
        self.labels = dict(zip(targets, labels(len(targets), letters), strict=True))
        self.typed = ""

    def remaining(self) -> dict[str, str]:
        """The targets that what was typed still allows, with the letters that are left to type."""
        n = len(self.typed)
        return {id: x[n:] for id, x in self.labels.items() if x.startswith(self.typed)}

    def type(self, letter: str) -> str | None:
        """Follow a letter: the id that is chosen now, "" while several are left, None if the letter
        leads nowhere (it is not taken)."""
        typed = self.typed + letter.lower()
        left = [id for id, label in self.labels.items() if label.startswith(typed)]
        if not left:
            return None
        self.typed = typed
        return left[0] if self.labels[left[0]] == typed else ""

    def back(self) -> bool:
        """Take back the last letter. False if there is none."""
        had = bool(self.typed)
        self.typed = self.typed[:-1]
        return had
