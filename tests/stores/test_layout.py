"""Entity keys: one row and whole columns give the same bytes, and no two entities share them."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.expressions.arrow import arrow_type
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest
from chronon.model.time import Day
from chronon.model.types import DataType, Decimal, ListOf, Scalar
from chronon.stores.kv.contract import MAX_KEY_BYTES
from chronon.stores.kv.layout import batch_key, batch_prefix, entity_key, entity_keys, metadata_key, page_key

MONEY, WHOLE = Decimal(12, 2), Decimal(18, 0)
TEXT = st.text(st.sampled_from("ab\0ÿ✈"), max_size=4) | st.text("x", min_size=250, max_size=260)
VALUES: dict[DataType, st.SearchStrategy[object]] = {
    Scalar.BOOLEAN: st.booleans(),
    Scalar.INT: st.integers(-(2**31), 2**31 - 1),
    Scalar.LONG: st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2),
    Scalar.FLOAT: st.floats(width=32),
    Scalar.DOUBLE: st.floats(),
    Scalar.STRING: TEXT,
    Scalar.BINARY: st.binary(max_size=3) | st.sampled_from([b"\0", b"\0\xff", b"\xff" * 300]),
    Scalar.DATE: st.dates(),
    Scalar.TIMESTAMP: st.datetimes(timezones=st.just(UTC)),
    MONEY: st.decimals(-(10**10) + 1, 10**10 - 1, places=2),
    WHOLE: st.decimals(-(10**18) + 1, 10**18 - 1, places=0),
}


@st.composite
def keyed_rows(draw: st.DrawFn) -> tuple[list[DataType], list[tuple[object, ...]]]:
    types = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=3))
    row = st.tuples(*(st.none() | VALUES[of] for of in types))
    return types, draw(st.lists(row, max_size=12))


def comparable(value: object) -> object:
    """Equal for values that are the same key: one NaN, one zero."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    return value


def columns_of(types: Sequence[DataType], rows: Sequence[tuple[object, ...]]) -> list[pa.Array]:
    return [pa.array([row[n] for row in rows], arrow_type(of)) for n, of in enumerate(types)]


@given(keyed=keyed_rows())
def test_columns_and_rows_give_the_same_bytes(keyed: tuple[list[DataType], list[tuple[object, ...]]]) -> None:
    types, rows = keyed

    assert entity_keys(columns_of(types, rows), types) == [entity_key(row, types) for row in rows]


@given(keyed=keyed_rows())
def test_rows_share_a_key_exactly_when_they_are_the_same_entity(
    keyed: tuple[list[DataType], list[tuple[object, ...]]],
) -> None:
    types, rows = keyed
    whole = [row for row in rows if None not in row]

    keys = [entity_key(row, types) for row in whole]

    assert len(set(keys)) == len({tuple(map(comparable, row)) for row in whole})
    assert all(0 < len(key) <= 256 for key in keys if key is not None)


@given(types=st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=3), data=st.data())
def test_no_key_is_the_beginning_of_another(types: list[DataType], data: st.DataObject) -> None:
    one, other = (data.draw(st.tuples(*(VALUES[of] for of in types))) for _ in range(2))

    first, second = entity_key(one, types), entity_key(other, types)

    assert first is not None
    assert second is not None
    assert first == second or not first.startswith(second)


def test_zero_bytes_do_not_end_a_text() -> None:
    keys = [single(text, Scalar.STRING) for text in ("", "a", "a\0", "a\0b", "ab", "\0", "\0\0")]

    assert not [(a, b) for a in keys for b in keys if a != b and a.startswith(b)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((("ab", "c"), (Scalar.STRING, Scalar.STRING)), (("a", "bc"), (Scalar.STRING, Scalar.STRING))),
        ((("1",), (Scalar.STRING,)), ((1,), (Scalar.LONG,))),
        (((1,), (Scalar.LONG,)), ((1.0,), (Scalar.DOUBLE,))),
        (((True,), (Scalar.BOOLEAN,)), ((1,), (Scalar.LONG,))),
        ((("a",), (Scalar.STRING,)), ((b"a",), (Scalar.BINARY,))),
        (((1,), (WHOLE,)), ((1,), (Scalar.LONG,))),
        (((1,), (WHOLE,)), (("0.01",), (MONEY,))),
        ((("1970-01-02",), (Scalar.DATE,)), ((1,), (Scalar.LONG,))),
        ((("", "a"), (Scalar.STRING, Scalar.STRING)), (("a", ""), (Scalar.STRING, Scalar.STRING))),
    ],
)
def test_entities_that_look_alike_differ(
    left: tuple[tuple[object, ...], tuple[DataType, ...]], right: tuple[tuple[object, ...], tuple[DataType, ...]]
) -> None:
    assert entity_key(*left) != entity_key(*right)


def test_int_and_long_of_one_number_are_one_key() -> None:
    assert entity_key([7], [Scalar.INT]) == entity_key([7], [Scalar.LONG])
    assert entity_keys([pa.array([7], pa.int8())], [Scalar.LONG]) == [entity_key([7], [Scalar.INT])]


def test_dictionary_encoded_texts_are_texts() -> None:
    encoded = pa.array(["a", None, "b", "a"]).dictionary_encode()

    assert entity_keys([encoded], [Scalar.STRING]) == [entity_key([v], [Scalar.STRING]) for v in ("a", None, "b", "a")]


def test_sliced_columns_give_the_keys_of_their_rows() -> None:
    column = pa.array(["x", "a", None, "b"]).slice(1)
    prices = pa.array([decimal.Decimal(n) for n in (9, 1, 2)] + [None], arrow_type(MONEY)).slice(1)

    assert entity_keys([column, pa.array([9, 1, 2, 3]).slice(1)], [Scalar.STRING, Scalar.LONG]) == [
        entity_key([text, number], [Scalar.STRING, Scalar.LONG]) for text, number in (("a", 1), (None, 2), ("b", 3))
    ]
    assert entity_keys([prices], [MONEY]) == [entity_key([n], [MONEY]) for n in (1, 2, None)]


@given(
    numbers=st.lists(VALUES[Scalar.LONG], max_size=20),
    floats=st.lists(st.floats(allow_nan=False), max_size=20),
    prices=st.lists(VALUES[MONEY], max_size=20),
)
def test_key_order_is_number_order(numbers: list[int], floats: list[float], prices: list[decimal.Decimal]) -> None:
    assert sorted(prices, key=lambda n: single(n, MONEY)) == sorted(prices)
    assert sorted(numbers, key=lambda n: single(n, Scalar.LONG)) == sorted(numbers)
    assert sorted(floats, key=lambda n: single(n, Scalar.DOUBLE)) == sorted(floats)


@pytest.mark.parametrize(
    ("value", "declared", "same_as"),
    [
        (3.0, Scalar.LONG, 3),
        ("-12", Scalar.LONG, -12),
        ("true", Scalar.BOOLEAN, True),
        (2, Scalar.DOUBLE, 2.0),
        (0.5, Scalar.FLOAT, 0.5),
        (-0.0, Scalar.DOUBLE, 0.0),
        ("2013-02-27", Scalar.DATE, date(2013, 2, 27)),
        ("2013-02-27T12:00:00Z", Scalar.TIMESTAMP, datetime(2013, 2, 27, 12, tzinfo=UTC)),
        ("2013-02-27T12:00:00.000001Z", Scalar.TIMESTAMP, datetime(2013, 2, 27, 12, 0, 0, 1, tzinfo=UTC)),
        (15_763, Scalar.DATE, date(2013, 2, 27)),
        ("12.5", MONEY, decimal.Decimal("12.50")),
        (12.5, MONEY, decimal.Decimal("12.50")),
        (12, MONEY, decimal.Decimal("12.00")),
        ("AP8=", Scalar.BINARY, b"\0\xff"),
        (1_361_966_400_000, Scalar.TIMESTAMP, datetime(2013, 2, 27, 13, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_value_of_another_type_is_taken_where_nothing_is_lost(
    value: object, declared: DataType, same_as: object
) -> None:
    assert entity_key([value], [declared]) == entity_key([same_as], [declared])


@pytest.mark.parametrize(
    ("value", "declared"),
    [
        (1.5, Scalar.LONG),
        ("07", Scalar.LONG),
        ("+7", Scalar.LONG),
        ("٣", Scalar.LONG),
        (2**31, Scalar.INT),
        (2**63, Scalar.LONG),
        ("9" * 5000, Scalar.LONG),
        (float("inf"), Scalar.LONG),
        (True, Scalar.LONG),
        (1, Scalar.BOOLEAN),
        (7, Scalar.STRING),
        (b"a", Scalar.STRING),
        ("\ud800", Scalar.STRING),
        ("a", Scalar.BINARY),
        ("1.5", Scalar.DOUBLE),
        (2**60 + 1, Scalar.DOUBLE),
        (0.1, Scalar.FLOAT),
        (1e300, Scalar.FLOAT),
        (True, Scalar.DOUBLE),
        ("yesterday", Scalar.DATE),
        (datetime(2013, 2, 27, tzinfo=UTC), Scalar.DATE),
        (datetime(2013, 2, 27), Scalar.TIMESTAMP),  # noqa: DTZ001 - without an offset it is no instant
        ("2013-02-27T12:00:00.0000001Z", Scalar.TIMESTAMP),
        ("12.505", MONEY),
        (10**10, MONEY),
        ("NaN", MONEY),
        (True, MONEY),
        ([1], Scalar.LONG),
        ({}, Scalar.STRING),
    ],
)
def test_value_that_would_lose_something_is_refused_by_name(value: object, declared: DataType) -> None:
    with pytest.raises(ChrononError, match=rf"CHR-K041 key carrier is a {re.escape(str(declared))} and takes "):
        entity_key([value], [declared], ["carrier"])


def test_number_of_values_other_than_parts_is_refused() -> None:
    with pytest.raises(ChrononError, match=r"CHR-K042.*origin, dest"):
        entity_key(["JFK"], [Scalar.STRING, Scalar.STRING], ["origin", "dest"])


def test_null_is_no_excuse_for_a_type_that_cannot_be_a_key() -> None:
    with pytest.raises(ChrononError, match="CHR-K040"):
        entity_key([None], [ListOf(Scalar.LONG)])
    with pytest.raises(ChrononError, match="CHR-K040"):
        entity_keys([pa.array([[1]])], [ListOf(Scalar.LONG)])


@pytest.mark.parametrize(
    ("column", "declared"),
    [
        (pa.array(["x"]), Scalar.LONG),
        (pa.array([2**40]), Scalar.INT),
        (pa.array([1], pa.timestamp("ns", "UTC")), Scalar.TIMESTAMP),
    ],
)
def test_column_of_another_type_is_refused(column: pa.Array, declared: Scalar) -> None:
    with pytest.raises(ChrononError, match="CHR-K041"):
        entity_keys([column], [declared])


def test_keys_of_the_store_do_not_meet() -> None:
    entity = single("a", Scalar.STRING)
    keys = [
        metadata_key("prod", "delays.departure"),
        metadata_key("prod/x", "y"),
        metadata_key("prod", "x/y"),
        batch_key(Digest("d"), "g", entity),
        batch_key(Digest("d"), "g/h", entity),
        batch_key(Digest("d/g"), "h", entity),
        page_key(Digest("d"), entity, Day(1)),
        page_key(Digest("d"), entity, Day(2)),
    ]

    assert len(set(keys)) == len(keys)
    assert batch_key(Digest("d"), "g", entity).startswith(batch_prefix(Digest("d")))
    assert not batch_key(Digest("d"), "g2", entity).startswith(batch_prefix(Digest("d"), "g"))


def test_pages_of_an_entity_lie_in_the_order_of_their_days() -> None:
    days = [Day(day) for day in (-40_000, -1, 0, 1, 15_763, 200_000)]
    pages = [page_key(Digest("d"), single("a", Scalar.STRING), day) for day in days]

    assert pages == sorted(set(pages))


def test_longest_keys_fit_into_every_store() -> None:
    digest, longest = Digest("f" * 64), entity_key(["x" * 5000], [Scalar.STRING]) or b""
    full = entity_key(["x" * 253], [Scalar.STRING]) or b""

    assert len(full) == 256
    assert len(longest) == 33
    assert len(batch_key(digest, "15763-" + "f" * 64 + "-" + "f" * 8, full)) <= MAX_KEY_BYTES


def single(value: object, declared: DataType) -> bytes:
    key = entity_key([value], [declared])
    assert key is not None
    return key
