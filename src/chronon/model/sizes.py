"""How much work is: rows, bytes and partitions of a step, what it took, and what it will take as far as anybody can know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NewType

from chronon.model.jobs import Digest
from chronon.model.time import Day
from chronon.model.verdicts import Figures

Work = NewType("Work", str)
"""What is alike of two steps, of whatever days: `features shop.checkout < shop.user`. Times of one foretell the other's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Rows and bytes of files, or of the columns of them that are read."""

    rows: int = 0
    bytes: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(rows=self.rows + other.rows, bytes=self.bytes + other.bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a step took that is done. read: of source tables, topics and columns of other joins. written: what it made."""

    work: Work
    seconds: float
    read: Size
    written: Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How much is read or written. None: nobody can know yet. partitions: days of tables, once for each table."""

    rows: int | None
    bytes: int | None
    partitions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Half of all runs of such work are done after p50, nine of ten after p90; milliseconds."""

    p50: int
    p90: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a step takes. duration: None without an earlier run. runs: how many it is told from. basis: from what, in words."""

    read: Expected
    written: Expected
    duration: Duration | None
    runs: int
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What estimates are made from, as far as steps ask for it.

    partitions: (table, column of partitions) → day → rows and bytes; a table without partitions has its whole under `None`.
    columns:    table → column → bytes of it in the newest file.
    totals:     table → bytes of all columns of that file.
    stored:     (left, column) → day → rows and bytes of the files that hold it.
    topics:     id of a step that folds a topic → what of it.
    runs:       the newest first.
    """

    partitions: Mapping[tuple[str, str], Mapping[Day | None, Size]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    stored: Mapping[tuple[Digest, Digest], Mapping[Day, Size]] = field(default_factory=dict)
    topics: Mapping[str, Figures] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()


def total(sizes: Iterable[Size]) -> Size:
    """All of them together."""
    found = Size()
    for size in sizes:
        found += size
    return found
