"""Frequent values, where the reference's sketch loses most of them."""

from __future__ import annotations

from typing import Any

import pytest
from builders import a_result_both_ways

from chronon.model.specs import OperationCall
from chronon.model.types import Scalar


@pytest.mark.parametrize(
    ("call", "kind", "values", "wanted"),
    [
        (OperationCall("histogram", (2,)), Scalar.STRING, list("abccc"), [("c", 3), ("a", 1)]),
        (OperationCall("approx_histogram_k", (2,)), Scalar.STRING, list("abccc"), [("c", 3), ("a", 1)]),
        (
            OperationCall("approx_histogram_k"),
            Scalar.DOUBLE,
            [1.0, 0.1, -0.0, 0.0],
            [("0.0", 2), ("0.1", 1), ("1.0", 1)],
        ),
    ],
)
def test_frequent_values(call: OperationCall, kind: Scalar, values: list[Any], wanted: list[tuple[str, int]]) -> None:
    trained, answered = a_result_both_ways(call, kind, values)

    assert trained == wanted
    assert list(answered.items()) == wanted


def test_nine_values_with_room_for_eight_lose_only_the_rarest() -> None:
    values = [key for key in "abcdefghi" for _ in range(ord(key) - ord("a") + 1)]

    trained, answered = a_result_both_ways(OperationCall("approx_histogram_k"), Scalar.STRING, values)

    assert dict(trained) == answered == {key: ord(key) - ord("a") + 1 for key in "bcdefghi"}
