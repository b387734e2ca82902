"""Rank and quantile over ranges equal those of sorted slices."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations.wavelet import count_at_least, greatest, quantile

CASES = st.tuples(
    st.lists(st.integers(0, 40), min_size=1, max_size=40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 200)
)


@given(CASES)
def test_count_at_least_equals_counting(case: tuple[list[int], int, int, int]) -> None:
    numbers, a, b, bound = case
    lo, hi = sorted((a % (len(numbers) + 1), b % (len(numbers) + 1)))

    found = count_at_least(np.array(numbers), np.array([lo]), np.array([hi]), np.array([bound]))

    assert found.tolist() == [sum(number >= bound for number in numbers[lo:hi])]


@given(CASES)
def test_quantile_equals_sorting(case: tuple[list[int], int, int, int]) -> None:
    numbers, a, b, rank = case
    lo, hi = sorted((a % len(numbers), b % len(numbers)))
    hi += 1

    found = quantile(np.array(numbers), np.array([lo]), np.array([hi]), np.array([rank % (hi - lo)]))

    assert found.tolist() == [sorted(numbers[lo:hi])[rank % (hi - lo)]]


@given(
    st.lists(st.integers(0, 40), max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5),
    st.integers(1, 6),
)
def test_greatest_equals_counting_sorted_slices(numbers: list[int], edges: list[tuple[int, int]], keep: int) -> None:
    bounds = [sorted((a % (len(numbers) + 1), b % (len(numbers) + 1))) for a, b in edges]
    lo, hi = (np.array([bound[side] for bound in bounds], np.int64) for side in (0, 1))

    found = greatest(np.array(numbers, np.int64), lo, hi, keep)

    ranked = [sorted(Counter(numbers[a:b]).items(), reverse=True)[:keep] for a, b in bounds]
    wanted = [(owner, number, count) for owner, mine in enumerate(ranked) for number, count in mine]
    assert list(zip(*(column.tolist() for column in found), strict=True)) == wanted
