"""What environments point at, now and at every serial before, as rows. Every function runs inside a transaction of its caller."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from chronon.model.state import DESTROYED, Move, Snapshot
from chronon.model.time import Day
from chronon.stores.state.records import SNAPSHOT, next_of, snapshot_of, snapshot_row
from chronon.stores.state.sql import Sql

_MOVE = (
    "SELECT m.environment, m.serial, m.state, m.plan, m.what, m.at, m.who, m.cleaned, p.as_of, coalesce(p.revision, ''),"
    " (SELECT n.at FROM moves n WHERE n.environment = m.environment AND n.serial = m.serial + 1),"
    " (SELECT count(*) FROM pointed s WHERE s.environment = m.environment AND s.since <= m.serial"
    " AND (s.until IS NULL OR s.until > m.serial))"
    " FROM moves m LEFT JOIN plans p ON p.id = m.plan"
)


def point(db: Sql, environment: str, snapshots: Sequence[Snapshot]) -> int:
    """Make an environment point at exactly these snapshots; its new serial. Only what differs is written."""
    serial = _next_serial(db, environment)
    query = "SELECT snapshot FROM pointed WHERE environment = ? AND until IS NULL"
    before = {number for (number,) in db.execute(query, (environment,))}
    now = {_recorded(db, snapshot) for snapshot in snapshots}
    _leave(db, environment, sorted(before - now), serial)
    rows = [(environment, number, serial) for number in sorted(now - before)]
    db.executemany("INSERT INTO pointed (environment, snapshot, since, until) VALUES (?, ?, ?, NULL)", rows)
    db.execute(
        "INSERT INTO environments (name, serial) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET serial = excluded.serial",
        (environment, serial),
    )
    return serial


def note_move(db: Sql, environment: str, serial: int, *, plan: str, what: str, at: float, who: str) -> None:
    """Record who made a serial, when and how. The serial of the state is the one that this transaction makes."""
    db.execute(
        "INSERT INTO moves (environment, serial, state, plan, what, at, who)"
        " VALUES (?, ?, (SELECT serial FROM clock), ?, ?, ?, ?)",
        (environment, serial, plan, what, at, who),
    )


def destroy(db: Sql, environment: str, *, at: float, who: str) -> int:
    """Take an environment away; how many snapshots it pointed at. Its earlier moves stay recorded."""
    db.execute("DELETE FROM environments WHERE name = ?", (environment,))
    serial = _next_serial(db, environment)
    query = "SELECT snapshot FROM pointed WHERE environment = ? AND until IS NULL"
    pointed = [number for (number,) in db.execute(query, (environment,))]
    _leave(db, environment, pointed, serial)
    note_move(db, environment, serial, plan="", what=DESTROYED, at=at, who=who)
    return len(pointed)


def read_moves(db: Sql, environment: str | None, limit: int | None) -> Iterator[Move]:
    """The moves of an environment, or of all, the newest first."""
    where, parameters = ("", ()) if environment is None else (" WHERE m.environment = ?", (environment,))
    bounded = "" if limit is None else f" LIMIT {int(limit)}"
    query = f"{_MOVE}{where} ORDER BY m.state DESC, m.environment, m.serial DESC{bounded}"
    for name, serial, state, plan, what, at, who, cleaned, as_of, revision, until, objects in db.execute(
        query, parameters
    ).fetchall():
        yield Move(
            environment=name,
            serial=serial,
            state=state,
            plan=plan,
            what=what,
            at=at,
            who=who,
            until=until,
            as_of=None if as_of is None else Day(as_of),
            revision=revision,
            objects=objects,
            cleaned=cleaned,
        )


def pointed_at(db: Sql, environment: str, serial: int) -> tuple[Snapshot, ...]:
    """What an environment pointed at under a serial, by id."""
    query = (
        f"SELECT {SNAPSHOT} FROM snapshots WHERE number IN (SELECT p.snapshot FROM pointed p JOIN moves m"
        " ON m.environment = p.environment AND p.since <= m.serial AND (p.until IS NULL OR p.until > m.serial)"
        " WHERE m.environment = ? AND m.serial = ?)"
    )
    found = (snapshot_of(*row) for row in db.execute(query, (environment, serial)))
    return tuple(sorted(found, key=lambda snapshot: snapshot.id))


def _next_serial(db: Sql, environment: str) -> int:
    """Serials go on growing, also where an environment was destroyed and is made again."""
    query = "SELECT coalesce(max(serial), 0) + 1 FROM moves WHERE environment = ?"
    return int(db.execute(query, (environment,)).fetchone()[0])


def _leave(db: Sql, environment: str, numbers: Sequence[int], serial: int) -> None:
    query = "UPDATE pointed SET until = ? WHERE environment = ? AND snapshot = ? AND until IS NULL"
    db.executemany(query, [(serial, environment, number) for number in numbers])


def _recorded(db: Sql, snapshot: Snapshot) -> int:
    """The number of a snapshot, which is recorded once."""
    row = snapshot_row(snapshot)
    key = blake2b(json.dumps(row).encode(), digest_size=32).digest()
    db.execute(
        f"INSERT INTO snapshots (number, hash, {SNAPSHOT})"
        f" VALUES ({next_of('snapshots')}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
        (key, *row),
    )
    return int(db.execute("SELECT number FROM snapshots WHERE hash = ?", (key,)).fetchone()[0])
