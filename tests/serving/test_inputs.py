from __future__ import annotations

import decimal
from datetime import UTC, date, datetime

import pytest

from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.serving.inputs import converted, from_text

HOME = StructOf((("since", Scalar.DATE), ("rooms", MapOf(Scalar.LONG))))


@pytest.mark.parametrize(
    ("value", "of", "expected"),
    [
        (None, Scalar.LONG, None),
        (7, Scalar.LONG, 7),
        (7.0, Scalar.LONG, 7),
        (2**63 - 1, Scalar.LONG, 2**63 - 1),
        (7, Scalar.DOUBLE, 7.0),
        (0.1, Scalar.DOUBLE, 0.1),
        (True, Scalar.BOOLEAN, True),
        ("UA", Scalar.STRING, "UA"),
        ("2013-02-27", Scalar.DATE, date(2013, 2, 27)),
        ("2013-02-27T14:05:00Z", Scalar.TIMESTAMP, datetime(2013, 2, 27, 14, 5, tzinfo=UTC)),
        (1361973900000, Scalar.TIMESTAMP, datetime(2013, 2, 27, 14, 5, tzinfo=UTC)),
        ("12.5", Decimal(12, 2), decimal.Decimal("12.50")),
        (12.5, Decimal(12, 2), decimal.Decimal("12.50")),
        ("AP8=", Scalar.BINARY, b"\0\xff"),
        ([1, None], ListOf(Scalar.LONG), [1, None]),
        ({"a": ["1"]}, MapOf(ListOf(Decimal(3, 1))), {"a": [decimal.Decimal("1.0")]}),
        ({"since": "2013-02-27"}, HOME, {"since": date(2013, 2, 27), "rooms": None}),
        ({"rooms": {"a": 1}}, HOME, {"since": None, "rooms": {"a": 1}}),
    ],
)
def test_converted_when_nothing_is_lost_then_value_of_the_type(value: object, of: DataType, expected: object) -> None:
    found = converted(value, of)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "of"),
    [
        ("7", Scalar.LONG),
        (7.5, Scalar.LONG),
        (float("nan"), Scalar.LONG),
        (float("inf"), Scalar.LONG),
        (True, Scalar.LONG),
        (2**63, Scalar.LONG),
        (2**31, Scalar.INT),
        ("soon", Scalar.DATE),
        (1.5, Scalar.TIMESTAMP),
        ("1.234", Decimal(12, 2)),
        ("A", Scalar.BINARY),
        ("x", ListOf(Scalar.LONG)),
        (["x"], ListOf(Scalar.LONG)),
        ([1], MapOf(Scalar.LONG)),
        ({"a": "x"}, MapOf(Scalar.LONG)),
        ({"sinec": None}, HOME),
        (2**53 + 1, Scalar.DOUBLE),
        (10**400, Scalar.DOUBLE),
        (False, Scalar.DOUBLE),
        (1, Scalar.BOOLEAN),
        (1, Scalar.STRING),
        (["UA"], Scalar.STRING),
    ],
)
def test_converted_when_something_would_be_lost_then_refused(value: object, of: DataType) -> None:
    with pytest.raises(ValueError):
        converted(value, of)


@pytest.mark.parametrize(
    ("text", "of", "expected"),
    [
        ("7", Scalar.LONG, 7),
        ("7", Scalar.STRING, "7"),
        ("7", Scalar.DOUBLE, 7.0),
        ("True", Scalar.BOOLEAN, True),
        ("2013-02-01", Scalar.DATE, date(2013, 2, 1)),
        ("1.5", Decimal(12, 2), decimal.Decimal("1.50")),
        ("AP8=", Scalar.BINARY, b"\0\xff"),
        ('["AA=="]', ListOf(Scalar.BINARY), [b"\0"]),
    ],
)
def test_from_text_when_it_names_a_value_then_of_the_type(text: str, of: DataType, expected: object) -> None:
    found = from_text(text, of)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("text", "of"), [("x", Scalar.LONG), ("1.5", Scalar.INT), ("yes", Scalar.BOOLEAN)])
def test_from_text_when_it_names_none_then_refused(text: str, of: DataType) -> None:
    with pytest.raises(ValueError):
        from_text(text, of)
