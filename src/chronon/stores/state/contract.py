"""What every state store does: the journal of applies, what has been computed, and which snapshots are live.

Planners read a `State`; the apply engine holds a lease and writes. Every method is one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from chronon.model.corrections import NOTHING, Marks, Noted
from chronon.model.dayset import DaySet
from chronon.model.jobs import Digest, Fragment, Job, Output, Upload
from chronon.model.names import ObjectId
from chronon.model.plan import GateId, PlanId, StepId
from chronon.model.retention import Attempted, Garbage, Recent, StrayFile, Trash
from chronon.model.sizes import Run
from chronon.model.state import Move, Snapshot, State, Touched
from chronon.stores.state.dump import Dump


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write, for a while.

    token: grows with every lease that is given; a writer whose token is not the newest is refused.
    since, until: seconds since the epoch, as the callers' clocks say.
    """

    token: int
    holder: str
    since: float
    until: float


NO_PLANS: Mapping[PlanId, str] = MappingProxyType({})

RUNS_KEPT = 50
"""Runs of one kind of work that are looked at: what was longer ago tells little of today."""


class PlanStatus(StrEnum):
    """APPLYING: begun, perhaps interrupted. SUPERSEDED: another plan was begun before it was done."""

    APPLYING = "applying"
    APPLIED = "applied"
    SUPERSEDED = "superseded"


class StepStatus(StrEnum):
    """RUNNING also stands for a step whose process was killed."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A new attempt of a step: what is written before anything of it is done."""

    step: StepId
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a step made.

    at: when it ended.  began: when work on it began, where that was after its start was recorded.  run: what it took.
    attempt: which one; None for the one that runs.
    """

    step: StepId
    job: Job
    output: Output
    at: float
    attempt: int | None = None
    began: float | None = None
    run: Run | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An attempt of a step came to nothing. attempt: which one; None for the one that runs."""

    step: StepId
    error: str
    at: float
    attempt: int | None = None


Transition = Started | Done | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """One apply. finished: None until it is applied. total: steps of the plan."""

    id: PlanId
    status: PlanStatus
    started: float
    finished: float | None
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of an apply. attempts: how often it was started. error: of the last attempt that failed."""

    id: StepId
    status: StepStatus
    attempts: int
    started: float
    finished: float | None
    error: str = ""


class LogKind(StrEnum):
    """What a line of the log is about. TOLD: a line of the first version of the log, which had text alone."""

    BEGAN = "began"
    WENT_ON = "went on"
    STEP_STARTED = "step started"
    STEP_DONE = "step done"
    STEP_FAILED = "step failed"
    FINISHED = "finished"
    APPROVED = "approved"
    LOCK_TAKEN = "lock taken"
    DESTROYED = "destroyed"
    CLEANED = "cleaned"
    TOLD = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A line of the log that is only ever appended to: when, who, what.

    plan, step, job: their ids, empty where the line is about none; a job is one attempt of a step.
    approvals: under which a plan was begun, `<gate> by <who>: <reason>`.
    hash:      of this line and of the hash before it.
    """

    number: int
    at: float
    who: str
    kind: LogKind
    plan: str
    step: str
    job: str
    approvals: tuple[str, ...]
    what: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBreak:
    """Where the log is not what was written. line: counts from 1. why: goes on `line 7 …`."""

    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody's word that a gate of one plan may be passed."""

    gate: GateId
    who: str
    at: float
    reason: str


class StateStore(Protocol):
    """Everything that is recorded. Laws: tests/stores/test_state_conformance.py, run over every backend.

    Errors of every method: CHR-K015 of a newer version, CHR-K016 damaged, CHR-K017 busy, CHR-K018 the system refused, CHR-K019 no
    permission, CHR-K124 the server does not answer; CHR-K010 when the tables are of an older version and somebody is at work.
    Errors of every method that takes a lease: CHR-K013 when it is not the newest any more, or was given back.
    """

    def read(self) -> State:
        """Everything that a planner needs, as of one moment. A store that was never written has serial 0."""

    def mark(self) -> str:
        """What tells this moment from every other: two of equal marks have recorded the same."""

    def rows(self, environment: str) -> Mapping[ObjectId, int]:
        """The object of every snapshot that an environment points at → the number under which it is recorded."""

    def touched(self, mark: str, environment: str, known: Mapping[PlanId, str] = NO_PLANS) -> Touched | None:
        """What was recorded since a moment, told by its mark, and what an environment has come to point at.

        None when that cannot be told: the mark is of another state, or of one that was restored since; or too much was recorded.
        known: the JSON of plans that the caller has, with or without snapshots.
        """

    def fingerprints(self, environment: str) -> Mapping[ObjectId, Digest]:
        """The fingerprint of every snapshot that an environment points at."""

    def numbered(self, numbers: Collection[int]) -> tuple[Snapshot, ...]:
        """The snapshots recorded under some numbers, in their order."""

    def part(
        self,
        environment: str,
        numbers: Collection[int],
        stored: Mapping[Digest, Collection[Digest]],
        datasets: Collection[Digest],
    ) -> State:
        """What `read` says of some snapshots of an environment, their lefts and datasets, of some more lefts, of some datasets.

        numbers: of the snapshots, see `rows`; they come in this order.
        stored:  left → columns. The days of these are told, of the left rows, and of the columns of the snapshots; of what is
            outdated everything with such a left. Nothing else is in it.
        """

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Every snapshot that some environment pointed at once, the one recorded last first."""

    def fragments(self, left: Digest, columns: Collection[Digest], days: DaySet) -> tuple[Fragment, ...]:
        """The files that hold these columns on these days, by day and path, each with only the columns it is read for."""

    def uploads(self, dataset: Digest) -> tuple[Upload, ...]:
        """Every upload of a dataset, the newest first: by day, then as recorded."""

    def computed_days(self, left: Digest, columns: Collection[Digest]) -> DaySet:
        """The days on which each of these columns of a left is published."""

    def history(self, limit: int = 20) -> tuple[PlanRecord, ...]:
        """The plans that were begun, the last one first."""

    def plan_json(self, plan_id: PlanId) -> str:
        """A plan that was begun, as its canonical JSON. Errors: InvariantError when there is none."""

    def steps(self, plan_id: PlanId) -> tuple[StepRecord, ...]:
        """The steps of a plan that were started, in the order in which they were first started."""

    def log(self, limit: int = 50) -> tuple[LogEntry, ...]:
        """What was begun, done, approved and taken over, the last line first."""

    def verify_log(self) -> LogBreak | None:
        """The first place where the log was changed behind the store's back; None when it is whole."""

    def approvals(self, plan_id: PlanId) -> tuple[Approval, ...]:
        """What was approved of a plan, in that order."""

    def approve(
        self, plan_id: PlanId, base_serial: int, gates: Sequence[GateId], *, who: str, reason: str, now: float
    ) -> None:
        """Record that gates of a plan may be passed. What was approved before stays as it is. The serial stands still.

        Errors: CHR-K011 when the state is not the one that the plan was made from, CHR-K012 when it was applied already.
        """

    def holder(self) -> Lease | None:
        """The lease that is out, expired or not; None when there is none."""

    def acquire(self, holder: str, *, lease_s: float, now: float) -> Lease:
        """The one lease. An expired one is taken over. Errors: CHR-K010 when another holds it: who, since and until when."""

    def renew(self, lease: Lease, *, lease_s: float, now: float) -> Lease:
        """The same lease until `now + lease_s`. Token and `since` stay; the old value can still be used."""

    def release(self, lease: Lease) -> None:
        """Give the lease back. A lease that was taken over meanwhile is left to its new holder."""

    def unlock(self, who: str, now: float) -> Lease | None:
        """Take the lease from whoever holds it, for good: its writes are refused from now on. What was taken."""

    def check_base(self, plan_id: PlanId, base_serial: int) -> None:
        """Errors: CHR-K011 when the state is not the one that a plan was made from, CHR-K012 when it was applied already.

        A plan that is being applied goes on, whatever the serial.
        """

    def marks(self, tables: Iterable[str] | None = None) -> Marks:
        """By what the days of some tables are known again, or of all of them, as far as they were read."""

    def begin(  # noqa: PLR0917 - every writing method starts with lease and plan and ends with the time
        self, lease: Lease, plan_id: PlanId, plan_json: str, base_serial: int, now: float, noted: Noted = NOTHING
    ) -> frozenset[StepId]:
        """Start a plan, or go on with it; the steps of it that are done. Another unfinished plan is superseded.

        noted: recorded at once with that; a plan that goes on has noted it before.
        Errors: CHR-K011 when the state is not the one that the plan was made from, CHR-K012 when it was applied already,
        CHR-K020 when another plan was begun under this id, CHR-K128 when it is larger than a state keeps.
        """

    def record(self, lease: Lease, plan_id: PlanId, transitions: Sequence[Transition]) -> Mapping[StepId, int]:
        """Everything that happened to steps of a plan, in this order, all of it or nothing: one write to the disk.

        The attempt of every step that was started, counted from 1; one that is done already is not among them, and stays done.
        An attempt that has ended stays as it is: to record once more what was not confirmed is harmless.
        What a step made is published with its being done. A table job replaces every file of its columns on its days, and
        its days count as computed even without rows; left rows that are other ones than before take every column of their
        day with them, until it is made again. Serial + 1 for each step that is done.
        """

    def runs(self) -> tuple[Run, ...]:
        """What the last steps took that are done, the newest first: at most RUNS_KEPT of each kind of work."""

    def runs_of(self, plan_id: PlanId) -> Mapping[StepId, Run]:
        """What the steps of a plan took, as far as they are done."""

    def finish(  # noqa: PLR0917 - as begin
        self, lease: Lease, plan_id: PlanId, environment: str, snapshots: Sequence[Snapshot], now: float, what: str = ""
    ) -> None:
        """Point the environment at exactly these snapshots; the plan is applied. Both serials + 1.

        what: where the snapshots were taken from, for `moves`.
        Errors: InvariantError when a step of the plan is not done.
        """

    def moves(self, environment: str | None = None, limit: int | None = None) -> tuple[Move, ...]:
        """How an environment, or each of them, came to its serials, the newest first; destroyed ones too."""

    def pointed_at(self, environment: str, serial: int) -> tuple[Snapshot, ...]:
        """What an environment pointed at under one of its serials, by id; nothing under one that it never had."""

    def destroy(self, lease: Lease, environment: str, now: float, why: str = "") -> bool:
        """Take an environment away, its data and its moves stay; whether it was there. Serial + 1."""

    def recent(self, since: float) -> Recent:
        """What the plans need that were begun since a moment, or are being applied."""

    def stray_files(self, without: Collection[tuple[Digest, Digest]] = ()) -> tuple[StrayFile, ...]:
        """The recorded files that hold nothing that is read, by path. without: cells that count as forgotten."""

    def attempted(self) -> Attempted:
        """What attempts were made at that came to no record, the last one of a step or one before it, and by which plans."""

    def unrecorded(self, paths: Collection[str]) -> frozenset[str]:
        """Those of some paths under which no file is recorded."""

    def trash(self) -> tuple[Trash, ...]:
        """Values that are forgotten and not removed yet."""

    def forget(self, lease: Lease, garbage: Garbage, now: float, what: str) -> None:
        """Record that what can go is not there any more, before it is removed. Serial + 1. what: for the log."""

    def swept(self, lease: Lease, trash: Sequence[Trash], files: Sequence[StrayFile]) -> None:
        """Record that values and files are removed."""

    def dump(self) -> Dump:
        """Everything that is recorded, as of one moment; the lease is not."""

    def load(self, lease: Lease, dump: Dump, *, replace: bool) -> None:
        """Record exactly what a dump holds, in place of what is recorded now. The lease goes on, and so do its tokens.

        Errors: CHR-K122 when something is recorded and is not to be replaced, CHR-K123 of a newer version.
        """

    def close(self) -> None:
        """Give back files and locks. Calling it twice is harmless."""
