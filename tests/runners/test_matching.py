"""Rows of two tables that are the same row, equal ones one by one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from chronon.runners.matching import matching_rows


def numbered(ts: list[int], user: list[Any]) -> pa.Table:
    return pa.table({"row_id": list(range(len(ts))), "ts": ts, "user": pa.array(user, pa.string())})


def pairs(left: pa.Table, right: pa.Table) -> list[tuple[int, int]]:
    one, other = matching_rows(left, right)
    return list(zip(one.to_pylist(), other.to_pylist(), strict=True))


def test_rows_when_the_order_differs_then_are_found_by_their_values() -> None:
    left = numbered([1, 2, 3], ["a", "b", "c"])
    right = numbered([3, 1, 9], ["c", "a", "z"])

    assert pairs(left, right) == [(0, 1), (2, 0)]


def test_rows_when_equal_to_each_other_then_the_nth_is_that_of_the_nth() -> None:
    left = numbered([1, 1, 1], ["a", "a", "a"])
    right = numbered([1, 5, 1], ["a", "b", "a"])

    assert pairs(left, right) == [(0, 0), (1, 2)]


def test_rows_when_a_key_is_null_then_a_null_is_the_same_key() -> None:
    assert pairs(numbered([1, 1], [None, "a"]), numbered([1], [None])) == [(0, 0)]


def test_rows_when_none_is_common_then_there_are_none() -> None:
    assert pairs(numbered([1], ["a"]), numbered([2], ["a"])) == []
