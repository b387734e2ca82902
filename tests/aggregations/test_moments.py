"""Moments: data far from zero, numbers that are not finite, and exact powers."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import naive_features as naive
import numpy as np
import pytest
from builders import ADVERSARIAL, a_result_both_ways
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations.moments import nearest_root
from chronon.aggregations.powers import power_limbs
from chronon.aggregations.values import real_codes
from chronon.model.specs import OperationCall
from chronon.model.types import Scalar

MOMENTS = ("variance", "skew", "kurtosis")


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([1.0, 2.0, 3.0, math.nan], [None, None, None]),
        ([1.0, 2.0, 3.0, math.inf], [None, None, None]),
    ],
)
def test_moments_of_what_is_no_finite_number(values: list[float], wanted: list[float | None]) -> None:
    found = [a_result_both_ways(OperationCall(name), Scalar.DOUBLE, values) for name in MOMENTS]

    assert found == [(one, one) for one in wanted]


def test_moments_far_from_zero_are_those_of_the_deviations() -> None:
    rng = random.Random(4)
    near = [rng.gauss(0, 1) for _ in range(200)]
    far = [value + 1e9 for value in near]
    deviations = [value - 1e9 for value in far]  # exact: the sum was rounded, the difference is not

    for name in MOMENTS:
        trained, answered = a_result_both_ways(OperationCall(name), Scalar.DOUBLE, far)

        assert trained == answered == naive.moment(name, deviations)


@given(st.lists(st.sampled_from(ADVERSARIAL) | st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float), max_size=12))
def test_moments_are_the_nearest_doubles_of_the_exact_ones(values: list[float]) -> None:
    for name in MOMENTS:
        exact = naive.moment(name, values) if values else math.nan

        trained, answered = a_result_both_ways(OperationCall(name), Scalar.DOUBLE, values)

        assert repr(trained) == repr(answered) == repr(exact if math.isfinite(exact) else None)


MIDPOINT = 2**54 + 2
"""Between the doubles 2^54 and 2^54 + 4."""


@pytest.mark.parametrize(("more", "wanted"), [(1, 2**54 + 4), (0, 2**54), (-1, 2**54)])
def test_root_beside_a_midpoint_is_told_by_its_last_bit(more: int, wanted: int) -> None:
    assert nearest_root((MIDPOINT**2 << 400) + more, 1 << 400) == wanted


@given(st.integers(0, 2**400), st.integers(1, 2**300))
def test_root_of_a_ratio_is_the_nearest_double(top: int, bottom: int) -> None:
    assert nearest_root(top, bottom) == naive.nearest_root(Fraction(top, bottom))


@given(
    st.lists(st.sampled_from(ADVERSARIAL) | st.floats(allow_nan=False, allow_infinity=False), max_size=6),
    st.integers(1, 4),
)
def test_limbs_add_up_to_the_exact_power_of_reals(numbers: list[float], power: int) -> None:
    limbs = list(power_limbs(real_codes(np.array(numbers)), Scalar.DOUBLE, power))

    assert added(limbs, len(numbers), power) == [Fraction(number) ** power for number in numbers]


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9), max_size=6), st.integers(1, 4))
def test_limbs_add_up_to_the_exact_power_of_integers(numbers: list[int], power: int) -> None:
    limbs = list(power_limbs(np.array(numbers, np.int64), Scalar.LONG, power))

    assert added(limbs, len(numbers), power) == [Fraction(number) ** power for number in numbers]


def added(limbs: list[tuple[int, np.ndarray]], n: int, power: int) -> list[Fraction]:
    assert all(abs(amount) < 2**35 for _, column in limbs for amount in column.tolist())
    return [
        sum((int(column[at]) * Fraction(2) ** (32 * limb - 1088 * power) for limb, column in limbs), Fraction(0))
        for at in range(n)
    ]
