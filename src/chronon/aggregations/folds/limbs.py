"""Exact sums on the fixed grid of 32-bit limbs, for integers and reals alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chronon.aggregations.exact import GRID, lane, parts_of
from chronon.aggregations.fold import Plain, Run
from chronon.aggregations.partials import LIMBS, LimbSumOf, OutsideOf, Partial, SumOf
from chronon.aggregations.powers import power_limbs
from chronon.aggregations.ragged import Gather, Ragged, Rule, offsets_of, reduce
from chronon.aggregations.totals import odd_codes
from chronon.aggregations.values import INFINITY_CODE, NAN_CODE, REAL, Floats, Ints, flat, real_codes, reals
from chronon.model.types import DataType, Scalar

ONE = GRID // 32
"""The limb that counts ones in a sum of first powers."""

NANS, PLUS, MINUS = -3, -2, -1
"""Keys beside the limbs: how many NaN, +inf and -inf."""


@dataclass(frozen=True, slots=True)
class Limbs(Plain):
    """The exact sum of a power: an item per limb that is not zero, (limb, its sum).

    Limb k weighs 2^(32 k - 1088 power). Canonical: all have the sign of the sum and lie below 2^32. What is no finite
    number is counted in the sum of the first power only.
    """

    power: int = 1
    rule: Rule = Rule.ADD
    width: int = 2

    def lift(self, run: Run) -> Ragged:
        if self.power > 1:
            powers = power_limbs(run.codes, run.type, self.power)
            sums = {limb: np.add.reduceat(run.weighed(column), run.starts) for limb, column in powers}
        elif run.type not in REAL:
            halves = {ONE: run.codes & np.int64(0xFFFF_FFFF), ONE + 1: run.codes >> 32}
            sums = {limb: np.add.reduceat(run.weighed(half), run.starts) for limb, half in halves.items()}
        else:
            sums = _real_limbs(run)
        return _canonical(sums, len(run.starts))

    def canonical(self, states: Ragged) -> Ragged:
        n = len(states.offsets) - 1
        group = np.repeat(np.arange(n), states.lengths)
        keys, sums = states.columns
        dense = {}
        for key in np.unique(keys).tolist():
            dense[key] = np.zeros(n, np.int64)
            mine = keys == key
            dense[key][group[mine]] = sums[mine]
        return _canonical(dense, n)

    def partials(self, column: str, kind: DataType) -> tuple[Partial, ...]:
        if self.power > 1:
            return ()
        if kind in REAL:
            return (*(LimbSumOf(column, limb) for limb in LIMBS), OutsideOf(column))
        return (SumOf(column, "low"), SumOf(column, "high")) if kind is Scalar.LONG else (SumOf(column),)

    def from_partials(self, columns: tuple[Any, ...], kind: DataType) -> tuple[Ragged, Any]:
        n = len(columns[0])
        if kind not in REAL:
            first = ONE
            sums = {first + j: _whole(column) for j, column in enumerate(columns)}
            return _canonical(sums, n), None
        sums = {ONE + limb: _whole(column) for limb, column in zip(LIMBS, columns[:-1], strict=True)}
        on_grid = _canonical(sums, n)
        outside = _outside(flat(columns[-1]), n)
        return self.canonical(_added(on_grid, outside, n)), None


def _whole(column: Any) -> Ints:
    numbers: Ints = flat(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _outside(lists: Any, n: int) -> Ragged:
    """The limbs of values that came as lists."""
    lists = lists.fill_null([]) if lists.null_count else lists
    lengths: Ints = np.diff(lists.offsets.to_numpy()).astype(np.int64)
    codes = real_codes(lists.flatten().to_numpy(zero_copy_only=False).astype(np.float64))
    group = np.repeat(np.arange(n), lengths)
    starts = offsets_of(lengths)[:-1][lengths > 0]
    if not len(starts):
        return Ragged(offsets=np.zeros(n + 1, np.int64), columns=(group, group))
    run = Run(codes=codes, ts=codes, starts=starts, type=Scalar.DOUBLE)
    some = _canonical(_real_limbs(run), len(starts))
    rows = np.full(n, -1)
    rows[lengths > 0] = np.arange(len(starts))
    return some.take(rows)


def _added(left: Ragged, right: Ragged, n: int) -> Ragged:
    group = np.concatenate([np.repeat(np.arange(n), side.lengths) for side in (left, right)])
    columns = [np.concatenate(pair) for pair in zip(left.columns, right.columns, strict=True)]
    return reduce(group, columns, n, Gather(Rule.ADD))


def _real_limbs(run: Run) -> dict[int, Ints]:
    codes, starts = run.codes, run.starts
    odd = odd_codes(codes)
    numbers: Floats = np.where(odd, 0.0, reals(codes))
    parts = parts_of(numbers)
    exponents = parts.exponent[parts.mantissa != 0]
    low = (int(exponents.min(initial=0)) + GRID) // 32
    high = (int(exponents.max(initial=-GRID)) + 52 + GRID) // 32
    lanes = ((limb, run.weighed(lane(parts, -GRID, 32, limb))) for limb in range(low, high + 1))
    sums = {limb: np.add.reduceat(column, starts) for limb, column in lanes}
    if odd.any():
        special = {NANS: codes == NAN_CODE, PLUS: codes == INFINITY_CODE, MINUS: odd & (codes < 0)}
        sums |= {key: np.add.reduceat(run.weighed(found), starts) for key, found in special.items()}
    return sums


def _canonical(sums: dict[int, Ints], n: int) -> Ragged:
    """Carried limbs of one sign, zeros left out."""
    limbs = {key: column for key, column in sums.items() if key >= 0}
    others = {key: column for key, column in sums.items() if key < 0}
    if limbs:
        carried = _carry(limbs)
        negative = carried[max(carried)] < 0
        sign = np.where(negative, np.int64(-1), np.int64(1))
        limbs = {key: column * sign for key, column in _carry({k: c * sign for k, c in carried.items()}).items()}
    found = sorted((others | limbs).items())
    if not found:
        return Ragged(offsets=np.zeros(n + 1, np.int64), columns=(np.zeros(0, np.int64), np.zeros(0, np.int64)))
    table = np.stack([column for _, column in found], axis=1)
    rows, places = np.nonzero(table)
    keys = np.array([key for key, _ in found], np.int64)[places]
    return Ragged(offsets=offsets_of(np.bincount(rows, minlength=n)), columns=(keys, table[rows, places]))


def _carry(limbs: dict[int, Ints]) -> dict[int, Ints]:
    """Limbs in [0, 2^32), the topmost with the sign."""
    zero = np.zeros_like(next(iter(limbs.values())))
    carried, carry, top = {}, zero, max(limbs) + 2
    for key in range(min(limbs), top):
        total = limbs.get(key, zero) + carry
        carried[key] = total & np.int64(0xFFFF_FFFF)
        carry = total >> 32
    carried[top] = carry
    return carried
