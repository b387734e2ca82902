"""Times from earlier runs: held against sorting and searching, and against runs that come after them."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from drawn_runs import LAWS, covered, some_runs
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.sizes import Duration
from chronon.planners.durations import duration_of, total_of

TRIALS = 400


@pytest.mark.parametrize("earlier", [3, 10, 50])
@pytest.mark.parametrize("law", LAWS)
def test_half_of_later_runs_are_done_by_p50_and_nine_of_ten_by_p90(law: str, earlier: int) -> None:
    found = covered(LAWS[law], earlier, TRIALS, f"{law} {earlier}")

    #  with three runs of a law that is wilder than what is known of work in general, p90 is a little short
    assert found.told >= TRIALS * 0.95
    assert 0.35 <= found.p50 / found.told <= 0.65
    assert found.p90 / found.told >= (0.85 if earlier > 3 else 0.8)


def test_a_single_run_does_not_claim_to_know_how_far_others_lie_off() -> None:
    found = duration_of(some_runs([(100, 1.0)]), 100)

    assert found is not None
    assert (found.p50, found.p90) == (1_000, 2_000)


_seconds = st.floats(0.01, 1e3)


T90 = {3: 1.638, 4: 1.533, 5: 1.476, 6: 1.440, 7: 1.415, 8: 1.397, 9: 1.383, 10: 1.372, 11: 1.363, 12: 1.356}
"""Degrees of freedom → the 0.9 quantile of Student's t, from a printed table."""


@given(st.lists(_seconds, min_size=1, max_size=50))
def test_of_one_volume_the_newest_ten_count_and_three_imagined_ones_widen_them(seconds: list[float]) -> None:
    found = duration_of(some_runs([(100, each) for each in seconds]), 100)

    newest = sorted(seconds[:10])
    half = (newest[(len(newest) - 1) // 2] * newest[len(newest) // 2]) ** 0.5
    degrees = len(newest) + 2
    spread = ((3 * 0.3**2 + sum(math.log(each / half) ** 2 for each in newest)) / degrees) ** 0.5
    nine = half * math.exp(T90[degrees] * spread * math.sqrt(1 + 1 / len(newest)))
    assert found is not None
    assert found.p50 / 1000 == pytest.approx(half, rel=0.06, abs=0.001)
    assert found.p90 / 1000 == pytest.approx(max(nine, newest[-1]), rel=0.12, abs=0.002)


@given(st.lists(st.tuples(st.integers(1, 10**6), _seconds), min_size=1, max_size=12), st.floats(0.1, 5.0))
def test_half_lies_on_the_line_that_a_search_finds(pairs: list[tuple[int, float]], times: float) -> None:
    rows, time = (sum(each[of] for each in pairs) / len(pairs) for of in (0, 1))
    volume = min(round(rows * times), 10 * max(each for each, _ in pairs))

    def error(share: float) -> float:
        """Squares of what runs lie off in parts of the mean; an imagined one of twice the rows took half as much more."""
        runs = [(at / rows, seconds / time) for at, seconds in pairs]
        return sum((1 + share * (x - 1) - y) ** 2 for x, y in [*runs, (2.0, 1.5)])

    share = min((each / 2000 for each in range(2001)), key=error)

    def at(volume: int) -> float:
        return time * (1 + share * (volume / rows - 1))

    off = sorted(seconds / max(at(volume), 1e-3) for volume, seconds in pairs[:10])
    middle = (off[(len(off) - 1) // 2] * off[len(off) // 2]) ** 0.5
    found = duration_of(some_runs(pairs), volume)
    assert found is not None
    if share < 0.99:  # on a line without a start-up the search is too coarse for runs of next to no rows
        assert found.p50 / 1000 == pytest.approx(at(volume) * middle, rel=0.15, abs=0.001)


def test_time_follows_a_line_through_earlier_runs() -> None:
    #  a start-up of 2 s, and 10 ms a row
    found = duration_of(some_runs([(rows, 2.0 + rows / 100) for rows in range(0, 400, 10)]), 300)

    assert found is not None
    assert found.p50 == 5_000


def test_p90_is_wider_the_fewer_runs_there_are_and_the_farther_off_they_lie() -> None:
    counts = [duration_of(some_runs([(100, 1.0)] * count), 100) for count in (1, 2, 4, 8)]
    volumes = [duration_of(some_runs([(100, 1.0), (110, 1.0)]), rows) for rows in (105, 300, 900)]

    assert all(more.p90 < fewer.p90 for fewer, more in pairwise(found for found in counts if found))
    assert all(near.p90 / near.p50 < far.p90 / far.p50 for near, far in pairwise(found for found in volumes if found))


@pytest.mark.parametrize("volume", [1_001, 10**9])
def test_time_is_not_told_from_runs_that_were_much_smaller(volume: int) -> None:
    assert duration_of(some_runs([(100, 1.0), (50, 0.6)]), volume) is None
    assert duration_of([], volume) is None


_runs = st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 1e4)), min_size=1, max_size=30)


@given(_runs, st.integers(0, 10**7))
def test_nine_of_ten_is_never_before_half_and_more_rows_take_no_less(
    pairs: list[tuple[int, float]], volume: int
) -> None:
    found, more = duration_of(some_runs(pairs), volume), duration_of(some_runs(pairs), volume + 1000)

    if found is not None:
        assert 0 <= found.p50 <= found.p90
    if found is not None and more is not None:
        assert more.p50 >= found.p50


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=8))
def test_steps_one_after_another_take_the_sum_and_spread_less_than_that(pairs: list[tuple[int, int]]) -> None:
    each = [Duration(p50=p50, p90=p50 + more) for p50, more in pairs]

    found = total_of(each)

    assert found.p50 == sum(one.p50 for one in each)
    assert found.p50 <= found.p90 <= sum(one.p90 for one in each)
