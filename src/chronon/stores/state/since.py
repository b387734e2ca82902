"""What was recorded since a moment of a state, as its log tells. Inside a transaction of its caller.

Every line of the log is written in the transaction that records what it tells of, and holds the hash of the line before it: a
state whose log goes on from the line at which a mark was made is that state, and the lines behind it name all that it has got
since. A state that was restored or imported from before has another line there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from chronon.model.errors import ChrononError
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.plan import PlanId
from chronon.model.state import Touched
from chronon.schemas.wire import from_json
from chronon.stores.state.audit import START
from chronon.stores.state.contract import LogKind
from chronon.stores.state.parts import mark_of
from chronon.stores.state.records import columns_of
from chronon.stores.state.sql import Sql

MOST_STEPS = 5_000
"""Steps of plans that are read: of more, most of a state was touched, and to tell of which takes longer than to look at all."""


class _Step(msgspec.Struct, frozen=True):
    id: str
    job: msgspec.Raw

    @property
    def parsed(self) -> Job:
        found: Job = from_json(bytes(self.job), Job)  # type: ignore[arg-type]  # a union is no class
        return found


class _Stale(msgspec.Struct, frozen=True):
    left: str
    columns: tuple[str, ...]


class _Correction(msgspec.Struct, frozen=True):
    table: str


class _Plan(msgspec.Struct, frozen=True):
    """The fields of a plan that say what is recorded of it; all others are passed over."""

    steps: tuple[_Step, ...] = ()
    stale: tuple[_Stale, ...] = ()
    stale_uploads: tuple[str, ...] = ()
    corrected: tuple[_Correction, ...] = ()


@dataclass(slots=True)
class _Found:
    """What was touched, while lines are read."""

    stored: dict[Digest, set[Digest]] = field(default_factory=dict)
    datasets: set[Digest] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)

    def store(self, left: str, columns: Iterable[str]) -> None:
        self.stored.setdefault(Digest(left), set()).update(map(Digest, columns))

    def begin(self, plan: _Plan) -> None:
        """A plan has begun: marks of what its steps read, and what it leaves to be computed again."""
        for stale in plan.stale:
            self.store(stale.left, stale.columns)
        self.datasets.update(map(Digest, plan.stale_uploads))
        self.tables.update(each.table for each in plan.corrected)
        for step in plan.steps:
            self.tables.update(_tables_of(step.parsed))

    def end(self, job: Job) -> None:
        """A step is done."""
        match job:
            case LeftJob() | FeatureJob() | DerivationJob():
                self.store(job.left, columns_of(job))
            case UploadJob():
                self.datasets.add(job.dataset)
            case StreamJob():
                self.datasets.update(reader.dataset for reader in job.readers)
            case _:
                assert_never(job)


def touched_since(db: Sql, mark: str, environment: str, known: Mapping[PlanId, str]) -> Touched | None:
    """What was recorded since a mark; None when the state does not go on from there, or its plans cannot tell.

    known: texts of plans, snapshots left out or not: one that the state has is large, and is read where there is no other.
    """
    serial, lines, last = mark.split(" ")
    if not _goes_on(db, int(lines), last):
        return None
    plans = _plans(db, int(lines))
    found = None if plans is None else _found(db, *plans, known)
    if found is None:
        return None
    came, gone = _pointers(db, environment, int(serial))
    return Touched(
        mark=mark_of(db),
        stored={left: frozenset(columns) for left, columns in found.stored.items()},
        datasets=frozenset(found.datasets),
        tables=frozenset(found.tables),
        came=came,
        gone=gone,
    )


def _plans(db: Sql, lines: int) -> tuple[set[PlanId], dict[PlanId, set[str]]] | None:
    """The plans that began behind a line, and plan → its steps that were done; None when a line does not tell of which it is."""
    began, done = set[PlanId](), dict[PlanId, set[str]]()
    query = "SELECT kind, plan, step FROM audit WHERE number > ? AND kind NOT IN (?, ?) ORDER BY number"
    for kind, plan, step in db.execute(query, (lines, str(LogKind.STEP_STARTED), str(LogKind.STEP_FAILED))):
        match LogKind(kind):
            case LogKind.BEGAN:
                began.add(plan)
            case LogKind.STEP_DONE:
                done.setdefault(plan, set()).add(step)
            case LogKind.TOLD:
                return None
            case LogKind.FINISHED | LogKind.DESTROYED:
                pass  # pointers tell
            case LogKind.CLEANED:
                pass  # what is forgotten nobody pointed at for as long, or pointers tell
            case LogKind.APPROVED | LogKind.LOCK_TAKEN | LogKind.WENT_ON | LogKind.STEP_STARTED | LogKind.STEP_FAILED:
                pass
            case other:
                assert_never(other)
    return began, done


def _found(db: Sql, began: set[PlanId], done: Mapping[PlanId, set[str]], known: Mapping[PlanId, str]) -> _Found | None:
    """What plans have recorded; None when they are too large, or another version has written them."""
    found = _Found()
    for plan in sorted(began | done.keys()):
        (total,) = db.execute("SELECT total FROM plans WHERE id = ?", (plan,)).fetchone()
        if total > MOST_STEPS:
            return None
        text = known.get(plan) or db.execute("SELECT json FROM plans WHERE id = ?", (plan,)).fetchone()[0]
        try:
            said = msgspec.json.decode(text, type=_Plan)
            if plan in began:
                found.begin(said)
            steps = {each.id: each for each in said.steps}
            for step in sorted(done.get(plan, ())):
                found.end(steps[step].parsed)
        except (msgspec.MsgspecError, ChrononError, KeyError):
            return None
    return found


def _goes_on(db: Sql, lines: int, last: str) -> bool:
    """Whether the log goes on from its line of that number with that hash."""
    if not lines:
        return last == START
    row = db.execute("SELECT hash FROM audit WHERE number = ?", (lines,)).fetchone()
    return row is not None and row[0] == last


def _pointers(db: Sql, environment: str, serial: int) -> tuple[frozenset[int], frozenset[int]]:
    """The snapshots at which an environment began and ceased to point after a serial of the state."""
    query = "SELECT min(serial) FROM moves WHERE environment = ? AND state > ?"
    (first,) = db.execute(query, (environment, serial)).fetchone()
    if first is None:
        return frozenset(), frozenset()
    began = db.execute(
        "SELECT snapshot FROM pointed WHERE environment = ? AND since >= ? AND until IS NULL", (environment, first)
    )
    ceased = db.execute(
        "SELECT snapshot FROM pointed WHERE environment = ? AND since < ? AND until >= ?", (environment, first, first)
    )
    return frozenset(number for (number,) in began), frozenset(number for (number,) in ceased)


def _tables_of(job: Job) -> Iterator[str]:
    match job:
        case LeftJob():
            yield job.rows.table
        case FeatureJob() | UploadJob():
            yield from (rows.table for rows in job.group_by.inputs if rows.table)
        case DerivationJob() | StreamJob():
            return
        case _:
            assert_never(job)
