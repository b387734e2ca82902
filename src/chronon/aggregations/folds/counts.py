"""How many values there are, in all or of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chronon.aggregations.fold import Plain, Run
from chronon.aggregations.partials import CountOf, Partial
from chronon.aggregations.ragged import Gather, Ragged, Rule, offsets_of, reduce
from chronon.aggregations.values import Ints
from chronon.model.types import DataType


@dataclass(frozen=True, slots=True)
class Count(Plain):
    """One item: (number of values)."""

    rule: Rule = Rule.ADD
    width: int = 1

    def lift(self, run: Run) -> Ragged:
        if run.weights is None:
            return Ragged(offsets=np.arange(len(run.starts) + 1), columns=(run.stops - run.starts,))
        counts = np.add.reduceat(run.weights, run.starts)
        return Ragged(offsets=offsets_of(counts != 0), columns=(counts[counts != 0],))

    def partials(self, column: str, _kind: DataType) -> tuple[Partial, ...]:
        return (CountOf(column),)

    def from_partials(self, columns: tuple[Any, ...], _kind: DataType) -> tuple[Ragged, Any]:
        counts: Ints = columns[0].fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        return Ragged(offsets=offsets_of(np.minimum(counts, 1)), columns=(counts[counts > 0],)), None


@dataclass(frozen=True, slots=True)
class Tally(Plain):
    """An item per different value: (value, how often)."""

    rule: Rule = Rule.ADD
    width: int = 2
    value_column: int | None = 0

    def lift(self, run: Run) -> Ragged:
        return reduce(run.group, [run.codes, run.weighed(np.ones_like(run.codes))], len(run.starts), Gather(self.rule))


@dataclass(frozen=True, slots=True)
class Distinct(Plain):
    """An item per different value: (value). keep: only so many of the greatest; 0: all.

    A state of `keep` items is full: there were at least so many different values.
    """

    keep: int = 0
    rule: Rule = Rule.SET
    width: int = 1
    value_column: int | None = 0

    def lift(self, run: Run) -> Ragged:
        return reduce(run.group, [run.codes], len(run.starts), Gather(self.rule, self.keep))
