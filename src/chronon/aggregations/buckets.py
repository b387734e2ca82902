"""Ranges split by a second code: each range becomes one smaller range per code that it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from chronon.aggregations.ragged import expand, offsets_of, run_starts
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.values import Ints

_AT_ONCE = 4_000_000
"""Candidates that are tried at a time: an entity with many queries and many codes has many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Non-empty ranges per (old range, code).

    owner: int64[s], the old range of each, ascending; codes ascend within an owner.
    codes: int64[s].  ranges: the new ranges, over the rows in the order of (entity, code, ts).
    """

    owner: Ints
    codes: Ints
    ranges: Ranges

    def offsets(self, n: int) -> Ints:
        """Where the new ranges of each of the n old ones begin."""
        return offsets_of(np.bincount(self.owner, minlength=n))


def joint_codes(levels: Sequence[Ints]) -> Ints:
    """One code per row for all levels, in the order of (the first level, the second, …)."""
    codes = levels[0]
    for level in levels[1:]:
        size = int(level.max(initial=0)) + 1
        if (int(codes.max(initial=0)) + 1) * size >= 1 << 62:
            codes = np.unique(codes, return_inverse=True)[1]
        codes = codes * np.int64(size) + level
    return codes


def split(ranges: Ranges, codes: Ints) -> Split:
    """Every range by the codes of its rows. codes: int64[rows of the timeline], not negative."""
    line = ranges.timeline
    order = np.lexsort((codes, line.entity))
    starts = run_starts(line.entity[order], codes[order])
    run_of_row = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(order))))
    # A run's rows stay in the order of time, so (run, old position) ascends and one search finds every border.
    size = np.int64(len(order) + 1)
    keys = run_of_row * size + order
    found = []
    for owner, run in _candidates(ranges, line.entity[order][starts]):
        lo, hi = (np.searchsorted(keys, run * size + edge[owner]) for edge in (ranges.lo, ranges.hi))
        kept = hi > lo
        found.append((owner[kept], run[kept], lo[kept], hi[kept]))
    owner, run, lo, hi = (np.concatenate(column) for column in zip(*found, strict=True))
    new = Ranges(timeline=line.take(order), lo=lo, hi=hi)
    return Split(owner=owner, codes=codes[order][starts][run], ranges=new)


def _candidates(ranges: Ranges, run_entity: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Every (non-empty range, run of its entity), a bounded number at a time; at least one batch, perhaps empty."""
    full = np.flatnonzero(ranges.hi > ranges.lo)
    entity = ranges.timeline.entity[ranges.lo[full]]
    first, stop = (np.searchsorted(run_entity, entity, side=side) for side in ("left", "right"))
    lengths = stop - first
    batch = np.cumsum(lengths) // _AT_ONCE
    for mine in np.split(np.arange(len(full)), np.flatnonzero(np.diff(batch)) + 1):
        yield np.repeat(full[mine], lengths[mine]), expand(first[mine], lengths[mine])
