"""What is kept of a group's values: the contract of a fold, and its items as one merged group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from chronon.aggregations.partials import Partial
from chronon.aggregations.ragged import Ragged, Rule
from chronon.aggregations.values import Ints, Mask
from chronon.model.errors import InvariantError
from chronon.model.types import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Values in groups that lie one after the other, sorted by (ts, code) within each; no group is empty.

    starts: int64[groups], where each begins.  texts: as in `Values`.
    weights: as in `Timeline`; only folds that add up know of them.
    """

    codes: Ints
    ts: Ints
    starts: Ints
    type: DataType
    texts: Any = None
    weights: Ints | None = None

    @property
    def stops(self) -> Ints:
        """Where each group ends."""
        return np.append(self.starts[1:], len(self.codes))

    @property
    def group(self) -> Ints:
        """The group of every value."""
        return np.repeat(np.arange(len(self.starts)), self.stops - self.starts)

    def weighed(self, summands: Ints | Mask) -> Ints:
        """What each value adds to a sum, times its weight."""
        return summands.astype(np.int64, copy=False) if self.weights is None else summands * self.weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items of one group, column by column, as Python numbers; never empty.

    texts: what the text columns index.
    """

    columns: tuple[list[int], ...]
    texts: list[bytes]


class Fold(Protocol):
    """One way to keep values so that they can be merged. Equal folds of one input are stored once.

    rule, keep: how items come together.
    width:      number of columns of an item.
    value_column: the column that holds codes of input values (of texts, where the input is text); None without one.
    """

    @property
    def rule(self) -> Rule: ...

    @property
    def keep(self) -> int: ...

    @property
    def width(self) -> int: ...

    @property
    def value_column(self) -> int | None: ...

    def lift(self, run: Run) -> Ragged:
        """The states of the groups of a run."""
        ...

    def canonical(self, states: Ragged) -> Ragged:
        """The one form of states whose items were brought together by the rule."""
        ...

    def partials(self, column: str, kind: DataType) -> tuple[Partial, ...]:
        """What a SQL engine can compute instead of `lift`; empty: it must list the values."""
        ...

    def from_partials(self, columns: tuple[Any, ...], kind: DataType) -> tuple[Ragged, Any]:
        """The states of rows whose partials came from a SQL engine, in the order of `partials`; and their texts."""
        ...


class Plain:
    """What most folds share: no limit, no values among the items, one form, no SQL partials."""

    __slots__ = ()

    keep: int = 0
    value_column: int | None = None

    def canonical(self, states: Ragged) -> Ragged:
        return states

    def partials(self, _column: str, _kind: DataType) -> tuple[Partial, ...]:
        return ()

    def from_partials(self, _columns: tuple[Any, ...], _kind: DataType) -> tuple[Ragged, Any]:
        raise InvariantError("partials", f"{type(self).__name__} is folded from listed values")
