"""An operation says whether its state keeps every different value; the size of the state shows it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from builders import CALLS, DAY, START

from chronon.aggregations import EventBatch, Program, batch_values, keeps_values, operation_names, output_type
from chronon.model.definitions import Feature
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis
from chronon.model.types import Scalar


def size_of_state(name: str, n_values: int) -> int:
    """Bytes of what is stored of an entity with so many different values, over its whole history."""
    call = OperationCall(name, CALLS.get(name, [()])[0])
    kind = output_type(call, Scalar.LONG)
    feature = Feature(name="f", input="v", input_type=Scalar.LONG, operation=call, window=None, type=kind)
    program = Program.compile([feature], Accuracy.TEMPORAL)
    times = np.arange(n_values, dtype=np.int64) + START
    events = EventBatch(
        entity=np.zeros(n_values, np.int64), ts=times, inputs={"v": pa.array(range(n_values), pa.int64())}
    )
    (value,) = batch_values(program, events, 1, Millis(START + 9 * DAY))
    return len(value)


@pytest.mark.parametrize("name", operation_names())
def test_state_when_values_double_then_grows_as_the_operation_says(name: str) -> None:
    growth = size_of_state(name, 20_000) / size_of_state(name, 10_000)

    assert (growth > 1.5) == keeps_values(name), growth


def test_unknown_operation_when_asked_then_keeps_nothing() -> None:
    assert not keeps_values("median")
