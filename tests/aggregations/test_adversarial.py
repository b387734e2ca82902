"""Numbers that break sums of doubles: each result is the nearest double of the exact one, in any order and any split."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction
from typing import Any

import naive_features as naive
import pytest
from builders import a_program, a_result_both_ways, batch_of
from merging import EVER, merge, stored

from chronon.aggregations import TileRows, fold_tiles
from chronon.model.specs import OperationCall
from chronon.model.types import Scalar

TINY = 5e-324
"""The least double above zero."""

SUMS = [
    ([1e16, 1.0, -1e16], 1.0),
    ([1e300, 1.0, -1e300], 1.0),
    ([1e308, 1e308, -1e308], 1e308),
    ([1e308, 1e308], None),
    ([0.1] * 10, 1.0),
    ([TINY, TINY, TINY], 3 * TINY),
    ([TINY, 1e300, -1e300], TINY),
    ([2.5e-310, -2.5e-310, 2.2250738585072014e-308], 2.2250738585072014e-308),
    ([2.0**53, 1.0], 2.0**53),
    ([2.0**53, 1.0, 1.0], 2.0**53 + 2),
    ([2.0**53, 1.0, TINY], 2.0**53 + 2),
    ([2.0**53 + 2, 1.0], 2.0**53 + 4),
    ([2.0**53 - 1, 1.0, 1.0], 2.0**53),
    ([-0.0, -0.0], 0.0),
    ([math.inf, 1.0], None),
    ([math.inf, -math.inf], None),
    ([math.nan, 1.0], None),
]


@pytest.mark.parametrize(("values", "wanted"), SUMS, ids=[str(values)[:30] for values, _ in SUMS])
def test_sum_is_the_nearest_double_in_any_order(values: list[float], wanted: float | None) -> None:
    for order in set(itertools.permutations(values)) if len(values) < 5 else [values]:
        found = a_result_both_ways(OperationCall("sum"), Scalar.DOUBLE, list(order))

        assert list(map(repr, found)) == [repr(wanted)] * 2


MEANS = [
    ([1e16, 1.0, -1e16], 1 / 3),
    ([1e300, 1.0, -1e300], 1 / 3),
    ([1e308, 1e308], 1e308),
    ([1.7e308] * 5, 1.7e308),
    ([TINY, TINY], TINY),
    ([TINY, 0.0], 0.0),
    ([TINY, TINY, 0.0], TINY),
    ([0.1] * 10, 0.1),
    ([2.0**53, 2.0**53 + 2], 2.0**53),
    ([2.0**53 + 2, 2.0**53 + 4], 2.0**53 + 4),
]
"""The mean of numbers in the range of doubles lies there too, even where their sum does not."""


@pytest.mark.parametrize(("values", "wanted"), MEANS, ids=[str(values)[:30] for values, _ in MEANS])
def test_average_is_rounded_once(values: list[float], wanted: float) -> None:
    assert a_result_both_ways(OperationCall("average"), Scalar.DOUBLE, values) == (wanted, wanted)


def test_a_million_tenths_are_the_nearest_double_of_their_exact_sum() -> None:
    values = [0.1] * 1_000_000
    exact = Fraction(0.1) * 1_000_000

    for name, wanted in (("sum", float(exact)), ("average", 0.1), ("variance", 0.0)):
        assert a_result_both_ways(OperationCall(name), Scalar.DOUBLE, values) == (wanted, wanted)
    assert sum(values) != float(exact)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([2**63 - 1, 1], None),
        ([2**63 - 1, 1, -1], 2**63 - 1),
        ([-(2**63), -1], None),
        ([-(2**63), -1, 1], -(2**63)),
        ([2**63 - 1] * 3 + [-(2**63)] * 3, -3),
        ([2**53 + 1, 2**53 - 1], 2**54),
        ([2**53 + 1], 2**53 + 1),
    ],
)
def test_sum_of_longs_is_exact_and_null_beyond_their_range(values: list[int], wanted: int | None) -> None:
    for order in set(itertools.permutations(values)) if len(values) < 4 else [values, values[::-1]]:
        assert a_result_both_ways(OperationCall("sum"), Scalar.LONG, list(order)) == (wanted, wanted)


def test_average_of_longs_whose_sum_overflows_is_the_nearest_double() -> None:
    values = [2**63 - 1, 2**63 - 1, 2**53 + 1]

    wanted = float(Fraction(sum(values), 3))
    assert a_result_both_ways(OperationCall("average"), Scalar.LONG, values) == (wanted, wanted)


@pytest.mark.parametrize("name", ["sum", "average", "variance", "skew", "kurtosis"])
@pytest.mark.parametrize("values", [[1e16, 1.0, -1e16, 3.0], [1e300, 1.0, -1e300, TINY], [0.1, 0.2, 0.3, 1e-310]])
def test_states_are_the_same_bytes_however_hostile_values_were_split(name: str, values: list[float]) -> None:
    program = a_program(OperationCall(name), Scalar.DOUBLE)

    def tile(mine: list[float]) -> TileRows:
        return fold_tiles(program, batch_of(Scalar.DOUBLE, [(0, 7, value, None) for value in mine]), EVER)

    whole = stored(program, tile(values))

    for order in itertools.permutations(values):
        one, two, three, four = (tile([value]) for value in order)
        assert stored(program, merge(program, merge(program, one, two), merge(program, three, four))) == whole
        assert stored(program, merge(program, merge(program, merge(program, one, two), three), four)) == whole


def welford(values: list[float]) -> dict[str, float]:
    """The one-pass moments of the reference (section 1.4), rounded at every step."""
    n, mean, m2, m3, m4 = 0, 0.0, 0.0, 0.0, 0.0
    for x in values:
        n += 1
        delta = x - mean
        step = delta / n
        term = delta * step * (n - 1)
        mean += step
        m4 += term * step * step * (n * n - 3 * n + 3) + 6 * step * step * m2 - 4 * step * m3
        m3 += term * step * (n - 2) - 3 * step * m2
        m2 += term
    return {"variance": m2 / n, "skew": math.sqrt(n) * m3 / m2**1.5, "kurtosis": n * m4 / m2**2 - 3}


def exact_error(name: str, values: list[float], found: float) -> Fraction:
    """How far a result lies from the exact one; of a skew the squares are compared, as the root is irrational."""
    n, mean = len(values), sum(map(Fraction, values)) / len(values)
    m2, m3, m4 = (sum((Fraction(value) - mean) ** power for value in values) for power in (2, 3, 4))
    if name == "skew":
        return abs(Fraction(found) * abs(Fraction(found)) - n * m3 * abs(m3) / m2**3)
    return abs(Fraction(found) - (m2 / n if name == "variance" else n * m4 / m2**2 - 3))


_RANDOM = random.Random(7)
HOSTILE = {
    "mean 1e9, deviation 1": [1e9 + _RANDOM.gauss(0, 1) for _ in range(300)],
    "mean 1e15, deviation 1": [1e15 + _RANDOM.randrange(-3, 4) for _ in range(300)],
    "skewed around 1e9": [1e9 + _RANDOM.expovariate(1) for _ in range(300)],
    "one far outlier": [1e-3 * _RANDOM.random() for _ in range(299)] + [1e12],
    "sums of tenths": [0.1 * _RANDOM.randrange(100) for _ in range(300)],
}


@pytest.mark.parametrize("name", ["variance", "skew", "kurtosis"])
@pytest.mark.parametrize("data", list(HOSTILE))
def test_moments_are_the_nearest_doubles_and_never_worse_than_welford(name: str, data: str) -> None:
    values = HOSTILE[data]

    trained, answered = a_result_both_ways(OperationCall(name), Scalar.DOUBLE, values)

    assert trained == answered == naive.moment(name, values)
    assert exact_error(name, values, trained) <= exact_error(name, values, welford(values)[name])


def test_welford_loses_digits_where_the_mean_is_large() -> None:
    """The peer is real: at mean 1e9 its variance is off, ours is not."""
    values = HOSTILE["mean 1e9, deviation 1"]
    ours = a_result_both_ways(OperationCall("variance"), Scalar.DOUBLE, values)[0]

    assert welford(values)["variance"] != naive.moment("variance", values) == ours


@pytest.mark.parametrize("name", ["min", "max", "first", "last"])
@pytest.mark.parametrize("value", [TINY, -TINY, 1.7976931348623157e308, -0.0, 2.0**53 + 2, 0.1])
def test_single_values_come_back_bit_by_bit(name: str, value: float) -> None:
    wanted: Any = value + 0.0  # the two zeros are one value

    found = a_result_both_ways(OperationCall(name), Scalar.DOUBLE, [value])

    assert list(map(repr, found)) == [repr(wanted)] * 2
