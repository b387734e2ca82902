"""The other half of the core: tiles made and merged, batch values made and read, beside DuckDB where it can say it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from temporal.data import ALL, START, Data, batches, program_of

from chronon.aggregations import (
    Program,
    QueryBatch,
    TileRows,
    answer,
    batch_values,
    fold_tiles,
    page_keys,
    pages,
    point_in_time,
)
from chronon.aggregations.folds.counts import Count, Distinct
from chronon.aggregations.folds.ends import Extreme
from chronon.aggregations.ragged import Gather, Ragged, Rule, reduce, run_starts
from chronon.aggregations.values import reals
from chronon.aggregations.views import BatchView, TableView
from chronon.model.time import DAY, MINUTE, Millis

TILE = Millis(5 * MINUTE)
END = Millis(START + 58 * DAY)
"""The batch end: the last two days are the stream's."""

AT = Millis(START + 60 * DAY)


def tiles(data: Data) -> TileRows:
    return fold_tiles(program_of(ALL), batches(data)[0], TILE)


def merged(program: Program, rows: TileRows, size: Millis) -> TileRows:
    """The tiles brought together into tiles of a multiple of their size."""
    start = rows.start - rows.start % size
    begins = run_starts(rows.entity, start)
    group = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(start))))
    states = []
    for column, state in zip(program.columns, rows.states, strict=True):
        how = Gather(column.fold.rule, column.fold.keep)
        owner = np.repeat(group, state.lengths)
        states.append(column.fold.canonical(reduce(owner, state.columns, len(begins), how)))
    return TileRows(
        entity=rows.entity[begins],
        start=start[begins],
        last_ts=np.maximum.reduceat(rows.last_ts, begins),
        states=tuple(states),
        texts=rows.texts,
    )


def are_equal(left: TileRows, right: TileRows) -> bool:
    """Whether two tables of tiles hold the same bits."""
    return all(
        np.array_equal(one, other)
        for one, other in zip(chain(*map(_arrays, _parts(left))), chain(*map(_arrays, _parts(right))), strict=True)
    )


def _parts(rows: TileRows) -> list[Any]:
    return [(rows.entity, rows.start, rows.last_ts), *rows.states]


def _arrays(part: Any) -> Sequence[Any]:
    return (part.offsets, *part.columns) if isinstance(part, Ragged) else part


def duckdb_tiles(session: duckdb.DuckDBPyConnection) -> None:
    """Tiles of the table `ev` into the table `tile`."""
    session.execute(
        f"""create or replace table tile as select key, ts - ts % {TILE} as start, max(ts) as last_ts,
            count(value) as c, sum(value) as s, min(value) as low, max(value) as high, arg_max(value, ts) as last,
            list(distinct item) as items from ev group by all"""
    )


def duckdb_merged(session: duckdb.DuckDBPyConnection) -> None:
    """The table `tile` into daily ones."""
    session.execute(
        f"""create or replace table daily as select key, start - start % {DAY} as start, max(last_ts) as last_ts,
            sum(c)::bigint as c, sum(s) as s, min(low) as low, max(high) as high, arg_max(last, last_ts) as last,
            list_distinct(flatten(list(items))) as items from tile group by all"""
    )


def duckdb_agrees(program: Program, rows: TileRows, session: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether times, counts, extremes and the numbers of different items are the same in every tile."""
    found = session.sql(
        f"select start, last_ts, c, low, high, len(items) as n from {table} order by key, start"
    ).to_arrow_table()
    mine = {"start": rows.start, "last_ts": rows.last_ts}
    for column, state in zip(program.columns, rows.states, strict=True):
        match column.fold:
            case Count():
                mine["c"] = state.columns[0]
            case Distinct():
                mine["n"] = state.lengths
            case Extreme(rule=Rule.GREATEST):
                mine["high"] = reals(state.columns[0])
            case Extreme():
                mine["low"] = reals(state.columns[0])
            case _:
                pass
    return len(mine) == 6 and all(np.array_equal(found[name].to_numpy(), values) for name, values in mine.items())


def uploaded(data: Data) -> Sequence[bytes]:
    events, _, count = batches(data)
    return batch_values(program_of(ALL), events, count, END)


def decoded(program: Program, values: Sequence[bytes]) -> int:
    """Reads every item of every table of every value; how many rows they have."""
    n = 0
    for value in values:
        view = BatchView(program, value)
        for table in (view.collapsed, *map(view.hops, range(len(program.hops)))):
            n += _decoded_table(program, table)
    return n


def _decoded_table(program: Program, table: TableView) -> int:
    if table.rows:
        for column in range(len(program.columns)):
            table.items(column, 0, table.rows)
    return table.rows


def served(data: Data, n: int) -> tuple[list[tuple[bytes, list[bytes]]], list[Any]]:
    """Batch value and pages of the first n entities, and what a training row says of them at the moment asked."""
    program = program_of(ALL)
    events, _, _ = batches(data)
    values = uploaded(data)
    late = events.ts >= END
    rows = fold_tiles(program, _where(events, late), TILE)
    found = pages(program, rows, {})
    of: dict[int, list[bytes]] = {}
    for key in page_keys(rows):
        of.setdefault(key[0], []).append(found[key])
    asked = QueryBatch(entity=np.arange(n), ts=np.full(n, int(AT)))
    trained = list(zip(*(column.to_pylist() for column in point_in_time(program, events, asked)), strict=True))
    return [(values[entity], of.get(entity, [])) for entity in range(n)], trained


def _where(events: Any, rows: Any) -> Any:
    inputs = {name: column.filter(pa.array(rows)) for name, column in events.inputs.items()}
    return type(events)(entity=events.entity[rows], ts=events.ts[rows], inputs=inputs)


def answers(program: Program, stored: Sequence[tuple[bytes, list[bytes]]]) -> list[tuple[Any, ...]]:
    return [answer(program, value, mine, AT).values for value, mine in stored]
