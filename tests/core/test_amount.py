"""How many of what, and which part of it, in words for a person."""

from __future__ import annotations

import pytest

from core.amount import share
from core.suggest.shipped.relations import saying


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1, "100%"), (0.9999, "99%+"), (0.995, "99%+"), (0.994, "99%"), (0.5, "50%"), (0, "0%")],
)
def test_only_what_is_all_is_100_percent(value: float, shown: str) -> None:
    assert share(value) == shown


def test_a_network_is_never_certain() -> None:
    assert saying(1.0) == "the language model, 99%+ sure"
    assert saying(0.83) == "the language model, 83% sure"
