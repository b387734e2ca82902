"""The greatest or least values of many ranges as lists, and of one merged state."""

from __future__ import annotations

from typing import Any

import numpy as np

from chronon.aggregations.fold import Items
from chronon.aggregations.ragged import offsets_of, run_starts
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.results import lists_of, value_of
from chronon.aggregations.values import Ints, to_arrow
from chronon.aggregations.wavelet import greatest
from chronon.model.types import DataType


def rankings(ranges: Ranges, keep: int, *, descending: bool) -> Any:
    """The first `keep` values of every range in their order, equal ones as often as they come."""
    line = ranges.timeline
    known, dense = np.unique(line.codes, return_inverse=True)
    numbers = dense if descending else len(known) - 1 - dense
    owner, found, counts = greatest(numbers, ranges.lo, ranges.hi, keep)
    shown = _cut(owner, counts, keep)
    codes = known[np.repeat(found if descending else len(known) - 1 - found, shown)]
    lengths = np.bincount(np.repeat(owner, shown), minlength=len(ranges.lo))
    return lists_of(offsets_of(lengths), to_arrow(line.values(codes)), ranges)


def unique_rankings(ranges: Ranges, keep: int) -> Any:
    """The `keep` greatest different values of every range, the greatest first."""
    line = ranges.timeline
    known, dense = np.unique(line.codes, return_inverse=True)
    owner, found, _ = greatest(dense, ranges.lo, ranges.hi, keep)
    items = to_arrow(line.values(known[found]))
    return lists_of(offsets_of(np.bincount(owner, minlength=len(ranges.lo))), items, ranges)


def _cut(owner: Ints, counts: Ints, keep: int) -> Ints:
    """How many of each count are among the first `keep` of their owner."""
    starts = run_starts(owner)
    before = offsets_of(counts)[:-1]
    before = before - np.repeat(before[starts], np.diff(np.append(starts, len(owner))))
    cut: Ints = np.clip(keep - before, 0, counts)
    return cut


def ranking_of(items: Items, kind: DataType, *, descending: bool) -> list[Any]:
    """The same of one group, which keeps no more than is shown."""
    return [value_of(code, kind, items) for code in sorted(items.columns[0], reverse=descending)]
