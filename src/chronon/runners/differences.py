"""Where two columns of the same rows differ: whole columns at once, floats by their bits.

Says nothing about where columns come from; `comparing` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How two columns of the same rows differ.

    equal, different: counts of rows; two nulls are equal.
    null_left, null_right: of those that differ, where only that side is null.
    largest, largest_relative: over rows where both are finite numbers; relative to the greater of the two. None where
        the type has no numbers or none differ.
    where: positions of the rows that differ, ascending.
    """

    equal: int
    different: int
    null_left: int
    null_right: int
    largest: float | None
    largest_relative: float | None
    where: NDArray[np.int64]


def difference(left: pa.Array, right: pa.Array) -> Difference:
    """Both columns compared row by row. They have the same length and type."""
    same = is_same(left, right)
    null_left, null_right = _nulls(left), _nulls(right)
    largest, largest_relative = _largest(left, right, ~(same | null_left | null_right))
    return Difference(
        equal=int(same.sum()),
        different=int((~same).sum()),
        null_left=int((null_left & ~null_right).sum()),
        null_right=int((null_right & ~null_left).sum()),
        largest=largest,
        largest_relative=largest_relative,
        where=np.flatnonzero(~same),
    )


def joined(one: Difference, other: Difference) -> Difference:
    """The difference of rows that were compared in two goes; which rows differ is forgotten."""
    return Difference(
        equal=one.equal + other.equal,
        different=one.different + other.different,
        null_left=one.null_left + other.null_left,
        null_right=one.null_right + other.null_right,
        largest=_greater(one.largest, other.largest),
        largest_relative=_greater(one.largest_relative, other.largest_relative),
        where=one.where[:0],
    )


def _greater(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)


def is_same(left: pa.Array, right: pa.Array) -> Truths:
    """Per row, whether both have the same value: floats by their bits (one NaN, two zeros), maps whatever their order."""
    null_left, null_right = _nulls(left), _nulls(right)
    both = ~null_left & ~null_right
    same: Truths = null_left & null_right
    if both.any():
        chosen = pa.array(both)
        same[both] = _same_values(left.filter(chosen), right.filter(chosen))
    return same


def _same_values(left: pa.Array, right: pa.Array) -> Truths:
    """The same for arrays without nulls at their outer level."""
    if pa.types.is_floating(left.type):
        return _same_floats(left, right)
    if pa.types.is_map(left.type):
        return _same_lists(_by_key(left), _by_key(right))
    if pa.types.is_list(left.type) or pa.types.is_large_list(left.type):
        return _same_lists(left, right)
    if pa.types.is_struct(left.type):
        pairs = zip(left.flatten(), right.flatten(), strict=True)
        same: Truths = np.all([is_same(one, other) for one, other in pairs], axis=0)
        return same
    return np.asarray(pc.equal(left, right).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _same_floats(left: pa.Array, right: pa.Array) -> Truths:
    one, other = (array.to_numpy(zero_copy_only=False) for array in (left, right))
    bits = np.dtype(f"i{one.dtype.itemsize}")
    same: Truths = (one.view(bits) == other.view(bits)) | (np.isnan(one) & np.isnan(other))
    return same


def _same_lists(left: pa.Array, right: pa.Array) -> Truths:
    """Lists that are as long as each other, with the same elements."""
    lengths = pc.list_value_length(left)
    same: Truths = np.asarray(pc.equal(lengths, pc.list_value_length(right)).to_numpy(zero_copy_only=False), np.bool_)
    filled = same & (lengths.to_numpy(zero_copy_only=False) > 0)
    if filled.any():
        chosen = pa.array(filled)
        elements = is_same(pc.list_flatten(left.filter(chosen)), pc.list_flatten(right.filter(chosen)))
        ends = np.cumsum(lengths.filter(chosen).to_numpy(zero_copy_only=False))
        same[filled] = np.logical_and.reduceat(elements, np.concatenate(([0], ends[:-1])))
    return same


def _by_key(maps: pa.Array) -> pa.Array:
    """Maps as lists of (key, value), each in the order of its keys."""
    offsets = maps.offsets.to_numpy()
    first, lengths = int(offsets[0]), np.diff(offsets)
    keys, values = (part.slice(first, int(offsets[-1]) - first) for part in (maps.keys, maps.items))
    rows = pa.array(np.repeat(np.arange(len(lengths)), lengths))
    order = pc.sort_indices(pa.table({"row": rows, "key": keys}), [("row", "ascending"), ("key", "ascending")])
    sorted_entries = pa.StructArray.from_arrays([keys.take(order), values.take(order)], names=["key", "value"])
    return pa.ListArray.from_arrays(pa.array(offsets - first), sorted_entries)


def _largest(left: pa.Array, right: pa.Array, differ: Truths) -> tuple[float | None, float | None]:
    """The largest absolute and relative difference of the rows told; None when no two finite numbers differ."""
    kind = left.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None, None
    chosen = pa.array(differ)
    one, other = (
        array.filter(chosen).cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) for array in (left, right)
    )
    finite = np.isfinite(one) & np.isfinite(other)
    if not finite.any():
        return None, None
    one, other = one[finite], other[finite]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        apart = np.abs(one - other)
        of = np.maximum(np.abs(one), np.abs(other))
        relative = np.where(of == 0.0, 0.0, apart / of)
    return float(apart.max()), float(relative.max())


def _nulls(array: pa.Array) -> Truths:
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)
