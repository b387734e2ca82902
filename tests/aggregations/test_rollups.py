"""Roll-ups are merged tiles: nothing more, nothing less, and few of them answer for any stretch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from builders import (
    DAY,
    HOUR,
    START,
    a_program,
    a_third_of,
    batch_of,
    bursts,
    crowded_histories,
    features_of,
    moments_beside,
    stored_pages,
)
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import Program, TileRows, fold_tiles, pages
from chronon.aggregations.rollups import SIZES, WORTH, rolled_up, tiles_of
from chronon.aggregations.views import PageView
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis
from chronon.model.types import Scalar

MINUTE, FIVE = 60_000, 300_000
TILES = st.sampled_from([1, 1_000, MINUTE, FIVE])


def distinct_values() -> Program:
    """Keeps every value, so that with a value of its own per event the items of rows tell which events they hold."""
    return a_program(OperationCall("unique_count"), Scalar.LONG)


def a_page(program: Program, times: list[int], tile: int) -> PageView:
    events = [(0, START + time, at, None) for at, time in enumerate(times)]
    (page,) = pages(program, fold_tiles(program, batch_of(Scalar.LONG, events), Millis(tile)), {}).values()
    return PageView(program, page)


def held(view: PageView, cover: list[tuple[int, int]]) -> list[int]:
    """The values in some rows, one range after the other."""
    return [value for lo, hi in cover for (values,) in [view.table.items(0, lo, hi)] for value in values]


def rows_in(view: PageView, first: int, at: int) -> int:
    return sum(hi - lo for lo, hi in view.cover(START + first, START + at))


@given(bursts(), TILES, st.integers(0, DAY // FIVE - 1), st.data())
def test_cover_holds_every_tile_of_its_stretch_once(times: list[int], tile: int, place: int, data: Any) -> None:
    times = [time % DAY for time in times]
    first = data.draw(st.sampled_from([0, place * FIVE, *(time - time % FIVE for time in times)]))
    at = data.draw(moments_beside(times))
    view = a_page(distinct_values(), times, tile)

    found = view.cover(START + first, START + at)

    assert sorted(held(view, found)) == [i for i, time in enumerate(times) if first <= time - time % tile < at]
    starts = [start for lo, hi in found for start in view.table.starts[lo:hi]]
    assert starts == sorted(starts)


def states_of(rows: TileRows, mine: np.ndarray) -> list[Any]:
    taken = rows.take(mine)
    states = [(s.offsets.tolist(), [column.tolist() for column in s.columns]) for s in taken.states]
    return [taken.entity.tolist(), taken.last_ts.tolist(), rows.texts.to_pylist(), states]


def lone_stretches(rows: TileRows, level: np.ndarray, size: int, at: int) -> np.ndarray:
    """Rows of a level that hold a whole stretch: the only ones there."""
    mine = np.flatnonzero(level == at)
    keys = list(zip(rows.entity[mine].tolist(), (rows.start[mine] // size).tolist(), strict=True))
    return mine[[keys.count(key) == 1 for key in keys]] if keys else mine


@given(crowded_histories(), TILES)
def test_roll_up_equals_the_tile_of_its_size(history: tuple, tile: int) -> None:
    kind, events, _ = history
    program = Program.compile(a_third_of(features_of(kind, (HOUR,)), events), Accuracy.TEMPORAL)

    found, level = rolled_up(program, fold_tiles(program, batch_of(kind, events), Millis(tile)))

    for at, size in enumerate(SIZES, 1):
        mine = lone_stretches(found, level, size, at)
        wanted = fold_tiles(program, batch_of(kind, events), size)
        keys = list(zip(wanted.entity.tolist(), (wanted.start // size).tolist(), strict=True))
        same = [
            keys.index((e, s // size))
            for e, s in zip(found.entity[mine].tolist(), found.start[mine].tolist(), strict=True)
        ]
        assert states_of(found, mine) == states_of(wanted, np.array(same, np.int64))


@given(crowded_histories(), TILES)
def test_tiles_are_found_again_among_their_roll_ups(history: tuple, tile: int) -> None:
    kind, events, _ = history
    program = Program.compile(a_third_of(features_of(kind, (HOUR,)), events), Accuracy.TEMPORAL)
    rows = fold_tiles(program, batch_of(kind, events), Millis(tile))

    again = tiles_of(rolled_up(program, rows)[0])

    everything = np.arange(len(rows.start))
    assert again.start.tolist() == rows.start.tolist()
    assert states_of(again, everything) == states_of(rows, everything)


@given(crowded_histories(), TILES, st.integers(0, 2**50 - 1))
def test_page_written_in_parts_equals_one_written_at_once(history: tuple, tile: int, first: int) -> None:
    kind, events, _ = history
    program = Program.compile(a_third_of(features_of(kind, (HOUR,)), events), Accuracy.TEMPORAL)
    rows = fold_tiles(program, batch_of(kind, events), Millis(tile))
    early = np.array([first >> at & 1 == 1 for at in range(len(rows.entity))], bool)

    at_once = stored_pages(program, rows, [early | ~early])

    assert stored_pages(program, rows, [early, ~early]) == at_once
    assert stored_pages(program, rows, [~early, early, ~early]) == at_once


def test_tile_that_is_replaced_leaves_no_trace_in_roll_ups() -> None:
    program = distinct_values()
    times = list(range(0, 3 * HOUR, FIVE))
    old = fold_tiles(program, batch_of(Scalar.LONG, [(0, START + t, -1, None) for t in times]), Millis(FIVE))
    new = fold_tiles(program, batch_of(Scalar.LONG, [(0, START + t, t, None) for t in times]), Millis(FIVE))

    replaced = pages(program, new, pages(program, old, {}))

    assert replaced == pages(program, new, {})


@pytest.mark.parametrize(
    ("tile", "first", "at", "most"),
    [
        #        [first                                                      at)
        #         5-minute tiles to the hour | hours | 5-minute tiles from the hour
        (FIVE, 5 * MINUTE, DAY - 5 * MINUTE, 11 + 22 + 11),
        (FIVE, 0, DAY - 5 * MINUTE, 23 + 11),
        (FIVE, 5 * MINUTE, DAY, 11 + 23),
        (FIVE, 13 * HOUR + 5 * MINUTE, 14 * HOUR - 1, 11),
        (FIVE, 0, DAY, 1),
        #         the tail begins at a hop of 5 minutes, the head ends at any minute
        (MINUTE, 5 * MINUTE, DAY - MINUTE, 11 + 22 + 11 + 4),
        (MINUTE, 0, DAY, 1),
    ],
)
def test_full_day_is_covered_by_a_few_rows(tile: int, first: int, at: int, most: int) -> None:
    view = a_page(distinct_values(), list(range(0, DAY, tile)), tile)

    assert rows_in(view, first, at) == most


def test_cover_of_all_that_has_happened_so_far_is_one_row() -> None:
    view = a_page(distinct_values(), list(range(0, 13 * HOUR + 7 * MINUTE, MINUTE)), MINUTE)

    assert rows_in(view, 0, 13 * HOUR + 7 * MINUTE) == 1


@given(
    st.lists(st.integers(0, DAY // FIVE - 1), min_size=1, unique=True), st.integers(0, DAY // FIVE), st.integers(0, DAY)
)
def test_cover_of_any_page_has_a_bounded_number_of_rows(places: list[int], first: int, at: int) -> None:
    view = a_page(distinct_values(), [place * FIVE for place in places], FIVE)

    assert rows_in(view, first * FIVE, at) <= 11 + 22 * (WORTH - 1) + 11


def test_scattered_tiles_have_no_roll_ups() -> None:
    times = [hour * HOUR + minute * MINUTE for hour in (0, 23) for minute in (0, 30)][: WORTH - 1]

    view = a_page(distinct_values(), times, FIVE)

    assert view.table.rows == len(times)
