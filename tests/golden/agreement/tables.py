"""Rows of a case as partitioned Parquet tables on disk."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal as DecimalNumber
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from agreement.cases import Case, Row
from agreement.translation import columns_of
from chronon.aggregations import arrow_type
from chronon.model.time import Day, day_text, parse_day
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf, parse_type

ODD = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def write_tables(case: Case, tables: Iterable[str], root: Path, last: str) -> None:
    """Write some tables of a case. Chronon reads days without rows as empty: here they are empty partitions."""
    for name in tables:
        table = case.tables[name]
        kinds = {column: known_type(kind) for column, kind in columns_of(table.schema).items()}
        kinds.pop(table.partition)
        write_rows(root, name, kinds, ((row[table.partition], row) for row in table.rows()), last)


def write_rows(root: Path, name: str, kinds: dict[str, DataType], rows: Iterable[tuple[str, Row]], last: str) -> None:
    """Write rows, each with its day, as the table of that name; every day up to `last` gets a partition."""
    schema = pa.schema([(column, file_type(kind)) for column, kind in kinds.items()])
    by_day: dict[str, list[Row]] = {}
    for day, row in rows:
        by_day.setdefault(day, []).append({column: value(row.get(column), kind) for column, kind in kinds.items()})
    for day in days(min(by_day), max(last, *by_day)):
        folder = root / name.replace(".", "/", 1) / f"ds={day}"
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(by_day.get(day, []), schema), folder / "part-0.parquet")


def days(first: str, last: str) -> Iterator[str]:
    """The days from one to another, both included."""
    for day in range(parse_day(first) or 0, (parse_day(last) or 0) + 1):
        yield day_text(Day(day))


def known_type(text: str) -> DataType:
    """The type of that name, which a case is expected to know."""
    found = parse_type(text)
    if found is None:
        raise ValueError(f"{text} is no type of ours")
    return found


def value(written: Any, kind: DataType) -> Any:
    """A value of JSON as Arrow takes it."""
    if written is None:
        return None
    match kind:
        case ListOf():
            return [value(item, kind.element) for item in written]
        case MapOf():
            return [(key, value(item, kind.value)) for key, item in written.items()]
        case StructOf():
            return {name: value(written.get(name), of) for name, of in kind.fields}
        case Scalar.FLOAT | Scalar.DOUBLE:
            return ODD[written] if isinstance(written, str) else float(written)
        case Scalar.DATE:
            return date.fromisoformat(written)
        case Scalar.TIMESTAMP:
            return datetime.fromisoformat(written)
        case Decimal():
            return DecimalNumber(str(written))
        case Scalar.BINARY:
            return base64.b64decode(written.removeprefix("base64:"))
        case _:
            return written


def file_type(kind: DataType) -> pa.DataType:
    """The Arrow type of a column in a file."""
    match kind:
        case ListOf():
            return pa.list_(file_type(kind.element))
        case MapOf():
            return pa.map_(pa.string(), file_type(kind.value))
        case StructOf():
            return pa.struct([(name, file_type(of)) for name, of in kind.fields])
        case Decimal():
            return pa.decimal128(kind.precision, kind.scale)
        case _:
            return arrow_type(kind)
