"""The rooms that are siblings say the same of every type."""

from __future__ import annotations

import pyarrow as pa
import pytest

from chronon.aggregations import arrow_type as of_aggregations
from chronon.expressions.arrow import arrow_type as of_expressions
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.stores.tables.sources import data_type

TYPES: list[DataType] = [
    *Scalar,
    Decimal(12, 2),
    Decimal(18, 18),
    ListOf(Scalar.TIMESTAMP),
    MapOf(ListOf(Decimal(3, 0))),
    StructOf((("a", Scalar.DATE), ("b", MapOf(Scalar.BINARY)))),
]


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_type_has_one_form_in_arrow_and_is_read_back_from_it(kind: DataType) -> None:
    assert of_aggregations(kind) == of_expressions(kind)
    assert data_type(of_expressions(kind)) == kind


def test_timestamps_are_microseconds_in_utc() -> None:
    assert of_expressions(Scalar.TIMESTAMP) == pa.timestamp("us", tz="UTC")
