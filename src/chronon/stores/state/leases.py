"""The lease as rows: given, checked, taken away. Every function runs inside a writing transaction of its caller."""

from __future__ import annotations

from chronon.model.errors import ChrononError
from chronon.model.time import Millis, instant_text
from chronon.stores.state.contract import Lease
from chronon.stores.state.sql import Sql


def lease_of(db: Sql) -> Lease | None:
    """The lease that is out, expired or not."""
    row = db.execute("SELECT token, holder, since, until FROM lease").fetchone()
    return Lease(token=row[0], holder=row[1], since=row[2], until=row[3]) if row else None


def give_lease(db: Sql, holder: str, until: float, now: float) -> tuple[Lease, Lease | None]:
    """A lease with the next token, and the expired one that it replaces. Errors: CHR-K010 when one is out."""
    held = lease_of(db)
    if held and held.until > now:
        raise held_by(held)
    db.execute("UPDATE clock SET token = token + 1")
    (token,) = db.execute("SELECT token FROM clock").fetchone()
    lease = Lease(token=token, holder=holder, since=now, until=until)
    db.execute("DELETE FROM lease")
    db.execute(
        "INSERT INTO lease (id, token, holder, since, until) VALUES (1, ?, ?, ?, ?)",
        (lease.token, lease.holder, lease.since, lease.until),
    )
    return lease, held


def check_lease(db: Sql, lease: Lease) -> None:
    """Errors: CHR-K013 when the lease is not the newest any more."""
    newest = lease_of(db)
    if newest is None or newest.token != lease.token:
        owner = f"{newest.holder} holds it since {clock_text(newest.since)}" if newest else "nobody holds it now"
        message = f"{lease.holder} lost the lock that it took at {clock_text(lease.since)}: {owner}"
        raise ChrononError("CHR-K013", message, "nothing was recorded; run `chronon apply` again")


def held_by(lease: Lease) -> ChrononError:
    """CHR-K010: who holds the lock, since when and until when."""
    until = clock_text(lease.until)
    message = f"the lock is held by {lease.holder} since {clock_text(lease.since)}, until {until} at least"
    hint = "wait for it with --lock-timeout, or run `chronon unlock` when that process is gone"
    return ChrononError("CHR-K010", message, hint)


def clock_text(seconds: float) -> str:
    """Seconds since the epoch as an instant in UTC, without fractions."""
    return instant_text(Millis(int(seconds) * 1000))
