"""What a job has read and written, told by the files that it was given and that it made."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import assert_never

from chronon.model.definitions import Rows
from chronon.model.jobs import DerivationJob, Digest, FeatureJob, Fragment, LeftJob, Output, TableJob, Upload, UploadJob
from chronon.model.plan import Step
from chronon.model.sizes import Run, Size, total
from chronon.model.time import Day
from chronon.runners.engine import JobInputs, Partition
from chronon.stores.tables.sizes import column_sizes


def read_of(job: TableJob | UploadJob, inputs: JobInputs) -> Size:
    """Rows of the files that a job read, and bytes of the columns that it read of them.

    Left rows that ask are not what is read, they are counted as written; a derivation reads them.
    """
    match job:
        case LeftJob():
            return _of_partitions((job.rows,), inputs)
        case FeatureJob() | UploadJob():
            if job.chained is not None:
                return _of_fragments(inputs.chained)
            return _of_partitions(job.group_by.inputs, inputs)
        case DerivationJob():
            return _of_fragments(inputs.left)
        case _:
            assert_never(job)


def run_of(step: Step, output: Output, read: Size, seconds: float) -> Run:
    """What a step took that is done."""
    return Run(work=step.work, seconds=seconds, read=read, written=written_of(output))


def written_of(output: Output) -> Size:
    """What a step made: left rows and the bytes of their columns, entities and their values, tiles."""
    match output:
        case tuple():
            return _of_fragments(output)
        case Upload():
            return Size(rows=output.keys, bytes=output.bytes)
        case _:
            return Size(rows=output.tiles)


def _of_partitions(inputs: Iterable[Rows], read: JobInputs) -> Size:
    pairs = zip(inputs, read.partitions, strict=True)
    return total(_of_partition(rows, partition) for rows, partitions in pairs for partition in partitions)


def _of_partition(rows: Rows, partition: Partition) -> Size:
    named = {stored.column: stored.name for stored in partition.stored}
    names = {named.get(column.name, column.name) for column in rows.columns}
    found = Size()
    for file in partition.files:
        count, columns = column_sizes(Path(file))
        found += Size(rows=count, bytes=sum(size for name, size in columns.items() if name in names))
    return found


def _of_fragments(fragments: Iterable[Fragment]) -> Size:
    """Rows of a day once, whatever columns of them there are."""
    rows: dict[tuple[Digest, Day], dict[tuple[tuple[Digest, str], ...], int]] = {}
    size = 0
    for each in fragments:
        of_day = rows.setdefault((each.left, each.day), {})
        of_day[each.columns] = of_day.get(each.columns, 0) + each.rows
        size += each.bytes
    return Size(rows=sum(max(counts.values()) for counts in rows.values()), bytes=size)
