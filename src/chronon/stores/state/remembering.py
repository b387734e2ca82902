"""What older states know of the moves of their environments: it stands in the plans that were applied, word for word.

Part of a migration that is released: it reads the tables as they were then, and is never edited.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chronon.stores.state.sql import Sql


@dataclass(frozen=True, slots=True)
class _Applied:
    """A plan that moved an environment. snapshots: their rows."""

    plan: str
    at: float
    who: str
    state: int
    snapshots: frozenset[int]


def remember_moves(db: Sql) -> None:
    """Every serial of every environment with what it pointed at; only the newest one where plans do not tell all."""
    applied = _applied(db)
    for name, serial in db.execute("SELECT name, serial FROM environments").fetchall():
        now = frozenset(row for (row,) in db.execute("SELECT snapshot FROM pointers WHERE environment = ?", (name,)))
        known = applied.get(name, [])
        if len(known) != serial or known[-1].snapshots != now:
            last = known[-1] if known else _Applied("", 0.0, "", 0, now)
            known = [_Applied(last.plan, last.at, last.who, last.state, now)]
        _record(db, name, serial - len(known) + 1, known)
    db.execute("DROP TABLE pointers")


def _record(db: Sql, name: str, first: int, moves: Sequence[_Applied]) -> None:
    since: dict[int, int] = {}
    for serial, move in enumerate(moves, start=first):
        row = (name, serial, move.state, move.plan, "", move.at, move.who)
        db.execute("INSERT INTO moves VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", row)
        for snapshot in since.keys() - move.snapshots:
            db.execute("INSERT INTO pointed VALUES (?, ?, ?, ?)", (name, snapshot, since.pop(snapshot), serial))
        since |= dict.fromkeys(move.snapshots - since.keys(), serial)
    db.executemany("INSERT INTO pointed VALUES (?, ?, ?, NULL)", [(name, *each) for each in since.items()])


def _applied(db: Sql) -> dict[str, list[_Applied]]:
    """Environment → the plans that were applied to it, in that order; none of one of whose plans too little is known."""
    rows = _snapshot_rows(db)
    found: dict[str, list[_Applied]] = {}
    unknown: set[str] = set()
    query = "SELECT id, json, base_serial, total, status, finished FROM plans ORDER BY finished, number"
    for plan, text, base, total, status, finished in db.execute(query).fetchall():
        said = json.loads(text)
        as_of, revision = said.get("as_of"), said.get("revision", "")
        db.execute("UPDATE plans SET as_of = ?, revision = ? WHERE id = ?", (as_of, revision, plan))
        if status != "applied":
            continue
        name = said.get("environment", "")
        numbers = [rows.get(_identity(each)) for each in said.get("snapshots", [{}])]
        known = frozenset(number for number in numbers if number is not None)
        unknown |= {name} if len(known) != len(numbers) else set()
        found.setdefault(name, []).append(_Applied(plan, finished, _who(db, plan), base + total + 1, known))
    return {name: moves for name, moves in found.items() if name not in unknown}


def _who(db: Sql, plan: str) -> str:
    query = "SELECT who FROM audit WHERE plan = ? AND kind = 'finished' OR what LIKE ? ORDER BY number DESC LIMIT 1"
    row = db.execute(query, (plan, f"finished plan {plan}%")).fetchone()
    return str(row[0]) if row else ""


def _snapshot_rows(db: Sql) -> dict[tuple[Any, ...], int]:
    query = "SELECT number, kind, team, name, version, fingerprint, metadata, definition, origin FROM snapshots"
    return {
        (f"{kind}/{team}.{name}@{version}", *rest): number
        for number, kind, team, name, version, *rest in db.execute(query)
    }


def _identity(snapshot: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(snapshot.get(field) for field in ("id", "fingerprint", "metadata", "definition", "origin"))
