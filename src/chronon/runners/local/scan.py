"""Reads rows of a source with DuckDB in this process: select, where and time pushed into the scan of the files."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from chronon.aggregations import arrow_type
from chronon.expressions import to_sql
from chronon.expressions.duckdb_sql import type_name
from chronon.model.definitions import SLACK_DAYS, Column, Rows, Selected
from chronon.model.time import DAY
from chronon.runners.compute import snapshot_instant
from chronon.runners.engine import Partition
from chronon.runners.timing import dated_by, time_columns, time_conditions


def scan(rows: Rows, partitions: Sequence[Partition], columns: Sequence[Column]) -> pa.Table:
    """The rows of some partitions that the query keeps, as the columns asked for.

    columns: names out of `rows.selects` and `time_columns`. Rows without a time are left out, and events and mutations
    that lie more than SLACK_DAYS off their partition.
    Errors: CHR-R011 when a file cannot be read.
    """
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in columns])
    with _database(os.getpid()).cursor() as connection:
        parts = [_partition(connection, rows, partition, schema) for partition in partitions if partition.files]
    return pa.concat_tables([schema.empty_table(), *parts])


def scan_table(rows: Rows, table: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """The same over rows that are already in memory: the output of a parent join."""
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in columns])
    with _database(os.getpid()).cursor() as connection:
        connection.register("input", table)
        found = connection.sql(_select(rows, "input", schema.names, None)).to_arrow_table()
    return found.cast(schema)


@functools.cache
def _database(_process: int) -> duckdb.DuckDBPyConnection:
    """The database of a process, with nothing in it: to open one takes longer than to scan a small day.

    A forked child has one of its own, as the threads of its parent's stay behind.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET threads = 2; SET preserve_insertion_order = true")
    return connection


def _partition(connection: duckdb.DuckDBPyConnection, rows: Rows, partition: Partition, schema: pa.Schema) -> pa.Table:
    from chronon.model.errors import ChrononError

    files = "read_parquet([" + ", ".join(_text(path) for path in partition.files) + "], hive_partitioning = false)"
    files = f"(SELECT {_declared(rows, partition)} FROM {files})" if partition.stored else files
    try:
        found = connection.sql(_select(rows, files, schema.names, partition)).to_arrow_table()
    except duckdb.Error as cause:
        place = ", ".join(partition.files)
        raise ChrononError("CHR-R011", f"cannot read {place}: {cause}", "check that the file is whole") from cause
    return found.cast(schema)


def _select(rows: Rows, source: str, names: Sequence[str], partition: Partition | None) -> str:
    types = {column.name: column.type for column in rows.columns}

    def sql(selected: Selected) -> str:
        return to_sql(selected.expression, types, "duckdb")

    selects = {selected.name: sql(selected) for selected in rows.selects}
    selects |= time_columns(rows, f"CAST({snapshot_instant(partition.day) if partition else 0} AS BIGINT)", sql)
    wheres = [*(to_sql(where, types, "duckdb") for where in rows.wheres), *time_conditions(rows, sql)]
    dated = dated_by(rows)
    if dated and partition and partition.day is not None:
        first, end = (partition.day - SLACK_DAYS) * DAY, (partition.day + 1 + SLACK_DAYS) * DAY
        wheres.append(f"({sql(dated)}) >= {first} AND ({sql(dated)}) < {end}")
    condition = " WHERE " + " AND ".join(f"({where})" for where in wheres) if wheres else ""
    return "SELECT " + ", ".join(f'{selects[name]} AS "{name}"' for name in names) + f" FROM {source}{condition}"


def _declared(rows: Rows, partition: Partition) -> str:
    """The columns of files that hold some otherwise, as they are declared."""
    stored = {
        each.column: f"CAST({_quoted(each.name) if each.name else 'NULL'} AS {type_name(each.type)})"
        for each in partition.stored
    }
    names = [_quoted(column.name) for column in rows.columns]
    return ", ".join(
        f"{stored.get(column.name, name)} AS {name}" for column, name in zip(rows.columns, names, strict=True)
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"
