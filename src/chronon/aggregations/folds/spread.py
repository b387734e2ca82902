"""Counts of numbers in logarithmic buckets: enough for percentiles with a bounded relative error.

A bucket is the sign, exponent and first 7 bits of the mantissa of a double: its edges differ by less than one part in
128, and whole numbers below 256 have a bucket of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chronon.aggregations.fold import Plain, Run
from chronon.aggregations.ragged import Gather, Ragged, Rule, reduce
from chronon.aggregations.values import NAN_CODE, REAL, Floats, Ints, Mask, numbers_of, real_codes
from chronon.model.types import DataType

_DROPPED = 45


@dataclass(frozen=True, slots=True)
class Spread(Plain):
    """An item per bucket: (bucket, how many). NaN is left out."""

    rule: Rule = Rule.ADD
    width: int = 2

    def lift(self, run: Run) -> Ragged:
        buckets, numeric = buckets_of(run.codes, run.type)
        return reduce(run.group[numeric], [buckets, np.ones_like(buckets)], len(run.starts), Gather(self.rule))


def buckets_of(codes: Ints, kind: DataType) -> tuple[Ints, Mask]:
    """Buckets of the numbers behind codes, in their order; and which codes are numbers at all."""
    numeric: Mask = codes != NAN_CODE if kind in REAL else np.ones(len(codes), np.bool_)
    ordered = real_codes(numbers_of(codes[numeric], kind))
    return ordered >> _DROPPED, numeric


def edges_of(buckets: Ints) -> Floats:
    """The edge nearest to zero of every bucket."""
    magnitude = np.where(buckets < 0, ~buckets, buckets) << _DROPPED
    edges = magnitude.view(np.float64)
    return np.where(buckets < 0, -edges, edges) + 0.0


def rank_of(fraction: float, count: Ints) -> Ints:
    """The 0-based rank that a fraction names among `count` items: floor(p n), at most n - 1."""
    return np.minimum(np.floor(fraction * count).astype(np.int64), count - 1)
