"""What is there now, whatever is declared and recorded: values for planners, gathered by shells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chronon.model.corrections import Correction
from chronon.model.dayset import DaySet
from chronon.model.definitions import Column
from chronon.model.jobs import Digest
from chronon.model.savepoints import Savepoints
from chronon.model.specs import ColumnSpec
from chronon.model.time import Day
from chronon.model.types import DataType, Scalar
from chronon.model.widening import widens


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTable:
    """The columns of a table as its newest file has them, in the order of the file.

    columns: name → type.
    others:  name → what the file calls a type that no column can be declared with.
    problem: why the file cannot be read; then there are no columns.
    """

    columns: Mapping[str, DataType] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    def has(self, name: str) -> bool:
        """Whether there is a column of that name, of whatever type."""
        return name in self.columns or name in self.others


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What the metadata that fetchers read say of one object.

    values, tiles: datasets; None of a join.  generations: (name, last day) of the uploads that may be read, newest first.
    problem: why it cannot be read; then it says nothing.
    """

    values: Digest | None = None
    tiles: Digest | None = None
    generations: tuple[tuple[str, Day], ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What there is outside the state, as far as somebody has looked.

    tables:      source table → its columns.
    lost:        (left, column) → days that are recorded as computed, and a file of them is gone from the warehouse.
    served:      object, as its name with version → what an environment publishes of it; None when nobody has looked.
    emptied:     datasets with recorded values of which none is there.
    generations: dataset → the newest one recorded, of those that were looked at.
    unseen:      why the key-value store could not be looked at.
    corrected:   days of source tables that are other ones than those that were read, as their files or somebody tell.
    rewritten:   source table → days that were written again, to files that look the same.
    savepoints:  of the streams whose topic has grown.
    """

    tables: Mapping[str, LiveTable] = field(default_factory=dict)
    lost: Mapping[tuple[Digest, Digest], DaySet] = field(default_factory=dict)
    served: Mapping[str, Publication] | None = None
    emptied: frozenset[Digest] = frozenset()
    generations: Mapping[Digest, str] = field(default_factory=dict)
    unseen: str = ""
    corrected: tuple[Correction, ...] = ()
    rewritten: Mapping[str, DaySet] = field(default_factory=dict)
    savepoints: Savepoints = field(default_factory=Savepoints)


class Fit(StrEnum):
    """How a declared column stands in a table.

    NARROWER: of a type that widens to the declared one: read as declared, every value the same.
    WIDER:    the declared type widens to it: readers fail until the declaration is widened too.
    OTHER:    neither: readers fail.
    ABSENT:   not there, which the declaration allows.
    MISSING:  not there.
    """

    SAME = "same"
    NARROWER = "narrower"
    WIDER = "wider"
    OTHER = "other"
    ABSENT = "absent"
    MISSING = "missing"

    @property
    def is_readable(self) -> bool:
        """Whether a reader of the column finds what it was promised."""
        return self in {Fit.SAME, Fit.NARROWER, Fit.ABSENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How a table holds a declared column. name, type: as they stand in the table; None and empty without."""

    fit: Fit
    name: str | None = None
    type: str = ""


def held(table: LiveTable, column: Column | ColumnSpec) -> Held:
    """How a table holds a column, by the rule of those who read it: its name first, then its aliases, newest first."""
    name = next((name for name in (column.name, *column.aliases) if table.has(name)), None)
    if name is None:
        return Held(fit=Fit.ABSENT if column.optional else Fit.MISSING)
    found = table.columns.get(name)
    if found is None:
        return Held(fit=Fit.OTHER, name=name, type=table.others[name])
    return Held(fit=_fit(found, column.type), name=name, type=str(found))


def cast_instead(column: Column | ColumnSpec, found: Held) -> str:
    """What to declare in place of a double that a table holds as float; empty for all other types.

    A float of a table is a double without loss, and the same float in the JSON of a topic is another double: only the
    float itself is one value everywhere.
    """
    is_float = (found.type, column.type) == (Scalar.FLOAT, Scalar.DOUBLE)
    return f"declare {column.name} as float, and select `CAST({column.name} AS double)`" if is_float else ""


def _fit(found: DataType, declared: DataType) -> Fit:
    if found == declared:
        return Fit.SAME
    if widens(found, declared):
        return Fit.NARROWER
    return Fit.WIDER if widens(declared, found) else Fit.OTHER
