"""The embedded state store: one SQLite file beside the data, for one host and any number of its processes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import Digest, Fragment, Job, Output, Upload
from chronon.model.plan import PlanId, StepId
from chronon.model.state import Snapshot, State
from chronon.model.time import Day, Millis, instant_text
from chronon.stores.state import records
from chronon.stores.state.contract import Lease, LogEntry, PlanRecord, PlanStatus, StepRecord, StepStatus
from chronon.stores.state.database import Database


def open_store(path: Path) -> SqliteState:
    """The store in a file. Errors: see `open_state`."""
    database = Database(path)
    database.open()
    return SqliteState(database)


class SqliteState:
    """See StateStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> State:
        """See StateStore."""
        with self._database.reading() as db:
            return records.read_state(db)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return records.read_snapshots(db)

    def fragments(self, left: Digest, columns: Collection[Digest], days: DaySet) -> tuple[Fragment, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return records.read_fragments(db, left, columns, days)

    def uploads(self, dataset: Digest) -> tuple[Upload, ...]:
        """See StateStore."""
        query = "SELECT day, generation, keys, bytes FROM uploads WHERE dataset = ? ORDER BY day DESC, number DESC"
        with self._database.reading() as db:
            return tuple(
                Upload(dataset=dataset, day=Day(day), generation=generation, keys=keys, bytes=size)
                for day, generation, keys, size in db.execute(query, (dataset,))
            )

    def history(self, limit: int = 20) -> tuple[PlanRecord, ...]:
        """See StateStore."""
        query = (
            "SELECT id, status, started, finished, total,"
            " (SELECT count(*) FROM steps WHERE plan = plans.id AND status = 'done')"
            " FROM plans ORDER BY number DESC LIMIT ?"
        )
        with self._database.reading() as db:
            return tuple(
                PlanRecord(
                    id=plan, status=PlanStatus(status), started=started, finished=finished, done=done, total=total
                )
                for plan, status, started, finished, total, done in db.execute(query, (limit,))
            )

    def steps(self, plan_id: PlanId) -> tuple[StepRecord, ...]:
        """See StateStore."""
        query = "SELECT id, status, attempts, started, finished, error FROM steps WHERE plan = ? ORDER BY number"
        with self._database.reading() as db:
            return tuple(
                StepRecord(
                    id=step,
                    status=StepStatus(status),
                    attempts=attempts,
                    started=started,
                    finished=finished,
                    error=error,
                )
                for step, status, attempts, started, finished, error in db.execute(query, (plan_id,))
            )

    def log(self, limit: int = 50) -> tuple[LogEntry, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            lines = db.execute("SELECT at, who, what FROM log ORDER BY id DESC LIMIT ?", (limit,))
            return tuple(LogEntry(at=at, who=who, what=what) for at, who, what in lines)

    def holder(self) -> Lease | None:
        """See StateStore."""
        with self._database.reading() as db:
            return _lease(db)

    def acquire(self, holder: str, *, lease_s: float, now: float) -> Lease:
        """See StateStore."""
        with self._database.writing() as db:
            held = _lease(db)
            if held and held.until > now:
                raise _held(held)
            if held:
                _log(db, now, holder, f"took over the lock of {held.holder}, which ended at {_clock(held.until)}")
            db.execute("UPDATE clock SET token = token + 1")
            (token,) = db.execute("SELECT token FROM clock").fetchone()
            lease = Lease(token=token, holder=holder, since=now, until=now + lease_s)
            row = (lease.token, lease.holder, lease.since, lease.until)
            db.execute("INSERT OR REPLACE INTO lease VALUES (1, ?, ?, ?, ?)", row)
            return lease

    def renew(self, lease: Lease, *, lease_s: float, now: float) -> Lease:
        """See StateStore."""
        with self._database.writing() as db:
            _check(db, lease)
            db.execute("UPDATE lease SET until = ?", (now + lease_s,))
            return Lease(token=lease.token, holder=lease.holder, since=lease.since, until=now + lease_s)

    def release(self, lease: Lease) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            db.execute("DELETE FROM lease WHERE token = ?", (lease.token,))

    def unlock(self, who: str, now: float) -> Lease | None:
        """See StateStore."""
        with self._database.writing() as db:
            held = _lease(db)
            if held:
                db.execute("DELETE FROM lease")
                _log(db, now, who, f"took the lock from {held.holder}")
            return held

    def begin(self, lease: Lease, plan_id: PlanId, plan_json: str, base_serial: int, now: float) -> frozenset[StepId]:
        """See StateStore."""
        with self._database.writing() as db:
            _check(db, lease)
            row = db.execute("SELECT status, finished, json FROM plans WHERE id = ?", (plan_id,)).fetchone()
            status = PlanStatus(row[0]) if row else None
            if status is PlanStatus.APPLIED:
                message = f"plan {plan_id} was applied already, at {_clock(row[1])}"
                raise ChrononError("CHR-K012", message, "make a new plan: run `chronon plan`")
            if status is PlanStatus.APPLYING and row[2] != plan_json:
                message = f"plan {plan_id} is not the one that was begun under this id: its file was changed"
                raise ChrononError(
                    "CHR-K020", message, "apply the file as it was, or make a new plan: run `chronon plan`"
                )
            if status is not PlanStatus.APPLYING:
                _start(db, plan_id, plan_json, base_serial, now)
            _log(
                db, now, lease.holder, f"{'went on with' if status is PlanStatus.APPLYING else 'began'} plan {plan_id}"
            )
            done = db.execute("SELECT id FROM steps WHERE plan = ? AND status = 'done'", (plan_id,))
            return frozenset(StepId(step) for (step,) in done)

    def step_started(self, lease: Lease, plan_id: PlanId, step_id: StepId, now: float) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            _check(db, lease)
            _check_applying(db, plan_id)
            db.execute(
                "INSERT INTO steps (plan, id, status, attempts, started) VALUES (?, ?, 'running', 1, ?)"
                " ON CONFLICT (plan, id) DO UPDATE SET status = 'running', attempts = attempts + 1,"
                " started = excluded.started, finished = NULL WHERE status <> 'done'",
                (plan_id, step_id, now),
            )

    def step_done(  # noqa: PLR0917 - every writing method starts with lease and plan and ends with the time
        self, lease: Lease, plan_id: PlanId, step_id: StepId, job: Job, output: Output, now: float
    ) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            _check(db, lease)
            _check_applying(db, plan_id)
            if _end_step(db, plan_id, step_id, StepStatus.DONE, now=now):
                records.publish(db, job, output)
                db.execute("UPDATE clock SET serial = serial + 1")

    def step_failed(self, lease: Lease, plan_id: PlanId, step_id: StepId, error: str, now: float) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            _check(db, lease)
            _check_applying(db, plan_id)
            _end_step(db, plan_id, step_id, StepStatus.FAILED, now=now, error=error)

    def finish(
        self, lease: Lease, plan_id: PlanId, environment: str, snapshots: Sequence[Snapshot], now: float
    ) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            _check(db, lease)
            _check_applying(db, plan_id)
            query = "SELECT total, (SELECT count(*) FROM steps WHERE plan = plans.id AND status = 'done') FROM plans"
            total, done = db.execute(f"{query} WHERE id = ?", (plan_id,)).fetchone()
            if done < total:
                raise InvariantError("finished-plan", f"{done} of {total} steps of {plan_id} are done")
            records.point(db, environment, snapshots)
            db.execute("UPDATE plans SET status = 'applied', finished = ? WHERE id = ?", (now, plan_id))
            db.execute("UPDATE clock SET serial = serial + 1")
            _log(db, now, lease.holder, f"finished plan {plan_id}: {environment} points at {len(snapshots)} snapshots")

    def close(self) -> None:
        """See StateStore."""
        self._database.close()


def _start(db: sqlite3.Connection, plan_id: PlanId, plan_json: str, base_serial: int, now: float) -> None:
    (serial,) = db.execute("SELECT serial FROM clock").fetchone()
    if serial != base_serial:
        message = f"plan {plan_id} was made from state {base_serial}, and the state is at {serial} now"
        raise ChrononError("CHR-K011", message, "make a new plan: run `chronon plan`")
    db.execute("UPDATE plans SET status = 'superseded' WHERE status = 'applying'")
    db.execute(
        "INSERT INTO plans (id, status, json, base_serial, total, started) VALUES (?, 'applying', ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET status = 'applying', started = excluded.started,"
        " number = (SELECT max(number) + 1 FROM plans)",
        (plan_id, plan_json, base_serial, len(json.loads(plan_json)["steps"]), now),
    )


def _end_step(
    db: sqlite3.Connection, plan_id: PlanId, step_id: StepId, status: StepStatus, *, now: float, error: str = ""
) -> bool:
    """Whether the step was running until now. Errors: InvariantError when it was never started."""
    ended = db.execute(
        "UPDATE steps SET status = ?, finished = ?, error = ? WHERE plan = ? AND id = ? AND status = 'running'",
        (status, now, error, plan_id, step_id),
    ).rowcount
    if ended:
        return True
    row = db.execute("SELECT status FROM steps WHERE plan = ? AND id = ?", (plan_id, step_id)).fetchone()
    if row is None or row[0] != StepStatus.DONE:
        raise InvariantError("started-step", f"step {step_id} of {plan_id} ended without being started")
    return False


def _check(db: sqlite3.Connection, lease: Lease) -> None:
    newest = _lease(db)
    if newest is None or newest.token != lease.token:
        owner = f"{newest.holder} holds it since {_clock(newest.since)}" if newest else "nobody holds it now"
        message = f"{lease.holder} lost the lock that it took at {_clock(lease.since)}: {owner}"
        raise ChrononError("CHR-K013", message, "nothing was recorded; run `chronon apply` again")


def _check_applying(db: sqlite3.Connection, plan_id: PlanId) -> None:
    row = db.execute("SELECT status FROM plans WHERE id = ?", (plan_id,)).fetchone()
    if row is None or row[0] != PlanStatus.APPLYING:
        raise InvariantError("begun-plan", f"plan {plan_id} is {row[0] if row else 'unknown'}, not being applied")


def _lease(db: sqlite3.Connection) -> Lease | None:
    row = db.execute("SELECT token, holder, since, until FROM lease").fetchone()
    return Lease(token=row[0], holder=row[1], since=row[2], until=row[3]) if row else None


def _held(lease: Lease) -> ChrononError:
    message = f"the lock is held by {lease.holder} since {_clock(lease.since)}, until {_clock(lease.until)} at least"
    return ChrononError("CHR-K010", message, "wait for it, or run `chronon unlock` when that process is gone")


def _log(db: sqlite3.Connection, at: float, who: str, what: str) -> None:
    db.execute("INSERT INTO log (at, who, what) VALUES (?, ?, ?)", (at, who, what))


def _clock(seconds: float) -> str:
    return instant_text(Millis(int(seconds) * 1000))
