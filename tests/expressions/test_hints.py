"""What is told about functions that do not exist, and about arguments that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from chronon.cli.manual import pages
from chronon.expressions import ExpressionError, analyse, to_sql
from chronon.expressions.calls import FUNCTIONS as CALLS
from chronon.expressions.errors import TOO_LARGE, UNKNOWN_FUNCTION
from chronon.expressions.words import FUNCTIONS
from chronon.model.types import DataType, Scalar

MANUAL = Path(__file__).parents[2] / "docs" / "expressions.md"
COLUMNS: dict[str, DataType] = {
    "a": Scalar.LONG,
    "b": Scalar.LONG,
    "d": Scalar.DOUBLE,
    "s": Scalar.STRING,
    "p": Scalar.BOOLEAN,
    "at": Scalar.TIMESTAMP,
}


@pytest.mark.parametrize(
    ("text", "offset", "hint"),
    [
        ("a + UNIX_MILIS(at)", 4, "did you mean `UNIX_MILLIS`"),
        ("lengths(s) > 1", 0, "did you mean `LENGTH`"),
        ("a +\n TRIMM(s)", 5, "did you mean `TRIM`"),
        ("a + SUBSTR(s, 1)", 4, "write SUBSTRING(text, start, count)"),
        ("LN(d)", 0, "engines differ in its last bit"),
        ("a > MAX(b)", 4, "GREATEST(a, b) compares columns; an expression sees one row: put it into `aggregations`"),
        ("RAND()", 0, "it has another value whenever it is asked"),
        ("STARTS_WITH(s, 'a')", 0, "write text LIKE 'start%'"),
        ("XYZZY(s)", 0, "`chronon explain CHR-X005` lists the functions"),
    ],
)
def test_unknown_function_is_told_with_what_to_write_instead(text: str, offset: int, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse(text, COLUMNS)

    assert (caught.value.code, caught.value.offset) == (UNKNOWN_FUNCTION, offset)
    assert caught.value.hint.startswith(hint)


def test_misspelt_function_is_told_with_the_right_one_first() -> None:
    """One letter lost, doubled, changed, or two swapped, in any function."""
    told = {}
    for name in FUNCTIONS:
        for typo in misspelt(name):
            with pytest.raises(ExpressionError) as caught:
                analyse(f"{typo}(a)", COLUMNS)
            if caught.value.hint.startswith(("did", "`chronon")):
                told[name, typo] = caught.value.hint.startswith(f"did you mean `{name}`")

    assert len(told) > 1_000
    assert sum(told.values()) / len(told) > 0.99


def misspelt(name: str) -> set[str]:
    places = range(len(name))
    found = {name[:at] + name[at + 1 :] for at in places} | {name[:at] + name[at] + name[at:] for at in places}
    found |= {name[:at] + "X" + name[at + 1 :] for at in places}
    found |= {name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in places[:-1]}
    return found - set(FUNCTIONS) - {"AS"}


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("a + ABS()", 4, "ABS takes one argument, found none", "write ABS(number)"),
        ("a + ABS(a, b)", 4, "ABS takes one argument, found 2", "write ABS(number)"),
        ("ROUND(d, 1, 2)", 0, "ROUND takes one or two arguments, found 3", "write ROUND(number, digits)"),
        ("LEAST(a)", 0, "LEAST takes two arguments and more, found 1", "write LEAST(value, value, …)"),
        ("1 + YEAR(a)", 4, "YEAR takes a date or a timestamp, found a long (`a`)",
         "YEAR(date or timestamp); TIMESTAMP_MILLIS(x) reads milliseconds since 1970"),
        ("LENGTH(LENGTH(s))", 0, "LENGTH takes a string, found a long", "LENGTH(text); CAST(x AS string) writes a whole number or a boolean as text"),
        ("SPLIT_PART(s, ',', 0)", 0, "SPLIT_PART takes a constant number of the part, from 1", "write SPLIT_PART(text, 'separator', n)"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_told_with_the_shape_of_the_call(
    text: str, offset: int, message: str, hint: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse(text, COLUMNS)

    assert (caught.value.message, caught.value.hint, caught.value.offset) == (message, hint, offset)


def test_every_function_is_listed_where_it_is_sought_and_has_a_shape() -> None:
    page, manual = pages()["CHR-X005"], MANUAL.read_text()

    assert {*CALLS, "CAST"} == set(FUNCTIONS)
    assert [name for name in FUNCTIONS if f"`{name}`" not in page.repair] == []
    assert [name for name in FUNCTIONS if f"{name}(" not in manual] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_column_may_be_called_like_a_function(name: str) -> None:
    word = name.lower() if name not in {"IF", "CAST"} else f'"{name.lower()}"'

    assert analyse(f"{word} + 1", {name.lower(): Scalar.LONG}).reads == (name.lower(),)


def test_text_that_spark_would_fill_in_is_written_so_that_it_does_not() -> None:
    assert to_sql("'${env:HOME}'", {}, "spark") == r"'$\{env:HOME}'"


def test_text_cannot_grow_without_bound() -> None:
    with pytest.raises(ExpressionError) as caught:
        analyse(
            "REPLACE(REPLACE(REPLACE(s, 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaaaaaaaaaaaaaaaaa')",
            COLUMNS,
        )

    assert caught.value.code == TOO_LARGE


@pytest.mark.parametrize(
    "form", ["SIGN({})", "EQUAL_NULL({}, 0) IS NULL", "ROUND({}, 2)", "YEAR(TIMESTAMP_MILLIS({}))"]
)
def test_functions_that_are_written_out_are_refused_where_they_would_grow_too_large(form: str) -> None:
    text = "d / 2" if "ROUND" in form else "a"
    for _ in range(15):
        text = f"IF({form.format(text)}, 1, 2)" if "IS NULL" in form else form.format(text)

    with pytest.raises(ExpressionError) as caught:
        analyse(text, COLUMNS)

    assert caught.value.code == TOO_LARGE
