"""The greatest, least and different values of one history, against the worked numbers of the reference."""

from __future__ import annotations

from typing import Any

import pytest
from builders import DAY, START, batch_of, queries_of

from chronon.aggregations import EventBatch, Program, answer, batch_values, output_type, point_in_time
from chronon.model.definitions import Feature
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis
from chronon.model.types import Scalar

END = Millis(START + DAY)


def both_ways(call: OperationCall, kind: Scalar, values: list[Any]) -> tuple[Any, Any]:
    """The result over everything, as a training row and as an answer from a batch value."""
    program = a_program(call, kind)
    (trained,) = point_in_time(program, a_history(kind, values), queries_of([(0, END)]))
    return trained.to_pylist()[0], answer(program, state_of(call, kind, values), [], END).values[0]


def state_of(call: OperationCall, kind: Scalar, values: list[Any]) -> bytes:
    """The batch value of everything."""
    return batch_values(a_program(call, kind), a_history(kind, values), 1, END)[0]


def a_program(call: OperationCall, kind: Scalar) -> Program:
    feature = Feature(
        name="f", input="v", input_type=kind, operation=call, window=None, bucket=None, type=output_type(call, kind)
    )
    return Program.compile((feature,), Accuracy.TEMPORAL)


def a_history(kind: Scalar, values: list[Any]) -> EventBatch:
    return batch_of(kind, [(0, START + at, value, None) for at, value in enumerate(values)])


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
    assert both_ways(call, Scalar.INT, values) == (wanted, wanted)


@pytest.mark.parametrize(("values", "wanted"), [([1, 1, 2], 2), ([1, 2, 3, 4, 5, 6, 7], 5), ([1, 2, 3, 4, 5], 5)])
@pytest.mark.parametrize("kind", [Scalar.INT, Scalar.LONG, Scalar.FLOAT, Scalar.DOUBLE, Scalar.STRING])
def test_bounded_count_of_the_reference(kind: Scalar, values: list[int], wanted: int) -> None:
    shown = [str(value) if kind is Scalar.STRING else value for value in values]

    assert both_ways(OperationCall("bounded_unique_count", (5,)), kind, shown) == (wanted, wanted)


def test_full_state_of_a_bounded_count_holds_no_more_than_its_bound() -> None:
    small, large = (
        state_of(OperationCall("bounded_unique_count", (5,)), Scalar.LONG, list(range(n))) for n in (5, 5_000)
    )

    assert len(small) == len(large)
