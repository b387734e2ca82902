"""Variance, skew and kurtosis from exact sums of powers: the nearest doubles of the exact results.

With S_p the sum of x^p over n values, n^(p-1) times the central sum of order p is a whole number of the same grid:
A2 = n S2 - S1^2 and so on. So nothing cancels, whatever the mean is, and no order of the values can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isqrt, nan
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.exact import GRID
from chronon.aggregations.fold import Items
from chronon.aggregations.powers import LIMB
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.values import Ints
from chronon.model.types import DataType, Decimal

Limbs = Sequence[tuple[int, Ints]]
"""Limbs of the sums of all ranges, lowest first."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a whole number counts: 2^binary / scale."""

    binary: int
    scale: int = 1


Moment = Callable[[int, Sequence[int], Unit], float]
"""The result of n values and their sums of powers: the first in units of a Unit, the second of its square, …"""

_AT_ONCE = 1 << 16
"""Ranges whose sums are whole Python numbers at a time."""

_ENOUGH_BITS = 140
"""Of a square, so that its root has more bits than a double and one to round by."""


def variance(n: int, sums: Sequence[int], unit: Unit) -> float:
    """The population's variance."""
    top, bottom = _second(n, sums), (n * unit.scale) ** 2
    try:
        return (top << 2 * unit.binary) / bottom if unit.binary > 0 else top / (bottom << -2 * unit.binary)
    except OverflowError:
        return float("inf")


def skew(n: int, sums: Sequence[int], _unit: Unit) -> float:
    """The population's skew: sqrt(n) m3 / m2^1.5; NaN below three values or when they are all the same."""
    s1, s2, s3 = sums
    second = _second(n, sums)
    if n < 3 or not second:
        return nan
    third = n * n * s3 - 3 * n * s1 * s2 + 2 * s1**3
    root = nearest_root(third * third, second**3)
    return -root + 0.0 if third < 0 else root


def kurtosis(n: int, sums: Sequence[int], _unit: Unit) -> float:
    """The population's excess kurtosis: n m4 / m2^2 - 3; NaN below four values or when they are all the same."""
    s1, s2, s3, s4 = sums
    second = _second(n, sums)
    if n < 4 or not second:
        return nan
    fourth = n**3 * s4 - 4 * n * n * s1 * s3 + 6 * n * s1 * s1 * s2 - 3 * s1**4
    return (fourth - 3 * second * second) / (second * second) + 0.0


def _second(n: int, sums: Sequence[int]) -> int:
    return n * sums[1] - sums[0] * sums[0]


def nearest_root(top: int, bottom: int) -> float:
    """The nearest double of sqrt(top / bottom).

    The whole root of the shifted quotient has more than 60 bits; a last bit says that the true one lies above it.
    """
    shift = max((_ENOUGH_BITS - top.bit_length() + bottom.bit_length()) // 2, 0)
    square = top << 2 * shift
    root = isqrt(square // bottom)
    return (2 * root + (root * root * bottom != square)) / (2 << shift)


def moment_of(moment: Moment, items: Sequence[Items], kind: DataType) -> float:
    """The result of one group. items: of Count, then of Limbs of the powers."""
    limbs = [tuple(zip(*item.columns, strict=True)) for item in items[1:]]
    if any(limb < 0 for limb, _ in limbs[0]):
        return nan
    lowest = min((min(keys)[0] // power for power, keys in enumerate(limbs, 1) if keys), default=0)
    sums = [
        sum(amount << LIMB * (limb - power * lowest) for limb, amount in mine) for power, mine in enumerate(limbs, 1)
    ]
    return moment(items[0].columns[0][0], sums, _unit(lowest, kind))


def moments(ranges: Ranges, moment: Moment, powers: int) -> Any:
    """The result of every range; null for empty ones, NaN where a value is no finite number."""
    left_out = ranges.empty
    if (odd := ranges.odd) is not None:
        left_out = left_out | (odd.nans != 0) | (odd.plus != 0) | (odd.minus != 0)
    full = np.flatnonzero(~left_out)
    limbs = [ranges.power_sums(power) for power in range(1, powers + 1)]
    found = np.full(len(left_out), nan)
    found[full] = np.fromiter(_each(moment, ranges, limbs, full), np.float64, len(full))
    return pa.array(found, mask=ranges.empty)


def _each(moment: Moment, ranges: Ranges, limbs: Sequence[Limbs], full: Ints) -> Iterator[float]:
    lowest = min((mine[0][0] // power for power, mine in enumerate(limbs, 1) if mine), default=0)
    unit = _unit(lowest, ranges.timeline.type)
    for rows in np.split(full, range(_AT_ONCE, len(full), _AT_ONCE)):
        sums = [_whole(mine, power * lowest, rows) for power, mine in enumerate(limbs, 1)]
        for n, *powers in zip(ranges.counts[rows].tolist(), *sums, strict=True):
            yield moment(n, powers, unit)


def _unit(lowest: int, kind: DataType) -> Unit:
    return Unit(LIMB * lowest - GRID, 10**kind.scale if isinstance(kind, Decimal) else 1)


def _whole(limbs: Limbs, lowest: int, rows: Ints) -> list[int]:
    """Sums of limbs as Python numbers, in units of the limb `lowest`."""
    total = np.zeros(len(rows), object)
    for limb, column in limbs:
        total += column[rows].astype(object) << LIMB * (limb - lowest)
    whole: list[int] = total.tolist()
    return whole
