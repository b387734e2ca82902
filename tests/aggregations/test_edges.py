"""The edges of a window for every operation, accuracy and size of hop, trained and served; expected values by hand.

tail - 1 ms | tail                                   query
  not in    |==================================)       not in
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from builders import DAY, HOUR, KINDS, batch_of, features_of, plain, queries_of

from chronon.aggregations import (
    Program,
    answer,
    batch_values,
    fold_tiles,
    operation_names,
    output_type,
    pages,
    point_in_time,
)
from chronon.model.definitions import Feature
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis, parse_instant
from chronon.model.types import DataType, Scalar

MINUTE = 60_000


def clock(text: str) -> Millis:
    instant = parse_instant(text)
    assert instant is not None
    return instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Results of one call over [7] and over [2, 2, 3, 9], worked out by hand."""

    call: OperationCall
    one: Any
    four: Any


def known(name: str, *arguments: float, one: Any, four: Any) -> Known:
    return Known(call=OperationCall(name, arguments), one=one, four=four)


EVERY = [
    known("approx_histogram_k", 2, one={"7": 1}, four={"2": 2, "3": 1}),
    known("approx_percentile", 0, 0.5, 1, one=[7.0, 7.0, 7.0], four=[2.0, 3.0, 9.0]),
    known("approx_unique_count", one=1, four=3),
    known("average", one=7.0, four=4.0),
    known("bottom_k", 3, one=[7], four=[2, 2, 3]),
    known("bounded_unique_count", 2, one=1, four=2),
    known("count", one=1, four=4),
    known("first", one=7, four=2),
    known("first_k", 3, one=[7], four=[2, 2, 3]),
    known("histogram", one={"7": 1}, four={"2": 2, "3": 1, "9": 1}),
    known("kurtosis", one=None, four=-0.7231833910034602),
    known("last", one=7, four=9),
    known("last_k", 3, one=[7], four=[9, 3, 2]),
    known("max", one=7, four=9),
    known("min", one=7, four=2),
    known("skew", one=None, four=1.0895204232582913),
    known("sum", one=7, four=16),
    known("top_k", 3, one=[7], four=[9, 3, 2]),
    known("unique_count", one=1, four=3),
    known("unique_top_k", 2, one=[7], four=[9, 3]),
    known("variance", one=0.0, four=8.5),
]


def test_every_operation_has_its_known_results() -> None:
    assert [case.call.name for case in EVERY] == list(operation_names())


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A window of one size of hop, the moment that its features are as of, and where its tail lies at that moment."""

    accuracy: Accuracy
    window: Millis | None
    asked: Millis
    as_of: Millis
    tail: Millis
    batch_ends: tuple[Millis, ...]

    def __str__(self) -> str:
        return f"{self.accuracy} {self.window and self.window // HOUR}h"


QUERY = clock("2024-03-15T14:27:00Z")
MIDNIGHT = clock("2024-03-15T00:00:00Z")
LONG_AGO = clock("1984-01-01T00:00:00Z")


def temporal(window: int | None, tail: Millis) -> Frame:
    """Served from the batch of the night, and from the one before while it is late."""
    return Frame(
        accuracy=Accuracy.TEMPORAL,
        window=None if window is None else Millis(window),
        asked=QUERY,
        as_of=QUERY,
        tail=tail,
        batch_ends=(MIDNIGHT, Millis(MIDNIGHT - DAY)),
    )


def snapshot(window: int | None, tail: Millis) -> Frame:
    """A snapshot feature is as of the midnight before; what is served then is the batch."""
    return Frame(
        accuracy=Accuracy.SNAPSHOT,
        window=None if window is None else Millis(window),
        asked=QUERY,
        as_of=MIDNIGHT,
        tail=tail,
        batch_ends=(MIDNIGHT,),
    )


WINDOWED = [
    temporal(HOUR, clock("2024-03-15T13:25:00Z")),
    temporal(11 * HOUR + 55 * MINUTE, clock("2024-03-15T02:30:00Z")),
    temporal(12 * HOUR, clock("2024-03-15T02:00:00Z")),
    temporal(3 * DAY, clock("2024-03-12T14:00:00Z")),
    temporal(12 * DAY, clock("2024-03-03T00:00:00Z")),
    snapshot(DAY, clock("2024-03-14T00:00:00Z")),
    snapshot(12 * DAY, clock("2024-03-03T00:00:00Z")),
]
EVER = [temporal(None, LONG_AGO), snapshot(None, LONG_AGO)]

operations = pytest.mark.parametrize("case", EVERY, ids=lambda case: case.call.name)
windowed = pytest.mark.parametrize("frame", WINDOWED, ids=str)
framed = pytest.mark.parametrize("frame", [*WINDOWED, *EVER], ids=str)


def results(case: Known, frame: Frame, events: list[tuple[int, int | None]]) -> list[Any]:
    """What the training row says, and each way of serving it. events: (ts, value)."""
    feature = Feature(
        name="f",
        input="v",
        input_type=Scalar.LONG,
        operation=case.call,
        window=frame.window,
        type=output_type(case.call, Scalar.LONG),
    )
    program = Program.compile((feature,), frame.accuracy)
    batch = batch_of(Scalar.LONG, [(0, ts, value, None) for ts, value in events])
    (trained,) = point_in_time(program, batch, queries_of([(0, frame.asked)]))
    (value,) = trained.to_pylist()
    found = [dict(value) if "map" in str(feature.type) and value is not None else value]
    for end in frame.batch_ends:
        (stored,) = batch_values(program, batch, 1, end)
        for tile in (1, MINUTE):
            tiles = pages(program, fold_tiles(program, batch, Millis(tile)), {})
            found.append(answer(program, stored, list(tiles.values()), frame.as_of).values[0])
    return found


def shown(found: list[Any]) -> list[Any]:
    """With every bit and type told: 7 is not 7.0, and maps are in order."""
    return [plain(value) for value in found]


def assert_all(found: list[Any], wanted: Any) -> None:
    assert shown(found) == shown([wanted]) * len(found)


@operations
@framed
def test_nothing_happened_gives_null(case: Known, frame: Frame) -> None:
    assert_all(results(case, frame, []), None)


@operations
@framed
def test_nulls_alone_give_null(case: Known, frame: Frame) -> None:
    assert_all(results(case, frame, [(frame.tail, None), (frame.as_of - 1, None)]), None)


@operations
@framed
def test_single_row_among_nulls(case: Known, frame: Frame) -> None:
    middle = (frame.tail + frame.as_of) // 2

    assert_all(results(case, frame, [(middle - 1, None), (middle, 7), (frame.as_of - 1, None)]), case.one)


@operations
@framed
def test_rows_of_one_time_count_in_the_order_of_their_values(case: Known, frame: Frame) -> None:
    moment = frame.as_of - 1

    assert_all(results(case, frame, [(moment, value) for value in (3, 2, 9, 2)]), case.four)


@operations
@framed
def test_event_at_the_moment_of_the_query_is_not_counted(case: Known, frame: Frame) -> None:
    assert_all(results(case, frame, [(frame.as_of, 7)]), None)
    assert_all(results(case, frame, [(frame.as_of - 1, 7), (frame.as_of, 5), (frame.as_of + 1, 5)]), case.one)


@operations
@framed
def test_event_exactly_at_the_tail_is_counted(case: Known, frame: Frame) -> None:
    assert_all(results(case, frame, [(frame.tail, 7)]), case.one)


@operations
@windowed
def test_event_a_millisecond_before_the_tail_is_not_counted(case: Known, frame: Frame) -> None:
    assert_all(results(case, frame, [(frame.tail - 1, 7)]), None)
    assert_all(results(case, frame, [(frame.tail - 1, 5), (frame.tail, 7)]), case.one)


@operations
@windowed
def test_rows_at_both_ends_count_together(case: Known, frame: Frame) -> None:
    head = frame.as_of - 1
    events = [(frame.tail - 1, 5), (frame.tail, 2), (frame.tail, 2), (head - 1, 3), (head, 9), (frame.as_of, 5)]

    assert_all(results(case, frame, events), case.four)


@operations
def test_event_at_the_tail_counts_when_asked_at_the_batch_end(case: Known) -> None:
    """The online side of the reference leaves this one out (section 10.1, row 1)."""
    for window in (6 * HOUR, DAY, 7 * DAY, 12 * DAY):
        tail = Millis(MIDNIGHT - window)
        frame = Frame(
            accuracy=Accuracy.TEMPORAL,
            window=Millis(window),
            asked=MIDNIGHT,
            as_of=MIDNIGHT,
            tail=tail,
            batch_ends=(MIDNIGHT, Millis(MIDNIGHT - DAY), Millis(MIDNIGHT - 2 * DAY)),
        )

        assert_all(results(case, frame, [(tail, 7)]), case.one)
        assert_all(results(case, frame, [(tail - 1, 7)]), None)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("accuracy", list(Accuracy))
def test_nulls_of_every_type_give_null_also_in_buckets(kind: DataType, accuracy: Accuracy) -> None:
    program = Program.compile(features_of(kind, (DAY, 12 * DAY, None)), accuracy)
    events = [(0, MIDNIGHT - 5, None, "x"), (0, MIDNIGHT - 5, None, None)]

    trained = point_in_time(program, batch_of(kind, events), queries_of([(0, MIDNIGHT)]))

    assert {column.null_count for column in trained} == {1}
    (value,) = batch_values(program, batch_of(kind, events), 1, MIDNIGHT)
    assert set(answer(program, value, [], MIDNIGHT).values) == {None}
