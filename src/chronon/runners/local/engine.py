"""The embedded engine: DuckDB reads, NumPy computes, in this process. For tutorials, tests and data of one machine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import assert_never

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chronon.model.dayset import DaySet
from chronon.model.definitions import Column
from chronon.model.jobs import ChainedInput, DerivationJob, Digest, FeatureJob, Fragment, LeftJob, TableJob, UploadJob
from chronon.model.time import Day, day_text
from chronon.model.types import Scalar
from chronon.runners.compute import (
    batch_entries,
    derived_columns,
    event_columns,
    event_schema,
    feature_columns,
    left_rows,
)
from chronon.runners.engine import JobInputs, Progress
from chronon.runners.local.cores import cores
from chronon.runners.local.scan import scan, scan_table
from chronon.runners.timing import PARTITION_DAY
from chronon.stores.tables.warehouse import Warehouse


class LocalEngine:
    """Runs jobs one after another in this process."""

    def run(self, job: TableJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Fragment, ...]:
        """The fragments of the job's days, one per day."""
        warehouse = Warehouse(Path(inputs.warehouse))
        fragments = []
        for day, table, columns in _days(job, inputs, warehouse):
            fragments.append(warehouse.write_fragment(staging, job.left, day, table, columns))
            progress(day_text(day))
        return tuple(fragments)

    def upload(self, job: UploadJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Path, ...]:
        """One file with the batch value of every entity."""
        entries = batch_entries(job, _events(job, inputs))
        progress(f"{entries.num_rows:,} entities")
        path = staging / "values.parquet"
        pq.write_table(entries, path)
        return (path,)

    def start(self, progress: Progress) -> None:
        """Nothing keeps running."""

    def close(self) -> None:
        """Nothing keeps running."""


Columns = tuple[tuple[Digest, str], ...]


def _days(job: TableJob, inputs: JobInputs, warehouse: Warehouse) -> Iterator[tuple[Day, pa.Table, Columns]]:
    match job:
        case LeftJob():
            yield from _left_days(job, inputs)
        case FeatureJob():
            yield from _feature_days(job, inputs, warehouse)
        case DerivationJob():
            names = {name: job.inputs[name] for name in sorted(job.inputs)}
            for day in job.days:
                rows = warehouse.read(job.left, day, tuple(names.items()), _of(inputs.left, day))
                yield day, derived_columns(job, rows), job.columns
        case _:
            assert_never(job)


def _left_days(job: LeftJob, inputs: JobInputs) -> Iterator[tuple[Day, pa.Table, Columns]]:
    kept = [Column(name=selected.name, type=selected.type) for selected in job.rows.selects]
    for day, partitions in groupby(inputs.partitions[0], key=lambda partition: partition.day):
        if day is not None:
            rows = scan(job.rows, list(partitions), [Column(name="ts", type=Scalar.LONG), *kept])
            yield day, left_rows(job, rows), tuple((job.left, name) for name in rows.column_names)


def _feature_days(job: FeatureJob, inputs: JobInputs, warehouse: Warehouse) -> Iterator[tuple[Day, pa.Table, Columns]]:
    names = (("ts", job.left), *((column.name, job.left) for column in job.left_columns))
    queries = pa.concat_tables(
        [_with_day(warehouse.read(job.left, day, names, _of(inputs.left, day)), day) for day in job.days]
    )
    found = feature_columns(job, _events(job, inputs), queries, cores())
    for day in job.days:
        yield day, found.filter(pc.equal(found[PARTITION_DAY], day)).drop_columns([PARTITION_DAY]), job.columns


def _events(job: FeatureJob | UploadJob, inputs: JobInputs) -> pa.Table:
    columns = event_columns(job.group_by)
    if job.chained is not None:
        rows = job.group_by.rows[0]
        return scan_table(rows, _parent_rows(job.chained, inputs), columns)
    tables = [
        scan(rows, partitions, columns) for rows, partitions in zip(job.group_by.inputs, inputs.partitions, strict=True)
    ]
    return pa.concat_tables([event_schema(job.group_by).empty_table(), *tables])


def _parent_rows(chained: ChainedInput, inputs: JobInputs) -> pa.Table:
    """The parent join's output: `ts` and the columns that the chained group_by reads."""
    warehouse = Warehouse(Path(inputs.warehouse))
    columns = sorted((dict(chained.columns) | {"ts": chained.left}).items())
    days = DaySet.days(fragment.day for fragment in inputs.chained)
    return warehouse.read_days(chained.left, days, columns, inputs.chained).drop_columns(["ds"])


def _with_day(rows: pa.Table, day: Day) -> pa.Table:
    return rows.append_column(PARTITION_DAY, pa.array([day] * rows.num_rows, pa.int32()))


def _of(fragments: tuple[Fragment, ...], day: Day) -> tuple[Fragment, ...]:
    return tuple(fragment for fragment in fragments if fragment.day == day)
