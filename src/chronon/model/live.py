"""What a table holds now, and how that fits what is declared: values for planners, gathered by shells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chronon.model.definitions import Column
from chronon.model.specs import ColumnSpec
from chronon.model.types import DataType
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


def _fit(found: DataType, declared: DataType) -> Fit:
    if found == declared:
        return Fit.SAME
    if widens(found, declared):
        return Fit.NARROWER
    return Fit.WIDER if widens(declared, found) else Fit.OTHER
