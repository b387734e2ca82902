"""Closures give the values that a naive reader of the same text computes, which shares no code with them."""

from __future__ import annotations

import random

import pytest
from corpora import ORDINARY
from expression_builders import COLUMNS, Sentences, bits, random_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import FUNCTIONS
from oracle_reader import meaning

from chronon.expressions import ExpressionError, analyse, row_function
from chronon.expressions.words import FUNCTIONS as KNOWN

KINDS = {name: str(kind) for name, kind in COLUMNS.items()}
ROWS = random_rows(random.Random(11), 150)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_expression_has_the_value_of_the_naive_reader(text: str) -> None:
    function = row_function(text, COLUMNS)

    for row in ROWS:
        assert bits(function(row)) == bits(meaning(text, KINDS, row)), row


@settings(max_examples=400)
@given(st.integers(0, 2**40))
def test_random_expression_has_the_value_of_the_naive_reader(seed: int) -> None:
    text = Sentences(random.Random(seed)).any(3)
    try:
        function = row_function(text, COLUMNS)
    except ExpressionError:
        return

    for row in random_rows(random.Random(seed), 25):
        assert bits(function(row)) == bits(meaning(text, KINDS, row)), (text, row)


def test_every_function_stands_in_the_corpus_and_has_a_naive_meaning() -> None:
    called = {name for name in KNOWN if any(f"{name}(" in text for text in ORDINARY)}

    assert called == set(KNOWN)
    assert {*FUNCTIONS, "CAST"} == set(KNOWN)


def test_naive_reader_reads_every_ordinary_expression_to_its_end() -> None:
    assert all(analyse(text, COLUMNS) and meaning(text, KINDS, ROWS[0]) is not NotImplemented for text in ORDINARY)
