"""Turns the steps of a plan into work on the target's engine, and what that leaves into files and values in place.

A job works in a staging folder of its own, named for its job. When the engine is done, the
outcome is noted in the folder, then files are moved into place. So whoever goes on after a crash finds the note, and
takes over what was made; without a note nothing was finished, and nothing still runs, as engines end with the apply.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import pyarrow.parquet as pq

from chronon.model.errors import ChrononError
from chronon.model.jobs import (
    DerivationJob,
    FeatureJob,
    Job,
    LeftJob,
    Output,
    StreamJob,
    Upload,
    UploadJob,
)
from chronon.model.plan import Step
from chronon.model.sizes import Size
from chronon.runners.attempts import clear_attempt, clear_attempts, note_generation, note_outcome, noted_outcome
from chronon.runners.deployment import Deployment
from chronon.runners.engine import Engine
from chronon.runners.inputs import inputs_of
from chronon.runners.measuring import read_of
from chronon.runners.publish import holds
from chronon.runners.runner import JobId, Tell
from chronon.stores.kv.layout import batch_key

if TYPE_CHECKING:
    from chronon.runners.flink.runner import FlinkRunner


class JobRunner:
    """See Runner. Over the stores of a target, for who holds its lock."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._engine = _LazyEngine(deployment.engine)
        self._flink: FlinkRunner | None = None
        self._lock = threading.Lock()
        self._stagings: dict[JobId, Path] = {}
        self._reads: dict[JobId, Size] = {}

    def clear(self, asked: Collection[JobId]) -> None:
        """Remove what interrupted applies left behind, but for the outcomes of the jobs that are going to be asked for."""
        folders = self._deployment.warehouse.attempts()
        kept = {job: folder for job in asked for folder in folders if folder.name.startswith(f"{job}-")}
        self._stagings |= {job: folder for job, folder in kept.items() if noted_outcome(folder) is not None}
        clear_attempts(self._deployment, kept=self._stagings.values())

    def find(self, step: Step, job: JobId) -> Output | None:  # noqa: ARG002 - as Runner says
        """See Runner."""
        staging = self._stagings.get(job)
        outcome = noted_outcome(staging) if staging else None
        if staging is None or outcome is None:
            return None
        if isinstance(outcome, Upload) and not holds(self._deployment.kv, outcome):
            return None  # the KV store was made anew in between
        return self._placed(outcome, staging)

    def ready(self, step: Step, tell: Tell) -> None:
        """See Runner. A stream starts a Flink of its own: that is its work."""
        if not isinstance(step.job, StreamJob):
            with _told(self._deployment.home):
                self._engine.get().start(tell)

    def run(self, step: Step, job: JobId, tell: Tell) -> Output:
        """See Runner."""
        staging = self._stagings[job] = self._deployment.warehouse.staging(job)
        with _told(staging):
            outcome, self._reads[job] = self._outcome(step.job, staging, tell)
        if isinstance(outcome, tuple):
            self._deployment.warehouse.sync(outcome, staging)
        note_outcome(staging, outcome)
        return self._placed(outcome, staging)

    def read(self, job: JobId) -> Size | None:
        """See Runner."""
        return self._reads.get(job)

    def settle(self, step: Step, job: JobId) -> None:  # noqa: ARG002 - as Runner says
        """See Runner."""
        self._reads.pop(job, None)
        if staging := self._stagings.pop(job, None):
            clear_attempt(self._deployment, staging)

    def close(self) -> None:
        """See Runner."""
        self._engine.close()
        if self._flink is not None:
            self._flink.close()

    def _outcome(self, job: Job, staging: Path, tell: Tell) -> tuple[Output, Size]:
        """What a job makes, and what it reads."""
        match job:
            case LeftJob() | FeatureJob() | DerivationJob():
                inputs = inputs_of(job, self._deployment)
                return self._engine.get().run(job, inputs, staging, tell), read_of(job, inputs)
            case UploadJob():
                return _upload(self._deployment, job, self._engine.get(), staging, tell)
            case StreamJob():
                return _stream(self._deployment, self._flinks(), job, staging, tell)
            case _:
                assert_never(job)

    def _flinks(self) -> FlinkRunner:
        """What streams run on, loaded by the first of them."""
        from chronon.runners.flink.runner import FlinkRunner

        with self._lock:
            self._flink = self._flink or FlinkRunner()
            return self._flink

    def _placed(self, outcome: Output, staging: Path) -> Output:
        """Files of a table job in place; batch values and tiles already are."""
        if isinstance(outcome, tuple):
            self._deployment.warehouse.publish(outcome, staging)
        return outcome


def _upload(
    deployment: Deployment, job: UploadJob, engine: Engine, staging: Path, progress: Tell
) -> tuple[Output, Size]:
    """Batch values into a new generation, beside the one that is being read."""
    inputs = inputs_of(job, deployment)
    files = engine.upload(job, inputs, staging, progress)
    generation = f"{job.day}-{staging.name.rpartition('-')[2]}"
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
    upload = Upload(dataset=job.dataset, day=job.day, generation=generation, keys=keys, bytes=size)
    return upload, read_of(job, inputs)


def _stream(
    deployment: Deployment, flink: FlinkRunner, job: StreamJob, staging: Path, progress: Tell
) -> tuple[Output, Size]:
    """Tiles of a topic. Lines that do not fit are kept under `dead_letters/`, those of all that is folded of a topic."""
    from chronon.runners.flink.topic import DEAD_LETTERS

    kept = deployment.home / "dead_letters" / f"{job.topic.rpartition('/')[2]}.jsonl"
    streamed = flink.run_stream(
        job, streams=deployment.streams, kv=deployment.kv, staging=staging, letters=kept, progress=progress
    )
    dead = staging / DEAD_LETTERS
    if dead.stat().st_size:
        kept.parent.mkdir(exist_ok=True)
        dead.replace(kept)
        progress(f"lines that do not fit are kept in {kept}")
    else:
        kept.unlink(missing_ok=True)
    return streamed, Size(rows=streamed.events, bytes=streamed.read)


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
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def get(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._start()
            return self._engine

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
