"""What is deployed: text and JSON of a state and its journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chronon.cli.terminal import PLAIN, Paint, printable
from chronon.cli.views.sizes import against, foretold_by
from chronon.cli.views.words import aligned, plural
from chronon.model.dayset import DaySet
from chronon.model.state import Snapshot, State
from chronon.model.time import Millis, day_text, instant_text

if TYPE_CHECKING:
    from chronon.model.jobs import Digest
    from chronon.model.plan import StepId
    from chronon.model.savepoints import Savepoint
    from chronon.model.sizes import Run
    from chronon.stores.state import Lease, LogEntry, PlanRecord

_RECENT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything that `status` shows. now: seconds since the epoch; a lease that ended before is no lock.

    savepoints: dataset of tiles → up to where they hold their topic.
    """

    target: str
    environment: str
    state: State
    history: Sequence[PlanRecord]
    holder: Lease | None
    now: float
    savepoints: Mapping[Digest, Savepoint] = field(default_factory=dict)

    @property
    def lock(self) -> Lease | None:
        """Who may write now, if anybody."""
        return self.holder if self.holder is not None and self.holder.until > self.now else None

    @property
    def snapshots(self) -> list[Snapshot]:
        """What is live in the environment, by id."""
        live = self.state.environment(self.environment).snapshots
        return [live[identity] for identity in sorted(live)]


def status_lines(status: Status, paint: Paint = PLAIN) -> list[str]:
    """The environment, its objects, the last plans, the lock."""
    environment = status.state.environment(status.environment)
    serials = f"serial {environment.serial} · state serial {status.state.serial}"
    lines = [f"environment {paint.strong(status.environment)} · {serials} · target {status.target}"]
    lines += _objects(status) or ["nothing is deployed: `chronon plan` shows what an apply would do"]
    others = sorted(status.state.environments.keys() - {status.environment})
    lines += [f"other environments: {', '.join(others)}"] if others else []
    lines += _plans(status.history, paint)
    if lock := status.lock:
        lines.append(paint.warn(_lock(lock)))
    return lines


def status_plain(status: Status) -> dict[str, Any]:
    """The same for JSON."""
    lock = status.lock
    return {
        "target": status.target,
        "environment": status.environment,
        "serial": status.state.environment(status.environment).serial,
        "state_serial": status.state.serial,
        "objects": [_object_plain(status, snapshot) for snapshot in status.snapshots],
        "plans": [plan_plain(record) for record in status.history],
        "lock": lock and {"holder": lock.holder, "since": moment(lock.since), "until": moment(lock.until)},
    }


def plan_line(record: PlanRecord, paint: Paint = PLAIN) -> str:
    """One apply: id, how it stands, when, how far."""
    marks = {"applied": paint.good, "applying": paint.warn, "superseded": paint.faint}
    ended = f", ended {moment(record.finished)}" if record.finished is not None else ""
    return (
        f"{marks[record.status.value](f'{record.status.value:10}')} {record.id}  began {moment(record.started)}{ended}, "
        f"{record.done} of {plural(record.total, 'step')} done"
    )


def took_lines(plan_json: str, runs: Mapping[StepId, Run]) -> list[str]:
    """What an apply took beside what its plan told, under its line."""
    return [f"           {line}" for line in against(foretold_by(plan_json), runs)]


def plan_plain(record: PlanRecord) -> dict[str, Any]:
    """The same for JSON."""
    return {
        "plan": record.id,
        "status": record.status.value,
        "began": moment(record.started),
        "ended": None if record.finished is None else moment(record.finished),
        "done": record.done,
        "steps": record.total,
    }


def log_line(entry: LogEntry) -> str:
    """One line of the log: when, who, what, and under which approvals."""
    approved = f", approved: {'; '.join(entry.approvals)}" if entry.approvals else ""
    return f"{moment(entry.at)}  {printable(entry.who)}  {printable(entry.what + approved)}"


def log_plain(entry: LogEntry) -> dict[str, Any]:
    """The same for JSON, with its place in the chain."""
    return {
        "number": entry.number,
        "at": moment(entry.at),
        "who": entry.who,
        "kind": entry.kind.value,
        "plan": entry.plan or None,
        "step": entry.step or None,
        "job": entry.job or None,
        "approvals": list(entry.approvals),
        "what": entry.what,
        "hash": entry.hash,
    }


def moment(seconds: float) -> str:
    """Seconds since the epoch as an instant in UTC, without fractions."""
    return instant_text(Millis(int(seconds) * 1000))


def _objects(status: Status) -> list[str]:
    rows = [("object", "columns", "days computed", "upload until", "stream from")]
    for snapshot in status.snapshots:
        plain = _object_plain(status, snapshot)
        name = f"{snapshot.id.kind} {snapshot.id}"
        days = plain["days"] if snapshot.left else "-"
        rows.append((name, str(len(snapshot.columns)), days or "none", plain["upload"] or "-", _stream_text(plain)))
    return aligned(rows, right=(1,)) if len(rows) > 1 else []


def _stream_text(plain: Mapping[str, Any]) -> str:
    """The first day of a stream, and how many lines of its topic are folded."""
    place = plain["savepoint"]
    return (plain["stream"] or "-") + (f", {plural(place['lines'], 'line')} folded" if place else "")


def _object_plain(status: Status, snapshot: Snapshot) -> dict[str, Any]:
    state = status.state
    place = status.savepoints.get(snapshot.stream) if snapshot.stream else None
    upload = state.uploads.get(snapshot.serving) if snapshot.serving else None
    stream = state.streams.get(snapshot.stream) if snapshot.stream else None
    return {
        "kind": snapshot.id.kind.value,
        "name": str(snapshot.id.name),
        "version": snapshot.id.version,
        "fingerprint": snapshot.fingerprint,
        "columns": sorted(snapshot.columns),
        "days": str(_computed(state, snapshot)),
        "upload": None if upload is None else day_text(upload),
        "stream": None if stream is None else day_text(stream),
        "savepoint": place
        and {
            "lines": place.lines,
            "bytes": place.bytes,
            "files": [{"name": each.name, "lines": each.lines, "bytes": each.bytes} for each in place.files],
        },
    }


def _computed(state: State, snapshot: Snapshot) -> DaySet:
    """The days for which the left rows and every column are there; empty for a group_by."""
    if snapshot.left is None:
        return DaySet()
    days = state.computed.get((snapshot.left, snapshot.left), DaySet())
    for digest in set(snapshot.columns.values()):
        days &= state.computed.get((snapshot.left, digest), DaySet())
    return days


def _plans(history: Sequence[PlanRecord], paint: Paint) -> list[str]:
    lines = [plan_line(record, paint) for record in history[:_RECENT]]
    if history and history[0].status.value == "applying":
        lines.append("the last plan is unfinished: `chronon apply` goes on with what is left")
    return lines


def _lock(lock: Lease) -> str:
    return f"locked by {printable(lock.holder)} since {moment(lock.since)}, at least until {moment(lock.until)}"
