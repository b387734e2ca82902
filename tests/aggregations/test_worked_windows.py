"""The worked numbers of windows and batch values in the reference (sections 2.1 - 2.6, 9.2 O5, O6 and O26)."""

from __future__ import annotations

import pytest
from builders import DAY, HOUR, batch_of, queries_of
from worked import MIDNIGHT, MINUTE, QUERY, SNAPSHOT, TEMPORAL, a_feature, call, clock, counted

from chronon.aggregations import (
    EventBatch,
    Program,
    answer,
    batch_values,
    check_window,
    fold_tiles,
    hop_of,
    pages,
    point_in_time,
    tail_of,
)
from chronon.aggregations.upload import collapse_start
from chronon.aggregations.views import BatchView
from chronon.model.specs import Accuracy
from chronon.model.time import Millis
from chronon.model.types import Scalar


@pytest.mark.parametrize(
    ("window", "accuracy", "hop"),
    [
        (12 * DAY, TEMPORAL, DAY),
        (30 * DAY, TEMPORAL, DAY),
        (12 * DAY - HOUR, TEMPORAL, HOUR),
        (12 * HOUR, TEMPORAL, HOUR),
        (12 * HOUR - 5 * MINUTE, TEMPORAL, 5 * MINUTE),
        (5 * MINUTE, TEMPORAL, 5 * MINUTE),
        (DAY, SNAPSHOT, DAY),
        (90 * DAY, SNAPSHOT, DAY),
        (None, TEMPORAL, DAY),
        (None, SNAPSHOT, DAY),
    ],
    ids=lambda value: f"2.1 {value}",
)
def test_tail_hop(window: int | None, accuracy: Accuracy, hop: int) -> None:
    assert hop_of(None if window is None else Millis(window), accuracy) == hop


def test_snapshot_window_of_hours_is_refused_2_1() -> None:
    assert check_window(Millis(3 * HOUR), SNAPSHOT) is not None
    assert check_window(Millis(3 * DAY), SNAPSHOT) is None


TAILS = [
    (HOUR, "03-15 13:25", 1.0333, 1.033),
    (6 * HOUR, "03-15 08:25", 6.0333, 1.006),
    (11 * HOUR, "03-15 03:25", 11.0333, 1.003),
    (12 * HOUR, "03-15 02:00", 12.45, 1.0375),
    (DAY, "03-14 14:00", 24.45, 1.019),
    (3 * DAY, "03-12 14:00", 72.45, 1.006),
    (7 * DAY, "03-08 14:00", 168.45, 1.003),
    (11 * DAY, "03-04 14:00", 264.45, 1.002),
    (12 * DAY, "03-03 00:00", 302.45, 1.050),
    (30 * DAY, "02-14 00:00", 734.45, 1.020),
    (90 * DAY, "2023-12-16 00:00", 2174.45, 1.007),
]


@pytest.mark.parametrize(("window", "tail", "hours", "ratio"), TAILS, ids=[f"2.2 {w // HOUR}h" for w, *_ in TAILS])
def test_tail_and_effective_length(window: int, tail: str, hours: float, ratio: float) -> None:
    start = tail_of(Millis(window), TEMPORAL, QUERY)

    assert start == clock(f"{tail}:00")
    assert round((QUERY - start) / HOUR, 4) == hours
    assert round((QUERY - start) / window, 4 if ratio == 1.0375 else 3) == ratio


def test_window_of_seven_days_is_168_hours_and_the_head_2_3() -> None:
    #  03-08 14:00                     03-15 14:00        14:25   14:27
    #    |==== 168 hops of an hour ======|-- 5 of 5 min --|* * *)
    whole_hours = range(clock("03-01 00:00:00"), clock("03-16 00:00:00"), HOUR)
    five_minutes = range(clock("03-15 14:00:00"), clock("03-15 14:25:00"), 5 * MINUTE)
    head = [clock("03-15 14:25:00"), QUERY - 1, QUERY]

    assert counted(7 * DAY, [h for h in whole_hours if h < clock("03-15 14:00:00")], QUERY) == 168
    assert counted(7 * DAY, five_minutes, QUERY) == 5
    assert counted(7 * DAY, head, QUERY) == 2


@pytest.mark.parametrize(
    ("window", "first"),
    [(30 * DAY, "02-14 00:00"), (7 * DAY, "03-08 14:00"), (HOUR, "03-15 13:25")],
    ids=["2.3 day hops from", "2.3 hour hops from", "2.3 five-minute hops from"],
)
def test_first_hop_of_a_window_is_its_tail(window: int, first: str) -> None:
    start = clock(f"{first}:00")

    assert counted(window, [start, start - 1], QUERY) == 1
    # Using the start of the head instead of the query is exact: hops and windows are multiples of five minutes.
    head = Millis(QUERY - QUERY % (5 * MINUTE))
    assert tail_of(Millis(window), TEMPORAL, head) == start


def hourly_batch(window: int | None, step: int = HOUR) -> tuple[Program, bytes, EventBatch]:
    """A batch value of 03-15 00:00 over an event at every step of forty days, with those of the stream after it."""
    program = Program.compile((a_feature(call("count"), Scalar.LONG, window=window),), TEMPORAL)
    events = [(0, ts, 1, None) for ts in range(MIDNIGHT - 40 * DAY, MIDNIGHT + DAY, step)]
    batch = batch_of(Scalar.LONG, events)
    (value,) = batch_values(program, batch, 1, MIDNIGHT)
    return program, value, batch


@pytest.mark.parametrize(
    ("window", "step", "hops", "collapsed"),
    [
        (6 * HOUR, 5 * MINUTE, 72, False),
        (12 * HOUR, HOUR, 12, False),
        (2 * DAY, HOUR, 48, False),
        (3 * DAY, HOUR, 48, True),
        (11 * DAY, HOUR, 48, True),
        (12 * DAY, HOUR, 2, True),
        (30 * DAY, HOUR, 2, True),
        (None, HOUR, 0, True),
    ],
    ids=lambda value: f"2.4 {value}",
)
def test_what_a_batch_value_stores(window: int | None, step: int, hops: int, collapsed: bool) -> None:
    program, value, _ = hourly_batch(window, step)
    view = BatchView(program, value)

    assert (view.hops(0).rows if program.hops else 0) == hops
    assert view.collapsed.rows == collapsed


def test_seven_days_asked_at_14_27_2_4() -> None:
    program, value, batch = hourly_batch(7 * DAY)
    view = BatchView(program, value)
    hops = view.hops(0).starts
    used = [start for start in hops if start >= clock("03-08 14:00:00")]

    assert collapse_start(program, Millis(7 * DAY), MIDNIGHT) == clock("03-10 00:00:00")
    assert (hops[0], hops[-1], len(hops)) == (clock("03-08 00:00:00"), clock("03-09 23:00:00"), 48)
    assert (used[-1], len(used)) == (clock("03-09 23:00:00"), 34)
    assert view.collapsed.items(0, 0, 1) == ([5 * 24],)
    tiles = pages(program, fold_tiles(program, batch, Millis(5 * MINUTE)), {})
    found = answer(program, value, list(tiles.values()), QUERY).values[0]
    assert found == 34 + 5 * 24 + 15 == counted(7 * DAY, batch.ts.tolist(), QUERY)


def test_event_exactly_at_batch_end_less_the_window_is_counted_2_4() -> None:
    """The probe of O5 and 10.1: offline 1, online 0 in the reference; here both count it."""
    event = [(0, clock("03-08 00:00:00"), 1, None)]
    program = Program.compile((a_feature(call("count"), Scalar.LONG, window=7 * DAY),), TEMPORAL)
    (value,) = batch_values(program, batch_of(Scalar.LONG, event), 1, MIDNIGHT)

    assert counted(7 * DAY, [event[0][1]], MIDNIGHT) == 1
    assert answer(program, value, [], MIDNIGHT).values == (1,)


def test_two_stack_deque_2_6_and_O26() -> None:  # noqa: N802
    #  push 7, 8, 9 -> [8,9]; pop -> [8,9]; pop -> [9]; pop -> nothing; push 10 -> [10]; five minutes between the pops
    start = clock("03-15 10:00:00")
    events = [(0, start + minute * MINUTE, value, None) for minute, value in ((0, 7), (5, 8), (10, 9), (32, 10))]
    program = Program.compile((a_feature(call("top_k", 2), Scalar.LONG, window=15 * MINUTE),), TEMPORAL)
    asked = [(0, start + minute * MINUTE) for minute in (15, 20, 25, 30, 33)]

    (found,) = point_in_time(program, batch_of(Scalar.LONG, events), queries_of(asked))

    assert found.to_pylist() == [[9, 8], [9, 8], [9], None, [10]]


BOUNDARIES = [
    ("03-08 13:59:59.999", 0, 0, 1),
    ("03-08 14:00:00.000", 1, 0, 1),
    ("03-15 13:24:59.999", 1, 0, 1),
    ("03-15 13:25:00.000", 1, 1, 1),
    ("03-15 14:26:59.999", 1, 1, 1),
    ("03-15 14:27:00.000", 0, 0, 0),
    ("02-14 00:00:00.000", 0, 0, 1),
    ("02-13 23:59:59.999", 0, 0, 0),
]


@pytest.mark.parametrize(("event", "week", "hour", "month"), BOUNDARIES, ids=[f"O5 {e}" for e, *_ in BOUNDARIES])
def test_window_boundary(event: str, week: int, hour: int, month: int) -> None:
    found = [counted(window, [clock(event)], QUERY) for window in (7 * DAY, HOUR, 30 * DAY)]

    assert found == [count or None for count in (week, hour, month)]


def test_window_boundaries_together_O5() -> None:  # noqa: N802
    events = [clock(event) for event, *_ in BOUNDARIES]

    assert [counted(window, events, QUERY) for window in (7 * DAY, HOUR, 30 * DAY)] == [4, 2, 6]
    assert [counted(window, events, MIDNIGHT, SNAPSHOT) for window in (7 * DAY, 30 * DAY)] == [2, 3]


def test_tail_hops_only_O6() -> None:  # noqa: N802
    end = Millis(1_746_921_600_000)
    hops = [1_746_745_200_000, 1_746_766_800_000]
    program = Program.compile((a_feature(call("histogram"), Scalar.STRING, window=3 * DAY),), TEMPORAL)
    events = [(0, hops[0] + 5, "view", None), (0, hops[1] + HOUR - 1, "view", None)]
    (value,) = batch_values(program, batch_of(Scalar.STRING, events), 1, end)
    before = bytes(value)

    assert [answer(program, value, [], Millis(end + 100)).values for _ in range(10)] == [({"view": 2},)] * 10

    view = BatchView(program, value)
    assert (view.collapsed.rows, view.hops(0).starts) == (0, hops)
    assert [view.hops(0).items(0, at, at + 1) for at in range(2)] == [([0], [1])] * 2
    assert value == before
