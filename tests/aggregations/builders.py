"""Random histories, batches and features that the tests of the core share."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal as Amount
from typing import Any

import naive_features as naive
import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from chronon.aggregations import (
    EventBatch,
    Program,
    QueryBatch,
    TileRows,
    answer,
    arrow_type,
    batch_values,
    operation_names,
    output_type,
    page_keys,
    pages,
    point_in_time,
)
from chronon.model.definitions import Feature
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Day, Millis
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf, parse_type

HOUR, DAY = naive.HOUR, naive.DAY
START = 19_000 * DAY
END = Millis(START + DAY)
WINDOWS = (300_000, HOUR, 13 * HOUR, 2 * DAY, 12 * DAY, None)

CALLS = {
    "last_k": [(1,), (3,)],
    "first_k": [(1,), (3,)],
    "approx_percentile": [(), (0, 0.25, 0.5, 0.99, 1)],
    "histogram": [(), (2,)],
    "approx_histogram_k": [(), (2,)],
    "bounded_unique_count": [(), (2,)],
    "unique_top_k": [(2,)],
    "top_k": [(1,), (3,)],
    "bottom_k": [(2,)],
    "approx_unique_count": [(), (4,)],
}

ADVERSARIAL = [1e16, 1.0, -1e16, 1e300, -1e300, 0.1, 0.2, 5e-324, -0.0, 0.0, 2.5e-310, 1.7e308, 3.0, 1 / 3]
ODD = [math.nan, math.inf, -math.inf]

VALUES = {
    Scalar.BOOLEAN: st.booleans(),
    Scalar.INT: st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 3),
    Scalar.LONG: st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
    Scalar.FLOAT: st.floats(width=32) | st.sampled_from([0.5, 1.5, 2.0]),
    Scalar.DOUBLE: st.sampled_from(ADVERSARIAL)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(ODD),
    Scalar.STRING: st.sampled_from(["", "a", "b", "é", "\U0001f600", "\uffee", "zz" * 20]) | st.text(max_size=20),
    # Valid UTF-8: the library that counts distinct values in the oracle hashes texts, not bytes.
    Scalar.BINARY: st.text(max_size=9).map(str.encode) | st.sampled_from([b"", b"\x00", b"\x00a"]),
    Scalar.DATE: st.dates() | st.sampled_from([date(1969, 12, 31), date(2024, 2, 29)]),
    Scalar.TIMESTAMP: st.datetimes(timezones=st.just(UTC)),
    Decimal(18, 2): st.integers(-(10**18) + 1, 10**18 - 1).map(lambda units: Amount(units).scaleb(-2)),
    Decimal(5, 0): st.integers(-3, 99_999).map(Amount),
}


def cells_of(kind: DataType) -> st.SearchStrategy[Any]:
    """Cells of any type, with nulls inside the nested ones."""
    match kind:
        case ListOf(element=element):
            return st.lists(st.none() | cells_of(element), max_size=4)
        case MapOf(value=value):
            names = st.sampled_from(["k", "l", "é", ""])
            return st.dictionaries(names, st.none() | cells_of(value), max_size=3)
        case StructOf(fields=fields):
            return st.fixed_dictionaries({name: st.none() | cells_of(field) for name, field in fields})
        case _:
            return VALUES[kind]


NESTED = [
    parse_type(text)
    for text in (
        "list<long>", "list<double>", "list<string>", "list<decimal(18,2)>", "map<string,long>", "map<string,double>",
        "map<string,string>", "list<list<double>>", "struct<a:double,b:list<string>,c:map<string,timestamp>>",
        "map<string,list<binary>>", "list<boolean>", "list<struct<d:date,e:decimal(18,2)>>",
    )
]  # fmt: skip
KINDS: list[DataType] = [*VALUES, *(kind for kind in NESTED if kind)]


SPLITS = [((), False), (("b",), False), (("b", "c"), False), ((), True), (("b",), True)]
"""Buckets, and whether lists are aggregated element by element."""


def features_of(kind: DataType, windows: tuple = WINDOWS) -> tuple[Feature, ...]:
    found: list[Feature] = []
    for name in operation_names():
        for arguments in CALLS.get(name, [()]):
            call = OperationCall(name, arguments)
            for buckets, elementwise in SPLITS:
                try:
                    result = output_type(call, kind, buckets, elementwise=elementwise)
                except ChrononError:
                    continue
                for window in windows:
                    feature = Feature(
                        name=f"f{len(found)}",
                        input="v",
                        input_type=kind,
                        operation=call,
                        window=window,
                        buckets=buckets,
                        elementwise=elementwise,
                        type=result,
                    )
                    found.append(feature)
    return tuple(found)


def a_third_of(features: tuple[Feature, ...], events: list) -> tuple[Feature, ...]:
    """Every third feature, by the number of events which: all of them would make one example take seconds."""
    return features[len(events) % 3 :: 3]


def second_bucket(ts: int) -> str | None:
    """The bucket `c` of an event: derived from its time, so that events stay small."""
    return (None, "odd", "even")[ts % 3]


@st.composite
def histories(draw: st.DrawFn, kinds: tuple[DataType, ...] = tuple(KINDS)) -> tuple[DataType, list, list]:
    """A type, events (entity, ts, value, bucket) with repeated times, and queries on and beside their borders."""
    kind = draw(st.sampled_from(kinds))
    times = st.sampled_from(
        [0, 1, 299_999, 300_000, HOUR, HOUR + 1, 13 * HOUR, DAY - 1, DAY, 2 * DAY, 12 * DAY, 13 * DAY]
    )
    value = st.none() | cells_of(kind) if draw(st.booleans()) else cells_of(kind)
    bucket = st.sampled_from(["x", "y", "é", None])
    events = draw(st.lists(st.tuples(st.integers(-1, 2), times, value, bucket), max_size=25))
    queries = draw(st.lists(st.tuples(st.integers(-1, 3), times | st.integers(0, 15 * DAY)), max_size=8))
    return kind, [(e, START + t, v, b) for e, t, v, b in events], [(e, START + t) for e, t in queries]


@st.composite
def crowded_histories(draw: st.DrawFn) -> tuple[DataType, list, list[int]]:
    """A type, events (entity, ts, value, bucket) in bursts on two days, and moments on and beside them."""
    kind = draw(st.sampled_from(KINDS))
    times = draw(bursts())
    value = st.none() | cells_of(kind) if draw(st.booleans()) else cells_of(kind)
    rest = st.tuples(st.integers(0, 1), value, st.sampled_from(["x", "é", None]))
    rows = draw(st.lists(rest, min_size=len(times), max_size=len(times)))
    moments = draw(st.lists(moments_beside(times), min_size=1, max_size=4))
    return kind, [(e, START + t, v, b) for (e, v, b), t in zip(rows, times, strict=True)], moments


def bursts() -> st.SearchStrategy[list[int]]:
    """Milliseconds of two days: runs of minutes or of 5 minutes, alone in their hour or not."""
    hour, stretch = st.sampled_from([0, 1, 2, 13, 23, 24]), st.sampled_from([0, 1, 2, 11])
    step, within = st.sampled_from([60_000, 300_000]), st.sampled_from([0, 1, 59_999])
    burst = st.builds(
        lambda h, s, by, n, ms: [h * HOUR + s * 300_000 + i * by + ms for i in range(n)],
        hour, stretch, step, st.integers(1, 5), within,
    )  # fmt: skip
    return st.lists(burst, min_size=1, max_size=6).map(lambda found: [time for times in found for time in times])


def moments_beside(times: list[int]) -> st.SearchStrategy[int]:
    """Milliseconds near some of the times."""
    offset = st.sampled_from([-60_000, -1, 0, 1, 60_000, HOUR, DAY])
    return st.builds(lambda time, by: max(0, time + by), st.sampled_from(times), offset)


def stored_pages(program: Program, rows: TileRows, batches: list[np.ndarray]) -> dict[tuple[int, Day], bytes]:
    """Pages after the rows were written in these batches, one after the other."""
    found: dict[tuple[int, Day], bytes] = {}
    for mine in batches:
        part = rows.take(np.flatnonzero(mine))
        old = {key: found[key] for key in page_keys(part) if key in found}
        found |= pages(program, part, old)
    return found


def batch_of(kind: DataType, events: list) -> EventBatch:
    return EventBatch(
        entity=np.array([e[0] for e in events], np.int64),
        ts=np.array([e[1] for e in events], np.int64),
        inputs={
            "v": pa.array([e[2] for e in events], arrow_type(kind)),
            "b": pa.array([e[3] for e in events], pa.string()),
            "c": pa.array([second_bucket(e[1]) for e in events], pa.string()),
        },
    )


def queries_of(queries: list) -> QueryBatch:
    return QueryBatch(
        entity=np.array([q[0] for q in queries], np.int64), ts=np.array([q[1] for q in queries], np.int64)
    )


def plain(value: Any) -> Any:
    """Values as text that tells every bit: repr separates -0.0 from 0.0 and spells NaN."""
    if isinstance(value, dict):
        return [(key, plain(item)) for key, item in value.items()]
    if isinstance(value, datetime):
        return value.isoformat()
    return list(map(plain, value)) if isinstance(value, list) else repr(value)


def listed(array: Any) -> list:
    return [plain(unpaired(value, array.type)) for value in array.to_pylist()]


def unpaired(value: Any, kind: Any) -> Any:
    """A value of Arrow with its maps as such; Arrow gives them as lists of pairs."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        return {name: unpaired(item, kind.item_type) for name, item in value}
    if pa.types.is_list(kind):
        return [unpaired(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind):
        return {field.name: unpaired(value[field.name], field.type) for field in kind}
    return value


def expected(program_features: tuple[Feature, ...], events: list, queries: list, snapshot: bool) -> list[list]:
    found = []
    for f in program_features:
        column = []
        for entity, at in queries:
            mine = [e for e in events if e[0] == entity and entity >= 0]
            rows = [(ts, value, (bucket, second_bucket(ts))) for _, ts, value, bucket in mine]
            call = (f.operation.name, f.operation.arguments)
            frame = (f.window, snapshot, len(f.buckets), f.elementwise)
            column.append(plain(naive.feature(call, f.input_type, rows, at, frame)))
        found.append(column)
    return found


def a_result_both_ways(call: OperationCall, kind: DataType, values: list[Any]) -> tuple[Any, Any]:
    """The result over everything, as a training row and as an answer from a batch value."""
    program = a_program(call, kind)
    (trained,) = point_in_time(program, a_history(kind, values), queries_of([(0, END)]))
    return trained.to_pylist()[0], answer(program, a_batch_value(call, kind, values), [], END).values[0]


def a_batch_value(call: OperationCall, kind: DataType, values: list[Any]) -> bytes:
    """The batch value of everything."""
    return batch_values(a_program(call, kind), a_history(kind, values), 1, END)[0]


def a_program(call: OperationCall, kind: DataType) -> Program:
    feature = Feature(name="f", input="v", input_type=kind, operation=call, window=None, type=output_type(call, kind))
    return Program.compile((feature,), Accuracy.TEMPORAL)


def a_history(kind: DataType, values: list[Any]) -> EventBatch:
    return batch_of(kind, [(0, START + at, value, None) for at, value in enumerate(values)])
