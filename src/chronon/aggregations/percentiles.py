"""Percentiles over logarithmic buckets: of many ranges, and of one merged state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.extremes import extremes
from chronon.aggregations.fold import Items
from chronon.aggregations.folds.spread import buckets_of, edges_of, rank_of
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.results import lists_of
from chronon.aggregations.values import Floats, numbers_of
from chronon.aggregations.wavelet import quantile
from chronon.model.types import DataType


def percentiles(ranges: Ranges, fractions: tuple[float, ...]) -> Any:
    """A list of doubles per range, one per fraction; null for a range without a number."""
    line = ranges.timeline
    buckets, numeric = buckets_of(line.codes, line.type)
    ranges = ranges if numeric.all() else ranges.where(numeric)
    known, dense = np.unique(buckets, return_inverse=True)
    full = ~ranges.empty
    lo, hi = ranges.lo[full], ranges.hi[full]
    codes = ranges.timeline.codes
    least = numbers_of(extremes(codes, lo, hi, greatest=False), line.type)
    greatest = numbers_of(extremes(codes, lo, hi, greatest=True), line.type)
    columns = []
    for fraction in fractions:
        ranked = edges_of(known[quantile(dense, lo, hi, rank_of(fraction, hi - lo))])
        columns.append(_clamped(ranked, fraction, least, greatest))
    items = pa.array(np.stack(columns, axis=1).ravel())
    offsets = np.append(0, np.cumsum(full)) * len(fractions)
    return lists_of(offsets, items, ranges)


def percentiles_of(items: tuple[Items, ...], kind: DataType, fractions: tuple[float, ...]) -> list[float] | None:
    """The same of one group. items: of Spread, least, greatest."""
    if not items[0].columns[0]:
        return None
    buckets, counts = np.array(sorted(zip(*items[0].columns, strict=True)), np.int64).T
    least, greatest = (numbers_of(np.array(ends.columns[0], np.int64), kind) for ends in items[1:])
    upto = np.cumsum(counts)
    ranks = np.concatenate([rank_of(fraction, upto[-1:]) for fraction in fractions])
    edges = edges_of(buckets[np.searchsorted(upto, ranks, side="right")])
    ranked = (_clamped(edge, p, least, greatest) for edge, p in zip(edges, fractions, strict=True))
    return [float(number[0]) for number in ranked]


def _clamped(ranked: Floats, fraction: float, least: Floats, greatest: Floats) -> Floats:
    if fraction in {0, 1}:
        return greatest if fraction else least
    return np.minimum(np.maximum(ranked, least), greatest)
