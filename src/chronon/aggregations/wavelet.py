"""Rank and order questions about ranges of small numbers, answered for all ranges at once, one bit at a time.

A wavelet matrix whose levels are made, asked and dropped in turn, so it needs the memory of one level only.
Source: Claude, Navarro, Ordóñez, "The wavelet matrix" (2015).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chronon.aggregations.ragged import offsets_of
from chronon.aggregations.values import Ints


def _levels(numbers: Ints) -> Iterator[tuple[int, Ints, int]]:
    """From the highest bit down: (bit, zeros of that bit before every position, all zeros)."""
    highest = int(numbers.max(initial=0)).bit_length()
    numbers = numbers.astype(np.int32 if highest < 32 else np.int64)
    for bit in range(highest - 1, -1, -1):
        ones = (numbers >> bit) & 1 == 1
        zeros = offsets_of(~ones)
        yield bit, zeros, int(zeros[-1])
        numbers = np.concatenate([numbers[~ones], numbers[ones]])


def count_at_least(numbers: Ints, lo: Ints, hi: Ints, bound: Ints) -> Ints:
    """How many numbers of each range [lo, hi) are at least its bound. numbers: not negative."""
    found = np.zeros(len(lo), np.int64)
    beyond = bound >= 1 << int(numbers.max(initial=0)).bit_length()
    for bit, zeros, n_zeros in _levels(numbers):
        left, right = zeros[lo], zeros[hi]
        up = (bound >> bit) & 1 == 1
        found += np.where(up, 0, (hi - lo) - (right - left))
        lo = np.where(up, n_zeros + lo - left, left)
        hi = np.where(up, n_zeros + hi - right, right)
    return np.where(beyond, 0, found + (hi - lo))


def quantile(numbers: Ints, lo: Ints, hi: Ints, rank: Ints) -> Ints:
    """The number of 0-based rank in each range, were it sorted. rank: in [0, hi - lo)."""
    found = np.zeros(len(lo), np.int64)
    for bit, zeros, n_zeros in _levels(numbers):
        left, right = zeros[lo], zeros[hi]
        up = rank >= right - left
        rank = np.where(up, rank - (right - left), rank)
        found |= up.astype(np.int64) << bit
        lo = np.where(up, n_zeros + lo - left, left)
        hi = np.where(up, n_zeros + hi - right, right)
    return found
