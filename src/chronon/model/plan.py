"""The plan as a value: what changes, why, which steps make it so, in which order.

Text, JSON and Markdown are renderings of this one object, and `apply` runs exactly these steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, assert_never

from chronon.model.corrections import Correction, Stale
from chronon.model.diagnostics import Span
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.names import ObjectId
from chronon.model.sizes import Estimate, Work
from chronon.model.state import Snapshot
from chronon.model.time import Day
from chronon.model.verdicts import StreamChange

FORMAT_VERSION = 3

StepId = NewType("StepId", str)
"""Digest of the step's job: the same work has the same id in every plan."""

PlanId = NewType("PlanId", str)
"""`p-` and a digest of base state, desired state and options: the same inputs give the same id everywhere."""


GateId = NewType("GateId", str)
"""`<reason> <kind> <object>`: one per object and rule."""


class Danger(StrEnum):
    """How a change weighs; plans list in this order."""

    REMOVAL = "removal"
    SERVING_BREAK = "serving break"
    VALUE_CHANGE = "value change"
    REBUILD = "rebuild"
    ADDITION = "addition"
    METADATA = "metadata"


class ValueEffect(StrEnum):
    """What becomes of the values that an object has. UNKNOWN: what its tables hold decides, and nobody has looked."""

    NONE = "none"
    ADDITIVE = "additive"
    NARROWING = "narrowing"
    CHANGED = "changed"
    UNKNOWN = "unknown"


class ReaderEffect(StrEnum):
    """Who can go on reading. BACKWARD_ONLY: new readers read old data, old readers fail.  FORWARD_ONLY: the other way round."""

    COMPATIBLE = "compatible"
    BACKWARD_ONLY = "backward only"
    FORWARD_ONLY = "forward only"
    BREAKING = "breaking"


class ServingEffect(StrEnum):
    """What becomes of what is fetched. METADATA: another record for fetchers, same stored values.  LOSS: columns go away."""

    NONE = "none"
    STARTS = "starts"
    METADATA = "metadata"
    UPLOAD = "new upload"
    KEYS = "other keys"
    LOSS = "loses columns"
    STOPS = "stops"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """A change from three sides that do not depend on each other: the values, who reads them, what is fetched."""

    values: ValueEffect
    readers: ReaderEffect
    serving: ServingEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Why: one object that differs from what is deployed.

    reason: `CHR-P…`, the rule that classified it.  summary: one line for people.
    axes: the same, for programs: what it means for values, for readers, for serving.
    added, removed, changed: its output columns by name.
    hint: what its author can do instead, where readers break.
    """

    id: ObjectId
    danger: Danger
    reason: str
    summary: str
    span: Span
    axes: Axes
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    hint: str = ""


GATED = frozenset({Danger.REMOVAL, Danger.SERVING_BREAK})
"""What nobody may do by accident: it takes away what is read today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A change that is applied only after somebody has approved it for this very plan.

    reason: of the change, `CHR-P…`.  summary: what is approved, one line for people.
    owners: whom to ask: those of the object, or of its team where it is not declared any more; empty where nobody is named.
    """

    object: ObjectId
    reason: str
    danger: Danger
    summary: str
    owners: tuple[str, ...] = ()

    @property
    def id(self) -> GateId:
        """What an approval names."""
        return GateId(f"{self.reason} {self.object.kind} {self.object}")


def gates_of(
    changes: Iterable[Change], owners: Callable[[ObjectId], tuple[str, ...]] = lambda _: ()
) -> tuple[Gate, ...]:
    """The gates of a plan: one per change that takes away what is read today, in the order of the changes. owners: of an object."""
    return tuple(
        Gate(
            object=change.id,
            reason=change.reason,
            danger=change.danger,
            summary=change.summary,
            owners=owners(change.id),
        )
        for change in changes
        if change.danger in GATED
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What: one job, after the steps it needs.

    object: for whom.  reason: one line, why it is needed.  estimate: what it takes; None where nobody has looked.
    """

    id: StepId
    object: ObjectId
    job: Job
    needs: tuple[StepId, ...]
    reason: str
    estimate: Estimate | None = None

    @property
    def work(self) -> Work:
        """What it is like, whatever the days."""
        match self.job:
            case LeftJob():
                return Work(f"left rows {self.object}")
            case FeatureJob():
                return Work(f"features {self.object} < {self.job.part.group_by}")
            case DerivationJob():
                return Work(f"derivations {self.object}")
            case UploadJob():
                return Work(f"upload {self.object}")
            case StreamJob():
                return Work(f"stream {self.job.topic}")
            case _:
                assert_never(self.job)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Days that a definition asks for and its inputs do not have: told, not planned."""

    id: ObjectId
    table: str
    days: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is touched by what is not as it should be. columns: those of its output.  span: where it says that it reads."""

    id: ObjectId
    columns: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Something that is not as it is declared or recorded.

    code:    `CHR-P14…` of what is read, `CHR-P15…` of what was made.
    subject: the table, dataset, object or topic.  found: what is there, and what was expected.  follows: what comes of it.
    blocks:  its readers cannot be computed, and are not planned.
    repairs: applying the plan puts it right.
    """

    code: str
    subject: str
    found: str
    follows: str
    readers: tuple[Reader, ...] = ()
    blocks: bool = False
    repairs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that `apply` will do.

    base_serial: the state that it was made from; another one makes it stale.
    as_of:       the last day that is computed.
    gates:       what has to be approved before anything is done.
    steps:       in an order in which they can run.
    snapshots:   what the environment points at once every step is done.
    left_out:    objects that differ from what is deployed and stay as they are, because others were selected.
    upstream:    what is not as declared in the tables that are read.
    drift:       what is not as recorded in what was made.
    excluded:    objects that are neither planned nor changed, as something that they read is not as declared.
    streams:     what becomes of the streams that change or have work.
    corrected:   days of tables that are other ones than those that were read, whether or not anything was computed of them.
    stale, stale_uploads: what was computed of them, or looks back to days that come only now. What of it this plan does not
        make again is remembered for others.
    origin:      where the snapshots were taken from when not from files: `promote pr-123 (serial 4)`, `rollback to serial 2`.
    """

    id: PlanId
    environment: str
    base_serial: int
    as_of: Day
    revision: str
    changes: tuple[Change, ...]
    gates: tuple[Gate, ...]
    steps: tuple[Step, ...]
    gaps: tuple[Gap, ...]
    snapshots: tuple[Snapshot, ...]
    untouched: int
    left_out: tuple[ObjectId, ...] = ()
    upstream: tuple[Drift, ...] = ()
    drift: tuple[Drift, ...] = ()
    excluded: tuple[ObjectId, ...] = ()
    streams: tuple[StreamChange, ...] = ()
    corrected: tuple[Correction, ...] = ()
    stale: tuple[Stale, ...] = ()
    stale_uploads: tuple[Digest, ...] = ()
    origin: str = ""
    format_version: int = FORMAT_VERSION

    @property
    def is_empty(self) -> bool:
        """Whether applying it would do nothing at all."""
        repairs = any(each.repairs for each in self.drift)
        return not (self.changes or self.steps or repairs or self.stale or self.stale_uploads)
