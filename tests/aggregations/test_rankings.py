"""The greatest, least and different values of one history, against the worked numbers of the reference."""

from __future__ import annotations

import pytest
from builders import a_batch_value, a_result_both_ways

from chronon.model.specs import OperationCall
from chronon.model.types import Scalar


@pytest.mark.parametrize(
    ("call", "values", "wanted"),
    [
        (OperationCall("bottom_k", (4,)), [5, 4, 9, 10, -1], [-1, 4, 5, 9]),
        (OperationCall("bottom_k", (4,)), [5, 4, 9, 10, 1, 2], [1, 2, 4, 5]),
        (OperationCall("bottom_k", (4,)), [5, 4, 9, 10, -1, 5, 4, 9, 10, 1, 2], [-1, 1, 2, 4]),
        (OperationCall("top_k", (3,)), [4, 2, 4], [4, 4, 2]),
        (OperationCall("top_k", (3,)), [4, 2], [4, 2]),
        (OperationCall("unique_top_k", (2,)), [4, 2, 4, 3], [4, 3]),
    ],
)
def test_ranking_of_the_reference(call: OperationCall, values: list[int], wanted: list[int]) -> None:
    assert a_result_both_ways(call, Scalar.INT, values) == (wanted, wanted)


@pytest.mark.parametrize(("values", "wanted"), [([1, 1, 2], 2), ([1, 2, 3, 4, 5, 6, 7], 5), ([1, 2, 3, 4, 5], 5)])
@pytest.mark.parametrize("kind", [Scalar.INT, Scalar.LONG, Scalar.FLOAT, Scalar.DOUBLE, Scalar.STRING])
def test_bounded_count_of_the_reference(kind: Scalar, values: list[int], wanted: int) -> None:
    shown = [str(value) if kind is Scalar.STRING else value for value in values]

    assert a_result_both_ways(OperationCall("bounded_unique_count", (5,)), kind, shown) == (wanted, wanted)


def test_full_state_of_a_bounded_count_holds_no_more_than_its_bound() -> None:
    small, large = (
        a_batch_value(OperationCall("bounded_unique_count", (5,)), Scalar.LONG, list(range(n))) for n in (5, 5_000)
    )

    assert len(small) == len(large)
