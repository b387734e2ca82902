"""What an engine is: something that turns one job and its files into fragments or batch values.

An engine writes only into the staging folder it is given. Publishing, recording and the KV store belong to the apply
engine, so an engine that dies leaves nothing behind that anybody reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chronon.model.jobs import Fragment, TableJob, UploadJob
from chronon.model.time import Day
from chronon.model.types import DataType

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A column that a file holds otherwise than declared: under another name, in a narrower type, or (None) not at all."""

    column: str
    type: DataType
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Files of one partition of a source table that hold their columns alike.

    day: None for a table without partitions.  stored: the columns that the files hold otherwise than declared.
    """

    day: Day | None
    files: tuple[str, ...]
    stored: tuple[Stored, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInputs:
    """The files that a job reads, looked up when it starts.

    partitions: per input of the job, in their order; empty where the rows are the output of a join.
    left:       fragments of the left rows and of the columns that the job reads, of the job's days.
    chained:    fragments of the parent join, when the job reads one.
    warehouse:  the folder that fragment paths start from.
    """

    partitions: tuple[tuple[Partition, ...], ...] = ()
    left: tuple[Fragment, ...] = ()
    chained: tuple[Fragment, ...] = ()
    warehouse: str


class Engine(Protocol):
    """Runs table jobs and uploads, several at once from as many threads. Laws: equal jobs and inputs give equal bytes, on every engine."""

    def start(self, progress: Progress) -> None:
        """Begin what the engine keeps running, where that is not done yet: no job's time counts it."""

    def run(self, job: TableJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Fragment, ...]:
        """The fragments of the job's days, written into `staging` and not yet published."""

    def upload(self, job: UploadJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Path, ...]:
        """Parquet files with the columns `entity` and `value` (binary), each sorted by entity."""

    def close(self) -> None:
        """End whatever the engine keeps running."""
