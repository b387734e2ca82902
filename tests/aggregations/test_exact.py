"""Exact sums and quotients equal the nearest double of the exact rational number."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from builders import ADVERSARIAL
from hypothesis import example, given
from hypothesis import strategies as st

from chronon.aggregations.exact import Sums, quotient, rounded
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.timeline import Timeline
from chronon.aggregations.totals import sums_of
from chronon.aggregations.values import real_codes
from chronon.model.types import Scalar

FINITE = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(ADVERSARIAL) | st.floats(-1e-307, 1e-307)


def nearest(number: Fraction) -> float:
    try:
        return float(number) + 0.0
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def a_timeline(numbers: list[float]) -> Timeline:
    n = np.zeros(len(numbers), np.int64)
    return Timeline(entity=n, ts=np.arange(len(numbers)), codes=real_codes(np.array(numbers)), type=Scalar.DOUBLE)


@given(st.lists(st.lists(FINITE, max_size=6), min_size=1, max_size=6))
@example([[2.0**53, 1.0], [2.0**53, 1.0, 5e-324], [2.0**53 + 2, 1.0]])
@example([[-(2.0**53), -1.0, -5e-324], [1e16, 1.0, -1e16], [1e300, 1.0, -1e300]])
@example([[5e-324], [5e-324, 5e-324, 5e-324], [2.5e-310, 1e300]])
@example([[5e-324, 0.0], [1.5e-323, 0.0, 0.0], [2.2e-308, -5e-324, 0.0], [-5e-324, -5e-324, -5e-324, 0.0]])
@example([[2.0**-1022, -5e-324], [1.0, 2.0**-1074]])
@example([[2**51 * 5e-324, 2**51 * 5e-324, (2**51 + 2) * 5e-324]])  # its mean, rounded twice, would be one step low
def test_sums_and_quotients_are_the_nearest_doubles(groups: list[list[float]]) -> None:
    line = a_timeline([number for group in groups for number in group])
    bounds = np.cumsum([0, *(len(group) for group in groups)])
    exact = [sum(map(Fraction, group), Fraction(0)) for group in groups]
    sizes = np.array([max(len(group), 1) for group in groups])

    sums = sums_of(line, bounds[:-1], bounds[1:])

    assert list(map(repr, rounded(sums).tolist())) == [repr(nearest(e)) for e in exact]
    wanted = [repr(nearest(e / int(n))) for e, n in zip(exact, sizes, strict=True)]
    assert list(map(repr, quotient(sums, sizes).tolist())) == wanted


@given(st.lists(FINITE, min_size=1, max_size=40))
def test_sum_equals_fsum(numbers: list[float]) -> None:
    ranges = Ranges(timeline=a_timeline(numbers), lo=np.array([0]), hi=np.array([len(numbers)]))
    try:
        wanted = math.fsum(numbers)
    except OverflowError:
        return

    assert rounded(ranges.sums).tolist() == [wanted]


@pytest.mark.parametrize("width", [32, 40, 50])
def test_halfway_sums_go_to_the_even_neighbour(width: int) -> None:
    whole = [2**53 + 1, 2**53 + 3, 2**60 + 2**7, 2**60 + 3 * 2**7, 2**60 + 2**7 + 1, -(2**53) - 1]
    lanes = [np.array([number >> (j * width) & (2**width - 1) for number in map(abs, whole)]) for j in range(2)]
    signs = np.array([1, 1, 1, 1, 1, -1])
    sums = Sums(base=0, width=width, lanes=tuple(lane * signs for lane in lanes))

    assert rounded(sums).tolist() == [float(number) for number in whole]


def test_many_random_means_are_the_nearest_doubles() -> None:
    random = np.random.default_rng(5)
    numbers = np.exp(random.normal(0, 6, 3000)) * random.choice([-1, 1], 3000)
    lo = random.integers(0, 2900, 500)
    hi = lo + random.integers(1, 100, 500)
    line = a_timeline(numbers.tolist())

    found = quotient(sums_of(line, lo, hi), hi - lo)

    wanted = [float(sum(map(Fraction, numbers[a:b].tolist())) / int(b - a)) for a, b in zip(lo, hi, strict=True)]
    assert found.tolist() == wanted
