from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.time import (
    DAY,
    HOUR,
    MINUTE,
    Day,
    Millis,
    day_of,
    day_start,
    day_text,
    duration_text,
    floor_to,
    instant_text,
    parse_day,
    parse_duration,
    parse_instant,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1ms", 1),
        ("30s", 30_000),
        ("90m", 90 * MINUTE),
        ("3h", 3 * HOUR),
        ("7d", 7 * DAY),
        ("2w", 14 * DAY),
        ("0d", None),
        ("007d", None),
        ("1.5h", None),
        ("-1d", None),
        ("1D", None),
        ("d", None),
        ("1d ", None),
        ("", None),
    ],
)
def test_parse_duration_takes_whole_units_only(text: str, expected: int | None) -> None:
    assert parse_duration(text) == expected


@given(st.integers(1, 10**12))
def test_duration_text_when_parsed_is_the_same_length(length: int) -> None:
    assert parse_duration(duration_text(Millis(length))) == length


def test_duration_text_takes_the_largest_unit_and_no_weeks() -> None:
    assert [duration_text(Millis(n)) for n in (14 * DAY, 36 * HOUR, 90 * MINUTE, 1_500)] == [
        "14d",
        "36h",
        "90m",
        "1500ms",
    ]


@given(st.integers(-(10**14), 10**14), st.sampled_from([5 * MINUTE, HOUR, DAY]))
def test_floor_to_is_the_last_multiple_not_after(instant: int, size: int) -> None:
    found = floor_to(Millis(instant), Millis(size))

    assert found % size == 0
    assert found <= instant < found + size


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_day_text_and_parse_day_are_inverse_and_count_from_the_epoch(one: date) -> None:
    day = parse_day(one.isoformat())

    assert day is not None
    assert day == (one - date(1970, 1, 1)).days
    assert day_text(day) == one.isoformat()


@pytest.mark.parametrize("text", ["2023-02-29", "2023-2-1", "20230201", "2023-02-01T00:00", "", "2023-13-01"])
def test_parse_day_when_the_text_is_no_date_is_none(text: str) -> None:
    assert parse_day(text) is None


@given(st.integers(-100_000, 100_000), st.integers(0, DAY - 1))
def test_day_of_any_instant_of_a_day_is_that_day(day: int, within: int) -> None:
    assert day_of(Millis(day_start(Day(day)) + within)) == day


@given(st.integers(-30_610_224_000_000, 253_402_300_799_999))
def test_instant_text_equals_the_standard_library_and_reads_back(instant: int) -> None:
    text = instant_text(Millis(instant))

    moment = _EPOCH + timedelta(milliseconds=instant)
    assert datetime.fromisoformat(text) == moment
    assert parse_instant(text) == instant
    assert ("." in text) == bool(instant % 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1361973900000", 1_361_973_900_000),
        ("-5", -5),
        ("2013-02-27T14:05:00", 1_361_973_900_000),
        ("2013-02-27T15:05:00+01:00", 1_361_973_900_000),
        ("2013-02-27", 1_361_923_200_000),
        ("yesterday", None),
        ("", None),
    ],
)
def test_parse_instant_reads_digits_and_iso_times_in_utc(text: str, expected: int | None) -> None:
    assert parse_instant(text) == expected
