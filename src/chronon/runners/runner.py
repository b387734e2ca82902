"""What runs the step of a plan: the place where an apply meets engines, or whatever stands in for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NewType, Protocol

from chronon.model.jobs import Output
from chronon.model.plan import PlanId, Step, StepId
from chronon.model.sizes import Size

JobId = NewType("JobId", str)
"""`<plan>-<step>-<attempt>`: under which an attempt is submitted, after it was journaled, and asked for when nobody knows what became of it."""

Tell = Callable[[str], None]
"""Hears how far a job is. It raises StoppedError once nobody waits for the job any more."""


class StoppedError(Exception):
    """The apply was interrupted; the job ends where it is."""


class Runner(Protocol):
    """Runs steps, several at once from as many threads.

    Laws: a job that was submitted is found, or has no effect and never will; a job that is submitted again under its id is
    the same job; nothing of a job is read by anybody before its step is recorded as done.
    """

    def find(self, step: Step, job: JobId) -> Output | None:
        """What a job made that may have been submitted; waits for one that still runs. None: it was not, or left nothing.

        Errors: as `run`, when the job is known and failed.
        """

    def ready(self, step: Step, tell: Tell) -> None:
        """Start what the job of a step runs on, where it does not run yet. The time that this takes is none of the step's.

        Errors: those of an engine that does not start.
        """

    def run(self, step: Step, job: JobId, tell: Tell) -> Output:
        """Submit the job of a step under its id, and wait for what it makes.

        Errors: CHR-R… and CHR-K… of the step. Whether the job came to its end all the same is told by `find`.
        """

    def read(self, job: JobId) -> Size | None:
        """What a job has read that came to its end, before it is settled; None where nobody has looked."""

    def settle(self, step: Step, job: JobId) -> None:
        """An attempt is recorded, as done or as failed: remove what it left behind."""

    def close(self) -> None:
        """End whatever keeps running, and jobs with it."""


def job_of(plan: PlanId, step: StepId, attempt: int) -> JobId:
    """The id of an attempt of a step, which counts from 1."""
    return JobId(f"{plan}-{step}-{attempt}")
