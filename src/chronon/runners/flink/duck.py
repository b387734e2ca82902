"""Lines of JSON with declared types, read by DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chronon.model.types import DataType
from chronon.runners.flink.forms import duck_type, unpacked

_LONGEST_LINE = 128 << 20


def read_json(files: Sequence[Path], columns: Mapping[str, DataType], query: str) -> Any:
    """The result of a query over the view `lines`, which holds every line of the files, every value unpacked.

    A field that a line lacks is null.
    """
    import duckdb

    names = ", ".join(_text(str(path)) for path in files)
    types = ", ".join(f"{_text(name)}: {_text(duck_type(kind))}" for name, kind in columns.items())
    values = ", ".join(f"{unpacked(quoted(name), kind)} AS {quoted(name)}" for name, kind in columns.items())
    source = (
        f"read_json([{names}], format = 'newline_delimited', columns = {{{types}}}, "
        f"maximum_object_size = {_LONGEST_LINE})"
    )
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.sql(f"WITH lines AS (SELECT {values} FROM {source}) {query}")


def quoted(name: str) -> str:
    """A name as DuckDB writes it."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
