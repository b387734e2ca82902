"""DataFrames of what jobs read: source partitions after select and where, left rows, the output of a parent join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from chronon.expressions import to_sql
from chronon.expressions.spark_sql import type_name
from chronon.model.definitions import SLACK_DAYS, Column, Rows, Selected
from chronon.model.jobs import Digest, Fragment
from chronon.model.time import DAY
from chronon.model.types import Scalar
from chronon.runners.engine import Partition, Stored
from chronon.runners.timing import PARTITION_DAY, dated_by, time_columns, time_conditions

DataFrame = Any
SparkSession = Any

_DAY = "__day"


def source_rows(
    session: SparkSession, rows: Rows, partitions: Sequence[Partition], columns: Sequence[Column]
) -> DataFrame:
    """The rows that a query keeps, as the columns asked for and PARTITION_DAY, the partition's.

    columns: names out of `rows.selects` and `time_columns`. The same rows that the local engine's `scan` yields.
    """
    layouts: dict[tuple[Stored, ...], list[str]] = {}
    for partition in partitions:
        if partition.files:
            layouts.setdefault(partition.stored, []).extend(partition.files)
    if not layouts:
        return empty(session, [*columns, Column(name=PARTITION_DAY, type=Scalar.INT)])
    has_days = any(partition.day is not None for partition in partitions)
    frames = [_alike(session, rows, files, stored, columns, has_days=has_days) for stored, files in layouts.items()]
    return reduce(lambda one, other: one.unionByName(other), frames)


def _alike(
    session: SparkSession,
    rows: Rows,
    files: Sequence[str],
    stored: Sequence[Stored],
    columns: Sequence[Column],
    *,
    has_days: bool,
) -> DataFrame:
    """The rows of files that hold their columns alike. stored: what they hold otherwise than declared."""
    frame = session.read.parquet(*files)
    day = _day_of_file(rows.partition) if has_days else "CAST(NULL AS INT)"
    if stored:
        frame, day = frame.selectExpr(*_declared(rows, stored), f"{day} AS `{_DAY}`"), f"`{_DAY}`"
    return selected(frame, rows, columns, day, has_days=has_days)


def _day_of_file(column: str) -> str:
    """SQL of the day that the folder of a file is called by. column: the one that the table is partitioned by."""
    name = f"regexp_extract(_metadata.file_path, '/{column}=([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})/[^/]*$', 1)"
    return f"datediff(to_date({name}), DATE'1970-01-01')"


def _declared(rows: Rows, stored: Sequence[Stored]) -> list[str]:
    held = {
        each.column: f"CAST({_quoted(each.name) if each.name else 'NULL'} AS {type_name(each.type)})" for each in stored
    }
    names = [_quoted(column.name) for column in rows.columns]
    return [f"{held.get(column.name, name)} AS {name}" for column, name in zip(rows.columns, names, strict=True)]


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def selected(frame: DataFrame, rows: Rows, columns: Sequence[Column], day: str, *, has_days: bool) -> DataFrame:
    """Select, where and time of a query over its input. day: SQL of the partition's day."""
    types = {column.name: column.type for column in rows.columns}

    def to_spark(selected: Selected) -> str:
        return to_sql(selected.expression, types, "spark")

    snapshot = f"(CAST({day} AS BIGINT) + 1) * {DAY} - 1" if has_days else "CAST(0 AS BIGINT)"
    sql = {selected.name: to_spark(selected) for selected in rows.selects} | time_columns(rows, snapshot, to_spark)
    wheres = [*(to_sql(where, types, "spark") for where in rows.wheres), *time_conditions(rows, to_spark)]
    dated = dated_by(rows)
    if dated and has_days:
        wheres.append(f"abs(floor(({to_spark(dated)}) / {DAY}D) - {day}) <= {SLACK_DAYS}")
    for where in wheres:
        frame = frame.where(where)
    outputs = [f"CAST({sql[column.name]} AS {type_name(column.type)}) AS `{column.name}`" for column in columns]
    return frame.selectExpr(*outputs, f"{day} AS `{PARTITION_DAY}`")


def fragment_rows(
    session: SparkSession, warehouse: Path, fragments: Sequence[Fragment], wanted: Mapping[str, Digest]
) -> DataFrame:
    """PARTITION_DAY, `row_id` and the wanted columns (name → digest), zipped from the column groups that hold them."""
    groups: dict[frozenset[str], list[tuple[str, Digest]]] = {}
    for name, digest in sorted(wanted.items()):
        holders = frozenset(f.path for f in fragments if any(d == digest for d, _column in f.columns))
        groups.setdefault(holders, []).append((name, digest))
    frames = [
        _group_rows(session, warehouse, [f for f in fragments if f.path in paths], columns)
        for paths, columns in sorted(groups.items(), key=lambda group: group[1])
    ]
    return reduce(lambda one, other: one.join(other, [PARTITION_DAY, "row_id"]), frames)


def empty(session: SparkSession, columns: Sequence[Column]) -> DataFrame:
    """No rows of these columns."""
    return session.createDataFrame([], ", ".join(f"`{c.name}` {type_name(c.type)}" for c in columns))


def _group_rows(
    session: SparkSession, warehouse: Path, fragments: Sequence[Fragment], columns: Sequence[tuple[str, Digest]]
) -> DataFrame:
    """The columns of fragments that may name them differently; fragments of one layout are read together."""
    layouts: dict[tuple[str, ...], list[str]] = {}
    for fragment in fragments:
        layouts.setdefault(_names_in(fragment, columns), []).append(str(warehouse / fragment.path))
    frames = []
    for names, paths in sorted(layouts.items()):
        renamed = [f"`{stored}` AS `{name}`" for stored, (name, _digest) in zip(names, columns, strict=True)]
        frames.append(
            session.read.parquet(*sorted(paths)).selectExpr(
                f"{_day_of_file('ds')} AS `{PARTITION_DAY}`", "row_id", *renamed
            )
        )
    return reduce(lambda one, other: one.unionByName(other), frames)


def _names_in(fragment: Fragment, columns: Sequence[tuple[str, Digest]]) -> tuple[str, ...]:
    """What a fragment calls each column. A left's columns share one digest: there the name itself is the answer."""
    stored = [(digest, name) for digest, name in fragment.columns]
    return tuple(
        name if (digest, name) in stored else next(held for d, held in stored if d == digest)
        for name, digest in columns
    )
