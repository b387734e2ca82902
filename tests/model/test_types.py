"""Types and their text form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf, parse_type

FIELD_NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)
DECIMALS = st.integers(1, 18).flatmap(lambda p: st.builds(Decimal, st.just(p), st.integers(0, p)))


def nested(parts: st.SearchStrategy[DataType]) -> st.SearchStrategy[DataType]:
    fields = st.lists(st.tuples(FIELD_NAMES, parts), min_size=1, max_size=3, unique_by=lambda field: field[0])
    return parts.map(ListOf) | parts.map(MapOf) | fields.map(tuple).map(StructOf)


TYPES = st.recursive(st.sampled_from(list(Scalar)) | DECIMALS, nested, max_leaves=6)


@given(TYPES)
def test_text_of_a_type_names_it(kind: DataType) -> None:
    assert parse_type(str(kind)) == kind


@pytest.mark.parametrize(
    "text",
    [
        "", "longs", "list<>", "list<long", "list<long>>", "map<long>", "map<long,long>", "map<string,>", "struct<>",
        "struct<a>", "struct<a:>", "struct<a:int,>", "struct<a:int,a:long>", "struct<1a:int>", "decimal",
        "decimal(0,0)", "decimal(19,2)", "decimal(3,4)", "decimal(3)", "set<int>",
    ],
)  # fmt: skip
def test_text_that_names_no_type_is_refused(text: str) -> None:
    assert parse_type(text) is None
