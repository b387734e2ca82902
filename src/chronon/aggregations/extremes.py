"""Least and greatest codes over ranges, by doubling: level k holds the extreme of every 2^k rows."""

from __future__ import annotations

import numpy as np

from chronon.aggregations.fast import compiled
from chronon.aggregations.values import Ints

_WORTH_SLIDING = 16


def extremes(codes: Ints, lo: Ints, hi: Ints, *, greatest: bool, windows: int = 1) -> Ints:
    """The extreme code of every range; 0 for an empty one. windows: as in `Ranges`."""
    fast = compiled(len(codes) + len(lo))
    if fast is not None:
        tails, heads = lo.reshape(windows, -1), hi.reshape(windows, -1)[0]
        if fast.slide_work(tails.min(axis=0), heads) <= _WORTH_SLIDING * (len(codes) + len(lo)):
            found: Ints = fast.slide_extremes(codes, tails, heads, 1 if greatest else -1)
            return found.ravel()
    return extremes_by_doubling(codes, lo, hi, greatest=greatest)


def extremes_by_doubling(codes: Ints, lo: Ints, hi: Ints, *, greatest: bool) -> Ints:
    """The same without sliding: two overlapping blocks cover a range."""
    better = np.maximum if greatest else np.minimum
    lengths = hi - lo
    levels = np.frexp(lengths.astype(np.float64))[1].astype(np.int8) - 1
    order = np.argsort(levels, kind="stable")
    bounds = np.searchsorted(levels[order], np.arange(int(levels.max(initial=0)) + 2))
    found = np.zeros(len(lo), np.int64)
    table = codes
    for level in range(len(bounds) - 1):
        mine = order[bounds[level] : bounds[level + 1]]
        found[mine] = better(table[lo[mine]], table[hi[mine] - (1 << level)])
        if len(table) > 1 << level:
            table = better(table[: -(1 << level)], table[1 << level :])
    return found
