"""Lines of JSON with declared types, read by DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chronon.model.types import DataType, Scalar

DUCK_TYPES: Mapping[DataType, str] = {
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.INT: "INTEGER",
    Scalar.LONG: "BIGINT",
    Scalar.FLOAT: "FLOAT",
    Scalar.DOUBLE: "DOUBLE",
    Scalar.STRING: "VARCHAR",
    Scalar.DATE: "DATE",
}
_LONGEST_LINE = 128 << 20


def read_json(files: Sequence[Path], columns: Mapping[str, str], query: str) -> Any:
    """The result of a query over the view `lines`, which holds every line of the files.

    columns: name → DuckDB type; a field that a line lacks is null.
    """
    import duckdb

    names = ", ".join(_text(str(path)) for path in files)
    types = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in columns.items())
    source = (
        f"read_json([{names}], format = 'newline_delimited', columns = {{{types}}}, "
        f"maximum_object_size = {_LONGEST_LINE})"
    )
    return duckdb.connect().sql(f"WITH lines AS (FROM {source}) {query}")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
