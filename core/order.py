"""Which article is next: as given, or the most useful first, and why.

An article is useful where its suggestions are unsure (a decision teaches something), where its
names are new (it is not like what was done already), and where it is short (little to read for
it). The values are kept; before one is chosen, the best few are measured again, since every
decision makes the names of others less new.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from core.amount import share
from core.i18n import _
from core.project import Project
from core.tally import loose_key
from core.turns import Turn

SETTING = "order"
_LOOKED_AT = 300  # suggestions of one article that are looked at
_AGAIN = 20  # of the best that are measured again before one is chosen
_CAUGHT_UP = "order_looked_at"  # the setting: up to which position all were looked at
_CATCH_UP = 500  # articles of files made before, or that came with suggestions, at a time
_FEW = 5  # suggestions from which an article begins to be worth its opening
_LONG = 4000  # characters at which reading weighs as much as what is found


class Order(StrEnum):
    """The order in which articles come up."""

    GIVEN = "given"
    USEFUL = "useful"


def of(project: Project) -> Order:
    """The order that a project's people chose."""
    kept = project.setting(SETTING, Order.GIVEN.value)
    return Order(kept) if kept in list(Order) else Order.GIVEN


def choose(project: Project, order: Order) -> None:
    """Keep an order in the project."""
    project.set_setting(SETTING, order.value)


def measure(project: Project, article: str) -> Turn:
    """How useful an article would be now; the first few hundred suggestions count."""
    characters, n, found = project.turns.material(article, _LOOKED_AT)
    if not found:
        return Turn(article, 0.0, 0.0, 0.0, n, characters)
    unsure = sum(1 - abs(2 * score - 1) for _words, score in found) / len(found)
    names = {loose_key(words) for words, _score in found} - {""}
    known = project.decisions.about("loose", names)
    old = sum(any(yes for yes, _no in types.values()) for types in known.values())
    new = 1 - old / len(names) if names else 0.0
    value = (unsure + new) / 2 * n / (n + _FEW) * _LONG / (_LONG + characters)
    return Turn(article, round(value, 4), round(unsure, 3), round(new, 3), n, characters)


def renew(project: Project, articles: Iterable[str]) -> list[Turn]:
    """Measure articles and keep what came of it."""
    turns = [measure(project, id) for id in articles]
    if turns and not project.read_only:
        with project.unjournaled():
            project.turns.keep(turns)
    return turns


def upcoming(project: Project, limit: int, *, but: str = "") -> list[Turn]:
    """The articles that are most useful next, the best first, measured as things are now.

    Args:
        but: an article that is not wanted: the open one.
    """
    missed = _catch_up(project)
    best = project.turns.best(max(limit, _AGAIN) + bool(but))
    ids = dict.fromkeys([*(t.article for t in best), *missed])
    turns = renew(project, [id for id in ids if id != but])
    return sorted(turns, key=lambda t: -t.value)[:limit]


def _catch_up(project: Project) -> list[str]:
    """Articles that have suggestions though nobody measured them: those of older files."""
    at = int(project.setting(_CAUGHT_UP, "-1"))
    found, reached = project.turns.unmeasured(at, _CATCH_UP)
    if reached > at and not project.read_only:
        project.set_setting(_CAUGHT_UP, str(reached))
    return found


def next_article(project: Project, order: Order, after: str = "") -> tuple[str, str] | None:
    """The next article that is not done and why it is; None if all are.

    As given it is the next one behind `after`, else the first; where nothing is known of any
    article's use, the same.
    """
    if order is Order.USEFUL:
        turns = upcoming(project, 1, but=after)
        if turns and turns[0].suggestions:
            return turns[0].article, why(turns[0])
    id = project.next_article(after) or project.next_article()
    if id is None:
        return None
    return id, _("the next one in the given order")


def why(turn: Turn) -> str:
    """Why an article comes when it does, in one line."""
    return _(
        "use {value:.2f}: {n} open, {unsure} unsure, {new} of the names new, "
        "{characters:,} characters"
    ).format(
        value=turn.value, n=turn.suggestions, unsure=share(turn.unsure), new=share(turn.new),
        characters=turn.characters,
    )  # fmt: skip
