"""Least and greatest codes over ranges, by doubling: level k holds the extreme of every 2^k rows."""

from __future__ import annotations

import numpy as np

from chronon.aggregations.values import Ints


def extremes(codes: Ints, lo: Ints, hi: Ints, *, greatest: bool) -> Ints:
    """The extreme code of every range; 0 for an empty one. Two overlapping blocks cover a range."""
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
