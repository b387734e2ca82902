"""What the language takes and refuses, with places and hints."""

from __future__ import annotations

import decimal
import math
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from chronon.expressions import Expression, ExpressionError, analyse, row_function, to_sql
from chronon.expressions.errors import (
    NOT_ALLOWED,
    SYNTAX,
    TOO_LARGE,
    UNKNOWN_COLUMN,
    UNKNOWN_FUNCTION,
    WRONG_TYPE,
)
from chronon.model.definitions import Selected
from chronon.model.types import DataType, Decimal, ListOf, Scalar, StructOf

COLUMNS = {
    "a": Scalar.LONG,
    "b": Scalar.LONG,
    "i": Scalar.INT,
    "d": Scalar.DOUBLE,
    "g": Scalar.FLOAT,
    "s": Scalar.STRING,
    "t": Scalar.STRING,
    "p": Scalar.BOOLEAN,
    "day": Scalar.DATE,
    "at": Scalar.TIMESTAMP,
    "raw": Scalar.BINARY,
    "price": Decimal(12, 2),
    "home": StructOf((("city", Scalar.STRING), ("since", Scalar.DATE))),
    "many": ListOf(Scalar.LONG),
    "order": Scalar.LONG,
    "select": Scalar.LONG,
    "Two Words": Scalar.LONG,
    'qu"ote`d': Scalar.STRING,
    "year": Scalar.LONG,
    "month": Scalar.LONG,
}

REFUSED = [
    # numbers that are none
    "1e", "1e-0.5", "a + 1e",
    # statements and more than one
    "a; DROP TABLE events", "a;", ";", "SELECT 1", "(SELECT 1)", "a IN (SELECT b FROM t)", "EXISTS (SELECT 1)",
    "a = (SELECT max(a) FROM t)", "DROP TABLE t", "a UNION SELECT b", "INSERT INTO t VALUES (1)", "VALUES (1)", "a, b",
    "WITH x AS (SELECT 1) SELECT * FROM x", "a FROM events", "a WHERE p", "a AS b", "a b", "COPY t TO 'f'", "ATTACH 'x'",
    "a = ANY (SELECT 1)", "a = ALL(b)", "SET x = 1", "CALL f()", "EXPLAIN a", "DELETE FROM t", "UPDATE t SET a = 1",
    # comments and hints
    "a -- b", "a /* b */", "/*+ BROADCAST(t) */ a", "a --", "1 --1", "a # b", "a // b",
    # stars, windows, aggregates, lambdas
    "*", "t.*", "COUNT(*)", "SUM(a)", "SUM(a) OVER ()", "MAX(a)", "ROW_NUMBER() OVER (ORDER BY a)", "x -> x", "DISTINCT a",
    # functions that reach out of the row, or depend on the engine
    "reflect('java.lang.Runtime', 'getRuntime')", "java_method('a', 'b')", "read_files('/etc/passwd')", "read_csv('x')",
    "read_text('/etc/passwd')", "load_file('x')", "pg_read_file('x')", "system('id')", "shell('id')", "getenv('HOME')",
    "current_setting('x')", "query('select 1')", "exec('x')", "eval('x')", "http_get('x')", "sleep(10)", "RAND()", "UUID()",
    "NOW()", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_USER", "version()", "input_file_name()", "raise_error('x')",
    "ai_query('x', 'y')", "from_json(s, 'a INT')", "JSON_VALUE(s, '$')", "REGEXP_REPLACE(s, 'a', 'b')", "SQRT(d)", "EXP(d)",
    "INITCAP(s)", "IFNULL(a, b)", "ISNAN(d)", "TRY_CAST(a AS int)", "CEILING(d)", "SUBSTR(s, 1)", "NVL(a, b)",
    '"ABS"(a)', "s.abs()", "schema.abs(a)", "abs.abs(a)", "{fn abs(a)}", "TABLE(a)", "ROW(a)", "ARRAY(a)", "STRUCT(a)",
    # other syntax
    "a::int", "a.b", "many[0]", "[a]", "{a}", "{{ a }}", "${a}", "$1", ":a", "?", "@a", "@@version", "`a`", "a & b", "a | b",
    "a ^ b", "~a", "a << 1", "a <=> b", "a == b", "a !== b", "p IS UNKNOWN", "a IS DISTINCT FROM b", "s LIKE t", "s LIKE 'a' ESCAPE 'b'", "LIKE(s, 'a')", "s LIKE ANY ('a')", "s LIKE '%a%a%a%a%a%a%a%a%'", "p IS TRUE TRUE",
    "s RLIKE 'a'", "s ILIKE 'a'", "a DIV b", "INTERVAL 1 DAY", "DATE s", "TIMESTAMP 1", "INT '5'", "x'ab'", "e'a'",
    "b'a'", "$$a$$", "N'a'", "1L", "0x10", "1_000", "a NOT b", "a COLLATE b", "a AT TIME ZONE 'UTC'", "CASE WHEN p THEN 1",
    "IF p THEN 1", "a +", "+", "(a", "a)", "()", "", "   ", "'open", '"open', "NOT", "a IN ()", "a BETWEEN 1", "CAST(a)",
    "CAST(a AS)", "CAST(a AS decimal(3, 1))", "CAST(a AS varchar(3))", "CAST(a AS date)", "CAST(a AS nothing)", "a\x00",
    "s = 'a\x00'", "\ud800", "NULL", "ABS()", "ABS(a, b)", "NULLIF(a)", "IF(p)", "LEAST()", "LEAST(d)", "COALESCE(d)", "GREATEST(g)", "'a' 'b'", "FLOOR(d, 2)", "FLOOR(d TO DAY)",
    "SUBSTRING(s)", "SUBSTRING(s, 0)", "SUBSTRING(s, a)", "SUBSTRING(s, 1, -1)", "COALESCE(NULL, NULL)", "1e999",
    "9223372036854775808", "(a, b)", "CONCAT()", "a IN (b)", "a IN (NULL)", "a = NULL", "NULL = a", "a BETWEEN NULL AND 1",
]  # fmt: skip

CANONICAL = {
    " a ": "a",
    '"a"': "a",
    "((a))": "a",
    '"select"': '"select"',
    "order": "order",
    '"Two Words"+1': '"Two Words" + 1',
    '"qu""ote`d"': '"qu""ote`d"',
    "a+b*2": "a + b * 2",
    "(a+b)*2": "(a + b) * 2",
    "a-(b-1)": "a - (b - 1)",
    "(a-b)-1": "a - b - 1",
    "a != b": "a <> b",
    "not p And a is Not null": "NOT p AND a IS NOT NULL",
    "NOT (a IS NULL)": "a IS NOT NULL",
    "p or (a = 1 and b = 2)": "p OR a = 1 AND b = 2",
    "(p or a = 1) and b = 2": "(p OR a = 1) AND b = 2",
    "p AND (a = 1 AND b = 2)": "p AND a = 1 AND b = 2",
    "a between 1 and 2": "a >= 1 AND a <= 2",
    "a not between 1 and 2": "NOT (a >= 1 AND a <= 2)",
    "a not in (1,2)": "NOT a IN (1, 2)",
    "if(p,1,null)": "CASE WHEN p THEN 1 END",
    "case when p then 1 else null end": "CASE WHEN p THEN 1 END",
    "case a when 1 then 'x' else 'it''s' end": "CASE WHEN a = 1 THEN 'x' ELSE 'it''s' END",
    "60 * 60 * 1000": "3600000",
    "a * (60 * 1000)": "a * 60000",
    "d * 2": "d * 2.0",
    "-a": "-a",
    "- - a": "-(-a)",
    "-0.0": "0.0",
    "1/0": "CAST(NULL AS double)",
    "concat(s, t)": "s || t",
    "s || (t || 'x')": "s || t || 'x'",
    "s || 'a' || 'b'": "s || 'ab'",
    "cast(a as INTEGER)": "CAST(a AS int)",
    "cast(a as bigint)": "CAST(a AS long)",
    "coalesce(i, null, 0)": "COALESCE(i, CAST(NULL AS long), 0)",
    "substring(s, 1, 2)": "SUBSTRING(s, 1, 2)",
    "'--not a comment; /* */'": "'--not a comment; /* */'",
    "1e22": "1e+22",
    "floor(i)": "CAST(i AS long)",
    "many": "many",
    "raw is null": "raw IS NULL",
    "home": "home",
    "home is not null": "home IS NOT NULL",
    "day >= date '2020-01-01'": "day >= CAST('2020-01-01' AS date)",
    "at < timestamp '2020-01-01 12:00:00+01:00'": "at < CAST('2020-01-01T11:00:00Z' AS timestamp)",
    "cast('2020-01-01T00:00:00.000001' as timestamp)": "CAST('2020-01-01T00:00:00.000001Z' AS timestamp)",
    "price in (cast('1.5' as decimal(12, 2)))": "price IN (CAST('1.50' AS decimal(12,2)))",
    "cast('0.0000001' as decimal(8,8))": "CAST('0.00000010' AS decimal(8,8))",
    "raw = cast('AP8=' as binary)": "raw = CAST('AP8=' AS binary)",
    "cast(day as date)": "day",
    "coalesce(price, null)": "COALESCE(price, CAST(NULL AS decimal(12,2)))",
    "cast('2020-01-01' as date) < cast('2020-01-02' as date)": "TRUE",
    "cast(at as bigint)": "UNIX_MILLIS(at)",
    "unix_millis( at )": "UNIX_MILLIS(at)",
    "unix_millis(timestamp '1970-01-01 00:00:01')": "1000",
    "date_trunc('HOUR', at)": "DATE_TRUNC('hour', at)",
    "mod(a, 2)": "a % 2",
    "p is true": "COALESCE(p, FALSE)",
    "p is not false": "NOT COALESCE(NOT p, FALSE)",
    "s not like 'a%'": "NOT s LIKE 'a%'",
    "(s || t) like 'a' || '_'": "s || t LIKE 'a_'",
    "round(i, 2)": "CAST(i AS long)",
    "year + month": "year + month",
}

TYPED = {
    "a": Scalar.LONG, "i": Scalar.INT, "g": Scalar.FLOAT, "many": ListOf(Scalar.LONG), "at": Scalar.TIMESTAMP, "1": Scalar.LONG,
    "i + i": Scalar.LONG, "a + 1": Scalar.LONG, "a / b": Scalar.DOUBLE, "i / i": Scalar.DOUBLE, "g + g": Scalar.DOUBLE, "-i": Scalar.LONG,
    "a + d": Scalar.DOUBLE, "1.5": Scalar.DOUBLE, "a = d": Scalar.BOOLEAN, "COALESCE(i, i)": Scalar.INT, "COALESCE(i, a)": Scalar.LONG,
    "COALESCE(i, d)": Scalar.DOUBLE, "COALESCE(g, g)": Scalar.DOUBLE, "IF(p, 1, 2.5)": Scalar.DOUBLE, "IF(p, s, NULL)": Scalar.STRING,
    "FLOOR(d)": Scalar.LONG, "CEIL(i)": Scalar.LONG, "ABS(i)": Scalar.LONG, "LENGTH(s)": Scalar.LONG, "CAST(a AS int)": Scalar.INT,
    "IF(p, day, NULL)": Scalar.DATE, "price": Decimal(12, 2), "NULLIF(price, price)": Decimal(12, 2), "day = day": Scalar.BOOLEAN,
    "raw < raw": Scalar.BOOLEAN, "COALESCE(at, at)": Scalar.TIMESTAMP, "day IS NULL": Scalar.BOOLEAN, "LEAST(s, t)": Scalar.STRING, "NULLIF(i, 0)": Scalar.LONG, "CAST(NULL AS string)": Scalar.STRING,
}  # fmt: skip

MISTYPED = [
    "a + s", "s + t", "a = s", "s = 1", "p = 1", "p < p", "NOT a", "a AND p", "IF(a, 1, 2)", "COALESCE(a, s)", "s || a", "LENGTH(a)",
    "LOWER(a)", "ABS(s)", "d % 2", "a % 2.0", "many + 1", "COALESCE(many, many)", "-s", "CAST(s AS long)",
    "CAST(d AS string)", "CAST(s AS double)", "CAST(p AS double)", "CAST(a AS boolean)", "CAST(many AS string)", "CAST(at AS int)", "CAST(at AS string)", "CAST(day AS long)", "CAST(a AS timestamp)",
    "CASE WHEN p THEN 1 ELSE 'x' END", "CASE a WHEN 'x' THEN 1 END", "a IN ('x')", "p IN (TRUE)", "LEAST(p, p)", "a BETWEEN 'x' AND 'y'",
    "CONCAT(s, 1)", "SUBSTRING(a, 1)", "NULL + 1", "FLOOR(s)", "LEAST(a, s)", "day = at", "day = '2020-01-01'", "price + 1", "-price",
    "price = 1", "price = d", "price = CAST('1' AS decimal(3, 1))", "LEAST(day, day)", "GREATEST(price, price)", "CAST(price AS double)",
    "CAST(day AS string)", "CAST(s AS date)", "CAST('soon' AS date)", "CAST('1.234' AS decimal(3, 2))", "CAST('A' AS binary)",
    "home = home", "COALESCE(home, home)", "CAST('1' AS decimal(19, 0))", "CAST('1' AS decimal)", "raw || raw", "LENGTH(raw)",
    "UNIX_MILLIS(a)", "UNIX_MILLIS(day)", "UNIX_DATE(at)", "YEAR(a)", "HOUR(day)", "DATE_ADD(at, 1)", "DATE_ADD(day, 1.5)", "DATEDIFF(day, a)",
    "DATE_TRUNC('hour', day)", "DATE_TRUNC('fortnight', at)", "DATE_TRUNC(s, at)", "DATE_TRUNC('day', a)", "TIMESTAMP_MILLIS(d)", "TIMESTAMP_MILLIS(s)",
    "ROUND(s)", "ROUND(d, a)", "ROUND(d, -1)", "ROUND(d, 16)", "ROUND(d, 1.5)", "SIGN(s)", "TRIM(a)", "REPLACE(s, t, 'x')", "REPLACE(s, '', 'x')",
    "REPLACE(s, 'x', t)", "REPLACE(a, 'x', 'y')", "SPLIT_PART(s, '', 1)", "SPLIT_PART(s, ',', 0)", "SPLIT_PART(s, ',', -1)", "SPLIT_PART(s, ',', a)",
    "s LIKE 1", "a LIKE 'x'", "a IS TRUE", "SIZE(s)", "SIZE(home)", "ELEMENT_AT(s, 1)", "ELEMENT_AT(many, 0)", "ELEMENT_AT(many, -1)", "ELEMENT_AT(many, a)", "ELEMENT_AT(many, 'k')", "EQUAL_NULL(a, s)", "EQUAL_NULL(many, many)", "MOD(d, 2)",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_refused_text_is_an_error_with_a_code_and_a_place_within_it(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse(text, COLUMNS)

    assert caught.value.code in {SYNTAX, NOT_ALLOWED, UNKNOWN_COLUMN, UNKNOWN_FUNCTION, WRONG_TYPE, TOO_LARGE}
    assert caught.value.offset is None or 0 <= caught.value.offset <= len(text)


@pytest.mark.parametrize(("text", "canonical"), CANONICAL.items())
def test_canonical_text_is_one_spelling_of_the_meaning(text: str, canonical: str) -> None:
    assert analyse(text, COLUMNS).sql == canonical


@pytest.mark.parametrize(("text", "kind"), TYPED.items())
def test_type_follows_from_the_columns(text: str, kind: DataType) -> None:
    assert analyse(text, COLUMNS).type == kind


@pytest.mark.parametrize("text", MISTYPED)
def test_types_that_do_not_fit_are_refused_without_conversion(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse(text, COLUMNS)

    assert caught.value.code == WRONG_TYPE


@pytest.mark.parametrize(
    ("text", "row", "value"),
    [
        ("a / b", {"a": 7, "b": 2}, 3.5),
        ("a / b", {"a": 7, "b": 0}, None),
        ("a % b", {"a": -7, "b": 2}, -1),
        ("a % b", {"a": -7, "b": 0}, None),
        ("a + b", {"a": 2**63 - 1, "b": 1}, None),
        ("a * b", {"a": 2**62, "b": 2}, None),
        ("a * b", {"a": 2**62, "b": -2}, -(2**63)),
        ("-a", {"a": -(2**63)}, None),
        ("ABS(a)", {"a": -(2**63)}, None),
        ("d * 1e308 * 10", {"d": 1.0}, math.inf),
        ("d - d", {"d": math.inf}, None),
        ("COALESCE(d, 0.5)", {"d": math.nan}, 0.5),
        ("d IS NULL", {"d": math.nan}, True),
        ("FLOOR(d)", {"d": -0.5}, -1),
        ("CEIL(d)", {"d": 1e19}, None),
        ("CAST(d AS long)", {"d": -1.9}, -1),
        ("CAST(a AS int)", {"a": 2**31}, None),
        ("p AND a > 1", {"p": None, "a": 0}, False),
        ("p AND a > 1", {"p": None, "a": 2}, None),
        ("p OR a > 1", {"p": None, "a": 2}, True),
        ("NOT p", {"p": None}, None),
        ("a IN (1, 2)", {"a": None}, None),
        ("GREATEST(a, b)", {"a": None, "b": 3}, 3),
        ("GREATEST(a, b)", {"a": None, "b": None}, None),
        ("s || t", {"s": "x", "t": None}, None),
        ("LENGTH(s)", {"s": "e\u0301😀"}, 3),
        ("SUBSTRING(s, 2, 1)", {"s": "a😀b"}, "😀"),
        ("UPPER(s)", {"s": "straße"}, "STRAßE"),
        ("s < t", {"s": "\uffee", "t": "😀"}, True),
        ("CASE WHEN p THEN 1 ELSE 2 END", {"p": None}, 2),
        ("CAST(p AS string)", {"p": True}, "true"),
        ("IF(a > 15, 1, NULL)", {"a": 15}, None),
        ("day < DATE '2020-01-01'", {"day": date(2019, 12, 31)}, True),
        ("price IN (CAST('1.5' AS decimal(12,2)))", {"price": decimal.Decimal("1.50")}, True),
        ("raw = CAST('AP8=' AS binary)", {"raw": b"\0\xff"}, True),
        ("COALESCE(at, TIMESTAMP '2020-01-01')", {"at": None}, datetime(2020, 1, 1, tzinfo=UTC)),
        ("CAST(at AS long)", {"at": datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)}, -1),
        ("UNIX_MILLIS(at)", {"at": datetime(2013, 2, 27, 14, 5, 0, 1_999, tzinfo=UTC)}, 1_361_973_900_001),
        ("UNIX_SECONDS(at)", {"at": datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)}, -1),
        ("TIMESTAMP_MILLIS(a)", {"a": 253_402_300_800_000}, None),
        ("TIMESTAMP_MILLIS(a)", {"a": 2**63 - 1}, None),
        ("DATE_ADD(day, a)", {"day": date(9999, 12, 31), "a": 1}, None),
        ("DATE_TRUNC('week', day)", {"day": date(1, 1, 1)}, date(1, 1, 1)),
        ("DATE_TRUNC('week', day)", {"day": date(2013, 3, 3)}, date(2013, 2, 25)),
        ("DAYOFWEEK(day)", {"day": date(2013, 3, 3)}, 1),
        ("DATEDIFF(day, DATE '2013-01-01')", {"day": date(2012, 12, 31)}, -1),
        ("ROUND(d)", {"d": 2.5}, 3),
        ("ROUND(d)", {"d": -2.5}, -3),
        ("ROUND(d)", {"d": 0.49999999999999994}, 0),
        ("ROUND(d, 2)", {"d": 2.675}, 2.68),
        ("ROUND(d, 2)", {"d": 1e300}, 1e300),
        ("ROUND(d, 2)", {"d": math.inf}, math.inf),
        ("SIGN(d)", {"d": -0.0}, 0),
        ("TRIM(s)", {"s": " \ta "}, "\ta"),
        ("REPLACE(s, 'aa', 'b')", {"s": "aaa"}, "ba"),
        ("SPLIT_PART(s, ',', 2)", {"s": "a"}, ""),
        ("SPLIT_PART(s, ',', 1)", {"s": ""}, ""),
        ("s LIKE 'a_c%'", {"s": "a\nc😀"}, True),
        ("s LIKE '%\\%'", {"s": "a\\b"}, True),
        ("p IS NOT TRUE", {"p": None}, True),
        ("EQUAL_NULL(a, b)", {"a": None, "b": None}, True),
        ("EQUAL_NULL(a, b)", {"a": None, "b": 1}, False),
        ("SIZE(many)", {"many": [None]}, 1),
        ("ELEMENT_AT(many, 2)", {"many": [7, 8]}, 8),
        ("ELEMENT_AT(many, 3)", {"many": [7, 8]}, None),
    ],
)
def test_value_on_one_row_follows_our_rules(text: str, row: dict[str, object], value: object) -> None:
    found = row_function(text, COLUMNS)(row)

    assert (type(found), found) == (type(value), value)


def test_reads_are_the_columns_that_are_named_sorted() -> None:
    assert analyse("s = 'd' OR b > a + b", COLUMNS) == Expression(
        sql="s = 'd' OR b > a + b", type=Scalar.BOOLEAN, reads=("a", "b", "s")
    )


def test_selected_carries_canonical_text_and_type() -> None:
    assert analyse("if( a>15,1 ,NULL)", COLUMNS).named("late") == Selected(
        name="late", expression="CASE WHEN a > 15 THEN 1 END", type=Scalar.LONG, reads=("a",)
    )


def test_unknown_column_names_the_nearest_and_its_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse("1 + arr_dealy", {"arr_delay": Scalar.LONG, "carrier": Scalar.STRING})

    assert (caught.value.code, caught.value.offset) == (UNKNOWN_COLUMN, 4)
    assert "`arr_delay`" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("day > '2020-01-01'", "nothing is converted silently; a constant is written CAST('2013-02-27' AS date)"),
        ("price + 1", "decimals are compared and aggregated; declare the column a double to compute with it"),
        ("CAST(s AS date)", "only a constant text can: CAST('2013-02-27' AS date)"),
        ("CAST('soon' AS timestamp)", "CAST('2013-02-27T14:05:00Z' AS timestamp)"),
    ],
)
def test_types_that_do_not_fit_come_with_the_way_to_write_it(text: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse(text, COLUMNS)

    assert caught.value.hint == hint


def test_unknown_function_lists_the_allowed_ones_and_its_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse("a + SUBSTR(s, 1)", COLUMNS)

    assert (caught.value.code, caught.value.offset) == (UNKNOWN_FUNCTION, 4)
    assert "SUBSTRING" in caught.value.hint


def test_syntax_error_on_a_later_line_has_its_offset() -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse("a +\n  b b", COLUMNS)

    assert (caught.value.code, caught.value.offset) == (SYNTAX, 8)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1500 + "a" + ")" * 1500,
        "NOT " * 900 + "p",
        "- " * 1500 + "a",
        "(- " * 900 + "a" + ")" * 900,
        "a" + " + a" * 900,
        "CASE WHEN p THEN " * 150 + "1" + " END" * 150,
        "ABS(" * 500 + "a" + ")" * 500,
        "a = " * 900 + "a",
        "'" + "x" * 5000 + "'",
        "1 / (" * 25 + "d" + ")" * 25,
    ],
)
def test_large_or_deep_expressions_are_refused_before_they_cost_anything(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse(text, COLUMNS)

    assert caught.value.code in {TOO_LARGE, WRONG_TYPE}


def test_names_and_texts_are_quoted_for_each_engine() -> None:
    columns = {'a"`b': Scalar.STRING}
    text = "\"a\"\"`b\" = 'it''s \\ x'"

    assert to_sql(text, columns, "duckdb") == "(\"a\"\"`b\" = 'it''s \\ x')"
    assert to_sql(text, columns, "spark") == "(`a\"``b` = 'it\\'s \\\\ x')"
    assert to_sql(text, columns, "flink") == "(`a\"``b` = CAST('it''s \\ x' AS STRING))"


def test_importing_the_room_loads_no_parser_and_no_arrow() -> None:
    code = "import sys, chronon.expressions; print([m for m in ('sqlglot', 'pyarrow', 'numpy', 'duckdb') if m in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"
