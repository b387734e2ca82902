"""Results of ranges as Arrow arrays, and of one group as Python values: what the operations share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.exact import GRID, quotient, rounded
from chronon.aggregations.fold import Items
from chronon.aggregations.folds.limbs import MINUS, NANS, PLUS
from chronon.aggregations.ragged import expand, offsets_of
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.values import Floats, Ints, Values, flat, to_arrow, to_python
from chronon.model.types import Scalar

LONG_LOW, LONG_HIGH = -(1 << 63), (1 << 63) - 1


def whole_sums(ranges: Ranges) -> Any:
    """Sums of integers; null where one does not fit a long."""
    lanes = ranges.sums.lanes
    if len(lanes) == 1:
        return pa.array(lanes[0], mask=ranges.empty)
    high = lanes[1] + (lanes[0] >> 32)
    fits = (high >= -(1 << 31)) & (high < 1 << 31)
    return pa.array((high << 32) | (lanes[0] & np.int64(0xFFFF_FFFF)), mask=ranges.empty | ~fits)


def real_sums(ranges: Ranges) -> Any:
    """Sums of reals, each rounded once."""
    return pa.array(_with_odd(rounded(ranges.sums), ranges), mask=ranges.empty)


def means(ranges: Ranges) -> Any:
    """Exact sums over counts, each rounded once."""
    counts = np.maximum(ranges.counts, 1)
    return pa.array(_with_odd(quotient(ranges.sums, counts), ranges), mask=ranges.empty)


def _with_odd(numbers: Floats, ranges: Ranges) -> Floats:
    """Infinities and NaN put where the ranges hold them."""
    odd = ranges.odd
    if odd is None:
        return numbers
    numbers = np.where(odd.plus > 0, np.inf, np.where(odd.minus > 0, -np.inf, numbers))
    return np.where((odd.nans > 0) | ((odd.plus > 0) & (odd.minus > 0)), np.nan, numbers)


def values_at(ranges: Ranges, codes: Ints) -> Any:
    """One input value per range, from its code; null for empty ranges."""
    line = ranges.timeline
    return to_arrow(Values(codes=codes, type=line.type, texts=line.texts), ranges.empty)


def edge_values(ranges: Ranges, *, last: bool) -> Any:
    """The first or last value of every range."""
    row = ranges.hi - 1 if last else ranges.lo
    codes = np.zeros(len(row), np.int64)
    codes[~ranges.empty] = ranges.timeline.codes[row[~ranges.empty]]
    return values_at(ranges, codes)


def edge_lists(ranges: Ranges, keep: int, *, last: bool) -> Any:
    """The first `keep` values of every range, or the last ones with the newest in front."""
    lengths = np.minimum(ranges.counts, keep)
    rows = expand(-ranges.hi + 1, lengths) * -1 if last else expand(ranges.lo, lengths)
    line = ranges.timeline
    items = to_arrow(Values(codes=line.codes[rows], type=line.type, texts=line.texts))
    return lists_of(offsets_of(lengths), items, ranges)


def lists_of(offsets: Ints, items: Any, ranges: Ranges) -> Any:
    """A list per range; null for empty ranges."""
    starts = pa.array(offsets.astype(np.int32), mask=np.append(ranges.empty, False))
    return pa.ListArray.from_arrays(starts, items)


def maps_of(offsets: Ints, keys: Any, items: Any) -> Any:
    """A map per group; null for groups without an entry."""
    starts = pa.array(offsets.astype(np.int32), mask=np.append(np.diff(offsets) == 0, False))
    return pa.MapArray.from_arrays(starts, flat(keys), items)


def sum_of(items: Items, *, whole: bool) -> int | float | None:
    """The finished sum of limbs: a long (None when it does not fit) or the nearest double."""
    total, odd = _total(items)
    if odd is not None:
        return odd
    if whole:
        number = total >> GRID
        return number if LONG_LOW <= number <= LONG_HIGH else None
    return _nearest(total, 1)


def mean_of(items: Items, count: int) -> float:
    """The nearest double of the sum of limbs over a count."""
    total, odd = _total(items)
    return _nearest(total, count) if odd is None else odd


def _total(items: Items) -> tuple[int, float | None]:
    total, odd = 0, set()
    for limb, amount in zip(*items.columns, strict=True):
        if limb < 0 and amount:
            odd.add(limb)
        elif limb >= 0:
            total += amount << (32 * limb)
    if not odd:
        return total, None
    if NANS in odd or {PLUS, MINUS} <= odd:
        return total, float("nan")
    return total, float("inf") if PLUS in odd else float("-inf")


def _nearest(total: int, count: int) -> float:
    """Total * 2^-GRID / count: Python divides whole numbers of any size with one rounding."""
    try:
        return total / (count << GRID)
    except OverflowError:
        return float("inf") if total > 0 else float("-inf")


def value_of(code: int, kind: Scalar, items: Items) -> Any:
    """One input value of a group."""
    return to_python(code, kind, items.texts)
