"""One SQLite file: opened when it is needed, in WAL mode, its errors told in our words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chronon.model.errors import ChrononError
from chronon.stores.state.migrations import MIGRATIONS, migrate, version

BUSY_S = 30.0

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FORBIDDEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}


class Database:
    """A file and at most one connection to it, used by one thread at a time.

    Before the first write there may be no file: reading then shows an empty database and creates nothing.
    """

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self.path = path
        self._busy_s = busy_s
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one moment."""
        with self._lock, self._told():
            if self._connection is None and not self.path.exists():
                with _empty() as nothing:
                    yield nothing
                return
            with _transaction(self._connected(), "BEGIN") as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is durable when the block ends, and never was when it raises."""
        with self._lock, self._told(), _transaction(self._connected(), "BEGIN IMMEDIATE") as connection:
            yield connection

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
        found = self._checked_version(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        if found < len(MIGRATIONS):
            connection.execute("PRAGMA journal_mode = WAL")
            with _transaction(connection, "BEGIN IMMEDIATE"):
                if self._checked_version(connection) < len(MIGRATIONS):  # another process may have been faster
                    migrate(connection)

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
def _empty() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection)
        yield connection
    finally:
        connection.close()


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
