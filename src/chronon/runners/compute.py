"""Jobs as pure functions from Arrow tables to Arrow tables: what local and Spark share, so that they cannot differ.

Tables of events have the group_by's keys and inputs by name and `ts` (int64 epoch ms), of entities also SINCE and
REVERSAL. Tables of queries have PARTITION_DAY, `row_id`, `ts` and the left columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chronon.aggregations import (
    EntityRows,
    EventBatch,
    Program,
    QueryBatch,
    arrow_type,
    batch_values,
    encode_row,
    entities_in_time,
    entity_codes,
    point_in_time,
)
from chronon.aggregations.cells import canonical
from chronon.aggregations.values import values_of
from chronon.expressions import arrow_function
from chronon.model.definitions import Column, Feature, GroupBy
from chronon.model.jobs import DerivationJob, FeatureJob, LeftJob, UploadJob
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.time import DAY, Day, day_start
from chronon.model.types import DataType, Scalar
from chronon.model.values import has_map, in_program
from chronon.runners.timing import PARTITION_DAY, REVERSAL, SINCE
from chronon.stores.kv.layout import entity_keys
from chronon.stores.tables.sources import data_type

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def aggregated_features(group_by: GroupBy) -> tuple[Feature, ...]:
    """The features as aggregations: a column that is passed through is the last value in its snapshot."""
    return tuple(
        replace(feature, operation=feature.operation or OperationCall("last")) for feature in group_by.features
    )


def snapshot_instant(day: Day | None) -> int:
    """The time of an entity snapshot's rows: the last millisecond of its day; the epoch where there are no days."""
    return 0 if day is None else day_start(Day(day + 1)) - 1


def event_columns(group_by: GroupBy) -> tuple[Column, ...]:
    """The columns of a table of events: keys, then every other selected column, then when they count."""
    selected = {column.name: Column(name=column.name, type=column.type) for column in group_by.rows[0].selects}
    others = tuple(column for name, column in sorted(selected.items()) if name not in {k.name for k in group_by.keys})
    times = [Column(name="ts", type=Scalar.LONG)]
    if not _is_of_events(group_by):
        times += [Column(name=SINCE, type=Scalar.LONG), Column(name=REVERSAL, type=Scalar.BOOLEAN)]
    return (*group_by.keys, *others, *times)


def event_schema(group_by: GroupBy) -> pa.Schema:
    """The Arrow schema of `event_columns`."""
    return pa.schema([(column.name, arrow_type(column.type)) for column in event_columns(group_by)])


def feature_columns(job: FeatureJob, events: pa.Table, queries: pa.Table, threads: int = 1) -> pa.Table:
    """PARTITION_DAY, `row_id` and one column per requested feature, in the order of the queries.

    events, queries: every event and query of the entities in them, in any order.
    threads: how many share the work, where the engine does not run several jobs side by side itself.
    """
    group_by = job.group_by
    asked = [_column(queries, job.part.keys[key.name]).cast(arrow_type(key.type)) for key in group_by.keys]
    event_codes, query_codes, _count = entity_codes([_column(events, key.name) for key in group_by.keys], asked)
    asked_at = QueryBatch(entity=query_codes, ts=_asked_at(job, queries))
    program = Program.compile(aggregated_features(group_by), group_by.accuracy, is_exact=job.part.ahead)
    if _is_of_events(group_by):
        answers = point_in_time(program, _events(group_by, event_codes, events), asked_at, threads)
    else:
        answers = entities_in_time(program, _entity_rows(group_by, event_codes, events), asked_at)
    columns = {PARTITION_DAY: queries[PARTITION_DAY], "row_id": queries["row_id"]}
    for (_digest, name), feature, values in zip(job.columns, group_by.features, answers, strict=True):
        columns[name] = values.cast(arrow_type(feature.type))
    return pa.table(columns)


def _asked_at(job: FeatureJob, queries: pa.Table) -> Ints:
    """The moments of the questions: those of the rows, or later; or the ends of their days."""
    return (_int64(queries, PARTITION_DAY) + 1) * DAY if job.at_end else _int64(queries, "ts") + job.later


def batch_entries(job: UploadJob, events: pa.Table) -> pa.Table:
    """`entity` and `value`, sorted by entity: what the KV store holds of every entity that has events."""
    group_by = job.group_by
    batch_end = day_start(Day(job.day + 1))
    ended = events.filter(pa.array(_counts_before(group_by, events, batch_end)))
    keys = [_column(ended, key.name) for key in group_by.keys]
    codes, _none, count = entity_codes(keys, [key.slice(0, 0) for key in keys])
    program = Program.compile(aggregated_features(group_by), group_by.accuracy, changes=group_by.changes)
    asked = QueryBatch(entity=np.arange(count, dtype=np.int64), ts=np.full(count, batch_end, dtype=np.int64))
    if group_by.accuracy is Accuracy.TEMPORAL:
        values: Sequence[bytes] = batch_values(program, _events(group_by, codes, ended), count, batch_end)
    elif _is_of_events(group_by):
        answers = point_in_time(program, _events(group_by, codes, ended), asked)
        values = _finished_rows(list(zip(group_by.features, answers, strict=True)), count)
    else:
        answers = entities_in_time(program, _entity_rows(group_by, codes, ended), asked)
        values = _finished_rows(list(zip(group_by.features, answers, strict=True)), count)
    known, first = np.unique(codes, return_index=True)
    known, first = known[known >= 0], first[known >= 0]
    entities = entity_keys([key.take(pa.array(first)) for key in keys], [key.type for key in group_by.keys])
    entries = {"entity": pa.array(entities, pa.binary()), "value": pa.array(values, pa.binary()).take(pa.array(known))}
    return pa.table(entries).sort_by("entity")


def derived_columns(job: DerivationJob, rows: pa.Table) -> pa.Table:
    """`row_id` and the derived columns of rows that hold every column that is read."""
    types = {column.name: column.type for column in job.input_types}
    inputs: Mapping[str, pa.Array] = {name: _column(rows, name) for name in types}
    made = [
        arrow_function(one.expression, types)(inputs, rows.num_rows).cast(arrow_type(one.type))
        for one in job.derivations
    ]
    made += [pc.coalesce(*(inputs[name] for name in one.reads)) for one in job.filled]
    names = [name for _digest, name in job.columns]
    return pa.table({"row_id": _column(rows, "row_id"), **dict(zip(names, made, strict=True))})


def left_rows(job: LeftJob, rows: pa.Table) -> pa.Table:
    """The left rows of one day in their canonical order. Those of entities ask at the end of the day: at 00:00 of the next."""
    if job.rows.kind is not SourceKind.EVENTS:
        rows = rows.set_column(rows.column_names.index("ts"), "ts", pc.add(rows["ts"], 1))
    return numbered_rows(rows)


def numbered_rows(rows: pa.Table) -> pa.Table:
    """The left rows of one day in their canonical order, with `row_id` in front.

    The order is that of (ts, every other column by name), nulls first: rows that tie are equal in every column.
    """
    rows = _canonical(rows)
    order = [("ts", "ascending"), *((name, "ascending") for name in sorted(rows.column_names) if name != "ts")]
    ordered = rows.take(pc.sort_indices(_sortable(rows), order, null_placement="at_start"))
    return ordered.add_column(0, "row_id", pa.array(np.arange(ordered.num_rows, dtype=np.int64)))


def _canonical(rows: pa.Table) -> pa.Table:
    """The rows in their one form: -0.0 is 0.0, maps are by key. What ties in any order must be equal in every bit."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_floating(field.type):
            rows = rows.set_column(place, field, pc.add(rows[field.name], pa.scalar(0.0, field.type)))
        elif kind := _nested(field):
            rows = rows.set_column(place, field.name, canonical(rows[field.name], kind).cast(field.type))
    return rows


def _sortable(rows: pa.Table) -> pa.Table:
    """The rows with ranks for the cells that Arrow cannot sort."""
    for place, field in enumerate(rows.schema):
        if kind := _nested(field):
            cells = _column(rows, field.name)
            known = cells.is_valid().to_numpy(zero_copy_only=False)
            codes = np.zeros(len(cells), np.int64)
            codes[known] = values_of(cells.drop_null(), kind).codes
            rows = rows.set_column(place, field.name, pa.array(codes, mask=~known))
    return rows


def _nested(field: pa.Field) -> DataType | None:
    return data_type(field.type) if pa.types.is_nested(field.type) else None


def _finished_rows(columns: Sequence[tuple[Feature, pa.Array]], count: int) -> list[bytes]:
    values = [_values(column, feature.type) for feature, column in columns]
    return [encode_row(row) for row in zip(*values, strict=True)] if values else [encode_row(())] * count


def _values(column: pa.Array, kind: DataType) -> list[object]:
    """Python values as a reader gets them: Arrow gives maps as lists of pairs."""
    found: list[object] = column.to_pylist()
    return [in_program(value, kind) for value in found] if has_map(kind) else found


def _is_of_events(group_by: GroupBy) -> bool:
    return group_by.rows[0].kind is SourceKind.EVENTS


def _counts_before(group_by: GroupBy, events: pa.Table, batch_end: int) -> Mask:
    """Which rows are known before the batch end; where changes are streamed only the snapshot of its day."""
    known = _int64(events, "ts" if _is_of_events(group_by) else SINCE)
    before: Mask = known == batch_end - 1 if group_by.changes else known < batch_end
    return before & _column(events, REVERSAL).is_null().to_numpy(zero_copy_only=False) if group_by.changes else before


def _events(group_by: GroupBy, codes: Ints, events: pa.Table) -> EventBatch:
    return EventBatch(entity=codes, ts=_int64(events, "ts"), inputs=_inputs(group_by, events))


def _entity_rows(group_by: GroupBy, codes: Ints, rows: pa.Table) -> EntityRows:
    """A snapshot's row is seen on the day after it, an image on its own; a table without partitions on every day."""
    since, reversal = _int64(rows, SINCE), _column(rows, REVERSAL)
    is_snapshot = reversal.is_null().to_numpy(zero_copy_only=False)
    was_before = reversal.fill_null(False).to_numpy(zero_copy_only=False)
    return EntityRows(
        entity=codes,
        day=since // DAY + is_snapshot if group_by.rows[0].partition else None,
        since=since,
        ts=_int64(rows, "ts"),
        weight=np.where(was_before, np.int64(-1), np.int64(1)),
        inputs=_inputs(group_by, rows),
    )


def _inputs(group_by: GroupBy, events: pa.Table) -> dict[str, pa.Array]:
    names = {name for feature in group_by.features for name in (feature.input, *feature.buckets)}
    return {name: _column(events, name) for name in sorted(names)}


def _column(table: pa.Table, name: str) -> pa.Array:
    return (
        pa.concat_arrays(table[name].chunks) if table[name].num_chunks else pa.array([], table.schema.field(name).type)
    )


def _int64(table: pa.Table, name: str) -> Ints:
    values: Ints = _column(table, name).to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    return values
