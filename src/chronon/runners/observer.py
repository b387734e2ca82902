"""What can be watched of an apply."""

from __future__ import annotations

from typing import Protocol

from chronon.model.errors import ChrononError
from chronon.model.jobs import Output
from chronon.model.plan import Step


class Observer(Protocol):
    """Who watches an apply. Called from the thread that applies, also of steps that run beside each other."""

    def started(self, step: Step, index: int, total: int) -> None:
        """Work on a step begins; index is its place in the plan and counts from 1."""

    def progress(self, step: Step, text: str) -> None:
        """A running step says how far it is."""

    def finished(self, step: Step, output: Output, seconds: float) -> None:
        """A step is done and recorded."""

    def skipped(self, step: Step) -> None:
        """A step was done by an earlier, interrupted apply of the same plan."""

    def failed(self, step: Step, error: ChrononError) -> None:
        """A step failed for good; nothing of it is visible."""

    def retried(self, step: Step, error: ChrononError, attempt: int, pause_s: float) -> None:
        """A step failed for a reason that passes; after a pause it is begun again, as this attempt of the apply."""
