"""Plans, their steps and their approvals as rows. Every function runs inside a writing transaction of its caller."""

from __future__ import annotations

import json

from chronon.model.errors import ChrononError, InvariantError
from chronon.model.plan import GateId, PlanId, StepId
from chronon.stores.state import audit
from chronon.stores.state.contract import Approval, LogKind, PlanStatus, StepStatus
from chronon.stores.state.leases import clock_text
from chronon.stores.state.records import next_of
from chronon.stores.state.sql import Sql

_PLAN_AGAIN = "make a new plan: run `chronon plan`"


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
        "SELECT what, who, at FROM audit WHERE kind IN (?, ?) ORDER BY number DESC LIMIT 1",
        (str(LogKind.FINISHED), str(LogKind.STEP_DONE)),
    ).fetchone()
    if moved:
        message = f"{message}: {moved[1]} {moved[0].partition(':')[0]} at {clock_text(moved[2])}"
    raise ChrononError("CHR-K011", message, _PLAN_AGAIN)


def start(db: Sql, plan_id: PlanId, plan_json: str, base_serial: int, now: float) -> None:
    """A plan is being applied from now on; another one that was is superseded."""
    db.execute("UPDATE plans SET status = 'superseded' WHERE status = 'applying'")
    db.execute(
        "INSERT INTO plans (number, id, status, json, base_serial, total, started)"
        f" VALUES ({next_of('plans')}, ?, 'applying', ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET status = 'applying', started = excluded.started, number = excluded.number",
        (plan_id, plan_json, base_serial, len(json.loads(plan_json)["steps"]), now),
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


def start_step(db: Sql, plan_id: PlanId, step_id: StepId, now: float) -> int:
    """The number of the attempt that begins; 0 when the step is done already."""
    started = db.execute(
        f"INSERT INTO steps (number, plan, id, status, attempts, started) VALUES ({next_of('steps')}, ?, ?, 'running', 1, ?)"
        " ON CONFLICT (plan, id) DO UPDATE SET status = 'running', attempts = steps.attempts + 1,"
        " started = excluded.started, finished = NULL WHERE steps.status <> 'done'",
        (plan_id, step_id, now),
    ).rowcount
    return _attempts(db, plan_id, step_id) if started else 0


def end_step(db: Sql, plan_id: PlanId, step_id: StepId, status: StepStatus, *, now: float, error: str = "") -> bool:
    """Whether the step was running until now. Errors: InvariantError when it was never started."""
    ended = db.execute(
        "UPDATE steps SET status = ?, finished = ?, error = ? WHERE plan = ? AND id = ? AND status = 'running'",
        (str(status), now, error, plan_id, step_id),
    ).rowcount
    if ended:
        return True
    row = db.execute("SELECT status FROM steps WHERE plan = ? AND id = ?", (plan_id, step_id)).fetchone()
    if row is None or row[0] != StepStatus.DONE:
        raise InvariantError("started-step", f"step {step_id} of {plan_id} ended without being started")
    return False


def tell_step(db: Sql, kind: LogKind, plan_id: PlanId, step_id: StepId, *, at: float, who: str, what: str) -> None:
    """A line of the log about the present attempt of a step."""
    job = f"{step_id}-{_attempts(db, plan_id, step_id)}"
    audit.append(db, at, who, kind, what, plan=plan_id, step=step_id, job=job)


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


def _attempts(db: Sql, plan_id: PlanId, step_id: StepId) -> int:
    row = db.execute("SELECT attempts FROM steps WHERE plan = ? AND id = ?", (plan_id, step_id)).fetchone()
    return int(row[0])
