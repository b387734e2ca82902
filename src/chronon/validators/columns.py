"""Columns as far as they are known: what a mistake elsewhere hides is never called a second mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chronon.model.types import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns that may be read.

    types:   name → type; None when there is such a column, but a mistake elsewhere hides its type.
    is_open: a mistake elsewhere hides which columns there are, so no name can be called unknown.
    """

    types: Mapping[str, DataType | None] = field(default_factory=dict)
    is_open: bool = False

    def lacks(self, name: str) -> bool:
        """Whether there is certainly no such column."""
        return not self.is_open and name not in self.types

    def type(self, name: str) -> DataType | None:
        """The type of a column; None when it is hidden or there is none."""
        return self.types.get(name)

    @property
    def known(self) -> dict[str, DataType]:
        """The columns whose types are certain."""
        return {name: type_ for name, type_ in self.types.items() if type_ is not None}

    @property
    def hides(self) -> bool:
        """Whether anything about them is uncertain."""
        return self.is_open or None in self.types.values()


HIDDEN = Columns(is_open=True)
