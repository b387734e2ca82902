from __future__ import annotations

import math

import pytest

from chronon.serving.comparison import compared, is_same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, None),
        (1, 1),
        (0.1, 0.1),
        (math.nan, math.nan),
        ("a", "a"),
        ([1.5, None], [1.5, None]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1.5}, [("a", 1.5)]),
        ([("a", 1.5)], {"a": 1.5}),
        ({}, []),
    ],
)
def test_is_same_when_bits_are_equal_then_true(one: object, other: object) -> None:
    assert is_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, 0),
        (1, 1.0),
        (1, True),
        (0.0, -0.0),
        (0.1, math.nextafter(0.1, 1)),
        ([1], [1, 2]),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, [("a", 1.0)]),
        ({"a": 1}, ["a"]),
    ],
)
def test_is_same_when_a_bit_differs_then_false(one: object, other: object) -> None:
    assert not is_same(one, other)


def test_compared_when_a_side_lacks_a_column_then_it_is_null_there() -> None:
    found = compared({"a": 1}, {"a": 1, "b": 2}, ["b", "a"])

    assert [(each.column, each.served, each.trained, each.is_equal) for each in found] == [
        ("b", None, 2, False),
        ("a", 1, 1, True),
    ]
