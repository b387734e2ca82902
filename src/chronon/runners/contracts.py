"""Holds source tables against what their source declares, before anything is computed from them.

A declared column that a file lacks, or has in another type, would end as an engine's error in the middle of an apply, or
as other numbers than the stream's. The newest file of every table is looked at before the first step, and every file
that a job reads before the job.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import assert_never

import pyarrow as pa
import pyarrow.parquet as pq

from chronon.model.dayset import DaySet
from chronon.model.definitions import Rows
from chronon.model.errors import ChrononError
from chronon.model.jobs import DerivationJob, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.time import Day
from chronon.model.types import DataType, Scalar
from chronon.stores.tables.sources import SourceTables, data_type, unreadable

_WIDER = {(Scalar.INT, Scalar.LONG)}
"""(type in a file, declared type) that may differ: every value is the same number in both."""


def check_tables(jobs: Iterable[Job], tables: SourceTables) -> None:
    """Look at the newest file that the jobs read of every table.

    Errors: CHR-K021 no such table, CHR-K022 a file that is no Parquet, CHR-R012 a column that is not as declared.
    """
    for rows, last in dict.fromkeys(read for job in jobs for read in _read_by(job) if read[0].table):
        days = tables.days(rows.table)
        read = days & DaySet.span(days.first, last if rows.end is None else min(last, rows.end)) if days else days
        newest = DaySet.days([read.last]) if read else read
        for path in tables.files(rows.table, newest if days else None)[-1:]:
            check_file(rows, path)


def check_file(rows: Rows, path: Path) -> None:
    """Errors: CHR-K022 when the file is no Parquet; CHR-R012 when a column that is read is not as declared."""
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowInvalid) as cause:
        raise unreadable(path, cause) from cause
    for column in rows.columns:
        if column.name not in schema.names:
            found = f"lacks the column {column.name}, which is declared as {column.type}"
            raise _misfit(rows, path, found, f"it has {', '.join(sorted(schema.names))}")
        kind = schema.field(column.name).type
        if not _fits(data_type(kind), column.type):
            found = f"has {column.name} as {data_type(kind) or kind}, which is declared as {column.type}"
            raise _misfit(rows, path, found, f"write the file again, or declare {column.name} as it is")


def _read_by(job: Job) -> tuple[tuple[Rows, Day], ...]:
    """The rows that a job reads, each with the last day that is certainly read."""
    match job:
        case LeftJob():
            return ((job.rows, job.days.last),)
        case FeatureJob():
            return tuple((rows, job.days.last) for rows in job.group_by.rows)
        case UploadJob():
            return tuple((rows, job.day) for rows in job.group_by.rows)
        case DerivationJob() | StreamJob():
            return ()
        case _:
            assert_never(job)


def _fits(found: DataType | None, declared: DataType) -> bool:
    return found == declared or (found, declared) in _WIDER


def _misfit(rows: Rows, path: Path, found: str, hint: str) -> ChrononError:
    return ChrononError("CHR-R012", f"table {rows.table} {found}: {path}", hint)
