"""Laws of nested cells: one form, MessagePack that every reader takes apart, equal cells are equal bytes."""

from __future__ import annotations

from typing import Any

import msgspec
import naive_features as naive
import pyarrow as pa
import pytest
from builders import NESTED, cells_of, listed, plain
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import arrow_type
from chronon.aggregations.cells import canonical, packed
from chronon.aggregations.single import to_python
from chronon.model.types import DataType, ListOf, MapOf, Scalar, parse_type

KINDS = [kind for kind in NESTED if kind is not None]
CELLS = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), st.lists(cells_of(kind), max_size=8)))


@given(CELLS)
def test_packed_cells_are_the_messagepack_written_one_by_one(drawn: tuple[DataType, list[Any]]) -> None:
    kind, cells = drawn
    array = pa.array(cells, arrow_type(kind))

    found = packed(canonical(array, kind), kind)

    assert found.to_pylist() == [naive.packed(cell, kind) for cell in cells]


@given(CELLS)
def test_canonical_cell_and_single_cell_are_the_same_value(drawn: tuple[DataType, list[Any]]) -> None:
    kind, cells = drawn
    array = canonical(pa.array(cells, arrow_type(kind)), kind)
    texts = packed(array, kind).to_pylist()

    assert array.type == arrow_type(kind)
    assert [plain(to_python(at, kind, texts)) for at in range(len(cells))] == listed(array)


@given(CELLS, st.integers(0, 3))
def test_slices_and_nulls_in_front_change_nothing(drawn: tuple[DataType, list[Any]], cut: int) -> None:
    kind, cells = drawn
    whole = pa.array([None] * cut + cells, arrow_type(kind))

    assert packed(canonical(whole.slice(cut), kind), kind) == packed(canonical(whole.drop_null(), kind), kind)


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        (ListOf(Scalar.DOUBLE), [[-0.0], [0.0]]),
        (MapOf(Scalar.INT), [{"a": 1, "b": 2}, {"b": 2, "a": 1}]),
        (ListOf(Scalar.FLOAT), [[float("nan")], [float("nan") * -1]]),
    ],
)
def test_equal_cells_are_equal_bytes(kind: DataType, cells: list[Any]) -> None:
    first, second = packed(canonical(pa.array(cells, arrow_type(kind)), kind), kind).to_pylist()

    assert first == second


def test_packed_cell_reads_back_with_a_plain_decoder() -> None:
    kind = parse_type("struct<a:int,b:map<string,list<double>>>")
    assert kind is not None
    array = pa.array([{"a": 7, "b": {"y": [1.5, None], "x": None}}], arrow_type(kind))

    (found,) = packed(canonical(array, kind), kind).to_pylist()

    assert msgspec.msgpack.decode(found) == [7, {"x": None, "y": [1.5, None]}]
