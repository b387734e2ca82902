"""Whether two values are the same, with the tolerance that sums rounded at every addition need.

Against Chronon only: among our own engines floats are equal to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agreement.answers import Answers, FeatureColumn, Pair
from agreement.tables import ODD

DOUBLES = 1e-9
FLOATS = 1e-6

ABSENT = "no row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A value in which the two sides differ, or, with the column `*`, a row that only one side has."""

    answers: Answers
    pair: Pair
    column: str
    source: FeatureColumn
    ours: Any
    theirs: Any


@dataclass(slots=True)
class Compared:
    """What came of a step's rows."""

    equal: int
    different: list[Cell]
    omitted: dict[str, str]


def compare(answers: Answers, float_columns: frozenset[str]) -> Compared:
    """Every value of every row. float_columns: those that Chronon computes in single precision."""
    result = Compared(equal=0, different=[], omitted={})
    for pair in answers.pairs:
        if pair.theirs is None or pair.ours is None or pair.failure:
            result.different += _rows(answers, pair)
            result.equal += pair.theirs is None and pair.ours is None and not pair.failure
            continue
        for cell in _cells(answers, pair):
            if cell.column in answers.omitted:
                result.omitted[cell.column] = answers.omitted[cell.column]
            elif equal(cell.ours, cell.theirs, FLOATS if cell.column in float_columns else DOUBLES):
                result.equal += 1
            else:
                result.different.append(cell)
    return result


def _rows(answers: Answers, pair: Pair) -> Iterator[Cell]:
    if pair.theirs is None and pair.ours is None and not pair.failure:
        return
    theirs: Any = pair.failure or pair.theirs or ABSENT
    ours: Any = ABSENT if pair.ours is None else pair.ours
    yield Cell(answers=answers, pair=pair, column="*", source=FeatureColumn(), ours=ours, theirs=theirs)


def _cells(answers: Answers, pair: Pair) -> Iterator[Cell]:
    theirs, ours = pair.theirs or {}, pair.ours or {}
    for column in sorted((theirs.keys() | (ours.keys() & answers.columns.keys())) - pair.row.keys()):
        yield Cell(
            answers=answers,
            pair=pair,
            column=column,
            source=answers.columns.get(column, FeatureColumn()),
            ours=ours.get(column),
            theirs=theirs.get(column),
        )


def equal(ours: Any, theirs: Any, tolerance: float = DOUBLES) -> bool:
    """Whether ours is Chronon's value as JSON holds it."""
    match ours, theirs:
        case float(), str():
            return theirs in ODD and _same(ours, ODD[theirs], tolerance)
        case (bool(), _) | (_, bool()):
            return ours is theirs
        case ((float() | int()), (float() | int())):
            is_whole = isinstance(ours, int) and isinstance(theirs, int)
            return ours == theirs if is_whole else _same(float(ours), float(theirs), tolerance)
        case list(), list():
            return len(ours) == len(theirs) and all(map(lambda a, b: equal(a, b, tolerance), ours, theirs))
        case dict(), dict():
            return ours.keys() == theirs.keys() and all(equal(ours[key], theirs[key], tolerance) for key in ours)
        case _:
            return bool(ours == theirs)


def _same(one: float, other: float, tolerance: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other or abs(one - other) <= tolerance * max(abs(one), abs(other))
