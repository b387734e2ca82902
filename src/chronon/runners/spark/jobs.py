"""Jobs as Spark programs. Events and queries are tagged and united, shuffled by key, and meet in one call of the kernel
per partition (`mapInArrow`); the task writes its own files and returns only their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, assert_never

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chronon.aggregations import arrow_type
from chronon.expressions.spark_sql import type_name
from chronon.model.definitions import Column
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, Fragment, LeftJob, TableJob, UploadJob
from chronon.model.time import Day
from chronon.model.types import Scalar
from chronon.runners.compute import (
    batch_entries,
    derived_columns,
    event_columns,
    feature_columns,
    left_rows,
)
from chronon.runners.engine import JobInputs
from chronon.runners.spark.tables import empty, fragment_rows, selected, source_rows
from chronon.runners.timing import PARTITION_DAY
from chronon.schemas.wire import from_json, to_json
from chronon.stores.tables.warehouse import Warehouse

DataFrame = Any
Columns = tuple[tuple[Digest, str], ...]
TableFunction = Callable[[pa.Table], Iterator[str]]

_ROW_ID = Column(name="row_id", type=Scalar.LONG)


class SparkJobs:
    """Runs jobs on one session."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def warm_up(self) -> None:
        """Have Spark and its Python load what every job needs: it is no work of the first one."""
        _per_partition(self._session.range(1).repartition(1), lambda table: iter([str(table.num_rows)]))

    def run(self, job: TableJob, inputs: JobInputs, staging: Path) -> tuple[Fragment, ...]:
        """The fragments that the tasks of this job wrote."""
        match job:
            case LeftJob():
                texts = self._left(job, inputs, staging)
            case FeatureJob():
                texts = self._features(job, inputs, staging)
            case DerivationJob():
                texts = self._derivations(job, inputs, staging)
            case _:
                assert_never(job)
        return tuple(from_json(text, Fragment) for text in texts)

    def upload(self, job: UploadJob, inputs: JobInputs, staging: Path) -> list[Path]:
        """The files of batch values that the tasks of this job wrote."""
        columns = event_columns(job.group_by)
        events = self._events(job, inputs).repartition(*_names(job.group_by.keys))
        schema = _arrow_schema(columns)
        number = 0

        def write(table: pa.Table) -> Iterator[str]:
            nonlocal number
            entries = batch_entries(job, table.cast(schema))
            if entries.num_rows:
                from pyspark import TaskContext

                path = staging / f"values-{TaskContext.get().taskAttemptId()}-{number}.parquet"
                number += 1
                pq.write_table(entries, path)
                yield str(path)

        return [Path(text) for text in _per_partition(events, write)]

    def _left(self, job: LeftJob, inputs: JobInputs, staging: Path) -> list[str]:
        kept = [Column(name=selected.name, type=selected.type) for selected in job.rows.selects]
        columns = [Column(name="ts", type=Scalar.LONG), *kept]
        rows = source_rows(self._session, job.rows, inputs.partitions[0], columns)
        schema = _arrow_schema(columns)
        stored: Columns = tuple((job.left, name) for name in ("row_id", *schema.names))
        warehouse = Warehouse(Path(inputs.warehouse))

        def write(table: pa.Table) -> Iterator[str]:
            for day, found in _by_day(table):
                numbered = left_rows(job, found.cast(schema))
                yield to_json(warehouse.write_fragment(staging, job.left, day, numbered, stored))

        written = _per_partition(rows.repartition(f"`{PARTITION_DAY}`"), write)
        seen = {from_json(text, Fragment).day for text in written}
        none = left_rows(job, schema.empty_table())  # a day whose partition is there and empty has a fragment too
        empty_days = [
            warehouse.write_fragment(staging, job.left, day, none, stored) for day in job.days if day not in seen
        ]
        return written + [to_json(fragment) for fragment in empty_days]

    def _features(self, job: FeatureJob, inputs: JobInputs, staging: Path) -> list[str]:
        columns = event_columns(job.group_by)
        left_names = {column.name: job.left for column in job.left_columns} | {"ts": job.left}
        queries = fragment_rows(self._session, Path(inputs.warehouse), inputs.left, left_names)
        united = _tagged(self._events(job, inputs), queries, job, columns)
        left_schema = pa.schema(
            [(PARTITION_DAY, pa.int32()), ("row_id", pa.int64()), ("ts", pa.int64())]
            + [(left, arrow_type(key.type)) for key in job.group_by.keys for left in [job.part.keys[key.name]]]
        )
        event_schema = _arrow_schema(columns)
        key_names = {key.name: job.part.keys[key.name] for key in job.group_by.keys}
        warehouse = Warehouse(Path(inputs.warehouse))

        def write(table: pa.Table) -> Iterator[str]:
            is_event = pc.is_null(table["row_id"])
            events = table.filter(is_event).select(event_schema.names).cast(event_schema)
            asked = table.filter(pc.invert(is_event)).select([PARTITION_DAY, "row_id", "ts", *key_names])
            queries = asked.rename_columns([PARTITION_DAY, "row_id", "ts", *key_names.values()]).cast(left_schema)
            if queries.num_rows:
                for day, found in _by_day(feature_columns(job, events, queries)):
                    yield to_json(warehouse.write_fragment(staging, job.left, day, found, job.columns))

        return _per_partition(united.repartition(*_names(job.group_by.keys)), write)

    def _derivations(self, job: DerivationJob, inputs: JobInputs, staging: Path) -> list[str]:
        rows = fragment_rows(self._session, Path(inputs.warehouse), inputs.left, job.inputs)
        schema = _arrow_schema([_ROW_ID, *job.input_types])
        warehouse = Warehouse(Path(inputs.warehouse))

        def write(table: pa.Table) -> Iterator[str]:
            for day, found in _by_day(table):
                derived = derived_columns(job, found.select(schema.names).cast(schema))
                yield to_json(warehouse.write_fragment(staging, job.left, day, derived, job.columns))

        return _per_partition(rows.repartition(f"`{PARTITION_DAY}`"), write)

    def _events(self, job: FeatureJob | UploadJob, inputs: JobInputs) -> DataFrame:
        columns = event_columns(job.group_by)
        rows = job.group_by.rows[0]
        if job.chained is not None:
            wanted = dict(job.chained.columns) | {"ts": job.chained.left}
            parent = fragment_rows(self._session, Path(inputs.warehouse), inputs.chained, wanted)
            return selected(parent, rows, columns, "CAST(NULL AS INT)", has_days=False).drop(PARTITION_DAY)
        frames = [
            source_rows(self._session, rows, partitions, columns).drop(PARTITION_DAY)
            for rows, partitions in zip(job.group_by.inputs, inputs.partitions, strict=True)
        ]
        return reduce(lambda one, other: one.unionByName(other), frames, empty(self._session, columns))


def _tagged(events: DataFrame, queries: DataFrame, job: FeatureJob, columns: Sequence[Column]) -> DataFrame:
    """Events and queries as rows of one shape: a query has a `row_id`, an event has none."""
    keys = {key.name: job.part.keys[key.name] for key in job.group_by.keys}
    asked = []
    for column in columns:
        source = "`ts`" if column.name == "ts" else f"`{keys[column.name]}`" if column.name in keys else "NULL"
        asked.append(f"CAST({source} AS {type_name(column.type)}) AS `{column.name}`")
    tagged = queries.selectExpr(*asked, f"`{PARTITION_DAY}`", "row_id")
    untagged = events.selectExpr(
        *(f"`{column.name}`" for column in columns),
        f"CAST(NULL AS INT) AS `{PARTITION_DAY}`",
        "CAST(NULL AS BIGINT) AS row_id",
    )
    return untagged.unionByName(tagged)


def _per_partition(frame: DataFrame, write: TableFunction) -> list[str]:
    """What `write` returns for the rows of each partition, gathered as one Arrow table."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        gathered = list(batches)
        if gathered:
            yield pa.RecordBatch.from_pydict({"answer": list(write(pa.Table.from_batches(gathered)))}, _ANSWER)

    return [row["answer"] for row in frame.mapInArrow(run, "answer string").collect()]


_ANSWER = pa.schema([("answer", pa.string())])


def _by_day(table: pa.Table) -> Iterator[tuple[Day, pa.Table]]:
    """The rows of each day, without PARTITION_DAY."""
    for day in sorted(pc.unique(table[PARTITION_DAY]).to_pylist()):
        yield Day(day), table.filter(pc.equal(table[PARTITION_DAY], day)).drop_columns([PARTITION_DAY])


def _arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    return pa.schema([(column.name, arrow_type(column.type)) for column in columns])


def _names(columns: Sequence[Column]) -> list[str]:
    return [column.name for column in columns]
