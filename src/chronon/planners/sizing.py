"""What steps take: rows, bytes and partitions from statistics, time from what earlier runs of the same work took.

Numbers that nobody can know are left out: how many rows a filter keeps or bytes a column packs into is told by earlier runs, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from chronon.model.dayset import DaySet
from chronon.model.definitions import SLACK_DAYS, Feature, Rows
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.plan import Plan, Step, StepId
from chronon.model.sizes import Estimate, Expected, Run, Size, Statistics, Work, total
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.state import State
from chronon.model.time import Day
from chronon.model.verdicts import StreamChange
from chronon.planners.days import Available, asked_by, bounds, source_days
from chronon.planners.demand import Stored
from chronon.planners.durations import duration_of
from chronon.planners.planning import plan_id
from chronon.planners.settled import NO_REST, Rest
from chronon.planners.verdicts import folding


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of what estimates need statistics.

    partitions: (table, column of partitions) → days, None for a table without partitions.
    stored:     (left, column) → days.
    topics:     step that folds one → what of it.
    """

    partitions: Mapping[tuple[str, str], DaySet | None]
    stored: Mapping[Stored, DaySet]
    topics: Mapping[StepId, Folded]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What of a topic is folded.

    time:  field with the time as it is, or empty.  since: the day from which events count.
    after: the dataset whose savepoint is gone on from; None where all is folded.
    """

    topic: str
    time: str
    since: Day
    after: Digest | None


def asked_of(plan: Plan, available: Available) -> Asked:
    """What has to be looked at: only tables, days and columns that some step reads or asks with."""
    partitions: dict[tuple[str, str], DaySet | None] = {}
    stored: dict[Stored, DaySet] = {}
    for step in plan.steps:
        for rows, days in table_days(step.job, available):
            key = (rows.table, rows.partition)
            known = partitions.get(key)
            partitions[key] = days if known is None or days is None else known | days
        for column, days in stored_days(step.job).items():
            stored[column] = stored.get(column, DaySet()) | days
    topics = {step.id: _folded(step.job) for step in plan.steps if isinstance(step.job, StreamJob)}
    return Asked(partitions=partitions, stored=stored, topics=topics)


def sized(plan: Plan, statistics: Statistics, available: Available, state: State, rest: Rest = NO_REST) -> Plan:
    """The plan with an estimate for each step. state, rest: what its id is made of, see `plan_id`.

    Law: a function of its arguments, like the plan itself.
    """
    runs: dict[Work, list[Run]] = {}
    for run in statistics.runs:
        runs.setdefault(run.work, []).append(run)
    sizes = _Sizes(statistics=statistics, available=available, runs=runs, rows={})
    steps = tuple(replace(step, estimate=sizes.estimate(step)) for step in plan.steps)
    into = folding(steps)
    streams = tuple(_with_figures(each, into.get(each.new) if each.new else None, statistics) for each in plan.streams)
    whole = replace(plan, steps=steps, streams=streams)
    return replace(whole, id=plan_id(whole, state, rest))


def _with_figures(change: StreamChange, step: Step | None, statistics: Statistics) -> StreamChange:
    return replace(change, figures=statistics.topics.get(step.id)) if step else change


def _folded(job: StreamJob) -> Folded:
    after = job.readers[0].dataset if job.goes_on else None
    return Folded(topic=job.topic, time=_time_field(job), since=job.since, after=after)


def _time_field(job: StreamJob) -> str:
    """The field that dates an event, where it does so as it stands in the line."""
    dated = (rows.dated_by for reader in job.readers for rows in reader.group_by.streamed)
    return next(filter(None, dated), "")


def rows_read(job: Job) -> tuple[Rows, ...]:
    """What a job reads of tables."""
    match job:
        case LeftJob():
            return (job.rows,)
        case FeatureJob() | UploadJob():
            return tuple(rows for rows in job.group_by.inputs if rows.table)
        case DerivationJob() | StreamJob():
            return ()
        case _:
            assert_never(job)


def table_days(job: Job, available: Available) -> Iterable[tuple[Rows, DaySet | None]]:
    """The tables that a job reads, and the days of them that are there; None for a table without partitions."""
    match job:
        case LeftJob():
            yield job.rows, _there(job.rows, job.days, available)
        case FeatureJob() | UploadJob():
            for rows in rows_read(job):
                yield rows, _there(rows, _around_questions(rows, job) & bounds(rows), available)
        case DerivationJob() | StreamJob():
            return
        case _:
            assert_never(job)


def stored_days(job: Job) -> dict[Stored, DaySet]:
    """(left, column) → days of what is stored already, or made by earlier steps, and a job reads or asks with."""
    match job:
        case FeatureJob():
            found = {(job.left, job.left): job.days}
        case DerivationJob():
            found = {(job.left, column): job.days for column in (job.left, *job.inputs.values())}
        case _:
            found = {}
    if isinstance(job, FeatureJob | UploadJob) and job.chained is not None:
        read = _around_questions(job.group_by.rows[0], job)
        for column in (job.chained.left, *job.chained.columns.values()):
            found[job.chained.left, column] = found.get((job.chained.left, column), DaySet()) | read
    return found


def _around_questions(rows: Rows, job: FeatureJob | UploadJob) -> DaySet:
    """The partitions that are opened: those of the windows, and of the days beside them where rows may lie off."""
    if isinstance(job, UploadJob):
        return _around(rows, job.group_by.features, Accuracy.SNAPSHOT, DaySet.span(job.day + 1, job.day + 1))
    return _around(rows, job.group_by.features, *asked_by(job))


def _around(rows: Rows, features: Iterable[Feature], accuracy: Accuracy, asked: DaySet) -> DaySet:
    whole = DaySet.span(asked.first, asked.last)  # a job reads from its first day to its last
    days = source_days(rows, features, accuracy, whole)
    if rows.kind is SourceKind.ENTITIES or not days:
        return days
    reach = DaySet.span(days.first, whole.last)  # what the day itself has is opened also where nothing of it counts
    return reach.widen(before=SLACK_DAYS, after=SLACK_DAYS)


def _there(rows: Rows, days: DaySet, available: Available) -> DaySet | None:
    there = available.get(rows.table, DaySet())
    return None if there is None or not rows.partition else days & there


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    """Estimates step by step. rows: (left, day) → rows that a step before is going to write."""

    statistics: Statistics
    available: Available
    runs: Mapping[Work, Sequence[Run]]
    rows: dict[tuple[Digest, Day], int]

    def estimate(self, step: Step) -> Estimate:
        runs = self.runs.get(step.work, ())
        read = self._read(step)
        written = self._written(step.job, read, runs)
        volume = None if read.rows is None else read.rows + (written.rows or 0)
        duration = None if volume is None else duration_of(runs, volume)
        told = _told(len(runs), is_sized=volume is not None, has_time=duration is not None)
        source = "lines of the topic" if isinstance(step.job, StreamJob) else "partition statistics"
        return Estimate(read=read, written=written, duration=duration, runs=len(runs), basis=f"{source}, {told}")

    def _read(self, step: Step) -> Expected:
        job = step.job
        match job:
            case StreamJob():
                found = self.statistics.topics.get(step.id)
                return Expected(rows=found.events if found else None, bytes=found.bytes if found else None)
            case DerivationJob():
                return self._of_stored(dict.fromkeys(stored_days(job), job.days))
            case _:
                sizes = [self._of_table(rows, days) for rows, days in table_days(job, self.available)]
                if isinstance(job, FeatureJob | UploadJob) and job.chained is not None:
                    parent = {one: days for one, days in stored_days(job).items() if one[0] == job.chained.left}
                    sizes.append(self._of_stored(parent))
                return _sum(sizes)

    def _of_table(self, rows: Rows, days: DaySet | None) -> Expected:
        known = self.statistics.partitions.get((rows.table, rows.partition), {})
        asked: Sequence[Day | None] = (None,) if days is None else list(days)
        if not all(day in known for day in asked):
            return Expected(rows=None, bytes=None, partitions=len(asked))
        found = total(known[day] for day in asked)
        count = 1 if days is None else len(days)
        columns, whole = self.statistics.columns.get(rows.table), self.statistics.totals.get(rows.table)
        if columns is None or not whole:
            return Expected(rows=found.rows, bytes=None if found.rows else 0, partitions=count)
        share = sum(columns.get(name, 0) for column in rows.columns for name in (column.name, *column.aliases))
        return Expected(rows=found.rows, bytes=found.bytes * share // whole, partitions=count)

    def _of_stored(self, wanted: Mapping[Stored, DaySet]) -> Expected:
        """What is there is known; of what a step before makes, the rows at most. Rows of a day count once, whatever is read of them."""
        rows: dict[tuple[Digest, Day], int | None] = {}
        size, is_weighed = 0, True
        for (left, column), asked in wanted.items():
            there = self.statistics.stored.get((left, column), {})
            for day in asked:
                found = there.get(day)
                made = found.rows if found else self.rows.get((left, day))
                rows[left, day] = (
                    max(made or 0, rows.get((left, day)) or 0) if made is not None else rows.get((left, day))
                )
                size, is_weighed = size + (found.bytes if found else 0), is_weighed and found is not None
        known = [each for each in rows.values() if each is not None]
        return Expected(
            rows=sum(known) if len(known) == len(rows) else None,
            bytes=size if is_weighed else None,
            partitions=len(rows),
        )

    def _written(self, job: Job, read: Expected, runs: Sequence[Run]) -> Expected:
        match job:
            case LeftJob():
                rows = self._left_rows(job, read, runs)
                return Expected(rows=rows, bytes=_bytes(rows, runs), partitions=len(job.days))
            case FeatureJob() | DerivationJob():
                rows = self._asked(job.left, job.days)
                return Expected(rows=rows, bytes=_bytes(rows, runs), partitions=len(job.days))
            case UploadJob() | StreamJob():
                written = runs[0].written if runs else None
                return Expected(rows=written.rows if written else None, bytes=written.bytes if written else None)
            case _:
                assert_never(job)

    def _left_rows(self, job: LeftJob, read: Expected, runs: Sequence[Run]) -> int | None:
        """All rows of the days where nothing is filtered, else as many as earlier runs kept."""
        known = self.statistics.partitions.get((job.rows.table, job.rows.partition), {})
        kept = (1, 1) if not job.rows.wheres else _kept(runs)
        if kept is None or read.rows is None:
            return None
        for day in job.days:
            self.rows[job.left, day] = known.get(day, Size()).rows * kept[0] // kept[1]
        return sum(self.rows[job.left, day] for day in job.days)

    def _asked(self, left: Digest, days: DaySet) -> int | None:
        stored = self.statistics.stored.get((left, left), {})
        found = [self.rows.get((left, day), stored[day].rows if day in stored else None) for day in days]
        known = [rows for rows in found if rows is not None]
        return sum(known) if len(known) == len(found) else None


def _told(runs: int, *, is_sized: bool, has_time: bool) -> str:
    """From what the time is told, or why it is not."""
    if has_time:
        return f"{runs} earlier {'run' if runs == 1 else 'runs'}"
    if not runs:
        return "no earlier run: no time told"
    return f"{'earlier runs are too small' if is_sized else 'rows are not known'}: no time told"


def _kept(runs: Sequence[Run]) -> tuple[int, int] | None:
    read, written = (total(size) for size in ((run.read for run in runs), (run.written for run in runs)))
    return (written.rows, read.rows) if read.rows else None


def _bytes(rows: int | None, runs: Sequence[Run]) -> int | None:
    """As many for a row as in earlier runs."""
    written = total(run.written for run in runs)
    return None if rows is None or not written.rows else rows * written.bytes // written.rows


def _sum(sizes: Sequence[Expected]) -> Expected:
    rows, weights = [each.rows for each in sizes], [each.bytes for each in sizes]
    return Expected(
        rows=None if None in rows else sum(each for each in rows if each is not None),
        bytes=None if None in weights else sum(each for each in weights if each is not None),
        partitions=sum(each.partitions for each in sizes),
    )
