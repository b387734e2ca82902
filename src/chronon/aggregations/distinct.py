"""How many different codes each range holds."""

from __future__ import annotations

import numpy as np

from chronon.aggregations.fast import compiled
from chronon.aggregations.ragged import offsets_of
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.values import Ints
from chronon.aggregations.wavelet import count_at_least

_WORTH_SLIDING = 16


def distinct(ranges: Ranges) -> Ints:
    """Different codes per range."""
    n = len(ranges.timeline.codes)
    fast = compiled(n + len(ranges.lo))
    if fast is not None and fast.slide_work(ranges.lo, ranges.hi) <= _WORTH_SLIDING * (n + len(ranges.lo)):
        dense, n_codes = _dense(ranges.timeline.codes)
        found: Ints = fast.slide_distinct(dense, n_codes, ranges.entity_start, ranges.lo, ranges.hi)
        return found
    return distinct_by_rank(ranges)


def distinct_by_rank(ranges: Ranges) -> Ints:
    """The same without sliding.

    A row repeats inside [lo, hi) iff its value's previous row is at or after lo: the distinct are the rows that do not.
    """
    before = previous(ranges.timeline.entity, ranges.timeline.codes)
    repeats = before >= 0
    rank = offsets_of(repeats)
    start = ranges.entity_start
    local = (before - start)[repeats]
    bound = np.zeros(len(ranges.lo), np.int64)
    full = ~ranges.empty
    bound[full] = ranges.lo[full] - start[ranges.lo[full]]
    return ranges.counts - count_at_least(local, rank[ranges.lo], rank[ranges.hi], bound)


def previous(entity: Ints, codes: Ints) -> Ints:
    """The row before each one with the same entity and code; -1 when there is none."""
    order = _order(entity, codes)
    same = (entity[order][1:] == entity[order][:-1]) & (codes[order][1:] == codes[order][:-1])
    before = np.full(len(codes), -1, np.int64)
    before[order[1:][same]] = order[:-1][same]
    return before


def _order(entity: Ints, codes: Ints) -> Ints:
    if not len(codes):
        return np.zeros(0, np.int64)
    order: Ints
    span = int(codes.max()) - int(codes.min()) + 1
    if (int(entity.max()) + 1) * span < 1 << 62:
        order = np.argsort(entity * np.int64(span) + (codes - codes.min()), kind="stable")
        return order
    order = np.lexsort((codes, entity))
    return order


def _dense(codes: Ints) -> tuple[Ints, int]:
    """The codes as small numbers, and a bound of them."""
    low = int(codes.min(initial=0))
    span = int(codes.max(initial=0)) - low + 1
    if span <= 4 * len(codes):
        return codes - low, span
    known, dense = np.unique(codes, return_inverse=True)
    return dense, len(known)
