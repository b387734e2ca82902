"""Looks up the files that a job reads: partitions of source tables, fragments of left rows and parent joins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import assert_never

import pyarrow.parquet as pq

from chronon.model.dayset import DaySet
from chronon.model.definitions import GroupBy, Rows
from chronon.model.jobs import DerivationJob, FeatureJob, Fragment, LeftJob, TableJob, UploadJob
from chronon.model.time import Day, Millis, day_start
from chronon.runners.compute import aggregated_features
from chronon.runners.contracts import check_file, check_reach
from chronon.runners.deployment import Deployment
from chronon.runners.engine import JobInputs, Partition, Stored
from chronon.runners.ranges import days_to_read
from chronon.stores.tables.sources import SourceTables


def inputs_of(job: TableJob | UploadJob, deployment: Deployment) -> JobInputs:
    """The files of a job, as they are now.

    Errors: CHR-K021 for a missing table; CHR-R010 when a partition that the job was planned for is gone; CHR-R011 for a
    file that cannot be read; CHR-R012 when a file has a column that the job reads in another type than declared, or lacks it.
    """
    root = str(deployment.warehouse.root)
    match job:
        case LeftJob():
            partitions = _left_partitions(job, deployment.tables.of((job.rows,)))
            return JobInputs(partitions=(partitions,), warehouse=root)
        case FeatureJob():
            left = deployment.state.fragments(job.left, {job.left}, job.days)
            if job.at_end:
                first, last = (day_start(Day(day + 1)) for day in (job.days.first, job.days.last))
            else:
                first, last = (Millis(at + job.later) for at in _time_range(left, deployment.warehouse.root))
            return replace(_sources(job, first, last, deployment), left=left)
        case DerivationJob():
            wanted = {job.left, *job.inputs.values()}
            return JobInputs(left=deployment.state.fragments(job.left, wanted, job.days), warehouse=root)
        case UploadJob():
            batch_end = day_start(Day(job.day + 1))
            return _sources(job, batch_end, batch_end, deployment)
        case _:
            assert_never(job)


def _left_partitions(job: LeftJob, tables: SourceTables) -> tuple[Partition, ...]:
    check_reach(job.rows, job, tables.days(job.rows.table))
    return _partitions(job.rows, job.days, tables)


def _sources(job: FeatureJob | UploadJob, first: Millis, last: Millis, deployment: Deployment) -> JobInputs:
    """The partitions of everything that is read, and for a chained group_by the fragments of its parent.

    first, last: the moments between which is asked.
    """
    root = str(deployment.warehouse.root)
    if job.chained is not None:
        rows = job.group_by.rows[0]
        wanted = {job.chained.left, *job.chained.columns.values()}
        published = deployment.state.computed_days(job.chained.left, wanted)
        days = _read_days(rows, job.group_by, first, last, published)
        fragments = deployment.state.fragments(job.chained.left, wanted, days)
        return JobInputs(partitions=((),), chained=fragments, warehouse=root)
    found = []
    for rows in job.group_by.inputs:
        tables = deployment.tables.of((rows,))
        available = tables.days(rows.table) if rows.partition else DaySet()
        check_reach(rows, job, available)
        days = _read_days(rows, job.group_by, first, last, available)
        found.append(_partitions(rows, days, tables))
    return JobInputs(partitions=tuple(found), warehouse=root)


def _read_days(rows: Rows, group_by: GroupBy, first: Millis, last: Millis, available: DaySet) -> DaySet:
    features = aggregated_features(group_by)
    return days_to_read(rows, features, group_by.accuracy, first=first, last=last, available=available)


def _partitions(rows: Rows, days: DaySet, tables: SourceTables) -> tuple[Partition, ...]:
    by_day: dict[Day | None, tuple[Path, ...]]
    if rows.partition:
        by_day = {day: tables.files(rows.table, DaySet.days([day])) for day in days & tables.days(rows.table)}
    else:
        by_day = {None: tables.files(rows.table, None)}
    return tuple(partition for day, files in by_day.items() for partition in _alike(rows, day, files))


def _alike(rows: Rows, day: Day | None, files: tuple[Path, ...]) -> Iterator[Partition]:
    """The files of a day by how they hold their columns, in the order of the first of each kind."""
    layouts: dict[tuple[Stored, ...], list[str]] = {}
    for path in files:
        layouts.setdefault(check_file(rows, path), []).append(str(path))
    for stored, paths in layouts.items() or [((), [])]:
        yield Partition(day=day, files=tuple(paths), stored=stored)


def _time_range(left: tuple[Fragment, ...], root: Path) -> tuple[Millis, Millis]:
    """The earliest and latest `ts` of left fragments, from the files' statistics."""
    bounds = [bound for fragment in left if fragment.rows for bound in _bounds(root / fragment.path)]
    if bounds:
        return Millis(min(bounds)), Millis(max(bounds))
    days = DaySet.days(fragment.day for fragment in left)
    return (day_start(days.first), day_start(days.last)) if days else (Millis(0), Millis(0))


def _bounds(path: Path) -> list[int]:
    metadata = pq.read_metadata(path)
    column = metadata.schema.names.index("ts")
    groups = [metadata.row_group(n).column(column).statistics for n in range(metadata.num_row_groups)]
    return [bound for group in groups for bound in (group.min, group.max)]
