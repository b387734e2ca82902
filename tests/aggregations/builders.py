"""Random histories, batches and features that the tests of the core share."""

from __future__ import annotations

import math
from typing import Any

import naive_features as naive
import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from chronon.aggregations import (
    EventBatch,
    Program,
    QueryBatch,
    answer,
    batch_values,
    operation_names,
    output_type,
    point_in_time,
)
from chronon.model.definitions import Feature, bucketed
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis
from chronon.model.types import Scalar

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
}


def features_of(kind: Scalar, windows: tuple = WINDOWS) -> tuple[Feature, ...]:
    found = []
    for name in operation_names():
        for arguments in CALLS.get(name, [()]):
            call = OperationCall(name, arguments)
            try:
                result = output_type(call, kind)
            except ChrononError:
                continue
            for bucket in (None, "b"):
                for window in windows:
                    found.append(
                        Feature(
                            name=f"f{len(found)}",
                            input="v",
                            input_type=kind,
                            operation=call,
                            window=window,
                            bucket=bucket,
                            type=bucketed(result, bucket),
                        )
                    )
    return tuple(found)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Scalar, list, list]:
    """A type, events (entity, ts, value, bucket) with repeated times, and queries on and beside their borders."""
    kind = draw(st.sampled_from(list(VALUES)))
    times = st.sampled_from(
        [0, 1, 299_999, 300_000, HOUR, HOUR + 1, 13 * HOUR, DAY - 1, DAY, 2 * DAY, 12 * DAY, 13 * DAY]
    )
    value = st.none() | VALUES[kind] if draw(st.booleans()) else VALUES[kind]
    bucket = st.sampled_from(["x", "y", "é", None])
    events = draw(st.lists(st.tuples(st.integers(-1, 2), times, value, bucket), max_size=25))
    queries = draw(st.lists(st.tuples(st.integers(-1, 3), times | st.integers(0, 15 * DAY)), max_size=8))
    return kind, [(e, START + t, v, b) for e, t, v, b in events], [(e, START + t) for e, t in queries]


def batch_of(kind: Scalar, events: list) -> EventBatch:
    arrow = {
        Scalar.BOOLEAN: pa.bool_(), Scalar.INT: pa.int32(), Scalar.LONG: pa.int64(),
        Scalar.FLOAT: pa.float32(), Scalar.DOUBLE: pa.float64(), Scalar.STRING: pa.string(),
    }[kind]  # fmt: skip
    return EventBatch(
        entity=np.array([e[0] for e in events], np.int64),
        ts=np.array([e[1] for e in events], np.int64),
        inputs={"v": pa.array([e[2] for e in events], arrow), "b": pa.array([e[3] for e in events], pa.string())},
    )


def queries_of(queries: list) -> QueryBatch:
    return QueryBatch(
        entity=np.array([q[0] for q in queries], np.int64), ts=np.array([q[1] for q in queries], np.int64)
    )


def plain(value: Any) -> Any:
    """Values as text that tells every bit: repr separates -0.0 from 0.0 and spells NaN."""
    if isinstance(value, dict):
        return [(key, plain(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [(item[0], plain(item[1])) if isinstance(item, tuple) else repr(item) for item in value]
    return repr(value)


def listed(array: Any) -> list:
    if not pa.types.is_map(array.type):
        return [plain(value) for value in array.to_pylist()]
    return [None if entries is None else plain(dict(entries)) for entries in array.to_pylist()]


def expected(program_features: tuple[Feature, ...], events: list, queries: list, snapshot: bool) -> list[list]:
    found = []
    for f in program_features:
        column = []
        for entity, at in queries:
            rows = [e[1:] for e in events if e[0] == entity and entity >= 0]
            call = (f.operation.name, f.operation.arguments)
            value = naive.feature(call, f.input_type, rows, at, (f.window, snapshot, f.bucket is not None))
            column.append(None if value is None and "map" in str(f.type) else plain(value))
        found.append(column)
    return found


def a_result_both_ways(call: OperationCall, kind: Scalar, values: list[Any]) -> tuple[Any, Any]:
    """The result over everything, as a training row and as an answer from a batch value."""
    program = a_program(call, kind)
    (trained,) = point_in_time(program, a_history(kind, values), queries_of([(0, END)]))
    return trained.to_pylist()[0], answer(program, a_batch_value(call, kind, values), [], END).values[0]


def a_batch_value(call: OperationCall, kind: Scalar, values: list[Any]) -> bytes:
    """The batch value of everything."""
    return batch_values(a_program(call, kind), a_history(kind, values), 1, END)[0]


def a_program(call: OperationCall, kind: Scalar) -> Program:
    feature = Feature(
        name="f", input="v", input_type=kind, operation=call, window=None, bucket=None, type=output_type(call, kind)
    )
    return Program.compile((feature,), Accuracy.TEMPORAL)


def a_history(kind: Scalar, values: list[Any]) -> EventBatch:
    return batch_of(kind, [(0, START + at, value, None) for at, value in enumerate(values)])
