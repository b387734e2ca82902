"""Dumps of older versions, brought to the newest by the migrations that a state of that version would go through."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from chronon.model.errors import ChrononError
from chronon.stores.state.database import DIALECT
from chronon.stores.state.dump import Dump, read_dump
from chronon.stores.state.migrations import MIGRATIONS, apply_migration

FIRST = 2
"""The first version that could be exported."""


def upgraded(version: int, serial: int, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Dump:
    """The newest version of what an older one had exported.

    tables: name → rows as they stand in the file, bytes as hexadecimal digits.
    Errors: CHR-K121 when the rows are not those of that version.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for migration in MIGRATIONS[:version]:
            apply_migration(db, DIALECT, migration)
        db.execute("DELETE FROM chain")
        db.execute("UPDATE clock SET serial = ?", (serial,))
        try:
            for name, rows in tables.items():
                _fill(db, name, rows)
        except (sqlite3.Error, KeyError, TypeError, ValueError) as cause:
            message = f"the file is no export of version {version}: {cause}"
            raise ChrononError("CHR-K121", message, "export again") from cause
        for migration in MIGRATIONS[version:]:
            apply_migration(db, DIALECT, migration)
        return read_dump(db, len(MIGRATIONS))


def _fill(db: sqlite3.Connection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    found = db.execute("SELECT name, type FROM pragma_table_info(?)", (name,)).fetchall()
    columns = ", ".join(f'"{column}"' for column, _type in found)
    marks = ", ".join("?" * len(found))
    for row in rows:
        values = [_value(row[column], kind) for column, kind in found]
        db.execute(f"INSERT INTO {name} ({columns}) VALUES ({marks})", values)


def _value(value: Any, kind: str) -> Any:
    return bytes.fromhex(value) if kind == "BLOB" else value
