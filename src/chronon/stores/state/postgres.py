"""The state in a schema of a PostgreSQL database: for several hosts that apply to one target.

An address is `postgres://user@host:port/database?schema=chronon&password=env:NAME`. Every transaction sets what it needs
for itself, so that a pooler may stand between. Writers of a schema wait for each other on one advisory lock.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from chronon.model.errors import ChrononError
from chronon.stores.state.database import empty_state
from chronon.stores.state.migrations import MIGRATIONS, Dialect, apply_migration, migrate_once
from chronon.stores.state.postgres_address import Address, parse_address
from chronon.stores.state.sql import Rows, Sql, Value
from chronon.stores.state.store import SqlState

if TYPE_CHECKING:
    import psycopg

BUSY_S = 30.0
_PAUSED_S = 60
"""A transaction whose process stands still is ended, so that others can write."""


def open_store(rest: str) -> SqlState:
    """The store at an address, of which this is what follows `postgres:`. Connects with the first transaction.

    Errors: CHR-K125 psycopg is not installed; CHR-K126 an address that means nothing, or holds a password.
    """
    address = parse_address(rest)
    try:
        import psycopg  # noqa: F401 - is it there?
    except ImportError as cause:
        hint = "pip install 'chronon-platform[postgres]'"
        raise ChrononError("CHR-K125", "psycopg is not installed; it keeps the state in PostgreSQL", hint) from cause
    return SqlState(PostgresSchema(address))


class PostgresSchema:
    """One schema and at most one connection to its database, used by one thread at a time."""

    def __init__(self, address: Address, busy_s: float = BUSY_S, clock: Callable[[], float] = time.time) -> None:
        self._address = address
        self._busy_s = busy_s
        self._clock = clock
        self._lock = threading.RLock()
        self._connection: psycopg.Connection[Any] | None = None
        self._is_ready = False

    @contextmanager
    def reading(self) -> Iterator[Sql]:
        """A transaction that sees one moment."""
        with self._lock, self._told():
            connection = self._connected()
            while not self._is_ready:
                with self._transaction(connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY") as db:
                    found = self._version(db)
                if found == 0:
                    with empty_state() as nothing:
                        yield nothing
                    return
                self._prepare(connection)
            with self._transaction(connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY") as db:
                yield db

    @contextmanager
    def writing(self) -> Iterator[Sql]:
        """A transaction that is durable when the block ends, and never was when it raises; one at a time."""
        with self._lock, self._told():
            connection = self._connected()
            if not self._is_ready:
                self._prepare(connection)
            with self._exclusive(connection) as db:
                yield db

    def rebuild(self, db: Sql) -> None:
        """Drop every table and make those of the newest version, inside the writing transaction of the caller."""
        db.execute(f"DROP SCHEMA {self._address.schema} CASCADE")
        db.execute(f"CREATE SCHEMA {self._address.schema}")
        for number, migration in enumerate(MIGRATIONS, start=1):
            apply_migration(db, DIALECT, migration)
            _note(db, number)

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            connection, self._connection, self._is_ready = self._connection, None, False
            if connection is not None:
                connection.close()

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._is_ready = False
            import psycopg

            self._connection = psycopg.connect(self._address.conninfo(), autocommit=True)
        return self._connection

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Bring the tables to the newest version, each migration a transaction of its own."""
        found = 0
        while found < len(MIGRATIONS):
            with self._exclusive(connection) as db:
                if not self._exists(db):
                    db.execute(f"CREATE SCHEMA {self._address.schema}")
                found = self._version(db)  # another process may have been faster
                if found < len(MIGRATIONS):
                    migrate_once(db, DIALECT, found, self._clock())
                    found += 1
                    _note(db, found)
        self._is_ready = True

    def _exists(self, db: Sql) -> bool:
        query = "SELECT count(*) FROM information_schema.schemata WHERE schema_name = ?"
        return bool(db.execute(query, (self._address.schema,)).fetchone()[0])

    def _version(self, db: Sql) -> int:
        """The version of the schema, 0 of one that is empty or not there. Errors: CHR-K015, CHR-K016."""
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = ?"
        tables = {name for (name,) in db.execute(query, (self._address.schema,))}
        if not tables:
            return 0
        if "schema_version" not in tables:
            message = f"{self._address.shown} holds tables of something else"
            raise ChrononError("CHR-K016", message, "name another schema in the address: ?schema=…")
        found = int(db.execute("SELECT max(version) FROM schema_version").fetchone()[0])
        if found > len(MIGRATIONS):
            message = f"the state in {self._address.shown} has version {found}"
            message += f"; this chronon knows versions up to {len(MIGRATIONS)}"
            raise ChrononError("CHR-K015", message, "use the chronon that wrote it, or a newer one")
        return found

    @contextmanager
    def _exclusive(self, connection: psycopg.Connection[Any]) -> Iterator[Sql]:
        wait = f"SELECT pg_advisory_xact_lock(hashtextextended('chronon.{self._address.schema}', 0))"
        with self._transaction(connection, "ISOLATION LEVEL READ COMMITTED READ WRITE", wait) as db:
            yield db

    @contextmanager
    def _transaction(self, connection: psycopg.Connection[Any], mode: str, wait: str = "") -> Iterator[Sql]:
        """Everything that a transaction needs goes to the server in one message."""
        settings = {
            "search_path": self._address.schema,
            "synchronous_commit": "on",
            "lock_timeout": f"'{self._busy_s}s'",
            "idle_in_transaction_session_timeout": f"'{_PAUSED_S}s'",
        }
        begin = [f"BEGIN {mode}", *(f"SET LOCAL {name} TO {value}" for name, value in settings.items()), wait]
        try:
            connection.execute("; ".join(begin).encode())
            yield _Connection(connection)
            connection.execute(b"COMMIT")
        except BaseException:
            _give_up(connection)
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the server in our words. A connection that broke is made anew by the next transaction."""
        import psycopg

        try:
            yield
        except psycopg.Error as cause:
            raise _explained(cause, self._address.shown) from None  # the cause can quote the parameters of a connection


class _Connection:
    """A connection that takes SQL in the words of `Sql`."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Value] = (), /) -> Rows:
        return self._connection.execute(_translated(sql), parameters or None)

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]], /) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_translated(sql), rows)


@functools.lru_cache(maxsize=256)
def _translated(sql: str) -> bytes:
    return sql.replace("?", "%s").replace("group_concat(", "string_agg(").encode()


def _run(db: Sql, script: str) -> None:
    db.execute(script)


DIALECT = Dialect(
    name="postgres",
    words={"int": "BIGINT", "real": "DOUBLE PRECISION", "bytes": "BYTEA", "strict": "", "keyed": ""},
    run=_run,
)


def _note(db: Sql, number: int) -> None:
    db.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)")
    db.execute("INSERT INTO schema_version VALUES (?)", (number,))


def _give_up(connection: psycopg.Connection[Any]) -> None:
    import psycopg

    with suppress(psycopg.Error):  # a connection that broke has given up by itself
        connection.execute(b"ROLLBACK")
    if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
        connection.close()  # nothing may follow inside a transaction that could not be ended


def _explained(cause: psycopg.Error, shown: str) -> ChrononError:
    from psycopg import errors

    said = " ".join(str(cause).split())
    match cause:
        case errors.LockNotAvailable() | errors.DeadlockDetected() | errors.SerializationFailure():
            message = f"the state in {shown} stayed locked by another process"
            return ChrononError("CHR-K017", message, "wait until the other process is done, then try again")
        case errors.InsufficientPrivilege():
            hint = f"let the user create and use the schema: {shown}"
            return ChrononError("CHR-K019", f"cannot open the state in {shown}: {said}", hint)
        case errors.OperationalError() | errors.InterfaceError():
            message = f"PostgreSQL does not answer for {shown}: {said}"
            hint = "check server, user and password; whether the last change was recorded is told by `chronon status`"
            return ChrononError("CHR-K124", message, hint)
    message = f"the state in {shown} could not be read or written: {said}; nothing of the change was recorded"
    return ChrononError("CHR-K018", message, "look at the server's log")
