"""Timestamps of Parquet files that are finer than ours.

Ours are microseconds. Files may count in nanoseconds in two ways: as INT96, which Hive and Spark write with microseconds in
them and every engine reads, and as 64-bit nanoseconds, which Spark does not read at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def too_fine(path: Path, schema: Any, columns: Sequence[str]) -> str | None:
    """What is wrong with the timestamps of some columns of a file; None when all of them are whole microseconds.

    schema: the file's in Arrow. Only columns of INT96 are read.
    """
    fine = [name for name in columns if _counts_nanos(schema.field(name).type)]
    if not fine:
        return None
    leaves = [leaf for leaf in _leaves_of(path) if leaf.path.split(".")[0] in fine]
    for leaf in leaves:
        if leaf.physical_type == "INT64" and leaf.logical_type.type == "TIMESTAMP" and "nano" in str(leaf.logical_type):
            return f"has nanoseconds in 64 bits in {leaf.path}, which not every engine reads"
    exact, cut = pq.read_table(path, columns=fine, partitioning=None), _in_micros(path, fine)
    wrong = [name for name in fine if not _same_instants(exact[name], cut[name])]
    return f"has times finer than a microsecond in {', '.join(wrong)}" if wrong else None


def _counts_nanos(arrow: Any) -> bool:
    if pa.types.is_timestamp(arrow):
        return bool(arrow.unit == "ns")
    return any(_counts_nanos(arrow.field(place).type) for place in range(arrow.num_fields))


def _leaves_of(path: Path) -> list[Any]:
    schema = pq.ParquetFile(path).schema
    return [schema.column(place) for place in range(len(schema))]


def _in_micros(path: Path, columns: Sequence[str]) -> Any:
    """The columns as DuckDB reads them: pyarrow's own way to microseconds is wrong before 1970."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
        names = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
        return connection.sql(f"SELECT {names} FROM read_parquet(?)", params=[str(path)]).to_arrow_table()


def _same_instants(exact: Any, cut: Any) -> bool:
    """Whether nanoseconds are those of the microseconds; both wrap around alike far from 1970."""
    pairs = zip(_instants(exact.combine_chunks()), _instants(cut.combine_chunks()), strict=True)
    with np.errstate(over="ignore"):
        return all(np.array_equal(nanos, micros * np.int64(1000)) for nanos, micros in pairs)


def _instants(column: Any) -> Iterator[Any]:
    """The numbers of every timestamp inside a column, leaf by leaf."""
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        for leaf in _arrays(chunk):
            if pa.types.is_timestamp(leaf.type):
                yield leaf.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)


def _arrays(array: Any) -> Iterator[Any]:
    kind = array.type
    if pa.types.is_struct(kind):
        for part in array.flatten():
            yield from _arrays(part)
    elif pa.types.is_map(kind):
        yield from _arrays(array.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _arrays(array.flatten())
    else:
        yield array
