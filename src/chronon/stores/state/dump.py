"""Everything that a state records, as plain tables: what an export holds and an import records.

The lease is not part of it, nor is the number that leases grow by: both belong to the place and not to what is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chronon.stores.state.sql import Sql, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the newest version. columns: in the order of its rows. key: how many of the first tell rows apart."""

    name: str
    columns: tuple[str, ...]
    key: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """The rows of every table of a version, sorted by key. version: of the tables."""

    version: int
    serial: int
    tables: Mapping[str, Sequence[tuple[Value, ...]]]


TABLES: tuple[Table, ...] = (
    Table(name="environments", columns=("name", "serial")),
    Table(
        name="snapshots",
        columns=(
            "number", "hash", "kind", "team", "name", "version", "fingerprint", "columns", "left", "serving", "stream",
            "metadata", "definition", "origin",
        ),
    ),
    Table(
        name="moves",
        columns=("environment", "serial", "state", "plan", "what", "at", "who", "cleaned"),
        key=2,
    ),
    Table(name="pointed", columns=("environment", "snapshot", "since", "until"), key=3),
    Table(name="files", columns=("number", "path", "columns", "rows", "bytes")),
    Table(name="fragments", columns=("left", "column", "day", "file"), key=4),
    Table(name="computed", columns=("left", "column", "days"), key=2),
    Table(name="uploads", columns=("number", "dataset", "day", "generation", "keys", "bytes")),
    Table(name="streams", columns=("dataset", "topic", "since", "position")),
    Table(
        name="marks", columns=("table", "column", "day", "files", "footers", "rows", "bytes", "within"), key=3
    ),
    Table(name="stale", columns=("left", "column", "days"), key=2),
    Table(name="stale_uploads", columns=("dataset",)),
    Table(name="within", columns=("left", "days")),
    Table(
        name="plans",
        columns=(
            "number", "id", "status", "json", "base_serial", "total", "started", "finished", "as_of", "revision",
        ),
    ),
    Table(name="steps", columns=("number", "plan", "id", "status", "attempts", "started", "finished", "error")),
    Table(
        name="runs",
        columns=(
            "number", "plan", "step", "work", "seconds", "rows_read", "bytes_read", "rows_written", "bytes_written",
        ),
    ),
    Table(name="trash", columns=("dataset", "generation"), key=2),
    Table(name="approvals", columns=("number", "plan", "gate", "who", "at", "reason")),
    Table(
        name="audit",
        columns=("number", "at", "who", "kind", "plan", "step", "job", "approvals", "what", "hash"),
    ),
    Table(name="chain", columns=("id", "lines", "hash")),
)  # fmt: skip
"""Every table but those of the serial and the lease, referenced ones before those that refer to them."""


def read_dump(db: Sql, version: int) -> Dump:
    """Every row, as of the caller's transaction. The order is Python's: databases sort text in their own ways."""
    (serial,) = db.execute("SELECT serial FROM clock").fetchone()
    tables = {table.name: _rows(db, table) for table in TABLES}
    return Dump(version=version, serial=serial, tables=tables)


def write_dump(db: Sql, dump: Dump) -> None:
    """Every row into tables of the dump's version, which are new. Inside a writing transaction of the caller."""
    db.execute("UPDATE clock SET serial = ?", (dump.serial,))
    db.execute("DELETE FROM chain")
    for table in TABLES:
        marks = ", ".join("?" * len(table.columns))
        db.executemany(f"INSERT INTO {table.name} ({_named(table)}) VALUES ({marks})", dump.tables[table.name])


def is_empty(db: Sql) -> bool:
    """Whether nothing was recorded yet."""
    rows = sum(int(db.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]) for table in TABLES)
    return rows == 1  # that of the chain


def _rows(db: Sql, table: Table) -> list[tuple[Value, ...]]:
    found: list[tuple[Value, ...]] = db.execute(f"SELECT {_named(table)} FROM {table.name}").fetchall()
    return sorted(found, key=lambda row: row[: table.key])


def _named(table: Table) -> str:
    return ", ".join(f'"{column}"' for column in table.columns)
