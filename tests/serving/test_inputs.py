from __future__ import annotations

import pytest

from chronon.model.types import DataType, Scalar
from chronon.serving.inputs import converted, from_text


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
        ("2013-02-01", Scalar.DATE, "2013-02-01"),
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
