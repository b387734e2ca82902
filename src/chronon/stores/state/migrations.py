"""The tables of the SQLite state store, one function per version: v001 makes them, each later one changes them.

A file says its version in `PRAGMA user_version` and whose it is in `PRAGMA application_id`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

APPLICATION_ID = 0x43484E31
"""`CHN1`: marks the file as ours."""

_V001 = """
CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), serial INTEGER NOT NULL, token INTEGER NOT NULL) STRICT;
INSERT INTO clock VALUES (1, 0, 0);

CREATE TABLE lease (
    id INTEGER PRIMARY KEY CHECK (id = 1), token INTEGER NOT NULL, holder TEXT NOT NULL,
    since REAL NOT NULL, until REAL NOT NULL
) STRICT;

CREATE TABLE log (id INTEGER PRIMARY KEY, at REAL NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL) STRICT;
CREATE TRIGGER log_keeps_its_lines BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_loses_no_line BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TABLE plans (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, json TEXT NOT NULL,
    base_serial INTEGER NOT NULL, total INTEGER NOT NULL, started REAL NOT NULL, finished REAL
) STRICT;
CREATE TABLE steps (
    number INTEGER PRIMARY KEY, plan TEXT NOT NULL REFERENCES plans (id), id TEXT NOT NULL, status TEXT NOT NULL,
    attempts INTEGER NOT NULL, started REAL NOT NULL, finished REAL, error TEXT NOT NULL DEFAULT '',
    UNIQUE (plan, id)
) STRICT;

CREATE TABLE snapshots (
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, team TEXT NOT NULL,
    name TEXT NOT NULL, version INTEGER NOT NULL, fingerprint TEXT NOT NULL, columns TEXT NOT NULL, left TEXT, serving TEXT,
    stream TEXT, metadata TEXT NOT NULL, definition TEXT NOT NULL, origin TEXT NOT NULL
) STRICT;
CREATE TABLE environments (name TEXT PRIMARY KEY, serial INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE pointers (
    environment TEXT NOT NULL REFERENCES environments (name), snapshot INTEGER NOT NULL REFERENCES snapshots (number),
    PRIMARY KEY (environment, snapshot)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, columns TEXT NOT NULL, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE fragments (
    left TEXT NOT NULL, column TEXT NOT NULL, day INTEGER NOT NULL, file INTEGER NOT NULL REFERENCES files (number),
    PRIMARY KEY (left, column, day, file)
) STRICT, WITHOUT ROWID;
CREATE TABLE computed (
    left TEXT NOT NULL, column TEXT NOT NULL, days TEXT NOT NULL, PRIMARY KEY (left, column)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    number INTEGER PRIMARY KEY, dataset TEXT NOT NULL, day INTEGER NOT NULL, generation TEXT NOT NULL,
    keys INTEGER NOT NULL, bytes INTEGER NOT NULL, UNIQUE (dataset, generation)
) STRICT;
CREATE TABLE streams (dataset TEXT PRIMARY KEY, topic TEXT NOT NULL, since INTEGER NOT NULL, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""


def _v001(connection: sqlite3.Connection) -> None:
    for statement in _statements(_V001):
        connection.execute(statement)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_v001,)
"""In order; version n is what the first n of them make."""


def version(connection: sqlite3.Connection) -> int | None:
    """The version of a file, 0 of an empty one; None when it is somebody else's database."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    ours = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if ours == APPLICATION_ID:
        return found
    is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    return 0 if found == 0 and ours == 0 and is_empty else None


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to the newest version. Inside a transaction of the caller, which is all of it or none."""
    for migration in MIGRATIONS[version(connection) or 0 :]:
        migration(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _statements(script: str) -> list[str]:
    """The statements of a script. `executescript` would commit the transaction that it runs in."""
    statements, pending = [], ""
    for part in script.split(";"):
        pending += part + ";"
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return [statement for statement in statements if statement.strip(" \n;")]
