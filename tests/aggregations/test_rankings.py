"""The greatest and the different values of one history, where they are fewer or as many as are asked for."""

from __future__ import annotations

import pytest
from builders import a_batch_value, a_result_both_ways

from chronon.model.specs import OperationCall
from chronon.model.types import Scalar


@pytest.mark.parametrize(
    ("call", "values", "wanted"),
    [
        (OperationCall("top_k", (3,)), [4, 2], [4, 2]),
        (OperationCall("unique_top_k", (2,)), [4, 2, 4, 3], [4, 3]),
    ],
)
def test_ranking_of_few_values(call: OperationCall, values: list[int], wanted: list[int]) -> None:
    assert a_result_both_ways(call, Scalar.INT, values) == (wanted, wanted)


def test_bounded_count_of_as_many_values_as_its_bound() -> None:
    found = a_result_both_ways(OperationCall("bounded_unique_count", (5,)), Scalar.LONG, [1, 2, 3, 4, 5])

    assert found == (5, 5)


def test_full_state_of_a_bounded_count_holds_no_more_than_its_bound() -> None:
    small, large = (
        a_batch_value(OperationCall("bounded_unique_count", (5,)), Scalar.LONG, list(range(n))) for n in (5, 5_000)
    )

    assert len(small) == len(large)
