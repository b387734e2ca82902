"""Plans, their steps and their approvals as rows. Every function runs inside a writing transaction of its caller."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import assert_never

from chronon.model.errors import ChrononError, InvariantError
from chronon.model.plan import GateId, PlanId, StepId
from chronon.model.sizes import Run, Size, Work
from chronon.stores.state import audit
from chronon.stores.state.audit import Line
from chronon.stores.state.contract import (
    RUNS_KEPT,
    Approval,
    Done,
    Failed,
    LogKind,
    PlanStatus,
    Started,
    StepStatus,
    Transition,
)
from chronon.stores.state.leases import clock_text
from chronon.stores.state.records import next_of, publish
from chronon.stores.state.sql import Sql

MAX_PLAN = 900_000_000
"""Characters of a plan that a state keeps: SQLite and PostgreSQL take texts of up to 1 GB."""

_PLAN_AGAIN = "make a new plan: run `chronon plan`"
_MOVING = tuple(map(str, (LogKind.FINISHED, LogKind.STEP_DONE, LogKind.DESTROYED, LogKind.CLEANED)))
"""Lines of the log that move the serial of the state."""


def status_of(db: Sql, plan_id: PlanId) -> PlanStatus | None:
    """How a plan stands; None when it was never begun. Errors: CHR-K012 when it was applied."""
    row = db.execute("SELECT status, finished FROM plans WHERE id = ?", (plan_id,)).fetchone()
    status = PlanStatus(row[0]) if row else None
    if status is PlanStatus.APPLIED:
        raise ChrononError("CHR-K012", f"plan {plan_id} was applied already, at {clock_text(row[1])}", _PLAN_AGAIN)
    return status


def is_begun(db: Sql, plan_id: PlanId, plan_json: str) -> bool:
    """Whether a plan is being applied. Errors: CHR-K012 when it was applied; CHR-K020 when it was begun as another."""
    if status_of(db, plan_id) is not PlanStatus.APPLYING:
        return False
    (begun,) = db.execute("SELECT json FROM plans WHERE id = ?", (plan_id,)).fetchone()
    if begun != plan_json:
        message = f"plan {plan_id} is not the one that was begun under this id: its file was changed"
        raise ChrononError("CHR-K020", message, "apply the file as it was, or make a new plan: run `chronon plan`")
    return True


def check_base(db: Sql, plan_id: PlanId, base_serial: int) -> None:
    """Errors: CHR-K011 when the state is not the one that a plan was made from, with what moved it last; CHR-K012."""
    if status_of(db, plan_id) is PlanStatus.APPLYING:
        return
    (serial,) = db.execute("SELECT serial FROM clock").fetchone()
    if serial == base_serial:
        return
    message = f"plan {plan_id} was made from state {base_serial}, and the state is at {serial} now"
    moved = db.execute(
        f"SELECT what, who, at FROM audit WHERE kind IN ({', '.join('?' * len(_MOVING))}) ORDER BY number DESC LIMIT 1",
        _MOVING,
    ).fetchone()
    if moved:
        message = f"{message}: {moved[1]} {moved[0].partition(':')[0]} at {clock_text(moved[2])}"
    raise ChrononError("CHR-K011", message, _PLAN_AGAIN)


def start(db: Sql, plan_id: PlanId, plan_json: str, base_serial: int, now: float) -> None:
    """A plan is being applied from now on; another one that was is superseded. Errors: CHR-K128."""
    if len(plan_json) > MAX_PLAN:
        message = f"plan {plan_id} is {len(plan_json) / 1e9:.1f} GB of text, and a state keeps plans of {MAX_PLAN / 1e9:.1f} GB"
        raise ChrononError("CHR-K128", message, "apply it in parts: `chronon apply --select team:…`, one after another")
    db.execute("UPDATE plans SET status = 'superseded' WHERE status = 'applying'")
    said = json.loads(plan_json)
    db.execute(
        "INSERT INTO plans (number, id, status, json, base_serial, total, started, as_of, revision)"
        f" VALUES ({next_of('plans')}, ?, 'applying', ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET status = 'applying', started = excluded.started, number = excluded.number",
        (plan_id, plan_json, base_serial, len(said["steps"]), now, said.get("as_of"), said.get("revision", "")),
    )


def done_steps(db: Sql, plan_id: PlanId) -> frozenset[StepId]:
    """The steps of a plan that are done."""
    done = db.execute("SELECT id FROM steps WHERE plan = ? AND status = 'done'", (plan_id,))
    return frozenset(StepId(step) for (step,) in done)


def check_applying(db: Sql, plan_id: PlanId) -> None:
    """Errors: InvariantError when a plan is not being applied."""
    row = db.execute("SELECT status FROM plans WHERE id = ?", (plan_id,)).fetchone()
    if row is None or row[0] != PlanStatus.APPLYING:
        raise InvariantError("begun-plan", f"plan {plan_id} is {row[0] if row else 'unknown'}, not being applied")


def record(db: Sql, plan_id: PlanId, transitions: Sequence[Transition], *, who: str) -> Mapping[StepId, int]:
    """What happened to steps, with its lines in the log; the attempts that begin."""
    lines: list[Line] = []
    attempts: dict[StepId, int] = {}
    n_done = 0
    for each in transitions:
        match each:
            case Started():
                attempt = _start(db, plan_id, each)
                if attempt:
                    attempts[each.step] = attempt
                kind, what = LogKind.STEP_STARTED, f"started step {each.step}, attempt {attempt}"
            case Done():
                attempt = _end(db, plan_id, each)
                if attempt:
                    publish(db, each.job, each.output)
                    if each.run is not None:
                        add_run(db, plan_id, each.step, each.run)
                    n_done += 1
                kind, what = LogKind.STEP_DONE, f"finished step {each.step}"
            case Failed():
                attempt = _end(db, plan_id, each)
                kind, what = LogKind.STEP_FAILED, f"step {each.step} failed: {_storable(each.error)}"
            case _:
                assert_never(each)
        if attempt:
            job = f"{each.step}-{attempt}"
            lines.append(Line(at=each.at, who=who, kind=kind, what=what, plan=plan_id, step=each.step, job=job))
    audit.append_lines(db, lines)
    if n_done:
        db.execute("UPDATE clock SET serial = serial + ?", (n_done,))
    return attempts


def _start(db: Sql, plan_id: PlanId, started: Started) -> int:
    """The number of the attempt that begins; 0 when the step is done already."""
    row = db.execute(
        f"INSERT INTO steps (number, plan, id, status, attempts, started) VALUES ({next_of('steps')}, ?, ?, 'running', 1, ?)"
        " ON CONFLICT (plan, id) DO UPDATE SET status = 'running', attempts = steps.attempts + 1,"
        " started = excluded.started, finished = NULL WHERE steps.status <> 'done' RETURNING attempts",
        (plan_id, started.step, started.at),
    ).fetchone()
    return int(row[0]) if row else 0


def _end(db: Sql, plan_id: PlanId, ended: Done | Failed) -> int:
    """The number of the attempt that was running until now; 0 when it has ended before, or the step is done already.

    Errors: InvariantError when it was never started.
    """
    began = ended.began if isinstance(ended, Done) else None
    status, error = (StepStatus.DONE, "") if isinstance(ended, Done) else (StepStatus.FAILED, _storable(ended.error))
    row = db.execute(
        "UPDATE steps SET status = ?, started = coalesce(?, started), finished = ?, error = ?"
        " WHERE plan = ? AND id = ? AND status = 'running' AND attempts = coalesce(?, attempts) RETURNING attempts",
        (str(status), began, ended.at, error, plan_id, ended.step, ended.attempt),
    ).fetchone()
    if row:
        return int(row[0])
    query = "SELECT status, attempts FROM steps WHERE plan = ? AND id = ?"
    found = db.execute(query, (plan_id, ended.step)).fetchone()
    is_over = found and (found[0] == StepStatus.DONE or (ended.attempt is not None and ended.attempt <= found[1]))
    if not is_over:
        raise InvariantError("started-step", f"step {ended.step} of {plan_id} ended without being started")
    return 0


def _storable(error: str) -> str:
    """Without the one character that a database may refuse."""
    return error.replace("\0", "\ufffd")


_RUN = "work, seconds, rows_read, bytes_read, rows_written, bytes_written"


def add_run(db: Sql, plan_id: PlanId, step_id: StepId, run: Run) -> None:
    """What a step took."""
    row = (run.work, run.seconds, run.read.rows, run.read.bytes, run.written.rows, run.written.bytes)
    db.execute(
        f"INSERT INTO runs (number, plan, step, {_RUN}) VALUES ({next_of('runs')}, ?, ?, ?, ?, ?, ?, ?, ?)",
        (plan_id, step_id, *row),
    )


def read_runs(db: Sql) -> tuple[Run, ...]:
    """See StateStore."""
    ranked = f"SELECT number, {_RUN}, row_number() OVER (PARTITION BY work ORDER BY number DESC) AS place FROM runs"
    query = f"SELECT {_RUN} FROM ({ranked}) AS newest WHERE place <= ? ORDER BY number DESC"
    return tuple(_run(*row) for row in db.execute(query, (RUNS_KEPT,)))


def read_runs_of(db: Sql, plan_id: PlanId) -> dict[StepId, Run]:
    """See StateStore."""
    rows = db.execute(f"SELECT step, {_RUN} FROM runs WHERE plan = ? ORDER BY number", (plan_id,))
    return {StepId(step): _run(*row) for step, *row in rows}


def _run(  # noqa: PLR0917 - one parameter per column of _RUN, in its order
    work: str, seconds: float, rows_read: int, bytes_read: int, rows_written: int, bytes_written: int
) -> Run:
    return Run(
        work=Work(work),
        seconds=seconds,
        read=Size(rows=rows_read, bytes=bytes_read),
        written=Size(rows=rows_written, bytes=bytes_written),
    )


def approvals_of(db: Sql, plan_id: PlanId) -> tuple[Approval, ...]:
    """What was approved of a plan, in that order."""
    rows = db.execute("SELECT gate, who, at, reason FROM approvals WHERE plan = ? ORDER BY number", (plan_id,))
    return tuple(Approval(gate=GateId(gate), who=who, at=at, reason=reason) for gate, who, at, reason in rows)


def add_approval(db: Sql, plan_id: PlanId, approval: Approval) -> bool:
    """Whether the gate was not approved before."""
    added = db.execute(
        f"INSERT INTO approvals (number, plan, gate, who, at, reason) VALUES ({next_of('approvals')}, ?, ?, ?, ?, ?)"
        " ON CONFLICT (plan, gate) DO NOTHING",
        (plan_id, approval.gate, approval.who, approval.at, approval.reason),
    ).rowcount
    return added > 0
