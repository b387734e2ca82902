from __future__ import annotations

import itertools
import operator
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.dayset import DaySet
from chronon.model.time import Day, parse_day

_pairs = st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), max_size=8)


def naive(pairs: list[tuple[int, int]]) -> set[int]:
    return {day for start, end in pairs for day in range(start, end)}


def is_canonical(days: DaySet) -> bool:
    """Not empty, sorted, neither overlapping nor touching."""
    bounds = [bound for pair in days.ranges for bound in pair]
    return all(a < b for a, b in itertools.pairwise(bounds))


@given(_pairs)
def test_of_any_pairs_covers_them_in_canonical_form(pairs: list[tuple[int, int]]) -> None:
    found = DaySet.of(pairs)

    assert is_canonical(found)
    assert list(found) == sorted(naive(pairs))
    assert len(found) == len(naive(pairs))
    assert bool(found) == bool(naive(pairs))


@given(_pairs, _pairs)
def test_union_intersection_difference_equal_those_of_sets(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    left, right = DaySet.of(a), DaySet.of(b)

    assert left | right == DaySet.days(naive(a) | naive(b))
    assert left & right == DaySet.days(naive(a) & naive(b))
    assert left - right == DaySet.days(naive(a) - naive(b))
    assert all(map(is_canonical, (left | right, left & right, left - right)))


@given(_pairs, _pairs)
def test_equal_sets_have_equal_ranges_however_they_came_about(
    a: list[tuple[int, int]], b: list[tuple[int, int]]
) -> None:
    left, right = DaySet.of(a), DaySet.of(b)

    assert (left - right) | (left & right) == left
    assert hash((right | left) - DaySet()) == hash(left | right)


@given(_pairs, st.integers(0, 5), st.integers(0, 5))
def test_widen_equals_that_of_a_set(pairs: list[tuple[int, int]], before: int, after: int) -> None:
    found = DaySet.of(pairs).widen(before=before, after=after)

    assert set(found) == {day + by for day in naive(pairs) for by in range(-before, after + 1)}
    assert is_canonical(found)


@given(_pairs, st.integers(-35, 35))
def test_contains_equals_that_of_a_set(pairs: list[tuple[int, int]], day: int) -> None:
    assert (day in DaySet.of(pairs)) == (day in naive(pairs))


@given(_pairs)
def test_first_and_last_are_the_least_and_greatest(pairs: list[tuple[int, int]]) -> None:
    if days := naive(pairs):
        found = DaySet.of(pairs)

        assert (found.first, found.last) == (min(days), max(days))


def test_span_when_last_is_before_first_is_empty() -> None:
    assert not DaySet.span(5, 4)
    assert list(DaySet.span(5, 5)) == [5]


def test_text_lists_every_range_with_its_last_day() -> None:
    first = parse_day("2024-02-28")
    assert first is not None

    assert str(DaySet.of([(first, first + 2), (first + 4, first + 5)])) == "2024-02-28 .. 2024-02-29, 2024-03-03"


@given(_pairs, st.integers(-40, 40))
def test_shift_equals_that_of_a_set(pairs: list[tuple[int, int]], by: int) -> None:
    assert DaySet.of(pairs).shift(by) == DaySet.days(day + by for day in naive(pairs))


class Counted(int):
    """A day that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Counted.compared += 1
        return int(self) < int(other)

    def __gt__(self, other: int) -> bool:
        Counted.compared += 1
        return int(self) > int(other)


@pytest.mark.parametrize("combine", [operator.and_, operator.or_, operator.sub])
def test_cost_grows_with_the_gaps_and_not_with_the_days(combine: Callable[[DaySet, DaySet], DaySet]) -> None:
    def comparisons(gaps: int, length: int) -> int:
        one, two = (
            DaySet(
                tuple(
                    (Day(Counted(at)), Day(Counted(at + length))) for at in range(first, 2 * length * gaps, 2 * length)
                )
            )
            for first in (0, length // 2)
        )
        Counted.compared = 0
        combine(one, two)
        return Counted.compared

    few = comparisons(gaps=100, length=10)

    assert comparisons(gaps=100, length=100_000) == few
    assert comparisons(gaps=1_000, length=10) <= 16 * few  # the union sorts
