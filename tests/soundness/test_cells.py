from __future__ import annotations

import struct

import pyarrow as pa
import pytest
from cells import cells


def table(column: pa.Array) -> pa.Table:
    return pa.table({"a": column})


def with_buffers(kind: pa.DataType, valid: int, numbers: list[float]) -> pa.Array:
    bits, values = bytes([valid]), struct.pack(f"<{len(numbers)}d", *numbers)
    return pa.Array.from_buffers(kind, len(numbers), [pa.py_buffer(bits), pa.py_buffer(values)])


def test_cells_when_something_else_lies_behind_a_null_then_are_equal() -> None:
    left, right = (with_buffers(pa.float64(), 0b101, [1.0, behind, 3.0]) for behind in (0.0, 7.0))

    assert left.buffers()[1].to_pybytes() != right.buffers()[1].to_pybytes()
    assert cells(table(left)) == cells(table(right))


def test_cells_when_no_value_is_null_then_it_does_not_matter_whether_that_is_written_down() -> None:
    assert cells(table(with_buffers(pa.float64(), 0b11, [1.0, 2.0]))) == cells(table(pa.array([1.0, 2.0])))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([0.0]), pa.array([-0.0])),
        (pa.array([0.0]), pa.array([None], pa.float64())),
        (pa.array([1.0]), pa.array([1.0000000000000002])),
        (pa.array([float("nan")]), pa.array([None], pa.float64())),
        (pa.array([0.0], pa.float32()), pa.array([-0.0], pa.float32())),
        (pa.array([1]), pa.array([1], pa.int32())),
        (pa.array([[]], pa.list_(pa.int64())), pa.array([None], pa.list_(pa.int64()))),
        (pa.array(["a", "b"]), pa.array(["b", "a"])),
    ],
    ids=["sign of zero", "null", "last bit", "nan", "sign of a float", "type", "empty list", "order"],
)
def test_cells_when_a_value_differs_then_differ(one: pa.Array, other: pa.Array) -> None:
    assert cells(table(one)) != cells(table(other))
