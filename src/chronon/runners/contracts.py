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
from chronon.model.definitions import Rows
from chronon.model.errors import ChrononError
from chronon.model.jobs import DerivationJob, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.time import Day
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.stores.tables.precision import too_fine
from chronon.stores.tables.sources import SourceTables, data_type

_WIDER = {(Scalar.INT, Scalar.LONG)}
"""(type in a file, declared type) that may differ: every value is the same number in both."""


def check_tables(jobs: Iterable[Job], tables: SourceTables) -> None:
    """Look at every table that the jobs read: the days that it must have, and the newest file of those.

    Errors: CHR-K021 no such table, CHR-R011 a file that cannot be read, CHR-R010 a partition that is gone, CHR-R012 a
    column that is not as declared.
    """
    available: dict[str, DaySet] = {}
    checked: set[tuple[Rows, Path]] = set()
    for rows, job in _reading(jobs):
        days = available.setdefault(rows.table, tables.days(rows.table))
        check_reach(rows, job, days)
        last = _last_day(job) if rows.end is None else min(_last_day(job), rows.end)
        read = days & DaySet.span(days.first, last) if days else days
        newest = DaySet.days([read.last]) if read else read
        for path in tables.files(rows.table, newest if days else None)[-1:]:
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


def check_file(rows: Rows, path: Path) -> None:
    """Errors: CHR-R011 when the file cannot be read; CHR-R012 when a column that is read is not as declared."""
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowInvalid) as cause:
        raise ChrononError("CHR-R011", f"cannot read {path}: {cause}", "write the file again") from cause
    for column in rows.columns:
        if column.name not in schema.names:
            found = f"lacks the column {column.name}, which is declared as {column.type}"
            raise _misfit(rows, path, found, f"it has {', '.join(sorted(schema.names))}")
        kind = schema.field(column.name).type
        if not _fits(data_type(kind), column.type):
            found = f"has {column.name} as {data_type(kind) or kind}, which is declared as {column.type}"
            raise _misfit(rows, path, found, f"write the file again, or declare {column.name} as it is")
    if complaint := too_fine(path, schema, [column.name for column in rows.columns]):
        raise _misfit(rows, path, complaint, "write its timestamps in microseconds")


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
    return job.day if isinstance(job, UploadJob) else job.days.last


def _fits(found: DataType | None, declared: DataType) -> bool:
    match found, declared:
        case (ListOf(inner), ListOf(wanted)) | (MapOf(inner), MapOf(wanted)):
            return _fits(inner, wanted)
        case StructOf(fields), StructOf(parts):
            return [name for name, _ in fields] == [name for name, _ in parts] and all(
                _fits(field, part) for (_, field), (_, part) in zip(fields, parts, strict=True)
            )
        case Decimal(), Decimal():
            return found.scale == declared.scale and found.precision <= declared.precision
        case _:
            return found == declared or (found, declared) in _WIDER


def _misfit(rows: Rows, path: Path, found: str, hint: str) -> ChrononError:
    return ChrononError("CHR-R012", f"table {rows.table} {found}: {path}", hint)
