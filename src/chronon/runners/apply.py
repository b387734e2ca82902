"""Applies a plan: lock, journal, jobs in an order in which they can run, then the pointers.

Order of effects of a step, so that a kill between any two of them leaves something that the next apply completes:
its attempt is recorded → the job is submitted under the attempt's id → its files are moved into place → one transaction
records the output and the step as done. What is not recorded is not read by anybody.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import Job, StreamJob
from chronon.model.plan import Plan, Step, StepId
from chronon.runners.approvals import check_approved
from chronon.runners.contracts import check_tables
from chronon.runners.deployment import Deployment
from chronon.runners.failures import Retries
from chronon.runners.fence import fenced
from chronon.runners.front import Front
from chronon.runners.hands import Hands, Threads
from chronon.runners.jdk import find_java
from chronon.runners.lock import NONE as NO_PATIENCE
from chronon.runners.lock import Heartbeat, Patience, every, locked
from chronon.runners.noting import noted_of
from chronon.runners.observer import Observer
from chronon.runners.publish import publish
from chronon.runners.runner import Runner, job_of
from chronon.runners.schedule import Journal, Schedule
from chronon.runners.work import JobRunner
from chronon.schemas.wire import to_json
from chronon.stores.state.contract import Lease, StepStatus

__all__ = ["DEFAULT", "Applied", "Manner", "Observer", "World", "apply_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an apply did. served: names of the objects that can be fetched afterwards."""

    done: int
    skipped: int
    seconds: float
    served: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a plan is applied: steps at once, attempts beside the first, and how long to wait for the lock."""

    parallelism: int = 1
    retries: int = 3
    patience: Patience = NO_PATIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What an apply takes from outside of its stores. hands: what works on the steps of a runner, so many at once."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    heartbeat: Heartbeat = every
    runner: Callable[[Deployment, Plan], Runner] | None = None
    hands: Callable[[int, Runner, Callable[[], float]], Hands] = Threads


DEFAULT = Manner()
REAL = World()


def apply_plan(
    deployment: Deployment,
    plan: Plan,
    *,
    holder: str,
    observer: Observer,
    manner: Manner = DEFAULT,
    world: World = REAL,
) -> Applied:
    """Make it so, or go on where an interrupted apply of the same plan stopped.

    holder: who holds the lock, for people: `user@host pid 123`.
    Errors, before anything is begun: CHR-R070 a gate that nobody approved; CHR-K010 lock held; CHR-K011 state moved since the plan; CHR-K012 applied already;
    CHR-K021 or CHR-R010 … CHR-R012 when a table is not as it was or is declared; CHR-R003 or CHR-R004 when a
    stream lacks its JDK. Later: the CHR-R… or CHR-K… of a step that failed, CHR-R090 when several did, CHR-K013 when the lock
    was lost; the same plan, or a new one, goes on with what is left.
    """
    begun = world.clock()
    state = deployment.state
    with ExitStack() as opened:
        taken = locked(
            state,
            deployment.home,
            holder=holder,
            clock=world.clock,
            patience=manner.patience,
            heartbeat=world.heartbeat,
        )
        lease = opened.enter_context(taken)
        check_approved(state, plan)
        _check_ready(_left_to_do(deployment, plan), deployment)
        noted = noted_of(plan, deployment)
        finished = state.begin(lease, plan.id, to_json(plan), plan.base_serial, world.clock(), noted)
        safe = replace(deployment, kv=opened.enter_context(fenced(deployment.kv, state, lease, world.clock)))
        for step in plan.steps:
            if step.id in finished:
                observer.skipped(step)
        done = _run_steps(
            _Run(deployment=safe, plan=plan, lease=lease, finished=finished, observer=observer), manner, world
        )
        served = publish(safe, plan)
        state.finish(lease, plan.id, plan.environment, plan.snapshots, world.clock(), plan.origin)
    return Applied(done=done, skipped=len(finished), seconds=world.clock() - begun, served=served)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One apply that holds the lock and has begun its plan. finished: steps that an earlier apply of it did."""

    deployment: Deployment
    plan: Plan
    lease: Lease
    finished: frozenset[StepId]
    observer: Observer


def _run_steps(run: _Run, manner: Manner, world: World) -> int:
    """Do what is left of the plan; how many steps that were. Errors: those of the steps."""
    records = run.deployment.state.steps(run.plan.id)
    asked = {record.id: record.attempts for record in records if record.status is StepStatus.RUNNING}
    retries = Retries(limit=manner.retries, random=world.random)
    with ExitStack() as opened:
        runner = _runner(run.deployment, run.plan, asked, world)
        hands = world.hands(manner.parallelism, runner, world.clock)
        opened.callback(hands.stop)
        opened.callback(runner.close)
        schedule = Schedule(
            journal=Journal(
                state=run.deployment.state, lease=run.lease, plan=run.plan, retries=retries, sleep=world.sleep
            ),
            front=Front(run.plan.steps, run.finished),
            runner=runner,
            hands=hands,
            observer=run.observer,
            parallelism=manner.parallelism,
            clock=world.clock,
            asked=asked,
        )
        schedule.run()
    _check_failed(schedule.failed, len(schedule.front.waiting()))
    return schedule.done


def _runner(deployment: Deployment, plan: Plan, asked: dict[StepId, int], world: World) -> Runner:
    """The one that the world brings, or the target's own once what interrupted applies left is cleared away."""
    if world.runner is not None:
        return world.runner(deployment, plan)
    runner = JobRunner(deployment)
    runner.clear([job_of(plan.id, step, attempt) for step, attempt in asked.items()])
    return runner


def _check_failed(failed: list[tuple[Step, ChrononError]], waiting: int) -> None:
    """Errors: that of the steps that failed, or CHR-R090 when there are several; a bug of ours before everything else."""
    if not failed and waiting:
        raise InvariantError("acyclic-plan", f"{waiting} steps wait for each other")
    different = {str(error): error for _step, error in failed}
    for error in different.values():
        if len(different) == 1 or isinstance(error, InvariantError):
            raise error
    if not failed:
        return
    lines = [f"{step.object.kind} {step.object}: {error}" for step, error in failed]
    held = f"; {waiting} that wait for them did not begin" if waiting else ""
    message = "\n".join([f"{len(failed)} steps failed{held}", *lines])
    raise ChrononError("CHR-R090", message, "repair what each line names, then apply again: what is done is kept")


def _left_to_do(deployment: Deployment, plan: Plan) -> tuple[Job, ...]:
    done = {record.id for record in deployment.state.steps(plan.id) if record.status is StepStatus.DONE}
    return tuple(step.job for step in plan.steps if step.id not in done)


def _check_ready(jobs: tuple[Job, ...], deployment: Deployment) -> None:
    """What a late step would miss is told before the first one has worked for hours."""
    if any(isinstance(job, StreamJob) for job in jobs):
        find_java()
    check_tables(jobs, deployment.tables)
