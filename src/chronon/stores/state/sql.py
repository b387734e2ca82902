"""What the state store asks of a database: transactions, and SQL in the words that all of them share.

Parameters are `?`. `left` and `column` are words of SQL and stand in quotes. Numbers of rows are given by the
statements themselves, so that a state has the same rows wherever it lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, Protocol

Value = str | int | float | bytes | None

_AT_ONCE = 500
"""How many parameters a statement takes: every database takes more."""


class Rows(Protocol):
    """What a statement found. rowcount: how many rows it changed."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Sql(Protocol):
    """A connection inside a transaction."""

    def execute(self, sql: str, parameters: Sequence[Value] = ..., /) -> Rows: ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]], /) -> object: ...


class Database(Protocol):
    """One state's place in a database, used by one thread at a time.

    Errors of every method: CHR-K015 … CHR-K019, and CHR-K124 of a server; CHR-K010 when the tables have to be migrated
    and somebody is at work.
    """

    def reading(self) -> AbstractContextManager[Sql]:
        """A transaction that sees one moment. Before the first write it shows an empty state and makes nothing."""

    def writing(self) -> AbstractContextManager[Sql]:
        """A transaction that is durable when the block ends, and never was when it raises; one at a time."""

    def rebuild(self, db: Sql) -> None:
        """Drop every table and make those of the newest version, inside the writing transaction of the caller."""

    def close(self) -> None:
        """End the connection."""


def among(db: Sql, query: str, values: Sequence[Value], after: str = "", given: Sequence[Value] = ()) -> Iterator[Any]:
    """The rows of a query that ends with a column, where that is one of some values. given: the query's own parameters."""
    left = iter(values)
    while some := list(islice(left, _AT_ONCE)):
        yield from db.execute(f"{query} IN ({', '.join('?' * len(some))}) {after}", [*given, *some])
