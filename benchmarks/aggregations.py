"""Point-in-time features of many queries: our kernel beside DuckDB and Polars, in one process, on the same columns.

    python benchmarks/kernel.py [--quick] [--json] [--hot]

Peers: DuckDB's window operator (all 28 features), DuckDB running sums with ASOF joins (its 12), Polars `rolling_*_by`
(its 16). The window operator and Polars compute plain sliding windows; ours (and the ASOF joins) round the tail down to
a hop. So answers are compared first where both mean the same: on queries at midnight.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from chronon.aggregations import EventBatch, Program, QueryBatch, entity_codes, point_in_time
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
                    name=feature_name(column, call, window, None),
                    input=column,
                    input_type=kind,
                    operation=call,
                    window=window,
                    type=TYPES.get(name, Scalar.DOUBLE),
                )
            )
    return tuple(found)


def ours(data: Data, operations: tuple[str, ...]) -> dict[str, Any]:
    program = Program.compile(features(operations), Accuracy.TEMPORAL)
    events, queries, _ = entity_codes([data.events["key"]], [data.queries["key"]])
    batch = EventBatch(
        entity=events,
        ts=data.events["ts"].to_numpy(),
        inputs={name: data.events[name] for name in ("value", "item")},
    )
    found = point_in_time(program, batch, QueryBatch(entity=queries, ts=data.queries["ts"].to_numpy()))
    labels = [f"{operation}_{label}" for operation in operations for label in WINDOWS]
    return dict(zip(labels, found, strict=True))


def duckdb_windows(data: Data, operations: tuple[str, ...]) -> dict[str, Any]:
    call = {
        "sum": "sum(value)",
        "count": "nullif(count(value), 0)",
        "average": "avg(value)",
        "min": "min(value)",
        "max": "max(value)",
        "last": "last_value(value ignore nulls)",
        "unique_count": "nullif(count(distinct item), 0)",
    }
    columns = [
        f"{call[name].replace(')', f') over w{label}', 1) if 'nullif' not in call[name] else _nullif(call[name], label)}"
        f" as {name}_{label}"
        for name in operations
        for label in WINDOWS
    ]
    frames = ", ".join(
        f"w{label} as (partition by key order by ts range between {length} preceding and 1 preceding)"
        for label, length in WINDOWS.items()
    )
    with duckdb.connect() as session:
        session.register("ev", data.events)
        session.register("q", data.queries)
        return _by_id(
            session.sql(
                f"""select * from (
                    select id, {", ".join(columns)} from (
                        select key, ts, value, item, null as id from ev
                        union all by name select key, ts, row_number() over () - 1 as id from q)
                    window {frames}) where id is not null"""
            ).to_arrow_table()
        )


def _nullif(call: str, label: str) -> str:
    inner = call.removeprefix("nullif(").removesuffix(", 0)")
    return f"nullif({inner} over w{label}, 0)"


def duckdb_asof(data: Data, _operations: tuple[str, ...]) -> dict[str, Any]:
    """Sums, counts and means, whatever is asked: the running sums give all three at once."""
    hop = {
        label: DAY if length >= 12 * DAY else HOUR if length >= 12 * HOUR else 300_000
        for label, length in WINDOWS.items()
    }
    tails = ", ".join(f"(ts - {w}) - (ts - {w}) % {hop[label]} as tail_{label}" for label, w in WINDOWS.items())
    joins = "\n".join(
        f"asof left join run t{label} on q.key = t{label}.key and q.tail_{label} > t{label}.ts" for label in WINDOWS
    )
    columns = ", ".join(
        f"{_difference('c', label)} as count_{label}, if(count_{label} is null, null, {_difference('s', label)}) as sum_{label},"
        f" sum_{label} / count_{label} as average_{label}"
        for label in WINDOWS
    )
    with duckdb.connect() as session:
        session.register("ev", data.events)
        session.register("asked", data.queries)
        session.execute(
            """create temp table run as select key, ts, count(value) over w as c, sum(value) over w as s from ev
            window w as (partition by key order by ts range between unbounded preceding and current row)"""
        )
        session.execute(f"create temp table q as select row_number() over () - 1 as id, key, ts, {tails} from asked")
        return _by_id(
            session.sql(
                f"""select q.id, {columns} from q
                asof left join run h on q.key = h.key and q.ts > h.ts {joins}"""
            ).to_arrow_table()
        )


def _difference(column: str, label: str) -> str:
    difference = f"(h.{column} - coalesce(t{label}.{column}, 0))"
    return f"nullif({difference}, 0)" if column == "c" else difference


def _by_id(table: pa.Table) -> dict[str, Any]:
    ordered = table.take(pa.array(np.argsort(table["id"].to_numpy())))
    return {name: ordered[name] for name in ordered.column_names if name != "id"}


def polars_rolling(data: Data, operations: tuple[str, ...]) -> dict[str, Any]:
    events = pl.from_arrow(data.events.select(["key", "ts", "value"])).with_columns(id=pl.lit(None, pl.UInt32))
    queries = pl.from_arrow(data.queries).with_columns(value=pl.lit(None, pl.Float64)).with_row_index("id")
    both = pl.concat([events, queries.select(events.columns)]).with_columns(at=pl.from_epoch("ts", "ms"))
    verb = {"sum": "rolling_sum_by", "average": "rolling_mean_by", "min": "rolling_min_by", "max": "rolling_max_by"}
    columns = [
        getattr(pl.col("value"), verb[name])("at", window_size=label, closed="left", min_samples=1)
        .over("key")
        .alias(f"{name}_{label}")
        for name in operations
        for label in WINDOWS
    ]
    found = both.sort("key", "at").with_columns(columns).filter(pl.col("id").is_not_null()).sort("id")
    return {name: found[name].to_arrow() for name in found.columns if "_" in name}


def agrees(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Equal row by row; sums and means of a peer may differ by its own rounding."""
    for name, mine in left.items():
        one, other = (
            np.asarray(side.to_numpy(zero_copy_only=False), float)
            if isinstance(side, pa.Array)
            else side.to_numpy().astype(float)
            for side in (mine, right[name])
        )
        loose = name.startswith(("sum", "average"))
        if not np.allclose(one, other, rtol=1e-9 if loose else 0, atol=1e-4 if loose else 0, equal_nan=True):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of processors over all threads: the second hardly depends on what else runs."""

    wall: float
    cpu: float


def timed(run: Callable[[], object], repeat: int) -> Cost:
    """The median of some runs by the clock."""
    taken = []
    for _ in range(repeat):
        begin, cpu = time.perf_counter(), time.process_time()
        run()
        taken.append((time.perf_counter() - begin, time.process_time() - cpu))
    return Cost(*sorted(taken)[len(taken) // 2])


PEERS: dict[str, tuple[Callable[..., dict[str, Any]], tuple[str, ...], float]] = {
    "DuckDB window operator": (duckdb_windows, ALL, 40),
    "DuckDB running sums + ASOF": (duckdb_asof, SUMS, 1),
    "Polars rolling_*_by": (polars_rolling, ("sum", "average", "min", "max"), 8),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the data")
    parser.add_argument("--json", action="store_true", help="one object per line")
    parser.add_argument("--hot", action="store_true", help="keys by zipf 1.05 in place of 0.8")
    options = parser.parse_args()
    size = (500_000, 20_000, 50_000) if options.quick else (5_000_000, 200_000, 500_000)
    data = a_data(*size, 1.05 if options.hot else 0.8)
    sample = at_midnight(data, 5_000)
    if not options.json:
        load = os.getloadavg()[0]
        print(
            f"{size[0]:,} events, {size[1]:,} keys, {size[2]:,} queries, {'hot' if options.hot else 'mild'} keys;",
            end=" ",
        )
        print(f"{os.cpu_count()} cores, load before the run {load:.1f}; seconds by the clock / of processors")
        print(f"{'peer':<28}{'features':>9}{'peer s':>16}{'ours s':>14}{'ratio':>14}{'goal':>6}  agrees")
    for name, (peer, operations, goal) in PEERS.items():
        equal = agrees(ours(sample, operations), peer(sample, operations))
        ours(data, operations)
        mine = timed(lambda operations=operations: ours(data, operations), 3)
        theirs = timed(lambda operations=operations, peer=peer: peer(data, operations), 1 if goal == 40 else 3)
        if options.json:
            fact = {
                "case": f"{len(operations) * 4} features",
                "ours": mine.wall,
                "peer": theirs.wall,
                "peer_name": name,
            }
            print(json.dumps(fact | {"unit": "s", "ratio": theirs.wall / mine.wall, "agrees": equal}), flush=True)
        else:
            ratio = f"{theirs.wall / mine.wall:.1f} / {theirs.cpu / mine.cpu:.1f}"
            line = f"{name:<28}{len(operations) * 4:>9}{_shown(theirs):>16}{_shown(mine):>14}{ratio:>14}{goal:>6.0f}"
            print(f"{line}  {'yes' if equal else 'NO'}", flush=True)


def _shown(cost: Cost) -> str:
    return f"{cost.wall:.2f} / {cost.cpu:.2f}"


if __name__ == "__main__":
    main()
