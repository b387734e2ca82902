"""Conditions that are joined by AND, against the tree that the text is parsed into."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.expressions.parse import parsed
from chronon.expressions.text import canonical, conjuncts
from chronon.expressions.tree import Call, Op
from chronon.model.types import Scalar

COLUMNS = {"a": Scalar.LONG, "AND": Scalar.STRING, "f": Scalar.BOOLEAN}
LEAVES = ("a > 1", "f", "NOT f", "\"AND\" = ' AND '", "a IN (1, 2)", "\"AND\" LIKE '(%'", "a IS NULL")


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> str:
    if not depth or draw(st.booleans()):
        return draw(st.sampled_from(LEAVES))
    one, two = (draw(conditions(depth - 1)) for _ in range(2))
    form = draw(st.sampled_from(("({} AND {})", "({} OR {})", "NOT ({} AND {})", "CASE WHEN {} AND {} THEN f END")))
    return form.format(one, two)


def of_tree(text: str) -> list[str]:
    """The same, from the tree."""
    node = parsed(text, COLUMNS)
    return [canonical(each) for each in node.args] if isinstance(node, Call) and node.op is Op.AND else [text]


@given(conditions())
def test_conjuncts_are_those_of_the_tree(condition: str) -> None:
    text = canonical(parsed(condition, COLUMNS))

    assert list(conjuncts(text)) == of_tree(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > 1", ("a > 1",)),
        ("a > 1 AND f AND a IS NULL", ("a > 1", "f", "a IS NULL")),
        ("f AND (a > 1 OR f)", ("f", "a > 1 OR f")),
        ("a > 1 AND f OR f", ("a > 1 AND f OR f",)),
    ],
)
def test_conjuncts_of_an_example(text: str, expected: tuple[str, ...]) -> None:
    assert conjuncts(text) == expected
