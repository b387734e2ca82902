"""Columns as far as they are known: what a mistake elsewhere hides is never called a second mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Never

from chronon.model.specs import ColumnSpec, Deprecation, PartSpec
from chronon.model.types import DataType

NOTHING: Mapping[str, Never] = {}
"""What most columns have of former names and of what shall go: one for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns that may be read.

    types:   name → type; None when there is such a column, but a mistake elsewhere hides its type.
    is_open: a mistake elsewhere hides which columns there are, so no name can be called unknown.
    aliases: former name → name; no former name is the name of a column.
    deprecated: the columns that shall go.
    """

    types: Mapping[str, DataType | None] = field(default_factory=dict)
    is_open: bool = False
    aliases: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    deprecated: Mapping[str, Deprecation] = field(default_factory=lambda: NOTHING)

    def lacks(self, name: str) -> bool:
        """Whether there is certainly no such column."""
        return not self.is_open and not self.has(name)

    def has(self, name: str) -> bool:
        """Whether a column has, or had, that name."""
        return name in self.types or name in self.aliases

    def type(self, name: str) -> DataType | None:
        """The type of a column; None when it is hidden or there is none."""
        return self.types.get(self.aliases.get(name, name))

    @property
    def known(self) -> dict[str, DataType]:
        """The columns whose types are certain, under their former names too."""
        certain = {name: type_ for name, type_ in self.types.items() if type_ is not None}
        return certain | {old: certain[new] for old, new in self.aliases.items() if new in certain}

    @property
    def hides(self) -> bool:
        """Whether anything about them is uncertain."""
        return self.is_open or None in self.types.values()


HIDDEN = Columns(is_open=True)


def column_prefix(part: PartSpec, own: str) -> str:
    """What stands before the names of a part's columns: `label`, its prefix, and what its group_by has of its own."""
    return "_".join(filter(None, ("label" if part.ahead else "", part.prefix, own)))


def declared(columns: Iterable[ColumnSpec]) -> Columns:
    """The columns of a contract."""
    columns = tuple(columns)
    goes = {column.name: column.deprecated for column in columns if column.deprecated}
    return Columns(types={column.name: column.type for column in columns}, deprecated=goes)


def merged(rows: tuple[Columns, ...]) -> Columns:
    """The columns that all queries agree on; where they do not, the type is hidden."""
    types: dict[str, DataType | None] = dict(rows[0].types)
    for columns in rows[1:]:
        for name, type_ in columns.types.items():
            types[name] = type_ if types.get(name, type_) == type_ else None
    return Columns(types=types, is_open=any(columns.is_open for columns in rows))
