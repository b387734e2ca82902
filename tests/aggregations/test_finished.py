"""Rows of finished values come back as they went in, each value in its type."""

from __future__ import annotations

import decimal
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import decode_row, encode_row
from chronon.model.errors import ChrononError

PLAIN: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**13), max_value=10**13)
)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


def typed(value: Any) -> Any:
    """The value with its types, and decimals digit by digit."""
    match value:
        case list():
            return [typed(item) for item in value]
        case dict():
            return {key: typed(item) for key, item in value.items()}
        case decimal.Decimal():
            return "decimal", value.as_tuple()
        case _:
            return type(value).__name__, value


@given(st.lists(VALUES, max_size=6))
def test_row_comes_back_in_its_types(values: list[Any]) -> None:
    assert typed(list(decode_row(encode_row(values)))) == typed(values)


def test_row_of_another_version_is_refused() -> None:
    with pytest.raises(ChrononError, match="CHR-W008 a stored row begins with version 01"):
        decode_row(b"\x01" + encode_row([1])[1:])
