"""Rank and order questions about ranges of small numbers, answered for all ranges at once, one bit at a time.

A wavelet matrix whose levels are made, asked and dropped in turn, so it needs the memory of one level only.
Source: Claude, Navarro, Ordóñez, "The wavelet matrix" (2015).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chronon.aggregations.ragged import offsets_of, place_in_run
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


def greatest(numbers: Ints, lo: Ints, hi: Ints, keep: int) -> tuple[Ints, Ints, Ints]:
    """The `keep` greatest different numbers of each range: (range, number, how often it is in it).

    Sorted by range, then the greatest first. numbers: not negative.
    A range splits in two at every level; the nodes beyond the first `keep` cannot hold one of the greatest.
    """
    owner = np.flatnonzero(hi > lo)
    lo, hi, found = lo[owner], hi[owner], np.zeros(len(owner), np.int64)
    for bit, zeros, n_zeros in _levels(numbers):
        left, right = zeros[lo], zeros[hi]
        lo, hi = _either(n_zeros + lo - left, left), _either(n_zeros + hi - right, right)
        found = _either(found | 1 << bit, found)
        full = np.flatnonzero(hi > lo)
        owner = np.repeat(owner, 2)[full]
        kept = place_in_run(owner) < keep
        full, owner = full[kept], owner[kept]
        lo, hi, found = lo[full], hi[full], found[full]
    return owner, found, hi - lo


def _either(first: Ints, second: Ints) -> Ints:
    """The two columns with their rows in turn."""
    both = np.empty(2 * len(first), np.int64)
    both[0::2], both[1::2] = first, second
    return both


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
