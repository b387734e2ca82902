"""Expressions told by their shape say what each says by itself; shapes answer for most of what people write."""

from __future__ import annotations

import inspect
import random
import re
from collections.abc import Mapping

import pytest
import sqlglot.parser
import sqlglot.tokens
from corpora import INJECTIONS, ORDINARY
from expression_builders import COLUMNS, Sentences
from hypothesis import given, settings
from hypothesis import strategies as st

from chronon.expressions import Expression, ExpressionError, analyse
from chronon.expressions.shapes import Shapes
from chronon.expressions.words import FORBIDDEN, FUNCTIONS, KEYWORDS
from chronon.model.types import DataType, Scalar

SHARED = Shapes()
"""Of all examples, so that later ones meet shapes that were made of earlier ones."""

TYPES = {"long": Scalar.LONG, "string": Scalar.STRING, "boolean": Scalar.BOOLEAN}
PLACES = {
    "long": (
        *("{0} < 5", "{0} > 5", "(({0}) * 2)", "-{0} + 1", "n BETWEEN {0} AND 5", "{0} BETWEEN n AND {0}"),
        *("{0} IN (1, 2)", "CASE {0} WHEN 1 THEN {0} END", "{0} IS NOT NULL", "COALESCE({0}, {0}) = {0}"),
    ),
    "string": ("{0} || 'x' || {0}", "s = {0}", "CONCAT({0}, LOWER({0}))"),
    "boolean": ("NOT {0} AND ({0})", "IF({0}, 1, NULL)", "CASE WHEN {0} THEN 1 END"),
}
"""Where a name can stand, by the type of the column."""


def alone(text: str, columns: Mapping[str, DataType]) -> Expression | None:
    try:
        return analyse(text, columns)
    except ExpressionError:
        return None


def agrees(text: str, columns: Mapping[str, DataType] = COLUMNS, shapes: Shapes = SHARED) -> bool:
    """Whether the shape of a text says what the text says, or nothing."""
    return shapes.analyse(text, columns) in (None, alone(text, columns))


def another(text: str, rng: random.Random) -> str:
    """The text with other constants, and with other columns of the same types."""

    def other(found: re.Match[str]) -> str:
        word = found[0]
        if word.startswith("'"):
            return rng.choice(
                ("''", "'a'", "'A b'", "'%'", "'it''s'", "'2013-02-27'", "'day'", "'name_of_0'", "'{}'", "'ä'")
            )
        if word[0].isdigit():
            return rng.choice(
                ("0", "1", "007", "7", "1000", "9007199254740993", "0.0", "1.50", "0.1", "1e3", "9" * 18, "9" * 19)
            )
        alike = [name for name, kind in COLUMNS.items() if kind == COLUMNS.get(word)]
        return rng.choice(alike or [word])

    return re.sub(r"'(?:[^']|'')*'|[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*", other, text)


@settings(max_examples=600)
@given(st.integers(0, 2**40))
def test_shape_when_constants_and_columns_are_others_then_says_what_each_says_alone(seed: int) -> None:
    rng = random.Random(seed)
    text = rng.choice((Sentences(rng).any(rng.randrange(4)), rng.choice(ORDINARY)))

    for written in (text, another(text, rng), another(text, rng), another(text, rng).lower()):
        assert agrees(written), written


@settings(max_examples=300)
@given(st.lists(st.sampled_from((
    *("a", "d", "s", "p", "1", "0.5", "'x'", "''", "(", ")", ",", "+", "-", "*", "/", "%", "=", "<", ">", "<=", "<>", "||", " "),
    *(" AND ", " NOT ", " IS ", " NULL ", " IN ", " CASE WHEN ", " THEN ", " END ", " AS ", "CAST(", "long", "IF(", "ABS(", "!", ".", "--", "\n"),
)), max_size=9).map("".join))  # fmt: skip
def test_shape_when_tokens_stand_anyhow_then_says_what_each_says_alone(text: str) -> None:
    assert agrees(text), text


@pytest.mark.parametrize("text", [*ORDINARY, *INJECTIONS])
def test_shape_of_a_text_that_we_have_says_what_it_says_alone(text: str) -> None:
    assert agrees(text)


def test_most_of_what_people_write_has_a_shape_that_is_shared() -> None:
    shapes = Shapes()

    told = [text for text in ORDINARY if shapes.analyse(text, COLUMNS)]

    assert len(told) > 0.5 * len(ORDINARY)


def test_shape_when_only_names_and_constants_differ_then_is_analysed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes, columns = Shapes(), {"x": Scalar.DOUBLE, "y": Scalar.DOUBLE, "z": Scalar.LONG}
    first = shapes.analyse("IF(x > 17, y, NULL)", columns)
    monkeypatch.setattr("chronon.expressions.shapes._shape", lambda _sketch: pytest.fail("analysed again"))

    second = shapes.analyse("if( y>3 , x,null)", columns)

    assert first == Expression(sql="CASE WHEN x > 17.0 THEN y END", type=Scalar.DOUBLE, reads=("x", "y"))
    assert second == Expression(sql="CASE WHEN y > 3.0 THEN x END", type=Scalar.DOUBLE, reads=("x", "y"))


def test_shapes_that_were_written_down_answer_without_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    met = Shapes()
    told = [met.analyse(text, COLUMNS) for text in ORDINARY]
    again = Shapes.of(met.written)
    monkeypatch.setattr("chronon.expressions.shapes._shape", lambda _sketch: pytest.fail("analysed again"))

    assert [again.analyse(text, COLUMNS) for text in ORDINARY] == told
    assert again.written == met.written


@pytest.mark.parametrize("kind", PLACES)
def test_column_with_any_word_of_the_parser_as_its_name_is_read_as_it_is_alone(kind: str) -> None:
    source = inspect.getsource(sqlglot.parser) + inspect.getsource(sqlglot.tokens)
    words = sorted(set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", source)) - KEYWORDS - FORBIDDEN - set(FUNCTIONS))

    shapes = Shapes()
    wrong = [
        (word, place)
        for word in words
        for place in PLACES[kind]
        if not agrees(
            place.format(word.lower()), {"n": Scalar.LONG, "s": Scalar.STRING, word.lower(): TYPES[kind]}, shapes
        )
    ]

    assert len(words) > 900
    assert wrong == []
