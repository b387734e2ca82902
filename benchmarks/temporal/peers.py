"""The same features as an expert would ask DuckDB and Polars for them."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from temporal.data import WINDOWS, Data

from chronon.model.time import DAY, HOUR


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
