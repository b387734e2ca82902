"""Events, queries and the 28 features of the benchmark, and how ours answers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations import EventBatch, Program, QueryBatch, entity_codes, point_in_time
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.values import reals
from chronon.model.definitions import Feature, feature_name
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import DAY, HOUR, Millis
from chronon.model.types import Scalar

START = 19_000 * DAY
WINDOWS = {"1h": HOUR, "1d": DAY, "7d": Millis(7 * DAY), "30d": Millis(30 * DAY)}
SUMS, EXTREMES = ("sum", "count", "average"), ("min", "max")
ALL = (*SUMS, *EXTREMES, "last", "unique_count")
TYPES = {"count": Scalar.LONG, "unique_count": Scalar.LONG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Events and queries as columns. ts: epoch milliseconds."""

    events: pa.Table
    queries: pa.Table


def a_data(n_events: int, n_keys: int, n_queries: int, skew: float) -> Data:
    """60 days of events whose keys follow a zipf law, and queries in the last 30 days."""
    random = np.random.default_rng(7)
    weights = 1 / np.arange(1, n_keys + 1) ** skew
    keys = random.permutation(n_keys)
    drawn = keys[random.choice(n_keys, n_events + n_queries, p=weights / weights.sum())].astype(np.int64)
    events = {
        "key": drawn[:n_events],
        "ts": START + random.integers(0, 60 * DAY, n_events),
        "value": np.round(random.gamma(2.0, 20.0, n_events), 2),
        "item": random.integers(0, 50_000, n_events),
    }
    asked = START + random.integers(30 * DAY, 60 * DAY, n_queries)
    return Data(events=pa.table(events), queries=pa.table({"key": drawn[n_events:], "ts": asked}))


def at_midnight(data: Data, n: int) -> Data:
    """The same events, and n of the queries moved to midnight: there every window has the same borders everywhere."""
    few = data.queries.slice(0, n)
    ts = few["ts"].to_numpy()
    return Data(events=data.events, queries=pa.table({"key": few["key"], "ts": ts - ts % DAY}))


def features(operations: tuple[str, ...]) -> tuple[Feature, ...]:
    found = []
    for name in operations:
        column, kind = ("item", Scalar.LONG) if name == "unique_count" else ("value", Scalar.DOUBLE)
        for window in WINDOWS.values():
            call = OperationCall(name)
            found.append(
                Feature(
                    name=feature_name(column, call, window, ()),
                    input=column,
                    input_type=kind,
                    operation=call,
                    window=window,
                    type=TYPES.get(name, Scalar.DOUBLE),
                )
            )
    return tuple(found)


def program_of(operations: tuple[str, ...]) -> Program:
    return Program.compile(features(operations), Accuracy.TEMPORAL)


def batches(data: Data) -> tuple[EventBatch, QueryBatch, int]:
    """The columns with their entities numbered, and how many entities there are."""
    events, queries, count = entity_codes([data.events["key"]], [data.queries["key"]])
    inputs = {name: data.events[name] for name in ("value", "item")}
    batch = EventBatch(entity=events, ts=data.events["ts"].to_numpy(), inputs=inputs)
    return batch, QueryBatch(entity=queries, ts=data.queries["ts"].to_numpy()), count


def ours(data: Data, operations: tuple[str, ...], threads: int = 1, program: Program | None = None) -> dict[str, Any]:
    """Every feature by `<operation>_<window>`. What is timed begins with the columns and ends with them."""
    events, queries, _ = batches(data)
    found = point_in_time(program or program_of(operations), events, queries, threads)
    labels = [f"{operation}_{label}" for operation in operations for label in WINDOWS]
    return dict(zip(labels, found, strict=True))


def with_plain_sums(program: Program) -> Program:
    """The program with sums and means by differences of running doubles: what exactness is compared with."""
    plain: dict[str, Callable[[OperationCall, Ranges], Any]] = {
        "sum": lambda _call, ranges: pa.array(_plain_sums(ranges), mask=ranges.empty),
        "average": lambda _call, ranges: pa.array(
            _plain_sums(ranges) / np.maximum(ranges.counts, 1), mask=ranges.empty
        ),
    }
    outputs = tuple(
        replace(output, operation=replace(output.operation, over=plain.get(output.call.name, output.operation.over)))
        for output in program.outputs
    )
    return replace(program, outputs=outputs)


def _plain_sums(ranges: Ranges) -> Any:
    running = np.append(0.0, np.cumsum(reals(ranges.timeline.codes)))
    return running[ranges.hi] - running[ranges.lo]
