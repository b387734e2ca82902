"""Parts of a state: what a plan reads that knows of most objects that they stand as they stood. Inside a transaction of its caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from chronon.model.dayset import DaySet
from chronon.model.jobs import Digest
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.state import Environment, Snapshot, State
from chronon.model.time import Day
from chronon.schemas.wire import from_json
from chronon.stores.state.records import SNAPSHOT, snapshot_of
from chronon.stores.state.sql import Sql, among

Stored = Mapping[Digest, Collection[Digest]]
"""Left → columns of which it matters on which days they are computed; the left rows and deployed columns are among them."""


def mark_of(db: Sql) -> str:
    """What tells this moment of a state from every other: its serial, the length and the last hash of its log."""
    (serial,) = db.execute("SELECT serial FROM clock").fetchone()
    lines, last = db.execute("SELECT lines, hash FROM chain").fetchone()
    return f"{serial} {lines} {last}"


def rows_of(db: Sql, environment: str) -> dict[ObjectId, int]:
    """The object of every snapshot that an environment points at → the number of its row."""
    return dict(_pointed(db, environment, "number"))


def fingerprints_of(db: Sql, environment: str) -> dict[ObjectId, Digest]:
    """The object of every snapshot that an environment points at → its fingerprint."""
    return dict(_pointed(db, environment, "fingerprint"))


def _pointed(db: Sql, environment: str, column: str) -> Iterator[tuple[ObjectId, Any]]:
    """The object of every snapshot that an environment points at, with a column of its row."""
    query = (
        f"SELECT kind, team, name, version, {column} FROM snapshots"
        " WHERE number IN (SELECT snapshot FROM pointed WHERE environment = ? AND until IS NULL)"
    )
    for kind, team, name, version, found in db.execute(query, (environment,)):
        yield ObjectId(Kind(kind), ObjectName(team, name), version), found


def read_rows(db: Sql, numbers: Collection[int]) -> tuple[Snapshot, ...]:
    """The snapshots in some rows, in their order."""
    query = f"SELECT {SNAPSHOT} FROM snapshots WHERE number"
    return tuple(snapshot_of(*row) for row in among(db, query, sorted(numbers), "ORDER BY number"))


def read_part(
    db: Sql, environment: str, numbers: Collection[int], stored: Stored, datasets: Collection[Digest]
) -> State:
    """The state as far as some snapshots, their datasets and columns, and some more of these go. numbers: rows of the snapshots."""
    (serial,) = db.execute("SELECT serial FROM clock").fetchone()
    found = db.execute("SELECT serial FROM environments WHERE name = ?", (environment,)).fetchone()
    snapshots = {snapshot.id: snapshot for snapshot in read_rows(db, numbers)}
    pointed = Environment(name=environment, serial=found[0] if found else 0, snapshots=snapshots)
    own = (dataset for one in snapshots.values() for dataset in (one.serving, one.stream) if dataset is not None)
    wanted = sorted({*datasets, *own})
    uploads = among(db, "SELECT dataset, max(day) FROM uploads WHERE dataset", wanted, "GROUP BY dataset")
    streams = list(among(db, "SELECT dataset, since, position FROM streams WHERE dataset", wanted))
    columns = {left: {left, *asked} for left, asked in stored.items()}
    for one in snapshots.values():
        if one.left is not None:
            columns.setdefault(one.left, {one.left}).update(one.columns.values())
    known = sorted(columns)
    query = 'SELECT "left", "column", days FROM computed WHERE "left" = ? AND "column"'
    computed = (row for left in known for row in among(db, query, sorted(columns[left]), given=[left]))
    stale = among(db, 'SELECT "left", "column", days FROM stale WHERE "left"', known)
    within = among(db, 'SELECT "left", \'\', days FROM within WHERE "left"', known)
    uploaded = among(db, "SELECT dataset FROM stale_uploads WHERE dataset", wanted)
    return State(
        serial=serial,
        environments={environment: pointed},
        computed={(left, column): days for left, column, days in _with_days(computed)},
        uploads={Digest(dataset): Day(day) for dataset, day in uploads},
        streams={Digest(dataset): Day(since) for dataset, since, _ in streams},
        positions={Digest(dataset): position for dataset, _, position in streams},
        stale={(left, column): days for left, column, days in _with_days(stale)},
        stale_uploads=frozenset(Digest(dataset) for (dataset,) in uploaded),
        within={left: days for left, _column, days in _with_days(within)},
    )


def _with_days(rows: Iterable[tuple[Digest, Digest, str]]) -> Iterator[tuple[Digest, Digest, DaySet]]:
    """Rows with their days; few texts tell the days of many columns."""
    known: dict[str, DaySet] = {}
    for left, column, text in rows:
        days = known.get(text)
        if days is None:
            days = known[text] = from_json(text, DaySet)
        yield left, column, days
