"""Which copies stay, whatever the clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core import backup, edits
from core.project import Project
from core.series import DAYS, NEWEST, superfluous
from tests.conftest import Desk

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
_ANY_TIME = st.integers(0, 8000 * 365 * 24 * 60).map(
    lambda minutes: datetime(1970, 1, 2, tzinfo=UTC) + timedelta(minutes=minutes)
)


def _thinned(series: list[tuple[int, datetime]]) -> list[tuple[int, datetime]]:
    away = set(superfluous([at for _day, at in series]))
    return [copy for n, copy in enumerate(series) if n not in away]


def test_the_series_thins_with_age() -> None:
    series: list[tuple[int, datetime]] = []
    for hours in reversed(range(24 * 90)):
        series = _thinned([*series, (0, NOW - hours * HOUR)])
    ages = [NOW - at for _day, at in series]
    assert sum(age < timedelta(days=1) for age in ages) == 24
    assert sum(timedelta(days=1) <= age < timedelta(days=30) for age in ages) in (29, 30)
    assert 8 <= sum(age >= timedelta(days=30) for age in ages) <= 10


@given(
    st.lists(
        st.tuples(
            st.none() | _ANY_TIME,  # what the clock is set to that day; None: it is right
            st.integers(1, 9),  # copies
        ),
        min_size=1,
        max_size=60,
    )
)
def test_no_clock_shoves_out_the_newest_or_a_day_of_work(
    days: list[tuple[datetime | None, int]],
) -> None:
    series: list[tuple[int, datetime]] = []
    made: list[tuple[int, datetime]] = []
    for day, (clock, copies) in enumerate(days):
        start = clock or NOW + timedelta(days=day)
        if made and start.date() == made[-1][1].date():
            continue  # nothing tells that day from the one before
        for n in range(copies):
            made.append((day, start + n * timedelta(minutes=20)))
            series = _thinned([*series, made[-1]])
            assert series[-NEWEST:] == made[-NEWEST:]
    # Each begins at one date, and goes on to another at most.
    worked = list(dict.fromkeys(day for day, _at in made))[-DAYS // 2 :]
    assert set(worked) <= {day for day, _at in series}
    if all(clock is None for clock, _copies in days):
        assert len({at.date() for _day, at in series}) >= min(DAYS, len({*worked}))


@given(st.lists(_ANY_TIME, max_size=400))
def test_a_clock_that_is_never_right_keeps_the_newest(stamps: list[datetime]) -> None:
    series: list[tuple[int, datetime]] = []
    for n, at in enumerate(stamps):
        series = _thinned([*series, (n, at)])
        assert [k for k, _at in series[-NEWEST:]] == [*range(n + 1)][-NEWEST:]


def _work(desk: Desk, at: datetime, hours: int) -> list[Path]:
    made = []
    for n in range(hours):
        state = "done" if desk.project.article(desk.id).state != "done" else "new"
        edits.set_state(desk.project, [desk.id], state)  # type: ignore[arg-type]
        copy = backup.back_up(desk.project, at + n * HOUR)
        assert copy is not None
        made.append(copy)
    return made


def test_a_clock_that_runs_ahead_throws_nothing_away(desk: Desk) -> None:
    before = _work(desk, NOW, 5)
    ahead = _work(desk, NOW + timedelta(days=3650), 3)
    after = _work(desk, NOW + 6 * HOUR, 3)
    assert all(copy.exists() for copy in before + ahead + after)
    _work(desk, NOW + timedelta(days=1), 12)
    assert before[-1].exists()  # one of the day
    assert after[-1].exists()
    assert not before[0].exists()


def test_a_clock_that_stands_still_stops_no_copy(desk: Desk) -> None:
    made = []
    for _ in range(3):
        made += _work(desk, NOW, 1)
    assert len(set(made)) == 3


def test_a_project_and_a_copy_of_it_thin_not_one_anothers(desk: Desk, tmp_path: Path) -> None:
    """Made by hand, edited apart since, with the copies of both in one folder under one name."""
    place = str(tmp_path / "copies")
    backup.keep_in(desk.project, place)
    common = _work(desk, NOW, 3)
    (tmp_path / "elsewhere").mkdir()
    apart = desk.project.save_copy(tmp_path / "elsewhere" / desk.project.path.name)
    with Project.open(apart, annotator="bea") as project:
        edits.set_state(project, [desk.id], "new")
        theirs = backup.back_up(project, NOW + 3 * HOUR)
    assert theirs is not None
    mine = [_work(desk, NOW + timedelta(days=n), 6) for n in range(1, 6)]
    assert theirs.exists()
    assert all(copy.exists() for copy in common)  # both began with them
    assert not mine[0][0].exists()
    assert all(day[-1].exists() for day in mine)


def test_copies_of_what_was_restored_over_stay(desk: Desk) -> None:
    early = _work(desk, NOW, 2)
    late = _work(desk, NOW + timedelta(days=1), 2)
    path = desk.project.path
    desk.project.close()
    backup.restore(path, early[-1])
    with Project.open(path, annotator="ann") as project:
        again = Desk.__new__(Desk)
        again.project, again.text, again.id = project, desk.text, desk.id
        for n in range(2, 6):
            made = _work(again, NOW + timedelta(days=n), 6)
            assert made[-1].exists()
    assert all(copy.exists() for copy in early + late)
