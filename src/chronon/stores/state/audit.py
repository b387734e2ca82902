"""The audit log: lines that are only ever appended to, each holding the hash of the one before it.

Whoever changes a line, takes one out or puts one in has to write every later hash again; `verify` finds where they did
not. The row of the chain says how long the log is, so that lines missing at its end are found too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from chronon.stores.state.contract import LogBreak, LogEntry, LogKind
from chronon.stores.state.sql import Sql

START = "0" * 64
"""What the first line holds in place of a hash of the one before it."""

_COLUMNS = "number, at, who, kind, plan, step, job, approvals, what, hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that is going to be appended. Its parts are those of `LogEntry`."""

    at: float
    who: str
    kind: LogKind
    what: str
    plan: str = ""
    step: str = ""
    job: str = ""
    approvals: tuple[str, ...] = ()


def append(
    db: Sql, at: float, who: str, kind: LogKind, what: str, *, plan: str = "", approvals: Iterable[str] = ()
) -> None:
    """Add a line. Inside a writing transaction of the caller."""
    append_lines(db, [Line(at=at, who=who, kind=kind, what=what, plan=plan, approvals=tuple(approvals))])


def append_lines(db: Sql, lines: Sequence[Line]) -> None:
    """Add lines, in this order. Inside a writing transaction of the caller."""
    if not lines:
        return
    written, previous = db.execute("SELECT lines, hash FROM chain").fetchone()
    rows = []
    for number, line in enumerate(lines, start=written + 1):
        approved = json.dumps(line.approvals, ensure_ascii=False)
        row = (number, float(line.at), line.who, str(line.kind), line.plan, line.step, line.job, approved, line.what)
        previous = _hash(previous, row)
        rows.append((*row, previous))
    db.executemany(f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    db.execute("UPDATE chain SET lines = ?, hash = ?", (written + len(lines), previous))


def read_log(db: Sql, limit: int) -> tuple[LogEntry, ...]:
    """The last lines, the newest first."""
    found = db.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY number DESC LIMIT ?", (limit,))
    return tuple(
        LogEntry(
            number=number,
            at=at,
            who=who,
            kind=LogKind(kind),
            plan=plan,
            step=step,
            job=job,
            approvals=tuple(json.loads(approvals)),
            what=what,
            hash=digest,
        )
        for number, at, who, kind, plan, step, job, approvals, what, digest in found
    )


def verify(db: Sql) -> LogBreak | None:
    """The first place where the log is not what was written; None when it is whole."""
    expected, previous = 1, START
    for *row, digest in db.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY number"):
        number = row[0]
        if number != expected:
            return LogBreak(line=expected, why="is missing")
        if _hash(previous, row) != digest:
            return LogBreak(line=number, why="is not what was written, or does not follow the line before it")
        expected, previous = expected + 1, digest
    lines, last = db.execute("SELECT lines, hash FROM chain").fetchone()
    if lines >= expected:
        return LogBreak(line=expected, why=f"is missing: {lines} lines were written")
    return None if (lines, last) == (expected - 1, previous) else LogBreak(line=lines + 1, why="was never written")


def _hash(previous: str, row: Iterable[object]) -> str:
    return sha256(json.dumps([previous, *row], separators=(",", ":")).encode()).hexdigest()
