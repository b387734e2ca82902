"""A dump as a JSON file: one row a line, its shape published as a JSON Schema, its whole content under one digest.

The same state gives the same bytes on every backend and machine.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from chronon.model.errors import ChrononError
from chronon.schemas.documents import document_schema
from chronon.stores.state.dump import TABLES, Dump, Table
from chronon.stores.state.migrations import MIGRATIONS
from chronon.stores.state.sql import Value
from chronon.stores.state.upgrading import FIRST, upgraded

FORMAT = "chronon state"
SCHEMA = "state_export"
"""The name of its JSON Schema."""

_BYTES = {("snapshots", "hash")}
"""Columns of bytes; they are written as hexadecimal digits."""


def export_text(dump: Dump) -> str:
    """The file of a dump. Law: `read_export(export_text(d).encode()) == d`."""
    tables = ",\n".join(_table_text(table, dump.tables[table.name]) for table in TABLES)
    head = f'{{\n"format": "{FORMAT}",\n"version": {dump.version},\n"serial": {dump.serial},\n"tables": {{\n{tables}\n}},\n'
    return f'{head}"digest": "{_digest(head)}"\n}}\n'


def read_export(content: bytes) -> Dump:
    """The dump in a file that `export_text` wrote, or an older chronon: then as a state of the newest version has it.

    Errors: CHR-K121 when it is cut off, edited, or something else; CHR-K123 when a newer version wrote it.
    """
    head, mark, _ = content.rpartition(b'"digest": "')
    try:
        data = json.loads(content)
    except json.JSONDecodeError as cause:
        raise _torn(f"it is no JSON, or cut off in line {cause.lineno}") from cause
    except UnicodeDecodeError as cause:
        raise _torn("it is no text") from cause
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _torn(f'it does not say "format": "{FORMAT}"')
    version = data.get("version")
    if isinstance(version, int) and version > len(MIGRATIONS):
        message = f"the export has version {version}; this chronon knows versions up to {len(MIGRATIONS)}"
        raise ChrononError("CHR-K123", message, "use the chronon that wrote it, or a newer one")
    if not mark or data.get("digest") != _digest(head.decode()):
        raise _torn("its content is not what its digest says")
    if isinstance(version, int) and FIRST <= version < len(MIGRATIONS):
        return upgraded(version, data["serial"], data["tables"])
    for error in _errors_in()(data):
        raise _torn(f"{'/'.join(map(str, error.instance_path)) or 'it'}: {error.message}")
    tables = {table.name: _rows(table, data["tables"][table.name]) for table in TABLES}
    return Dump(version=data["version"], serial=data["serial"], tables=tables)


def _table_text(table: Table, rows: Sequence[tuple[Value, ...]]) -> str:
    lines = ",\n".join(_row_text(table, row) for row in rows)
    return f'"{table.name}": [\n{lines}\n]' if rows else f'"{table.name}": []'


def _row_text(table: Table, row: tuple[Value, ...]) -> str:
    plain = (value.hex() if isinstance(value, bytes) else value for value in row)
    return json.dumps(dict(zip(table.columns, plain, strict=True)), ensure_ascii=False, separators=(", ", ": "))


def _rows(table: Table, rows: Sequence[dict[str, Any]]) -> list[tuple[Value, ...]]:
    return [tuple(_value(table.name, column, row[column]) for column in table.columns) for row in rows]


def _value(table: str, column: str, value: Any) -> Value:
    found: Value = bytes.fromhex(value) if (table, column) in _BYTES else value
    return found


def _digest(head: str) -> str:
    return f"sha256:{sha256(head.encode()).hexdigest()}"


@functools.cache
def _errors_in() -> Callable[[Any], Any]:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(dict(document_schema(SCHEMA))).iter_errors


def _torn(why: str) -> ChrononError:
    return ChrononError("CHR-K121", f"the file is no export of a state that is whole: {why}", "export again")
