"""Law: a feature of an entity at q is its operation over the snapshot of the day before, and what changed on the day until q.

Operations that add up take back what was before; the others know no image of what was before.
"""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest
from builders import DAY, HOUR, KINDS, START, a_third_of, features_of, listed, queries_of
from changing import BEFORE, FIRST_DAY, INVERTIBLE, Image, counted, histories, rows_of, wanted
from hypothesis import given

from chronon.aggregations import Program, entities_in_time, is_invertible, mutations, operation_names
from chronon.model.definitions import Feature
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis
from chronon.model.types import DataType, MapOf, Scalar


def check(history: tuple[DataType, list[Image], list[tuple[int, int]]], windows: tuple, accuracy: Accuracy) -> None:
    kind, images, queries = history
    features = a_third_of(features_of(kind, windows), images)

    answers = entities_in_time(Program.compile(features, accuracy), rows_of(kind, images), queries_of(queries))

    for feature, answer in zip(features, answers, strict=True):
        is_snapshot = accuracy is Accuracy.SNAPSHOT
        rows = [counted(feature, images, entity, at, is_snapshot) for entity, at in queries]
        assert listed(answer) == [wanted(feature, kind, mine) for mine in rows], feature


@given(histories())
def test_temporal_features_when_rows_change_then_equal_the_operation_over_what_is_left(
    history: tuple[DataType, list[Image], list[tuple[int, int]]],
) -> None:
    check(history, (HOUR, 12 * DAY, None), Accuracy.TEMPORAL)


@given(histories())
def test_snapshot_features_when_rows_change_then_know_the_snapshot_only(
    history: tuple[DataType, list[Image], list[tuple[int, int]]],
) -> None:
    check(history, (DAY, None), Accuracy.SNAPSHOT)


@given(histories())
def test_features_when_sets_are_made_few_at_a_time_then_are_the_same(
    history: tuple[DataType, list[Image], list[tuple[int, int]]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mutations, "_AT_ONCE", 1)
        check(history, (HOUR,), Accuracy.TEMPORAL)


def test_invertible_operations_are_those_that_add_up() -> None:
    found = {
        name
        for name in operation_names()
        if is_invertible(OperationCall(name, (2,) if "k" in name[-1] else ()), Scalar.INT)
    }

    assert found == INVERTIBLE


def one(operation: str, of: DataType, kind: Scalar = Scalar.LONG, window: int | None = None) -> Feature:
    length = None if window is None else Millis(window)
    return Feature(name="f", input="v", input_type=kind, operation=OperationCall(operation), window=length, type=of)


def asked(feature: Feature, images: list[Image], *moments: int, kind: Scalar = Scalar.LONG) -> list[Any]:
    program = Program.compile((feature,), Accuracy.TEMPORAL)
    queries = queries_of([(0, START + at) for at in moments])
    (answer,) = entities_in_time(program, rows_of(kind, images), queries)
    found: list[Any] = answer.to_pylist()
    return found


def image(at: int | None, weight: int, value: Any, own: int = -DAY) -> Image:
    return (0, FIRST_DAY, BEFORE if at is None else START + at, weight, (START + own, value, None))


def test_row_that_nobody_has_seen_when_removed_then_counts_less_than_nothing() -> None:
    removed = [image(HOUR, -1, 7)]

    assert asked(one("count", Scalar.LONG), removed, HOUR, HOUR + 1) == [None, -1]
    assert asked(one("sum", Scalar.LONG), removed, HOUR, HOUR + 1) == [None, -7]
    assert asked(one("average", Scalar.DOUBLE), removed, HOUR, HOUR + 1) == [None, 7.0]
    assert asked(one("histogram", MapOf(Scalar.LONG)), removed, HOUR + 1) == [[("7", -1)]]
    assert asked(one("max", Scalar.LONG), removed, HOUR + 1) == [None]


def test_least_long_when_removed_then_sum_is_exact() -> None:
    least = -(2**63)
    images = [image(None, 1, least), image(HOUR, -1, least), image(2 * HOUR, 1, 5)]

    assert asked(one("sum", Scalar.LONG), images, 0, HOUR + 1, 2 * HOUR + 1) == [least, None, 5]


def test_nan_when_removed_then_the_sum_is_a_number_again() -> None:
    images = [image(None, 1, math.nan), image(None, 1, 0.1), image(HOUR, -1, math.nan)]

    assert asked(one("sum", Scalar.DOUBLE, Scalar.DOUBLE), images, 0, HOUR + 1, kind=Scalar.DOUBLE) == [None, 0.1]


def test_window_is_held_against_every_query() -> None:
    #   own time of the row     00:00 |=====================|            counts in 1 h windows until tail > 00:00
    #   becomes known                    00:30 *
    #   queries                 00:20 · · · 00:40 · · · · 01:04:59 · 01:05
    images = [image(30 * 60_000, 1, 7, own=0)]
    queries = (20 * 60_000, 40 * 60_000, HOUR + 299_999, HOUR + 300_000)

    assert asked(one("count", Scalar.LONG, window=HOUR), images, *queries) == [None, 1, 1, None]
    assert asked(one("max", Scalar.LONG, window=HOUR), images, *queries) == [None, 7, 7, None]


def test_row_of_the_future_when_its_time_comes_then_counts() -> None:
    images = [image(HOUR, 1, 7, own=3 * HOUR)]

    assert asked(one("count", Scalar.LONG, window=DAY), images, 2 * HOUR, 3 * HOUR, 3 * HOUR + 1) == [None, None, 1]
    assert asked(one("count", Scalar.LONG), images, HOUR, 2 * HOUR) == [None, 1]


def test_answers_have_the_declared_types_when_nothing_is_asked_or_known() -> None:
    for kind in KINDS:
        features = features_of(kind, (HOUR, None))
        program = Program.compile(features, Accuracy.TEMPORAL)

        for queries in ([], [(0, START), (-1, START)]):
            answers = entities_in_time(program, rows_of(kind, []), queries_of(queries))

            assert [len(answer) for answer in answers] == [len(queries)] * len(features)
            assert all(isinstance(answer, pa.Array) for answer in answers)
