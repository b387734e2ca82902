"""The state store over any database that speaks SQL: every method one transaction, with its lines in the audit log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from chronon.model.corrections import NOTHING, Marks, Noted
from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import Digest, Fragment, Upload
from chronon.model.names import ObjectId
from chronon.model.plan import GateId, PlanId, StepId
from chronon.model.retention import Attempted, Garbage, Recent, StrayFile, Trash
from chronon.model.sizes import Run
from chronon.model.state import Move, Snapshot, State, Touched
from chronon.model.time import Day
from chronon.stores.state import audit, corrections, journal, moves, parts, records, since, sweeping
from chronon.stores.state.contract import (
    NO_PLANS,
    Approval,
    Lease,
    LogBreak,
    LogEntry,
    LogKind,
    PlanRecord,
    PlanStatus,
    StepRecord,
    StepStatus,
    Transition,
)
from chronon.stores.state.dump import Dump, is_empty, read_dump, write_dump
from chronon.stores.state.leases import check_lease, clock_text, give_lease, lease_of
from chronon.stores.state.migrations import MIGRATIONS
from chronon.stores.state.sql import Database


class SqlState:
    """See StateStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> State:
        """See StateStore."""
        with self._database.reading() as db:
            return records.read_state(db)

    def mark(self) -> str:
        """See StateStore."""
        with self._database.reading() as db:
            return parts.mark_of(db)

    def rows(self, environment: str) -> Mapping[ObjectId, int]:
        """See StateStore."""
        with self._database.reading() as db:
            return parts.rows_of(db, environment)

    def touched(self, mark: str, environment: str, known: Mapping[PlanId, str] = NO_PLANS) -> Touched | None:
        """See StateStore."""
        with self._database.reading() as db:
            return since.touched_since(db, mark, environment, known)

    def fingerprints(self, environment: str) -> Mapping[ObjectId, Digest]:
        """See StateStore."""
        with self._database.reading() as db:
            return parts.fingerprints_of(db, environment)

    def numbered(self, numbers: Collection[int]) -> tuple[Snapshot, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return parts.read_rows(db, numbers)

    def part(
        self, environment: str, numbers: Collection[int], stored: parts.Stored, datasets: Collection[Digest]
    ) -> State:
        """See StateStore."""
        with self._database.reading() as db:
            return parts.read_part(db, environment, numbers, stored, datasets)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return records.read_snapshots(db)

    def fragments(self, left: Digest, columns: Collection[Digest], days: DaySet) -> tuple[Fragment, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return records.read_fragments(db, left, columns, days)

    def computed_days(self, left: Digest, columns: Collection[Digest]) -> DaySet:
        """See StateStore."""
        with self._database.reading() as db:
            return records.read_computed_days(db, left, columns)

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

    def plan_json(self, plan_id: PlanId) -> str:
        """See StateStore."""
        with self._database.reading() as db:
            row = db.execute("SELECT json FROM plans WHERE id = ?", (plan_id,)).fetchone()
        if row is None:
            raise InvariantError("begun-plan", f"plan {plan_id} was never begun")
        return str(row[0])

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
            return audit.read_log(db, limit)

    def verify_log(self) -> LogBreak | None:
        """See StateStore."""
        with self._database.reading() as db:
            return audit.verify(db)

    def approvals(self, plan_id: PlanId) -> tuple[Approval, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return journal.approvals_of(db, plan_id)

    def approve(
        self, plan_id: PlanId, base_serial: int, gates: Sequence[GateId], *, who: str, reason: str, now: float
    ) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            journal.check_base(db, plan_id, base_serial)
            for gate in gates:
                if journal.add_approval(db, plan_id, Approval(gate=gate, who=who, at=now, reason=reason)):
                    what = f"approved {gate} of plan {plan_id}: {reason}"
                    audit.append(db, now, who, LogKind.APPROVED, what, plan=plan_id)

    def holder(self) -> Lease | None:
        """See StateStore."""
        with self._database.reading() as db:
            return lease_of(db)

    def acquire(self, holder: str, *, lease_s: float, now: float) -> Lease:
        """See StateStore."""
        with self._database.writing() as db:
            lease, held = give_lease(db, holder, now + lease_s, now)
            if held:
                what = f"took over the lock of {held.holder}, which ended at {clock_text(held.until)}"
                audit.append(db, now, holder, LogKind.LOCK_TAKEN, what)
            return lease

    def renew(self, lease: Lease, *, lease_s: float, now: float) -> Lease:
        """See StateStore."""
        with self._database.writing() as db:
            check_lease(db, lease)
            db.execute("UPDATE lease SET until = ?", (now + lease_s,))
            return Lease(token=lease.token, holder=lease.holder, since=lease.since, until=now + lease_s)

    def release(self, lease: Lease) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            db.execute("DELETE FROM lease WHERE token = ?", (lease.token,))

    def unlock(self, who: str, now: float) -> Lease | None:
        """See StateStore."""
        with self._database.writing() as db:
            held = lease_of(db)
            if held:
                db.execute("DELETE FROM lease")
                audit.append(db, now, who, LogKind.LOCK_TAKEN, f"took the lock from {held.holder}")
            return held

    def check_base(self, plan_id: PlanId, base_serial: int) -> None:
        """See StateStore."""
        with self._database.reading() as db:
            journal.check_base(db, plan_id, base_serial)

    def marks(self, tables: Iterable[str] | None = None) -> Marks:
        """See StateStore."""
        with self._database.reading() as db:
            return corrections.read_marks(db, None if tables is None else frozenset(tables))

    def begin(  # noqa: PLR0917 - every writing method starts with lease and plan and ends with the time
        self, lease: Lease, plan_id: PlanId, plan_json: str, base_serial: int, now: float, noted: Noted = NOTHING
    ) -> frozenset[StepId]:
        """See StateStore."""
        with self._database.writing() as db:
            check_lease(db, lease)
            kind, verb = LogKind.WENT_ON, "went on with"
            if not journal.is_begun(db, plan_id, plan_json):
                journal.check_base(db, plan_id, base_serial)
                journal.start(db, plan_id, plan_json, base_serial, now)
                corrections.note(db, noted)
                kind, verb = LogKind.BEGAN, "began"
            given = [f"{said.gate} by {said.who}: {said.reason}" for said in journal.approvals_of(db, plan_id)]
            audit.append(db, now, lease.holder, kind, f"{verb} plan {plan_id}", plan=plan_id, approvals=given)
            return journal.done_steps(db, plan_id)

    def record(self, lease: Lease, plan_id: PlanId, transitions: Sequence[Transition]) -> Mapping[StepId, int]:
        """See StateStore."""
        with self._database.writing() as db:
            check_lease(db, lease)
            journal.check_applying(db, plan_id)
            return journal.record(db, plan_id, transitions, who=lease.holder)

    def runs(self) -> tuple[Run, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return journal.read_runs(db)

    def runs_of(self, plan_id: PlanId) -> Mapping[StepId, Run]:
        """See StateStore."""
        with self._database.reading() as db:
            return journal.read_runs_of(db, plan_id)

    def finish(  # noqa: PLR0917 - as begin
        self, lease: Lease, plan_id: PlanId, environment: str, snapshots: Sequence[Snapshot], now: float, what: str = ""
    ) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            check_lease(db, lease)
            journal.check_applying(db, plan_id)
            query = "SELECT total, (SELECT count(*) FROM steps WHERE plan = plans.id AND status = 'done') FROM plans"
            total, done = db.execute(f"{query} WHERE id = ?", (plan_id,)).fetchone()
            if done < total:
                raise InvariantError("finished-plan", f"{done} of {total} steps of {plan_id} are done")
            serial = moves.point(db, environment, snapshots)
            db.execute("UPDATE plans SET status = 'applied', finished = ? WHERE id = ?", (now, plan_id))
            db.execute("UPDATE clock SET serial = serial + 1")
            moves.note_move(db, environment, serial, plan=plan_id, what=what, at=now, who=lease.holder)
            origin = f", {what}" if what else ""
            said = (
                f"finished plan {plan_id}: {environment} points at {len(snapshots)} snapshots, serial {serial}{origin}"
            )
            audit.append(db, now, lease.holder, LogKind.FINISHED, said, plan=plan_id)

    def moves(self, environment: str | None = None, limit: int | None = None) -> tuple[Move, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return tuple(moves.read_moves(db, environment, limit))

    def pointed_at(self, environment: str, serial: int) -> tuple[Snapshot, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return moves.pointed_at(db, environment, serial)

    def destroy(self, lease: Lease, environment: str, now: float, why: str = "") -> bool:
        """See StateStore."""
        with self._database.writing() as db:
            check_lease(db, lease)
            if db.execute("SELECT count(*) FROM environments WHERE name = ?", (environment,)).fetchone()[0] == 0:
                return False
            db.execute("UPDATE clock SET serial = serial + 1")
            count = moves.destroy(db, environment, at=now, who=lease.holder)
            what = f"destroyed environment {environment}, which pointed at {count} snapshots"
            audit.append(db, now, lease.holder, LogKind.DESTROYED, f"{what}: {why}" if why else what)
            return True

    def recent(self, since: float) -> Recent:
        """See StateStore."""
        with self._database.reading() as db:
            return sweeping.recent(db, since)

    def stray_files(self, without: Collection[tuple[Digest, Digest]] = ()) -> tuple[StrayFile, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return sweeping.stray_files(db, frozenset(without))

    def attempted(self) -> Attempted:
        """See StateStore."""
        with self._database.reading() as db:
            return sweeping.attempted(db)

    def unrecorded(self, paths: Collection[str]) -> frozenset[str]:
        """See StateStore."""
        with self._database.reading() as db:
            return sweeping.unrecorded(db, paths)

    def trash(self) -> tuple[Trash, ...]:
        """See StateStore."""
        with self._database.reading() as db:
            return sweeping.trash_of(db)

    def forget(self, lease: Lease, garbage: Garbage, now: float, what: str) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            check_lease(db, lease)
            sweeping.forget(db, garbage, now)
            db.execute("UPDATE clock SET serial = serial + 1")
            audit.append(db, now, lease.holder, LogKind.CLEANED, what)

    def swept(self, lease: Lease, trash: Sequence[Trash], files: Sequence[StrayFile]) -> None:
        """See StateStore."""
        with self._database.writing() as db:
            check_lease(db, lease)
            sweeping.swept(db, trash, files)

    def dump(self) -> Dump:
        """See StateStore."""
        with self._database.reading() as db:
            return read_dump(db, len(MIGRATIONS))

    def load(self, lease: Lease, dump: Dump, *, replace: bool) -> None:
        """See StateStore."""
        if dump.version > len(MIGRATIONS):
            message = f"the export has version {dump.version}; this chronon knows versions up to {len(MIGRATIONS)}"
            raise ChrononError("CHR-K123", message, "use the chronon that wrote it, or a newer one")
        with self._database.writing() as db:
            check_lease(db, lease)
            if not replace and not is_empty(db):
                message = "the state is not empty: it would be lost"
                raise ChrononError("CHR-K122", message, "export it first, then import with --replace")
            held = lease_of(db)
            self._database.rebuild(db)
            db.execute("UPDATE clock SET token = ?", (lease.token,))
            if held:
                row = (held.token, held.holder, held.since, held.until)
                db.execute("INSERT INTO lease (id, token, holder, since, until) VALUES (1, ?, ?, ?, ?)", row)
            write_dump(db, dump)

    def close(self) -> None:
        """See StateStore."""
        self._database.close()
