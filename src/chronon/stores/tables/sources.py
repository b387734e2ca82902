"""The tables that features are computed from: Parquet files in folders, found by name.

`<root>/<database>/<table>/ds=YYYY-MM-DD/*.parquet`, with the source's `partition` in place of `ds`, or the files directly in the
table's folder where there are no partitions. Nothing here writes, and nothing is remembered: what is there when a function is called is the answer.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chronon.model.dayset import DaySet
from chronon.model.definitions import Rows
from chronon.model.errors import ChrononError
from chronon.model.live import LiveTable
from chronon.model.time import Day, day_text, parse_day
from chronon.model.types import DataType, ListOf, MapOf, Scalar, StructOf, parse_type

_PARTITION = frozenset({"ds"})
"""The column that a table is partitioned by where no source says otherwise."""

_NAME = re.compile(r"\w+\.\w[\w.-]*")
_FIELD_NAME = re.compile(r" \('[^']*'\)")
"""What Arrow adds to the type of a map whose parts are named otherwise than usual."""


class SourceTables:
    """The tables under a folder. Names are `database.table`.

    partitions: table → the columns that its folders of days are called by; `ds` where it is not there.
    """

    def __init__(self, root: Path, partitions: Mapping[str, frozenset[str]] | None = None) -> None:
        self.root = root
        self._columns = partitions or {}

    def of(self, rows: Iterable[Rows]) -> SourceTables:
        """The same tables, with folders of days as these rows say. Where two say two columns of a table, it has the days of both."""
        return self.partitioned((each.table, each.partition) for each in rows)

    def partitioned(self, pairs: Iterable[tuple[str, str]]) -> SourceTables:
        """The same tables, each with folders of days that are called by a column; an empty name says nothing."""
        columns: dict[str, frozenset[str]] = {}
        for table, partition in pairs:
            if table and partition:
                columns[table] = columns.get(table, frozenset()) | {partition}
        return SourceTables(self.root, columns)

    def exists(self, table: str) -> bool:
        """Whether there is a folder of that name."""
        return _NAME.fullmatch(table) is not None and self.folder(table).is_dir()

    def days(self, table: str) -> DaySet:
        """The days of which there is at least one file; none for a table without partitions. Errors: CHR-K021."""
        return DaySet.days(day for day, folder in self._partitions(table) if _has_data(folder))

    def availability(self, tables: Iterable[str]) -> Mapping[str, DaySet | None]:
        """The days of every table that exists; None for one without partitions. Tables that are missing are left out."""
        return {name: self._days_or_none(name) for name in dict.fromkeys(tables) if self.exists(name)}

    def files(self, table: str, days: DaySet | None = None) -> tuple[Path, ...]:
        """The files of the days, by day and name; of all days, or of a table without partitions, when there is no `days`.

        Days that are not there have no files. Errors: CHR-K021.
        """
        if days is None:
            found = [*_data_files(self._existing(table))]
            return tuple(
                found + [file for _, folder in sorted(self._partitions(table)) for file in _data_files(folder)]
            )
        folder, columns = self._existing(table), sorted(self._columns.get(table, _PARTITION))
        folders = (folder / f"{column}={day_text(day)}" for day in days for column in columns)
        return tuple(file for partition in folders for file in _data_files(partition))

    def newest(self, table: str, until: Day | None = None) -> Path | None:
        """The last file of the newest day that has one, or of a table without partitions. Errors: CHR-K021.

        until: later days are not looked at.
        """
        for day, folder in sorted(self._partitions(table), reverse=True):
            if (until is None or day <= until) and (found := _data_files(folder)):
                return found[-1]
        return next(reversed(_data_files(self._existing(table))), None)

    def live(self, tables: Mapping[str, Day | None]) -> Mapping[str, LiveTable]:
        """What the newest file of each table up to its day has. Tables that are missing or have no file are left out.

        One footer is read per table, however many days it has; a file that cannot be read is told in place of columns.
        """
        newest = {name: self.newest(name, until) for name, until in tables.items() if self.exists(name)}
        return {name: _live(file) for name, file in newest.items() if file is not None}

    def names(self) -> tuple[str, ...]:
        """Every table that there is, by name."""
        return tuple(sorted(name for name in self._names() if self.exists(name)))

    def _days_or_none(self, table: str) -> DaySet | None:
        return self.days(table) or (None if _has_data(self.folder(table)) else DaySet())

    def _partitions(self, table: str) -> list[tuple[Day, Path]]:
        columns = self._columns.get(table, _PARTITION)
        with os.scandir(self._existing(table)) as entries:
            names = [entry.name for entry in entries if entry.name.partition("=")[0] in columns]
        days = ((parse_day(name.partition("=")[2]), name) for name in names)
        return [(day, self.folder(table) / name) for day, name in days if day is not None]

    def folder(self, table: str) -> Path:
        """The folder of a table, whether it is there or not."""
        database, _dot, name = table.partition(".")
        return self.root / database / name

    def _existing(self, table: str) -> Path:
        folder = self.folder(table)
        if self.exists(table):
            return folder
        near = difflib.get_close_matches(table, self._names(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "load the table, or correct `table:` in the source"
        raise ChrononError("CHR-K021", f"there is no table {table}: {folder} is no folder", hint)

    def _names(self) -> list[str]:
        return [f"{folder.parent.name}.{folder.name}" for folder in self.root.glob("*/*") if folder.is_dir()]


def _live(file: Path) -> LiveTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(file)
    except (OSError, pa.ArrowInvalid) as cause:
        return LiveTable(problem=str(unreadable(file, cause)))
    return live_table(schema)


def live_table(schema: Any) -> LiveTable:
    """The columns of a file, by its Arrow schema."""
    types = {field.name: (data_type(field.type), _FIELD_NAME.sub("", str(field.type))) for field in schema}
    return LiveTable(
        columns={name: known for name, (known, _text) in types.items() if known is not None},
        others={name: text for name, (known, text) in types.items() if known is None},
    )


def data_type(arrow: Any) -> DataType | None:
    """Our type of an Arrow type; None for those that features cannot use."""
    import pyarrow as pa

    if pa.types.is_dictionary(arrow):
        return data_type(arrow.value_type)
    if pa.types.is_list(arrow) or pa.types.is_large_list(arrow):
        element = data_type(arrow.value_type)
        return ListOf(element) if element else None
    if pa.types.is_map(arrow):
        value = data_type(arrow.item_type) if pa.types.is_string(arrow.key_type) else None
        return MapOf(value) if value else None
    if pa.types.is_struct(arrow):
        return _struct([(arrow.field(place).name, arrow.field(place).type) for place in range(arrow.num_fields)])
    if pa.types.is_decimal128(arrow):
        return parse_type(f"decimal({arrow.precision},{arrow.scale})")
    return next((ours for is_of, ours in _families(pa.types) if is_of(arrow)), None)


def _struct(parts: list[tuple[str, Any]]) -> StructOf | None:
    fields = [(name, data_type(kind)) for name, kind in parts]
    known = tuple((name, kind) for name, kind in fields if kind is not None)
    return StructOf(known) if len({name for name, _kind in known}) == len(parts) > 0 else None


def unreadable(path: Path, cause: Exception) -> ChrononError:
    """What to say about a Parquet file that cannot be read."""
    return ChrononError("CHR-K022", f"{path} cannot be read as Parquet: {cause}", "write the file again")


def _families(types: Any) -> list[tuple[Any, Scalar]]:
    return [
        (types.is_boolean, Scalar.BOOLEAN),
        (lambda arrow: types.is_integer(arrow) and (arrow.bit_width < 32 or arrow == "int32"), Scalar.INT),
        (lambda arrow: types.is_int64(arrow) or types.is_uint32(arrow), Scalar.LONG),
        (lambda arrow: types.is_float16(arrow) or types.is_float32(arrow), Scalar.FLOAT),
        (types.is_float64, Scalar.DOUBLE),
        (lambda arrow: types.is_string(arrow) or types.is_large_string(arrow), Scalar.STRING),
        (lambda arrow: types.is_binary(arrow) or types.is_large_binary(arrow), Scalar.BINARY),
        (types.is_date, Scalar.DATE),
        (types.is_timestamp, Scalar.TIMESTAMP),
    ]


def _data_files(folder: Path) -> list[Path]:
    """Parquet files by name. Names that start with `_` or `.` belong to writers that are not done."""
    try:
        with os.scandir(folder) as entries:
            return sorted(folder / entry.name for entry in entries if _is_data(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _has_data(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(_is_data(entry.name) for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _is_data(name: str) -> bool:
    return name.endswith(".parquet") and not name.startswith(("_", "."))
