"""Rows and bytes of source tables and of what is stored, told by footers and by what was recorded; values are never read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from chronon.model.corrections import Marks
from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, Fragment
from chronon.model.sizes import Size
from chronon.model.time import Day
from chronon.stores.tables.sources import SourceTables, unreadable

Columns = Mapping[str, int]
"""Column → bytes of it in a file, as they lie on disk."""


def partition_sizes(
    tables: SourceTables, wanted: Mapping[tuple[str, str], DaySet | None], marks: Marks
) -> dict[tuple[str, str], dict[Day | None, Size]]:
    """Rows and bytes of days, or of tables without partitions. Days with a mark are as it says; of others footers are read.

    Nothing is said of days with a file that cannot be read.
    """
    found: dict[tuple[str, str], dict[Day | None, Size]] = {}
    for (table, column), days in wanted.items():
        own, known = tables.partitioned([(table, column)]), marks.get((table, column), {})
        sizes = found[table, column] = {}
        for day in [None] if days is None else days:
            if day is not None and day in known:
                sizes[day] = Size(rows=known[day].rows, bytes=known[day].bytes)
            elif size := _readable(own.files(table, None if day is None else DaySet.days([day]))):
                sizes[day] = size
    return found


def _readable(files: Iterable[Path]) -> Size | None:
    try:
        return size_of(files)
    except ChrononError:
        return None


def size_of(files: Iterable[Path]) -> Size:
    """Rows and bytes of whole files. Errors: CHR-K022."""
    rows = size = 0
    for file in files:
        rows += column_sizes(file)[0]
        size += file.stat().st_size
    return Size(rows=rows, bytes=size)


def column_sizes(file: Path) -> tuple[int, Columns]:
    """The rows of a file, and how many bytes each of its columns has. Errors: CHR-K022."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(file)
    except (OSError, pa.ArrowInvalid) as cause:
        raise unreadable(file, cause) from cause
    columns: dict[str, int] = {}
    for group in (footer.row_group(number) for number in range(footer.num_row_groups)):
        for place in range(footer.num_columns):
            chunk = group.column(place)
            name = chunk.path_in_schema.split(".")[0]
            columns[name] = columns.get(name, 0) + chunk.total_compressed_size
    return footer.num_rows, columns


def stored_sizes(fragments: Sequence[Fragment]) -> dict[tuple[Digest, Digest], dict[Day, Size]]:
    """(left, column) → day → rows and bytes; the bytes of a file count for each of its columns in equal parts."""
    found: dict[tuple[Digest, Digest], dict[Day, Size]] = {}
    for each in fragments:
        columns = {digest for digest, _name in each.columns} or {each.left}
        for column in columns:
            of_column = found.setdefault((each.left, column), {})
            part = Size(rows=each.rows, bytes=each.bytes // len(columns))
            of_column[each.day] = of_column.get(each.day, Size()) + part
    return found
