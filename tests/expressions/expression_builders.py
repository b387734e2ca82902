"""Random typed expressions and rows of awkward values, shared by the tests of every engine."""

from __future__ import annotations

import decimal
import math
import random
import struct
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf
from chronon.model.values import EPOCH

MONEY = Decimal(12, 2)
COLUMNS: Mapping[str, DataType] = {
    "a": Scalar.LONG,
    "b": Scalar.LONG,
    "i": Scalar.INT,
    "d": Scalar.DOUBLE,
    "e": Scalar.DOUBLE,
    "g": Scalar.FLOAT,
    "s": Scalar.STRING,
    "t": Scalar.STRING,
    "p": Scalar.BOOLEAN,
    "q": Scalar.BOOLEAN,
    "day": Scalar.DATE,
    "eve": Scalar.DATE,
    "at": Scalar.TIMESTAMP,
    "until": Scalar.TIMESTAMP,
    "price": MONEY,
    "cost": MONEY,
    "raw": Scalar.BINARY,
    "seal": Scalar.BINARY,
    "many": ListOf(MONEY),
    "named": MapOf(Scalar.TIMESTAMP),
    "nums": ListOf(Scalar.DOUBLE),
    "tags": MapOf(Scalar.STRING),
    "lights": MapOf(Scalar.FLOAT),
    "home": StructOf((("since", Scalar.DATE), ("seals", ListOf(Scalar.BINARY)))),
}
LONGS = (None, 0, 1, -1, 2, 7, -7, 60_000, 2**31 - 1, -(2**31), 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63))
INTS = (None, 0, 1, -1, 5, -7, 2**31 - 1, -(2**31))
DOUBLES = (None, 0.0, -0.0, 1.0, -1.0, 0.5, -1.5, 2.5, 0.1, 1e-320, 5e-324, 1e308, -1.7976931348623157e308, 1e19, -9.3e18,
           9007199254740993.0, 4503599627370497.5, 0.49999999999999994, -0.5, 0.045, 2.675, -0.0049, 1.005, 2251799813685248.5, 90071992547409.93, 2147483647.5, -2147483648.5, 9.223372036854774e18)  # fmt: skip
SPECIAL = (math.nan, math.inf, -math.inf)
FLOATS = (None, 0.0, -0.0, 1.5, 0.10000000149011612, -3.4028234663852886e38, 1.401298464324817e-45)
STRINGS = (None, "", "a", "A", "abc", "ABC", "aB'c", 'say "hi"', "back\\slash\\n", "line\nbreak", "ä", "Ä", "ß", "e\u0301",
           "😀x", "\uffee", "日本", "  pad ", "İ", "%_", "a b  c", " ", "\ta\u00a0", "aaa", "abcabc", "x😀b😀", "a\nc", "a.c",
           "b, a, ", "a@B.c", "\\", "\\%", "a%c", "a_c")  # fmt: skip
BOOLEANS = (None, True, False)
DATES = (
    None,
    date(1970, 1, 1),
    date(1969, 12, 31),
    date(2013, 2, 27),
    date(1, 1, 1),
    date(9999, 12, 31),
    *(
        date.fromisoformat(text)
        for text in ("2000-02-29", "1900-03-01", "2012-12-31", "2013-01-01", "1582-10-10", "1582-10-15", "1969-02-28")
    ),
    date(2024, 12, 30),
    date(1, 12, 31),
)
TIMES = (
    None,
    *(
        EPOCH + timedelta(microseconds=n)
        for n in (
            0,
            1,
            -1,
            999,
            1_000,
            -1_000,
            -1_001,
            1_361_973_900_000_001,
            253_402_300_799_999_999,
            -62_135_596_800_000_000,
            -86_400_000_000,
            -86_400_000_001,
            951_868_799_999_999,
            951_868_800_000_000,
            -12_219_292_800_000_001,
            1_735_603_199_999_999,
            -62_104_060_800_000_001,
        )
    ),
)
MONIES = (
    None,
    *(decimal.Decimal(text) for text in ("0.00", "1.50", "-1.50", "0.01", "9999999999.99", "-9999999999.99")),
)
BYTES = (None, b"", b"\0", b"\0\xff", b"a", b"ab", b"\x80", b"\xff\xfe")
LISTS = (None, [], [None], [MONIES[1], None, MONIES[2]])
NUMS = (None, [], [0.1], [-0.0, None, 1e308], [None, 2.5])
TAGS = (None, [], [("k", "x")], [("ä", ""), ("k", None), ("it's", "b")])
LIGHTS = (None, [], [("k", 0.5), ("ä", 0.10000000149011612)], [("k", None)])
MAPS = (None, [], [("k", TIMES[2]), ("\u00e4", None)])
STRUCTS = (None, {"since": None, "seals": None}, {"since": DATES[3], "seals": [b"\0", None]})
_POOLS: Mapping[DataType, tuple[Any, ...]] = {
    Scalar.LONG: LONGS,
    Scalar.INT: INTS,
    Scalar.DOUBLE: DOUBLES,
    Scalar.FLOAT: FLOATS,
    Scalar.STRING: STRINGS,
    Scalar.BOOLEAN: BOOLEANS,
    Scalar.DATE: DATES,
    Scalar.TIMESTAMP: TIMES,
    MONEY: MONIES,
    Scalar.BINARY: BYTES,
    COLUMNS["many"]: LISTS,
    COLUMNS["named"]: MAPS,
    COLUMNS["nums"]: NUMS,
    COLUMNS["tags"]: TAGS,
    COLUMNS["lights"]: LIGHTS,
    COLUMNS["home"]: STRUCTS,
}
CONSTANTS = {
    "day": ["DATE '2013-02-27'", "CAST('0001-01-01' AS date)", "CAST(NULL AS date)"],
    "at": [
        "TIMESTAMP '2013-02-27T14:05:00.000001Z'",
        "TIMESTAMP '1969-12-31T23:59:59.999999Z'",
        "CAST(NULL AS timestamp)",
    ],
    "price": ["CAST('1.5' AS decimal(12,2))", "CAST('-9999999999.99' AS decimal(12,2))", "CAST(NULL AS decimal(12,2))"],
    "raw": ["CAST('AP8=' AS binary)", "CAST('' AS binary)", "CAST('gA==' AS binary)", "CAST(NULL AS binary)"],
}
"""A column of each type that is written as text → constants of it."""
PATTERNS = ("'a'", "'bc'", "' '", "'😀'", "''", "'a%'", "'%b_'", "'_'", "'%\\%'", "'%''%'", "'.*'", "'%a%c%'")
"""Constant texts to look for, the first of them not empty; `%` and `_` mean something in LIKE only."""
_PAIRS = {"day": "eve", "at": "until", "price": "cost", "raw": "seal"}


def random_rows(rng: random.Random, count: int, *, special: bool = True) -> list[dict[str, Any]]:
    """Rows over COLUMNS; NaN and infinities only when `special`."""
    pools = {
        kind: pool + SPECIAL if special and kind in {Scalar.DOUBLE, Scalar.FLOAT} else pool
        for kind, pool in _POOLS.items()
    }
    return [{name: rng.choice(pools[kind]) for name, kind in COLUMNS.items()} for _ in range(count)]


def bits(value: Any) -> Any:
    """The value, with doubles as their bytes: equality that sees signs of zero. The entries of a map have no order."""
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return "map", sorted(value)
    return ("double", struct.pack(">d", value)) if isinstance(value, float) else (type(value).__name__, value)


class Sentences:
    """Random texts of a given type, about `budget` nodes deep."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def any(self, budget: int) -> str:
        kinds = [self.long, self.double, self.text, self.boolean, self.int, self.written]
        return self._rng.choice(kinds)(budget)

    def long(self, budget: int) -> str:
        if budget <= 0:
            return self._rng.choice(
                ["a", "b", "a", "b", "0", "1", "-1", "3", "60000", "9223372036854775807", "-9223372036854775808"]
            )
        inner = budget - 1
        whole = self.whole
        forms = [
            lambda: f"({whole(inner)} {self._rng.choice('+-*%')} {whole(inner)})",
            lambda: f"(- {self.long(0)})",
            lambda: f"ABS({self.long(inner)})",
            lambda: f"{self._rng.choice(['FLOOR', 'CEIL'])}({self.double(inner)})",
            lambda: f"LENGTH({self.text(inner)})",
            lambda: self.counted(inner),
            lambda: self.counted(inner),
            lambda: f"CAST({self._rng.choice([self.double, self.int, self.boolean])(inner)} AS long)",
            *self._choices(self.long, inner),
        ]
        return self._rng.choice(forms)()

    def counted(self, budget: int) -> str:
        """A long out of something that is none."""
        day, moment = self.written(budget, "day"), self.written(budget, "at")
        either = self._rng.choice([day, moment])
        forms = [
            f"{self._rng.choice(['UNIX_MICROS', 'UNIX_MILLIS', 'UNIX_SECONDS', 'HOUR', 'MINUTE', 'SECOND'])}({moment})",
            f"{self._rng.choice(['YEAR', 'QUARTER', 'MONTH', 'DAY', 'DAYOFYEAR', 'DAYOFWEEK'])}({either})",
            f"DATEDIFF({either}, {self._rng.choice(['day', 'at'])})",
            f"UNIX_DATE({day})",
            f"CAST({moment} AS long)",
            f"SIZE({self._rng.choice(['many', 'named'])})",
            f"SIGN({self.number(budget)})",
            f"ROUND({self.number(budget)})",
            f"MOD({self.whole(budget)}, {self.whole(0)})",
        ]
        return self._rng.choice(forms)

    def whole(self, budget: int) -> str:
        return self._rng.choice([self.long, self.long, self.int])(budget)

    def int(self, budget: int) -> str:
        if budget <= 0:
            return self._rng.choice(["i", "i", "CAST(4 AS int)", "CAST(NULL AS int)"])
        forms = [
            lambda: f"CAST({self._rng.choice([self.long, self.double, self.boolean])(budget - 1)} AS int)",
            *self._choices(self.int, budget - 1),
        ]
        return self._rng.choice(forms)()

    def double(self, budget: int) -> str:
        if budget <= 0:
            return self._rng.choice(["d", "e", "d", "e", "g", "0.0", "1.5", "-2.5", "1e308", "4.9e-324", "0.1", "1e22"])
        inner = budget - 1
        forms = [
            lambda: f"({self.number(inner)} / {self.number(inner)})",
            lambda: f"({self.double(inner)} {self._rng.choice('+-*')} {self.number(inner)})",
            lambda: f"({self.number(inner)} {self._rng.choice('+-*')} {self.double(inner)})",
            lambda: f"(- {self._rng.choice('deg')})",
            lambda: f"ABS({self.double(inner)})",
            lambda: self._rng.choice(["ELEMENT_AT(nums, 1)", "ELEMENT_AT(nums, 3)", "ELEMENT_AT(lights, 'k')"]),
            lambda: f"ROUND({self.double(inner)}, {self._rng.choice([0, 1, 2, 5, 15])})",
            lambda: f"CAST({self.number(inner)} AS double)",
            *self._choices(self.double, inner),
        ]
        return self._rng.choice(forms)()

    def number(self, budget: int) -> str:
        return self._rng.choice([self.long, self.int, self.double])(budget)

    def text(self, budget: int) -> str:
        if budget <= 0:
            return self._rng.choice(["s", "t", "s", "t", "''", "'a'", "'abc'", "'it''s'", "'ä\\'", "'😀'", "'A%_b'"])
        inner = budget - 1
        forms = [
            lambda: f"({self.text(inner)} || {self.text(inner)})",
            lambda: f"CONCAT({self.text(inner)}, {self.text(inner)}, {self.text(0)})",
            lambda: f"{self._rng.choice(['LOWER', 'UPPER'])}({self.text(inner)})",
            lambda: f"SUBSTRING({self.text(inner)}, {self._rng.choice([1, 2, 3, 9])})",
            lambda: f"{self._rng.choice(['TRIM', 'LTRIM', 'RTRIM'])}({self.text(inner)})",
            lambda: self._rng.choice(["ELEMENT_AT(tags, 'k')", "ELEMENT_AT(tags, 'ä')", "ELEMENT_AT(tags, '')"]),
            lambda: f"REPLACE({self.text(inner)}, {self._rng.choice(PATTERNS[:4])}, {self._rng.choice(PATTERNS)})",
            lambda: f"SPLIT_PART({self.text(inner)}, {self._rng.choice(PATTERNS[:4])}, {self._rng.choice([1, 2, 3])})",
            lambda: f"SUBSTRING({self.text(inner)}, {self._rng.choice([1, 2])}, {self._rng.choice([0, 1, 2, 50])})",
            lambda: f"CAST({self._rng.choice([self.long, self.int, self.boolean, self.text])(inner)} AS string)",
            *self._choices(self.text, inner),
        ]
        return self._rng.choice(forms)()

    def boolean(self, budget: int) -> str:
        if budget <= 0:
            return self._rng.choice(["p", "q", "p", "q", "TRUE", "FALSE", "CAST(NULL AS boolean)"])
        inner = budget - 1
        sign = self._rng.choice(["=", "<>", "<", "<=", ">", ">="])
        forms = [
            lambda: f"({self.number(inner)} {sign} {self.number(inner)})",
            lambda: f"({self.text(inner)} {sign} {self.text(inner)})",
            lambda: self.compared(inner, sign),
            lambda: self.compared(inner, sign),
            lambda: f"({self.text(inner)} {self._rng.choice(['', 'NOT '])}LIKE {self._rng.choice(PATTERNS)})",
            lambda: f"({self.boolean(inner)} IS {self._rng.choice(['', 'NOT '])}{self._rng.choice(['TRUE', 'FALSE'])})",
            lambda: f"EQUAL_NULL({self.number(inner)}, {self.number(inner)})",
            lambda: f"EQUAL_NULL({self.text(inner)}, {self.text(inner)})",
            lambda: f"({self.boolean(inner)} {self._rng.choice(['=', '<>'])} {self.boolean(inner)})",
            lambda: f"({self.boolean(inner)} {self._rng.choice(['AND', 'OR'])} {self.boolean(inner)})",
            lambda: f"({self.boolean(inner)} {self._rng.choice(['AND', 'OR'])} {self.boolean(inner)})",
            lambda: f"(NOT {self.boolean(inner)})",
            lambda: f"({self.any(inner)} IS {self._rng.choice(['', 'NOT '])}NULL)",
            lambda: f"({self.number(inner)} {self._rng.choice(['', 'NOT '])}IN (0, 1, -7, 2.5))",
            lambda: f"({self.text(inner)} {self._rng.choice(['', 'NOT '])}IN ('a', 'ABC', 'it''s', '日本'))",
            lambda: f"({self.number(inner)} BETWEEN {self.number(0)} AND {self.number(inner)})",
            *self._choices(self.boolean, inner, ordered=False),
        ]
        return self._rng.choice(forms)()

    def written(self, budget: int, column: str = "") -> str:
        """A date, a timestamp, a decimal or bytes; of a column's type when one is named."""
        column = column or self._rng.choice(list(CONSTANTS))
        if budget <= 0:
            return self._rng.choice([column, _PAIRS[column], column, *CONSTANTS[column]])
        choices = self._choices(lambda inner: self.written(inner, column), budget - 1, ordered=False)
        return self._rng.choice([*choices, *self._moments(column, budget - 1)])()

    def _moments(self, column: str, inner: int) -> list[Any]:
        """Forms that yield a date or a timestamp."""
        if column == "day":
            return [
                lambda: (
                    f"DATE_ADD({self.written(inner, 'day')}, {self._rng.choice(['1', '-7', 'i', self.whole(inner)])})"
                ),
                lambda: f"DATE_TRUNC('{self._rng.choice(['week', 'month', 'year'])}', {self.written(inner, 'day')})",
                lambda: f"DATE_FROM_UNIX_DATE({self.whole(inner)})",
                lambda: f"CAST({self.written(inner, 'at')} AS date)",
            ]
        units = ["second", "minute", "hour", "day", "week", "month", "year"]
        return (
            []
            if column != "at"
            else [
                lambda: f"DATE_TRUNC('{self._rng.choice(units)}', {self.written(inner, 'at')})",
                lambda: (
                    f"{self._rng.choice(['TIMESTAMP_MICROS', 'TIMESTAMP_MILLIS', 'TIMESTAMP_SECONDS'])}({self.whole(inner)})"
                ),
                lambda: f"CAST({self.written(inner, 'day')} AS timestamp)",
            ]
        )

    def compared(self, budget: int, sign: str) -> str:
        column = self._rng.choice(list(CONSTANTS))
        members = ", ".join(CONSTANTS[column][:-1])
        forms = [
            f"({self.written(budget, column)} {sign} {self.written(budget, column)})",
            f"({self.written(budget, column)} {self._rng.choice(['', 'NOT '])}IN ({members}))",
            f"({self._rng.choice(['many', 'named', 'home', column])} IS NULL)",
        ]
        return self._rng.choice(forms)

    def _choices(self, same: Any, inner: int, *, ordered: bool = True) -> list[Any]:
        """Forms that yield the type of their arguments."""
        forms = [
            lambda: f"COALESCE({same(inner)}, {same(0)})",
            lambda: f"IF({self.boolean(inner)}, {same(inner)}, {self._rng.choice(['NULL', same(0)])})",
            lambda: f"CASE WHEN {self.boolean(inner)} THEN {same(inner)} WHEN {self.boolean(0)} THEN {same(0)} END",
            lambda: f"CASE {self.whole(inner)} WHEN 0 THEN {same(0)} WHEN a THEN {same(inner)} ELSE {same(0)} END",
            lambda: f"NULLIF({same(inner)}, {same(0)})",
        ]
        if ordered:
            forms.append(lambda: f"{self._rng.choice(['LEAST', 'GREATEST'])}({same(inner)}, {same(0)}, {same(inner)})")
            forms.append(lambda: f"{self._rng.choice(['LEAST', 'GREATEST'])}({same(inner)}, {same(0)})")
        return forms
