"""The least, greatest, earliest and latest values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chronon.aggregations.fold import Plain, Run
from chronon.aggregations.partials import MaxOf, MinOf, NansOf, Partial
from chronon.aggregations.ragged import Gather, Ragged, Rule, ends_of_runs, offsets_of, reduce
from chronon.aggregations.values import NAN_CODE, REAL, Ints, flat, present, values_of
from chronon.model.types import DataType

LEAST_CODE = int(np.iinfo(np.int64).min)
"""NaN among the least values: it wins a minimum as it wins a maximum, so that the result is NaN."""


@dataclass(frozen=True, slots=True)
class Extreme(Plain):
    """One item: (the least or greatest value). NaN beats everything, or with `skip_nan` is left out."""

    rule: Rule
    skip_nan: bool = False
    keep: int = 1
    width: int = 1
    value_column: int | None = 0

    def lift(self, run: Run) -> Ragged:
        codes = nan_first(run.codes, run.type) if self.rule is Rule.LEAST else run.codes
        if self.skip_nan and run.type in REAL:
            return self._lift_numbers(run)
        better = np.minimum if self.rule is Rule.LEAST else np.maximum
        return Ragged(offsets=np.arange(len(run.starts) + 1), columns=(better.reduceat(codes, run.starts),))

    def _lift_numbers(self, run: Run) -> Ragged:
        worst = NAN_CODE if self.rule is Rule.LEAST else LEAST_CODE
        better = np.minimum if self.rule is Rule.LEAST else np.maximum
        best = better.reduceat(np.where(run.codes == NAN_CODE, np.int64(worst), run.codes), run.starts)
        found = best != worst
        return Ragged(offsets=offsets_of(found), columns=(best[found],))

    def partials(self, column: str, kind: DataType) -> tuple[Partial, ...]:
        value: Partial = MinOf(column) if self.rule is Rule.LEAST else MaxOf(column)
        return (value, NansOf(column)) if kind in REAL and not self.skip_nan else (value,)

    def from_partials(self, columns: tuple[Any, ...], kind: DataType) -> tuple[Ragged, Any]:
        array = flat(columns[0])
        found = present(array)
        values = values_of(array.drop_null(), kind)
        codes = np.zeros(len(found), np.int64)
        codes[found] = values.codes
        if len(columns) > 1:
            nans = flat(columns[1]).fill_null(0).to_numpy(zero_copy_only=False) > 0
            codes[nans] = LEAST_CODE if self.rule is Rule.LEAST else NAN_CODE
            found |= nans
        return Ragged(offsets=offsets_of(found), columns=(codes[found],)), values.texts


def nan_first(codes: Ints, kind: DataType) -> Ints:
    """The codes with NaN below everything."""
    return np.where(codes == NAN_CODE, np.int64(LEAST_CODE), codes) if kind in REAL else codes


@dataclass(frozen=True, slots=True)
class Ranked(Plain):
    """The least or greatest `keep` values, equal ones as often as they come: (value). NaN is above everything."""

    rule: Rule
    keep: int
    width: int = 1
    value_column: int | None = 0

    def lift(self, run: Run) -> Ragged:
        return reduce(run.group, [run.codes], len(run.starts), Gather(self.rule, self.keep))


@dataclass(frozen=True, slots=True)
class Timed(Plain):
    """The first or last `keep` values: (ts, value)."""

    rule: Rule
    keep: int
    width: int = 2
    value_column: int | None = 1

    def lift(self, run: Run) -> Ragged:
        kept = ends_of_runs(run.starts, len(run.codes), self.keep, last=self.rule is Rule.GREATEST)
        lengths = np.minimum(run.stops - run.starts, self.keep)
        return Ragged(offsets=offsets_of(lengths), columns=(run.ts[kept], run.codes[kept]))
