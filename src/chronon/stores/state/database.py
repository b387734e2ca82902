"""One SQLite file: opened when it is needed, in WAL mode, its errors told in our words."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chronon.model.errors import ChrononError
from chronon.stores.state.dump import TABLES
from chronon.stores.state.migrations import MIGRATIONS, Dialect, apply_migration, migrate_once
from chronon.stores.state.sql import Sql

BUSY_S = 30.0

APPLICATION_ID = 0x43484E31
"""`CHN1` in `PRAGMA application_id` marks the file as ours; its version stands in `PRAGMA user_version`."""

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FORBIDDEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}


class SqliteFile:
    """A file and at most one connection to it, used by one thread at a time.

    Before the first write there may be no file: reading then shows an empty database and creates nothing.
    """

    def __init__(self, path: Path, busy_s: float = BUSY_S, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._busy_s = busy_s
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one moment."""
        with self._lock, self._told():
            if self._connection is None and not self.path.exists():
                with empty_state() as nothing:
                    yield nothing
                return
            with _transaction(self._connected(), "BEGIN") as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is durable when the block ends, and never was when it raises."""
        with self._lock, self._told(), _transaction(self._connected(), "BEGIN IMMEDIATE") as connection:
            yield connection

    def rebuild(self, db: Sql) -> None:
        """Drop every table and make those of the newest version, inside the writing transaction of the caller."""
        for table in (*(table.name for table in reversed(TABLES)), "lease", "clock"):
            db.execute(f"DROP TABLE {table}")
        _make_tables(db)

    def open(self) -> None:
        """Look whether the file, if there is one, can be used."""
        with self._lock, self._told():
            if self.path.exists():
                self._connected()

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection:
                connection.close()

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=self._busy_s, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        found = self._checked_version(connection)
        if found < len(MIGRATIONS):
            connection.execute("PRAGMA journal_mode = WAL")
        while found < len(MIGRATIONS):
            with _transaction(connection, "BEGIN IMMEDIATE"):
                found = self._checked_version(connection)  # another process may have been faster
                if found < len(MIGRATIONS):
                    migrate_once(connection, DIALECT, found, self._clock())
                    found += 1
                    _note(connection, found)

    def _checked_version(self, connection: sqlite3.Connection) -> int:
        found, known = version(connection), len(MIGRATIONS)
        if found is None:
            raise _damaged(self.path, "it is a database of something else")
        if found > known:
            message = f"the state in {self.path} has version {found}; this chronon knows versions up to {known}"
            raise ChrononError("CHR-K015", message, "use the chronon that wrote it, or a newer one")
        return found

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as cause:
            raise _explained(cause, self.path) from cause
        except OSError as cause:
            raise _forbidden(self.path, str(cause.strerror)) from cause


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
    connection.execute(begin)
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def empty_state() -> Iterator[sqlite3.Connection]:
    """What a state shows that was never written."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _make_tables(connection)
        yield connection
    finally:
        connection.close()


def version(connection: sqlite3.Connection) -> int | None:
    """The version of a file, 0 of an empty one; None when it is somebody else's database."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    ours = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if ours == APPLICATION_ID:
        return found
    is_unused = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    return 0 if found == 0 and ours == 0 and is_unused else None


def _note(connection: sqlite3.Connection, number: int) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {number}")


def _make_tables(db: Sql) -> None:
    for migration in MIGRATIONS:
        apply_migration(db, DIALECT, migration)


def _run(db: Sql, script: str) -> None:
    """Execute a script. `executescript` would commit the transaction that it runs in."""
    pending = ""
    for part in script.split(";"):
        pending += part + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip(" \n;"):
                db.execute(pending)
            pending = ""


DIALECT = Dialect(
    name="sqlite",
    words={"int": "INTEGER", "real": "REAL", "bytes": "BLOB", "strict": " STRICT", "keyed": " STRICT, WITHOUT ROWID"},
    run=_run,
)


def _explained(cause: sqlite3.Error, path: Path) -> ChrononError:
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the low byte is the class of the error
    if code in _DAMAGED:
        return _damaged(path, str(cause))
    if code in _BUSY:
        message = f"the state in {path} stayed locked by another process"
        return ChrononError("CHR-K017", message, "wait until the other process is done, then try again")
    if code in _FORBIDDEN:
        return _forbidden(path, str(cause))
    message = f"the state in {path} could not be read or written: {cause}; nothing of the change was recorded"
    return ChrononError("CHR-K018", message, "check the disk: is it full?")


def _forbidden(path: Path, why: str) -> ChrononError:
    return ChrononError("CHR-K019", f"cannot open the state in {path}: {why}", "check owner and permissions")


def _damaged(path: Path, why: str) -> ChrononError:
    return ChrononError(
        "CHR-K016",
        f"{path} is no state that can be read: {why}",
        "restore the file, with its -wal neighbour, from a backup; without one, move it away and apply again",
    )
