"""What every rendering of a plan says, before it is text: counts, work, verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from chronon.cli.views.sizes import duration_text, expected_text
from chronon.cli.views.words import listed, plural
from chronon.model.dayset import DaySet
from chronon.model.jobs import DerivationJob, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.names import Kind
from chronon.model.plan import Axes, Change, Danger, Plan, Step
from chronon.model.time import day_text

SIGNS: Mapping[Danger, str] = {
    Danger.REMOVAL: "-",
    Danger.SERVING_BREAK: "!",
    Danger.VALUE_CHANGE: "~",
    Danger.REBUILD: "~",
    Danger.ADDITION: "+",
    Danger.METADATA: "=",
}

_PLURALS = {"upload": "uploads", "stream": "streams"}

_OWNERS_SHOWN = 8

_NOTICED = frozenset({Danger.REMOVAL, Danger.SERVING_BREAK, Danger.VALUE_CHANGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A step for people.

    columns: names of what it makes.  days: how many partitions it writes; 0 where nothing is partitioned.
    range:   the days in words, inclusive.
    read, written: how much, in words; a dash where nobody knows.  takes: how long, half and nine of ten times.
    """

    kind: str
    object: str
    columns: tuple[str, ...]
    days: int
    range: str
    reason: str
    read: str = "-"
    written: str = "-"
    takes: str = "-"


def readers_notice(plan: Plan) -> bool:
    """Whether something that is read today goes away or changes its values."""
    return any(change.danger in _NOTICED for change in plan.changes)


def approvals_needed(plan: Plan, named: Callable[[str], str] = str) -> str:
    """` · needs 2 approvals of @ml and @risk`; empty when nothing has to be approved. named: an owner as it is written."""
    if not plan.gates:
        return ""
    owners = list(map(named, dict.fromkeys(owner for gate in plan.gates for owner in gate.owners)))
    shown = [*owners[:_OWNERS_SHOWN], *([f"{len(owners) - _OWNERS_SHOWN:,} more"] if owners[_OWNERS_SHOWN:] else [])]
    return f" · needs {plural(len(plan.gates), 'approval')}{f' of {listed(shown)}' if shown else ''}"


def danger_counts(changes: Sequence[Change]) -> str:
    """`1 removal, 2 additions`: the changes by danger; empty when nothing changes."""
    counted = Counter(change.danger for change in changes)
    return ", ".join(plural(counted[danger], danger.value) for danger in Danger if counted[danger]).replace(
        "metadatas", "metadata"
    )


def axes_words(axes: Axes) -> str:
    """`values changed · readers compatible · serving new upload`."""
    return f"values {axes.values.value} · readers {axes.readers.value} · serving {axes.serving.value}"


def by_danger(changes: Sequence[Change]) -> dict[Danger, list[Change]]:
    """The changes in groups, the most dangerous first."""
    return {danger: found for danger in Danger if (found := [change for change in changes if change.danger is danger])}


def work_of(plan: Plan) -> list[Work]:
    """One row per step, in the order in which they run."""
    return [work_of_step(step) for step in plan.steps]


def work_of_step(step: Step) -> Work:
    """One step for people."""
    work = _work(step.job, str(step.object), step.reason)
    if step.estimate is None:
        return work
    estimate = step.estimate
    read, written = expected_text(estimate.read), expected_text(estimate.written)
    return replace(work, read=read, written=written, takes=duration_text(estimate.duration))


def work_counts(plan: Plan) -> str:
    """`12 steps: left rows 2, features 9, uploads 1 · 684 table-days to write`."""
    work = work_of(plan)
    counted = Counter(row.kind for row in work)
    days = sum(row.days for row in work)
    steps = ", ".join(f"{_PLURALS.get(kind, kind)} {count:,}" for kind, count in counted.items())
    return f"{plural(len(work), 'step')}: {steps}" + (f" · {plural(days, 'table-day')} to write" if days else "")


def idle(plan: Plan) -> str:
    """What a plan without steps says about the work."""
    return "nothing to compute: only pointers move" if plan.origin else "nothing to compute"


def headline(plan: Plan) -> str:
    """Where the plan applies: environment, where its snapshots come from, state, last day, revision."""
    revision = f" · repository @ {plan.revision}" if plan.revision else ""
    origin = f" · {plan.origin}" if plan.origin else ""
    return (
        f"environment {plan.environment}{origin} · state serial {plan.base_serial} · "
        f"up to and with {day_text(plan.as_of)} (UTC){revision}"
    )


def nothing(plan: Plan) -> str:
    """What an empty plan says."""
    if plan.left_out:
        return "Nothing that was selected changes."
    if plan.excluded:
        return "Nothing changes of what can be computed: look at UPSTREAM."
    return f"Nothing changes: {plural(plan.untouched, 'object')} as deployed, every day computed."


def _work(job: Job, name: str, reason: str) -> Work:
    match job:
        case LeftJob():
            return _tables("left rows", name, tuple(s.name for s in job.rows.selects), job.days, reason)
        case FeatureJob():
            columns = tuple(column for _, column in job.columns)
            return _tables(_kind_of(job), f"{name} < {job.part.group_by}", columns, job.days, reason)
        case DerivationJob():
            return _tables("derivations", name, tuple(column for _, column in job.columns), job.days, reason)
        case UploadJob():
            columns = tuple(feature.name for feature in job.group_by.features)
            until = f"until {day_text(job.day)}"
            return Work(kind="upload", object=name, columns=columns, days=0, range=until, reason=reason)
        case StreamJob():
            since = f"from {day_text(job.since)} on"
            readers = tuple(str(reader.group_by.id) for reader in job.readers)
            return Work(kind="stream", object=job.topic, columns=readers, days=0, range=since, reason=reason)
        case _:
            assert_never(job)


def _kind_of(job: FeatureJob) -> str:
    if job.part.ahead:
        return "labels"
    return "bootstrap" if job.part.group_by.kind is Kind.SOURCE else "features"


def _tables(kind: str, name: str, columns: tuple[str, ...], days: DaySet, reason: str) -> Work:
    return Work(kind=kind, object=name, columns=columns, days=len(days), range=str(days), reason=reason)
