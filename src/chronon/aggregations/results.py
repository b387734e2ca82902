"""Results of ranges as Arrow arrays, and of one group as Python values: what the operations share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.exact import GRID, quotient, rounded
from chronon.aggregations.fold import Items
from chronon.aggregations.folds.limbs import MINUS, NANS, PLUS
from chronon.aggregations.ragged import expand, offsets_of, run_starts
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.signature import total_of
from chronon.aggregations.single import to_python
from chronon.aggregations.values import REAL, Floats, Ints, Mask, Values, as_texts, flat, to_arrow
from chronon.model.types import MAX_PRECISION, DataType, Decimal

LONG_LOW, LONG_HIGH = -(1 << 63), (1 << 63) - 1
DECIMAL_END = 10**MAX_PRECISION


def sums(ranges: Ranges) -> Any:
    """Sums of whole numbers and decimals, null where one does not fit; of reals, each rounded once."""
    kind = ranges.timeline.type
    if kind in REAL:
        return pa.array(_with_odd(rounded(ranges.sums), ranges), mask=ranges.empty)
    totals, lost = _whole_sums(ranges)
    if isinstance(kind, Decimal):
        lost = lost | (totals >= DECIMAL_END) | (totals <= -DECIMAL_END)
        return to_arrow(Values(codes=totals, type=total_of(kind)), ranges.empty | lost)
    return pa.array(totals, mask=ranges.empty | lost)


def _whole_sums(ranges: Ranges) -> tuple[Ints, Mask]:
    """Sums of integers, and which of them do not fit a long."""
    lanes = ranges.sums.lanes
    if len(lanes) == 1:
        return lanes[0], np.zeros(len(lanes[0]), np.bool_)
    high = lanes[1] + (lanes[0] >> 32)
    fits = (high >= -(1 << 31)) & (high < 1 << 31)
    return (high << 32) | (lanes[0] & np.int64(0xFFFF_FFFF)), ~fits


def means(ranges: Ranges) -> Any:
    """Exact sums over counts, each rounded once."""
    counts, sums = np.where(ranges.empty, 1, ranges.counts), ranges.sums
    if isinstance(kind := ranges.timeline.type, Decimal):
        return pa.array(_decimal_means(ranges, counts, 10**kind.scale), mask=ranges.empty)
    if ranges.timeline.weights is not None:
        sign = np.sign(counts)
        sums, counts = replace(sums, lanes=tuple(lane * sign for lane in sums.lanes)), counts * sign
    return pa.array(_with_odd(quotient(sums, counts), ranges), mask=ranges.empty)


def _decimal_means(ranges: Ranges, counts: Ints, scale: int) -> Floats:
    """In whole Python numbers: count times scale may need more than 64 bits."""
    totals = np.zeros(len(counts), object)
    for place, lane in enumerate(ranges.sums.lanes):
        totals += lane.astype(object) << 32 * place
    pairs = zip(totals.tolist(), counts.tolist(), strict=True)
    return np.fromiter((total / (count * scale) for total, count in pairs), np.float64, len(counts))


def _with_odd(numbers: Floats, ranges: Ranges) -> Floats:
    """Infinities and NaN put where the ranges hold them."""
    odd = ranges.odd
    if odd is None:
        return numbers
    numbers = np.where(odd.plus != 0, np.inf, np.where(odd.minus != 0, -np.inf, numbers))
    return np.where((odd.nans != 0) | ((odd.plus != 0) & (odd.minus != 0)), np.nan, numbers)


def values_at(ranges: Ranges, codes: Ints) -> Any:
    """One input value per range, from its code; null for empty ranges."""
    return to_arrow(ranges.timeline.values(codes), ranges.empty)


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
    items = to_arrow(line.values(line.codes[rows]))
    return lists_of(offsets_of(lengths), items, ranges)


def lists_of(offsets: Ints, items: Any, ranges: Ranges) -> Any:
    """A list per range; null for empty ranges."""
    starts = pa.array(offsets.astype(np.int32), mask=np.append(ranges.empty, False))
    return pa.ListArray.from_arrays(starts, items)


def nested(owner: Ints, levels: Sequence[Ints], texts: Sequence[Any], items: Any, n: int) -> Any:
    """Items split by levels as one map (or, of positions, list) per owner; null for owners without an item.

    owner, levels: of each item, sorted by (owner, the first level, …).  texts: of each level, None for positions.
    """
    for at in range(len(levels) - 1, -1, -1):
        outer = (owner, *levels[:at])
        starts = run_starts(*outer)
        # Every run is a map of the level outside it; the outermost are the owners', some of which have none.
        lengths = np.diff(np.append(starts, len(owner))) if at else np.bincount(owner, minlength=n)
        if texts[at] is None:
            items = _by_position(levels[at], lengths, items)
        else:
            items = maps_of(offsets_of(lengths), as_texts(texts[at].take(pa.array(levels[at]))), items)
        owner, levels = owner[starts], [level[starts] for level in levels[:at]]
    return items


def _by_position(positions: Ints, lengths: Ints, items: Any) -> Any:
    """Lists of the items at their positions, null where there is none; each ends with its last item."""
    ends = offsets_of(lengths)
    full = lengths > 0
    sizes = np.zeros(len(lengths), np.int64)
    sizes[full] = positions[ends[1:][full] - 1] + 1
    offsets = offsets_of(sizes)
    places = np.full(int(offsets[-1]), -1, np.int64)
    places[np.repeat(offsets[:-1], lengths) + positions] = np.arange(len(positions))
    starts = pa.array(offsets.astype(np.int32), mask=np.append(~full, False))
    return pa.ListArray.from_arrays(starts, flat(items).take(pa.array(places, mask=places < 0)))


def maps_of(offsets: Ints, keys: Any, items: Any) -> Any:
    """A map per group; null for groups without an entry."""
    starts = pa.array(offsets.astype(np.int32), mask=np.append(np.diff(offsets) == 0, False))
    return pa.MapArray.from_arrays(starts, flat(keys), items)


def sum_of(items: Items, kind: DataType) -> Any:
    """The finished sum of limbs: a long or a decimal (None when it does not fit), or the nearest double."""
    total, odd = _total(items)
    if odd is not None:
        return odd
    if kind in REAL:
        return _nearest(total, 1)
    number = total >> GRID
    if isinstance(kind, Decimal):
        return to_python(number, total_of(kind), ()) if abs(number) < DECIMAL_END else None
    return number if LONG_LOW <= number <= LONG_HIGH else None


def mean_of(items: Items, count: int, kind: DataType) -> float:
    """The nearest double of the sum of limbs over a count."""
    total, odd = _total(items)
    scale = 10**kind.scale if isinstance(kind, Decimal) else 1
    return _nearest(total, count * scale) if odd is None else odd


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
    if count < 0:
        total, count = -total, -count  # Nothing over less than nothing is 0.0 and not -0.0.
    try:
        return total / (count << GRID)
    except OverflowError:
        return float("inf") if total > 0 else float("-inf")


def value_of(code: int, kind: DataType, items: Items) -> Any:
    """One input value of a group."""
    return to_python(code, kind, items.texts)
