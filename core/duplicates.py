"""Near-duplicates among the articles of a project: found once, kept, shown, never merged.

Beside `core.project` and what is below it, this is the one place that knows SQL: that of its own
three tables, which hold nothing that a person made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from core import sketch
from core.project import Project

ENOUGH = 0.5  # of the shorter text, for two articles to be near-duplicates
_COMMON = 2  # hashes that two sketches must share for their texts to be compared
_CROWD = 200  # articles with one hash from which on it is boilerplate
_MOST = 20  # near-duplicates that are kept of one article
_BATCH = 200


class Pair(NamedTuple):
    """Two articles that share much of their text.

    Attributes:
        article, other: ids; `other` was in the project earlier.
        shared: the share of the shorter one's text, 0..1.
    """

    article: str
    other: str
    shared: float


def find(
    project: Project,
    step: Callable[[int], None] | None = None,
    found: list[Pair] | None = None,
) -> list[Pair]:
    """Look at the articles that nobody looked at yet, and answer what was found among them.

    Args:
        step: gets how many are done; it may raise to leave the rest for the next time.
        found: gets the pairs as they are found.
    """
    found = [] if found is None else found
    done = 0
    last = -1
    while True:
        n, last = find_some(project, found, last)
        if not n:
            return found
        done += n
        if step is not None:
            step(done)


def find_some(
    project: Project, found: list[Pair], after: int = -1, most: int = _BATCH
) -> tuple[int, int]:
    """Look at the next few articles that nobody looked at yet.

    Args:
        found: gets the pairs.
        after: the position after which to look on, as the last call answered it.

    Returns:
        How many there were, and the position of the last.
    """
    rows = project._store.rows(
        "SELECT position, id, text FROM articles a WHERE removed = 0 AND position > ? AND NOT"
        " EXISTS (SELECT 1 FROM sketched s WHERE s.article = a.id) ORDER BY position LIMIT ?",
        [after, most],
    )
    if not rows:
        return 0, after
    with project.unjournaled():
        for _position, id, text in rows:
            found += _add(project, id, sketch.shingles(text))
    return len(rows), rows[-1][0]


def _add(project: Project, id: str, hashes: set[int]) -> list[Pair]:
    """Store the sketch of one article, and the pairs that it makes."""
    store = project._store
    mine = sketch.sketch(hashes)
    pairs = [
        Pair(id, other, round(shared, 3))
        for other, text in _candidates(project, mine)
        if (shared := sketch.shared(hashes, sketch.shingles(text))) >= ENOUGH
    ]
    pairs = sorted(pairs, key=lambda p: (-p.shared, p.other))[:_MOST]
    n = store.execute("INSERT INTO sketched (article) VALUES (?)", [id]).lastrowid
    store.insert_rows("sketches", [(hash, n) for hash in mine])
    store.insert_rows("near_duplicates", pairs)
    return pairs


def _candidates(project: Project, hashes: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Id and text of the articles whose sketches have enough in common with these hashes."""
    common: Counter[int] = Counter()
    for hash in hashes:
        rows = project._store.rows(
            "SELECT n FROM sketches WHERE hash = ? LIMIT ?", [hash, _CROWD + 1]
        )
        if len(rows) <= _CROWD:
            common.update(n for (n,) in rows)
    enough = min(_COMMON, len(hashes))
    for n, count in common.most_common(_MOST * 5):
        if count >= enough:
            yield from project._store.rows(
                "SELECT a.id, a.text FROM sketched s JOIN articles a ON a.id = s.article"
                " WHERE s.n = ? AND a.removed = 0",
                [n],
            )


_PAIRS = """SELECT d.article, d.other, d.shared FROM near_duplicates d
JOIN articles a ON a.id = d.article AND a.removed = 0
JOIN articles o ON o.id = d.other AND o.removed = 0"""

_TURNED = _PAIRS.replace("d.article, d.other", "d.other, d.article")


def pairs(project: Project) -> list[Pair]:
    """All near-duplicates that are known, the most alike first."""
    rows = project._store.rows(f"{_PAIRS} ORDER BY d.shared DESC, d.article, d.other")
    return [Pair(*row) for row in rows]


def of(project: Project, article: str) -> list[Pair]:
    """The near-duplicates of one article, the most alike first; it is `Pair.article` in each."""
    rows = project._store.rows(
        f"{_PAIRS} WHERE d.article = ? UNION ALL {_TURNED} WHERE d.other = ? ORDER BY 3 DESC, 2",
        [article, article],
    )
    return [Pair(*row) for row in rows]


def groups(project: Project) -> list[list[str]]:
    """The articles (ids) that hang together by near-duplicates, each group in order of ids."""
    leader: dict[str, str] = {}

    def top(id: str) -> str:
        while (above := leader.setdefault(id, id)) != id:
            leader[id] = leader[above]
            id = above
        return id

    for pair in pairs(project):
        first, second = sorted((top(pair.article), top(pair.other)))
        leader[second] = first
    found: dict[str, list[str]] = {}
    for id in sorted(leader):
        found.setdefault(top(id), []).append(id)
    return list(found.values())


def unseen(project: Project) -> int:
    """How many articles `find` has not looked at."""
    ((count,),) = project._store.rows(
        "SELECT count(*) FROM articles a WHERE removed = 0 AND NOT EXISTS"
        " (SELECT 1 FROM sketched s WHERE s.article = a.id)"
    )
    return int(count)
