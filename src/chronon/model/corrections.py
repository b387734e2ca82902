"""Days of tables that are not what they were when they were read, and what was computed of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chronon.model.dayset import DaySet
from chronon.model.jobs import Digest
from chronon.model.time import Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Days of a table whose rows were corrected.

    days:   its partitions; every day of a table without partitions.
    within: columns of which every value lies in the day of its partition, before the correction and after it. Rows that are
            dated by another column may lie off their partition by SLACK_DAYS.
    found:  the files tell so themselves; else somebody said it.
    """

    table: str
    days: DaySet
    within: tuple[str, ...] = ()
    found: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Columns of a left whose values of some days were computed of rows that were corrected since. Their readers still find them."""

    left: Digest
    columns: tuple[Digest, ...]
    days: DaySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """By what a partition of a source table is known again.

    files:   digest of names, sizes and times of writing of its files.
    footers: digest of their footers: of the counts, sizes, bounds and places of everything inside.
    within:  columns of times of which every value lies in the day of the partition.
    """

    files: str
    footers: str
    rows: int
    bytes: int
    within: tuple[str, ...] = ()


Marks = Mapping[tuple[str, str], Mapping[Day, Mark]]
"""(table, column of its partitions) → day → what it was when it was read first, or when it was corrected last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is recorded when a plan begins, at once with that: what it reads, and what is to be computed again."""

    marks: Marks = field(default_factory=dict)
    stale: tuple[Stale, ...] = ()
    uploads: tuple[Digest, ...] = ()


NOTHING = Noted()
