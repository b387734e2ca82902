"""Applies a plan: lock, journal, one job after another, then the pointers.

Order of effects of a step, so that a kill between any two of them leaves something that the next apply completes:
started is recorded → the engine writes into a staging folder of this attempt → files are moved into place → one
transaction records the output and the step as done. What is not recorded is not read by anybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, assert_never

import pyarrow.parquet as pq

from chronon.model.errors import ChrononError
from chronon.model.jobs import (
    DerivationJob,
    FeatureJob,
    Job,
    LeftJob,
    Output,
    Streamed,
    StreamJob,
    TableJob,
    Upload,
    UploadJob,
)
from chronon.model.plan import Plan, Step, StepId
from chronon.runners.approvals import check_approved
from chronon.runners.attempts import clear_attempt, clear_attempts, note_generation
from chronon.runners.contracts import check_tables
from chronon.runners.deployment import Deployment
from chronon.runners.engine import Engine, Progress
from chronon.runners.inputs import inputs_of
from chronon.runners.jdk import find_java
from chronon.runners.lock import NONE as NO_PATIENCE
from chronon.runners.lock import Patience, locked
from chronon.runners.publish import publish
from chronon.schemas.wire import to_json
from chronon.stores.kv.layout import batch_key
from chronon.stores.state.contract import Lease, StepStatus


class Observer(Protocol):
    """Who watches an apply. Called from the thread that applies."""

    def started(self, step: Step, index: int, total: int) -> None:
        """A step begins; index counts from 1."""

    def progress(self, step: Step, text: str) -> None:
        """A running step says how far it is."""

    def finished(self, step: Step, output: Output, seconds: float) -> None:
        """A step is done and recorded."""

    def skipped(self, step: Step) -> None:
        """A step was done by an earlier, interrupted apply of the same plan."""

    def failed(self, step: Step, error: ChrononError) -> None:
        """A step failed; nothing of it is visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an apply did. served: names of the objects that can be fetched afterwards."""

    done: int
    skipped: int
    seconds: float
    served: tuple[str, ...]


def apply_plan(
    deployment: Deployment,
    plan: Plan,
    *,
    holder: str,
    observer: Observer,
    clock: Callable[[], float] = time.time,
    patience: Patience = NO_PATIENCE,
) -> Applied:
    """Make it so, or go on where an interrupted apply of the same plan stopped.

    holder: who holds the lock, for people: `user@host pid 123`.
    Errors, before anything is begun: CHR-R070 a gate that nobody approved; CHR-K010 lock held; CHR-K011 state moved since the plan; CHR-K012 applied already;
    CHR-K021 or CHR-R010 … CHR-R012 when a table is not as it was or is declared; CHR-R003 or CHR-R004 when a
    stream lacks its JDK. Later: any CHR-R… or CHR-K… of a step that failed, after which the same plan, or a new one,
    goes on with what is left.
    """
    begun = clock()
    with ExitStack() as opened:
        taken = locked(deployment.state, deployment.home, holder=holder, clock=clock, patience=patience)
        lease = opened.enter_context(taken)
        check_approved(deployment.state, plan)
        _check_ready(_left_to_do(deployment, plan), deployment)
        finished = deployment.state.begin(lease, plan.id, to_json(plan), plan.base_serial, clock())
        clear_attempts(deployment)
        engine = _LazyEngine(deployment.engine)
        opened.callback(engine.close)
        run = _Run(deployment=deployment, plan=plan, lease=lease, engine=engine, observer=observer, clock=clock)
        done = sum(run.step(step, index, finished) for index, step in enumerate(plan.steps, start=1))
        served = publish(deployment, plan)
        deployment.state.finish(lease, plan.id, plan.environment, plan.snapshots, clock())
    return Applied(done=done, skipped=len(plan.steps) - done, seconds=clock() - begun, served=served)


def _left_to_do(deployment: Deployment, plan: Plan) -> tuple[Job, ...]:
    done = {record.id for record in deployment.state.steps(plan.id) if record.status is StepStatus.DONE}
    return tuple(step.job for step in plan.steps if step.id not in done)


def _check_ready(jobs: tuple[Job, ...], deployment: Deployment) -> None:
    """What a late step would miss is told before the first one has worked for hours."""
    if any(isinstance(job, StreamJob) for job in jobs):
        find_java()
    check_tables(jobs, deployment.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One apply that holds the lock."""

    deployment: Deployment
    plan: Plan
    lease: Lease
    engine: _LazyEngine
    observer: Observer
    clock: Callable[[], float]

    def step(self, step: Step, index: int, finished: Collection[StepId]) -> bool:
        """Do a step unless an interrupted apply has done it; whether it was done now."""
        if step.id in finished:
            self.observer.skipped(step)
            return False
        begun = self.clock()
        self.observer.started(step, index, len(self.plan.steps))
        self.deployment.state.step_started(self.lease, self.plan.id, step.id, begun)
        output = self._do(step)
        self.observer.finished(step, output, self.clock() - begun)
        return True

    def _do(self, step: Step) -> Output:
        state, staging = self.deployment.state, self.deployment.warehouse.staging(step.id)
        try:
            with _told(staging):
                output = self._output(step, staging)
            state.step_done(self.lease, self.plan.id, step.id, step.job, output, self.clock())
        except ChrononError as error:
            state.step_failed(self.lease, self.plan.id, step.id, str(error), self.clock())
            self.observer.failed(step, error)
            raise
        finally:
            clear_attempt(self.deployment, staging)
        return output

    def _output(self, step: Step, staging: Path) -> Output:
        def progress(text: str) -> None:
            self.observer.progress(step, text)

        match step.job:
            case LeftJob() | FeatureJob() | DerivationJob():
                return _publish_fragments(self.deployment, step.job, self.engine, staging, progress)
            case UploadJob():
                return _upload(self.deployment, step.job, self.engine, staging, progress)
            case StreamJob():
                return _stream(self.deployment, step.job, staging, progress)
            case _:
                assert_never(step.job)


def _publish_fragments(
    deployment: Deployment, job: TableJob, engine: _LazyEngine, staging: Path, progress: Progress
) -> Output:
    fragments = engine.get().run(job, inputs_of(job, deployment), staging, progress)
    deployment.warehouse.publish(fragments, staging)
    return fragments


def _upload(deployment: Deployment, job: UploadJob, engine: _LazyEngine, staging: Path, progress: Progress) -> Upload:
    """Batch values into a new generation, beside the one that is being read."""
    files = engine.get().upload(job, inputs_of(job, deployment), staging, progress)
    generation = f"{job.day}-{staging.name}"
    note_generation(staging, job.dataset, generation)
    keys = size = 0
    for path in files:
        for batch in pq.ParquetFile(path).iter_batches():
            entities, values = batch["entity"].to_pylist(), batch["value"].to_pylist()
            entries = [
                (batch_key(job.dataset, generation, entity), value)
                for entity, value in zip(entities, values, strict=True)
            ]
            deployment.kv.write(entries)
            keys += len(entries)
            size += sum(map(len, values))
        progress(f"{keys:,} keys")
    return Upload(dataset=job.dataset, day=job.day, generation=generation, keys=keys, bytes=size)


def _stream(deployment: Deployment, job: StreamJob, staging: Path, progress: Progress) -> Streamed:
    """Tiles of a topic. Lines that do not fit are kept under `dead_letters/`, those of the newest run of each topic."""
    from chronon.runners.flink.runner import FlinkRunner
    from chronon.runners.flink.topic import DEAD_LETTERS

    streamed = FlinkRunner().run_stream(
        job, streams=deployment.streams, kv=deployment.kv, staging=staging, progress=progress
    )
    dead = staging / DEAD_LETTERS
    kept = deployment.home / "dead_letters" / f"{job.topic.rpartition('/')[2]}.jsonl"
    kept.unlink(missing_ok=True)
    if dead.stat().st_size:
        kept.parent.mkdir(exist_ok=True)
        dead.rename(kept)
        progress(f"lines that do not fit are kept in {kept}")
    return streamed


@contextmanager
def _told(staging: Path) -> Iterator[None]:
    """Errors of the system, wherever in a step they arise, in our words."""
    try:
        yield
    except OSError as cause:
        message = f"the system refused to read or write {cause.filename or staging}: {cause.strerror or cause}"
        raise ChrononError("CHR-R006", message, "free some space or check permissions, then apply again") from cause


class _LazyEngine:
    """The target's engine, started by the first job that needs it."""

    def __init__(self, start: Callable[[], Engine]) -> None:
        self._start = start
        self._engine: Engine | None = None

    def get(self) -> Engine:
        if self._engine is None:
            self._engine = self._start()
        return self._engine

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
