"""Holds source tables against what their source declares, before anything is computed from them.

A declared column that a file lacks, or has in another type, would end as an engine's error in the middle of an apply, or
as other numbers than the stream's; a partition that is gone, as fewer events. The newest file of every table is looked
at before the first step, and every file that a job reads before the job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import assert_never

import pyarrow as pa
import pyarrow.parquet as pq

from chronon.model.dayset import DaySet
from chronon.model.definitions import Column, Rows
from chronon.model.errors import ChrononError
from chronon.model.jobs import DerivationJob, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.live import Fit, LiveTable, cast_instead, held
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.time import DAY, Day
from chronon.runners.engine import Stored
from chronon.stores.tables.precision import too_fine
from chronon.stores.tables.sources import SourceTables, live_table


def check_tables(jobs: Iterable[Job], tables: SourceTables) -> None:
    """Look at every table that the jobs read: the days that it must have, and the newest file of those.

    Errors: CHR-K021 no such table, CHR-R011 a file that cannot be read, CHR-R010 a partition that is gone, CHR-R012 a
    column that is not as declared.
    """
    available: dict[tuple[str, str], DaySet] = {}
    checked: set[tuple[Rows, Path]] = set()
    for rows, job in _reading(jobs):
        own, key = tables.of((rows,)), (rows.table, rows.partition)
        if key not in available:
            available[key] = own.days(rows.table)
        days = available[key]
        check_reach(rows, job, days)
        last = _last_day(job) if rows.end is None else min(_last_day(job), rows.end)
        read = days & DaySet.span(days.first, last) if days else days
        newest = DaySet.days([read.last]) if read else read
        for path in own.files(rows.table, newest if days else None)[-1:]:
            if (rows, path) not in checked:
                check_file(rows, path)
                checked.add((rows, path))


def check_reach(rows: Rows, job: LeftJob | FeatureJob | UploadJob, available: DaySet) -> None:
    """Left rows need every partition. Other jobs were planned once their sources had the day asked, or the one before.

    Errors: CHR-R010 when a day is not there any more. Holes further back were told when the plan was made.
    """
    if isinstance(job, LeftJob):
        missing = job.days - available
    elif not rows.partition or (rows.end is not None and available and available.last >= rows.end):
        missing = DaySet()
    else:
        is_exact = job.group_by.accuracy is Accuracy.TEMPORAL and rows.kind is not SourceKind.ENTITIES
        wanted = _last_day(job) - (0 if is_exact or isinstance(job, UploadJob) or job.at_end else 1)
        missing = DaySet() if available and available.last >= wanted else DaySet.days([wanted])
    if missing:
        hint = "it was there when the plan was made: load it again, or make a new plan"
        raise ChrononError("CHR-R010", f"table {rows.table} has no partition for {missing}", hint)


def check_file(rows: Rows, path: Path) -> tuple[Stored, ...]:
    """The columns that a file holds otherwise than declared, in ways that lose nothing.

    Errors: CHR-R011 when the file cannot be read; CHR-R012 when a column that is read is not as declared.
    """
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowInvalid) as cause:
        raise ChrononError("CHR-R011", f"cannot read {path}: {cause}", "write the file again") from cause
    table = live_table(schema)
    layout = tuple(stored for column in rows.columns for stored in _stored(column, table, rows, path))
    named = {stored.column: stored.name for stored in layout}
    names = [named.get(column.name, column.name) for column in rows.columns]
    if complaint := too_fine(path, schema, [name for name in names if name is not None]):
        raise _misfit(rows, path, complaint, "write its timestamps in microseconds")
    return layout


def _stored(column: Column, table: LiveTable, rows: Rows, path: Path) -> Iterator[Stored]:
    """How a file holds a column, where that is not as declared. Errors: CHR-R012."""
    found = held(table, column)
    match found.fit:
        case Fit.SAME if found.name == column.name:
            return
        case Fit.SAME | Fit.NARROWER:
            yield Stored(column=column.name, type=column.type, name=found.name)
        case Fit.ABSENT:
            yield Stored(column=column.name, type=column.type, name=None)
        case Fit.MISSING:
            lacks = f"lacks the column {column.name}, which is declared as {column.type}"
            raise _misfit(rows, path, lacks, f"it has {', '.join(sorted({*table.columns, *table.others}))}")
        case Fit.WIDER | Fit.OTHER:
            has = f"has {found.name} as {found.type}, which is declared as {column.type}"
            instead = cast_instead(column, found) or f"declare {column.name} as it is"
            raise _misfit(rows, path, has, f"write the file again, or {instead}")
        case _:
            assert_never(found.fit)


def _reading(jobs: Iterable[Job]) -> Iterator[tuple[Rows, LeftJob | FeatureJob | UploadJob]]:
    """Every table's rows that a job reads, and the job."""
    for job in jobs:
        match job:
            case LeftJob():
                yield job.rows, job
            case FeatureJob() | UploadJob():
                yield from ((rows, job) for rows in job.group_by.inputs if rows.table)
            case DerivationJob() | StreamJob():
                pass
            case _:
                assert_never(job)


def _last_day(job: LeftJob | FeatureJob | UploadJob) -> Day:
    if isinstance(job, UploadJob):
        return job.day
    later = job.later if isinstance(job, FeatureJob) else 0
    return Day(job.days.last - -later // DAY)


def _misfit(rows: Rows, path: Path, found: str, hint: str) -> ChrononError:
    return ChrononError("CHR-R012", f"table {rows.table} {found}: {path}", hint)
