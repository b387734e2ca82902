"""The tables of the state, one migration per version: the first makes them, each later one changes them.

A migration is a transaction of its own, in which nobody holds the lease: an apply that runs is never migrated under.
Released migrations are never edited. The words in braces are what databases call differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chronon.model.errors import ChrononError
from chronon.stores.state import audit
from chronon.stores.state.contract import LogKind
from chronon.stores.state.leases import clock_text, lease_of
from chronon.stores.state.remembering import remember_moves
from chronon.stores.state.sql import Sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """Statements for every database, then those for one of them, then what SQL cannot say."""

    name: str
    common: str
    only: Mapping[str, str] = field(default_factory=dict)
    then: Callable[[Sql], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a database says it. words: for the words in braces. run: executes a script inside a transaction."""

    name: str
    words: Mapping[str, str]
    run: Callable[[Sql, str], None]


_TABLES = """
CREATE TABLE clock (id {int} PRIMARY KEY CHECK (id = 1), serial {int} NOT NULL, token {int} NOT NULL){strict};
INSERT INTO clock VALUES (1, 0, 0);

CREATE TABLE lease (
    id {int} PRIMARY KEY CHECK (id = 1), token {int} NOT NULL, holder TEXT NOT NULL,
    since {real} NOT NULL, until {real} NOT NULL
){strict};

CREATE TABLE log (id {int} PRIMARY KEY, at {real} NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL){strict};

CREATE TABLE plans (
    number {int} PRIMARY KEY, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, json TEXT NOT NULL,
    base_serial {int} NOT NULL, total {int} NOT NULL, started {real} NOT NULL, finished {real}
){strict};
CREATE TABLE steps (
    number {int} PRIMARY KEY, plan TEXT NOT NULL REFERENCES plans (id), id TEXT NOT NULL, status TEXT NOT NULL,
    attempts {int} NOT NULL, started {real} NOT NULL, finished {real}, error TEXT NOT NULL DEFAULT '',
    UNIQUE (plan, id)
){strict};

CREATE TABLE snapshots (
    number {int} PRIMARY KEY, hash {bytes} NOT NULL UNIQUE, kind TEXT NOT NULL, team TEXT NOT NULL,
    name TEXT NOT NULL, version {int} NOT NULL, fingerprint TEXT NOT NULL, columns TEXT NOT NULL, "left" TEXT,
    serving TEXT, stream TEXT, metadata TEXT NOT NULL, definition TEXT NOT NULL, origin TEXT NOT NULL
){strict};
CREATE TABLE environments (name TEXT PRIMARY KEY, serial {int} NOT NULL){keyed};
CREATE TABLE pointers (
    environment TEXT NOT NULL REFERENCES environments (name),
    snapshot {int} NOT NULL REFERENCES snapshots (number),
    PRIMARY KEY (environment, snapshot)
){keyed};

CREATE TABLE files (
    number {int} PRIMARY KEY, path TEXT NOT NULL UNIQUE, columns TEXT NOT NULL, rows {int} NOT NULL,
    bytes {int} NOT NULL
){strict};
CREATE TABLE fragments (
    "left" TEXT NOT NULL, "column" TEXT NOT NULL, day {int} NOT NULL,
    file {int} NOT NULL REFERENCES files (number),
    PRIMARY KEY ("left", "column", day, file)
){keyed};
CREATE TABLE computed (
    "left" TEXT NOT NULL, "column" TEXT NOT NULL, days TEXT NOT NULL, PRIMARY KEY ("left", "column")
){keyed};

CREATE TABLE uploads (
    number {int} PRIMARY KEY, dataset TEXT NOT NULL, day {int} NOT NULL, generation TEXT NOT NULL,
    keys {int} NOT NULL, bytes {int} NOT NULL, UNIQUE (dataset, generation)
){strict};
CREATE TABLE streams (
    dataset TEXT PRIMARY KEY, topic TEXT NOT NULL, since {int} NOT NULL, position {int} NOT NULL
){keyed};
"""

_AUDIT = """
CREATE TABLE approvals (
    number {int} PRIMARY KEY, plan TEXT NOT NULL, gate TEXT NOT NULL, who TEXT NOT NULL, at {real} NOT NULL,
    reason TEXT NOT NULL, UNIQUE (plan, gate)
){strict};

CREATE TABLE audit (
    number {int} PRIMARY KEY, at {real} NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, plan TEXT NOT NULL,
    step TEXT NOT NULL, job TEXT NOT NULL, approvals TEXT NOT NULL, what TEXT NOT NULL, hash TEXT NOT NULL
){strict};
CREATE TABLE chain (id {int} PRIMARY KEY CHECK (id = 1), lines {int} NOT NULL, hash TEXT NOT NULL){strict};
"""

_APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_keeps_its_lines BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER audit_loses_no_line BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
"""

_APPEND_ONLY_POSTGRES = """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''the log is append-only''; END';
CREATE TRIGGER audit_keeps_its_lines BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER audit_keeps_its_table BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION append_only();
"""

_CORRECTIONS = """
CREATE TABLE marks (
    "table" TEXT NOT NULL, "column" TEXT NOT NULL, day {int} NOT NULL, files TEXT NOT NULL, footers TEXT NOT NULL,
    rows {int} NOT NULL, bytes {int} NOT NULL, within TEXT NOT NULL, PRIMARY KEY ("table", "column", day)
){keyed};
CREATE TABLE stale (
    "left" TEXT NOT NULL, "column" TEXT NOT NULL, days TEXT NOT NULL, PRIMARY KEY ("left", "column")
){keyed};
CREATE TABLE stale_uploads (dataset TEXT PRIMARY KEY){keyed};
CREATE TABLE within ("left" TEXT PRIMARY KEY, days TEXT NOT NULL){keyed};

CREATE TABLE runs (
    number {int} PRIMARY KEY, plan TEXT NOT NULL, step TEXT NOT NULL, work TEXT NOT NULL, seconds {real} NOT NULL,
    rows_read {int} NOT NULL, bytes_read {int} NOT NULL, rows_written {int} NOT NULL, bytes_written {int} NOT NULL,
    UNIQUE (plan, step)
){strict};
"""

_MOVES = """
ALTER TABLE plans ADD COLUMN as_of {int};
ALTER TABLE plans ADD COLUMN revision TEXT NOT NULL DEFAULT '';

CREATE TABLE moves (
    environment TEXT NOT NULL, serial {int} NOT NULL, state {int} NOT NULL, plan TEXT NOT NULL, what TEXT NOT NULL,
    at {real} NOT NULL, who TEXT NOT NULL, cleaned {real}, PRIMARY KEY (environment, serial)
){keyed};
CREATE TABLE pointed (
    environment TEXT NOT NULL, snapshot {int} NOT NULL REFERENCES snapshots (number), since {int} NOT NULL, until {int},
    PRIMARY KEY (environment, snapshot, since)
){keyed};
CREATE INDEX pointed_now ON pointed (environment, snapshot) WHERE until IS NULL;

CREATE TABLE trash (
    dataset TEXT NOT NULL, generation TEXT NOT NULL, PRIMARY KEY (dataset, generation)
){keyed};
"""


def _chained(db: Sql) -> None:
    """The lines of the log as links of the chain."""
    db.execute("INSERT INTO chain VALUES (1, 0, ?)", (audit.START,))
    for at, who, what in db.execute("SELECT at, who, what FROM log ORDER BY id").fetchall():
        audit.append(db, at, who, LogKind.TOLD, what)
    db.execute("DROP TABLE log")


MIGRATIONS: tuple[Migration, ...] = (
    Migration(name="tables", common=_TABLES),
    Migration(
        name="audit log and approvals",
        common=_AUDIT,
        only={"sqlite": _APPEND_ONLY_SQLITE, "postgres": _APPEND_ONLY_POSTGRES},
        then=_chained,
    ),
    Migration(name="corrections and sizes", common=_CORRECTIONS),
    Migration(name="moves of environments", common=_MOVES, then=remember_moves),
)
"""In order; version n is what the first n of them make."""


def migrate_once(db: Sql, dialect: Dialect, version: int, now: float) -> None:
    """Bring tables of a version to the next one. Inside a writing transaction of the caller, which notes the version.

    Writers that hold an older lease are refused from then on. Errors: CHR-K010 when a lease is out.
    """
    if version:
        _fence_off(db, version, now)
    apply_migration(db, dialect, MIGRATIONS[version])


def _fence_off(db: Sql, version: int, now: float) -> None:
    """Take the lease and give it back: whoever held it before can write no more."""
    held = lease_of(db)
    if held and held.until > now:
        message = f"the state has version {version}, and is brought to {len(MIGRATIONS)} when nobody applies:"
        message += (
            f" {held.holder} holds the lock since {clock_text(held.since)}, until {clock_text(held.until)} at least"
        )
        raise ChrononError("CHR-K010", message, "wait until then; a lock that is not renewed ends by itself")
    if db.execute("SELECT token FROM clock").fetchone()[0]:
        db.execute("UPDATE clock SET token = token + 1")
        db.execute("DELETE FROM lease")


def apply_migration(db: Sql, dialect: Dialect, migration: Migration) -> None:
    """Execute the statements of a migration."""
    script = migration.common + migration.only.get(dialect.name, "")
    for word, said in dialect.words.items():
        script = script.replace(f"{{{word}}}", said)
    dialect.run(db, script)
    if migration.then:
        migration.then(db)
