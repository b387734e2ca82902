"""Dates, timestamps, decimals and bytes on their way from and into JSON: everything or an error."""

from __future__ import annotations

import decimal
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.types import Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.model.values import as_binary, as_date, as_decimal, as_timestamp, in_program, plain, units_of

MONEY = Decimal(12, 2)
CET = timezone(timedelta(hours=1))


@given(st.dates())
def test_date_survives_json(value: date) -> None:
    assert as_date(plain(value)) == value


@given(st.datetimes(timezones=st.just(UTC)))
def test_timestamp_survives_json(value: datetime) -> None:
    assert as_timestamp(plain(value)) == value


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.integers(0, 18))
def test_decimal_survives_json_digit_for_digit(units: int, scale: int) -> None:
    of = Decimal(18, scale)
    value = as_decimal(decimal.Decimal(units).scaleb(-scale), of)

    text = plain(value)

    assert "E" not in str(text)
    assert str(as_decimal(text, of)) == str(value)
    assert units_of(value, of) == units


@given(st.binary())
def test_bytes_survive_json(value: bytes) -> None:
    assert as_binary(plain(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2013, 2, 27, 14, 5, tzinfo=UTC), "2013-02-27T14:05:00Z"),
        (datetime(2013, 2, 27, 15, 5, 0, 10, tzinfo=CET), "2013-02-27T14:05:00.000010Z"),
        (date(2013, 2, 27), "2013-02-27"),
        (decimal.Decimal("0.00000010"), "0.00000010"),
        (b"\0\xff", "AP8="),
        ({"a": [date(1, 1, 1), None], "b": {"c": b""}}, {"a": ["0001-01-01", None], "b": {"c": ""}}),
        (1.5, 1.5),
        (True, True),
    ],
)
def test_form_in_json(value: object, text: object) -> None:
    assert plain(value) == text


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("2013-02-27T15:05:00+01:00", datetime(2013, 2, 27, 14, 5, tzinfo=UTC)),
        ("2013-02-27T14:05:00", datetime(2013, 2, 27, 14, 5, tzinfo=UTC)),
        ("2013-02-27T14:05:00.123456000Z", datetime(2013, 2, 27, 14, 5, 0, 123456, tzinfo=UTC)),
        (1_361_973_900_000, datetime(2013, 2, 27, 14, 5, tzinfo=UTC)),
        ("1361973900000", datetime(2013, 2, 27, 14, 5, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
    ],
)
def test_timestamp_is_taken_from(value: object, wanted: datetime) -> None:
    assert as_timestamp(value) == wanted


@pytest.mark.parametrize(
    "value",
    [
        "2013-02-27T14:05:00.1234567Z",
        "soon",
        "2013-02-30",
        1.5,
        True,
        10**17,
        datetime(2013, 2, 27, tzinfo=UTC).replace(tzinfo=None),
        "0001-01-01T00:00:00+23:00",
    ],
)
def test_timestamp_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        as_timestamp(value)


@pytest.mark.parametrize("value", ["27.2.2013", "2013-2-7", "2013-02-30", "20130227", 1.0, True, 10**9, 4_000_000])
def test_date_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        as_date(value)


def test_date_is_taken_from_days() -> None:
    assert as_date(15_763) == date(2013, 2, 27)
    assert as_date(-1) == date(1969, 12, 31)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12.5", "12.50"),
        ("12.5000", "12.50"),
        (12, "12.00"),
        (12.5, "12.50"),
        ("-0", "0.00"),
        ("1e3", "1000.00"),
        (0.1, "0.10"),
    ],
)
def test_decimal_is_taken_from(value: object, text: str) -> None:
    assert str(as_decimal(value, MONEY)) == text


@pytest.mark.parametrize(
    "value", ["12.345", 0.125, "99999999999", "NaN", "1_0", " 1", "", True, float("inf"), "1e99", "1e999", "x"]
)
def test_decimal_that_does_not_fit_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        as_decimal(value, MONEY)


def test_number_with_more_digits_than_a_double_keeps_is_no_decimal() -> None:
    with pytest.raises(ValueError, match="as text"):
        as_decimal(1234567890123456.7, Decimal(18, 1))


@pytest.mark.parametrize("value", ["A", "AP8", "ÄÖ==", "A P8", 7, ["AP8="]])
def test_text_that_is_no_base64_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        as_binary(value)


def test_maps_at_every_depth_are_dicts_in_a_program() -> None:
    of = ListOf(StructOf((("m", MapOf(MapOf(Scalar.LONG))),)))

    assert in_program([{"m": [("a", [("b", 1)]), ("c", None)]}, None], of) == [{"m": {"a": {"b": 1}, "c": None}}, None]
    assert in_program([{"m": []}], of) == [{"m": {}}]
