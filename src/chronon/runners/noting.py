"""What is recorded of the source tables when a plan begins: by what the days are known again that its jobs may read.

A day is marked before any job reads it. If it is written again meanwhile, the next plan finds it other than marked: what was computed
of it is computed once more, and never too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from chronon.model.corrections import Mark, Marks, Noted
from chronon.model.dayset import DaySet
from chronon.model.definitions import SLACK_DAYS, Rows
from chronon.model.jobs import DerivationJob, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.plan import Plan
from chronon.model.time import Day, Millis, day_start
from chronon.runners.compute import aggregated_features
from chronon.runners.deployment import Deployment
from chronon.runners.ranges import days_to_read
from chronon.stores.tables.marks import before_the_first, marks_of, moved


def noted_of(plan: Plan, deployment: Deployment) -> Noted:
    """The marks of the days that a plan reads and that have none, of those that it corrects or that only look rewritten; what it leaves stale.

    Errors: CHR-K021 of a table that is gone.
    """
    wanted: dict[tuple[str, str], DaySet] = {}
    for step in plan.steps:
        for rows, days in days_of(step.job, deployment):
            key = (rows.table, rows.partition)
            wanted[key] = wanted.get(key, DaySet()) | days
    known = deployment.state.marks()
    fresh = {key: days - DaySet.days(known.get(key, {})) for key, days in wanted.items()}
    for key, days in _again(plan, deployment, known).items():
        fresh[key] = fresh.get(key, DaySet()) | days
    marks = marks_of(deployment.tables, {key: days for key, days in fresh.items() if days})
    return Noted(marks=marks, stale=plan.stale, uploads=plan.stale_uploads)


def days_of(job: Job, deployment: Deployment) -> Iterator[tuple[Rows, DaySet]]:
    """The tables with partitions that a job reads, and all days of them that it may read: left rows may ask SLACK_DAYS off.

    Days between others that are not there are among them, and so is the one before the first.
    """
    match job:
        case LeftJob():
            yield job.rows, job.days
        case FeatureJob() | UploadJob():
            for rows in job.group_by.inputs:
                days = deployment.tables.of((rows,)).days(rows.table) if rows.table and rows.partition else DaySet()
                if days:
                    yield rows, _days_read(job, rows, DaySet.span(Day(days.first - 1), days.last))
        case DerivationJob() | StreamJob():
            return
        case _:
            assert_never(job)


def _days_read(job: FeatureJob | UploadJob, rows: Rows, available: DaySet) -> DaySet:
    features, found = aggregated_features(job.group_by), DaySet()
    asked = DaySet.span(job.day + 1, job.day + 1) if isinstance(job, UploadJob) else job.days
    strays = 0 if isinstance(job, UploadJob) else SLACK_DAYS
    for start, end in asked.ranges:
        first, last = day_start(Day(start - strays)), Millis(day_start(Day(end + strays)) - 1)
        found |= days_to_read(rows, features, job.group_by.accuracy, first=first, last=last, available=available)
    return found


def _again(plan: Plan, deployment: Deployment, known: Marks) -> dict[tuple[str, str], DaySet]:
    """Days with a mark that is to be another one from now on."""
    rewritten = moved(deployment.tables, known).rewritten if known else {}
    corrected = dict(rewritten)
    for each in plan.corrected:
        corrected[each.table] = corrected.get(each.table, DaySet()) | each.days
    return {
        key: _marked_days(deployment, key, days) & corrected[key[0]]
        for key, days in known.items()
        if key[0] in corrected
    }


def _marked_days(deployment: Deployment, key: tuple[str, str], known: Mapping[Day, Mark]) -> DaySet:
    table = key[0]
    return DaySet.days(known) | before_the_first(deployment.tables.partitioned([key]), table, known)
