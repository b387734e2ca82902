"""Tiles: states per entity and aligned stretch of time, from events or from what a SQL engine computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.events import EventBatch
from chronon.aggregations.images import Images, lift_images
from chronon.aggregations.partials import LAST_TS, ImagesOf, TimedOf
from chronon.aggregations.program import BaseColumn, Program
from chronon.aggregations.ragged import offsets_of, run_starts
from chronon.aggregations.reading import Reading
from chronon.aggregations.rows import States, TileRows, lift, with_one_dictionary
from chronon.aggregations.timeline import SortedEvents, Timeline, sort_events
from chronon.aggregations.values import Ints, flat
from chronon.model.time import Millis


@dataclass(frozen=True, slots=True)
class Timelines:
    """The timelines of a batch of events, each made once."""

    events: SortedEvents
    made: dict[Reading, tuple[Timeline, Ints | None]] = field(default_factory=dict)

    def of(self, column: BaseColumn) -> tuple[Timeline, Ints | None]:
        """The timeline that a base column reads, and how many values each event has in it (None: one each)."""
        if column.reading not in self.made:
            self.made[column.reading] = self.events.timeline(column.reading)
        return self.made[column.reading]


def fold_tiles(program: Program, events: EventBatch, tile: Millis) -> TileRows:
    """The tiles of some events: every (entity, tile) with an event has a row. tile: milliseconds."""
    ordered = sort_events(events)
    start = ordered.ts - ordered.ts % tile
    begins = run_starts(ordered.entity, start)
    sizes = np.diff(np.append(begins, len(start)))
    row = np.repeat(np.arange(len(begins)), sizes)
    lines = Timelines(ordered)
    found = []
    for column in program.columns:
        line, has = lines.of(column)
        found.append(lift(column, line, row if has is None else np.repeat(row, has), len(begins)))
    states, texts = with_one_dictionary(program, found)
    last = ordered.ts[begins + sizes - 1]
    return TileRows(entity=ordered.entity[begins], start=start[begins], last_ts=last, states=states, texts=texts)


def tiles_from_partials(program: Program, table: Any) -> TileRows:
    """The tiles that a SQL engine computed.

    table: Arrow table with int64 columns `entity`, `tile_start`, `last_ts` and one column per partial of the program;
    lists as Arrow lists, rows of several fields as structs. No (entity, tile_start) twice.
    Law: equals `fold_tiles` of the same events (tests/aggregations/test_tiles.py), `fold_changes` of the same images.
    """
    entity, start, last = (_numbers(table[name]) for name in ("entity", "tile_start", LAST_TS))
    order = np.lexsort((start, entity))
    known = table.take(pa.array(order))
    program = program.of_tiles
    states, texts = with_one_dictionary(program, [_states(column, known) for column in program.columns])
    return TileRows(entity=entity[order], start=start[order], last_ts=last[order], states=states, texts=texts)


def _numbers(column: Any) -> Ints:
    numbers: Ints = flat(column).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _states(column: BaseColumn, table: Any) -> States:
    columns = tuple(flat(table[partial.name]) for partial in column.partials)
    if column.built_in:
        ragged, texts = column.fold.from_partials(columns, column.reading.type)
        return States(ragged=ragged, texts=texts)
    return _folded(column, columns[0], len(table))


def _folded(column: BaseColumn, lists: Any, n: int) -> States:
    """States of rows that list their values: as if each row were an entity."""
    lengths = offsets_of(_lengths(lists))
    row = np.repeat(np.arange(n), np.diff(lengths))
    items = lists.flatten()
    is_row = column.reading.buckets or isinstance(column.partials[0], TimedOf | ImagesOf)
    fields = {field.name: items.field(field.name) for field in items.type} if is_row else {}
    ts = _numbers(fields["ts"]) if "ts" in fields else np.zeros(len(row), np.int64)
    inputs = {name: fields[f"bucket_{at}"] for at, name in enumerate(column.reading.buckets)}
    inputs[column.reading.input] = fields.get("value", items)
    if column.images:
        since, weight = _numbers(fields["since"]), _numbers(fields["weight"])
        return lift_images(column, Images(tile=row, since=since, ts=ts, weight=weight, inputs=inputs), n)
    line, _ = sort_events(EventBatch(entity=row, ts=ts, inputs=inputs)).timeline(column.reading)
    return lift(column, line, line.entity, n)


def _lengths(lists: Any) -> Ints:
    import pyarrow.compute as pc

    lengths: Ints = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return lengths
