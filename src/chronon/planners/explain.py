"""What a plan says about one object, as lines of text for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

from chronon.model.dayset import DaySet
from chronon.model.jobs import DerivationJob, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.names import ObjectId
from chronon.model.plan import Change, Plan, Step
from chronon.model.time import day_text
from chronon.model.verdicts import StreamChange
from chronon.planners.intervals import intervals_of


def explain(plan: Plan, identity: ObjectId, size: Callable[[Step], str] = lambda _: "") -> tuple[str, ...]:
    """Why an object is in a plan: its change, its steps with what they wait for, the days that it lacks.

    size: what a step takes, in words.
    """
    number = {step.id: index for index, step in enumerate(plan.steps, start=1)}
    lines = [f"{identity.kind} {identity} up to {day_text(plan.as_of)}"]
    for change in plan.changes:
        if change.id == identity:
            lines += _change_lines(change)
    for step in plan.steps:
        if step.object == identity or identity in _served_by(step.job):
            after = ", ".join(str(place) for place in sorted(number[need] for need in step.needs))
            lines.append(f"  step {number[step.id]}: {_work(step)}" + (f", after {after}" if after else ""))
            lines += intervals_of(step.job, plan.corrected)
            lines += [f"      {words}"] if (words := size(step)) else []
    lines += [line for change in plan.streams if change.object == identity for line in _stream_lines(change)]
    for each in (*plan.upstream, *plan.drift):
        places = [str(reader.span) for reader in each.readers if reader.id == identity]
        lines += [f"  {each.code}: {each.subject} {each.found}, read at {place}" for place in places]
    if identity in plan.excluded:
        lines.append("  excluded: stays as it is deployed, as it cannot be computed or goes along with what cannot")
    lines += [f"  lacks {gap.table} {gap.days}: {gap.hint}" for gap in plan.gaps if gap.id == identity]
    return tuple(lines) if len(lines) > 1 else (*lines, "  nothing changes and nothing is missing")


def _change_lines(change: Change) -> Iterator[str]:
    yield f"  {change.danger} {change.reason}: {change.summary}"
    yield f"  at {change.span}"
    axes = change.axes
    yield f"  values {axes.values} · readers {axes.readers} · serving {axes.serving}"
    for sign, columns in (("+", change.added), ("-", change.removed), ("~", change.changed)):
        if columns:
            yield f"  {sign} {', '.join(columns)}"


def _stream_lines(change: StreamChange) -> Iterator[str]:
    """The verdict of a stream, and the others with what speaks against them."""
    yield f"  stream of {change.topic}: {change.verdict}{change.whence}: {change.reason}"
    for other in change.others:
        whole = ", which would be whole too" if other.complete else ""
        yield f"      not {other.verdict}{whole}: {other.why}"


def _served_by(job: Job) -> frozenset[ObjectId]:
    """The group_bys that a stream's job serves besides the one that it is listed under."""
    return frozenset(reader.group_by.id for reader in job.readers) if isinstance(job, StreamJob) else frozenset()


def _work(step: Step) -> str:
    match step.job:
        case LeftJob(days=days):
            return f"left rows of {_days(days)}"
        case FeatureJob(days=days) | DerivationJob(days=days):
            return f"{', '.join(name for _, name in step.job.columns)} of {_days(days)}"
        case UploadJob():
            return step.reason
        case StreamJob(topic=topic):
            return f"{topic}: {step.reason}"
        case _:
            assert_never(step.job)


def _days(days: DaySet) -> str:
    return f"{len(days)} {'day' if len(days) == 1 else 'days'}, {days}"
