"""Arrow, closures and DuckDB give the same bits for any expression on any row."""

from __future__ import annotations

import math
import random

import duckdb
import pyarrow as pa
import pytest
from expression_builders import COLUMNS, Sentences, bits, random_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from chronon.expressions import ExpressionError, analyse, arrow_function, row_function, to_sql
from chronon.expressions.arrow import arrow_type
from chronon.expressions.errors import TOO_LARGE
from chronon.model.types import ListOf, Scalar

SEEDS = st.integers(0, 2**40)


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def a_table(seed: int, count: int = 40) -> tuple[list[dict], pa.Table]:
    rows = random_rows(random.Random(seed), count)
    arrays = {name: pa.array([row[name] for row in rows], arrow_type(kind)) for name, kind in COLUMNS.items()}
    return rows, pa.table(arrays)


def a_sentence(seed: int, depth: int = 3) -> str:
    """A random expression that is not too large."""
    rng = random.Random(seed)
    while True:
        text = Sentences(rng).any(depth)
        try:
            analyse(text, COLUMNS)
        except ExpressionError as error:
            if error.code != TOO_LARGE:
                raise
        else:
            return text


@settings(max_examples=400)
@given(SEEDS)
def test_arrow_gives_the_bits_of_the_closure(seed: int) -> None:
    text = a_sentence(seed)
    rows, table = a_table(seed)
    function = row_function(text, COLUMNS)

    found = arrow_function(text, COLUMNS)({name: table[name].combine_chunks() for name in COLUMNS}, len(rows))

    assert found.type == arrow_type(analyse(text, COLUMNS).type)
    assert list(map(bits, found.to_pylist())) == [bits(function(row)) for row in rows], text


@settings(max_examples=250)
@given(SEEDS)
def test_duckdb_gives_the_bits_of_the_closure(database: duckdb.DuckDBPyConnection, seed: int) -> None:
    text = a_sentence(seed)
    rows, table = a_table(seed)
    function = row_function(text, COLUMNS)

    query = f"SELECT {to_sql(text, COLUMNS, 'duckdb')} AS x FROM events"
    database.register("events", table)
    found = database.sql(query).to_arrow_table()["x"]

    assert found.type == arrow_type(analyse(text, COLUMNS).type), text
    assert list(map(bits, found.to_pylist())) == [bits(function(row)) for row in rows], text


@settings(max_examples=300)
@given(SEEDS)
def test_canonical_text_when_analysed_again_is_itself(seed: int) -> None:
    text = a_sentence(seed, depth=4)

    once = analyse(text, COLUMNS)

    assert analyse(once.sql, COLUMNS) == once


@settings(max_examples=150)
@given(SEEDS)
def test_canonical_text_means_what_the_text_means(seed: int) -> None:
    text = a_sentence(seed)
    rows, _table = a_table(seed)
    written, canonical = row_function(text, COLUMNS), row_function(analyse(text, COLUMNS).sql, COLUMNS)

    assert [bits(canonical(row)) for row in rows] == [bits(written(row)) for row in rows]


@pytest.mark.parametrize("text", ["ELEMENT_AT(xs, 1)", "ELEMENT_AT(xs, 2) IS NULL", "SIZE(xs)"])
def test_element_of_a_list_when_it_is_nan_or_the_list_is_a_part_of_a_longer_array_then_is_the_same(
    database: duckdb.DuckDBPyConnection, text: str
) -> None:
    lists = [[1.0], None, [math.nan, math.inf], [], [None, -0.0, math.nan], [2.0, math.nan]]
    whole = pa.array([[9.0, 9.0], *lists, [8.0]], pa.list_(pa.float64())).slice(1, len(lists))
    columns = {"xs": ListOf(Scalar.DOUBLE)}
    function = row_function(text, columns)

    database.register("lists", pa.table({"xs": whole}))
    by_duckdb = database.sql(f"SELECT {to_sql(text, columns, 'duckdb')} AS x FROM lists").to_arrow_table()["x"]
    by_arrow = arrow_function(text, columns)({"xs": whole}, len(lists))

    wanted = [bits(function({"xs": value})) for value in lists]
    assert [list(map(bits, found.to_pylist())) for found in (by_arrow, by_duckdb)] == [wanted, wanted]


@pytest.mark.parametrize(
    "text", ["UNIX_MILLIS(at)", "1 = 1", "DATE_TRUNC('week', at)", "ELEMENT_AT(xs, 1)", "SIZE(xs)", "s LIKE '_%'"]
)
def test_arrow_function_of_no_rows_gives_no_values(text: str) -> None:
    columns = {"at": Scalar.TIMESTAMP, "xs": ListOf(Scalar.LONG), "s": Scalar.STRING}
    empty = {name: pa.array([], arrow_type(kind)) for name, kind in columns.items()}

    assert arrow_function(text, columns)(empty, 0).to_pylist() == []
