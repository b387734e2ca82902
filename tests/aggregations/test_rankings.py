"""The greatest and least values of one history, against the worked numbers of the reference."""

from __future__ import annotations

from typing import Any

import pytest
from builders import DAY, START, batch_of, queries_of

from chronon.aggregations import Program, answer, batch_values, output_type, point_in_time
from chronon.model.definitions import Feature
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis
from chronon.model.types import Scalar


def both_ways(call: OperationCall, kind: Scalar, values: list[Any]) -> tuple[Any, Any]:
    """The result over everything, as a training row and as an answer from a batch value."""
    feature = Feature(
        name="f", input="v", input_type=kind, operation=call, window=None, bucket=None, type=output_type(call, kind)
    )
    program = Program.compile((feature,), Accuracy.TEMPORAL)
    batch = batch_of(kind, [(0, START + at, value, None) for at, value in enumerate(values)])
    end = Millis(START + DAY)
    (trained,) = point_in_time(program, batch, queries_of([(0, end)]))
    (stored,) = batch_values(program, batch, 1, end)
    return trained.to_pylist()[0], answer(program, stored, [], end).values[0]


@pytest.mark.parametrize(
    ("call", "values", "wanted"),
    [
        (OperationCall("bottom_k", (4,)), [5, 4, 9, 10, -1], [-1, 4, 5, 9]),
        (OperationCall("bottom_k", (4,)), [5, 4, 9, 10, 1, 2], [1, 2, 4, 5]),
        (OperationCall("bottom_k", (4,)), [5, 4, 9, 10, -1, 5, 4, 9, 10, 1, 2], [-1, 1, 2, 4]),
        (OperationCall("top_k", (3,)), [4, 2, 4], [4, 4, 2]),
        (OperationCall("top_k", (3,)), [4, 2], [4, 2]),
    ],
)
def test_ranking_of_the_reference(call: OperationCall, values: list[int], wanted: list[int]) -> None:
    assert both_ways(call, Scalar.INT, values) == (wanted, wanted)
